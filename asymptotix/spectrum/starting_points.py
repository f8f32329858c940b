"""Where to start a fit: a least-squares search finds the nearest reading of the weights, not the best one."""

from __future__ import annotations

import math

import numpy as np

from asymptotix.arrays import Array
from asymptotix.networks import get
from asymptotix.spectrum.law_fit import Fit, Fitted, Parameters
from asymptotix.spectrum.noise_and_features import decay, outliers

# The grid of guesses: decays, thresholds over noise, and noise from this part of the least weight to the largest.
_GAMMAS = (0.8, 1.5)
# Of the thresholds two are small, two on either side of the noise's edge, and one is far above it.
_SHAPES = (0.1, 0.5, 1.2, 1.9, 4.0)
_BELOW, _DELTAS = 0.1, 9
# The best so many guesses are followed, if they differ by more than this in a coordinate.
_FOLLOWED, _APART = 3, 0.6
# Searches from all starts go so many steps; the best few that differ, and are not worse by such a factor of e, go on.
_ROUGH, _SEARCHED, _SAME, _HOPELESS = 8, 3, 0.15, 30.0
# Beyond this size a guess takes an eigenvalue problem of seconds.
_LARGEST = 600


def start(network: str, spikes: Array, c: float, delta: float) -> Parameters:
    """A first guess from outliers and noise told apart."""
    a = outliers(network, spikes, c, delta)
    gamma = decay(a)
    return Parameters(
        1.2 if gamma is None else min(max(gamma, 0.6), 3.0), float(a[0]) if a.size else delta, delta, c
    )


def screened(fit: Fit, sizes: Array) -> list[Parameters]:
    """The likeliest guesses of a grid, likeliest first; none for weights that are all zero or too many."""
    learned = sizes[sizes > 0]
    if learned.size == 0 or (not get(fit.network).is_sequence and fit.d > _LARGEST):
        return []
    known = fit.known
    shapes = _SHAPES if known.shape is None else (min(known.shape, 1e3),)
    gammas = _GAMMAS if known.gamma is None else (known.gamma,)
    deltas = np.geomspace(_BELOW * learned[-1], 2.0 * learned[0], _DELTAS)
    scored = []
    for c in shapes:
        for delta in map(float, deltas):
            for gamma in gammas:
                top = float(outliers(fit.network, learned[:1], c, delta)[0])
                largest = top if known.norm is None else known.largest(gamma)
                guess = Parameters(gamma, largest, delta, c)
                scored.append((fit.log_density(guess.coordinates), guess))
    scored.sort(key=lambda pair: -pair[0])
    chosen: list[Parameters] = []
    for density, guess in scored:
        if len(chosen) == _FOLLOWED or density == -math.inf:
            break
        far = (np.abs(guess.coordinates - other.coordinates).max() > _APART for other in chosen)
        if all(far):
            chosen.append(guess)
    return chosen


def readings_from(fit: Fit, sizes: Array, first: list[Parameters]) -> list[Fitted]:
    """Fits from a first look, and from the best of a grid of guesses; the likeliest comes first."""
    starts = [*first, *screened(fit, sizes)]
    rough = sorted((fit.nearest(x, rounds=1, steps=_ROUGH) for x in starts), key=lambda r: -r.log_evidence)
    kept: list[Fitted] = []
    for reading in rough:
        near = any(np.abs(reading.theta - other.theta).max() < _SAME for other in kept)
        if not near and reading.log_evidence > rough[0].log_evidence - _HOPELESS:
            kept.append(reading)
    fine = (fit.nearest(reading.parameters) for reading in kept[:_SEARCHED])
    return sorted(fine, key=lambda r: -r.log_evidence)
