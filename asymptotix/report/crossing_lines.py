"""Lines through the phase diagram: figures, and where one law gives way to another, measured and predicted."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from pathlib import Path

from tabulate import tabulate

from asymptotix.checks import crossovers, peaks
from asymptotix.checks.crossovers import Found
from asymptotix.experiments.lines import Line
from asymptotix.experiments.measurements import Measured
from asymptotix.files import write_figure
from asymptotix.networks import get
from asymptotix.networks.base import Geometry
from asymptotix.report import experiment_figures as figures
from asymptotix.report import experiment_texts as texts
from asymptotix.store import Store


def section(out: Path, measured: Sequence[tuple[Line, list[Measured]]], store: Store) -> str:
    """Figures of all lines and the table of crossings."""
    import matplotlib.pyplot as plt

    found: list[Found] = []
    for name, chosen in by_features(measured).items():
        columns = min(3, len(chosen))
        rows = math.ceil(len(chosen) / columns)
        figure, grid = plt.subplots(
            rows, columns, figsize=(4.2 * columns, 3.4 * rows), squeeze=False, layout="constrained"
        )
        for axes in grid.flat[len(chosen) :]:
            axes.set_axis_off()
        for axes, (line, points) in zip(grid.flat, chosen, strict=False):
            here = list(crossovers.find(line, points, store))
            figures.draw_line(axes, line, points, here)
            found += here
        for row in grid:
            row[0].set_ylabel("error")
        grid.flat[0].legend(fontsize=7)
        write_figure(out / "figures" / f"lines_{name}.png", figure)
    pictures = "\n\n".join(f"![{name}](figures/lines_{name}.svg)" for name in by_features(measured))
    tops = [
        f
        for f in found
        if f.crossing.name == "peak" and get(f.line.network).geometry is not Geometry.SEQUENCE
    ]
    shifts = texts.SHIFTS + _shift_table(tops) if tops else ""
    return texts.LINES.format(pictures=pictures) + _crossing_table(found) + shifts


def by_features(
    measured: Sequence[tuple[Line, list[Measured]]],
) -> dict[str, list[tuple[Line, list[Measured]]]]:
    """Lines in the order of the page: diagonal, quadratic with Gaussian features, quadratic with its own."""
    groups: dict[str, list[tuple[Line, list[Measured]]]] = {}
    for line, points in measured:
        name = next(iter(crossovers.groups(points[:1]))).replace("/", "-")
        groups.setdefault(name, []).append((line, points))
    return dict(sorted(groups.items()))


def _crossing_table(found: Iterable[Found]) -> str:
    names = (
        "line",
        "place",
        "quantity",
        "laws, or exact",
        "predicted",
        "measured",
        "z",
        "at this d",
        "z there",
    )
    rows = []
    for f in found:
        m, p, limit, here = f.measured, f.predicted, f.limit, f.here
        values = [
            (f.line.axis, limit and limit.position, p.position, m.position, m.position_error, f.z,
             None if here is None else (here.position, here.position_error)),
            ("error", limit and limit.height, p.height, m.height, m.height_error, f.z_height,
             None if here is None else (here.height, here.height_error)),
        ]  # fmt: skip
        if p.width:
            width = None if here is None else (here.width, here.width_error)
            values.append(("width", None, p.width, m.width, m.width_error, f.z_width, width))
        for what, law, predicted, value, relative, z, computed in values:
            shown = f"{value:.4g} ({100 * relative:.1f} %)" if relative < 0.5 else "not resolved"
            lawful = "" if law is None else f"{law:.4g}"
            row = (f.line.id, f.crossing.name, what, lawful, f"{predicted:.4g}", shown, f"{z:+.2f}")
            rows.append((*row, *_computed(value, relative, computed)))
    return tabulate(rows, headers=names, tablefmt="github", disable_numparse=True) + "\n"


def _computed(value: float, relative: float, computed: tuple[float, float] | None) -> tuple[str, str]:
    """What is computed for the very d, and the deviation from it; empty for the network's own features."""
    if computed is None:
        return "", ""
    spread = math.hypot(relative, computed[1])
    return f"{computed[0]:.4g}", f"{(value / computed[0] - 1.0) / spread:+.2f}" if spread > 1e-6 else "+0.00"


def _shift_table(found: Iterable[Found]) -> str:
    """The quadratic network's peaks beside the state evolution and what is computed for that very d."""
    rows = []
    for f in found:
        m, p, s = f.measured, f.predicted, peaks.smeared_place(f.line, f.crossing)
        features = "Gaussian" if f.line.inputs == "goe" else "its own"
        for what, limit, here, value, error in (
            ("n_eff", p.position, s.position, m.position, m.position_error),
            ("error", p.height, s.height, m.height, m.height_error),
            ("width", p.width, s.width, m.width, m.width_error),
        ):
            z = f"{(value / here - 1) / error:+.1f}"
            apart = f"{(value / limit - 1) * f.line.d:+.1f} ± {error * f.line.d:.1f}"
            rows.append(
                (
                    features,
                    f.line.d,
                    what,
                    f"{limit:.3f}",
                    f"{here:.3f}",
                    f"{value:.3f} ± {value * error:.3f}",
                    z,
                    apart,
                )
            )
    names = (
        "features",
        "d",
        "quantity",
        "state evolution",
        "at this d",
        "measured",
        "z",
        "(measured/state evolution - 1) d",
    )
    return tabulate(rows, headers=names, tablefmt="github", disable_numparse=True) + "\n"
