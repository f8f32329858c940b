"""Formulas that users write: read without evaluating anything else, and compared with derived ones."""

from __future__ import annotations

import ast
import operator
from collections.abc import Callable
from fractions import Fraction
from typing import Any

import sympy as sp

from asymptotix.asymptotics.growth import SYMBOLS, Expr
from asymptotix.asymptotics.symbols import GAMMA
from asymptotix.errors import InvalidInput

_NAMES: dict[str, Expr] = {"gamma": GAMMA, "pi": sp.pi, **SYMBOLS}
_FUNCTIONS: dict[str, Callable[..., Expr]] = {"sqrt": sp.sqrt, "log": sp.log, "zeta": sp.zeta, "exp": sp.exp}
_OPERATORS: dict[type, Callable[[Any, Any], Any]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: operator.truediv,
    ast.Pow: operator.pow,
    ast.BitXor: operator.pow,  # 2^x as people write it
}
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
    try:
        tree = ast.parse(text.replace("^", "**").strip(), mode="eval").body
    except SyntaxError:
        raise InvalidInput(name, text, f"a formula of {_ALLOWED}") from None
    return _built(name, text, tree)


def _built(name: str, text: str, node: ast.AST) -> Expr:
    if (
        isinstance(node, ast.Constant)
        and isinstance(node.value, int | float)
        and not isinstance(node.value, bool)
    ):
        exact = Fraction(repr(node.value))
        return sp.Rational(exact.numerator, exact.denominator)
    if isinstance(node, ast.Name) and node.id in _NAMES:
        return _NAMES[node.id]
    if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub | ast.UAdd):
        value = _built(name, text, node.operand)
        return -value if isinstance(node.op, ast.USub) else value
    if isinstance(node, ast.BinOp) and type(node.op) in _OPERATORS:
        return _OPERATORS[type(node.op)](_built(name, text, node.left), _built(name, text, node.right))
    called = node.func.id if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) else None
    if isinstance(node, ast.Call) and called in _FUNCTIONS and not node.keywords:
        return _FUNCTIONS[called](*(_built(name, text, x) for x in node.args))
    raise InvalidInput(name, text, f"a formula of {_ALLOWED}; {ast.unparse(node)!r} is not")


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
        if not value.is_number or abs(value) > sp.Float("1e-25") * (1 + abs(sp.N(one.subs(point), 30))):
            return False
    return True
