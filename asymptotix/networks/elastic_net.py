"""The elastic net: the LASSO with a ridge beside it, ``lam sum (|theta_i| + ridge theta_i^2 / 2)``.

For any penalty that is a sum over coefficients, risk and degrees of freedom are those of its proximal map behind
Gaussian noise. Here the map is a soft threshold, then a shrinkage: in units of the effective noise

    x(a + z) = k soft(a + z; c),        k = 1 / (1 + e),    e = ridge eps = ridge c tau sqrt(d)
    r_k = E (x - a)^2 = k^2 r + 2 k (1-k) a b + (1-k)^2 a^2,      s_k = E z x = k s

with ``r`` and ``s`` of the soft threshold and ``b = a - E soft(a + z; c) >= 0`` its bias: sums of positive terms, and
sums over coefficients are those of the diagonal network and of ``a b``. `theory.md` 10.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from functools import cache, cached_property, partial
from typing import Any

import numpy as np
from scipy import special

from asymptotix.arrays import Array
from asymptotix.errors import InvalidInput
from asymptotix.networks.base import ANY, RIDGE, Network, Response, Responses, saturated_exp
from asymptotix.networks.diagonal import DIAGONAL, GaussianSequence, bias_sums
from asymptotix.networks.sequence import ByThreshold
from asymptotix.teacher import Spectrum
from asymptotix.validate import number

# What is less than this beside the sum of squares is what is left of a difference.
_ROUNDING = 1e-14
# A number whose logarithm says that there is nothing.
_LEAST = 1e-300


@dataclass(frozen=True)
class ShrunkResponse(Response):
    """With what the risk gains and loses by a higher threshold: by its logarithm it grows by ``rise - fall``."""

    rise: float = math.nan
    fall: float = math.nan


@dataclass(frozen=True)
class ShrunkSequence(ByThreshold):
    """Soft thresholding, then shrinkage, of a Gaussian sequence; ``path = log c``."""

    spectrum: Spectrum
    ridge: float

    @cached_property
    def soft(self) -> GaussianSequence:
        """The same sequence without the ridge."""
        return GaussianSequence(self.spectrum)

    def shrinkage(self, path: Any, log_tau: Any) -> tuple[Any, Any]:
        """``k`` and ``1 - k``, at one place or at arrays of places.

        >>> from asymptotix.teacher import FiniteRank
        >>> [round(float(x), 12) for x in ShrunkSequence(FiniteRank([1.0]).spectrum(100), 0.1).shrinkage(0.0, 0.0)]
        [0.5, 0.5]
        """
        log_ridge = math.log(self.ridge) if self.ridge > 0 else -math.inf
        log_e = path + log_tau + 0.5 * math.log(self.spectrum.d) + log_ridge
        return special.expit(-log_e), special.expit(log_e)

    def response(self, path: float, log_tau: float) -> Response:
        """Respond at threshold ``c = exp(path)``."""
        plain = self.soft.response(path, log_tau)
        if path == -math.inf:
            return plain
        assert plain.slopes is not None  # a soft threshold has them everywhere
        risk, count = (math.nan if x is None else x for x in (plain.rho_below, plain.dof_below))
        soft = Responses(plain.c, plain.rho, plain.dof, plain.reference, risk, count, *plain.slopes)
        bias = bias_sums(self.soft.groups, np.array([path]), np.array([log_tau]))[:, 0].tolist()
        made = Responses(*map(float, self._shrunk(soft, bias, path, log_tau))).one(path)
        seen = plain.dof > 0 and plain.c > 0
        rise, fall = self._against(plain, bias, path, log_tau) if seen else (math.nan, math.nan)
        return ShrunkResponse(**vars(made), rise=rise, fall=fall)

    def _against(self, soft: Response, bias: list[float], path: float, log_tau: float) -> tuple[float, float]:
        """`ShrunkResponse.rise` and its counterpart: of the threshold, and of the shrinkage.

        The latter by ``2 k (1-k) (u - k v)`` with ``u = sum a E soft(a + z)`` and ``v = sum E soft(a + z)^2``; or by
        ``ab (k - (1-k)) + (1-k) a^2 - k r`` for ``u - k v``, where most is learned.
        """
        k, left = map(float, self.shrinkage(path, log_tau))
        more, less, *_ = self.soft.against(soft)
        energy, (ab, ab_by_path, _) = saturated_exp(-2.0 * log_tau), bias
        u, v = energy - ab, soft.rho + energy - 2.0 * ab
        u, v = (x if x > _ROUNDING * energy else 0.0 for x in (u, k * v))
        bent, risk = (k - left) * ab + left * energy, k * soft.rho
        if abs(bent) + risk < u + v:
            u, v = max(bent, 0.0), risk - min(bent, 0.0)
        rise = 2.0 * k * (soft.c * k * max(more, 0.0) + left * (ab_by_path + u))
        return rise, 2.0 * k * (soft.c * k * less + left * v)

    def tilt(self, here: Response) -> tuple[float, float]:
        """`GaussianSequence.tilt`, without its change.

        >>> from asymptotix.teacher import PowerLaw
        >>> sequence = ShrunkSequence(PowerLaw(1.25).spectrum(10**60), 0.1)
        >>> here = sequence.response(2.77, -6.0)
        >>> abs((here.rise - here.fall) / here.slopes.rho_by_path - 1) < 1e-10
        True
        """
        if not isinstance(here, ShrunkResponse) or math.isnan(here.rise + here.fall):
            return math.nan, math.nan
        return math.log(max(here.rise, _LEAST)) - math.log(max(here.fall, _LEAST)), math.nan

    def responses(self, path: Array, log_tau: Array) -> Responses:
        """`response` at many places at once.

        >>> from asymptotix.teacher import PowerLaw
        >>> net = ShrunkSequence(PowerLaw(1.0).spectrum(10**9), 0.1)
        >>> both = net.responses(np.array([-1.0, 2.0]), np.array([-3.0, -4.0]))
        >>> bool(abs(both.rho[1] / net.response(2.0, -4.0).rho - 1) < 1e-14)
        True
        """
        soft = self.soft.responses(path, log_tau)
        return self._shrunk(soft, bias_sums(self.soft.shared_groups, path, log_tau), path, log_tau)

    def _shrunk(self, soft: Responses, bias: Any, path: Any, log_tau: Any) -> Responses:
        """``r_k`` and ``s_k`` from those of the soft threshold and ``a b``; ``dk = -k (1-k) dx`` by either unknown."""
        k, left = self.shrinkage(path, log_tau)
        (ab, ab_by_path, ab_by_tau), d = bias, self.spectrum.d
        energy = left * np.exp(np.minimum(-2.0 * log_tau, 709.0))
        added = 2.0 * left * (k * ab) + left * energy
        falls = left * (-2.0 * k * k * soft.rho + 2.0 * k * (k - left) * ab + 2.0 * k * energy)
        weak = np.where(left <= 0.5, 1.0, np.nan)  # else neither is close to the reference
        return Responses(
            soft.c,
            k * k * soft.rho + added,
            k * soft.dof,
            soft.reference,
            weak * (left * (1.0 + k) * d + k * k * soft.rho_below - added),
            weak * (left * d + k * soft.dof_below),
            k * k * soft.rho_by_path + 2.0 * left * k * ab_by_path + falls,
            k * (soft.dof_by_path - left * soft.dof),
            k * k * soft.rho_by_tau + 2.0 * left * k * ab_by_tau - 2.0 * left * energy + falls,
            k * (soft.dof_by_tau - left * soft.dof),
            soft.log_c_by_path,
            soft.log_c_by_tau,
        )

    def guess(self, log_tau: float, nu: float, penalty: float) -> float:
        """As without the ridge."""
        return self.soft.guess(log_tau, nu, penalty)


@cache
def with_ridge(net: Network, ridge: float | str) -> Network:
    """The record of the elastic net with that much ridge beside a penalty of one, or with ``d**b``, for phases.

    Raises:
        InvalidInput: a ridge below 0, or not finite.

    >>> with_ridge(ELASTIC_NET, 0.5).name, with_ridge(ELASTIC_NET, ANY).name
    ('elastic-net of ridge 0.5', 'elastic-net of ridge d^b')
    """
    kind = net.name.partition(RIDGE)[0]
    if ridge == ANY:
        return net.kin(("least_error",), name=f"{kind}{RIDGE}{ANY}", sized="ridge", shares=DIAGONAL.shares)
    share = number("ridge", ridge, ALLOWED)
    if share < 0:
        raise InvalidInput("ridge", ridge, ALLOWED)
    potential = partial(ShrunkSequence, ridge=share)
    return replace(net, name=f"{kind}{RIDGE}{share!r}", ridge_share=share, potential=potential)


#: What a ridge may be.
ALLOWED = "a number >= 0, the ridge's share beside a penalty of 1"


#: The linear model with both penalties, in equal shares.
ELASTIC_NET = replace(
    DIAGONAL,
    name="elastic-net",
    objective="1/2 sum (y - yhat)^2 + lam sum (|theta| + ridge theta^2/2)",
    ridge_share=1.0,
    shares=None,
    digits="asymptotix.precise.term_by_term:TERM_BY_TERM",
    weights="asymptotix.spectrum.coefficient_law:shrunk_law",
    error_parts="asymptotix.risk.scalar_parts:shrunk_parts",
    diagnosis=None,
    deeper_layers=None,
    unequal_inputs=None,
    ridge=with_ridge,
    lacks=(
        ("shares", "phases depend on how the ridge grows: ask with `ridge`, d^b"),
        ("diagnosis", "weights show noise and threshold times a shrinkage, which they do not tell"),
        ("deeper_layers", "a ridge beside a power of the weights has a map of its own"),
    ),
    potential=partial(ShrunkSequence, ridge=1.0),
    simulation="asymptotix.simulate.kinds:ELASTIC",
)
