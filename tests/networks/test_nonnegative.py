"""The nonnegative network's spectrum, parts and diagnosis against its trained weights."""

from __future__ import annotations

import math

import numpy as np
import pytest

import asymptotix as ax
from asymptotix.simulate.data import draw
from asymptotix.simulate.lasso import fit_lasso


def test_the_law_of_the_weights_is_that_of_trained_ones() -> None:
    p = ax.Problem("nonnegative", gamma=1.25, d=300, n=200, lam=0.3, noise=1.0)
    law, weights = ax.spectrum(p), ax.simulate(p, seeds=12).spectra.ravel()
    assert weights.min() == 0.0
    assert law.zero_mass == pytest.approx((weights == 0).mean(), abs=0.02)
    low, high = law.bulk_edges
    assert low == 0.0
    inside = np.trapezoid(law.density, law.points)
    assert inside == pytest.approx(((weights > 0) & (weights < high)).mean(), abs=0.02)


def test_diagnose_reads_noise_and_threshold_of_one_side() -> None:
    p = ax.Problem("nonnegative", gamma=1.25, d=2000, n=900, lam=0.05, noise=1.0)
    data = draw(p, np.random.SeedSequence(1))
    fit, known = fit_lasso(data, p.lam), ax.solve(p)
    read = ax.diagnose(fit.weights, network="nonnegative")
    assert read.effective_noise == pytest.approx(math.exp(known.log_delta), rel=0.1)
    assert read.threshold == pytest.approx(math.exp(known.log_eps), rel=0.3)
    assert read.overfitting == pytest.approx(data.error(fit.weights), rel=0.15)


def test_features_among_learned_noise_are_seen_in_training() -> None:
    """The next order of phase VIa is 32 % here; the law alone is refuted."""
    p = ax.Problem("nonnegative", gamma=0.75, d=400, n=4000, lam=1e-6, noise=5)
    phase = ax.phase_diagram("nonnegative").at("3/4", "5/4", -3)
    sizes = {"n_eff": p.n, "lam": 1e-6, "d": p.d, "noise": 5}
    law, corrected = phase.law(**sizes), phase.law(**sizes, order=1)
    runs = ax.simulate(p, seeds=16)
    assert abs(runs.error - corrected) < 3 * runs.stderr + (corrected / law - 1) ** 2 * law
    assert runs.error - law > 3 * runs.stderr
