"""All mutants of the core: every comparison, operator, number, condition and returned value, changed by itself."""

from __future__ import annotations

import ast
import hashlib
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import accumulate
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parent.parent
#: What is mutated: a room's name and its files.
ROOMS = {
    "state evolution": ("state_evolution/", "equations.py"),
    "numerics": tuple(
        f"{x}.py" for x in ("gaussian", "inputs", "quadrature", "rootfinding", "teacher", "units")
    ),
    **{
        name: (f"{name}/",)
        for name in (
            "networks",
            "free_convolution",
            "risk",
            "spectrum",
            "precise",
            "asymptotics",
            "inference",
            "finite_size",
        )
    },
}
# So many mutants of a small room are drawn at least.
FEWEST = 12
#: Another one draws another sample.
SEED = "2026-11-28"
EXCHANGED = {ast.Add: ast.Sub, ast.Sub: ast.Add, ast.Mult: ast.Div, ast.Div: ast.Mult, ast.FloorDiv: ast.Div}
EXCHANGED |= {ast.Pow: ast.Mult, ast.Mod: ast.Mult, ast.MatMult: ast.Mult}
FLIPPED = {
    ast.Lt: ast.GtE,
    ast.GtE: ast.Lt,
    ast.Gt: ast.LtE,
    ast.LtE: ast.Gt,
    ast.Eq: ast.NotEq,
    ast.NotEq: ast.Eq,
}
FLIPPED |= {ast.Is: ast.IsNot, ast.IsNot: ast.Is, ast.In: ast.NotIn, ast.NotIn: ast.In}


@dataclass(frozen=True)
class Mutant:
    """One change; ``function`` is where it stands, empty for what runs on import."""

    key: str
    room: str
    path: str
    line: int
    function: str
    names: tuple[str, ...]
    start: int
    end: int
    old: str
    new: str


def _negated(test: ast.expr) -> ast.expr:
    return ast.UnaryOp(ast.Not(), test)


def variants(node: ast.AST, returns: str) -> Iterator[tuple[ast.AST, ast.AST]]:
    """What to put in place of a node or of a part of it; ``returns`` is the annotation of the function it is in."""
    match node:
        case ast.Compare(ops=[operator]) if type(operator) in FLIPPED:
            yield node, ast.Compare(node.left, [FLIPPED[type(operator)]()], node.comparators)
        case ast.BinOp() if type(node.op) in EXCHANGED:
            yield node, ast.BinOp(node.left, EXCHANGED[type(node.op)](), node.right)
        case ast.AugAssign() if type(node.op) in EXCHANGED:
            yield node, ast.AugAssign(node.target, EXCHANGED[type(node.op)](), node.value)
        case ast.BoolOp():
            yield node, ast.BoolOp(ast.Or() if isinstance(node.op, ast.And) else ast.And(), node.values)
        case ast.UnaryOp(op=ast.Not()):
            yield node, node.operand
        case ast.UnaryOp(op=ast.USub()) if not isinstance(node.operand, ast.Constant):
            yield node, node.operand
        case ast.Constant(value=bool()):
            yield node, ast.Constant(not node.value)
        case ast.Constant(value=int() as number):
            yield node, ast.Constant(number + 1)
        case ast.Constant(value=float() as number):
            yield node, ast.Constant(2.0 * number if number else 1.0)
        case ast.Return(value=ast.expr() as value) if returns not in ("", "None"):
            if returns == "bool":
                yield value, _negated(value)
            elif returns in ("float", "int", "Number", "Expr", "Fraction", "Array", "Complex"):
                yield value, ast.BinOp(value, ast.Add(), ast.Constant(1))
            elif not (isinstance(value, ast.Constant) and value.value is None):
                yield value, ast.Constant(None)
    if isinstance(node, ast.If | ast.While | ast.IfExp) and isinstance(
        node.test, ast.Name | ast.Call | ast.Attribute
    ):
        yield node.test, _negated(node.test)


