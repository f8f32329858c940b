"""A first solution of the quadratic networks, and the stretch of the line of thresholds it lies on.

A solution in double precision says where the threshold is to twelve digits or so. Whether that is in the bulk, in
a gap between two coefficients, or in the narrow band around one coefficient, can take more digits than that: in
large dimensions coefficients lie ``1e-20`` of their size apart. So candidates are solved one by one, each solution
saying where to look next, until one lies where it was looked for.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from asymptotix.errors import NotConverged
from asymptotix.precise.backend import Backend, Number, working
from asymptotix.precise.continuum import LOW, guess
from asymptotix.precise.diagonal import refine, root
from asymptotix.precise.equation_pair import Constants, State, Vector, exact_samples, log10
from asymptotix.precise.euler import LN10
from asymptotix.precise.gaps import gap
from asymptotix.precise.newton import newton
from asymptotix.precise.power_resolvent import resolvent
from asymptotix.precise.quadratic import QuadraticEquations
from asymptotix.precise.support_points import locate
from asymptotix.problem import Problem
from asymptotix.status import Status

_SEARCH = 26
_CANDIDATES = 30
_AT_THE_EDGE = 120
# Of the position on a support curve: Newton's method takes over from there.
_COARSE = 1e-3
# Digits of a distance from an edge.
_APART = 4


class TooFewDigits(NotConverged):
    """A solution is in sight, but takes more digits: about so many; and which gap's edge it is at, with unknowns."""

    def __init__(
        self, message: str, digits: int = 0, place: tuple[int, tuple[str, str]] | None = None
    ) -> None:
        super().__init__(message)
        self.digits, self.place = digits, place


@dataclass(frozen=True)
class Plan:
    """A stretch of the line of thresholds.

    Attributes:
        above: number of coefficients above the gap; None in the bulk.
        low: threshold far below the noise.
        extra: digits that cancel there.
    """

    above: int | None = None
    low: bool = False
    extra: int = 0


def build(b: Backend, problem: Problem, plan: Plan) -> QuadraticEquations:
    """The equations on one stretch."""
    g = resolvent(b, problem)
    anchor = None if plan.above is None else _anchor(b, g.spectrum, plan.above)
    two_sided = problem.net.sides == 2
    return QuadraticEquations(b, g, Constants.of(b, problem), anchor, plan.above, plan.low, two_sided)


def _anchor(b: Backend, spectrum: Any, above: int) -> Number:
    """A point of the gap below ``above`` coefficients."""
    if above == 0:
        return 2 * spectrum.value(b.number(1))
    high = spectrum.value(b.number(above))
    if above >= spectrum.rank:
        return b.number(-1) if spectrum.rank == spectrum.d else high / 2
    return b.midpoint((spectrum.value(b.number(above + 1)) + high) / 2)


def find(problem: Problem, near: Any) -> Found | Status:
    """Unknowns and stretch; or the name of an outcome without a solution.

    Raises:
        NotConverged: no candidate solves the equations.
    """
    if near is not None and near.status in (Status.PERFECT_RECOVERY, Status.INFINITE_RISK):
        return Status(near.status)
    cheap, few = (_from_doubles, _from_the_continuum), _digits(problem)
    needed = _first(problem, near, cheap, few, TooFewDigits(""))
    if isinstance(needed, TooFewDigits) and not needed.digits and needed.place is None:
        # nothing says that more digits would help: another way, before the same at more
        needed = _first(problem, near, (_along_the_curve,), few, needed)
    # far down an edge, or at the very edge of a gap, more digits are needed
    for digits in (few + _AT_THE_EDGE, 2 * few + _AT_THE_EDGE):
        if not isinstance(needed, TooFewDigits):
            return needed
        needed = _first(problem, near, cheap, digits, needed)
    if not isinstance(needed, TooFewDigits):
        return needed
    raise NotConverged("no start leads to a solution; hand in one in double precision as near=")


