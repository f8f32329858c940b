"""The arithmetic underneath: python-flint's balls, the engine, and mpmath, the reference.

A number is whatever the arithmetic makes it (``arb``, ``mpf``) and knows ``+ - * / **`` with itself and with integers,
``.real`` and ``.imag``; what differs goes through `Backend`. With balls every operation encloses its own rounding, and
`Backend.widen` adds the error of a truncation: a value that comes out is a theorem. In the reference it does nothing.

Precision is never global: mpmath works in a context of its own, and flint's one global setting is changed in
`working` alone, which restores it however the block ends. (flint's setting is shared by threads; use processes.)
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from fractions import Fraction
from functools import lru_cache
from operator import attrgetter, methodcaller
from typing import Any

import flint
import mpmath
from flint import acb, arb
from mpmath import MPContext

from asymptotix.errors import InvalidInput

#: A number of the arithmetic in use, and a function of such numbers.
Number = Any
Function = Any

# Binary digits of a logarithm that becomes a double.
_COARSE = 64

# Terms of Euler and Maclaurin's sum that cost less than flint's own zeta function.
_FEW = 12

ENGINES = ("flint", "mpmath")


def far_zeta(s: arb, a: int, digits: int) -> arb | None:
    """``zeta(s, a)`` by Euler and Maclaurin at ``x = a - 1/2``; None where flint's own costs less.

    With ``q = (2 |s| + 2 p + 6) / (2 pi x) < 1/4`` what ``p`` terms leave out is below ``9 x^(1-s) q^(2p+2)``: a term
    (`asymptotix.precise.euler`) is below ``4 x^(1-s) q^(2k)``, and so is the remainder once ``s + 2 k > 2``.
    """
    x, size = arb(2 * a - 1) / 2, abs(float(s))
    for terms in range(1, _FEW + 1):
        log_q = math.log((2.0 * size + 2 * terms + 6) / math.pi) - math.log(2 * a - 1)
        if log_q < -math.log(4.0) and -(2 * terms + 2) * log_q > (digits + 10) * math.log(10.0):
            break
    else:
        return None
    total, factor = x / (s - 1), arb(1)
    for j in range(1, 2 * terms):
        factor *= -(s + (j - 1)) / (j * x)
        if j % 2:
            total += (1 - arb(2) ** -j) * arb.bernoulli(j + 1) / (j + 1) * factor
    edge = (9 * x * arb(log_q).exp() ** (2 * terms + 2) * arb(1.001)).abs_upper()
    return (total + edge.union(-edge)) * (-s * x.log()).exp()


class Backend:
    """Ball arithmetic with ``digits`` decimal digits, at the precision of the `working` block around it."""

    name = "flint"
    double: Function = float
    real, imag = attrgetter("real"), attrgetter("imag")
    exp: Function = methodcaller("exp")
    log: Function = methodcaller("log")
    sqrt: Function = methodcaller("sqrt")
    sin: Function = methodcaller("sin")
    erfc: Function = methodcaller("erfc")
    zeta: Function = methodcaller("zeta")
    #: The number, real or complex, without its error bound.
    midpoint: Function = methodcaller("mid")
    #: Upper bound of the error; 0 where none is kept.
    radius: Function = methodcaller("rad")

    def __init__(self, digits: int) -> None:
        self.digits = digits
        #: What is worth keeping as long as this arithmetic lasts.
        self.memory: dict[Any, Any] = {}
        self.pi: Number = arb.pi()
        self.complex: Function = acb
        self.atan2: Function = arb.atan2
        self.bernoulli: Function = arb.bernoulli

    def number(self, value: Any) -> Number:
        """An int, float, Fraction, decimal string or number of either arithmetic."""
        if isinstance(value, Fraction):
            return arb(value.numerator) / value.denominator
        if isinstance(value, mpmath.ctx_mp_python._mpf):
            sign, mantissa, exponent, _ = value._mpf_
            return arb(-mantissa if sign else mantissa) * arb(2) ** exponent
        return arb(value)

    def angle(self, w: Number) -> Number:
        """``arg w`` in the upper half-plane, up to ``pi`` without a cut."""
        return self.pi / 2 - self.atan2(w.real, w.imag)

    def hurwitz(self, s: Number, a: int) -> Number:
        """``zeta(s, a)``."""
        found = far_zeta(arb(s), a, self.digits)
        return acb(s).zeta(acb(a)).real if found is None else found

    def digamma(self, w: Number, order: int) -> Number:
        """``psi`` (order 0) or its derivative (order 1) of a complex number."""
        if order == 0:
            return w.digamma()
        if w.real.mid() > 0:
            return w.polygamma(1)
        return (arb.pi() / w.sin_pi()) ** 2 - (1 - w).polygamma(1)

    def hyp2f1(self, q: Number, w: Number) -> Number:
        """Gauss's ``F(1, q; 1 + q; w)`` of a complex argument."""
        # that q - (1 + q) and 1 + q - (1 + q) are integers cannot be seen from balls; without it, nan around |w| = 1
        return acb(w).hypgeom_2f1(1, q, 1 + q, bc=True, abc=True)

    def legendre(self, order: int) -> list[tuple[Number, Number]]:
        """Nodes and weights of Gauss-Legendre quadrature on [-1, 1]."""
        return _balls(order, flint.ctx.prec)

    def polynomial(self, coefficients: Sequence[Number]) -> tuple[Function, Function]:
        """The function ``sum c_k x^k`` of a complex number, of real coefficients; and that with its derivative."""
        known = flint.arb_poly([*coefficients])
        slope = known.derivative()
        return known, lambda x: (known(x), slope(x))

    def widen(self, x: Number, bound: Number) -> Number:
        """The same number, known up to ``bound`` less well."""
        edge = bound.abs_upper()
        return x + edge.union(-edge)

    def cwiden(self, w: Number, log_bound: float) -> Number:
        """A complex number, known up to ``exp(log_bound)`` less well."""
        edge = arb((1, math.ceil(log_bound / math.log(2.0)) + 1))
        both = edge.union(-edge)
        return w + acb(both, both)

    def floor(self, x: Number) -> int:
        """An integer at, or for huge numbers near, the floor."""
        whole = x.mid().floor()
        exact = whole.unique_fmpz()
        return int(whole.mid().floor().mid().unique_fmpz() if exact is None else exact)

    def magnitude(self, x: Number) -> float:
        """``log |x|`` of the midpoint as a double, ``-inf`` for 0."""
        middle = x.mid()
        if middle == 0:
            return -math.inf
        with _precision(_COARSE):
            return float(abs(middle).log())

    def text(self, x: Number, digits: int) -> str:
        """Decimal digits of the midpoint."""
        return str(x.mid().str(digits, radius=False))


