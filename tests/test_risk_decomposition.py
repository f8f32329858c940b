"""Overfitting, underfitting, approximation: they sum to the error, and each is what is measured."""

import math

import numpy as np
import pytest

import asymptotix as ax
from asymptotix.asymptotics.diagram import phase_diagram
from asymptotix.asymptotics.error_parts import parts as parts_of
from asymptotix.errors import InvalidInput
from asymptotix.networks.diagonal import GaussianSequence
from asymptotix.risk.scalar_parts import scalar_parts
from asymptotix.teacher import FiniteRank, PowerLaw

PARTS = ("overfitting", "underfitting", "approximation")


@pytest.mark.parametrize("network", ["diagonal", "quadratic", "symmetric"])
@pytest.mark.parametrize("d", [100, 10**6, 10**60])
@pytest.mark.parametrize("gamma", [0.7, 1.25, 2.5])
@pytest.mark.parametrize(("a", "l"), [(0.3, -1.0), (0.8, -0.5), (1.2, 0.0)])
def test_parts_sum_to_the_error(network, d, gamma, a, l):  # noqa: E741
    n_eff = float(d) ** a
    n = n_eff if network == "diagonal" else n_eff * d
    p = ax.Problem(network, gamma=gamma, d=d, n=n, lam=float(d) ** l, noise=0.3)
    parts = ax.decompose(p)
    assert sum(getattr(parts, name) for name in PARTS) == pytest.approx(parts.error, rel=1e-9)
    assert min(getattr(parts, name) for name in PARTS) >= 0
    assert parts.residual < 1e-8  # the parts were found one by one, by integrals of their own


@pytest.mark.parametrize("network", ["quadratic", "symmetric"])
@pytest.mark.parametrize("lam", [0.003, 0.1, 3.0])
def test_parts_of_random_matrices(network, lam):
    """All pairs of a feature and an eigenvector of ``S + delta Z``, by their measured overlaps."""
    p = ax.Problem(network, gamma=1.0, d=150, n=4_000, lam=lam, noise=0.3)
    solution, parts = ax.solve(p), ax.decompose(p)
    m = int(parts.features)
    teacher = p.spectrum.values()
    rng = np.random.default_rng(4)
    sums = []
    for _ in range(6):
        g = rng.normal(size=(p.d, p.d))
        noisy = np.diag(teacher) + solution.delta * (g + g.T) / math.sqrt(2.0) / p.d
        values, vectors = np.linalg.eigh(noisy)
        values, overlap = values[::-1], vectors[:, ::-1] ** 2
        kappa = solution.eps / math.sqrt(p.d)
        learned = np.maximum(values - kappa, 0.0)
        if network == "symmetric":
            learned += np.minimum(values + kappa, 0.0)
        pairs = (learned[None, :] - teacher[:, None]) ** 2 * overlap
        hidden = pairs[m:, m:]
        over, under = hidden[:, learned[m:] != 0].sum(), hidden[:, learned[m:] == 0].sum()
        sums.append((over, under, pairs.sum() - over - under))
    means = np.mean(sums, axis=0)
    for name, measured in zip(PARTS, means, strict=True):
        assert getattr(parts, name) == pytest.approx(measured, abs=0.05 * parts.error), name


@pytest.mark.parametrize("c", [0.2, 1.3, 60.0])
@pytest.mark.parametrize("log_tau", [-3.0, -6.0])
def test_sums_by_panels_are_the_sums(c, log_tau):
    """The panels' sums against all terms, one by one."""
    spectrum = PowerLaw(0.9).spectrum(1500)
    potential = GaussianSequence(spectrum)
    response = potential.response(math.log(c), log_tau)
    fast = scalar_parts(potential, response, log_tau)
    each = [
        scalar_parts(one, one.response(math.log(c), math.log(ratio)), math.log(ratio))
        for one in [GaussianSequence(FiniteRank([1.0]).spectrum(1))]
        for ratio in math.exp(log_tau) / spectrum.values()
    ]
    for name in (*PARTS, "visible", "learned", "bulk_moment"):
        exact = math.fsum(getattr(e, name) for e in each)
        assert getattr(fast, name) == pytest.approx(exact, rel=1e-10), name


