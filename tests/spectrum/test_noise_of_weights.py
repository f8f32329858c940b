"""The noise in measured weights: its law in closed form, and what is read from weights made of its quantiles."""

from __future__ import annotations

import math

import numpy as np
import pytest
from scipy.integrate import quad
from scipy.stats import norm

from asymptotix.spectrum.answer import answer
from asymptotix.spectrum.noise_and_features import (
    Noise,
    decay,
    gaussian_noise,
    look,
    look_beyond,
    noise_of,
    oblong_noise,
    outliers,
    semicircle_noise,
    singular_noise,
)


@pytest.mark.parametrize("c", [-3.0, -1.2, 0.0, 0.4, 1.9, 2.0, 2.5])
def test_share_of_a_semicircle_beyond(c: float) -> None:
    exact = (
        quad(lambda x: math.sqrt(max(4 - x * x, 0.0)) / (2 * math.pi), max(c, -2.0), 2.0)[0] if c < 2 else 0.0
    )
    for noise, sides in (
        (semicircle_noise(1, 100), 1),
        (semicircle_noise(2, 100), 2),
        (singular_noise(2, 100), 2),
    ):
        assert noise.above(c) == pytest.approx(sides * exact, abs=1e-9)
    assert (semicircle_noise(1, 100).symmetric, singular_noise(2, 100).symmetric) == (True, False)


@pytest.mark.parametrize("ratio", [0.1, 0.5, 0.99, 1.0])
@pytest.mark.parametrize("share", [-0.2, 0.0, 0.3, 0.8, 1.0, 1.2])
def test_share_of_singular_values_beyond(ratio: float, share: float) -> None:
    """Marchenko and Pastur: ``sqrt((b - y)(y - a)) / (2 pi ratio y) dy`` of squares ``y``."""
    low, high = (1 - math.sqrt(ratio)) ** 2, (1 + math.sqrt(ratio)) ** 2
    c = share * math.sqrt(high)
    start = min(max(max(c, 0.0) ** 2, low), high)
    exact = quad(
        lambda u: (
            2 * math.sqrt(max((high - u * u) * (u * u - low), 0.0)) / (2 * math.pi * ratio * u)
            if u > 0
            else 0.0
        ),
        math.sqrt(start),
        math.sqrt(high),
        limit=400,
    )[0]
    noise = oblong_noise(ratio, 100)
    assert noise.above(c) == pytest.approx(exact, abs=1e-6)
    assert noise.edge == noise.highest == pytest.approx(math.sqrt(high), rel=1e-12)
    assert not noise.symmetric


@pytest.mark.parametrize("sides", [1, 2])
def test_share_of_a_gaussian_beyond(sides: int) -> None:
    noise = gaussian_noise(sides, 1000)
    assert noise.above(1.3) == pytest.approx(sides * norm.sf(1.3), rel=1e-12)
    assert 1000 * norm.sf(noise.edge) == pytest.approx(0.25, rel=1e-9)
    assert noise.behind(np.array([3.0]))[0] == 3.0


@pytest.mark.parametrize("a", [1.01, 2.0, 30.0])
@pytest.mark.parametrize("ratio", [0.2, 0.7, 1.0])
def test_the_feature_behind_an_outlier(a: float, ratio: float) -> None:
    assert semicircle_noise(1, 10).behind(np.array([a + 1 / a]))[0] == pytest.approx(a, rel=1e-9)
    x = math.sqrt((a * a + 1) * (a * a + ratio)) / a
    assert oblong_noise(ratio, 10).behind(np.array([x]))[0] == pytest.approx(a, rel=1e-9)
    assert semicircle_noise(1, 10).behind(np.array([0.5]))[0] == 1.0  # within the bulk: at its edge


@pytest.mark.parametrize("network", ["quadratic", "bilinear"])
def test_the_largest_of_noise_is_within_its_margin(network: str) -> None:
    d, rng = 200, np.random.default_rng(5)
    noise, largest = noise_of(network, d), []
    for _ in range(20):
        g = rng.normal(size=(d, d))
        values = (
            np.linalg.eigvalsh((g + g.T) / math.sqrt(2 * d))
            if noise.symmetric
            else np.linalg.svd(g / math.sqrt(d))[1]
        )
        largest.append(values.max())
    assert max(largest) < noise.edge + noise.margin
    assert noise.margin < 8 * np.std(largest)


