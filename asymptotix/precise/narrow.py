"""Networks of few hidden units to any number of digits, where width cuts the spectrum in a gap.

With a gap below the ``p``-th learned eigenvalue, and the threshold ``kappa`` anywhere below its upper end, the ``p``
eigenvalues above are learned and lowered by ``kappa``: the integrals are those of a threshold in that gap, polynomial
in ``t`` and ``kappa`` (`asymptotix.precise.arc_integrals`), which need not lie in it. Unknowns are ``log tau`` and

    y = kappa nu / L,   y (1 - s / nu) = 1          or   y = kappa / tau = 0   without a penalty.

A cut inside the bulk has no such form and is refused by name. Where the threshold acts, and leaves no more eigenvalues
than there are units, the wide network's answer holds.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import Any

from asymptotix.errors import NotConverged, NotSupplied
from asymptotix.precise.arc_integrals import NO_SIDE, Side
from asymptotix.precise.backend import Backend, Number, working
from asymptotix.precise.closed_forms import ClosedForm
from asymptotix.precise.equation_pair import Constants, Equations, Method, Start, State, Vector
from asymptotix.precise.gaps import gap
from asymptotix.precise.newton import newton
from asymptotix.precise.power_resolvent import resolvent
from asymptotix.precise.spectral_equations import SpectralEquations, between
from asymptotix.precise.spectral_start import SPECTRAL, cancelled, search_digits
from asymptotix.problem import Problem

_PART = "digits where width cuts the bulk of its spectrum"


@dataclass(frozen=True)
class NarrowEquations(SpectralEquations):
    """The equations with ``above`` learned eigenvalues, whatever the threshold."""

    def state(self, unknowns: Vector) -> State:
        """Evaluate at ``(log tau, y)``."""
        b, k = self.b, self.constants
        tau, y = b.exp(unknowns[0]), unknowns[1]
        t, unit = tau * tau / self.d, k.penalty / k.nu if k.penalty > 0 else tau
        share = self._gap_side(t, y * unit)
        # without a penalty kappa goes with tau, but at the solution it is 0
        moved = 0 * tau if k.penalty > 0 else y * unit
        return self._assemble(t, y * unit, share, (2 * t, 0 * t), (moved, unit))

    def _left_side(self, t: Number, kappa: Number) -> Side:
        """Of either sign, the largest are learned: those of the noise on the other side are not."""
        return NO_SIDE

    def acts(self, state: State) -> bool:
        """Whether width cuts in the gap for certain, numbers being balls.

        Beyond a point of the gap, where ``z' > 0``, lie just so many eigenvalues: all of them must be above the
        threshold, and larger than all negative ones.
        """
        b, g = self.b, self.resolvent
        t = state.tau**2 / self.d
        place = gap(b, g, b.midpoint(t), self.above or 0)
        end = place.ends[1]
        if not place.open or end is None:
            return False
        x, slope = (y.real for y in g.position(t, b.complex(end, 0)))
        negative = 2 * state.tau if self.two_sided else 0 * state.tau
        return bool(slope > 0 and x > negative and x > state.kappa)

    def caveat(self, state: State) -> str:
        where = "is proven" if self.acts(state) else "is checked, not enclosed"
        return (
            f"; that width cuts in the gap below {self.above} eigenvalues {where}; that the equations have no other "
            "root is observed, and that the problem, which is not convex, obeys them is measured"
        )


def start(problem: Problem, near: Any) -> Start | ClosedForm:
    """The cut in a gap, else the wide network's solution if it is one at this width.

    Raises:
        NotSupplied: width cuts the bulk.
        NotConverged: the wide network has no solution.
    """
    threshold = near is not None and near.constraint == "threshold"
    found = None if threshold else _in_the_gap(problem, near)
    if found is not None:
        return found
    if near is not None and not threshold:
        raise NotSupplied(problem.net.name, _PART)
    wide = problem.replace(width=None)
    first: Start | ClosedForm = SPECTRAL.start(wide, near if threshold else None)
    if not _serves(wide, first, _width(problem)):
        raise NotSupplied(problem.net.name, _PART)
    return first


def _serves(wide: Problem, first: Start | ClosedForm, width: int) -> bool:
    """Whether the wide network learns no more eigenvalues than there are units."""
    if isinstance(first, ClosedForm):
        return first.tau_squared is not None and first.dof == 0
    with working("flint", search_digits(wide) + first.extra) as b:
        count = SPECTRAL.equations(b, wide, first).state(first.numbers(b)).count
        return bool(b.midpoint(count) <= width)


def _equations(b: Backend, problem: Problem, first: Start) -> Equations:
    return _cut(b, problem) if first.cut else SPECTRAL.equations(b, problem, first)


def _cut(b: Backend, problem: Problem) -> NarrowEquations:
    g, width = resolvent(b, problem), _width(problem)
    anchor = between(b, g.spectrum, width)
    two_sided = problem.net.sides == 2
    return NarrowEquations(b, g, Constants.of(b, problem), two_sided, True, anchor, width)


def _width(problem: Problem) -> int:
    if problem.width is None:
        raise ValueError("a wide network")
    return problem.width


def _in_the_gap(problem: Problem, near: Any) -> Start | None:
    """The solution with a cut below the ``p``-th eigenvalue; None if there is no gap, or the threshold is above it."""
    width = _width(problem)
    if width >= problem.spectrum.rank:
        return None
    with working("flint", search_digits(problem) + math.ceil(math.log10(width + 1))) as b:
        equations = _cut(b, problem)
        k = equations.constants
        if near is not None and math.isfinite(near.log_delta):
            log_tau = b.number(near.log_delta) - b.log(b.number(problem.d)) / 2
        else:
            missed = equations.resolvent.spectrum.squares(width, 1)[0]
            log_tau = b.log((k.noise + missed) / k.nu) / 2
        first = b.midpoint(log_tau), b.number(1 if k.penalty > 0 else 0)
        try:
            unknowns, state, _ = newton(equations, first, 12)
            extra = cancelled(b, problem, state, width)
        except NotConverged:
            return None
        if not equations.acts(state):
            return None
        return replace(Start.at(b, unknowns, extra, width), cut=True)


#: The quadratic and the symmetric network with a width.
NARROW = Method(start, _equations, SPECTRAL.seconds)
