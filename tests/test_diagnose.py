"""From weights back to noise, features and phase; and what is said about weights that are none."""

import json
import math

import numpy as np
import pytest

import asymptotix as ax
from asymptotix.cli import main
from asymptotix.errors import InvalidInput

# Far inside their phases at these sizes: (network, gamma, d, n_eff, lam, noise, phase).
POINTS = [
    ("quadratic", 1.25, 400, 2000.0, 0.01, 1.0, "VIa"),
    ("quadratic", 1.25, 200, 900.0, 0.05, 3.0, "VIa"),
    ("quadratic", 1.25, 200, 100.0, 8.0, 0.1, "II"),
    ("quadratic", 0.8, 400, 300.0, 6.0, 0.1, "II"),
    ("quadratic", 1.25, 200, 20.0, 20.0, 0.1, "Ib"),
    ("quadratic", 1.25, 300, 12.0, 0.01, 0.3, "IV"),
    ("symmetric", 1.25, 200, 900.0, 0.01, 1.0, "VIa"),
    ("diagonal", 1.25, 1000, 5000.0, 0.01, 1.0, "VIa"),
    ("diagonal", 1.25, 1000, 100.0, 1.0, 0.1, "II"),
]


def learned(p, seed=0):
    """Weights drawn from the state evolution's own law."""
    s, rng = ax.solve(p), np.random.default_rng(seed)
    teacher = math.sqrt(p.d) * p.spectrum.values()
    if p.network == "diagonal":
        y = teacher + s.delta * rng.normal(size=p.d)
        return np.sign(y) * np.maximum(np.abs(y) - s.eps, 0.0)
    g = rng.normal(size=(p.d, p.d))
    values, vectors = np.linalg.eigh(np.diag(teacher) + s.delta * (g + g.T) / math.sqrt(2 * p.d))
    low = np.maximum(values - s.eps, 0.0)
    if p.network == "symmetric":
        low += np.minimum(values + s.eps, 0.0)
    matrix = (vectors * low) @ vectors.T
    return (matrix + matrix.T) / 2.0


def test_phases_are_named_or_undecided_but_never_wrong():
    named = 0
    for network, gamma, d, n_eff, lam, noise, phase in POINTS:
        n = n_eff if network == "diagonal" else n_eff * d
        found = ax.diagnose(
            learned(ax.Problem(network, gamma=gamma, d=d, n=n, lam=lam, noise=noise)), samples=n
        )
        assert found.phase in (phase, "undecided")
        assert sum(found.probabilities.values()) == pytest.approx(1.0)
        named += found.phase == phase
    assert named >= 7


def test_noise_threshold_and_overfitting():
    p = ax.Problem("quadratic", gamma=1.25, d=400, n=60_000, lam=0.01, noise=1.0)
    s, parts, found = ax.solve(p), ax.decompose(p), ax.diagnose(learned(p))
    assert found.effective_noise == pytest.approx(s.delta, rel=0.1)
    assert found.threshold == pytest.approx(s.eps, abs=0.15 * s.delta)
    assert found.features == pytest.approx(parts.features, abs=2)
    assert found.overfitting == pytest.approx(parts.overfitting, rel=0.15)
    assert found.pruning_threshold == pytest.approx(2 * s.delta - s.eps, rel=0.15)


@pytest.mark.parametrize(
    ("bad", "why"),
    [
        (np.zeros((3, 3, 3)), "axes"),
        (np.array(1.0), "axes"),
        (np.full((30, 30), np.nan), "nan"),
        (np.eye(30) * 1j, "complex"),
        (np.ones((30, 40)), "square"),
        (np.triu(np.ones((30, 30))), "symmetric"),
        (np.eye(19), "at least 20"),
        (np.array(["a"] * 30), "numbers"),
        ([[1.0], [1.0, 2.0]], "ragged"),
    ],
)
def test_bad_weights(bad, why):
    with pytest.raises(InvalidInput, match=why):
        ax.diagnose(bad)


def test_zero_weights_are_undecided():
    found = ax.diagnose(np.zeros((30, 30)))
    assert (found.phase, found.features, found.overfitting) == ("undecided", 0, 0.0)


def test_command_line(tmp_path, capsys):
    np.save(tmp_path / "w.npy", np.diag(np.r_[np.arange(5.0, 0, -1), np.zeros(30)]))
    with pytest.raises(SystemExit) as left:
        main(["diagnose", str(tmp_path / "w.npy"), "--json"])
    assert left.value.code == 0
    promised = "effective_noise threshold features overfitting pruning_threshold phase probabilities"
    assert set(promised.split()) <= set(json.loads(capsys.readouterr().out))
    (tmp_path / "bad.npy").write_text("no array")
    for name in ("bad.npy", "absent.npy"):
        with pytest.raises(SystemExit) as left:
            main(["diagnose", str(tmp_path / name)])
        assert left.value.code == 2
        assert "weights" in capsys.readouterr().err
