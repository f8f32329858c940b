"""From sectors to phases: all cells, grouped by name and law, united, for each range of ``gamma``."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction

import sympy

from asymptotix.asymptotics.balance import Cell, cells
from asymptotix.asymptotics.corrections import Condition, Correction, Solution
from asymptotix.asymptotics.growth import Growth
from asymptotix.asymptotics.labels import label
from asymptotix.asymptotics.points import Point
from asymptotix.asymptotics.polyhedra import feasible_on, row_of, value_at
from asymptotix.asymptotics.regions import CaseSplit, Region, irredundant, united
from asymptotix.asymptotics.sector import Scales, Sector
from asymptotix.asymptotics.signs import Interval
from asymptotix.asymptotics.system import system_of


@dataclass(frozen=True)
class Piece:
    """A part of a phase with one set of leading terms: what sets the unknowns, and the corrections there."""

    region: Region
    solution: Solution
    sector: Sector
    conditions: tuple[Condition, ...]

    def standing(self, gamma: Fraction, point: Sequence[Fraction]) -> int:
        """2 if every condition holds at a point, 1 if some are ties, 0 if one fails.

        Where exponents tie, powers of ``log d`` decide.
        """
        worst = 2
        for condition in self.conditions:
            value = value_at(condition.row, gamma, point)
            margin = value if value else condition.logs.at(gamma)
            if margin < 0:
                return 0
            worst = worst if margin else 1
        return worst

    @property
    def submerged(self) -> bool:
        """Whether most features lie within learned noise: its conditions then do not say if any stands out."""
        return self.sector.features == "some" and self.sector.noise in ("bulk", "all")

    def spectrum(self, point: Point | None = None) -> tuple[str, ...]:
        """The learned weights in words, at a point or anywhere: features stand out of noise where ``tau << 1``."""
        alone, spiked = self.sector.spectrum, f"{self.sector.spectrum} + spikes"
        if not self.submerged:
            return (alone,) if alone else ()
        if point is None:
            return (spiked, alone)
        tau = self.solution.unknowns[self.sector.unknowns.index("tau")]
        return (spiked,) if point.number(tau.exponent) < 0 else (alone,)


@dataclass(frozen=True)
class DerivedPhase:
    """One law, the convex region where it holds, and the range of ``gamma`` for which the region looks so."""

    name: str
    law: Growth
    region: Region
    gamma: Interval
    pieces: tuple[Piece, ...]


@dataclass(frozen=True)
class NamedCell:
    name: str
    cell: Cell
    sector: Sector


def derive(sectors: Sequence[Sector], scales: Scales, noisy: bool = True) -> list[DerivedPhase]:
    """All phases of a network, for all ``gamma > 1/2``."""
    named = list(_named(sectors, scales, noisy))
    points = {e for n in named for e in (n.cell.gamma.low, n.cell.gamma.high) if e is not None}
    while True:
        try:
            found = [p for i in Interval().split(points) for p in _phases_on(named, i)]
            return _joined(found)
        except CaseSplit as split:
            points |= set(split.points)


def _named(sectors: Sequence[Sector], scales: Scales, noisy: bool) -> Iterable[NamedCell]:
    """Cells with their names; where nothing is learned, cut at effective noise = largest feature."""
    for sector in sectors:
        for cell in cells(system_of(sector, scales, noisy)):
            if sector.features != "none":
                yield NamedCell(label(cell.solution, sector, False), cell, sector)
                continue
            tau = cell.solution.unknowns[sector.unknowns.index("tau")]
            for above, ratio in ((True, tau), (False, tau**-1)):
                conditions = (*cell.conditions, Condition(row_of(ratio.exponent.coords), ratio))
                for gamma in feasible_on([c.row for c in conditions], cell.gamma):
                    part = Cell(cell.solution, conditions, gamma)
                    yield NamedCell(label(cell.solution, sector, above), part, sector)


def _phases_on(named: Sequence[NamedCell], interval: Interval) -> list[DerivedPhase]:
    alive = [n for n in named if n.cell.gamma.intersect(interval) is not None]
    groups: list[list[NamedCell]] = []
    for n in alive:
        home = next((g for g in groups if _same_law(g[0], n)), None)
        if home is None:
            groups.append([n])
        else:
            home.append(n)
    out = []
    for group in groups:
        regions = [irredundant(n.cell.rows, interval) for n in group]
        pieces = [
            Piece(r, n.cell.solution, n.sector, n.cell.conditions)
            for r, n in zip(regions, group, strict=True)
        ]
        for region, parts in united(regions, interval):
            own = tuple(pieces[i] for i in parts)
            out.append(DerivedPhase(group[0].name, group[0].cell.solution.risk, region, interval, own))
    return out


def _same_law(one: NamedCell, other: NamedCell) -> bool:
    p, q = one.cell.solution.risk, other.cell.solution.risk
    if one.name != other.name or p.exponent != q.exponent or p.log_power != q.log_power:
        return False
    return p.constant == q.constant or bool(sympy.simplify(p.constant / q.constant) == 1)


def _joined(phases: Iterable[DerivedPhase]) -> list[DerivedPhase]:
    """Phases that look the same on adjacent ranges of ``gamma`` become one."""
    out: list[DerivedPhase] = []
    for phase in phases:
        for k, known in enumerate(out):
            same = known.name == phase.name and known.region == phase.region and known.law == phase.law
            # a sector for some gammas only says so: its corrections do not hold beyond
            same = same and all(p.sector.gamma is None for p in (*known.pieces, *phase.pieces))
            if same and known.gamma.high is not None and known.gamma.high == phase.gamma.low:
                pieces = known.pieces + tuple(p for p in phase.pieces if p not in known.pieces)
                out[k] = replace(known, gamma=Interval(known.gamma.low, phase.gamma.high), pieces=pieces)
                break
        else:
            out.append(phase)
    return out


def leading_corrections(piece: Piece, interval: Interval) -> list[Correction]:
    """The corrections of a piece that are the largest somewhere in it."""
    all_of = list(dict.fromkeys(piece.solution.corrections))
    logs = [c for c in all_of if not c.exponent]
    if logs:  # a power of log d beats every power of d
        top = max(c.log_power.at(interval.sample()) for c in logs)
        return [c for c in logs if c.log_power.at(interval.sample()) == top]
    out = []
    for c in all_of:
        rivals = [(c.exponent - o.exponent) for o in all_of if o.exponent != c.exponent]
        if feasible_on([*piece.region, *(row_of(r.coords) for r in rivals)], interval):
            out.append(c)
    return out
