"""A pytest plugin that records which functions of the package each test calls, and how long it takes.

    python -m pytest -p tools.which_tests ...      writes one file a process into $WHICH_TESTS

Each test runs twice: traced, with nothing remembered by `functools.cache`, so that every test is credited with all of
a derivation that it asks for; then as it is, for its time. Only calls are traced, not lines. Tests that do not pass
are left out. Times are of the processor: they do not depend on what else the machine does.
"""

from __future__ import annotations

import functools
import gc
import json
import os
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from types import CodeType, FrameType
from typing import Any

import pytest
from _pytest.runner import runtestprotocol

_ROOT = Path.cwd()
_PACKAGE = str(_ROOT / "asymptotix") + os.sep
_RECORDS: dict[str, dict[str, Any]] = {}
_FAILED: set[str] = set()


def function_name(code: CodeType) -> str:
    """``path:name`` of a function, with the names of what it is defined in."""
    return f"{Path(code.co_filename).relative_to(_ROOT)}:{code.co_qualname}"  # Python 3.11


@pytest.hookimpl(hookwrapper=True)
def pytest_runtest_protocol(item: Any) -> Iterator[None]:
    called: set[CodeType] = set()

    def trace(frame: FrameType, event: str, argument: object) -> None:
        called.add(frame.f_code)

    _forget()
    names = dict(item.dtest.globs) if hasattr(item, "dtest") else {}
    before = sys.gettrace()
    sys.settrace(trace)
    try:
        runtestprotocol(item, log=False, nextitem=item.parent)
    finally:
        sys.settrace(before)
    item._initrequest()
    if names:  # a doctest clears its own
        item.dtest.globs.update(names)
    began = time.process_time()
    yield
    seconds = round(time.process_time() - began, 3)
    functions = sorted({function_name(c) for c in called if c.co_filename.startswith(_PACKAGE)})
    _RECORDS[item.nodeid] = {"seconds": seconds, "functions": functions}


def _forget() -> None:
    for cached in _caches(sum(name.startswith("asymptotix") for name in sys.modules)):
        cached.cache_clear()


@functools.lru_cache(maxsize=1)
def _caches(modules: int) -> list[Any]:
    """Everything of the package that remembers: looked for anew when more of its ``modules`` are there."""
    cached = (x for x in gc.get_objects() if isinstance(x, functools._lru_cache_wrapper))
    return [x for x in cached if x.__module__.startswith("asymptotix")]


def pytest_runtest_logreport(report: pytest.TestReport) -> None:
    if report.failed:
        _FAILED.add(report.nodeid)
    if report.when == "teardown" and len(_RECORDS) % 20 == 0:
        _write()  # an interrupted run keeps what it has


def pytest_sessionfinish() -> None:
    _write()


def _write() -> None:
    folder = Path(os.environ["WHICH_TESTS"])
    folder.mkdir(parents=True, exist_ok=True)
    passed = {name: record for name, record in _RECORDS.items() if name not in _FAILED}
    if passed:
        (folder / f"{os.getpid()}.json").write_text(json.dumps(passed))
