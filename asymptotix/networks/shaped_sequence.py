r"""The diagonal network on inputs of unequal variance: every coefficient has a threshold of its own.

Stated for the whitened coefficients ``w_i = sqrt(v_i) theta_i`` (``v_i`` the variance of input i), the penalty
``lam ||theta||_1`` weighs coordinate i by ``v_i^(-1/2)``, so that

    rho = sum_i r(a_i / tau, c g_i),    s = sum_i P(|a_i / tau + z| > c g_i),    g_i = v_i^(-1/2),

with ``r`` the risk of a soft threshold as for equal inputs, and the same two equations (`theory.md` 11).
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from asymptotix.arrays import Array
from asymptotix.inputs import Inputs
from asymptotix.networks.base import Response, Slopes, saturated_exp
from asymptotix.networks.deep_sequence import Gathered, PowerPenaltySequence
from asymptotix.networks.gaussian_sums import center_sums, tail_sums
from asymptotix.networks.sequence import ByThreshold
from asymptotix.quadrature import integer_panels
from asymptotix.teacher import Spectrum

# A normal variable beyond this many standard deviations weighs less than 1e-18 of one within.
_REACH = 9.0
# Panels this wide in a Gaussian factor are summed to 1e-15 by sixteen nodes.
_STEP = 1.5
# From here on leaked noise underflows, even 1e120 times.
_SILENT = 50.0
# Up to this dimension all terms are cheaper than choosing panels.
_ALL_TERMS = 600
# Thresholds below this use the forms of 1 - r and 1 - s that do not cancel as c -> 0.
_LOW = 0.5
# Sixteen nodes sum a power of i over a ratio exp(1) of indices to double precision.
_LOG_STEP = 1.0
# Coefficients over the noise are cut here: squares of larger ones would overflow, and all of them are learned.
_LARGEST = 1e150
# Halvings of a range of log i, up to log 1e120, to a part in 1e12: features far above the noise end at a step, which
# must be where a panel ends.
_HALVINGS = 48
# Where panels end: the threshold at the silence and at levels, the feature at levels, and both at steps apart.
_LEVELS, _STEPS = np.arange(0.5, _SILENT, _STEP), np.arange(-_REACH, _REACH + _STEP, _STEP)
_SIGNS = np.concatenate([[_SILENT], _LEVELS, -_LEVELS, _STEPS])
_OF_THRESHOLD = np.repeat([1.0, 0.0, 1.0], [1 + _LEVELS.size, _LEVELS.size, _STEPS.size])
_OF_FEATURE = np.repeat([0.0, 1.0], [1 + _LEVELS.size, _LEVELS.size + _STEPS.size])


@dataclass(frozen=True)
class ShapedSequence(ByThreshold):
    """Soft thresholds that differ; ``path = log c``, the threshold where ``v_i = 1``.

    ``power``: of ``g_i`` in the threshold of coordinate i.
    """

    spectrum: Spectrum
    inputs: Inputs
    power: float = 1.0

    def response(self, path: float, log_tau: float) -> Response:
        """Respond at threshold ``c = exp(path)`` of an input of unit variance.

        >>> from asymptotix.inputs import PowerVariances
        >>> from asymptotix.teacher import FiniteRank
        >>> sequence = ShapedSequence(FiniteRank([1.0]).spectrum(100), PowerVariances(1.0))
        >>> round(sequence.response(-math.inf, 0.0).rho, 12)
        100.0
        """
        d = self.spectrum.d
        if path == -math.inf:
            return Response(path, 0.0, d, d, d, 0.0, 0.0)
        index, weight, end = self.nodes(path, log_tau)
        c, a = self.thresholds(path, index), self.coefficients(log_tau, index)
        unit = saturated_exp(path)
        if end == d and c.max(initial=0.0) < _LOW:
            # beyond the silence of the noise all coefficients lose the same, and their exponentials overflow
            lost_risk, lost_dof, *others = center_sums(c, np.minimum(a, _SILENT), weight)
            by = Slopes(*(-x for x in others))
            return Response(path, unit, d - lost_risk, d - lost_dof, d, lost_risk, lost_dof, slopes=by)
        with np.errstate(over="ignore", invalid="ignore"):  # a search may look where the risk is infinite
            sums = tail_sums(c, a, weight)
        missed = self.missed(end, log_tau)
        slopes = Slopes(*sums[2:4], sums.rho_by_tau - 2.0 * missed, sums.dof_by_tau)
        return Response(path, unit, sums.rho + missed, sums.dof, slopes=slopes)

    def guess(self, log_tau: float, nu: float, penalty: float) -> float:
        """Where the penalty alone, or the noise alone (as many coordinates as samples), puts the threshold."""
        last = np.array([max(min(nu, self.spectrum.d), 1.0)])
        from_noise = -float(self.inputs.log_threshold(last)[0])
        return max(from_noise, math.log(penalty) - math.log(nu) - log_tau) if penalty > 0 else from_noise

    def thresholds(self, path: float, index: Array) -> Array:
        """What an observation over ``tau`` has to exceed."""
        c: Array = np.exp(
            np.minimum(path + self.power * self.inputs.log_threshold(index), math.log(_LARGEST))
        )
        return c

    def coefficients(self, log_tau: float, index: Array) -> Array:
        """``a_i / tau``, zero beyond the teacher's rank."""
        a = np.zeros_like(index)
        there = index <= self.spectrum.rank
        known = index[there] if self.spectrum.smooth else np.floor(index[there])
        a[there] = np.exp(np.minimum(self.spectrum.log_value(known) - log_tau, math.log(_LARGEST)))
        return a

    def missed(self, end: float, log_tau: float) -> float:
        """``sum a_i^2`` beyond the index where nothing is learned."""
        if end >= self.spectrum.rank:
            return 0.0
        return saturated_exp(self.spectrum.log_power_sum(end, self.spectrum.rank, 2.0) - 2.0 * log_tau)

    def nodes(self, path: float, log_tau: float) -> tuple[Array, Array, float]:
        """Weighted indices, and the last index that they stand for; all beyond is missed."""
        d, rank = self.spectrum.d, self.spectrum.rank
        if d <= _ALL_TERMS or not self.inputs.smooth:
            return np.arange(1.0, d + 1.0), np.ones(int(d)), d
        silent, *places = self._turns(path, log_tau)
        end = float(np.ceil(silent))
        head = 0.0 if self.spectrum.smooth else min(rank, end)  # what has no law is summed one by one
        count = max(2, math.ceil(math.log((end + 1.0) / (head + 1.0)) / _LOG_STEP) + 1)
        ratios = np.geomspace(head + 1.0, end + 1.0, count) - 1.0
        # a break needs to be an integer, not to be exact
        marks = np.floor(np.clip(np.concatenate([ratios, places, [rank]]), head, end))
        breaks = np.unique(np.concatenate([[head, end], marks]))
        index, weight = integer_panels(breaks[:-1], breaks[1:])
        alone = np.arange(1.0, head + 1.0)
        return np.concatenate([alone, index]), np.concatenate([np.ones(alone.size), weight]), end

    def _turns(self, path: float, log_tau: float) -> Array:
        """Real indices: from the first on nothing is learned; then steps of threshold, feature and distance of both.

        Where increasing functions of ``(c_i, a_i)`` turn positive, by bisection of ``log i``, all at once.
        """
        top = math.log(self.spectrum.d)
        low, high = np.zeros(_SIGNS.size), np.full(_SIGNS.size, top)
        for _ in range(_HALVINGS):
            middle = 0.5 * (low + high)
            index = np.exp(middle)
            c, a = self.thresholds(path, index), self.coefficients(log_tau, index)
            value = _OF_THRESHOLD * c - _OF_FEATURE * a - _SIGNS
            value[0] = min(value[0], c[0] - a[0] - _REACH)
            positive = value > 0
            low, high = np.where(positive, low, middle), np.where(positive, middle, high)
        # the last coefficient is one that rounding of a logarithm must not miss
        places: Array = np.where(high < top, np.exp(high), self.spectrum.d)
        return places


