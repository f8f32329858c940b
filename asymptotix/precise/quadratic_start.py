"""A first solution of the quadratic networks, and the stretch of the line of thresholds it lies on.

A solution in double precision says where the threshold is to twelve digits or so. Whether that is in the bulk, in
a gap between two coefficients, or in the narrow band around one coefficient, can take more digits than that: in
large dimensions coefficients lie ``1e-20`` of their size apart. So candidates are solved one by one, each solution
saying where to look next, until one lies where it was looked for.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from asymptotix.errors import NotConverged
from asymptotix.precise.backend import Backend, Number, working
from asymptotix.precise.continuum import LOW, guess
from asymptotix.precise.diagonal import root
from asymptotix.precise.equations import Constants, State, Vector, exact_samples, log10
from asymptotix.precise.gaps import gap
from asymptotix.precise.newton import newton
from asymptotix.precise.power_resolvent import resolvent
from asymptotix.precise.quadratic import QuadraticEquations
from asymptotix.precise.subordination import locate
from asymptotix.problem import Problem

_SEARCH = 26
_CANDIDATES = 30
_AT_THE_EDGE = 120


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
    two_sided = problem.network == "symmetric"
    return QuadraticEquations(b, g, Constants.of(b, problem), anchor, plan.low, two_sided)


def _anchor(b: Backend, spectrum: Any, above: int) -> Number:
    """A point of the gap below ``above`` coefficients."""
    if above == 0:
        return 2 * spectrum.value(b.number(1))
    high = spectrum.value(b.number(above))
    if above >= spectrum.rank:
        return b.number(-1) if spectrum.rank == spectrum.d else high / 2
    return b.midpoint((spectrum.value(b.number(above + 1)) + high) / 2)


def find(problem: Problem, near: Any) -> Found | str:
    """Unknowns and stretch; or the name of an outcome without a solution.

    Raises:
        NotConverged: no candidate solves the equations.
    """
    if near is not None and near.status in ("perfect recovery", "infinite risk"):
        return str(near.status)
    attempts = (_from_doubles, _from_the_continuum)
    # at the very edge of a gap more digits are needed to tell the sides
    for more, choice in ((0, attempts), (_AT_THE_EDGE, attempts), (0, (_along_the_curve,))):
        with working("flint", _digits(problem) + more) as b:
            for attempt in choice:
                with suppress(NotConverged):
                    found = attempt(b, problem, near)
                    if found is not None:
                        return found
    raise NotConverged("no start leads to a solution; hand in one in double precision as near=")


def _digits(problem: Problem) -> int:
    """For the search: risks are what is left of ``d tau^2``, which is ``d / n_eff`` where nothing is learned."""
    scarcity = max(0.0, -log10(exact_samples(problem)))
    return _SEARCH + math.ceil(1.25 * math.log10(problem.d) + scarcity)


Found = tuple[tuple[str, str], Plan]


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
        with suppress(NotConverged):
            return _bulk(b, problem, (b.number(first.log_radius), b.number(first.q)), False)
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

        if balance(-self.lowest) < 0:
            return None
        if self.b.magnitude(self.constants.penalty) == -math.inf and balance(0.0) > 0:
            return (
                self.highest if not balance(-self.highest) < 0 else self._between(balance, -self.highest, 0.0)
            )
        return self._between(balance, -self.highest, -self.lowest)

    def _between(self, balance: Callable[[float], float], low: float, high: float) -> float:
        for _ in range(14):
            middle = 0.5 * (low + high)
            low, high = (low, middle) if balance(middle) > 0 else (middle, high)
        return -0.5 * (low + high)


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
        unknowns, state, _ = newton(equations, (b.log(tau), b.log(kappa)), 20)
        tau, kappa = b.midpoint(state.tau), b.midpoint(state.kappa)
        side = _side(b, equations, state)
        if side == 0:
            return _text(b, unknowns), Plan(above, extra=_extra(b, problem, state))
        if b.digits > _digits(problem):  # where sides could not be told at fewer digits
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


def _at_the_edge(b: Backend, problem: Problem, above: int, unknowns: Vector) -> Found:
    """A little beyond an edge of a gap, to all digits: the depth is the angle's square.

    Raises:
        NotConverged: it is not there.
    """
    equations = build(b, problem, Plan(above))
    unknowns, state, _ = newton(equations, unknowns, b.digits)
    place = gap(b, equations.resolvent, b.midpoint(state.tau) ** 2 / problem.d, above, b.digits)
    kappa = b.midpoint(state.kappa)
    if place.side(kappa) == 0:
        return _text(b, unknowns), Plan(above, extra=_extra(b, problem, state))
    point = place.beyond(kappa)
    if point is None:
        raise NotConverged("the threshold is not beyond an edge")
    return _bulk(b, problem, _polar(b, point), False, at_edge=True)


def _gap_of(b: Backend, g: Any, t: Number, kappa: Number) -> int:
    """The gap that holds the point ``w`` of a threshold, which can be many coefficients away from ``kappa``."""
    return int(g.spectrum.count_above(b.real(locate(b, g, t, kappa))))


def _side(b: Backend, equations: QuadraticEquations, state: State) -> int:
    """0 if the threshold is in the gap; 1 if it is above it, -1 below."""
    g, t = equations.resolvent, state.tau**2 / equations.d
    if equations.anchor is None or not equations.anchor > 0:
        # all coefficients are above: compare with the spectrum's lower edge
        top = g.spectrum.value(b.number(g.spectrum.rank))
        low, high = -top, top
    else:
        above = g.spectrum.count_above(equations.anchor)
        high = g.spectrum.value(b.number(above)) if above else None
        low = g.spectrum.value(b.number(above + 1)) if above < g.spectrum.rank else b.number(0)
    return _compare(b, g, t, state.kappa, low, high)


def _compare(b: Backend, g: Any, t: Number, kappa: Number, low: Number, high: Number | None) -> int:
    """Where ``kappa`` is to ``z`` of the stretch of the gap outside the spectrum: ``z' > 0``."""

    def z(u: Number) -> tuple[float, Number]:
        w = b.complex(u, 0)
        slope = b.double(1 + t * b.real(g.slope(w)))
        return slope, b.midpoint(u + t * b.real(g.value(w)))

    top = high if high is not None else 4 * max(kappa, g.spectrum.value(b.number(1)))
    # z' is concave between two coefficients: bisect for kappa by the sign of z - kappa where z' > 0
    left, right = low, top
    for _ in range(200):
        middle = b.midpoint((left + right) / 2)
        slope, value = z(middle)
        if slope > 0:
            if value > kappa:
                right = middle
            else:
                left = middle
            if b.double((right - left) / (top - low)) < 1e-12:
                break
        else:
            # outside the gap: towards its middle
            if middle > (low + top) / 2:
                right = middle
            else:
                left = middle
            if b.double((right - left) / (top - low)) < 1e-12:
                return 1 if middle > (low + top) / 2 else -1
    slope, value = z(b.midpoint((left + right) / 2))
    size = abs(value - kappa) / (top - low)
    if slope > 0 and b.double(size) < 1e-8:
        return 0
    return 1 if value < kappa else -1


