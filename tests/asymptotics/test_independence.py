"""The symbolic witness shares no code with the numerical ones, and types no constant of a phase."""

from __future__ import annotations

import ast
from pathlib import Path

import asymptotix.asymptotics

ROOM = Path(asymptotix.asymptotics.__file__).parent
ALLOWED = tuple(
    f"asymptotix.{room}"
    for room in (
        "arrays",
        "asymptotics",
        "errors",
        "files",
        "inputs",
        "networks",
        "store",
        "tables",
        "validate",
    )
)


def imported(path: Path) -> set[str]:
    names = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.ImportFrom) and node.module:
            names.add(node.module)
        elif isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
    return {name for name in names if name.split(".")[0] == "asymptotix"}


def test_asymptotics_import_only_asymptotics() -> None:
    for path in ROOM.rglob("*.py"):
        for name in imported(path):
            assert name.startswith(ALLOWED) or name == "asymptotix", f"{path.name} imports {name}"


def test_expansions_hold_no_decimal_number() -> None:
    for path in [*(ROOM / "expansions").glob("*.py"), ROOM / "laws.py"]:
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            decimal = isinstance(node, ast.Constant) and isinstance(node.value, float)
            assert not decimal, f"{path.name}:{getattr(node, 'lineno', 0)}"
