"""The diagonal network's two equations, in the unknowns ``log tau`` and ``log c`` (``c = kappa / tau``).

A first solution comes from the proof that there is one: at fixed ``c`` the first equation is monotone in ``tau``;
along its solutions ``L = kappa (nu - s)`` increases with ``c`` ([BM], and a concave envelope argument).
"""

from __future__ import annotations

import math
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass

from asymptotix.errors import NotConverged
from asymptotix.precise.backend import Backend, Number
from asymptotix.precise.equation_pair import Constants, State, Vector, balance
from asymptotix.precise.newton import newton
from asymptotix.precise.spectrum import Spectrum
from asymptotix.precise.sums import Sums, sums
from asymptotix.status import Status

_STEPS = 200
# Widths, in logarithms, of the brackets after which Newton's method is tried, and of those within.
_NARROW = (0.02, 1e-4, 1e-8)
_INNER = 1e-9


@dataclass(frozen=True)
class DiagonalEquations:
    """One diagonal problem in one arithmetic."""

    b: Backend
    spectrum: Spectrum
    constants: Constants
    #: Every sum is enclosed.
    estimated: str = ""

    def sums(self, unknowns: Vector) -> tuple[Number, Number, Sums]:
        tau, c = self.b.exp(unknowns[0]), self.b.exp(unknowns[1])
        return tau, c, sums(self.b, self.spectrum, tau, c)

    def state(self, unknowns: Vector) -> State:
        tau, c, s = self.sums(unknowns)
        one, zero = c / c, 0 * c
        slopes = ((-s.rho_a, c * s.rho_c), (-s.dof_a, c * s.dof_c), (one, zero), (one, one))
        return balance(self.b, self.constants, tau, c * tau, (s.rho, s.dof), slopes)


@dataclass
class Search:
    """The nested search for a first solution; ``status`` names an outcome without one."""

    equations: DiagonalEquations
    status: Status | None = None
    log_tau: float = math.nan

    def run(self) -> Vector | Status:
        """Both unknowns to several digits, or the name of an outcome without them."""
        b, k, d = self.equations.b, self.equations.constants, self.equations.spectrum.d
        log_nu = b.magnitude(k.nu)
        self.log_tau = 0.5 * (b.magnitude(k.noise + 1) - log_nu)
        excess = b.magnitude(k.nu - d) if k.nu > d else log_nu
        ratio = math.log(d) - log_nu
        guess = 0.5 * math.log(2.0 * ratio) if ratio > 0.7 else -0.5
        if k.penalty > 0:
            guess = max(guess if ratio > 0 else -math.inf, b.magnitude(k.penalty) - excess - self.log_tau)
        for width in _NARROW:
            found = root(self._outer, guess, 0.5 if width == _NARROW[0] else 2.0 * width, width)
            if found is None:
                raise NotConverged(f"no threshold near exp({guess}) solves the second equation")
            self._outer(found)
            if self.status is not None:
                return self.status
            guess = found
            with suppress(NotConverged):
                return newton(self.equations, (b.number(self.log_tau), b.number(found)), 10)[0]
        raise NotConverged(f"Newton's method does not settle near c = exp({guess})")

    def _outer(self, log_c: float) -> float:
        """``log(nu / (s + L / kappa))`` on the first equation's solution; rises with ``c``."""
        b, k = self.equations.b, self.equations.constants
        self.status = None

        def inner(log_tau: float) -> float:
            _, _, s = self.equations.sums((b.number(log_tau), b.number(log_c)))
            return _log_ratio(b, k.nu, s.rho, k.noise * b.exp(b.number(-2.0 * log_tau)))

        log_tau = root(inner, self.log_tau, 0.3, _INNER)
        if log_tau is None:
            if k.noise > 0 or inner(self.log_tau) < 0 or k.penalty > 0:
                return -1.0  # the threshold is too low: too much noise, or no balance without a penalty
            # without noise and penalty, fewer unknowns than samples at every noise scale
            self.status = Status.PERFECT_RECOVERY
            _, _, s = self.equations.sums((b.number(self.log_tau - 500.0), b.number(log_c)))
            return _log_ratio(b, k.nu, s.dof, b.number(0))
        self.log_tau = log_tau
        tau, c, s = self.equations.sums((b.number(log_tau), b.number(log_c)))
        return _log_ratio(b, k.nu, s.dof, k.penalty / (tau * c))


def _log_ratio(b: Backend, nu: Number, used: Number, rest: Number) -> float:
    """``log(nu / (used + rest))``, or ``log((nu - used) / rest)`` with the same sign and a steeper slope."""
    spare = nu - used
    if spare > 0 and rest > 0:
        return b.magnitude(spare) - b.magnitude(rest)
    total = used + rest
    if b.midpoint(total) == 0:
        return math.inf
    small = (nu - total) / nu
    return b.magnitude(nu) - b.magnitude(total) if abs(b.midpoint(small)) > 1e-3 else float(b.text(small, 17))


def root(f: Callable[[float], float], start: float, step: float, width: float) -> float | None:
    """The root of an increasing function of a logarithm; None where it does not change sign within reach."""
    low = high = start
    f_low = f_high = f(start)
    for _ in range(60):
        if f_low <= 0 <= f_high:
            break
        if f_low > 0:
            high, f_high = low, f_low
            low -= step
            f_low = f(low)
        else:
            low, f_low = high, f_high
            high += step
            f_high = f(high)
        step *= 1.8
        if step > 1e7:
            return None
    else:
        return None
    return refine(f, low, high, f_low, f_high, width)


def refine(
    f: Callable[[float], float], low: float, high: float, f_low: float, f_high: float, width: float
) -> float:
    """Regula falsi (Illinois), with bisection every fourth step."""
    side = 0
    for count in range(_STEPS):
        if high - low < width or f_low == 0 or f_high == 0:
            break
        finite = math.isfinite(f_low) and math.isfinite(f_high)
        middle = 0.5 * (low + high)
        if finite and count % 4 < 3 and f_high > f_low:
            middle = min(max(low - f_low * (high - low) / (f_high - f_low), low), high)
            margin = 0.1 * width
            middle = min(max(middle, low + margin), high - margin)
        value = f(middle)
        if value <= 0:
            low, f_low = middle, value
            f_high = 0.5 * f_high if side == -1 else f_high
            side = -1
        else:
            high, f_high = middle, value
            f_low = 0.5 * f_low if side == 1 else f_low
            side = 1
    if f_low == 0:
        return low
    return high if f_high == 0 else 0.5 * (low + high)
