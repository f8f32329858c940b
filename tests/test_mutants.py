"""The mutation tool itself: what it puts in place of what."""

from __future__ import annotations

import ast

import pytest

from tools.mutants import FEWEST, ROOMS, ROOT, all_mutants, sample, variants


@pytest.mark.parametrize(
    ("text", "changed"),
    [
        ("a < b", "a >= b"),
        ("a is None", "a is not None"),
        ("a + b", "a - b"),
        ("a ** b", "a * b"),
        ("a and b", "a or b"),
        ("not a", "a"),
        ("-a", "a"),
        ("3", "4"),
        ("0.25", "0.5"),
        ("0.0", "1.0"),
        ("True", "False"),
        ("a if b else c", "not b"),
    ],
)
def test_what_an_expression_becomes(text: str, changed: str) -> None:
    (node,) = ast.parse(text).body
    assert isinstance(node, ast.Expr)
    ((_, new),) = variants(node.value, "")
    assert ast.unparse(new) == changed


@pytest.mark.parametrize(
    ("annotation", "changed"), [("bool", "not x"), ("float", "x + 1"), ("Solution", "None"), ("None", None)]
)
def test_what_a_function_returns(annotation: str, changed: str | None) -> None:
    (node,) = ast.parse("return x").body
    assert [ast.unparse(new) for _, new in variants(node, annotation)] == ([changed] if changed else [])


def test_every_mutant_is_a_program_that_differs() -> None:
    found = all_mutants()
    assert len({m.key for m in found}) == len(found) > 5000
    drawn = sample(found, 240)
    assert drawn == sample(found[::-1], 240)
    assert len({m.key for m in drawn} & {m.key for m in sample(found, 240, "another")}) < 60
    for room in ROOMS:
        assert sum(m.room == room for m in drawn) >= FEWEST
    for mutant in drawn[::4]:
        source = (ROOT / mutant.path).read_bytes()
        changed = source[: mutant.start] + mutant.new.encode() + source[mutant.end :]
        assert source[mutant.start : mutant.end].decode() == mutant.old
        assert ast.dump(ast.parse(changed)) != ast.dump(ast.parse(source))
