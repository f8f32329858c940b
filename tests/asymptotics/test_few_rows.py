"""Phases of a bilinear network of few rows, m = d^b: laws and slopes against the state evolution, and refusals."""

from __future__ import annotations

import math
from fractions import Fraction

import pytest

from asymptotix import InvalidInput, phase_diagram, solve
from asymptotix.asymptotics.diagram import PhaseDiagram
from asymptotix.checks.members import FEW_ROWS, few_rows
from asymptotix.errors import NotSupplied
from asymptotix.problem import Problem


def diagram() -> PhaseDiagram:
    return phase_diagram("bilinear", rows=True)


@pytest.mark.parametrize("point", FEW_ROWS, ids=lambda x: x[0])
def test_numbers_have_the_derived_slope_and_constant(point: tuple[str, ...]) -> None:
    name, *place = point
    gamma, a, decay, zeta, b = (float(Fraction(x)) for x in place)
    law, errors = diagram().at(*place), []
    assert law.phase == name
    for exponent in (80, 120):
        n_eff, lam, rows, noise = (10.0 ** (exponent * x) for x in (a, decay, b, -zeta))
        p = Problem(
            "bilinear",
            gamma=gamma,
            d=10**exponent,
            rows=round(rows),
            n=n_eff * 10**exponent,
            lam=lam,
            noise=noise,
        )
        errors.append(solve(p).error)
    slope = math.log10(errors[1] / errors[0]) / 40.0
    assert slope == pytest.approx(float(law.risk_exponent), abs=2e-4)
    last = law.law(n_eff, lam, 10**120, noise, rows=round(rows))
    assert errors[1] == pytest.approx(last, rel=1e-2)


def test_the_claims_hold() -> None:
    assert all(verdict.passed for verdict in few_rows(full=True))


@pytest.mark.parametrize(("a", "b"), [("1/5", "1/2"), ("1/2", "3/2")])
def test_what_is_not_derived_is_refused_by_name(a: str, b: str) -> None:
    with pytest.raises(InvalidInput, match="no other phase of few rows is derived"):
        diagram().at("5/4", a, -2, 0, b)


def test_rows_are_a_size_of_their_own() -> None:
    assert diagram().sized == "rows"
    assert "m" in diagram().table()
    with pytest.raises(InvalidInput, match="rows = d"):
        diagram().at("5/4", "1/2", -1)
    with pytest.raises(NotSupplied, match="quadratic: no fewer rows"):
        phase_diagram("quadratic", rows=True)
    p = Problem("bilinear", gamma=1.25, d=10**40, rows=10**20, n=1e56, lam=1e-80, noise=1)
    assert diagram().locate(p).phase == "V"
