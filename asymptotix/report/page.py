"""One self-contained page: the interactive phase diagram, the tables, and every other report there is."""

from __future__ import annotations

import html
import json
import os
import re
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import asymptotix
from asymptotix.files import write_text
from asymptotix.progress import Progress
from asymptotix.report import guide, page_data
from asymptotix.report.layout import template
from asymptotix.report.markdown import to_html

#: What to expect of a report, in the order in which they appear; others follow.
EXPECTATIONS = {
    "verification.md": "every claim against its witness: predicted, measured, tolerance",
    "slopes.md": "exponents measured on the state evolution beside the derived ones",
    "risk.md": "trained networks against the theory, with error bars",
    "experiments.md": "where the theory was put to the test, and the command that repeats each point",
    "width.md": "how many hidden units are enough: double descent in width, predicted and trained",
    "spectra.md": "what the learned weights look like, predicted and trained",
    "forecasts.md": "real runs: the second half of each curve forecast from the first",
    "benchmarks.md": "times beside those of what one would use instead",
}
_SCRIPTS = ("evaluate", "contours", "spectrum", "diagram", "numbers", "panel", "state")
_SHOWN = "exponents.md"  # the tables are on the page already


def write(out: Path, *, quick: bool = False, workers: int | None = None) -> None:
    """Write ``index.html`` from the derived diagrams and whatever other reports are in the folder.

    Args:
        out: the folder.
        quick: a coarse map of the state evolution at one ``gamma``.
        workers: processes for the map; as many as there are processors.
    """
    write_text(out / "index.html", page(out, maps(quick, workers or os.cpu_count() or 1)))


def maps(quick: bool = False, workers: int = 1) -> dict[str, Any]:
    """The state evolution over the diagram's window, for every network whose numbers reach its dimension."""
    options: dict[str, Any] = {"gammas": (1.25,), "shape": (19, 21)} if quick else {}
    found = {}
    with Progress() as progress:
        for name in page_data.mapped():
            ticker = progress.counter(f"map of the {name} network")
            found[name] = page_data.heat(name, workers=workers, progress=ticker, **options)
    return found


def page(folder: Path, heat: dict[str, Any]) -> str:
    """The page as text."""
    members = page_data.members()
    data = {
        "window": page_data.WINDOW,
        "networks": {m.key: page_data.everything(m, heat.get(m.key)) for m in members},
    }
    parts = {
        "version": asymptotix.__version__,
        "date": date.today().isoformat(),
        "css": template("page.css"),
        "js": "".join(template(f"{name}.js") for name in _SCRIPTS),
        "data": json.dumps(data, separators=(",", ":")).replace("</", "<\\/"),
        "tabs": "".join(
            _tab(name, k == 0) for k, name in enumerate(dict.fromkeys(m.network for m in members))
        ),
        "guide": guide.steps(),
        "tables": "".join(_tables(m, m is members[0]) for m in members),
        "sections": "".join(_sections(folder)),
        "derivations": "".join(_derivations(folder)),
    }
    return re.sub(r"\{\{(\w+)\}\}", lambda m: str(parts[m[1]]), template("page.html"))


def _tab(name: str, checked: bool) -> str:
    state = " checked" if checked else ""
    return f'<label><input type="radio" name="network" value="{name}"{state}><span>{name}</span></label>'


def _tables(member: page_data.Member, first: bool) -> str:
    words = f", {member.words}" if member.words else ""
    return (
        f"<details{' open' if first else ''}><summary><h3>{member.network} network{words}</h3></summary>"
        f'<div class="scroll">{page_data.table(member.diagram(noisy=True))}</div>'
        f'<h4>without noise</h4><div class="scroll">{page_data.table(member.diagram(noisy=False))}</div></details>'
    )


def _sections(folder: Path) -> Iterator[str]:
    there = sorted(path.name for path in folder.glob("*.md") if path.name != _SHOWN)
    order = [name for name in EXPECTATIONS if name in there]
    for name in [*order, *(name for name in there if name not in order)]:
        text = (folder / name).read_text(encoding="utf-8")
        yield (
            f"<details><summary><h3>{html.escape(_title(text))}</h3> <span>{EXPECTATIONS.get(name, '')}</span>"
            f"</summary>{to_html(text, folder, level=4)}"
            f'<p><a href="{name}">the same as a file</a></p></details>'
        )


def _title(text: str) -> str:
    return text.partition("\n")[0].lstrip("# ")


def _derivations(folder: Path) -> Iterator[str]:
    for path in sorted((folder / "derivations").glob("[0-9][0-9]_*.md")):
        title = re.sub(r"^[0-9]+[.] ", "", _title(path.read_text(encoding="utf-8")))
        yield f'<li><a href="derivations/{path.name}">{html.escape(title)}</a></li>'
