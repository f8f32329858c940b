r"""Sums over the features of a power-law teacher, as Mellin integrals.

For ``a_i = i**-gamma / N`` and a scale ``m`` between the smallest and the largest feature,

    sum_i f(a_i/m)  ~  (N m)**(-1/gamma) * (1/gamma) * int_0^oo f(y) y**(-1-1/gamma) dy ,

the change of variable ``y = i**-gamma/(N m)``. Most per-feature functions met here are Laurent polynomials
in ``y`` on intervals, so that the integral is elementary for every ``gamma``. The first corrections come
from the two ends of the sum: from ``i = 1``, where ``f(y) -> f0`` contributes ``f0 zeta(0) = -f0/2``
(discreteness), and from its last feature, ``i = number d``, where ``f(y) ~ y**2`` lacks its tail beyond.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from functools import cache
from typing import Any

import sympy as sp
from flint import acb, arb, ctx

from asymptotix.asymptotics.sector import Term, term
from asymptotix.asymptotics.symbols import DIMENSION, GAMMA, Expr

FEATURE: Expr = sp.Symbol("y", positive=True)
"""A feature in units of the scale it is compared with, ``y = a/m``."""

TEACHER_NORM: Expr = sp.sqrt(sp.zeta(2 * GAMMA))
"""``N`` in the limit of large ``d``: the teacher has unit norm."""

Piece = tuple[Expr, Expr, Expr]
"""A Laurent polynomial in ``FEATURE`` (or in it and its `Estimate`), and the ends of the interval where it holds."""


class _Positive(sp.Function):  # type: ignore[misc]
    is_positive = True
    is_real = True
    is_finite = True


class LowerBeta(_Positive):
    """``int_0^x t**(a-1) (1 + t)**-s dt``, positive for ``a, x > 0``.

    >>> sp.N(LowerBeta(1, 2, 1))
    0.500000000000000
    """

    nargs = (3,)

    def _eval_evalf(self, prec: int) -> Any:
        a, s, x = self.args
        return (x**a / a * sp.hyper([s, a], [a + 1], -x))._eval_evalf(prec)

    def _latex(self, printer: Any) -> str:
        a, s, x = (printer._print(argument) for argument in self.args)
        return rf"\int_0^{{{x}}} t^{{{a} - 1}} (1 + t)^{{-({s})}} dt"


class Estimate(sp.Function):  # type: ignore[misc]
    """``u`` with ``u + beta u**(q-1) = y``: what becomes of a feature ``y > 1`` under the penalty ``|x|**q``.

    ``beta`` is such that ``u`` jumps from 0 at ``y = 1``, where ``beta u**(q-2) = q/(2 - 2 q)``.
    """

    nargs = (2,)
    is_positive = True


def _estimate_integral(part: Expr, gamma: Expr) -> Expr:
    """``(1/gamma) int_1^oo u**e y**f y**(-1-1/gamma) dy`` by ``t = beta u**(q-2)``, ``y = u (1 + t)``."""
    (estimate,) = part.atoms(Estimate)
    y, q = estimate.args
    u, v = sp.symbols("u v", positive=True)
    coefficient, powers = sp.powsimp(part.subs(estimate, u).subs(y, v)).as_independent(u, v)
    exponents = powers.as_powers_dict()
    e, f = exponents.get(u, sp.Integer(0)), exponents.get(v, sp.Integer(0))
    degree, last = 2 - q, q / (2 - 2 * q)
    jump = (2 - 2 * q) / (2 - q)
    beta = last * jump**degree
    a, s = (1 / gamma - e - f) / degree, 1 + 1 / gamma - f
    both = LowerBeta(a, s, last) - (1 - q) * LowerBeta(a + 1, s, last)
    return coefficient * beta**-a * both / (gamma * degree)


class OutlierIntegral(_Positive):
    """``int_0^u t**(s-1) (h + t)/sqrt(1 + 2 h t + t**2) dt``, ``2 h = sqrt(rho) + 1/sqrt(rho)``; ``u**s/s`` at 1.

    >>> sp.N(OutlierIntegral(1, sp.Rational(1, 4), 1)), sp.N(sp.sqrt(sp.Rational(9, 2)) - 1)
    (1.12132034355964, 1.12132034355964)
    """

    nargs = (3,)

    @classmethod
    def eval(cls, s: Expr, rho: Expr, u: Expr) -> Any:
        if rho == 1:
            return u**s / s
        return cls(sp.expand(s), rho, u) if sp.expand(s) != s else None

    def _eval_evalf(self, prec: int) -> Any:
        if self.free_symbols:
            return None
        return sp.Float(_outlier_integral(*(sp.N(x, prec // 3 + 5) for x in self.args), prec), precision=prec)

    def _latex(self, printer: Any) -> str:
        s, rho, u = (printer._print(argument) for argument in self.args)
        root = rf"\sqrt{{(1 + \sqrt{{{rho}}} t)(1 + t/\sqrt{{{rho}}})}}"
        return rf"\int_0^{{{u}}} t^{{{s} - 1}} \, d{root}"


@cache
def _outlier_integral(s: Expr, rho: Expr, u: Expr, prec: int) -> Any:
    """The integral over ``t = u exp(-x)`` to ``prec`` bits, by flint; where ``x`` is large the root is 1."""
    with ctx.workprec(prec + 20):
        s, rho, u = (arb(str(x)) for x in (s, rho, u))
        h = (rho.sqrt() + 1 / rho.sqrt()) / 2
        far = (prec + 20) * arb(2).log() / s

        def slope(x: Any, analytic: bool) -> Any:
            t = u * (-x).exp()
            return (-s * x).exp() * (h + t) / (1 + 2 * h * t + t * t).sqrt(analytic)

        near = acb.integral(slope, 0, far).real
        return (u**s * (near + (-s * far).exp() * h / s)).mid().str(prec // 3 + 2, radius=False)


class OutlierSlope(sp.Function):  # type: ignore[misc]
    """``tau dz/dtau`` at ``tau = 1`` of the place ``z`` where a feature ``y`` appears; it fades as ``1/y``."""

    nargs = (2,)


def _slope_integral(part: Expr, low: Expr, gamma: Expr) -> Expr:
    """``(1/gamma) int_low^oo (tau dz/dtau) y**(-1-1/gamma) dy`` by ``y**2 = sqrt(rho)/t``."""
    (slope,) = part.atoms(OutlierSlope)
    rho = slope.args[1]
    end = sp.powdenest(sp.sqrt(rho) / low**2)
    whole = OutlierIntegral((1 + 1 / gamma) / 2, rho, sp.simplify(end))
    return sp.cancel(part / slope) * rho ** ((1 - 1 / gamma) / 4) * whole / gamma


def _shifted_integral(part: Expr, low: Expr, gamma: Expr) -> Expr:
    """``(1/gamma) int_low^oo y**p/(y**2 + b) y**(-1-1/gamma) dy`` by ``y**2 = b/t``."""
    top, bottom = sp.fraction(sp.cancel(part))
    first, none, last = sp.Poly(bottom, FEATURE).all_coeffs()
    ((coefficient, p),) = monomials(top / first)
    if none != 0:
        raise ValueError(f"{bottom} is not a square and a constant")
    b, e = last / first, (p - 1 / gamma) / 2 - 1
    return coefficient * b**e * LowerBeta(-e, 1, sp.simplify(b / low**2)) / (2 * gamma)


def _root_integral(part: Expr, gamma: Expr) -> Expr:
    """``(1/gamma) int_0^oo y**e (1 + y**2)**-p y**(-1-1/gamma) dy``, continued to where that diverges."""
    coefficient, rest = part.as_independent(FEATURE)
    powers = rest.as_powers_dict()
    x, p = (powers.pop(FEATURE, 0) - 1 / gamma) / 2, -powers.pop(FEATURE**2 + 1)
    return coefficient * sp.gamma(1 + x) * sp.gamma(p - x) / (2 * gamma * x * sp.gamma(p))


def monomials(expression: Expr, variable: Expr = FEATURE) -> list[tuple[Expr, Expr]]:
    """Coefficients and exponents of a sum of powers of ``variable``.

    >>> monomials((1 - 1/FEATURE)**2)
    [(1, 0), (-2, -1), (1, -2)]
    """
    out = []
    for part in sp.Add.make_args(sp.expand(expression)):
        coefficient, power = part.as_independent(variable)
        exponent = sp.Integer(0) if power == 1 else sp.powsimp(power).as_base_exp()[1]
        if power != 1 and power.as_base_exp()[0] != variable:
            raise ValueError(f"{expression} is not a sum of powers of {variable}")
        out.append((coefficient, exponent))
    return sorted(out, key=lambda pair: sp.default_sort_key(-pair[1]))


def power_law_integral(pieces: Sequence[Piece], gamma: Expr = GAMMA) -> Expr:
    """``(1/gamma) int f(y) y**(-1-1/gamma) dy`` for ``f`` given by its pieces, in closed form.

    An end at 0 or infinity contributes nothing: the caller's ``f`` must decay there for ``gamma > 1/2``
    (``y**2`` towards 0, a constant towards infinity).

    >>> y = FEATURE
    >>> sp.factor(power_law_integral([(y**2, 0, 1), (1, 1, sp.oo)]))
    2*gamma/(2*gamma - 1)
    """
    total = sp.Integer(0)
    for expression, low, high in pieces:
        for part in sp.Add.make_args(sp.expand(expression)):
            special = _special_integral(part, low, gamma)
            if special is not None:
                total += special
                continue
            ((coefficient, exponent),) = monomials(part)
            power = exponent - 1 / gamma
            upper = 0 if high == sp.oo else sp.sympify(high) ** power
            lower = 0 if low == 0 else sp.sympify(low) ** power
            total += coefficient * (upper - lower) / (gamma * power)
    return total


def _special_integral(part: Expr, low: Expr, gamma: Expr) -> Expr | None:
    """The integral from ``low`` of what is no power."""
    if part.has(Estimate):
        return _estimate_integral(part, gamma)
    if part.has(OutlierSlope):
        return _slope_integral(part, low, gamma)
    sums = [e for base, e in part.as_powers_dict().items() if base.is_Add and base.has(FEATURE)]
    if any(not e.is_integer for e in sums):
        return _root_integral(part, gamma)
    shifted = bool(sums)
    return _shifted_integral(part, low, gamma) if shifted else None


def feature_sum(
    pieces: Sequence[Piece], scale: Expr, power: Expr, label: str, decay: Expr = GAMMA, k: Expr = 1
) -> Term:
    """The term ``scale**power * sum_i i**(k-1) f(a_i/scale)`` for ``scale`` well inside the teacher's range.

    Features ``a_i = i**-decay/N`` are weighed where inputs are unequal; ``decay`` is then not ``gamma``.
    """
    coefficient = _tidy(power_law_integral(pieces, decay / k) / k) * TEACHER_NORM ** (-k / decay)
    return term(coefficient * scale ** (power - k / decay), label)


def end_corrections(
    pieces: Sequence[Piece], scale: Expr, number: Expr = 1, decay: Expr = GAMMA, k: Expr = 1
) -> tuple[Term, ...]:
    """Relative corrections to :func:`feature_sum` from the two ends ``i = 1`` and ``i = number d`` of the sum.

    The latter acts twice: features beyond it are absent, and ``N**2 = zeta(2 gamma) - (number d)**(1-2
    gamma)/..`` lacks them too, which makes every feature larger. The true sum is the leading term times ``1
    + sum of these``. From ``k = 2`` on the corner of the last learned feature, which lies somewhere between two
    integers, counts for more than the start, or as much: of unknown constant.
    """
    leading = _tidy(power_law_integral(pieces, decay / k) / k)
    learned, exponent = _at_infinity(pieces)
    above = (TEACHER_NORM * scale) ** (k / decay - exponent)
    beyond = (number * DIMENSION) ** (1 - 2 * GAMMA) / (2 * GAMMA - 1)
    first = term(
        _tidy(learned * sp.zeta(decay * exponent + 1 - k) / leading) * above, "features are discrete"
    )
    if k >= 2:
        last = "the last learned feature lies between integers"
        first = replace(term(scale ** (2 / decay), last), coefficient=sp.nan)
    norm = term(k * beyond / (2 * decay) * TEACHER_NORM**-2, "teacher normalised over d features")
    tail = _coefficient_of_square(pieces)
    if tail == 0:
        return first, norm
    missing = -_tidy(tail / leading) * (TEACHER_NORM * scale) ** (k / decay - 2) * beyond
    return first, norm, term(missing, "features end at i = d")


def _tidy(constant: Expr) -> Expr:
    """Closed forms are simplified; incomplete Beta functions and the weight of outliers are left as they are."""
    if constant.has(LowerBeta):
        return constant
    for whole in constant.atoms(OutlierIntegral):
        weight = sp.expand(constant).coeff(whole)
        rest = sp.expand(constant) - sp.expand(weight * whole)
        linear = not (rest.has(OutlierIntegral) or weight.has(OutlierIntegral))
        return sp.factor(sp.simplify(rest)) + sp.factor(sp.simplify(weight)) * whole if linear else constant
    return sp.factor(constant)


def _at_infinity(pieces: Sequence[Piece]) -> tuple[Expr, Expr]:
    """Coefficient and exponent of the leading power of the largest features: a constant, or a fading bias."""
    outer = sum(expression for expression, _, high in pieces if high == sp.oo)
    if outer.has(Estimate):
        return monomials(outer.replace(Estimate, lambda y, _: y))[0]
    outer = outer.replace(OutlierSlope, lambda y, _: 1 / y)
    return sp.limit(sp.together(outer), FEATURE, sp.oo), sp.Integer(0)


def _coefficient_of_square(pieces: Sequence[Piece]) -> Expr:
    inner = [expression for expression, low, _ in pieces if low == 0]
    if any(expression.has(FEATURE**2 + 1) for expression in inner):
        return sum(sp.diff(expression, FEATURE, 2).subs(FEATURE, 0) / 2 for expression in inner)
    return sum(c for expression in inner for c, e in monomials(expression) if e == 2)


def smallest_feature(number: Expr = 1) -> Term:
    """The last of the teacher's ``number d`` features."""
    return term((number * DIMENSION) ** -GAMMA / TEACHER_NORM, "smallest feature")


def number_learned(scale: Expr) -> Term:
    """``i*``, the number of features above ``scale``."""
    return term((TEACHER_NORM * scale) ** (-1 / GAMMA), "features above the scale")
