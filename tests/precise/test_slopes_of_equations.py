"""Every network's equations in many digits: their Jacobian is the derivative of their values."""

from __future__ import annotations

from typing import Any

import pytest

import asymptotix as ax
from asymptotix.precise.backend import working
from asymptotix.precise.equation_pair import Start

FEW = ax.FiniteRank([3.0, 2.0, 1.0])
KINDS: dict[str, dict[str, Any]] = {
    "diagonal": {"network": "diagonal"},
    "diagonal, large": {"network": "diagonal", "d": 10**9, "n": 2e8},
    "diagonal, low threshold": {"network": "diagonal", "n": 300, "lam": 0.05},
    "zeros": {"network": "diagonal", "teacher": FEW},
    "three layers": {"network": "diagonal", "depth": 3},
    "five layers and zeros": {"network": "diagonal", "depth": 5, "teacher": FEW, "n": 90},
    "nonnegative": {"network": "nonnegative"},
    "elastic": {"network": "elastic-net", "ridge": 0.3},
    "elastic, many": {"network": "elastic-net", "ridge": 5, "n": 200, "lam": 3},
    "beta": {"network": "diagonal", "beta": "3/4"},
    "variances": {"network": "diagonal", "variances": [2.0, 0.5, *[1.5] * 20, *[0.3] * 38]},
    "quadratic": {"network": "quadratic", "n": 1800, "lam": 0.1},
    "quadratic, in a gap": {"network": "quadratic", "n": 9000, "lam": 3, "teacher": FEW, "noise": 0.01},
    "quadratic, low threshold": {"network": "quadratic", "n": 9000, "lam": 1e-3},
    "symmetric": {"network": "symmetric", "n": 1800, "lam": 0.1},
    "symmetric, large": {"network": "symmetric", "d": 10**6, "n": 1e11, "lam": 0.1},
    "bilinear": {"network": "bilinear", "n": 1800, "lam": 0.1},
    "width": {"network": "quadratic", "n": 900, "lam": 1e-3, "noise": 0.01, "teacher": FEW, "width": 2},
    "width, both signs": {
        "network": "symmetric",
        "n": 900,
        "lam": 1e-3,
        "noise": 0.01,
        "teacher": FEW,
        "width": 2,
    },
}


@pytest.mark.parametrize("kind", KINDS)
def test_jacobian_is_the_derivative(kind: str) -> None:
    given = {"d": 60, "n": 35, "lam": 0.4, "noise": 0.2, **KINDS[kind]}
    problem = ax.Problem(**({} if "teacher" in given else {"gamma": 1.25}) | given)
    method = problem.net.supply("digits")
    start = method.start(problem, ax.solve(problem))
    assert isinstance(start, Start)
    with working("flint", 40 + start.extra) as b:
        equations, step = method.equations(b, problem, start), b.number("1e-9")
        middle = [b.midpoint(x) + b.number("0.01") for x in start.numbers(b)]

        def values(k: int, by: int) -> list[float]:
            place = [x + by * step if j == k else x for j, x in enumerate(middle)]
            return [b.midpoint(x) for x in equations.state((place[0], place[1])).values]

        found = equations.state((middle[0], middle[1])).jacobian
        for k in range(2):
            up, down = values(k, 1), values(k, -1)
            for row in range(2):
                expected = b.double((up[row] - down[row]) / (2 * step))
                scale = max(abs(b.double(x)) for x in found[row])
                assert b.double(found[row][k]) == pytest.approx(expected, rel=1e-11, abs=1e-14 * scale)
