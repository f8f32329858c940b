"""What is usually fitted: ``E + A n^-alpha`` (Chinchilla) and a broken power law, on the same points."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy import optimize

from asymptotix.arrays import Array
from asymptotix.inference.run_table import Run


@dataclass(frozen=True)
class PowerLawFit:
    """A curve in ``n`` alone; ``chi2`` is on the weights of the state evolution's fit."""

    name: str
    values: tuple[float, ...]
    chi2: float
    law: Callable[[Array, Array], Array]

    def at(self, n: float) -> float:
        """Its forecast."""
        return float(self.law(np.array([n]), np.array(self.values))[0])

    def to_dict(self) -> dict[str, Any]:
        """Plain values for JSON."""
        return {"name": self.name, "parameters": list(self.values), "chi2": self.chi2}


def chinchilla(n: Array, x: Array) -> Array:
    """``exp(x0) + exp(x1) n^-x2``."""
    return np.asarray(np.exp(x[0]) + np.exp(np.clip(x[1] - x[2] * np.log(n), -700, 700)))


def broken(n: Array, x: Array) -> Array:
    """``exp(x0) n^-x1 (1 + (n / exp(x3)))^(x1 - x2)``: exponents x1 before and x2 after a break."""
    log_n = np.log(n)
    return np.asarray(
        np.exp(np.clip(x[0] - x[1] * log_n + (x[1] - x[2]) * np.logaddexp(0.0, log_n - x[3]), -700, 700))
    )


def compare(runs: Sequence[Run], sigma: Array) -> tuple[PowerLawFit, ...]:
    """Both laws fitted to the points, where all have one penalty and there are enough of them."""
    n, values = np.array([run.n for run in runs]), np.log([run.value for run in runs])
    if len({run.lam for run in runs}) > 1 or len({run.width for run in runs}) > 1:
        return ()
    slope, level = np.polyfit(np.log(n), values, 1) if len(set(n)) > 1 else (-0.5, float(values[0]))
    middle = float(np.log(n).mean())
    starts = {
        "E + A n^-alpha": (chinchilla, np.array([values.min() - 1.0, level, max(-slope, 0.1)])),
        "broken power law": (broken, np.array([level, max(-slope, 0.1), max(-slope, 0.1), middle])),
    }
    found = []
    for name, (law, start) in starts.items():
        if len(runs) <= start.size:
            continue

        def residuals(x: Array, law: Callable[[Array, Array], Array] = law) -> Array:
            return np.asarray((values - np.log(law(n, x))) / sigma)

        best = optimize.least_squares(residuals, start, max_nfev=400)
        if math.isfinite(best.cost):
            found.append(PowerLawFit(name, tuple(map(float, best.x)), 2.0 * float(best.cost), law))
    return tuple(found)
