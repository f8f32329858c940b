"""Claims about the best penalty, the lazy network, and the laws of the error's parts, at sizes up to d = 1e120."""

from __future__ import annotations

import math
from collections.abc import Iterator
from fractions import Fraction

from asymptotix.asymptotics import laws
from asymptotix.asymptotics.definition import definition
from asymptotix.asymptotics.error_parts import NAMES, parts
from asymptotix.asymptotics.lazy import gain, lazy
from asymptotix.checks.claim import NUMBERS, Family, Verdict, relative
from asymptotix.checks.deepest_points import rays
from asymptotix.checks.ray import Ray
from asymptotix.networks import CLAIMED, PAPER, get
from asymptotix.problem import problem_at
from asymptotix.risk import decompose, optimum, ridge_error

_AFTER_THE_NEXT = "orders after the next, which is up to 2e-3"


def optima(full: bool) -> Iterator[Verdict]:
    """``lam*`` and ``R*`` with their next orders against the numeric optimum."""
    spectral, scalar = [(1e30, 1e10), (1e60, 1e20)], [(1e60, 1e20), (1e120, 1e30)]
    points = [(x, *size) for x in CLAIMED for size in (scalar if get(x).is_sequence else spectral)]
    for network, d, n_eff in points if full else points[:1]:
        module = definition(network)
        noise, feature = module.shares()
        found = laws.optimum(noise, feature, module.scales())
        for gamma in (0.75, 1.25, 2.0) if full else (1.25,):
            best = optimum(problem_at(network, n_eff, d, gamma=gamma, lam=0, noise=1))
            flat = "a flat minimum: half the digits of its error"
            for name, what, law, measured, share, source in (
                ("risk", "error at the best penalty", found.risk, best.error_star, 1e-8, _AFTER_THE_NEXT),
                ("lam", "best penalty", found.penalty, best.lam_star, 1e-6, flat),
            ):
                if get(network).is_sequence:
                    share, source = 1e-3, "1/c^4, c^2 of order log d"
                predicted = law.corrected(gamma=gamma, n_eff=n_eff, d=d, noise=1.0)
                claim = f"{what} with next order, n_eff = {n_eff:.0e}, d = {d:.0e}"
                identity = f"optimum/{name}/{network}/{gamma}/{d:.0e}"
                yield relative(identity, claim, predicted, measured, share, source)


def lazies(full: bool) -> Iterator[Verdict]:
    """Ridge against its laws, and the exponent by which features gain over it, as a function of gamma."""
    for network in PAPER if full else PAPER[:1]:
        module = definition(network)
        for a, law in zip((0.5, 1.5), lazy(module.scales()), strict=True):
            d = 1e20
            predicted = law.corrected(n_eff=d**a, d=d, noise=0.7)
            measured = ridge_error(problem_at(network, d**a, d, gamma=1.25, lam=0, noise=0.7))
            name, claim = f"lazy/law/{network}/{a}", f"best ridge at n_eff = d^{a}, d = 1e20, with next order"
            yield relative(name, claim, predicted, measured, 1e-9, "square of the next order")
        for gamma in ("3/4", "5/4", "2", "3") if full else ("5/4",):
            for place in ("1/2", "1", "9/8") if full else ("1",):
                yield _gain(network, gamma, place)


def _gain(network: str, gamma: str, a: str) -> Verdict:
    """The slope in ``log d`` of ridge over the best penalty between two dimensions."""
    low, high = 1e60, 1e100

    def ratio(d: float) -> float:
        best = optimum(
            problem_at(network, d ** float(Fraction(a)), d, gamma=float(Fraction(gamma)), lam=0, noise=1)
        )
        return math.log(best.ridge_error / best.error_star)

    logs = get(network).is_sequence
    name = f"lazy/gain/{network}/{gamma.replace('/', '-')}/{a.replace('/', '-')}"
    claim = f"exponent of d by which features beat the lazy network at n_eff = d^({a}), gamma = {gamma}"
    measured = (ratio(high) - ratio(low)) / math.log(high / low)
    allowed = (1.0 / math.log(low) if logs else 0.0) + 1e-3
    source = "log d to the power 1 - 1/(2 gamma)" if logs else "next orders"
    return Verdict(name, claim, NUMBERS, float(gain(network, gamma, a)), measured, allowed, source)


def part_laws(full: bool) -> Iterator[Verdict]:
    """Overfitting, underfitting and approximation against their derived laws, one point a phase."""
    for network in CLAIMED if full else CLAIMED[:1]:
        for gamma in (Fraction(3, 4), Fraction(5, 4), Fraction(2)) if full else (Fraction(5, 4),):
            for ray in rays(network, gamma):
                if ray.name == ray.phase.phase:  # of a phase that is not convex, the first part
                    yield from _part_verdicts(ray, f"{network}/{gamma.numerator}-{gamma.denominator}")


def _part_verdicts(ray: Ray, where: str) -> Iterator[Verdict]:
    d = 10.0 ** min(ray.top, 60.0)
    exact, found = decompose(ray.problem(d)), parts(ray.phase)
    logs = ray.next_order == 0
    share = 2.0 / math.sqrt(math.log(d)) if logs else 0.02
    for name in NAMES:
        law = found.value(name, **ray.phase.sizes(d), gamma=float(ray.point.gamma))
        measured = float(getattr(exact, name))
        if max(measured, law) <= max(_CERTIFIED, exact.residual / share) * exact.error:
            continue  # nothing there, or so little that the sum of the parts certifies none of its digits
        claim = f"{name} over its derived law at d = {d:.0e}; the law is {law / exact.error:.2g} of the error"
        ratio, identity = measured / law if law else math.inf, f"parts/{name}/{where}/{ray.phase.phase}"
        source = "1/c, c of order sqrt(log d)" if logs else "next orders: 1/i*, (n_eff/d)^(1/5), i*/d"
        yield Verdict(identity, claim, NUMBERS, 1.0, ratio, share, source)


# Parts below this share of the error are not claimed, nor those that its residual leaves undecided.
_CERTIFIED = 1e-14
FAMILIES = (
    Family("optimum", optima, seconds=10.0),
    Family("lazy", lazies, seconds=20.0),
    Family("parts", part_laws, seconds=60.0),
)
