"""Figures of learned spectra, after Figure 2 of [P]: the bulk in one colour, outliers in another, zeros stated."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from asymptotix.report.files import write_figure
from asymptotix.report.risk_curves import COLOURS
from asymptotix.spectrum import SpectrumLaw

if TYPE_CHECKING:
    from matplotlib.axes import Axes

Array = NDArray[np.float64]

BULK, SPIKES = COLOURS[0], COLOURS[4]
_BINS = 40


def draw(axes: Axes, law: SpectrumLaw, measured: Array | None = None) -> Axes:
    """Density of the learned bulk, marks at the outliers, and a histogram of trained weights behind them.

    Args:
        measured: weights of trained networks, any number of seeds together.
    """
    d = law.problem.d
    if measured is not None:
        _histogram(axes, law, np.asarray(measured, dtype=float).ravel())
    if law.points.size:
        axes.plot(law.points, law.density, color=BULK, lw=1.6, label="bulk, predicted")
    for k, spike in enumerate(law.spikes):
        label = f"{law.spike_count:.0f} spikes, predicted" if k == 0 else None
        axes.plot([spike.position], [1.0 / d], "v", color=SPIKES, ms=5, label=label, clip_on=False)
    zeros = f"zero mass {law.zero_mass:.3f}"
    if measured is not None:
        zeros += f" (trained {np.mean(np.asarray(measured) == 0.0):.3f})"
    axes.text(0.97, 0.95, zeros, transform=axes.transAxes, ha="right", va="top", fontsize=8)
    axes.set_yscale("log")
    axes.set_xscale("symlog", linthresh=_linear(law))
    axes.set_xlabel("learned weight")
    axes.set_ylabel("density")
    return axes


def _linear(law: SpectrumLaw) -> float:
    """The axis is linear over the bulk and logarithmic beyond."""
    if law.bulk_edges:
        return float(max(abs(x) for x in law.bulk_edges))
    return max(law.spikes[-1].position, 1e-300) if law.spikes else 1.0


def _histogram(axes: Axes, law: SpectrumLaw, values: Array) -> None:
    """Normalised by the number of all weights, zeros included; outliers in their own colour."""
    edge = law.bulk_edges[-1] if law.bulk_edges else 0.0
    low = law.bulk_edges[0] if law.bulk_edges else 0.0
    bulk = values[(values != 0.0) & (values >= 1.1 * low) & (values <= 1.1 * edge)]
    beyond = values[(values > 1.1 * edge) | (values < 1.1 * low)]
    if bulk.size:
        counts, edges = np.histogram(bulk, bins=_BINS)
        heights = counts / values.size / np.diff(edges)
        axes.stairs(heights, edges, fill=True, color=BULK, alpha=0.3, label="bulk, trained")
    if beyond.size:
        bins = np.geomspace(beyond.min() * 0.99, beyond.max() * 1.01, _BINS)
        counts, edges = np.histogram(beyond, bins=bins)
        heights = counts / values.size / np.diff(edges)
        axes.stairs(heights, edges, fill=True, color=SPIKES, alpha=0.4, label="outliers, trained")


def save(law: SpectrumLaw, path: Path) -> None:
    """Draw one law to ``path`` (PNG and SVG)."""
    import matplotlib

    matplotlib.use("Agg", force=False)
    import matplotlib.pyplot as plt

    figure, axes = plt.subplots(figsize=(5.0, 3.6), layout="constrained")
    draw(axes, law)
    axes.set_title(f"{law.problem.network}: {law.kind}", fontsize=9)
    axes.legend(fontsize=7)
    write_figure(path, figure)