class Reference(Backend):
    """mpmath in a context of its own: the same operations, rounded and not enclosed."""

    name = "mpmath"

    def __init__(self, digits: int) -> None:
        super().__init__(digits)
        self.context = mp = MPContext()
        self.context.prec = bits(digits)
        self.pi, self.complex, self.atan2, self.bernoulli = +mp.pi, mp.mpc, mp.atan2, mp.bernoulli
        self.exp, self.log, self.sqrt, self.sin = mp.exp, mp.log, mp.sqrt, mp.sin
        self.erfc, self.zeta, self.midpoint, self.radius = mp.erfc, mp.zeta, lambda x: x, lambda x: mp.mpf(0)

    def number(self, value: Any) -> Number:
        mp = self.context
        if isinstance(value, Fraction):
            return mp.mpf(value.numerator) / value.denominator
        if isinstance(value, arb):
            mantissa, exponent = value.mid().man_exp()
            return mp.ldexp(mp.mpf(int(mantissa)), int(exponent))
        return mp.mpf(value)

    def hurwitz(self, s: Number, a: int) -> Number:
        return self.context.zeta(s, a)

    def digamma(self, w: Number, order: int) -> Number:
        return self.context.psi(order, w)

    def hyp2f1(self, q: Number, w: Number) -> Number:
        return self.context.hyp2f1(1, q, 1 + q, w)

    def legendre(self, order: int) -> list[tuple[Number, Number]]:
        make = self.context.make_mpf
        return [(make(x), make(w)) for x, w in _legendre(order, self.context.prec)]

    def polynomial(self, coefficients: Sequence[Number]) -> tuple[Function, Function]:
        falling, value = [*reversed(coefficients)], self.context.polyval
        return lambda x: value(falling, x), lambda x: value(falling, x, derivative=True)

    def widen(self, x: Number, bound: Number) -> Number:
        return x

    def cwiden(self, w: Number, log_bound: float) -> Number:
        return w

    def floor(self, x: Number) -> int:
        return int(self.context.floor(x))

    def magnitude(self, x: Number) -> float:
        return float(mpmath.mp.log(abs(x))) if x else -math.inf

    def text(self, x: Number, digits: int) -> str:
        return str(self.context.nstr(x, digits, strip_zeros=False))


def bits(digits: int) -> int:
    """Binary digits for ``digits`` decimal ones, and a few to round in."""
    return math.ceil(digits * 3.3219281) + 12


@contextmanager
def _precision(binary: int) -> Iterator[None]:
    before = flint.ctx.prec
    flint.ctx.prec = binary
    try:
        yield
    finally:
        flint.ctx.prec = before


@contextmanager
def working(engine: str, digits: int) -> Iterator[Backend]:
    """Arithmetic with ``digits`` decimal digits for the length of a block.

    Raises:
        InvalidInput: an engine there is none of.

    >>> before = flint.ctx.prec
    >>> with working("flint", 30) as b:
    ...     b.text(b.number("0.1"), 30)
    '0.100000000000000000000000000000'
    >>> flint.ctx.prec == before
    True
    """
    if engine not in ENGINES:
        raise InvalidInput("engine", engine, f"one of {', '.join(ENGINES)}")
    if engine == "mpmath":
        yield Reference(digits)
    else:
        with _precision(bits(digits)):
            yield Backend(digits)


@lru_cache(maxsize=64)
def _balls(order: int, precision: int) -> list[tuple[Number, Number]]:
    return [arb.legendre_p_root(order, k, True) for k in range(order)]


@lru_cache(maxsize=64)
def _legendre(order: int, precision: int) -> list[tuple[Any, Any]]:
    """Legendre nodes by Newton's method, without anything from flint, as raw mpmath values."""
    context = MPContext()
    context.prec = precision + 20
    found = []
    for k in range(order):
        x, step, last = context.cos(context.pi * (k + 0.75) / (order + 0.5)), context.one, False
        while not last:  # one step more than to half of the digits gives all of them
            last = abs(step) < context.ldexp(1, -precision // 2 - 12)
            value, slope = _legendre_value(context, order, x)
            step = value / slope
            x -= step
        _, slope = _legendre_value(context, order, x)
        found.append((x._mpf_, (2 / ((1 - x * x) * slope * slope))._mpf_))
    return found


def _legendre_value(mp: MPContext, order: int, x: Number) -> tuple[Number, Number]:
    before, here = mp.one, x
    for k in range(2, order + 1):
        before, here = here, ((2 * k - 1) * x * here - (k - 1) * before) / k
    return here, order * (x * here - before) / (x * x - 1)
