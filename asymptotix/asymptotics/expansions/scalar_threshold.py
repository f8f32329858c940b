r"""Shares of the potential for a scalar threshold of Gaussian data (diagonal networks).

Each coordinate sees ``x = a + tau z`` and keeps what exceeds the threshold,
``J = E (x - kappa)_+**2``, on one side (nonnegative weights) or on both. The bare noise's share has no edge:
it dies like a Gaussian tail.
"""

from __future__ import annotations

from functools import cache

import sympy as sp

from asymptotix.asymptotics.expansions.potential import SIZE, FeatureShare, NoiseShare
from asymptotix.asymptotics.sector import term
from asymptotix.asymptotics.symbols import GAMMA, KAPPA, LEAK, SHAPE, TAU, Expr

_X: Expr = sp.Symbol("x", real=True)
_T: Expr = sp.Symbol("t", positive=True)
_DENSITY: Expr = sp.exp(-(_X**2) / 2) / sp.sqrt(2 * sp.pi)


def _tail_moment(k: int, low: Expr) -> Expr:
    """``int_low^oo x**k exp(-x**2/2)/sqrt(2 pi) dx``, by parts.

    >>> _tail_moment(2, sp.Integer(0))
    1/2
    """
    if k == 0:
        return (1 - sp.erf(low / sp.sqrt(2))) / 2
    ends = low ** (k - 1) * _DENSITY.subs(_X, low)
    return ends if k == 1 else ends + (k - 1) * _tail_moment(k - 2, low)


@cache
def noise_share(sides: int = 2) -> NoiseShare:
    r"""The bare noise's share ``j(c) = sides * E (z - c)_+**2``.

    The tail follows from Watson's lemma: in ``int_0^oo t**2 exp(-c t) exp(-t**2/2) dt`` the last factor is
    expanded and integrated term by term.

    >>> noise_share(2).at_edge[0].expression
    2*sqrt(2)*q/(sqrt(pi)*c**3)
    """
    none, first, second = (_tail_moment(k, SHAPE) for k in range(3))
    inside = sp.expand(sides * (second - 2 * SHAPE * first + SHAPE**2 * none))
    tail = sp.series(sp.exp(-(_T**2) / 2), _T, 0, 4).removeO() * _T**2
    weight = sides * _DENSITY.subs(_X, 0) * LEAK
    lead, following = (
        term(weight * tail.expand().coeff(_T, k) * sp.factorial(k) / SHAPE ** (k + 1)) for k in (2, 4)
    )
    return NoiseShare(inside=inside, edge=sp.oo, at_edge=(lead, following), tilt=sp.Integer(2 - sides))


@cache
def feature_share() -> FeatureShare:
    """A feature far above the threshold: ``E (a + tau z - kappa)**2``, from the noise's two moments.

    >>> feature_share().potential
    tau**2 + (a - kappa)**2
    """
    mean, variance = (sp.integrate(_X**k * _DENSITY, (_X, -sp.oo, sp.oo)) for k in (1, 2))
    potential = (SIZE - KAPPA) ** 2 + 2 * TAU * mean * (SIZE - KAPPA) + TAU**2 * variance
    return FeatureShare(
        potential=potential,
        resolved=potential,
        among_noise=_among_noise(),
    )


def _among_noise() -> Expr:
    """What features ``y = a/tau`` add to the risk of the positive part ``(y + z)_+``, summed over all.

    That risk grows from 1/2 to 1, and the sum over features is the Mellin transform ``int_0^oo y**-p r'(y) dy`` at
    ``p = 1/gamma``; by parts once more the Gaussian tail in ``r' = 2 y Q(y)`` becomes a moment.

    >>> sp.N(_among_noise().subs(GAMMA, 1), 5)  # E|z|
    0.79788
    """
    size, power = SIZE, sp.Symbol("s", positive=True)  # s = 2 - p
    risk = _tail_moment(2, -size) + size**2 * _tail_moment(0, size)
    tail = sp.simplify(sp.diff(risk, size) / size)
    moment = sp.integrate(-sp.diff(tail, size) * size**power, (size, 0, sp.oo)) / power
    return sp.simplify(moment).subs(power, 2 - 1 / GAMMA)
