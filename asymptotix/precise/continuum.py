"""A first solution from a teacher whose coefficients are a continuum: cheap, and good at any dimension.

Replace ``sum_i`` over a power law by the powers of ``w`` that remain when integers are not told apart
(`asymptotix.precise.powers`). The spectrum then has no gaps: one curve of subordination points leads from inside
the bulk, over its edge, to above the first coefficient, and along it both equations are monotone enough for two nested
searches. The answer is off by the order of one over the number of learned features; it says where to look.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace
from fractions import Fraction

from asymptotix.errors import NotConverged
from asymptotix.precise.backend import Backend, Number
from asymptotix.precise.equation_pair import Constants, State, Vector
from asymptotix.precise.nested_search import NestedSearch
from asymptotix.precise.paired import Paired
from asymptotix.precise.power_resolvent import paired
from asymptotix.precise.powers import Powers
from asymptotix.precise.resolvent import Closed, Resolvent
from asymptotix.precise.spectral_equations import SpectralEquations
from asymptotix.precise.spectrum import PowerSpectrum, spectrum
from asymptotix.problem import Problem

# At gamma = 1 powers meet logarithms; so near to 1 the difference does not matter to a start.
_NUDGE = Fraction(1, 10**16)
# How well both equations are solved: the continuum itself is off by more.
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
        terms = {(1, 0): front, (0, -1): b.number(2 * d + 1) / 2, (0, -2): tails[0], (0, -3): tails[1]}
        self.below = Powers(b, -1 - 1 / spectrum.exponent, terms)
        mean = tails[0] + b.zeta(gamma) * self.scale
        square = tails[1] + b.zeta(2 * gamma) * self.scale**2
        self.above = Powers(b, Fraction(-2), {(0, -1): b.number(d), (0, -2): mean, (0, -3): square})

    def _powers(self, radius: Number) -> Powers:
        return self.above if radius > self.scale else self.below

    def closed(self, radius: Number) -> Closed:
        return self._powers(radius), 0.0, None

    def stretch(self, low: Number, high: Number) -> tuple[Powers, float | None]:
        return self._powers(high), None

    def values(self, w: Number, orders: Sequence[int]) -> list[Number]:
        return [self._powers(abs(w)).value(w, order) for order in orders]


def guess(b: Backend, problem: Problem) -> tuple[Vector | None, Number, Number] | None:
    """Solve the continuum's equations; None for other teachers or where no solution is in sight.

    Returns:
        The subordination point, as in `asymptotix.precise.spectral_equations`, if it seems to be in a bulk or at its
        edge: either most of ``t sum 1/|w - a|^2 = 1`` is due to coefficients far below, or the noise joins the learned
        features to one bulk; None if not, or if the threshold is far below the noise. Then noise scale and threshold.
    """
    atoms = spectrum(b, problem)
    if not isinstance(atoms, PowerSpectrum):
        return None
    if atoms.exponent == 1:
        atoms = PowerSpectrum(b, 1 + _NUDGE, problem.d)
    pairs = paired(problem)
    k, two_sided = Constants.of(b, problem), problem.net.sides == 2 and not pairs
    # of fewer rows, too, a square matrix of these features and as much noise says where to look
    g = Paired(Continuum(b, atoms.squared()), atoms) if pairs else Continuum(b, atoms)
    equations = SpectralEquations(b, g, k, two_sided)

    def state(log_radius: float, p: float) -> State:
        point = b.number(log_radius), b.number(-p)
        try:
            return equations.state(point)
        except NotConverged:  # the other threshold is at the very edge, or beyond where powers make sense
            return replace(equations, two_sided=False).state(point)

    search = NestedSearch(b, k, state, 0.5 * (b.magnitude(k.noise + 1) - b.magnitude(k.nu)), _WIDTH)
    found = search.solve(0.0, 1.0, _WIDTH)
    if found is None:
        return None
    here = state(search.inner, found)
    tau, kappa = here.tau, here.kappa
    low = abs(b.double(kappa / tau)) < LOW
    if low and k.nu > here.dof:  # the angle is too coarse a variable there
        kappa = k.penalty / (k.nu - here.dof)
    elif not kappa > 0:
        return None
    radius = b.number(search.inner)
    far = 2.0 * (b.magnitude(tau) - search.inner) > math.log(_NOISE)
    joined = b.magnitude(atoms.density(b.exp(radius))) - found > math.log(_JOINED)
    in_bulk = not low and (far or joined)
    if problem.features < problem.d:  # in the plane of squares, where noise alone has |s| = tau^2 sqrt(m/d)
        share = b.number(problem.features) / problem.d
        angle = 2 * b.pi / (1 + b.exp(b.number(found)))
        radius, found = 2 * radius + b.log(share) / 2, b.double(b.log(b.pi / angle - 1))
    return (radius, b.number(-found)) if in_bulk else None, tau, kappa
