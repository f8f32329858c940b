"""First solutions from nothing where the search once ended: at the last coefficient, and in the thick of the noise."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from asymptotix.precise import power_resolvent, scalar_equations, solve
from asymptotix.precise.backend import working
from asymptotix.problem import Problem
from asymptotix.state_evolution import solve as solve_in_doubles
from asymptotix.status import Status
from asymptotix.teacher import FiniteRank, Geometric, Teacher

AT_THE_LAST_COEFFICIENT = {
    "gamma": "5/4",
    "d": "1e4",
    "n": "1.4376e11",
    "lam": "2.27655",
    "noise": "1.549e-3",
}
FEW_UNKNOWNS = {"gamma": "5/4", "d": 3, "n": "4.831216084588233", "lam": "1.1719e-4", "noise": "46.57"}
NEARLY_AS_MANY_SAMPLES = {"gamma": "5/4", "d": 60, "n": 1803, "lam": "0.001", "noise": "0.1"}


@pytest.mark.parametrize(
    ("network", "fields"),
    [
        ("quadratic", AT_THE_LAST_COEFFICIENT),
        ("symmetric", FEW_UNKNOWNS),
        ("symmetric", NEARLY_AS_MANY_SAMPLES),
    ],
)
@pytest.mark.parametrize("handed_in", [False, True])
def test_digits_agree_with_doubles(network: str, fields: dict[str, Any], handed_in: bool) -> None:
    problem = Problem(network, **fields)
    plain = solve_in_doubles(problem)
    many = solve(problem, 20, near=plain if handed_in else None)
    assert many.status is Status.CONVERGED
    assert abs(float(many.error) / plain.error - 1) < 1e-8


@pytest.mark.parametrize("network", ["quadratic", "symmetric", "bilinear"])
@pytest.mark.parametrize("teacher", [Geometric("0.9"), FiniteRank([3, 2, 1])])
@pytest.mark.parametrize(
    ("n", "lam", "noise"),
    [(1200, 0, "0.1"), (2400, 1, "0.1"), (800, "0.01", "0.01"), (2400, 0, "0.5"), (2800, 0, 0)],
)
def test_spectra_of_any_shape_from_nothing(
    network: str, teacher: Teacher, n: int, lam: float | str, noise: float | str
) -> None:
    """In gaps of the spectrum, in its bulk, without a threshold, and recovered without noise."""
    problem = Problem(network, teacher=teacher, d=40, n=n, lam=lam, noise=noise)
    plain, many = solve_in_doubles(problem), solve(problem, 15)
    assert many.status is plain.status
    assert float(many.error) == pytest.approx(plain.error, rel=1e-9, abs=0)


@pytest.mark.parametrize("engine", ["flint", "mpmath"])
@pytest.mark.parametrize("gamma", ["5/4", "2", "8/5"])
def test_resolvent_around_the_last_coefficient(engine: str, gamma: str) -> None:
    """Against the sum of all terms, on both sides of ``|w| = a_d``, where a hypergeometric function passes 1."""
    problem = Problem("quadratic", gamma=gamma, d=2000, n=10**6, lam=1, noise=1)
    with working(engine, 30) as b:
        g = power_resolvent.resolvent(b, problem)
        coefficients = np.array([b.double(g.spectrum.value(b.number(i))) for i in range(1, 2001)])
        last = coefficients[-1]
        for w in (1.3 + 0.5j, 1.0 + 0.2j, 0.8 + 0.1j, 0.6 + 0.1j, 0.2 + 0.4j):
            value = g.value(b.complex(b.number((w * last).real), b.number((w * last).imag)))
            expected = np.sum(1 / (w * last - coefficients))
            assert abs(complex(value) / expected - 1) < 1e-11


@pytest.mark.parametrize("d", [100, 10**12, 10**40])
def test_a_solution_in_doubles_spares_the_search(d: int, monkeypatch: Any) -> None:
    problem = Problem("diagonal", gamma="5/4", d=d, n=30, lam="0.1", noise="0.1")
    near = solve_in_doubles(problem)
    monkeypatch.setattr(scalar_equations, "searched", lambda *asked: pytest.fail("searched from nothing"))
    assert float(solve(problem, 20, near=near).error) == pytest.approx(near.error, rel=1e-9)
