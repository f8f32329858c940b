"""Risk and number of what is learned, of arcs in the plane, against integrals over the law on the real line."""

from __future__ import annotations

import math

import numpy as np
import pytest

from asymptotix import Problem
from asymptotix.precise.arc_integrals import NO_ARC, integrate
from asymptotix.precise.backend import working
from asymptotix.precise.power_resolvent import resolvent
from asymptotix.precise.spectral_start import _polar, build
from asymptotix.precise.support_points import locate
from asymptotix.teacher import FiniteRank
from tests.risk.law_of_bands import Law
from tests.risk.law_of_singular_values import SingularLaw

SIZES = [8.0, 5.0, 4.4, 1.0]


def problem(network: str, d: int, rows: int | None = None) -> Problem:
    return Problem(network, teacher=FiniteRank(SIZES), d=d, n=90, lam=1, noise=1, rows=rows)


@pytest.mark.parametrize("network", ["quadratic", "symmetric", "bilinear"])
@pytest.mark.parametrize("d", [4, 7])
@pytest.mark.parametrize("tau", [0.08, 0.5])
@pytest.mark.parametrize("kappa", [0.03, 0.2, 0.43, 0.6, 0.8])
def test_error_and_count_at_a_threshold(network: str, d: int, tau: float, kappa: float) -> None:
    a = np.append(np.array(SIZES) / math.hypot(*SIZES), np.zeros(d - 4))
    if network == "bilinear":
        a = np.concatenate([a, -a])
    law = Law.of(a / tau, kappa / tau, -kappa / tau)
    learned = np.maximum(law.x - kappa / tau, 0.0)
    if network != "quadratic":
        learned += np.minimum(law.x + kappa / tau, 0.0)
    half = 0.5 if network == "bilinear" else 1.0
    error = law.pairs(learned, law.a == law.a, law.x == law.x) * tau**2 * half
    count = law.overlaps[:, learned != 0].sum() * half
    with working("flint", 40) as b:
        p = problem(network, d)
        g = resolvent(b, p)
        w = locate(b, g, b.number(tau) ** 2 / g.columns, b.number(kappa))
        if w.imag > 0:
            state = build(b, p).state(_polar(b, w))
        else:
            above = int(sum(x.real > complex(w).real for x in law.a * tau))
            equations = build(b, p, above)
            state = equations.state((b.log(b.number(tau)), b.log(b.number(kappa))))
            assert equations.in_gap(state)
            assert "proven to be in the gap" in equations.caveat(state)
        assert b.double(state.tau) == pytest.approx(tau, rel=1e-12)
        assert b.double(state.kappa) == pytest.approx(kappa, rel=1e-12)
        assert b.double(state.error) == pytest.approx(error, rel=1e-8, abs=1e-12)
        assert b.double(state.count) == pytest.approx(count, rel=1e-8, abs=1e-9)


@pytest.mark.parametrize(("tau", "kappa"), [(0.08, 0.2), (0.5, 0.6), (0.5, 0.2)])
def test_error_of_a_matrix_of_fewer_rows(tau: float, kappa: float) -> None:
    d, rows = 9, 5
    a = np.append(np.array(SIZES) / math.hypot(*SIZES), 1e-9) / tau
    law = SingularLaw.of(a, d, kappa / tau)
    learned = np.maximum(law.x - kappa / tau, 0.0)
    error = (
        law.pairs(learned, law.a > -1, law.x > 0) + law.without(learned, law.x > 0) + law.a**2 @ law.at_zero
    )
    with working("flint", 40) as b:
        p = problem("bilinear", d, rows)
        g = resolvent(b, p)
        w = locate(b, g, b.number(tau) ** 2 / g.columns, b.number(kappa))
        if w.imag > 0:
            state = build(b, p).state(_polar(b, w))
        else:
            above = int(sum((law.a * tau) ** 2 > complex(w).real))
            state = build(b, p, above).state((b.log(b.number(tau)), b.log(b.number(kappa))))
        assert b.double(state.error) == pytest.approx(error * tau**2, rel=1e-6)


def test_an_arc_that_begins_at_its_end_is_none() -> None:
    with working("flint", 30) as b:
        g = resolvent(b, problem("quadratic", 7))
        for radius in ("0.1", "2"):
            found = integrate(g, b.number(radius), b.pi)
            assert [b.double(getattr(found, x)) for x in ("g", "wwg", "gg", "wgg", "ggg")] == [0.0] * 5
    assert [getattr(NO_ARC, x) for x in ("g", "wwg", "gg", "wgg", "ggg")] == [0] * 5


@pytest.mark.parametrize("angle", [0.3, 1.2, 2.9])
@pytest.mark.parametrize("radius", [0.3, 0.6, 3.0])
def test_integrals_along_an_arc(radius: float, angle: float) -> None:
    """``Im int dw`` of ``G, w^2 G, G^2, w G^2, G^3`` to the negative axis, by Gauss."""
    a = np.append(np.array(SIZES) / math.hypot(*SIZES), np.zeros(3))
    node, weight = np.polynomial.legendre.leggauss(200)
    phi = angle + 0.5 * (math.pi - angle) * (1 + node)
    w = radius * np.exp(1j * phi)
    g, dw = (1 / (w[:, None] - a)).sum(axis=1), 1j * w * weight * 0.5 * (math.pi - angle)
    exact = [float((f * dw).sum().imag) for f in (g, w * w * g, g * g, w * g * g, g**3)]
    with working("flint", 30) as b:
        found = integrate(resolvent(b, problem("quadratic", 7)), b.number(radius), b.number(angle))
        for name, truth in zip(("g", "wwg", "gg", "wgg", "ggg"), exact, strict=True):
            ball = getattr(found, name)
            assert b.double(ball) == pytest.approx(truth, rel=1e-9, abs=1e-10)
            assert b.radius(ball) < (abs(truth) + 1) * b.number("1e-20")
