"""Lines through the phase diagram, measured: where one law gives way to the next, valleys, peaks, plateaus.

At sizes that can be simulated the error bends gradually from one law to another. So a crossover is defined by
what can be read off any curve: where the straight continuations of both branches meet (`geometry.chords`), or
where a valley or a peak has its vertex. Measured, predicted (state evolution at that very size) and limiting
(the laws of the two phases) positions come from the same reading at the same anchors.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

from scipy import stats

from asymptotix.asymptotics.diagram import phase_diagram
from asymptotix.checks.claim import SIGMAS, TRAINED, Family, Verdict
from asymptotix.experiments.geometry import Place, read
from asymptotix.experiments.lines import AFFORDABLE, LINES, OPTIMUM, QUICK, Crossing, Line
from asymptotix.experiments.measurements import Measured, Scatter, measure_all, recalled, scaled
from asymptotix.finite_size import auxiliary
from asymptotix.finite_size.allowance import allowance, has_own_features, own_features, reasons
from asymptotix.finite_size.band import FINITE_SIZE
from asymptotix.networks import get
from asymptotix.risk import optimum
from asymptotix.simulate.data import GOE
from asymptotix.store import Store

READINGS = ("position", "height", "width")
QUICK_SEEDS = 6  # enough for a standard error
# Relative standard errors below this are of points that scatter not at all.
_EXACT = 1e-6
# Kolmogorov's distance of a sample from its law, times the root of its size, exceeded once in 1000.
_KS = 1.95


@dataclass(frozen=True)
class Found:
    """A crossing as measured, as the state evolution predicts it, and as the limiting laws have it.

    Attributes:
        limit: the reading of the limiting laws; for an optimum, the exact one of the state evolution.
        shifted: the predicted reading with every error raised as far as the network's own features may.
        recalled: how many of its points were not trained now, in words.
        here: what `asymptotix.finite_size.auxiliary` computes for this very ``d``, for Gaussian features.
    """

    line: Line
    crossing: Crossing
    measured: Place
    predicted: Place
    limit: Place | None
    shifted: Place
    recalled: str = ""
    here: Place | None = None

    def quantity(self, reading: str) -> str:
        """What a reading is one of."""
        return {"position": self.line.axis, "height": "error"}.get(reading, reading)

    def z(self, reading: str) -> float:
        """Deviation of a reading in standard errors; a plateau where nothing is learned has height 1 on all data."""
        measured, relative = self.measured.of(reading)
        difference = measured / self.predicted.of(reading)[0] - 1.0
        if relative <= _EXACT:
            return 0.0 if abs(difference) <= _EXACT else math.copysign(math.inf, difference)
        return difference / relative


def find(line: Line, points: Sequence[Measured], store: Store | None = None) -> Iterator[Found]:
    """Read all crossings of a line off its measured points; what is computed for this ``d`` is kept in the store."""
    at = {point.plan.problem: point for point in points}
    for crossing in line.crossings:
        chosen = [at[line.problem(x)] for x in crossing.points]
        measured = _read(line, crossing, chosen, [p.error for p in chosen], [p.stderr for p in chosen])
        predicted = _read(line, crossing, chosen, [p.theory for p in chosen])
        raised = [p.theory * (1.0 + own_features(p.plan.problem, p.plan.inputs)) for p in chosen]
        shifted = _read(line, crossing, chosen, raised)
        here = None
        if line.inputs == GOE:
            computed = [auxiliary.at_this_size(p, store) if p.scatters else p for p in chosen]
            spread = [p.theory_error for p in computed]
            here = _read(line, crossing, computed, [p.theory for p in computed], spread)
        limit = _limit(line, crossing)
        yield Found(line, crossing, measured, predicted, limit, shifted, recalled(chosen), here)


def _read(
    line: Line,
    crossing: Crossing,
    points: Sequence[Measured],
    values: Sequence[float],
    errors: Sequence[float] = (),
) -> Place:
    """The reading of values at the anchors, and the width from all points."""
    x = [line.position(p.plan.problem) for p in points]
    near = [k for k, value in enumerate(crossing.points) if value in crossing.anchors]
    place = read(
        crossing.reading, [x[k] for k in near], [values[k] for k in near], [errors[k] for k in near if errors]
    )
    if not crossing.wide:
        return place
    whole = read(crossing.reading, x, values, errors)
    return replace(place, width=whole.width, width_error=whole.width_error)


def _limit(line: Line, crossing: Crossing) -> Place | None:
    """The same reading of the limiting laws; exact where they are pure powers along the line."""
    if crossing.phases is None:
        if crossing.name != OPTIMUM:
            return None
        best = optimum(line.problem(crossing.anchors[0]))
        return Place(best.lam_star, best.error_star)
    known = [p for p in phase_diagram(line.network).phases if p.gamma.contains_value(line.gamma)]
    before, after = (next(p for p in known if p.phase == name) for name in crossing.phases)
    sides = [before] * 2 + [after] * (len(crossing.anchors) - 2)
    problems = [line.problem(value) for value in crossing.anchors]
    laws = [
        phase.law(p.n_eff, p.lam, p.d, p.noise, gamma=p.gamma)
        for phase, p in zip(sides, problems, strict=True)
    ]
    return read(crossing.reading, [line.position(p) for p in problems], laws)


def crossovers(full: bool, store: Store | None = None) -> Iterator[Verdict]:
    """Position and height of every crossing of every line, and the scatter of all points about the theory."""
    yield from verdicts(chosen_lines(full, store), full, store)


def chosen_lines(full: bool, store: Store | None = None) -> list[Line]:
    """The lines of a run: those that can be recalled whole or are trained in little time."""
    if not full:
        return [line for line in LINES if line.id in QUICK]
    return [
        line
        for line in LINES
        if line.id in AFFORDABLE or (store and all(store.origin(p.key) for p in line.plans()))
    ]


def verdicts(lines: Iterable[Line], full: bool, store: Store | None = None) -> Iterator[Verdict]:
    """Measure lines (or recall them) and hold them against the state evolution."""
    store = Store() if store is None else store  # what is computed for a point is needed twice
    every: list[Measured] = []
    for line in lines:
        points = measure_all(line.plans(seeds=None if full else QUICK_SEEDS, anchors_only=not full), store)
        every += points
        for found in find(line, points, store):
            yield from _verdicts(found)
    for name, group in groups(every).items():
        plan = group[0].plan
        if has_own_features(plan.problem.net, plan.inputs):
            yield from deviating_verdicts(name, group)
            yield from computed_verdicts(name, group, store)
        elif plan.problem.net.is_sequence:
            yield from scatter_verdicts(name, group)
        else:
            computed = [auxiliary.at_this_size(p, store) for p in group if p.scatters]
            yield from scatter_verdicts(f"{name}/at-this-d", computed)


def groups(points: Iterable[Measured]) -> dict[str, list[Measured]]:
    """Points by what they test: the diagonal network, the quadratic one with Gaussian features, with its own."""
    found: dict[str, list[Measured]] = {}
    for point in points:
        network = point.plan.problem.network
        own = has_own_features(point.plan.problem.net, point.plan.inputs)
        found.setdefault(f"{network}/own-features" if own else network, []).append(point)
    return found


def deviation(points: Iterable[Measured], unit: str) -> tuple[float, float]:
    """Weighted mean of ``(error/theory - 1) d`` or ``(error/theory - 1) n_eff`` and its standard error."""
    # below n_eff = 3 nothing is of order 1/n_eff
    chosen = [p for p in points if p.scatters and (unit == "d" or p.plan.problem.n_eff >= 3.0)]
    scales = [p.plan.problem.d if unit == "d" else p.plan.problem.n_eff for p in chosen]
    mean, _, spread = scaled(chosen, scales)
    return mean, sum(s**-2.0 for s in spread) ** -0.5


_MEAN, _WORST = "4 standard deviations of a mean", "exceeded by the worst of that many once in 1000"


def scatter_verdicts(name: str, points: Sequence[Measured]) -> Iterator[Verdict]:
    """Mean, worst, spread and law of the scores: neither bias nor scatter that is suspiciously small."""
    scatter = Scatter.of(points)
    what = f"{scatter.count} points on all lines{recalled(points)}"
    yield from _scores(name, what, (
        ("mean", 0.0, scatter.mean, SIGMAS * scatter.mean_error, _MEAN),
        ("worst", 0.0, scatter.worst, _furthest(scatter), _WORST),
        ("rms", 1.0, scatter.rms, SIGMAS * scatter.rms_error, "4 standard deviations of a root mean square"),
        ("law", 0.0, scatter.distance, _KS / scatter.count**0.5, "Kolmogorov and Smirnov's, once in 1000"),
    ))  # fmt: skip


def deviating_verdicts(name: str, points: Sequence[Measured]) -> Iterator[Verdict]:
    """Where errors are known to deviate: the mean score stays within that, and no point exceeds its own."""
    chosen = [p for p in points if p.scatters]
    scatter, also = Scatter.of(chosen), reasons(points[0].plan.problem.net, points[0].plan.inputs)
    beyond = max(abs(p.z) - _allowance(p) for p in chosen)
    # z, not scores: far out these grow more slowly than what is allowed
    mean = sum(p.z for p in chosen) / len(chosen)
    allowed = SIGMAS * scatter.mean_error + sum(map(_allowance, chosen)) / len(chosen)
    what = f"{scatter.count} points on all lines{recalled(points)}"
    worst = ("worst", 0.0, max(beyond, 0.0), _furthest(scatter), _WORST + also)
    yield from _scores(name, what, (("mean", 0.0, mean, allowed, _MEAN + also), worst))


def computed_verdicts(name: str, points: Sequence[Measured], store: Store | None = None) -> Iterator[Verdict]:
    """The mean score against what own features make to first order, away from the peak; half of that for the rest."""
    chosen = [p for p in points if auxiliary.applies(p) and p.plan.problem.d <= auxiliary.LARGEST]
    if not chosen:
        return
    computed = [auxiliary.at_this_size(p, store) for p in chosen]
    scatter = Scatter.of(computed)
    excess = [abs(c.theory - p.theory) / p.stderr for c, p in zip(computed, chosen, strict=True)]
    allowed = SIGMAS * scatter.mean_error + sum(excess) / (2.0 * len(excess))
    what = f"{scatter.count} points away from the peak, d up to {auxiliary.LARGEST}{recalled(chosen)}"
    mean = sum(p.z for p in computed) / len(computed)
    why = f"{_MEAN} + half of the computed excess for the next order"
    yield from _scores(f"{name}/at-this-d", what, [("mean", 0.0, mean, allowed, why)])


def _scores(
    name: str, points: str, rows: Iterable[tuple[str, float, float, float, str]]
) -> Iterator[Verdict]:
    for row, predicted, measured, tolerance, source in rows:
        what = "distance of the law" if row == "law" else row
        claim = f"{what} of the scores, against independent normal variables; {points}"
        identity = f"crossover/scatter/{name}/{row}"
        yield Verdict(identity, claim, TRAINED, predicted, measured, tolerance, source)


def _allowance(point: Measured) -> float:
    """What is known to deviate, in standard errors."""
    return allowance(point.plan.problem, point.plan.inputs) * point.theory / point.stderr


def _furthest(scatter: Scatter) -> float:
    return float(stats.norm.isf(0.0005 / scatter.count))


def _verdicts(found: Found) -> Iterator[Verdict]:
    """Each reading against the state evolution's, that of this very ``d``, and of an optimum against the exact one."""
    line, name, measured = found.line, found.crossing.name, found.measured
    errors = f"{SIGMAS:.0f} standard errors"
    source = errors + reasons(get(line.network), line.inputs)
    rows = []
    for reading in READINGS:
        expected, _ = found.predicted.of(reading)
        if expected or reading != "width":
            what, allowed = f"{found.quantity(reading)} at {name}", _allowed(found, reading, expected)
            rows.append((reading, f"{name}/{reading}", what, expected, allowed, source))
    for reading in READINGS if found.here is not None else ():
        expected, error = found.here.of(reading) if found.here is not None else (0.0, 0.0)
        if expected:
            what = f"{reading} of {name} computed for this d"
            why = f"{errors}, of the average over matrices too"
            allowed = expected * SIGMAS * math.hypot(measured.of(reading)[1], error)
            rows.append((reading, f"{name}/{reading}-at-this-d", what, expected, allowed, why))
    if name == OPTIMUM and found.limit is not None:  # no parabola fits the state evolution's minimum over lam
        why = source + " + how far the parabola's vertex is from the minimum"
        for reading, star in (("position", "lam_star"), ("height", "error_star")):
            best, _ = found.limit.of(reading)
            allowed = _allowed(found, reading, best) + abs(found.predicted.of(reading)[0] - best)
            rows.append((reading, f"optimum/{star}", f"{star} of `optimum`", best, allowed, why))
    for reading, place, what, expected, allowed, why in rows:
        identity = f"crossover/{line.id}/{place}".replace(" ", "-")
        claim = f"{what}, {line.title}{found.recalled}"
        yield Verdict(identity, claim, TRAINED, expected, measured.of(reading)[0], allowed, why)


def _allowed(found: Found, reading: str, expected: float) -> float:
    """Standard errors, finite size, and as much as the network's own features may shift the reading."""
    shift = abs(found.shifted.of(reading)[0] - found.predicted.of(reading)[0])
    return expected * (SIGMAS * found.measured.of(reading)[1] + FINITE_SIZE / found.line.d) + shift


FAMILIES = (Family("crossover", crossovers, seconds=300.0, recalls=True),)
