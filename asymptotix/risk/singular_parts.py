r"""The bilinear network's error by pairs of a feature and a learned direction.

The symmetrised matrix has the features ``+-a_i`` and the learned directions ``+-x``; half of its pairs are the error's.
With the blocks ``p, q`` of the resolvent (`asymptotix.networks.singular_values`), ``r = (p + q)/2`` and ``f = x - c``,
pairs of features ``X`` (and of the columns beyond the rows, with the hidden ones) have in ``dx``

    I_X = f^2 r sum_X 1/(s - a^2) + (r - 2 f) sum_X a^2/(s - a^2) [+ f^2 (d - m)/(2 p)]        times -(2/pi) Im,

* overfitting: hidden features, from the threshold to the end of the noise;
* underfitting: ``sum a^2`` of hidden features less what is learned, ``r sum a^2/(s - a^2)`` from the threshold on;
* approximation: visible features, and hidden ones from the end of the noise on.

Every integral is over a path above the curve, so that no singular value has to be resolved.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from asymptotix.arrays import Array, Complex
from asymptotix.free_convolution.information_noise import Features, Sheet, bridge, contour, log_real_root
from asymptotix.networks.singular_values import SingularResponse, SingularValues, end_of_noise
from asymptotix.risk.parts import Parts

Mask = NDArray[np.bool_]


def singular_parts(potential: SingularValues, response: SingularResponse, log_tau: float) -> Parts:
    """Split ``rho`` at the response's threshold."""
    energy, m = math.exp(-2.0 * log_tau), float(potential.spectrum.d)
    c = max(response.c, math.exp(_NOTHING))
    if response.dof == 0.0 and response.rho == energy:
        return Parts(0.0, energy, 0.0, 0.0, 0.0, 0.0, energy)
    end = end_of_noise(potential, c, log_tau)
    s_c = _start(potential, c, log_tau)
    features = potential.features(log_tau, log_real_root(s_c), end.log_u)
    s_b = features.point(max(c, features.edge), end.point)
    hidden = features.squares <= math.exp(2.0 * end.log_u)
    hidden_energy = float((features.weight * features.squares)[hidden].sum())
    bulk = _Path.of(features, hidden, c, bridge(features, s_c, s_b)) if c < features.edge else None
    whole = _Path.of(features, hidden, c, contour(features, s_c))
    beyond = _Path.of(features, hidden, c, contour(features, s_b))
    missed = hidden_energy + 2.0 / math.pi * whole.integral(whole.r * whole.hidden_squares)
    count, spare = float(features.weight[hidden].sum()), features.d - features.rows
    # what is constant far away is integrated by itself
    seen = 0.5 * (m - count)
    approximation = float((features.weight * features.squares)[~hidden].sum())
    approximation -= 2.0 / math.pi * (whole.integral(whole.visible() - seen) - seen * s_c.imag)
    unseen = 0.5 * count + 0.25 * spare
    approximation -= 2.0 / math.pi * (beyond.integral(beyond.unseen() - unseen) - unseen * s_b.imag)
    overfitting = moment = learned = 0.0
    if bulk is not None:
        overfitting = -2.0 / math.pi * bulk.integral(bulk.unseen())
        learned, moment = (
            -2.0 * features.d / math.pi * bulk.integral(bulk.h * bulk.f**k * bulk.z_slope) for k in (0, 2)
        )
    return Parts(
        max(overfitting, 0.0), max(missed, 0.0), max(approximation, 0.0), end.visible, learned, moment, hidden_energy
    )  # fmt: skip


# log c of a threshold that is none; and a threshold below all singular values, with fewer rows than columns, beside
# the pole that columns beyond the rows make at 0.
_NOTHING, _BESIDE_POLE = -30.0, 1e-4


def _start(potential: SingularValues, c: float, log_tau: float) -> complex:
    """The threshold's point, or one further up in the gap where nothing is thresholded."""
    if c < _BESIDE_POLE and potential.spectrum.d < potential.d:
        _, s = potential.place(_BESIDE_POLE, log_tau)
        if s.imag == 0.0:
            return s
    return potential.place(c, log_tau)[1]


@dataclass(frozen=True)
class _Path:
    """Nodes above the curve with the sums that pairs are made of; integrands are in ``ds``."""

    weights: Complex
    f: Complex
    z_slope: Complex
    h: Complex
    r: Complex
    null: Complex
    hidden_count: Complex
    hidden_squares: Complex
    seen_count: Complex
    seen_squares: Complex

    @classmethod
    def of(cls, features: Features, hidden: Mask, c: float, path: tuple[Sheet, Complex]) -> _Path:
        on, weights = path
        p = on.z / (1.0 + on.f)
        r = (p - 0.5 * features.spare / on.z) * on.z_slope
        inverse = 1.0 / (on.s[:, None] - features.squares)
        weighted: Array = features.weight * features.squares
        sums = [
            inverse[:, chosen] @ values[chosen]
            for chosen in (hidden, ~hidden)
            for values in (features.weight, weighted)
        ]
        null = 0.5 * (features.d - features.rows) / p * on.z_slope
        return cls(weights, on.z - c, on.z_slope, on.h, r, null, *sums)

    def integral(self, integrand: Complex) -> float:
        """Its imaginary part."""
        return float((integrand * self.weights).imag.sum())

    def visible(self) -> Complex:
        """Pairs of visible features less ``sum a^2``, which are learned or missed, in ``ds``."""
        return self.f**2 * self.r * self.seen_count - 2.0 * self.f * self.z_slope * self.seen_squares

    def unseen(self) -> Complex:
        """Pairs of hidden features and of columns beyond the rows."""
        pairs = self.f**2 * (self.r * self.hidden_count + self.null)
        return pairs + (self.r - 2.0 * self.f * self.z_slope) * self.hidden_squares
