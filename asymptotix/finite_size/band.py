"""How far the error of a finite network may lie from the state evolution: a band about it, from sizes alone.

Three things are known to move it, each of a derived order and a measured size:

* ``d`` dimensions are not infinitely many: ``FINITE_SIZE / d``;
* the noise level that ``n`` samples have scatters by ``(2/n)^(1/2)``, which moves the mean error by half its square
  times a curvature of order one: ``SAMPLES / n``;
* features ``x x'`` of a network's own are not Gaussian, and raise the error by a fraction of order ``1/n_eff``, which
  `raised` derives to first order. Where degrees of freedom use the samples up they blur the peak instead, which may
  raise or lower the error, by up to ``FEATURES / n_eff``. At a handful of effective samples the effect saturates.

Where less than one feature is learned there is nothing to be raised, and the band closes.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from asymptotix.networks.base import Network

if TYPE_CHECKING:
    from asymptotix.solution import Solution

#: Where no solution tells more, own features raise the error by at most this over n_eff: measured 0.6 to 2.6 on the
#: quadratic network of gamma = 5/4.
FEATURES = 3.0

# Trained at d = 32, n_eff = 1.5 to 15, 48 networks of three kinds, gamma 3/4 to 3: 46 lie within 1.5 times the first
# order and two beyond it by less than a standard error; none is raised by more than a factor of 2.5.
_HIGHER_ORDERS = 1.5
_SATURATED = 1.5

# Features whose misfit is summed; where more are seen n_eff is larger still, and the effect below a thousandth.
_SEEN = 1000

#: Relative deviation at finite d, in units of 1/d: the quadratic network has d(d+1)/2 unknowns, not d^2/2. Measured
#: with Gaussian features at n_eff = 6, noise = 1, d = 20, 40, 80: 1.0(3), 1.0(5), 2.2(13) at lam = 0.3 and
#: 1.1(4), 0.4(4), 0.9(13) at lam = 1.
FINITE_SIZE = 2.0

#: Relative deviation at finite n, in units of 1/n. Measured on the LASSO at d = 200: -0.3(1) to -0.9(5) where the first
#: weights are learned, n = 10 to 40.
SAMPLES = 1.0


@dataclass(frozen=True)
class Band:
    """Relative to the state evolution's error: from ``low`` (negative) to ``high``.

    >>> band = Band.of(raised=0.5, blurred=0.0, d=100, n=1000)
    >>> round(band.low, 4), round(band.high, 4)
    (-0.0206, 0.521)
    """

    low: float
    high: float

    @classmethod
    def of(cls, *, raised: float, blurred: float, d: float, n: float, learned: float = 1.0) -> Band:
        """The band of one size.

        Args:
            raised: how far the network's own features may raise the error; ``blurred``: move it either way.
            learned: features learned; below one the band is narrower by this factor.
        """
        part = min(learned, 1.0)
        plain = part * (FINITE_SIZE / float(d) + SAMPLES / n)
        below = plain + part * blurred
        # a factor 1 + x either way, so that no error is negative
        return cls(-below / (1.0 + below), plain + part * min(raised + blurred, _SATURATED))

    @classmethod
    def about_solution(cls, solution: Solution) -> Band:
        """The band about a solution; nan where it has no numbers."""
        if not math.isfinite(solution.dof_ratio):
            return cls(math.nan, math.nan)
        problem, used = solution.problem, solution.dof_ratio
        usual = own_features(problem.net, solution.n_eff)
        return cls.of(
            raised=raised(solution) if usual else 0.0,
            blurred=used * usual,
            d=problem.d,
            n=float(problem.n),
            learned=used * solution.n_eff,
        )

    @property
    def centre(self) -> float:
        """Middle of the band in ``log(error)``."""
        return 0.5 * (math.log1p(self.high) + math.log1p(self.low))

    @property
    def spread(self) -> float:
        """Standard deviation in ``log(error)`` if every place in the band is as likely as another."""
        return (math.log1p(self.high) - math.log1p(self.low)) / math.sqrt(12.0)

    def about(self, error: float) -> tuple[float, float]:
        """The errors that the band about one of the state evolution reaches."""
        return error * (1.0 + self.low), error * (1.0 + self.high)


def own_features(network: Network, n_eff: float) -> float:
    """How far features ``x x'`` usually may raise the error; nothing for a network that sees its inputs as they are.

    >>> from asymptotix.networks import get
    >>> own_features(get("quadratic"), 30.0), own_features(get("diagonal"), 30.0)
    (0.1, 0.0)
    """
    return 0.0 if network.is_sequence else min(FEATURES / n_eff, 1.0)


def raised(solution: Solution) -> float:
    """How far features ``x x'`` may raise the error of a matrix, for the direction of each feature that is seen.

    Where a sample's residual ``Tr D (x x' - I)`` is large, ``x`` lies along the misfit ``D = S - S*``. If ``D_kk`` is
    that of feature ``k``, the noise in row ``k`` grows by the fraction ``8 D_kk^2 / (2 ||D||^2 + d noise) =
    2 D_kk^2 / (n_eff delta^2)`` (Wick; the same number in a bilinear network). A row costs ``2 delta^2``. The misfit is
    the threshold ``eps = c delta``, or the whole feature ``y delta`` where that is less, and the estimate keeps the
    feature's direction with the squared overlap ``1 - 1/y^2``. So the error ``R = rho delta^2 / d`` grows by

        4 / (rho n_eff)  sum over y > 1 of  min(c, y)^2 (1 - 1/y^2)

    to first order. Where width cuts features or inputs are unequal this is not derived, and the usual bound stands.

    >>> from asymptotix import Problem, solve
    >>> few = solve(Problem("quadratic", gamma=2, d=40, n=480, lam=1, noise=0.05))
    >>> round(raised(few), 2)  # trained networks: 0.33(5); half as much again as the first order
    0.38
    """
    net, n_eff = solution.problem.net, solution.n_eff
    if solution.constraint not in ("", "threshold") or net.inputs is not None:
        return own_features(net, n_eff)
    if not (solution.error > 0 and math.isfinite(solution.log_delta)):
        return 0.0
    half_log_d = 0.5 * math.log(solution.problem.d)
    spectrum = solution.problem.spectrum
    index = np.arange(1.0, min(spectrum.rank, _SEEN) + 1.0)
    log_y = spectrum.log_value(index) + half_log_d - solution.log_delta
    seen = log_y[log_y > 0]
    log_rho = math.log(solution.error) + 2.0 * (half_log_d - solution.log_delta)
    misfit = np.exp(2.0 * np.minimum(solution.log_eps - solution.log_delta, seen) - log_rho)
    return _HIGHER_ORDERS * 4.0 / n_eff * float(misfit @ -np.expm1(-2.0 * seen))
