r"""The resolvent of coefficients ``+-a_i``: singular values of a square matrix, to any number of digits.

The symmetrised matrix has the ``2 d`` eigenvalues ``+-x``: the bilinear network is a spectrum thresholded on one side
(`asymptotix.precise.arc_integrals`) with ``G(w) = sum 2 w/(w^2 - a_i^2) = 2 w F(w^2)``, ``F`` the resolvent of the
squares, of a power law itself one. ``G`` is odd, and of the five integrands the odd ones have real integrals along the
imaginary axis: arcs end there, a quarter turn before infinity. The even one, ``G^2``, goes on along the axis,

    Im int_{ir}^{i inf} G^2 dw = -int_r^inf (2 y F(-y^2))^2 dy

in stretches of ``log y``: by powers where ``F`` is a sum of them, else by quadrature, and from beyond the largest
coefficient on in ``1/y``. In a sector around the axis ``|s - a^2| >= (|s| + a^2)/sqrt 2``, which bounds the quadrature.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from fractions import Fraction
from itertools import pairwise

from asymptotix.precise.arc_integrals import REACH, gauss, gauss_bound
from asymptotix.precise.backend import Number
from asymptotix.precise.powers import WEIGHTS, Powers, product
from asymptotix.precise.resolvent import BOTH, VALUE, Closed, OfSquares, Resolvent
from asymptotix.precise.spectrum import Listed, PairedSpectrum

# Width of a cell in log y: its ellipse, 15/16 as high as the cell is wide, lies in the sector |arg(-w^2)| < pi/2.
_CELL = 0.82
# Stretches that are kept grow with the distance from the largest coefficient by this share of it, in log y.
_GROWTH = 0.25
# Cells begin at this multiple of the largest coefficient: then the ellipse around (0, 1/y) keeps clear of poles.
_TOP = 4


class QuarterPowers(Powers):
    """``-i G`` as a sum of powers of ``w' = i w``, real on the negative axis, and integrals in ``w`` made of it."""

    @classmethod
    def of(cls, squares: Powers) -> QuarterPowers:
        """From that of ``F``: ``-i G = -2 w' F(-w'^2)``."""
        terms = {
            (j, 0) if j else (0, 2 * n + 1): 2 * c * (1 if j or n % 2 else -1)
            for (j, n), c in squares.terms.items()
        }
        return cls(squares.b, 2 * (squares.power or Fraction(0)) + 1, terms)

    def arcs(self, radius: Number, angle: Number, weights: Sequence[int] = WEIGHTS) -> list[Number]:
        """``Im int dw`` of ``G, w^2 G, G^2, w G^2, G^3`` from an angle to the imaginary axis."""
        b = self.b
        g, wwg, _, wgg, ggg = super().arcs(radius, angle + b.pi / 2)
        rest, log_radius, gg = b.pi / 2 - angle, b.log(radius), b.number(0)
        for rise, c in self._square():
            if rise != 0:  # of G^2 the real part, in which powers fall short of those on the axis
                e = b.number(rise)
                gg -= 2 * c * b.exp(e * log_radius) / e * b.sin(e * rest / 2) ** 2
        return [g, -wwg, gg, wgg, -ggg]

    def axis(self, low: Number, high: Number) -> Number:
        """``int (Im G(iy))^2 dy``."""
        b, total = self.b, self.b.number(0)
        logs = b.log(low), b.log(high)
        for rise, c in self._square():
            e = b.number(rise)
            total += c * (logs[1] - logs[0] if rise == 0 else (b.exp(e * logs[1]) - b.exp(e * logs[0])) / e)
        return total

    def _square(self) -> list[tuple[Fraction, Number]]:
        """``(Im G(iy))^2``: exponents, one more each, and coefficients."""
        power = self.power or Fraction(0)
        square = product(self.terms, self.terms)
        return [(j * power + n + 1, -c if n % 2 else c) for (j, n), c in square.items()]


