"""Wrong units, suspected aloud: a factor in ``lam`` or in the measure that makes a bad fit good.

Factors with a name (2, d, n, sqrt(d) and what `Convention` converts) are looked for first. Nothing is applied.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import product
from typing import TYPE_CHECKING

import numpy as np
from scipy import stats

from asymptotix.errors import InvalidInput
from asymptotix.units import LAM_UNITS, WEIGHTS, Convention

if TYPE_CHECKING:
    from asymptotix.arrays import Array
    from asymptotix.inference.likelihood import Search


# A factor's name is tried where a fitted one is this close to it: the other parameters make up for some of it.
_NEAR = math.log(1.6)
# Below the first probability a fit is bad, above the second one that it has become good.
_BAD, _GOOD = 0.01, 0.05
# Without standard errors: bad is an rms this large, and good one that is smaller beyond this chance.
_ROUGH, _CHANCE = 0.1, 0.001
# Fewer degrees of freedom do not tell a factor from the parameters.
_LEAST_DOF = 2
# Rows are off by more than the first factor where the others agree to so many standard deviations; and by a factor
# that has a name if it is this close.
_OFF, _AGREES, _CLOSE = 1.4, 3.0, 1.15
# Teachers and noises from which a fit with one more factor starts.
_GAMMAS, _NOISES = (0.8, 1.3, 2.2), (0.1,)


@dataclass(frozen=True)
class _Suspect:
    """A factor ``factor n^power`` in one column; ``names`` are values that it could have, and what they mean."""

    parameter: str
    power: float
    names: Mapping[str, tuple[float, str]]
    starts: tuple[float, ...]


def suspected(fitting: Search, x: Array, cost: float) -> list[str]:
    """Sentences about factors that would make the fit good; none if it is good already.

    Args:
        x, cost: the best point of the fit, and its sum of squares.
    """
    dof = len(fitting.model.runs) - len(fitting.free)
    if dof < _LEAST_DOF or not _bad(fitting, x, cost, dof):
        return []
    mixed = _mixed(fitting)
    if mixed is not None:
        return mixed
    starts = [(suspect, *_start(_freed(fitting, suspect), suspect)) for suspect in _suspects(fitting)]
    unnamed = []
    for suspect, start, _ in sorted(starts, key=lambda one: one[2]):
        found = _tried(fitting, suspect, start, cost, dof)
        if found is not None and found[0]:
            return [found[1]]
        if found is not None:
            unnamed.append(found[1])
    return unnamed


def _with(fitting: Search, free: tuple[str, ...], fixed: dict[str, float], loss: str = "") -> Search:
    """The same runs with other parameters free."""
    return type(fitting)(fitting.model, free, fixed, loss or fitting.loss, fitting.share)


def _mixed(fitting: Search) -> list[str] | None:
    """Rows that are off where the others agree: in another unit if by one factor that has a name; None if none are."""
    robust = _with(fitting, fitting.free, fitting.fixed, "huber")
    x, _ = robust.best()
    pulls = robust.residuals(x)
    logs = pulls * robust.sigma
    off = np.abs(logs) > math.log(_OFF)
    agree = float(np.sqrt(np.mean(pulls[~off] ** 2))) if (~off).any() else math.inf
    if not 0 < off.sum() < (~off).sum() or agree > _AGREES:
        return None
    ratio, d = math.exp(float(np.median(logs[off]))), float(fitting.model.base.d)
    if np.ptp(logs[off]) > math.log(_OFF):
        return []
    names = {"2": 2.0, "1/2": 0.5, "100": 100.0, "1/100": 0.01, "d": d, "1/d": 1 / d}
    name = min(names, key=lambda one: abs(math.log(names[one] / ratio)))
    if abs(math.log(names[name] / ratio)) > math.log(_CLOSE):
        return []
    rows = ", ".join(str(run.row) for run, far in zip(fitting.model.runs, off, strict=True) if far)
    return [
        f"row{'s' if off.sum() > 1 else ''} {rows}: {fitting.model.measure} is about {name} times what the other rows "
        f"say ({ratio:.3g}): mixed units?"
    ]


def _bad(fitting: Search, x: Array, cost: float, dof: int) -> bool:
    if fitting.known_scatter:
        return float(stats.chi2.sf(cost, dof)) < _BAD
    return float(np.sqrt(np.mean((fitting.residuals(x) * fitting.sigma) ** 2))) > _ROUGH


def _good(fitting: Search, cost: float, dof: int, before: float, dof_before: int) -> bool:
    if fitting.known_scatter:
        return float(stats.chi2.sf(cost, dof)) > _GOOD
    ratio = (before / dof_before) / max(cost / dof, 1e-300)
    return bool(ratio > stats.f.ppf(1.0 - _CHANCE, dof_before, dof))


def _suspects(fitting: Search) -> Iterator[_Suspect]:
    model = fitting.model
    d = float(model.base.d)
    sizes = {"2": 2.0, "1/2": 0.5, "d": d, "1/d": 1 / d, "sqrt(d)": d**0.5, "1/sqrt(d)": d**-0.5}
    plain = {name: (value, "") for name, value in sizes.items()}
    if any(run.lam > 0 for run in model.runs):
        if len({run.n for run in model.runs}) > 1:
            units = _conventions(fitting)
            yield _Suspect("lam_factor", 1.0, units, tuple(value for value, _ in units.values()))
            per_n = {"1/n": (1.0, "it looks divided already"), "sqrt(d)/n": (d**0.5, "")}
            yield _Suspect("lam_factor", -1.0, per_n, (1.0, d**0.5))
        yield _Suspect("lam_factor", 0.0, plain, (1 / d, d**-0.5, 1.0, d**0.5, d))
    if "norm" not in fitting.free:
        yield _Suspect("error_factor", 0.0, plain, (1 / d, 0.5, 2.0, d))
        yield _Suspect("norm", 0.0, {}, (0.5, 2.0))


def _conventions(fitting: Search) -> dict[str, tuple[float, str]]:
    """Factors of ``n`` that other units amount to, by what they are called there."""
    model = fitting.model
    width = next((run.width for run in model.runs if run.width is not None), None)
    d = float(model.base.d)
    known = {"n": 1.0, "n/2": 0.5, "n/sqrt(d)": d**-0.5, "n/d": 1 / d, "n/(2 d)": 0.5 / d}
    found = {name: (value, "") for name, value in known.items()}
    for unit, weights in product(LAM_UNITS[1:], WEIGHTS):
        try:
            factor = Convention(unit, weights).lam_factor(model.base.net, 1.0, d, width)
        except InvalidInput:  # units that such a network has not
            continue
        flags = f"--lam-unit {unit}" + (" --weights plain" if weights == "plain" else "")
        name = next((n for n, v in known.items() if math.isclose(v, factor)), f"{factor:.3g} n")
        if not found.get(name, (0.0, ""))[1]:
            found[name] = (factor, flags)
    return found


def _freed(fitting: Search, suspect: _Suspect) -> Search:
    """The fit with the factor free beside the parameters."""
    fixed = {name: value for name, value in fitting.fixed.items() if name != suspect.parameter}
    if suspect.power:
        fixed["lam_power"] = suspect.power
    return _with(fitting, (*fitting.free, suspect.parameter), fixed)


def _tried(
    fitting: Search, suspect: _Suspect, start: Array, before: float, dof: int
) -> tuple[bool, str] | None:
    """Whether the factor has a name, and the sentence; None where it does not make the fit good."""
    freed = _freed(fitting, suspect)
    x, cost = freed.minimise(start)
    if not _good(freed, cost, max(dof - 1, 1), before, dof):
        return None
    factor = math.exp(x[-1])
    for name in sorted(suspect.names, key=lambda n: abs(math.log(suspect.names[n][0] / factor))):
        value, meaning = suspect.names[name]
        if abs(math.log(value / factor)) > _NEAR:
            break
        held = _with(fitting, fitting.free, {**freed.fixed, suspect.parameter: value})
        _, cost = held.minimise(x[:-1])
        if _good(held, cost, dof, before, dof):
            return True, _sentence(fitting, suspect, name, value, meaning)
    return False, _sentence(fitting, suspect, "", factor, "")


def _start(freed: Search, suspect: _Suspect) -> tuple[Array, float]:
    """The most promising of a few points, and its sum of squares."""
    axes = []
    for name in freed.free[:-1]:
        values = {"gamma": [math.log(g - 0.5) for g in _GAMMAS], "noise": [math.log(v) for v in _NOISES]}
        axes.append(values.get(name, [0.0]))
    points = [np.array(p) for p in product(*axes, [math.log(s) for s in suspect.starts])]
    costs = [float((freed.residuals(p) ** 2).sum()) for p in points]
    best = int(np.argmin(costs))
    return points[best], costs[best]


def _sentence(fitting: Search, suspect: _Suspect, name: str, value: float, meaning: str) -> str:
    units = "are its units those of the table of units?"
    if suspect.parameter == "norm":
        return (
            f"a teacher of norm {value:.3g} instead of {fitting.fixed['norm']:g} makes the fit good: --norm"
        )
    of_error = suspect.parameter == "error_factor"
    column = fitting.model.measure if of_error else "lam"
    if not name:
        per = {0.0: "", 1.0: " n", -1.0: " / n"}[suspect.power]
        return f"a factor {value:.3g}{per} in {column} makes the fit good: {units}"
    if of_error:
        return f"{column} looks like {name} times that of the table of units: divided by it the fit is good"
    said = f" ({meaning})" if meaning else ""
    return f"lam times {name} makes the fit good{said}: {units}"
