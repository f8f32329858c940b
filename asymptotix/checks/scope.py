"""What a run recalls and what it leaves out, in words: nothing is left out in silence."""

from __future__ import annotations

from collections.abc import Collection

from asymptotix.checks import retrained
from asymptotix.checks.crossovers import chosen_lines
from asymptotix.experiments.lines import LINES
from asymptotix.store import Store

_HOW = "`asymptotix experiments` trains them, and --measured FILE recalls what it has written"


def notes(full: bool, families: Collection[str], store: Store) -> list[str]:
    """A sentence on recalled points and one on the lines that are not looked at, where there are any.

    >>> notes(True, ["least-squares"], Store())
    []
    """
    found = []
    if full and store.earlier is not None and {"crossover", "peak-slope", "inputs"} & set(families):
        plans = [plan for points in retrained.series().values() for plan in points]
        known = sum(bool(store.origin(plan.key)) for plan in plans)
        found.append(
            f"{known} of the {len(plans)} points on lines, at peaks and with other inputs are recalled from "
            f"{store.earlier.path} (SHA-256 {store.digest}...); first data sets of some are trained again"
        )
    chosen = [line.id for line in chosen_lines(full, store)]
    left_out = [line.id for line in LINES if line.id not in chosen]
    if full and left_out and "crossover" in families:
        found.append(
            f"left out of crossover: {len(left_out)} of {len(LINES)} lines, which take long to train "
            f"({', '.join(left_out)}); {_HOW}"
        )
    return found
