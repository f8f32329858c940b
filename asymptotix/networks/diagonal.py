"""The diagonal network: a LASSO, which thresholds every coefficient softly behind Gaussian noise.

For one coefficient ``a`` (in units of ``tau``) the estimator is ``soft(a + z; c)``, ``z ~ N(0, 1)``:

    r(a, c) = E (soft(a + z; c) - a)^2        s(a, c) = P(|a + z| > c)

and ``rho = sum_i r(a_i / tau, c)``, ``dof = sum_i s(a_i / tau, c)``. [BM] equation (1.8); `theory.md` 3.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache, partial

import numpy as np
from scipy import special

from asymptotix.arrays import Array
from asymptotix.networks.base import (
    SEQUENCE_UNITS,
    Geometry,
    Network,
    Response,
    Responses,
    Slopes,
)
from asymptotix.networks.gaussian_sums import (
    LOW,
    POWERS,
    SILENT,
    TINY,
    Group,
    Groups,
    bias_terms,
    center_sums,
    center_terms,
    powers_of,
    small_bias,
    small_sums,
    tail_sums,
    tail_terms,
)
from asymptotix.networks.sequence import ByThreshold
from asymptotix.teacher import Spectrum

# A share of what noise does that is rounding; no change at all; and of the normal density.
_ROUNDING, _NONE, _LOG = 1e-13, 1e-300, math.log(2.0 * math.pi)


@dataclass(frozen=True)
class GaussianSequence(ByThreshold):
    """Soft thresholding of a Gaussian sequence with the given coefficients; ``path = log c``.

    ``sides``: 2 for weights of either sign; 1 for nonnegative ones, ``(a + z - c)_+``.
    """

    spectrum: Spectrum
    sides: int = 2

    @cached_property
    def groups(self) -> Groups:
        return Groups(self.spectrum, sides=self.sides)

    @cached_property
    def shared_groups(self) -> Groups:
        if self.spectrum.smooth:
            return _shared(self.spectrum, self.sides)
        return Groups(self.spectrum, coarse=True, sides=self.sides)

    def response(self, path: float, log_tau: float) -> Response:
        """Respond at threshold ``c = exp(path)``.

        >>> from asymptotix.teacher import FiniteRank
        >>> round(GaussianSequence(FiniteRank([1.0]).spectrum(100)).response(-math.inf, 0.0).rho, 12)
        100.0
        """
        c = math.exp(path)
        return _response(path, c, self.groups.at(c, log_tau), log_tau, self.spectrum.d, self.sides)

    def responses(self, path: Array, log_tau: Array) -> Responses:
        """`response` at many places at once.

        >>> from asymptotix.teacher import PowerLaw
        >>> sequence = GaussianSequence(PowerLaw(1.0).spectrum(10**9))
        >>> both = sequence.responses(np.array([-1.0, 2.0]), np.array([-3.0, -4.0]))
        >>> bool(abs(both.dof[1] / sequence.response(2.0, -4.0).dof - 1) < 1e-14)
        True
        """
        found = np.empty((len(Responses._fields), path.size))
        kind = np.searchsorted((TINY, LOW), np.exp(path), side="right")
        for part in (kind == k for k in np.unique(kind)):
            found[:-2, part] = _responses(self.shared_groups, path[part], log_tau[part], self.sides)
        found[-2], found[-1] = 1.0, 0.0
        return Responses(*found)

    def guess(self, log_tau: float, nu: float, penalty: float) -> float:
        """Where the penalty alone, or the noise alone (as many coordinates as samples), puts the threshold."""
        learned = 2.0 * nu / (self.sides * self.spectrum.d)
        noise_edge = math.sqrt(2.0) * float(special.erfcinv(learned)) if learned < 1.0 else 0.0
        from_penalty = math.log(penalty) - math.log(nu) - log_tau if penalty > 0 else -math.inf
        return max(math.log(max(noise_edge, 1e-300)), from_penalty)

    def tilt(self, here: Response) -> tuple[float, float]:
        """``log(P/M)`` where the risk grows by ``P - M`` with the threshold, and how it changes with the path.

        The risk grows by ``2 (c N - D)`` with ``D = -ds/dc``. ``M`` is ``D - c N`` of noise alone: then both are nearly
        powers of the threshold, on either side of the root.

        >>> from asymptotix.teacher import PowerLaw
        >>> sequence = GaussianSequence(PowerLaw(1.25).spectrum(10**60))
        >>> left, here, right = (sequence.response(2.77 + x, -6.0) for x in (-1e-5, 0.0, 1e-5))
        >>> rise = (sequence.tilt(right)[0] - sequence.tilt(left)[0]) / 2e-5
        >>> abs(rise / sequence.tilt(here)[1] - 1) < 1e-6
        True
        """
        if here.slopes is None or not (here.dof > 0 and here.c > 0):
            return math.nan, math.nan
        more, less, moves, rate = self.against(here)
        if not more > _ROUNDING * less:
            return math.log(_ROUNDING), math.nan
        return math.log(more / less), moves / more - rate

    def against(self, here: Response) -> tuple[float, float, float, float]:
        """``P`` and ``M`` over ``2 c``, the derivative of the first by the path, and of the second's logarithm."""
        assert here.slopes is not None
        c, square, fall = here.c, here.c * here.c, max(-here.slopes.dof_by_path, _NONE)
        mills = c * math.sqrt(0.5 * math.pi) * float(special.erfcx(c * math.sqrt(0.5)))  # of noise c N / D
        short = max(1.0 - mills, 1.0 / (square + 3.0), _NONE)  # which it exceeds
        density = math.log(fall) - math.log(c)  # whose quotient may underflow
        noise = math.log(self.sides * self.spectrum.d) - 0.5 * (square + _LOG)
        rate = -mills / short
        if density < noise:  # features fill much of the place of the noise
            rate *= 1.0 + square - square / mills
            rate -= square * (1.0 + here.slopes.dof_by_tau / fall)
        less = math.exp(max(min(density, noise) + math.log(short), -700.0))
        more = c * here.dof - fall / c + less
        return more, less, c * (here.dof + here.slopes.dof_by_tau) + less * rate, rate


