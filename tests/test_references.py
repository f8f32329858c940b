"""What code and prose refer to in backticks exists."""

from __future__ import annotations

import re
from importlib import import_module
from pathlib import Path
from typing import Any

HOUSE = Path(__file__).parents[1]
NAME = re.compile(r"[`\"](asymptotix(?:\.\w+|:\w+)+)[`\"]")
FILE = re.compile(r"(?<!`)`((?:\w+/)+\w+\.(?:py|md|toml))`(?!`)")


def _readings() -> list[tuple[str, str]]:
    rooms = ("asymptotix", "tests", "docs", "derivations", "benchmarks", "tools")
    files = [f for room in rooms for f in (HOUSE / room).rglob("*") if f.suffix in (".py", ".md")]
    return [
        (f.relative_to(HOUSE).as_posix(), f.read_text(encoding="utf-8"))
        for f in [*files, *HOUSE.glob("*.md")]
    ]


def _exists(dotted: str) -> bool:
    parts = re.split("[.:]", dotted)
    for k in range(len(parts), 0, -1):
        try:
            found: Any = import_module(".".join(parts[:k]))
        except ModuleNotFoundError:
            continue
        for part in parts[k:]:
            if part in getattr(found, "__annotations__", {}):
                return True
            if not hasattr(found, part):
                return False
            found = getattr(found, part)
        return True
    return False


def test_names_in_backticks_exist() -> None:
    named = {(file, name) for file, text in _readings() for name in NAME.findall(text)}
    assert len(named) > 100
    assert not [(file, name) for file, name in sorted(named) if not _exists(name)]


def test_files_in_backticks_exist() -> None:
    named = {
        (file, name) for file, text in _readings() for name in FILE.findall(text) if file != "CHANGELOG.md"
    }
    assert len(named) > 10
    gone = [
        (file, name)
        for file, name in named
        if not any((HOUSE / r / name).exists() for r in ("", "asymptotix"))
    ]
    assert not gone
