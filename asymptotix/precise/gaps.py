"""Gaps of the spectrum between two coefficients, and where a threshold is to them.

On the real line the spectrum's complement is where ``z'(u) = 1 + t G'(u) > 0``; between two coefficients ``z'`` is
concave, so that there is one such stretch or none. Its ends are the edges: from there into the bulk

    z(w) = z(u) + z''(u) (w - u)^2 / 2 + ...

so a threshold a little beyond an edge has its point ``w`` straight above it. And two points with ``z' > 0`` prove
that all thresholds between their ``z`` are in the gap.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

from asymptotix.precise.backend import Backend, Number
from asymptotix.precise.resolvent import Resolvent

# Thirds are kept so often that what is left of the gap is 1e-21 of it: one that seems closed then is.
_TERNARY = 120
# Digits of an edge that is only to tell the sides.
_COARSE = 10


@dataclass(frozen=True)
class Gap:
    """The gap below ``above`` coefficients at noise ``t``.

    Attributes:
        inner: a point of the gap, or where it is nearest to being open.
        ends: the lower and the upper edge, None where there is none.
        open: whether it is one.
    """

    b: Backend
    resolvent: Resolvent
    t: Number
    inner: Number
    ends: tuple[Number | None, Number | None]
    open: bool

    def z(self, u: Number) -> Number:
        return self.b.midpoint(self.b.real(self.resolvent.position(self.t, self.b.complex(u, 0))[0]))

    def slope(self, u: Number) -> Number:
        """Of the sign of ``z'``."""
        return self.b.midpoint(self.resolvent.openness(self.t, u))

    def side(self, kappa: Number) -> int:
        """0 if the threshold is in the gap; 1 if it is above it, -1 below."""
        low, high = self.ends
        x = self.resolvent.aim(kappa)
        if not self.open:
            return 1 if self.z(self.inner) < x else -1
        if low is not None and x < self.z(low):
            return -1
        return 1 if high is not None and x > self.z(high) else 0

    def holds(self, t: Number, kappa: Number) -> bool:
        """Whether a threshold is in the gap for certain, both numbers being balls.

        Above all coefficients and below them ``z'`` is monotone, so that one end is enough.
        """
        b, g, (low, high) = self.b, self.resolvent, self.ends
        if not self.open:
            return False
        for end, sign in ((low, 1), (high, -1)):
            if end is None:
                continue
            distance = g.aim(kappa) - b.real(g.position(t, b.complex(end, 0))[0])
            if not (g.openness(t, end) > 0 and sign * distance > 0):
                return False
        return True

    def margin(self, kappa: Number) -> float:
        """``log`` of the distance from the nearer edge, relative to the threshold."""
        x = self.resolvent.aim(kappa)
        ends = [self.b.magnitude((self.z(u) - x) / x) for u in self.ends if u is not None]
        return min(ends, default=math.inf)

    def beyond(self, kappa: Number) -> Number | None:
        """The point ``w`` of a threshold a little beyond an edge; None if it is far or there is none."""
        b, side = self.b, self.side(kappa)
        u = self.ends[1 if side > 0 else 0]
        if side == 0 or u is None or not self.open:
            return None
        step = (self.inner - u) * b.number(10) ** -(b.digits // 3)
        turned = self.resolvent.position(self.t, b.complex(u + step, 0))[1]
        curvature = abs(b.midpoint(turned.real) / step)
        height = b.sqrt(2 * abs(self.resolvent.aim(kappa) - self.z(u)) / curvature)
        return b.complex(u, height) if height < abs(self.inner - u) else None


def gap(b: Backend, resolvent: Resolvent, t: Number, above: int, digits: int = _COARSE) -> Gap:
    """Find the gap below a number of coefficients, its edges to some digits of ``sqrt(t)``."""
    atoms = resolvent.spectrum
    high = b.midpoint(atoms.value(b.number(above))) if above else None
    low = b.midpoint(atoms.value(b.number(above + 1))) if above < atoms.rank else None
    if low is None and atoms.rank < atoms.d:
        low = b.number(0)
    line = Gap(b, resolvent, t, t, (None, None), True)
    if high is None or low is None:
        inner = b.midpoint(resolvent.outside(t, low, high))
    else:
        inner = _most_open(b, line, low, high)
        if not line.slope(inner) > 0:
            return replace(line, inner=inner, open=False)
    if resolvent.symmetric and above == atoms.rank == atoms.d // 2:
        low = None  # the gap around 0: its other half is the first one's mirror image
    ends = [None if end is None else _edge(b, line, (inner, end), digits) for end in (low, high)]
    return replace(line, inner=inner, ends=(ends[0], ends[1]))


def _most_open(b: Backend, line: Gap, low: Number, high: Number) -> Number:
    """A point with ``z' > 0``, or the largest ``z'``: it is concave."""
    for _ in range(_TERNARY):
        third = (high - low) / 3
        left, right = b.midpoint(low + third), b.midpoint(high - third)
        slopes = line.slope(left), line.slope(right)
        if slopes[0] > 0 or slopes[1] > 0:
            return left if slopes[0] > slopes[1] else right
        low, high = (left, high) if slopes[0] < slopes[1] else (low, right)
    return b.midpoint((low + high) / 2)


def _edge(b: Backend, line: Gap, stretch: tuple[Number, Number], digits: int) -> Number:
    """Bisect for ``z' = 0`` between a point of the gap and a coefficient."""
    inner, atom = stretch
    tiny = b.midpoint(line.resolvent.nearest(line.t, atom)) * b.number(10) ** -digits
    while abs(atom - inner) > tiny:
        middle = b.midpoint((inner + atom) / 2)
        if middle in (inner, atom):  # all digits there are
            break
        inner, atom = (middle, atom) if line.slope(middle) > 0 else (inner, middle)
    return inner
