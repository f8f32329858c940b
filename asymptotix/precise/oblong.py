r"""Singular values of a matrix of fewer rows than columns, to any number of digits.

With ``g(s) = sum 1/(s - a_i^2)`` over ``m`` rows, ``t = tau^2/d``, ``F = t g`` and ``e = d - m`` the singular values
behind the noise are where Dozier and Silverstein's

    Z(s) = z^2 = (1 + F) (s (1 + F) + t e)

is real (J. Multivariate Anal. 98, 2007). The traces ``H = z g/(1 + F)`` and ``K = H + e/z`` of the two blocks of the
resolvent of ``((0, Y), (Y', 0))`` have the product ``P = H K = s g^2 + e g``, and ``d/dt log det = -P``; so that of
``J(t, x) = sum (sigma - x)_+^2`` and of the risk (`asymptotix.precise.arc_integrals`) all that is even in ``z`` is a
polynomial in ``t`` and the integrals of ``g, s g, g^2, s g^2, s g^3`` from the threshold's point to the negative axis:

    A = int P ds                               B = int P d(s g) = int s g^3/3 + e g^2/2 ds + [s^2 g^3/3 + e s g^2/2]
    C = int H dz = (int g ds + [t P - e log(1 + F)])/2     I = int P dz     I' = int (H + K) dP = -2 dI/dt
    R     = (1/pi) Im (int s g ds + t [s^2 g^2] + t^2 [s g P] - t A - 3 t^2 B - t^3 [P^2]/2 - 2 x^2 C) + 2 x t J_tx
    J_t   = -(1/pi) Im (A + 2 t B + t^2 [P^2]/2) + x J_tx            J_tx = (2/pi) Im I          J_xx = -(4/pi) Im C
    J_tt  = (1/pi) Im (2 [s g P] - 2 B + t [P^2] + e [P]) - (x/pi) Im I'

(``[f]``: what ``f`` is at infinity less ``f`` at the point). ``I`` and ``I'`` have a root in them and are led up the
imaginary axis, or along the circle, to the real axis beyond all coefficients. A panel serves where ``|g|`` has a bound
on twice its ellipse (Cauchy: of its slope, too) that keeps ``1 + F`` and ``Z`` away from 0.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from asymptotix.errors import NotConverged
from asymptotix.precise.arc_integrals import REACH, gauss_bound, order
from asymptotix.precise.backend import Number
from asymptotix.precise.euler import LN10
from asymptotix.precise.resolvent import BOTH, OfSquares, Resolvent
from asymptotix.precise.spectrum import Listed, SquaredSpectrum

# Farthest that a panel's ellipse, and the circle that bounds slopes there, reach in log s, and of the distance from the
# nearest coefficient.
_WIDEST, _CIRCLE, _SHARE = 0.95, 1.25, 0.75
_WIDER = 1.3
# A panel that has no bound shrinks so; one that has lets the next be wider.
_SHRINK, _GROW = 0.6, 2.0
_TRIALS = 60
# What a function may grow where nothing bounds it: a guess, which is no proof.
_GUESS = 2.0
# The path leaves the imaginary axis this much beyond the largest square, as far as there are moments.
_TOP = 4
#: Halvings to a point of the gap below all coefficients.
HALVINGS = 60
# A term that is this much smaller than the largest needs no more digits than that leaves.
_SPARE = 6


@dataclass(frozen=True)
class Point:
    """Everything at one ``s``: ``g``, ``s g``, ``P``, ``s P'``, ``Z``, ``s Z'`` and ``dZ/dt``."""

    s: Number
    g: Number
    sg: Number
    pair: Number
    pair_moves: Number
    square: Number
    moves: Number
    by_t: Number


class Oblong(OfSquares):
    """The resolvent of the squares of singular values, and the map ``Z`` of their plane."""

    weights = (0, 1, 0, 1, 1)

    def __init__(self, squares: Resolvent, positive: Listed, columns: int) -> None:
        self.size = columns
        super().__init__(squares, SquaredSpectrum(positive, padded=True))
        #: ``d - m``.
        self.spare = columns - positive.d
        self.closed, self.ceiling, self.clearance = squares.closed, squares.ceiling, squares.clearance  # type: ignore[method-assign]

    def values(self, w: Number, orders: Sequence[int]) -> list[Number]:
        return self.squares.values(w, orders)

    # The map Z ------------------------------------------------------------------------------------------------

    @property
    def columns(self) -> int:
        return self.size

    def aim(self, kappa: Number) -> Number:
        return kappa * kappa

    def here(self, t: Number, s: Number) -> Point:
        g, slope = self.squares.values(s, BOTH)
        e, turn = self.spare, s * slope
        sg, one = s * g, 1 + t * g
        pair, rest = g * (sg + e), s * one + t * e
        moves = s * one * one + t * turn * (s * one + rest)
        pair_moves, by_t = sg * g + turn * (2 * sg + e), 2 * sg + 2 * t * pair + e
        return Point(s, g, sg, pair, pair_moves, one * rest, moves, by_t)

    def position(self, t: Number, w: Number) -> tuple[Number, Number]:
        found = self.here(t, w)
        return found.square, found.moves / w

    def openness(self, t: Number, u: Number) -> Number:
        """``Z'/(1 + F)``, whose sign is that of ``Z'`` where ``1 + F > 0``, and no other sheet."""
        b, w = self.b, self.b.complex(u, 0)
        value, slope = self.values(w, BOTH)
        one, slope = b.real(1 + t * value), b.real(t * slope)
        return one + slope * (2 * u + t * self.spare / one) if one > 0 else b.number(-1)

    def bare(self, t: Number, x: Number) -> Number:
        b, rows = self.b, self.spectrum.d
        middle, span = (x - t * (rows + self.size)) / 2, t * b.sqrt(b.number(rows) * self.size)
        root = b.sqrt(b.complex(middle * middle - span * span, 0))
        lean = b.midpoint(root.real)
        return b.midpoint(middle + (root if lean == 0 or middle > 0 else -root) + b.complex(0, span / 20))

    def drawn(self, t: Number, x: Number, w: Number, steps: int) -> Number:
        """Both blocks of the resolvent are attracted (Helton, Rashidi Far, Speicher 2007)."""
        z, p = self.b.sqrt(x), self.b.sqrt(w)
        q = p
        for _ in range(steps):
            f = t * self.value(p * q)
            p, q = (p + z - p * f) / 2, (q + z - q * f - t * self.spare / p) / 2
        return p * q if steps else w

    def outside(self, t: Number, low: Number | None, high: Number | None) -> Number:
        b, td = self.b, t * self.size
        if low is not None:  # of the root, at three times the noise
            return (b.sqrt(low) + 3 * b.sqrt(td)) ** 2
        # between: Z = 0, and it rises (`left` has s (1 + F) + t e < 0)
        left, right = b.midpoint(-td), b.number(0)
        for _ in range(HALVINGS):
            middle = b.midpoint((left + right) / 2)
            below = middle * (1 + t * b.real(self.value(b.complex(middle, 0)))) + t * self.spare < 0
            left, right = (middle, right) if below else (left, middle)
        return right

    def nearest(self, t: Number, atom: Number) -> Number:
        return self.b.sqrt(t * abs(atom)) + t

    # What is odd in z -----------------------------------------------------------------------------------------

    def odd(self, t: Number, s: Number) -> tuple[Number, Number]:
        """``Im I`` and ``Im I'``, from ``s`` to the real axis beyond all coefficients."""
        b = self.b
        radius, angle, i = abs(s), b.angle(s), b.complex(0, 1)
        top = b.midpoint(_TOP * self.spectrum.value(b.number(1)))
        path = _Path(self, t, abs(b.midpoint(s)) / 1000)
        if radius > top:
            path.lead(s, -i, angle)
        else:
            path.lead(s, i if b.pi > 2 * angle else -i, abs(b.pi / 2 - angle))
            path.lead(i * radius, b.complex(1, 0), b.log(top / radius))
            path.lead(i * top, -i, b.pi / 2)
        return path.totals[0], path.totals[1]


