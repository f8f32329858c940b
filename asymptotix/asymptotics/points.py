"""Points of a phase diagram: exact ones, and those that finite sizes stand for."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import mpmath
import sympy
from mpmath.ctx_mp import MPContext

from asymptotix import validate
from asymptotix.asymptotics.growth import PARAMETERS, SYMBOLS, Affine, Expr, Growth
from asymptotix.asymptotics.ratfun import RatFun
from asymptotix.asymptotics.signs import GAMMA_MIN
from asymptotix.asymptotics.symbols import GAMMA
from asymptotix.errors import InvalidInput, NotConverged

NEVER = Fraction(10**6)  # stands for the exponent of a penalty that is zero; its square for a noise that is
SIMPLE = 100  # largest denominator whose rational powers SymPy simplifies in no time
# Terms cancel at nodes near an end of an integral, the more the nearer: with twice the digits the sum must stay.
_DIGITS = (60, 120, 240, 480, 960, 1920)
NO_WIDTH = Fraction(0)  # the width exponent of diagrams in which it does not enter


@dataclass(frozen=True)
class Point:
    """An exact point of the diagram."""

    gamma: Fraction
    a: Fraction
    l: Fraction  # noqa: E741
    zeta: Fraction
    b: Fraction = NO_WIDTH

    @property
    def coordinates(self) -> tuple[Fraction, ...]:
        return tuple(getattr(self, p) for p in PARAMETERS)

    def substitutions(self, numeric: bool = False) -> dict[Any, Any]:
        """The point as SymPy numbers: exact, or floats of 30 digits if ``numeric`` or not simple.

        SymPy looks for roots in a rational power of a rational number; with a denominator of some size it
        never comes back.
        """
        values = {SYMBOLS[p]: x for p, x in zip(PARAMETERS, self.coordinates, strict=True)}
        simple = not numeric and all(x.denominator <= SIMPLE for x in (self.gamma, *self.coordinates))
        convert = rational if simple else _number
        return {name: convert(x) for name, x in {**values, GAMMA: self.gamma}.items()}

    def evaluate(self, constant: Expr) -> Expr:
        """A constant here, to 17 digits; integrals by quadrature of compiled integrands.

        SymPy walks through the integrand at every node: a hundred times as long.
        """
        integrals = {x: _integrated(x, self.gamma) for x in constant.atoms(sympy.Integral)}
        return sympy.N(constant.xreplace(integrals).subs(self.substitutions(numeric=True)), 17)

    def number(self, form: Affine) -> Fraction:
        return form.at(self.gamma, self.coordinates)


@dataclass(frozen=True)
class Sizes:
    """Finite sizes as exponents of ``d``, with ``log d`` itself."""

    point: Point
    log_d: float

    @classmethod
    def of(
        cls, n_eff: Any, lam: Any, d: Any, noise: Any, gamma: Any, width: Any = None, ridge: Any = None
    ) -> Sizes:
        """Raises :class:`InvalidInput` for sizes out of range; zero penalty and zero noise are allowed."""
        value = exact("gamma", gamma).limit_denominator(10**9)
        sizes = {"n_eff": n_eff, "lam": lam, "noise": noise, "width": 1 if width is None else width}
        sizes |= {} if ridge is None else {"ridge": ridge}  # in the place of the width
        numbers = {name: _real(x) for name, x in sizes.items()}
        size = _real(d)
        if not size > 1:
            raise InvalidInput("d", d, "a number above 1")
        for name, number in numbers.items():
            if not number >= 0 or (name in ("n_eff", "width") and number == 0) or not mpmath.isfinite(number):
                allowed = "a positive finite number (penalty, noise and ridge may be 0)"
                raise InvalidInput(name, sizes[name], allowed)
        log_d = float(mpmath.log(size))
        place = {k: _exponent(v, log_d) for k, v in numbers.items() if v > 0}
        zeta = -place["noise"] if "noise" in place else NEVER * NEVER
        fourth = place["width"] if ridge is None else place.get("ridge", -NEVER)
        return cls(Point(value, place["n_eff"], place.get("lam", -NEVER), zeta, fourth), log_d)

    def logarithm(self, power: RatFun, exponent: Affine) -> float:
        """``log(d**exponent (log d)**power)`` at these sizes."""
        logs = float(power.at(self.point.gamma)) * float(mpmath.log(self.log_d))
        return float(self.point.number(exponent)) * self.log_d + logs

    def value(self, growth: Growth) -> Any:
        """A growth at these sizes (an mpmath number: it may be very small or large)."""
        constant = self.point.evaluate(growth.constant)
        if not constant.is_finite:
            allowed = (
                "one where the law has a constant: here two orders meet, and a logarithm takes its place"
            )
            raise InvalidInput("gamma", str(self.point.gamma), allowed)
        return mpmath.mpf(constant) * mpmath.exp(self.logarithm(growth.log_power, growth.exponent))


def _integrated(integral: Expr, gamma: Fraction) -> Expr:
    ((variable, low, high),) = integral.limits
    sums, terms = MPContext(), MPContext()
    sums.dps = 20
    names = {name: getattr(terms, name) for name in dir(terms) if not name.startswith("_")}
    integrand = sympy.lambdify((variable, GAMMA), integral.function, [names, "mpmath"])

    def of(x: Any) -> Any:
        return sums.mpf(integrand(terms.mpf(x), terms.mpf(gamma.numerator) / gamma.denominator))

    found = sums.inf
    for digits in _DIGITS:
        terms.dps, before = digits, found
        found = sums.quad(of, [low, high])
        if abs(found - before) <= 1e-18 * abs(found):
            return sympy.Float(str(found), 20)
    raise NotConverged(f"the terms of an integral cancel to all {digits} digits: {integral}")


def _real(x: Any) -> Any:
    """As mpmath counts, who takes no `Fraction`: an integer too large for doubles keeps its size."""
    return mpmath.mpf(x.numerator) / x.denominator if isinstance(x, Fraction) else mpmath.mpf(x)


def _exponent(number: Any, log_d: float) -> Fraction:
    return Fraction(float(mpmath.log(number)) / log_d).limit_denominator(10**9)


def exact(name: str, value: Any) -> Fraction:
    """An exact rational from a number (SymPy's, too) or ``"p/q"``; 1.1 stands for 11/10, not for a double near it."""
    plain = Fraction(int(value.p), int(value.q)) if isinstance(value, sympy.Rational) else value
    number = validate.exact(name, plain, 'an exact rational: int, Fraction or "p/q"')
    if name == "gamma" and number <= GAMMA_MIN:
        raise InvalidInput(name, value, "an exact rational above 1/2")
    return number


def rational(x: Fraction) -> Expr:
    return sympy.Rational(x.numerator, x.denominator)


def _number(x: Fraction) -> Expr:
    return sympy.Float(x.numerator, 30) / sympy.Float(x.denominator, 30)
