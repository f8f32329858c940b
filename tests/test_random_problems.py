"""A sample over all that is promised, peaks included: every solve converges and certifies itself."""

from __future__ import annotations

import numpy as np
import pytest

from asymptotix import Problem, solve
from asymptotix.checks.numbers import random_problem
from asymptotix.networks import get
from asymptotix.solution import Solution
from asymptotix.store import Journal
from benchmarks.problems import MEMBERS, command, draw, lines, run

# Samples over dimensions at which bare noise, all learned, uses up the samples: d or d/2 degrees of freedom.
PEAKS = {"diagonal": 1.0, "quadratic": 0.25, "symmetric": 0.5}


def at_a_peak(network: str, seed: int) -> Problem:
    """A random problem moved to its interpolation peak, or to within 1e-12 to 0.3 of it."""
    rng = np.random.default_rng([seed, 1, len(network)])
    problem = random_problem(network, seed)
    off = rng.choice([-1.0, 0.0, 1.0]) * 10.0 ** rng.uniform(-12.0, -0.5)
    return problem.replace(n_eff=problem.d * PEAKS[network] * (1.0 + off))


def check(solution: Solution) -> None:
    assert solution.converged, solution.problem
    assert solution.residual < 1e-10, solution.problem


@pytest.mark.parametrize(("network", "count"), [("diagonal", 1600), ("quadratic", 400), ("symmetric", 200)])
def test_random_problems(network: str, count: int) -> None:
    assert get(network).name == network
    for seed in range(30_000, 30_000 + count):
        check(solve(random_problem(network, seed)))


@pytest.mark.parametrize(("network", "count"), [("diagonal", 200), ("quadratic", 50), ("symmetric", 20)])
def test_random_peaks(network: str, count: int) -> None:
    for seed in range(40_000, 40_000 + count):
        check(solve(at_a_peak(network, seed)))


@pytest.mark.parametrize(("network", "count"), [("diagonal", 100), ("quadratic", 25), ("symmetric", 15)])
def test_random_peaks_without_noise_and_hardly_a_penalty(network: str, count: int) -> None:
    """On the way down to a root at thresholds that no square of a double holds (seed 700,091), risks are no numbers."""
    for seed in range(700_091, 700_091 + count):
        rng = np.random.default_rng([seed, 7])
        problem = at_a_peak(network, seed)
        lam = float(problem.n_eff / problem.d) ** 0.5 * 10.0 ** rng.uniform(-16, -3)
        check(solve(problem.replace(noise=0, lam=lam)))


# What a second or two affords.
COUNTS = {"diagonal": 400, "nonnegative": 200, "elastic-net": 100, "diagonal, beta": 40, "diagonal, depth": 4}


@pytest.mark.parametrize("member", MEMBERS)
def test_random_members(member: str) -> None:
    """Of the problems of ``reports/problems.md``: every network with its options."""
    count = COUNTS.get(member, 8)
    for seed in range(1, 97 * count, 97):
        check(solve(draw(member, seed)))


def test_random_problems_are_kept_and_not_done_again(tmp_path, monkeypatch: pytest.MonkeyPatch) -> None:
    journal = Journal(tmp_path / "problems.jsonl")
    monkeypatch.setattr("benchmarks.problems.BLOCK", 8)
    run(["diagonal"], {"block": 1, "alone": 1, "precise": 1}, journal)
    monkeypatch.setattr("benchmarks.problems.solve_many", None)
    run(["diagonal"], {"block": 1, "alone": 1, "precise": 1}, journal)
    assert [r["job"] for r in journal.records()] == ["block", "alone", "precise"]
    rows = [line.split(" | ") for line in lines(journal) if line.startswith("| diagonal ")]
    assert [row[1:3] for row in rows] == [["8", "0"], ["`solve` alone", "1"], ["18 digits", "1"]]
    assert all(float(row[3]) < 1e-12 for row in rows[1:])


def test_random_problems_that_fail_are_told_as_commands(tmp_path, monkeypatch: pytest.MonkeyPatch) -> None:
    journal = Journal(tmp_path / "problems.jsonl")
    monkeypatch.setattr("benchmarks.problems.BLOCK", 1)

    def fail(*_: object) -> None:
        raise ZeroDivisionError("as the test asks")

    monkeypatch.setattr("benchmarks.problems.solve_many", fail)
    monkeypatch.setattr("benchmarks.problems.solve", fail)
    run(["bilinear, rows"], {"block": 1}, journal)
    expected = f"{command(draw('bilinear, rows', 0))}  # ZeroDivisionError: as the test asks"
    assert expected in list(lines(journal))
    assert "--rows" in expected
