"""Solve a problem to any number of digits, and prove it if asked."""

from __future__ import annotations

import math
import time
from dataclasses import dataclass, replace
from typing import Any

import mpmath
from mpmath import MPContext

from asymptotix.errors import InvalidInput, NotConverged
from asymptotix.precise.backend import ENGINES, working
from asymptotix.precise.closed_forms import ClosedForm
from asymptotix.precise.equation_pair import Method, Start, log10, numbers
from asymptotix.precise.euler import LN10
from asymptotix.precise.newton import krawczyk, newton
from asymptotix.problem import Problem
from asymptotix.status import Status
from asymptotix.tables import Tabular

# Digits kept beyond those asked for, and by how much the checking solve has more.
_GUARD = 12
_MORE = 12
# Precisions that are tried: each adds what was lacking, so two are the rule.
_ATTEMPTS = 6
# Degrees of freedom that are none: the estimator is zero.
_NOTHING = 1e-12


@dataclass(frozen=True)
class PreciseSolution(Tabular):
    """State evolution at one point, in decimal strings.

    Attributes:
        problem: the question.
        error: ``R = ||estimate - teacher||^2 / d``.
        excess_risk: ``error`` (diagonal) or ``2 error``.
        delta, eps: effective noise and threshold.
        degrees_of_freedom: ``s = d A``.
        residual: largest relative residual of the two equations, recomputed at the higher precision.
        digits: digits of ``error`` on which solves at two precisions agree; all that are printed.
        status: an outcome (`asymptotix.status.Status`).
        radius: proven bound of ``|error - exact|``; None unless certified.
        certificate: what is proven, and which step, if any, is only estimated.
        seconds: what it cost.
        engine: ``"flint"`` or ``"mpmath"``.
    """

    problem: Problem
    error: str = "nan"
    excess_risk: str = "nan"
    delta: str = "nan"
    eps: str = "nan"
    degrees_of_freedom: str = "nan"
    residual: str = "inf"
    digits: int = 0
    status: Status = Status.NOT_CONVERGED
    radius: str | None = None
    certificate: str = "none asked for"
    seconds: float = 0.0
    engine: str = "flint"

    def to_dict(self) -> dict[str, Any]:
        """Plain values under the names of the command line's JSON."""
        return {name: value for name, value in vars(self).items() if name != "problem"}

    @property
    def converged(self) -> bool:
        """Whether the numbers may be used."""
        return self.status is not Status.NOT_CONVERGED

    def mpf(self, name: str = "error") -> mpmath.mpf:
        """One of the numbers as an mpmath number, in a context of its own with all its digits.

        >>> from asymptotix.precise import solve
        >>> p = Problem("diagonal", gamma=1, d=100, n=150, lam=0, noise=2)
        >>> solve(p, digits=30).mpf() == 4
        True
        """
        context = MPContext()
        context.dps = max(self.digits, 15) + 10
        return context.mpf(getattr(self, name))


def solve(
    problem: Problem, digits: int = 50, *, engine: str = "flint", certify: bool = False, near: Any = None
) -> PreciseSolution:
    """Solve the state evolution to ``digits`` decimal digits of the error.

    The answer is computed at two precisions, with all cuts of sums and integrals placed anew; only digits on
    which both agree are stated. Precision is raised until there are as many as asked for.

    Args:
        problem: its numbers are taken as the exact decimals or fractions they were given as.
        digits: decimal digits wanted, at least 1.
        engine: ``"flint"`` (balls) or ``"mpmath"`` (the reference).
        certify: enclose the error rigorously (``"flint"`` only); the bound is ``radius``.
        near: a solution of this problem in double precision (anything with ``log_delta`` and ``log_eps``), to
            start from; without it the solution is searched for here.

    Raises:
        InvalidInput: ``digits`` or ``engine`` out of range, or a certificate asked of mpmath.
        NotConverged: the digits cannot be reached.

    Thirty digits in a dimension no double can count:

    >>> p = Problem("diagonal", gamma="5/4", d="1e400", n="1e380", lam=0, noise=1)
    >>> s = solve(p, digits=30)
    >>> s.error[:22], s.digits >= 30
    ('0.02221320079048182567', True)
    """
    began = time.perf_counter()
    _check(digits, engine, certify)
    how: Method = problem.net.supply("digits")
    if how.largest is not None and problem.d > how.largest:
        allowed = f"at most {how.largest} for many digits of this network: its terms are summed one by one"
        raise InvalidInput("d", problem.d, allowed)
    first = how.start(problem, near)
    if isinstance(first, ClosedForm):
        solution = _closed(problem, first, digits, engine, certify)
    else:
        solution = _raise_precision(problem, how, first, digits, engine)
        if certify:
            solution = _certified(problem, how, solution, first, digits)
    return replace(solution, seconds=round(time.perf_counter() - began, 3))


def estimated_seconds(problem: Problem, digits: int) -> float:
    """About how long `solve` takes on one core: within a factor of four of what 50 to 500 digits were measured to take.

    >>> p = Problem("diagonal", gamma=1, d=1e60, n=1e20, lam=0, noise=1)
    >>> estimated_seconds(p, 50) < 2 < 60 < estimated_seconds(p, 2000)
    True
    """
    how: Method = problem.net.supply("digits")
    return how.seconds(problem, digits + _GUARD)


