"""A first solution from a teacher whose coefficients are a continuum: cheap, and good at any dimension.

Replace ``sum_i`` over a power law by the powers of ``w`` that remain when integers are not told apart
(`asymptotix.precise.powers`). The spectrum then has no gaps: one curve of subordination points leads from inside
the bulk, over its edge, to above the first coefficient, and along it both equations are monotone enough for two nested
searches. The answer is off by the order of one over the number of learned features; it says where to look.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from fractions import Fraction

from asymptotix.errors import NotConverged
from asymptotix.precise.backend import Backend, Number
from asymptotix.precise.diagonal import root
from asymptotix.precise.equation_pair import Constants, State
from asymptotix.precise.powers import Powers
from asymptotix.precise.quadratic import QuadraticEquations
from asymptotix.precise.resolvent import Closed, Resolvent
from asymptotix.precise.spectrum import PowerSpectrum, spectrum
from asymptotix.problem import Problem

# At gamma = 1 powers meet logarithms; so near to 1 the difference does not matter to a start.
_NUDGE = Fraction(1, 10**16)
_WIDTH = 1e-6
# Of kappa / tau, below which the threshold follows from the degrees of freedom at 0.
LOW = 1e-3
# The share of far coefficients, and the angle in units of the coefficients' spacing, above which it is a bulk.
_NOISE = 0.97
_JOINED = 0.1


class Continuum(Resolvent):
    """``G`` of the continuum below the first coefficient, the first moments of the coefficients above."""

    spectrum: PowerSpectrum

    def __init__(self, b: Backend, spectrum: PowerSpectrum) -> None:
        super().__init__(b, spectrum)
        self.proven = False
        gamma, d = b.number(spectrum.exponent), spectrum.d
        self.scale = 1 / spectrum.norm
        inverse = b.pi / gamma
        front = inverse / b.sin(inverse) * b.exp(b.log(self.scale) / gamma)
        tails = [-b.hurwitz(gamma * k, d + 1) * self.scale**k for k in (1, 2)]
        self.below = Powers(
            b,
            -1 - 1 / spectrum.exponent,
            {(1, 0): front, (0, -1): b.number(2 * d + 1) / 2, (0, -2): tails[0], (0, -3): tails[1]},
        )
        mean = tails[0] + b.zeta(gamma) * self.scale
        self.above = Powers(b, Fraction(-2), {(0, -1): b.number(d), (0, -2): mean, (0, -3): b.number(1)})

    def _powers(self, radius: Number) -> Powers:
        return self.above if radius > self.scale else self.below

    def closed(self, radius: Number) -> Closed:
        return Closed(self._powers(radius), 0.0, None)

    def value(self, w: Number) -> Number:
        return self._powers(abs(w)).value(w)

    def slope(self, w: Number) -> Number:
        return self._powers(abs(w)).value(w, 1)


@dataclass(frozen=True)
class Guess:
    """Where the continuum has its solution.

    Attributes:
        log_radius, q: the subordination point, as in `asymptotix.precise.quadratic`.
        tau, kappa: noise scale and threshold.
        low: whether the threshold is far below the noise.
        in_bulk: whether it seems to be in a bulk or at its edge: either most of ``t sum 1/|w - a|^2 = 1`` is due to
            coefficients far below, or the noise joins the learned features to one bulk.
    """

    log_radius: float
    q: float
    tau: Number
    kappa: Number
    low: bool
    in_bulk: bool


def guess(b: Backend, problem: Problem) -> Guess | None:
    """Solve the continuum's equations; None for other teachers or where no solution is in sight."""
    atoms = spectrum(b, problem)
    if not isinstance(atoms, PowerSpectrum):
        return None
    if atoms.exponent == 1:
        atoms = PowerSpectrum(b, 1 + _NUDGE, problem.d)
    constants = Constants.of(b, problem)
    two_sided = problem.net.sides == 2
    equations = QuadraticEquations(b, Continuum(b, atoms), constants, two_sided=two_sided)
    return _Search(equations, atoms).run()


class _Search:
    """The angle outside, the modulus within."""

    def __init__(self, equations: QuadraticEquations, spectrum: PowerSpectrum) -> None:
        self.equations, self.spectrum, self.b = equations, spectrum, equations.b
        k = equations.constants
        self.log_radius = 0.5 * (self.b.magnitude(k.noise + 1) - self.b.magnitude(k.nu))

    def run(self) -> Guess | None:
        found = root(self._outer, 0.0, 1.0, _WIDTH)
        if found is None:
            return None
        self._outer(found)
        state, k = self._state(self.log_radius, -found), self.equations.constants
        tau, kappa = state.tau, state.kappa
        low = abs(self.b.double(kappa / tau)) < LOW
        if low and k.nu > state.dof:  # the angle is too coarse a variable where kappa << tau
            kappa = k.penalty / (k.nu - state.dof)
        elif not kappa > 0:
            return None
        return Guess(self.log_radius, -found, tau, kappa, low, self._in_bulk(tau, -found))

    def _in_bulk(self, tau: Number, q: float) -> bool:
        b = self.b
        if 2.0 * (b.magnitude(tau) - self.log_radius) > math.log(_NOISE):
            return True
        density = self.spectrum.density(b.exp(b.number(self.log_radius)))
        return q + b.magnitude(density) > math.log(_JOINED)

    def _state(self, log_radius: float, q: float) -> State:
        point = self.b.number(log_radius), self.b.number(q)
        try:
            return self.equations.state(point)
        except NotConverged:  # the other threshold is at the very edge, or beyond where powers make sense
            return replace(self.equations, two_sided=False).state(point)

    def _outer(self, p: float) -> float:
        """``log(nu / (s + L / kappa))`` on the first equation's solution at ``q = -p``; rises with ``p``."""

        def inner(log_radius: float) -> float:
            state = self._state(log_radius, -p)
            first = state.rho + self.equations.constants.noise / state.tau**2
            return self.b.magnitude(self.equations.constants.nu / first) if first > 0 else 1.0

        found = root(inner, self.log_radius, 0.5, _WIDTH)
        if found is None:
            return -1.0
        self.log_radius = found
        state = self._state(found, -p)
        if not state.kappa > 0:
            return -1.0
        second = state.dof + self.equations.constants.penalty / state.kappa
        return self.b.magnitude(self.equations.constants.nu / second) if second > 0 else 1.0
