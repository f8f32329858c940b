r"""The least error that any estimator reaches, the teacher's sizes being known.

Spectral networks: the optimal rotation-invariant denoiser ``x -> x - 2 tau^2 Re G(x)`` [BBPo] has, at effective
noise ``tau``, the error of [P]'s benchmark in scaled units,

    mmse(tau) = d tau^2 (1 - (4 pi^2/3) int rho^3 dx),        rho = d Im w/(pi d) the density in units of tau,

Diagonal network: the posterior mean when the sizes are known and their places are not, a scalar channel
``y = a_I + tau z`` with ``I`` uniform over ``1..d``,

    mmse(tau) = sum_i a_i^2 - d E[m(y)^2],       m(y) = E[a_I | y].

Each takes the place of ``R`` in the first equation, ``nu tau^2 = noise' + mmse(tau)``; the second is void. Signs:
both take the teacher to be non-negative, as it is here, which for the diagonal and the symmetric network is more
than a user may know; the benchmark is a lower bound in any case.
"""

from __future__ import annotations

import math
from typing import Any

from asymptotix.equations import Root, System, noise_scale
from asymptotix.errors import NotConverged
from asymptotix.networks.base import Response
from asymptotix.problem import Problem

# By how much quadrature may miss the interval that the least error is in.
_ROUNDING = 1e-3
# Sums over many features are known to this at best: a better balance is chance.
_KNOWN = 1e-10


def bayes_error(problem: Problem) -> float:
    """The Bayes-optimal error of a problem, whose ``lam`` plays no role.

    Raises:
        NotConverged: the noise scale could not be found.

    It is below that of every estimator.

    >>> p = Problem("quadratic", gamma=1.25, d=200, n=8000, lam=0, noise=0.1)
    >>> from asymptotix.risk.optimum import optimum
    >>> 0.5 < bayes_error(p) / optimum(p).error_star < 1
    True
    """
    root = bayes_root(problem)
    return 0.0 if root is None else root.response.risk(root.log_tau)


def bayes_root(problem: Problem) -> Root | None:
    """The noise scale of the Bayes-optimal estimator; None where it recovers the teacher exactly."""
    # what few hidden units cannot express is no bound of it
    system = System.of(problem.replace(lam=1, width=None))

    def respond(log_tau: float, near: Response | None) -> Response:
        return Response(0.0, 0.0, mmse(system, log_tau), 0.0)

    root = noise_scale(system, respond, tolerance=_KNOWN)
    return root if isinstance(root, Root) else None


def mmse(system: System, log_tau: float) -> float:
    """Least error over ``tau^2`` at one noise scale; between 0 and ``min(1/tau^2, d)``."""
    potential: Any = system.potential
    value = float(system.net.supply("least_error")(potential, log_tau))
    most = min(math.exp(min(-2.0 * log_tau, 700.0)), float(potential.spectrum.d))
    if not -_ROUNDING * most <= value <= (1.0 + _ROUNDING) * most:
        raise NotConverged(
            f"the least error over tau^2 is {value:.6g} at log tau = {log_tau:.6g}, not in [0, {most:.6g}]"
        )
    return min(max(value, 0.0), most)
