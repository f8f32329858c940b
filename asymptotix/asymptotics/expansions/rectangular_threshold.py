r"""Shares of the potential for a spectral threshold of a matrix of fewer rows than columns, ``m = rho d``.

The noise has entries of variance ``tau**2/d``. Behind it the square ``s`` of a feature on top of bare noise, whose
trace is ``F = rho tau**2/s``, appears where Dozier and Silverstein's equation says, ``z**2 = s (1 + F)**2 +
(1 - rho) tau**2 (1 + F)``, once ``dz/ds > 0`` (Benaych-Georges and Nadakuditi 2012); all else follows from this.
On the arc ``s = sqrt(rho) exp(i theta)`` the position is real: there lie the noise's own singular values.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

import sympy as sp

from asymptotix.asymptotics.expansions.mellin import FEATURE, OutlierSlope, Piece
from asymptotix.asymptotics.expansions.potential import SIZE, FeatureShare, NoiseShare, learned_from
from asymptotix.asymptotics.expansions.spectral_threshold import DEPTH, edge_terms
from asymptotix.asymptotics.symbols import KAPPA, TAU, Expr

_ROOT: Expr = sp.Symbol("root", positive=True)  # sqrt(rho), while edges are worked out
_SQUARE: Expr = sp.Symbol("s", positive=True)


def square(s: Expr, ratio: Expr, noise: Expr = 1) -> Expr:
    """``z**2`` of a feature whose square is ``s``.

    >>> square(_SQUARE, sp.Rational(1, 4))
    (s + 1)*(4*s + 1)/(4*s)
    """
    trace = ratio * noise**2 / s
    return sp.factor(s * (1 + trace) ** 2 + (1 - ratio) * noise**2 * (1 + trace))


@cache
def edge(ratio: Expr) -> Expr:
    """Where bare noise ends, and features begin to stand out: the least ``z``.

    >>> edge(sp.Rational(1, 4))
    3/2
    """
    (there,) = sp.solve(sp.diff(square(_SQUARE, ratio), _SQUARE), _SQUARE)  # where dz/ds = 0
    return sp.sqrt(sp.factor(square(_ROOT, _ROOT**2))).subs(_ROOT, there)


@dataclass(frozen=True)
class RectangularNoise(NoiseShare):
    """The bare noise's share; elementary at the edge, elliptic in between."""

    ratio: Expr = 1

    def at_zero(self) -> tuple[Expr, Expr, Expr, Expr]:
        """``j = M_2 - 2 c M_1`` for small ``c``, with ``M_k`` the moments of ``m`` singular values over ``d``."""
        second, first = self.moment(2), self.moment(1)
        return second, second, 2 * first, first

    def moment(self, k: int) -> Expr:
        """``(2 rho/pi) int_0^pi sin(theta)**2 (1 + rho + 2 sqrt(rho) cos(theta))**(k/2 - 1) dtheta``.

        >>> RectangularNoise(None, 2, None, 0, ratio=sp.Integer(1)).moment(1)
        8/(3*pi)
        """
        e = 1 - sp.Rational(k, 2)  # Gegenbauer's integral
        mean = sp.hyper((e, e - 1), (2,), self.ratio)
        # of a symbol left as it is: its elliptic integrals have no value at 1 each
        return self.ratio * (sp.hyperexpand(mean) if self.ratio.is_number or e == 0 else mean)


@dataclass(frozen=True)
class RectangularFeature(FeatureShare):
    """A feature above the noise: ``z`` is a root of a Laurent polynomial in it, and so are risk and count but for
    ``tau dz/dtau``."""

    ratio: Expr = 1

    def at_shape(self, shape: Expr, onset: Expr) -> tuple[list[Piece], list[Piece]]:
        squared, slope = square(FEATURE**2, self.ratio, TAU), OutlierSlope(FEATURE, self.ratio)
        product = sp.diff(squared, TAU) / 2  # z tau dz/dtau, at tau = 1
        # both identities on (z - kappa)**2
        count = (product - shape * slope).subs(TAU, 1)
        risk = FEATURE**2 - squared.subs(TAU, 1) + shape**2 + 2 * count
        return learned_from(onset, sp.expand(risk), sp.expand(count))


@cache
def rectangular_shares(sides: int, ratio: Expr) -> tuple[RectangularNoise, FeatureShare]:
    """Both shares at ``rho = ratio``; singular values have no sides.

    >>> from asymptotix.asymptotics.expansions import spectral_shares
    >>> rectangular_shares(2, sp.Integer(1))[0].at_edge == spectral_shares(2)[0].at_edge
    True
    """
    top = edge(_ROOT**2)
    # the density -(2/pi) Im h of all of them is 2 Im s/(pi z), with s = sqrt(rho) exp(i theta)
    cosine = ((top - DEPTH) ** 2 - 1 - _ROOT**2) / (2 * _ROOT)
    smooth = 2 * _ROOT * sp.sqrt(sp.factor((1 - cosine**2) / DEPTH)) / (sp.pi * (top - DEPTH))
    noise = RectangularNoise(
        inside=None,
        edge=edge(ratio),
        at_edge=edge_terms(smooth.subs(_ROOT, sp.sqrt(ratio))),
        tilt=sp.Integer(0),
        ratio=ratio,
    )
    place = sp.sqrt(square(SIZE**2, ratio, TAU))
    feature = RectangularFeature(
        potential=(place - KAPPA) ** 2,
        resolved=(SIZE - KAPPA) ** 2 + TAU**2 * noise.moment(2) / ratio,
        onset=lambda shape: _onset(shape, ratio),
        exact=True,
        number=ratio,
        ratio=ratio,
    )
    return noise, feature


def _onset(shape: Expr, ratio: Expr) -> Expr:
    """Smallest feature that lies above ``c``: of the two roots of ``z**2 = c**2`` the larger one."""
    middle = (shape**2 - 1 - ratio) / 2
    return sp.sqrt(sp.factor(sp.simplify(middle + sp.sqrt(sp.factor(middle**2 - ratio)))))
