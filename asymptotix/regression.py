"""A user's own measured curve, held against law and state evolution.

For every measured point the phase is located, the law and the state evolution are evaluated; neighbouring points
in the same phase make a *stretch*, in which ``log(error)`` is fitted by a straight line against the logarithm of
what varies (``n``, ``lam``, or the law itself where both vary), weighted by the standard errors if there are any.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from itertools import groupby, pairwise
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from scipy import stats

from asymptotix.arrays import Array
from asymptotix.asymptotics.diagram import phase_diagram
from asymptotix.asymptotics.labels import words
from asymptotix.asymptotics.phases import Phase
from asymptotix.asymptotics.points import exact
from asymptotix.errors import InvalidInput
from asymptotix.inference.columns import csv_rows
from asymptotix.inference.run_table import cell
from asymptotix.problem import Problem
from asymptotix.solution import Solution
from asymptotix.state_evolution.batch import solve_all
from asymptotix.tables import Table, Tabular

if TYPE_CHECKING:
    import pandas


COLUMNS = ("n", "lam", "error")
_LEAST_ROWS = 4  # two parameters, and two rows to tell a bend
_LEAST_STRETCH = 3  # points of a stretch that a slope is fitted to: two have no scatter
# A law further than this from the state evolution is not valid yet.
VALID = 0.10
_CONFIDENCE = 0.95  # the custom; of a two-sided interval
# An exponent that agrees to this agrees, however small the scatter of the data.
_LEAST_SLACK = 0.01


@dataclass(frozen=True)
class Measurement:
    """One measured error; ``stderr`` is nan where it is not known."""

    n: float
    lam: float
    error: float
    stderr: float = math.nan


@dataclass(frozen=True)
class Compared(Tabular):
    """A measurement beside its phase, its law and the state evolution.

    Attributes:
        low, high: the band about ``theory`` in which an error at this finite size may lie.
        z: deviation from the middle of the band, over the standard error of the measurement and of a place in the band.
    """

    n: float
    lam: float
    error: float
    phase: str
    law: float
    theory: float
    low: float
    high: float
    law_valid: bool
    z: float


@dataclass(frozen=True)
class Stretch(Tabular):
    """Neighbouring measurements in one phase and the power law fitted to them.

    Attributes:
        variable: what varies: ``"n"``, ``"lam"``, or ``"law"`` (both vary; exponent 1 is expected).
        exponent, exponent_interval: fitted power of the variable with its 95 % interval (nan: too few points).
        expected: the law's power of it.
        theory_exponent: the same fit to the state evolution at the same points: the law with all its corrections.
        constant, constant_interval: error over law (geometric mean) with its 95 % interval.
        verdict: whether the data behave as this phase says.
    """

    phase: str
    first: int
    last: int
    variable: str
    exponent: float
    exponent_interval: tuple[float, float]
    expected: float
    theory_exponent: float
    constant: float
    constant_interval: tuple[float, float]
    verdict: str

    def to_dict(self) -> dict[str, Any]:
        """Plain values under the names of the attributes."""
        return {**asdict(self), "phase_words": words(self.phase)}


@dataclass(frozen=True)
class Regression:
    """All points, the stretches they form, and warnings."""

    points: tuple[Compared, ...]
    stretches: tuple[Stretch, ...]
    warnings: tuple[str, ...]

    def to_dict(self) -> dict[str, Any]:
        """Plain values for JSON."""
        return {
            "stretches": [s.to_dict() for s in self.stretches],
            "warnings": list(self.warnings),
            "points": [p.to_dict() for p in self.points],
        }

    def to_pandas(self) -> pandas.DataFrame:
        """One row a measured point."""
        return Table(self.points).to_pandas()

    def _repr_html_(self) -> str:
        parts = (Table(self.stretches), Table(self.points))
        return "".join(part._repr_html_() for part in parts)


def read_csv(path: Path) -> list[Measurement]:
    """Read columns ``n, lam, error`` and optionally ``stderr``.

    Raises:
        InvalidInput: the file cannot be read, a column is missing, or a row holds no positive number; the message
            names the row (the header is row 1).
    """
    rows = csv_rows(path)
    for column in COLUMNS:
        if column not in (rows[0] if rows else ()):
            allowed = f"columns n, lam, error and perhaps stderr; {column} is missing"
            raise InvalidInput("data", str(path), allowed)
    found = []
    for number, row in enumerate(rows, start=2):
        n, lam = cell(row, "n", number, "a number > 0"), cell(row, "lam", number, "a number >= 0", least=0.0)
        stderr = cell(row, "stderr", number, "a number > 0") if row.get("stderr") else math.nan
        found.append(Measurement(n, lam, cell(row, "error", number, "a number > 0"), stderr))
    return found


def regress(data: Sequence[Measurement], network: str, *, gamma: float, d: int, noise: float) -> Regression:
    """Find the phases a measured curve crosses and compare it with their laws and with the state evolution.

    Raises:
        InvalidInput: fewer than four points, or points not in order of ``n`` and ``lam``.

    >>> from asymptotix import solve
    >>> base = Problem("quadratic", gamma=1.25, d=10**6, n=1, lam=1, noise=1)
    >>> curve = [Measurement(n, 1.0, solve(base.replace(n=n)).error) for n in (1e14, 3e14, 1e15, 3e15)]
    >>> found = regress(curve, "quadratic", gamma=1.25, d=10**6, noise=1).stretches[0]
    >>> found.phase, round(found.exponent, 2), found.verdict
    ('VIa', -0.98, 'agrees with the law')
    """
    _check_order(data)
    problems = [Problem(network, gamma=gamma, d=d, n=m.n, lam=m.lam, noise=noise) for m in data]
    theory = solve_all(problems)
    problems[0].net.supply("shares")  # what has no phases is refused by its own name
    diagram = phase_diagram(problems[0].net.name, noisy=problems[0].noise > 0)
    phases = [diagram.locate(p) for p in problems]
    points = tuple(
        _compared(m, p, phase, t) for m, p, phase, t in zip(data, problems, phases, theory, strict=True)
    )
    stretches = []
    for _, members in groupby(range(len(data)), key=lambda k: points[k].phase):
        chosen = list(members)
        stretches.append(_stretch(chosen, data, points, phases[chosen[0]], gamma))
    return Regression(points, tuple(stretches), tuple(_warnings(points)))


def _check_order(data: Sequence[Measurement]) -> None:
    if len(data) < _LEAST_ROWS:
        raise InvalidInput("data", f"{len(data)} rows", f"at least {_LEAST_ROWS} rows")
    for row, (one, two) in enumerate(pairwise(data), start=3):
        if (two.n, two.lam) <= (one.n, one.lam):
            raise InvalidInput(
                "data", f"n = {two.n:g}, lam = {two.lam:g}", f"rows sorted by n, then lam; row {row} is not"
            )


def _compared(m: Measurement, problem: Problem, phase: Phase, solution: Solution) -> Compared:
    theory, band = solution.error, solution.finite_size
    low, high = band.about(theory)
    middle = theory * math.exp(band.centre)
    law = phase.law(problem.n_eff, problem.lam, problem.d, problem.noise, gamma=problem.gamma)
    valid = abs(law / theory - 1.0) <= VALID if theory > 0 else law == theory
    z = (m.error - middle) / math.hypot(m.stderr, middle * band.spread)
    return Compared(m.n, m.lam, m.error, phase.phase, law, theory, low, high, valid, z)


def _stretch(
    chosen: Sequence[int], data: Sequence[Measurement], points: Sequence[Compared], phase: Phase, gamma: float
) -> Stretch:
    rows = [data[k] for k in chosen]
    error, law, theory = (
        np.array([getattr(points[k], c) for k in chosen]) for c in ("error", "law", "theory")
    )
    weight = _weights(rows)
    variable, x, expected = _varying(rows, law, phase, gamma)
    exponent, interval = _slope(x, np.log(error), weight)
    theory_exponent, _ = _slope(x, np.log(theory), weight)
    constant = _mean_ratio(np.log(error / law), weight)
    where, verdict = chosen[0], _verdict(exponent, interval, theory_exponent, [points[k] for k in chosen])
    fitted = (exponent, interval, expected, theory_exponent, *constant)
    return Stretch(points[where].phase, where, chosen[-1], variable, *fitted, verdict)


def _weights(rows: Sequence[Measurement]) -> Array:
    """Inverse squares of the relative standard errors; equal where any is unknown."""
    relative = np.array([m.stderr / m.error for m in rows])
    return np.ones(len(rows)) if np.any(np.isnan(relative)) else relative**-2.0


def _varying(rows: Sequence[Measurement], law: Array, phase: Phase, gamma: float) -> tuple[str, Array, float]:
    """What varies along a stretch, its logarithm, and the law's power of it."""
    n, lam = (np.array([getattr(m, name) for m in rows]) for name in ("n", "lam"))
    powers = phase.growth.exponent.coords
    at = exact("gamma", gamma)
    if np.all(lam == lam[0]):
        return "n", np.log(n), float(powers[1].at(at))
    if np.all(n == n[0]):
        return "lam", np.log(lam), float(powers[2].at(at))
    return "law", np.log(law), 1.0


