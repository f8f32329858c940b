"""What integrals along arcs ask of a power law's resolvent: its series as sums of powers, and bounds around a point."""

from __future__ import annotations

import math
from typing import cast

from asymptotix.precise import remainders
from asymptotix.precise.backend import Backend, Number
from asymptotix.precise.oblong import Oblong
from asymptotix.precise.paired import Paired
from asymptotix.precise.power_values import RATIO, PowerValues, log_sum
from asymptotix.precise.powers import Powers
from asymptotix.precise.resolvent import SMOOTH, AllTerms, Closed, Resolvent, disc, near_atoms, positive
from asymptotix.precise.spectrum import Listed, PowerSpectrum, SquaredSpectrum, spectrum
from asymptotix.problem import Problem

# Up to this many coefficients, all are summed one by one.
_ALL_TERMS = 1500
# Sums of more powers than this are not multiplied out.
_MANY_POWERS = 150
# Largest reach of a bound in the complex angle.
_REACH = 1.25
# The series are short enough to this much below the border, in the logarithm of the index.
_MARGIN = 0.3


class PowerResolvent(PowerValues):
    """A power law in a large dimension."""

    def __init__(self, b: Backend, spectrum: PowerSpectrum) -> None:
        super().__init__(b, spectrum)
        self._closed: dict[tuple[int, int], Powers] = {}

    def closed(self, radius: Number) -> Closed | None:
        """Both series as one sum of powers, from the angle on where the integers are not felt."""
        log_size = self.b.magnitude(radius)
        if self._is_above_all(log_size):
            moments = self._moments(log_size)
            if len(moments) > _MANY_POWERS:
                return None
            bound = remainders.log_tail(self.float_gamma, len(moments), self.log_scale, 0.0, log_size, 0)
            return self._powers((-1, len(moments))), 0.0, bound
        if self.log_index(log_size) < math.log(self.border) or log_size < self.log_last + math.log(RATIO):
            return None
        counts = self._counts(log_size)
        sine = (1.001 * self.need + 1.0) / (2.0 * math.pi) * math.exp(-min(self.log_index(log_size), 700.0))
        start = self.float_gamma * math.asin(min(sine, 1.0)) * 1.0001
        if sum(counts) > _MANY_POWERS or sine >= 0.95 or start > 2.5:
            return None
        error = self._left_out(log_size, remainders.narrowest(self.float_gamma, start, math.pi), 0)
        if error is not None:
            log_index = self.log_index(log_size)
            error = log_sum(
                error, remainders.log_lattice(log_index, log_size, self.float_gamma, self.need + 1.0, 0)
            )
        return self._powers(counts), start, error

    def _powers(self, counts: tuple[int, int]) -> Powers:
        """Both series to so many terms; above all coefficients (-1) the moments alone."""
        if counts not in self._closed:
            above, below = counts
            falling = self._lower(below) if above >= 0 else self._known["moments"][:below]
            terms = {(0, -k - 1): x for k, x in enumerate(falling)}
            logarithmic, power = self.exponent == 1, None
            if above >= 0:
                terms.update({(0, k): x for k, x in enumerate(self._upper(above))})
                terms[(1, -2 if logarithmic else 0)] = self.front
                power = None if logarithmic else -1 - 1 / self.exponent
            self._closed[counts] = Powers(self.b, power, terms)
        return self._closed[counts]

    def stretch(self, low: Number, high: Number) -> tuple[Powers, float | None] | None:
        bottom, top = self.b.magnitude(low), self.b.magnitude(high)
        log_index = self.log_index(top)
        decay = self.decay(log_index, min(math.pi / self.float_gamma, 0.5 * math.pi))
        many = self.log_index(bottom) > log_index >= math.log(self.border) and decay > self.need + 1.0
        if not many or bottom < self.log_last + math.log(RATIO):
            return None
        # the upper end's series is longest at the top, the lower end's at the bottom, and so are their remainders
        counts = self._counts(top)[0], self._counts(bottom)[1]
        turned = remainders.rays(self.float_gamma, math.pi)
        errors = [self._left_out(x, turned, 0) for x in (bottom, top)]
        if sum(counts) > _MANY_POWERS or errors[0] is None or errors[1] is None:
            return None
        lattice = remainders.log_lattice(log_index, top, self.float_gamma, decay, 0)
        return self._powers(counts), log_sum(log_sum(errors[0], errors[1]), lattice)

    def clearance(self, radius: Number, angle: Number) -> float:
        index = math.exp(min(self.log_index(self.b.magnitude(radius)), 700.0))
        far = self.b.double(angle) * index > self.float_gamma * (4.0 * self.b.digits + 60.0)
        return SMOOTH if far and index > 10 * self.b.digits else super().clearance(radius, angle)

    def ceiling(self, radius: Number, angle: Number, reach: float) -> Number | None:
        b = self.b
        log_size = b.magnitude(radius)
        if reach > _REACH:
            return None
        around = disc(b, radius, angle, reach)
        least = min(self.log_index(log_size), self.log_index(log_size + reach) + _MARGIN)
        if least < math.log(self.border):
            # no |w| is smaller; the disc's bound is coarser
            rest = (self.d - len(self.head)) / positive(b, around[2] - self.head[-1])
            return near_atoms(b, self.head, around) + rest
        if log_size < self.log_last + math.log(RATIO) + reach:
            return None
        middle = b.double(angle)
        turned = remainders.narrowest(self.float_gamma, middle - reach, middle + reach)
        errors = [x for y in (-reach, reach) if (x := self._left_out(log_size + y, turned, 0)) is not None]
        if len(errors) < 2:
            return None
        powers = self._powers(self._counts(log_size))
        sizes = [powers.ceiling(radius * b.exp(b.number(x))) for x in (-reach, reach)]
        rest = b.exp(b.number(log_sum(errors[0], errors[1])))
        return sizes[0] + sizes[1] + rest + self._lattice_ceiling(around, b.double(angle), reach)

    def _lattice_ceiling(self, around: tuple[Number, ...], angle: float, reach: float) -> Number:
        """``|e^(2 pi i p) - 1| >= 4 delta e^(-pi max(Im p, 0))`` at a distance ``delta`` from the integers.

        And ``>= e^(2 pi y) - 1`` where ``-Im p >= y``, for angles of ``p`` from 0 to less than ``pi``.
        """
        b, centre = self.b, around[0]
        p = (centre / self.scale) ** (-1 / self.gamma)
        growth = b.exp(b.number(1.001 * reach) / self.gamma)
        distance = abs(p) * (growth - 1)
        real = p.real
        nearest = b.floor(real + b.number(1) / 2)
        delta = positive(b, abs(p - nearest) - distance)
        rise = b.exp(b.pi * (abs(p.imag + distance) + p.imag + distance) / 2)
        n = abs(p) * growth / (self.gamma * abs(centre)) * b.exp(b.number(1.001 * reach))
        low, high = ((angle + side * 1.001 * reach) / self.float_gamma for side in (-1, 1))
        if low > 0 and high < 0.99 * math.pi:
            depth = abs(p) / growth * b.number(0.999 * min(math.sin(low), math.sin(high)))
            if depth > delta:
                return 2 * b.pi * n / (b.exp(2 * b.pi * depth) - 1)
        return b.pi / 2 * n * rise / delta


def resolvent(b: Backend, problem: Problem) -> Resolvent:
    """The resolvent that suits a problem's teacher, made once in an arithmetic."""
    pairs = paired(problem)
    key = problem.teacher, problem.d, problem.features, pairs
    if key not in b.memory:
        atoms = spectrum(b, problem)
        power = isinstance(atoms, PowerSpectrum) and atoms.d > _ALL_TERMS
        if power:
            law = cast(PowerSpectrum, atoms)
            plain: Resolvent = PowerResolvent(b, law.squared() if pairs else law)
        else:
            plain = AllTerms(b, SquaredSpectrum(atoms) if pairs else atoms)
        b.memory[key] = behind_noise(plain, atoms, problem) if pairs else plain
    return cast(Resolvent, b.memory[key])


def behind_noise(squares: Resolvent, positive: Listed, problem: Problem) -> Paired | Oblong:
    """That of a matrix with these singular values, square or with fewer rows."""
    if problem.features < problem.d:
        return Oblong(squares, positive, problem.d)
    return Paired(squares, positive)


def paired(problem: Problem) -> bool:
    """Whether the network's coefficients are ``+-a_i``."""
    return bool(problem.net.supply("digits").paired)
