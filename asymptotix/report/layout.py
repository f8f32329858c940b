"""What parts of the report are made of: prose, tables, listings of commands, figures."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from functools import cache
from importlib import resources
from pathlib import Path
from typing import TYPE_CHECKING, Any

from numpy.typing import ArrayLike
from tabulate import tabulate

from asymptotix.files import write_figure
from asymptotix.plots import COLOURS

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from asymptotix.experiments.measurements import Measured


@cache
def template(name: str) -> str:
    """The text of a file in ``report/template``."""
    return (resources.files("asymptotix.report") / "template" / name).read_text(encoding="utf-8")


def prose(page: str, part: str, **values: object) -> str:
    """What a page says beside its tables and figures: a part of ``template/PAGE.md``, its places filled.

    >>> prose("spectra", "benchmarks", ratios="1").splitlines()[0]
    '## The optimum, how flat it is, and what else could be done'
    """
    _, *parts = re.split(r"^<!-- (\w+) -->\n", template(f"{page}.md"), flags=re.MULTILINE)
    text = dict(zip(parts[::2], parts[1::2], strict=True))[part]
    return text.format(**values) if values else text


def table(names: str | Sequence[str], rows: Iterable[Sequence[object]], style: str = "github") -> str:
    """A Markdown table (or one of tabulate's other styles); numbers are shown as they are given.

    >>> print(table("d | error", [(10, "0.50")]))
    | d   | error   |
    |-----|---------|
    | 10  | 0.50    |
    """
    headers = names.split(" | ") if isinstance(names, str) else names
    return tabulate(rows, headers=headers, tablefmt=style, disable_numparse=True)


def listing(lines: Iterable[str]) -> str:
    """Commands, one a line."""
    return "```\n" + "\n".join(lines) + "\n```"


def folded(title: str, text: str) -> str:
    """Text behind its title."""
    return f"<details><summary>{title}</summary>\n\n{text}\n</details>\n"


@contextmanager
def figure(
    path: Path, rows: int = 1, columns: int = 1, *, size: tuple[float, float], lines: bool = True, **more: Any
) -> Iterator[Any]:
    """The axes of a figure (as `matplotlib.pyplot.subplots` gives them), which is written when it is drawn."""
    import matplotlib

    matplotlib.use("Agg", force=False)
    import matplotlib.pyplot as plt

    with matplotlib.rc_context({"axes.grid": lines, "grid.alpha": 0.25}):
        made, axes = plt.subplots(rows, columns, figsize=size, layout="constrained", **more)
        yield axes
    write_figure(path, made)


def dots(axes: Axes, x: ArrayLike, values: ArrayLike, spread: ArrayLike, **style: Any) -> None:
    """Measured points with one standard error."""
    usual = {"fmt": "o", "ms": 3.5, "mfc": "white", "color": COLOURS[4]}
    axes.errorbar(x, values, yerr=spread, **{**usual, **style})


def beside(axes: Axes, grid: ArrayLike, theory: ArrayLike, x: ArrayLike, points: Sequence[Measured]) -> None:
    """Trained networks beside the state evolution's line, in logarithms."""
    axes.loglog(grid, theory, color=COLOURS[0], lw=1.2, label="state evolution")
    dots(axes, x, [p.error for p in points], [p.stderr for p in points], label="trained")
