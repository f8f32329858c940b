r"""Risk and degrees of freedom of thresholded singular values of a square matrix, as integrals along a quarter arc.

The symmetrised matrix has the atoms ``+-a_i``, half a weight each, and ``z = w + S``, ``S = t sum w/(w^2 - a_i^2)``,
``t = 1/d``. Split them into a head of ``m`` (as `asymptotix.free_convolution.arc` does; both signs) and a tail of
``n_t``, ``S = H + T``, ``z_t = w + T``. A function that is odd in ``w`` has real integrals along the imaginary axis, so
that a quarter arc from the threshold's point ``w_c`` up to that axis is enough, and infinity leaves residues:

    R / tau^2 = m (c^2 + 2 - m/d) + sum_tail a^2 + V_R + 2 c B + (2 d/pi) Im int_up D_R dw
    s         = m (2 - m/d)                      + V_s +   c B - (2 d/pi) Im int_up D_s dw

    D_R = S (w^2 - S^2 - c^2) z' - T (w^2 - T^2 - c^2) z_t'        D_s = z S^2 z' - z_t T^2 z_t'

``V`` is what the tail alone leaks, twice that of one side. What is even in ``w`` comes with one power of ``c``,

    B = (2 d/pi) [Im int (S^2 - T^2) dw - Im (S^3 - T^3)(w_c) / 3]

With ``H = (t/2)(h + n)``, ``h = sum_head 1/(w - a)``, ``n = sum_head 1/(w + a)``, products of ``h`` and ``T`` are led
to the left and those of ``n`` and ``T`` to the right, where there are no poles, and both by ``w -> -conj(w)`` to one
quarter. The product ``h n = -|n|^2`` on the imaginary axis leaves ``Q = int_r^inf |n(iy)|^2 dy``: features that repel
each other, of order ``m/d``.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from typing import Any

import numpy as np

from asymptotix.arrays import Array, Complex
from asymptotix.free_convolution.arc import ArcSums, Right, leak, onward
from asymptotix.free_convolution.atoms import Atoms
from asymptotix.free_convolution.subordination import Subordination
from asymptotix.free_convolution.view import TailSums, View
from asymptotix.teacher import Spectrum

# Repulsion of fewer atoms than this share of all is below rounding.
FEW = 1e-17
# Nodes in log y: atoms are no nearer than y, so that panels of a factor 2 are good to rounding; beyond 2^64 is nothing.
_PANEL = np.polynomial.legendre.leggauss(20)
_OCTAVES = 64
_BETWEEN = np.polynomial.legendre.leggauss(12)
# Repulsions are kept at scales this far apart.
STEP = 0.5 * math.log(2.0)


class MirroredAtoms(Atoms):
    """Half of each atom at ``-a_i``: what is symmetric has no odd power sums."""

    def __init__(self, spectrum: Spectrum) -> None:
        super().__init__(spectrum)
        self._repulsions: dict[tuple[float, int], float] = {}

    def _tail(self, first: float) -> tuple[float, Array]:
        reference, sums = super()._tail(first)
        sums[1::2] = 0.0
        return reference, sums

    def repulsion(self, last: float, steps: int) -> float:
        """``b int_b^inf |sum_{i <= last} 1/(iy + a_i)|^2 dy`` with ``b`` so many steps below the largest atom."""
        if (last, steps) not in self._repulsions:
            log_b = self.log_largest - steps * STEP
            log_a, weight = self._nodes(last, 0.0, log_b)
            a = np.exp(np.minimum(log_a - log_b, 300.0))
            node, share = _PANEL
            total = 0.0
            for octave in range(_OCTAVES):
                y = np.exp2(octave + 0.5 * (1.0 + node))
                one = 1.0 / (np.square(a) + np.square(y)[:, None])
                squares = np.square(one @ (weight * a)) + np.square(y * (one @ weight))
                part = 0.5 * math.log(2.0) * float((share * y) @ squares)
                total += part
                if part < 1e-17 * total:
                    break
            self._repulsions[last, steps] = total
        return self._repulsions[last, steps]


class MirroredView(View):
    """The atoms as seen from the arc, both signs."""

    def head(self, w: Complex) -> tuple[Complex, Complex]:
        (h, h_slope), (n, n_slope) = super().head(w), self.mirrored(w)
        return 0.5 * (h + n), 0.5 * (h_slope + n_slope)

    def upper(self, w: Complex) -> tuple[Complex, Complex]:
        """``h`` and its derivative: the positive head alone."""
        return super().head(w)

    def mirrored(self, w: Complex) -> tuple[Complex, Complex]:
        """``n`` and its derivative."""
        value, slope = super().head(-w)
        return -value, slope

    def head_kernel(self, w: Complex, angle: float, mirror: bool = False) -> tuple[Complex, Complex]:
        (one, one_slope), (other, other_slope) = (
            super().head_kernel(w, angle),
            super().head_kernel(-w, angle, True),
        )
        return 0.5 * (one - other), 0.5 * (one_slope + other_slope)

    def share(self, angle: float, power: int, mirror: bool = False) -> float:
        sign = -1.0 if power % 2 else 1.0
        return 0.5 * (super().share(angle, power) + sign * super().share(angle, power, mirror=True))

    def head_missed(self, w: complex) -> float:
        """``(1/pi) sum_head arg(a^2 - conj w^2)``, all terms positive."""
        square = w * w
        total = float(self.weight @ np.arctan2(square.imag, self.near * self.near - square.real))
        if self.first > 0:
            k = np.arange(2.0, self._head.size, 2.0)
            total += float((((w / self._head_scale) ** k).imag * self._head[2::2] / (0.5 * k)).sum())
        return total / math.pi


class MirroredPlane(Subordination):
    """``z(w) = w + S(w)``."""

    view_of = MirroredView

    def shift(self, w: complex) -> tuple[complex, complex]:
        value, slope = super().shift(w)
        if self._all is None:
            return value, slope
        other, other_slope = super().shift(-w)
        return 0.5 * (value - other), 0.5 * (slope + other_slope)


def respond(view: MirroredView, angle: float, c: float, clearance: float) -> ArcSums:
    """As `asymptotix.free_convolution.arc.respond`, from ``w_c = r e^{i angle}`` in the first quadrant."""
    m, t = view.head_count, view.t
    w = complex(view.r * math.cos(angle), view.r * math.sin(angle))
    at = np.array([w])
    h = t * complex(view.head(at)[0][0]) if m > 0 else 0j
    leaked = leak(view, angle, h) if angle > 0 else (0.0,) * 6
    if m == 0:
        return sums_of(t, m, view.tail_count, c, w, view.tail_square, leaked)
    tail, missed = t * complex(view.tail(at).value[0]), view.head_missed(w)
    between = _right(view, angle) - 0.5 * t**2 * _repulsion(view)
    up = _up(view, angle, c, clearance)
    return sums_of(t, m, view.tail_count, c, w, view.tail_square, leaked, h, tail, missed, between, up)


def sums_of(
    t: float,
    m: Any,
    n_t: Any,
    c: Any,
    w: Any,
    tail_square: Any,
    leaked: Iterable[Any],
    h: Any = 0j,
    tail: Any = 0j,
    missed: Any = 0.0,
    between: Any = 0.0,
    up: Any = (0.0,) * 4,
) -> ArcSums:
    """From all arcs; numbers or arrays.

    Args:
        h, tail: ``H`` and ``T`` at ``w_c``.
        missed: `MirroredView.head_missed` there.
        between: what is even, apart from the arc up.
        up: the integrals of `up_terms`.
    """
    rho, dof, slope, count, excess, drift = (2.0 * x for x in leaked)
    scale = 2.0 / (math.pi * t)
    # z_t is not real at w_c: there z = z_t + H is
    rho = rho + tail_square - 2.0 * n_t / math.pi * (h * h).imag
    excess = excess + 2.0 * n_t / math.pi * h.imag
    even = up[3] + between
    fall = scale * (even - (h * ((h + tail) * (h + 2.0 * tail) + tail * tail)).imag / 3.0)
    squares = h * (h + 2.0 * tail)
    held = m - missed + squares.imag / (math.pi * t)
    rho = rho + m * (c * c + 2.0 - m * t) + 2.0 * c * fall + scale * up[0]
    dof = dof + m * (2.0 - m * t) + c * fall - scale * up[1]
    drift = drift + scale * (c * (even - (w * squares).imag) - 2.0 * up[2])
    return ArcSums(rho, dof, slope - fall, count + held, excess - fall - c * held, drift)


def _up(view: MirroredView, angle: float, c: float, clearance: float) -> tuple[float, float, float, float]:
    """``Im int dw`` of `up_terms` from ``w_c`` up to the imaginary axis."""
    w, weight = onward(view, angle, 0.5 * math.pi, clearance)
    terms = up_terms(view.t, w, c, view.tail(w), view.upper(w), view.mirrored(w))
    measure = weight * w  # dw = i w d(beyond)
    return tuple(float((f @ measure).real) for f in terms)  # type: ignore[return-value]


def up_terms(
    t: float,
    w: Complex,
    c: float | Array,
    sums: TailSums,
    upper: tuple[Complex, Complex],
    mirrored: tuple[Complex, Complex],
) -> tuple[Complex, Complex, Complex, Complex]:
    """``D_R``, ``D_s``, the drift's, and what is even."""
    tail, tail_slope, tail_moves = t * sums.value, t * sums.slope, t * sums.moves
    (h, h_slope), (n, n_slope) = ((t * x, t * y) for x, y in (upper, mirrored))
    head, head_slope = 0.5 * (h + n), 0.5 * (h_slope + n_slope)
    whole, moves = tail + head, head + w * head_slope
    z_t, zt_slope = w + tail, 1.0 + tail_slope
    z_slope, square = zt_slope + head_slope, head * (head + 2.0 * tail)
    plane = w * w - c * c
    risk = head * (plane - whole * (whole + tail) - tail * tail) * z_slope
    risk += tail * (plane - tail * tail) * head_slope
    dof = (head * whole * whole + z_t * square) * z_slope + z_t * tail * tail * head_slope
    drift = head * whole * (tail_moves + moves) + z_t * (head * (tail_moves + moves) + tail * moves)
    return risk, dof, drift, tail * (h - n) + 0.25 * (h * h - n * n) + 0.5 * h * n


