"""Which minimum a deep diagonal network finds from which start: small parameters die out, large ones do not.

With more than two layers zero is a local minimum for every coefficient. A product of ``L`` parameters of size ``s``
grows only where the data pull on it by more than ``s^(2-L)`` times the weight decay.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.random import SeedSequence

from asymptotix.problem import Problem
from asymptotix.simulate.data import draw
from asymptotix.simulate.deep import fit_deep
from asymptotix.simulate.runs import problem_dict
from asymptotix.simulate.train import train
from asymptotix.store import Store

#: Standard deviations of the parameters at the start.
SCALES = (0.01, 0.1, 0.3, 0.6, 1.0, 2.0)
PROBLEMS = tuple(
    Problem("diagonal", depth=depth, gamma=1.25, d=300, n=400, lam=0.5, noise=0.3) for depth in (3, 4)
)
SEEDS = 24  # the rarest end is then seen if it comes once in ten times
SEED = 6400  # any number, in no other use
# Coefficients of which weight decay leaves less than this are on their way to zero.
_KEPT = 1e-6


@dataclass(frozen=True)
class Ends:
    """Where training ended, one entry a seed.

    Attributes:
        errors: of the networks.
        objectives: over that of coordinate descent on the penalised problem, from the LASSO's solution.
        kept: numbers of coefficients that are not zero.
    """

    errors: tuple[float, ...]
    objectives: tuple[float, ...]
    kept: tuple[int, ...]


def ends(problem: Problem, scale: float, store: Store | None = None, seeds: int = SEEDS) -> Ends:
    """Train ``seeds`` networks from parameters of one size, by L-BFGS; or recall them."""
    key = {**problem_dict(problem), "starts": scale, "seed": SEED, "seeds": seeds}

    def train_all() -> dict[str, Any]:
        columns = zip(*(_end(problem, scale, k) for k in range(seeds)), strict=True)
        return dict(zip(("errors", "objectives", "kept"), columns, strict=True))

    found = (store or Store()).recall(key, train_all)
    return Ends(**{name: tuple(values) for name, values in found.items()})


def _end(problem: Problem, scale: float, seed: int) -> tuple[float, float, int]:
    data = draw(problem, SeedSequence(SEED, spawn_key=(seed,)))
    fit = train(data, problem.lam, initial=scale, spectra=False)
    best = fit_deep(data, problem.lam).objective
    kept = int(np.sum(np.abs(fit.weights) > _KEPT))
    return float(f"{data.error(fit.weights):.6g}"), float(f"{fit.objective / best:.6g}"), kept
