"""How noise leaks into a matrix on unequal inputs: exact powers, and the state evolution on either side of 1."""

from __future__ import annotations

from fractions import Fraction

import pytest

from asymptotix.asymptotics.repulsion import leak
from asymptotix.checks import shape
from asymptotix.errors import InvalidInput


def test_the_plateau_is_continuous_and_changes_its_law_at_one_alone() -> None:
    step = Fraction(1, 10**6)
    for beta in (Fraction(1, 2), Fraction(1)):
        below, above = (leak(beta - step), leak(beta + step))
        assert abs(above.plateau - below.plateau) < 4 * step
    left, right = (
        (leak(b + step).plateau - leak(b - step).plateau) / (2 * step)
        for b in (Fraction(1, 2), Fraction(3, 2))
    )
    assert float(left) == pytest.approx(4 / 9, rel=1e-5)  # of b/(1 + b)
    assert right == 1  # of b - 1/2
    assert (leak("3/8").next, leak("5/8").next) == (Fraction(3, 8), Fraction(3, 8))


@pytest.mark.parametrize("beta", [0, 1, -1, "x"])
def test_what_has_no_power(beta: object) -> None:
    with pytest.raises(InvalidInput, match="other than 1"):
        leak(beta)


def test_measured_slopes_follow_the_derived_power() -> None:
    verdicts = list(shape.slopes(full=True))
    assert [v for v in verdicts if not v.passed] == []
    # a law that changed at 1/2 to that of a learned block would be off by more than the tolerance
    wrong = {float(b): 4 / (2 * float(b) - 1) for b in shape.BETAS if Fraction(1, 2) < b < 1}
    found = {beta: v for beta, v in zip(map(float, shape.BETAS), verdicts, strict=True) if beta in wrong}
    assert all(abs(v.measured - wrong[beta]) > v.tolerance for beta, v in found.items())
