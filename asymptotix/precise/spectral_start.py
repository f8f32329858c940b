"""A first solution of the quadratic networks, and the stretch of the line of thresholds it lies on.

A solution in double precision says where the threshold is to twelve digits or so. Whether that is in the bulk, in
a gap between two coefficients, or in the narrow band around one coefficient, can take more digits than that: in
large dimensions coefficients lie ``1e-20`` of their size apart. So candidates are solved one by one, each solution
saying where to look next, until one lies where it was looked for.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import replace
from typing import Any

from asymptotix.errors import NotConverged
from asymptotix.precise.backend import Backend, Number, working
from asymptotix.precise.closed_forms import ClosedForm, beyond_the_spectrum
from asymptotix.precise.continuum import LOW, guess
from asymptotix.precise.equation_pair import Constants, Method, Start, State, Vector, exact_samples, log10
from asymptotix.precise.euler import LN10
from asymptotix.precise.gaps import gap
from asymptotix.precise.nested_search import searched
from asymptotix.precise.newton import newton
from asymptotix.precise.oblong import Oblong
from asymptotix.precise.oblong_equations import OblongEquations
from asymptotix.precise.power_resolvent import paired, resolvent
from asymptotix.precise.spectral_equations import SpectralEquations, between
from asymptotix.precise.support_points import locate
from asymptotix.problem import Problem
from asymptotix.status import Status

# Digits of a search where nothing cancels; more far down an edge, or at the very edge of a gap.
_SEARCH = 26
_AT_THE_EDGE = 120
# Gaps that are tried: each is where the one before points to, three or four as a rule.
_CANDIDATES = 30
# Their edges take many digits: those passed are tried this many gaps later.
_PASSED = 4
# Digits of a distance from an edge.
_APART = 4
# An angle that is certainly no rounding error of a real point.
_IN_BULK = 1e-9


def build(b: Backend, problem: Problem, above: int | None = None, low: bool = False) -> SpectralEquations:
    """The equations in the bulk, or in the gap below so many coefficients; ``low`` far below the noise."""
    g = resolvent(b, problem)
    anchor = None if above is None else between(b, g.spectrum, above)
    two_sided = problem.net.sides == 2 and not paired(problem)
    kind = OblongEquations if isinstance(g, Oblong) else SpectralEquations
    return kind(b, g, Constants.of(b, problem), two_sided, low, anchor, above)


class TooFewDigits(NotConverged):
    """A solution is in sight, but takes more digits."""


def start(problem: Problem, near: Any) -> Start | ClosedForm:
    """A closed form, or a first solution: the first that an attempt finds, at few digits or at more.

    Raises:
        NotConverged: no candidate solves the equations.
    """
    closed = beyond_the_spectrum(problem)
    if closed is not None:
        return closed
    if near is not None and near.status in (Status.PERFECT_RECOVERY, Status.INFINITE_RISK):
        return ClosedForm(Status(near.status))
    cheap, few = (_from_doubles, _from_the_continuum), search_digits(problem)
    if problem.features < problem.d:  # every step has integrals of its own: first what tells bulks from gaps
        cheap = _from_the_continuum, _from_doubles
    rounds = ((few, (*cheap, _from_nothing)), (few + _AT_THE_EDGE, cheap), (2 * few + _AT_THE_EDGE, cheap))
    for digits, attempts in rounds:
        with working("flint", digits) as b:
            for attempt in attempts:
                try:
                    found = attempt(b, problem, near)
                except TooFewDigits:
                    break
                except NotConverged:
                    continue
                if found is not None:
                    return found
    raise NotConverged("no start leads to a solution; hand in one in double precision as near=")


#: The quadratic and the symmetric network; digits cancel as the dimension grows.
SPECTRAL = Method(
    start,
    lambda b, problem, start: build(b, problem, start.above, start.low),
    lambda problem, digits: 1.5 * ((digits + math.log10(problem.d)) / 122.0) ** 1.7,
)
#: The bilinear network's square matrix.
PAIRED = replace(SPECTRAL, paired=True)


def search_digits(problem: Problem) -> int:
    """For the search: risks are what is left of ``d tau^2``, of which the edge of noise, at an angle
    of ``(n_eff / d)^(1/5)``, leaves the angle's eighth power.
    """
    log_d = math.log10(problem.d)
    return _SEARCH + math.ceil(max(1.25 * log_d, 1.6 * (log_d - log10(exact_samples(problem)))))


def _from_doubles(b: Backend, problem: Problem, near: Any) -> Start | None:
    """From a solution handed in. Its threshold may be too coarse to tell where at the edge of the bulk it lies."""
    if near is None or not math.isfinite(near.log_delta):
        return None
    scale = b.sqrt(b.number(problem.d))
    tau = b.exp(b.number(near.log_delta)) / scale
    kappa = b.exp(b.number(near.log_eps)) / scale if near.log_eps > -math.inf else b.number(0)
    return _settle(b, problem, tau, kappa)


def _from_the_continuum(b: Backend, problem: Problem, near: Any) -> Start | None:
    """In the bulk, or else among the learned features."""
    first = guess(b, problem)
    if first is None:
        k, d = Constants.of(b, problem), problem.features
        if not (paired(problem) and k.nu > d):
            return None
        kappa = k.penalty / (k.nu - d)  # all features far above the threshold
        return _settle(b, problem, b.sqrt((k.noise + d * kappa**2) / (k.nu - d)), kappa)
    point, tau, kappa = first
    if point is not None:
        try:
            return _bulk(b, problem, point)
        except TooFewDigits:  # it is there: no need to look elsewhere
            raise
        except NotConverged:
            pass
    return _settle(b, problem, tau, kappa)


def _from_nothing(b: Backend, problem: Problem, near: Any) -> Start | ClosedForm:
    """The search over noise scale and threshold, each evaluated where it lies: in the bulk or in a gap."""
    bulk, gaps = build(b, problem), dict[int, SpectralEquations]()
    g = bulk.resolvent

    def state(log_tau: float, log_c: float) -> State:
        tau = b.exp(b.number(log_tau))
        kappa = tau * b.exp(b.number(log_c))
        w = locate(b, g, tau * tau / bulk.d, kappa)
        if w.imag > 0:
            return bulk.state(_polar(b, w))
        above = g.spectrum.count_above(w.real) if w.real > 0 else g.spectrum.rank
        if above not in gaps:
            gaps[above] = build(b, problem, above)
        return gaps[above].state((b.log(tau), b.log(kappa)))

    def settle(log_tau: float, log_c: float) -> Start:
        tau = b.exp(b.number(log_tau))
        return _settle(b, problem, tau, tau * b.exp(b.number(log_c)) if log_c > -math.inf else b.number(0))

    return searched(b, bulk.constants, problem.d, state, settle, open_below=problem.net.sides == 1)


def _settle(b: Backend, problem: Problem, tau: Number, kappa: Number) -> Start:
    """In the bulk or in a gap: candidates, each where the one before points to; then edges of gaps, then bands."""
    g = build(b, problem).resolvent
    d = g.columns
    w = locate(b, g, tau * tau / d, kappa)
    in_bulk = b.double(w.imag / abs(w)) > _IN_BULK
    # coefficients of both signs leave a gap around 0
    if not kappa > tau * b.number(LOW) and (in_bulk or g.spectrum.count_above(w.real) < g.spectrum.rank):
        return _bulk(b, problem, _polar(b, w), low=True)
    if in_bulk:
        with suppress(NotConverged):  # it may be the edge of a gap
            return _bulk(b, problem, _polar(b, w))
    edges: list[tuple[int, Start]] = []
    try:
        found = _through_the_gaps(b, problem, (tau, kappa), g.spectrum.count_above(w.real), edges)
        if isinstance(found, Start):
            return found
    except NotConverged:
        if not edges:
            raise
        return _first(problem, edges)
    with suppress(NotConverged):
        return _first(problem, edges)
    tau, coefficient = found  # in the band around it
    turned = b.complex(0, 1) * tau / b.sqrt(b.number(d))
    return _bulk(b, problem, _polar(b, g.spectrum.value(b.number(coefficient)) + turned))


def _first(problem: Problem, edges: Sequence[tuple[int, Start]]) -> Start:
    """The first edge of a gap beyond which the threshold lies. Many digits: tried when no gap holds it."""
    for digits, start in edges:
        with suppress(NotConverged), working("flint", digits) as fine:
            return _at_the_edge(fine, problem, start)
    raise NotConverged("no edge of a gap is a solution")


def _through_the_gaps(
    b: Backend, problem: Problem, point: Vector, above: int, edges: list[tuple[int, Start]]
) -> Start | tuple[Number, int]:
    """The gap that holds its own solution; else the coefficient between two that do not, and the noise scale there.

    Edges passed by on the way are added to ``edges``, with the digits that each takes.
    """
    (tau, kappa), g = point, build(b, problem).resolvent
    d, visited, waited = g.columns, set[int](), 0
    for _ in range(_CANDIDATES):
        visited.add(above)
        unknowns, state, _ = newton(build(b, problem, above), (b.log(tau), b.log(kappa)), b.digits)
        tau, kappa = b.midpoint(state.tau), b.midpoint(state.kappa)
        place = gap(b, g, tau * tau / d, above)
        side, lost = place.side(kappa), cancelled(b, problem, state, above)
        if side == 0:
            if place.margin(kappa) < (lost + _APART - b.digits) * LN10:
                raise TooFewDigits("the threshold is too close to an edge to tell the sides")
            return Start.at(b, unknowns, lost, above)
        if place.beyond(kappa) is not None:
            deep = math.ceil(lost - 1.5 * place.margin(kappa) / LN10) + _SEARCH
            edges.append((max(deep, b.digits), Start.at(b, unknowns, above=above)))
        waited += bool(edges)
        if waited > _PASSED:
            with suppress(NotConverged):
                return _first(problem, edges)
            edges.clear()
            waited = 0
        following = above - side
        if not 0 <= following <= g.spectrum.rank:
            break
        if following in visited:
            return tau, max(above, following)
        # the gap of the threshold's own point w, which can be many coefficients away from kappa
        jump = g.spectrum.count_above(locate(b, g, tau * tau / d, kappa).real)
        above = jump if jump not in visited and jump != above else following
    raise NotConverged("no gap holds its own solution")


def _at_the_edge(b: Backend, problem: Problem, first: Start) -> Start:
    """A little beyond an edge of a gap, to all digits: the depth is the angle's square.

    Raises:
        NotConverged: it is not there.
    """
    equations, above = build(b, problem, first.above), first.above or 0
    unknowns, state, _ = newton(equations, first.numbers(b), b.digits)
    place = gap(b, equations.resolvent, b.midpoint(state.tau) ** 2 / equations.d, above, b.digits)
    kappa = b.midpoint(state.kappa)
    if place.side(kappa) == 0:
        return Start.at(b, unknowns, cancelled(b, problem, state, above), above)
    point = place.beyond(kappa)
    if point is None:
        raise NotConverged("the threshold is not beyond an edge")
    return _bulk(b, problem, _polar(b, point), at_edge=True)


def _polar(b: Backend, w: Number) -> Vector:
    angle = b.angle(w)
    return b.log(abs(w)), b.log(angle / (b.pi - angle))


def _bulk(b: Backend, problem: Problem, near: Vector, low: bool = False, at_edge: bool = False) -> Start:
    digits = b.digits if at_edge else 12
    unknowns, state, _ = newton(build(b, problem, low=low), near, digits, edge=True)
    # the imaginary part of the resolvent is what is left at a small angle; at an edge the angle counts by its square
    angle = max(0, math.ceil(-b.double(unknowns[1]) / LN10))
    return Start.at(b, unknowns, cancelled(b, problem, state) + (3 if at_edge else 1) * angle, low=low)


def cancelled(b: Backend, problem: Problem, state: State, above: int = 0) -> int:
    """``R`` is what is left of terms of order ``d (kappa^2 + tau^2)``, and ``kappa`` of terms of order ``tau``.

    In the gap below ``above`` coefficients at least the digits that tell one of them from the next.

    Raises:
        TooFewDigits: nothing is left of it.
    """
    if not b.radius(state.error) < abs(b.midpoint(state.error)) / 1000:
        raise TooFewDigits("the error is lost to cancellation at these digits")
    lost = b.magnitude(problem.d * (state.tau**2 + state.kappa**2)) - b.magnitude(state.error)
    if state.kappa > 0:
        lost = max(lost, 0.0) + max(b.magnitude(state.tau / state.kappa), 0.0)
    return max(0, math.ceil(lost / LN10), math.ceil(math.log10(above + 1))) + 6
