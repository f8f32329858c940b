"""What is integrated over features: pieces that cover all sizes once."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest
import sympy as sp

from asymptotix.asymptotics.definition import definition
from asymptotix.asymptotics.expansions.mellin import FEATURE
from asymptotix.asymptotics.expansions.potential import bayes_pieces, learned_from
from asymptotix.asymptotics.expansions.power import power_shares
from asymptotix.asymptotics.expansions.sectors import interpolating, resolved
from asymptotix.asymptotics.symbols import LEAK, SHAPE
from asymptotix.networks.jump_map import Jump, coordinate


@pytest.mark.parametrize("network", ["diagonal", "quadratic", "symmetric", "bilinear", "nonnegative"])
def test_the_best_risk_of_a_feature_begins_at_nothing_and_leaves_no_gap(network: str) -> None:
    """It is ``a^2`` up to the onset, goes on from there without a jump, and is at most ``a^2``."""
    _, feature = definition(network).shares()
    pieces = bayes_pieces(feature)
    assert pieces[0] == (FEATURE**2, 0, 1)
    for (_, _, end), (_, start, _) in pairwise(pieces):
        assert end == start
    if len(pieces) > 1:
        best, onset, end = pieces[-1]
        assert end == sp.oo
        assert sp.simplify((best - FEATURE**2).subs(FEATURE, onset)) == 0
        for a in (2, 7):
            assert 0 < best.subs(FEATURE, a) < a**2


def test_pieces_of_a_learned_feature_cover_all_sizes() -> None:
    risk, count = learned_from(sp.Integer(2), FEATURE, sp.Integer(3))
    assert risk == [(FEATURE**2, 0, 2), (FEATURE, 2, sp.oo)]
    assert count == [(3, 2, sp.oo)]


@pytest.mark.parametrize("beta", ["1/2", "1", "2"])
@pytest.mark.parametrize("network", ["diagonal", "quadratic"])
def test_thresholds_apart_shrink_by_their_mean(network: str, beta: str) -> None:
    """Once all features are learned, ``kappa^2`` times the mean of ``i^(degree beta)``."""
    d, exponent = 10**5, sp.Rational(beta)
    _, feature = definition(network).shares()
    plain, apart = resolved(feature), resolved(feature, exponent)
    ratio = (apart.risk[1].expression / plain.risk[1].expression).subs(sp.Symbol("d", positive=True), d)
    mean = np.mean(np.arange(1.0, d + 1.0) ** (float(feature.degree * exponent)))
    assert float(ratio) == pytest.approx(mean, rel=1e-4)


@pytest.mark.parametrize("beta", ["1/2", "1", "2"])
def test_thresholds_apart_take_from_learned_noise_by_their_mean(beta: str) -> None:
    """Of all of it, the mean over coordinates of their thresholds over its size, to the penalty's degree."""
    d, exponent = 10**5, sp.Rational(beta)
    noise, feature = definition("diagonal").shares()
    plain, apart = interpolating(noise, feature), interpolating(noise, feature, exponent)
    mean = np.mean(np.arange(1.0, d + 1.0) ** float(noise.degree * exponent / 2))
    for name in ("deficit", "risk_deficit"):
        ratio = getattr(apart, name)[0].expression / getattr(plain, name)[0].expression
        assert float(ratio.subs(sp.Symbol("d", positive=True), d)) == pytest.approx(mean, rel=1e-3)


@pytest.mark.parametrize("power", ["1/2", "2/3"])
def test_the_leak_of_a_deep_network_is_that_of_one_coordinate(power: str) -> None:
    """Both orders of it at a threshold of twelve standard deviations, against the integral over its estimate."""
    noise, _ = power_shares(2, sp.Rational(power))
    at = {SHAPE: 12, LEAK: sp.exp(sp.Rational(-144, 2))}
    risk, count = coordinate(Jump(float(sp.Rational(power)), np.array([12.0])), np.array([0.0]))
    for terms, exact in ((noise.edge_risk(), risk), (noise.edge_count(), count)):
        found = float(sum(t.expression for t in terms).subs(at))
        assert found == pytest.approx(exact[0], rel=2e-3, abs=0.0)