def _first(
    problem: Problem, near: Any, attempts: Sequence[Attempt], digits: int, needed: TooFewDigits
) -> Found | TooFewDigits:
    """The first solution that an attempt finds at so many digits, or what the last of them needs."""
    with working("flint", max(digits, needed.digits)) as b:
        for attempt in attempts:
            try:
                if needed.place is not None:
                    return _at_the_edge(b, problem, *needed.place)
                found = attempt(b, problem, near)
            except TooFewDigits as error:
                needed = error
            except NotConverged:
                needed = TooFewDigits("", needed.digits)
            else:
                if found is not None:
                    return found
    return needed


def _digits(problem: Problem) -> int:
    """For the search: risks are what is left of ``d tau^2``, of which the edge of noise, at an angle
    of ``(n_eff / d)^(1/5)``, leaves the angle's eighth power.
    """
    log_d = math.log10(problem.d)
    return _SEARCH + math.ceil(max(1.25 * log_d, 1.6 * (log_d - log10(exact_samples(problem)))))


Found = tuple[tuple[str, str], Plan]
Attempt = Callable[[Backend, Problem, Any], Found | None]


def _from_doubles(b: Backend, problem: Problem, near: Any) -> Found | None:
    """From a solution handed in. Its threshold may be too coarse to tell where at the edge of the bulk it lies."""
    if near is None or not math.isfinite(near.log_delta):
        return None
    root = b.sqrt(b.number(problem.d))
    tau = b.exp(b.number(near.log_delta)) / root
    kappa = b.exp(b.number(near.log_eps)) / root if near.log_eps > -math.inf else b.number(0)
    try:
        return _settle(b, problem, tau, kappa)
    except NotConverged:
        curve = Curve(b, problem)
        q = curve.threshold(near.log_delta - 0.5 * math.log(problem.d))
        if q is None:
            raise
        return _bulk(b, problem, curve.unknowns(curve.log_tau, q), False)


def _from_the_continuum(b: Backend, problem: Problem, near: Any) -> Found | None:
    """In the bulk, or else among the learned features."""
    first = guess(b, problem)
    if first is None:
        return None
    if first.in_bulk and not first.low:
        try:
            return _bulk(b, problem, (b.number(first.log_radius), b.number(first.q)), False)
        except TooFewDigits:  # it is there: no need to look elsewhere
            raise
        except NotConverged:
            pass
    return _settle(b, problem, first.tau, first.kappa)


def _along_the_curve(b: Backend, problem: Problem, near: Any) -> Found | None:
    """Nested search: the noise scale outside, the position on the support curve within."""
    curve, k = Curve(b, problem), Constants.of(b, problem)
    low = [False]

    def balance(log_tau: float) -> float:
        """``log(nu tau^2 / (noise + R))``, rising with ``tau`` on solutions of the second equation."""
        q = curve.threshold(log_tau)
        if q is None:
            q = curve.lowest
        state = curve.state(log_tau, q)
        low[0] = b.magnitude(k.penalty) == -math.inf and q >= curve.highest
        return -b.double(state.values[0]) if state.rho > 0 else 1.0

    guess = 0.5 * (b.magnitude(k.noise + 1) - b.magnitude(k.nu))
    log_tau = root(balance, guess, 1.0, 1e-3)
    if log_tau is None:
        return None
    q = curve.threshold(log_tau)
    if q is None:
        state = curve.state(log_tau, curve.lowest)
        return _settle(b, problem, state.tau, state.kappa)
    return _bulk(b, problem, curve.unknowns(log_tau, q), low[0])


