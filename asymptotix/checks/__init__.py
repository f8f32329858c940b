"""Claims held against their witnesses. The only room that sees symbols, numbers and simulations at once."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from asymptotix.checks import (
    crossovers,
    dynamics,
    experiments,
    laws,
    numbers,
    precision,
    spectra,
    universality,
)
from asymptotix.checks.claim import Family, Verdict
from asymptotix.checks.journal import Families
from asymptotix.errors import InvalidInput

__all__ = ["FAMILIES", "Families", "Family", "Verdict", "run"]

#: Every claim family, in the order in which they are run.
FAMILIES: tuple[Family, ...] = (
    *numbers.FAMILIES,
    *laws.FAMILIES,
    *precision.FAMILIES,
    *experiments.FAMILIES,
    *crossovers.FAMILIES,
    *dynamics.FAMILIES,
    *universality.FAMILIES,
    *spectra.FAMILIES,
)


def run(
    *,
    full: bool = False,
    prefixes: Sequence[str] = (),
    progress: bool = False,
    journal: Families | None = None,
) -> Iterator[Verdict]:
    """Yield the verdicts of all claims, or of those families whose id starts with one of ``prefixes``.

    Families that a ``journal`` has finished are not run again; those that finish are added to it.

    Raises:
        InvalidInput: a prefix matches no family.

    >>> [v.passed for v in run(prefixes=["least-squares"])][:2]
    [True, True]
    """
    for prefix in prefixes:
        if not any(f.id.startswith(prefix) for f in FAMILIES):
            raise InvalidInput("claim", prefix, f"the start of one of {', '.join(f.id for f in FAMILIES)}")
    chosen = [f for f in FAMILIES if not prefixes or f.id.startswith(tuple(prefixes))]
    finished = journal.finished(full) if journal is not None else {}
    for family in _tracked(chosen, progress):
        if family.id in finished:
            yield from finished[family.id]
            continue
        verdicts = []
        for verdict in family.run(full):
            verdicts.append(verdict)
            yield verdict
        if journal is not None:
            journal.append(family.id, full, verdicts)


def _tracked(families: Sequence[Family], progress: bool) -> Iterator[Family]:
    if not progress:
        yield from families
        return
    from rich.console import Console
    from rich.progress import track

    yield from track(families, description="verifying", console=Console(stderr=True))