def _slope(x: Array, y: Array, weight: Array) -> tuple[float, tuple[float, float]]:
    """Weighted least squares slope with its confidence interval."""
    if len(x) < _LEAST_STRETCH or np.ptp(x) == 0:
        return math.nan, (math.nan, math.nan)
    return _leading(x, y, weight, 1)


def _mean_ratio(y: Array, weight: Array) -> tuple[float, tuple[float, float]]:
    """Weighted geometric mean with its confidence interval."""
    if len(y) < 2:
        return math.exp(y[0]), (math.nan, math.nan)
    mean, (low, high) = _leading(np.zeros_like(y), y, weight, 0)
    return math.exp(mean), (math.exp(low), math.exp(high))


def _leading(x: Array, y: Array, weight: Array, degree: int) -> tuple[float, tuple[float, float]]:
    """The leading coefficient of a weighted polynomial fit with its interval, from the scatter about the fit."""
    coefficients, covariance = np.polyfit(x, y, degree, w=np.sqrt(weight), cov=True)
    value, freedom = float(coefficients[0]), len(x) - degree - 1
    half = float(stats.t.ppf(0.5 + _CONFIDENCE / 2.0, freedom) * math.sqrt(covariance[0, 0]))
    return value, (value - half, value + half)


def _verdict(
    exponent: float, interval: tuple[float, float], expected: float, points: Sequence[Compared]
) -> str:
    """In order: too few points; law not valid yet; agreement with the law (its corrections included) or not."""
    if math.isnan(exponent):
        return "too few points to fit"
    if not all(p.law_valid for p in points):
        return "the law is not yet valid here: compare with the state evolution"
    slack = max(interval[1] - exponent, _LEAST_SLACK)
    return "agrees with the law" if abs(exponent - expected) <= slack else "does not follow the law"


def _warnings(points: Sequence[Compared]) -> list[str]:
    found = [
        f"row {k}: law {p.phase} is {100 * (p.law / p.theory - 1):+.0f} % off the state evolution"
        for k, p in enumerate(points, start=2)
        if not p.law_valid
    ]
    z = np.array([p.z for p in points])
    z = z[np.isfinite(z)]
    if z.size and math.sqrt(float(np.mean(z**2))) > 3.0:
        found.append(
            f"the data are {math.sqrt(float(np.mean(z**2))):.1f} standard errors (rms) off the theory, "
            "finite size included"
        )
    return found
