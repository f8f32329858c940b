"""The law of every network's weights: its density, counts, ends and outliers agree with one another, and with draws."""

from __future__ import annotations

import math

import numpy as np
import pytest

import asymptotix as ax
from asymptotix.errors import InvalidInput
from asymptotix.spectrum.law import SpectrumLaw, Spike
from asymptotix.spectrum.weights import is_symmetric

PROBLEMS = {
    "quadratic": ax.Problem("quadratic", gamma=1.25, d=60, n=3000, lam=0.05, noise=0.5),
    "symmetric": ax.Problem("symmetric", gamma=1.25, d=60, n=3000, lam=0.05, noise=0.5),
    "square": ax.Problem("bilinear", gamma=1.25, d=60, n=3000, lam=0.05, noise=0.5),
    "oblong": ax.Problem("bilinear", gamma=1.25, d=90, rows=60, n=3000, lam=0.1, noise=0.5),
    "cut": ax.Problem("quadratic", gamma=1.25, d=60, n=3000, lam=0.02, noise=0.5, width=20),
    "cut twice": ax.Problem("symmetric", gamma=1.25, d=60, n=3000, lam=0.02, noise=0.5, width=25),
    "diagonal": ax.Problem("diagonal", gamma=1.25, d=60, n=300, lam=0.3, noise=0.5),
    "nonnegative": ax.Problem("nonnegative", gamma=1.25, d=60, n=300, lam=0.3, noise=0.5),
    "deep": ax.Problem("diagonal", depth=3, gamma=1.25, d=60, n=60, lam=0.5, noise=0.3),
    "elastic-net": ax.Problem("elastic-net", gamma=1.25, d=60, n=300, lam=0.3, noise=0.5, ridge=0.5),
}
LAWS: dict[str, SpectrumLaw] = {}
MATRICES = ("quadratic", "symmetric", "square", "oblong", "cut", "cut twice")


def law_of(name: str) -> SpectrumLaw:
    if name not in LAWS:
        LAWS[name] = ax.spectrum(PROBLEMS[name], points=600)
    return LAWS[name]


def drawn(name: str, draws: int) -> np.ndarray:
    """Learned weights of so many networks, decreasing, by what the state evolution says they are."""
    p, rng = PROBLEMS[name], np.random.default_rng(0)
    solved, rows = ax.solve(p), p.features
    teacher = math.sqrt(p.d) * p.spectrum.values()
    if name not in MATRICES:
        noisy = teacher + solved.delta * rng.normal(size=(draws, rows))
        learned = np.sign(noisy) * np.maximum(np.abs(noisy) - solved.eps, 0.0)
        return np.maximum(learned, 0.0) if p.net.sides == 1 else learned
    found = []
    for _ in range(draws):
        g = rng.normal(size=(rows, p.d))
        if name in ("square", "oblong"):
            noise = solved.delta * g / math.sqrt(p.d)
            noise[np.arange(rows), np.arange(rows)] += teacher
            values = np.linalg.svd(noise, compute_uv=False)
        else:
            values = np.linalg.eigvalsh(np.diag(teacher) + solved.delta * (g + g.T) / math.sqrt(2.0 * p.d))
        values = values[np.argsort(-(np.abs(values) if p.net.sides == 2 else values))]
        learned = np.sign(values) * np.maximum(np.abs(values) - solved.eps, 0.0)
        found.append(np.where(np.arange(rows) < (p.width or rows), learned, 0.0))
    learned = np.array(found)
    return np.maximum(learned, 0.0) if p.net.sides == 1 else learned


@pytest.mark.parametrize("name", [x for x in PROBLEMS if x not in ("deep", "elastic-net")])
def test_zeros_and_counts_are_those_of_draws(name: str) -> None:
    law, learned = law_of(name), drawn(name, 40 if name in MATRICES else 600)
    assert law.zero_mass == pytest.approx(np.mean(learned == 0.0), abs=0.02)
    both = np.abs(learned) if PROBLEMS[name].net.name == "diagonal" else learned
    for x in (0.0, 0.2, 0.6, 2.0):
        assert law.count_above(x) == pytest.approx((both > x).sum(axis=1).mean(), abs=0.8)
    if name in MATRICES:
        for k, spike in enumerate(law.spikes[:2]):
            assert np.sort(learned, axis=1)[:, -1 - k].mean() == pytest.approx(spike.position, rel=0.05)


