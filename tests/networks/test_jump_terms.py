"""Coefficients under a penalty ``|theta|^q``: what each adds against plain quadrature, slopes against differences."""

from __future__ import annotations

import itertools
import math
from typing import Any

import numpy as np
import pytest
from scipy.optimize import brentq
from scipy.stats import norm

from asymptotix import PowerLaw
from asymptotix.networks.deep_sequence import PowerPenaltySequence, even_sum
from asymptotix.networks.jump_map import Jump, terms

NODE, WEIGHT = np.polynomial.legendre.leggauss(24)


def learned(q: float, c: float, y: float) -> float:
    """The larger root of ``u + c q u^(q-1) = y``, beyond the least of its left side."""
    low = (c * q * (1.0 - q)) ** (1.0 / (2.0 - q))
    return brentq(lambda u: u + c * q * u ** (q - 1.0) - y, low, y, xtol=1e-15, rtol=1e-15)


def exact(q: float, threshold: float, a: float) -> tuple[float, float, float]:
    """Missed, ``r - a^2 p`` and ``s``: integrals over the observation, above the threshold and below its negative."""
    size = threshold * (2.0 - 2.0 * q) / (2.0 - q)
    c = size ** (2.0 - q) / (2.0 - 2.0 * q)
    risk = dof = 0.0
    for side in (1.0, -1.0):
        low, high = max(threshold, side * a - 10.0), max(threshold, side * a) + 10.0
        edges = np.linspace(low, high, 25)
        for left, right in itertools.pairwise(edges):
            y = 0.5 * (left + right) + 0.5 * (right - left) * NODE
            u = np.array([learned(q, c, x) for x in y])
            mass = 0.5 * (right - left) * WEIGHT * norm.pdf(y - side * a)
            risk += float(mass @ (u - side * a) ** 2)
            dof += float(mass @ (u * (y - side * a)))
    missed = norm.cdf(threshold - a) - norm.cdf(-threshold - a)
    return missed, risk, dof


PLACES = [
    (2 / 3, 0.3, 0.0),
    (2 / 3, 0.3, 0.8),
    (1 / 2, 1.5, 0.9),
    (2 / 5, 3.0, 2.0),
    (2 / 3, 2.0, 6.0),
    (1 / 2, 0.45, 11.5),
]


@pytest.mark.parametrize(("q", "threshold", "a"), PLACES)
def test_what_one_coefficient_adds(q: float, threshold: float, a: float) -> None:
    rows = terms(Jump(q, threshold), np.array([a]))[:, 0]
    missed, risk, dof = exact(q, threshold, a)
    assert rows[:3] == pytest.approx([missed, risk, dof], rel=1e-9, abs=1e-12)
    if threshold < 0.5:
        assert rows[3:5] == pytest.approx([1.0 - risk - a * a * missed, 1.0 - dof], rel=1e-8, abs=1e-10)
    h = 1e-4

    def total(log_t: float, log_a: float) -> Any:
        size = a * math.exp(log_a)
        p, r, s = exact(q, threshold * math.exp(log_t), size)
        return np.array([r + size * size * p, s])

    by_path = (total(h, 0.0) - total(-h, 0.0)) / (2.0 * h)
    by_size = (total(0.0, h) - total(0.0, -h)) / (2.0 * h)
    by_size[0] -= 2.0 * a * a * missed
    assert rows[5:7] == pytest.approx(by_path, rel=1e-6, abs=1e-7)
    assert rows[7:9] == pytest.approx(by_size, rel=1e-6, abs=1e-7)


def test_coefficients_far_from_the_threshold() -> None:
    """Far below all is missed; far beyond the noise it is shrunk by ``c q a^(q-1)`` and no more."""
    q, jump = 2 / 3, Jump(2 / 3, 100.0)
    below, sharp = terms(jump, np.array([40.0, 1e10])).T
    assert below == pytest.approx([1.0] + [0.0] * 8)
    shrunk = float(jump.bias(np.array([1e10]))[0])
    assert sharp[0] == 0.0
    assert sharp[1] == pytest.approx(1.0 + shrunk**2, rel=1e-9)
    assert sharp[2] == pytest.approx(1.0, rel=1e-9)
    assert terms(Jump(q, 1e12), np.array([1e10]))[0, 0] == 1.0


def test_thresholds_one_a_coefficient() -> None:
    a, tops = np.array([0.5, 2.0, 30.0, 4.0]), np.array([1.0, 3.0, 2.0, 80.0])
    together = terms(Jump(0.5, tops), a)
    for k in range(4):
        alone = terms(Jump(0.5, float(tops[k])), a[k : k + 1])[:, 0]
        assert together[:, k] == pytest.approx(alone, rel=1e-11, abs=1e-14)


@pytest.mark.parametrize("q", [2 / 3, 1 / 2, 2 / 5])
def test_the_jump_of_a_penalty(q: float) -> None:
    """Where it jumps to both 0 and ``u*`` are minima: ``(y - u)^2/2 + c u^q = y^2/2``."""
    jump = Jump.of(q, 0.7)
    y, u = float(jump.threshold), float(jump.size)
    assert 0.5 * (y - u) ** 2 + 0.7 * u**q == pytest.approx(0.5 * y * y, rel=1e-13)
    assert u + 0.7 * q * u ** (q - 1.0) == pytest.approx(y, rel=1e-13)
    sizes = np.array([u, 2.0 * u, 10.0 * u])
    assert jump.bias(sizes) == pytest.approx(0.7 * q * sizes ** (q - 1.0), rel=1e-13)
    observed = sizes + jump.bias(sizes)
    assert jump.learned(observed) == pytest.approx(sizes, rel=1e-13)
    assert 1.0 / jump.slope(sizes) == pytest.approx(1.0 - 0.7 * q * (1.0 - q) * sizes ** (q - 2.0), rel=1e-13)
    assert jump.estimate(np.array([-observed[1], 0.999 * y, 0.0])) == pytest.approx([-sizes[1], 0.0, 0.0])
    assert jump.learned(np.array([0.0])) == pytest.approx([u], rel=1e-13)


