"""The diagonal network's error by coordinates: learned features, missed features, learned noise.

A coordinate is visible if ``a > max(c, 1)`` (in units of ``tau``): it exceeds both the threshold and the noise.
Hidden coordinates contribute ``a^2 P(|a + z| <= c)`` to the underfitting and ``E (soft(a + z) - a)^2`` over
``|a + z| > c`` to the overfitting; sums over any number of them are by weighted nodes as for the response. Of a deep
network the same, with the proximal map of ``|theta|^q`` and ``y*``, where the estimate jumps, in place of ``c``.
"""

from __future__ import annotations

import math

import numpy as np
from scipy.special import ndtr

from asymptotix.arrays import Array
from asymptotix.gaussian import density, signed_tails, tail_ratio
from asymptotix.networks.base import Response, saturated_exp
from asymptotix.networks.deep_sequence import PowerPenaltySequence, even_sum
from asymptotix.networks.diagonal import GaussianSequence
from asymptotix.networks.elastic_net import ShrunkSequence
from asymptotix.networks.gaussian_sums import (
    ALL_TERMS,
    REACH,
    SILENT,
    SMALL,
    STEP,
    powers_of,
    shares,
    tail_sums,
)
from asymptotix.networks.jump_map import Jump, coordinate, estimates
from asymptotix.risk.parts import Parts
from asymptotix.teacher import Spectrum

# Gaussian densities over a threshold below 1: nodes for a factor of two standard deviations have digits to spare.
_LEGENDRE = np.polynomial.legendre.leggauss(16)


def shrunk_parts(potential: ShrunkSequence, response: Response, log_tau: float) -> Parts:
    """The parts of an elastic net: learned coefficients of a soft threshold, times ``k``."""
    p = scalar_parts(potential.soft, response, log_tau)
    k, left = potential.shrinkage(response.path, log_tau)
    # E (k x - a)^2 from E (x - a)^2, E x^2 and a^2, each where x is not 0
    fitted = k * p.overfitting - k * left * p.bulk_moment + left * (p.hidden_energy - p.underfitting)
    approximation = max(response.rho - fitted - p.underfitting, 0.0)
    moment = k * k * p.bulk_moment
    return Parts(fitted, p.underfitting, approximation, p.visible, p.learned, moment, p.hidden_energy)


def scalar_parts(potential: GaussianSequence, response: Response, log_tau: float) -> Parts:
    """Split ``rho`` at threshold ``response.c``, for weights of either sign or nonnegative ones."""
    spectrum, sides, c = potential.spectrum, potential.sides, response.c
    visible = spectrum.count_above(math.log(max(c, 1.0)) + log_tau)
    approximation = _visible_risk(spectrum, c, log_tau, visible, sides)
    missed, fitted, moment, learned, energy = _hidden_sums(spectrum, c, log_tau, visible, sides)
    return Parts(fitted, missed, approximation, visible, learned, moment, energy)


def _visible_risk(spectrum: Spectrum, c: float, log_tau: float, visible: float, sides: int) -> float:
    """``sum r(a_i, c)`` over ``a_i > max(c, 1)``; far above the threshold each is ``1 + c^2``."""
    top = min(spectrum.count_above(math.log(c + REACH) + log_tau), visible)
    a, weight = _nodes(spectrum, top, visible, _levels(max(c, 1.0), c + REACH, spectrum), log_tau)
    far = top * (1.0 + c * c) if top else 0.0
    return far + (tail_sums(c, a, weight, sides).rho if a.size else 0.0)


def _levels(low: float, high: float, spectrum: Spectrum, fine: float = 0.0) -> Array:
    """Boundaries of panels in ``log a``: Gaussian steps down to ``fine``, and never wider than the spectrum allows."""
    linear = np.log(np.arange(high, max(low, fine), -STEP))
    count = max(2, math.ceil(math.log(high / low) / spectrum.log_step) + 1)
    return np.concatenate([linear, np.linspace(math.log(high), math.log(low), count)])


