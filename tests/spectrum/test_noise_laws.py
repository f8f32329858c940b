"""The noise in measured weights: its laws against densities and drawn matrices, and what is read from quantiles."""

from __future__ import annotations

import math

import numpy as np
import pytest
from scipy.integrate import quad
from scipy.stats import norm

from asymptotix.errors import NotSupplied
from asymptotix.spectrum.answer import answer
from asymptotix.spectrum.noise_and_features import (
    Noise,
    decay,
    gaussian_noise,
    look,
    noise_of,
    oblong_noise,
    outliers,
    semicircle_noise,
    singular_noise,
)

LAWS = {
    "gaussian": (gaussian_noise(2, 400), lambda x: 2.0 * norm.pdf(x), 9.0),
    "one-sided gaussian": (gaussian_noise(1, 400), norm.pdf, 9.0),
    "semicircle": (semicircle_noise(1, 400), lambda x: math.sqrt(max(4.0 - x * x, 0.0)) / (2 * math.pi), 2.0),
    "two-sided": (semicircle_noise(2, 400), lambda x: math.sqrt(max(4.0 - x * x, 0.0)) / math.pi, 2.0),
    "square": (singular_noise(2, 400), lambda x: math.sqrt(max(4.0 - x * x, 0.0)) / math.pi, 2.0),
}


@pytest.mark.parametrize("law", LAWS)
def test_what_is_above_is_the_integral_of_the_density(law: str) -> None:
    noise, density, end = LAWS[law]
    for c in (-3.0, -1.2, 0.0, 0.4, 1.3, 1.99):
        exact = quad(density, max(c, -end), end)[0]
        assert noise.above(c) == pytest.approx(exact, abs=1e-7)
    assert noise.symmetric == (law != "square")
    if "gaussian" in law:  # half a coefficient of both signs is beyond
        assert 400 * noise.above(noise.edge) == pytest.approx(0.25 * (1 + (law == "gaussian")))
        assert noise.behind(np.array([3.0])) == [3.0]
    else:
        assert noise.edge == 2.0
        assert noise.above(2.5) == 0.0
        a = np.array([1.0, 1.5, 7.0])
        assert noise.behind(a + 1.0 / a) == pytest.approx(a)
        assert noise.behind(np.array([1.2])) == [1.0]  # none is behind what the noise reaches


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
    assert noise.edge == pytest.approx(math.sqrt(high), rel=1e-12)
    assert not noise.symmetric


@pytest.mark.parametrize("a", [1.01, 2.0, 30.0])
@pytest.mark.parametrize("ratio", [0.2, 0.7, 1.0])
def test_the_feature_behind_an_outlier(a: float, ratio: float) -> None:
    assert semicircle_noise(1, 10).behind(np.array([a + 1 / a]))[0] == pytest.approx(a, rel=1e-9)
    x = math.sqrt((a * a + 1) * (a * a + ratio)) / a
    assert oblong_noise(ratio, 10).behind(np.array([x]))[0] == pytest.approx(a, rel=1e-9)
    assert semicircle_noise(1, 10).behind(np.array([0.5]))[0] == 1.0  # within the bulk: at its edge


def test_margins_hold_the_largest_of_drawn_noise_and_little_more() -> None:
    """The largest is within the margin, but for the last few of 300 draws."""
    rng = np.random.default_rng(0)
    tops = {"symmetric": [], "square": [], "oblong": []}
    d, columns = 30, 120
    for _ in range(300):
        g = rng.normal(size=(d, d)) / math.sqrt(d)
        tops["symmetric"].append(np.linalg.eigvalsh((g + g.T) / math.sqrt(2.0))[-1])
        tops["square"].append(np.linalg.norm(g, 2))
        tops["oblong"].append(np.linalg.norm(rng.normal(size=(d, columns)) / math.sqrt(columns), 2))
    laws = semicircle_noise(1, d), singular_noise(2, d), oblong_noise(d / columns, d)
    for noise, top in zip(laws, tops.values(), strict=True):
        assert np.mean(np.array(top) < noise.edge + noise.margin) > 0.98
        assert noise.margin < 3.5 * (np.max(top) - np.median(top))
    assert laws[2].edge == 1.5
    assert not laws[2].symmetric
    largest = np.abs(rng.normal(size=(400, 400))).max(axis=1)
    noise = gaussian_noise(2, 400)
    assert 0.25 < np.mean(largest < noise.edge) < 0.75
    assert 0.6 < np.mean(largest < noise.edge + noise.margin) < 0.9


