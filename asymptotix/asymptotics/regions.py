"""Cells of one law put together: convex unions, faces that matter, faces that two regions share.

All statements hold for every ``gamma`` of an open interval. Where the answer to a question changes inside the
interval, :class:`CaseSplit` names the values of ``gamma`` at which the caller has to split.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from asymptotix.asymptotics.polyhedra import PolyRow, negated, partition, reduced_on, row_of
from asymptotix.asymptotics.ratfun import RatFun
from asymptotix.asymptotics.signs import Interval, Root

Region = tuple[PolyRow, ...]


class CaseSplit(Exception):
    """The shape of a region changes at these values of ``gamma``."""

    def __init__(self, points: Iterable[Root]) -> None:
        self.points = tuple(points)
        super().__init__(f"regions change shape at gamma = {', '.join(map(str, self.points))}")


def feasible(rows: Iterable[PolyRow], interval: Interval) -> bool:
    """Whether the open polyhedron has a point, for all of ``interval``; raises :class:`CaseSplit`."""
    pieces = partition(tuple(sorted(set(rows))), interval)
    answers = {answer for _, answer in pieces}
    if len(answers) > 1:
        ends = {end for piece, _ in pieces for end in (piece.low, piece.high) if end is not None}
        raise CaseSplit(r for r in ends if interval.contains(r))
    return answers.pop()


def irredundant(rows: Iterable[PolyRow], interval: Interval) -> Region:
    """The same region with only the inequalities that are faces of it."""
    kept = sorted({reduced_on(r, interval) for r in rows})
    for row in list(kept):
        others = [r for r in kept if r != row]
        if not feasible([*others, negated(row)], interval):
            kept = others
    return tuple(kept)


def holds_on(row: PolyRow, region: Region, interval: Interval) -> bool:
    """Whether an inequality is true on a region."""
    return row in region or not feasible([*region, negated(row)], interval)


def united(regions: Sequence[Region], interval: Interval) -> list[tuple[Region, tuple[int, ...]]]:
    """Unite regions as far as unions stay convex; each result lists the indices of its parts."""
    pool: list[tuple[Region, tuple[int, ...]]] = [(r, (i,)) for i, r in enumerate(regions)]
    whole = _convex_union([r for r, _ in pool], interval)
    if whole is not None:
        return [(irredundant(whole, interval), tuple(range(len(regions))))]
    merged = True
    while merged:
        merged = False
        for i in range(len(pool)):
            for j in range(i + 1, len(pool)):
                union = _convex_union([pool[i][0], pool[j][0]], interval)
                if union is not None:
                    entry = (irredundant(union, interval), pool[i][1] + pool[j][1])
                    pool = [p for k, p in enumerate(pool) if k not in (i, j)] + [entry]
                    merged = True
                    break
            if merged:
                break
    return pool


def _convex_union(regions: Sequence[Region], interval: Interval) -> Region | None:
    """The inequalities common to all regions, if what they enclose is covered by the regions."""
    if len(regions) == 1:
        return regions[0]
    candidates = {row for region in regions for row in region}
    hull = tuple(sorted(r for r in candidates if all(holds_on(r, region, interval) for region in regions)))
    rest = [[r for r in region if r not in hull] for region in regions]
    return hull if not _uncovered(hull, rest, interval) else None


def _uncovered(rows: Region, rest: Sequence[Sequence[PolyRow]], interval: Interval) -> bool:
    """Whether some open part of ``rows`` violates at least one inequality of every region in ``rest``."""
    if not feasible(rows, interval):
        return False
    if not rest:
        return True
    return any(_uncovered((*rows, negated(r)), rest[1:], interval) for r in rest[0])


def shared_faces(one: Region, other: Region, interval: Interval) -> Iterator[PolyRow]:
    """The inequalities of ``one`` across which ``other`` lies."""
    for row in one:
        if negated(row) in other:
            rows = [r for r in one if r != row] + [r for r in other if r != negated(row)]
            flat = [restricted(r, row) for r in rows]
            if feasible([r for r in flat if any(r)], interval) and all(any(r) for r in flat):
                yield row


def restricted(row: PolyRow, face: PolyRow) -> PolyRow:
    """``row`` on the hyperplane ``face = 0``."""
    return row_of(on_face([RatFun(p) for p in row], face))


def on_face(form: Sequence[RatFun], face: PolyRow) -> list[RatFun]:
    """An affine form where ``face = 0``: its last parameter that occurs in ``face`` is eliminated."""
    index = max(k for k in range(1, len(face)) if face[k])
    factor = form[index] / RatFun(face[index])
    return [x - factor * RatFun(p) for x, p in zip(form, face, strict=True)]
