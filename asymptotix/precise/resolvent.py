"""``G(w) = sum_i 1/(w - a_i)`` of a teacher in the upper half-plane, and its derivative, at any dimension.

Explicit coefficients, and all of them in small dimensions, are summed one by one: an enclosure. Power laws in large
dimensions have a room of their own, `asymptotix.precise.power_resolvent`.
"""

from __future__ import annotations

import math
from abc import ABC, abstractmethod
from collections.abc import Sequence

from asymptotix.precise.backend import Backend, Number
from asymptotix.precise.powers import WEIGHTS, Powers
from asymptotix.precise.spectrum import Spectrum

#: A sum of powers of ``w`` that equals ``G`` from an angle on, up to ``exp`` of a number (None: nobody knows).
Closed = tuple[Powers, float, float | None]
#: A clearance where no coefficient can be told apart.
SMOOTH = 4.0
#: What is asked for of ``G`` and ``G'``.
VALUE, SLOPE, BOTH = (0,), (1,), (0, 1)
#: Powers of ``G`` in the five integrands of an arc.
ORDERS = (1, 1, 2, 2, 3)
# Of the way from the axis to noise alone, in units of the noise.
_ABOVE = 0.05


class Resolvent(ABC):
    """``G`` and ``G'`` of one spectrum in one arithmetic, for ``Im w > 0`` or ``w`` in a gap between coefficients."""

    #: Whether coefficients come in pairs ``+-a``, of which one is counted.
    symmetric = False
    #: Largest angle of a panel.
    widest = 0.5
    #: Powers of ``w`` in the five integrands of an arc.
    weights = WEIGHTS

    def __init__(self, b: Backend, spectrum: Spectrum) -> None:
        self.b, self.spectrum = b, spectrum
        #: Whether every value so far is a proven enclosure.
        self.proven = True
        #: The angle at which arcs end, and from which on integrals to infinity are residues.
        self.end = b.pi

    @abstractmethod
    def values(self, w: Number, orders: Sequence[int]) -> list[Number]:
        """``G(w)`` (order 0) and ``G'(w)`` (order 1), those that are asked for."""

    def value(self, w: Number) -> Number:
        return self.values(w, VALUE)[0]

    def slope(self, w: Number) -> Number:
        return self.values(w, SLOPE)[0]

    # The map z(w) = w + t G(w): thresholds, at t, are its real values ----------------------------------------

    @property
    def columns(self) -> int:
        """What ``tau^2 / t`` is."""
        return self.spectrum.d

    def aim(self, kappa: Number) -> Number:
        """The value of the map that is a threshold's."""
        return kappa

    def position(self, t: Number, w: Number) -> tuple[Number, Number]:
        """``z`` and its derivative."""
        value, slope = self.values(w, BOTH)
        return w + t * value, 1 + t * slope

    def openness(self, t: Number, u: Number) -> Number:
        """Positive at the real points of the physical sheet, those of gaps: ``z'``, but for a factor."""
        return 1 + t * self.b.real(self.slope(self.b.complex(u, 0)))

    def bare(self, t: Number, x: Number) -> Number:
        """The solution of ``z = x`` for noise alone, a little above the axis."""
        b, tau = self.b, self.b.sqrt(t * self.columns)
        c = b.double(x / tau)
        if abs(c) < 2.0:
            return tau * b.complex(b.number(0.5 * c), b.number((1.0 - 0.25 * c * c) ** 0.5 + _ABOVE))
        outside = 0.5 + 0.5 * (1.0 - 4.0 / c / c) ** 0.5
        return x * b.complex(b.number(outside), 0) + tau * b.complex(0, b.number(0.1))

    def drawn(self, t: Number, x: Number, w: Number, steps: int) -> Number:
        """So many steps of an iteration that the solution attracts."""
        for _ in range(steps):
            w = (w + x - t * self.value(w)) / 2
        return w

    def outside(self, t: Number, low: Number | None, high: Number | None) -> Number:
        """A point in the gap above all coefficients, the largest ``low``, or below all, the least ``high``."""
        tau = self.b.sqrt(t * self.columns)  # at this distance t sum 1/(u-a)^2 <= 1
        return low + tau if high is None else high - tau

    def nearest(self, t: Number, atom: Number) -> Number:
        """No edge is closer to a coefficient than about this."""
        return self.b.sqrt(t)

    # Its integrals --------------------------------------------------------------------------------------------

    def closed(self, radius: Number) -> Closed | None:
        """The sum of powers that ``G`` is on part of ``|w| = radius``, where it is one."""
        return None

    def stretch(self, low: Number, high: Number) -> tuple[Powers, float | None] | None:
        """The sum of powers that ``G`` is between two points of the negative axis, and ``log`` of its error."""
        return None

    def beyond(self, radius: Number) -> Number:
        """``Im int G^2 dw`` from the end of an arc to infinity: real on the negative axis."""
        return self.b.number(0)

    def clearance(self, radius: Number, angle: Number) -> float:
        """Distance of ``radius e^(i angle)`` from the nearest coefficient, or 0, in units of the radius."""
        b, atoms = self.b, self.spectrum
        w = radius * b.exp(b.complex(0, 1) * angle)
        above = atoms.count_above(w.real) if b.midpoint(w.real) > 0 else atoms.rank
        neighbours = [atoms.value(b.number(i)) for i in (above, above + 1) if 1 <= i <= atoms.rank]
        return max(min([float(abs(w - a) / radius) for a in neighbours] + [1.0]), 1e-290)

    def ceiling(self, radius: Number, angle: Number, reach: float) -> Number | None:
        """Upper bound of ``|G(radius e^(i phi))|`` for complex ``phi`` within a reach of an angle; None: no bound."""
        return None


