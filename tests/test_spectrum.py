"""The law of the learned weights: against sums, closed forms, random matrices, and the powerlaw package."""

import math

import numpy as np
import pytest
from scipy.stats import norm

import asymptotix as ax
from asymptotix.errors import InvalidInput
from asymptotix.spectrum.eigenvalue_law import spectral_law
from asymptotix.spectrum.spectrum_types import name

POINTS = [
    ("quadratic", 400, 60_000, 0.01),
    ("quadratic", 400, 20_000, 0.3),
    ("symmetric", 200, 8_000, 0.1),
    ("diagonal", 400, 300, 0.05),
]


def mass(law):
    return float(law.density.mean() * (law.bulk_edges[-1] - law.bulk_edges[0]))


@pytest.mark.parametrize(("network", "d", "n", "lam"), POINTS)
def test_masses_sum_to_one(network, d, n, lam):
    law = ax.spectrum(ax.Problem(network, gamma=1.25, d=d, n=n, lam=lam, noise=0.1), points=4000)
    bulk = mass(law) if law.bulk_edges else 0.0
    learned = 1.0 - law.zero_mass
    # the diagonal's visible features overlap with its bulk
    slack = law.spike_count / d if network == "diagonal" else 2e-3 / d**0.5
    assert bulk + law.spike_count / d == pytest.approx(learned, abs=slack)


@pytest.mark.parametrize(("network", "lam"), [("quadratic", 0.3), ("symmetric", 0.3), ("symmetric", 0.05)])
def test_random_matrices(network, lam):
    """Eigenvalues of ``S + delta Z``, thresholded: zero mass, spikes and overlaps within their fluctuations."""
    p = ax.Problem(network, gamma=1.0, d=300, n=12_000, lam=lam, noise=0.3)
    solution, law = ax.solve(p), ax.spectrum(p)
    rng = np.random.default_rng(1)
    teacher = math.sqrt(p.d) * p.spectrum.values()
    g = rng.normal(size=(p.d, p.d))
    values, vectors = np.linalg.eigh(np.diag(teacher) + solution.delta * (g + g.T) / math.sqrt(2 * p.d))
    sides = np.abs(values) if network == "symmetric" else values
    assert np.mean(sides <= solution.eps) == pytest.approx(law.zero_mass, abs=3 / p.d)
    if network == "symmetric":  # learned on both sides
        assert law.bulk_edges[0] == pytest.approx(values[0] + solution.eps, abs=3 * solution.delta / p.d**0.5)
    assert law.spikes
    for k, spike in enumerate(law.spikes[:3]):
        assert values[-1 - k] - solution.eps == pytest.approx(
            spike.position, abs=4 * solution.delta / p.d**0.5
        )
        assert vectors[k, -1 - k] ** 2 == pytest.approx(spike.overlap, abs=0.15)
    for x in (0.0, 0.3, 1.0):
        count = np.count_nonzero(values > solution.eps + x)
        assert law.count_above(x) == pytest.approx(count, abs=2.5)


@pytest.mark.parametrize(
    ("d", "n", "lam", "noise"),
    [(60, 2000, 0.03, 0.05), (60, 2000, 0.3, 1.0), (3, 16, 0.01, 1.0), (3, 16, 1.4, 1.0)],
)
def test_the_lower_end_of_a_bulk_is_where_its_own_side_ends(d, n, lam, noise):
    """The largest ``z(w) = w + (1/d) sum 1/(w - a_i)`` below all features, by searching; it may be at ``w > 0``."""
    p = ax.Problem("symmetric", gamma=1.25, d=d, n=n, lam=lam, noise=noise)
    solution, law = ax.solve(p), ax.spectrum(p, points=2000)
    a = math.sqrt(p.d) * p.spectrum.values() / solution.delta
    w = a[-1] - np.geomspace(1e-3, 2.0, 400_001)
    lowest = float(np.max(w + sum(1 / (w - x) for x in a) / p.d))
    assert law.bulk_edges[0] == pytest.approx(solution.delta * lowest + solution.eps, rel=1e-8)
    density = np.asarray(law.density)
    assert 0 < density[0] < 0.2 * density[40]
    # both sides and the zeros make one
    assert mass(law) + law.zero_mass + law.spike_count / p.d == pytest.approx(1.0, abs=2e-3)


