"""An exact point deep inside each phase, for the ray of problems through it.

A law is approached along ``n_eff = d^a, lam = d^l, Delta = d^-zeta`` at a rate that the derivation predicts at each
point. Of a grid of rational points the one is taken at which this rate is fastest: where the least exponent by which
any neglected term is behind is largest. At ``zeta = 0`` (noise of order one) wherever the phase reaches it.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from fractions import Fraction

import numpy as np

from asymptotix.asymptotics.cells import Cell
from asymptotix.asymptotics.diagram import PhaseDiagram, networks, phase_diagram
from asymptotix.asymptotics.growth import Affine
from asymptotix.asymptotics.phases import Phase
from asymptotix.asymptotics.points import Point
from asymptotix.checks.ray import Ray
from asymptotix.errors import InvalidInput
from asymptotix.networks import get

# Of the grids' points: simple ones, at which not too large a d makes every size a power of ten.
_DENOMINATORS = (1, 2, 3, 4, 5, 6, 8, 10, 12)
_FOR_SIMPLICITY = 0.01  # share of depth given up for each unit that the denominator is smaller
_ENOUGH = 0.6  # a term that far behind is gone at any dimension that is used
# Exponents of the noise, that of order one first: the first at which a phase exists is taken.
_NOISES = tuple(Fraction(x) for x in ("0", "1", "-1", "1/2", "-1/2", "1/4", "-1/4", "2", "-2"))
_FEWEST = -0.25  # of a: below, the noise is so far above the teacher that few digits of it are seen


def measurable() -> list[str]:
    """The networks whose phases can be measured at any dimension: those with symbols and many digits.

    >>> measurable()
    ['diagonal', 'quadratic', 'symmetric', 'bilinear']
    """
    found = [name for name in networks() if get(name).digits is not None]
    return [name for name in found if get(name).supply("digits").largest is None]


def deepest(
    network: str, gamma: Fraction, wanted: Callable[[str], bool] = lambda name: True
) -> Iterator[tuple[str, Ray | None]]:
    """Every part of every phase of a network by its name, of wanted names, with the ray through its deepest point.

    None where there is no such part at this ``gamma``.
    """
    diagram = phase_diagram(network)
    count: dict[str, int] = {}
    for phase in diagram.phases:
        count[phase.phase] = part = count.get(phase.phase, 0) + 1
        name = phase.phase if part == 1 else f"{phase.phase}.{part}"
        if wanted(name):
            yield name, _ray(diagram, phase, name, gamma)


def rays(network: str, gamma: Fraction) -> list[Ray]:
    """One ray through each part of each phase that exists at ``gamma``."""
    return [ray for _, ray in deepest(network, gamma) if ray is not None]


def _ray(diagram: PhaseDiagram, phase: Phase, name: str, gamma: Fraction) -> Ray | None:
    """Through the deepest point of one part of a phase."""
    for zeta in _NOISES if phase.gamma.contains_value(gamma) else ():
        found = [c for q in _DENOMINATORS for piece in phase.pieces for c in _deepest(piece, gamma, zeta, q)]
        for _, point in sorted(found, key=lambda c: (-c[0], c[1].coordinates)):
            here = _confirmed(diagram, phase, point, touching="." not in name)
            if here is not None:
                return Ray(here, name)
    return None


def _confirmed(diagram: PhaseDiagram, phase: Phase, point: Point, touching: bool) -> Phase | None:
    """The phase at a point, by the diagram's exact look-up; where it is, or whose side it touches."""
    try:
        here = diagram.at(point.gamma, point.a, point.l, point.zeta)
    except InvalidInput:
        return None
    return here if here.phase == phase.phase and _within(phase.rows, point, touching) else None


def _within(rows: Sequence[Affine], point: Point, touching: bool) -> bool:
    """Inside; or touching a face that the noise alone decides, if both sides have the same law."""
    values = [(point.number(r), bool(r.coords[1] or r.coords[2])) for r in rows]
    return all(value > 0 or (value == 0 and touching and not other) for value, other in values)


def _deepest(piece: Cell, gamma: Fraction, zeta: Fraction, q: int) -> list[tuple[float, Point]]:
    """The best few points with denominator ``q``: merit and point."""
    top = math.ceil(2 * gamma) + 2
    a, l = (  # noqa: E741
        x.ravel()
        for x in np.meshgrid(np.arange(math.ceil(_FEWEST * q), top * q + 1), np.arange(-2 * q, top * q + 1))
    )
    depth = np.full(a.shape, _ENOUGH)
    for form in _forms(piece, gamma, zeta):
        depth = np.minimum(depth, form[0] + form[1] * a / q + form[2] * l / q)
    merit = depth * (1.0 - _FOR_SIMPLICITY * (q - 1) - 1e-3 * (np.abs(a) + np.abs(l)) / q)
    merit[depth <= 1e-9] = -math.inf
    best = np.argsort(-merit, kind="stable")[:2]
    return [
        (float(merit[k]), Point(gamma, Fraction(int(a[k]), q), Fraction(int(l[k]), q), zeta))
        for k in best
        if merit[k] > -math.inf
    ]


def _forms(piece: Cell, gamma: Fraction, zeta: Fraction) -> Iterator[tuple[float, float, float]]:
    """What has to be positive inside, as ``b + p a + q l``: faces, leads of leading terms, corrections.

    A form that depends on the noise alone and vanishes is left out: at noise of order one its terms tie.
    """
    solution = piece.solution
    forms = [-c.exponent for c in solution.corrections if c.exponent]
    forms += [c.ratio.exponent for c in piece.conditions if c.ratio.exponent]
    for form in (*forms, *piece.region):
        b, p, q, r, _ = (x.at(gamma) for x in form.coords)  # the fifth is width's, which is no size here
        constant = b + r * zeta
        if p or q or constant:
            yield float(constant), float(p), float(q)
