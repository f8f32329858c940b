"""One `solve` for users: in doubles, or to any number of digits, by solvers that never see each other.

Each solver is imported when it is first asked for.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal, overload

from asymptotix.errors import NotConverged
from asymptotix.problem import Problem

if TYPE_CHECKING:
    from asymptotix.precise import PreciseSolution
    from asymptotix.solution import Solution

# As many as a double prints: what a certificate is given for if no number of digits is asked for.
DIGITS = 15


@overload
def solve(
    problem: Problem, *, near: Solution | None = None, digits: None = None, certify: Literal[False] = False
) -> Solution: ...
@overload
def solve(
    problem: Problem, *, near: Solution | None = None, digits: int, certify: bool = False
) -> PreciseSolution: ...
@overload
def solve(
    problem: Problem, *, near: Solution | None = None, digits: int | None = None, certify: Literal[True]
) -> PreciseSolution: ...
def solve(
    problem: Problem, *, near: Solution | None = None, digits: int | None = None, certify: bool = False
) -> Solution | PreciseSolution:
    """Solve the state evolution of one problem: ``nu tau^2 = noise' + R``, ``nu kappa = L + kappa s``.

    Args:
        problem: any network, teacher, dimension and amount of data.
        near: the solution of a similar problem, to start from (in doubles).
        digits: decimal digits of the error; without it, and without a certificate, the solve is in doubles.
        certify: also prove a bound of the error, ``radius``, in ball arithmetic.

    Returns:
        A `Solution` with its residual, or a `PreciseSolution` whose numbers are decimal strings.

    Raises:
        InvalidInput: ``digits`` is no integer >= 1, or sizes that no double can count in a solve in doubles.
        NotSupplied: digits of a network that has no form in many digits.
        NotConverged: no solution, or fewer digits than asked for.

    Ordinary least squares, ``noise d / (n - d)``:

    >>> p = Problem("diagonal", gamma=1, d=100, n=150, lam=0, noise=2)
    >>> round(solve(p).error, 12)
    4.0
    >>> solve(p.replace(n=100)).status
    'infinite risk'

    Fifty digits, and a proof of them:

    >>> s = solve(p.replace(lam=1), digits=50, certify=True)
    >>> len(s.error.replace(".", "")) >= 50, float(s.radius) < 1e-48
    (True, True)
    """
    if digits is None and not certify:
        from asymptotix.state_evolution import solve as solve_in_doubles

        return solve_in_doubles(problem, near=near)
    from asymptotix.precise import solve as solve_precisely

    problem.net.supply("digits")  # a network without them is refused before anything is solved
    start: Any = near if near is not None and near.problem == problem else in_doubles(problem)
    return solve_precisely(problem, DIGITS if digits is None else digits, certify=certify, near=start)


def in_doubles(problem: Problem) -> Solution | None:
    """The solution in doubles; None where they do not reach, in range or in digits.

    >>> in_doubles(Problem("diagonal", gamma=2, d="1e400", n="1e380", lam=0, noise=1)) is None
    True
    """
    from asymptotix.state_evolution import solve as solve_in_doubles

    try:
        solution = solve_in_doubles(problem)
    except (OverflowError, NotConverged):
        return None
    return solution if solution.converged else None