@pytest.mark.parametrize("network", ["quadratic", "symmetric"])
@pytest.mark.parametrize(("d", "n"), [(300, 12_000), (20_000, 10**8)])
def test_places_and_overlaps_of_outliers_are_sums_over_the_others(network, d, n):
    """``a_i + t sum 1/(a_i - a_j)`` and ``1 - t sum 1/(a_i - a_j)^2``: second-order perturbation."""
    p = ax.Problem(network, gamma=1.0, d=d, n=n, lam=0.3, noise=0.3)
    solution, law = ax.solve(p), ax.spectrum(p)
    a = math.sqrt(d) * p.spectrum.values() / solution.delta
    assert len(law.spikes) > 2
    for i, spike in enumerate(law.spikes):
        apart = a[i] - np.delete(a, i)
        place = solution.delta * (a[i] + np.sum(1.0 / apart) / d) - solution.eps
        assert spike.position == pytest.approx(max(place, 0.0), rel=1e-9, abs=1e-9)
        assert spike.overlap == pytest.approx(max(1.0 - np.sum(1.0 / apart**2) / d, 0.0), abs=1e-9)


@pytest.mark.parametrize(("network", "lower"), [("diagonal", 1.0), ("nonnegative", 0.0)])
def test_a_feature_is_learned_as_often_as_its_noise_lets_it(network, lower):
    """Below the noise features of either sign are kept, too: the shares sum to the degrees of freedom."""
    p = ax.Problem(network, teacher=ax.FiniteRank([1.4, 1.2, 1.0]), d=3, n=6, lam=0.05, noise=0.5)
    solution, law = ax.solve(p), ax.spectrum(p)
    a = math.sqrt(p.d) * p.spectrum.values() / solution.delta
    c = solution.eps / solution.delta
    assert 0.02 < c < 1.5
    kept = norm.sf(c - a) + lower * norm.sf(c + a)
    found = [spike.overlap for spike in law.spikes]
    assert found
    assert found == pytest.approx(kept[: len(found)], rel=1e-9)
    assert solution.degrees_of_freedom == pytest.approx(kept.sum(), rel=1e-9)
    assert law.zero_mass == pytest.approx(1.0 - kept.mean(), rel=1e-9)


def test_coefficients_are_counted():
    p = ax.Problem("diagonal", gamma=1.0, d=20_000, n=9_000, lam=0.02, noise=0.3)
    solution, law = ax.solve(p), ax.spectrum(p)
    rng = np.random.default_rng(2)
    y = math.sqrt(p.d) * p.spectrum.values() + solution.delta * rng.normal(size=p.d)
    learned = np.abs(y) - solution.eps
    assert np.mean(learned <= 0) == pytest.approx(law.zero_mass, abs=4 / math.sqrt(p.d))
    assert law.count_above(1.0) == pytest.approx(np.count_nonzero(learned > 1.0), rel=0.05)


def test_huge_dimensions():
    p = ax.Problem("quadratic", gamma=1.25, d=10**40, n=1e60, lam=1e-12, noise=1)
    law = ax.spectrum(p)
    assert law.tail_exponent == pytest.approx(1.8)
    assert law.spike_count > 1e8
    assert len(law.spikes) == 100
    assert mass(law) == pytest.approx(1.0 - law.zero_mass, rel=1e-2)
    assert law.martin_mahoney == "heavy-tailed"


def test_nothing_learned():
    law = ax.spectrum(ax.Problem("quadratic", gamma=1.25, d=400, n=20_000, lam=1e6, noise=0.1))
    assert (law.zero_mass, law.bulk_edges, law.spikes, law.kind) == (1.0, (), (), "zero mass")


