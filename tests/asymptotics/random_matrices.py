"""An independent number: risk and count of the convolved spectrum, by a contour integral over all atoms."""

from __future__ import annotations

import math

import numpy as np


def free_convolution(a: np.ndarray, tau: float, kappa: float) -> tuple[float, float]:
    """R and s from J(tau, kappa) = int (x - kappa)_+^2 mu(dx), by a contour in the w plane; SymPy-free."""
    d = len(a)

    def potential(t: float, k: float) -> float:
        var = t * t / d
        w = _contour_start(a, var, k)
        end = max(a[0] + 4 * t, 4 * t) * 1.2
        nodes, weights = np.polynomial.legendre.leggauss(120)
        # a circular arc from w to the real axis on its right, centred on the axis
        centre = (end**2 - abs(w) ** 2) / (2 * (end - w.real))
        radius = end - centre
        angle0 = math.atan2(w.imag, w.real - centre)
        angles = angle0 / 2 * (1 - nodes)
        z_w = centre + radius * np.exp(1j * angles)
        dw = 1j * radius * np.exp(1j * angles) * (-angle0 / 2) * weights
        g = np.array([np.sum(1 / (u - a)) for u in z_w])
        g2 = np.array([np.sum(1 / (u - a) ** 2) for u in z_w])
        z = z_w + var * g
        return float(-np.imag(np.sum((z - k) ** 2 * g * (1 - var * g2) * dw)) / math.pi)

    h = 1e-3
    j = potential(tau, kappa)
    slope_tau = (potential(tau * (1 + h), kappa) - potential(tau * (1 - h), kappa)) / (2 * h)
    slope_kappa = (potential(tau, kappa * (1 + h)) - potential(tau, kappa * (1 - h))) / (2 * h)
    return float(np.sum(a**2)) - j + slope_tau + slope_kappa, slope_tau / (2 * tau**2)


def _contour_start(a: np.ndarray, var: float, k: float) -> complex:
    """The point w in the upper half plane where z(w) = w + var G(w) equals k, by Newton's method."""
    scale = math.sqrt(var * len(a))
    c = min(k / scale, 1.99)
    w = complex(k / 2, scale * math.sqrt(1 - c * c / 4))
    for _ in range(200):
        inverse = 1 / (w - a)
        step = (w + var * np.sum(inverse) - k) / (1 - var * np.sum(inverse**2))
        w -= step
        if abs(step) < 1e-13 * scale:
            return w
    raise AssertionError("Newton's method did not settle")
