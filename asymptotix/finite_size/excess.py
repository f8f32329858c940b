"""How the network's own features raise the error: by ``c/n_eff`` of it, fitted at some sizes and tested at others.

`asymptotix.finite_size.auxiliary` computes where this comes from, to first order; here it is measured. In each regime
``error/theory - 1 = c/n_eff^p`` is fitted to all points, and ``p`` held against 1. Then ``c`` alone is fitted, with
``p = 1``, to the points of smaller ``d`` and predicts those of larger ``d``, which it has not seen: their scores are
the deviations from ``theory (1 + c/n_eff)``.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from scipy.optimize import curve_fit

from asymptotix.arrays import Array
from asymptotix.experiments.lines import OPTIMUM, VALLEY, Line
from asymptotix.experiments.measurements import Measured, measure_all
from asymptotix.store import Store

#: Below this `n_eff` nothing is of order ``1/n_eff`` (as in `asymptotix.checks.crossovers.deviation`).
FROM = 3.0


@dataclass(frozen=True)
class Regime:
    """Points at the anchors of one kind of crossing; those of ``d`` up to ``fitted`` fit, the others test."""

    name: str
    lines: tuple[str, ...]
    crossing: str
    fitted: int


_VALLEYS = tuple(f"quadratic/n/IV-VI/d={d}" for d in (30, 60, 100, 200))
_OPTIMA = tuple(f"quadratic/lam/optimum/n_eff={n_eff}" for n_eff in ("12.5", "25", "50", "100"))
_CROSSOVERS = ("quadratic/n/I-II/d=200", "quadratic/n/I-II/d=400")
# The smaller half of the sizes fits, the larger is the test.
REGIMES = (
    Regime("valley", _VALLEYS, VALLEY, 60),
    Regime("optimum", (*_OPTIMA, "quadratic/lam/IV-II-I/d=200"), OPTIMUM, 100),
    Regime("decay", _CROSSOVERS, "I-II", 200),
)


@dataclass(frozen=True)
class Law:
    """Fits of ``error/theory - 1`` in one regime.

    Attributes:
        power, power_error: ``p`` from all points; the error is that of the fit, or of the scatter about it if larger.
        c, c_error: ``c`` from the points ``fitted``, with ``p = 1``.
        untouched: the other points.
        tested: the same, their theory raised by ``c/n_eff``, with the error that ``c`` has.
    """

    regime: Regime
    power: float
    power_error: float
    c: float
    c_error: float
    fitted: tuple[Measured, ...]
    untouched: tuple[Measured, ...]
    tested: tuple[Measured, ...]


def points_of(
    regime: Regime, lines: Sequence[Line], store: Store | None = None, least: float = FROM
) -> list[Measured]:
    """The points of a regime on those of its lines that are given, at which something is learned, from `n_eff` on."""
    found: list[Measured] = []
    for line in lines:
        if line.id in regime.lines:
            anchors = {
                line.problem(x) for c in line.crossings if c.name == regime.crossing for x in c.anchors
            }
            found += measure_all([plan for plan in line.plans() if plan.problem in anchors], store)
    return [p for p in found if p.scatters and p.plan.problem.n_eff >= least]


def law(regime: Regime, points: Sequence[Measured]) -> Law:
    """Both fits, by least squares in ``error/theory``."""
    fitted = [p for p in points if p.plan.problem.d <= regime.fitted]
    c, c_error = _coefficient(fitted)
    power, power_error = _power(points, c)
    others = tuple(p for p in points if p.plan.problem.d > regime.fitted)
    tested = tuple(raised(p, c, c_error) for p in others)
    return Law(regime, power, power_error, c, c_error, tuple(fitted), others, tested)


def raised(point: Measured, c: float, c_error: float = 0.0) -> Measured:
    """The point with the theory that ``c`` makes of the Gaussian one."""
    n_eff = point.plan.problem.n_eff
    return replace(
        point, theory=point.theory * (1.0 + c / n_eff), theory_error=point.theory * c_error / n_eff
    )


def _coefficient(points: Sequence[Measured]) -> tuple[float, float]:
    x = np.array([1.0 / p.plan.problem.n_eff for p in points])
    y = np.array([p.error / p.theory - 1.0 for p in points])
    weight = np.array([(p.theory / p.stderr) ** 2 for p in points])
    total = float(np.sum(weight * x * x))
    c = float(np.sum(weight * x * y)) / total
    # what c does not explain counts as its error: it stands for numbers that differ from point to point
    misfit = float(np.sum(weight * (y - c * x) ** 2)) / max(len(points) - 1, 1)
    return c, math.sqrt(max(misfit, 1.0) / total)


def _power(points: Sequence[Measured], c: float) -> tuple[float, float]:
    """The power of a fit of ``c n_eff^-p``, from ``p = 1``."""
    log_n = np.log([p.plan.problem.n_eff for p in points])
    y = np.array([p.error / p.theory - 1.0 for p in points])
    spread = np.array([p.stderr / p.theory for p in points])

    def model(log_n: Array, log_c: float, power: float) -> Array:
        return np.exp(log_c - power * log_n)

    found, covariance = curve_fit(model, log_n, y, (math.log(c), 1.0), spread, absolute_sigma=True)
    misfit = float(np.sum(((y - model(log_n, *found)) / spread) ** 2)) / max(len(points) - 2, 1)
    return float(found[1]), math.sqrt(float(covariance[1, 1]) * max(misfit, 1.0))