@dataclass(frozen=True)
class ShapedPowerSequence(PowerPenaltySequence):
    """The penalty ``|theta|^q``, which weighs ``|w_i|^q`` by ``g_i^q``: thresholds grow like ``g_i^(q/(2-q))``."""

    inputs: Inputs

    @cached_property
    def _shape(self) -> ShapedSequence:
        return ShapedSequence(self.spectrum, self.inputs, self.q / (2.0 - self.q))

    def gather(self, path: float, log_tau: float) -> Gathered:
        """The coefficients that count at the threshold ``exp(path)`` of an input of unit variance.

        >>> from asymptotix.inputs import PowerVariances
        >>> from asymptotix.teacher import FiniteRank
        >>> sequence = ShapedPowerSequence(FiniteRank([1.0]).spectrum(100), 2 / 3, PowerVariances(1))
        >>> sequence.gather(0.0, 0.0).threshold[:2].round(3).tolist()
        [1.0, 1.189]
        """
        shape = self._shape
        index, weight, end = shape.nodes(path, log_tau)
        top = shape.thresholds(path, index)
        low = end == self.spectrum.d and bool(top.max(initial=0.0) < _LOW)
        beyond = shape.missed(end, log_tau)
        return Gathered(top, shape.coefficients(log_tau, index), weight, [], beyond, low, False)
