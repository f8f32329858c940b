r"""Which phase a network of finite size is in: the contrasts that the names of phases rest on.

In the limit a phase is where certain terms lead (`asymptotix.asymptotics.labels`). At finite size each "leads" is a
ratio, and its logarithm a contrast; a phase is named by the signs of those contrasts that its name needs:

    seen    a_1 over the smallest feature that can be seen                 (anything learned but noise?)
    loud    tau/a_1                                                        (Ia or Ib)
    every   m/(d - m) with m visible features                              (all features learned?)
    bias    (kappa/tau)^2                                                  (III or VIb)
    noise   learned noise, in the bulk and on visible features, over bias and missed features
    bulk    A/(A_0 - A), degrees of freedom of the noise over what it lacks of all   (VIa or V)
    spare   (n_eff' - s)/s, samples left over by degrees of freedom        (II or IV: penalty or interpolation)

A point is *clear* if each contrast that its name needs exceeds a factor of two (where a term leads less, its name says
little) times what finite size blurs (`smear`); else it is near a boundary, where phases of finite networks overlap.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from asymptotix.equations import System
from asymptotix.errors import InvalidInput
from asymptotix.networks import get
from asymptotix.networks.base import Response
from asymptotix.problem import Problem
from asymptotix.risk.decomposition import of_finite_error, response_at, split
from asymptotix.solution import Solution
from asymptotix.spectrum.noise_and_features import noise_of

#: A contrast beyond this factor is clear.
FACTOR = 2.0
PHASES = ("Ia", "Ib", "II", "III", "IV", "V", "VIa", "VIb")
# Keeps a logarithm finite, far below what a contrast could tell.
_TINY = 1e-12
# Standard deviations of the samples' noise level, and relative deviations of order 1/d and 1/n_eff: `smear`.
_SIGMAS, _FINITE, _FEATURES = 2.0, 2.0, 3.0


@dataclass(frozen=True)
class Contrasts:
    """Logarithms of the seven ratios; plus infinity and minus infinity are possible."""

    seen: float
    loud: float
    every: float
    bias: float
    noise: float
    bulk: float
    spare: float

    @property
    def phase(self) -> str:
        """The phase by the signs."""
        certain = tree({name: float(value > 0) for name, value in vars(self).items()})
        return max(certain, key=lambda name: certain[name])

    @property
    def margin(self) -> float:
        """The smallest contrast, in absolute value, that the phase's name needs."""
        return min(abs(float(getattr(self, name))) for name in _NEEDED[self.phase])

    @property
    def clear(self) -> bool:
        """Whether every contrast that matters exceeds `FACTOR`."""
        return self.exceeds(0.0)

    def exceeds(self, smear: float) -> bool:
        """Whether every contrast that matters exceeds `FACTOR` by more than a smear (in logarithms)."""
        return self.margin > math.log(FACTOR) + smear

    @property
    def accepted(self) -> tuple[str, ...]:
        """The phases that clear contrasts leave possible: one where the point is clear, more near a boundary."""
        return self.possible(0.0)

    def possible(self, smear: float) -> tuple[str, ...]:
        """The phases that are left by the contrasts that exceed `FACTOR` by more than a smear."""
        least = math.log(FACTOR) + smear
        chances = {
            name: float(value > 0) if abs(value) > least else 0.5 for name, value in vars(self).items()
        }
        return tuple(name for name, chance in tree(chances).items() if chance > 0)


_NEEDED = {
    "Ia": ("seen", "noise", "loud"),
    "Ib": ("seen", "noise", "loud"),
    "II": ("seen", "every", "noise", "spare"),
    "III": ("every", "bias"),
    "IV": ("seen", "every", "noise", "spare"),
    "V": ("noise", "bulk", "every"),
    "VIa": ("noise", "bulk", "every"),
    "VIb": ("every", "bias"),
}


