"""A progress bar on standard error: a bar for a person, a line a step for a log."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from types import TracebackType
from typing import TypeVar

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, TextColumn, TimeElapsedColumn, TimeRemainingColumn
from rich.progress import Progress as Bar

Item = TypeVar("Item")


class Progress:
    """Counts finished items of named steps.

    >>> with Progress() as progress:
    ...     sum(progress.track([1, 2, 3], "adding"))
    6
    """

    def __init__(self) -> None:
        self._shown = sys.stderr.isatty()
        columns = (
            TextColumn("{task.description}"),
            BarColumn(),
            MofNCompleteColumn(),
            TimeElapsedColumn(),
            TimeRemainingColumn(),
        )
        self._bar = Bar(*columns, console=Console(stderr=True), disable=not self._shown)

    def __enter__(self) -> Progress:
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
