"""Phase: one limiting law of the error, where it holds, what comes next, and what it looks like."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from fractions import Fraction
from functools import cached_property
from typing import Any

import mpmath
import sympy

from asymptotix.asymptotics.cells import Cell, Correction
from asymptotix.asymptotics.growth import PARAMETERS, SYMBOLS, Affine, Expr, Growth, shortest
from asymptotix.asymptotics.labels import words
from asymptotix.asymptotics.points import Point, Sizes, rational
from asymptotix.asymptotics.polyhedra import Rows, feasible_on, row_of
from asymptotix.asymptotics.ratfun import RatFun
from asymptotix.asymptotics.signs import Interval
from asymptotix.asymptotics.symbols import GAMMA, RATIO
from asymptotix.errors import InvalidInput

KEYS = (
    "network", "phase", "region", "risk_exponent", "log_power", "n_eff_exponent", "lam_exponent",
    "d_exponent", "noise_exponent", "constant", "next_order", "spectrum",
)  # fmt: skip
WITHIN = Fraction(1, 10)  # "the law holds" means: to 10 %


@dataclass(frozen=True)
class Phase:
    """A limiting law ``error ~ constant * d**risk_exponent * (log d)**log_power`` and its region.

    ``region`` lists strict inequalities in ``a, l, zeta, gamma`` (``n_eff = d**a``, ``lam = d**l``,
    ``Delta = d**-zeta``). The same law reads ``constant * n_eff**n_eff_exponent * lam**lam_exponent *
    d**d_exponent * Delta**noise_exponent * log(d)**log_power``. A phase got from
    :meth:`PhaseDiagram.at` knows its point; its exponents, next order and spectrum are those of the point.
    """

    network: str
    phase: str
    growth: Growth = field(repr=False)
    rows: Rows = field(repr=False)
    gamma: Interval = field(repr=False)
    pieces: tuple[Cell, ...] = field(repr=False)
    point: Point | None = None
    neighbours: tuple[Phase, ...] = field(default=(), repr=False)

    @property
    def risk_exponent(self) -> Expr:
        """Exponent of ``d`` in the error, an affine form, or an exact number at a point."""
        return self._at_point(self.growth.exponent)

    @property
    def log_power(self) -> Expr:
        return self._number(self.growth.log_power)

    @property
    def n_eff_exponent(self) -> Expr:
        return self._coefficient(1)

    @property
    def lam_exponent(self) -> Expr:
        return self._coefficient(2)

    @property
    def noise_exponent(self) -> Expr:
        return -self._coefficient(3)

    @property
    def d_exponent(self) -> Expr:
        return self._coefficient(0)

    @cached_property
    def constant(self) -> Expr:
        """The constant for ``error``, exact in ``gamma`` (and in the point, where logarithms enter)."""
        constant = self.growth.constant
        return constant.subs(self.point.substitutions()) if self.point else constant

    @property
    def fourth(self) -> str:
        """What the fourth size is, ``d**b``: the width, an elastic net's ridge, or the rows of a matrix."""
        terms = (t for q in self.pieces for pair in q.sector.much_less for t in pair)
        named = {name for t in terms for name in t.powers}
        return next((name for name in ("ridge", "rows") if name in named), "width")

    @property
    def has_fourth(self) -> bool:
        """Whether the fourth size, ``p = d**b`` hidden units or a ridge ``d**b``, is one of this phase."""
        return any(row.coords[PARAMETERS.index("b") + 1] for row in self.rows)

    @property
    def fourth_exponent(self) -> Expr:
        """Exponent of the fourth size in the law; 0 where it plays no part."""
        return self._coefficient(4)

    def sizes(self, d: Any) -> dict[str, Any]:
        """What `law` takes, in ``d`` dimensions, at the phase's point.

        >>> from asymptotix import phase_diagram
        >>> phase_diagram("quadratic").at(gamma="5/4", a="3/2", l=-1).sizes(100.0)
        {'n_eff': 1000.0, 'lam': 0.01, 'd': 100.0, 'noise': 1.0}

        Raises:
            InvalidInput: it has none.
        """
        if self.point is None:
            raise InvalidInput("phase", self.phase, "a phase at a point of the diagram")
        a, l, zeta, b = map(float, self.point.coordinates)  # noqa: E741
        fourth = {self.fourth: d**b} if self.has_fourth else {}
        return {"n_eff": d**a, "lam": d**l, "d": d, "noise": d**-zeta, **fourth}

    def law(self, *sizes: Any, order: int = 0, **named: Any) -> float:
        """The limiting law of ``error`` at finite sizes; ``order=1`` adds the corrections of known constant.

        The sizes are ``n_eff, lam, d, noise``, and, where needed, ``gamma``, ``width`` and ``ridge``. ``n_eff`` is
        ``n`` (diagonal) or ``n/d`` (quadratic); ``gamma`` is needed unless the phase has a point, ``width`` or
        ``ridge`` where it is a size. Exponents of size that the constant contains are taken from the sizes
        themselves.
        """
        at = self._sizes(*sizes, **named)
        known = [c for c in self.piece.solution.corrections if c.constant is not None] if order else []
        return float(at.value(self.growth) * (1 + sum(c.size(at) for c in known)))

    def law_band(self, *args: Any, **sizes: Any) -> tuple[float, float]:
        """The law divided and multiplied by ``1 + s``, ``s`` being the size of its next order at `law`'s sizes.

        All first corrections count, with their signs forgotten; one of unknown constant counts with constant one. This
        says how much the law may be trusted, and is no bound: where ``s`` is not small, later orders are not either.

        >>> from asymptotix import phase_diagram
        >>> here = phase_diagram("diagonal").at(gamma="5/4", a="3/2", l=-1)
        >>> sizes = {"n_eff": 1e30, "lam": 1e-20, "d": 1e20, "noise": 1}
        >>> low, high = here.law_band(**sizes)
        >>> low < here.law(**sizes) < high < 1.01 * low
        True
        """
        at = self._sizes(*args, **sizes)
        law, factor = float(at.value(self.growth)), 1.0 + sum(size for _, size in self._orders(at))
        return law / factor, law * factor

    def left_out(self, n_eff: Any, lam: Any, d: Any, noise: Any) -> float:
        """About what the law with its next order leaves out, relative: twice the squares of those corrections.

        Of those with an order but no derived constant, the order. The phase must have a point.
        """
        orders = self._orders(self._sizes(n_eff, lam, d, noise))
        return sum(x if c.constant is None else 2.0 * x * x for c, x in orders)

    def _orders(self, at: Sizes) -> list[tuple[Correction, float]]:
        """How large each first correction is; one of unknown constant counts with constant one."""
        return [
            (c, float(c.amplitude(at) * mpmath.exp(float(at.point.number(c.exponent)) * at.log_d)))
            for c in self.piece.solution.corrections
        ]

    def _sizes(
        self,
        n_eff: Any,
        lam: Any,
        d: Any,
        noise: Any,
        gamma: Any = None,
        width: Any = None,
        ridge: Any = None,
        rows: Any = None,
    ) -> Sizes:
        """What a law of this phase is evaluated at, if it is a number there."""
        if gamma is None and self.point is None:
            raise InvalidInput("gamma", gamma, "a number above 1/2 (this phase is for all gamma)")
        width = rows if width is None else width  # either is the fourth size
        if self.has_fourth and width is None and ridge is None:
            raise InvalidInput(self.fourth, None, f"a number: this law depends on the {self.fourth}")
        if self.growth.constant is sympy.nan:
            raise InvalidInput("phase", self.phase, "a phase off the crossover, where a law has a constant")
        if self.growth.constant.has(RATIO):
            raise InvalidInput("aspect", RATIO, "rows over columns, a number, to `phase_diagram`")
        known = self.point.gamma if gamma is None and self.point else gamma
        return Sizes.of(n_eff, lam, d, noise, known, width, ridge)

    @property
    def inequalities(self) -> list[Expr]:
        """The region as SymPy relations, one unknown isolated on the left."""
        out = [] if self.gamma == Interval() else [_gamma_range(self.gamma)]
        for row in self.rows:
            on_face = self.point is not None and not self.point.number(row)
            out.append(inequality(row, self.gamma, on_face))
        return list(dict.fromkeys(out))

    @property
    def region(self) -> list[str]:
        """The region as exact inequalities."""
        return [_relation_text(x) for x in self.inequalities]

    def contains(self, point: Point) -> bool:
        """Whether an exact point lies strictly inside."""
        return all(point.number(r) > 0 for r in self.rows)

    def distances(self) -> list[Fraction]:
        """How far the phase's point is from each face, as the exponent of ``d`` by which a term leads."""
        forms = (c.ratio.exponent for c in self.piece.conditions if c.ratio.exponent)
        return [] if self.point is None else list(map(self.point.number, forms))

    def standing(self, point: Point) -> int:
        """How well its conditions hold at a point: 2 all of them, 1 with ties, 0 not."""
        return max(p.standing(point) for p in self.pieces)

    def corrections(self) -> list[Correction]:
        """The largest relative corrections: over the region, or at the point."""
        return list(self._corrections)

    @cached_property  # what is printed of a phase asks for them three times
    def _corrections(self) -> list[Correction]:
        point = self.point
        if point is None:
            found = [c for p in self.pieces for c in _leading_corrections(p, self.gamma)]
            return list({(c.exponent, c.log_power, c.loglog): c for c in found}.values())
        every = {
            (point.number(c.exponent), c.log_power.at(point.gamma), c.loglog): c
            for c in self.piece.solution.corrections
        }
        return [every[max(every)]] if every else []

    @property
    def piece(self) -> Cell:
        """The part of the phase that holds the point, or that a point of finite sizes is least far outside of."""
        if self.point is None:
            return self.pieces[0]
        slacks = [p.slack(self.point) for p in self.pieces]
        inside = (p for p, slack in zip(self.pieces, slacks, strict=True) if slack >= 0)
        return next(inside, self.pieces[slacks.index(max(slacks))])

    @property
    def next_order(self) -> str:
        """Size of the relative correction, an exponent of ``d``, or a power of ``log d`` if larger."""
        return self.next_order_at({})

    def next_order_at(self, values: Mapping[Expr, Expr]) -> str:
        """`next_order` with values for some symbols.

        >>> from asymptotix import phase_diagram
        >>> from asymptotix.asymptotics.symbols import GAMMA
        >>> phase = next(p for p in phase_diagram("quadratic").phases if p.phase == "IV0")
        >>> phase.next_order_at({GAMMA: sympy.Rational(5, 4)})
        'max(-a, 2*a/5 - 2/5, 3*a/2 - 3/2, 3*a/2 - zeta)'
        """
        found = self.corrections()
        if not found:
            return "none"
        logs = [c for c in found if not c.exponent]
        if logs:
            return _log_text(max(logs, key=lambda c: c.loglog), values)
        exponents = sorted({str(self._at_point(c.exponent).subs(values)) for c in found})
        return exponents[0] if len(exponents) == 1 else f"max({', '.join(exponents)})"

    def valid_from(self, d: Any, lam: Any = None, noise: Any = 1) -> tuple[float, float] | None:
        """The range of ``n_eff`` in which the next order is below 10 % at this ``d``, ``lam``, ``noise``.

        Every correction gets an equal share of the 10 %; those of unknown constant count with constant one.
        ``None`` if there is no such ``n_eff``, as for most laws corrected by ``loglog(d)/log(d)``. The
        phase must have a point (its ``gamma``; and its ``l``, unless ``lam`` is given).
        """
        if self.point is None:
            raise InvalidInput("phase", self.phase, "a phase got from PhaseDiagram.at, which knows gamma")
        penalty = mpmath.mpf(d) ** float(self.point.l) if lam is None else lam
        width = mpmath.mpf(d) ** float(self.point.b)
        sizes = Sizes.of(1, penalty, d, noise, self.point.gamma, width)
        share = float(WITHIN) / max(len(self.piece.solution.corrections), 1)
        limits = [
            (c.exponent, float(mpmath.log(share / c.amplitude(sizes))) / sizes.log_d)
            for c in self.piece.solution.corrections
            if c.amplitude(sizes) > 0
        ]
        limits += [(-r, 0.0) for r in self.rows]
        low, high = -mpmath.inf, mpmath.inf
        for form, bound in limits:  # form(a, l, zeta) <= bound, at a = 0 so far
            rest, slope = bound - float(sizes.point.number(form)), float(form.coords[1].at(self.point.gamma))
            if slope > 0:
                high = min(high, rest / slope)
            elif slope < 0:
                low = max(low, rest / slope)
            elif rest < 0:
                return None
        if low >= high:
            return None
        return float(mpmath.exp(low * sizes.log_d)), float(mpmath.exp(high * sizes.log_d))

    @property
    def spectrum(self) -> str:
        """The law of the learned weights in words; of a region, all that occur in it."""
        chosen = self.pieces if self.point is None else (self.piece,)
        return "; ".join(dict.fromkeys(words for p in chosen for words in p.spectrum(self.point)))

    def at(self, point: Point) -> Phase:
        return replace(self, point=point)

    def to_dict(self) -> dict[str, Any]:
        """The interface's keys; exact numbers as strings."""
        fourth = {f"{self.fourth}_exponent": self.fourth_exponent} if self.has_fourth else {}
        out = {k: getattr(self, k) for k in KEYS} | fourth | {"phase_words": words(self.phase)}
        return {k: v if isinstance(v, (list, str)) else str(v) for k, v in out.items()}

    def _number(self, x: RatFun) -> Expr:
        return rational(x.at(self.point.gamma)) if self.point else x.to_sympy()

    def _coefficient(self, k: int) -> Expr:
        return shortest(self._number(self.growth.exponent.coords[k]))

    def _at_point(self, form: Affine) -> Expr:
        return rational(self.point.number(form)) if self.point else form.to_sympy()

    def __str__(self) -> str:
        return f"{self.network} {self.phase}: error ~ {self.growth}"

    def _repr_latex_(self) -> str:
        return f"${sympy.latex(self.growth.to_sympy())}$"


