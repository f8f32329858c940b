"""Lines through the phase diagram along which networks are trained, and the places to be read off them."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction

from asymptotix.experiments.geometry import Reading, chords, level, vertex
from asymptotix.experiments.measurements import SEEDS, Plan
from asymptotix.problem import Problem, problem_at

OPTIMUM, PEAK, VALLEY = "optimum", "peak", "IV-V valley"


@dataclass(frozen=True)
class Crossing:
    """A place to be read off a line from the points at ``anchors``.

    ``phases`` are the labels before and after, where two laws meet; none for a vertex. One called `OPTIMUM` is
    held against the exact optimum, too. A vertex's width needs points farther away than its place does: it is read
    from the anchors and those of ``wide``, if any.
    """

    name: str
    reading: Reading
    anchors: tuple[float, ...]
    phases: tuple[str, str] | None = None
    wide: tuple[float, ...] = ()

    @property
    def points(self) -> tuple[float, ...]:
        """Anchors and ``wide`` together, in order."""
        return tuple(sorted({*self.anchors, *self.wide}))


@dataclass(frozen=True)
class Line:
    """Problems along ``n_eff`` at fixed ``lam``, or along ``lam`` at fixed ``n_eff``.

    Attributes:
        id: the network, the axis (``n`` is ``n_eff``), and what is to be read off, as in ``"diagonal/n/I-II"``.
        fixed: ``lam`` or ``n_eff``, the one that is not the axis.
        values: where to measure, besides the anchors of the crossings.
        seed: of the first point; every point has its own.
        seeds: data sets a point.
    """

    id: str
    gamma: Fraction
    d: int
    noise: float
    fixed: float
    values: tuple[float, ...]
    crossings: tuple[Crossing, ...]
    seed: int
    inputs: str = "gaussian"
    seeds: int = SEEDS

    @property
    def network(self) -> str:
        """Its name."""
        return self.id.split("/")[0]

    @property
    def axis(self) -> str:
        """``"n_eff"`` or ``"lam"``."""
        return "n_eff" if self.id.split("/")[1] == "n" else "lam"

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
        sizes = {"gamma": float(self.gamma), "lam": lam, "noise": self.noise}
        return problem_at(self.network, n_eff, self.d, whole_n=True, **sizes)

    def position(self, problem: Problem) -> float:
        """Where a problem is on the axis."""
        return problem.n_eff if self.axis == "n_eff" else float(problem.lam)

    def plans(self, *, seeds: int | None = None, anchors_only: bool = False) -> list[Plan]:
        """All points of the line in order, each with its own seed; ``seeds`` data sets a point if given."""
        every = sorted({*self.values, *(x for c in self.crossings for x in c.points)})
        chosen = {x for c in self.crossings for x in c.points} if anchors_only else set(every)
        return [
            Plan(self.problem(x), seed=self.seed + k, seeds=seeds or self.seeds, inputs=self.inputs)
            for k, x in enumerate(every)
            if x in chosen
        ]


# Decays: the one of the examples, and one slow enough that all features are learned (III).
_G, _S = Fraction(5, 4), Fraction(3, 5)


def _decades(low: float, high: float, count: int) -> tuple[float, ...]:
    return tuple(float(f"{low * (high / low) ** (k / (count - 1)):.3g}") for k in range(count))


#: Where the theory is exact in the limit (Gaussian inputs of the diagonal network, Gaussian features ``goe`` of the
#: quadratic one), and with the quadratic network's own features.
LINES: tuple[Line, ...] = (
    Line("diagonal/n/I-II", _G, 1000, 0.1, 1.0, _decades(3, 3000, 8),
        (Crossing("I-II", chords, (5, 12, 150, 600), ("Ib", "II")),), 1000),
    Line("diagonal/n/II-III", _S, 200, 0.1, 30.0, _decades(300, 80_000, 7),
        (Crossing("II-III", chords, (1500, 4000, 30_000, 80_000), ("II", "III")),), 1100),
    Line("diagonal/n/V-VI", _G, 1000, 0.1, 0.01, _decades(5, 5000, 9), (
        Crossing(VALLEY, vertex, (120, 165, 220, 300, 400), wide=(66.7, 850)),
        Crossing(PEAK, vertex, (850, 920, 1000, 1080, 1160)),
    ), 1200),
    Line("diagonal/lam/V-II-I", _G, 1000, 0.1, 200.0, _decades(0.003, 30, 5), (
        Crossing("V-II", level, (0.001, 0.002, 0.8, 2.0), ("V", "II")),
        Crossing(OPTIMUM, vertex, (0.15, 0.2, 0.26, 0.34, 0.45)),
        Crossing("II-I", chords, (0.8, 2.0, 20.0, 40.0), ("II", "Ib")),
    ), 1300),
    Line("diagonal/lam/VI-II-I", _G, 1000, 0.1, 3000.0, _decades(0.01, 200, 5), (
        Crossing("VI-II", level, (0.001, 0.003, 10.0, 30.0), ("VIa", "II")),
        Crossing(OPTIMUM, vertex, (0.45, 0.6, 0.75, 0.95, 1.2)),
        Crossing("II-I", chords, (10.0, 30.0, 300.0, 500.0), ("II", "Ib")),
    ), 1400),
    Line("quadratic/n/I-II", _G, 40, 0.1, 1.0, _decades(0.3, 60, 6),
        (Crossing("I-II", chords, (0.3, 0.55, 6.0, 20.0), ("Ib", "II")),), 2000, "goe"),
    Line("quadratic/n/IV-VI", _G, 30, 1.0, 0.02, _decades(0.7, 90, 8), (
        Crossing(VALLEY, vertex, (2.5, 3.1, 3.8, 4.7, 5.6), wide=(1.4, 7.5)),
        Crossing(PEAK, vertex, (7.5, 8.3, 9.1, 10.0, 11.0)),
    ), 2100, "goe"),
    Line("quadratic/lam/IV-II-I", _G, 40, 1.0, 6.0,
        (0.03, 0.208, 0.3, 0.4, 0.5, 0.65, 0.85, 1.44, 10.0),
        (Crossing("II-I", chords, (1.0, 2.0, 20.0, 40.0), ("II", "Ib")),), 2200, "goe", 128),
    Line("quadratic/lam/optimum/goe", _G, 40, 1.0, 6.0, (),
        (Crossing(OPTIMUM, vertex, (0.37, 0.52, 0.73, 1.0, 1.4)),), 2240, "goe", 64),
    Line("quadratic/lam/VI-II-I", _G, 30, 0.1, 160.0, _decades(0.1, 30, 4), (
        Crossing("VI-II", level, (0.01, 0.03, 5.0, 20.0), ("VIa", "II")),
        Crossing("II-I", chords, (5.0, 20.0, 200.0, 400.0), ("II", "Ib")),
    ), 2300, "goe"),
    Line("quadratic/n/I-II/d=200", _G, 200, 0.1, 10.0, _decades(10, 600, 6),
        (Crossing("I-II", chords, (12, 22, 150, 500), ("Ib", "II")),), 2400),
    Line("quadratic/n/I-II/d=400", _G, 400, 0.1, 10.0, (),
        (Crossing("I-II", chords, (20, 35, 120, 240), ("Ib", "II")),), 2480, "gaussian", 4),
    Line("quadratic/n/II-III/d=60", _S, 60, 0.01, 10.0, _decades(20, 5000, 7),
        (Crossing("II-III", chords, (60, 110, 1500, 4000), ("II", "III")),), 2420),
    Line("quadratic/lam/IV-II-I/d=200", _G, 200, 1.0, 20.0, _decades(0.05, 8, 4), (
        Crossing(OPTIMUM, vertex, (0.5, 0.65, 0.8, 1.0, 1.3)),
        Crossing("II-I", chords, (1.5, 3.0, 20.0, 40.0), ("II", "Ib")),
    ), 2440, "gaussian", 8),
    *(
        Line(
            f"quadratic/n/IV-VI/{name}d={d}", _G, d, 1.0, 0.02, values,
            (Crossing(VALLEY, vertex, valley, wide=wide), Crossing(PEAK, vertex, peak)), seed, inputs, seeds,
        )
        for name, d, values, valley, wide, peak, seed, inputs, seeds in (
            ("goe/", 60, (1.0, 2.72, 7.42, 20.2, 54.9), (4.2, 5.0, 6.0, 7.2, 8.4), (2.72, 7.42, 14.2),
             (14.2, 15.6, 17.0, 18.8, 20.7), 2500, "goe", SEEDS),
            ("", 30, (), (2.5, 3.1, 3.8, 4.7, 5.6), (7.5,), (7.5, 8.3, 9.1, 10.0, 11.0), 2520, "gaussian", SEEDS),
            ("", 60, (), (4.2, 5.0, 6.0, 7.2, 8.4), (14.2,), (14.2, 15.6, 17.0, 18.8, 20.7), 2540, "gaussian", SEEDS),
            ("", 100, (1.0, 2.7, 60.0, 150.0), (6.0, 7.2, 8.6, 10.2, 12.2), (23.5,), (23.5, 25.8, 28.3, 31.0, 34.0),
             2560, "gaussian", 8),
            ("", 200, (1.5,), (5.5, 8.5, 13.0, 20.0, 30.0), (), (46.0, 50.0, 54.0, 59.0),
             2640, "gaussian", 12),
        )
    ),
    Line("quadratic/lam/VI-II-I/d=100", _G, 100, 0.1, 100.0, (0.05,), (
        Crossing("VI-II", level, (0.003, 0.006, 2.2, 7.0), ("VIa", "II")),
        Crossing(OPTIMUM, vertex, (0.3, 0.4, 0.5, 0.65, 0.85)),
        Crossing("II-I", chords, (2.2, 7.0, 60.0, 85.0), ("II", "Ib")),
    ), 2460, "gaussian", 8),
    *(
        Line(
            f"quadratic/lam/optimum/n_eff={n_eff:g}", _G, 100, 1.0, n_eff, (),
            (Crossing(OPTIMUM, vertex, anchors),), seed, "gaussian", 8,
        )
        for n_eff, anchors, seed in (
            (12.5, (0.42, 0.57, 0.77, 1.0, 1.4), 2600),
            (25.0, (0.6, 0.82, 1.1, 1.5, 2.0), 2610),
            (50.0, (0.82, 1.1, 1.5, 2.0, 2.7), 2620),
            (100.0, (1.1, 1.5, 2.0, 2.6, 3.6), 2630),
        )
    ),
)  # fmt: skip
#: Lines that a full run trains if their points are not recalled: five minutes of one processor together.
AFFORDABLE = (
    *(
        "diagonal/n/I-II",
        "diagonal/n/II-III",
        "diagonal/n/V-VI",
        "diagonal/lam/V-II-I",
        "diagonal/lam/VI-II-I",
    ),
    *("quadratic/n/I-II", "quadratic/n/IV-VI", "quadratic/lam/optimum/goe", "quadratic/lam/VI-II-I"),
    *("quadratic/n/IV-VI/d=30", "quadratic/n/IV-VI/d=60", "quadratic/lam/VI-II-I/d=100"),
    *(f"quadratic/lam/optimum/n_eff={n_eff}" for n_eff in ("12.5", "25", "50", "100")),
)
#: Lines that a quick run trains.
QUICK = ("diagonal/n/I-II", "diagonal/lam/V-II-I", "quadratic/n/I-II")
