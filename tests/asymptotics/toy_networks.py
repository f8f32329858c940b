"""Sectors of a quadratic network written by hand, with made-up coefficients: the engine's test bench.

Exponents follow section 4 of the theory: an outlier needs ``a_i > tau``, the edge leaks with the powers
``leak_risk`` and ``leak_count`` of the gap.
"""

from __future__ import annotations

import sympy as sp

from asymptotix.asymptotics.sector import Scales, Sector, Term
from asymptotix.asymptotics.symbols import GAMMA

ONE = Term(sp.Integer(1), {})
TAU = Term(sp.Integer(1), {"tau": 1})
KAPPA = Term(sp.Integer(1), {"kappa": 1})
LAST = Term(sp.Integer(1), {"d": -GAMMA})  # the smallest feature
GAP = Term(sp.Integer(1), {"gap": 1})
HALF = sp.Rational(1, 2)


def power(base: str, exponent: object, coefficient: object, label: str = "", **more: object) -> Term:
    return Term(sp.sympify(coefficient), {base: exponent, **more}, label)


def scales() -> Scales:
    return Scales(sp.Integer(2), HALF, HALF)


def sectors(
    leak_risk: object = sp.Rational(7, 2), leak_count: object = sp.Rational(5, 2)
) -> tuple[Sector, ...]:
    edge = ((KAPPA, Term(sp.Integer(2), {"tau": 1})),)
    leak = power("tau", 2, 3, "noise leaked", d=1, gap=leak_risk)
    leaked = power("d", 1, 5, "noise leaked", gap=leak_count)
    some = power("kappa", 2 - 1 / GAMMA, 2, "features biased")
    some_count = power("kappa", -1 / GAMMA, HALF, "features learned")
    missed = Term(sp.Integer(1), {}, "nothing learned")
    return (
        Sector("missed", (missed,), (), much_less=((ONE, KAPPA), (TAU, KAPPA)), features="none"),
        Sector("biased", (some,), (some_count,), much_less=((LAST, KAPPA), (KAPPA, ONE), (TAU, KAPPA))),
        Sector(
            "resolved",
            (power("kappa", 2, 1, "features biased", d=1), power("tau", 2, 1, "noise learned", d=1)),
            (power("d", 1, 1, "all learned"),),
            much_less=((KAPPA, LAST), (TAU, LAST)),
            features="all",
            noise="all",
        ),
        Sector(
            "edge missed",
            (missed, leak),
            (leaked,),
            ((ONE, TAU), (GAP, ONE)),
            edge,
            features="none",
            noise="edge",
        ),
        Sector(
            "edge",
            (power("tau", 2 - 1 / GAMMA, 3, "features missed"), leak),
            (power("tau", -1 / GAMMA, 1, "features learned"), leaked),
            ((LAST, TAU), (TAU, ONE), (GAP, ONE)),
            edge,
            noise="edge",
        ),
        Sector(
            "interpolating",
            (power("tau", 2, HALF, "noise learned", d=1),),
            (power("d", 1, HALF, "noise learned"),),
            much_less=((LAST, TAU), (KAPPA, TAU)),
            deficit=(power("d", 1, sp.Rational(1, 3), "threshold", kappa=1, tau=-1),),
            risk_deficit=(power("d", 1, sp.Rational(1, 5), "threshold", kappa=1, tau=1),),
            noise="all",
        ),
    )
