"""Claims about experiments: networks trained on real data against the state evolution."""

from __future__ import annotations

from collections.abc import Iterator

from asymptotix.checks.claim import Family, Verdict
from asymptotix.problem import Problem
from asymptotix.risk import optimum
from asymptotix.simulate import simulate
from asymptotix.state_evolution import solve

# Standard errors that a mean over few seeds may be off, and the finite-size deviation of order 1/d beside them.
_SIGMAS = 4.0
_FINITE_SIZE = 4.0


def trained_error(full: bool) -> Iterator[Verdict]:
    """Under-regularised, optimal and over-regularised, below and above interpolation."""
    for name, d, samples, seeds in (
        ("diagonal", 1000 if full else 400, (0.5, 2.0), 10),
        ("quadratic", 100 if full else 40, (0.15, 0.6), 8 if full else 4),
    ):
        for fraction in samples:
            n = round(fraction * d) if name == "diagonal" else round(fraction * d * d)
            base = Problem(name, gamma=1.25, d=d, n=n, lam=0, noise=0.1)
            best = optimum(base).lam_star
            for label, factor in (("under", 0.1), ("best", 1.0), ("over", 10.0)):
                yield _compare(base.replace(lam=best * factor), label, fraction, seeds)


def _compare(problem: Problem, label: str, fraction: float, seeds: int) -> Verdict:
    predicted = solve(problem).error
    runs = simulate(problem, method="erm", seeds=seeds)
    tolerance = _SIGMAS * runs.stderr + _FINITE_SIZE / problem.d * predicted
    return Verdict(
        f"trained-error/{problem.network}/{fraction}/{label}",
        f"error at d = {problem.d}, n = {problem.n:.0f}, {label}-regularised, over {seeds} seeds",
        "empirical risk minimisation on Gaussian data",
        predicted,
        runs.error,
        tolerance,
        f"{_SIGMAS:.0f} standard errors + finite size {_FINITE_SIZE:.0f}/d",
    )


FAMILIES = (Family("trained-error", trained_error),)
