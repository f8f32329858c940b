"""The inverse: the least number of samples that brings an error, or why none does."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from functools import cache
from itertools import pairwise

from asymptotix.inference.fitting import Fit, in_words, phase_of, single_run
from asymptotix.problem import Problem
from asymptotix.risk.optimum import optimum
from asymptotix.rootfinding import Bracket, Function, bracket, increasing_root
from asymptotix.state_evolution import solve
from asymptotix.status import Status
from asymptotix.tables import Tabular
from asymptotix.units import Convention
from asymptotix.validate import number

# Samples are looked for up to this many times d^2 effective ones: beyond, every error falls like 1/n or not at all.
_MOST = 1e12
# Eight points a factor of ten in the first search: a peak between two of them would have to be narrower.
_STEP = math.log(10.0) / 8
# Relative accuracy of the number of samples, and of the error there.
_CLOSE = 1e-9


@dataclass(frozen=True)
class Plan(Tabular):
    """The least ``n`` for an error.

    Attributes:
        n: number of samples; None where no number is enough.
        lam: the weight decay to use with it.
        error: what is reached; at the end of the search where the status says never.
        status: ``"reached"``, or ``"never: ..."`` with the reason.
    """

    keys = ("n", "lam", "width", "error", "phase", "phase_words", "status")

    n: float | None
    lam: float | None
    width: int | None
    error: float
    phase: str | None
    status: str

    @property
    def phase_words(self) -> str | None:
        """The phase in words."""
        return in_words(self.phase)


def plan(
    problem: Problem | Fit,
    *,
    error: float,
    lam: float | str = "best",
    width: int | None = None,
    units: Convention | None = None,
    hidden: int | None = None,
) -> Plan:
    """Find the least number of samples with which an error is reached.

    Args:
        problem: a problem (its ``n`` and ``lam`` play no role), or a fit: then all numbers are in the user's units.
        error: to be reached.
        lam: a weight decay to keep, or ``"best"``: the best at every ``n``.
        width: hidden units, if not those of the problem.
        units: of ``noise``, ``error`` and ``lam``, where they are not those of `Problem`; a fit has its own.
        hidden: the same as ``width``, where they are as many as dimensions or more (weight decay depends on them).

    Raises:
        InvalidInput: an error or a weight decay out of range.

    Examples:
        >>> p = Problem("diagonal", gamma=1.25, d=400, n=1, lam=1, noise=0.1)
        >>> found = plan(p, error=0.05)
        >>> again = optimum(p.replace(n=found.n))
        >>> found.status, abs(again.error_star / 0.05 - 1) < 1e-6
        ('reached', True)
    """
    mine = Convention() if units is None else units
    if isinstance(problem, Fit):
        truth = problem.truth
        last = max(problem.model.runs, key=lambda run: run.n)
        base = problem.model.problem(single_run(1.0, 0.0, last.width), truth)
        mine = replace(problem.model.units, norm=truth.norm)
    else:
        base = mine.problem(problem.replace(lam=0))
    base = base if width is None else base.replace(width=width)
    target = number("error", error, "an error > 0 to reach", above=0.0) / float(mine.norm) ** 2
    kept = None if lam == "best" else number("lam", lam, "a weight decay >= 0, or best", least=0.0)
    return _search(base, target, kept, mine, hidden, measured=isinstance(problem, Fit))


def _search(
    base: Problem, target: float, kept: float | None, mine: Convention, hidden: int | None, *, measured: bool
) -> Plan:
    """``measured``: errors as they are fitted and forecast, in the middle of the band of their size."""
    unit = float(mine.norm)

    def factor(n: float) -> float:
        """The user's weight decay times this is that of `Problem`."""
        return 1.0 / mine.lam_of(base.replace(n=n), 1.0, hidden)

    @cache
    def reach(log_n: float) -> tuple[float, float]:
        """Error and weight decay at ``n = exp(log_n)``."""
        there = base.replace(n=math.exp(log_n))
        if kept is not None:
            return expected(there.replace(lam=kept * factor(math.exp(log_n)))), kept
        best = optimum(there)
        error = expected(there.replace(lam=best.lam_star)) if measured else best.error_star
        return error, best.lam_star

    def expected(there: Problem) -> float:
        solution = solve(there)
        return solution.error * (math.exp(solution.finite_size.centre) if measured else 1.0)

    def gain(log_n: float) -> float:
        """Logarithm of the target over the error: the plan is where it is zero."""
        error, _ = reach(log_n)
        return math.log(target / error) if error > 0 else math.inf

    first = math.log(float(base.net.samples(1, base.d)))
    last = first + math.log(_MOST) + 2.0 * math.log(base.d)
    if gain(first) >= 0:
        log_n = first
    else:
        ends = bracket(gain, first, 1.0, first, last) if kept is None else _first_gain(gain, first, last)
        if ends is None:
            nearest, why = reach(last)[0] * unit**2, _why_never(base, kept is not None)
            return Plan(None, None, base.width, nearest, None, why)
        log_n = increasing_root(gain, ends, tolerance=_CLOSE, width=_CLOSE)
    error, decay = reach(log_n)
    n = math.exp(log_n)
    decay *= 1.0 if kept is None else factor(n)
    there = base.replace(n=n, lam=decay)
    decay = mine.lam_of(there, decay, hidden)
    return Plan(n, decay, base.width, error * unit**2, phase_of(there), Status.REACHED)


def _first_gain(gain: Function, first: float, last: float) -> Bracket | None:
    """Where a fixed weight decay first reaches the target: its error may rise again, at a peak."""
    places = pairwise([first + k * _STEP for k in range(math.ceil((last - first) / _STEP) + 1)])
    found = ((here, there) for here, there in places if gain(there) >= 0)
    return next((Bracket(here, there, gain(here), gain(there)) for here, there in found), None)


def _why_never(base: Problem, kept: bool) -> str:
    if base.width is not None:
        values = base.spectrum.values()[base.width :] if base.d < 10**7 else None
        missed = (
            "" if values is None else f": it misses {float((values**2).sum()):.4g} of the teacher's square"
        )
        return f"never with width {base.width}{missed}"
    return "never at this weight decay" if kept else "never within the sizes searched"
