"""Claims held against their witnesses. The only room that sees symbols, numbers and simulations at once."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from asymptotix.checks import (
    crossovers,
    dynamics,
    estimators,
    exam,
    experiments,
    laws,
    numbers,
    peaks,
    precision,
    spectra,
    universality,
)
from asymptotix.checks.claim import Family, Verdict
from asymptotix.checks.journal import Families
from asymptotix.checks.pool import Done, here, side_by_side
from asymptotix.errors import InvalidInput

__all__ = ["FAMILIES", "Families", "Family", "Verdict", "run"]

#: Every claim family, in the order in which they are run.
FAMILIES: tuple[Family, ...] = (
    *numbers.FAMILIES,
    *laws.FAMILIES,
    *precision.FAMILIES,
    *experiments.FAMILIES,
    *crossovers.FAMILIES,
    *peaks.FAMILIES,
    *dynamics.FAMILIES,
    *universality.FAMILIES,
    *spectra.FAMILIES,
    *estimators.FAMILIES,
    *exam.FAMILIES,
)


def run(
    *,
    full: bool = False,
    prefixes: Sequence[str] = (),
    progress: bool = False,
    journal: Families | None = None,
    workers: int = 1,
) -> Iterator[Verdict]:
    """Yield the verdicts of all claims, or of those families whose id starts with one of ``prefixes``.

    Families that a ``journal`` has finished are not run again; those that finish are added to it. With more than one
    of ``workers``, processes of this machine, families are run side by side and come when all before them are done.

    Raises:
        InvalidInput: a prefix matches no family, or ``workers`` is not a positive integer.

    >>> [v.passed for v in run(prefixes=["least-squares"])][:2]
    [True, True]
    """
    for prefix in prefixes:
        if not any(f.id.startswith(prefix) for f in FAMILIES):
            raise InvalidInput("claim", prefix, f"the start of one of {', '.join(f.id for f in FAMILIES)}")
    if isinstance(workers, bool) or not isinstance(workers, int) or workers < 1:
        raise InvalidInput("workers", workers, "an integer >= 1")
    chosen = [f for f in FAMILIES if not prefixes or f.id.startswith(tuple(prefixes))]
    finished = journal.finished(full) if journal is not None else {}
    open_ones = [f for f in chosen if f.id not in finished]
    done = here(open_ones, full) if workers == 1 else side_by_side(open_ones, full, workers)
    given = 0
    for identity, verdicts in _tracked(done, len(open_ones), progress):
        finished[identity] = verdicts
        if journal is not None:
            journal.append(identity, full, verdicts)
        while given < len(chosen) and chosen[given].id in finished:
            yield from finished[chosen[given].id]
            given += 1
    yield from (v for f in chosen[given:] for v in finished[f.id])


def _tracked(done: Iterable[Done], total: int, progress: bool) -> Iterable[Done]:
    if not progress:
        return done
    from rich.console import Console
    from rich.progress import track

    return track(done, description="verifying", total=total, console=Console(stderr=True))
