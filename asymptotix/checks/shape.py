"""Claims about matrices on inputs of variance ``i^-beta``: how noise leaks, and where ridgeless interpolation stays."""

from __future__ import annotations

import math
from collections.abc import Iterator
from fractions import Fraction

from asymptotix.asymptotics.diagram import phase_diagram
from asymptotix.asymptotics.repulsion import Leak, leak
from asymptotix.checks.claim import NUMBERS, Family, Verdict, relative
from asymptotix.inputs import PowerVariances
from asymptotix.networks.shaped_matrix import ShapedMatrix
from asymptotix.problem import Problem
from asymptotix.state_evolution import solve
from asymptotix.teacher import FiniteRank

#: On either side of 1/2 and of 1. Further from both, corrections are smaller.
BETAS = tuple(Fraction(k, 8) for k in (2, 3, 4, 5, 6, 10, 12, 16))
_D = 10**9  # so large that what is of order 1/d does not show
# Learned shares between which the change of a correction is seen.
_APART = 8.0
# Noise so large that the one feature is invisible; half a step of the slope.
_LOG_NOISE, _STEP = 10.0, 0.02
# Corrections that are no power of the learned share: directions are discrete.
_SLACK = 2.0


def slopes(full: bool) -> Iterator[Verdict]:
    """The power with which leaked noise falls with the threshold; no change at beta = 1/2, one at 1."""
    for beta in BETAS if full else BETAS[2:3]:
        law = leak(beta)
        potential = ShapedMatrix(FiniteRank([1.0]).spectrum(_D), PowerVariances(beta))
        directions = 3000.0
        near, far = (_slope(potential, law, beta, m / _D) for m in (directions, _APART * directions))
        claim = (
            f"learned noise of the quadratic network falls as (kappa/tau)^-p on inputs of variance i^-{beta}"
        )
        allowed = _remaining(near - far, _APART, law.next) + 1.0 / math.sqrt(directions)
        source = "twice what its change with the size leaves of the next order, and discreteness"
        yield Verdict(f"shape/leak/beta={beta}", claim, NUMBERS, float(law.power), near, allowed, source)


def _slope(potential: ShapedMatrix, law: Leak, beta: Fraction, share: float) -> float:
    """``-d log s / d log kappa`` where about that share of directions is learned."""
    log_c = -math.log(share) / float(law.learned) - float(beta) * math.log(_D)
    low, high = (potential.response(log_c + h, _LOG_NOISE).dof for h in (-_STEP, _STEP))
    return math.log(low / high) / (2.0 * _STEP)


def _remaining(change: float, apart: float, power: Fraction) -> float:
    return 2.0 * abs(change) / (math.pow(apart, power) - 1.0)


def plateaus(full: bool) -> Iterator[Verdict]:
    """Ridgeless interpolation stays at ``noise' 2/p``, whatever n."""
    n_eff, teacher, largest = 300, FiniteRank([1.0]), _D if full else 10**6
    for beta in BETAS if full else BETAS[-1:]:
        law = leak(beta)
        problems = [
            Problem("quadratic", teacher=teacher, beta=float(beta), d=d, n=n_eff * d, lam=0, noise=1)
            for d in (largest // 100, largest)
        ]
        far, near = (solve(p).error for p in problems)
        predicted = float(law.plateau * problems[0].net.units.noise)
        # s ~ d (kappa/tau)^-p is n_eff: the learned share is (n_eff/d)^(learned/p)
        power = law.next * law.learned / law.power
        claim = f"without weight decay the quadratic network's error stays at a constant, variances i^-{beta}"
        allowed = _remaining(near - far, 100.0, power) + _SLACK / n_eff
        source = "twice what its change with d leaves of the next order, and 2/n_eff for the feature"
        yield Verdict(f"shape/plateau/beta={beta}", claim, NUMBERS, predicted, near, allowed, source)


#: A point of the quadratic network's diagram, and the phase there: beta, gamma, a, l, zeta, phase.
LawPoint = tuple[str, str, str, str, str, str]
#: Every leading term, where it leads most clearly at d = 1e9: constants of features approach slowly, as 1/i of few.
LAWS = (
    ("3/2", "5/4", "1/6", "-6", "-1/2", "V"),
    ("2", "3", "1/2", "-6", "5/6", "V"),
    ("3/2", "5/4", "2/3", "-1", "-1/2", "V"),
    ("1/2", "3/4", "1/3", "-6", "-1/2", "V"),
    ("1", "3/4", "1/4", "-6", "-1/2", "V"),
    ("1", "3", "1/10", "-6", "1", "V"),
    ("1", "3", "1/8", "-9/8", "1", "II"),
    ("1/4", "3", "1/5", "-6", "-1/2", "V"),
    ("3/4", "5/4", "1/4", "-6", "-1/2", "V"),
    ("3/2", "3", "1/8", "-8/5", "1", "V"),
    ("1/2", "3", "1/4", "-6/7", "4/7", "V"),
    ("1/2", "3", "1/13", "-6", "3/4", "V"),
    ("3/4", "3", "1/6", "-6", "11/5", "V0"),
    ("3/2", "3/4", "8/5", "0", "-1/2", "II"),
    ("1/2", "5/4", "8/5", "1/2", "0", "II"),
    ("1/4", "5/4", "8/5", "-1/2", "3/2", "III"),
    ("3/2", "5/4", "8/5", "-6", "-1/2", "VIa"),
    ("1/2", "3/4", "19/10", "-6", "2", "VIb"),
    ("2", "3/4", "1/4", "-6", "4", "IV0"),
    ("3/2", "5/4", "1/4", "-6", "4", "IV0"),
    ("1/2", "3/4", "1/4", "-6", "4", "IV0"),
    ("1", "3/4", "1/4", "-6", "4", "IV0"),
)


def against_numbers(point: LawPoint) -> Verdict:
    """A derived law with its next order, over the state evolution at ``d = 1e9``."""
    beta, gamma, a, l, zeta, phase = point  # noqa: E741
    law = phase_diagram("quadratic", beta=beta).at(gamma=gamma, a=a, l=l, zeta=zeta)
    n_eff, lam, noise = (math.pow(_D, float(Fraction(x))) for x in (a, l, f"{-Fraction(zeta)}"))
    problem = Problem("quadratic", gamma=gamma, beta=beta, d=_D, n=n_eff * _D, lam=lam, noise=noise)  # type: ignore[arg-type]
    predicted = law.law(n_eff=n_eff, lam=lam, d=_D, noise=noise, order=1) if law.phase == phase else math.nan
    name, claim = f"{phase}/a={a}", f"{phase}: error ~ {law.growth} on inputs of variance i^-{beta}"
    source = (
        "squares of the next orders, which are included; orders without constant; 2/n_eff for few features; "
        "the digits of the state evolution"
    )
    found = solve(problem)
    left = law.left_out(n_eff, lam, _D, noise) + _SLACK / n_eff + math.pow(10.0, -found.digits)
    return relative(
        f"shape/law/beta={beta}/gamma={gamma}/{name}", claim, predicted, found.error, left, source
    )


def laws(full: bool) -> Iterator[Verdict]:
    """The quadratic network's phases on unequal inputs against the state evolution."""
    return map(against_numbers, LAWS if full else (LAWS[0], LAWS[-4]))


FAMILIES = (
    Family("shape-laws", laws, seconds=90.0),
    Family("shape-leak", slopes, seconds=20.0),
    Family("shape-plateau", plateaus, seconds=60.0),
)
