"""Newton's method in (position of the threshold, ``log tau``): one search, for a problem alone and for many in step.

The balances are logarithms of sums of what are nearly powers of the unknowns, so that few steps lead from afar to a
root; a step that does not shrink them is shortened. The pair has one solution, so whatever balances it is the solution;
where the steps do not settle, the caller searches within brackets. Some eight responses make a cold solve, three a warm
one. Slopes come with the response; without them they are differenced once and carried along by Broyden's update.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Generator
from dataclasses import replace
from typing import Any, NamedTuple

from asymptotix.equations import HIGHEST, LOWEST, Root, System
from asymptotix.errors import NotConverged
from asymptotix.networks.balances import Balance, noise_balance, threshold_balance
from asymptotix.networks.base import Response, Slopes

# Steps in all, and how long one may be in either unknown.
_STEPS, _LONG = 30, 60.0
# Problems that are not convex may have other roots: a step this long does not lead to the one nearby.
_FAR = 1.5
# Balances at this level are one step from rounding, and a step that changes nothing by more than that is not taken.
_NEARLY, _NOTHING = 1e-11, 2e-13
# And at this one solved, if no step improves on them: rounding in equations whose unknowns have hundreds of digits.
_SOLVED = 1e-12
# At this one no step can improve on them.
_ROUNDED = 2e-15
# Thresholds beyond these are no doubles.
_WIDEST = 700.0
# A step is shortened so many times.
_SHORTENED, _SHORTER = 3, 0.3
# It has to shrink the balances by this share of what it should.
_SHRUNK = 0.1
# Noise scales too large by more than this (its square in logarithms) come down by the risk they make, in steps that
# grow by this factor: without label noise the risk may follow the noise scale a long way down.
_CLOSE, _LOWER, _FASTER = 2.0, 6, 2.0
# A response this near in the unknowns is a start for another.
_NEAR = 0.5
# Steps up from noise scales too large by this, or along by more than that, are not trusted.
_EXCESS, _WILD = 0.1, 3.0
# The first equation holds as well as it needs to beside the second; thresholds change by less than this along the path.
_ALONE, _STILL, _APART = 10.0, 0.1, 0.9
# Without penalty so close to an interpolation peak the threshold is next to nothing.
_FEWER = 1.0 - 1e-3
# A slope that changes by less than this on a step is as good as constant.
_BENT = 0.1
# Where the penalty takes most samples already, the threshold moves against the noise scale.
_ROOM = 1.0
# A threshold that has to move further than this with the noise scale is guessed anew.
_ALONG = 1.0
# Risks above 1 belong to peaks, where balances that are not sharp fade towards infinite noise: what seems a root there
# is one if the next step is as short as this.
_ABOVE, _SHORT = 0.5, 1e-6
# Differences over this have an error of its square along the path, and half of a step's digits in ``log tau``.
_H = 1e-5

#: Derivatives of both balances by path and ``log tau``, row by row.
Jacobian = tuple[float, float, float, float]


class State(NamedTuple):
    """Both balances at one point of the unknowns, and how they change with these.

    ``sharp``: both are relative to what is left of the samples. ``exact``: the Jacobian is no update of another.
    """

    path: float
    log_tau: float
    response: Response
    first: float
    second: float
    sharp: bool
    jacobian: Jacobian | None
    exact: bool

    @property
    def size(self) -> float:
        return max(abs(self.first), abs(self.second))


#: Asks for the response at a path and a ``log tau``, perhaps near a known state, and is sent it.
Search = Generator[tuple[float, float, State | None], Response, Root | None]
_Step = Generator[tuple[float, float, State | None], Response, State | None]


def newton_root(
    system: System, log_tau: float, path: float | None = None, jacobian: Jacobian | None = None
) -> Root | None:
    """The root from a guess of both unknowns, and of their Jacobian where responses have no slopes, or None.

    From ``log tau`` alone only in a convex problem, where the root is unique, and where it is surely finite: else the
    search decides which root.
    """
    if path is None:
        if system.net.assumes or not finite(system):
            return None
        path = first_path(system, max(log_tau, system.lowest + 1e-6))
    steps, answer = search(system, path, log_tau, jacobian), None
    while True:
        try:
            asked = steps.send(answer)  # type: ignore[arg-type]
        except StopIteration as end:
            found: Root | None = end.value
            return found
        try:
            answer = respond(system, *asked)
        except NotConverged:  # a step went where the network's sums have no digits
            return None


def finite(system: System, used: float | None = None) -> bool:
    """Whether both unknowns surely are: with a penalty, or with fewer samples than noise alone would use."""
    if system.penalty > 0:
        return True
    return system.nu < _FEWER * (used_by_noise(system) if used is None else used)


def used_by_noise(system: System) -> float:
    """Degrees of freedom of noise without a threshold."""
    return system.potential.response(-math.inf, HIGHEST).dof


def first_path(system: System, log_tau: float) -> float:
    """A guess of the threshold's position, or the position itself."""
    guess: Callable[[float, float, float], float] | None = getattr(system.potential, "guess", None)
    if guess is not None:
        return guess(log_tau, system.nu, system.penalty)
    return system.potential.threshold(log_tau, system.nu, system.penalty, None).path


