"""Dominant balance on hand-written sectors: cover, overlap, logs, constants, and what follows a sector."""

from __future__ import annotations

from fractions import Fraction
from itertools import combinations, product

import pytest
import sympy as sp
import z3

from asymptotix.asymptotics.balance import _widened, cells
from asymptotix.asymptotics.constants import NoBalance, solve_constants
from asymptotix.asymptotics.derive import derive
from asymptotix.asymptotics.diagram import networks, phase_diagram
from asymptotix.asymptotics.phases import Phase
from asymptotix.asymptotics.polyhedra import Rows
from asymptotix.asymptotics.ratfun import gamma_of
from asymptotix.asymptotics.signs import Interval
from asymptotix.asymptotics.symbols import GAMMA
from asymptotix.asymptotics.system import system_of
from tests.asymptotics.toy_networks import scales, sectors

GAMMAS = [Fraction(3, 5), Fraction(3, 4), Fraction(1), Fraction(5, 4), Fraction(2), Fraction(7, 2)]


def z3_region(region: Rows, gamma: Fraction, closed: bool = False) -> z3.BoolRef:
    x = z3.Reals("a l zeta b")
    parts = []
    for row in region:
        b, *p = (z3.RealVal(str(x.at(gamma))) for x in row.coords)
        value = b + sum(c * v for c, v in zip(p, x, strict=True))
        parts.append(value >= 0 if closed else value > 0)
    return z3.And(*parts)


def assert_partition(phases: list[Phase], gamma: Fraction) -> None:
    """z3: closed regions cover every point, open ones do not overlap."""
    here = [p for p in phases if p.gamma.contains_value(gamma)]
    solver = z3.Solver()
    solver.add(z3.Not(z3.Or(*(z3_region(p.rows, gamma, closed=True) for p in here))))
    assert solver.check() == z3.unsat, solver.model()
    inside = [(p, z3_region(p.rows, gamma)) for p in here]
    for (one, region), (other, beside) in combinations(inside, 2):
        solver = z3.Solver()
        solver.add(region, beside)
        assert solver.check() == z3.unsat, (one.phase, other.phase, solver.model())


@pytest.fixture(scope="module")
def toy() -> list[Phase]:
    return derive(sectors(), scales())


@pytest.mark.parametrize("gamma", GAMMAS)
def test_phases_cover_space_without_overlap(toy: list[Phase], gamma: Fraction) -> None:
    assert_partition(toy, gamma)


@pytest.mark.parametrize("network", networks())
def test_phases_of_real_networks_cover_space_without_overlap(network: str) -> None:
    phases = list(phase_diagram(network).phases)
    for gamma in GAMMAS:
        assert_partition(phases, gamma)


@pytest.mark.parametrize("gamma", GAMMAS)
def test_pieces_of_a_phase_fill_it(toy: list[Phase], gamma: Fraction) -> None:
    for phase in toy:
        solver = z3.Solver()
        solver.add(z3_region(phase.rows, gamma))
        solver.add(z3.Not(z3.Or(*(z3_region(p.region, gamma, closed=True) for p in phase.pieces))))
        assert solver.check() == z3.unsat, phase.phase


def test_a_different_leak_changes_the_phases() -> None:
    """V's law and its border with IV follow the powers of the gap; nothing else moves."""
    usual = {(p.phase, str(p.growth.exponent)) for p in derive(sectors(), scales())}
    changed = {
        (p.phase, str(p.growth.exponent))
        for p in derive(sectors(sp.Rational(5, 2), sp.Rational(3, 2)), scales())
    }
    assert {name for name, _ in usual ^ changed} == {"V"}
    assert ("V", "2*a/3 - zeta - 2/3") in changed
    assert ("V", "2*a/5 - zeta - 2/5") in usual


def test_no_phase_depends_on_the_order_of_sectors() -> None:
    def key(phases: list[Phase]) -> set[tuple[object, ...]]:
        return {(p.phase, p.growth.exponent, p.rows) for p in phases if p.phase != "Ia"}

    assert key(derive(sectors(), scales())) == key(derive(sectors()[::-1], scales()))


def test_a_tie_of_three_terms_is_settled_by_constants() -> None:
    """Interpolation without noise: features fill the risk, features and leak share the count."""
    edge = next(s for s in sectors() if s.name == "edge")
    found = [c for c in cells(system_of(edge, scales())) if not c.solution.leads(0, "noise")]
    assert found
    for cell in found:
        tau, _, gap = (g.constant for g in cell.solution.unknowns)
        n = sp.Integer(2)
        assert sp.simplify(3 * tau ** (-1 / GAMMA) - n) == 0
        assert sp.simplify(tau ** (-1 / GAMMA) + 5 * gap ** sp.Rational(5, 2) - n) == 0


def test_negative_constants_are_no_balance() -> None:
    one = gamma_of(1)
    short = [[(sp.Integer(1), (gamma_of(0),)), (sp.Integer(2), (gamma_of(0),)), (sp.Integer(1), (one,))]]
    with pytest.raises(NoBalance):
        solve_constants(short, 1, Interval())


def test_no_set_of_terms_is_tried_twice() -> None:
    system = system_of(next(s for s in sectors() if s.name == "edge"), scales())
    sides = [[((i,), (j,)) for i in range(len(x)) for j in range(len(y))] for x, y in system.equations]
    wider = [choice for one in product(*sides) for choice in _widened(system, one)]
    assert wider
    assert all(terms == tuple(sorted(set(terms))) for c in wider for pair in c for terms in pair)
    assert len(wider) == len(set(wider))
