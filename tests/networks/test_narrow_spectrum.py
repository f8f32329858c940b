"""The learned law of few hidden units and the parts of its error, against random matrices and in any dimension."""

from __future__ import annotations

import json
import math

import numpy as np
import pytest

import asymptotix as ax
from asymptotix.cli import main
from asymptotix.equations import System
from asymptotix.errors import InvalidInput
from asymptotix.networks import get
from asymptotix.risk.decomposition import response_at
from asymptotix.risk.spectral_parts import spectral_parts
from asymptotix.spectrum.phase_contrasts import contrasts

PARTS = ("overfitting", "underfitting", "approximation", "width_limited")


def problem(network: str = "quadratic", **changes: object) -> ax.Problem:
    base = ax.Problem(network, gamma="5/4", d=400, n=26515.632, lam=0.040709, noise=0.1)
    return base.replace(**changes)


def drawn(p: ax.Problem, seed: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Learned eigenvalues by decreasing size of the noisy ones, squared overlaps with the features, and these."""
    s, g = ax.solve(p), np.random.default_rng(seed).standard_normal((p.d, p.d))
    truth = math.sqrt(p.d) * p.spectrum.values()
    values, vectors = np.linalg.eigh(np.diag(truth) + s.delta * (g + g.T) / math.sqrt(2 * p.d))
    size = np.abs(values) if p.net.sides == 2 else values
    order = np.argsort(-size)
    kept = np.sign(values[order]) * np.maximum(size[order] - s.eps, 0.0)
    kept[p.width or p.d :] = 0.0
    return kept, vectors[:, order] ** 2, truth


def seen_by_a_wide_network(p: ax.Problem) -> int:
    """Features that are visible at the same noise and threshold where width is no matter."""
    system, s = System.of(p), ax.solve(p)
    response, log_tau = response_at(s, system)
    wide = get(p.network).bind(p.spectrum)
    return int(spectral_parts(wide, wide.line(log_tau).at_c(response.c), log_tau).visible)


@pytest.mark.parametrize("network", ["quadratic", "symmetric"])
@pytest.mark.parametrize("width", [4, 23, 60])
def test_the_cut_law_against_a_random_matrix(network: str, width: int) -> None:
    p = problem(network, width=width)
    law, delta = ax.spectrum(p), ax.solve(p).delta
    learned, overlaps, _ = drawn(p, 3)
    assert law.zero_mass == pytest.approx(np.mean(learned == 0.0), abs=1e-12)
    free = delta * math.sqrt(2 / p.d)  # how far a lone outlier fluctuates
    for k, spike in enumerate(law.spikes[:5]):
        assert learned[k] == pytest.approx(spike.position, abs=4 * free)
        assert overlaps[k, k] == pytest.approx(spike.overlap, abs=0.15)
    assert (width == 4) == (not law.bulk_edges)
    if law.bulk_edges:  # a gap at zero, on both sides for two
        assert len(law.bulk_edges) == 2 * p.net.sides
        assert np.abs(learned[:width]).min() == pytest.approx(min(map(abs, law.bulk_edges)), abs=free)
        if width == 60 and network == "symmetric":
            assert learned.min() == pytest.approx(law.bulk_edges[0], abs=3 * free)
    for x in (0.0, 1.0, 2.0):
        assert law.count_above(x) == pytest.approx(np.count_nonzero(learned > x), abs=2.5)


@pytest.mark.parametrize("network", ["quadratic", "symmetric"])
@pytest.mark.parametrize("width", [23, 55, 135])
def test_masses_of_the_cut_law_sum_to_one(network: str, width: int) -> None:
    law = ax.spectrum(problem(network, lam=0, width=width), points=4000)
    ends = np.array(law.bulk_edges)
    whole = float(law.density.mean() * (ends[1::2] - ends[::2]).sum())
    assert whole + law.zero_mass + law.spike_count / 400 == pytest.approx(1.0, abs=2e-4)
    assert law.zero_mass == 1.0 - width / 400
    least = float(ends[ends > 0].min())
    assert np.abs(law.points).min() > least
    assert law.count_above(0.0) == law.count_above(0.999 * least)


@pytest.mark.parametrize("network", ["quadratic", "symmetric"])
@pytest.mark.parametrize(("width", "lam"), [(1, 0.04), (4, 1.0), (12, 0.04), (40, 0.0)])
def test_parts_against_random_matrices(network: str, width: int, lam: float) -> None:
    """Pairs of a feature and an eigenvector by their measured overlaps; features that have no unit apart."""
    p = problem(network, d=150, n=6_000, lam=lam, noise=0.3, width=width)
    parts = ax.decompose(p)
    held, truth = int(parts.features), math.sqrt(p.d) * p.spectrum.values()
    visible = max(seen_by_a_wide_network(p), held)
    sums = []
    for seed in range(6):
        learned, overlaps, _ = drawn(p, seed)
        pairs = (learned[None, :] - truth[:, None]) ** 2 * overlaps / p.d
        missed = pairs[:, learned == 0]
        over = pairs[held:, held:width][:, learned[held:width] != 0].sum()
        width_limited, under = missed[held:visible].sum(), missed[visible:].sum()
        sums.append((over, under, pairs.sum() - over - under - width_limited, width_limited))
    for name, measured in zip(PARTS, np.mean(sums, axis=0), strict=True):
        assert getattr(parts, name) == pytest.approx(measured, abs=0.05 * parts.error), name


@pytest.mark.parametrize("network", ["quadratic", "symmetric"])
@pytest.mark.parametrize(
    ("exponent", "b", "lam"),
    [(3, 0.1, 0), (3, 0.9, 1e-3), (6, 0.45, 0), (30, 0.1, 1e-3), (30, 0.9, 0), (120, 0.45, 1e-3)],
)
def test_parts_sum_to_the_error_in_any_dimension(network: str, exponent: int, b: float, lam: float) -> None:
    d = 10**exponent
    p = problem(network, d=d, n=float(d) ** 1.6, lam=lam, noise=0.3, width=int(float(d) ** b))
    parts = ax.decompose(p)
    assert parts.residual < 1e-8
    assert sum(getattr(parts, name) for name in PARTS) == pytest.approx(parts.error, rel=1e-12)
    assert min(getattr(parts, name) for name in PARTS) >= 0
    law = ax.spectrum(p, points=20)
    assert 0 < law.zero_mass <= 1


def test_what_width_cannot_hold_is_the_energy_of_the_features_without_a_unit() -> None:
    """Far from the noise: all of ``a_i`` from ``p`` on, the law of `W` in the limit."""
    p = problem(d=10**40, n=1e70, lam=0, noise=1e-3, width=1000)
    parts = ax.decompose(p)
    energy = math.exp(p.spectrum.log_power_sum(1000.0, 1e40, 2.0))
    assert parts.width_limited == pytest.approx(energy, rel=1e-5)
    assert parts.width_limited == pytest.approx(parts.error, rel=1e-3)


def test_a_wide_network_has_nothing_it_cannot_hold() -> None:
    for p in (problem(), problem(width=135), problem("diagonal", n=300)):
        assert ax.decompose(p).width_limited == 0.0
    wide, barely = ax.decompose(problem()), ax.decompose(problem(width=200))
    assert barely.overfitting == pytest.approx(wide.overfitting, rel=1e-9)
    assert ax.spectrum(problem(width=200)).bulk_edges == pytest.approx(ax.spectrum(problem()).bulk_edges)


def test_contrasts_are_of_wide_networks() -> None:
    wide, barely = vars(contrasts(problem())), vars(contrasts(problem(width=200)))
    assert barely == pytest.approx(wide, rel=1e-9)
    with pytest.raises(InvalidInput, match="width = 9"):
        contrasts(problem(width=9))


def test_spectrum_and_parts_on_the_command_line(capsys: pytest.CaptureFixture[str]) -> None:
    words = (
        "--network quadratic --gamma 5/4 --d 400 --n 26515.632 --lam 0.040709 --noise 0.1 --width 3 --json"
    )
    for command, key, value in (("decompose", "width_limited", 0.058), ("spectrum", "zero_mass", 397 / 400)):
        with pytest.raises(SystemExit) as left:
            main([command, *words.split()])
        assert left.value.code == 0
        assert json.loads(capsys.readouterr().out)[key] == pytest.approx(value, rel=1e-2)


def test_a_trained_network_has_the_cut_law() -> None:
    """Sixteen units at d = 40: as far as eigenvalues fluctuate, and 3/n_eff for the network's own features."""
    p = ax.Problem("quadratic", gamma="5/4", d=40, n=1600, lam=0.1, noise=0.5, width=12)
    law, delta = ax.spectrum(p), ax.solve(p).delta
    runs = ax.simulate(p, "lbfgs", seeds=2).runs
    trained = np.mean([np.sort(np.asarray(r.spectrum))[::-1] for r in runs], axis=0)
    assert np.count_nonzero(trained > 1e-6) == 12
    free = delta * math.sqrt(2 / p.d)
    assert trained[11] == pytest.approx(law.bulk_edges[0], abs=free)
    for k, spike in enumerate(law.spikes[:2]):
        assert trained[k] == pytest.approx(spike.position, abs=2 * free + 3 / p.n_eff * spike.position)
