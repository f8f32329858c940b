"""How sectors become equations: the shape's powers, ranges of gamma, and the slack of what is said to be much less."""

from __future__ import annotations

from fractions import Fraction

from flint import fmpq

from asymptotix.asymptotics.definition import definition
from asymptotix.asymptotics.linear_program import maximise_slack
from asymptotix.asymptotics.sector import term
from asymptotix.asymptotics.symbols import SHAPE, TAU
from asymptotix.asymptotics.system import monomial, sizes, system_of


def test_powers_of_a_logarithm_are_kept_apart() -> None:
    found = monomial(term(3 * TAU**2 * SHAPE**5), ("tau", "kappa"), sizes(definition("diagonal").scales()))
    assert found.known.constant == 3
    assert found.shape_power == 5
    assert found.powers == (2, 0)


def test_a_sector_holds_on_its_side_of_the_crossing() -> None:
    """For ``beta = 1/2`` features are missed beyond the noise's end up to ``gamma = 5/8``, within it from there on."""
    shaped = definition("diagonal of beta 1/2")
    within, beyond = (
        next(s for s in shaped.sectors() if s.name.endswith(f"missed {where} it"))
        for where in ("within", "beyond")
    )
    ranges = [system_of(sector, shaped.scales()).gamma for sector in (within, beyond)]
    for gamma in (Fraction(11, 20), Fraction(3, 5), Fraction(5, 7), Fraction(3)):
        inside = [interval.contains_value(gamma) for interval in ranges]
        assert inside == [gamma > Fraction(5, 8), gamma < Fraction(5, 8)]


def test_a_slack_without_limit_is_called_one() -> None:
    assert maximise_slack([[fmpq(0), fmpq(1)]])[0] == 1
    assert maximise_slack([[fmpq(0), fmpq(1), fmpq(0)], [fmpq(3), fmpq(-1), fmpq(0)]])[0] == 1
    assert maximise_slack([[fmpq(-1)]])[0] == -1
