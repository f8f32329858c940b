"""The quadratic networks' two equations, one-sided and symmetric, and the bilinear network's.

In the bulk of the spectrum the unknowns say where on the support curve the threshold lies: ``log |w|`` and
``q = log(theta / (pi - theta))`` for the angle ``theta`` of the subordination point ``w``; noise scale and threshold
follow, ``1/t = sum 1/|w - a_i|^2`` and ``kappa = Re z(w)``, without a root to find, and the edge is ``q -> -inf``.
In a gap between coefficients the unknowns are ``log tau`` and ``log kappa``, and the integrals are constants.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property

from asymptotix.precise.arc_integrals import NO_ARC, NO_SIDE, ArcIntegrals, Side, integrate, side
from asymptotix.precise.backend import Backend, Number
from asymptotix.precise.equation_pair import Constants, State, Vector, balance
from asymptotix.precise.gaps import gap
from asymptotix.precise.resolvent import BOTH, Resolvent
from asymptotix.precise.spectrum import Spectrum
from asymptotix.precise.support_points import left

_ALONE = "; that the equations have no other root is observed, not proved"


@dataclass(frozen=True)
class SpectralEquations:
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
    two_sided: bool
    low: bool = False
    anchor: Number | None = None
    above: int | None = None
    _unproven: list[bool] = field(default_factory=list)

    @property
    def d(self) -> int:
        return self.resolvent.columns

    @property
    def estimated(self) -> str:
        """What keeps the values so far from being enclosures."""
        if self._unproven:
            return "the second threshold's subordination point is not enclosed"
        return (
            "" if self.resolvent.proven else "the resolvent near the last coefficient is cut without a bound"
        )

    def caveat(self, state: State) -> str:
        if self.above is None:
            return _ALONE
        if self.in_gap(state):
            return f"; the threshold proven to be in the gap below {self.above} coefficients{_ALONE}"
        return f"{_ALONE}; that the threshold lies in this gap of the spectrum is checked, not enclosed"

    def state(self, unknowns: Vector) -> State:
        """Evaluate at ``(log |w|, q)`` in the bulk, at ``(log tau, log kappa)`` in a gap."""
        return self._in_gap(unknowns) if self.anchor is not None else self._in_bulk(unknowns)

    def _in_bulk(self, unknowns: Vector) -> State:
        b = self.b
        weight = 1 / (1 + b.exp(-unknowns[1]))
        radius, angle, turn = b.exp(unknowns[0]), b.pi * weight, b.pi * weight * (1 - weight)
        w = radius * b.exp(b.complex(0, 1) * angle)
        g, g1 = self.resolvent.values(w, BOTH)
        u, v = w.real, w.imag
        t = -v / g.imag
        kappa = u + t * g.real
        # by the plane's coordinates, then by the unknowns: dw = w (d log r + i d theta)
        t_u, t_v = t * t * g1.imag / v, t * t * (g1.real - g.imag / v) / v
        k_u = 1 + t_u * g.real + t * g1.real
        k_v = t_v * g.real - t * g1.imag
        t_slopes = (t_u * u + t_v * v, turn * (t_v * u - t_u * v))
        k_slopes = (k_u * u + k_v * v, turn * (k_v * u - k_u * v))
        arcs = integrate(self.resolvent, radius, angle)
        share = side(b, self.d, t, kappa, g, arcs, end=self.resolvent.end)
        return self._assemble(t, kappa, share, t_slopes, k_slopes)

    @cached_property
    def gap_arcs(self) -> ArcIntegrals:
        """Integrals from the anchor; none if it lies below all coefficients."""
        above_zero = self.anchor is not None and self.anchor > 0
        return integrate(self.resolvent, self.anchor, self.b.number(0)) if above_zero else NO_ARC

    def _in_gap(self, unknowns: Vector) -> State:
        b = self.b
        tau, kappa = b.exp(unknowns[0]), b.exp(unknowns[1])
        t = tau * tau / self.d
        return self._assemble(t, kappa, self._gap_side(t, kappa), (2 * t, 0 * t), (0 * t, kappa))

    def _gap_side(self, t: Number, kappa: Number) -> Side:
        """The share of a threshold in the gap."""
        return side(self.b, self.d, t, kappa, None, self.gap_arcs, end=self.resolvent.end)

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
        risk_t = share.j_t + 2 * t * share.j_tt + kappa * share.j_tk
        risk_k = 2 * t * share.j_tk + kappa * share.j_kk
        rho, dof = share.risk / tau2, share.j_t / d
        tau = b.sqrt(tau2)
        size = tau if self.low else kappa  # a threshold far below the noise may be 0, and has no logarithm
        by_unknown = [
            (
                (risk_t * t_y + risk_k * k_y) / tau2 - rho * t_y / t,
                (share.j_tt * t_y + share.j_tk * k_y) / d,
                t_y / t / 2,
                k_y / size,
            )
            for t_y, k_y in zip(t_slopes, k_slopes, strict=True)
        ]
        slopes = list(zip(*by_unknown, strict=True))
        state = balance(b, self.constants, tau, size, (rho, dof), slopes)
        state = replace(state, count=share.j_kk / 2)  # J is the sum of the squares beyond the threshold
        return self._linear(state, kappa, slopes, k_slopes) if self.low else state

    def _linear(
        self, state: State, kappa: Number, slopes: Sequence[Sequence[Number]], k_slopes: Vector
    ) -> State:
        """The same with the second equation linear in the threshold."""
        k, tau = self.constants, state.tau
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
        b = self.b
        w, proven = left(b, self.resolvent, t, -kappa)
        if not proven:
            self._unproven.append(True)
        if w is None:
            return NO_SIDE
        arcs = integrate(self.resolvent, abs(w), b.angle(w))
        return side(b, self.d, t, -kappa, self.resolvent.value(w), arcs, left=True)


def between(b: Backend, spectrum: Spectrum, above: int) -> Number:
    """A point of the gap below ``above`` coefficients."""
    if above == 0:
        return 2 * spectrum.value(b.number(1))
    high = spectrum.value(b.number(above))
    if above >= spectrum.rank:
        return b.number(-1) if spectrum.rank == spectrum.d else high / 2
    return b.midpoint((spectrum.value(b.number(above + 1)) + high) / 2)
