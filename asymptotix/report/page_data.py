"""What the page knows: every phase as data that a browser can evaluate, and the state evolution's own map.

Regions, exponents and constants are those of `PhaseDiagram`, taken apart into polynomials in ``gamma`` and
expression trees. Nothing is typed in.
"""

from __future__ import annotations

import math
import tempfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import sympy
from numpy.polynomial import Chebyshev

from asymptotix.asymptotics.cells import Correction
from asymptotix.asymptotics.diagram import PhaseDiagram, networks, phase_diagram, variant
from asymptotix.asymptotics.expansions.mellin import LowerBeta
from asymptotix.asymptotics.growth import SYMBOLS, Affine, Growth
from asymptotix.asymptotics.labels import ALL, words
from asymptotix.asymptotics.phases import Phase
from asymptotix.asymptotics.ratfun import RatFun
from asymptotix.asymptotics.signs import Interval
from asymptotix.asymptotics.symbols import GAMMA
from asymptotix.asymptotics.table import NAMES, powers
from asymptotix.errors import InvalidInput, NotSupplied
from asymptotix.networks import get, names
from asymptotix.networks.base import MATRIX_UNITS
from asymptotix.problem import Problem
from asymptotix.report.mathml import formula
from asymptotix.state_evolution import solve

#: The window of the diagram: exponents of ``n_eff`` and ``lam``.
WINDOW = {"a": (-0.5, 4.0), "l": (-2.0, 3.0)}
#: Where the state evolution's map is computed.
DIMENSION = 1e12
GAMMAS = (0.75, 1.25, 2.0)
SHAPE = (46, 51)
#: Where a function that the page does not know is expanded in log(2 gamma - 1), gamma from 0.503 to 4.2, and how far:
#: to some 12 digits.
_SERIES, _TERMS = (-5.0, 2.0), 40
#: Operations in a constant that still fits beside the diagram; a longer one is in the table, and "C" in the panel.
_LONG = 40


@dataclass(frozen=True)
class Member:
    """One diagram of the page: a network as it is, or with a fourth size, more layers, other inputs."""

    network: str
    words: str = ""
    options: Mapping[str, Any] = field(default_factory=dict)

    @property
    def key(self) -> str:
        """How addresses name it."""
        return "-".join([self.network, *self.words.split()])

    def diagram(self, noisy: bool) -> PhaseDiagram:
        """Its phases, derived."""
        return phase_diagram(self.network, noisy, **self.options)


#: What a network may be beside its plain form, if its record supplies it.
_VARIANTS: tuple[tuple[str, dict[str, Any]], ...] = (
    ("3 layers", {"depth": 3}),
    ("unequal inputs", {"beta": "1/2"}),
    ("any width", {"width": True}),
    ("any ridge", {"ridge": True}),
)


def members() -> list[Member]:
    """Every network that has symbols, followed by its variants that have them."""
    found = []
    for name in names():
        kin = (Member(name), *(Member(name, said, options) for said, options in _VARIANTS))
        found += [member for member in kin if _has_symbols(member)]
    return found


def _has_symbols(member: Member) -> bool:
    try:
        return variant(member.network, **member.options).shares is not None
    except NotSupplied:
        return False


def everything(member: Member, heat: dict[str, Any] | None) -> dict[str, Any]:
    """All that the page shows of a member, as plain values."""
    net = get(member.network)
    return {
        "network": member.network,
        "words": member.words,
        "sized": member.diagram(noisy=True).sized,
        "noisy": [phase(p) for p in member.diagram(noisy=True).phases],
        "noiseless": [phase(p) for p in member.diagram(noisy=False).phases],
        "sides": net.sides,
        "matrix": net.units == MATRIX_UNITS,
        "heat": heat,
    }


def phase(p: Phase) -> dict[str, Any]:
    """One phase: where it holds, its law, and both as formulas."""
    constant, law = powers(p)
    return {
        "name": p.phase,
        "words": words(p.phase),
        "order": ALL.index(p.phase),
        "gamma": _interval(p.gamma),
        "rows": [_row(x) for x in p.rows],
        **growth(p.growth),
        "formula": formula(constant if constant.count_ops() < _LONG else sympy.Symbol("C"), law),
        "row": p.to_dict(),
        "region": [formula(x) for x in p.inequalities],
        "pieces": [
            {
                "conditions": [{"row": _row(x.row), "log": _ratio(x.logs)} for x in q.conditions],
                "spectrum": q.sector.spectrum,
                "submerged": q.submerged,
                "unknowns": {
                    name: growth(x) for name, x in zip(q.sector.unknowns, q.solution.unknowns, strict=True)
                },
                "corrections": [
                    {"exponent": _affine(c.exponent), "log": _ratio(c.log_power), "loglog": c.loglog}
                    for c in q.solution.corrections
                ],
            }
            for q in p.pieces
        ],
    }


def growth(g: Growth) -> dict[str, Any]:
    """``constant d^exponent (log d)^log``."""
    return {"exponent": _affine(g.exponent), "log": _ratio(g.log_power), "constant": tree(g.constant)}


