"""A threshold's place on a line, and the place where samples and penalty balance, against what is asked of them."""

from __future__ import annotations

import pytest

from asymptotix.networks.oblong_values import OblongValues
from asymptotix.networks.spectral import OneSided
from asymptotix.teacher import FiniteRank, PowerLaw, Teacher

TEACHERS = (PowerLaw(1.25), PowerLaw(3.0), FiniteRank([1.0, 0.2]))


@pytest.mark.parametrize("c", [1e-9, 1e-3, 0.02, 1.0, 2.5, 40.0, 1e6])
@pytest.mark.parametrize("log_tau", [-6.0, -1.0, 2.0])
@pytest.mark.parametrize("d", [400, 10**9])
@pytest.mark.parametrize("teacher", TEACHERS)
def test_a_threshold_is_where_its_path_leads(teacher: Teacher, d: int, log_tau: float, c: float) -> None:
    """Where the path is an angle, between the joints of large dimensions, a little off."""
    potential = OneSided(teacher.spectrum(d))
    found = potential.response(potential.path_of(c, log_tau), log_tau)
    low, high = potential.line(log_tau).joints
    outside = c <= low[1] or c >= high[1]
    assert found.c == pytest.approx(c, rel=1e-9 if outside else 0.05)


@pytest.mark.parametrize("columns", [500.0, 9000.0])
@pytest.mark.parametrize("log_tau", [-6.0, -1.0])
@pytest.mark.parametrize("teacher", TEACHERS)
@pytest.mark.parametrize(("nu", "force"), [(30.0, 5.0), (390.0, 1e-3), (900.0, 2e3), (4.0, 0.0)])
def test_samples_and_penalty_balance_where_a_line_is_solved(
    teacher: Teacher, log_tau: float, columns: float, nu: float, force: float
) -> None:
    """``s + L / kappa = nu``, from its own guess and from a response nearby."""
    line = OblongValues(teacher.spectrum(400), columns).line(log_tau)
    found = line.solve(nu, force, None)
    assert found.dof + force / found.c == pytest.approx(nu, rel=1e-9)
    again = line.solve(nu, force, line.at(found.path + 2.0))
    assert again.c == pytest.approx(found.c, rel=1e-7)
