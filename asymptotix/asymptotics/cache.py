"""Derived diagrams kept on disk, keyed by the source code that produced them."""

from __future__ import annotations

import os
import pickle
import tempfile
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import TypeVar

import asymptotix
from asymptotix.store import digest_of

T = TypeVar("T")
ROOMS = ("asymptotics", "networks")


def directory() -> Path:
    """``$ASYMPTOTIX_CACHE``, else the user's cache directory."""
    chosen = os.environ.get("ASYMPTOTIX_CACHE")
    if chosen:
        return Path(chosen)
    base = os.environ.get("XDG_CACHE_HOME") or os.environ.get("LOCALAPPDATA")
    return (Path(base) if base else Path.home() / ".cache") / "asymptotix"


@cache
def fingerprint() -> str:
    """A hash of every source file that a derived diagram depends on."""
    root = Path(asymptotix.__file__).parent
    return digest_of((path for room in ROOMS for path in sorted((root / room).rglob("*.py"))), root)


def remembered(name: str, make: Callable[[], T]) -> T:
    """``make()``, or its result from an earlier run of the same code.

    A file that cannot be read is made again; a directory that cannot be written only costs the time.
    """
    path = directory() / f"{name}-{fingerprint()}.pickle"
    try:
        with path.open("rb") as file:
            found: T = pickle.load(file)
            return found
    except (OSError, pickle.UnpicklingError, EOFError, AttributeError, ImportError):
        pass
    value = make()
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.NamedTemporaryFile(dir=path.parent, delete=False) as fresh:
            pickle.dump(value, fresh)
        Path(fresh.name).replace(path)
    except OSError:
        pass
    return value