def tree(positive: Mapping[str, float]) -> dict[str, float]:
    """Probabilities of the phases from the probabilities that each contrast is positive; they sum to 1.

    >>> tree(dict(seen=1, loud=0, every=0, bias=0, noise=0.9, bulk=0.5, spare=1))["V"]
    0.45
    """
    p = dict(positive)
    q = {name: 1.0 - value for name, value in p.items()}
    some = q["every"]
    silent = some * q["noise"]
    return {
        "Ia": silent * q["seen"] * p["loud"],
        "Ib": silent * q["seen"] * q["loud"],
        "II": silent * p["seen"] * p["spare"],
        "III": p["every"] * p["bias"],
        "IV": silent * p["seen"] * q["spare"],
        "V": some * p["noise"] * q["bulk"],
        "VIa": some * p["noise"] * p["bulk"],
        "VIb": p["every"] * q["bias"],
    }


def smear(problem: Problem) -> float:
    """By how much a network's own contrasts scatter around those of its law, as a logarithm.

    The sum of three: ``n`` samples show the level of their noise up to ``sqrt(2/n)``, twice that is taken; finite
    ``d`` shifts errors by a fraction ``2/d``; features ``x x'`` that are not Gaussian raise them by up to ``3/n_eff``.
    The two latter are what the claims ``inputs/...`` allow errors of trained networks
    (`asymptotix.checks.universality`).

    >>> p = Problem("quadratic", gamma=1.25, d=100, n=300, lam=1, noise=1)
    >>> round(smear(p), 2), round(smear(p.replace(n=30_000)), 2)
    (0.88, 0.05)
    """
    features = 0.0 if problem.net.is_sequence else math.log1p(_FEATURES / problem.n_eff)
    return _SIGMAS * math.sqrt(2.0 / float(problem.n)) + _FINITE / float(problem.d) + features


def contrasts(problem: Problem, *, solution: Solution | None = None) -> Contrasts:
    """The contrasts of a problem, from its state evolution at its own size.

    Raises:
        InvalidInput: the error is infinite, the teacher is recovered exactly, or width binds.

    >>> here = contrasts(Problem("quadratic", gamma=1.25, d=200, n=180_000, lam=0.05, noise=3))
    >>> here.phase, here.clear
    ('VIa', True)
    """
    solved = of_finite_error(problem, solution, least=0.0)
    if solved.constraint not in ("", "threshold"):
        raise InvalidInput(
            "width", problem.width, "a width that does not bind: the contrasts are of wide networks"
        )
    system = System.of(problem)
    response, log_tau = response_at(solved, system)
    return contrasts_at(problem.replace(width=None).net.name, system, response, log_tau)


def contrasts_at(network: str, system: System, response: Response, log_tau: float) -> Contrasts:
    """The contrasts at any effective noise and threshold, solution of the equations or not."""
    spectrum = system.potential.spectrum  # type: ignore[attr-defined]
    parts = split(system, response, log_tau)
    d = float(spectrum.d)
    bias = parts.visible * response.c**2
    learned = parts.overfitting + max(parts.approximation - bias, 0.0)
    largest = float(spectrum.log_value(np.ones(1))[0]) - log_tau
    return Contrasts(
        seen=largest - math.log(onset(network, response.c)),
        loud=-largest,
        every=odds(parts.visible, d - parts.visible),
        bias=2.0 * math.log(max(response.c, _TINY)),
        noise=odds(learned, parts.underfitting + bias),
        bulk=filling(network, (response.dof - parts.visible) / d),
        spare=odds(response.spare_dof(system.nu), response.dof),
    )


def onset(network: str, c: float) -> float:
    """The smallest visible feature in units of the noise: that behind an outlier at ``c`` or at the edge, or ``c``."""
    if get(network).is_sequence:
        return max(c, 1.0)
    noise = noise_of(network, 1)
    return float(noise.behind(np.array([max(c, noise.edge)]))[0])


def filling(network: str, dof: float) -> float:
    """The log odds of the noise's degrees of freedom per direction, out of all it can take."""
    whole = 0.5 * get(network).sides
    return odds(dof, whole - dof)


def odds(one: float, other: float) -> float:
    """``log(one/other)``, infinite where one of them is gone."""
    if one <= 0:
        return -math.inf
    return math.inf if other <= 0 else math.log(one / other)