class Curve:
    """The support curve at one noise scale, ``q -> w``: the threshold rises as ``q`` falls."""

    def __init__(self, b: Backend, problem: Problem) -> None:
        self.b, self.problem = b, problem
        self.equations = build(b, problem, Plan())
        self.constants = self.equations.constants
        self.log_tau = math.nan
        # angles from d^(-1/2) to a little beyond the imaginary axis
        self.lowest = -0.55 * math.log(problem.d) - 3.0
        self.highest = 0.7

    def unknowns(self, log_tau: float, q: float) -> Vector:
        """``(log |w|, q)``: on the ray, ``t sum 1/|w - a_i|^2 = 1``, by Newton's method in ``log |w|``."""
        b, g = self.b, self.equations.resolvent
        turn = b.cexp(b.complex(0, b.pi / (1 + b.exp(b.number(-q)))))
        log_t = 2.0 * log_tau - math.log(self.problem.d)
        log_r, low, high = log_tau, -math.inf, math.inf
        for _ in range(80):
            w = b.exp(b.number(log_r)) * turn
            mass = -b.imag(g.value(w)) / b.imag(w)
            excess = b.magnitude(mass) + log_t
            low, high = (log_r, high) if excess > 0 else (low, log_r)
            slope = b.double(-b.imag(g.slope(w) * w) / b.imag(w) / mass) - 1.0
            step = -excess / slope if slope < 0 else math.copysign(0.5, excess)
            following = log_r + max(min(step, 2.0), -2.0)
            if abs(following - log_r) < 1e-14 * max(1.0, abs(log_r)):
                break
            if not low < following < high and math.isfinite(low + high):
                following = 0.5 * (low + high)
            log_r = following
        return b.number(log_r), b.number(q)

    def state(self, log_tau: float, q: float) -> State:
        return self.equations.state(self.unknowns(log_tau, q))

    def threshold(self, log_tau: float) -> float | None:
        """``q`` of the second equation's solution; None beyond the edge of the bulk."""
        self.log_tau = log_tau

        def balance(q: float) -> float:
            """Rises with the threshold, that is with ``-q``."""
            state = self.state(log_tau, -q)
            if not state.kappa > 0:
                return -1.0
            return -self.b.double(state.values[1])

        low, high = -self.highest, -self.lowest
        at_low, at_high = balance(low), balance(high)
        if at_high < 0:
            return None
        if self.b.magnitude(self.constants.penalty) == -math.inf:
            at_zero = balance(0.0)
            if at_zero > 0:
                if not at_low < 0:
                    return self.highest
                high, at_high = 0.0, at_zero
        return -refine(balance, low, high, at_low, at_high, _COARSE)


def _settle(b: Backend, problem: Problem, tau: Number, kappa: Number) -> Found:
    """Solve candidates, each where the one before points to, until one lies where it was looked for."""
    bulk = build(b, problem, Plan(low=not kappa > tau * b.number(LOW)))
    g = bulk.resolvent
    w = locate(b, g, tau * tau / problem.d, kappa)
    if bulk.low:
        return _bulk(b, problem, _polar(b, w), True)
    if b.double(b.imag(w) / abs(w)) > 1e-9:
        with suppress(NotConverged):  # it may be the edge of a gap
            return _bulk(b, problem, _polar(b, w), False)
    above = g.spectrum.count_above(b.real(w))
    visited: set[int] = set()
    for _ in range(_CANDIDATES):
        visited.add(above)
        plan = Plan(above)
        equations = build(b, problem, plan)
        unknowns, state, _ = newton(equations, (b.log(tau), b.log(kappa)), b.digits)
        tau, kappa = b.midpoint(state.tau), b.midpoint(state.kappa)
        place = gap(b, g, tau * tau / problem.d, above)
        side, lost = place.side(kappa), _extra(b, problem, state)
        if side == 0:
            if place.margin(kappa) < (lost + _APART - b.digits) * LN10:
                raise TooFewDigits("the threshold is too close to an edge to tell the sides", 2 * b.digits)
            return _text(b, unknowns), Plan(above, extra=max(lost, _to_tell(above)))
        if place.beyond(kappa) is not None:
            deep = math.ceil(lost - 1.5 * place.margin(kappa) / LN10) + _SEARCH
            if deep > b.digits:
                raise TooFewDigits("the threshold is at an edge", deep, (above, _text(b, unknowns)))
            with suppress(NotConverged):
                return _at_the_edge(b, problem, above, unknowns)
        following = above - side
        if following in visited:  # between two gaps: in the band around one coefficient
            index = max(above, following)
            band = g.spectrum.value(b.number(index))
            start = band + b.complex(0, 1) * tau / b.sqrt(b.number(problem.d))
            return _bulk(b, problem, _polar(b, start), False)
        jump = _gap_of(b, g, tau * tau / problem.d, kappa) if abs(side) == 1 else following
        above = jump if jump not in visited and jump != above else following
    raise NotConverged("no gap holds its own solution")