def respond(system: System, path: float, log_tau: float, near: State | None = None) -> Response:
    """The network's response, from one nearby where that helps."""
    nearby: Any = getattr(system.potential, "nearby", None)
    if near is not None and nearby and abs(path - near.path) + abs(log_tau - near.log_tau) < _NEAR:
        response: Response = nearby(path, log_tau, near.response)
        return response
    return system.potential.response(path, log_tau)


def state(
    system: System, path: float, log_tau: float, response: Response, near: State | None = None
) -> State | None:
    """The balances at a point; None where they say nothing."""
    if not (response.dof > 0 or system.penalty > 0):  # nothing is learned: the equations are flat
        return None
    one = noise_balance(response, log_tau, system.nu, system.noise, afar=True)
    two = threshold_balance(response, log_tau, system.nu, system.penalty, afar=True)
    if not math.isfinite(one.value + two.value):
        return None
    jacobian, exact = None, response.slopes is not None
    if response.slopes is not None:
        by_path, by_tau = balance_slopes(one, two, response.slopes)
        jacobian = by_path[0], by_tau[0], by_path[1], by_tau[1]
        if not math.isfinite(sum(jacobian)):
            return None
    elif near is not None and near.jacobian is not None:
        jacobian = _updated(near, near.jacobian, (path, log_tau), (one.value, two.value))
    sharp = one.by_rest == two.by_rest == 1.0
    return State(path, log_tau, response, one.value, two.value, sharp, jacobian, exact)


def balance_slopes(
    one: Balance, two: Balance, slopes: Slopes
) -> tuple[tuple[float, float], tuple[float, float]]:
    """How both balances change with the path, and with ``log tau``."""
    by_path = (
        -one.by_used * slopes.rho_by_path,
        -two.by_used * slopes.dof_by_path + two.by_rest * slopes.log_c_by_path,
    )
    by_tau = (
        -one.by_used * slopes.rho_by_tau + 2.0 * one.by_rest,
        -two.by_used * slopes.dof_by_tau + two.by_rest * (1.0 + slopes.log_c_by_tau),
    )
    return by_path, by_tau


def differenced(potential: Any, here: Response, log_tau: float, step: float) -> Slopes:
    """The slopes of a response, by three others."""
    right, left = (potential.response(here.path + x, log_tau) for x in (step, -step))
    above = potential.response(here.path, log_tau + step)

    def change(other: Response, last: Response, over: float) -> tuple[float, float, float]:
        below = None not in (other.rho_below, last.rho_below)  # which lose no digits
        names = ("rho_below", "dof_below") if below else ("rho", "dof")
        rho, dof = ((getattr(other, x) - getattr(last, x)) / over * (-1.0 if below else 1.0) for x in names)
        return rho, dof, math.log(other.c / last.c) / over if other.c > 0 < last.c else 0.0

    along, up = change(right, left, 2.0 * step), change(above, here, step)
    return Slopes(along[0], along[1], up[0], up[1], along[2], up[2])


