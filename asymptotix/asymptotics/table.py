"""The phase table in four formats."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any

import sympy

from asymptotix.asymptotics.growth import LOG_D, SYMBOLS, Affine, Expr, shortest
from asymptotix.asymptotics.symbols import simplified
from asymptotix.errors import InvalidInput
from asymptotix.tables import html_table

if TYPE_CHECKING:
    from asymptotix.asymptotics.phases import Phase

FORMATS = ("markdown", "latex", "json", "csv")
NAMES = {
    "n_eff": sympy.Symbol("n_eff", positive=True),
    "lam": sympy.Symbol("lambda", positive=True),
    "d": sympy.Symbol("d", positive=True),
    "noise": sympy.Symbol("Delta", positive=True),
    "width": sympy.Symbol("p", positive=True),
    "ridge": sympy.Symbol("ridge", positive=True),
    "rows": sympy.Symbol("m", positive=True),
}


def render(phases: Sequence[Phase], format: str) -> str:
    """Phases as a table."""
    if format == "json":
        return json.dumps([p.to_dict() for p in phases], indent=2)
    if format == "csv":
        return csv_text([p.to_dict() for p in phases])
    if format == "markdown":
        return _markdown(phases)
    if format == "latex":
        return latex_table(("phase", "region", "error", "constant"), map(_typeset, phases))
    raise InvalidInput("format", format, f"one of {', '.join(FORMATS)}")


def powers(phase: Phase) -> tuple[Expr, Expr]:
    """The law as a constant and a product of powers of the sizes and of a logarithm.

    Where noise leaks as ``d**-v`` the logarithm is that of ``d**v``, such as ``log(d/n_eff)``, if this makes the
    constant independent of where in the region it is taken.
    """
    product = product_of(phase.growth.exponent, phase.fourth)
    power = phase.growth.log_power.to_sympy()
    tails = {q.solution.tail for q in phase.pieces}
    tail = tails.pop() if len(tails) == 1 else None
    if power != 0 and tail is not None:
        constant = simplified(phase.growth.constant / tail.to_sympy() ** power)
        if not constant.free_symbols & set(SYMBOLS.values()):
            return constant, product * sympy.log(product_of(tail, phase.fourth)) ** power
    return phase.growth.constant, product * LOG_D**power


def product_of(exponent: Affine, fourth: str = "width") -> Expr:
    """``d**exponent`` as a product of powers of ``n_eff``, ``lam``, ``d``, ``Delta`` and the fourth size."""
    one, a, length, zeta, b = (shortest(x.to_sympy()) for x in exponent.coords)
    sizes = {"n_eff": a, "lam": length, "d": one, "noise": -zeta, fourth: b}
    return sympy.Mul(*(NAMES[name] ** shortest(power) for name, power in sizes.items()))


def csv_text(rows: Sequence[dict[str, Any]]) -> str:
    """Rows of plain values as CSV with a header; lists are joined by semicolons."""
    out = io.StringIO()
    names = dict.fromkeys(name for row in rows for name in row)
    writer = csv.DictWriter(out, list(names), lineterminator="\n")
    writer.writeheader()
    for row in rows:
        writer.writerow({k: "; ".join(v) if isinstance(v, list) else v for k, v in row.items()})
    return out.getvalue()


def _markdown(phases: Sequence[Phase]) -> str:
    lines = ["| phase | region | error ~ | constant | next order | spectrum |", "|---|---|---|---|---|---|"]
    for p in phases:
        constant, law = powers(p)
        cells = [p.phase, ", ".join(p.region), str(law), str(constant), p.next_order, p.spectrum]
        lines.append("| " + " | ".join(c.replace("|", "\\|") for c in cells) + " |")
    return "\n".join(lines)


def latex_table(names: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """Rows of cells as a booktabs table as wide as a page; long cells are broken into lines."""
    widths = {"region": 0.4, "error": 0.2, "constant": 0.25}
    columns = "".join(rf"p{{{widths[name]}\linewidth}}" if name in widths else "l" for name in names)
    lines = [rf"\begin{{tabular}}{{{columns}}}", r"\toprule", " & ".join(names) + r" \\", r"\midrule"]
    lines += [" & ".join(row) + r" \\" for row in rows]
    return "\n".join([*lines, r"\bottomrule", r"\end{tabular}"])


def _typeset(phase: Phase) -> list[str]:
    names = {NAMES["n_eff"]: r"n_{\mathrm{eff}}", SYMBOLS["l"]: r"\ell", LOG_D: r"\log d"}
    region = "$, $".join(sympy.latex(x, symbol_names=names) for x in phase.inequalities)
    constant, law = (sympy.latex(x, symbol_names=names) for x in powers(phase))
    return [phase.phase, *(f"${cell}$" for cell in (region, law, constant))]


def html(phases: Sequence[Phase], caption: str) -> str:
    """The table for notebooks, which typeset the formulas."""
    rows = ([*_typeset(p), p.next_order, p.spectrum] for p in phases)
    return html_table(["phase", "region", "error", "constant", "next order", "spectrum"], rows, caption)
