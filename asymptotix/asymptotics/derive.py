"""From sectors to phases: all cells, grouped by name and law, united, for each range of ``gamma``."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace

import sympy

from asymptotix.asymptotics.balance import cells
from asymptotix.asymptotics.cells import Cell, Condition
from asymptotix.asymptotics.labels import label
from asymptotix.asymptotics.phases import Phase
from asymptotix.asymptotics.polyhedra import feasible_on
from asymptotix.asymptotics.regions import CaseSplit, irredundant, united
from asymptotix.asymptotics.sector import Scales, Sector
from asymptotix.asymptotics.signs import Interval
from asymptotix.asymptotics.system import system_of


def derive(sectors: Sequence[Sector], scales: Scales, noisy: bool = True, network: str = "") -> list[Phase]:
    """All phases of a network, for all ``gamma > 1/2``."""
    named = list(_named(sectors, scales, noisy))
    points = {e for n in named for e in (n.gamma.low, n.gamma.high) if e is not None}
    while True:
        try:
            return _joined(p for i in Interval().split(points) for p in _phases_on(named, i, network))
        except CaseSplit as split:
            points |= set(split.points)


def _named(sectors: Sequence[Sector], scales: Scales, noisy: bool) -> Iterable[Cell]:
    """Cells with their names; where nothing is learned, cut at effective noise = largest feature."""
    for sector in sectors:
        for cell in cells(system_of(sector, scales, noisy)):
            if sector.features != "none":
                yield replace(cell, name=label(cell.solution, False))
                continue
            tau = cell.solution.unknowns[sector.unknowns.index("tau")]
            for above, ratio in ((True, tau), (False, tau**-1)):
                conditions = (*cell.conditions, Condition(ratio))
                for gamma in feasible_on([c.row for c in conditions], cell.gamma):
                    yield Cell(cell.solution, conditions, gamma, label(cell.solution, above))


def _phases_on(named: Sequence[Cell], interval: Interval, network: str) -> Iterable[Phase]:
    groups: list[list[Cell]] = []
    for n in named:
        if n.gamma.intersect(interval) is not None:
            home = next((g for g in groups if _same_law(g[0], n)), None)
            n = replace(n, region=irredundant(n.rows, interval))
            if home is None:
                groups.append([n])
            else:
                home.append(n)
    for group in groups:
        first = group[0]
        for region, parts in united([n.region for n in group], interval):
            own = tuple(group[i] for i in parts)
            yield Phase(network, first.name, first.solution.risk, region, interval, own)


def _same_law(one: Cell, other: Cell) -> bool:
    p, q = one.solution.risk, other.solution.risk
    if one.name != other.name or p.exponent != q.exponent or p.log_power != q.log_power:
        return False
    return p.constant == q.constant or bool(sympy.simplify(p.constant / q.constant) == 1)


def _joined(phases: Iterable[Phase]) -> list[Phase]:
    """Phases that look the same on adjacent ranges of ``gamma`` become one."""
    out: list[Phase] = []
    for phase in phases:
        for k, known in enumerate(out):
            same = known.phase == phase.phase and known.rows == phase.rows and known.growth == phase.growth
            # a sector for some gammas only says so: its corrections do not hold beyond
            same = same and not any(any(p.sector.gamma) for p in (*known.pieces, *phase.pieces))
            if same and known.gamma.high is not None and known.gamma.high == phase.gamma.low:
                pieces = known.pieces + tuple(p for p in phase.pieces if p not in known.pieces)
                out[k] = replace(known, gamma=Interval(known.gamma.low, phase.gamma.high), pieces=pieces)
                break
        else:
            out.append(phase)
    return out