@pytest.mark.parametrize(
    ("gamma", "d", "n", "lam", "noise"),
    [
        (1.12, 133, 122_954, 0.00569, 0.0459),
        (0.64, 123, 420_434, 0.105, 9.7),
        (1.1, 224, 715_740, 0.0337, 0.045),
    ],
)
def test_two_sided_thresholds_within_crowded_features(gamma, d, n, lam, noise):
    """Where nearly all features are learned the support curve does not go around the origin."""
    parts = ax.decompose(ax.Problem("symmetric", gamma=gamma, d=d, n=n, lam=lam, noise=noise))
    assert parts.residual < 1e-10


@pytest.mark.parametrize(
    ("gamma", "d", "n", "lam", "noise"),
    [
        (1.45, 734, 29_648, 0.7, 0.338),  # the threshold cuts one feature's own band, next to the real axis
        (0.81, 60, 1109, 0.0376, 0.00842),  # two thresholds whose points have very different distances from 0
        (0.72, 494, 31_856, 0.51, 0.00283),
    ],
)
def test_two_sided_thresholds_at_features(gamma, d, n, lam, noise):
    parts = ax.decompose(ax.Problem("symmetric", gamma=gamma, d=d, n=n, lam=lam, noise=noise))
    assert parts.residual < 1e-11


@pytest.mark.parametrize("network", ["quadratic", "symmetric"])
@pytest.mark.parametrize(("power", "discrete"), [(60, 0.02), (90, 1e-3), (110, 1e-3)])
def test_overfitting_at_an_edge_too_narrow_for_doubles(network, power, discrete):
    """Interpolation without noise: the leak and the features half learned, which keep their law at every d.

    What is left is the discreteness of features, ``1/(phi i*)``.
    """
    d, gamma, a, l, zeta = 10.0**power, "2", "3/16", "-15/16", "11/16"  # noqa: E741
    law = parts_of(phase_diagram(network).at(gamma=gamma, a=a, l=l, zeta=zeta))
    sizes = {"n_eff": d ** (3 / 16), "lam": d ** (-15 / 16), "noise": d ** (-11 / 16)}
    p = ax.Problem(network, gamma=2, d=d, n=sizes["n_eff"] * d, lam=sizes["lam"], noise=sizes["noise"])
    exact = ax.decompose(p)
    for name in ("overfitting", "bulk_moment"):
        predicted = law.value(name, d=d, gamma=2.0, **sizes)
        assert getattr(exact, name) == pytest.approx(predicted, rel=discrete)


def test_edges():
    p = ax.Problem("quadratic", gamma=1, d=100, n=5000, lam=1e9, noise=1)
    parts = ax.decompose(p)
    assert (parts.overfitting, parts.approximation, parts.underfitting) == pytest.approx((0.0, 0.0, 1.0))
    recovered = ax.decompose(ax.Problem("diagonal", gamma=1, d=10, n=20, lam=0, noise=0))
    assert recovered.error == recovered.overfitting == 0.0
    with pytest.raises(InvalidInput, match="infinite risk"):
        ax.decompose(ax.Problem("diagonal", gamma=1, d=9, n=9, lam=0, noise=1))


@pytest.mark.parametrize(("gamma", "share"), [(1.25, 0.03), (0.75, 0.03)])
def test_parts_where_the_bulk_ends_without_a_gap(gamma: float, share: float) -> None:
    """As many eigenvalues are outliers as features are visible: pair by pair in random matrices.

    Cut at ``Re w = 1`` in place of this, approximation was almost twice as large.
    """
    d = 600
    problem = ax.Problem("quadratic", gamma=gamma, d=d, n=d ** (13 / 6), lam=1 / d, noise=1)
    solution, parts = ax.solve(problem), ax.decompose(problem)
    features, visible = problem.spectrum.values() * d**0.5, int(parts.features)
    rng, found = np.random.default_rng(3), np.zeros(2)
    for _ in range(4):
        z = rng.normal(size=(d, d))
        values, vectors = np.linalg.eigh(np.diag(features) + solution.delta * (z + z.T) / (2 * d) ** 0.5)
        learned = np.maximum(values[::-1] - solution.eps, 0.0)
        pairs = (learned - features[:, None]) ** 2 * vectors[:, ::-1] ** 2 / d
        bulk = pairs[visible:, visible:]
        over = bulk[:, learned[visible:] > 0].sum()
        found += np.array([over, pairs.sum() - bulk.sum()]) / 4
    assert found == pytest.approx([parts.overfitting, parts.approximation], rel=share)
