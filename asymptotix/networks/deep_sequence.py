"""Coefficients behind Gaussian noise, penalised by a power of their size: ``|theta|^q`` with ``0 < q < 1``.

The potential is the sum over a teacher's coefficients of what `jump_map` says of one: those around the threshold by
panels, those far below the noise, of which there may be 1e120, by their even powers.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from asymptotix.arrays import Array
from asymptotix.networks.base import Response, Responses, saturated_exp
from asymptotix.networks.jump_map import LOW, REACH, SILENT, Jump, terms
from asymptotix.networks.sequence import ByThreshold
from asymptotix.teacher import Spectrum

# Up to this rank, all terms are cheaper than choosing panels.
_ALL_TERMS = 100
# Of coefficients, sixteen nodes resolve it over less than of the noise.
_CLOSER = 1.5
# Coefficients below this over (1 + y*) are summed by even powers, the fourth of which is below 1e-16.
_SMALL = 0.01
# The largest logarithm of a threshold over the noise, either way, that doubles hold with room to spare.
_WIDEST = 690.0
# Places at which `even_sum` knows a function, over the largest; and what makes a polynomial in the square of them.
_PLACES = np.array([0.0, 0.4, 0.7, 1.0])
_POLYNOMIAL = np.linalg.inv(np.vander(_PLACES**2, increasing=True))
# Coefficients whose integrals are made together: so many that Python's part is small, so few that they fit the cache.
_TOGETHER = 1000


@dataclass(frozen=True)
class PowerPenaltySequence(ByThreshold):
    """The potential of the penalty ``|theta|^q``; ``path`` is the logarithm of the threshold over the noise."""

    spectrum: Spectrum
    q: float

    def path_of(self, c: float, log_tau: float) -> float:
        return self._path(math.log(c), log_tau) if c > 0 else -math.inf

    def _path(self, log_ratio: float, log_tau: float) -> float:
        """From ``log(eps/delta)``, the scale of the two equations, to the threshold of one coefficient."""
        log_c = log_ratio - (1.0 - self.q) * (log_tau + 0.5 * math.log(self.spectrum.d))
        log_size = (log_c + math.log(2.0 - 2.0 * self.q)) / (2.0 - self.q)
        return log_size + math.log((2.0 - self.q) / (2.0 - 2.0 * self.q))

    def ratio(self, path: float, log_tau: float) -> float:
        """``eps / delta``, from the threshold of one coefficient."""
        return saturated_exp((2.0 - self.q) * (path - self._path(0.0, log_tau)))

    def response(self, path: float, log_tau: float) -> Response:
        """Respond at the threshold ``exp(path)``.

        >>> from asymptotix.teacher import FiniteRank
        >>> sequence = PowerPenaltySequence(FiniteRank([1.0]).spectrum(100), 2 / 3)
        >>> round(sequence.response(-math.inf, 0.0).rho, 12)
        100.0
        """
        if path == -math.inf:
            d = self.spectrum.d
            return Response(path, 0.0, d, d, d, 0.0, 0.0)
        place = np.array([path])
        return next(self.responses(place, np.array([log_tau])).each(place))

    def responses(self, path: Array, log_tau: Array) -> Responses:
        """`response` at many places at once.

        >>> from asymptotix.teacher import PowerLaw
        >>> sequence = PowerPenaltySequence(PowerLaw(1.0).spectrum(10**9), 2 / 3)
        >>> both = sequence.responses(np.array([-1.0, 1.0]), np.array([-3.0, -4.0]))
        >>> bool(abs(both.dof[1] / sequence.response(1.0, -4.0).dof - 1) < 1e-14)
        True
        """
        places = list(zip(path.tolist(), log_tau.tolist(), strict=True))
        parts = [self.gather(*place) for place in places]
        piece = np.cumsum([part.a.size for part in parts]) // _TOGETHER
        sums = np.concatenate(
            [_sums(self.q, parts[k[0] : k[-1] + 1]) for k in _runs(piece)] or [np.empty((9, 0))], axis=1
        )
        missed, rho, dof, lost_risk, lost_dof, rho_by_path, dof_by_path, rho_by_size, dof_by_size = sums
        d, low = self.spectrum.d, np.array([part.low for part in parts], dtype=bool)
        one, none = np.ones_like(path), np.full_like(path, np.nan)
        return Responses(
            c=np.array([self.ratio(*place) for place in places]),
            rho=np.where(low, d - lost_risk, rho + missed),
            dof=np.where(low, d - lost_dof, dof),
            reference=np.where(low, d, 0.0),
            rho_below=np.where(low, lost_risk, none),
            dof_below=np.where(low, lost_dof, none),
            rho_by_path=rho_by_path,
            dof_by_path=dof_by_path,
            rho_by_tau=-rho_by_size - 2.0 * missed,
            dof_by_tau=-dof_by_size,
            log_c_by_path=(2.0 - self.q) * one,
            log_c_by_tau=(1.0 - self.q) * one,
        )

    def gather(self, path: float, log_tau: float) -> Gathered:
        """The coefficients that count at the threshold ``exp(path)``."""
        jump = Jump(self.q, math.exp(path))
        a, weight, first, last = self.nodes(jump, log_tau)
        few, moments = self.small(jump, log_tau, first, last)
        beyond = 0.0 if few.size else moments[1]
        top = np.full(few.size + a.size, jump.threshold)
        return Gathered(top, np.concatenate([few, a]), weight, moments, beyond, jump.threshold < LOW, True)

    def paths(self, log_tau: float) -> tuple[float, float]:
        return max(-_WIDEST, self._path(-_WIDEST, log_tau)), min(_WIDEST, self._path(_WIDEST, log_tau))

    def guess(self, log_tau: float, nu: float, penalty: float) -> float:
        """Where the penalty alone, or the noise alone, would put the threshold."""
        from_noise = 0.5 * math.log(2.0 * math.log(max(self.spectrum.d / nu, 2.0)))
        if penalty == 0:
            return from_noise
        return max(from_noise, self._path(math.log(penalty) - math.log(nu) - log_tau, log_tau))

    def nodes(self, jump: Jump, log_tau: float) -> tuple[Array, Array, float, float]:
        """Weighted coefficients over ``tau``, and the range of indices that `small` sums instead."""
        spectrum, rank = self.spectrum, self.spectrum.rank
        if rank <= _ALL_TERMS or not spectrum.smooth:
            log_a = spectrum.log_value(np.arange(1.0, rank + 1.0))
            return np.exp(np.minimum(log_a - log_tau, 700.0)), np.ones(log_a.size), rank, rank
        top = float(spectrum.log_value(np.array([1.0]))[0]) - log_tau
        levels = _levels(jump.threshold, max(top, 0.0), spectrum.log_step)
        inner = [spectrum.count_above(float(level) + log_tau) for level in levels]
        log_a, weight = spectrum.nodes(np.unique([0.0, *inner]))
        return np.exp(np.minimum(log_a - log_tau, 700.0)), weight, max(inner), rank

    def small(self, jump: Jump, log_tau: float, first: float, last: float) -> tuple[Array, list[float]]:
        """Coefficients far below the noise, and zeros: four places, and sums of even powers (see `even_sum`).

        There are no places where nothing is learned of them.
        """
        zeros = self.spectrum.d - first
        moments = [zeros]
        for power in (2.0, 4.0, 6.0, 8.0):
            moments.append(saturated_exp(self.spectrum.log_power_sum(first, last, power) - power * log_tau))
        silent = zeros <= 0 or jump.threshold > SILENT
        places = np.empty(0) if silent else _SMALL / (1.0 + jump.threshold) * _PLACES
        return places, moments


class Gathered(NamedTuple):
    """Coefficients over ``tau`` and what they have to exceed.

    ``a`` begins with the places of `even_sum`, if any, of which ``weight`` has none. ``beyond``: the squares of what is
    missed for sure. ``low``: what is lost is told instead. ``alike``: under one threshold.
    """

    threshold: Array
    a: Array
    weight: Array
    moments: list[float]
    beyond: float
    low: bool
    alike: bool


def _runs(piece: NDArray[np.intp]) -> list[NDArray[np.intp]]:
    """The indices of equal neighbours."""
    return np.split(np.arange(piece.size), np.flatnonzero(np.diff(piece)) + 1) if piece.size else []


def _sums(q: float, parts: list[Gathered]) -> Array:
    """`terms` summed over the coefficients of each part, a column each; of the first, times their squares."""
    a, top = np.concatenate([x.a for x in parts]), np.concatenate([x.threshold for x in parts])
    owner = np.repeat(np.arange(len(parts)), [x.a.size for x in parts])
    alike = np.repeat([x.alike for x in parts], [x.a.size for x in parts])
    rows = terms(Jump(q, top), a, np.where(alike, owner, len(parts) + np.arange(a.size)))
    few = [x.a.size - x.weight.size for x in parts]
    weight = np.concatenate(
        [x for part, n in zip(parts, few, strict=True) for x in (np.zeros(n), part.weight)]
    )
    square = np.where(rows[0] > 0, a, 0.0) ** 2  # others may overflow
    each = (square * rows[0], *rows[1:])
    sums = np.array([np.bincount(owner, weight * x, len(parts)) for x in each], dtype=float)
    sums[0] += [x.beyond for x in parts]
    some = np.flatnonzero(few)
    if some.size:
        first = np.searchsorted(owner, some)[:, None] + np.arange(_PLACES.size)
        moments = np.array([parts[k].moments for k in some])
        values = np.moveaxis(rows[:, first], 0, -1)
        sums[0, some] += even_sum(a[first], values[..., :1], moments[:, 1:])[:, 0]
        sums[1:, some] += even_sum(a[first], values[..., 1:], moments).T
    return sums


def even_sum(a: Array, values: Array, moments: Any) -> Array:
    """``sum_i f(a_i)`` for even functions known at four places, a column each, from the sums of even powers.

    The places are `_PLACES` of the last; of several sums at once a row each.
    """
    # in units of each: what is interpolated is then 1 + O(a^2), whatever the tail underflows to
    unit = np.abs(values).max(axis=-2)
    unit = np.where(unit > 0, unit, 1.0)
    coefficients = _POLYNOMIAL @ (values / unit[..., None, :])
    powers = np.asarray(moments)[..., :4] / a[..., -1:] ** (2.0 * np.arange(4))
    found: Array = unit * (powers[..., None] * coefficients).sum(axis=-2)
    return found


def _levels(threshold: float, log_top: float, log_step: float) -> list[float]:
    """Boundaries of panels in ``log a``: fine around the threshold, geometric elsewhere."""
    floor = math.log(_SMALL / (1.0 + threshold))
    # relative to the threshold, which may be too large to feel a step of the noise
    low = max(-REACH, 1.0 - threshold)
    offsets = np.linspace(REACH, low, math.ceil((REACH - low) / _CLOSER) + 1)
    near = math.log(threshold) + np.log1p(offsets / threshold)
    above = np.arange(max(log_top, float(near[0])), float(near[0]), -log_step)
    below = np.arange(float(near[-1]), floor, -log_step)
    return [*above.tolist(), *near.tolist(), *below.tolist(), floor]
