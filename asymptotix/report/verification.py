"""The table of claims, as text and as a page."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from pathlib import Path

from tabulate import tabulate

from asymptotix.checks.claim import Verdict
from asymptotix.files import write_text
from asymptotix.report import digits


def table(verdicts: Sequence[Verdict], style: str = "simple") -> str:
    """Predicted, measured and tolerance of every claim, and a line that counts them."""
    rows = [
        (
            "pass" if v.passed else "FAIL",
            v.id,
            f"{v.predicted:.8g}",
            f"{v.measured:.8g}",
            f"{v.tolerance:.2g}",
            v.tolerance_from,
            v.witness,
            f"{v.seconds:.2f}",
        )
        for v in verdicts
    ]
    names = ("", "claim", "predicted", "measured", "tolerance", "tolerance from", "witness", "seconds")
    text = tabulate(rows, headers=names, tablefmt=style, disable_numparse=True)
    return f"{text}\n\n{_count(verdicts)}"


def _count(verdicts: Sequence[Verdict]) -> str:
    failed = sum(not v.passed for v in verdicts)
    return f"{len(verdicts) - failed} claims hold, {failed} fail."


def page(verdicts: Sequence[Verdict]) -> str:
    """All claims as Markdown: first what was measured to many digits, then the others."""
    seconds = sum(v.seconds for v in verdicts)
    families = len({v.id.split("/")[0] for v in verdicts})
    return (
        "# Verification\n\n"
        f"Made on {date.today()}: {_count(verdicts)} {families} families, {seconds:.0f} seconds in all.\n\n"
        f"{digits.section(verdicts)}\n"
        f"## All claims\n\n{table(verdicts, 'github')}\n"
    )


def write(verdicts: Sequence[Verdict], out: Path) -> None:
    """Write ``verification.md`` into a folder."""
    write_text(out / "verification.md", page(verdicts))
