"""Newton's method on the two equations, at a precision that rises as digits are won."""

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