def _response(path: float, c: float, group: Group, log_tau: float, d: float, sides: int = 2) -> Response:
    a = np.exp(group.log_a - log_tau)
    low = c < LOW
    sums = (center_sums if low else tail_sums)(c, a, group.weight, sides)
    if c > SILENT:  # the noise is silent, and what it might hide is missed
        for missed in group.moments(log_tau)[:1]:
            sums = sums.plus((missed, 0.0, 0.0, 0.0, -2.0 * missed, 0.0))
    elif group.small:
        moments = group.moments(log_tau) or [0.0] * len(powers_of(sides))
        sums = sums.plus(small_sums(c, group.small, moments, low, sides))
    rho, dof, rho_by_path, dof_by_path, rho_by_tau, dof_by_tau = sums
    square = c * c * group.large if group.large else 0.0  # c may be too large to be squared
    if low:
        slopes = Slopes(-rho_by_path + 2.0 * square, -dof_by_path, -rho_by_tau, -dof_by_tau)
        return Response(path, c, d - rho + square, d - dof, d, rho - square, dof, slopes=slopes)
    slopes = Slopes(rho_by_path + 2.0 * square, dof_by_path, rho_by_tau, dof_by_tau)
    return Response(path, c, rho + group.large + square, dof + group.large, slopes=slopes)


def bias_sums(groups: Groups, path: Array, log_tau: Array) -> Array:
    """``sum a b`` with the bias ``b`` of the soft threshold on both sides, and its derivatives by path and ``log tau``.

    At many places, a column for each.

    >>> from asymptotix.teacher import PowerLaw
    >>> place = np.zeros(1), np.full(1, -4.0)
    >>> one, many = (bias_sums(Groups(PowerLaw(2.0).spectrum(d)), *place)[0, 0] for d in (600, 10**9))
    >>> bool(abs(many / one - 1) < 1e-3)
    True
    """
    c = np.exp(path)
    found = groups.many(c, log_tau)
    sums = _summed(found, c, log_tau, bias_terms)
    # far above the threshold the bias is the threshold
    largest = [groups.spectrum.log_power_sum(0.0, g.large, 1.0) if g.large else -np.inf for g in found]
    far = c * np.exp(np.minimum(np.array(largest) - log_tau, 709.0))
    moments, silent = _moments(found, log_tau, POWERS), c > SILENT
    missed = np.where(silent, moments[0], 0.0)
    sums += [far + missed, far, -far - 2.0 * missed]
    if moments.any():
        sums[:, ~silent] += small_bias(c[~silent], list(moments[:, ~silent]))
    return sums


