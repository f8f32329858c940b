"""Where claim families are run: in this process, or in several of this machine."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence

from asymptotix.checks.claim import Family, Verdict
from asymptotix.errors import NotConverged
from asymptotix.store import Store
from asymptotix.sweep.executors import end_with

Done = tuple[Family, list[Verdict]]


def here(families: Sequence[Family], full: bool, store: Store) -> Iterator[Done]:
    """One after the other, each as it is asked for."""
    return ((family, list(family.run(full, store))) for family in families)


def side_by_side(families: Sequence[Family], full: bool, store: Store, workers: int) -> Iterator[Done]:
    """In processes, each as it is done; the longest are started first, so that all are busy to the end.

    Raises:
        NotConverged: a process died.
    """
    from joblib import Parallel, delayed
    from joblib.externals.loky.process_executor import BrokenProcessPool

    parent = os.getpid()
    longest_first = sorted(families, key=lambda family: -family.seconds)
    pool = Parallel(n_jobs=workers, return_as="generator_unordered", batch_size=1, pre_dispatch=workers)
    try:
        yield from pool(delayed(_run)(parent, family, full, store) for family in longest_first)
    except BrokenProcessPool as error:
        why = str(error).splitlines()[0]
        raise NotConverged(f"a process that verified claims died ({why}); go on with --resume") from None


def _run(parent: int, family: Family, full: bool, store: Store) -> Done:
    end_with(parent)
    return family, list(family.run(full, store))