@pytest.mark.parametrize("name", PROBLEMS)
def test_the_density_is_how_counts_fall(name: str) -> None:
    """Between places within the bulk: what is above one and not above the other is the integral of the density."""
    law = law_of(name)
    p, high = PROBLEMS[name], law.bulk_edges[-1]
    low = max(law.bulk_edges[-2], 0.0)
    sides = 2.0 if p.net.sides == 2 and name not in MATRICES else 1.0
    assert np.all(np.diff(law.points) > 0)
    assert np.all(law.density >= 0.0)
    step = law.points[-1] - law.points[-2]
    assert law.points[-1] == pytest.approx(high - 0.5 * step)
    first, last = low + 0.2 * (high - low), low + 0.7 * (high - low)
    inside = (law.points > first) & (law.points < last)
    # from the middle before the first to the middle after the last of these points
    at = law.points[inside]
    counted = law.count_above(float(at[0] - step / 2)) - law.count_above(float(at[-1] + step / 2))
    density = law.density[inside]
    if sides == 2.0:  # features are beside the middle: the other side has its own
        other = law.points < 0
        density = density + np.interp(-at, law.points[other], law.density[other])
    assert float(density.sum()) * step * p.features == pytest.approx(counted, rel=2e-3)


@pytest.mark.parametrize("name", ["square", "oblong"])
def test_singular_values_have_the_mass_that_is_learned(name: str) -> None:
    law = law_of(name)
    width = law.bulk_edges[1] - law.bulk_edges[0]
    bulk = float(law.density.mean()) * width
    assert bulk + law.spike_count / 60 + law.zero_mass == pytest.approx(1.0, abs=0.01)
    assert law.count_above(law.bulk_edges[1]) == pytest.approx(law.spike_count, abs=0.6)


@pytest.mark.parametrize(("rows", "columns"), [(2000, 2000), (1000, 4000)])
def test_a_lone_singular_value_is_where_theory_has_it(rows: int, columns: int) -> None:
    """One feature: ``sqrt((1 + a^2)(rho + a^2))/a``, and the overlaps of both its vectors multiplied."""
    p = ax.Problem(
        "bilinear", teacher=ax.FiniteRank([1.0]), d=columns, rows=rows, n=12 * columns, lam=0.03, noise=1.0
    )
    solved, law, rho = ax.solve(p), ax.spectrum(p), rows / columns
    a = math.sqrt(columns) / solved.delta
    place = math.sqrt((1 + a**2) * (rho + a**2)) / a
    assert [s.teacher_index for s in law.spikes] == [1]
    assert law.spikes[0].position == pytest.approx(solved.delta * place - solved.eps, rel=1e-3)
    left = 1 - rho * (1 + a**2) / (a**2 * (a**2 + rho))
    right = 1 - (rho + a**2) / (a**2 * (a**2 + 1))
    assert law.spikes[0].overlap == pytest.approx(math.sqrt(left * right), abs=2e-3)


def test_an_elastic_net_shrinks_the_lassos_law() -> None:
    """All positions and densities are those of a soft threshold, times a factor."""
    p = PROBLEMS["elastic-net"]
    law, solved = law_of("elastic-net"), ax.solve(p)
    teacher = math.sqrt(p.d) * p.spectrum.values()
    plain = max(teacher[0] - solved.eps, 0.0)
    k = law.spikes[0].position / plain
    assert 0.2 < k < 1.0
    for spike, a in zip(law.spikes, teacher, strict=False):
        assert spike.position == pytest.approx(k * (a - solved.eps), abs=1e-6)
    rng = np.random.default_rng(0)
    noisy = teacher + solved.delta * rng.normal(size=(4000, p.d))
    learned = k * np.maximum(np.abs(noisy) - solved.eps, 0.0)
    for x in (0.0, 0.1, 0.4):
        assert law.count_above(x) == pytest.approx((learned > x).sum(axis=1).mean(), abs=0.2)


