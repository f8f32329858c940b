"""Newton's method in (position of the threshold, ``log tau``) for networks whose responses carry their slopes.

The balances are logarithms of sums of what are nearly powers of the unknowns, so that few steps lead from afar to a
root; a step that does not shrink them is shortened. Some eight responses make a cold solve, three a warm one.
"""

from __future__ import annotations

import math
from typing import NamedTuple

from asymptotix.equations import HIGHEST, LOWEST, Root, System
from asymptotix.networks.base import Response, noise_balance, threshold_balance

# Steps in all, and how long one may be in either unknown.
_STEPS, _LONG = 30, 60.0
# Balances at this level are one step from rounding.
_NEARLY = 1e-11
# And at this one solved, if no step improves on them: rounding in equations whose unknowns have hundreds of digits.
_SOLVED = 1e-12
# At this one no step can improve on them.
_ROUNDED = 2e-15
# Thresholds beyond these are no doubles.
_WIDEST = 700.0
# A step is shortened so many times.
_SHORTENED, _SHORTER = 3, 0.3
# Noise scales too large by more than this (its square in logarithms) come down by the risk they make, in steps that
# grow by this factor: without label noise the risk may follow the noise scale a long way down.
_CLOSE, _LOWER, _FASTER = 2.0, 6, 2.0
# A response this near in the unknowns is a start for another.
_NEAR = 0.5
# Steps up from noise scales too large by this, or along by more than that, are not trusted.
_EXCESS, _WILD = 0.1, 3.0
# A threshold that has to move further than this with the noise scale is guessed anew.
_ALONG = 1.0


class State(NamedTuple):
    """Both balances at one point of the unknowns, and how they change with these."""

    path: float
    log_tau: float
    response: Response
    first: float
    second: float
    jacobian: tuple[float, float, float, float]
    sharp: bool  # both are relative to what is left of the samples

    @property
    def size(self) -> float:
        return max(abs(self.first), abs(self.second))


def state(system: System, path: float, log_tau: float, near: State | None = None) -> State | None:
    """The balances at a point; None where they say nothing, or the network has no slopes."""
    if not (LOWEST < log_tau < HIGHEST and log_tau >= system.lowest and abs(path) < _WIDEST):
        return None
    nearby = getattr(system.potential, "nearby", None)
    if near is not None and nearby and abs(path - near.path) + abs(log_tau - near.log_tau) < _NEAR:
        response: Response = nearby(path, log_tau, near.response)
    else:
        response = system.potential.response(path, log_tau)
    slopes = response.slopes
    if slopes is None or not (
        response.dof > 0 or system.penalty > 0
    ):  # nothing is learned: the equations are flat
        return None
    one = noise_balance(response, log_tau, system.nu, system.noise, afar=True)
    two = threshold_balance(response, log_tau, system.nu, system.penalty, afar=True)
    jacobian = (
        -one.by_used * slopes.rho_by_path,
        -one.by_used * slopes.rho_by_tau + 2.0 * one.by_rest,
        -two.by_used * slopes.dof_by_path + two.by_rest * slopes.log_c_by_path,
        -two.by_used * slopes.dof_by_tau + two.by_rest * (1.0 + slopes.log_c_by_tau),
    )
    if not (math.isfinite(one.value + two.value) and math.isfinite(sum(jacobian))):
        return None
    sharp = one.by_rest == two.by_rest == 1.0
    return State(path, log_tau, response, one.value, two.value, jacobian, sharp)


def newton_root(system: System, path: float, log_tau: float, highest: float) -> Root | None:
    """The root from a guess of both unknowns, or None."""
    here = state(system, path, log_tau)
    for k in range(_LOWER):
        if here is None or not here.first > _CLOSE:
            break
        here = _lower(system, here, _FASTER**k)
    slow = 0
    for _ in range(_STEPS):
        if here is None or (here.log_tau > highest and not here.sharp):
            return None
        if here.size <= _ROUNDED:
            return Root(here.log_tau, here.response, direct=True)
        step = _newton_step(here)
        if here.first > _EXCESS and slow < _LOWER and _astray(system, here, step):
            here, slow = _lower(system, here, 1.0), slow + 1
            continue
        if step is None:
            return None
        if here.size <= _NEARLY:  # the last step, unless rounding makes it a worse one
            there = state(system, here.path + step[0], here.log_tau + step[1], here)
            if there is not None and there.size < here.size:
                here = there
            return Root(here.log_tau, here.response, direct=True) if here.size <= _SOLVED else None
        here = _damped(system, here, step)
    return None


def _astray(system: System, here: State, step: tuple[float, float] | None) -> bool:
    """Whether a step goes up, or far, though the noise scale is too large: all but degenerate equations."""
    if step is None or abs(step[0]) > _WILD:
        return True
    return step[1] > 0 or here.log_tau + step[1] < system.lowest


def _lower(system: System, here: State, times: float) -> State | None:
    """Towards where the samples would suffice for this risk, along the line that balances the second equation."""
    down = max(-0.5 * times * here.first, system.lowest + 1e-6 - here.log_tau)
    _, _, by_path, by_tau = here.jacobian
    along = -(here.second + by_tau * down) / by_path if by_path > 0 else math.inf
    path, log_tau = here.path + along, here.log_tau + down
    if abs(along) > _ALONG:
        guess = getattr(system.potential, "guess", None)
        if guess is None:
            return None
        path = guess(log_tau, system.nu, system.penalty)
    return state(system, path, log_tau)


def _newton_step(here: State) -> tuple[float, float] | None:
    """The step in both unknowns; None where the equations are degenerate."""
    a, b, c, d = here.jacobian
    determinant = a * d - b * c
    if not abs(determinant) > 1e-9:
        return None
    return (b * here.second - d * here.first) / determinant, (c * here.first - a * here.second) / determinant


def _damped(system: System, here: State, step: tuple[float, float]) -> State | None:
    """A part of the step that shrinks the balances."""
    share = min(1.0, _LONG / max(abs(step[0]), abs(step[1])))
    least = system.lowest + 1e-9 - here.log_tau  # where the noise alone takes all samples
    for _ in range(1 + _SHORTENED):
        along, up = share * step[0], share * step[1]
        if up < least and here.jacobian[2] > 0:  # what is left of the step balances the second equation
            along, up = -(here.second + here.jacobian[3] * least) / here.jacobian[2], least
        there = state(system, here.path + along, here.log_tau + up, here)
        if there is not None and there.size < (1.0 - 0.3 * share) * here.size:
            return there
        share *= _SHORTER
    return None
