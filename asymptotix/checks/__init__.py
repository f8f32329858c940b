"""Claims held against their witnesses. The only room that sees symbols, numbers and simulations at once."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from asymptotix.checks import (
    crossovers,
    deep_starts,
    derived_laws,
    dynamics,
    estimators,
    learned_weights,
    members,
    named_phases,
    numbers,
    peaks,
    precision,
    retrained,
    shape,
    trained_errors,
    universality,
    width,
)
from asymptotix.checks.claim import Family, Verdict
from asymptotix.checks.journal import Families
from asymptotix.checks.pool import Done, here, side_by_side
from asymptotix.errors import InvalidInput
from asymptotix.progress import Ticker
from asymptotix.store import Earlier, Store
from asymptotix.validate import count

__all__ = ["FAMILIES", "Earlier", "Families", "Family", "Store", "Verdict", "chosen", "run"]

#: Every claim family, in the order in which they are run.
FAMILIES: tuple[Family, ...] = (
    *numbers.FAMILIES,
    *derived_laws.FAMILIES,
    *precision.FAMILIES,
    *trained_errors.FAMILIES,
    *crossovers.FAMILIES,
    *peaks.FAMILIES,
    *dynamics.FAMILIES,
    *universality.FAMILIES,
    *learned_weights.FAMILIES,
    *estimators.FAMILIES,
    *members.FAMILIES,
    *width.FAMILIES,
    *deep_starts.FAMILIES,
    *shape.FAMILIES,
    *named_phases.FAMILIES,
    *retrained.FAMILIES,
)


def run(
    *,
    full: bool = False,
    prefixes: Sequence[str] = (),
    progress: bool = False,
    journal: Families | None = None,
    workers: int = 1,
    measured: Earlier | None = None,
) -> Iterator[Verdict]:
    """Yield the verdicts of all claims, or of those families whose id starts with one of ``prefixes``.

    Families that a ``journal`` has finished are not run again; those that finish are added to it. With more than one
    of ``workers``, processes of this machine, families are run side by side and come when all before them are done.
    Trained points that were ``measured`` earlier are recalled, and some of them trained again.

    Raises:
        InvalidInput: a prefix matches no family, or ``workers`` is not a positive integer.

    >>> [v.passed for v in run(prefixes=["least-squares"])][:2]
    [True, True]
    """
    count("workers", workers)
    families = chosen(prefixes, measured)
    store = Store(earlier=measured) if journal is None else journal.store(measured)
    finished = journal.finished(full, families, store.digest) if journal is not None else {}
    open_ones = [f for f in families if f.id not in finished]
    done = here(open_ones, full, store) if workers == 1 else side_by_side(open_ones, full, store, workers)
    given = 0
    for family, verdicts in _tracked(done, families, open_ones, progress):
        finished[family.id] = verdicts
        if journal is not None:
            journal.append(family, full, verdicts, store.digest)
        while given < len(families) and families[given].id in finished:
            yield from finished[families[given].id]
            given += 1
    yield from (v for f in families[given:] for v in finished[f.id])


def chosen(prefixes: Sequence[str] = (), measured: Earlier | None = None) -> list[Family]:
    """The families whose id starts with one of ``prefixes``, or all; without measured points none on them.

    Raises:
        InvalidInput: a prefix matches no family.
    """
    families = [f for f in FAMILIES if measured is not None or f not in retrained.FAMILIES]
    for prefix in prefixes:
        if not any(f.id.startswith(prefix) for f in families):
            raise InvalidInput("claim", prefix, f"the start of one of {', '.join(f.id for f in families)}")
    return [f for f in families if not prefixes or f.id.startswith(tuple(prefixes))]


def _tracked(
    done: Iterable[Done], families: Sequence[Family], open_ones: Sequence[Family], progress: bool
) -> Iterator[Done]:
    """Show how much of the work is done, weighed by the families' declared seconds."""
    if not progress:
        yield from done
        return
    total = round(sum(f.seconds for f in families))
    finished = total - sum(f.seconds for f in open_ones)
    with Ticker("verifying, parts of the work") as ticker:
        ticker(round(finished), total)
        for family, verdicts in done:
            finished += family.seconds
            ticker(round(finished), total)
            yield family, verdicts
