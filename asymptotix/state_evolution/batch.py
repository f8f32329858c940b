"""Many problems of one teacher at once: Newton's method in step, for potentials that answer at arrays of places.

The steps are those of `newton`, taken by all problems together; what does not settle is left to a solve of its own.
In the order given every fifth is solved first and leads to those that lie between it and the next.
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from asymptotix.equations import HIGHEST, LOWEST, Root, System
from asymptotix.networks.base import Response, Responses, Slopes
from asymptotix.problem import Problem
from asymptotix.solution import Solution
from asymptotix.state_evolution.solver import certified, solve_curve

Array = NDArray[np.float64]
Mask = NDArray[np.bool_]

# Problems solved together: so many that Python's part is small, so few that their nodes fit the cache.
TOGETHER = 1000
# Fewer are as quick one by one.
_LEAST = 4
_STEPS, _LONG, _WIDEST = 24, 60.0, 700.0
_NEARLY, _SOLVED, _ROUNDED = 1e-11, 1e-12, 2e-15
# A step that would change nothing by more than this is not worth its response.
_NOTHING = 3e-13
# One in so many is solved from a guess of its own: two thirds of the responses that all would take.
_STRIDE = 5
_SHORTER, _SHORTEST = 0.3, 0.02
# Noise scales too large by more than this come down by the risk they make.
_CLOSE = 2.0
# And by more than this where a step would lead up, or along by more than that: it is not trusted.
_EXCESS, _WILD = 0.1, 3.0
# Risks above 1 belong to peaks, where balances that are not sharp fade towards infinite noise.
_ABOVE = 0.5


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
    solved: list[Solution | None] = [None] * len(problems)
    families: dict[object, list[int]] = defaultdict(list)
    for k, p in enumerate(problems):
        families[p.net.name, p.teacher, p.d, p.inputs].append(k)
    for members in families.values():
        one = System.of(problems[members[0]])
        if len(members) < _LEAST or not hasattr(one.potential, "responses") or one.net.assumes:
            continue
        systems = {k: System.of(problems[k], one.potential) for k in members}
        members = [k for k in members if systems[k].penalty > 0]
        for start in range(0, len(members), TOGETHER):
            part = members[start : start + TOGETHER]
            with np.errstate(all="ignore"):  # what is not finite is no root
                roots = _roots([systems[k] for k in part])
                for k, root in zip(part, roots, strict=True):
                    solution = certified(problems[k], systems[k], root) if root is not None else None
                    solved[k] = solution if solution is not None and solution.converged else None
    return solved


def _roots(systems: Sequence[System]) -> list[Root | None]:
    """A root for every problem that settles: of some in their order first, which lead to those between."""
    roots = np.full(len(systems), None, dtype=object)
    first = np.unique(np.append(np.arange(0, roots.size, _STRIDE), roots.size - 1))
    roots[first] = _Newton([systems[k] for k in first]).roots()
    rest = np.setdiff1d(np.arange(roots.size), first)
    if rest.size:
        roots[rest] = _Newton([systems[k] for k in rest], _between(systems, roots, rest)).roots()
    for guessed in (
        False,
        True,
    ):  # where solutions turn sharply, what lies near leads on, or what lies far astray
        left = np.array([k for k, root in enumerate(roots) if root is None], dtype=np.intp)
        if left.size:
            start = None if guessed else _between(systems, roots, left)
            roots[left] = _Newton([systems[k] for k in left], start).roots()
    return list(roots)


def _between(systems: Sequence[System], roots: NDArray[np.object_], rest: NDArray[np.intp]) -> Array:
    """Path and ``log tau`` from the neighbours of problems that lie between them; nan for the others."""
    known = np.array([k for k, root in enumerate(roots) if root is not None], dtype=np.intp)
    if known.size < 2:
        return np.full((2, rest.size), np.nan)
    found = np.array([(roots[k].response.path, roots[k].log_tau) for k in known]).T
    size = np.log([(s.nu, s.penalty, s.noise if s.noise > 0 else 1.0) for s in systems])
    at = np.clip(np.searchsorted(known, rest), 1, known.size - 1)
    low, high = known[at - 1], known[at]
    apart = [np.abs(size[x] - size[y]).sum(axis=1) for x, y in ((rest, low), (high, rest), (high, low))]
    share = apart[0] / apart[2]
    between = apart[0] + apart[1] < apart[2] * (1.0 + 1e-9)
    return np.where(between, (1.0 - share) * found[:, at - 1] + share * found[:, at], np.nan)


class _State:
    """Both balances at one place of every problem, and their derivatives."""

    def __init__(
        self, path: Array, log_tau: Array, responses: Responses, nu: Array, noise: Array, penalty: Array
    ):
        self.path, self.log_tau, self.responses = path, log_tau, responses
        r = responses
        rest = np.where(noise > 0, noise * np.exp(-2.0 * log_tau), 0.0)
        self.first, used, rested = _balance(nu, r.rho, r.rho_below, r.reference, rest)
        self.a, self.b = -used * r.rho_by_path, -used * r.rho_by_tau + 2.0 * rested
        sharp = rested == 1.0
        self.second, used, rested = _balance(
            nu, r.dof, r.dof_below, r.reference, penalty / r.c * np.exp(-log_tau)
        )
        self.c = -used * r.dof_by_path + rested * r.log_c_by_path
        self.d = -used * r.dof_by_tau + rested * (1.0 + r.log_c_by_tau)
        self.sharp = sharp & (rested == 1.0)
        self.size = np.maximum(np.abs(self.first), np.abs(self.second))
        good = np.isfinite(self.size + self.a + self.b + self.c + self.d)
        self.size[~good] = np.inf

    def step(self) -> tuple[Array, Array]:
        """Newton's; not finite where the equations are degenerate."""
        determinant = self.a * self.d - self.b * self.c
        determinant = np.where(np.abs(determinant) > 1e-9, determinant, np.nan)
        along = (self.b * self.second - self.d * self.first) / determinant
        return along, (self.c * self.first - self.a * self.second) / determinant

    def ahead(self) -> Array:
        """What a step would change: the unknowns, ``log rho`` and ``log dof``."""
        (along, up), r = self.step(), self.responses
        risk = r.rho_by_path * along + r.rho_by_tau * up
        count = r.dof_by_path * along + r.dof_by_tau * up
        relative = (np.where(x == 0, 0.0, x / of) for x, of in ((risk, r.rho), (count, r.dof)))
        return np.asarray(np.abs([along, up, *relative]).max(axis=0))

    def take(self, other: _State, where: Mask, at: NDArray[np.intp]) -> None:
        """Places of ``other``, which has the problems ``at`` alone."""
        for name in ("path", "log_tau", "first", "second", "a", "b", "c", "d", "sharp", "size"):
            getattr(self, name)[at[where]] = getattr(other, name)[where]
        for mine, theirs in zip(self.responses, other.responses, strict=True):
            mine[at[where]] = theirs[where]


