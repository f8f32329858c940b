"""Boundaries between phases: the face, the jump of the error across it, and how far each side's law reaches.

A region ends where one of its leading terms is overtaken. Setting the two terms equal, constants and logarithms
included, gives the line more sharply than exponents can: ``lam = constant * d**x * (log d)**q``.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import combinations

from asymptotix.asymptotics.growth import PARAMETERS, Affine, Expr, Growth, tidy
from asymptotix.asymptotics.phases import Phase, first_parameter, inequality
from asymptotix.asymptotics.polyhedra import reduced
from asymptotix.asymptotics.ratfun import RatFun
from asymptotix.asymptotics.regions import CaseSplit, on_face, shared_faces
from asymptotix.asymptotics.signs import Interval

SIZE = {"a": "n_eff", "l": "lam", "zeta": "noise"}


@dataclass(frozen=True)
class Reach:
    """``phase`` ends where ``size`` (``lam``, ``n_eff`` or ``noise``) equals ``growth``, up to lower orders."""

    phase: str
    size: str
    growth: Growth

    def __str__(self) -> str:
        return f"{self.phase} ends at {self.size} = {self.growth}"


@dataclass(frozen=True)
class Boundary:
    """Where two phases meet.

    ``jump_exponent`` is the power of ``d`` by which the error of the second exceeds that of the first on the
    face, the ``row`` for that range of ``gamma``; 0 means continuous up to a constant and powers of ``log d``.
    """

    phases: tuple[Phase, Phase]
    face: Expr
    jump_exponent: Expr
    row: Affine
    gamma: Interval

    @cached_property
    def reach(self) -> tuple[Reach, ...]:
        """Where each law ends, found when it is asked for."""
        one, other = self.phases
        found = [*_reach(one, self.row, self.gamma), *_reach(other, -self.row, self.gamma)]
        return tuple(dict.fromkeys(found))

    @property
    def continuous(self) -> bool:
        return bool(self.jump_exponent == 0)

    def __str__(self) -> str:
        one, other = self.phases
        how = "continuous" if self.continuous else f"jump of d**({self.jump_exponent})"
        return f"{one.phase} | {other.phase} at {self.face.lhs} = {self.face.rhs}: {how}"


def boundaries(phases: Sequence[Phase]) -> list[Boundary]:
    """Every pair of neighbours that share a face."""
    out = []
    for one, other in combinations(phases, 2):
        common = one.gamma.intersect(other.gamma)
        if common is not None:
            change = other.growth.exponent - one.growth.exponent
            for face in _faces(one, other, common):
                shown = inequality(face, common, equal=True)
                out.append(Boundary((one, other), shown, on_face(change, face).to_sympy(), face, common))
    return out


def _faces(one: Phase, other: Phase, common: Interval) -> Iterable[Affine]:
    first, second = (tuple(reduced(r, common) for r in p.rows) for p in (one, other))
    try:
        return list(shared_faces(first, second, common))
    except CaseSplit as split:
        found = (f for part in common.split(split.points) for f in shared_faces(first, second, part))
        return dict.fromkeys(found)


def _reach(phase: Phase, face: Affine, common: Interval) -> Iterator[Reach]:
    """Solve ``large/small = 1`` for the penalty, or for the samples where the penalty does not enter."""
    for c in (c for piece in phase.pieces for c in piece.conditions):
        if c.large is None or reduced(c.row, common) != face:
            continue
        index = first_parameter(c.ratio.exponent)
        power, name = c.ratio.exponent.coords[index], PARAMETERS[index - 1]
        rest = replace(c.ratio, exponent=c.ratio.exponent - Affine.parameter(name) * power)
        sign = -1 if name != "zeta" else 1  # Delta = d**-zeta
        solved = rest ** (RatFun.of(sign) / power)
        yield Reach(
            phase.phase, SIZE.get(name, phase.fourth), replace(solved, constant=tidy(solved.constant))
        )