def quantiles(noise: Noise, count: int, of: int) -> np.ndarray:
    """The largest ``count`` of ``of`` directions of noise, in the middle of their shares."""
    places = np.linspace(noise.highest + 2.0, 0.0, 3001)
    return np.interp((np.arange(count) + 0.5) / of, [noise.above(x) for x in places], places)


@pytest.mark.parametrize("network", ["diagonal", "quadratic", "symmetric", "bilinear"])
@pytest.mark.parametrize(("c", "delta"), [(0.4, 0.01), (1.1, 3.0)])
def test_noise_and_threshold_are_read_from_quantiles(network: str, c: float, delta: float) -> None:
    d, spikes = 2000, np.array([40.0, 22.0, 15.0])
    noise = noise_of(network, d)
    learned = round(noise.above(c) * (d - 3))
    bulk = delta * (quantiles(noise, learned, d - 3) - c)
    sizes = np.concatenate([delta * spikes, np.maximum(bulk, 1e-9 * delta), np.zeros(d - 3 - learned)])
    seen = look(network, sizes)
    assert seen.spikes.tolist() == (delta * spikes).tolist()
    assert seen.bulk.size == learned
    assert seen.c == pytest.approx(c, abs=2e-3)
    assert seen.delta == pytest.approx(delta, rel=2e-3)
    assert seen.edge == noise.edge
    behind = outliers(network, seen.spikes, seen.c, seen.delta)
    assert behind == pytest.approx(delta * noise_of(network, 3).behind(spikes + c), rel=2e-3)


def test_features_without_noise_are_all_features() -> None:
    sizes = np.concatenate([[5.0, 3.0, 2.0], np.zeros(97)])
    seen = look("quadratic", sizes)
    assert (seen.spikes.size, seen.bulk.size, seen.c, seen.delta) == (3, 0, None, None)
    assert outliers("quadratic", seen.spikes, None, None) is seen.spikes
    every = look("quadratic", np.linspace(3.0, 1.0, 100))  # nearly all are positive: noise of one sign is not
    assert (every.spikes.size, every.c) == (100, None)


@pytest.mark.parametrize(("q", "c"), [(1.0, 0.3), (0.8, 0.8)])
def test_a_cut_is_read_from_quantiles(q: float, c: float) -> None:
    """All learned are beyond the quantile ``q``, lowered by ``c``: the least is ``delta (q - c)`` above zero."""
    d, delta, spikes = 2000, 0.2, np.array([40.0, 22.0, 15.0])
    noise = noise_of("quadratic", d)
    learned = round(noise.above(q) * (d - 3))
    bulk = delta * (quantiles(noise, learned, d - 3) - c)
    sizes = np.concatenate([delta * spikes, np.maximum(bulk, 1e-9), np.zeros(d - 3 - learned)])
    seen = look_beyond("quadratic", sizes)
    assert (seen.spikes.size, seen.bulk.size) == (3, learned)
    assert seen.delta == pytest.approx(delta, rel=5e-3)
    assert seen.c == pytest.approx(c, abs=1e-2)


@pytest.mark.parametrize("gamma", [0.7, 1.25, 3.0])
def test_decay_of_a_power_law(gamma: float) -> None:
    assert decay(5.0 * np.arange(1.0, 9.0) ** -gamma) == pytest.approx(gamma, rel=1e-12)
    assert decay(np.array([2.0, 1.0])) is None
    assert decay(np.array([4.0, 2.0, 1.0])) is not None


def test_an_answer_counts_what_it_is_given() -> None:
    delta, eps = 0.5, 0.3
    behind = 6.0 * np.arange(1.0, 6.0) ** -1.3
    spikes = behind + delta**2 / behind - eps
    sizes = np.concatenate([spikes, [0.6, 0.4, 0.2], np.zeros(12)])
    found = answer("quadratic", sizes, 5, (delta, eps), overfitting=0.1, phase="I", probabilities={"I": 1.0})
    assert (found.features, found.noise_directions) == (5, 3)
    assert found.zero_mass == pytest.approx(12 / 20)
    assert found.pruning_threshold == pytest.approx(2 * delta - eps, rel=1e-12)
    assert found.gamma == pytest.approx(1.3, rel=1e-9)
    assert found.tail_exponent is None  # of five outliers
    alone = answer("quadratic", sizes, 8, (None, None), overfitting=0.0, phase="I", probabilities={"I": 1.0})
    assert (alone.noise_directions, alone.pruning_threshold) == (0, 0.0)
    assert alone.gamma == pytest.approx(decay(sizes[:8]), rel=1e-12)
    assert alone.tail_exponent is not None
