"""A progress bar on standard error: a bar for a person, a line a step for a log."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from types import TracebackType
from typing import TypeVar

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, TextColumn, TimeElapsedColumn, TimeRemainingColumn
from rich.progress import Progress as Bar

Item = TypeVar("Item")
Shown = TypeVar("Shown", bound="Progress")


class Progress:
    """Counts finished items of named steps; ``plain``: by lines even on a terminal, which others write to as well.

    >>> with Progress() as progress:
    ...     sum(progress.track([1, 2, 3], "adding"))
    6
    """

    def __init__(self, plain: bool = False) -> None:
        self._shown = sys.stderr.isatty() and not plain
        columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn())
        times = (TimeElapsedColumn(), TimeRemainingColumn())
        self._bar = Bar(*columns, *times, console=Console(stderr=True), disable=not self._shown)

    def __enter__(self: Shown) -> Shown:
        self._bar.__enter__()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._bar.__exit__(kind, error, trace)

    def track(self, items: Sequence[Item] | Iterable[Item], name: str) -> Iterator[Item]:
        """Yield the items, counting each as finished when the next is asked for."""
        known = list(items)
        task = self._bar.add_task(name, total=len(known))
        if not self._shown:
            print(f"{name}: {len(known)} steps", file=sys.stderr, flush=True)
        for item in known:
            yield item
            self._bar.advance(task)

    def counter(self, name: str, every: float = 5.0) -> Callable[[int, int], None]:
        """A callback ``(finished, total)`` that shows itself as a step of that name, in a log by a line now and then.

        A line estimates the time left; what was finished before the first call (a resumed job) does not count for it.
        """
        task = self._bar.add_task(name, total=None)
        start = said = time.monotonic()
        first: int | None = None

        def count(finished: int, total: int) -> None:
            nonlocal first, start, said
            self._bar.update(task, completed=finished, total=total)
            now = time.monotonic()
            if first is None:
                first, start = finished, now
            if self._shown or (finished < total and now - said < every):
                return
            said, done = now, finished - first
            left = duration((total - finished) * (now - start) / done) if done > 0 else "unknown time"
            print(f"{name}: {finished} of {total}, {left} left", file=sys.stderr, flush=True)

        return count


def duration(seconds: float) -> str:
    """A time for people.

    >>> duration(5), duration(150), duration(9000)
    ('5 s', '2.5 min', '2.5 h')
    """
    if seconds < 90:
        return f"{seconds:.0f} s"
    return f"{seconds / 60:.1f} min" if seconds < 5400 else f"{seconds / 3600:.1f} h"
