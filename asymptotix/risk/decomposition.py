r"""The error split into overfitting, underfitting and approximation; exactly, for every network.

With ``f`` the threshold function and ``O_i(x) dx`` the squared overlap of learned directions with the ``i``-th
feature (spectral networks: eigenvectors; diagonal network: the law of ``a_i + tau z``), every error is

    R = sum_i int (f(x) - a_i)^2 O_i(x) dx,

a sum of squares over pairs of a feature and a learned direction. A feature is *visible* if its outlier leaves the
bulk and exceeds the threshold, otherwise *hidden*. Each pair is counted once:

    approximation    the feature is visible, or the direction is an outlier
    overfitting      hidden feature, direction of the bulk that is learned (f != 0)
    underfitting     hidden feature, direction that is not learned (f = 0)

so the three are non-negative and sum to the error. To leading order they are the bulk's second moment above the
threshold, the hidden features' energy, and for each visible feature the error ``f^2 - 2 f a O + a^2`` with the
overlap ``O = 1 - (tau/a)^2`` of [BBP], as in [P] Result 3. What that form leaves out is the correlation of the
learned bulk with hidden features, and is given as ``interaction`` beside these marginals.

A network of ``p`` hidden units learns the ``p`` largest directions alone: ``f = x - kappa`` for those, 0 for others.
A visible feature is *held* if its outlier is one of them, and there are four parts:

    approximation    the feature is held, or the direction is a learned outlier
    overfitting      feature not held, direction of the bulk that is learned
    underfitting     hidden feature, direction that is not learned
    width_limited    visible feature that is not held, direction that is not learned

The last is what width cannot hold, and what more units would learn; to leading order the energy ``sum a_i^2`` of those
features. Once all visible features are held it is zero, and width acts through ``f`` in the other parts alone.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from asymptotix.equations import System
from asymptotix.errors import InvalidInput, NotConverged
from asymptotix.networks.base import Response
from asymptotix.problem import Problem
from asymptotix.risk.parts import Parts
from asymptotix.solution import Solution
from asymptotix.state_evolution import solve
from asymptotix.status import Status
from asymptotix.tables import Tabular


@dataclass(frozen=True)
class Decomposition(Tabular):
    """The error of one problem and its parts.

    Attributes:
        overfitting, underfitting, approximation, width_limited: see `asymptotix.risk.decomposition`; they sum to
            ``error``. The last is what width cannot hold, 0 in a wide network.
        error: the error of the state evolution.
        features: number of visible features that are learned (held).
        learned_noise: expected number of learned directions in the bulk.
        bulk_moment, hidden_energy: the marginals; ``outlier_error`` what is left of ``error`` after them, the
            parts of the printed formula of [P] Result 3 once the correlation is put with the outliers.
        interaction: ``overfitting + underfitting - bulk_moment - hidden_energy``: the correlation between
            the learned bulk and features hidden in it (negative, as it is what learning the bulk gains).
        residual: ``|sum of the parts - error| / error`` before the remainder is settled; independent integrals.
        status: that of the solution.
    """

    keys: ClassVar[tuple[str, ...]] = (
        "overfitting",
        "underfitting",
        "approximation",
        "width_limited",
        "error",
        "features",
        "learned_noise",
        "bulk_moment",
        "hidden_energy",
        "outlier_error",
        "interaction",
        "residual",
        "status",
    )

    problem: Problem
    overfitting: float
    underfitting: float
    approximation: float
    error: float
    features: float
    learned_noise: float
    bulk_moment: float
    hidden_energy: float
    residual: float
    status: str
    width_limited: float = 0.0

    @property
    def outlier_error(self) -> float:
        """The error along outliers if the bulk's moment, the hidden energy and what width misses are taken off."""
        return self.error - self.bulk_moment - self.hidden_energy - self.width_limited

    @property
    def interaction(self) -> float:
        """What overfitting and underfitting together differ by from their marginals."""
        return self.overfitting + self.underfitting - self.bulk_moment - self.hidden_energy


