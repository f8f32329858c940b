"""Lines through the phase diagram, measured: where one law gives way to the next, valleys, peaks, plateaus.

At sizes that can be simulated the error bends gradually from one law to another. So a crossover is defined by
what can be read off any curve: where the straight continuations of both branches meet (`geometry.chords`), or
where a valley or a peak has its vertex. Measured, predicted (state evolution at that very size) and limiting
(the laws of the two phases) positions come from the same reading at the same anchors.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction

from scipy import stats

from asymptotix.asymptotics.diagram import phase_diagram
from asymptotix.asymptotics.phases import Phase
from asymptotix.checks.claim import Family, Verdict
from asymptotix.checks.geometry import Place, Reading, chords, level, read, vertex
from asymptotix.checks.measurements import SEEDS, Measured, Plan, Scatter, Store, measure_all
from asymptotix.problem import Problem

_SIGMAS = 4.0
#: Relative deviation at finite d, in units of 1/d: the quadratic network has d(d+1)/2 unknowns, not d^2/2. Measured
#: with Gaussian features at n_eff = 6, noise = 1, d = 20, 40, 80: 1.0(3), 1.0(5), 2.2(13) at lam = 0.3 and
#: 1.1(4), 0.4(4), 0.9(13) at lam = 1.
FINITE_SIZE = 2.0
QUICK_SEEDS = 6
_EXACT = 1e-6


@dataclass(frozen=True)
class Crossing:
    """A place to be read off a line from the points at ``anchors``.

    ``phases`` are the labels before and after, where two laws meet; none for a vertex.
    """

    name: str
    reading: Reading
    anchors: tuple[float, ...]
    phases: tuple[str, str] | None = None


@dataclass(frozen=True)
class Line:
    """Problems along ``n_eff`` at fixed ``lam``, or along ``lam`` at fixed ``n_eff``.

    Attributes:
        axis: ``"n_eff"`` or ``"lam"``.
        fixed: the value of the other one.
        values: where to measure, besides the anchors of the crossings.
        seed: of the first point; every point has its own.
    """

    id: str
    network: str
    gamma: Fraction
    d: int
    noise: float
    axis: str
    fixed: float
    values: tuple[float, ...]
    crossings: tuple[Crossing, ...]
    seed: int
    inputs: str = "gaussian"

    @property
    def title(self) -> str:
        """The line in a few words."""
        other = "lam" if self.axis == "n_eff" else "n_eff"
        features = ", Gaussian features" if self.inputs == "goe" else ""
        return (
            f"{self.network} network{features}: {self.axis} at {other} = {self.fixed:g}, "
            f"d = {self.d}, gamma = {self.gamma}, noise = {self.noise:g}"
        )

    def problem(self, value: float) -> Problem:
        """The problem at a value on the axis."""
        n_eff, lam = (value, self.fixed) if self.axis == "n_eff" else (self.fixed, value)
        n = round(n_eff if self.network == "diagonal" else n_eff * self.d)
        return Problem(self.network, gamma=float(self.gamma), d=self.d, n=n, lam=lam, noise=self.noise)

    def position(self, problem: Problem) -> float:
        """Where a problem is on the axis."""
        return problem.n_eff if self.axis == "n_eff" else float(problem.lam)

    def plans(self, *, seeds: int = SEEDS, anchors_only: bool = False) -> list[Plan]:
        """All points of the line in order, each with its own seed."""
        every = sorted({*self.values, *(x for c in self.crossings for x in c.anchors)})
        chosen = {x for c in self.crossings for x in c.anchors} if anchors_only else set(every)
        return [
            Plan(self.problem(x), seed=self.seed + k, seeds=seeds, inputs=self.inputs)
            for k, x in enumerate(every)
            if x in chosen
        ]


@dataclass(frozen=True)
class Found:
    """A crossing as measured, as the state evolution predicts it, and as the limiting laws have it."""

    line: Line
    crossing: Crossing
    measured: Place
    predicted: Place
    limit: Place | None

    @property
    def z(self) -> float:
        """Deviation of the position in standard errors."""
        return _deviation(self.measured.position, self.predicted.position, self.measured.position_error)

    @property
    def z_height(self) -> float:
        """Deviation of the height in standard errors."""
        return _deviation(self.measured.height, self.predicted.height, self.measured.height_error)


def _deviation(measured: float, predicted: float, relative_error: float) -> float:
    """In standard errors; a plateau where nothing is learned has height 1 on every data set."""
    difference = measured / predicted - 1.0
    if relative_error <= _EXACT:
        return 0.0 if abs(difference) <= _EXACT else math.copysign(math.inf, difference)
    return difference / relative_error


def find(line: Line, points: Sequence[Measured]) -> Iterator[Found]:
    """Read all crossings of a line off its measured points."""
    at = {point.plan.problem: point for point in points}
    for crossing in line.crossings:
        chosen = [at[line.problem(x)] for x in crossing.anchors]
        x = [line.position(point.plan.problem) for point in chosen]
        measured = read(crossing.reading, x, [p.error for p in chosen], [p.stderr for p in chosen])
        predicted = read(crossing.reading, x, [p.theory for p in chosen])
        yield Found(line, crossing, measured, predicted, _limit(line, crossing, x))


def _limit(line: Line, crossing: Crossing, x: Sequence[float]) -> Place | None:
    """The same reading of the limiting laws; exact where they are pure powers along the line."""
    if crossing.phases is None:
        return None
    before, after = (_phase(line, name) for name in crossing.phases)
    sides = [before] * 2 + [after] * (len(x) - 2)
    problems = [line.problem(value) for value in crossing.anchors]
    laws = [phase_law(phase, problem) for phase, problem in zip(sides, problems, strict=True)]
    return read(crossing.reading, x, laws)


def _phase(line: Line, name: str) -> Phase:
    phases = phase_diagram(line.network).phases
    return next(p for p in phases if p.phase == name and p.gamma.contains_value(line.gamma))


def phase_law(phase: Phase, problem: Problem) -> float:
    """A phase's law at a problem's sizes, whether or not it holds there."""
    return phase.law(
        n_eff=problem.n_eff, lam=problem.lam, d=problem.d, noise=problem.noise, gamma=problem.gamma
    )


_G, _S = Fraction(5, 4), Fraction(3, 5)


def _decades(low: float, high: float, count: int) -> tuple[float, ...]:
    return tuple(float(f"{low * (high / low) ** (k / (count - 1)):.3g}") for k in range(count))


#: Lines where the theory is exact in the limit: Gaussian inputs (diagonal), Gaussian features (quadratic).
LINES: tuple[Line, ...] = (
    Line(
        "diagonal/n/I-II", "diagonal", _G, 1000, 0.1, "n_eff", 1.0, _decades(3, 3000, 8),
        (Crossing("I-II", chords, (5, 12, 150, 600), ("Ib", "II")),), 1000,
    ),
    Line(
        "diagonal/n/II-III", "diagonal", _S, 200, 0.1, "n_eff", 30.0, _decades(300, 80_000, 7),
        (Crossing("II-III", chords, (1500, 4000, 30_000, 80_000), ("II", "III")),), 1100,
    ),
    Line(
        "diagonal/n/V-VI", "diagonal", _G, 1000, 0.1, "n_eff", 0.01, _decades(5, 5000, 9),
        (
            Crossing("IV-V valley", vertex, (120, 165, 220, 300, 400)),
            Crossing("peak", vertex, (850, 920, 1000, 1080, 1160)),
        ), 1200,
    ),
    Line(
        "diagonal/lam/V-II-I", "diagonal", _G, 1000, 0.1, "lam", 200.0, _decades(0.003, 30, 5),
        (
            Crossing("V-II", level, (0.001, 0.002, 0.8, 2.0), ("V", "II")),
            Crossing("optimum", vertex, (0.15, 0.2, 0.26, 0.34, 0.45)),
            Crossing("II-I", chords, (0.8, 2.0, 20.0, 40.0), ("II", "Ib")),
        ), 1300,
    ),
    Line(
        "diagonal/lam/VI-II-I", "diagonal", _G, 1000, 0.1, "lam", 3000.0, _decades(0.01, 200, 5),
        (
            Crossing("VI-II", level, (0.001, 0.003, 10.0, 30.0), ("VIa", "II")),
            Crossing("optimum", vertex, (0.45, 0.6, 0.75, 0.95, 1.2)),
            Crossing("II-I", chords, (10.0, 30.0, 300.0, 500.0), ("II", "Ib")),
        ), 1400,
    ),
    Line(
        "quadratic/n/I-II", "quadratic", _G, 40, 0.1, "n_eff", 1.0, _decades(0.3, 60, 6),
        (Crossing("I-II", chords, (0.3, 0.55, 6.0, 20.0), ("Ib", "II")),), 2000, "goe",
    ),
    Line(
        "quadratic/n/IV-VI", "quadratic", _G, 30, 1.0, "n_eff", 0.02, _decades(0.7, 90, 8),
        (
            Crossing("IV-V valley", vertex, (2.5, 3.1, 3.8, 4.7, 5.6)),
            Crossing("peak", vertex, (7.5, 8.3, 9.1, 10.0, 11.0)),
        ), 2100, "goe",
    ),
    Line(
        "quadratic/lam/IV-II-I", "quadratic", _G, 40, 1.0, "lam", 6.0, _decades(0.03, 10, 4),
        (
            Crossing("optimum", vertex, (0.3, 0.4, 0.5, 0.65, 0.85)),
            Crossing("II-I", chords, (1.0, 2.0, 20.0, 40.0), ("II", "Ib")),
        ), 2200, "goe",
    ),
    Line(
        "quadratic/lam/VI-II-I", "quadratic", _G, 30, 0.1, "lam", 160.0, _decades(0.1, 30, 4),
        (
            Crossing("VI-II", level, (0.01, 0.03, 5.0, 20.0), ("VIa", "II")),
            Crossing("II-I", chords, (5.0, 20.0, 200.0, 400.0), ("II", "Ib")),
        ), 2300, "goe",
    ),
)  # fmt: skip
QUICK = ("diagonal/n/I-II", "diagonal/lam/V-II-I", "quadratic/n/I-II")


def crossovers(full: bool) -> Iterator[Verdict]:
    """Position and height of every crossing of every line, and the scatter of all points about the theory."""
    yield from verdicts(LINES if full else [line for line in LINES if line.id in QUICK], full)


def verdicts(lines: Iterable[Line], full: bool, store: Store | None = None) -> Iterator[Verdict]:
    """Measure lines (or recall them) and hold them against the state evolution."""
    every: list[Measured] = []
    for line in lines:
        points = measure_all(line.plans(seeds=SEEDS if full else QUICK_SEEDS, anchors_only=not full), store)
        every += points
        for found in find(line, points):
            yield from _verdicts(found)
    for network in ("diagonal", "quadratic"):
        yield from scatter_verdicts(network, [p for p in every if p.plan.problem.network == network])


def finite_size(points: Sequence[Measured]) -> float:
    """Mean deviation, in standard errors, that a relative deviation of `FINITE_SIZE`/d of the errors makes.

    Only for the quadratic network: the diagonal one is measured at d so large that it would not show.
    """
    shifts = [FINITE_SIZE / p.plan.problem.d * p.theory / p.stderr for p in points if p.scatters]
    return sum(shifts) / len(shifts) if points[0].plan.problem.network == "quadratic" else 0.0


def scatter_verdicts(name: str, points: Sequence[Measured]) -> Iterator[Verdict]:
    """Mean, spread, worst and law of the scores: neither bias nor scatter that is suspiciously small."""
    scatter, shift = Scatter.of(points), finite_size(points)
    also = " + finite size 2/d" if shift else ""
    distance = float(stats.norm.isf(0.0005 / scatter.count)) + shift
    law = 1.95 / math.sqrt(scatter.count) + shift * float(stats.norm.pdf(0.0))
    rms = _SIGMAS * scatter.rms_error + math.hypot(1.0, shift) - 1.0
    rows = (
        ("mean", 0.0, scatter.mean, _SIGMAS * scatter.mean_error + shift, "4 standard deviations of a mean"),
        ("rms", 1.0, scatter.rms, rms, "4 standard deviations of a root mean square"),
        ("worst", 0.0, scatter.worst, distance, "exceeded by the worst of that many once in 1000"),
        ("law", 0.0, scatter.distance, law, "Kolmogorov and Smirnov's, once in 1000"),
    )
    for row, predicted, measured, tolerance, source in rows:
        what = "distance of the law" if row == "law" else row
        yield Verdict(
            f"crossover/scatter/{name}/{row}",
            f"{what} of the scores of {scatter.count} points on all lines, against independent normal variables",
            "trained networks",
            predicted,
            measured,
            tolerance,
            source + also,
        )


def _verdicts(found: Found) -> Iterator[Verdict]:
    line, measured, predicted = found.line, found.measured, found.predicted
    rows = (
        ("position", line.axis, predicted.position, measured.position, measured.position_error),
        ("height", "error", predicted.height, measured.height, measured.height_error),
    )
    for name, what, expected, value, relative in rows:
        yield Verdict(
            f"crossover/{line.id}/{found.crossing.name}/{name}".replace(" ", "-"),
            f"{what} at {found.crossing.name}, {line.title}",
            "trained networks",
            expected,
            value,
            expected * (_SIGMAS * relative + FINITE_SIZE / line.d),
            f"{_SIGMAS:.0f} standard errors + finite size {FINITE_SIZE:.0f}/d",
        )


FAMILIES = (Family("crossover", crossovers),)
