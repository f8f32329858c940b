"""Everything a reader wants, written to one folder: tables, figures, pages."""

from __future__ import annotations

import os
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from asymptotix.report.page_data import Member

__all__ = ["build", "folder"]


def build(out: Path, *, quick: bool = False, claims: Path | None = None) -> None:
    """Write every part of the report, some side by side; the page, which embeds them, last.

    Args:
        out: the folder.
        quick: fewer simulations, in one process.
        claims: a file of claimed exponents to print beside ours, see `asymptotix.report.slopes.claimed`.

    Raises:
        InvalidInput: the folder cannot be written to.
    """
    from asymptotix.parallel import side_by_side
    from asymptotix.progress import Progress
    from asymptotix.report import page, page_data

    folder(out)
    cores = os.cpu_count() or 1
    diagrams = [(member, noisy) for member in page_data.members() for noisy in (True, False)]
    with Progress() as progress:
        tick = progress.counter("deriving phases")
        for k, _ in enumerate(side_by_side(_derive, diagrams, cores), 1):
            tick(k, len(diagrams))
    # the longest first
    options: dict[str, dict[str, Any]] = {
        "risk_curves": {"quick": quick},
        "experiments": {"quick": quick},
        "spectra": {"quick": quick},
        "exponent_tables": {},
        "width_peak": {"quick": quick},
        "slopes": {"claims": claims},
    }
    tasks = ((part, out, options[part], not quick) for part in options)
    list(side_by_side(_write, tasks, workers=1 if quick else cores))
    page.write(out, quick=quick)


def _write(part: str, out: Path, options: dict[str, Any], plain: bool) -> None:
    from asymptotix.progress import Progress

    with Progress(plain=plain) as progress:
        import_module(f"asymptotix.report.{part}").write(out, progress, **options)


def _derive(member: Member, noisy: bool) -> None:
    """Derived once for this code, diagrams are kept, and found by whoever asks."""
    member.diagram(noisy)


def folder(out: Path) -> Path:
    """Make a folder unless it is there; raises InvalidInput if that is impossible."""
    from asymptotix.errors import InvalidInput

    try:
        out.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise InvalidInput("out", str(out), f"a folder that can be written to ({error.strerror})") from None
    return out