def decompose(problem: Problem, *, solution: Solution | None = None) -> Decomposition:
    """Split the error of a problem into overfitting, underfitting and approximation.

    Args:
        problem: any network, teacher and dimension.
        solution: its solution, if that is known already.

    Returns:
        A `Decomposition` in the units of ``error``.

    Raises:
        InvalidInput: the error is infinite: there is nothing to split.
        NotConverged: the parts, summed on their own, miss the error by more than a thousandth.

    Ordinary least squares learns every coordinate: there is no underfitting.

    >>> p = Problem("diagonal", gamma=1, d=100, n=150, lam=0, noise=2)
    >>> parts = decompose(p)
    >>> parts.underfitting, round(parts.overfitting + parts.approximation, 9)
    (0.0, 4.0)
    >>> p = Problem("quadratic", gamma=1.25, d=400, n=20_000, lam=1, noise=0.1)
    >>> parts = decompose(p)
    >>> parts.features, parts.residual < 1e-9
    (6.0, True)

    Three hidden units cannot hold six features:

    >>> parts = decompose(p.replace(width=3))
    >>> parts.features, round(parts.width_limited / parts.error, 2)
    (3.0, 0.4)
    """
    solved = of_finite_error(problem, solution)
    if solved.status is Status.PERFECT_RECOVERY:
        features = problem.spectrum.rank
        return Decomposition(problem, 0.0, 0.0, 0.0, 0.0, features, 0.0, 0.0, 0.0, 0.0, solved.status)
    system = System.of(problem)
    response, log_tau = response_at(solved, system)
    with np.errstate(over="ignore"):  # features too far away for the square of it do nothing
        parts = split(system, response, log_tau)
    tau = math.exp(log_tau)  # its square may be no double
    named = {name: tau * max(float(getattr(parts, name)), 0.0) * tau for name in _PARTS}
    residual = abs(sum(named.values()) - solved.error) / solved.error
    if not residual < _LOST:
        raise NotConverged(
            f"the parts of the error cancel beyond doubles: their sum is off by {residual:.1e} of it"
        )
    if residual < _SETTLED:
        largest = max(named, key=lambda name: named[name])
        named[largest] = solved.error - sum(value for name, value in named.items() if name != largest)
    return Decomposition(
        problem,
        **named,
        error=solved.error,
        features=parts.visible,
        learned_noise=float(parts.learned),
        bulk_moment=tau * float(parts.bulk_moment) * tau,
        hidden_energy=tau * parts.hidden_energy * tau,
        residual=residual,
        status=solved.status,
    )


_PARTS = ("overfitting", "underfitting", "approximation", "width_limited")
# A residual of rounding is settled in the largest part, so that the parts sum; a larger one is left to be seen.
_SETTLED = 1e-6
# One that is larger than this leaves no part to be believed.
_LOST = 1e-3


def of_finite_error(problem: Problem, solution: Solution | None, least: float = -1.0) -> Solution:
    """The solution, or what `solve` finds.

    Raises:
        InvalidInput: it has no numbers, or an error that is infinite or no more than ``least``.
    """
    solved = solution if solution is not None else solve(problem)
    if not (solved.converged and least < solved.error < math.inf):
        raise InvalidInput("lam", problem.lam, f"a problem with a finite error (status: {solved.status})")
    return solved


def response_at(solution: Solution, system: System) -> tuple[Response, float]:
    """The network's response at a solution, with its place on the line of thresholds, and ``log tau``."""
    log_tau = solution.log_delta - 0.5 * math.log(solution.problem.d)
    return system.potential.threshold(log_tau, system.nu, system.penalty, None), log_tau


def split(system: System, response: Response, log_tau: float) -> Parts:
    """Split the response of any network."""
    parts: Parts = system.net.supply("error_parts")(system.potential, response, log_tau)
    return parts
