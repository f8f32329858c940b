"""What is integrated over features: pieces that cover all sizes once."""

from __future__ import annotations

from itertools import pairwise

import pytest
import sympy as sp

from asymptotix.asymptotics.definition import definition
from asymptotix.asymptotics.expansions.mellin import FEATURE
from asymptotix.asymptotics.expansions.potential import bayes_pieces, learned_from


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
