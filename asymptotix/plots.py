"""Results on axes: each function draws on the axes that it is given, or on new ones, and returns them.

`Table.plot`, `SpectrumLaw.plot` and `Fit.plot` are these; `plot_grid` draws what `solve_grid` and `sweep` return.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import ArrayLike

from asymptotix.arrays import Array
from asymptotix.errors import InvalidInput
from asymptotix.files import settled
from asymptotix.tables import Record, row_of

if TYPE_CHECKING:
    import xarray
    from matplotlib.axes import Axes

    from asymptotix.inference import Fit
    from asymptotix.spectrum import SpectrumLaw


#: Colours that remain apart for colour-blind eyes (Okabe and Ito).
COLOURS = ("#0072B2", "#E69F00", "#009E73", "#CC79A7", "#D55E00", "#56B4E9")
#: What numbers are, on axes.
LABELS = {
    "n": "samples n",
    "n_eff": "effective samples n_eff",
    "lam": "weight decay",
    "noise": "noise variance",
    "gamma": "decay of the teacher, gamma",
    "d": "dimension d",
    "width": "hidden units p",
    "error": "error",
    "excess_risk": "excess risk",
    "test_loss": "test loss",
    "train_loss": "training loss",
    "delta": "effective noise",
    "eps": "threshold",
}
# What a curve may run along, the likeliest first.
_ALONG = ("n", "n_eff", "lam", "noise", "width", "gamma", "d")
_BULK, _SPIKES = COLOURS[0], COLOURS[4]
_BINS = 20  # bars of some five weights each for a hundred
# Points of a fitted curve between its runs.
_FINE = 60
# An axis that grows by more than this factor is logarithmic.
_WIDE = 5.0


def _axes(axes: Axes | None) -> Axes:
    if axes is not None:
        return axes
    import matplotlib.pyplot as plt

    return plt.subplots(layout="constrained")[1]  # type: ignore[no-any-return]


def _grows(values: Array) -> bool:
    """Whether all values are positive and grow by a factor worth a logarithm."""
    good = values[np.isfinite(values)]
    return bool(good.size and good.min() > 0 and good.max() > _WIDE * good.min())


def _label(axes: Axes, which: str, name: str, values: Array) -> None:
    """Name and scale of one axis."""
    getattr(axes, f"set_{which}label")(LABELS.get(name, name))
    if _grows(values):
        getattr(axes, f"set_{which}scale")("log")


def curve(
    rows: Sequence[Record],
    axes: Axes | None = None,
    *,
    x: str | None = None,
    y: str = "error",
    band: bool = True,
    **style: Any,
) -> Axes:
    """One number of several results against another, in the order of the latter.

    Args:
        rows: results side by side, such as a `Table` of solutions.
        axes: to draw on; scales and labels that they have are kept.
        x: a column; by default what varies.
        y: a column.
        band: also shade where errors of a network of this size may lie, if the results know.
        style: as `Axes.plot` takes it.

    Raises:
        InvalidInput: no rows, or no such column.
    """
    columns = [row_of(row) for row in rows]
    names = list(dict.fromkeys(name for row in columns for name in row))
    if x is None:
        x = next((name for name in _ALONG if len({row.get(name) for row in columns}) > 1), "n")
    for name, column in (("x", x), ("y", y)):
        if column not in names:
            raise InvalidInput(
                name, column, f"one of {', '.join(names) or 'the columns of at least one row'}"
            )
    order = sorted(range(len(columns)), key=lambda k: float(columns[k][str(x)]))
    across, up = (np.array([float(columns[k][column]) for k in order]) for column in (x, y))
    fresh = axes is None or not axes.has_data()
    axes = _axes(axes)
    (line,) = axes.plot(across, up, **style)
    if band and y == "error":
        shade(axes, across, [rows[k] for k in order], line.get_color())
    if fresh:
        _label(axes, "x", x, across)
        _label(axes, "y", y, up)
    return axes


def shade(axes: Axes, x: ArrayLike, solutions: Sequence[Any], colour: Any, label: str | None = None) -> None:
    """The band about a curve in which errors at this finite size may lie; nothing where the results know none."""
    if not all(hasattr(s, "finite_size") for s in solutions):
        return
    ends = np.array([s.finite_size.about(s.error) for s in solutions])
    low, high = settled(ends[:, 0], 6), settled(ends[:, 1], 6)
    axes.fill_between(np.asarray(x), low, high, color=colour, alpha=0.15, lw=0, label=label)


def plot_grid(data: xarray.Dataset, axes: Axes | None = None, *, y: str = "error", **style: Any) -> Axes:
    """A variable over a grid: a curve along one axis, a map over two; axes of one value count as none.

    Args:
        data: of `solve_grid` or `sweep`; choose among further axes first, with ``.sel``.
        axes: to draw on.
        y: a variable.
        style: as `Axes.plot` (a curve) or `Axes.pcolormesh` (a map) take it.

    Raises:
        InvalidInput: no such variable, or more than two axes with several values.

    Examples:
        >>> from asymptotix import Problem, solve_grid
        >>> p = Problem("diagonal", gamma=1, d=100, n=1, lam=1, noise=0.1)
        >>> found = solve_grid(p, n=[50, 100, 400], lam=[0.1, 1])
        >>> plot_grid(found).get_xlabel(), plot_grid(found.sel(lam=1)).get_ylabel()
        ('samples n', 'error')
    """
    if y not in data:
        raise InvalidInput("y", y, f"one of {', '.join(map(str, data.data_vars))}")
    values = data[y].squeeze()
    if values.ndim not in (1, 2):
        found = ", ".join(f"{name} ({size})" for name, size in values.sizes.items()) or "one point"
        raise InvalidInput("data", found, "one or two axes of several values; choose among others with .sel")
    across = str(values.dims[0])
    horizontal = np.asarray(values[across].values, dtype=float)
    fresh = axes is None or not axes.has_data()
    axes = _axes(axes)
    if values.ndim == 1:
        numbers = np.asarray(values.values, dtype=float)
        axes.plot(horizontal, numbers, **style)
        if fresh:
            _label(axes, "y", y, numbers)
    else:
        _map(axes, values, y, style)
    if fresh:
        _label(axes, "x", across, horizontal)
    return axes


def _map(axes: Axes, values: xarray.DataArray, y: str, style: dict[str, Any]) -> None:
    """Colours over two axes, logarithmic where the values span decades, with a labelled bar."""
    from matplotlib.colors import LogNorm

    across, up = (str(name) for name in values.dims)
    places = [np.asarray(values[name].values, dtype=float) for name in (across, up)]
    numbers = np.ma.masked_invalid(np.asarray(values.values, dtype=float).T)
    if "norm" not in style and _grows(numbers.compressed()):
        style = {**style, "norm": LogNorm()}
    mesh = axes.pcolormesh(*places, numbers, **{"shading": "nearest", **style})
    _label(axes, "y", up, places[1])
    axes.figure.colorbar(mesh, ax=axes, label=LABELS.get(y, y))


def fit(found: Fit, axes: Axes | None = None, **style: Any) -> Axes:
    """Measured runs with their standard errors, and the fitted equations between and beyond them, at each penalty.

    Args:
        found: of `fit`.
        axes: to draw on.
        style: as `Axes.errorbar` takes it, for the runs.
    """
    from asymptotix.inference.fitting import single_run

    fresh = axes is None or not axes.has_data()
    axes = _axes(axes)
    runs, measure = found.model.runs, found.model.measure
    places = list(dict.fromkeys((run.lam, run.width) for run in runs))
    for k, (lam, width) in enumerate(places):
        colour = COLOURS[k % len(COLOURS)]
        own = [run for run in runs if (run.lam, run.width) == (lam, width)]
        n = np.array([run.n for run in own])
        fine = np.geomspace(n.min(), n.max(), _FINE) if len(set(n)) > 1 else n
        fitted = found.model.at([single_run(float(x), lam, width) for x in fine]).values(found.truth)
        label = f"lam = {lam:g}" + ("" if width is None else f", p = {width}")
        axes.plot(fine, fitted, color=colour, lw=1.2)
        axes.errorbar(
            n,
            [run.value for run in own],
            np.nan_to_num([run.stderr for run in own]),
            **{"fmt": "o", "ms": 4, "color": colour, "label": label, **style},
        )
    if fresh:
        _label(axes, "x", "n", np.array([run.n for run in runs]))
        _label(axes, "y", measure, np.array([run.value for run in runs]))
    return axes


def spectrum(law: SpectrumLaw, axes: Axes | None = None, measured: ArrayLike | None = None) -> Axes:
    """Density of the learned bulk, marks at the outliers, and a histogram of trained weights behind them.

    Args:
        law: of `spectrum`.
        axes: to draw on.
        measured: weights of trained networks, any number of seeds together.
    """
    axes = _axes(axes)
    d = law.problem.d
    if not law.points.size and not law.spikes:
        return _nothing(axes, measured)
    if measured is not None:
        _histogram(axes, law, settled(measured).ravel())
    if law.points.size:
        axes.plot(
            settled(law.points, 6), settled(law.density, 6), color=_BULK, lw=1.6, label="bulk, predicted"
        )
    for k, spike in enumerate(law.spikes):
        label = f"{law.spike_count:.0f} spikes, predicted" if k == 0 else None
        axes.plot([spike.position], [1.0 / d], "v", color=_SPIKES, ms=5, label=label, clip_on=False)
    zeros = f"zero mass {law.zero_mass:.3f}"
    if measured is not None:
        zeros += f" (trained {np.mean(np.asarray(measured) == 0.0):.3f})"
    axes.text(0.97, 0.95, zeros, transform=axes.transAxes, ha="right", va="top", fontsize=8)
    axes.set_yscale("log")
    axes.set_xscale("symlog", linthresh=_linear(law))
    axes.set(xlabel="learned weight", ylabel="density")
    return axes


def _nothing(axes: Axes, measured: ArrayLike | None) -> Axes:
    trained = "" if measured is None else f" (trained: {np.mean(np.asarray(measured) == 0.0):.1%})"
    axes.text(0.5, 0.5, f"every weight is zero{trained}", transform=axes.transAxes, ha="center", fontsize=9)
    axes.set(xticks=[], yticks=[])
    return axes


def _linear(law: SpectrumLaw) -> float:
    """The axis is linear over the bulk and logarithmic beyond."""
    if law.bulk_edges:
        return float(max(abs(x) for x in law.bulk_edges))
    return max(law.spikes[-1].position, 1e-300) if law.spikes else 1.0


def _histogram(axes: Axes, law: SpectrumLaw, values: Array) -> None:
    """Normalised by the number of all weights, zeros included; outliers in their own colour."""
    low, edge = (law.bulk_edges[0], law.bulk_edges[-1]) if law.bulk_edges else (0.0, 0.0)
    low = min(low, 0.0)  # of few hidden units it is positive: all above zero
    bulk = values[(values != 0.0) & (values >= 1.1 * low) & (values <= 1.1 * edge)]
    beyond = values[values > max(1.1 * edge, 0.0)]
    for chosen, what, colour, alpha in ((bulk, "bulk", _BULK, 0.3), (beyond, "outliers", _SPIKES, 0.4)):
        if chosen.size:
            ends = (
                np.geomspace(chosen.min() * 0.99, chosen.max() * 1.01, _BINS) if chosen is beyond else _BINS
            )
            counts, edges = np.histogram(chosen, bins=ends)
            heights = counts / values.size / np.diff(edges)
            axes.stairs(heights, edges, fill=True, color=colour, alpha=alpha, label=f"{what}, trained")
