"""Claims about experiments: networks trained on real data against the state evolution."""

from __future__ import annotations

from collections.abc import Iterator

from asymptotix.checks.claim import Family, Verdict, trained_point
from asymptotix.experiments.measurements import Plan, measure
from asymptotix.problem import problem_at
from asymptotix.risk import optimum

_SEED = 6000  # any number, in no other use


def trained_error(full: bool) -> Iterator[Verdict]:
    """Under-regularised, optimal and over-regularised, below and above interpolation."""
    for name, inputs, d, samples, seeds in (
        ("diagonal", "gaussian", 1000 if full else 400, (0.5, 2.0), 10),
        ("quadratic", "goe", 40 if full else 30, (0.15, 0.6), 8),
        ("quadratic", "gaussian", 100 if full else 40, (0.15, 0.6), 8 if full else 4),
    ):
        for fraction in samples:
            base = problem_at(name, fraction * d, d, whole_n=True, gamma=1.25, lam=0, noise=0.1)
            best = optimum(base).lam_star
            for k, (label, factor) in enumerate((("under", 0.1), ("best", 1.0), ("over", 10.0))):
                seed = _SEED + k + round(100 * fraction)
                plan = Plan(base.replace(lam=best * factor), seed=seed, seeds=seeds, inputs=inputs)
                claim = f"error at d = {d}, n = {base.n:.0f}, lam = {best * factor:.3g}, over {seeds} seeds"
                identity = f"trained-error/{name}/{inputs}/{fraction}/{label}"
                witness = f"empirical risk minimisation on data ({inputs})"
                yield trained_point(identity, claim, measure(plan), witness)


FAMILIES = (Family("trained-error", trained_error, seconds=10.0),)
