"""A spectrum thresholded on one side or both: risk and degrees of freedom from arcs in the upper half-plane.

The learner sees the teacher's spectrum blurred by a semicircle: with ``G(w) = sum 1/(w - a_i)`` and
``t = tau^2 / d``, its density lies on ``z = w + t G(w)`` ([BI], [NR]). For a threshold at ``x``, of

    J(t, x) = int (z - x)_+^2 mu(dz)            R = 1 - J + 2 t J_t + x J_x            s = J_t / d

all derivatives are contour integrals of ``(z - x)^j G^k dz`` from the point ``w`` with ``z(w) = x``. Integrated by
parts until only ``G, w^2 G, G^2, w G^2, G^3`` are left, and led over the negative axis, where they are real,
to infinity, where residues remain (``d``, ``sum a^2 = 1``, ``0``, ``d^2``, ``0``):

    R_part = -(1/pi) Im [ -int (w^2 - x^2) G + t int (w - 2x) G^2 + t^2 int G^3 + t^3 G^4/4 - x t^2 G^3/3 ]
    J_t    = -(1/pi) Im [ int (w - x) G^2 + (2 t/3) int G^3 + t^2 G^4/12 ]
    J_tt   = -(2/3pi) Im [ int G^3 - t G^4/4 ]        J_tx = (1/pi) Im [ int G^2 - t G^3/3 ]
    J_xx   = -(2/pi) Im [ int G - t G^2/2 ]

The ``1`` in ``R`` goes with the residue of ``w^2 G``: nothing of the teacher's own size is left to cancel. In a gap of
the spectrum ``w`` is real, any point of the gap serves, and all is polynomial in ``t`` and ``x``.
"""

from __future__ import annotations

from dataclasses import dataclass

from asymptotix.precise.arc_integrals import ArcIntegrals
from asymptotix.precise.backend import Backend, Number


@dataclass(frozen=True)
class Side:
    """Share of one threshold: ``R``, ``J_t`` and second derivatives by ``t`` and ``kappa = |x|``."""

    risk: Number
    j_t: Number
    j_tt: Number
    j_tk: Number
    j_kk: Number

    def __add__(self, other: Side) -> Side:
        return Side(*(getattr(self, f) + getattr(other, f) for f in self.__dataclass_fields__))


#: Of a threshold beyond which nothing is.
NO_SIDE = Side(0, 0, 0, 0, 0)


def side(
    b: Backend,
    d: int,
    t: Number,
    x: Number,
    g: Number | None,
    arcs: ArcIntegrals,
    *,
    left: bool = False,
    end: Number | None = None,
) -> Side:
    """One threshold's share.

    Args:
        x: the threshold, negative for the left one.
        g: ``G`` at the start of the arc; None in a gap, where it is real and drops out.
        arcs: integrals from there to the negative axis.
        left: integrate the spectrum below ``x`` rather than above.
        end: the angle at which the arcs end, if not ``pi``.
    """
    pi = b.pi
    end = b.number(0) if left else pi if end is None else end
    sign = 1 / pi if left else -1 / pi
    i_g, i_wgg = arcs.g - end * d, arcs.wgg - end * d * d
    i_wwg, i_gg, i_ggg = arcs.wwg, arcs.gg, arcs.ggg
    g2 = g3 = g4 = b.number(0)
    if g is not None:
        square = g * g
        g2, g3, g4 = square.imag, b.imag(square * g), b.imag(square * square)
    risk = -i_wwg + x * x * i_g + t * (i_wgg - 2 * x * i_gg) + t * t * i_ggg
    risk += t**3 * g4 / 4 - x * t * t * g3 / 3
    j_t = i_wgg - x * i_gg + 2 * t / 3 * i_ggg + t * t * g4 / 12
    j_tt = (i_ggg - t * g4 / 4) * 2 / 3
    j_tx = -(i_gg - t * g3 / 3)
    j_xx = 2 * (i_g - t * g2 / 2)
    flip = -1 if left else 1
    # R = 1 - J + 2 t J_t + x J_x, so R_t = J_t + 2 t J_tt + x J_xt and R_x = 2 t J_tx + x J_xx
    return Side(sign * risk, sign * j_t, sign * j_tt, sign * flip * j_tx, sign * j_xx)
