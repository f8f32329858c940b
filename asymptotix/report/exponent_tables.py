"""The phase tables of all networks, as text for a terminal, a paper or a program."""

from __future__ import annotations

import json
from collections.abc import Sequence
from fractions import Fraction
from pathlib import Path
from typing import Any

import sympy

from asymptotix.asymptotics.diagram import networks, phase_diagram, variant
from asymptotix.asymptotics.formulas import read_formula, same
from asymptotix.asymptotics.labels import words
from asymptotix.asymptotics.lookup import includes
from asymptotix.asymptotics.phases import Phase
from asymptotix.asymptotics.points import exact
from asymptotix.asymptotics.symbols import GAMMA
from asymptotix.asymptotics.table import csv_text, latex_table, powers
from asymptotix.errors import InvalidInput
from asymptotix.files import write_text
from asymptotix.inputs import inputs_of
from asymptotix.networks import get, names
from asymptotix.progress import Progress
from asymptotix.report.laws_beside_phases import section
from asymptotix.report.layout import prose, table
from asymptotix.terminal import fold
from asymptotix.validate import whole

SUFFIXES = {"markdown": "md", "latex": "tex", "json": "json", "csv": "csv"}
#: For terminals: a block a phase, within 80 columns; no file has it.
TEXT = "text"


def chosen(
    network: str,
    width: bool = False,
    depth: Any = 2,
    beta: Any = 0,
    aspect: Any = None,
    ridge: bool = False,
    rows: bool = False,
) -> list[str]:
    """The networks meant by a name or by ``all``; with ``width`` those whose width is a size.

    A depth, a decay of variances or a share of rows makes another network of one.

    >>> chosen("all")
    ['diagonal', 'quadratic', 'symmetric', 'bilinear', 'nonnegative']
    >>> chosen("diagonal", depth=3)
    ['diagonal of depth 3']
    >>> chosen("bilinear", aspect="1/4")
    ['bilinear of aspect 1/4']
    """
    layers, inputs = whole("depth", depth, "an integer number of layers >= 2", least=2), inputs_of(beta, None)
    if ridge or rows or layers != 2 or inputs is not None or aspect is not None:
        return [variant(network, layers, beta, aspect=aspect, ridge=ridge, rows=rows).name]
    if network == "all":
        return [name for name in networks() if not width or get(name).narrower is not None]
    if network not in networks():
        if network in names():  # it is one, without symbols
            get(network).supply("shares")
        raise InvalidInput("network", network, f"one of {', '.join(networks())}, all")
    return [network]


def tables(names: Sequence[str], style: str, width: bool = False, gamma: Any = None) -> str:
    """The phase tables of several networks in one of the formats of `SUFFIXES`; for all gamma, or at one."""
    if style not in (TEXT, *SUFFIXES):
        raise InvalidInput("format", style, f"one of {', '.join(SUFFIXES)}, {TEXT}")
    diagrams = [phase_diagram(name, width=width) for name in names]
    value = None if gamma is None else exact("gamma", gamma)
    phases = [p for diagram in diagrams for p in diagram.phases if value is None or includes(p, value)]
    rows = [phase.to_dict() if value is None else _row(phase, value) for phase in phases]
    if style == "json":
        return json.dumps(rows, indent=1)
    if style == "csv":
        return csv_text(rows).rstrip("\n")
    if style == TEXT:
        laws = [
            dict(zip(("constant", "error"), powers(p), strict=True)) if value is None else {} for p in phases
        ]
        return _blocks([{**row, **law} for row, law in zip(rows, laws, strict=True)])
    if value is not None:
        return _at_gamma(rows, style, value)
    if style == "latex":
        return "\n\n".join(f"% {d.network}\n{d.table(format='latex')}" for d in diagrams)
    return "\n\n".join(f"## {d.network}\n\n{d.table(format='markdown')}" for d in diagrams)


