"""The bilinear network's state evolution against training on Gaussian matrices."""

from __future__ import annotations

from collections.abc import Iterator

from asymptotix.checks.claim import Family, Verdict
from asymptotix.problem import Problem
from asymptotix.simulate.run import simulate
from asymptotix.state_evolution import solve

_SIGMAS = 4.0
# alpha, lam, noise: features in excess, few, and hardly any regularisation
_POINTS = ((2.0, 0.3, 0.2), (0.5, 0.3, 0.2), (1.0, 0.1, 0.1))


def trained(full: bool) -> Iterator[Verdict]:
    """The convex problem's error on Gaussian features is the state evolution's, up to the next order, 1/d."""
    for alpha, lam, noise in _POINTS if full else _POINTS[:1]:
        d = 40 if full else 20
        p = Problem("bilinear", gamma=1.5, d=d, n=int(alpha * d * d), lam=lam, noise=noise)
        runs = simulate(p, seeds=8 if full else 4, inputs="goe")
        predicted = solve(p).error
        yield Verdict(
            id=f"pairs-trained/{alpha:g}",
            claim="error of the certified minimiser on Gaussian matrices",
            witness="simulation",
            predicted=predicted,
            measured=runs.error,
            tolerance=_SIGMAS * runs.stderr + predicted / d,
            tolerance_from="four standard errors and 1/d",
        )


FAMILIES = (Family("pairs-trained", trained, seconds=60.0),)
