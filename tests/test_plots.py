"""Figures on axes: what is drawn where, on whose axes, and what cannot be drawn."""

from __future__ import annotations

from typing import Any

import matplotlib as mpl
import numpy as np
import pytest

import asymptotix as ax
from asymptotix.errors import InvalidInput

mpl.use("Agg")
import matplotlib.pyplot as plt

P = ax.Problem("diagonal", gamma=1.2, d=80, n=40, lam=1, noise=0.1)
SIZES = (20, 400, 100)


@pytest.fixture
def axes() -> Any:
    figure, made = plt.subplots()
    yield made
    plt.close(figure)


def test_a_curve_in_order_on_logarithmic_axes(axes: Any) -> None:
    table = ax.solve_many(P.replace(n=n) for n in SIZES)
    assert table.plot(axes, color="black") is axes
    (line,) = axes.lines
    assert list(line.get_xdata()) == [20, 100, 400]
    assert list(line.get_ydata()) == [table[k].error for k in (0, 2, 1)]
    assert (axes.get_xscale(), axes.get_xlabel(), axes.get_ylabel()) == ("log", "samples n", "error")
    band = axes.collections[0].get_paths()[0].vertices[:, 1]
    low, high = table[0].finite_size.about(table[0].error)
    assert band.min() < table[1].error
    assert any(np.isclose(band, high, rtol=1e-4))
    assert any(np.isclose(band, low, rtol=1e-4))


def test_axes_of_the_user_are_kept(axes: Any) -> None:
    axes.plot([1, 2], [3, 4])
    axes.set_xlabel("mine")
    ax.solve_many(P.replace(n=n) for n in SIZES).plot(axes, y="delta")
    assert (axes.get_xlabel(), axes.get_xscale(), len(axes.lines)) == ("mine", "linear", 2)
    assert not axes.collections


def test_what_varies_is_the_axis(axes: Any) -> None:
    ax.solve_many(P.replace(lam=lam) for lam in (0.1, 1)).plot(axes)
    assert axes.get_xlabel() == "weight decay"
    with pytest.raises(InvalidInput, match="y = 'risk' is not allowed: expected one of network"):
        ax.solve_many([P]).plot(axes, y="risk")
    with pytest.raises(InvalidInput, match="at least one row"):
        ax.Table([]).plot(axes)


def test_a_map_has_a_labelled_bar(axes: Any) -> None:
    grid = ax.solve_grid(P, n=[20, 100, 400], lam=[0.1, 1], noise=[0.1])
    assert ax.plot_grid(grid, axes) is axes
    (mesh,) = axes.collections
    np.testing.assert_allclose(mesh.get_array(), grid.error.values[:, :, 0].T)
    assert (axes.get_xlabel(), axes.get_ylabel(), mesh.colorbar.ax.get_ylabel()) == (
        "samples n", "weight decay", "error",
    )  # fmt: skip
    assert (axes.get_xscale(), axes.get_yscale()) == ("log", "log")


def test_grids_that_are_no_map(axes: Any) -> None:
    grid = ax.solve_grid(P, n=[20, 100], lam=[0.1, 1], noise=[0.1, 1])
    with pytest.raises(InvalidInput, match=r"n \(2\), lam \(2\), noise \(2\).*\.sel"):
        ax.plot_grid(grid, axes)
    with pytest.raises(InvalidInput, match="y = 'risk'"):
        ax.plot_grid(grid, axes, y="risk")
    with pytest.raises(InvalidInput, match="one point"):
        ax.plot_grid(grid.sel(n=20, lam=1, noise=1), axes)
    ax.plot_grid(grid.sel(noise=1, lam=1), axes, y="delta", color="red")
    assert axes.get_ylabel() == "effective noise"
    assert axes.lines[0].get_color() == "red"


def test_a_spectrum_and_trained_weights(axes: Any) -> None:
    law = ax.spectrum(P.replace(lam=0.1))
    assert law.plot(axes, np.r_[np.zeros(40), np.linspace(0.1, 5, 40)]) is axes
    assert len(axes.lines) == len(law.spikes) + bool(law.points.size)
    assert "trained 0.500" in axes.texts[0].get_text()


def test_every_trained_weight_is_in_the_picture(axes: Any) -> None:
    narrow = ax.Problem("quadratic", gamma=1.25, d=100, n=1657, lam=0.04, noise=0.1, width=10)
    law = ax.spectrum(narrow)
    low, edge = law.bulk_edges
    assert low > 0
    learned = np.r_[np.linspace(0.9 * low, 1.05 * low, 5), np.linspace(low, edge, 5), 3 * edge, 5 * edge]
    law.plot(axes, np.r_[np.zeros(88), learned])
    drawn = [bars.get_data() for bars in axes.patches]
    assert sum(float(np.sum(b.values * np.diff(b.edges))) for b in drawn) == pytest.approx(0.12)


def test_a_fit_with_its_runs(axes: Any) -> None:
    rows = [{"n": n, "lam": 1, "error": ax.solve(P.replace(n=n)).error, "stderr": 0.01} for n in SIZES]
    found = ax.fit(rows, "diagonal", d=80, gamma=1.2)
    assert found.plot(axes) is axes
    assert axes.get_legend_handles_labels()[1] == ["lam = 1"]
    fitted = axes.lines[0]
    assert fitted.get_xdata()[[0, -1]] == pytest.approx([20, 400])
    assert fitted.get_ydata()[0] == pytest.approx(rows[0]["error"], rel=0.01)
