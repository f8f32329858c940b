"""The quadratic networks' two equations, one-sided and symmetric.

In the bulk of the spectrum the unknowns say where on the support curve the threshold lies: ``log |w|`` and
``q = log(theta / (pi - theta))`` for the angle ``theta`` of the subordination point ``w``; noise scale and threshold
follow, ``1/t = sum 1/|w - a_i|^2`` and ``kappa = Re z(w)``, without a root to find, and the edge is ``q -> -inf``.
In a gap between coefficients the unknowns are ``log tau`` and ``log kappa``, and the integrals are constants.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property

from asymptotix.precise.arc_integrals import ArcIntegrals, integrate
from asymptotix.precise.backend import Backend, Number
from asymptotix.precise.equation_pair import Constants, State, Vector, balance
from asymptotix.precise.gaps import gap
from asymptotix.precise.resolvent import Resolvent
from asymptotix.precise.support_points import left
from asymptotix.precise.thresholded_side import Side, side


@dataclass(frozen=True)
class QuadraticEquations:
    """One problem in one arithmetic, on one stretch of the line of thresholds.

    Attributes:
        anchor, above: a point in the gap and the number of coefficients above it; None in the bulk.
        low: whether the threshold is far below the noise, 0 without a penalty: then the second equation is taken
            as ``kappa (nu - s) / L = 1`` or ``kappa = 0``, nearly linear in the angle as its logarithm is not.
        two_sided: the symmetric network.
    """

    b: Backend
    resolvent: Resolvent
    constants: Constants
    anchor: Number | None = None
    above: int | None = None
    low: bool = False
    two_sided: bool = False
    _unproven: list[bool] = field(default_factory=list)

    @property
    def d(self) -> int:
        return self.resolvent.spectrum.d

    @property
    def estimated(self) -> str:
        """What keeps the values so far from being enclosures."""
        if self._unproven:
            return "the second threshold's subordination point is not enclosed"
        return (
            "" if self.resolvent.proven else "the resolvent near the last coefficient is cut without a bound"
        )

    def state(self, unknowns: Vector) -> State:
        """Evaluate at ``(log |w|, q)`` in the bulk, at ``(log tau, log kappa)`` in a gap."""
        return self._in_gap(unknowns) if self.anchor is not None else self._in_bulk(unknowns)

    def point(self, unknowns: Vector) -> tuple[Number, Number, Number]:
        """``|w|``, ``theta`` and ``d theta / d q``."""
        b = self.b
        weight = 1 / (1 + b.exp(-unknowns[1]))
        return b.exp(unknowns[0]), b.pi * weight, b.pi * weight * (1 - weight)

    def _in_bulk(self, unknowns: Vector) -> State:
        b = self.b
        radius, angle, turn = self.point(unknowns)
        w = radius * b.cexp(b.complex(0, 1) * angle)
        g, g1 = self.resolvent.value(w), self.resolvent.slope(w)
        u, v = b.real(w), b.imag(w)
        mass = -b.imag(g) / v
        t = 1 / mass
        kappa = u + t * b.real(g)
        # by the plane's coordinates, then by the unknowns: dw = w (d log r + i d theta)
        mass_u = -b.imag(g1) / v
        mass_v = -b.real(g1) / v + b.imag(g) / v**2
        t_u, t_v = -t * t * mass_u, -t * t * mass_v
        k_u = 1 + t_u * b.real(g) + t * b.real(g1)
        k_v = t_v * b.real(g) - t * b.imag(g1)
        t_slopes = (t_u * u + t_v * v, turn * (t_v * u - t_u * v))
        k_slopes = (k_u * u + k_v * v, turn * (k_v * u - k_u * v))
        arcs = integrate(self.resolvent, radius, angle)
        share = side(b, self.d, t, kappa, g, arcs)
        return self._assemble(t, kappa, share, t_slopes, k_slopes)

    @cached_property
    def gap_arcs(self) -> ArcIntegrals:
        """Integrals from the anchor; none if it lies below all coefficients."""
        zero = self.b.number(0)
        if self.anchor is None or not self.anchor > 0:
            return ArcIntegrals(zero, zero, zero, zero, zero)
        return integrate(self.resolvent, self.anchor, zero)

    def _in_gap(self, unknowns: Vector) -> State:
        b = self.b
        tau, kappa = b.exp(unknowns[0]), b.exp(unknowns[1])
        t = tau * tau / self.d
        share = side(b, self.d, t, kappa, None, self.gap_arcs)
        zero = 0 * t
        return self._assemble(t, kappa, share, (2 * t, zero), (zero, kappa))

    def in_gap(self, state: State) -> bool:
        """Whether the threshold of a state, a box of balls, is in the gap for certain."""
        if self.anchor is None or self.above is None:
            raise ValueError("a threshold in the bulk")
        b, g, atoms = self.b, self.resolvent, self.resolvent.spectrum
        t = state.tau**2 / self.d
        place = gap(b, g, b.midpoint(t), self.above)
        beside = self.above == 0 or self.anchor < atoms.value(b.number(self.above))
        if self.above < atoms.rank:
            beside = beside and self.anchor > atoms.value(b.number(self.above + 1))
        g.proven = True
        return beside and place.holds(t, state.kappa) and g.proven

    def _assemble(self, t: Number, kappa: Number, share: Side, t_slopes: Vector, k_slopes: Vector) -> State:
        b, d = self.b, self.d
        if self.two_sided:
            share = share + self._left_side(t, kappa)
        tau2 = t * d
        risk = share.risk
        risk_t = share.j_t + 2 * t * share.j_tt + kappa * share.j_tk
        risk_k = 2 * t * share.j_tk + kappa * share.j_kk
        rho, dof = risk / tau2, share.j_t / d
        slopes: list[list[Number]] = [[], [], [], []]
        for t_y, k_y in zip(t_slopes, k_slopes, strict=True):
            slopes[0].append((risk_t * t_y + risk_k * k_y) / tau2 - rho * t_y / t)
            slopes[1].append((share.j_tt * t_y + share.j_tk * k_y) / d)
            slopes[2].append(t_y / t / 2)
            slopes[3].append(k_y / kappa)
        tau = b.sqrt(tau2)
        pairs = [(s[0], s[1]) for s in slopes]
        state = balance(b, self.constants, tau, kappa, (rho, dof), (pairs[0], pairs[1], pairs[2], pairs[3]))
        return self._linear(state, slopes, k_slopes) if self.low else state

    def _linear(self, state: State, slopes: Sequence[Sequence[Number]], k_slopes: Vector) -> State:
        """The same with the second equation linear in the threshold."""
        k, kappa, tau = self.constants, state.kappa, state.tau
        if k.penalty > 0:
            spare = k.nu - state.dof
            value = kappa * spare / k.penalty - 1
            row = [(k_slopes[y] * spare - kappa * slopes[1][y]) / k.penalty for y in (0, 1)]
        else:
            value = kappa / tau
            row = [(k_slopes[y] - kappa * slopes[2][y]) / tau for y in (0, 1)]
            kappa = self.b.number(0)
        values, jacobian = (state.values[0], value), (state.jacobian[0], (row[0], row[1]))
        return replace(state, kappa=kappa, values=values, jacobian=jacobian)

    def _left_side(self, t: Number, kappa: Number) -> Side:
        """The symmetric network's other threshold, where noise alone leaks."""
        b, zero = self.b, self.b.number(0)
        point = left(b, self.resolvent, t, -kappa)
        if not point.proven:
            self._unproven.append(True)
        if point.w is None:
            return Side(zero, zero, zero, zero, zero)
        w = point.w
        angle = b.pi / 2 - b.atan2(b.real(w), b.imag(w))
        arcs = integrate(self.resolvent, abs(w), angle)
        return side(b, self.d, t, -kappa, self.resolvent.value(w), arcs, left=True)