class _Path:
    """A path of panels and the two integrals along it."""

    def __init__(self, plane: Oblong, t: Number, first: Number) -> None:
        self.plane, self.t, self.b = plane, t, plane.b
        self.totals = [plane.b.number(0)] * 2
        self.scales = [-math.inf] * 2
        self.reach = _WIDEST

    def lead(self, start: Number, turn: Number, length: Number) -> None:
        """On along ``log s = log start + turn x``, ``0 <= x <= length``."""
        b, low = self.b, self.b.number(0)
        while b.midpoint(length - low) > 0:
            left = b.double(length - low)
            reach = min(_GROW * self.reach, _WIDEST)
            for _ in range(_TRIALS):
                panels = math.ceil(left / (2.0 * reach / REACH))
                half = (length - low) / 2 if panels == 1 else b.number(0.5 * left / panels)
                centre = start * b.exp(turn * (low + half))
                sizes = self._sizes(centre, b.double(half) * REACH)
                if sizes is not None:
                    break
                reach = _SHRINK * min(reach, left * REACH)
            else:
                raise NotConverged("no panel of a path is free of zeros")
            self.reach = b.double(half) * REACH
            self._panel(start * b.exp(turn * low), turn, half, sizes)
            low = length if panels == 1 else b.midpoint(low + 2 * half)

    def _sizes(self, s: Number, reach: float) -> tuple[Number, Number] | None:
        """Upper bounds of both integrands, by ``log s``, within a reach of a point; None where there are none."""
        b, plane, radius, angle = self.b, self.plane, abs(s), self.b.angle(s)
        clear = plane.clearance(b.midpoint(radius), b.midpoint(angle))
        if clear >= 1.0:  # where they are not told apart, that from the axis; it says as much of far ones
            clear = max(b.double(angle), 1e-290 if clear > 1.0 else 1.0)
        if reach > _SHARE * clear:
            return None
        widest = min(_SHARE * clear, _CIRCLE)
        circles = [max(_WIDER * reach, widest / shrunk) for shrunk in (1.0, 2.0, 4.0)]
        found = (self._sizes_within(s, reach, x) for x in circles)
        return next((x for x in found if x is not None), None)

    def _sizes_within(self, s: Number, reach: float, around: float) -> tuple[Number, Number] | None:
        """With slopes from a bound of ``|g|`` on a circle around."""
        b, plane, t, e = self.b, self.plane, self.t, self.plane.spare
        radius, angle, here = abs(s), b.angle(s), plane.here(t, s)
        high = plane.ceiling(radius, angle, around)
        if high is None:
            plane.proven, high = False, _GUESS * abs(here.g)
        largest, growth = radius * b.exp(b.number(reach)), b.exp(b.number(reach))
        turn = high / b.number(around - reach)  # |s g'|
        drift = turn * b.number(reach)
        size = abs(here.g) + drift
        size = size if size < high else high
        one, rest = abs(1 + t * here.g) - t * drift, abs(1 + t * here.g + t * e / s) - t * drift
        rest -= t * e / radius * (growth - 1)
        far = 1 - t * size, 1 - t * size - t * e / radius * growth
        one, rest = (x if x > y else y for x, y in zip((one, rest), far, strict=True))
        if not (one > b.number(0.05) and rest > b.number(0.05)):
            return None
        z = b.sqrt(radius / growth * one * rest)
        full = 1 + t * size
        pair = size * (largest * size + e)
        pair_moves = largest * size**2 + (2 * largest * size + e) * turn
        moves = largest * full**2 + t * turn * (2 * largest * full + t * e)
        return pair * moves / (2 * z), (2 * largest * size + 2 * t * pair + e) * pair_moves / z

    def _panel(self, start: Number, turn: Number, half: Number, sizes: tuple[Number, Number]) -> None:
        b, plane = self.b, self.plane
        logs = [b.magnitude(half * x) for x in sizes]
        self.scales = [max(x, y) for x, y in zip(self.scales, logs, strict=True)]
        short = max(x - y for x, y in zip(logs, self.scales, strict=True)) / LN10
        nodes = order(max(b.digits + _SPARE + short, 2.0))
        sums, eighth = [b.number(0)] * 2, b.exp(b.complex(0, 1) * b.pi / 4)
        for x, weight in b.legendre(nodes):
            here = plane.here(self.t, start * b.exp(turn * half * (1 + x)))
            # Im Z >= 0 above the curve: its root's cut is led away from there
            over = weight * turn / (eighth * b.sqrt(b.complex(0, -1) * here.square))
            sums[0] += (over * here.pair * here.moves).imag / 2
            sums[1] += (over * here.by_t * here.pair_moves).imag
        bound = gauss_bound(b, nodes)
        self.totals = [
            total + b.widen(half * x, half * bound * size)
            for total, x, size in zip(self.totals, sums, sizes, strict=True)
        ]
