"""The contract between a network's expansions and the engine of dominant balance.

In scaled units (``tau = delta/sqrt(d)``, ``kappa = eps/sqrt(d)``, teacher of unit norm) both fixed-point
equations are sums of positive terms:

    samples * tau**2                 = noise + R(tau, kappa)              (noise scale)
    penalty + kappa * s(tau, kappa)  = samples * kappa                    (threshold)

with ``samples = f n_eff``, ``noise = g Delta``, ``penalty = h lam sqrt(d)`` and the three numbers of
:class:`Scales`. A *sector* is a range of ``c = kappa/tau`` and of the number of learned features, in which
``R`` and the degrees of freedom ``s`` are each asymptotically a sum of a few positive monomials. Everything
the engine needs to know about a network is its list of sectors and its scales.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import Literal

import sympy as sp

from asymptotix.asymptotics.symbols import (
    DIMENSION,
    GAP,
    KAPPA,
    LEAK,
    NOISE,
    PENALTY,
    RIDGE,
    ROWS,
    SAMPLES,
    SHAPE,
    TAU,
    WIDTH,
    Expr,
)

#: Whose powers make up a term.
QUANTITIES = (TAU, KAPPA, GAP, LEAK, SHAPE, DIMENSION, WIDTH, RIDGE, ROWS, SAMPLES, NOISE, PENALTY)

#: Labels of what a width leads to: features that it cannot hold, and noise that it learns to spare.
BEYOND, SPARE = "features beyond the width", "noise learned by spare width"
#: And of what a ridge adds to the error, or leaves of it.
BY_RIDGE, SHRUNK = "features shrunk by the ridge", "teacher shrunk away"


@dataclass(frozen=True)
class Scales:
    """The numbers ``f, g, h`` in ``samples = f n_eff``, ``noise = g Delta``, ``penalty = h lam d**size``.

    ``degree`` is the power of ``kappa`` in the threshold equation: 1 where ``kappa`` is the penalty's own strength.
    """

    samples: Expr
    noise: Expr
    penalty: Expr
    degree: Expr = Fraction(1)
    size: Expr = Fraction(1, 2)


@dataclass(frozen=True)
class Term:
    """One positive monomial ``coefficient * prod(symbol**power)``.

    ``coefficient`` is a SymPy expression in ``gamma`` (positive); ``powers`` maps names of quantities (``"d"``,
    ``"tau"``, ``"kappa"`` and the sector's own unknowns) to SymPy expressions, rational in ``gamma``. :func:`term`
    reads both from a product. ``label`` says in the field's words what the term is; a label that begins with
    "noise" marks learned noise, any other a feature's error ("features missed", ...).
    Among a sector's (count) corrections, ``corrects`` is the index of the risk (count) term that this one corrects; a
    correction of which only the order is known has the coefficient ``nan``.
    """

    coefficient: Expr
    powers: Mapping[str, Expr]
    label: str = ""
    corrects: int = 0

    @property
    def expression(self) -> Expr:
        """The product."""
        powers = (sp.Symbol(name, positive=True) ** power for name, power in self.powers.items())
        return sp.Mul(self.coefficient, *powers)

    def __mul__(self, factor: Expr) -> Term:
        """The same term, in words, times a product."""
        return term(self.expression * factor, self.label, self.corrects)


def term(product: Expr, label: str = "", corrects: int = 0) -> Term:
    """A term from a product of powers of quantities and of what is no quantity.

    >>> term(3 * (TAU * DIMENSION) ** 2)
    Term(coefficient=3, powers={'d': 2, 'tau': 2}, label='', corrects=0)
    """
    coefficient, rest = sp.sympify(product).as_independent(*QUANTITIES, as_Add=False)
    factors = sp.expand_power_base(rest).as_powers_dict()
    powers = {str(base): factors.pop(base) for base in sorted(factors, key=str) if base in QUANTITIES}
    mixed = sp.Mul(*(base**power for base, power in factors.items()))
    return Term(coefficient * mixed, powers, label, corrects)


@dataclass(frozen=True)
class Sector:
    """A range of the unknowns in which risk and degrees of freedom are sums of monomials.

    ``count`` less ``deficit`` is ``s``; both are written as positive terms and ``deficit`` is moved to the
    other side of the threshold equation.
    ``risk_deficit`` is likewise to be taken from ``risk`` (both deficits matter only where leading terms
    cancel, at the interpolation peak).
    ``much_less`` lists pairs ``(small, large)`` of terms: the sector is where ``small << large`` for each.
    ``ties`` lists pairs of terms equal to leading order (for instance ``kappa ~ 2 tau`` at the edge of the
    bulk). A ``q`` among its terms is ``exp(-c**2/2)``, so that ``c = sqrt(2 log(1/q))`` grows like a power of
    ``log d``: a Gaussian tail, where ``kappa = c * tau`` is tied, or any logarithm.
    ``features`` and ``noise`` say how much of each is learned. ``gamma`` is the open range of validity.
    ``shared`` is the ratio of leaked risk to ``tau**2`` times leaked count, where it is a constant: both equations then
    hold the same term, which is eliminated from the first.
    ``corrections`` are relative corrections to the risk's monomials themselves (discreteness, ...), and
    ``count_corrections`` to the count's.
    ``spectrum`` describes the learned weights there ("zero mass + spikes", "zero mass + bulk + spikes", ...).
    """

    name: str
    risk: tuple[Term, ...]
    count: tuple[Term, ...]
    much_less: tuple[tuple[Term, Term], ...] = ()
    ties: tuple[tuple[Term, Term], ...] = ()
    spectrum: str = ""
    corrections: tuple[Term, ...] = ()
    count_corrections: tuple[Term, ...] = ()
    deficit: tuple[Term, ...] = ()
    risk_deficit: tuple[Term, ...] = ()
    shared: Expr = 0
    features: Literal["none", "some", "all"] = "some"
    noise: Literal["none", "edge", "bulk", "all"] = "none"
    gamma: tuple[Expr | None, Expr | None] = (None, None)

    @property
    def unknowns(self) -> tuple[str, ...]:
        """``tau`` and ``kappa``, and the gap or ``q`` where there is one."""
        terms = (*self.risk, *self.count, *(t for pair in self.ties for t in pair))
        return ("tau", "kappa", *(x.name for x in (GAP, LEAK) if any(x.name in t.powers for t in terms)))