def test_an_oblong_outlier_has_its_feature_behind() -> None:
    """The largest singular value of a feature beside noise of 400 x 900 entries; none behind the noise's own end."""
    rng, a, rho = np.random.default_rng(1), 1.4, 400 / 900
    noise = rng.normal(size=(400, 900)) / 30.0
    noise[0, 0] += a
    law = oblong_noise(rho, 400)
    assert float(law.behind(np.array([np.linalg.norm(noise, 2)]))[0]) == pytest.approx(a, abs=0.1)
    assert float(law.behind(np.array([0.3]))[0]) == pytest.approx(rho**0.25)
    assert law.above(law.edge + 0.1) == 0.0
    assert law.above(-1.0) == law.above(0.0) == pytest.approx(1.0)


def quantiles(noise: Noise, d: int, c: float) -> np.ndarray:
    """Sizes beyond ``c``, less it, of which the k-th is where ``k - 1/2`` of ``d`` are above."""
    grid = np.linspace(c, noise.edge, 2001)
    above = d * np.array([noise.above(float(x)) for x in grid])
    ranks = np.arange(0.5, above[0])
    return np.interp(-ranks, -above, grid) - c


@pytest.mark.parametrize("network", ["quadratic", "symmetric", "diagonal", "bilinear", "nonnegative"])
@pytest.mark.parametrize("c", [0.3, 1.1])
def test_noise_at_its_quantiles_is_read_back(network: str, c: float) -> None:
    """Alone it has no features; beside some it has those, and its threshold and size are what was put in."""
    d, delta = 600, 0.7
    bulk = delta * quantiles(noise_of(network, d), d, c)
    zeros = np.zeros(d - bulk.size)
    seen = look(network, np.r_[bulk, zeros])
    assert (seen.spikes.size, seen.bulk.size) == (0, bulk.size)
    assert seen.c == pytest.approx(c, abs=4e-3)
    assert seen.delta == pytest.approx(delta, rel=8e-3)
    features = np.array([9.0, 6.0, 4.0])
    seen = look(network, np.r_[features, bulk, zeros[3:]])
    assert seen.spikes.tolist() == features.tolist()
    assert seen.bulk.tolist() == bulk.tolist()
    assert seen.c == pytest.approx(c, abs=8e-3)
    assert seen.delta == pytest.approx(delta, rel=8e-3)


@pytest.mark.parametrize("network", ["quadratic", "symmetric"])
def test_cut_noise_at_its_quantiles_is_read_back(network: str) -> None:
    """Width cuts at ``q``, and a threshold ``c`` below it lowers what is left."""
    d, delta, q, c = 600, 0.7, 1.1, 0.4
    bulk = delta * (quantiles(noise_of(network, d), d, q) + q - c)
    for features in ([], [9.0, 6.0, 4.0]):
        zeros = np.zeros(d - bulk.size - len(features))
        seen = look(network, np.r_[features, bulk, zeros], cut=True)
        assert seen.spikes.tolist() == features
        assert seen.bulk.tolist() == bulk.tolist()
        assert seen.c == pytest.approx(c, abs=0.05)
        assert seen.delta == pytest.approx(delta, rel=0.02)


def test_three_learned_directions_are_no_noise_and_four_are() -> None:
    bulk = 0.5 * quantiles(noise_of("quadratic", 40), 40, 1.5)
    assert bulk.size >= 3
    for count, kept in ((3, 0), (4, 4)):
        d = count / noise_of("quadratic", 40).above(1.5)
        sizes = np.zeros(round(d))
        sizes[:count] = 0.5 * (np.linspace(0.45, 0.1, count))
        assert look("quadratic", sizes).bulk.size == kept
        assert look("quadratic", sizes).spikes.size == count - kept


