"""How far the error of a finite network may lie from the state evolution: a band about it, from sizes alone.

Three things are known to move it, each of a derived order and a measured size:

* ``d`` dimensions are not infinitely many: ``FINITE_SIZE / d``;
* the noise level that ``n`` samples have scatters by ``(2/n)^(1/2)``, which moves the mean error by half its square
  times a curvature of order one: ``SAMPLES / n``;
* features ``x x'`` of a network's own are not Gaussian, and raise the error by at most ``FEATURES / n_eff``
  (`asymptotix.finite_size.auxiliary` computes it to first order). Where degrees of freedom use the samples up they blur
  the peak instead, which may lower the error as much. Below ``n_eff = FEATURES`` the effect saturates (measured).

Where less than one feature is learned there is nothing to be raised, and the band closes.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

from asymptotix.networks.base import Geometry, Network

#: Own features raise the error by at most this over n_eff. Measured 0.6 to 2.6 on the quadratic network, at most 3.3(5)
#: on the symmetric and 1.6(4) on the bilinear one (d = 30, n_eff = 4 to 16).
FEATURES = 3.0

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

    >>> band = Band.of(own_features=0.5, d=100, n=1000)
    >>> round(band.low, 4), round(band.high, 4)
    (-0.0206, 0.521)
    """

    low: float
    high: float

    @classmethod
    def of(cls, *, own_features: float, d: float, n: float, used: float = 0.0, learned: float = 1.0) -> Band:
        """The band of one size.

        Args:
            own_features: how far the network's own features may raise the error, see `own_features`.
            used: degrees of freedom over samples.
            learned: features learned; below one the band is narrower by this factor.
        """
        part = min(learned, 1.0)
        plain = part * (FINITE_SIZE / float(d) + SAMPLES / n)
        below = plain + part * used * own_features
        # a factor 1 + x either way, so that no error is negative
        return cls(-below / (1.0 + below), plain + part * own_features)

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
    """How far features ``x x'`` may raise the error; nothing for a network that sees its inputs as they are.

    >>> from asymptotix.networks import get
    >>> own_features(get("quadratic"), 30.0), own_features(get("diagonal"), 30.0)
    (0.1, 0.0)
    """
    return 0.0 if network.geometry is Geometry.SEQUENCE else min(FEATURES / n_eff, 1.0)
