"""Work done side by side, in processes of this machine that end with the one that started them."""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Callable, Iterable, Iterator
from functools import cache
from typing import Any, TypeVar

from asymptotix.errors import NotConverged

Result = TypeVar("Result")


class WorkerLost(NotConverged):
    """A worker process died; what it was working on has to be done again."""


def side_by_side(
    work: Callable[..., Result], tasks: Iterable[tuple[Any, ...]], workers: int
) -> Iterator[Result]:
    """``work(*task)`` for each of the tasks, as it is done; tasks are looked up as they are needed.

    One worker is this very process: interruptions and debuggers work as usual.

    Raises:
        WorkerLost: a process died.

    >>> list(side_by_side(pow, ((2, k) for k in range(4)), workers=1))
    [1, 2, 4, 8]
    """
    if workers == 1:
        yield from (work(*task) for task in tasks)
        return
    from joblib import Parallel, delayed
    from joblib.externals.loky.process_executor import BrokenProcessPool

    parent = os.getpid()
    pool = Parallel(n_jobs=workers, return_as="generator_unordered", batch_size=1, pre_dispatch="2*n_jobs")
    try:
        yield from pool(delayed(_while)(parent, work, task) for task in tasks)
    except BrokenProcessPool as error:
        raise WorkerLost(f"a worker process died: {str(error).splitlines()[0]}") from None


def _while(parent: int, work: Callable[..., Result], task: tuple[Any, ...]) -> Result:
    _end_with(parent)
    return work(*task)


@cache
def _end_with(parent: int) -> None:
    """Let this worker process end when its driver is gone: a killed driver cannot end it itself."""

    def watch() -> None:
        while os.getppid() == parent:
            time.sleep(1.0)
        os._exit(1)

    threading.Thread(target=watch, daemon=True).start()
