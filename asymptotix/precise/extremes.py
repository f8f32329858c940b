"""All of a spectrum above the threshold, or none of it: answers in closed form for the quadratic networks.

    all learned       R = d (tau^2 + kappa^2)   s = d    kappa = L / (nu - d)    tau^2 = (noise' + d kappa^2) / (nu - d)
    nothing learned   R = 1                     s = 0    kappa = L / nu          tau^2 = (noise' + 1) / nu

exactly, if ``kappa`` lies below the lower edge of the spectrum, or above its upper edge: the largest
``z(u) = u + t G(u)`` below all coefficients, the smallest above them ([BI]). One ``u`` with ``z(u)`` beyond ``kappa``
is enough to know. Without a penalty the symmetric network learns both signs, wherever the edges are; with just as
many samples as unknowns no noise scale is large enough.
"""

from __future__ import annotations

import math
from fractions import Fraction

from asymptotix.precise.backend import Backend, working
from asymptotix.precise.equation_pair import exact_constants
from asymptotix.precise.outcome import Exact, Outcome
from asymptotix.precise.power_resolvent import resolvent
from asymptotix.precise.resolvent import Resolvent
from asymptotix.precise.spectrum import spectrum
from asymptotix.problem import Problem
from asymptotix.status import Status

_STEPS = 80
_DIGITS = 30


def extreme(problem: Problem) -> Outcome | None:
    """The outcome, if it is one of the two; None otherwise."""
    nu, noise, penalty_squared = exact_constants(problem)
    d = problem.d
    if penalty_squared > 0:
        nothing = Exact((noise + 1) / nu, penalty_squared / nu**2, Fraction(1), Fraction(0))
        if 4 * nothing.tau_squared < nothing.kappa_squared and _beyond(problem, nothing, above=True):
            return Outcome(Status.ZERO_ESTIMATOR, nothing)
    if nu == d and penalty_squared == 0 and problem.net.sides == 2:
        return Outcome(Status.INFINITE_RISK if noise > 0 else Status.PERFECT_RECOVERY)
    if nu <= d:
        return None
    kappa_squared = penalty_squared / (nu - d) ** 2
    tau_squared = (noise + d * kappa_squared) / (nu - d)
    if tau_squared == 0:
        return Outcome(Status.PERFECT_RECOVERY)
    everything = Exact(tau_squared, kappa_squared, d * (tau_squared + kappa_squared), Fraction(d))
    if penalty_squared == 0 and problem.net.sides == 2:
        return Outcome(Status.RIDGELESS, everything)
    if not _beyond(problem, everything, above=False):
        return None
    return Outcome(Status.RIDGELESS if penalty_squared == 0 else Status.CONVERGED, everything)


def _beyond(problem: Problem, answer: Exact, *, above: bool) -> bool:
    """Whether the threshold is above all of the spectrum, or below."""
    with working("flint", _DIGITS) as b:
        atoms = spectrum(b, problem)
        if not above and atoms.rank < atoms.d:
            return False
        tau, kappa = b.sqrt(b.number(answer.tau_squared)), b.sqrt(b.number(answer.kappa_squared))
        end = atoms.value(b.number(1 if above else atoms.rank))
        distance = kappa - end if above else end - kappa
        if distance > 2 * tau:
            return True
        # the spectrum's edges are farther out than those of its mean's semicircle (Jensen)
        mean = atoms.total() / atoms.d
        if distance < 0 or (kappa - mean if above else mean - kappa) < 2 * tau:
            return False
    with working("flint", _DIGITS + math.ceil(2.5 * math.log10(problem.d))) as b:
        return _reached(b, resolvent(b, problem), answer, 1 if above else -1)


def _reached(b: Backend, g: Resolvent, answer: Exact, side: int) -> bool:
    """Whether some ``u`` beyond the end has ``z(u)`` between the spectrum and ``kappa``.

    ``z`` has one extremum there, no farther than ``tau`` from the last coefficient.
    """
    t, kappa = b.number(answer.tau_squared / g.spectrum.d), b.sqrt(b.number(answer.kappa_squared))
    end = g.spectrum.value(b.number(1 if side > 0 else g.spectrum.rank))
    near, far = b.number(0), b.sqrt(b.number(answer.tau_squared))
    for _ in range(_STEPS):
        step = b.midpoint((near + far) / 2)
        w = b.complex(end + side * step, 0)
        if side * (kappa - b.real(w + t * g.value(w))) > 0:
            return True
        if b.real(1 + t * g.slope(w)) > 0:
            far = step
        else:
            near = step
    return False
