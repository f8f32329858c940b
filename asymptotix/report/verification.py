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
        f"## All claims\n\n{table(verdicts, 'github')}\n\n"
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
    names = ("family", "claims", "seconds of processor time")
    return tabulate([*found, everything], headers=names, tablefmt="github", disable_numparse=True)


def write(verdicts: Sequence[Verdict], out: Path, notes: Sequence[str] = ()) -> None:
    """Write ``verification.md`` into a folder."""
    write_text(out / "verification.md", page(verdicts, notes))
