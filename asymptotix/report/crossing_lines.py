"""Lines through the phase diagram: figures, and where one law gives way to another, measured and predicted."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from pathlib import Path

from asymptotix.checks import crossovers, peaks
from asymptotix.checks.crossovers import Found
from asymptotix.experiments.lines import Line
from asymptotix.experiments.measurements import Measured
from asymptotix.networks import get
from asymptotix.report import experiment_figures as figures
from asymptotix.report.layout import figure, prose, table
from asymptotix.store import Store


def section(out: Path, measured: Sequence[tuple[Line, list[Measured]]], store: Store) -> str:
    """Figures of all lines and the table of crossings."""
    found: list[Found] = []
    groups = by_features(measured)
    for name, chosen in groups.items():
        columns = min(3, len(chosen))
        rows = math.ceil(len(chosen) / columns)
        path, size = out / "figures" / f"lines_{name}.png", (4.2 * columns, 3.4 * rows)
        with figure(path, rows, columns, size=size, squeeze=False) as grid:
            for axes in grid.flat[len(chosen) :]:
                axes.set_axis_off()
            for axes, (line, points) in zip(grid.flat, chosen, strict=False):
                here = list(crossovers.find(line, points, store))
                figures.draw_line(axes, line, points, here)
                found += here
            for row in grid:
                row[0].set_ylabel("error")
            grid.flat[0].legend(fontsize=7)
    pictures = "\n\n".join(f"![{name}](figures/lines_{name}.svg)" for name in groups)
    tops = [f for f in found if f.crossing.name == "peak" and not get(f.line.network).is_sequence]
    shifts = prose("experiments", "shifts") + _shift_table(tops) if tops else ""
    return prose("experiments", "lines", pictures=pictures) + _crossing_table(found) + shifts


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
    names = "line | place | quantity | laws, or exact | predicted | measured | z | at this d | z there"
    rows = [
        _crossing(f, reading)
        for f in found
        for reading in crossovers.READINGS
        if reading != "width" or f.predicted.width
    ]
    return table(names, rows) + "\n"


def _crossing(f: Found, reading: str) -> tuple[str, ...]:
    (value, relative), (predicted, _) = f.measured.of(reading), f.predicted.of(reading)
    shown = f"{value:.4g} ({100 * relative:.1f} %)" if relative < 0.5 else "not resolved"
    lawful = "" if f.limit is None or reading == "width" else f"{f.limit.of(reading)[0]:.4g}"
    row = (f.line.id, f.crossing.name, f.quantity(reading), lawful, f"{predicted:.4g}", shown)
    there = ("", "") if f.here is None else _computed(value, relative, *f.here.of(reading))
    return (*row, f"{f.z(reading):+.2f}", *there)


def _computed(value: float, relative: float, here: float, error: float) -> tuple[str, str]:
    """What is computed for the very d, and the deviation from it."""
    spread = math.hypot(relative, error)
    return f"{here:.4g}", f"{(value / here - 1.0) / spread:+.2f}" if spread > 1e-6 else "+0.00"


def _shift_table(found: Iterable[Found]) -> str:
    """The quadratic network's peaks beside the state evolution and what is computed for that very d."""
    rows = []
    for f in found:
        place, d = peaks.smeared_place(f.line, f.crossing), f.line.d
        features = "Gaussian" if f.line.inputs == "goe" else "its own"
        for reading in crossovers.READINGS:
            (value, error), (limit, _), (here, _) = (x.of(reading) for x in (f.measured, f.predicted, place))
            z, shown = f"{(value / here - 1) / error:+.1f}", f"{value:.3f} ± {value * error:.3f}"
            apart = f"{(value / limit - 1) * d:+.1f} ± {error * d:.1f}"
            rows.append((features, d, f.quantity(reading), f"{limit:.3f}", f"{here:.3f}", shown, z, apart))
    names = "features | d | quantity | state evolution | at this d | measured | z | (measured/state evolution - 1) d"
    return table(names, rows) + "\n"
