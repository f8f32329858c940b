"""The table of claims, as text and as a page."""

from __future__ import annotations

import textwrap
from collections.abc import Sequence
from datetime import date
from pathlib import Path

from asymptotix.checks.claim import Verdict
from asymptotix.files import write_text
from asymptotix.report import digits
from asymptotix.report.layout import table
from asymptotix.terminal import COLUMNS


def claims(verdicts: Sequence[Verdict], style: str = "simple") -> str:
    """Predicted, measured and tolerance of every claim, and a line that counts them."""
    rows = [(*_cells(v, 8), v.tolerance_from, v.witness, f"{v.seconds:.2f}") for v in verdicts]
    names = " | claim | predicted | measured | tolerance | tolerance from | witness | seconds"
    text = table(names, rows, style)
    return f"{text}\n\n{_count(verdicts)}"


def _cells(v: Verdict, digits: int) -> tuple[str, ...]:
    numbers = (f"{x:.{digits}g}" for x in (v.predicted, v.measured))
    return ("pass" if v.passed else "FAIL", v.id, *numbers, f"{v.tolerance:.2g}")


# So long a name of a claim leaves room for three numbers beside it.
_NAME = 30


def brief(verdicts: Sequence[Verdict]) -> str:
    """The same within 80 columns: what a claim rests on is told of those that fail."""
    rows = [
        (passed, "\n".join(textwrap.wrap(name, _NAME)), *numbers)
        for passed, name, *numbers in (_cells(v, 6) for v in verdicts)
    ]
    text = table(" | claim | predicted | measured | tolerance", rows, "simple")
    failed = "".join(f"\n{_whole(v)}" for v in verdicts if not v.passed)
    return f"{text}\n{failed}\n{_count(verdicts)}"


def _whole(v: Verdict) -> str:
    """Everything that a claim rests on, as a paragraph."""
    return textwrap.fill(f"{v.id}: {v.claim}. Tolerance: {v.tolerance_from}. Witness: {v.witness}", COLUMNS)


def _count(verdicts: Sequence[Verdict]) -> str:
    failed = sum(not v.passed for v in verdicts)
    return f"{len(verdicts) - failed} claims hold, {failed} fail."


def page(verdicts: Sequence[Verdict], notes: Sequence[str] = ()) -> str:
    """All claims as Markdown: first what was measured to many digits, then the others, then what each family cost.

    Args:
        notes: sentences on the run: what it recalled and left out, and how long it took.
    """
    said = "".join(f"* {note[0].upper()}{note[1:]}.\n" for note in notes)
    return (
        "# Verification\n\n"
        f"Made on {date.today()}: {_count(verdicts)}\n\n{said}\n"
        f"{digits.section(verdicts)}\n"
        f"## All claims\n\n{claims(verdicts, 'github')}\n\n"
        f"## Time\n\n{times(verdicts)}\n"
    )


def times(verdicts: Sequence[Verdict]) -> str:
    """Claims and seconds of processor time of every family, the dearest first."""
    families: dict[str, list[float]] = {}
    for v in verdicts:
        families.setdefault(v.family or v.id.split("/")[0], []).append(v.seconds)
    dearest_first = sorted(families.items(), key=lambda item: -sum(item[1]))
    found = [(name, len(seconds), f"{sum(seconds):.1f}") for name, seconds in dearest_first]
    everything = ("all", len(verdicts), f"{sum(v.seconds for v in verdicts):.1f}")
    return table("family | claims | seconds of processor time", [*found, everything])


def write(verdicts: Sequence[Verdict], out: Path, notes: Sequence[str] = ()) -> None:
    """Write ``verification.md`` into a folder."""
    write_text(out / "verification.md", page(verdicts, notes))