class _Finder:
    """All mutants of one file."""

    def __init__(self, room: str, path: str) -> None:
        self.room, self.path = room, path
        self.source = (ROOT / path).read_bytes()
        lines = self.source.split(b"\n")
        self.starts = list(accumulate((len(x) + 1 for x in lines), initial=0))
        self.seen: Counter[tuple[str, ...]] = Counter()

    def of(
        self, node: ast.AST, scope: str = "", returns: str = "", names: tuple[str, ...] = ()
    ) -> Iterator[Mutant]:
        for child in ast.iter_child_nodes(node):
            if isinstance(child, ast.Raise | ast.Assert | ast.JoinedStr | ast.Import | ast.ImportFrom):
                continue
            yield from (self._mutant(old, new, scope, names) for old, new in variants(child, returns))
            if isinstance(child, ast.keyword) and child.arg == "strict":
                continue  # of `zip`: sequences of one length
            inside, result = scope, returns
            if isinstance(child, ast.FunctionDef):
                inside = f"{scope}.<locals>.{child.name}" if scope and returns else _join(scope, child.name)
                result = ast.unparse(child.returns) if child.returns else "?"
                yield from self.of(ast.Module(child.body, []), inside, result, names)
            elif isinstance(child, ast.ClassDef):
                yield from self.of(ast.Module(child.body, []), _join(scope, child.name), "", (child.name,))
            elif isinstance(child, ast.AnnAssign):
                target = (child.target.id,) if isinstance(child.target, ast.Name) else ()
                yield from self.of(
                    ast.Module([ast.Expr(child.value)] if child.value else [], []),
                    scope,
                    returns,
                    names or target,
                )
            else:
                here = tuple(
                    n.id
                    for t in getattr(child, "targets", ())
                    for n in ast.walk(t)
                    if isinstance(n, ast.Name)
                )
                yield from self.of(child, inside, result, names or here)

    def _mutant(self, old: Any, new: ast.AST, scope: str, names: tuple[str, ...]) -> Mutant:
        start = self.starts[old.lineno - 1] + old.col_offset
        end = self.starts[old.end_lineno - 1] + old.end_col_offset
        text = self.source[start:end].decode()
        changed = ast.unparse(ast.fix_missing_locations(new))
        if not isinstance(old, ast.stmt | ast.Constant):
            changed = f"({changed})"
        what = (self.path, scope, " ".join(text.split()), changed)
        self.seen[what] += 1
        key = _hash(*what, str(self.seen[what]))
        return Mutant(key, self.room, self.path, old.lineno, scope, names, start, end, text, changed)


def _hash(*parts: str) -> str:
    return hashlib.sha256("|".join(parts).encode()).hexdigest()[:12]


def _join(scope: str, name: str) -> str:
    return f"{scope}.{name}" if scope else name


def all_mutants() -> list[Mutant]:
    """Every mutant of the core.

    A key tells the file, the function, the change, and the how-manieth of its like there it is: it stays while other
    functions, and other expressions of the same one, are changed.
    """
    found: list[Mutant] = []
    for room, parts in ROOMS.items():
        for part in parts:
            base = ROOT / "asymptotix" / part
            for file in sorted(base.rglob("*.py")) if base.is_dir() else [base]:
                path = str(file.relative_to(ROOT))
                found += _Finder(room, path).of(ast.parse(file.read_text()))
    return found


def sample(mutants: Sequence[Mutant], size: int, seed: str = SEED) -> list[Mutant]:
    """The first ones in an order that a seed makes of their keys, and a few of each small room."""
    mutants = sorted(mutants, key=lambda m: _hash(seed, m.key))
    chosen = dict.fromkeys(mutants[:size])
    for room in ROOMS:
        missing = FEWEST - sum(m.room == room for m in chosen)
        others = [m for m in mutants if m.room == room and m not in chosen]
        chosen |= dict.fromkeys(others[: max(missing, 0)])
    return list(chosen)
