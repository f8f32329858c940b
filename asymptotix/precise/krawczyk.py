"""A proof in ball arithmetic that the equations have a solution in a small box, and only one.

Krawczyk's operator for ``F = 0`` on a box ``Y`` around ``y``, with any matrix ``C`` (here the inverse of ``F'(y)``):

    K(Y) = y - C F(y) + (1 - C F'(Y)) (Y - y)

If ``K(Y)`` lies in the interior of ``Y``, then ``Y`` holds exactly one root, and it lies in ``K(Y)``
(Krawczyk 1969; Neumaier, "Interval methods for systems of equations", 5.1).
"""

from __future__ import annotations

from dataclasses import dataclass

from asymptotix.errors import NotConverged
from asymptotix.precise.backend import Number
from asymptotix.precise.equation_pair import Equations, State, Vector
from asymptotix.precise.newton import apply, inverse, midpoints

_ATTEMPTS = 4
_GROWTH = 30


@dataclass(frozen=True)
class Enclosure:
    """A box with exactly one root, and everything the network says about it, as balls."""

    box: Vector
    state: State


def krawczyk(equations: Equations, point: Vector) -> Enclosure:
    """Enclose the root near an approximate one; balls only.

    Raises:
        NotConverged: no box around the point can be shown to hold one root at this precision.
    """
    b = equations.b
    here = equations.state(point)
    rows = (midpoints(b, here.jacobian[0]), midpoints(b, here.jacobian[1]))
    matrix = inverse(rows)
    matrix = (midpoints(b, matrix[0]), midpoints(b, matrix[1]))
    step = apply(matrix, here.values)
    margins = tuple(abs(x).upper() * 4 for x in step)
    for _ in range(_ATTEMPTS):
        box = (b.widen(point[0], margins[0]), b.widen(point[1], margins[1]))
        jacobian = equations.state(box).jacobian
        shift = (box[0] - point[0], box[1] - point[1])
        columns = [apply(matrix, (jacobian[0][j], jacobian[1][j])) for j in (0, 1)]
        rest = [
            (int(i == 0) - columns[0][i]) * shift[0] + (int(i == 1) - columns[1][i]) * shift[1]
            for i in (0, 1)
        ]
        inner = (point[0] - step[0] + rest[0], point[1] - step[1] + rest[1])
        if all(_inside(x, y) for x, y in zip(inner, box, strict=True)):
            return Enclosure(inner, equations.state(inner))
        margins = tuple(m * _GROWTH for m in margins)
    raise NotConverged("no box around the solution could be certified; ask for more digits")


def _inside(inner: Number, outer: Number) -> bool:
    return bool(outer.contains_interior(inner))
