"""Many problems of one teacher at once: Newton's method in step, for potentials that answer at arrays of places.

The searches of `newton` ask all at the same time; what does not settle is left to a solve of its own.
In the order given every fourth is solved first and leads to those that lie between it and the next, by halves.
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from asymptotix.arrays import Array
from asymptotix.equations import Root, System
from asymptotix.networks.balances import noise_balance, threshold_balance
from asymptotix.networks.base import Response
from asymptotix.problem import Problem
from asymptotix.solution import Solution
from asymptotix.state_evolution.newton import Search, State, finite, first_path, search, used_by_noise
from asymptotix.state_evolution.solver import certified, led_by_penalty, no_other, solve_curve

# Problems solved together: so many that Python's part is small, so few that their nodes fit the cache.
TOGETHER = 1000
# Fewer are as quick one by one.
_LEAST = 4
# Responses that one may take: the last few problems are quicker alone.
_STEPS = 24
# And from its neighbours: what has not settled by then was led astray.
_LED = 8
# Numbers whose room is freed at once: glibc then keeps rooms of up to so many (25 MB) for the next array, rather than
# return them to the system and fetch them anew, page by page: an eighth of the time.
_KEPT = 3 << 20
# One in so many is solved from a guess of its own, then one in so many from these: three fifths of the responses that
# guesses for all would take.
_STRIDES = 4, 2, 1


def pieces(points: int) -> int:
    """How many points to solve together of so many: fewer where several processes are to share them."""
    return min(TOGETHER, max(200, points // 16))


def solve_all(problems: Sequence[Problem]) -> list[Solution]:
    """Solve problems, together where their network can, else each from its neighbour.

    Raises:
        NotConverged: as `solve` does, for the first that has no solution.

    >>> p = Problem("diagonal", gamma=1.25, d=1e12, n=1e6, lam=1, noise=1)
    >>> [s.status for s in solve_all([p.replace(lam=lam) for lam in (0, 1e-4, 1e-3, 1)])]
    ['ridgeless', 'converged', 'converged', 'zero estimator']
    """
    found = solve_together(problems)
    rest = solve_curve(p for p, solution in zip(problems, found, strict=True) if solution is None)
    return [next(rest) if solution is None else solution for solution in found]


def solve_together(problems: Sequence[Problem]) -> list[Solution | None]:
    """The solutions that steps in common lead to; None for the other problems."""
    np.empty(_KEPT)
    solved: list[Solution | None] = [None] * len(problems)
    families: dict[object, list[int]] = defaultdict(list)
    for k, p in enumerate(problems):
        families[p.net.name, p.teacher, p.d, p.inputs].append(k)
    for members in families.values():
        one = System.of(problems[members[0]])
        if len(members) < _LEAST or not hasattr(one.potential, "responses") or one.out_of_reach is not None:
            continue
        systems = {k: System.of(problems[k], one.potential) for k in members}
        used = used_by_noise(one)
        members = [k for k in members if finite(systems[k], used)]
        if one.net.assumes:
            led = led_by_penalty([systems[k] for k in members])
            members = [k for k, sure in zip(members, led, strict=True) if sure]
        for start in range(0, len(members), TOGETHER):
            part = members[start : start + TOGETHER]
            with np.errstate(all="ignore"):  # what is not finite is no root
                roots = _roots([systems[k] for k in part])
                for k, root in zip(part, roots, strict=True):
                    solution = certified(problems[k], systems[k], root) if root is not None else None
                    if root is not None and solution is not None and solution.converged:
                        solved[k] = solution if no_other(systems[k], root) else None
    return solved


def _roots(systems: Sequence[System]) -> list[Root | None]:
    """A root for every problem that settles: of some in their order first, which lead to those between."""
    roots = np.full(len(systems), None, dtype=object)
    done = np.zeros(roots.size, dtype=bool)
    led = done.copy()

    def search_at(chosen: NDArray[np.intp], start: Array | None) -> None:
        roots[chosen] = _searched([systems[k] for k in chosen], start)
        led[chosen] = start is not None and ~np.isnan(start[0])

    for stride in _STRIDES:
        chosen = np.append(np.arange(0, roots.size, stride), roots.size - 1)
        chosen = np.unique(chosen[~done[chosen]])
        if chosen.size:
            search_at(chosen, _between(systems, roots, chosen) if done.any() else None)
        done[chosen] = True
    left = np.array([k for k, root in enumerate(roots) if root is None], dtype=np.intp)
    if left.size:  # where solutions turn sharply a guess leads on, or neighbours where it did not
        search_at(left, np.where(led[left], math.nan, _between(systems, roots, left)))
    return list(roots)


def _between(systems: Sequence[System], roots: NDArray[np.object_], rest: NDArray[np.intp]) -> Array:
    """Path and ``log tau`` from the neighbours of problems that lie between them; nan for the others."""
    known = np.array([k for k, root in enumerate(roots) if root is not None], dtype=np.intp)
    if known.size < 2:
        return np.full((2, rest.size), np.nan)
    found = np.array([(roots[k].response.path, roots[k].log_tau) for k in known]).T
    size = np.log([(s.nu, s.penalty or 1.0, s.noise or 1.0) for s in systems])
    at = np.clip(np.searchsorted(known, rest), 1, known.size - 1)
    low, high = known[at - 1], known[at]
    apart = [np.abs(size[x] - size[y]).sum(axis=1) for x, y in ((rest, low), (high, rest), (high, low))]
    share = apart[0] / apart[2]
    between = apart[0] + apart[1] < apart[2] * (1.0 + 1e-9)
    start, end = found[:, at - 1], found[:, at]
    move = np.full((known.size, 2, 3), np.nan)
    ends = np.unique([at - 1, at])
    move[ends] = _moves(systems, roots, known[ends])
    step = size[high] - size[low]
    out, back = ((move[at - k] * step[:, None, :]).sum(axis=2).T - (end - start) for k in (1, 0))
    bent = share * (1.0 - share) * ((1.0 - share) * out - share * back)
    slack = np.abs(end - start)
    bent = np.where(np.isfinite(bent), np.clip(bent, -slack, slack), 0.0)
    return np.where(between, (1.0 - share) * start + share * end + bent, np.nan)


def _moves(systems: Sequence[System], roots: NDArray[np.object_], known: NDArray[np.intp]) -> Array:
    """How path and ``log tau`` of roots move with the logarithms of samples, penalty and noise."""
    slopes = np.full((known.size, 2, 3), np.nan)
    for k, (system, root) in enumerate(zip((systems[k] for k in known), roots[known], strict=True)):
        if root.jacobian is None:
            continue
        one = noise_balance(root.response, root.log_tau, system.nu, system.noise, afar=True)
        two = threshold_balance(root.response, root.log_tau, system.nu, system.penalty, afar=True)
        a, b, c, d = root.jacobian
        determinant = a * d - b * c
        a, b, c, d = (x / determinant if determinant else math.nan for x in (a, b, c, d))
        by_nu, rest = (system.nu * one.by_used, system.nu * two.by_used), (one.by_rest, two.by_rest)
        # J (moves) = -(slopes of both balances by the three sizes)
        slopes[k, 0] = b * by_nu[1] - d * by_nu[0], -b * rest[1], d * rest[0]
        slopes[k, 1] = c * by_nu[0] - a * by_nu[1], a * rest[1], -c * rest[0]
    return slopes


def _searched(systems: Sequence[System], starts: Array | None = None) -> list[Root | None]:
    """A root for every problem that settles, from given paths and ``log tau`` or, where these are nan, from guesses."""
    roots: list[Root | None] = [None] * len(systems)
    searches: dict[int, Search] = {}
    asked: dict[int, tuple[float, float, State | None]] = {}

    def go_on(k: int, response: Response | None) -> None:
        try:
            asked[k] = searches[k].send(response)  # type: ignore[arg-type]
        except StopIteration as end:
            roots[k] = end.value

    for k, system in enumerate(systems):
        path, log_tau = (math.nan, math.nan) if starts is None else starts[:, k].tolist()
        if guessed := math.isnan(path):
            log_tau = 0.5 * math.log((system.noise + 1.0) / system.nu)
            path = first_path(system, max(log_tau, system.lowest + 1e-6))
        searches[k] = search(system, path, log_tau, near=not guessed)
        go_on(k, None)
    potential: Any = systems[0].potential
    for _ in range(_STEPS if starts is None or np.isnan(starts).any() else _LED):
        if not asked:
            break
        chosen, places = list(asked), np.array([place[:2] for place in asked.values()])
        asked.clear()
        for k, response in zip(chosen, potential.responses(*places.T).each(places[:, 0]), strict=True):
            go_on(k, response)
    return roots
