"""Relatives of the diagonal network in many digits, against doubles, both engines, and their own certificates."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from asymptotix.errors import InvalidInput
from asymptotix.precise import solve
from asymptotix.precise.backend import working
from asymptotix.problem import Problem
from asymptotix.state_evolution import solve as solve_in_doubles

KINDS: dict[str, dict[str, Any]] = {
    "nonnegative": {"network": "nonnegative"},
    "elastic": {"network": "elastic-net", "ridge": 0.3},
    "ridge": {"network": "elastic-net", "ridge": 25},
    "beta": {"network": "diagonal", "beta": "3/4"},
    "variances": {"network": "diagonal", "variances": [2.0, 0.5, *[1.5] * 20, *[0.3] * 38]},
}


def problem(kind: str, **changes: Any) -> Problem:
    return Problem(**{"gamma": 1.25, "d": 60, "n": 35, "lam": 0.4, "noise": 0.2, **KINDS[kind], **changes})


@pytest.mark.parametrize("kind", KINDS)
def test_engines_agree_with_each_other_and_with_doubles(kind: str) -> None:
    p = problem(kind)
    balls, reference = (solve(p, 30, engine=engine) for engine in ("flint", "mpmath"))
    assert balls.error == reference.error
    assert float(balls.error) == pytest.approx(solve_in_doubles(p).error, rel=1e-13)


@pytest.mark.parametrize("kind", KINDS)
def test_certificate_encloses_a_solve_in_more_digits(kind: str) -> None:
    certified, more = solve(problem(kind), 40, certify=True), solve(problem(kind), 60)
    assert certified.radius is not None
    with working("mpmath", 80) as b:
        assert abs(b.number(certified.error) - b.number(more.error)) <= b.number(certified.radius)
        assert b.number(certified.radius) < b.number(certified.error) * b.number(10) ** -37


@pytest.mark.parametrize("kind", ["nonnegative", "elastic", "beta"])
def test_random_problems_agree_with_doubles(kind: str) -> None:
    rng = np.random.default_rng(14)
    for _ in range(10):
        d = int(10 ** rng.uniform(0.7, 1.8))
        changes = {"gamma": rng.uniform(0.6, 3), "d": d, "n": d * 10 ** rng.uniform(-0.7, 0.5)}
        p = problem(kind, lam=10 ** rng.uniform(-3, 1), noise=10 ** rng.uniform(-3, 0.5), **changes)
        assert float(solve(p, 20).error) == pytest.approx(solve_in_doubles(p).error, rel=1e-11)


def test_ridgeless_where_there_is_a_threshold() -> None:
    for p in (problem("nonnegative", lam=0, n=20), problem("elastic", lam=0), problem("beta", lam=0, n=90)):
        assert float(solve(p, 20).error) == pytest.approx(solve_in_doubles(p).error, rel=1e-11)


def test_what_is_not_done_is_named() -> None:
    with pytest.raises(InvalidInput, match="d = 3001 is not allowed: expected at most 3000 for many digits"):
        solve(problem("beta", d=3001), 20)
    with pytest.raises(InvalidInput, match="lam = 0 is not allowed: expected a weight decay > 0, or n < d/2"):
        solve(problem("nonnegative", lam=0, n=45), 20)