def test_no_deep_weight_is_small() -> None:
    """Between zero and the jump there is none; counts fall beyond it alone."""
    law = law_of("deep")
    low, inner, jump, high = law.bulk_edges
    assert (low, inner) == (-high, -jump)
    assert 0.0 < jump < high
    assert np.abs(law.points).min() > jump
    assert law.count_above(0.0) == law.count_above(0.99 * jump) > law.count_above(1.01 * jump)
    assert law.count_above(0.0) == pytest.approx(60 * (1.0 - law.zero_mass))
    assert sum(law.points < 0) == sum(law.points > 0) == 300


def test_answers_are_plain_values() -> None:
    law = law_of("cut twice")
    plain = law.to_dict()
    assert "problem" not in plain
    assert "_above" not in plain
    assert plain["bulk_edges"] == list(law.bulk_edges)
    assert plain["points"] == law.points.tolist()
    assert plain["density"] == law.density.tolist()
    assert plain["spikes"][0] == {
        "position": law.spikes[0].position,
        "teacher_index": 1,
        "overlap": law.spikes[0].overlap,
    }
    assert plain["kind"] == law.kind
    assert Spike(1.0, 2, 0.5).to_dict() == {"position": 1.0, "teacher_index": 2, "overlap": 0.5}
    xarray = pytest.importorskip("xarray")
    found = law.to_xarray()
    assert isinstance(found, xarray.Dataset)
    assert found.density.values.tolist() == law.density.tolist()
    assert found.weight.values.tolist() == law.points.tolist()
    assert found.overlap.values.tolist() == [s.overlap for s in law.spikes]
    assert found.attrs["spike_count"] == law.spike_count


def test_tails_are_named_from_five_outliers_of_a_power_law_on() -> None:
    heavy = ax.Problem("quadratic", gamma=1.25, d=400, n=20_000, lam=1, noise=0.1)
    law = ax.spectrum(heavy, points=2)
    assert law.spike_count == 6.0
    assert law.tail_exponent == pytest.approx(1.8)
    assert ax.spectrum(heavy.replace(n=10_000)).spike_count < 5
    assert ax.spectrum(heavy.replace(n=10_000)).tail_exponent is None
    given = ax.Problem("quadratic", teacher=ax.Geometric(0.8), d=40, n=4000, lam=0.1, noise=0.1)
    assert ax.spectrum(given).spike_count >= 5
    assert ax.spectrum(given).tail_exponent is None
    with pytest.raises(InvalidInput, match="points"):
        ax.spectrum(heavy, points=1)


@pytest.mark.parametrize(
    ("d", "n", "lam", "noise"), [(82, 19749.07, 57.3261, 47.4856), (1671, 41437145.6, 0.08424, 1.4784e-6)]
)
def test_a_threshold_within_an_outlier_leaves_no_bulk(d: int, n: float, lam: float, noise: float) -> None:
    """Part of its own narrow band is cut off: a bulk of no width was drawn there."""
    law = ax.spectrum(ax.Problem("bilinear", gamma=1.25, d=d, n=n, lam=lam, noise=noise), points=10)
    assert law.bulk_edges == ()
    assert law.points.size == 0
    assert law.spike_count >= 1


def test_thresholds_far_above_the_noise_need_few_terms() -> None:
    """Single standard deviations matter around the threshold alone, of which 1e12 are below; 1.8 TiB were asked for."""
    p = ax.Problem(
        "diagonal", depth=3, gamma=2.23422, d=12087187784, n=4.7117e31, lam=5.6712e22, noise=1.9527
    )
    law = ax.spectrum(p)
    assert law.spike_count == 60
    assert (1.0 - law.zero_mass) * p.d == pytest.approx(60.0, abs=1e-4)


@pytest.mark.parametrize("name", ["quadratic", "symmetric"])
def test_none_is_above_all(name: str) -> None:
    law = law_of(name)
    assert law.count_above(1e3) == 0.0
    assert law.count_above(0.0) > 0.0


@pytest.mark.parametrize("scale", [1e-9, 1.0, 1e9])
def test_symmetry_is_relative_to_the_largest_entry(scale: float) -> None:
    """Rounding is none of it, and a millionth is: in whatever units."""
    g = np.random.default_rng(0).normal(size=(20, 20))
    symmetric, odd = scale * (g + g.T), scale * (g - g.T)
    assert is_symmetric(symmetric + 1e-12 * odd)
    assert not is_symmetric(symmetric + 1e-6 * odd)
    assert is_symmetric(np.zeros((3, 3)))
    assert not is_symmetric(symmetric[:10])
