"""Weights as they are saved: W or S, one array or several layers, and spectra that are not positive."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import asymptotix as ax
from asymptotix.cli import main
from asymptotix.errors import InvalidInput
from asymptotix.units import matrix_of
from asymptotix.weight_files import Layer, spectral


def hidden_units(p: int = 30, d: int = 40) -> Any:
    """Three features and weak noise in the rows."""
    rng = np.random.default_rng(1)
    w = 0.2 * rng.standard_normal((p, d))
    w[:3, :3] += np.diag([12.0, 9.0, 7.0])
    return w


def diagnosed(capsys: pytest.CaptureFixture[str], *words: str) -> tuple[Any, str]:
    with pytest.raises(SystemExit) as left:
        main(["diagnose", *words])
    out, err = capsys.readouterr()
    assert left.value.code == 0, err
    return (json.loads(out) if "--json" in words else out), err


def test_hidden_units_are_read_as_their_matrix(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    w = hidden_units()
    np.save(tmp_path / "w.npy", w)
    np.save(tmp_path / "s.npy", matrix_of(w))
    np.save(tmp_path / "plain.npy", matrix_of(w, "plain"))
    from_w, said = diagnosed(capsys, str(tmp_path / "w.npy"), "--json")
    from_s, silent = diagnosed(capsys, str(tmp_path / "s.npy"), "--width", "30", "--json")
    assert from_w == from_s
    assert "30 hidden units in 40 dimensions" in said
    assert silent == ""
    assert from_w["network"] == "quadratic"
    plain, _ = diagnosed(capsys, str(tmp_path / "w.npy"), "--weights", "plain", "--json")
    assert plain == diagnosed(capsys, str(tmp_path / "plain.npy"), "--width", "30", "--json")[0]
    assert plain["overfitting"] == pytest.approx(30 * 40 * from_w["overfitting"], rel=1e-6)


def test_a_square_w_is_no_s_unless_symmetric() -> None:
    w = hidden_units(40, 40)
    np.testing.assert_allclose(spectral(Layer("w", w, w.shape), None).array, w.T @ w / 40)
    assert spectral(Layer("w", w, w.shape), None, "matrix").array is not None
    s = w + w.T
    assert spectral(Layer("s", s, s.shape), "symmetric").array.tolist() == s.tolist()
    np.testing.assert_allclose(spectral(Layer("s", s, s.shape), None, "plain").array, s @ s)


def test_layers_of_an_archive(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    w = hidden_units()
    path = str(tmp_path / "model.npz")
    np.savez(path, **{"fc1.weight": w, "fc1.bias": np.zeros(3), "theta": np.r_[9.0, 5.0, np.zeros(60)]})
    rows, _ = diagnosed(capsys, path, "--json")
    assert [row["key"] for row in rows] == ["fc1.weight", "fc1.bias", "theta"]
    assert "at least 20" in rows[1]["refused"]
    assert (rows[0]["network"], rows[2]["network"]) == ("quadratic", "diagonal")
    text, _ = diagnosed(capsys, path)
    assert max(map(len, text.splitlines())) <= 80
    assert "fc1.bias (3): not read" in text
    assert "fc1.weight (30 x 40): quadratic, phase" in text
    one, _ = diagnosed(capsys, path, "--key", "theta", "--json")
    assert one["features"] == rows[2]["features"] == 2


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["model.npz", "--key", "fc2"], "one of the keys of model.npz: bias"),
        (["model.npz"], "at least 20"),
        (["w.npy", "--key", "bias"], "not an archive"),
        (["w.npy", "--weights", "matrix"], "a square matrix"),
        (["w.npy", "--network", "symmetric"], "whose signs are not in W"),
        (["w.npy", "--network", "diagonal"], "square|vector"),
        (["negative.npy", "--network", "quadratic"], "20 negative eigenvalues of 40, down to -2"),
        (["values.npy", "--network", "quadratic"], "1 negative eigenvalues of 30"),
        (["text.npz"], "an .npz archive"),
        (["empty.npz"], "at least one array"),
    ],
)
def test_weights_that_cannot_be_read(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], words: list[str], message: str
) -> None:
    np.savez(tmp_path / "model.npz", bias=np.zeros(3))
    np.savez(tmp_path / "empty.npz")
    np.save(tmp_path / "w.npy", hidden_units())
    np.save(tmp_path / "negative.npy", np.diag(np.linspace(-2, 2, 40)))
    np.save(tmp_path / "values.npy", np.r_[np.ones(29), -0.5])
    (tmp_path / "text.npz").write_text("no archive")
    with pytest.raises(SystemExit) as left:
        main(["diagnose", str(tmp_path / words[0]), *words[1:]])
    said = capsys.readouterr().err
    assert left.value.code == 2
    assert re.search(message, said), said


def test_a_spectrum_of_both_signs_is_said_to_be_one(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    np.save(tmp_path / "s.npy", np.diag(np.r_[5.0, np.linspace(-1, 1, 39)]))
    found, said = diagnosed(capsys, str(tmp_path / "s.npy"), "--json")
    assert found["network"] == "symmetric"
    assert "19 of 40 eigenvalues are negative, down to -1: no S = W'W" in said


def test_rounding_below_zero_is_no_negative_spectrum() -> None:
    values = np.r_[5.0, 1.0, np.zeros(30)]
    same = ax.diagnose(values, "quadratic")
    values[5] = -1e-6
    assert ax.diagnose(values, "quadratic").features == same.features
    values[5] = -0.1
    with pytest.raises(InvalidInput, match="a spectrum that is positive, for a quadratic network"):
        ax.diagnose(values, "quadratic")


def bilinear_layers(p: int = 40, d: int = 40) -> tuple[Any, Any]:
    """Layers whose product has three singular values above its noise."""
    rng = np.random.default_rng(2)
    s = np.diag([30.0, 20.0, 12.0] + (d - 3) * [0.0]) + 1.5 * rng.standard_normal((d, d)) / np.sqrt(d)
    left, values, right = np.linalg.svd(s)
    root = np.sqrt(np.maximum(values - 1.0, 0.0))[:, None] * (p * d) ** 0.25
    return root * left.T, root * right


def test_two_layers_are_read_as_their_product(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    u, v = bilinear_layers()
    s = u.T @ v / 40.0
    np.savez(tmp_path / "uv.npz", query=u, key=v)
    np.save(tmp_path / "s.npy", s)
    np.save(tmp_path / "values.npy", np.linalg.svd(s, compute_uv=False))
    words = ("--network", "bilinear", "--n", "1600", "--json")
    both, _ = diagnosed(capsys, str(tmp_path / "uv.npz"), *words)
    alone, _ = diagnosed(capsys, str(tmp_path / "s.npy"), *words)
    values, _ = diagnosed(capsys, str(tmp_path / "values.npy"), *words)
    assert both["features"] == alone["features"] == values["features"] == 3
    for found in (alone, values):
        assert found["probabilities"] == pytest.approx(both["probabilities"], abs=1e-6)
    assert both["effective_noise"] == pytest.approx(1.5, rel=0.15)


@pytest.mark.parametrize(
    ("layers", "words"),
    [
        ({"u": np.ones((30, 40)), "v": np.ones((20, 40))}, "two layers U and V of p rows each"),
        ({"u": np.ones((30, 40)), "v": np.ones((30, 40)), "w": np.ones((30, 40))}, "two layers U and V"),
    ],
)
def test_layers_that_are_no_pair_are_refused(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], layers: dict[str, Any], words: str
) -> None:
    np.savez(tmp_path / "uv.npz", **layers)
    with pytest.raises(SystemExit) as left:
        main(["diagnose", str(tmp_path / "uv.npz"), "--network", "bilinear"])
    assert left.value.code == 2
    assert words in capsys.readouterr().err
