"""Both equations at once from a guess: a cold solve without nested searches.

Networks whose responses carry their slopes go to `newton` from a guess of the position. The others start from one
threshold at the noise scale of unit risk: damped Newton steps, with a Jacobian that is differenced once and carried
along by Broyden's update until it no longer helps. The pair has one solution, so whatever balances it is the solution;
where the steps do not settle, the caller searches within brackets.
"""

from __future__ import annotations

import math

import numpy as np

from asymptotix.equations import Root, System
from asymptotix.networks.base import Response, noise_balance
from asymptotix.state_evolution.continuation import Array, balances, inverse_jacobian, updated
from asymptotix.state_evolution.newton import newton_root

# Steps in all, and how long one may be in either unknown.
_STEPS, _FAR = 14, 1.5
# Balances at this level are one step from rounding.
_NEARLY = 1e-11
# And at this one solved, if no step improves on them: rounding in equations whose unknowns have hundreds of digits.
_SOLVED = 1e-12
# A step must shrink the balances to this share, or is shortened so many times.
_SHRINK, _SHORTENED, _SHORTER = 0.7, 3, 0.3
# Risks above 1 belong to peaks, where both balances also fade towards infinite noise: no root is accepted there.
_ABOVE = 0.5
# Noise scales too large by more than this (its square in logarithms) come down by the risk they make.
_CLOSE, _DOWN = 2.0, 4


def joint_root(system: System, log_tau: float) -> Root | None:
    """The root from a first guess of ``log tau``, or None.

    Only with a penalty, which makes it unique and finite, in a convex problem: else the search decides which root.
    """
    if system.penalty == 0 or system.net.assumes:
        return None
    with np.errstate(over="ignore", divide="ignore", invalid="ignore"):  # what is not finite is no root
        guess = getattr(system.potential, "guess", None)
        if guess is None:
            return _from_above(system, log_tau)
        start = max(log_tau, system.lowest + 1e-6)
        return newton_root(system, guess(start, system.nu, system.penalty), start, log_tau + _ABOVE)


def _from_above(system: System, log_tau: float) -> Root | None:
    """Come down to where the risk is that of the noise scale, then settle."""
    lowest = system.lowest + 1e-6
    here, near = max(log_tau, lowest), None
    for _ in range(_DOWN):
        near = system.potential.threshold(here, system.nu, system.penalty, near)
        if not (math.isfinite(near.path) and math.isfinite(near.rho) and near.dof > 0):
            return None
        excess = noise_balance(near, here, system.nu, system.noise).value
        if not excess > _CLOSE or here == lowest:
            break
        here = max(here - 0.5 * excess, lowest)
    else:
        near = system.potential.threshold(here, system.nu, system.penalty, near)
    return _settle(system, np.array([near.path, here]), log_tau + _ABOVE)


def _settle(system: System, x: Array, highest: float) -> Root | None:
    here, inverse, fresh = balances(system, x), None, False
    for _ in range(_STEPS):
        if here is None or x[1] > highest:
            return None
        response, f = here
        size = _size(f)
        if inverse is None:
            inverse, fresh = inverse_jacobian(system, x, f), True
            if inverse is None:
                return None
        step = _limited(-inverse @ f)
        there = balances(system, x + step)
        if size <= _NEARLY:  # the last step, unless rounding makes it a worse one
            better = there is not None and _size(there[1]) < size
            x, (response, f) = (x + step, there) if there is not None and better else (x, here)
            if _size(f) <= _SOLVED:
                return Root(float(x[1]), response)
            here, inverse = (response, f), None
            if fresh:
                return None
            continue
        elif (there is None or not _size(there[1]) < _SHRINK * size) and fresh:
            step, there = _shortened(system, x, step, size)
            better = there is not None
        else:
            better = there is not None and _size(there[1]) < _SHRINK * size
        if not better:
            if fresh:
                return None
            inverse = None
            continue
        assert there is not None
        inverse, fresh = updated(inverse, step, there[1] - f), False
        x, here = x + step, there
    return None


def _size(f: Array) -> float:
    return float(np.abs(f).max())


def _limited(step: Array) -> Array:
    longest = _size(step)
    return step if longest <= _FAR else step * (_FAR / longest)


def _shortened(
    system: System, x: Array, step: Array, size: float
) -> tuple[Array, tuple[Response, Array] | None]:
    """A part of the step that shrinks the balances."""
    for _ in range(_SHORTENED):
        step = _SHORTER * step
        there = balances(system, x + step)
        if there is not None and _size(there[1]) < (1.0 - 0.3 * _SHORTER) * size:
            return step, there
    return step, None
