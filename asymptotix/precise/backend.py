"""The arithmetic underneath: mpmath, the reference, and python-flint balls, the engine.

Both are seen through one small protocol. A number is whatever the backend makes it (``mpf``, ``arb``) and knows
``+ - * / **`` with itself and with integers; what differs goes through the backend. In the ball backend
every operation encloses its own rounding, and `Backend.widen` adds the error of a truncation: a value that
comes out is a theorem. In the mpmath backend `widen` does nothing.

Precision is never global: mpmath works in a context of its own, and flint's one global setting is changed in
`working` alone, which restores it however the block ends. (flint's setting is shared by threads; use processes.)
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from contextlib import contextmanager
from fractions import Fraction
from functools import lru_cache
from typing import Any, Protocol

import flint
import mpmath
from flint import acb, arb
from mpmath import MPContext

from asymptotix.errors import InvalidInput

#: A number of the backend in use.
Number = Any

# Binary digits of a logarithm that becomes a double.
_COARSE = 64

ENGINES = ("flint", "mpmath")


class Backend(Protocol):
    """Arithmetic with ``digits`` decimal digits."""

    name: str
    digits: int
    pi: Number
    #: What is worth keeping as long as this arithmetic lasts.
    memory: dict[Any, Any]

    def number(self, value: Any) -> Number:
        """An int, float, Fraction, decimal string or number of either backend."""

    def complex(self, real: Number, imag: Number) -> Number: ...
    def exp(self, x: Number) -> Number: ...
    def log(self, x: Number) -> Number: ...
    def sqrt(self, x: Number) -> Number: ...
    def erfc(self, x: Number) -> Number: ...
    def bernoulli(self, n: int) -> Number: ...
    def sin(self, x: Number) -> Number: ...
    def zeta(self, s: Number) -> Number: ...
    def real(self, w: Number) -> Number: ...
    def imag(self, w: Number) -> Number: ...
    def cexp(self, w: Number) -> Number: ...
    def clog(self, w: Number) -> Number: ...

    def cpower(self, w: Number, power: Number) -> Number:
        """``w^power`` of a complex number, on the principal branch."""

    def hurwitz(self, s: Number, a: int) -> Number:
        """``zeta(s, a)``."""

    def digamma(self, w: Number, order: int) -> Number:
        """``psi`` (order 0) or its derivative (order 1) of a complex number."""

    def atan2(self, y: Number, x: Number) -> Number: ...

    def cmid(self, w: Number) -> Number:
        """A complex number without its error bounds."""

    def hyp2f1(self, q: Number, w: Number) -> Number:
        """Gauss's ``F(1, q; 1 + q; w)`` of a complex argument."""

    def double(self, x: Number) -> float:
        """A real number as a double, saturated."""

    def legendre(self, order: int) -> list[tuple[Number, Number]]:
        """Nodes and weights of Gauss-Legendre quadrature on [-1, 1]."""

    def midpoint(self, x: Number) -> Number:
        """The number without its error bound."""

    def radius(self, x: Number) -> Number:
        """Upper bound of the error; 0 where the backend keeps none."""

    def widen(self, x: Number, bound: Number) -> Number:
        """The same number, known up to ``bound`` less well."""

    def cwiden(self, w: Number, log_bound: float) -> Number:
        """A complex number, known up to ``exp(log_bound)`` less well."""

    def floor(self, x: Number) -> int:
        """An integer at, or for huge numbers near, the floor."""

    def magnitude(self, x: Number) -> float:
        """``log |x|`` of the midpoint as a double, ``-inf`` for 0."""

    def text(self, x: Number, digits: int) -> str:
        """Decimal digits of the midpoint."""


class MpBackend:
    """mpmath in a context of its own."""

    name = "mpmath"

    def __init__(self, digits: int) -> None:
        self.digits = digits
        self.memory: dict[Any, Any] = {}
        self.context = MPContext()
        self.context.prec = bits(digits)
        self.pi = +self.context.pi
        self.exp, self.log, self.sqrt = self.context.exp, self.context.log, self.context.sqrt
        self.erfc, self.complex = self.context.erfc, self.context.mpc
        self.sin, self.zeta, self.cexp = self.context.sin, self.context.zeta, self.context.exp
        self.cpower, self.hurwitz = self.context.power, self.context.zeta
        self.clog = self.context.log
        self.atan2 = self.context.atan2

    def number(self, value: Any) -> Number:
        mp = self.context
        if isinstance(value, Fraction):
            return mp.mpf(value.numerator) / value.denominator
        if isinstance(value, arb):
            mantissa, exponent = value.mid().man_exp()
            return mp.ldexp(mp.mpf(int(mantissa)), int(exponent))
        return mp.mpf(value)

    def hyp2f1(self, q: Number, w: Number) -> Number:
        return self.context.hyp2f1(1, q, 1 + q, w)

    def bernoulli(self, n: int) -> Number:
        return self.context.bernoulli(n)

    def cmid(self, w: Number) -> Number:
        return w

    def real(self, w: Number) -> Number:
        return self.context.re(w)

    def imag(self, w: Number) -> Number:
        return self.context.im(w)

    def digamma(self, w: Number, order: int) -> Number:
        return self.context.psi(order, w)

    def double(self, x: Number) -> float:
        return float(x)

    def legendre(self, order: int) -> list[tuple[Number, Number]]:
        make = self.context.make_mpf
        return [(make(x), make(w)) for x, w in _legendre(order, self.context.prec)]

    def midpoint(self, x: Number) -> Number:
        return x

    def radius(self, x: Number) -> Number:
        return self.context.mpf(0)

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


