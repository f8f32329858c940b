"""Sums over a teacher's eigenvalues in the complex plane, for its free convolution with a semicircle.

Everything is in units of the noise scale ``tau``: atoms ``a_i / tau``, ``t = 1/d``. The learned spectrum is the
push-forward of the teacher's by subordination [BI],

    z(w) = w + t G(w),        G(w) = sum_i 1 / (w - a_i)     (all d atoms, unnormalised),

and what the networks need are integrals of functions of ``G`` along arcs ``|w| = r``. Seen from such an arc

* the *tail* (atoms below about r/2) is a power series in ``1/w``, its coefficients the tail's power sums;
* the *far head* (atoms above about 2r) is a power series in ``w``;
* the atoms in between are taken one by one, or, when they are many, as Gauss nodes of panels of integers
  whose widths grow with their distance from the end of the arc.

No sum has more than a few thousand terms, whatever ``d``.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from functools import cached_property
from typing import Any

import numpy as np

from asymptotix.arrays import Array
from asymptotix.teacher import Spectrum

# Terms of the two power series: both variables are at most 1/2.
ORDER = 60
# Spectra of at most this rank may be cut anywhere; longer ones where half-octaves of their values end.
_ALL = 600
# Orders of the terms.
COUNT = np.arange(ORDER + 2.0)
# Half-octaves of values in a power sum; what lies beyond is below 2^-64 and enters by closed forms.
_REACH = 128
# Around the end of the arc so many atoms are taken one by one on either side.
WINDOW = 24
# And all of them where they are no more than so many.
ALONE = 6 * WINDOW
# Distances below this fraction of r are not resolved, nor gaps beyond `MANY` atoms: a threshold is a kink in sums
# over atoms, and what happens within a distance x of a kink weighs x^2. The panels end at the kink.
FINEST = 1e-7
# A power law in the index turns at 0: no panel is longer than from a quarter of its end, for which 16 nodes leave 1e-16
# (seen from afar); the atoms between r/2 and 2r are from a 16th of the last one on.
STEEP, TURNS = 4.0, 2
# Larger logarithms of ratios are replaced by this.
_HIGHEST = 650.0
MANY = WINDOW / FINEST
# Powers summed at once, and the share of a sum below which a term is left out of all higher powers.
_CHUNK, _NOTHING = 15, 1e-25
# Sums are cached at cuts this far apart in log a: what is seen from r within it shares them.
_HALF_OCTAVE = 0.5 * math.log(2.0)


#: Of a cut: ``log`` of the atom next to it, power sums in units of that atom, and the coefficients of series they make.
Series = tuple[float, Array, Array]


def scaled(log_ratio: Array | float) -> Array:
    """``exp``, bounded where a ratio is no double: an atom that far above the noise may as well be nearer."""
    bounded: Array = np.exp(np.minimum(log_ratio, _HIGHEST))
    return bounded


class Atoms:
    """The eigenvalues of a teacher, cut into tail, near part and far head, with cached power sums."""

    def __init__(self, spectrum: Spectrum) -> None:
        self.spectrum = spectrum
        self.d = spectrum.d
        self.few = spectrum.rank <= _ALL or not spectrum.smooth
        self.log_largest = float(spectrum.log_value(np.array([1.0]))[0])
        self._tails: dict[float, Series] = {}
        self._heads: dict[float, Series] = {}
        self._shells: dict[tuple[float, float], Series] = {}

    @cached_property
    def log_all(self) -> Array:
        """All logarithms, where they are few."""
        return self.spectrum.log_value(np.arange(1.0, self.spectrum.rank + 1.0))

    def log_at(self, index: float) -> float:
        """``log a_i``; ``-inf`` for a vanishing atom, ``inf`` for ``i = 0``."""
        if index < 1:
            return math.inf
        if index > self.spectrum.rank:
            return -math.inf
        return float(self.spectrum.log_value(np.array([index]))[0])

    def cut(self, log_level: float, *, up: bool) -> float:
        """Number of atoms above a level, which may be moved up (or down) by half an octave."""
        if not self.few and math.isfinite(log_level):  # a search may pass by 0 or infinity
            steps = (self.log_largest - log_level) / _HALF_OCTAVE
            whole = math.floor(steps) if up else math.ceil(steps)
            log_level = self.log_largest - whole * _HALF_OCTAVE
        return self.spectrum.count_above(log_level)

    def cuts(self, log_level: Array, *, up: bool) -> Array:
        """`cut` at many levels."""
        if not self.few:
            steps = (self.log_largest - log_level) / _HALF_OCTAVE
            log_level = self.log_largest - (np.floor(steps) if up else np.ceil(steps)) * _HALF_OCTAVE
        return self.spectrum.counts_above(log_level)

    def tail(self, first: float) -> Series:
        """Power sums of the atoms beyond so many, for `TailSums`."""
        if first not in self._tails:
            self._tails[first] = _with_series(*self._tail(first))
        return self._tails[first]

    def _tail(self, first: float) -> tuple[float, Array]:
        """``log a_ref`` and ``sum_{i > first} (a_i / a_ref)^k``, ``k = 0..2 ORDER``; ``a_ref`` the largest."""
        sums = np.zeros(2 * ORDER + 1)
        sums[0] = self.d - first
        rank = self.spectrum.rank
        if first >= rank:
            return -math.inf, sums
        reference = self.log_at(first + 1.0)
        log_a, weight = self._nodes(first, rank, reference)
        _power_sums(np.exp(log_a - reference), weight, sums)
        if not self.few:
            for k in (1, 2):
                sums[k] = math.exp(self.spectrum.log_power_sum(first, rank, float(k)) - k * reference)
        return reference, sums

    def between(self, first: float, last: float) -> Series:
        """`tail` of those alone that are not beyond a second cut."""
        if (first, last) not in self._shells:
            reference, sums = self.log_at(first + 1.0), np.zeros(2 * ORDER + 1)
            log_a, weight = self._nodes(first, last, reference)
            sums[0] = last - first
            _power_sums(np.exp(log_a - reference), weight, sums)
            self._shells[first, last] = _with_series(reference, sums)
        return self._shells[first, last]

    def head(self, last: float) -> Series:
        """Inverse power sums of so many atoms, for ``sum 1/(a - w)`` and its derivative."""
        if last not in self._heads:
            reference, sums = self._head(last)
            head = sums[1 : ORDER + 2]
            matrix = np.stack([head, np.append(COUNT[1:-1] * head[1:], 0.0)], axis=1)
            self._heads[last] = reference, sums, matrix
        return self._heads[last]

    def _head(self, last: float) -> tuple[float, Array]:
        """``log a_ref`` and ``sum_{i <= last} (a_ref / a_i)^k``, ``k = 0..2 ORDER``; ``a_ref`` the smallest."""
        sums = np.zeros(2 * ORDER + 1)
        sums[0] = last
        if last < 1:
            return math.inf, sums
        reference = self.log_at(last)
        log_a, weight = self._nodes(last, 0.0, reference)
        _power_sums(np.exp(reference - log_a), weight, sums)
        return reference, sums

    def _nodes(self, start: float, stop: float, log_level: float) -> tuple[Array, Array]:
        """Nodes for the atoms between two indices, by half-octaves from ``start`` (either direction)."""
        if self.few:
            low, high = int(min(start, stop)), int(max(start, stop))
            return self.log_all[low:high], np.ones(high - low)
        sign = 1.0 if stop > start else -1.0
        levels = log_level - sign * _HALF_OCTAVE * np.arange(1.0, _REACH + 1.0)
        between = self.spectrum.counts_above(levels)
        breaks = np.clip(np.append(start, between), min(start, stop), max(start, stop))
        return self.spectrum.nodes(np.unique(breaks))

    def near(self, first: float, last: float, centre: float, distance: float) -> tuple[Array, Array]:
        """Nodes for ``first < i <= last`` as seen from ``distance`` (in units of the index) at ``centre``."""
        if last <= first:
            return np.empty(0), np.empty(0)
        if self.few:
            return self.log_all[int(first) : int(last)], np.ones(int(last - first))
        if last - first <= ALONE:
            return self.spectrum.nodes(np.arange(first, last + 1.0))
        centre = min(max(float(np.floor(centre)), first), last)
        finest = max(float(WINDOW), float(np.floor(distance)), float(np.floor(FINEST * centre)))
        doublings = max(1.0, math.log2((last - first) / finest) + 2.0)
        growth = np.floor(finest * 2.0 ** np.arange(doublings))
        if finest == WINDOW:
            growth = np.concatenate([np.arange(1.0, WINDOW), growth])
        turns = last * STEEP ** np.arange(-TURNS, 0.0) // 1.0
        breaks = np.concatenate([centre - growth, [centre], centre + growth, turns])
        return self.spectrum.nodes(np.unique(np.minimum(np.maximum(breaks, first), last)))


def _with_series(reference: float, sums: Array) -> Series:
    """Power sums with the coefficients that `TailSums` has of them."""
    tail = sums[: ORDER + 1]
    matrix = np.stack([tail, COUNT[1:] * tail, tail, COUNT[:-1] * tail], axis=1)
    matrix[0, 2] = 0.0
    return reference, sums, matrix


def neighbourhood(count: Callable[[Any], Any], w: Any) -> tuple[Any, Any]:
    """Index of the atoms next to a point, or to many, and the point's distance in that unit."""
    u = np.maximum(w.real, 0.1 * abs(w))
    centre = count(u)
    return centre, centre - count(u + abs(w.imag))


def _power_sums(ratio: Array, weight: Array, sums: Array) -> None:
    """Fill ``sums[k] = sum weight ratio^k`` for ``k >= 1``."""
    for start in range(1, sums.size, _CHUNK):
        powers = np.empty((min(_CHUNK, sums.size - start) + 1, ratio.size))
        powers[0], powers[1:] = weight, ratio
        np.multiply.accumulate(powers, axis=0, out=powers)
        sums[start : start + _CHUNK] = powers[1:].sum(axis=1)
        # what is nothing to this power is less to the next
        kept = powers[-1] > _NOTHING * sums[start + len(powers) - 2]
        weight, ratio = powers[-1][kept], ratio[kept]
