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
        columns = (
            TextColumn("{task.description}"),
            BarColumn(),
            MofNCompleteColumn(),
            TimeElapsedColumn(),
            TimeRemainingColumn(),
        )
        self._bar = Bar(*columns, console=Console(stderr=True), disable=not self._shown)

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

    def counter(self, name: str) -> Callable[[int, int], None]:
        """A callback ``(finished, total)`` that shows itself as a step of that name."""
        task = self._bar.add_task(name, total=None)

        def count(finished: int, total: int) -> None:
            self._bar.update(task, completed=finished, total=total)

        return count


class Ticker(Progress):
    """Counts to a known total with an estimate of the time left: a bar for a person, a line now and then for a log.

    Calling it with ``(finished, total)`` is all there is to do; what was finished before the first call (a resumed
    job) does not count for the estimate.
    """

    def __init__(self, name: str, every: float = 5.0) -> None:
        super().__init__()
        self._name, self._every = name, every
        self._count = self.counter(name) if self._shown else None
        self._start = self._said = time.monotonic()
        self._first: int | None = None

    def __call__(self, finished: int, total: int) -> None:
        if self._count is not None:
            self._count(finished, total)
            return
        now = time.monotonic()
        if self._first is None:
            self._first, self._start = finished, now
        if finished < total and now - self._said < self._every:
            return
        self._said = now
        done = finished - self._first
        left = (total - finished) * (now - self._start) / done if done > 0 else None
        text = duration(left) if left is not None else "unknown time"
        print(f"{self._name}: {finished} of {total}, {text} left", file=sys.stderr, flush=True)


def duration(seconds: float) -> str:
    """A time for people.

    >>> duration(5), duration(150), duration(9000)
    ('5 s', '2.5 min', '2.5 h')
    """
    if seconds < 90:
        return f"{seconds:.0f} s"
    return f"{seconds / 60:.1f} min" if seconds < 5400 else f"{seconds / 3600:.1f} h"