def _nodes(
    spectrum: Spectrum, first: float, last: float, levels: Array, log_tau: float
) -> tuple[Array, Array]:
    """Weighted coefficients ``a_i / tau`` for ``first < i <= last``."""
    if last <= first:
        return np.empty(0), np.empty(0)
    if spectrum.rank <= ALL_TERMS or not spectrum.smooth:
        breaks = np.array([first, last])
        if spectrum.smooth:
            breaks = np.arange(first, last + 1.0)
    else:
        inner = [spectrum.count_above(float(x) + log_tau) for x in levels]
        breaks = np.unique(np.clip([first, *inner, last], first, last))
    log_a, weight = spectrum.nodes(breaks)
    return np.exp(log_a - log_tau), weight


def coefficients(
    spectrum: Spectrum, reach: float, log_tau: float, fine: float = 0.0
) -> tuple[Array, Array, float]:
    """Weighted coefficients up to nine standard deviations beyond ``reach``, and how many are as good as zero.

    Sums over them may change within a standard deviation down to ``fine``.
    """
    high = reach + REACH
    first = spectrum.count_above(math.log(high) + log_tau)
    if spectrum.rank <= ALL_TERMS or not spectrum.smooth:
        last = spectrum.rank
        levels = np.empty(0)
    else:
        least = (
            float(spectrum.log_value(np.array([spectrum.rank]))[0]) - log_tau - _NEGLIGIBLE
        )  # beyond rounding
        levels = _levels(max(math.exp(min(least, math.log(high))), _NEGLIGIBLE), high, spectrum, fine)
        last = max(spectrum.count_above(float(levels[-1]) + log_tau), first)
    a, weight = _nodes(spectrum, first, last, levels, log_tau)
    return a, weight, spectrum.d - last


# A coefficient this small shifts a density by less than 1e-8 of itself.
_NEGLIGIBLE = 1e-9


def _hidden_sums(
    spectrum: Spectrum, c: float, log_tau: float, visible: float, sides: int
) -> tuple[float, float, float, float, float]:
    """``sum`` over hidden coordinates of missed energy, fitted error, learned moment, learned number, energy."""
    high = max(c, 1.0)
    rank = spectrum.rank
    if c > SILENT:  # no noise gets through but close to the threshold
        floor = c - REACH
        last = max(spectrum.count_above(math.log(floor) + log_tau), visible)
        levels = _levels(floor, high, spectrum)
    else:
        last = rank
        levels = _levels(SMALL / (1.0 + c), high, spectrum)
        if rank > ALL_TERMS and spectrum.smooth:
            last = max(spectrum.count_above(float(levels[-1]) + log_tau), visible)
    a, weight = _nodes(spectrum, visible, last, levels, log_tau)
    sums = np.array([float(weight @ f) for f in _coordinate(c, a, sides)] + [float(weight @ a**2)])
    sums += _small_sums(spectrum, c, log_tau, last, sides)
    missed, fitted, moment, learned, energy = (float(x) for x in sums)
    return missed, fitted, moment, learned, energy


def _coordinate(c: float, a: Array, sides: int) -> tuple[Array, Array, Array, Array]:
    """Missed energy, fitted error, second moment and probability of being learned, for each coefficient."""
    missed = a * a * (_inside(c, a) if sides == 2 else ndtr(c - a))
    fitted, moment, learned = np.zeros_like(a), np.zeros_like(a), np.zeros_like(a)
    for x, sign in ((c - a, -1.0), (c + a, 1.0))[:sides]:
        i0, i1, i2 = signed_tails(x)
        fitted += i2 + 2.0 * sign * a * i1 + a * a * i0
        moment += i2
        learned += i0
    return missed, fitted, moment, learned


def _inside(c: float, a: Array) -> Array:
    """``P(|a + z| <= c)``, positive for any threshold: quadrature where it is small, else the complement."""
    if c >= 1.0:
        (q_x, q_y) = (signed_tails(x)[0] for x in (c - a, c + a))
        outside: Array = q_x + q_y
        return 1.0 - outside
    node, weight = _LEGENDRE
    inner: Array = density(np.subtract.outer(a, c * node)) @ (c * weight)
    return inner


