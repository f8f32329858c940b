"""Claims about the laws: each derived phase against the state evolution at dimensions no computer can simulate.

For every phase of every network one point is chosen deep inside, by the size of the next order that the
derivation predicts there. Along the ray through it, ``n_eff = d^a``, ``lam = d^l``, ``Delta = d^-zeta``,

* the error divided by the law tends to 1, no further off than the next order allows;
* the distance from 1 shrinks at the rate of the next order;
* the local slope is the exponent.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction

import numpy as np

from asymptotix.asymptotics.diagram import networks, phase_diagram
from asymptotix.asymptotics.phases import Phase
from asymptotix.asymptotics.points import Point
from asymptotix.asymptotics.polyhedra import value_at
from asymptotix.checks.claim import Family, Verdict
from asymptotix.problem import Problem
from asymptotix.state_evolution import solve

GAMMAS = tuple(Fraction(x) for x in ("3/5", "3/4", "1", "5/4", "2", "3"))
# Powers of ten of the dimensions; fewer where the sizes would leave double precision.
LARGEST = 120.0
# How far constants of order one may enlarge a next order whose constant is not known.
FACTOR = 20.0
# The promised accuracy of a solve.
ACCURACY = 1e-9
_GRID = 16
_TRIES = 1500


@dataclass(frozen=True)
class Ray:
    """A ray of problems through one point of a phase, and the law that holds on it."""

    network: str
    phase: Phase
    point: Point

    @property
    def top(self) -> float:
        """``log10 d`` of the largest dimension at which every size is a double."""
        p = self.point
        widest = max(abs(p.a) + 1, abs(p.l), abs(p.zeta), Fraction(1))
        return min(LARGEST, 280.0 / float(widest))

    @property
    def next_order(self) -> float | None:
        """Exponent of ``d`` of the largest correction; None if there is none, 0 if it is logarithmic."""
        found = self.phase.corrections()
        return max(float(self.point.number(c.exponent)) for c in found) if found else None

    def _sizes(self, d: float) -> tuple[float, float, float]:
        p = self.point
        return d ** float(p.a), d ** float(p.l), d ** -float(p.zeta)

    def law(self, d: float) -> float:
        """The law's error at dimension ``d``, with its next order where that is logarithmic."""
        n_eff, lam, noise = self._sizes(d)
        order = 1 if self.next_order == 0 else 0
        return self.phase.law(n_eff=n_eff, lam=lam, d=d, noise=noise, order=order)

    def ratio(self, d: float) -> float:
        """Error of the state evolution over the law."""
        n_eff, lam, noise = self._sizes(d)
        n = n_eff if self.network == "diagonal" else n_eff * d
        gamma = float(self.point.gamma)
        return solve(
            Problem(self.network, gamma=gamma, d=round(d), n=n, lam=lam, noise=noise)
        ).error / self.law(d)

    def tolerance(self, d: float) -> float:
        """Largest distance from 1 that the next order allows; a logarithmic one is included, its square is not."""
        order = self.next_order
        if order is None:
            return ACCURACY
        if order == 0:
            return 3.0 * (math.log(math.log(d)) / math.log(d)) ** 2
        return float(FACTOR * d**order + ACCURACY)


def rays(network: str, gamma: Fraction) -> list[Ray]:
    """One ray through each phase that exists at ``gamma`` within the box that is searched."""
    best: dict[int, tuple[tuple[float, float], Ray]] = {}
    phases = [p for p in phase_diagram(network).phases if p.gamma.contains_value(gamma)]
    for point in _points(gamma):
        for k, phase in enumerate(phases):
            if not phase.contains(point):
                continue
            ray = Ray(network, phase.at(point), point)
            order = ray.next_order
            merit = (-math.inf if order is None else order, -_depth(phase, point))
            if k not in best or merit < best[k][0]:
                best[k] = (merit, ray)
    return [ray for _, ray in best.values()]


def _points(gamma: Fraction) -> Iterator[Point]:
    """Random points of a grid over moderate exponents, within what the solvers reach (n_eff > d^(-1/4))."""
    rng = np.random.default_rng(gamma.numerator + 100 * gamma.denominator)
    for a, l, zeta in rng.integers([-3, -48, -12], [40, 24, 13], size=(_TRIES, 3)):  # noqa: E741
        yield Point(gamma, Fraction(int(a), _GRID), Fraction(int(l), _GRID), Fraction(int(zeta), _GRID))


def _depth(phase: Phase, point: Point) -> float:
    """How far inside its region a point lies, as the least exponent by which a condition holds."""
    return min((float(value_at(r, point.gamma, point.coordinates)) for r in phase.rows), default=0.0)


def laws(full: bool) -> Iterator[Verdict]:
    """Value, rate and slope of every phase of every network."""
    for network in networks() if full else ("quadratic", "diagonal"):
        for gamma in GAMMAS if full else (Fraction(5, 4),):
            seen: set[str] = set()
            for ray in rays(network, gamma):
                yield from _verdicts(ray, _unique(f"{network}/{gamma}/{ray.phase.phase}", seen))


def _unique(name: str, seen: set[str]) -> str:
    """Number the parts of a phase that is not convex."""
    part = next(n for n in ("", *(f".{k}" for k in range(2, 50))) if name + n not in seen)
    seen.add(name + part)
    return name + part


def _verdicts(ray: Ray, name: str) -> Iterator[Verdict]:
    p = ray.point
    where = f"n_eff = d^({p.a}), lam = d^({p.l}), Delta = d^({-p.zeta}), gamma = {p.gamma}"
    dimensions = [10.0 ** (ray.top * fraction) for fraction in (0.5, 0.75, 1.0)]
    distance = [ray.ratio(d) - 1.0 for d in dimensions]
    order = ray.next_order
    source = "no correction: accuracy of the solve" if order is None else f"next order {ray.phase.next_order}"
    if order == 0:
        source = f"square of the next order {ray.phase.next_order}, which is included"
    yield Verdict(
        f"law/{name}",
        f"error over law at d = 1e{ray.top:.0f}, {where}",
        "state evolution",
        1.0,
        1.0 + distance[-1],
        ray.tolerance(dimensions[-1]),
        source,
    )
    if order is not None:
        yield from _rate(name, order, dimensions, distance)


def _rate(
    name: str, order: float, dimensions: Sequence[float], distance: Sequence[float]
) -> Iterator[Verdict]:
    """The rate at which the error approaches its law, where rounding does not hide it."""
    (d, x), (e, y) = ((d, abs(x)) for d, x in zip(dimensions[:2], distance[:2], strict=True))
    if order == 0 or min(x, y) < 100 * ACCURACY or max(x, y) > 0.1:
        return
    measured = math.log(y / x) / math.log(e / d)
    yield Verdict(
        f"rate/{name}",
        f"exponent of (error / law - 1) between d = {d:.0e} and {e:.0e}",
        "state evolution",
        order,
        measured,
        0.1 * abs(order) + math.log(3.0) / math.log(e / d),
        "10 % and a factor of 3 for the orders after the next",
    )


FAMILIES = (Family("law", laws, seconds=70.0),)