@lru_cache(maxsize=8)
def _shared(spectrum: Spectrum, sides: int) -> Groups:
    """The lines of a map are solved one after the other, and pass by the same places."""
    return Groups(spectrum, coarse=True, sides=sides)


def _summed(
    found: Sequence[Group], c: Array, log_tau: Array, terms: Callable[[Array, Array], Iterable[Array]]
) -> Array:
    """Sums of terms over the coefficients that are resolved, a column for each place."""
    size = np.array([group.log_a.size for group in found])
    index = np.repeat(np.arange(c.size), size)
    a = np.exp(np.concatenate([group.log_a for group in found]) - log_tau[index])
    weight = np.concatenate([group.weight for group in found])
    some = size > 0
    start = (np.cumsum(size) - size)[some]
    each = np.array([weight * term for term in terms(c[index], a)])
    sums = np.zeros((len(each), c.size))
    if start.size:
        sums[:, some] = np.add.reduceat(each, start, axis=1)
    return sums


def _moments(found: Sequence[Group], log_tau: Array, powers: tuple[float, ...]) -> Array:
    """Sums of powers of small coefficients in units of ``tau``, a column for each place."""
    known = [(*group.log_moments, *(-np.inf,) * (len(powers) - len(group.log_moments))) for group in found]
    moments: Array = np.exp(np.minimum(np.array(known).T - np.outer(powers, log_tau), 709.0))
    return moments


def _responses(groups: Groups, path: Array, log_tau: Array, sides: int) -> Array:
    """The first rows of `Responses` at places all below, or all above, where the forms of the sums change."""
    c, d = np.exp(path), groups.spectrum.d
    found = groups.many(c, log_tau)
    low = bool(c[0] < LOW)
    sums = _summed(found, c, log_tau, partial(center_terms if low else tail_terms, sides=sides))
    small, large = (np.array([getattr(group, name) for group in found]) for name in ("small", "large"))
    moments, silent = _moments(found, log_tau, powers_of(sides)), c > SILENT
    missed = np.where(silent, moments[0], 0.0)
    sums[0] += missed
    sums[4] -= 2.0 * missed
    there = ~silent
    sums[:, there] += small_sums(c[there], small[there], list(moments[:, there]), low, sides)
    square = np.where(large > 0, c * c * large, 0.0)
    rho, dof, rho_by_path, dof_by_path, rho_by_tau, dof_by_tau = sums
    if low:
        below = np.array([c, d - rho + square, d - dof, np.full_like(c, d), rho - square, dof])
        return np.concatenate([below, [2.0 * square - rho_by_path, -dof_by_path, -rho_by_tau, -dof_by_tau]])
    nothing = np.full_like(c, np.nan)
    above = np.array([c, rho + large + square, dof + large, np.zeros_like(c), nothing, nothing])
    return np.concatenate([above, [rho_by_path + 2.0 * square, dof_by_path, rho_by_tau, dof_by_tau]])


def noise_edge(d: float) -> float:
    """Where the largest of ``d`` normal variables is: ``sqrt(2 log d)``."""
    return math.sqrt(2.0 * math.log(d))


#: The network ``u * w`` with weight decay.
DIAGONAL = Network(
    name="diagonal",
    prediction="theta.x / sqrt(d)",
    objective="1/2 sum (y - yhat)^2 + lam ||theta||_1",
    units=SEQUENCE_UNITS,
    geometry=Geometry.SEQUENCE,
    sides=2,
    excess_factor=1,
    noise_edge=noise_edge,
    potential=GaussianSequence,
    shares="asymptotix.asymptotics.expansions:gaussian_shares",
    digits="asymptotix.precise.scalar_equations:DIAGONAL",
    weights="asymptotix.spectrum.coefficient_law:scalar_law",
    error_parts="asymptotix.risk.scalar_parts:scalar_parts",
    least_error="asymptotix.risk.scalar_bayes:least_error",
    simulation="asymptotix.simulate.kinds:SEQUENCE",
    diagnosis="asymptotix.spectrum.noise_and_features:gaussian_noise",
    deeper_layers="asymptotix.networks.deep:of_depth",
    unequal_inputs="asymptotix.networks.shaped:sequence_on",
)