def _check(digits: int, engine: str, certify: bool) -> None:
    if isinstance(digits, bool) or not isinstance(digits, int) or digits < 1:
        raise InvalidInput("digits", digits, "an integer >= 1")
    if engine not in ENGINES:
        raise InvalidInput("engine", engine, f"one of {', '.join(ENGINES)}")
    if certify and engine != "flint":
        raise InvalidInput("certify", engine, "the flint engine, whose balls enclose rounding")


def _raise_precision(
    problem: Problem, how: Method, start: Start, digits: int, engine: str
) -> PreciseSolution:
    """Solve at rising precisions until two in a row agree."""
    work, before = digits + _GUARD + start.extra, ""
    for _ in range(_ATTEMPTS):
        start, texts = _at(problem, how, start, (digits, work), engine)
        if before:
            good = _agreement(before, texts["error"], work)
            if good >= digits:
                return _solution(problem, texts, digits, engine)
            work += max(digits - good, 0)
        before = texts["error"]
        work += _MORE
    raise NotConverged(f"only {good} of {digits} digits agree between precisions up to {work}")


def _at(
    problem: Problem, how: Method, start: Start, precision: tuple[int, int], engine: str
) -> tuple[Start, dict[str, str]]:
    """Solve to some digits with more working ones: the unknowns, and every number of the answer."""
    digits, work = precision
    with working(engine, work) as b:
        unknowns, state, _ = newton(how.equations(b, problem, start), start.numbers(b), digits + _GUARD)
        found = state.tau, state.kappa, state.error, state.dof
        texts = {name: b.text(x, work) for name, x in numbers(b, problem, found).items()}
        texts["residual"] = _power_of_ten(max(b.magnitude(x) for x in state.values))
        return replace(start, unknowns=(b.text(unknowns[0], work + 5), b.text(unknowns[1], work + 5))), texts


def _agreement(one: str, other: str, work: int) -> int:
    with working("mpmath", work) as b:
        x, y = b.number(one), b.number(other)
        if x == y:
            return work
        return int(-b.magnitude((x - y) / y) / LN10)


def _solution(problem: Problem, texts: dict[str, str], digits: int, engine: str) -> PreciseSolution:
    residual = texts.pop("residual")
    with working("mpmath", digits + 5) as b:
        found: dict[str, Any] = {name: b.text(b.number(x), digits) for name, x in texts.items()}
    status = Status.RIDGELESS if problem.lam == 0 else Status.CONVERGED
    if float(found["degrees_of_freedom"]) < _NOTHING:
        status = Status.ZERO_ESTIMATOR
    elif problem.n < 1:
        status = Status.BELOW_ONE_SAMPLE
    return PreciseSolution(problem, residual=residual, digits=digits, status=status, engine=engine, **found)


def _power_of_ten(log: float) -> str:
    """``exp(log)`` rounded up to two digits, whatever its size."""
    if log == -math.inf:
        return "0"
    exponent = math.floor(log / LN10)
    mantissa = math.ceil(math.exp(log - exponent * LN10) * 10.0) / 10.0
    return f"{mantissa:.1f}e{exponent:+d}"


def _closed(problem: Problem, answer: ClosedForm, digits: int, engine: str, certify: bool) -> PreciseSolution:
    """An answer in closed form, or an outcome without a noise scale."""
    radius = None
    if certify and answer.tau_squared is not None:  # one unit of the last digit printed
        radius = _power_of_ten((log10(answer.error) - digits + 1) * LN10)
    found: dict[str, Any] = {**answer.texts(problem, digits), "residual": "0", "certificate": "closed form"}
    return PreciseSolution(
        problem, digits=digits, status=answer.status, radius=radius, engine=engine, **found
    )


def _certified(
    problem: Problem, how: Method, solution: PreciseSolution, start: Start, digits: int
) -> PreciseSolution:
    """Enclose the root, at more digits if the first box cannot be shown to hold one."""
    work = digits + 2 * _GUARD + start.extra
    for _ in range(_ATTEMPTS):
        start, _ = _at(problem, how, start, (work - _GUARD, work), "flint")
        with working("flint", work) as b:
            equations = how.equations(b, problem, start)
            point = start.numbers(b)
            try:
                _, state = krawczyk(equations, (b.midpoint(point[0]), b.midpoint(point[1])))
            except NotConverged:
                work += work // 2
                continue
            if equations.estimated:
                return replace(solution, certificate=f"not certified: {equations.estimated}")
            bound = abs(state.error - b.number(solution.error)).upper()
            if b.magnitude(bound) < b.magnitude(state.error) - (digits - 2) * LN10:
                proof = _PROVEN + equations.caveat(state)
                return replace(solution, radius=_power_of_ten(b.magnitude(bound)), certificate=proof)
        work += work // 2
    raise NotConverged(f"no enclosure of {digits} digits with {work} digits of working precision")


_PROVEN = "proven: one root in a box (Krawczyk), every sum and integral enclosed"
