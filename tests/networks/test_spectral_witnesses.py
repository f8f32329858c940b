"""Independent witnesses at d = 400: Biane's density on the real line, and eigenvalues of random matrices."""

from __future__ import annotations

import math

import numpy as np
import pytest
from scipy.optimize import brentq

from asymptotix.networks.spectral import OneSided
from asymptotix.networks.two_sided import TwoSided
from asymptotix.teacher import PowerLaw

D = 400


def _height(u: float, a: np.ndarray) -> float:
    """``v(u) >= 0`` with ``(1/d) sum 1/((u - a)^2 + v^2) = 1``."""

    def excess(v: float) -> float:
        return float(np.mean(1 / ((u - a) ** 2 + v * v))) - 1

    return brentq(excess, 1e-9, 3.0, xtol=1e-16, rtol=1e-15) if excess(1e-9) > 0 else 0.0


@pytest.mark.parametrize("c", [0.1, 0.6, 1.2, 1.8])
def test_real_line(c: float) -> None:
    """``R = sum_i int (f(x) - a_i)^2 O_i(x) dx`` [BI], all terms positive, where the spectrum is one interval.

    The interval of ``u`` is cut at the threshold; ``u = u_edge -+ ... s^2`` removes the square roots.
    """
    spectrum, log_tau = PowerLaw(1.25).spectrum(D), 0.3
    a = spectrum.values() / math.exp(log_tau)

    def curvature(u: float) -> float:
        return float(np.mean(1 / (u - a) ** 2)) - 1

    left, right = (
        brentq(curvature, -3, a[-1] - 0.3, xtol=1e-15),
        brentq(curvature, a[0] + 1e-3, 3, xtol=1e-15),
    )

    def position(u: float) -> float:
        v = _height(u, a)
        return u + float(np.mean((u - a) / ((u - a) ** 2 + v * v)))

    cut = brentq(lambda u: position(u) - c, left + 1e-9, right - 1e-9, xtol=1e-15)
    node, weight = np.polynomial.legendre.leggauss(60)
    rho = dof = 0.0
    for edge in (left, right):
        for s, share in zip(0.5 * (1 + node), 0.5 * weight, strict=True):
            u = edge + (cut - edge) * s * s
            v = _height(u, a)
            omega = 1 / ((u - a) ** 2 + v * v)
            x = u + float(np.mean((u - a) * omega))
            # dx/du = 2 |K|^2 / (t sum omega^2) with K = t sum omega / (w - a)
            kernel = np.mean(omega / (u + 1j * v - a))
            measure = share * 2 * s * abs(cut - edge) * 2 * abs(kernel) ** 2 / np.mean(omega**2)
            estimate = x - c if edge == right else 0.0
            rho += measure * v / math.pi * float(np.sum((estimate - a) ** 2 * omega))
            dof += measure * v / math.pi * 2 * D * estimate * (x - u)
    response = OneSided(spectrum).response(math.log(c), log_tau)
    assert response.rho == pytest.approx(rho, rel=1e-11)
    assert response.dof == pytest.approx(dof, rel=1e-11)


@pytest.mark.parametrize(("log_tau", "c"), [(-1.0, 0.5), (-2.5, 1.0), (-3.0, 2.5)])
def test_random_matrices(log_tau: float, c: float) -> None:
    """``||f(S + tau Z) - S||^2 / tau^2`` and ``Tr Z f / tau`` (Stein), averaged over draws of the GOE.

    The finite-size error of the limit ``d -> inf`` at fixed atoms is of relative order ``1/d``.
    """
    rng = np.random.default_rng(7)
    spectrum = PowerLaw(1.25).spectrum(D)
    a = spectrum.values() / math.exp(log_tau)
    sums = []
    for _ in range(12):
        z = rng.standard_normal((D, D)) / math.sqrt(2 * D)
        z += z.T
        value, vector = np.linalg.eigh(np.diag(a) + z)
        row = []
        for f in (np.maximum(value - c, 0), np.sign(value) * np.maximum(np.abs(value) - c, 0)):
            matrix = (vector * f) @ vector.T
            row += [np.sum((matrix - np.diag(a)) ** 2), np.sum(matrix * z)]
        sums.append(row)
    mean, error = np.mean(sums, axis=0), np.std(sums, axis=0) / math.sqrt(12)
    one, two = (p(spectrum).response(math.log(c), log_tau) for p in (OneSided, TwoSided))
    expected = np.array([one.rho, one.dof, two.rho, two.dof])
    assert np.all(np.abs(mean - expected) < 4 * error + 2 * expected / D)
