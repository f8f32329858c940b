"""What the page knows: every phase as data that a browser can evaluate, and the state evolution's own map.

Regions, exponents and constants are those of `PhaseDiagram`, taken apart into polynomials in ``gamma`` and
expression trees. Nothing is typed in.
"""

from __future__ import annotations

import math
import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import sympy

from asymptotix.asymptotics.definition import definition
from asymptotix.asymptotics.diagram import PhaseDiagram, phase_diagram
from asymptotix.asymptotics.growth import SYMBOLS, Affine, Growth
from asymptotix.asymptotics.labels import ALL
from asymptotix.asymptotics.phases import Phase
from asymptotix.asymptotics.ratfun import RatFun
from asymptotix.asymptotics.signs import Interval
from asymptotix.asymptotics.symbols import GAMMA
from asymptotix.asymptotics.table import powers
from asymptotix.networks.base import MATRIX_UNITS
from asymptotix.report.mathml import formula, named

#: The window of the diagram: exponents of ``n_eff`` and ``lam``.
WINDOW = {"a": (-0.5, 4.0), "l": (-2.0, 3.0)}
#: Where the state evolution's map is computed.
DIMENSION = 1e12
GAMMAS = (0.75, 1.25, 2.0)
SHAPE = (46, 51)


def diagram(network: str, noisy: bool = True) -> list[dict[str, Any]]:
    """All phases of a network as plain values."""
    return [phase(p) for p in phase_diagram(network, noisy).phases]


def phase(p: Phase) -> dict[str, Any]:
    """One phase: where it holds, its law, and both as formulas."""
    constant, law = powers(p)
    return {
        "name": p.phase,
        "order": ALL.index(p.phase),
        "gamma": _interval(p.gamma),
        "rows": [[list(c) for c in row] for row in p.rows],
        **growth(p.growth),
        "formula": formula(sympy.Mul(constant, law, evaluate=False) if constant != 1 else law),
        "region": [formula(x) for x in p.inequalities],
        "pieces": [
            {
                "conditions": [
                    {"row": [list(c) for c in x.row], "log": _ratio(x.logs)} for x in q.conditions
                ],
                "spectrum": q.sector.spectrum,
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


def kind(network: str) -> dict[str, Any]:
    """From how many sides noise is thresholded, and whether the weights are a matrix's eigenvalues."""
    module = definition(network)
    return {"sides": module.network.sides, "matrix": module.network.units == MATRIX_UNITS}


def table(diagram: PhaseDiagram) -> str:
    """The phase table as an HTML table with MathML formulas."""
    rows = []
    for p in diagram.phases:
        constant, law = powers(p)
        region = "".join(f"<li>{formula(x)}</li>" for x in p.inequalities)
        next_order = "—" if p.next_order == "none" else _order(p)
        rows.append(
            f'<tr><th scope="row" data-phase="{p.phase}">{p.phase}</th><td><ul class="plain">{region}</ul></td>'
            f"<td>{formula(law)}</td><td>{formula(constant)}</td><td>{next_order}</td><td>{p.spectrum}</td></tr>"
        )
    head = "".join(
        f'<th scope="col">{x}</th>'
        for x in ("phase", "where", "error ~", "times constant", "next order, relative", "spectrum")
    )
    return f'<table class="phases"><thead><tr>{head}</tr></thead><tbody>{"".join(rows)}</tbody></table>'


def _order(p: Phase) -> str:
    found = p.corrections()
    if any(not c.exponent for c in found):
        return f"<code>{p.next_order}</code>"
    forms = sorted({c.exponent.to_sympy() for c in found}, key=str)
    items = "".join(f"<li>{formula(sympy.Pow(named('d'), e))}</li>" for e in forms)
    return f'<ul class="plain">{items}</ul>'


_FUNCTIONS: dict[Any, str] = {sympy.log: "log", sympy.zeta: "zeta"}


def tree(expression: Any) -> Any:
    """An expression in ``gamma, a, l, zeta`` as nested lists: numbers, names, ``["+", ...]``, ``["log", x]``.

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
    name = _FUNCTIONS.get(expression.func)
    if name is None:
        raise TypeError(f"the page cannot evaluate {expression.func} in {expression}")
    return [name, *arguments]


def _ratio(x: RatFun) -> list[list[int]]:
    return [list(x.num), list(x.den)]


def _affine(form: Affine) -> list[list[list[int]]]:
    return [_ratio(x) for x in form.coords]


def _interval(gamma: Interval) -> list[float | None]:
    low, high = gamma.to_sympy()
    return [float(low) if gamma.low is not None else None, float(high) if gamma.high is not None else None]


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
    maps = {f"{g:g}": [_thousandths(x) for x in log10[k].ravel().tolist()] for k, g in enumerate(gammas)}
    return {"d": DIMENSION, "shape": [len(l), len(a)], "log10": maps}


def _thousandths(x: float) -> int | None:
    return round(1000.0 * x) if math.isfinite(x) else None