def first_parameter(form: Affine) -> int:
    """The place of the first parameter among ``l, a, zeta, b`` that occurs in an affine form."""
    order = (PARAMETERS.index(p) + 1 for p in ("l", "a", "zeta", "b"))
    return next(k for k in order if form.coords[k])


def inequality(row: Affine, gamma: Interval, equal: bool = False) -> Expr:
    """``row > 0`` (or ``row = 0``) with its first parameter among ``l, a, zeta, b`` isolated."""
    index = first_parameter(row)
    pivot, name = row.coords[index], PARAMETERS[index - 1]
    rest = Affine.parameter(name) - row / pivot
    relation = sympy.Eq if equal else sympy.Gt if pivot.at(gamma.sample()) > 0 else sympy.Lt
    return relation(SYMBOLS[name], rest.to_sympy(), evaluate=False)


def _relation_text(relation: Expr) -> str:
    if isinstance(relation, sympy.And):
        return " and ".join(_relation_text(x) for x in relation.args)
    signs = {sympy.StrictGreaterThan: ">", sympy.StrictLessThan: "<", sympy.Equality: "="}
    return f"{relation.lhs} {signs[type(relation)]} {relation.rhs}"


def _gamma_range(gamma: Interval) -> Expr:
    low, high = gamma.to_sympy()
    bounds = [sympy.Gt(GAMMA, low, evaluate=False)] if gamma.low is not None else []
    bounds += [sympy.Lt(GAMMA, high, evaluate=False)] if gamma.high is not None else []
    return sympy.And(*bounds, evaluate=False) if len(bounds) > 1 else bounds[0]


def _log_text(c: Correction, values: Mapping[Expr, Expr]) -> str:
    power = c.log_power.to_sympy().subs(values)
    text = "1/log(d)" if power == -1 else f"log(d)**({power})"
    return text.replace("1/", "loglog(d)/", 1) if c.loglog and power == -1 else text


def _leading_corrections(piece: Cell, interval: Interval) -> list[Correction]:
    """The corrections of a piece that are the largest somewhere in it."""
    all_of = list(dict.fromkeys(piece.solution.corrections))
    logs = [c for c in all_of if not c.exponent]
    if logs:  # a power of log d beats every power of d
        top = max(c.log_power.at(interval.sample()) for c in logs)
        return [c for c in logs if c.log_power.at(interval.sample()) == top]
    out = []
    for c in all_of:
        rivals = [row_of(c.exponent - o.exponent) for o in all_of if o.exponent != c.exponent]
        if feasible_on([*piece.region, *rivals], interval):
            out.append(c)
    return out