class FlintBackend:
    """Ball arithmetic, at the precision of the `working` block around it."""

    name = "flint"

    def __init__(self, digits: int) -> None:
        self.digits = digits
        self.memory: dict[Any, Any] = {}
        self.pi = arb.pi()
        self.complex = acb

    def number(self, value: Any) -> Number:
        if isinstance(value, Fraction):
            return arb(value.numerator) / value.denominator
        if isinstance(value, mpmath.ctx_mp_python._mpf):
            sign, mantissa, exponent, _ = value._mpf_
            whole = arb(-mantissa if sign else mantissa)
            return whole * arb(2) ** exponent
        return arb(value)

    def exp(self, x: Number) -> Number:
        return x.exp()

    def log(self, x: Number) -> Number:
        return x.log()

    def sqrt(self, x: Number) -> Number:
        return x.sqrt()

    def erfc(self, x: Number) -> Number:
        return x.erfc()

    def bernoulli(self, n: int) -> Number:
        return arb.bernoulli(n)

    def sin(self, x: Number) -> Number:
        return x.sin()

    def zeta(self, s: Number) -> Number:
        return s.zeta()

    def atan2(self, y: Number, x: Number) -> Number:
        return arb.atan2(y, x)

    def cmid(self, w: Number) -> Number:
        return acb(w.real.mid(), w.imag.mid())

    def real(self, w: Number) -> Number:
        return w.real

    def imag(self, w: Number) -> Number:
        return w.imag

    def cexp(self, w: Number) -> Number:
        return w.exp()

    def clog(self, w: Number) -> Number:
        return w.log()

    def cpower(self, w: Number, power: Number) -> Number:
        return (w.log() * power).exp()

    def hurwitz(self, s: Number, a: int) -> Number:
        return acb(s).zeta(acb(a)).real

    def digamma(self, w: Number, order: int) -> Number:
        if order == 0:
            return w.digamma()
        if w.real.mid() > 0:
            return w.polygamma(1)
        return (arb.pi() / w.sin_pi()) ** 2 - (1 - w).polygamma(1)

    def hyp2f1(self, q: Number, w: Number) -> Number:
        # that q - (1 + q) and 1 + q - (1 + q) are integers cannot be seen from balls; without it, nan around |w| = 1
        return acb(w).hypgeom_2f1(1, q, 1 + q, bc=True, abc=True)

    def double(self, x: Number) -> float:
        return float(x.mid())

    def legendre(self, order: int) -> list[tuple[Number, Number]]:
        return _balls(order, flint.ctx.prec)

    def midpoint(self, x: Number) -> Number:
        return x.mid()

    def radius(self, x: Number) -> Number:
        return x.rad()

    def widen(self, x: Number, bound: Number) -> Number:
        edge = bound.abs_upper()
        return x + edge.union(-edge)

    def cwiden(self, w: Number, log_bound: float) -> Number:
        edge = arb((1, math.ceil(log_bound / math.log(2.0)) + 1))
        both = edge.union(-edge)
        return w + acb(both, both)

    def floor(self, x: Number) -> int:
        whole = x.mid().floor()
        exact = whole.unique_fmpz()
        if exact is None:
            exact = whole.mid().floor().mid().unique_fmpz()
        return int(exact)

    def magnitude(self, x: Number) -> float:
        middle = x.mid()
        if middle == 0:
            return -math.inf
        before = flint.ctx.prec
        flint.ctx.prec = _COARSE
        try:
            return float(abs(middle).log())
        finally:
            flint.ctx.prec = before

    def text(self, x: Number, digits: int) -> str:
        return str(x.mid().str(digits, radius=False))


def bits(digits: int) -> int:
    """Binary digits for ``digits`` decimal ones, and a few to round in."""
    return math.ceil(digits * 3.3219281) + 12


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
    if engine == "mpmath":
        yield MpBackend(digits)
    elif engine == "flint":
        before = flint.ctx.prec
        flint.ctx.prec = bits(digits)
        try:
            yield FlintBackend(digits)
        finally:
            flint.ctx.prec = before
    else:
        raise InvalidInput("engine", engine, f"one of {', '.join(ENGINES)}")


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
        x = context.cos(context.pi * (k + 0.75) / (order + 0.5))
        for _ in range(60):
            value, slope = _legendre_value(context, order, x)
            step = value / slope
            x -= step
            if abs(step) < context.ldexp(1, -precision // 2 - 12):
                break
        value, slope = _legendre_value(context, order, x)
        x -= value / slope
        _, slope = _legendre_value(context, order, x)
        found.append((x._mpf_, (2 / ((1 - x * x) * slope * slope))._mpf_))
    return found


def _legendre_value(mp: MPContext, order: int, x: Number) -> tuple[Number, Number]:
    before, here = mp.one, x
    for k in range(2, order + 1):
        before, here = here, ((2 * k - 1) * x * here - (k - 1) * before) / k
    return here, order * (x * here - before) / (x * x - 1)
