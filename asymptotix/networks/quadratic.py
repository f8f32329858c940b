"""The quadratic network: a positive semidefinite matrix whose spectrum is thresholded on one side."""

from __future__ import annotations

from asymptotix.networks.base import MATRIX_UNITS, Geometry, Network

#: ``S = W'W`` with weight decay on a wide ``W``.
QUADRATIC = Network(
    name="quadratic",
    prediction="Tr S (x x'-I) / sqrt(d)",
    objective="sum (y - yhat)^2 + lam d Tr S, S >= 0",
    units=MATRIX_UNITS,
    geometry=Geometry.MATRIX,
    sides=1,
    excess_factor=2,
    noise_edge=lambda d: 2.0,
    potential="asymptotix.networks.spectral:OneSided",
    shares="asymptotix.asymptotics.expansions:spectral_shares",
    digits="asymptotix.precise.spectral_start:SPECTRAL",
    weights="asymptotix.spectrum.eigenvalue_law:spectral_law",
    error_parts="asymptotix.risk.spectral_parts:spectral_parts",
    least_error="asymptotix.risk.spectral_bayes:least_error",
    simulation="asymptotix.simulate.kinds:SYMMETRIC_MATRIX",
    unequal_inputs="asymptotix.networks.shaped:matrix_on",
    diagnosis="asymptotix.spectrum.noise_and_features:semicircle_noise",
    narrower="asymptotix.networks.narrow:of_width",
)
