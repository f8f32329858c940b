"""Sums over power-law features: special integrals against quadrature, corrections of their ends against sums."""

from __future__ import annotations

import math

import mpmath
import numpy as np
import pytest
import sympy as sp
from scipy.integrate import quad

from asymptotix.asymptotics.expansions.mellin import (
    FEATURE,
    Estimate,
    LowerBeta,
    OutlierIntegral,
    OutlierSlope,
    end_corrections,
    feature_sum,
    monomials,
    number_learned,
    power_law_integral,
    smallest_feature,
)
from asymptotix.asymptotics.symbols import DIMENSION, GAMMA, TAU


@pytest.mark.parametrize(("a", "s", "x"), [("3/2", "2", "1/3"), ("1/4", "5/2", "4")])
def test_incomplete_betas(a: str, s: str, x: str) -> None:
    a_, s_, x_ = (float(sp.Rational(v)) for v in (a, s, x))
    exact = quad(lambda t: (1 + t) ** -s_, 0, x_, weight="alg", wvar=(a_ - 1, 0))[0]
    assert float(LowerBeta(*map(sp.Rational, (a, s, x))).evalf()) == pytest.approx(exact, rel=1e-10)


@pytest.mark.parametrize(
    ("s", "rho", "u"), [("9/10", "1/4", "1/2"), ("5/3", "2/3", "1"), ("1/2", "1/9", "2")]
)
def test_integrals_over_outliers(s: str, rho: str, u: str) -> None:
    s_, r_, u_ = (sp.Rational(x) for x in (s, rho, u))
    h = (math.sqrt(r_) + 1 / math.sqrt(r_)) / 2
    exact = quad(
        lambda t: (h + t) / math.sqrt(1 + 2 * h * t + t * t),
        0,
        float(u_),
        weight="alg",
        wvar=(float(s_) - 1, 0),
    )[0]
    found = OutlierIntegral(s_, r_, u_)
    assert float(found.evalf()) == pytest.approx(exact, rel=1e-12)
    assert abs(found.evalf(40) - found.evalf(60)) < sp.Float("1e-38")  # as many digits as are asked for
    assert OutlierIntegral(s_, sp.Integer(1), u_) == u_**s_ / s_
    assert OutlierIntegral(GAMMA, r_, u_).evalf().has(GAMMA)


def test_how_special_integrals_are_typeset() -> None:
    a, s, x = sp.symbols("a s x", positive=True)
    assert sp.latex(LowerBeta(a, s, x)) == r"\int_0^{x} t^{a - 1} (1 + t)^{-(s)} dt"
    outlier = sp.latex(OutlierIntegral(s, sp.Rational(1, 2), x))
    assert outlier.startswith(r"\int_0^{x} t^{s - 1} \, d\sqrt{(1 + \sqrt{")


@pytest.mark.parametrize("low", [sp.Integer(1), sp.Rational(4, 3)])
@pytest.mark.parametrize("gamma", ["3/4", "2"])
def test_pieces_that_are_no_powers(gamma: str, low: sp.Rational) -> None:
    """``(1/gamma) int_low^oo f(y) y^(-1 - 1/gamma) dy``, in ``x = 1/y``."""
    g, rho = sp.Rational(gamma), sp.Rational(1, 4)

    def outlier(y: float) -> float:  # tau dz/dtau of z^2 = (y^2 + tau^2)(y^2 + rho tau^2)/y^2
        z = math.sqrt((y * y + 1) * (y * y + 0.25)) / y
        return ((y * y + 0.25) + (y * y + 1) * 0.25) / y**2 / z

    pieces = {
        3 * OutlierSlope(FEATURE, rho): lambda y: 3 * outlier(y),
        2 * FEATURE / (FEATURE**2 + sp.Rational(3, 2)): lambda y: 2 * y / (y * y + 1.5),
        5 / (2 * FEATURE**2 + 3): lambda y: 5 / (2 * y * y + 3),
        2 - 1 / FEATURE: lambda y: 2 - 1 / y,
    }
    for piece, function in pieces.items():
        exact = quad(
            lambda x, f=function: f(1 / max(x, 1e-12)),
            0,
            1 / float(low),
            weight="alg",
            wvar=(float(1 / g) - 1, 0),
        )[0] / float(g)
        found = power_law_integral([(piece, low, sp.oo)], g)
        assert float(sp.N(found)) == pytest.approx(exact, rel=1e-9), piece