def test_weights_that_are_all_positive_are_features() -> None:
    """Half of bare noise is below zero: of one side no more than nine tenths can be learned with it."""
    sizes = np.linspace(2.0, 1.0, 50)
    seen = look("quadratic", sizes)
    assert (seen.spikes.size, seen.bulk.size, seen.c, seen.delta) == (50, 0, None, None)
    assert look("symmetric", np.abs(np.linspace(2.0, 0.001, 50))).bulk.size > 40
    nothing = look("quadratic", np.zeros(50))
    assert (nothing.spikes.size, nothing.bulk.size, nothing.c) == (0, 0, None)


def test_features_behind_outliers_and_their_decay() -> None:
    a = 5.0 * np.arange(1.0, 5.0) ** -0.8
    seen = 0.5 * (a / 0.5 + 0.5 / a - 0.3)
    assert outliers("quadratic", seen, 0.3, 0.5) == pytest.approx(a)
    for unknown in ((None, 0.5), (0.3, None)):
        assert outliers("quadratic", seen, *unknown) is seen
    assert decay(a) == pytest.approx(0.8)
    assert decay(a[:3]) == pytest.approx(0.8)
    assert decay(a[:2]) is None
    assert outliers("quadratic", a[:0], 0.3, 0.5).size == 0


def test_what_cannot_be_read_is_refused() -> None:
    with pytest.raises(NotSupplied, match="elastic-net"):
        noise_of("elastic-net", 30)


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


@pytest.mark.parametrize("sides", [1, 2])
def test_share_of_a_gaussian_beyond(sides: int) -> None:
    noise = gaussian_noise(sides, 1000)
    assert noise.above(1.3) == pytest.approx(sides * norm.sf(1.3), rel=1e-12)
    assert 1000 * norm.sf(noise.edge) == pytest.approx(0.25, rel=1e-9)
    assert noise.behind(np.array([3.0]))[0] == 3.0


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


def largest_of(noise: Noise, count: int, of: int) -> np.ndarray:
    """The largest ``count`` of ``of`` directions of noise, in the middle of their shares."""
    places = np.linspace(noise.edge + 2.0, 0.0, 3001)
    return np.interp((np.arange(count) + 0.5) / of, [noise.above(x) for x in places], places)


@pytest.mark.parametrize("network", ["diagonal", "quadratic", "symmetric", "bilinear"])
@pytest.mark.parametrize(("c", "delta"), [(0.4, 0.01), (1.1, 3.0)])
def test_noise_and_threshold_are_read_from_quantiles(network: str, c: float, delta: float) -> None:
    d, spikes = 2000, np.array([40.0, 22.0, 15.0])
    noise = noise_of(network, d)
    learned = round(noise.above(c) * (d - 3))
    bulk = delta * (largest_of(noise, learned, d - 3) - c)
    sizes = np.concatenate([delta * spikes, np.maximum(bulk, 1e-9 * delta), np.zeros(d - 3 - learned)])
    seen = look(network, sizes)
    assert seen.spikes.tolist() == (delta * spikes).tolist()
    assert seen.bulk.size == learned
    assert seen.c == pytest.approx(c, abs=2e-3)
    assert seen.delta == pytest.approx(delta, rel=2e-3)
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
    bulk = delta * (largest_of(noise, learned, d - 3) - c)
    sizes = np.concatenate([delta * spikes, np.maximum(bulk, 1e-9), np.zeros(d - 3 - learned)])
    seen = look("quadratic", sizes, cut=True)
    assert (seen.spikes.size, seen.bulk.size) == (3, learned)
    assert seen.delta == pytest.approx(delta, rel=5e-3)
    assert seen.c == pytest.approx(c, abs=1e-2)
