"""The phase table in four formats."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import sympy

from asymptotix.asymptotics.growth import LOG_D, SYMBOLS, Expr, shortest
from asymptotix.errors import InvalidInput

if TYPE_CHECKING:
    from asymptotix.asymptotics.phases import Phase

FORMATS = ("markdown", "latex", "json", "csv")
NAMES = {
    "n_eff": sympy.Symbol("n_eff", positive=True),
    "lam": sympy.Symbol("lambda", positive=True),
    "d": sympy.Symbol("d", positive=True),
    "noise": sympy.Symbol("Delta", positive=True),
}


def render(rows: Sequence[dict[str, Any]], phases: Sequence[Phase], format: str) -> str:
    """Render phases; ``rows`` are their dictionaries."""
    if format == "json":
        return json.dumps(list(rows), indent=2)
    if format == "csv":
        return _csv(rows)
    if format == "markdown":
        return _markdown(phases)
    if format == "latex":
        return _latex(phases)
    raise InvalidInput("format", format, f"one of {', '.join(FORMATS)}")


def powers(phase: Phase) -> Expr:
    """The law without its constant, as a product of powers of the sizes and of ``log d``."""
    exponents = {
        "n_eff": phase.n_eff_exponent,
        "lam": phase.lam_exponent,
        "d": phase.d_exponent,
        "noise": phase.noise_exponent,
    }
    product = sympy.Mul(*(NAMES[k] ** shortest(e) for k, e in exponents.items()))
    return product * LOG_D**phase.log_power


def _csv(rows: Sequence[dict[str, Any]]) -> str:
    out = io.StringIO()
    writer = csv.DictWriter(out, fieldnames=list(rows[0]), lineterminator="\n")
    writer.writeheader()
    for row in rows:
        writer.writerow({k: "; ".join(v) if isinstance(v, list) else v for k, v in row.items()})
    return out.getvalue()


def _markdown(phases: Sequence[Phase]) -> str:
    lines = ["| phase | region | error ~ | constant | next order | spectrum |", "|---|---|---|---|---|---|"]
    for p in phases:
        cells = [p.phase, ", ".join(p.region), str(powers(p)), str(p.constant), p.next_order, p.spectrum]
        lines.append("| " + " | ".join(c.replace("|", "\\|") for c in cells) + " |")
    return "\n".join(lines)


def _latex(phases: Sequence[Phase]) -> str:
    names = {NAMES["n_eff"]: r"n_{\mathrm{eff}}", SYMBOLS["l"]: r"\ell", LOG_D: r"\log d"}
    lines = [r"\begin{tabular}{llll}", r"phase & region & error & constant \\", r"\hline"]
    for p in phases:
        region = ",\\ ".join(sympy.latex(x, symbol_names=names) for x in p.inequalities)
        law, constant = (sympy.latex(x, symbol_names=names) for x in (powers(p), p.constant))
        lines.append(f"{p.phase} & ${region}$ & ${law}$ & ${constant}$ \\\\")
    return "\n".join([*lines, r"\end{tabular}"])
