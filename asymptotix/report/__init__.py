"""Everything a reader wants, written to one folder: tables, figures, pages."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from asymptotix.progress import Progress
    from asymptotix.report.page_data import Member

__all__ = ["build", "folder"]


def build(out: Path, *, quick: bool = False, claims: Path | None = None) -> None:
    """Write every part of the report; each is complete on disk before the next begins.

    Args:
        out: the folder.
        quick: fewer simulations.
        claims: a file of claimed exponents to print beside ours, see `asymptotix.report.slopes.claimed`.

    Raises:
        InvalidInput: the folder cannot be written to.
    """
    from asymptotix.progress import Progress
    from asymptotix.report import experiments, exponents, page, risk_curves, slopes, spectra, width

    folder(out)
    with Progress() as progress:
        _derive(progress)
        exponents.write(out)
        risk_curves.write(out, progress, quick=quick)
        slopes.write(out, progress, claims)
        experiments.write(out, progress, quick=quick)
        spectra.write(out, progress, quick=quick)
        width.write(out, progress, quick=quick)
    page.write(out, quick=quick)  # last: it embeds the others


def _derive(progress: Progress) -> None:
    """Derive all diagrams on all processors, once for this code: they are kept, and found by whoever asks."""
    from joblib import Parallel, delayed

    from asymptotix.report.page_data import members

    tasks = [(member, noisy) for member in members() for noisy in (True, False)]
    derived = Parallel(n_jobs=-1, return_as="generator")(delayed(_diagram)(*task) for task in tasks)
    tick = progress.counter("deriving phases")
    for k, _ in enumerate(derived, 1):
        tick(k, len(tasks))


def _diagram(member: Member, noisy: bool) -> None:
    member.diagram(noisy)


def folder(out: Path) -> Path:
    """Make a folder unless it is there; raises InvalidInput if that is impossible."""
    from asymptotix.errors import InvalidInput

    try:
        out.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise InvalidInput("out", str(out), f"a folder that can be written to ({error.strerror})") from None
    return out
