"""Spectra that width cuts: told from those that a threshold cuts, and read as far as they tell anything."""

from __future__ import annotations

import json
import math
from pathlib import Path

import numpy as np
import pytest

import asymptotix as ax
from asymptotix.cli import main
from asymptotix.errors import InvalidInput, NotSupplied
from asymptotix.examination.answers import draw_weights
from asymptotix.spectrum.narrow_reading import UNCLEAR, _by_look, cut_by_width
from asymptotix.spectrum.noise_and_features import Look

BASE = ax.Problem("quadratic", gamma="5/4", d=80, n=3200, lam=0.02, noise=0.1)


def learned(p: ax.Problem, seed: int) -> np.ndarray:
    """Sizes drawn from the state evolution's law: those that width leaves."""
    s, g = ax.solve(p), np.random.default_rng(seed).standard_normal((p.d, p.d))
    truth = math.sqrt(p.d) * p.spectrum.values()
    values = np.linalg.eigvalsh(np.diag(truth) + s.delta * (g + g.T) / math.sqrt(2 * p.d))
    sizes = np.sort(np.abs(values) if p.net.sides == 2 else values)[::-1] - s.eps
    sizes[p.width or p.d :] = 0.0
    return np.maximum(sizes, 0.0)


@pytest.mark.parametrize("network", ["quadratic", "symmetric"])
def test_a_cut_spectrum_is_recognised_and_its_noise_read(network: str) -> None:
    """Today's failure: read as cut by a threshold, the noise comes out ten times too large."""
    p = BASE.replace(network=network, width=30)
    s, parts, found = ax.solve(p), ax.decompose(p), ax.diagnose(learned(p, 1), network)
    assert (found.width, found.features + found.noise_directions) == (30, 30)
    assert found.effective_noise == pytest.approx(s.delta, rel=0.25)
    assert found.features == pytest.approx(parts.features, abs=1)
    assert found.overfitting == pytest.approx(parts.overfitting, rel=0.35)
    assert found.phase in ("WV", "undecided")
    assert sum(found.probabilities.values()) == pytest.approx(1.0)
    assert found.remark.startswith("cut by width: 30 of 80")


def test_features_alone_do_not_tell_the_noise_but_the_training_run_does() -> None:
    p = BASE.replace(width=4)
    s, parts, weights = ax.solve(p), ax.decompose(p), learned(p, 2)
    alone = ax.diagnose(weights, "quadratic", width=4)
    assert (alone.width, alone.features, alone.noise_directions) == (4, 4, 0)
    assert alone.effective_noise is None
    assert "effective noise not given" in alone.remark
    run = ax.diagnose(weights, "quadratic", width=4, samples=3200, lam=0.02, train_loss=s.train_loss)
    assert run.effective_noise == pytest.approx(s.delta, rel=0.1)
    assert run.threshold == pytest.approx(s.eps, rel=0.1)
    assert run.width_limited == pytest.approx(parts.width_limited, rel=0.2)


def test_what_width_cannot_hold_is_named_where_it_leads() -> None:
    p = BASE.replace(n=16_000, width=2)
    s, parts = ax.solve(p), ax.decompose(p)
    assert parts.width_limited > 0.8 * parts.error
    facts = {"samples": 16_000, "lam": 0.02, "train_loss": s.train_loss, "gamma": 1.25}
    assert ax.diagnose(learned(p, 3), "quadratic", width=2, **facts).phase == "W"


def test_thresholds_are_not_taken_for_widths() -> None:
    """Wide networks of all kinds; and the same spectra once width cuts them in their middle."""
    rng = np.random.default_rng(7)
    cut = seen = 0
    for k in range(60):
        network = ("quadratic", "symmetric")[k % 2]
        p = ax.Problem(
            network, gamma=1.25, d=80, n=80 * 10 ** rng.uniform(0, 3), lam=10 ** rng.uniform(-2, 1), noise=1
        )
        sizes = np.sort(np.abs(draw_weights(p, rng)))[::-1]
        assert cut_by_width(network, sizes, None) is not True
        whole = np.count_nonzero(sizes)
        if whole >= 30:
            seen += 1
            cut += cut_by_width(network, np.where(np.arange(80) < whole // 2, sizes, 0.0), None) is True
    assert seen > 20
    assert cut > 0.9 * seen


def test_an_unclear_gap_is_remarked() -> None:
    few = np.r_[9.0, 5.0, 3.0, 2.5, 2.4, np.zeros(25)]
    assert cut_by_width("quadratic", few, None) is None
    assert cut_by_width("quadratic", few, 5) is True
    assert cut_by_width("quadratic", few, 7) is False
    assert cut_by_width("diagonal", few, None) is False
    assert ax.diagnose(few, "quadratic").remark == UNCLEAR


def test_widths_that_cannot_be() -> None:
    weights = np.r_[np.linspace(5.0, 1.0, 23), np.zeros(77)]
    with pytest.raises(InvalidInput, match=r"width = 9 .* at least 23"):
        ax.diagnose(weights, "quadratic", width=9)
    for width in (0, -1, 2.5):
        with pytest.raises(InvalidInput, match="width"):
            ax.diagnose(weights, "quadratic", width=width)
    with pytest.raises(NotSupplied, match="diagonal: no narrower"):
        ax.diagnose(weights, "diagonal", width=23)


def test_on_the_command_line(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "weights.npy"
    np.save(path, learned(BASE.replace(width=3), 0))
    with pytest.raises(SystemExit) as left:
        main(["diagnose", str(path), "--network", "quadratic", "--width", "3", "--json"])
    assert left.value.code == 0
    values = json.loads(capsys.readouterr().out)
    assert (values["width"], values["features"]) == (3, 3)
    for width in ("2", "many"):
        with pytest.raises(SystemExit) as left:
            main(["diagnose", str(path), "--network", "quadratic", "--width", width])
        assert left.value.code == 2


def test_hidden_units_in_a_file_tell_the_width(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """``W`` of p rows: S = W'W / sqrt(p d) has the spectrum of four units."""
    path, sizes = tmp_path / "units.npy", learned(BASE.replace(width=4), 2)[:4]
    units = np.linalg.qr(np.random.default_rng(0).normal(size=(80, 4)))[0].T * np.sqrt(sizes)[:, None]
    np.save(path, math.sqrt(math.sqrt(4 * 80)) * units)
    with pytest.raises(SystemExit) as left:
        main(["diagnose", str(path), "--json"])
    assert left.value.code == 0
    values = json.loads(capsys.readouterr().out)
    assert (values["width"], values["features"]) == (4, 4)


def test_where_the_law_tells_nothing_the_look_does() -> None:
    """Squares of what looks like noise, a dimension; no noise scale, and no phase before another."""
    seen = Look(np.array([3.0, 2.0]), np.array([0.5, 0.4, 0.1]), None, None)
    found, scores = _by_look(seen, 10)
    assert found == {
        "effective_noise": None,
        "threshold": None,
        "features": 2,
        "overfitting": pytest.approx(0.042),
    }
    assert len(set(scores.values())) == 1
    assert sum(scores.values()) == pytest.approx(1.0)