def _balance(
    nu: Array, used: Array, below: Array, reference: Array, rest: Array
) -> tuple[Array, Array, Array]:
    """`networks.base` has the forms and their reasons, for a single point."""
    exact = np.isfinite(below)
    short = reference - nu
    spare = np.where(exact, below - short, nu - used)
    good = np.where(exact, (spare <= 3.0 * rest) | (spare >= short), (spare > 0.5 * nu) & (rest >= used))
    good &= (spare > 0) & (rest > 0) & np.isfinite(rest)
    total = used + rest
    ratio = spare / rest
    log_ratio = np.where((ratio > 0) & np.isfinite(ratio), np.log(ratio), np.log(spare) - np.log(rest))
    value = np.where(good, log_ratio, np.log(nu / total))
    return value, np.where(good, 1.0 / spare, 1.0 / total), np.where(good, 1.0, rest / total)


class _Newton:
    """The steps of one family of problems, from given paths and ``log tau`` or, where these are nan, from guesses."""

    def __init__(self, systems: Sequence[System], start: Array | None = None) -> None:
        self.systems, self.potential = systems, systems[0].potential
        self.start = np.full((2, len(systems)), np.nan) if start is None else start
        self.nu, self.noise, self.penalty, self.lowest = (
            np.array([getattr(s, name) for s in systems]) for name in ("nu", "noise", "penalty", "lowest")
        )
        self.tries = np.zeros(len(systems))

    def roots(self) -> list[Root | None]:
        """A root for every problem that settles."""
        path, guess = self.start
        cold = np.flatnonzero(np.isnan(path))
        guess[cold] = 0.5 * np.log((self.noise[cold] + 1.0) / self.nu[cold])
        log_tau = np.maximum(guess, self.lowest + 1e-6)
        path[cold] = [self._guess(int(k), float(log_tau[k])) for k in cold]
        self.here = here = self._at(path, log_tau, np.arange(path.size))
        self.open = np.isfinite(here.size)
        self.done = np.zeros(path.size, dtype=bool)
        share = np.ones(path.size)
        for _ in range(_STEPS):
            self._close(guess + _ABOVE)
            k = np.flatnonzero(self.open)
            if not k.size:
                break
            along, up = (x[k] for x in here.step())
            astray = ~(np.abs(along) <= _WILD) | (up > 0) | (here.log_tau[k] + up < self.lowest[k])
            down = (here.first[k] > np.where(astray, _EXCESS, _CLOSE)) & (self.tries[k] < 6)
            along, up = self._lower(k, down, along, up)
            scale = np.where(down, 1.0, np.minimum(share[k], _LONG / np.maximum(np.abs(along), np.abs(up))))
            least = self.lowest[k] + 1e-9 - here.log_tau[k]
            cut = scale * up < least
            along = np.where(cut, -(here.second[k] + here.d[k] * least) / here.c[k], scale * along)
            there = self._at(here.path[k] + along, here.log_tau[k] + np.where(cut, least, scale * up), k)
            last = here.size[k] <= _NEARLY  # where rounding may make the step a worse one
            better = there.size < np.where(last, here.size[k], (1.0 - 0.3 * scale) * here.size[k])
            better |= down & np.isfinite(there.size)
            here.take(there, better, k)
            share[k] = np.where(better, 1.0, _SHORTER * scale)
            finished = last & (here.size[k] <= _SOLVED)
            self.done[k[finished]] = True
            self.open[k[last | (share[k] < _SHORTEST)]] = False
        return [self._root(k) if self.done[k] else None for k in range(path.size)]

    def _guess(self, k: int, log_tau: float) -> float:
        return float(self.potential.guess(log_tau, float(self.nu[k]), float(self.penalty[k])))  # type: ignore[attr-defined]

    def _at(self, path: Array, log_tau: Array, k: NDArray[np.intp]) -> _State:
        outside = ~((np.abs(path) < _WIDEST) & (log_tau > LOWEST) & (log_tau < HIGHEST))
        asked = np.where(outside, 0.0, path), np.where(outside, 0.0, log_tau)
        responses = self.potential.responses(*asked)  # type: ignore[attr-defined]
        state = _State(*asked, responses, self.nu[k], self.noise[k], self.penalty[k])
        state.size[outside] = np.inf
        return state

    def _close(self, highest: Array) -> None:
        """What is solved as well as it can be is done; what runs off to infinite noise is given up."""
        here = self.here
        solved = (here.size <= _ROUNDED) | ((here.size <= _NEARLY) & (here.ahead() <= _NOTHING))
        rounded = self.open & solved
        self.done |= rounded
        self.open &= ~rounded & ((here.log_tau <= highest) | here.sharp)

    def _lower(self, k: NDArray[np.intp], down: Mask, along: Array, up: Array) -> tuple[Array, Array]:
        """Towards where the samples suffice for the risk, along the line that balances the second equation."""
        here = self.here
        fall = -0.5 * np.where(here.first[k] > _CLOSE, 2.0 ** self.tries[k], 1.0) * here.first[k]
        fall = np.maximum(fall, self.lowest[k] + 1e-6 - here.log_tau[k])
        follow = -(here.second[k] + here.d[k] * fall) / here.c[k]
        for j in np.flatnonzero(down & ~(np.abs(follow) <= 1.0)):
            follow[j] = self._guess(int(k[j]), float(here.log_tau[k[j]] + fall[j])) - here.path[k[j]]
        self.tries[k] += down
        return np.where(down, follow, along), np.where(down, fall, up)

    def _root(self, k: int) -> Root:
        r = Responses(*(x[k] for x in self.here.responses))
        exact = math.isfinite(r.rho_below)
        response = Response(
            float(self.here.path[k]),
            float(r.c),
            float(r.rho),
            float(r.dof),
            float(r.reference) if exact else 0.0,
            float(r.rho_below) if exact else None,
            float(r.dof_below) if exact else None,
            slopes=Slopes(*(float(x) for x in r[6:])),
        )
        return Root(float(self.here.log_tau[k]), response, direct=True)
