"""What each network supplies to the law of its learned weights."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from asymptotix.arrays import Array

# Outliers listed; more are only counted.
LISTED = 100


@dataclass(frozen=True)
class Law:
    """What a network's own law supplies; weights, the threshold taken off, in units of the effective noise.

    ``above`` counts the weights beyond one, ``density`` is a fraction of all of them.
    """

    zero_mass: float
    edges: tuple[float, ...]
    detached: bool
    learned_noise: float
    spikes: tuple[tuple[float, float], ...]
    spike_count: float
    density: Callable[[Array], Array]
    above: Callable[[float], float]
