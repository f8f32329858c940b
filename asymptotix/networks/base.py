"""What a network is to the rest of the package: three scale factors and the response of its estimator.

In scaled units, ``tau = delta / sqrt(d)`` (effective noise) and ``kappa = eps / sqrt(d)`` (threshold), every
network obeys the same two equations, each a sum of positive terms:

    nu tau^2 = noise' + R(tau, kappa)          nu kappa = L + kappa s(tau, kappa)

with ``nu = sample_factor * n_eff``, ``noise' = noise_factor * Delta``, ``L = penalty_factor * lam sqrt(d)``.
A network supplies the risk ``R`` and the degrees of freedom ``s``; nothing else distinguishes it.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Protocol

from asymptotix.teacher import Spectrum


@dataclass(frozen=True)
class Response:
    """What the estimator does at one effective noise and one threshold.

    Attributes:
        c: threshold over noise, ``kappa / tau``.
        rho: risk in units of the noise, ``R / tau^2``.
        dof: degrees of freedom ``s = d A``.
        reference: a number that ``rho`` and ``dof`` are both close to (all coordinates learned), if any.
        rho_below, dof_below: ``reference - rho`` and ``reference - dof`` computed without cancellation.
    """

    c: float
    rho: float
    dof: float
    reference: float = 0.0
    rho_below: float | None = None
    dof_below: float | None = None

    def spare_samples(self, nu: float) -> float:
        """``nu - rho``: what is left of the samples after the risk; equals ``noise' / tau^2``."""
        return nu - self.rho if self.rho_below is None else (nu - self.reference) + self.rho_below

    def spare_dof(self, nu: float) -> float:
        """``nu - s``: samples not used up by degrees of freedom; equals ``L / kappa``."""
        return nu - self.dof if self.dof_below is None else (nu - self.reference) + self.dof_below


class Potential(Protocol):
    """A network bound to a teacher's spectrum."""

    def response(self, path: float, log_tau: float) -> Response:
        """Respond at position ``path`` on the line of thresholds and effective noise ``exp(log_tau)``.

        ``path`` runs over the reals; at fixed ``log_tau`` the threshold increases with it from 0 at
        ``-inf`` (allowed, and exact) without bound.
        """

    def noise_response(self, path: float) -> Response:
        """The same for pure noise, ``log_tau -> inf``: what is learned when there is nothing to learn."""

    def path_of(self, c: float, log_tau: float) -> float:
        """A position where ``kappa / tau`` is near ``c``, as a first guess."""


class Network(Protocol):
    """A row of the table of units in `asymptotix.problem`."""

    name: str
    sample_factor: float
    noise_factor: float
    penalty_factor: float

    def bind(self, spectrum: Spectrum) -> Potential:
        """Return the network's potential for one teacher."""


def saturated_exp(x: float) -> float:
    """``exp(x)``, infinite where it would overflow."""
    return math.exp(x) if x < 709.0 else math.inf
