"""Formulas as MathML, which browsers show without any script: one fraction bar at most, slashes within it."""

from __future__ import annotations

import html
from collections.abc import Iterator
from functools import cache
from typing import Any
from xml.etree import ElementTree

import sympy

from asymptotix.asymptotics.growth import LOG_D
from asymptotix.asymptotics.table import NAMES

Element = ElementTree.Element

#: What the printer writes, and what a parser of XML and a typesetter want.
_REPAIRS = {
    "<mo>-</mo>": "<mo>−</mo>",
    "<mo><</mo>": "<mo>&lt;</mo>",
    "<mo>></mo>": "<mo>&gt;</mo>",
}


@cache  # the page shows most of them twice
def formula(*factors: Any) -> str:
    """An inline formula: a product whose factors stay in the order given; factors 1 are left out.

    >>> formula(sympy.Symbol("x") ** sympy.Rational(1, 2))
    '<math><msup><mi>x</mi><mrow><mn>1</mn><mo>/</mo><mn>2</mn></mrow></msup></math>'
    """
    shown = [x for x in map(sympy.sympify, factors) if x != 1] or [sympy.Integer(1)]
    whole = Element("math")
    for k, factor in enumerate(shown):
        if k:
            whole.append(_operator("\u2062"))  # invisible times
        whole.extend(_fenced(_parsed(factor)) if factor.is_Add and len(shown) > 1 else _parsed(factor))
    return ElementTree.tostring(whole, encoding="unicode").replace("<mn>-", "<mn>−")


def _parsed(expression: Any) -> list[Element]:
    from sympy.printing.mathml import mathml

    text = mathml(
        expression.subs(LOG_D, sympy.log(NAMES["d"])),
        printer="presentation",
        symbol_names={sympy.Symbol("l", real=True): "ℓ"},
        root_notation=False,
    )
    text = html.unescape(text).replace("<mi>lowerbeta</mi>", '<mi mathvariant="normal">B</mi>')
    for printed, wanted in _REPAIRS.items():
        text = text.replace(printed, wanted)
    parts = list(ElementTree.fromstring(f"<math>{text}</math>"))
    return [_flat(part, small=False) for part in parts]


def _flat(node: Element, small: bool) -> Element:
    """The same formula with a slash for every fraction in an exponent, a function or another fraction."""
    inner = [
        _flat(child, small or node.tag == "mfrac" or _is_function(node) or (node.tag == "msup" and k == 1))
        for k, child in enumerate(node)
    ]
    if node.tag == "mfrac" and small:
        above, below = inner
        flat = Element("mrow")
        flat.extend(
            [*_fenced([above], _is_sum(above)), _operator("/"), *_fenced([below], _is_compound(below))]
        )
        return flat
    copy = Element(node.tag, node.attrib)
    copy.text, copy.tail = node.text, node.tail
    copy.extend(_dotted(inner) if node.tag in {"mrow", "math"} else inner)
    return copy


def _dotted(parts: list[Element]) -> list[Element]:
    """A dot for the invisible sign between two numbers, which would read as one."""
    for before, sign, after in zip(parts, parts[1:], parts[2:], strict=False):
        numbers = before.tag == "mn" or (before.tag == "msup" and before[0].tag == "mn")
        first = next(x for x in after.iter() if len(x) == 0)
        if sign.text == "\u2062" and numbers and first.tag == "mn":
            sign.text = "·"
    return parts


def _is_function(node: Element) -> bool:
    return node.tag == "mrow" and len(node) > 0 and (node[0].text or "") in {"log", "ζ", "B"}


def _signs(node: Element) -> Iterator[str]:
    for child in node if node.tag == "mrow" else ():
        if child.tag == "mo":
            yield (child.text or "").strip()
        if child.tag == "mrow":
            yield from _signs(child)


def _is_sum(node: Element) -> bool:
    return any(sign in "+−" for sign in _signs(node))


def _is_compound(node: Element) -> bool:
    return any(sign in "+−/\u2062" for sign in _signs(node))


def _fenced(parts: list[Element], needed: bool = True) -> list[Element]:
    return [_operator("("), *parts, _operator(")")] if needed else parts


def _operator(sign: str) -> Element:
    made = Element("mo", {"stretchy": "false"} if sign in "()" else {})
    made.text = sign
    return made
