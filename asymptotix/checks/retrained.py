"""Recalled points, trained again: one data set of as many as a few minutes allow, held to the errors in the file.

What is recalled was trained by whatever code there was then. Had the code changed since, or somebody the file, claims
would be held against the past. So the theory of every recalled point is computed again, and of every line (and every
other series) the first data set of its points, the cheapest first, for as long as the series' share of the time lasts.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from asymptotix.checks import peaks, universality
from asymptotix.checks.claim import NUMBERS, TRAINED, Family, Verdict
from asymptotix.experiments.lines import LINES
from asymptotix.experiments.measurements import Measured, Plan, measure
from asymptotix.finite_size.allowance import has_own_features
from asymptotix.simulate import simulate
from asymptotix.state_evolution import solve
from asymptotix.store import Store

# Seconds for data sets trained again, as they were counted when the file was made.
_BUDGET, _QUICK_BUDGET = 150.0, 3.0
_THEORY = 1e-9  # the promised accuracy of a solve
_SAME = 1e-6  # what another order of sums may change in an error at a gap of 1e-8
_FACE = 0.02  # where the minimum is not unique training may end anywhere on its face


def series() -> dict[str, list[Plan]]:
    """The points that claims are made of and a file may hold, by line, peak and comparison of inputs."""
    return {
        **{line.id: line.plans() for line in LINES},
        **{f"peak-slope/{peak.id}": peak.plans() for peak in peaks.CLAIMED},
        "inputs": universality.all_plans(),
    }


def retrained(full: bool, store: Store | None = None) -> Iterator[Verdict]:
    """The theory of all recalled points, and the errors of some; nothing if no point is recalled."""
    recalled = {
        name: [measure(plan, store) for plan in plans if store is not None and store.origin(plan.key)]
        for name, plans in series().items()
    }
    known = {name: points for name, points in recalled.items() if points}
    if known:
        yield _theory([p for points in known.values() for p in points])
    left = _BUDGET if full else _QUICK_BUDGET
    for k, (name, points) in enumerate(sorted(known.items(), key=lambda item: sum(map(_cost, item[1])))):
        chosen = affordable(points, left / (len(known) - k))  # what cheap series leave is there for dear ones
        left -= sum(map(_cost, chosen))
        unique = [p for p in chosen if not _may_form_a_face(p)]
        yield from _held(name, unique, len(points), _SAME, "rounding, and the gap at which training stops")
        others = [p for p in chosen if _may_form_a_face(p)]
        why = "minimisers that form a face: other steps end elsewhere on it; 0.4 % is seen"
        yield from _held(f"{name}/face", others, len(points), _FACE, why)


def affordable(points: Sequence[Measured], seconds: float) -> list[Measured]:
    """The cheapest points whose first data sets take no longer together, in their own order."""
    chosen: set[int] = set()
    for k in sorted(range(len(points)), key=lambda k: _cost(points[k])):
        seconds -= _cost(points[k])
        if seconds < 0.0:
            break
        chosen.add(k)
    return [points[k] for k in sorted(chosen)]


def _cost(point: Measured) -> float:
    return point.seconds / point.plan.seeds


def _may_form_a_face(point: Measured) -> bool:
    """Few samples of the quadratic network's own features at small ``lam`` (`asymptotix.simulate.sensing`)."""
    problem = point.plan.problem
    own = has_own_features(problem.net, point.plan.inputs)
    return own and problem.n_eff < 5.0 and float(problem.lam) < 0.1


def _theory(points: Sequence[Measured]) -> Verdict:
    worst = max(abs(p.theory / solve(p.plan.problem).error - 1.0) for p in points)
    claim = f"worst relative difference of the theory stored with {len(points)} points in {points[0].origin}"
    return Verdict("measured/theory", claim, NUMBERS, 0.0, worst, _THEORY, "the promised accuracy of a solve")


def _held(name: str, points: Sequence[Measured], of: int, tolerance: float, source: str) -> Iterator[Verdict]:
    if points:
        claim = f"worst relative difference of an error in {points[0].origin} from that of the same data trained again"
        claim, worst = f"{claim}, {len(points)} of {of} points", max(map(_difference, points))
        yield Verdict(f"measured/{name}", claim, TRAINED, 0.0, worst, tolerance, source)


def _difference(point: Measured) -> float:
    plan = point.plan
    drawn: dict[str, Any] = {"seed": plan.seed, "inputs": plan.inputs, "options": plan.options}
    runs = simulate(plan.problem, plan.method, seeds=1, **drawn)
    return abs(float(runs.errors[0]) / point.errors[0] - 1.0)


FAMILIES = (Family("measured", retrained, seconds=120.0, recalls=True),)
