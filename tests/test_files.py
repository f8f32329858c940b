"""Interrupted writing leaves the old file, and nothing beside it."""

import os

import pytest

from asymptotix.files import write_figure, write_text


def test_interruption_leaves_the_old_file(tmp_path, monkeypatch):
    path = tmp_path / "page.md"
    write_text(path, "old")

    def interrupted(*_):
        raise KeyboardInterrupt

    monkeypatch.setattr(os, "replace", interrupted)
    with pytest.raises(KeyboardInterrupt):
        write_text(path, "new")
    assert path.read_text() == "old"
    assert os.listdir(tmp_path) == ["page.md"]


def test_folders_are_made_and_files_replaced(tmp_path):
    path = tmp_path / "a" / "b.md"
    write_text(path, "one")
    write_text(path, "two")
    assert path.read_text() == "two"


def test_a_figure_is_the_same_bytes_each_time(tmp_path):
    import matplotlib.pyplot as plt

    for name in ("one", "two"):
        figure, axes = plt.subplots()
        axes.plot([1, 2], label="a")
        axes.legend()
        write_figure(tmp_path / f"{name}.png", figure)
    for suffix in (".png", ".svg", ".pdf"):
        assert (tmp_path / f"one{suffix}").read_bytes() == (tmp_path / f"two{suffix}").read_bytes()


def test_a_figure_of_trained_weights_is_the_same_file_whatever_their_last_digits(tmp_path):
    import matplotlib.pyplot as plt
    import numpy as np

    from asymptotix.problem import Problem
    from asymptotix.spectrum import spectrum

    law = spectrum(Problem("diagonal", gamma=1.25, d=100, n=80, lam=0.5, noise=0.5))
    rng = np.random.default_rng(0)
    weights = np.maximum(rng.normal(size=100), 0.0)
    for name, noise in (("one", 0.0), ("two", 1e-9)):
        figure, axes = plt.subplots(layout="constrained")
        law.plot(axes, weights * (1.0 + noise * rng.normal(size=100)))
        write_figure(tmp_path / f"{name}.png", figure)
    for suffix in (".png", ".svg", ".pdf"):
        one, two = (tmp_path / f"{name}{suffix}" for name in ("one", "two"))
        assert one.read_bytes() == two.read_bytes(), suffix