def _at_the_edge(b: Backend, problem: Problem, above: int, start: tuple[Any, Any]) -> Found:
    """A little beyond an edge of a gap, to all digits: the depth is the angle's square.

    Raises:
        NotConverged: it is not there.
    """
    equations = build(b, problem, Plan(above))
    unknowns, state, _ = newton(equations, (b.number(start[0]), b.number(start[1])), b.digits)
    place = gap(b, equations.resolvent, b.midpoint(state.tau) ** 2 / problem.d, above, b.digits)
    kappa = b.midpoint(state.kappa)
    if place.side(kappa) == 0:
        return _text(b, unknowns), Plan(above, extra=max(_extra(b, problem, state), _to_tell(above)))
    point = place.beyond(kappa)
    if point is None:
        raise NotConverged("the threshold is not beyond an edge")
    return _bulk(b, problem, _polar(b, point), False, at_edge=True)


def _gap_of(b: Backend, g: Any, t: Number, kappa: Number) -> int:
    """The gap that holds the point ``w`` of a threshold, which can be many coefficients away from ``kappa``."""
    return int(g.spectrum.count_above(b.real(locate(b, g, t, kappa))))


def _polar(b: Backend, w: Number) -> Vector:
    angle = b.pi / 2 - b.atan2(b.real(w), b.imag(w))
    return b.log(abs(w)), b.log(angle / (b.pi - angle))


def _bulk(b: Backend, problem: Problem, unknowns: Vector, low: bool, at_edge: bool = False) -> Found:
    digits = b.digits if at_edge else 12
    unknowns, state, _ = newton(build(b, problem, Plan(low=low)), unknowns, digits, edge=True)
    # the imaginary part of the resolvent is what is left at a small angle; at an edge the angle counts by its square
    angle = max(0, math.ceil(-b.double(unknowns[1]) / math.log(10.0)))
    return _text(b, unknowns), Plan(low=low, extra=_extra(b, problem, state) + (3 if at_edge else 1) * angle)


def _extra(b: Backend, problem: Problem, state: State) -> int:
    """``R`` is what is left of terms of order ``d (kappa^2 + tau^2)``, and ``kappa`` of terms of order ``tau``.

    Raises:
        TooFewDigits: nothing is left of it.
    """
    if not b.radius(state.error) < abs(b.midpoint(state.error)) / 1000:
        raise TooFewDigits("the error is lost to cancellation at these digits")
    lost = b.magnitude(problem.d * (state.tau**2 + state.kappa**2)) - b.magnitude(state.error)
    if state.kappa > 0:
        lost = max(lost, 0.0) + max(b.magnitude(state.tau / state.kappa), 0.0)
    return max(0, math.ceil(lost / math.log(10.0))) + 6


def _to_tell(above: int) -> int:
    """Digits that tell a coefficient from the next."""
    return math.ceil(math.log10(above + 1)) + 6


def _text(b: Backend, unknowns: Vector) -> tuple[str, str]:
    return b.text(unknowns[0], b.digits), b.text(unknowns[1], b.digits)
