"""Answers that need no solving: all of a spectrum above the threshold, or none of it.

    all learned       R = d (tau^2 + kappa^2)   s = d    kappa = L / (nu - d)    tau^2 = (noise' + d kappa^2) / (nu - d)
    nothing learned   R = 1                     s = 0    kappa = L / nu          tau^2 = (noise' + 1) / nu

For the diagonal network the first is exact at ``lam = 0``: ordinary least squares. For the quadratic ones both are
exact if ``kappa`` lies below the lower edge of the spectrum, or above its upper edge: the largest
``z(u) = u + t G(u)`` below all coefficients, the smallest above them ([BI]). One ``u`` with ``z(u)`` beyond ``kappa``
is enough to know. Without a penalty the symmetric network learns both signs, wherever the edges are; with just as
many samples as unknowns no noise scale is large enough.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from fractions import Fraction

from asymptotix.precise.backend import working
from asymptotix.precise.equation_pair import exact_constants, numbers
from asymptotix.precise.gaps import gap
from asymptotix.precise.power_resolvent import paired, resolvent
from asymptotix.precise.spectrum import spectrum
from asymptotix.problem import Problem
from asymptotix.status import Status

# Digits that tell a threshold from an edge, where nothing cancels.
_DIGITS = 30


@dataclass(frozen=True)
class ClosedForm:
    """A status and, where the noise scale is finite, the answer in rational numbers."""

    status: Status
    tau_squared: Fraction | None = None
    kappa_squared: Fraction = Fraction(0)
    error: Fraction = Fraction(0)
    dof: Fraction = Fraction(0)

    def texts(self, problem: Problem, digits: int) -> dict[str, str]:
        """The answer's numbers in the user's units."""
        if self.tau_squared is None:
            recovered = self.status is Status.PERFECT_RECOVERY
            end = "0.0" if recovered else "inf"
            return {"error": end, "excess_risk": end, "delta": end, "eps": end if recovered else "nan"}
        with working("mpmath", digits + 5) as b:
            scales = (b.sqrt(b.number(x)) for x in (self.tau_squared, self.kappa_squared))
            found = numbers(b, problem, (*scales, b.number(self.error), b.number(self.dof)))
            return {name: b.text(x, digits) if x or name != "eps" else "0.0" for name, x in found.items()}


def least_squares(problem: Problem) -> ClosedForm | None:
    """The diagonal network at ``lam = 0`` and ``n >= d``; None elsewhere."""
    nu, noise, penalty_squared = exact_constants(problem)
    if penalty_squared != 0 or nu < problem.d:
        return None
    if noise != 0 and nu == problem.d:
        return ClosedForm(Status.INFINITE_RISK)
    return ClosedForm(Status.PERFECT_RECOVERY) if noise == 0 else _all_learned(problem)


def _all_learned(problem: Problem) -> ClosedForm:
    nu, noise, penalty_squared = exact_constants(problem)
    d = problem.features
    kappa_squared = penalty_squared / (nu - d) ** 2
    tau_squared = (noise + d * kappa_squared) / (nu - d)
    if tau_squared == 0:
        return ClosedForm(Status.PERFECT_RECOVERY)
    status = Status.RIDGELESS if penalty_squared == 0 else Status.CONVERGED
    return ClosedForm(status, tau_squared, kappa_squared, d * (tau_squared + kappa_squared), Fraction(d))


def beyond_the_spectrum(problem: Problem) -> ClosedForm | None:
    """The quadratic networks' answer, if the threshold is above all of the spectrum or below; None otherwise."""
    nu, noise, penalty_squared = exact_constants(problem)
    both_learned = penalty_squared == 0 and problem.net.sides == 2
    if penalty_squared > 0:
        tau_squared, kappa_squared = (noise + 1) / nu, penalty_squared / nu**2
        nothing = ClosedForm(Status.ZERO_ESTIMATOR, tau_squared, kappa_squared, Fraction(1))
        if 4 * tau_squared < kappa_squared and _beyond(problem, nothing, above=True):
            return nothing
    if nu == problem.features and both_learned:
        return ClosedForm(Status.INFINITE_RISK if noise > 0 else Status.PERFECT_RECOVERY)
    if nu <= problem.features:
        return None
    found = _all_learned(problem)
    known = found.tau_squared is None or both_learned or _beyond(problem, found, above=False)
    return found if known else None


def _beyond(problem: Problem, answer: ClosedForm, *, above: bool) -> bool:
    """Whether the threshold is above all of the spectrum, or below."""
    with working("flint", _DIGITS) as b:
        atoms, pairs = spectrum(b, problem), paired(problem)
        if not above and (pairs or atoms.rank < atoms.d):
            return False
        tau, kappa = b.sqrt(b.number(answer.tau_squared)), b.sqrt(b.number(answer.kappa_squared))
        end = atoms.value(b.number(1 if above else atoms.rank))
        distance = kappa - end if above else end - kappa
        if distance > 2 * tau:
            return True
        # the spectrum's edges are farther out than those of its mean's semicircle (Jensen)
        mean = b.number(0) if pairs else atoms.total() / atoms.d
        if distance < 0 or (kappa - mean if above else mean - kappa) < 2 * tau:
            return False
    with working("flint", _DIGITS + math.ceil(2.5 * math.log10(problem.d))) as b:
        g = resolvent(b, problem)
        t = b.number(answer.tau_squared) / g.columns
        place = gap(b, g, b.midpoint(t), 0 if above else problem.d)
        return place.holds(t, b.sqrt(b.number(answer.kappa_squared)))