def _at_gamma(rows: Sequence[dict[str, Any]], style: str, value: Fraction) -> str:
    """The tables at one gamma: only what exists there, with numbers for constants."""
    parts = []
    for name in dict.fromkeys(row["network"] for row in rows):
        own = [row for row in rows if row["network"] == name]
        names = ["phase", "region", "error", "constant", "next_order"]
        cells = [[", ".join(row[x]) if x == "region" else str(row[x]) for x in names] for row in own]
        if style == "latex":
            typeset = [[c if k == 0 else rf"\texttt{{{c}}}" for k, c in enumerate(row)] for row in cells]
            parts.append(f"% {name}, gamma = {value}\n{latex_table(names[:4], [row[:4] for row in typeset])}")
        else:
            parts.append(f"## {name}, gamma = {value}\n\n{table(names, cells)}")
    return "\n\n".join(parts)


def _blocks(rows: Sequence[dict[str, Any]]) -> str:
    """A block a phase: its name in words, then what the columns of the tables are, folded."""
    lines = []
    for k, row in enumerate(rows):
        if k == 0 or row["network"] != rows[k - 1]["network"]:
            lines.append(f"## {row['network']}")
        lines += ["", f"{row['phase']}: {words(row['phase'])}"]
        values = {**row, "region": ", ".join(map(str, row["region"]))}
        for name in ("region", "error", "constant", "next_order", "spectrum"):
            lines.append(fold(str(values[name]), f"  {name.replace('_', ' '):<12}", 14))
    return "\n".join(lines)


def _row(phase: Phase, gamma: Fraction) -> dict[str, Any]:
    """One phase at one gamma; what does not depend on other sizes is a number."""
    at = {GAMMA: sympy.Rational(gamma.numerator, gamma.denominator)}
    constant, law = (expression.subs(at) for expression in powers(phase))
    number = sympy.N(constant, 15)
    sizes = ("n_eff", "lam", "d", "noise")
    exponents = ("risk_exponent", "log_power", *(f"{size}_exponent" for size in sizes))
    return {
        "network": phase.network,
        "phase": phase.phase,
        "gamma": str(gamma),
        "region": [str(x.subs(at)) for x in phase.inequalities],
        "error": str(law),
        **{name: str(sympy.nsimplify(getattr(phase, name)).subs(at)) for name in exponents},
        "constant": f"{float(number):.6g}" if number.is_number else str(number.evalf(6)),
        "next_order": phase.next_order_at(at),
        "spectrum": phase.spectrum,
    }


_ATTRIBUTES = {"risk_exponent": "risk_exponent", "n_exponent": "n_eff_exponent", "constant": "constant"}


def compare(
    network: str, phase: str, name: str, text: str, *, gamma: Any = None, **shape: Any
) -> dict[str, Any]:
    """A claimed exponent or constant beside the derived one, in all parts of the phase; ``shape`` as in `chosen`.

    Raises:
        InvalidInput: there is no such phase, or the formula cannot be read.

    >>> compare("diagonal", "VIa", "n_exponent", "-1")
    {'claimed': '-1', 'derived': '-1', 'equal': True}
    """
    (full,) = chosen(network, **shape)
    phases = [p for p in phase_diagram(full).phases if p.phase == phase]
    if not phases:
        labels = ", ".join(dict.fromkeys(p.phase for p in phase_diagram(full).phases))
        raise InvalidInput("phase", phase, f"one of {labels}")
    at = {}
    if gamma is not None:
        value = exact("gamma", gamma)
        at = {GAMMA: sympy.Rational(value.numerator, value.denominator)}
        phases = [p for p in phases if includes(p, value)]
        if not phases:
            raise InvalidInput("gamma", gamma, f"a value at which phase {phase} exists")
    claimed = read_formula(name.replace("_", "-"), text).subs(at)
    derived = [sympy.sympify(getattr(p, _ATTRIBUTES[name])).subs(at) for p in phases]
    return {
        "claimed": text,
        "derived": "; ".join(dict.fromkeys(str(x) for x in derived)),
        "equal": any(same(claimed, x) for x in derived),
    }


def write(out: Path, progress: Progress) -> None:
    """Write ``exponents.md``, ``.tex``, ``.json`` and ``.csv``."""
    for style, suffix in progress.track(SUFFIXES.items(), "tables of exponents"):
        text = tables(networks(), style)
        if style == "markdown":
            beside = ["## Lines, boundaries, benchmarks", *map(section, networks())]
            text = prose("exponents", "introduction") + "\n\n".join([text, *beside])
        write_text(out / f"exponents.{suffix}", text + "\n")
