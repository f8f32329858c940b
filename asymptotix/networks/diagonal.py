"""The diagonal network: a LASSO, which thresholds every coefficient softly behind Gaussian noise.

For one coefficient ``a`` (in units of ``tau``) the estimator is ``soft(a + z; c)``, ``z ~ N(0, 1)``:

    r(a, c) = E (soft(a + z; c) - a)^2        s(a, c) = P(|a + z| > c)

and ``rho = sum_i r(a_i / tau, c)``, ``dof = sum_i s(a_i / tau, c)``. [BM] equation (1.8); `theory.md` 3.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from asymptotix.gaussian import density, tail_ratios
from asymptotix.networks.base import (
    SEQUENCE_UNITS,
    Geometry,
    Network,
    Response,
    saturated_exp,
)
from asymptotix.networks.sequence import solve_threshold
from asymptotix.teacher import Spectrum

Array = NDArray[np.float64]

# A normal variable beyond this many standard deviations weighs less than 1e-18 of one within.
_REACH = 9.0
# Sixteen nodes resolve a Gaussian factor over this many standard deviations to 1e-15.
_STEP = 2.0
# From here on leaked noise underflows, even 1e120 times: whatever is below the threshold's reach is missed.
_SILENT = 50.0
# Up to this rank, all terms are cheaper than choosing panels.
_ALL_TERMS = 600
# Coefficients below this over (1 + c) are summed by their first even moments, the next being below 1e-16.
_SMALL = 0.01
# Thresholds below this use the forms of 1 - r and 1 - s that do not cancel as c -> 0.
_LOW = 0.5
# Thresholds are looked for within this of 1, in log c.
_WIDEST_PATH = 700.0
_LEGENDRE = np.polynomial.legendre.leggauss(10)


@dataclass(frozen=True)
class GaussianSequence:
    """Soft thresholding of a Gaussian sequence with the given coefficients; ``path = log c``."""

    spectrum: Spectrum

    def path_of(self, c: float, log_tau: float) -> float:
        return math.log(c) if c > 0 else -math.inf

    def response(self, path: float, log_tau: float) -> Response:
        """Respond at threshold ``c = exp(path)``.

        >>> from asymptotix.teacher import FiniteRank
        >>> round(GaussianSequence(FiniteRank([1.0]).spectrum(100)).response(-math.inf, 0.0).rho, 12)
        100.0
        """
        c = math.exp(path)
        return _response(path, c, _group(self.spectrum, c, log_tau))

    def threshold(self, log_tau: float, nu: float, penalty: float, near: Response | None) -> Response:
        """Solve ``s / nu + L / (nu kappa) = 1`` for ``log c``."""
        if penalty == 0 and self.spectrum.d <= nu:
            return self.response(-math.inf, log_tau)
        start, range_ = self._guess(log_tau, nu, penalty), (-_WIDEST_PATH, _WIDEST_PATH)
        return solve_threshold(self.response, log_tau, nu, penalty, start, near, range_)

    def _guess(self, log_tau: float, nu: float, penalty: float) -> float:
        """Where the penalty alone, or the noise alone, would put the threshold."""
        ratio = self.spectrum.d / nu
        noise_edge = math.sqrt(2.0 * math.log(ratio)) if ratio > 2.0 else 1e-300
        from_penalty = math.log(penalty) - math.log(nu) - log_tau if penalty > 0 else -math.inf
        return max(math.log(noise_edge), from_penalty)

    def potential(self, c: float, log_tau: float) -> tuple[float, float, float]:
        """``(J, delta dJ/d delta, eps dJ/d eps)`` with ``J = (1/d) sum E (|theta_i + delta z| - eps)_+^2``.

        The plain formulas, for dimensions that fit in memory: the risk ``Q0 - J + delta Jd + eps Je`` made
        from them loses its digits where it is small, so nothing but tests and figures should use it.

        >>> from asymptotix.teacher import PowerLaw
        >>> g = GaussianSequence(PowerLaw(1.0).spectrum(50))
        >>> J, dJd, eJe = g.potential(1.0, -2.0)
        >>> r = g.response(0.0, -2.0)
        >>> abs(1 - J + dJd + eJe - math.exp(-4.0) * r.rho) < 1e-13
        True
        """
        tau = math.exp(log_tau)
        a = self.spectrum.values() / tau
        moments = [_signed_moments(x) for x in (c - a, c + a)]
        zeroth, first, second = (sum(float(m[k].sum()) for m in moments) for k in range(3))
        return tau**2 * second, 2.0 * tau**2 * zeroth, -2.0 * tau**2 * c * first


def _signed_moments(x: Array) -> tuple[Array, Array, Array]:
    """``I_0, I_1, I_2`` at arguments of either sign, from ``I_k(-x)`` by reflection."""
    i0, i1, i2 = (m * density(x) for m in tail_ratios(np.abs(x)))
    below = x < 0
    return (
        np.where(below, 1.0 - i0, i0),
        np.where(below, i1 - x, i1),
        np.where(below, 1.0 + x * x - i2, i2),
    )


@dataclass(frozen=True)
class _Group:
    """Coefficients in units of ``tau``, sorted by what they need: nodes, moments, or just their number."""

    node: Array  # resolved one by one, or by quadrature
    weight: Array
    large: float  # number far above the threshold: r = 1 + c^2, s = 1
    small: tuple[float, ...]  # sums of a^0, a^2, ..., a^8 far below the noise
    missed: float  # sum of a^2 far above the noise and far below the threshold: r = a^2, s = 0

    total: float  # number of all coefficients, d


def _group(spectrum: Spectrum, c: float, log_tau: float) -> _Group:
    """Sort the coefficients; boundaries are indices, so that every coefficient is counted once."""
    top = math.log(c + _REACH) + log_tau
    if spectrum.rank <= _ALL_TERMS or not spectrum.smooth:
        large = spectrum.count_above(top)
        log_a = spectrum.log_value(np.arange(large + 1.0, spectrum.rank + 1.0))
        small = (spectrum.zeros, 0.0, 0.0, 0.0, 0.0)
        return _Group(np.exp(log_a - log_tau), np.ones(log_a.size), large, small, 0.0, spectrum.d)
    breaks = np.unique([spectrum.count_above(level + log_tau) for level in _levels(c, spectrum.log_step)])
    log_a, weight = spectrum.nodes(breaks)
    node = np.exp(log_a - log_tau)
    large, last = float(breaks[0]), float(breaks[-1])
    powers = (2.0,) if c > _SILENT else (2.0, 4.0, 6.0, 8.0)
    sums = [saturated_exp(spectrum.log_power_sum(last, spectrum.rank, p) - p * log_tau) for p in powers]
    if c > _SILENT:
        return _Group(node, weight, large, (0.0,) * 5, sums[0], spectrum.d)
    return _Group(node, weight, large, (spectrum.d - last, *sums), 0.0, spectrum.d)


def _levels(c: float, log_step: float) -> Array:
    """Boundaries of the panels in ``log a``: fine around the threshold, geometric below the noise."""
    if c > _SILENT:
        return np.log(c + np.arange(-_REACH, _REACH + _STEP, _STEP))
    linear = np.arange(c + _REACH, 1.0, -_STEP)
    geometric = np.arange(math.log(c + _REACH), math.log(_SMALL / (1.0 + c)) - log_step, -log_step)
    return np.concatenate([np.log(linear), geometric])


def _response(path: float, c: float, group: _Group) -> Response:
    if c >= _LOW:
        return _response_from_tails(path, c, group)
    return _response_from_center(path, c, group)


def _response_from_tails(path: float, c: float, g: _Group) -> Response:
    """Sum ``r`` and ``s`` themselves, from the tails of the normal beyond the threshold."""
    rho, dof = _tail_sums(c, g.node, g.weight)
    m0, m2, m4, m6, m8 = g.small
    phi, (q, _, i2) = _at_zero(c)
    h1, h3, h5 = _odd_hermite(c)
    rho += 2.0 * phi * i2 * m0 + math.erf(c / math.sqrt(2.0)) * m2
    rho -= 4.0 * phi * (h1 * m4 / 8.0 + h3 * m6 / 144.0 + h5 * m8 / 5760.0)
    dof += 2.0 * phi * (q * m0 + h1 * m2 / 2.0 + h3 * m4 / 24.0 + h5 * m6 / 720.0)
    learned = g.large * (1.0 + c * c) if g.large else 0.0  # c may be too large to be squared
    return Response(path, c, rho + g.missed + learned, dof + g.large)


def _tail_sums(c: float | Array, a: Array, weight: Array) -> tuple[float, float]:
    """``sum r`` and ``sum s`` over nodes; each is its limit (missed or learned) plus Gaussian tails."""
    x, y = c - a, c + a
    both = np.concatenate([np.abs(x), y])
    (q_x, q_y), (i1_x, i1_y), (i2_x, i2_y) = (v.reshape(2, -1) for v in tail_ratios(both))
    phi_x, phi_y = density(both).reshape(2, -1)
    learned = x < 0
    opposite = phi_y * (i2_y + 2.0 * a * i1_y)
    r_missed = a * a + phi_x * (i2_x - 2.0 * a * i1_x)
    r_learned = 1.0 + c * c - phi_x * (i2_x + 2.0 * a * i1_x)
    s = np.where(learned, 1.0 - phi_x * q_x, phi_x * q_x) + phi_y * q_y
    return float(weight @ (np.where(learned, r_learned, r_missed) + opposite)), float(weight @ s)


def _response_from_center(path: float, c: float, g: _Group) -> Response:
    """Sum ``1 - r`` and ``1 - s``, from the normal's mass within the threshold: small with ``c``.

    1 - s = int_0^c (phi(u-a) + phi(u+a)) du
    1 - r = 4 c phi(a) - c^2 + int_0^c (c-u)^2 (phi(u-a) + phi(u+a)) + 2 a (c-u) (phi(u-a) - phi(u+a)) du
    """
    below_r, below_s = _center_complements(c, g.node)
    zero_r, zero_s = (float(v[0]) for v in _center_complements(c, np.zeros(1)))
    m0, m2, m4, m6, m8 = g.small
    phi = math.exp(-0.5 * c * c) / math.sqrt(2.0 * math.pi)
    h1, h3, h5 = _odd_hermite(c)
    rho_below = float(g.weight @ below_r) - c * c * g.large + zero_r * m0 - zero_s * m2
    rho_below += 4.0 * phi * (h1 * m4 / 8.0 + h3 * m6 / 144.0 + h5 * m8 / 5760.0)
    dof_below = float(g.weight @ below_s) + zero_s * m0
    dof_below -= 2.0 * phi * (h1 * m2 / 2.0 + h3 * m4 / 24.0 + h5 * m6 / 720.0)
    d = g.total
    return Response(path, c, d - rho_below, d - dof_below, d, rho_below, dof_below)


def _center_complements(c: float | Array, a: Array) -> tuple[Array, Array]:
    """``1 - r`` and ``1 - s`` by Gauss-Legendre quadrature over ``0 < u < c``; ``c`` may be one threshold for each."""
    node, weight = _LEGENDRE
    half = 0.5 * np.broadcast_to(c, a.shape)[:, None]
    u, w = half * (1.0 + node), half * weight
    left = half * (1.0 - node)  # c - u
    scale = 2.0 * density(a)[:, None] * np.exp(-0.5 * u * u)
    even, odd = scale * np.cosh(a[:, None] * u), scale * np.sinh(a[:, None] * u)
    below_s: Array = (even * w).sum(axis=1)
    below_r: Array = 4.0 * c * density(a) - c * c + (even * w * left**2).sum(axis=1)
    return below_r + 2.0 * a * (odd * w * left).sum(axis=1), below_s


def _at_zero(c: float) -> tuple[float, tuple[float, float, float]]:
    """``phi(c)`` and the tail ratios at a single threshold."""
    point = np.array([c])
    q, i1, i2 = (float(v[0]) for v in tail_ratios(point))
    return float(density(point)[0]), (q, i1, i2)


def _odd_hermite(c: float) -> tuple[float, float, float]:
    """Probabilists' Hermite polynomials of degree 1, 3, 5; not needed where the tail is silent."""
    if c > _SILENT:
        return 0.0, 0.0, 0.0
    return c, c**3 - 3.0 * c, c**5 - 10.0 * c**3 + 15.0 * c


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
    digits="asymptotix.precise.methods:DiagonalMethod",
    weights="asymptotix.spectrum.coefficient_law:scalar_law",
    error_parts="asymptotix.risk.scalar_parts:scalar_response_parts",
    least_error="asymptotix.risk.scalar_bayes:least_error",
    simulation="asymptotix.simulate.kinds:SEQUENCE",
    diagnosis="asymptotix.spectrum.noise_and_features:gaussian_noise",
    deeper_layers="asymptotix.networks.deep:diagonal_of_depth",
    unequal_inputs="asymptotix.networks.shaped:diagonal_on",
)
