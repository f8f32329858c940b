"""Formulas as MathML, which browsers show without any script."""

from __future__ import annotations

from typing import Any

import sympy

from asymptotix.asymptotics.growth import LOG_D
from asymptotix.asymptotics.table import NAMES


def named(name: str) -> Any:
    """The symbol that stands for a size in formulas: ``n_eff``, ``lam``, ``d`` or ``noise``."""
    return NAMES[name]


def formula(expression: Any) -> str:
    """An inline formula.

    >>> formula(sympy.Symbol("x") ** 2)
    '<math><msup><mi>x</mi><mn>2</mn></msup></math>'
    """
    from sympy.printing.mathml import mathml

    shown = sympy.sympify(expression).subs(LOG_D, sympy.log(NAMES["d"]))
    names = {sympy.Symbol("l", real=True): "ℓ"}
    style = {"fold_frac_powers": True, "root_notation": False}
    text = mathml(shown, printer="presentation", symbol_names=names, **style)
    text = text.replace("&InvisibleTimes;", "&#x2062;").replace("<mo>-</mo>", "<mo>−</mo>")
    return f"<math>{text.replace('<mn>-', '<mn>−')}</math>"
