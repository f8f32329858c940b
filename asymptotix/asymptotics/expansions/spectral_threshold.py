r"""Shares of the potential for a spectral threshold of a matrix in Gaussian noise (quadratic networks).

The noise is a semicircle of radius ``2 tau``. By subordination, ``z = w + tau**2 G(w)`` maps the teacher's
real line to the learned one; for a spike ``a`` on top of bare noise ``G(w) = 1/w``, so that the spike appears
at ``a + tau**2/a`` once ``dz/dw > 0``, that is above the noise level, and is swallowed below (Biane 1997;
Benaych-Georges and Nadakuditi 2011). One side (positive semidefinite) or both (symmetric, nuclear norm).
"""

from __future__ import annotations

from functools import cache

import sympy as sp
from sympy.simplify.fu import TR8

from asymptotix.asymptotics.expansions.potential import SIZE, FeatureShare, NoiseShare
from asymptotix.asymptotics.sector import Term, term
from asymptotix.asymptotics.symbols import GAMMA, GAP, KAPPA, SHAPE, TAU, Expr, simplified

_ANGLE: Expr = sp.Symbol("theta", positive=True)
_LIMIT: Expr = sp.Symbol("phi", positive=True)
DEPTH: Expr = sp.Symbol("h", positive=True)


def position(spike: Expr) -> Expr:
    """Where a spike appears on top of unit noise: ``z(w) = w + G(w)`` at ``w = spike``, ``G(w) = 1/w``."""
    return spike + 1 / spike


@cache
def edge() -> Expr:
    """Upper edge of the unit noise: where ``dz/dw = 0``.

    >>> edge()
    2
    """
    (critical,) = sp.solve(sp.diff(position(DEPTH), DEPTH), DEPTH)
    return position(critical)


def density(x: Expr) -> Expr:
    """The semicircle law of unit variance."""
    return sp.sqrt(edge() ** 2 - x**2) / (2 * sp.pi)


@cache
def noise_share(sides: int = 1) -> NoiseShare:
    r"""The bare noise's share ``j(c) = sides * int_c^2 (x - c)**2 rho(x) dx`` of the semicircle ``rho``.

    Inside the bulk the integral is elementary in ``phi = arccos(c/2)``. At the edge the density is expanded
    in its depth ``h = 2 - x`` and each power integrates to a Beta function of ``2 - c``.

    >>> noise_share(1).at_edge[0].expression
    16*gap**(7/2)/(105*pi)
    """
    top, cosine = edge(), SHAPE / edge()
    in_angle = sp.expand_trig(_mean((top * (sp.cos(_ANGLE) - sp.cos(_LIMIT))) ** 2, _LIMIT))
    in_shape = in_angle.subs({sp.cos(_LIMIT): cosine, sp.sin(_LIMIT): sp.sqrt(1 - cosine**2)})
    inside = sides * simplified(in_shape.subs(_LIMIT, sp.acos(cosine)))
    return NoiseShare(
        inside=inside,
        edge=top,
        # the square root itself is kept as a factor: what remains is analytic
        at_edge=edge_terms(sides * sp.sqrt(2 * top - DEPTH) / (2 * sp.pi)),
        tilt=sp.Integer(2 - sides),
    )


@cache  # the same for both numbers of sides
def _mean(value: Expr, end: Expr) -> Expr:
    """The noise's mean of a value at ``x = 2 cos(theta)``, over angles from 0 to ``end``."""
    sine = sp.Symbol("sine", positive=True)
    squared = sp.trigsimp(density(edge() * sp.cos(_ANGLE)) ** 2).subs(sp.sin(_ANGLE), sine)
    weight = (sp.sqrt(squared) * edge() * sine).subs(sine, sp.sin(_ANGLE))  # rho(x) |dx|
    antiderivative = sp.integrate(TR8(sp.expand(value * weight)), _ANGLE)
    return antiderivative.subs(_ANGLE, end) - antiderivative.subs(_ANGLE, 0)


def edge_terms(smooth: Expr) -> tuple[Term, Term]:
    """``int_0^g (g - h)**2 h**p dh = g**(p+3) B(3, p+1)`` for the first two powers of ``sqrt(h) smooth(h)``."""

    def integrated(order: int) -> Term:
        power = sp.Rational(1, 2) + order
        beta = sp.gammasimp(sp.gamma(3) * sp.gamma(power + 1) / sp.gamma(power + 4))
        weight = sp.diff(smooth, DEPTH, order).subs(DEPTH, 0)
        return term(sp.nsimplify(sp.simplify(weight * beta)) * GAP ** (power + 3))

    return integrated(0), integrated(1)


@cache
def feature_share() -> FeatureShare:
    """A feature above the noise: ``(a + tau**2/a - kappa)**2``, once its spike passes the threshold.

    When all ``d`` features are learned no threshold cuts the spectrum, and ``int (x - kappa)**2`` over the
    free convolution needs only its first two moments, which add: each feature has ``(a - kappa)**2 +
    tau**2``.

    >>> feature_share().onset(edge())
    1
    """
    place = sp.expand(TAU * position(SIZE / TAU))
    resolved = (SIZE - KAPPA) ** 2 + TAU**2 * _mean((edge() * sp.cos(_ANGLE)) ** 2, sp.pi)
    return FeatureShare(
        potential=(place - KAPPA) ** 2,
        resolved=resolved,
        onset=_onset,
        exact=True,
        among_noise=_among_noise(),
    )


def _among_noise() -> Expr:
    r"""What features ``y = a/tau`` add to the risk of the positive part ``X_+``, ``X = S + tau W``, summed over all.

    ``||X_+ - S||^2 = ||tau W||^2 - ||X_-||^2 + 2 <S, X_->``. At ``x = 2 cos(theta)`` the resolvent of the noise is
    ``exp(-i theta)``: one feature lifts ``phi/pi`` eigenvalues past ``x``, ``phi = arg(1 - y exp(-i theta))``, and has
    the spectral density ``sin(theta)/pi |1 - y exp(-i theta)|^-2``. So it adds, in units of ``tau^2``,

        8/pi int_{pi/2}^{pi} ( y cos sin^2 / |1 - y exp(-i theta)|^2 - cos sin phi ) dtheta :

    ``y^2/2`` of a small feature, 1 of a large one. Its Mellin transform at ``p = 1/gamma`` is, by parts in ``y`` and
    ``int_0^oo y^-p / |1 - y exp(-i theta)|^2 dy = pi sin(p t)/(sin(t) sin(pi p))``, ``t = pi - theta``,

        8 (1/p - 1) / sin(pi p)  int_0^{pi/2} cos(t) sin(t) sin(p t) dt,

    times ``p`` for the number of features. No singularity at ``p = 1``.
    """
    p = 1 / GAMMA
    # the integral is sin(pi p/2)/(4 - p^2), and sin(pi p) = 2 sin(pi p/2) cos(pi p/2)
    return 8 / (sp.pi * (4 - p**2) * sp.sinc(sp.pi * (1 - p) / 2))


def _onset(shape: Expr) -> Expr:
    """Smallest feature over ``tau`` whose spike lies above ``c``: the larger root of ``y + 1/y = c``."""
    return (shape + sp.sqrt(shape**2 - edge() ** 2)) / 2
