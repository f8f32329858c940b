"""What a law of learned weights is, and its names: the types of [P], the phases of Martin and Mahoney (1810.01075)."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

from asymptotix.arrays import Array

# Outliers listed; more are only counted.
LISTED = 100
# A share of the spectrum counts when at least half a weight is expected in it.
_PRESENT = 0.5
# From so many outliers on, reaching this many bulk widths, the tail dominates what one sees.
_MANY = 10
# A decade of sizes: over less, a power law cannot be told from other laws.
_DECADE = 10.0
# Outliers within this fraction of the bulk's width bleed out of it.
_NEAR = 0.5


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


def kind_of(zeros: float, learned_noise: float, spikes: float, d: int) -> str:
    """The type of [P]: which parts are present.

    Args:
        zeros, learned_noise, spikes: expected numbers of zero weights, of learned noise directions, of outliers.

    >>> kind_of(90.0, 7.0, 3.0, 100), kind_of(0.0, 0.0, 100.0, 100), kind_of(100.0, 0.0, 0.0, 100)
    ('zero mass + bulk + spikes', 'd spikes', 'zero mass')
    """
    if spikes >= d - _PRESENT:
        return "d spikes"
    parts = [("zero mass", zeros), ("bulk", learned_noise), ("spikes", spikes)]
    present = [name for name, expected in parts if expected >= _PRESENT]
    return " + ".join(present) or "zero mass"


def martin_mahoney(law: Law) -> str:
    """The phase of Martin and Mahoney that a law belongs to, by the criteria of `name`."""
    noise, spikes = law.learned_noise >= _PRESENT, law.spike_count
    top = law.spikes[0][0] if law.spikes else 0.0
    return name(noise, spikes, top, law.edges[-1] if law.edges else 0.0, law.detached)


def name(noise: bool, spikes: float, top: float, edge: float, detached: bool) -> str:
    """The phase by what is seen: whether noise is learned, how many outliers, the largest, the bulk's edge.

    * rank collapse: all weights but at most a few are zero, and none is noise;
    * random-like: a bulk of noise and no outlier;
    * bleeding-out: outliers, all within half a bulk width of the edge;
    * bulk + spikes: separate outliers, fewer than ten or within ten widths of the bulk;
    * bulk-decay: at least ten outliers, with no gap between them and the bulk;
    * heavy-tailed: at least ten outliers that reach ten times as far as the bulk, or with no bulk at all.

    >>> name(True, 0, 0.0, 1.0, True), name(True, 3, 5.0, 1.0, True), name(False, 30, 5.0, 0.0, True)
    ('random-like', 'bulk + spikes', 'heavy-tailed')
    """
    if not noise:
        return "heavy-tailed" if spikes >= _MANY else "rank collapse"
    if spikes < 1:
        return "random-like"
    reach = top / edge if edge > 0 else math.inf
    if reach < 1.0 + _NEAR:
        return "bleeding-out"
    if spikes >= _MANY:
        return "heavy-tailed" if reach >= _DECADE else "bulk + spikes" if detached else "bulk-decay"
    return "bulk + spikes"
