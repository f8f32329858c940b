"""The two equations every network shares, at one problem.

In scaled units (`asymptotix.networks.base`)

    nu tau^2 = noise' + R(tau, kappa)          nu kappa = L + kappa s(tau, kappa).

At fixed ``tau`` the second has one root, ``kappa(tau)``, found by the network. What is left is one equation in
``log tau``; as the pair has one solution (proved for the diagonal network, [BM]), it changes sign once. A network that
cannot express its teacher may have several: the one of least noise is told, which training reaches from random starts,
while another, interpolating with less than a parameter a sample, is what no training can do. So may one whose penalty
is not convex: told is the one that message passing reaches from an estimate of zero.
The textbook iteration ``tau <- ..., kappa <- ...`` is repelling wherever the network interpolates: not used.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property

from asymptotix.errors import NotConverged
from asymptotix.networks.balances import Balance, noise_balance, threshold_balance
from asymptotix.networks.base import Network, Potential, Response, saturated_exp
from asymptotix.problem import Problem
from asymptotix.rootfinding import bracket, first_crossing, increasing_root
from asymptotix.status import Status

# The range of log tau: teachers end at 1e-480 (d = 1e120, gamma = 4); noise / tau^2 must not underflow.
LOWEST, HIGHEST = -1600.0, 300.0
# Where the first of several roots is looked for, the balance is negative beyond doubt of rounding.
_CLEAR = 1e-6


@dataclass(frozen=True)
class System:
    """The two equations of one problem."""

    net: Network
    potential: Potential
    nu: float
    noise: float
    penalty: float

    @classmethod
    def of(cls, problem: Problem, potential: Potential | None = None) -> System:
        """``potential``: that of the problem, where it is known from another of the same teacher."""
        net = problem.net
        units = net.units
        return cls(
            net,
            net.bind(problem.spectrum) if potential is None else potential,
            float(units.samples) * problem.n_eff,
            float(units.noise) * problem.double("noise"),
            float(units.penalty) * problem.double("lam") * math.sqrt(problem.d),
        )

    @cached_property
    def lowest(self) -> float:
        """``nu tau^2 >= noise' + R`` bounds ``log tau`` from below, ``R`` at least what the network cannot express."""
        least = self.noise + (self.out_of_reach or 0.0)
        return 0.5 * (math.log(least) - math.log(self.nu)) - 1e-9 if least > 0 else LOWEST

    @property
    def out_of_reach(self) -> float | None:
        """The risk of what the network cannot express; None of networks that can express every teacher."""
        out_of_reach: float | None = getattr(self.potential, "out_of_reach", None)
        return out_of_reach

    def balances(self, response: Response, log_tau: float) -> tuple[Balance, Balance]:
        """Both equations; without threshold the second is void."""
        first = noise_balance(response, log_tau, self.nu, self.noise)
        if response.c == 0:
            return first, Balance(0.0, 0.0)
        return first, threshold_balance(response, log_tau, self.nu, self.penalty)

    def spare_fraction(self, response: Response, log_tau: float) -> float:
        """``1 - s / nu = L / (nu kappa)``: how far the training residual is shrunk."""
        if response.c == 0:
            return response.spare_dof(self.nu) / self.nu
        if self.penalty == 0:
            return 0.0
        return self.penalty / self.nu / response.c * saturated_exp(-log_tau)


@dataclass(frozen=True)
class Root:
    """A noise scale that balances the first equation, and the network's response there.

    ``direct``: the response is what the potential says at this very place, rather than at one found from it.
    ``jacobian``: of both balances by path and ``log tau``, where it is known.
    """

    log_tau: float
    response: Response
    direct: bool = False
    jacobian: tuple[float, float, float, float] | None = None


def noise_scale(
    system: System,
    respond: Callable[[float, Response | None], Response],
    start: float | None = None,
    tolerance: float = 1e-15,
    first: bool = False,
) -> Root | Status:
    """Solve ``nu tau^2 = noise' + R`` for an estimator that responds to ``tau`` by ``respond(log_tau, near)``.

    Args:
        respond: the estimator, for instance the threshold that goes with a penalty, or the best one.
        start: a first guess of ``log tau``; without one, the least of several roots is the one found where the network
            cannot express its teacher.
        tolerance: how well the estimator's risk is known, relatively.
        first: of several roots find the one that the iteration ``nu tau^2 <- noise' + R`` reaches from an estimate of
            zero.

    Returns:
        The root; or, where there is none, ``"perfect recovery"`` (the samples exceed what the risk needs
        however small the noise scale) or ``"infinite risk"`` (they fall short however large).
    """
    seen: dict[float, Response] = {}
    near: Response | None = None
    value = math.nan

    def balance(log_tau: float) -> float:
        nonlocal near, value
        seen[log_tau] = near = respond(log_tau, near)
        value = noise_balance(near, log_tau, system.nu, system.noise).value
        if value == 0 and system.noise == 0:
            value = math.ulp(0.0)  # a balance that holds at every noise scale (n = d) recovers, too
        return value

    # with unit risk, the most a well-behaved estimator makes, this is the solution
    guess = 0.5 * math.log((system.noise + 1.0) / system.nu) if start is None else start
    if start is None and (first or system.out_of_reach is not None):
        begin = guess if system.out_of_reach is None else system.lowest - _CLEAR
        ends = first_crossing(balance, begin, system.lowest - _CLEAR, HIGHEST)
    else:
        ends = bracket(balance, guess, 1.0 if start is None else 0.05, system.lowest, HIGHEST)
    if ends is None:
        if value > 0 and system.noise > 0:  # label noise leaves no place for it
            raise NotConverged(f"no noise scale solves the first equation at nu = {system.nu:g}")
        return Status.PERFECT_RECOVERY if value > 0 else Status.INFINITE_RISK
    log_tau = increasing_root(balance, ends, tolerance=tolerance)
    return Root(log_tau, seen[log_tau])
