"""Rooms that share their name with the function that users come for: `simulate`, `spectrum`, `sweep`.

Importing ``asymptotix.simulate.data`` makes ``asymptotix.simulate`` the room, whatever it was before. So the room
itself can be called.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from types import ModuleType
from typing import Any


def callable_as(function: Callable[..., Any]) -> None:
    """Let the room (the folder above the function's file) be called like its function.

    >>> import asymptotix.simulate
    >>> callable(asymptotix.simulate)
    True
    """

    class Room(ModuleType):
        def __call__(self, *args: Any, **options: Any) -> Any:
            return function(*args, **options)

    sys.modules[function.__module__.rpartition(".")[0]].__class__ = Room
