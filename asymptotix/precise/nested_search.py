"""The search for a first solution: the first equation within the second.

At a given second unknown (the threshold over the noise) the first equation is monotone in the first (the noise's
size); along its solutions the second is monotone too ([BM], and a concave envelope argument). So two nested searches
find both, in double precision, wherever the functions can be evaluated. What they find is a start, and no proof.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from contextlib import suppress

from asymptotix.errors import NotConverged
from asymptotix.precise.backend import Backend, Number
from asymptotix.precise.closed_forms import ClosedForm
from asymptotix.precise.equation_pair import Constants, Start, State
from asymptotix.rootfinding import bracket, increasing_root
from asymptotix.status import Status

# No logarithm of a size is farther away: of d = 10^10000 it is 23000.
_FAR = 1e7
# First step of the inner search, which starts where it last ended.
_STEP = 0.3
# Of the second equation, the sizes below which Newton's method is tried, and that of the first within.
_NARROW = (0.02, 1e-4, 1e-8)
_INNER = 1e-9
# How far below the scale of the noise, in its logarithm, noiseless data are recovered if at all.
_TINY = 500.0
# The logarithm of a threshold over noise that is as good as none.
_NONE = -15.0


def root(f: Callable[[float], float], start: float, step: float, tolerance: float) -> float | None:
    """Where an increasing function vanishes, or is that small, or jumps; None where it does not change sign."""
    ends = bracket(f, start, step, -_FAR, _FAR)
    return None if ends is None else increasing_root(f, ends, tolerance=tolerance, width=tolerance)


class NestedSearch:
    """Both equations over two unknowns in doubles, ``state(inner, outer)`` being the network there.

    ``inner`` is the first unknown where the first equation was last solved.
    """

    def __init__(
        self,
        b: Backend,
        constants: Constants,
        state: Callable[[float, float], State],
        inner: float,
        tolerance: float,
    ) -> None:
        self.b, self.constants, self.state = b, constants, state
        self.inner, self.tolerance = inner, tolerance

    def solve(self, outer: float, step: float, tolerance: float) -> float | None:
        """The second unknown; `inner` is then the first."""
        found = root(self.second, outer, step, tolerance)
        if found is not None:
            self.second(found)
        return found

    def first(self, inner: float, outer: float) -> float:
        """``log(nu / (R + noise') tau^2)``, rising with the noise."""
        state, k = self.state(inner, outer), self.constants
        return self._log_ratio(state.rho, k.noise / state.tau**2)

    def second(self, outer: float) -> float:
        """``log(nu / (s + L / kappa))`` on the first equation's solution, rising with the threshold."""
        found = root(lambda inner: self.first(inner, outer), self.inner, _STEP, self.tolerance)
        if found is None:
            return self.unsolved(outer)
        self.inner = found
        state = self.state(found, outer)
        return self._log_ratio(state.dof, self.constants.penalty / state.kappa) if state.kappa > 0 else -1.0

    def unsolved(self, outer: float) -> float:
        """The second equation where the first has no solution: the threshold is too low."""
        return -1.0

    def _log_ratio(self, used: Number, rest: Number) -> float:
        """``log(nu / (used + rest))``, or ``log((nu - used) / rest)`` with the same sign and a steeper slope."""
        b, nu = self.b, self.constants.nu
        spare, total = nu - used, used + rest
        if spare > 0 and rest > 0:
            return b.magnitude(spare) - b.magnitude(rest)
        if not b.midpoint(total) > 0:
            return math.inf
        small = b.double((nu - total) / nu)
        return small if abs(small) < 1e-3 else b.magnitude(nu) - b.magnitude(total)


class _Search(NestedSearch):
    """Without noise and penalty there may be fewer unknowns than samples at every noise scale: ``recovered``."""

    recovered = False

    def second(self, outer: float) -> float:
        self.recovered = False
        return super().second(outer)

    def unsolved(self, outer: float) -> float:
        k = self.constants
        if k.noise > 0 or k.penalty > 0 or self.first(self.inner, outer) < 0:
            return super().unsolved(outer)
        self.recovered = True
        return self._log_ratio(self.state(self.inner - _TINY, outer).dof, self.b.number(0))


def searched(
    b: Backend,
    k: Constants,
    d: int,
    state: Callable[[float, float], State],
    settle: Callable[[float, float], Start],
    open_below: bool = False,
) -> Start | ClosedForm:
    """From nothing: first where the threshold would be without features, or with all of them learned.

    ``state`` is that at ``log tau`` and ``log c``, ``settle`` Newton's method from there; ``open_below``: the threshold
    may vanish.

    Raises:
        NotConverged: no threshold solves the second equation, or Newton's method does not settle near it.
    """
    log_nu = b.magnitude(k.nu)
    ratio = math.log(d) - log_nu
    log_tau = 0.5 * (b.magnitude(k.noise + 1) - log_nu)
    log_c = 0.5 * math.log(2.0 * ratio) if ratio > 0.7 else -0.5
    if k.penalty > 0:
        excess = b.magnitude(k.nu - d) if k.nu > d else log_nu
        log_c = max(log_c if ratio > 0 else -math.inf, b.magnitude(k.penalty) - excess - log_tau)
    search = _Search(b, k, state, log_tau, _INNER)
    if open_below and not k.penalty > 0 and search.second(_NONE) > 0 and not search.recovered:
        return settle(search.inner, -math.inf)
    step = 0.5
    for width in _NARROW:
        found = search.solve(log_c, step, width)
        if found is None:
            raise NotConverged(f"no threshold near exp({log_c}) solves the second equation")
        if search.recovered:
            return ClosedForm(Status.PERFECT_RECOVERY)
        log_c, step = found, width
        with suppress(NotConverged):
            return settle(search.inner, log_c)
    raise NotConverged(f"Newton's method does not settle near c = exp({log_c})")
