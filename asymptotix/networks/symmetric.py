"""The symmetric network: a matrix of either sign, nuclear norm, its spectrum thresholded on both sides.

Signs of the teacher's eigenvalues do not matter to leading order: each is learned on its own side, and noise
leaks on both.
"""

from __future__ import annotations

from asymptotix.networks.base import MATRIX_UNITS, Geometry, Network

#: ``S = U'U - W'W`` with weight decay, both wide.
SYMMETRIC = Network(
    name="symmetric",
    prediction="Tr S (x x'-I) / sqrt(d)",
    objective="sum (y - yhat)^2 + lam d ||S||_*, S = S'",
    units=MATRIX_UNITS,
    geometry=Geometry.MATRIX,
    sides=2,
    excess_factor=2,
    noise_edge=lambda d: 2.0,
    potential="asymptotix.networks.two_sided:TwoSided",
    shares="asymptotix.asymptotics.expansions:spectral_shares",
    digits="asymptotix.precise.spectral_start:SPECTRAL",
    weights="asymptotix.spectrum.eigenvalue_law:spectral_law",
    error_parts="asymptotix.risk.spectral_parts:spectral_parts",
    least_error="asymptotix.risk.spectral_bayes:least_error",
    simulation="asymptotix.simulate.kinds:SYMMETRIC_MATRIX",
    unequal_inputs="asymptotix.networks.shaped:symmetric_on",
    diagnosis="asymptotix.spectrum.noise_and_features:semicircle_noise",
    narrower="asymptotix.networks.narrow:symmetric_of_width",
    any_width="asymptotix.networks.narrow:symmetric_of_any_width",
)
