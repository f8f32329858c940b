"""The phase tables of all networks, as text for a terminal, a paper or a program."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from asymptotix.asymptotics.diagram import networks, phase_diagram
from asymptotix.errors import InvalidInput
from asymptotix.report.files import write_text

SUFFIXES = {"markdown": "md", "latex": "tex", "json": "json", "csv": "csv"}


def chosen(network: str) -> list[str]:
    """The networks meant by a name or by ``all``.

    >>> chosen("all")
    ['diagonal', 'quadratic', 'symmetric']
    """
    if network == "all":
        return networks()
    if network not in networks():
        raise InvalidInput("network", network, f"one of {', '.join(networks())}, all")
    return [network]


def tables(names: Sequence[str], style: str) -> str:
    """The phase tables of several networks in one of the formats of `SUFFIXES`."""
    if style not in SUFFIXES:
        raise InvalidInput("format", style, f"one of {', '.join(SUFFIXES)}")
    diagrams = [phase_diagram(name) for name in names]
    if style in ("json", "csv"):
        rows = [phase.to_dict() for diagram in diagrams for phase in diagram.phases]
        return json.dumps(rows, indent=1) if style == "json" else _csv(rows)
    if style == "latex":
        return "\n\n".join(f"% {d.network}\n{d.table(format='latex')}" for d in diagrams)
    return "\n\n".join(f"## {d.network}\n\n{d.table(format='markdown')}" for d in diagrams)


def _csv(rows: Sequence[dict[str, Any]]) -> str:
    out = io.StringIO()
    writer = csv.DictWriter(out, fieldnames=list(rows[0]), lineterminator="\n")
    writer.writeheader()
    for row in rows:
        writer.writerow({k: "; ".join(v) if isinstance(v, list) else v for k, v in row.items()})
    return out.getvalue().rstrip("\n")


def write(out: Path) -> None:
    """Write ``exponents.md``, ``.tex``, ``.json`` and ``.csv``."""
    for style, suffix in SUFFIXES.items():
        text = tables(networks(), style)
        if style == "markdown":
            text = _INTRODUCTION + text
        write_text(out / f"exponents.{suffix}", text + "\n")


_INTRODUCTION = """# Phases

Derived, for all `gamma > 1/2` at once, by dominant balance from each network's potential. With
`n_eff = d^a`, `lam = d^l`, `Delta = d^-zeta`: where a phase holds, the limiting law of `error` as a product of
powers times a constant, the size of the next order relative to it, and what the learned weights look like.
`zeta(2*gamma)` is Riemann's function: it is the teacher's norm. The excess risk is the error (diagonal) or
twice the error (quadratic, symmetric).

"""
