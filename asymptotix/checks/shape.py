"""Claims about matrices on inputs of variance ``i^-beta``: how noise leaks, and where ridgeless interpolation stays."""

from __future__ import annotations

import math
from collections.abc import Iterator
from fractions import Fraction

from asymptotix.asymptotics.repulsion import Leak, leak
from asymptotix.checks.claim import Family, Verdict
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
        yield Verdict(
            id=f"shape/leak/beta={beta}",
            claim=f"learned noise of the quadratic network falls as (kappa/tau)^-p on inputs of variance i^-{beta}",
            witness="state evolution",
            predicted=float(law.power),
            measured=near,
            tolerance=_remaining(near - far, _APART, law.next) + 1.0 / math.sqrt(directions),
            tolerance_from="twice what its change with the size leaves of the next order, and discreteness",
        )


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
        law, noise = leak(beta), 1.0
        far, near = (
            Problem("quadratic", teacher=teacher, beta=float(beta), d=d, n=n_eff * d, lam=0, noise=noise)
            for d in (largest // 100, largest)
        )
        errors = [solve(p).error for p in (far, near)]
        # s ~ d (kappa/tau)^-p is n_eff: the learned share is (n_eff/d)^(learned/p)
        power = law.next * law.learned / law.power
        yield Verdict(
            id=f"shape/plateau/beta={beta}",
            claim=f"without weight decay the quadratic network's error stays at a constant, variances i^-{beta}",
            witness="state evolution",
            predicted=float(law.plateau * near.net.units.noise) * noise,
            measured=errors[1],
            tolerance=_remaining(errors[1] - errors[0], 100.0, power) + _SLACK / n_eff,
            tolerance_from="twice what its change with d leaves of the next order, and 2/n_eff for the feature",
        )


FAMILIES = (
    Family("shape-leak", slopes, seconds=20.0),
    Family("shape-plateau", plateaus, seconds=60.0),
)