class OfSquares(Resolvent):
    """A resolvent made of that of the squares: what is proven of those is proven of it."""

    def __init__(self, squares: Resolvent, spectrum: Spectrum) -> None:
        self.squares = squares
        super().__init__(squares.b, spectrum)

    @property
    def proven(self) -> bool:
        return self.squares.proven

    @proven.setter
    def proven(self, value: bool) -> None:
        self.squares.proven = value


class AllTerms(Resolvent):
    """Every coefficient for itself, the zeros together."""

    def __init__(self, b: Backend, spectrum: Spectrum) -> None:
        super().__init__(b, spectrum)
        self.atoms = [spectrum.value(b.number(i)) for i in range(1, spectrum.rank + 1)]
        self.zeros = spectrum.d - spectrum.rank

    def values(self, w: Number, orders: Sequence[int]) -> list[Number]:
        found = one_by_one(self.b, w, self.atoms, orders)
        if not self.zeros:
            return found
        return [x + self.zeros * y for x, y in zip(found, one_by_one(self.b, w, [0], orders), strict=True)]

    def ceiling(self, radius: Number, angle: Number, reach: float) -> Number | None:
        around = disc(self.b, radius, angle, reach)
        total = near_atoms(self.b, self.atoms, around)
        return total + self.zeros * near_atoms(self.b, [0], around) if self.zeros else total


def one_by_one(b: Backend, w: Number, atoms: Sequence[Number], orders: Sequence[int]) -> list[Number]:
    """``sum 1/(w - a)`` and its derivative; the sum alone by real and imaginary part, which is faster."""
    if 1 in orders:
        both = [0 * w, 0 * w]
        for a in atoms:
            inverse = 1 / (w - a)
            both[0] += inverse
            both[1] -= inverse * inverse
        return [both[k] for k in orders]
    place, height = w.real, w.imag
    along, across = 0 * place, 0 * place
    square = height * height
    for a in atoms:
        distance = place - a
        inverse = 1 / (distance * distance + square)
        along += distance * inverse
        across += inverse
    return [b.complex(along, -height * across)]


def disc(b: Backend, radius: Number, angle: Number, reach: float) -> tuple[Number, ...]:
    """Where ``w = radius e^(i phi)`` is for complex ``phi`` within a reach: a disc, the least ``|w|``, a sine.

    Of the angle to the positive axis, beyond a right one 1.
    """
    centre = radius * b.exp(b.complex(0, 1) * b.midpoint(angle))
    farthest = b.exp(b.number(reach) + abs(angle - b.midpoint(angle)))
    turn = min(b.double(angle) - reach, 0.5 * math.pi)
    sine = b.sin(b.number(turn * (1.0 - 1e-9) - 1e-300)) if turn > 0 else b.number(0)
    return centre, radius * (farthest - 1), radius / farthest, sine


def near_atoms(b: Backend, atoms: Sequence[Number], around: tuple[Number, ...]) -> Number:
    """Largest ``sum 1/|w - a|`` there."""
    total, (centre, distance, least, sine) = b.number(0), around
    for a in atoms:
        far = max(abs(centre - a) - distance, least - a, (least if least > a else a) * sine)
        total += 1 / positive(b, far)
    return total


def positive(b: Backend, x: Number) -> Number:
    """A distance; one that may vanish makes a bound infinite, never wrong."""
    return x if x > 0 else b.number(0)
