"""The phase tables of all networks, as text for a terminal, a paper or a program."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from asymptotix.asymptotics.diagram import networks, phase_diagram
from asymptotix.asymptotics.table import csv_text
from asymptotix.errors import InvalidInput
from asymptotix.files import write_text
from asymptotix.inputs import inputs_of
from asymptotix.networks import get
from asymptotix.report.laws import section
from asymptotix.validate import whole

SUFFIXES = {"markdown": "md", "latex": "tex", "json": "json", "csv": "csv"}


def chosen(network: str, width: bool = False, depth: Any = 2, beta: Any = 0) -> list[str]:
    """The networks meant by a name or by ``all``; with ``width`` those whose width is a size.

    A depth or a decay of variances makes another network of one.

    >>> chosen("all")
    ['diagonal', 'quadratic', 'symmetric', 'bilinear']
    >>> chosen("diagonal", depth=3)
    ['diagonal of depth 3']
    """
    layers, inputs = whole("depth", depth, "an integer number of layers >= 2", least=2), inputs_of(beta, None)
    if layers != 2 or inputs is not None:
        return [get(network).of_depth(layers).on_inputs(inputs).name]
    if network == "all":
        return [name for name in networks() if not width or get(name).any_width is not None]
    if network not in networks():
        raise InvalidInput("network", network, f"one of {', '.join(networks())}, all")
    return [network]


def tables(names: Sequence[str], style: str, width: bool = False) -> str:
    """The phase tables of several networks in one of the formats of `SUFFIXES`."""
    if style not in SUFFIXES:
        raise InvalidInput("format", style, f"one of {', '.join(SUFFIXES)}")
    diagrams = [phase_diagram(name, width=width) for name in names]
    if style in ("json", "csv"):
        rows = [phase.to_dict() for diagram in diagrams for phase in diagram.phases]
        return json.dumps(rows, indent=1) if style == "json" else csv_text(rows).rstrip("\n")
    if style == "latex":
        return "\n\n".join(f"% {d.network}\n{d.table(format='latex')}" for d in diagrams)
    return "\n\n".join(f"## {d.network}\n\n{d.table(format='markdown')}" for d in diagrams)


def write(out: Path) -> None:
    """Write ``exponents.md``, ``.tex``, ``.json`` and ``.csv``."""
    for style, suffix in SUFFIXES.items():
        text = tables(networks(), style)
        if style == "markdown":
            text = "\n\n".join(
                [_INTRODUCTION + text, "## Lines, boundaries, benchmarks", *map(section, networks())]
            )
        write_text(out / f"exponents.{suffix}", text + "\n")


_INTRODUCTION = """# Phases

Derived, for all `gamma > 1/2` at once, by dominant balance from each network's potential. With
`n_eff = d^a`, `lam = d^l`, `Delta = d^-zeta`: where a phase holds, the limiting law of `error` as a product of
powers times a constant, the size of the next order relative to it, and what the learned weights look like.
In constants `zeta(2*gamma)` is Riemann's function (the teacher's norm); in regions `zeta` is the exponent of the
noise. The excess risk is the error (diagonal) or twice the error (quadratic, symmetric).

Labels follow the table of arXiv 2509.24882 where it has the phase; `IV0` is a phase in which the noise plays no
part, which that table leaves to its noiseless result. What is sharper than, or different from, that table:

* Every law has its constant. VIa and VIb share a rate, but for the quadratic network not the constant: once all
  features are resolved the error doubles.
* Diagonal network, small penalty, `n_eff << d`: the term `n_eff^(-1 + 1/(2 gamma))` of phase IV never dominates;
  the leaked noise, `Delta / log(d/n_eff)`, does as soon as `n_eff` exceeds a power of `log d`. The table has V
  where the paper has IV and V. Evidence: [slopes.md](slopes.md), where the local slopes at `d = 1e120` inside the
  paper's IV and V are equal and tend to 0.
* The diagonal network's interpolating phase ends at a penalty larger than `sqrt(n_eff Delta / d)` by a power of
  `log d` (`PhaseDiagram.boundaries()`, field `reach`, gives the constants).
* Noise is a third axis: every region is given for `Delta = d^-zeta`, and the noiseless diagram is its own table.
* Quadratic network: with noise and `lam -> 0` the peak is finite, and sits above `n_eff = d/4` by a shift that
  the teacher's trace sets; the optimal penalty carries no logarithm, its constant is exact, and the error there
  is a constant factor above Bayes.

"""
