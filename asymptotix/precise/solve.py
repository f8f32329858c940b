"""Solve a problem to any number of digits, and prove it if asked."""

from __future__ import annotations

import math
import time
from dataclasses import dataclass, replace
from typing import Any

from asymptotix.errors import InvalidInput, NotConverged
from asymptotix.precise.backend import ENGINES, Backend, Number, working
from asymptotix.precise.decimal_solution import PreciseSolution
from asymptotix.precise.equation_pair import State, log10
from asymptotix.precise.krawczyk import krawczyk
from asymptotix.precise.methods import Method, Start, method
from asymptotix.precise.newton import newton
from asymptotix.precise.outcome import Outcome
from asymptotix.problem import Problem
from asymptotix.status import Status

# Digits kept beyond those asked for, and by how much the checking solve has more.
_GUARD = 12
_MORE = 12
_ATTEMPTS = 6


def solve(
    problem: Problem,
    digits: int = 50,
    *,
    engine: str = "flint",
    certify: bool = False,
    near: Any = None,
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
    how = method(problem)
    first = how.start(problem, near)
    if isinstance(first, Outcome):
        return _settled(problem, first, digits, engine, certify, began)
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
    return method(problem).seconds(problem, digits + _GUARD)


def _check(digits: int, engine: str, certify: bool) -> None:
    if isinstance(digits, bool) or not isinstance(digits, int) or digits < 1:
        raise InvalidInput("digits", digits, "an integer >= 1")
    if engine not in ENGINES:
        raise InvalidInput("engine", engine, f"one of {', '.join(ENGINES)}")
    if certify and engine != "flint":
        raise InvalidInput("certify", engine, "the flint engine, whose balls enclose rounding")


@dataclass(frozen=True)
class _Solved:
    unknowns: tuple[str, str]
    texts: dict[str, str]
    residual: float


def _raise_precision(
    problem: Problem, how: Method, first: Start, digits: int, engine: str
) -> PreciseSolution:
    """Solve at rising precisions until two in a row agree."""
    work = digits + _GUARD + how.extra_digits(problem, first)
    start: tuple[Any, Any] = first.unknowns
    before: _Solved | None = None
    for _ in range(_ATTEMPTS):
        here = _at(problem, how, Start(start, first.plan), (digits, work), engine)
        if before is not None:
            good = _agreement(before.texts["error"], here.texts["error"], work)
            if good >= digits:
                return _solution(problem, here, digits, engine)
            work += max(digits - good, 0) + _MORE
        else:
            work += _MORE
        start, before = here.unknowns, here
    raise NotConverged(f"only {good} of {digits} digits agree between precisions up to {work}")


def _at(problem: Problem, how: Method, start: Start, precision: tuple[int, int], engine: str) -> _Solved:
    """Solve to some digits with more working ones."""
    digits, work = precision
    with working(engine, work) as b:
        equations = how.equations(b, problem, start.plan)
        unknowns = (b.number(start.unknowns[0]), b.number(start.unknowns[1]))
        unknowns, state, _ = newton(equations, unknowns, digits + _GUARD)
        residual = max(b.magnitude(x) for x in state.values)
        texts = {name: b.text(x, work) for name, x in _quantities(b, problem, state).items()}
        return _Solved((b.text(unknowns[0], work + 5), b.text(unknowns[1], work + 5)), texts, residual)


def _quantities(b: Backend, problem: Problem, state: State) -> dict[str, Number]:
    root = b.sqrt(b.number(problem.d))
    error = state.error
    return {
        "error": error,
        "excess_risk": problem.net.excess_factor * error,
        "delta": state.tau * root,
        "eps": state.kappa * root,
        "degrees_of_freedom": state.dof,
    }


def _agreement(one: str, other: str, work: int) -> int:
    with working("mpmath", work) as b:
        x, y = b.number(one), b.number(other)
        if x == y:
            return work
        return int(-b.magnitude((x - y) / y) / math.log(10.0))


def _solution(problem: Problem, solved: _Solved, digits: int, engine: str) -> PreciseSolution:
    with working("mpmath", digits + 5) as b:
        texts: dict[str, Any] = {name: b.text(b.number(x), digits) for name, x in solved.texts.items()}
    status = Status.RIDGELESS if problem.lam == 0 else Status.CONVERGED
    if float(texts["degrees_of_freedom"]) < 1e-12:
        status = Status.ZERO_ESTIMATOR
    elif problem.n < 1:
        status = Status.BELOW_ONE_SAMPLE
    residual = "0" if solved.residual == -math.inf else f"{_power_of_ten(solved.residual)}"
    return PreciseSolution(problem, residual=residual, digits=digits, status=status, engine=engine, **texts)


def _power_of_ten(log: float) -> str:
    """``exp(log)`` rounded up to two digits, whatever its size."""
    exponent = math.floor(log / math.log(10.0))
    mantissa = math.ceil(math.exp(log - exponent * math.log(10.0)) * 10.0) / 10.0
    return f"{mantissa:.1f}e{exponent:+d}"


def _settled(
    problem: Problem, outcome: Outcome, digits: int, engine: str, certify: bool, began: float
) -> PreciseSolution:
    """An answer in closed form, or an outcome without a noise scale."""
    fields: dict[str, Any] = dict(outcome.texts(problem, digits))
    solution = PreciseSolution(
        problem,
        residual="0",
        digits=digits,
        status=outcome.status,
        certificate="closed form" if outcome.proven else "closed form; that it holds here is only estimated",
        engine=engine,
        **fields,
    )
    if certify and outcome.exact is not None and outcome.proven:
        log_error = log10(outcome.exact.error) - digits + 1  # one unit of the last digit printed
        solution = replace(solution, radius=_power_of_ten(log_error * math.log(10.0)))
    return replace(solution, seconds=round(time.perf_counter() - began, 3))


def _certified(
    problem: Problem, how: Method, solution: PreciseSolution, first: Start, digits: int
) -> PreciseSolution:
    """Enclose the root, at more digits if the first box cannot be shown to hold one."""
    work = digits + 2 * _GUARD + how.extra_digits(problem, first)
    start: tuple[Any, Any] = first.unknowns
    for _ in range(_ATTEMPTS):
        solved = _at(problem, how, Start(start, first.plan), (work - _GUARD, work), "flint")
        start = solved.unknowns
        with working("flint", work) as b:
            equations = how.equations(b, problem, first.plan)
            point = (b.midpoint(b.number(start[0])), b.midpoint(b.number(start[1])))
            try:
                state = krawczyk(equations, point).state
            except NotConverged:
                work = work + work // 2
                continue
            if equations.estimated:
                return replace(solution, certificate=f"not certified: {equations.estimated}")
            error = state.error
            bound = abs(error - b.number(solution.error)).upper()
            if b.magnitude(bound) < b.magnitude(error) - (digits - 2) * math.log(10.0):
                proof = _PROVEN + how.caveat(equations, state)
                return replace(solution, radius=_power_of_ten(b.magnitude(bound)), certificate=proof)
        work = work + work // 2
    raise NotConverged(f"no enclosure of {digits} digits with {work} digits of working precision")


_PROVEN = "proven: one root in a box (Krawczyk), every sum and integral enclosed"
