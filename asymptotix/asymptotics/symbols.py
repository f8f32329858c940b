"""The symbols that the asymptotic formulas share."""

from __future__ import annotations

from typing import Any

import sympy as sp

Expr = Any  # a SymPy expression; SymPy ships no types

GAMMA: Expr = sp.Symbol("gamma", positive=True)
"""Exponent of the teacher's power law, ``a_i = i**-gamma / N``; always above 1/2."""

SHAPE: Expr = sp.Symbol("c", positive=True)
"""Threshold over effective noise, ``c = kappa/tau``, where it is a constant."""
