r"""Many digits for diagonal networks of more than two layers: estimates that jump, by Gauss-Legendre quadrature.

In units of the noise the proximal map of ``c |u|^q`` is 0 up to the threshold ``y*`` and follows ``y = u + B(u)`` from
``u* = y* (2-2q)/(2-q)`` on, ``B(u) = (y* - u*) (u/u*)^(q-1)``. With ``w = y(u) - a``, for both signs of ``a``,

    r = a^2 P(|a + z| < y*) + sum int_(u*)^oo phi(w) y'(u) (u - a)^2 du
    s = sum [ int_(u*)^oo phi(w) du + u* phi(y* - a) ]

Unknowns are ``log tau`` and ``log y*``; the threshold of the two equations is ``kappa = tau c (tau sqrt d)^(1-q)``.
Quadrature agrees between precisions, its error is not enclosed, and the penalty is not convex: digits, and no proof.
"""

from __future__ import annotations

import math
from functools import cached_property
from typing import Any

from asymptotix.precise.backend import Number
from asymptotix.precise.closed_forms import ClosedForm
from asymptotix.precise.equation_pair import Method, Start, State, Vector, balance
from asymptotix.precise.euler import LN10
from asymptotix.precise.scalar_equations import ScalarEquations, first_solution
from asymptotix.problem import Problem

# Widest panel, in standard deviations, and nodes for a digit in it: twice what digits that double need.
_WIDEST, _NODES = 2.0, 0.8
#: (u, weight, y, y', dy/dlog y*, dy'/dlog y*) at one node.
Node = tuple[Number, ...]


class Jumps(ScalarEquations):
    """One problem in one arithmetic."""

    estimated = "its integrals over the noise are no enclosures, and its penalty is not convex"

    @cached_property
    def q(self) -> Number:
        return self.b.number(self.problem.net.power)

    def state(self, unknowns: Vector) -> State:
        b, q = self.b, self.q
        tau, top = b.exp(unknowns[0]), b.exp(unknowns[1])
        size = top * (2 - 2 * q) / (2 - q)
        known, end = self.spectrum, self.spectrum.rank
        a = [known.value(b.number(i)) / tau for i in range(1, end + 1)]
        nodes = self._nodes(top, size, b.double(a[0]) if a else 0.0)
        sizes = [(1, x) for x in a] + [(self.problem.d - end, 0 * top)] * (end < self.problem.d)
        each = [[count * y for y in self._one(x, top, size, nodes)] for count, x in sizes]
        rho, dof, rho_t, dof_t, rho_a, dof_a = (sum(column, 0 * top) for column in zip(*each, strict=True))
        strength = b.exp((2 - q) * b.log(size)) / (2 * (1 - q))
        kappa = tau * strength * b.exp((1 - q) * b.log(tau * b.sqrt(b.number(self.problem.d))))
        one = top / top
        slopes = ((-rho_a, rho_t), (-dof_a, dof_t), (one, 0 * top), (2 - q, 2 - q))
        return balance(b, self.constants, tau, kappa, (rho, dof), slopes)

    def caveat(self, state: State) -> str:
        return ""

    @cached_property
    def _reach(self) -> float:
        return math.sqrt(2.0 * (self.b.digits + 3) * LN10)

    def _nodes(self, top: Number, size: Number, largest: float) -> list[Node]:
        """Panels that double in size from ``u*``, away from the singularity at 0, up to the largest observation."""
        b, q, low, nodes = self.b, self.q, size, []
        rule = b.legendre(max(12, math.ceil(_NODES * (self.b.digits + 6))))
        last = b.double(top) + largest + self._reach
        while b.double(low) < last:
            half = min(b.double(low), _WIDEST) / 2
            middle = low + b.number(half)
            for x, w in rule:
                u = middle + b.number(half) * x
                bias = (top - size) * b.exp((q - 1) * (b.log(u) - b.log(size)))
                lean = (q - 1) * bias / u
                nodes.append((u, w * b.number(half), u + bias, 1 + lean, (2 - q) * bias, (2 - q) * lean))
            low = low + b.number(2 * half)
        return nodes

    def _one(self, a: Number, top: Number, size: Number, nodes: list[Node]) -> list[Number]:
        """``r``, ``s``, their derivatives by ``log y*``, and ``a`` times those by ``a``."""
        b, q = self.b, self.q
        front, root2 = 1 / b.sqrt(2 * b.pi), b.sqrt(b.number(2))
        inside = (b.erfc((a - top) / root2) - b.erfc((a + top) / root2)) / 2
        near, far = (front * b.exp(-((top + x) ** 2) / 2) for x in (-a, a))
        r, r_t = a * a * inside, a * a * top * (near + far)
        r_a = 2 * a * inside - a * a * (near - far)
        s = s_t = s_a = 0 * top
        for sign, edge in ((1, near), (-1, far)):
            centre = sign * a
            middle, w_star = b.double(centre), top - centre
            for u, weight, y, slope, y_t, slope_t in nodes:
                if abs(b.double(y) - middle) > self._reach:
                    continue
                w = y - centre
                phi = weight * front * b.exp(-w * w / 2)
                miss, lean = u - centre, w * phi
                square = miss * miss
                r, s = r + phi * slope * square, s + phi
                r_t, s_t = r_t + (phi * slope_t - lean * y_t * slope) * square, s_t - lean * y_t
                r_a = r_a + sign * slope * (lean * square - 2 * phi * miss)
                s_a = s_a + sign * lean
            r_t = r_t - edge * (1 - q / 2) * (size - centre) ** 2 * size
            s, s_t = s + size * edge, s_t - size * top * w_star * edge
            s_a = s_a + sign * size * w_star * edge
        return [r, s, r_t, s_t, a * r_a, a * s_a]


def start(problem: Problem, near: Any) -> Start | ClosedForm:
    """A first solution; from nothing, or where the problem's doubles are."""
    place = None
    if near is not None and math.isfinite(near.log_eps):
        q = float(problem.net.power)
        log_size = (near.log_eps - (2.0 - q) * near.log_delta + math.log(2.0 - 2.0 * q)) / (2.0 - q)
        place = near.log_delta - 0.5 * math.log(problem.d), log_size + math.log((2.0 - q) / (2.0 - 2.0 * q))
    return first_solution(problem, None, Jumps.of, closed=False, place=place)


#: Diagonal networks of more than two layers.
JUMPS = Method(start, Jumps.of, lambda problem, digits: 0.1 * problem.d * (digits / 62.0) ** 2.5, largest=300)
