"""One coordinate of a Gaussian sequence under a soft threshold, and its Taylor series.

With ``z ~ N(0, 1)``, coefficient ``a`` and threshold ``c`` in units of the noise,

    r = E (soft(a + z; c) - a)^2          s = P(|a + z| > c)

and what a sum over coefficients needs besides: ``dr/dc``, ``ds/dc``, ``a dr/da``, ``a ds/da``. Both shares of
``a^2`` are taken out (``r - a^2``, ``a dr/da - 2 a^2``): they are summed exactly, and what remains is even and
entire in ``a`` and, below the threshold, a Gaussian tail.

Bounds: for complex ``a = alpha + i eta``, ``|int_x^inf (z-x)^k phi| <= e^(eta^2/2)`` times the same at ``Re x``.
"""

from __future__ import annotations

import math

from asymptotix.precise.backend import Backend, Number
from asymptotix.precise.series import Series, add, derivative, exponential, integral, multiply, scale

#: (r - a^2, s, dr/dc, ds/dc, a dr/da - 2 a^2, a ds/da)
Six = list[Number]


def six(b: Backend, a: Number, c: Number, sides: int = 2) -> Six:
    """The six functions at one coefficient ``a >= 0``; on one side the tail of ``y`` is absent."""
    x, y = c - a, c + a
    root2 = b.sqrt(b.number(2))
    front = 1 / b.sqrt(2 * b.pi)
    q_x, p_x, q_y, p_y = b.erfc(x / root2) / 2, front * b.exp(-x * x / 2), 0 * c, 0 * c
    if sides == 2:
        q_y, p_y = b.erfc(y / root2) / 2, front * b.exp(-y * y / 2)
    one_x, one_y = p_x - x * q_x, p_y - y * q_y
    two_x, two_y = q_x - x * one_x, q_y - y * one_y
    s = q_x + q_y
    return [
        two_x + two_y - 2 * a * (one_x - one_y),
        s,
        -2 * (one_x + one_y) + 2 * a * (q_x - q_y),
        -(p_x + p_y),
        -2 * a * a * s,
        a * (p_x - p_y),
    ]


def bias(b: Backend, a: Number, c: Number) -> list[Number]:
    """``a b`` with ``b = a - E soft(a + z; c)``, its derivative by ``c``, and ``a`` times that by ``a``."""
    x, y, root2 = c - a, c + a, b.sqrt(b.number(2))
    front = 1 / b.sqrt(2 * b.pi)
    q_x, q_y = b.erfc(x / root2) / 2, b.erfc(y / root2) / 2
    one_x, one_y = (front * b.exp(-u * u / 2) - u * q for u, q in ((x, q_x), (y, q_y)))
    ab = a * (a - one_x + one_y)
    return [ab, a * (q_x - q_y), ab + a * a * (1 - q_x - q_y)]


def learned(b: Backend, c: Number) -> Six:
    """The six functions plus ``a^2`` and ``2 a^2`` far above the threshold, where noise passes whole."""
    zero = 0 * c
    return [1 + c * c, 1 + zero, 2 * c, zero, zero, zero]


def six_series(b: Backend, a: Series, c: Number) -> list[Series]:
    """The six functions composed with a series ``a``; the last coefficients are not to be used."""
    root2 = b.sqrt(b.number(2))
    front = 1 / b.sqrt(2 * b.pi)
    sides = []
    for sign in (-1, 1):
        x = scale(a, sign)
        x[0] = x[0] + c
        p = scale(exponential(b, scale(multiply(x, x), b.number(-1) / 2)), front)
        q = integral(b.erfc(x[0] / root2) / 2, scale(multiply(p, derivative(x)), -1))
        one = add(p, multiply(x, q), -1)
        sides.append((p, q, one, add(q, multiply(x, one), -1)))
    (p_x, q_x, one_x, two_x), (p_y, q_y, one_y, two_y) = sides
    s = add(q_x, q_y)
    twice = scale(a, 2)
    return [
        add(add(two_x, two_y), multiply(twice, add(one_x, one_y, -1)), -1),
        s,
        add(scale(add(one_x, one_y), -2), multiply(twice, add(q_x, q_y, -1))),
        scale(add(p_x, p_y), -1),
        scale(multiply(multiply(a, twice), s), -1),
        multiply(a, add(p_x, p_y, -1)),
    ]


def small_sums(b: Backend, c: Number, count: Number, squares: list[Number]) -> Six:
    """Sums over ``count`` small coefficients from ``squares[k-1] = sum a^(2k)``, without the last one's share.

    ``s = 2 Q(c) + 2 phi(c) sum_k He_{2k-1}(c) a^(2k) / (2k)!`` and ``dr/da = 2 a (1 - s)``.
    """
    zero = six(b, b.number(0), c)
    totals = [count * zero[0], count * zero[1], count * zero[2], count * zero[3], b.number(0), b.number(0)]
    if not squares:
        return totals
    phi2 = -zero[3]
    before, here = b.number(1), c  # He_0, He_1
    coefficient, slope = zero[1], zero[3]  # of a^0 in s and ds/dc
    for k in range(1, len(squares) + 1):
        share = squares[k - 1]
        totals[0] -= coefficient * share / k
        totals[2] -= slope * share / k
        totals[4] -= 2 * coefficient * share
        phi2 = phi2 / ((2 * k - 1) * (2 * k))
        after = c * here - (2 * k - 1) * before
        coefficient, slope = phi2 * here, -phi2 * after
        if k < len(squares):
            totals[1] += coefficient * share
            totals[3] += slope * share
            totals[5] += 2 * k * coefficient * share
        before, here = after, c * after - 2 * k * here
    return totals


def log_taylor_term(k: int, a: float) -> float:
    """``log`` of a bound on the Taylor term of ``a^(2k)`` over ``a^2``, by Cramer's inequality.

    ``|He_n(c)| e^(-c^2/4) <= 1.09 sqrt(n!)``, so ``|s_k| <= 1 / sqrt((2k)!)``; derivatives bring ``2k + 1`` at most.
    """
    return (
        (2 * k - 2) * math.log(a) - 0.5 * math.lgamma(2 * k + 1) + math.log(4.0 * k + 4.0)
        if a > 0
        else -math.inf
    )


def log_taylor_rest(k: int, a: float) -> float:
    """The same of this term and all that follow, for ``k >= 2`` and ``a <= 1``: each is below a third of the last."""
    return log_taylor_term(k, a) + math.log(1.5)


def log_tail(x: float) -> float:
    """``log`` of a bound on all six a distance ``x > 1`` below the threshold, over ``(1 + a)^2``: ``8 x phi(x)``.

    Also of what is missing from `learned` a distance ``x`` above it.
    """
    return math.log(8.0 * x) - 0.5 * x * x


def log_ceiling(log_a: float, eta: float, c: float) -> float:
    """``log`` of ``10 (1+c) (1+|a|)^2 e^(eta^2/2)``, a bound on all six; ``|a| <= e^log_a``, ``|Im a| <= eta``."""
    return math.log(10.0) + math.log1p(c) + 2.0 * max(log_a, 0.0) + 2.0 * math.log(2.0) + 0.5 * eta * eta
