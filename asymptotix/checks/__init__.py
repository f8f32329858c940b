"""Claims held against their witnesses. The only room that sees symbols, numbers and simulations at once."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from functools import cache
from importlib import import_module
from pathlib import Path
from typing import Any

from asymptotix.checks.claim import Family, Verdict
from asymptotix.errors import InvalidInput
from asymptotix.parallel import side_by_side
from asymptotix.progress import Progress
from asymptotix.store import Earlier, Store, digest_of
from asymptotix.validate import count

__all__ = ["FAMILIES", "Earlier", "Family", "Store", "Verdict", "chosen", "finished_work", "run"]

#: The files of claims, in the order in which they are run; each lists its families.
FILES = (
    *("numbers", "derived_laws", "precision", "trained_errors", "crossovers", "peaks", "dynamics"),
    *("universality", "learned_weights", "estimators", "members", "width", "deep_starts", "shape"),
    *("named_phases", "retrained"),
)
#: Every claim family.
FAMILIES: tuple[Family, ...] = tuple(
    f for name in FILES for f in import_module(f"{__name__}.{name}").FAMILIES
)


def run(
    *,
    full: bool = False,
    prefixes: Sequence[str] = (),
    progress: bool = False,
    journal: Path | None = None,
    workers: int = 1,
    measured: Earlier | None = None,
) -> Iterator[Verdict]:
    """Yield the verdicts of all claims, or of those families whose id starts with one of ``prefixes``.

    Families that a ``journal``, a file, has finished are not run again; those that finish are added to it. With more
    than one of ``workers``, processes of this machine, families are run side by side and come when all before them are
    done.
    Trained points that were ``measured`` earlier are recalled, and some of them trained again.

    Raises:
        InvalidInput: a prefix matches no family, or ``workers`` is not a positive integer.

    >>> [v.passed for v in run(prefixes=["least-squares"])][:2]
    [True, True]
    """
    count("workers", workers)
    families, store = chosen(prefixes, measured), finished_work(journal, measured)
    known = {f.id: store.get(_key(f, full, store)) for f in families}
    finished = {name: [Verdict(**row) for row in rows] for name, rows in known.items() if rows is not None}
    open_ones = [f for f in families if f.id not in finished]
    if workers > 1:  # the longest first, so that all are busy to the end
        open_ones.sort(key=lambda family: -family.seconds)
    done = side_by_side(_verify, ((family, full, store) for family in open_ones), workers)
    if progress:
        total = sum(f.seconds for f in families)
        done = _tracked(done, total, total - sum(f.seconds for f in open_ones))
    given = 0
    for family, verdicts in done:
        finished[family.id] = verdicts
        rows = [{name: x for name, x in v.to_dict().items() if name != "passed"} for v in verdicts]
        store.put(_key(family, full, store), rows)
        while given < len(families) and families[given].id in finished:
            yield from finished[families[given].id]
            given += 1
    yield from (v for f in families[given:] for v in finished[f.id])


def finished_work(journal: Path | None = None, measured: Earlier | None = None) -> Store:
    """Families and trained points that this very code has finished, kept in a journal if there is one.

    What other code wrote there is ignored: the digest of the package's sources is part of each record. A family that
    was interrupted does not train its points again.

    Raises:
        InvalidInput: the file is there and cannot be read.
    """
    try:
        return Store(journal, earlier=measured, sources=None if journal is None else _sources())
    except OSError as error:
        raise InvalidInput("resume", str(journal), f"a journal of finished claims ({error})") from None


@cache
def _sources() -> str:
    """Digest of every source file of the package."""
    root = Path(__file__).parents[1]
    return digest_of(sorted(root.rglob("*.py")), root)


def _key(family: Family, full: bool, store: Store) -> dict[str, Any]:
    """What verdicts depend on: for families that recall trained points also the file that they are recalled from."""
    recalled = {"measured": store.digest} if family.recalls and store.digest else {}
    return {"family": family.id, "full": full, **recalled}


def _verify(family: Family, full: bool, store: Store) -> tuple[Family, list[Verdict]]:
    return family, list(family.run(full, store))


def chosen(prefixes: Sequence[str] = (), measured: Earlier | None = None) -> list[Family]:
    """The families whose id starts with one of ``prefixes``, or all; without measured points none on them.

    Raises:
        InvalidInput: a prefix matches no family.
    """
    families = [f for f in FAMILIES if measured is not None or f.id != "measured"]
    for prefix in prefixes:
        if not any(f.id.startswith(prefix) for f in families):
            raise InvalidInput("claim", prefix, f"the start of one of {', '.join(f.id for f in families)}")
    return [f for f in families if not prefixes or f.id.startswith(tuple(prefixes))]


def _tracked(
    done: Iterable[tuple[Family, list[Verdict]]], total: float, finished: float
) -> Iterator[tuple[Family, list[Verdict]]]:
    """Show how much of the work is done, weighed by the families' declared seconds."""
    with Progress() as shown:
        ticker = shown.counter("verifying, parts of the work")
        ticker(round(finished), round(total))
        for family, verdicts in done:
            finished += family.seconds
            ticker(round(finished), round(total))
            yield family, verdicts
