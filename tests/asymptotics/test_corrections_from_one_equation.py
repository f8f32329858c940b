"""Coefficients of next orders, each from the equation it corrects or from how two of them have to meet."""

from __future__ import annotations

import numpy as np
import pytest
import sympy as sp

from asymptotix.asymptotics.constants import positive
from asymptotix.asymptotics.expansions import scalar_threshold
from asymptotix.asymptotics.expansions.power import power_shares
from asymptotix.asymptotics.expansions.sectors import _edge_features, _edge_nothing, biased
from asymptotix.asymptotics.expansions.shaped_matrix import _MatrixShape
from asymptotix.asymptotics.expansions.spectral_threshold import feature_share
from asymptotix.asymptotics.meeting_numbers import _jumping
from asymptotix.asymptotics.signs import Interval
from asymptotix.asymptotics.symbols import DIMENSION, GAMMA, KAPPA, RATIO, SHAPE
from asymptotix.networks.jump_map import Jump, coordinate


@pytest.mark.parametrize("power", ["1/2", "2/3", "2/5"])
def test_a_leak_that_is_part_of_the_noise_moves_the_noise_scale(power: str) -> None:
    """``s tau^2 = 1 + R`` at a given count, of which ``R = shared s tau^2`` up to the next terms of both."""
    noise, _ = power_shares(2, sp.Rational(power))
    sector = _edge_nothing(noise)
    risk, count, x = (sp.Symbol(name) for name in ("risk", "count", "x"))
    leaked = sector.shared * (1 + risk * x) / (1 + count * x)  # of s tau^2
    total = 1 / (1 - leaked)
    relative = (
        sp.diff(sp.log(leaked * total), x).subs(x, 0) + count
    )  # what the count adds is corrected by itself
    first, second = noise.edge_risk()
    found, next_count = sector.corrections[0].coefficient, sector.count_corrections[0].coefficient
    expected = relative.subs({risk: second.coefficient / first.coefficient, count: next_count})
    assert 0 < sector.shared < 1
    assert sp.simplify(found - expected) == 0


def test_poles_of_two_orders_cancel_where_they_meet() -> None:
    """The next terms of the leak are ``Y^(1-b)`` and ``Y^b``, which are one at ``b = 1/2``."""
    for b in (sp.Rational(499, 1000), sp.Rational(501, 1000)):
        own, level = _MatrixShape(feature_share(), b)._relative()[1:]
        assert abs(float(own.coefficient)) > 100.0
        assert abs(float(own.coefficient + level.coefficient)) < 10.0


@pytest.mark.parametrize("b", ["1/4", "1/3", "3/4"])
def test_where_features_meet_noise_the_leak_has_the_orders_it_has_alone(b: str) -> None:
    """Powers ``b`` and ``1 - b`` of the share of directions that are learned."""
    shape = _MatrixShape(feature_share(), sp.Rational(b))
    share = KAPPA ** (-1 / (GAMMA + sp.Rational(b))) / DIMENSION
    for sector in shape.meeting():
        leaks = [r for r in sector.corrections if r.label == "next term of the leak"]
        powers = {sp.Rational(r.powers["d"]) for r in leaks}
        assert powers == {-sp.Rational(b), sp.Rational(b) - 1}
        for r in leaks:
            assert sp.simplify(r.expression / share ** -r.powers["d"]).is_number


def test_a_constant_may_vanish_at_equal_sides() -> None:
    """Ratios of sides are below 1: what is positive there need not be so at 1."""
    assert positive(1 - RATIO, Interval())
    assert not positive(RATIO - 1, Interval())


@pytest.mark.parametrize("q", [0.5, 2 / 3])
def test_thresholds_far_above_the_noise(q: float) -> None:
    """One coefficient as an integral over its estimate, against that over its observation (`jump_map`)."""
    threshold = np.array([0.3, 2.0, 30.0, 30.0, 400.0, 400.0])
    a = np.array([0.5, 4.0, 31.0, 29.0, 398.0, 405.0])
    risk, count = _jumping(a, threshold, q)
    exact_risk, exact_count = coordinate(Jump(q, threshold), a)
    assert risk == pytest.approx(exact_risk, rel=1e-9)
    assert count == pytest.approx(exact_count, rel=1e-9)


def test_noise_on_learned_features_is_the_same_at_its_edge_and_beyond() -> None:
    """``tau^2`` over the square of the threshold, which is ``1/c^2`` where that is ``c tau``."""
    noise, feature = scalar_threshold.noise_share(), scalar_threshold.feature_share()
    found = [
        next(r for r in sector.corrections if r.label == "noise on learned features")
        for sector in (_edge_features(noise, feature), biased(feature, sp.Integer(0)))
    ]
    at_edge, beyond = found
    assert sp.simplify(at_edge.coefficient - beyond.coefficient) == 0
    assert {name: power for name, power in at_edge.powers.items() if power} == {SHAPE.name: -2}
    assert (beyond.powers["tau"], beyond.powers["kappa"]) == (2, -2)
