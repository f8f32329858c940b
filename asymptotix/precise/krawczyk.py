"""A proof in ball arithmetic that the equations have a solution in a small box, and only one.

Krawczyk's operator for ``F = 0`` on a box ``Y`` around ``y``, with any matrix ``C`` (here the inverse of ``F'(y)``):

    K(Y) = y - C F(y) + (1 - C F'(Y)) (Y - y)

If ``K(Y)`` lies in the interior of ``Y``, then ``Y`` holds exactly one root, and it lies in ``K(Y)``
(Krawczyk 1969; Neumaier, "Interval methods for systems of equations", 5.1).
"""

from __future__ import annotations

from asymptotix.errors import NotConverged
from asymptotix.precise.equation_pair import Equations, State, Vector
from asymptotix.precise.newton import apply, inverse, midpoints

# A box that is too small grows so much, and so often: beyond, its slopes differ too much for any proof.
_GROWTH = 30
_ATTEMPTS = 4
# Of a step, its multiple that is the first box: it holds the root if Newton's next step is shorter.
_FIRST = 4


def krawczyk(equations: Equations, point: Vector) -> tuple[Vector, State]:
    """A box with exactly one root near an approximate one, and the network on it; balls only.

    Raises:
        NotConverged: no box around the point can be shown to hold one root at this precision.
    """
    b = equations.b
    here = equations.state(point)
    rows = inverse((midpoints(b, here.jacobian[0]), midpoints(b, here.jacobian[1])))
    matrix = (midpoints(b, rows[0]), midpoints(b, rows[1]))
    step = apply(matrix, here.values)
    # a step of no length at all, in one unknown, must not make the box flat: nothing lies inside of it then
    rounding = b.number(10) ** -b.digits
    margins = [_FIRST * (abs(x).upper() + rounding * (1 + abs(y))) for x, y in zip(step, point, strict=True)]
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
        if all(outer.contains_interior(x) for x, outer in zip(inner, box, strict=True)):
            return inner, equations.state(inner)
        margins = [m * _GROWTH for m in margins]
    raise NotConverged("no box around the solution could be certified; ask for more digits")
