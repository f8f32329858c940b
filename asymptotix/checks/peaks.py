"""How high the interpolation peak grows: the slope of the error in ``lam`` at interpolation, measured.

The derived law of the peak is ``lam^(-2/3)``, whatever the network (`asymptotix.asymptotics.laws`). At large ``lam``
the next order bends it, which the state evolution knows. At finite ``d`` the quadratic network's peak is flatter, the
smaller ``lam`` the more, and that can be computed: where ``n`` data stop determining a positive matrix is a random
place, with the moments of the positive cone's intrinsic volumes [Amelunxen, Lotz, McCoy, Tropp 2014; McCoy, Tropp
2014]. For Gaussian symmetric matrices,

    mean d(d+1)/4 = (d^2/4) (1 + 1/d),        standard deviation (4/pi^2 - 1/4)^(1/2) d = (d^2/4) 1.576/d,

so that the error at ``n`` is the mean of the state evolution's at ``n (1 - 1/d + 1.576 xi/d)`` over normal ``xi``
(`smeared`): no number is fitted. The diagonal network's cone is the whole space, whose place is ``n = d`` exactly.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction

import numpy as np

from asymptotix.checks.claim import SIGMAS, TRAINED, Family, Verdict
from asymptotix.experiments.geometry import Place, read
from asymptotix.experiments.lines import Crossing, Line
from asymptotix.experiments.measurements import Measured, measure_all, recalled
from asymptotix.finite_size.allowance import has_own_features
from asymptotix.networks import get
from asymptotix.problem import Problem
from asymptotix.state_evolution import solve
from asymptotix.store import Store

LAW = -2.0 / 3.0  # the derived law's power of lam, see above
#: Standard deviation of the place of interpolation, relative to ``d^2/4`` and in units of ``1/d``.
FLUCTUATION = 4.0 * math.sqrt(4.0 / math.pi**2 - 0.25)
_NODES = 24  # of the average over a Gaussian: exact for polynomials up to degree 47
_QUICK_SEEDS = 12  # enough for a standard error that is itself known to a fifth


_GAMMA = Fraction(5, 4)
# Two decades and one: at smaller lam the place of the peak is smeared, at larger the next order bends the slope.
_DIAGONAL = (0.01, 0.03, 0.1, 0.3)
_QUADRATIC = (0.03, 0.1, 0.3)
#: The noise is large, so that the next order is small and the teacher's trace too.
PEAKS: tuple[Line, ...] = (
    Line("diagonal/d=100", _GAMMA, 100, 5.0, 100.0, _DIAGONAL, (), 2700, "gaussian", 64),
    Line("diagonal/d=200", _GAMMA, 200, 5.0, 200.0, _DIAGONAL, (), 2710, "gaussian", 64),
    Line("diagonal/d=400", _GAMMA, 400, 5.0, 400.0, _DIAGONAL, (), 2720, "gaussian", 48),
    Line("quadratic/goe/d=20", _GAMMA, 20, 100.0, 5.0, _QUADRATIC, (), 2760, "goe", 96),
    Line("quadratic/goe/d=40", _GAMMA, 40, 100.0, 10.0, _QUADRATIC, (), 2770, "goe", 32),
    Line("quadratic/goe/d=60", _GAMMA, 60, 100.0, 15.0, _QUADRATIC, (), 2780, "goe", 24),
    Line("quadratic/d=20", _GAMMA, 20, 100.0, 5.0, _QUADRATIC, (), 2730, "gaussian", 96),
    Line("quadratic/d=40", _GAMMA, 40, 100.0, 10.0, _QUADRATIC, (), 2740, "gaussian", 64),
    Line("quadratic/d=80", _GAMMA, 80, 100.0, 20.0, _QUADRATIC, (), 2750, "gaussian", 48),
)
#: Where the prediction is one of equals; the network's own features move the peak by a further fraction of order 1/d.
CLAIMED = tuple(peak for peak in PEAKS if not has_own_features(get(peak.network), peak.inputs))


def smeared(problem: Problem) -> float:
    """The state evolution's error, averaged over where interpolation happens at this ``d`` (see above).

    >>> p = Problem("quadratic", gamma=1.25, d=40, n=400, lam=0.1, noise=100)
    >>> from asymptotix.state_evolution import solve
    >>> round(smeared(p) / solve(p).error, 2)
    0.9
    """
    if problem.net.is_sequence:
        return solve(problem).error
    nodes, weights = np.polynomial.hermite_e.hermegauss(_NODES)
    kept = weights > 1e-6 * weights.max()
    nodes, weights = nodes[kept], weights[kept] / weights[kept].sum()
    samples = [problem.n * (1.0 + (FLUCTUATION * xi - 1.0) / problem.d) for xi in nodes]
    return float(weights @ [solve(problem.replace(n=n)).error for n in samples])


def smeared_place(line: Line, crossing: Crossing) -> Place:
    """The reading of `smeared` errors at a crossing's anchors."""
    problems = [line.problem(x) for x in crossing.anchors]
    return read(crossing.reading, [line.position(p) for p in problems], [smeared(p) for p in problems])


@dataclass(frozen=True)
class Slope:
    """Slopes of errors in ``lam``: measured with its standard error, the state evolution's, and `smeared`."""

    peak: Line
    measured: float
    stderr: float
    state_evolution: float
    predicted: float

    @property
    def z(self) -> float:
        """Deviation from ``predicted`` in standard errors."""
        return (self.measured - self.predicted) / self.stderr


def slope(peak: Line, points: Sequence[Measured]) -> Slope:
    """Least-squares slopes in logarithms; the standard error is propagated from the points."""
    x = np.log([float(p.plan.problem.lam) for p in points])
    weights = (x - x.mean()) / float(np.sum((x - x.mean()) ** 2))
    spread = weights * np.array([p.stderr / p.error for p in points])
    rows = [(p.error, p.theory, smeared(p.plan.problem)) for p in points]
    measured, state_evolution, predicted = (weights @ np.log(rows)).tolist()
    return Slope(peak, measured, float(np.linalg.norm(spread)), state_evolution, predicted)


def peak_slopes(full: bool, store: Store | None = None) -> Iterator[Verdict]:
    """The slope at interpolation against the prediction at that very ``d``, and against -2/3."""
    for peak in CLAIMED if full else (replace(CLAIMED[0], seeds=_QUICK_SEEDS),):
        points = measure_all(peak.plans(), store)
        yield from verdicts(slope(peak, points), recalled(points))


def verdicts(found: Slope, how: str = "") -> Iterator[Verdict]:
    """Two claims a peak: the slope at this size, and the limiting law's."""
    peak = found.peak
    low, high, n = peak.values[0], peak.values[-1], peak.problem(1.0).n
    where = (
        f"{peak.network} network, d = {peak.d}, n = {n:.0f}, noise = {peak.noise:g}, lam from {low} to {high}"
    )
    claim = f"slope of log error in log lam at interpolation, {where}, {peak.seeds} seeds a point{how}"
    errors = f"{SIGMAS:.0f} standard errors"
    own = f"{errors} + the prediction's own distance from the law"
    for name, predicted, source in (("finite-size", found.predicted, errors), ("law", LAW, own)):
        allowed = SIGMAS * found.stderr + abs(found.predicted - predicted)
        identity = f"peak-slope/{peak.id}/{name}"
        yield Verdict(identity, claim, TRAINED, predicted, found.measured, allowed, source)


FAMILIES = (Family("peak-slope", peak_slopes, seconds=100.0, recalls=True),)
