"""Bounds of what the resolvent's series leave out, as logarithms in double precision with a margin.

For a power law ``a(x) = A x^-gamma`` and ``w`` at an angle ``theta``, ``K`` terms of
``1/(w - a) = -sum w^k / a^(k+1)`` leave ``g = (w/a)^K / (w - a)``. Abel and Plana's formula, with its two paths
turned to rays ``x = y e^(+-i beta)`` and the pole ``p = (A/w)^(1/gamma)`` counted where it is enclosed
(``theta / gamma < beta``), gives for the sum of ``g`` over the integers less its integral

    |remainder| <= int 2 |g| / (e^(2 pi y sin beta) - 1) dy
                <= (2 / (s A)) (|w| / A)^K Gamma(x+1) zeta(x+1) / (2 pi sin beta)^(x+1)

with ``x = gamma (K+1)`` and ``|w - a| >= s max(|w|, |a|)`` on the rays, ``s`` the sine of the angle between ``w`` and
``a`` (1 beyond a right angle). By continuity in ``gamma`` this includes ``gamma = 1``.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import lru_cache

# For the doubles that bounds are computed in, whose logarithms of up to 1e4 are good to 1e-11.
_MARGIN = 0.05
# A ray nearer to the point would cost more than log 4 of the bound; one lower than 0.3, more than log 1/sin 0.3 a term.
_LEAST_SINE = 0.25
_LOWEST = 0.3
# In between a ray is found within so much of the steepest one.
_STEP = 0.04


@dataclass(frozen=True)
class Rays:
    """A pair of rays: ``beta`` of the one that may enclose the pole, and the smallest ``s`` and ``sin beta``."""

    beta: float
    s: float
    sine: float


@lru_cache(maxsize=1024)  # on the negative axis the angle is always the same
def rays(gamma: float, theta: float) -> Rays | None:
    """Rays that keep clear of ``w`` and enclose no pole but one; None if there are none.

    >>> rays(1.25, 0.1).beta == math.pi / 2
    True
    """
    lower = _ray(gamma, theta, 1.0)
    upper = _ray(gamma, theta, -1.0)
    if lower is None or upper is None:
        return None
    return Rays(lower[0], min(lower[1], upper[1]), math.sin(min(lower[0], upper[0])))


def _ray(gamma: float, theta: float, side: float) -> tuple[float, float] | None:
    """The steepest ray, ``arg x = -side beta``, that is far from ``w`` and from the next sheet's pole."""
    beta = 0.5 * math.pi
    furthest = (2.0 * math.pi + side * theta) / gamma
    while beta > _LOWEST:
        angle = math.remainder(side * gamma * beta - theta, 2.0 * math.pi)
        s = abs(math.sin(angle)) if math.cos(angle) > 0.0 else 1.0
        if s >= _LEAST_SINE and beta < furthest - 0.05:
            return beta, 0.98 * s
        beta -= _STEP
    return None


def narrowest(gamma: float, low: float, high: float) -> Rays | None:
    """The worst rays over ``low <= theta <= high``."""
    count = max(2, math.ceil((high - low) / 0.08) + 1)
    worst = Rays(0.5 * math.pi, 1.0, 1.0)
    for k in range(count):
        here = rays(gamma, low + (high - low) * k / (count - 1))
        if here is None:
            return None
        worst = Rays(min(worst.beta, here.beta), min(worst.s, here.s), min(worst.sine, here.sine))
    # between two angles of the grid ``s`` moves by no more than its step
    return Rays(worst.beta, 0.5 * worst.s, worst.sine)


def log_zeta_size(x: float) -> float:
    """``log`` of ``2 Gamma(1+x) zeta(1+x) / (2 pi)^(1+x) >= |zeta(-x)|``, ``x > 0``."""
    return math.lgamma(1.0 + x) - (1.0 + x) * math.log(2.0 * math.pi) + math.log(2.0 + 2.0 / x)


def log_upper(
    gamma: float, terms: int, log_index: float, log_scale: float, turned: Rays, order: int
) -> float:
    """``log`` of the remainder after some terms at ``|w| = A index^-gamma``; of its derivative (order 1)."""
    x = gamma * (terms + 1)
    bound = log_zeta_size(x) - (x + 1.0) * math.log(turned.sine) - math.log(turned.s)
    bound += -gamma * terms * log_index - log_scale
    if order == 1:
        bound += math.log(terms + 1.0 / turned.s) + gamma * log_index - log_scale
    return bound + _MARGIN


def log_tail(
    gamma: float, terms: int, log_first: float, log_count: float, log_size: float, order: int
) -> float:
    """``log`` of ``sum_{i > m} (a_i / |w|)^K / |w - a_i|`` with ``a_m < |w|``, ``gamma K > 1``; or its derivative.

    Args:
        log_first, log_count: ``log a_m`` and ``log m``.
    """
    log_ratio = log_first - log_size
    slack = -math.log1p(-math.exp(log_ratio))
    bound = terms * log_ratio + log_count - math.log(min(gamma * terms - 1.0, 1.0)) + math.log(2.0)
    bound += slack - log_size
    if order == 1:
        bound += math.log(terms + 1.0) + slack - log_size
    return bound + _MARGIN


def log_head(terms: int, log_last: float, log_count: float, log_size: float, order: int) -> float:
    """``log`` of ``sum_i (|w| / a_i)^K / |a_i - w|`` over a number of coefficients above ``a_d > |w|``."""
    log_ratio = log_size - log_last
    slack = -math.log1p(-math.exp(log_ratio))
    bound = terms * log_ratio + log_count - log_last + slack
    if order == 1:
        bound += math.log(terms + 1.0) + slack - log_size
    return bound + _MARGIN


def log_lattice(log_index: float, log_size: float, gamma: float, decay: float, order: int) -> float:
    """``log`` of ``|2 pi n / (e^(2 pi i p) - 1)|`` where ``|e^(2 pi i p)| = e^decay >= 2``; or its derivative."""
    log_n = log_index - math.log(gamma) - log_size
    bound = math.log(4.0 * math.pi) + log_n - decay
    if order == 1:
        bound += log_index + math.log(4.0 * math.pi / gamma + 1.0 + 1.0 / gamma) - log_size
    return bound + _MARGIN