def table(diagram: PhaseDiagram) -> str:
    """The phase table as an HTML table with MathML formulas."""
    rows = []
    for p in diagram.phases:
        constant, law = powers(p)
        region = "".join(f"<li>{formula(x)}</li>" for x in p.inequalities)
        next_order = "—" if p.next_order == "none" else _order(p)
        rows.append(
            f'<tr><th scope="row" data-phase="{p.phase}">{p.phase} <span>{words(p.phase)}</span></th>'
            f'<td><ul class="plain">{region}</ul></td>'
            f"<td>{formula(law)}</td><td>{formula(constant)}</td><td>{next_order}</td><td>{p.spectrum}</td></tr>"
        )
    head = "".join(
        f'<th scope="col">{x}</th>'
        for x in ("phase", "where", "error ~", "times constant", "next order, relative", "spectrum")
    )
    return f'<table class="phases"><thead><tr>{head}</tr></thead><tbody>{"".join(rows)}</tbody></table>'


def _order(p: Phase) -> str:
    forms = sorted({_relative(c) for c in p.corrections()}, key=str)
    return f'<ul class="plain">{"".join(f"<li>{formula(x)}</li>" for x in forms)}</ul>'


def _relative(c: Correction) -> Any:
    """A correction's order: a power of ``d``, or of its logarithm where there is no power."""
    log = sympy.log(NAMES["d"])
    if c.exponent:
        return sympy.Pow(NAMES["d"], c.exponent.to_sympy())
    return sympy.log(log) / log if c.loglog else log ** c.log_power.to_sympy()


_FUNCTIONS: dict[Any, str] = {sympy.log: "log", sympy.sin: "sin", sympy.zeta: "zeta", LowerBeta: "B"}


def tree(expression: Any) -> Any:
    """An expression in ``gamma, a, l, zeta, b`` as nested lists: numbers, names, ``["+", ...]``, ``["log", x]``.

    >>> tree(2 * GAMMA + sympy.sqrt(sympy.pi))
    ['+', ['^', 3.141592653589793, 0.5], ['*', 2.0, 'gamma']]
    """
    if expression == GAMMA:
        return "gamma"
    if expression in SYMBOLS.values():
        return str(expression)
    if expression.is_number and not expression.args:
        return float(expression)
    if isinstance(expression, sympy.Rational):
        return float(expression)
    arguments = [tree(x) for x in expression.args]
    for kind, sign in ((sympy.Add, "+"), (sympy.Mul, "*"), (sympy.Pow, "^")):
        if isinstance(expression, kind):
            return [sign, *arguments]
    if name := _FUNCTIONS.get(expression.func):
        return [name, *arguments]
    if (closed := expression.doit()) != expression:
        return tree(closed)
    if expression.free_symbols != {GAMMA}:
        raise TypeError(f"the page cannot evaluate {expression.func} in {expression}")
    return ["series", *_SERIES, *_series(expression)]


def _series(function: Any) -> list[float]:
    """Chebyshev coefficients of ``log f(gamma)`` in ``log(2 gamma - 1)``."""
    known = np.vectorize(lambda x: math.log(function.subs(GAMMA, sympy.Float((math.exp(x) + 1.0) / 2.0))))
    return [float(x) for x in Chebyshev.interpolate(known, _TERMS, _SERIES).coef]


def _ratio(x: RatFun) -> list[list[int]]:
    return [list(x.num), list(x.den)]


def _row(row: Affine) -> list[list[int]]:
    return [list(x.num) for x in row.coords]


def _affine(form: Affine) -> list[list[list[int]]]:
    return [_ratio(x) for x in form.coords]


def _interval(gamma: Interval) -> list[float | None]:
    low, high = gamma.to_sympy()
    return [float(low) if gamma.low is not None else None, float(high) if gamma.high is not None else None]


def mapped() -> list[str]:
    """The networks whose state evolution reaches the dimension of the map."""
    return [name for name in networks() if _reaches(name)]


def _reaches(network: str) -> bool:
    try:
        solve(Problem(network, gamma=1.25, d=int(DIMENSION), n=DIMENSION**2, lam=1.0, noise=1.0))
    except InvalidInput:
        return False
    return True


def heat(
    network: str,
    gammas: Sequence[float] = GAMMAS,
    shape: tuple[int, int] = SHAPE,
    workers: int = 1,
    progress: Callable[[int, int], None] | None = None,
) -> dict[str, Any]:
    """``log10 error`` of the state evolution over the window, a row a value of ``l``, at noise 1."""
    from asymptotix.sweep import Grid, sweep

    a, l = (np.linspace(*WINDOW[name], k) for name, k in zip("al", shape, strict=True))  # noqa: E741
    axes: dict[str, tuple[str | float | int, ...]] = {
        "network": (network,),
        "gamma": tuple(gammas),
        "d": (DIMENSION,),
        "noise": (1.0,),
        "n_eff": tuple(float(DIMENSION**x) for x in a),
        "lam": tuple(float(DIMENSION**x) for x in l),
    }
    with tempfile.TemporaryDirectory() as folder:
        found = sweep(Grid("theory", axes), Path(folder) / "map.nc", workers=workers, progress=progress)
    log10 = np.log10(found.error.values[0, :, 0, 0].transpose(0, 2, 1))  # gamma, l, a
    maps = {
        f"{g:g}": [round(1000.0 * x) if math.isfinite(x) else None for x in log10[k].ravel().tolist()]
        for k, g in enumerate(gammas)
    }
    return {"d": DIMENSION, "shape": [len(l), len(a)], "log10": maps}
