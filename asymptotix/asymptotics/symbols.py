"""The symbols that the asymptotic formulas share."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields, is_dataclass, replace
from functools import cache
from typing import Any

import sympy as sp

Expr = Any  # a SymPy expression; SymPy ships no types

GAMMA: Expr = sp.Symbol("gamma", positive=True)
"""Exponent of the teacher's power law, ``a_i = i**-gamma / N``; always above 1/2."""

RATIO: Expr = sp.Symbol("rho", positive=True)
"""Rows over columns of a matrix that has fewer rows, ``rho = m/d`` below 1."""

SHAPE: Expr = sp.Symbol("c", positive=True)
"""Threshold over effective noise, ``c = kappa/tau``."""

TAU, KAPPA = sp.symbols("tau kappa", positive=True)
"""Effective noise and threshold, in scaled units."""

DIMENSION, WIDTH, RIDGE, ROWS = sp.symbols("d width ridge rows", positive=True)

GAP, LEAK = sp.symbols("gap q", positive=True)
"""How far the threshold is from the edge of the noise: ``edge - c``, or ``q = exp(-c**2/2)`` of a Gaussian tail."""

SAMPLES, NOISE, PENALTY = sp.symbols("samples noise penalty", positive=True)
"""What both equations are given, in the network's units."""


@cache
def simplified(expression: Expr) -> Expr:
    """Its simplest form, found once: variants and sectors of a network, and whoever prints, ask for the same ones."""
    return sp.simplify(expression)


def substituted(thing: Any, symbol: Expr, value: Expr, done: dict[int, Any]) -> Any:
    """Records, tuples and mappings with a symbol replaced in every expression they hold; ``done`` by identity.

    >>> substituted({"tau": (GAMMA * RATIO,)}, RATIO, sp.Integer(2), {})
    {'tau': (2*gamma,)}
    """
    if id(thing) in done:
        return done[id(thing)]
    if isinstance(thing, sp.Basic):
        new = thing.subs(symbol, value) if thing.has(symbol) else thing
    elif isinstance(thing, tuple):
        new = tuple(substituted(x, symbol, value, done) for x in thing)
        new = thing if all(x is y for x, y in zip(new, thing, strict=True)) else new
    elif isinstance(thing, Mapping):
        new = {k: substituted(x, symbol, value, done) for k, x in thing.items()}
    elif is_dataclass(thing) and not isinstance(thing, type):
        old = {f.name: getattr(thing, f.name) for f in fields(thing)}
        changed = {k: substituted(x, symbol, value, done) for k, x in old.items()}
        new = thing if all(changed[k] is old[k] for k in old) else replace(thing, **changed)
    else:
        new = thing
    done[id(thing)] = new
    return new