def search(
    system: System, path: float, log_tau: float, jacobian: Jacobian | None = None, *, near: bool = True
) -> Search:
    """Steps from a guess of both unknowns to a root, or to None.

    ``near``: where there may be others, to none that is far away.
    """
    highest = log_tau + _ABOVE
    here = yield from _at(system, path, max(log_tau, system.lowest))
    if here is not None and here.jacobian is None and jacobian is not None:
        here = here._replace(jacobian=jacobian)
    lower, last = 0, None
    while lower < _LOWER and here is not None and here.first > _CLOSE:
        here, lower = (yield from _lower(system, here, _FASTER**lower)), lower + 1
    for _ in range(_STEPS):
        faded = here is not None and here.log_tau > highest and not here.sharp
        if here is None or (faded and not here.exact):
            return None
        if here.size <= _ROUNDED and not faded:
            return _root(here)
        if here.jacobian is None and (here := _anew(system, here)) is None:
            return None
        step = _newton_step(here)
        if here.first > _EXCESS and lower < 2 * _LOWER and _astray(system, here, step):
            here, lower = (yield from _lower(system, here, _FASTER**lower)), lower + 1
            continue
        if step is None or (near and system.net.assumes and not max(map(abs, step)) < _FAR):
            if here.exact:
                return None
            here = here._replace(jacobian=None)
            continue
        step = _bent_step(system, here, last) or step
        if faded and here.size <= _NEARLY and max(map(abs, step)) > _SHORT:
            return None
        idle = _idle(here, step)  # what is left is rounding, however much the balances magnify it
        if idle and here.size <= _SOLVED:
            return _root(here)
        if idle or here.size <= _NEARLY:  # the last step, unless rounding makes it a worse one
            there = yield from _at(system, here.path + step[0], here.log_tau + step[1], here)
            better = there is not None and there.size < here.size
            last, here = here, there if there is not None and better else here
            if better and here.size > _SOLVED:
                continue
            return _root(here) if idle or here.size <= _SOLVED else None
        there = yield from _damped(system, here, step)
        last, here = here, here._replace(jacobian=None) if there is None and not here.exact else there
    return None


def _at(system: System, path: float, log_tau: float, near: State | None = None) -> _Step:
    if not (LOWEST < log_tau < HIGHEST and log_tau >= system.lowest and abs(path) < _WIDEST):
        return None
    response = yield path, log_tau, near
    return state(system, path, log_tau, response, near)


def _root(here: State) -> Root:
    return Root(here.log_tau, here.response, direct=True, jacobian=here.jacobian)


def _anew(system: System, here: State) -> State | None:
    """With its Jacobian by differences."""
    slopes = differenced(system.potential, here.response, here.log_tau, _H)
    there = state(system, here.path, here.log_tau, replace(here.response, slopes=slopes))
    return None if there is None else there._replace(response=here.response)


def _updated(near: State, old: Jacobian, place: tuple[float, float], values: tuple[float, float]) -> Jacobian:
    """Broyden's update: the least change that explains by how much the balances changed."""
    (a, b, c, d), along, up = old, place[0] - near.path, place[1] - near.log_tau
    square = along * along + up * up
    if square == 0:
        return old
    one = (values[0] - near.first - a * along - b * up) / square
    two = (values[1] - near.second - c * along - d * up) / square
    return a + one * along, b + one * up, c + two * along, d + two * up


def _astray(system: System, here: State, step: tuple[float, float] | None) -> bool:
    """Whether a step goes up, or far, though the noise scale is too large: all but degenerate equations."""
    if step is None or abs(step[0]) > _WILD:
        return True
    return step[1] > 0 or here.log_tau + step[1] < system.lowest


def _lower(system: System, here: State, times: float) -> _Step:
    """Towards where the samples would suffice for this risk, along the line that balances the second equation."""
    down = max(-0.5 * times * here.first, system.lowest + 1e-6 - here.log_tau)
    if system.penalty > 0:  # no further than where the penalty alone takes all samples
        room = math.log(system.nu / system.penalty * here.response.c) + here.log_tau
        down = max(down, -room) if room > _ROOM else down
    _, _, by_path, by_tau = here.jacobian or (0.0,) * 4
    along = -(here.second + by_tau * down) / by_path if by_path > 0 else math.inf
    path, log_tau = here.path + along, here.log_tau + down
    return (yield from _at(system, path if abs(along) <= _ALONG else first_path(system, log_tau), log_tau))


