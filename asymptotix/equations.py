"""The two equations every network shares, as increasing functions of one variable each.

In scaled units (`asymptotix.networks.base`)

    nu tau^2 = noise' + R(tau, kappa)          nu kappa = L + kappa s(tau, kappa).

Outside runs the position ``path`` on the network's line of thresholds, inside the noise scale ``log tau``:

* inside, at a fixed position, ``R / tau^2`` falls with ``tau``, so that the first equation has one root;
* outside, the penalty ``L = kappa (nu - s)`` rises with the position, so that the second has one root.

Both are taken in logarithms. The textbook iteration ``tau <- ..., kappa <- ...`` is repelling wherever the
network interpolates and is not used.
Source: [BM] (diagonal), [NR] (quadratic); the parametrisation is proved for the diagonal network.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

from asymptotix.networks import network
from asymptotix.networks.base import Potential, Response, saturated_exp
from asymptotix.problem import Problem
from asymptotix.rootfinding import bracket, increasing_root

# Where tau is looked for at most: far beyond the smallest coefficient for d = 1e120, gamma = 4.
LOWEST_LOG_TAU = -1600.0
WIDEST_PATH = 400.0


@dataclass(frozen=True)
class Balance:
    """One equation ``nu = used + rest`` in logarithms: ``value`` is 0 at the root and increases through it.

    ``residual`` is ``|nu - used - rest| / nu``.
    """

    value: float
    residual: float


def _balance(nu: float, used: float, spare: float, rest: float, exact: bool) -> Balance:
    """``log(nu / (used + rest))``; or ``log(spare / rest)`` with ``spare = nu - used`` known to be accurate.

    The second form keeps its slope where ``rest`` is large, and its digits where ``spare`` is small.
    """
    if spare > 0 and 0 < rest < math.inf and (exact or spare > 0.5 * nu):
        value = math.log(spare / rest)
        return Balance(value, abs(spare - rest) / nu)
    total = used + rest
    if total == 0:
        return Balance(math.inf, 1.0)
    if total == math.inf:
        return Balance(-math.inf, math.inf)
    return Balance(math.log(nu / total), abs(nu - total) / nu)


@dataclass
class System:
    """The two equations at one problem; remembers where it last was, to start from there."""

    potential: Potential
    nu: float
    noise: float
    penalty: float
    log_tau: float | None = None

    @classmethod
    def of(cls, problem: Problem) -> System:
        net = network(problem.network)
        d = float(problem.d)
        return cls(
            net.bind(problem.spectrum),
            net.sample_factor * problem.n_eff,
            net.noise_factor * float(problem.noise),
            net.penalty_factor * float(problem.lam) * math.sqrt(d),
        )

    def balances(self, response: Response, log_tau: float) -> tuple[Balance, Balance]:
        """How far each equation is from balance at one point of the unknowns.

        >>> system = System(None, nu=4.0, noise=1.0, penalty=3.0)
        >>> [b.value for b in system.balances(Response(1.0, 3.0, 1.0), 0.0)]
        [0.0, 0.0]
        """
        noise = self.noise * saturated_exp(-2.0 * log_tau) if self.noise > 0 else 0.0
        penalty = 0.0
        if self.penalty > 0:
            penalty = self.penalty / response.c * saturated_exp(-log_tau) if response.c > 0 else math.inf
        exact = response.rho_below is not None
        return (
            _balance(self.nu, response.rho, response.spare_samples(self.nu), noise, exact),
            _balance(self.nu, response.dof, response.spare_dof(self.nu), penalty, exact),
        )

    def residual(self, response: Response, log_tau: float) -> float:
        """Larger relative residual of the two equations; without threshold the second is void."""
        first, second = self.balances(response, log_tau)
        return first.residual if response.c == 0 else max(first.residual, second.residual)

    def spare_fraction(self, response: Response, log_tau: float) -> float:
        """``1 - s / nu = L / (nu kappa)``: how far the training residual is shrunk."""
        if response.c == 0:
            return response.spare_dof(self.nu) / self.nu
        if self.penalty == 0:
            return 0.0
        return self.penalty / self.nu / response.c * saturated_exp(-log_tau)

    def noise_scale(self, path: float, tolerance: float = 2e-15) -> tuple[float, Response] | None:
        """Solve the first equation at a fixed position; None where no noise scale balances it."""
        spare = self.potential.noise_response(path).spare_samples(self.nu)
        if spare <= 0:
            return None

        def imbalance(log_tau: float) -> float:
            return self.balances(self.potential.response(path, log_tau), log_tau)[0].value

        # noise' <= (nu - rho_noise) tau^2 <= noise' + 1, as learning can only add to the risk of pure noise
        high = 0.5 * math.log((self.noise + 1.0) / spare) + 1e-9
        low = 0.5 * math.log(self.noise / spare) - 1e-9 if self.noise > 0 else LOWEST_LOG_TAU
        start = high if self.log_tau is None else min(max(self.log_tau, low), high)
        ends = bracket(imbalance, start, 0.5, low, high)
        if ends is None:
            ends = bracket(imbalance, high, 1.0, LOWEST_LOG_TAU, high + 50.0)
            if ends is None:
                return None
        self.log_tau = increasing_root(imbalance, ends, tolerance=tolerance)
        return self.log_tau, self.potential.response(path, self.log_tau)

    def penalty_balance(self, path: float, tolerance: float = 2e-15) -> float:
        """The second equation along the solutions of the first: increasing, ``-inf`` where there are none."""
        found = self.noise_scale(path, tolerance)
        return -math.inf if found is None else self.balances(found[1], found[0])[1].value

    def lowest_path(self) -> float:
        """A position below which noise alone uses up all samples; ``-inf`` if there is no such position."""

        def spare(path: float) -> float:
            r = self.potential.noise_response(path)
            return math.log(self.nu / max(r.dof, r.rho)) if max(r.dof, r.rho) > 0 else 1.0

        if spare(-math.inf) > 0:
            return -math.inf
        ends = bracket(spare, self.potential.path_of(1.0, 0.0), 0.5, -WIDEST_PATH, WIDEST_PATH)
        return -WIDEST_PATH if ends is None else increasing_root(spare, ends, tolerance=1e-6)

    def guess(self, lowest: float) -> float:
        """A first position: where the penalty alone would put the threshold, above the lowest allowed."""
        scale = 0.5 * math.log((self.noise + 0.1) / self.nu)
        if self.penalty <= 0:
            return lowest + 0.1 if lowest > -math.inf else 0.0
        path = self.potential.path_of(self.penalty / self.nu * math.exp(-scale), scale)
        return max(path, lowest + 0.01)
