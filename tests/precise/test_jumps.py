"""More than two layers in many digits: against doubles, from them and from nothing, and both engines."""

from __future__ import annotations

import numpy as np
import pytest

from asymptotix.precise import solve
from asymptotix.problem import Problem
from asymptotix.state_evolution import solve as solve_in_doubles


def test_random_problems_agree_with_doubles() -> None:
    rng = np.random.default_rng(16)
    for _ in range(6):
        d, depth = int(rng.integers(5, 30)), int(rng.integers(3, 6))
        n, lam, noise = d * 10 ** rng.uniform(-0.7, 0.5), 10 ** rng.uniform(-2, 1), 10 ** rng.uniform(-2, 0.5)
        p = Problem("diagonal", depth=depth, gamma=rng.uniform(0.6, 3), d=d, n=n, lam=lam, noise=noise)
        near = solve_in_doubles(p)
        assert float(solve(p, 16, near=near).error) == pytest.approx(near.error, rel=1e-11)


def test_engines_agree_from_nothing_and_nothing_is_proven() -> None:
    p = Problem("diagonal", depth=3, gamma=1.25, d=8, n=6, lam=0.5, noise=0.1)
    balls = solve(p, 25, certify=True)
    assert balls.error == solve(p, 25, engine="mpmath", near=solve_in_doubles(p)).error
    assert balls.radius is None
    assert balls.certificate.startswith("not certified: its integrals over the noise are no enclosures")
    more = solve(p, 40, near=solve_in_doubles(p))
    assert more.error.startswith(balls.error[:24])