class Paired(OfSquares):
    """The resolvent of ``+-a_i`` from that of the squares."""

    symmetric = True
    widest = 0.25  # half that of the squares

    def __init__(self, squares: Resolvent, positive: Listed) -> None:
        super().__init__(squares, PairedSpectrum(positive))
        self.end = squares.b.pi / 2
        self._quarters: dict[Powers, QuarterPowers] = {}
        self._known: list[tuple[float, Number, Number]] = []

    def values(self, w: Number, orders: Sequence[int]) -> list[Number]:
        b = self.b
        if b.midpoint(w.real) < 0:  # G(-conj w) = -conj G(w)
            signs = zip(self.values(b.complex(-w.real, w.imag), orders), orders, strict=True)
            return [b.complex(x.real, -x.imag) if order else b.complex(-x.real, x.imag) for x, order in signs]
        square = w * w
        found = self.squares.values(square, BOTH if 1 in orders else VALUE)
        return [2 * found[0] + 4 * square * found[1] if order else 2 * w * found[0] for order in orders]

    def closed(self, radius: Number) -> Closed | None:
        found = self.squares.closed(radius**2)
        if found is None:
            return None
        powers, start, log_error = found
        error = None if log_error is None else log_error + self.b.magnitude(2 * radius)
        return self._quarter(powers), 0.5 * start, error

    def _quarter(self, powers: Powers) -> QuarterPowers:
        if powers not in self._quarters:
            self._quarters[powers] = QuarterPowers.of(powers)
        return self._quarters[powers]

    def clearance(self, radius: Number, angle: Number) -> float:
        return min(self.squares.clearance(radius**2, 2 * angle), 1.0) / 2.0

    def ceiling(self, radius: Number, angle: Number, reach: float) -> Number | None:
        found = self.squares.ceiling(radius**2, 2 * angle, 2.0 * reach)
        return None if found is None else 2 * radius * self.b.exp(self.b.number(reach)) * found

    # Along the imaginary axis -----------------------------------------------------------------------------

    def beyond(self, radius: Number) -> Number:
        b, top = self.b, _TOP * self.b.midpoint(self.spectrum.value(self.b.number(1)))
        depth = b.magnitude(top) - b.magnitude(radius)
        if depth < 0.0:
            return -self._far(radius)
        if not self._known:
            self._known = [(0.0, top, self._far(top))]
        while (last := self._known[-1])[0] + max(_CELL, _GROWTH * last[0]) <= depth:
            below = last[0] + max(_CELL, _GROWTH * last[0])
            edge = b.midpoint(top * b.exp(b.number(-below)))
            self._known.append((below, edge, last[2] + self._stretch(edge, last[1])))
        _, edge, known = next(x for x in reversed(self._known) if x[0] <= depth)
        return -known - self._stretch(radius, edge)

    def _negative(self, x: Number) -> Number:
        """``F(-x)``: of a complex number, as a power of a negative real one is none."""
        return self.b.real(self.squares.value(self.b.complex(-x, 0)))

    def _far(self, radius: Number) -> Number:
        """``int_r^inf``, in ``x = 1/y``."""
        b = self.b
        half, total = 1 / radius / 2, b.number(0)
        self.squares.value(b.complex(-(radius**2), 0))  # where most moments count, which are kept
        for node, weight in gauss(b):
            square = (half + half * node) ** 2
            total += weight * (self._negative(1 / square) * 2 / square) ** 2
        # x is at most 0.4 of the nearest pole's on the ellipse, where |sum 2/(1 + a^2 x^2)| < 1.2 (2 d)
        return b.widen(half * total, half * gauss_bound(b) * (2 * b.number(self.spectrum.d)) ** 2)

    def _stretch(self, low: Number, high: Number) -> Number:
        b, found = self.b, self.squares.stretch(low**2, high**2)
        if found is None:
            cells = max(1, math.ceil((b.magnitude(high) - b.magnitude(low)) / _CELL - 0.01))
            edges = [low, *(low * b.exp(b.number(_CELL * k)) for k in range(1, cells)), high]
            return sum((self._cell(x, y) for x, y in pairwise(edges)), b.number(0))
        powers, log_error = self._quarter(found[0]), found[1]
        total = powers.axis(low, high)
        if log_error is None:
            return total
        error = 2 * high * b.exp(b.number(log_error))
        size = powers.ceiling(low) + powers.ceiling(high) + error
        return b.widen(total, 3 * error * size * abs(high - low))

    def _cell(self, low: Number, high: Number) -> Number:
        b = self.b
        middle, half = b.sqrt(low * high), b.log(high / low) / 2
        out = b.exp(b.number(REACH * max(b.double(half), 0.0)))
        size = 3 * middle * out * abs(self._negative((middle / out) ** 2))  # 2 sqrt 2 < 3
        total = b.number(0)
        for node, weight in gauss(b):
            y = middle * b.exp(half * node)
            total += weight * (2 * y * self._negative(y * y)) ** 2 * y
        return b.widen(half * total, half * gauss_bound(b) * size**2 * middle * out)
