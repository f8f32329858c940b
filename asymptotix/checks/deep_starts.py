"""Claims about where deep networks end: zero from small starts, the predicted minimum's error from large ones."""

from __future__ import annotations

import math
from collections.abc import Iterator

import numpy as np

from asymptotix.checks.claim import SIGMAS, Family, Verdict
from asymptotix.experiments.starts import PROBLEMS, SCALES, ends
from asymptotix.finite_size.band import FINITE_SIZE
from asymptotix.state_evolution import solve

# Coordinate descent is no global minimiser either: what starts find below it must be rare and little.
_BETTER = 0.01


def starts(full: bool) -> Iterator[Verdict]:
    """Small starts die out; large ones find the error of the state evolution, and no better minimum."""
    seeds = 24 if full else 8
    for problem in PROBLEMS if full else PROBLEMS[:1]:
        small, large = (ends(problem, scale, seeds=seeds) for scale in (SCALES[0], SCALES[-1]))
        where = f"of {problem.depth} layers, d = {problem.d}, {seeds} seeds"
        yield Verdict(
            id=f"starts/small/{problem.depth}",
            claim=f"largest number of coefficients that leave zero from a start of {SCALES[0]:g} {where}",
            witness="trained networks",
            predicted=0.0,
            measured=float(max(small.kept)),
            tolerance=0.0,
            tolerance_from="none: zero is a local minimum, and these starts are within its reach",
        )
        theory = solve(problem).error
        spread = float(np.std(large.errors, ddof=1)) / math.sqrt(seeds)
        yield Verdict(
            id=f"starts/large/{problem.depth}",
            claim=f"error from a start of {SCALES[-1]:g} {where}",
            witness="trained networks",
            predicted=theory,
            measured=float(np.mean(large.errors)),
            tolerance=SIGMAS * spread + FINITE_SIZE / problem.d * theory,
            tolerance_from="4 standard errors + 2/d",
        )
        yield Verdict(
            id=f"starts/objective/{problem.depth}",
            claim=f"least objective from a start of {SCALES[-1]:g} over coordinate descent's, where below 1, {where}",
            witness="trained networks",
            predicted=1.0,
            measured=min(1.0, *large.objectives),
            tolerance=_BETTER,
            tolerance_from="coordinate descent may miss the global minimum by so little",
        )


FAMILIES = (Family("starts", starts, seconds=20.0),)