def _right(view: MirroredView, angle: float) -> float:
    """``2 Im int (T t n + t^2 n^2 / 4) dw`` from ``w_c`` to the positive axis."""
    if angle == 0:
        return 0.0
    arc = Right.of(view.r, angle)
    return float(right_of(arc, view.t * view.tail(arc.w).value, view.t * view.mirrored(arc.w)[0]))


def right_of(arc: Right, tail: Complex, n: Complex) -> Any:
    """The same from sums along the arc, of one or of many."""
    # the arc's weights are over pi, and the angle falls: dw = -i w d(angle)
    return -2.0 * math.pi * (n * (tail + 0.25 * n) * (arc.w * arc.weight)).real.sum(axis=-1)


def _repulsion(view: MirroredView) -> float:
    """``Q``: that from a scale close below ``r`` on, less what is between."""
    atoms = view.atoms
    if not isinstance(atoms, MirroredAtoms) or view.head_count < FEW / view.t:
        return 0.0
    axis, weight, steps, low = below(atoms, view.log_tau, view.r)
    between = float(weight @ np.square(np.abs(view.mirrored(axis)[0])))
    return atoms.repulsion(view.last, int(steps)) / float(low) - between


def below(atoms: Atoms, log_tau: Any, r: Any) -> tuple[Complex, Array, Any, Any]:
    """Nodes and weights on the imaginary axis from a kept scale up to ``r``; that scale's number, and it."""
    steps = np.ceil((atoms.log_largest - log_tau - np.log(r)) / STEP)
    low = np.exp(atoms.log_largest - log_tau - steps * STEP)
    node, weight = _BETWEEN
    half = np.asarray(0.5 * (r - low))[..., None]
    axis = np.asarray(1j * (np.asarray(low)[..., None] + half * (1.0 + node)), dtype=np.complex128)
    return axis, half * weight, steps, low
