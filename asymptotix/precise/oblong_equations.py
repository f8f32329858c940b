"""The two equations of the bilinear network with fewer rows than columns (`asymptotix.precise.oblong`)."""

from __future__ import annotations

from asymptotix.precise.arc_integrals import Side, integrate
from asymptotix.precise.backend import Number
from asymptotix.precise.equation_pair import State, Vector
from asymptotix.precise.oblong import HALVINGS, Oblong, Point
from asymptotix.precise.spectral_equations import SpectralEquations


class OblongEquations(SpectralEquations):
    """The two equations of one problem, on one stretch of the line of thresholds; unknowns are those of ``s``."""

    resolvent: Oblong

    def _in_bulk(self, unknowns: Vector) -> State:
        b, g = self.b, self.resolvent
        weight = 1 / (1 + b.exp(-unknowns[1]))
        i, angle, turn = b.complex(0, 1), b.pi * weight, b.pi * weight * (1 - weight)
        s = b.exp(unknowns[0]) * b.exp(i * angle)
        first = g.here(b.number(0), s)
        # Im Z = 0, a quadratic equation, is the smallest t: that of the physical sheet
        lean = b.sqrt(first.sg.imag**2 - first.pair.imag * s.imag)
        t = s.imag / (lean - first.sg.imag)
        here = g.here(t, s)
        kappa = b.sqrt(here.square.real)
        moves = here.moves, i * turn * here.moves
        t_slopes = [-x.imag / here.by_t.imag for x in moves]
        k_slopes = [(x.real + here.by_t.real * y) / (2 * kappa) for x, y in zip(moves, t_slopes, strict=True)]
        return self._assemble(
            t, kappa, self._side(t, kappa, s, here), (t_slopes[0], t_slopes[1]), (k_slopes[0], k_slopes[1])
        )

    def _gap_side(self, t: Number, kappa: Number) -> Side:
        return self._side(t, kappa, self._anchor(self.b.midpoint(t)), None)

    def _anchor(self, t: Number) -> Number:
        """A real point on the physical sheet, between the coefficients of this gap."""
        b, g = self.b, self.resolvent
        if self.above is None or self.anchor is None or self.above < g.spectrum.rank:
            return self.anchor
        low, high = g.outside(t, None, None), g.spectrum.value(b.number(self.above))
        for _ in range(HALVINGS):  # up to where Z is largest
            middle = b.midpoint((low + high) / 2)
            low, high = (middle, high) if g.openness(t, middle) > 0 else (low, middle)
        return low

    def _side(self, t: Number, x: Number, s: Number, here: Point | None) -> Side:
        """The threshold's share, from its point or, in a gap, from one on the real axis, where all is real."""
        b, pi, g, e = self.b, self.b.pi, self.resolvent, self.resolvent.spare
        rows = g.spectrum.d
        beyond = here is None and self.above == 0
        arcs = integrate(g, abs(s), b.angle(b.complex(s, 0)) if here is None else b.angle(s))
        odd, odd_t = (b.number(0),) * 2 if beyond else g.odd(t, b.complex(s, 0) if here is None else s)
        # residues at infinity; that of s g is the teacher's own size, which cancels
        i_g, i_sgg = arcs.g - pi * rows, arcs.wgg - pi * rows**2
        i_sg, i_gg, i_sggg = arcs.wwg, arcs.gg, arcs.ggg
        zero = b.number(0)
        squared = cubed = mixed = pairs = pair = log = zero
        if here is not None:
            squared = (here.sg**2).imag
            cubed = (here.sg * here.sg * here.g / 3 + e * here.sg * here.g / 2).imag
            mixed, pairs, pair = (here.sg * here.pair).imag, (here.pair**2).imag, here.pair.imag
            log = b.log(1 + t * here.g).imag
        a, second = i_sgg + e * i_g, i_sggg / 3 + e * i_gg / 2 - cubed
        count = (i_g - t * pair + e * log) / 2
        j_tx = 2 / pi * odd
        risk = i_sg - t * squared - t * t * mixed - t * a - 3 * t * t * second + t**3 * pairs / 2
        risk = (risk - 2 * x * x * count) / pi + 2 * x * t * j_tx
        j_t = -(a + 2 * t * second - t * t * pairs / 2) / pi + x * j_tx
        j_tt = (-2 * mixed - 2 * second - t * pairs - e * pair - x * odd_t) / pi
        return Side(risk, j_t, j_tt, j_tx, -4 / pi * count)
