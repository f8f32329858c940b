"""``G(w) = sum_i 1/(w - a_i)`` of a teacher in the upper half-plane, and its derivative, at any dimension.

Explicit coefficients, and all of them in small dimensions, are summed one by one: an enclosure. Power laws in large
dimensions have a room of their own, `asymptotix.precise.power_resolvent`.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence

from asymptotix.precise.backend import Backend, Number
from asymptotix.precise.powers import Powers
from asymptotix.precise.spectrum import Spectrum

#: A sum of powers of ``w`` that equals ``G`` from an angle on, up to ``exp`` of a number (None: nobody knows).
Closed = tuple[Powers, float, float | None]
#: A clearance where no coefficient can be told apart.
SMOOTH = 4.0


class Resolvent(ABC):
    """``G`` and ``G'`` of one spectrum in one arithmetic, for ``Im w > 0`` or ``w`` in a gap between coefficients."""

    #: Whether coefficients come in pairs ``+-a``, of which one is counted.
    symmetric = False
    #: Largest angle of a panel.
    widest = 0.5

    def __init__(self, b: Backend, spectrum: Spectrum) -> None:
        self.b, self.spectrum = b, spectrum
        #: Whether every value so far is a proven enclosure.
        self.proven = True
        #: The angle at which arcs end, and from which on integrals to infinity are residues.
        self.end = b.pi

    @abstractmethod
    def at(self, w: Number, order: int) -> Number:
        """``G(w)`` (order 0) or ``G'(w)`` (order 1)."""

    def value(self, w: Number) -> Number:
        return self.at(w, 0)

    def slope(self, w: Number) -> Number:
        return self.at(w, 1)

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


class AllTerms(Resolvent):
    """Every coefficient for itself, the zeros together."""

    def __init__(self, b: Backend, spectrum: Spectrum) -> None:
        super().__init__(b, spectrum)
        self.atoms = [spectrum.value(b.number(i)) for i in range(1, spectrum.rank + 1)]
        self.zeros = spectrum.d - spectrum.rank

    def at(self, w: Number, order: int) -> Number:
        total = one_by_one(w, self.atoms, order)
        return total + self.zeros * one_by_one(w, [0], order) if self.zeros else total

    def ceiling(self, radius: Number, angle: Number, reach: float) -> Number | None:
        centre, distance = disc(self.b, radius, angle, reach)
        total = near_atoms(self.b, self.atoms, centre, distance)
        return total + self.zeros * near_atoms(self.b, [0], centre, distance) if self.zeros else total


def one_by_one(w: Number, atoms: Sequence[Number], order: int) -> Number:
    """``sum 1/(w - a)`` or its derivative."""
    total = 0 * w
    if order == 0:
        for a in atoms:
            total += 1 / (w - a)
    else:
        for a in atoms:
            total -= 1 / (w - a) ** 2
    return total


def disc(b: Backend, radius: Number, angle: Number, reach: float) -> tuple[Number, Number]:
    """Centre and radius of a disc that holds ``radius e^(i phi)`` for all complex ``phi`` within a reach."""
    centre = radius * b.exp(b.complex(0, 1) * b.midpoint(angle))
    return centre, radius * (b.exp(b.number(reach) + abs(angle - b.midpoint(angle))) - 1)


def near_atoms(b: Backend, atoms: Sequence[Number], centre: Number, distance: Number) -> Number:
    """Largest ``sum 1/|w - a|`` within a distance of a centre."""
    total = b.number(0)
    for a in atoms:
        total += 1 / positive(b, abs(centre - a) - distance)
    return total


def positive(b: Backend, x: Number) -> Number:
    """A distance; one that may vanish makes a bound infinite, never wrong."""
    return x if x > 0 else b.number(0)