def _newton_step(here: State) -> tuple[float, float] | None:
    """The step in both unknowns; None where the equations are degenerate."""
    if here.jacobian is None:
        return None
    a, b, c, d = here.jacobian
    determinant = a * d - b * c
    if not abs(determinant) > 1e-9 * (abs(a * d) + abs(b * c)):
        return None
    return (b * here.second - d * here.first) / determinant, (c * here.first - a * here.second) / determinant


def _bent_step(system: System, here: State, last: State | None) -> tuple[float, float] | None:
    """Among thresholds that hardly differ: to where the second equation's slope leads, as it changed so far."""
    slopes = here.response.slopes
    if last is None or here.jacobian is None or last.jacobian is None or slopes is None:
        return None
    (a, b, slope, _), before, along = here.jacobian, last.jacobian[2], here.path - last.path
    alone = all(abs(x.second) > _ALONE * abs(x.first) for x in (last, here))
    if not (alone and slopes.log_c_by_path < _STILL and along != 0.0 and min(before, slope, b) > 0):
        return None
    rate = math.log(before / slope) / along
    bent = rate * here.second / slope
    if not (rate > 0 and abs(bent) > _BENT):
        return None
    back, along = -along, -math.log(max(1.0 + bent, _ROUNDED * rate / slope)) / rate
    if here.second * last.second < 0 and abs(along) > abs(back):  # the slope is rounding
        along = 0.5 * back
    return along, max(-(here.first + a * along) / b, system.lowest + 1e-9 - here.log_tau)


def _parted(here: State, there: State) -> bool:
    """Whether a step left thresholds that hardly differ for those that do."""
    if here.response.slopes is None or there.response.slopes is None or here.second * there.second > 0:
        return False
    return here.response.slopes.log_c_by_path < _STILL < _APART < there.response.slopes.log_c_by_path


def _idle(here: State, step: tuple[float, float]) -> bool:
    """Whether a step would change nothing: neither the unknowns nor, relatively, risk and degrees of freedom."""
    slopes, response = here.response.slopes, here.response
    if slopes is None:
        return False
    risk = slopes.rho_by_path * step[0] + slopes.rho_by_tau * step[1]
    count = slopes.dof_by_path * step[0] + slopes.dof_by_tau * step[1]
    small = abs(risk) <= _NOTHING * response.rho and abs(count) <= _NOTHING * response.dof
    return small and max(abs(step[0]), abs(step[1])) <= _NOTHING


def _at_rest(here: State) -> bool:
    """Whether the next step is rounding: where balances are steep they cannot be smaller, though they hold."""
    step = _newton_step(here)
    return step is not None and max(abs(step[0]), abs(step[1])) <= _ROUNDED


def _damped(system: System, here: State, step: tuple[float, float]) -> _Step:
    """A part of the step that shrinks the balances."""
    assert here.jacobian is not None
    share = min(1.0, _LONG / max(abs(step[0]), abs(step[1])))
    least = system.lowest + 1e-9 - here.log_tau  # where the noise alone takes all samples
    for _ in range(1 + _SHORTENED if here.exact else 1):
        along, up = share * step[0], share * step[1]
        if up < least and here.jacobian[2] > 0:  # what is left of the step balances the second equation
            along, up = -(here.second + here.jacobian[3] * least) / here.jacobian[2], least
        there = yield from _at(system, here.path + along, here.log_tau + up, here)
        if there is not None and (there.size < (1.0 - _SHRUNK * share) * here.size or _at_rest(there)):
            return there
        share *= _SHORTER
        if there is not None and _parted(here, there):
            # the line of these leads to the joint, or beyond by the rest
            assert there.jacobian is not None
            beyond = abs(there.second / there.jacobian[2])
            along = math.copysign(max(abs(along) - beyond, abs(here.second)), along)
            share = along / step[0]
    return None
