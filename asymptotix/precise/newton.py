"""Newton's method on the two equations, and the proof in ball arithmetic that a small box holds one solution.

Krawczyk's operator for ``F = 0`` on a box ``Y`` around ``y``, with any matrix ``C`` (here the inverse of ``F'(y)``):

    K(Y) = y - C F(y) + (1 - C F'(Y)) (Y - y)

If ``K(Y)`` lies in the interior of ``Y``, then ``Y`` holds exactly one root, and it lies in ``K(Y)``
(Krawczyk 1969; Neumaier, "Interval methods for systems of equations", 5.1).
"""

from __future__ import annotations

from asymptotix.errors import NotConverged
from asymptotix.precise.backend import Backend, Number
from asymptotix.precise.equation_pair import Equations, Matrix, State, Vector

# Quadratic convergence takes ten steps to a thousand digits; the rest is for a way of unit steps to get there.
_STEPS = 60
# Longest step in either unknown (logarithms): beyond, the linear model is not trusted.
_LONGEST = 1.0
# Below this, steps that have not become shorter so many times in a row are rounding.
_NEARLY = 1e-10
_STALLED = 2
# So many steps in a row that win nothing lead nowhere.
_HOPELESS = 10
# Close to an edge (angles below this) what counts is the square of the angle.
_CLOSE = -10.0
_FARTHEST = 20.0
# Steps beyond this come from digits that are not there.
_ABSURD = 1e6
# A box that is too small grows so much, and so often: beyond, its slopes differ too much for any proof.
_GROWTH = 30
_BOXES = 4
# Of a step, its multiple that is the first box: it holds the root if Newton's next step is shorter.
_FIRST = 4


def inverse(m: Matrix) -> Matrix:
    """Of a 2 x 2 matrix."""
    (p, q), (r, s) = m
    determinant = p * s - q * r
    return ((s / determinant, -q / determinant), (-r / determinant, p / determinant))


def apply(m: Matrix, v: Vector) -> Vector:
    """``m v``."""
    return m[0][0] * v[0] + m[0][1] * v[1], m[1][0] * v[0] + m[1][1] * v[1]


def midpoints(b: Backend, v: Vector) -> Vector:
    return b.midpoint(v[0]), b.midpoint(v[1])


def _in_the_square(b: Backend, step: Number) -> Number:
    """A step in the log of an angle, for equations linear in its square: ``theta^2 -> (1 - 2 step) theta^2``.

    Where that is negative, beyond the edge, the step is left as it is.
    """
    left = 1 - 2 * step
    return min(-b.log(left) / 2, b.number(_FARTHEST)) if left > 0 else step


def newton(
    equations: Equations, start: Vector, digits: int, *, edge: bool = False
) -> tuple[Vector, State, Number]:
    """Solve to ``digits`` digits from a start nearby.

    Args:
        edge: the second unknown is the log of an angle, which vanishes at an edge.

    Returns:
        The unknowns (without error bounds), the state there, and the length of the step not taken or the
        largest residual: below ``10^-digits``, or as small as rounding lets it become.

    Raises:
        NotConverged: the steps do not become small.
    """
    b = equations.b
    here = midpoints(b, start)
    small, nearly = b.number(10) ** -digits, b.number(_NEARLY)
    best, stalled, idle = b.number(10), 0, 0
    for _ in range(_STEPS):
        state = equations.state(here)
        rows = (midpoints(b, state.jacobian[0]), midpoints(b, state.jacobian[1]))
        step = apply(inverse(rows), midpoints(b, state.values))
        length = max(abs(step[0]), abs(step[1]))
        if not length < _ABSURD:
            raise NotConverged("the equations' Jacobian is singular at this precision")
        left = max(length, *(abs(x) for x in midpoints(b, state.values)))
        stalled = 0 if left < best / 4 else stalled + 1
        idle = 0 if left < 0.999 * best else idle + 1
        best = min(best, left)
        if left < small or (left < nearly and stalled >= _STALLED):
            return here, state, left
        if idle >= _HOPELESS:
            break
        if edge and 0.25 < b.double(step[1]) < _LONGEST and b.double(here[1]) < _CLOSE:
            step = step[0], _in_the_square(b, step[1])
            length = max(abs(step[0]), abs(step[1]) / _FARTHEST)
        factor = b.number(1) if length < _LONGEST else _LONGEST / length
        here = midpoints(b, (here[0] - factor * step[0], here[1] - factor * step[1]))
    raise NotConverged(f"Newton steps stay at {b.text(length, 3)}")


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
    for _ in range(_BOXES):
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
