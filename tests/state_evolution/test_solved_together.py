"""Problems solved together have the solutions that they have alone, in their order."""

from __future__ import annotations

import pytest

from asymptotix import Problem, solve
from asymptotix.state_evolution.batch import TOGETHER, pieces, solve_all


@pytest.mark.parametrize("network", ["diagonal", "quadratic", "symmetric", "bilinear"])
@pytest.mark.parametrize("count", [1, 3, 4, 23])
def test_together_as_alone(network: str, count: int) -> None:
    per = 40 if network == "diagonal" else 40 * 40
    problems = [
        Problem(
            network,
            gamma=1.25,
            d=40,
            n=per * (0.2 + 0.13 * k),
            lam=0.03 * 1.4 ** (k % 7),
            noise=0.1 + 0.05 * k,
        )
        for k in range(count)
    ]
    found = solve_all(problems)
    assert [s.problem for s in found] == problems
    for together, alone in zip(found, map(solve, problems), strict=True):
        numbers = (
            together.error,
            together.delta,
            together.eps,
            together.degrees_of_freedom,
            together.train_loss,
        )
        exact = alone.error, alone.delta, alone.eps, alone.degrees_of_freedom, alone.train_loss
        assert numbers == pytest.approx(exact, rel=1e-9)
        assert together.status == alone.status
        assert together.residual < 1e-10


def test_degenerate_ones_among_others() -> None:
    base = Problem("diagonal", gamma=1.25, d=40, n=60, lam=0.1, noise=0.2)
    problems = [
        base,
        base.replace(lam=0, noise=0),
        base.replace(n=40, lam=0),
        base.replace(lam=1e6),
        base.replace(n=20),
        base,
    ]
    found = solve_all(problems)
    assert [s.status for s in found] == [solve(p).status for p in problems]
    assert found[0].error == pytest.approx(found[-1].error, rel=1e-12)


@pytest.mark.parametrize(("points", "size"), [(10, 200), (3200, 200), (8000, 500), (10**6, TOGETHER)])
def test_pieces_are_neither_small_nor_large(points: int, size: int) -> None:
    assert pieces(points) == size