def _polar(b: Backend, w: Number) -> Vector:
    angle = b.pi / 2 - b.atan2(b.real(w), b.imag(w))
    return b.log(abs(w)), b.log(angle / (b.pi - angle))


def _bulk(b: Backend, problem: Problem, unknowns: Vector, low: bool, at_edge: bool = False) -> Found:
    digits = b.digits if at_edge else 12
    unknowns, state, _ = newton(build(b, problem, Plan(low=low)), unknowns, digits)
    # the imaginary part of the resolvent is what is left at a small angle; at an edge the angle counts by its square
    angle = max(0, math.ceil(-b.double(unknowns[1]) / math.log(10.0)))
    return _text(b, unknowns), Plan(low=low, extra=_extra(b, problem, state) + (3 if at_edge else 1) * angle)


def _extra(b: Backend, problem: Problem, state: State) -> int:
    """``R`` is what is left of terms of order ``d (kappa^2 + tau^2)``, and ``kappa`` of terms of order ``tau``."""
    lost = b.magnitude(problem.d * (state.tau**2 + state.kappa**2)) - b.magnitude(state.error)
    if state.kappa > 0:
        lost = max(lost, 0.0) + max(b.magnitude(state.tau / state.kappa), 0.0)
    return max(0, math.ceil(lost / math.log(10.0))) + 6


def _text(b: Backend, unknowns: Vector) -> tuple[str, str]:
    return b.text(unknowns[0], b.digits), b.text(unknowns[1], b.digits)
