"""Derived diagrams kept on disk, keyed by the source code that produced them."""

from __future__ import annotations

import os
import pickle
from collections.abc import Callable
from contextlib import suppress
from functools import cache
from pathlib import Path
from typing import TypeVar

import asymptotix
from asymptotix.files import write_bytes
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
    with suppress(OSError, pickle.UnpicklingError, EOFError, AttributeError, ImportError):
        found: T = pickle.loads(path.read_bytes())
        return found
    value = make()
    with suppress(OSError):
        write_bytes(path, pickle.dumps(value))
    return value