def _small_sums(spectrum: Spectrum, c: float, log_tau: float, first: float, sides: int = 2) -> Array:
    """The same sums over coefficients far below the noise, and over zeros, by sums of their first powers.

    With ``s = sum s_p a^p``: ``dr/da = 2 a (1 - s)``, and ``E soft^2`` has the second derivative ``2 s``.
    """
    m = {2: saturated_exp(spectrum.log_power_sum(first, spectrum.rank, 2.0) - 2.0 * log_tau)}
    if c > SILENT:
        return np.array([m[2], 0.0, 0.0, 0.0, m[2]])
    m[0] = spectrum.d - first
    for p in powers_of(sides)[1:]:
        m[int(p)] = saturated_exp(spectrum.log_power_sum(first, spectrum.rank, p) - p * log_tau)
    phi = sides * math.exp(-0.5 * c * c) / math.sqrt(2.0 * math.pi)
    i0, i1, i2 = tail_ratio(c)
    s = [phi * i0, *(float(share) for share, _ in shares(c, phi)[1:])]
    within = math.erf(c / math.sqrt(2.0)) if sides == 2 else float(ndtr(c))
    rising = [p for p in m if p > 0 and p + 2 in m]
    missed = within * m[2] - sum(s[p] * m[p + 2] for p in rising)
    leaked = phi * i2 * m[0]
    fitted = leaked + sum(s[p] * m[p + 2] * p / (p + 2.0) for p in rising)
    moment = leaked + sum(2.0 * s[p] * m[p + 2] / ((p + 1.0) * (p + 2.0)) for p in (0, *rising))
    moment += 2.0 * phi * i1 * m.get(1, 0.0)
    learned = sum(s[p] * m[p] for p in m)
    return np.array([missed, fitted, moment, learned, m[2]])


def jump_parts(potential: PowerPenaltySequence, response: Response, log_tau: float) -> Parts:
    """Split ``rho`` at the response's threshold."""
    spectrum = potential.spectrum
    if response.path == -math.inf:  # nothing is shrunk: the noise of every coordinate is learned
        visible = spectrum.count_above(log_tau)
        hidden = spectrum.d - visible
        energy = math.exp(spectrum.log_power_sum(visible, spectrum.rank, 2.0) - 2.0 * log_tau)
        return Parts(hidden, 0.0, visible, visible, hidden, hidden + energy, energy)
    jump = Jump(potential.q, math.exp(response.path))
    floor = max(jump.threshold, 1.0)
    a, weight, first, last = potential.nodes(jump, log_tau)
    seen = a > floor
    risk = float(weight[seen] @ coordinate(jump, a[seen])[0])
    a, weight = a[~seen], weight[~seen]
    few, moments = potential.small(jump, log_tau, first, last)
    missed = float(weight @ (a * a * _jump_missed(jump, a)))
    missed += (
        float(even_sum(few, _jump_missed(jump, few)[:, None], moments[1:])[0]) if few.size else moments[1]
    )
    fitted, moment, learned = (
        float(weight @ f) + (float(even_sum(few, g[:, None], moments)[0]) if few.size else 0.0)
        for f, g in zip(_jump_learned(jump, a), _jump_learned(jump, few), strict=True)
    )
    visible = spectrum.count_above(math.log(floor) + log_tau)
    return Parts(fitted, missed, risk, visible, learned, moment, float(weight @ (a * a)) + moments[1])


def _jump_missed(jump: Jump, a: Array) -> Array:
    """``P(|a + z| <= y*)``."""
    missed: Array = ndtr(jump.threshold - a) - ndtr(-jump.threshold - a)
    return missed


def _jump_learned(jump: Jump, a: Array) -> tuple[Array, Array, Array]:
    """``E (u - a)^2`` and ``E u^2`` where learned, and the probability of it."""
    fitted, moment, learned = np.zeros_like(a), np.zeros_like(a), np.zeros_like(a)
    if not a.size:
        return fitted, moment, learned
    for signed in (a, -a):
        u, weight = (x[0] for x in estimates(jump, signed[None]))
        z = u + jump.bias(u) - signed[:, None]
        mass = weight * np.exp(-0.5 * z * z) / math.sqrt(2.0 * math.pi) / jump.slope(u)
        fitted += (mass * (u - signed[:, None]) ** 2).sum(axis=1)
        moment += mass @ u**2
        learned += ndtr(signed - jump.threshold)
    return fitted, moment, learned