@pytest.mark.parametrize("q", [2 / 3, 1 / 2])
def test_positions_are_thresholds_of_one_coefficient(q: float) -> None:
    """``c = (eps/delta) delta^(q-1)`` with ``delta = tau sqrt(d)``."""
    sequence = PowerPenaltySequence(PowerLaw(1.25).spectrum(400), q)
    for ratio, log_tau in ((0.3, -2.0), (5.0, 1.0)):
        c = ratio * (math.exp(log_tau) * 20.0) ** (q - 1.0)
        path = sequence.path_of(ratio, log_tau)
        assert math.exp(path) == pytest.approx(Jump.of(q, c).threshold, rel=1e-12)
        assert sequence.ratio(path, log_tau) == pytest.approx(ratio, rel=1e-12)
        assert sequence.response(path, log_tau).c == pytest.approx(ratio, rel=1e-12)
    assert sequence.path_of(0.0, 0.0) == -math.inf
    everything = sequence.response(-math.inf, 0.0)
    assert (everything.c, everything.rho, everything.dof, everything.reference) == (0.0, 400, 400, 400)
    assert (everything.rho_below, everything.dof_below) == (0.0, 0.0)


def test_where_a_search_starts() -> None:
    """Bare noise of ``d/nu`` variables ends at ``(2 log (d/nu))^(1/2)``; the penalty alone is ``L / (nu tau)``."""
    sequence = PowerPenaltySequence(PowerLaw(1.25).spectrum(4000), 0.5)
    noise = 0.5 * math.log(2.0 * math.log(40.0))
    assert sequence.guess(-2.0, 100.0, 0.0) == pytest.approx(noise, rel=1e-12)
    assert sequence.guess(-2.0, 100.0, 1e-9) == pytest.approx(noise, rel=1e-12)
    assert sequence.guess(-2.0, 100.0, 1e6) == pytest.approx(
        sequence.path_of(1e4 * math.exp(2.0), -2.0), rel=1e-12
    )
    assert sequence.guess(-2.0, 1e5, 0.0) == pytest.approx(0.5 * math.log(2.0 * math.log(2.0)), rel=1e-12)


def test_a_sum_of_even_functions_from_their_moments() -> None:
    """Exact for ``1, a^2, a^4, a^6``, from values at four places."""
    a = np.array([0.3, 0.11, 0.002])
    at = np.array([0.0, 0.4, 0.7, 1.0]) * 0.3
    moments = [float((a**p).sum()) for p in (0, 2, 4, 6, 8)]

    def f(x: Any) -> Any:
        return np.stack([2.0 + x**2, 5.0 * x**6 - x**4, 0.0 * x, 1e-200 * x**2], axis=-1)

    assert even_sum(at, f(at), moments) == pytest.approx(f(a).sum(axis=0), rel=1e-10, abs=1e-212)


@pytest.mark.parametrize(
    ("path", "log_tau"), [(-1.5, -6.0), (-1.5, 1.0), (0.7, -4.0), (2.0, -9.0), (4.2, -7.0)]
)
@pytest.mark.parametrize(("gamma", "d"), [(1.25, 500), (1.25, 3000), (2.0, 5000)])
def test_a_response_is_the_sum_over_all_coefficients(
    path: float, log_tau: float, gamma: float, d: int
) -> None:
    sequence = PowerPenaltySequence(PowerLaw(gamma).spectrum(d), 2 / 3)
    a = sequence.spectrum.values() / math.exp(log_tau)
    rows = terms(Jump(2 / 3, math.exp(path)), a)
    missed, sums = (a**2 * rows[0]).sum(), rows[1:].sum(axis=1)
    here = sequence.response(path, log_tau)
    assert here.slopes is not None
    assert (here.rho, here.dof) == pytest.approx((missed + sums[0], sums[1]), rel=1e-11)
    by_path, by_size = sums[4:6], sums[6:8]
    assert here.slopes[:2] == pytest.approx(by_path, rel=1e-9, abs=1e-10 * here.rho)
    assert here.slopes[2:4] == pytest.approx(
        (-by_size[0] - 2.0 * missed, -by_size[1]), rel=1e-9, abs=1e-10 * here.rho
    )
    assert here.slopes[4:] == pytest.approx((4 / 3, 1 / 3), rel=1e-12)
    if path < math.log(0.5):
        assert (here.rho_below, here.dof_below) == pytest.approx(tuple(sums[2:4]), rel=1e-10)
        assert here.reference == d


def test_where_nothing_counts_all_is_missed() -> None:
    """Far below a threshold at which noise is silent there is no node left."""
    spectrum = PowerLaw(1.25).spectrum(10**12)
    here = PowerPenaltySequence(spectrum, 2 / 3).response(6.0, 0.0)
    assert (here.rho, here.dof) == (pytest.approx(1.0, rel=1e-12), 0.0)
