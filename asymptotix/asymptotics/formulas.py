"""Formulas that users write: read without evaluating anything else, and compared with derived ones."""

from __future__ import annotations

import ast
import re
from typing import Any

import sympy as sp
from sympy.parsing.sympy_parser import auto_number, parse_expr, rationalize

from asymptotix.asymptotics.growth import SYMBOLS, Expr
from asymptotix.asymptotics.symbols import GAMMA
from asymptotix.errors import InvalidInput

_NAMES: dict[str, Any] = {"gamma": GAMMA, "pi": sp.pi, **SYMBOLS}
_FUNCTIONS: dict[str, Any] = {"sqrt": sp.sqrt, "log": sp.log, "zeta": sp.zeta, "exp": sp.exp}
_OPERATIONS = (ast.Add, ast.Sub, ast.Mult, ast.Div, ast.Pow, ast.USub, ast.UAdd)
_SYNTAX = (ast.Expression, ast.BinOp, ast.UnaryOp, ast.Call, ast.Load, *_OPERATIONS)
_ALLOWED = f"numbers, + - * / ^, {', '.join(_NAMES)}, and {', '.join(f'{name}()' for name in _FUNCTIONS)}"


def read_formula(name: str, text: str) -> Expr:
    """A formula in the symbols of the phase tables, numbers being exact.

    Raises:
        InvalidInput: it holds something else; the message names it.

    >>> read_formula("risk-exponent", "-1 + 1/(2*gamma)")
    -1 + 1/(2*gamma)
    >>> read_formula("constant", "zeta(2*gamma)^0.5")
    sqrt(zeta(2*gamma))
    """
    python = text.replace("^", "**").strip()
    try:
        tree = ast.parse(python, mode="eval")
    except SyntaxError:
        raise InvalidInput(name, text, f"a formula of {_ALLOWED}") from None
    called = [node.func for node in ast.walk(tree) if isinstance(node, ast.Call)]
    for node in ast.walk(tree):
        if not _readable(node, node in called):
            raise InvalidInput(name, text, f"a formula of {_ALLOWED}; {ast.unparse(node)!r} is not")
    python = re.sub(r"\bzeta(?=\s*\()", "_zeta", python)  # the function; by itself it is the noise's exponent
    return parse_expr(python, {**_FUNCTIONS, **_NAMES, "_zeta": sp.zeta}, (auto_number, rationalize))


def _readable(node: ast.AST, called: bool) -> bool:
    """Whether a part of a formula is a number, a known name or an operation: only what is may be evaluated."""
    if isinstance(node, ast.Name):
        return node.id in (_FUNCTIONS if called else _NAMES)
    return not called and (type(getattr(node, "value", None)) in (int, float) or isinstance(node, _SYNTAX))


def same(one: Expr, other: Expr) -> bool:
    """Whether two formulas agree: in closed form, or else at three points to 25 digits.

    >>> same(read_formula("x", "(2*gamma - 1)/gamma"), read_formula("x", "2 - 1/gamma"))
    True
    """
    difference = sp.simplify(one - other)
    if difference == 0:
        return True
    free = sorted(one.free_symbols | other.free_symbols, key=str)
    for shift in (3, 5, 7):  # primes keep the points apart from zeros of simple formulas
        point = {symbol: sp.Rational(shift + 2 * k, 4) for k, symbol in enumerate(free)}
        value = sp.N(difference.subs(point), 30)
        if not value.is_finite or abs(value) > sp.Float("1e-25") * (1 + abs(sp.N(one.subs(point), 30))):
            return False
    return True
