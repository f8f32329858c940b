"""Simulated runs as values, and as lines of a file that an interrupted job can be resumed from."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np
from scipy import stats

from asymptotix.arrays import Array
from asymptotix.problem import Problem
from asymptotix.simulate.fit import CONVERGED
from asymptotix.tables import Tabular

if TYPE_CHECKING:
    import xarray


@dataclass(frozen=True, eq=False)
class Run:
    """One seed's outcome; the attributes are those of `asymptotix.simulate.fit.Fit`."""

    index: int
    error: float
    objective: float
    gap: float
    status: str
    iterations: int
    train_loss: float
    support: int
    seconds: float
    spectrum: Array = field(repr=False)
    history: Mapping[str, Any] = field(default_factory=dict, repr=False)

    def to_dict(self) -> dict[str, Any]:
        """Everything as plain numbers, strings and lists; the history as it was recorded."""
        plain = {name: getattr(self, name) for name in self.__dataclass_fields__}
        plain["spectrum"] = self.spectrum.tolist()
        plain["history"] = {
            name: value.tolist() if isinstance(value, np.ndarray) else value
            for name, value in self.history.items()
        }
        return plain

    @classmethod
    def from_dict(cls, plain: Mapping[str, Any]) -> Run:
        """Inverse of `to_dict` (recorded series come back as lists)."""
        return cls(**{**plain, "spectrum": np.asarray(plain["spectrum"], dtype=np.float64)})


@dataclass(frozen=True, eq=False)
class Runs(Tabular):
    """The same problem and method on several independent data sets.

    Attributes:
        problem, method, inputs, seed: what was run; with these the runs can be repeated exactly.
        runs: one `Run` a seed, in the order of their indices.
    """

    problem: Problem
    method: str
    inputs: str
    seed: int
    runs: tuple[Run, ...]

    @property
    def errors(self) -> Array:
        """Error ``||weights - teacher||^2 / d`` of each seed."""
        return np.array([run.error for run in self.runs])

    @property
    def error(self) -> float:
        """Mean of `errors`."""
        return float(self.errors.mean())

    @property
    def stderr(self) -> float:
        """Standard error of `error`; nan for a single seed."""
        return float(stats.sem(self.errors)) if len(self.runs) > 1 else math.nan

    @property
    def excess_risk(self) -> float:
        """``error`` (diagonal) or ``2 error``, the excess risk for Gaussian inputs."""
        return self.problem.net.excess_factor * self.error

    @property
    def gaps(self) -> Array:
        """Relative duality gap of each seed (nan where the method has none)."""
        return np.array([run.gap for run in self.runs])

    @property
    def statuses(self) -> tuple[str, ...]:
        """Status of each seed."""
        return tuple(run.status for run in self.runs)

    @property
    def status(self) -> str:
        """``"converged"`` if every seed is, otherwise how many are and what the others say."""
        others = sorted(set(self.statuses) - {CONVERGED})
        if not others:
            return CONVERGED
        count = sum(status == CONVERGED for status in self.statuses)
        return f"{count} of {len(self.runs)} seeds converged; others: {'; '.join(others)}"

    @property
    def spectra(self) -> Array:
        """Learned coefficients in the teacher's order, or eigenvalues in decreasing order: (seeds, d)."""
        return np.array([run.spectrum for run in self.runs])

    @property
    def supports(self) -> Array:
        """Number of non-zero coefficients or eigenvalues of each seed."""
        return np.array([run.support for run in self.runs])

    @property
    def train_losses(self) -> Array:
        """Mean squared training residual of each seed."""
        return np.array([run.train_loss for run in self.runs])

    def z(self, theory: float) -> float:
        """``(error - theory) / stderr``; with few seeds it follows Student's t with ``seeds - 1`` degrees.

        Errors without scatter (every seed learned nothing) give 0 when they agree to ten digits, else inf.
        """
        difference = self.error - theory
        if self.stderr == 0.0:
            return 0.0 if abs(difference) <= 1e-10 * abs(theory) else math.copysign(math.inf, difference)
        return difference / self.stderr

    def to_dict(self) -> dict[str, Any]:
        """A JSON-ready dictionary: the summary, the problem, and every run."""
        return {
            **problem_dict(self.problem),
            "method": self.method,
            "inputs": self.inputs,
            "seed": self.seed,
            "seeds": len(self.runs),
            "error": self.error,
            "stderr": None if math.isnan(self.stderr) else self.stderr,
            "excess_risk": self.excess_risk,
            "status": self.status,
            "runs": [_without_nan(run.to_dict()) for run in self.runs],
        }

    def to_xarray(self) -> xarray.Dataset:
        """Errors and learned spectra, labelled by seed; what was run stands in the attributes.

        >>> from asymptotix import simulate
        >>> p = Problem("diagonal", gamma=1, d=20, n=30, lam=1, noise=0.1)
        >>> dict(simulate(p, seeds=2).to_xarray().sizes)
        {'seed': 2, 'weight': 20}
        """
        import xarray

        by_seed = {
            name: ("seed", [getattr(run, name) for run in self.runs])
            for name in ("error", "train_loss", "gap", "support", "status")
        }
        what = {"method": self.method, "inputs": self.inputs, "base_seed": self.seed}
        return xarray.Dataset(
            {**by_seed, "spectrum": (("seed", "weight"), self.spectra)},
            coords={"seed": [run.index for run in self.runs]},
            attrs=problem_dict(self.problem) | what,
        )


def problem_dict(problem: Problem) -> dict[str, Any]:
    """The fields of a problem as JSON values."""
    plain = {name: value for name, value in problem.to_dict().items() if name != "gamma"}
    return plain | {"n": int(problem.n), "lam": float(problem.lam), "noise": float(problem.noise)}


def _without_nan(plain: dict[str, Any]) -> dict[str, Any]:
    return {k: None if isinstance(v, float) and not math.isfinite(v) else v for k, v in plain.items()}