def test_what_is_no_sum_of_powers_is_refused() -> None:
    with pytest.raises(ValueError, match="not a sum of powers of y"):
        monomials(sp.exp(FEATURE))
    with pytest.raises(ValueError, match="not a square and a constant"):
        power_law_integral([(1 / (FEATURE**2 + FEATURE + 1), sp.Integer(1), sp.oo)])
    with pytest.raises(ValueError, match="unpack"):
        power_law_integral(
            [(Estimate(FEATURE, sp.Rational(1, 2)) * Estimate(FEATURE, sp.Rational(1, 3)), 1, sp.oo)]
        )


@pytest.mark.parametrize("number", [sp.Integer(1), sp.Rational(1, 3)])
@pytest.mark.parametrize("gamma", [0.7, 1.3])
def test_both_ends_of_a_sum_over_features(gamma: float, number: sp.Rational) -> None:
    """``f = y^2`` below 1 and ``2 - 1/y`` above, of ``number d`` features of unit norm, at a scale between two."""
    pieces = [(FEATURE**2, sp.Integer(0), sp.Integer(1)), (2 - 1 / FEATURE, sp.Integer(1), sp.oo)]
    d = 300_000
    i = np.arange(1, int(d * number) + 1, dtype=float)
    a = i**-gamma
    a /= math.sqrt(np.sum(a * a))
    scale = float(a[199])
    y = a / scale
    exact = float(np.sum(np.where(y < 1, y * y, 2 - 1 / y)))

    def value(x: sp.Expr) -> float:
        return float(sp.N(x.subs({TAU: sp.Float(scale, 30), DIMENSION: d, GAMMA: sp.Float(gamma, 30)})))

    law = value(feature_sum(pieces, TAU, sp.Integer(0), "").expression)
    orders = {t.label: value(t.expression) for t in end_corrections(pieces, TAU, number)}
    assert set(orders) == {
        "features are discrete",
        "teacher normalised over d features",
        "features end at i = d",
    }
    assert exact / law - 1 == pytest.approx(sum(orders.values()), rel=0.08)
    least = {"features end at i = d": 0.1} if gamma < 1 else {"features are discrete": 0.5}
    assert all(abs(orders[k]) > share * abs(exact / law - 1) for k, share in least.items())
    assert value(smallest_feature(number).expression) == pytest.approx(float(a[-1]), rel=0.05)
    assert value(number_learned(TAU).expression) == pytest.approx(200, rel=0.05)


def test_a_bias_that_fades_leaves_the_sum_of_its_fading() -> None:
    """Features far above a power penalty's threshold have the risk ``y^(2 q - 2)``: a sum that zeta continues."""
    q = sp.Rational(1, 2)
    pieces = [(FEATURE**2, sp.Integer(0), sp.Integer(1)), (Estimate(FEATURE, q) ** -1, sp.Integer(1), sp.oo)]
    first, *_ = end_corrections(pieces, TAU)
    learned = float(sp.N((first.coefficient * power_law_integral(pieces)).subs(GAMMA, sp.Rational(5, 4))))
    norm = mpmath.sqrt(mpmath.zeta(2.5)) ** (1 / mpmath.mpf("1.25") + 1)
    assert learned == pytest.approx(float(mpmath.zeta(-mpmath.mpf("1.25")) * norm), rel=1e-10)
    assert first.powers["tau"].subs(GAMMA, sp.Rational(5, 4)) == sp.Rational(9, 5)


def test_weighed_sums_have_a_last_feature_of_unknown_place() -> None:
    pieces = [(FEATURE**2, sp.Integer(0), sp.Integer(1)), (sp.Integer(1), sp.Integer(1), sp.oo)]
    for k in (sp.Rational(3, 2), sp.Integer(2), sp.Integer(3)):
        first, *_ = end_corrections(pieces, TAU, decay=GAMMA, k=k)
        assert (first.coefficient is sp.nan) == (k >= 2)
        exponent = k / GAMMA if k < 2 else 2 / GAMMA
        assert sp.simplify(first.powers["tau"] - exponent) == 0
