"""A network of one's own: the nonnegative LASSO, as a user would add it, with numbers and symbols and nothing else.

For one coefficient ``a >= 0`` (in units of ``tau``) the estimator is ``(a + z - c)_+``; with ``x = c - a`` and
``I_k(x) = E (z - x)_+^k``

    r = E ((a + z - c)_+ - a)^2 = I_2(x) - 2 a I_1(x) + a^2        s = P(a + z > c) = I_0(x).
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from scipy.optimize import brentq
from scipy.stats import norm

from asymptotix.networks.balances import threshold_balance
from asymptotix.networks.base import SEQUENCE_UNITS, Geometry, Network, Response
from asymptotix.networks.diagonal import noise_edge
from asymptotix.teacher import Spectrum


@dataclass(frozen=True)
class OneSidedSequence:
    """The potential, summed over all coefficients; ``path = log c``."""

    spectrum: Spectrum

    def path_of(self, c: float, log_tau: float) -> float:
        return math.log(c) if c > 0 else -math.inf

    def response(self, path: float, log_tau: float) -> Response:
        c = math.exp(path)
        a = self.spectrum.values() * math.exp(-log_tau)
        x = c - a
        i0, phi = norm.sf(x), norm.pdf(x)
        i1, i2 = phi - x * i0, (1.0 + x * x) * i0 - x * phi
        return Response(path, c, float(np.sum(i2 - 2.0 * a * i1 + a * a)), float(np.sum(i0)))

    def threshold(self, log_tau: float, nu: float, penalty: float, near: Response | None) -> Response:
        nothing = self.response(-math.inf, log_tau)
        if penalty == 0 and nothing.dof <= nu:
            return nothing

        def balance(path: float) -> float:
            return threshold_balance(self.response(path, log_tau), log_tau, nu, penalty).value

        return self.response(brentq(balance, -60.0, 60.0, xtol=1e-15), log_tau)


NONNEGATIVE = Network(
    name="own-nonnegative",
    prediction="theta.x / sqrt(d), theta >= 0",
    objective="1/2 sum (y - yhat)^2 + lam sum theta",
    units=SEQUENCE_UNITS,
    geometry=Geometry.SEQUENCE,
    sides=1,
    excess_factor=1,
    noise_edge=noise_edge,
    potential=OneSidedSequence,
    shares="asymptotix.asymptotics.expansions:gaussian_shares",
)
