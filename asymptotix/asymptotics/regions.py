"""Cells of one law put together: convex unions, faces that matter, faces that two regions share.

All statements hold for every ``gamma`` of an open interval. Where the answer to a question changes inside the
interval, :class:`CaseSplit` names the values of ``gamma`` at which the caller has to split.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import combinations

from asymptotix.asymptotics.growth import Affine
from asymptotix.asymptotics.polyhedra import Rows, partition, reduced, row_of
from asymptotix.asymptotics.signs import Interval, Root


class CaseSplit(Exception):
    """The shape of a region changes at these values of ``gamma``."""

    def __init__(self, points: Iterable[Root]) -> None:
        self.points = tuple(points)
        super().__init__(f"regions change shape at gamma = {', '.join(map(str, self.points))}")


def feasible(rows: Iterable[Affine], interval: Interval) -> bool:
    """Whether the open polyhedron has a point, for all of ``interval``; raises :class:`CaseSplit`."""
    pieces = partition(tuple(sorted(set(rows))), interval)
    if len({answer for _, answer in pieces}) > 1:
        raise CaseSplit(piece.high for piece, _ in pieces[:-1] if piece.high)
    return pieces[0][1]


def irredundant(rows: Iterable[Affine], interval: Interval) -> Rows:
    """The same region with only the inequalities that are faces of it."""
    kept = sorted({reduced(r, interval) for r in rows})
    for row in list(kept):
        others = [r for r in kept if r != row]
        if not feasible([*others, -row], interval):
            kept = others
    return tuple(kept)


def holds_on(row: Affine, region: Rows, interval: Interval) -> bool:
    """Whether an inequality is true on a region."""
    return row in region or not feasible([*region, -row], interval)


def united(regions: Sequence[Rows], interval: Interval) -> list[tuple[Rows, tuple[int, ...]]]:
    """Unite regions as far as unions stay convex; each result lists the indices of its parts."""
    pool: list[tuple[Rows, tuple[int, ...]]] = [(r, (i,)) for i, r in enumerate(regions)]
    whole = _convex_union([r for r, _ in pool], interval)
    if whole is not None:
        return [(irredundant(whole, interval), tuple(range(len(regions))))]
    while True:
        for one, other in combinations(pool, 2):
            union = _convex_union([one[0], other[0]], interval)
            if union is not None:
                pool = [p for p in pool if p not in (one, other)]
                pool.append((irredundant(union, interval), one[1] + other[1]))
                break
        else:
            return pool


def _convex_union(regions: Sequence[Rows], interval: Interval) -> Rows | None:
    """The inequalities common to all regions, if what they enclose is covered by the regions."""
    if len(regions) == 1:
        return regions[0]
    candidates = {row for region in regions for row in region}
    hull = tuple(sorted(r for r in candidates if all(holds_on(r, region, interval) for region in regions)))
    rest = [[r for r in region if r not in hull] for region in regions]
    return hull if not _uncovered(hull, rest, interval) else None


def _uncovered(rows: Rows, rest: Sequence[Sequence[Affine]], interval: Interval) -> bool:
    """Whether some open part of ``rows`` violates at least one inequality of every region in ``rest``."""
    if not feasible(rows, interval):
        return False
    if not rest:
        return True
    return any(_uncovered((*rows, -r), rest[1:], interval) for r in rest[0])


def shared_faces(one: Rows, other: Rows, interval: Interval) -> Iterator[Affine]:
    """The inequalities of ``one`` across which ``other`` lies."""
    for row in one:
        if -row in other:
            rows = [r for r in one if r != row] + [r for r in other if r != -row]
            flat = [row_of(on_face(r, row)) for r in rows]
            if all(flat) and feasible(flat, interval):
                yield row


def on_face(form: Affine, face: Affine) -> Affine:
    """An affine form where ``face = 0``: its last parameter that occurs in ``face`` is eliminated."""
    index = max(k for k in range(1, len(face.coords)) if face.coords[k])
    return form - face * (form.coords[index] / face.coords[index])
