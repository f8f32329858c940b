"""The threshold of least risk and its noise scale at once, without nested searches.

The unknowns are the position of the threshold and ``log tau``, the equations ``nu tau^2 = noise' + R`` and
``dR/dc = 0``. The first has its slopes from the network; those of the second are Broyden's. Along the thresholds the
second changes sign once in convex problems, and the two sides of the change are kept.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from dataclasses import replace as changed
from typing import Any, NamedTuple, cast

from asymptotix.equations import Root, System
from asymptotix.networks.base import Potential, Response
from asymptotix.rootfinding import bracket, increasing_root
from asymptotix.state_evolution.newton import differenced, respond, state

# Noise scales too large by more than this (its square in logarithms) come down by the risk they make, in so many steps
# at most, as if that fell with them like this power at least.
_CLOSE, _LOWER, _SLOPE = 2.0, 6, 0.25
# At the first place noise is learned to at most this share of what there is.
_MOST = 0.3
# Steps along the thresholds, in lengths in which what is learned changes: the longest at first, and how fast longer
# ones may become. And how many there may be.
_FIRST, _LONGER, _STEPS = 0.5, 3.0, 40
# The path is found to this, where the risk is flat to its square; the noise scale to rounding in a risk of many terms.
_SAME, _SOLVED = 1e-8, 1e-14
# Where steps do not settle, thresholds are looked for this far around one at a similar noise scale, in steps of this.
_AWAY, _SEARCHED = 300.0, 0.3
# Where nothing is learned any more it is looked for to this.
_EDGE = 0.1
# The best place moves with the noise scale, so many times as far at most: that much of the two sides is given up.
_MOVES = 3.0
# What is less than this beside the risk does not change it; what is less than that is nothing.
_FLAT, _NOTHING = 1e-16, 1e-300
# Slopes of networks without are differenced over this: half of the digits of a third order are left.
_STEP = 1e-3


def least_risk(system: System) -> Root | None:
    """The stationary place, or None where the steps do not settle.

    >>> from asymptotix import Problem
    >>> problem = Problem("diagonal", gamma=1.25, d=1000, n=500, lam=1, noise=0.1)
    >>> round(least_risk(System.of(problem)).response.c, 6)
    1.838268
    """
    potential: Any = system.potential
    guess = getattr(potential, "guess", None)
    system = _sloped(system)
    spectrum = potential.spectrum
    d = float(spectrum.d)
    lowest = system.lowest + 1e-9
    # the best risk is at most 1
    highest = log_tau = max(0.5 * math.log((system.noise + 1.0) / system.nu), lowest)
    here = None
    for _ in range(_LOWER):
        if guess is None:
            path = potential.path_of(system.net.noise_edge(d), log_tau)
        else:  # where as much noise is learned as there are features above it
            path = guess(
                log_tau, min(max(spectrum.count_above(log_tau), 1.0), _MOST * d, 0.5 * system.nu), 0.0
            )
        here = _Place.at(system, path, log_tau)
        if here is None or not here.first > _CLOSE:
            break
        log_tau = max(log_tau - here.first / min(max(here.by_tau, _SLOPE), 2.0), lowest)
    return _settle(system, here, lowest, highest)


def best_threshold(system: System, log_tau: float, path: float) -> Response | None:
    """The threshold of least risk at one noise scale, in a convex problem, looked for around a path."""
    system, seen = _sloped(system), {}

    def tilt(path: float) -> float:
        here = _Place.at(system, path, log_tau)
        if here is None:
            return math.nan
        seen[path] = here.response
        return here.tilt

    ends = bracket(tilt, path, _SEARCHED, path - _AWAY, path + _AWAY)
    if ends is None or math.isnan(ends.fa + ends.fb):
        return None
    return seen.get(increasing_root(tilt, ends, tolerance=_SAME, width=_SAME))


def rises(system: System, path: float, log_tau: float) -> bool:
    """Whether the risk rises with the threshold at a place, or does not change at all."""
    here = _Place.at(_sloped(system), path, log_tau)
    return here is not None and here.tilt >= 0


def _sloped(system: System) -> System:
    """With slopes by differences where there are none."""
    if getattr(system.potential, "guess", None) is not None:
        return system
    return changed(system, potential=cast(Potential, _Differenced(system.potential)))


def _settle(system: System, here: _Place | None, lowest: float, highest: float) -> Root | None:
    bend = cross = 0.0
    low, high, reach = -math.inf, math.inf, _FIRST
    sure = hasattr(system.potential, "tilt")  # and says which way is up however flat it is
    for _ in range(_STEPS):
        if here is None:
            return None
        low, high = (here.path, high) if here.tilt < 0 else (low, here.path)
        bend = bend if math.isnan(here.bend) else here.bend
        known = not math.isnan(here.bend)
        step, by_tau = here.newton(bend, cross), here.by_tau if here.by_tau > 0 else 1.0
        solved = abs(here.first) <= _SOLVED * by_tau * (1.0 + abs(here.log_tau))
        if here.first > 0 and not solved and not system.net.assumes:
            # the best risk is no more than that here, and rho falls with the noise scale: the root is below
            highest = min(highest, here.log_tau)
        nothing = here.response.dof == 0  # the place is beyond the last one, if all that is below leads here
        there = (here.flat and here.end) or (abs(step) <= _SAME and (sure or not here.flat))
        if solved and (high - low < _EDGE if nothing else there):
            return Root(here.log_tau, here.response)
        along = step
        if not abs(step) <= reach * here.length:
            along, reach = math.copysign(reach * here.length, -here.tilt), _LONGER * reach
        if not (known or low <= here.path + along <= high):
            along = math.copysign(min(0.5 * (high - low), reach * here.length), -here.tilt)
        # at the place of least risk the slope along the thresholds is 0
        part = here.by_path * along * (1.0 - 0.5 * min(along / step, 1.0) if along * step > 0 else 1.0)
        up = -(here.first + part) / by_tau if bend else 0.0
        up = min(max(up, lowest - here.log_tau), highest - here.log_tau)
        if along == up == 0.0 or (here.flat and high - low <= _SAME):
            return None
        low, high = low - _MOVES * abs(up), high + _MOVES * abs(up)
        last, here = here, _Place.at(system, here.path + along, here.log_tau + up, here)
        if here is not None:
            reach = min(reach, 1.0) if here.tilt * last.tilt < 0 else reach
            known = not math.isnan(here.bend + last.bend)
            off = here.tilt - last.tilt - cross * up
            off -= (0.5 * (here.bend + last.bend) if known else bend) * along
            if known:
                cross += off / up if abs(up) > 0.1 * abs(along) else 0.0
            elif here.response.dof > 0 and (bend + off * along / (along * along + up * up) > 0 or not bend):
                off /= along * along + up * up  # else the noise scale moved too far for a difference
                bend, cross = bend + off * along, cross + off * up
    return None


class _Place(NamedTuple):
    """The first equation, and how the risk changes along the thresholds, at one place of (path, ``log tau``).

    ``tilt``: ``log(c N/D)``, what a higher threshold loses over what it gains: ``d rho / d log c = 2 c (c N - D)``
    with ``N`` the number of what is learned and ``c D`` the fall of the degrees of freedom. ``flat``: neither is
    anything beside the risk; ``end``: nor will be further down. ``length``: in which the degrees of freedom change.
    """

    path: float
    log_tau: float
    response: Response
    first: float
    by_path: float
    by_tau: float
    tilt: float
    flat: bool
    end: bool
    length: float
    bend: float

    @classmethod
    def at(cls, system: System, path: float, log_tau: float, near: Any = None) -> _Place | None:
        """None where the first equation says nothing."""
        response = respond(system, path, log_tau, near)
        here, slopes = state(system, path, log_tau, response), response.slopes
        if here is None or here.jacobian is None or slopes is None:
            return None
        gained = max(-2.0 * slopes.dof_by_path, _NOTHING)
        lost = max(slopes.rho_by_path + gained, _NOTHING)
        change = slopes.rho_by_path / gained
        alike = -0.5 < change < 1.0  # there the difference has more digits than the ratio
        tilt = math.log1p(change) if alike else math.log(lost) - math.log(gained)
        if here.response.dof == 0:
            tilt = 1.0
        end = tilt < 0 if here.response.c > 1.0 else tilt > 0
        flat = max(lost, gained) < _FLAT * here.response.rho
        known: Any = getattr(system.potential, "tilt", None)
        length, bend = 1.0, math.nan
        if known is not None and here.response.dof > 0:
            tilt, bend = known(here.response)
        elif here.response.dof > 0:
            length = max(min(2.0 * here.response.dof / gained, 1.0), _SAME)
        return cls(
            path, log_tau, here.response, here.first, *here.jacobian[:2], tilt, flat, end, length, bend
        )

    def newton(self, bend: float, cross: float) -> float:
        """The step along the thresholds, from the derivatives of the tilt; nan where these say nothing."""
        determinant = self.by_tau * bend - self.by_path * cross
        if not bend > 0:
            return math.nan
        if not determinant > 0:
            return -self.tilt / bend
        return (cross * self.first - self.by_tau * self.tilt) / determinant


@dataclass(frozen=True)
class _Differenced:
    """A potential with slopes by differences where its responses have none."""

    potential: Any

    def response(self, path: float, log_tau: float) -> Response:
        here: Response = self.potential.response(path, log_tau)
        if here.slopes is not None:
            return here
        return changed(here, slopes=differenced(self.potential, here, log_tau, _STEP))
