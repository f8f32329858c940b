"""Claims about where deep networks end: zero from small starts, the predicted minimum's error from large ones."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from scipy import stats

from asymptotix.checks.claim import TRAINED, Family, Verdict, trained_error
from asymptotix.experiments.starts import PROBLEMS, SCALES, ends
from asymptotix.state_evolution import solve

# Coordinate descent is no global minimiser either: what starts find below it must be rare and little.
_BETTER = 0.01


def starts(full: bool) -> Iterator[Verdict]:
    """Small starts die out; large ones find the error of the state evolution, and no better minimum."""
    seeds = 24 if full else 8
    for problem in PROBLEMS if full else PROBLEMS[:1]:
        small, large = (ends(problem, scale, seeds=seeds) for scale in (SCALES[0], SCALES[-1]))
        where = f"of {problem.depth} layers, d = {problem.d}, {seeds} seeds"
        claim = f"largest number of coefficients that leave zero from a start of {SCALES[0]:g} {where}"
        source = "none: zero is a local minimum, and these starts are within its reach"
        left = float(max(small.kept))
        yield Verdict(f"starts/small/{problem.depth}", claim, TRAINED, 0.0, left, 0.0, source)
        theory, error = solve(problem).error, float(np.mean(large.errors))
        spread = float(stats.sem(large.errors))
        claim = f"error from a start of {SCALES[-1]:g} {where}"
        yield trained_error(f"starts/large/{problem.depth}", claim, problem, theory, error, spread)
        claim = f"least objective from a start of {SCALES[-1]:g} over coordinate descent's, where below 1, {where}"
        source = "coordinate descent may miss the global minimum by so little"
        least = min(1.0, *large.objectives)
        yield Verdict(f"starts/objective/{problem.depth}", claim, TRAINED, 1.0, least, _BETTER, source)


FAMILIES = (Family("starts", starts, seconds=20.0),)