def test_perfect_recovery_has_the_teachers_spectrum():
    p = ax.Problem("quadratic", gamma=1.25, d=40, n=3000, lam=0, noise=0)
    law, values = ax.spectrum(p), math.sqrt(40) * p.spectrum.values()
    assert (law.zero_mass, law.bulk_edges, law.spike_count, law.kind) == (0.0, (), 40, "d spikes")
    assert [s.position for s in law.spikes] == pytest.approx(values.tolist())
    assert {s.overlap for s in law.spikes} == {1.0}
    assert [s.teacher_index for s in law.spikes] == list(range(1, 41))
    assert law.tail_exponent == pytest.approx(1.0 + 1.0 / 1.25)
    for x in (-1.0, 0.0, 0.5, 2.0):
        assert law.count_above(x) == np.count_nonzero(values > x)


def test_infinite_risk_has_no_spectrum():
    with pytest.raises(InvalidInput, match="infinite risk"):
        ax.spectrum(ax.Problem("diagonal", gamma=1, d=9, n=9, lam=0, noise=1))
    with pytest.raises(InvalidInput, match="points"):
        ax.spectrum(ax.Problem("diagonal", gamma=1, d=9, n=5, lam=0, noise=1), points=1)


def test_tail_fit_is_the_one_of_powerlaw():
    powerlaw = pytest.importorskip("powerlaw")
    rng = np.random.default_rng(3)
    x = np.concatenate([rng.uniform(0.2, 1.0, 300), (1 - rng.random(700)) ** (-1 / 1.8)])
    ours = ax.fit_tail(x)
    theirs = powerlaw.Fit(x, verbose=False)
    assert ours.x_min == pytest.approx(theirs.xmin)
    assert ours.exponent == pytest.approx(theirs.alpha, rel=1e-9)
    assert ours.distance == pytest.approx(theirs.D, rel=1e-9)


def test_tail_fit_rejects_what_is_no_tail():
    with pytest.raises(InvalidInput, match="finite"):
        ax.fit_tail([1.0, math.nan])
    with pytest.raises(InvalidInput, match="at least"):
        ax.fit_tail([1.0, 1.0, 2.0])


@pytest.mark.parametrize(
    ("reach", "expected"), [(1.01, "bleeding-out"), (1.6, "bulk + spikes"), (3, "bulk + spikes")]
)
def test_spikes_are_told_from_what_bleeds_out_by_their_distance(reach: float, expected: str) -> None:
    assert name(True, 3, reach * 0.7, 0.7, True) == expected


# the noise beyond the threshold is a hair of the edge's 2: both are known by the angle, to all digits
@pytest.mark.parametrize("network", ["quadratic", "symmetric"])
def test_noise_a_hair_beyond_the_threshold(network):
    p = ax.Problem(network, gamma=1.25, d=10**120, n=1e180, lam=0, noise=0.1)
    found, solution = ax.spectrum(p), ax.solve(p)
    low, high = found.bulk_edges
    assert found.kind == "zero mass + bulk + spikes"
    assert low == (-high if network == "symmetric" else 0)
    # of bare noise a share (8/15 pi) angle^5 is learned, and the edge is angle^2 beyond the threshold
    angle = (15 * math.pi / 8 * solution.degrees_of_freedom / 1e120 / p.net.sides) ** 0.2
    assert high == pytest.approx(angle**2 * math.exp(solution.log_delta), rel=1e-9)
    log_tau = solution.log_delta - 60 * math.log(10)
    potential = p.net.bind(p.spectrum)
    law = spectral_law(potential, potential.threshold(log_tau, 2e60, 0.0, None), log_tau)
    assert law.learned_noise == pytest.approx(p.net.sides * 2 / (3 * math.pi) * angle**3 * 1e120, rel=1e-9)
