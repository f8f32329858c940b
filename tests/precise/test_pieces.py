"""Pieces of the many-digit solver, each against what it must be: what a whole solve would forgive, and a proof not."""

from __future__ import annotations

import math
from fractions import Fraction
from typing import Any

import mpmath
import numpy as np
import pytest

from asymptotix import FiniteRank, Problem
from asymptotix.precise import arc_integrals, closed_forms, power_resolvent, soft_threshold
from asymptotix.precise import solve as many_digits
from asymptotix.precise.backend import Backend, Number, working
from asymptotix.precise.equation_pair import Start, exact_constants
from asymptotix.precise.gaps import gap
from asymptotix.precise.powers import Powers
from asymptotix.status import Status

solve_module: Any = __import__("asymptotix.precise.solve", fromlist=["solve"])
FEW = Problem("quadratic", teacher=FiniteRank([3.0, 2.9]), d=7, n=40, lam=1, noise=1)


def test_a_power_of_ten_is_rounded_up() -> None:
    found = [solve_module._power_of_ten(math.log(x)) for x in (1.01e-30, 2e5, 0.999)]
    assert found == ["1.1e-30", "2.0e+5", "10.0e-1"]
    assert solve_module._power_of_ten(-math.inf) == "0"


@pytest.mark.parametrize("power", [Fraction(-9, 5), Fraction(-3), Fraction(-2)])
def test_the_slope_of_a_sum_of_powers(power: Fraction) -> None:
    with working("flint", 40) as b:
        terms = {(1, 0): b.number(2), (2, -1): b.number("0.3"), (0, 2): b.number(-1), (1, 3): b.number("0.1")}
        p, w, step = Powers(b, power, terms), b.complex(b.number("0.7"), b.number("1.1")), b.number("1e-10")
        difference = (p.value(w + step) - p.value(w - step)) / (2 * step)
        assert abs(complex(difference) / complex(p.value(w, 1)) - 1) < 1e-14


class Constant:
    """A resolvent that is 3 everywhere, and known to be at most 1e30: its bounds stand out from rounding."""

    proven, weights = True, (0, 2, 0, 1, 0)

    def __init__(self, b: Backend) -> None:
        self.b = b

    def value(self, w: Number) -> Number:
        return 0 * w + 3

    def ceiling(self, radius: Number, angle: Number, reach: float) -> Number:
        assert reach >= 0.2 * 0.5 * (4 + 1 / 4)  # the ellipse around a panel of this half-width
        return self.b.number("1e30")


def test_the_error_of_a_panel_is_that_of_gauss_on_an_ellipse() -> None:
    """``64/15 M rho^(-2m) / (1 - rho^(-2))`` with ``m`` nodes, ``M`` the largest integrand on the ellipse."""
    radius, half, rho = 2.0, 0.2, 4.0
    with working("flint", 15) as b:
        ends = b.number("0.3"), b.number("0.7")
        found = arc_integrals._panel(Constant(b), b.number(2), *ends, [b.number(0)] * 5)  # type: ignore[arg-type]
        order = 6 * math.ceil((15 + 6) * math.log(10) / (2 * math.log(rho)) / 6)
        w = radius * math.exp(half * 0.5 * (rho + 1 / rho))
        g = 1e30
        largest = [g * w, g * w**3, g**2 * w, g**2 * w * w, g**3 * w]
        for ball, m in zip(found, largest, strict=True):
            bound = half * 64 / 15 * m * rho ** (-2 * order) / (1 - rho**-2)
            assert bound <= b.double(b.radius(ball)) < 1.2 * bound
        low, high = (2 * np.exp(1j * x) for x in (0.3, 0.7))
        assert b.double(b.midpoint(found[0])) == pytest.approx(3 * (high - low).imag, rel=1e-10)


@pytest.mark.parametrize("off", ["1e-3", "-1e-3"])
def test_what_a_sum_of_powers_leaves_out_is_in_its_integrals(off: str) -> None:
    """A constant 3, known to 1e-3: the integrals of 3.001 and of 2.999 are in the balls, and these are no larger."""
    with working("flint", 20) as b:
        radius, angle = b.number(2), b.number("0.6")

        def powers(c: Number) -> Powers:
            return Powers(b, Fraction(-2), {(0, 0): c})

        known = powers(b.number(3)), 0.0, math.log(1e-3)
        found = arc_integrals._in_closed_form(Constant(b), known, radius, angle)  # type: ignore[arg-type]
        truth = powers(3 + b.number(off)).arcs(radius, angle)
        for ball, exact, middle in zip(found, truth, powers(b.number(3)).arcs(radius, angle), strict=True):
            assert ball.contains(b.midpoint(exact))
            assert b.radius(ball) < 40 * abs(b.midpoint(exact - middle))


def test_the_rest_of_a_taylor_series_is_above_all_its_terms() -> None:
    for k, a in ((2, 1.0), (2, 0.3), (5, 1.0), (9, 0.7)):
        terms = sum(math.exp(soft_threshold.log_taylor_term(j, a)) for j in range(k, k + 60))
        assert terms < math.exp(soft_threshold.log_taylor_rest(k, a)) < 1.6 * terms


@pytest.mark.parametrize("w", [1.3 + 0.5j, 0.9 + 0.1j, -0.8 + 0.4j, 0.6 + 0.3j])
def test_resolvent_at_gamma_1_and_its_slope(w: complex) -> None:
    """Around the last coefficient of ``1/i``, by digammas on both sides of the axis."""
    problem, d = Problem("quadratic", gamma=1, d=2000, n=10**6, lam=1, noise=1), 2000
    with working("flint", 30) as b:
        g = power_resolvent.resolvent(b, problem)
        coefficients = np.array([b.double(g.spectrum.value(b.number(i))) for i in range(1, d + 1)])
        place = w * coefficients[-1]
        for order in (0, 1):
            found = complex(g._digamma(b.complex(b.number(place.real), b.number(place.imag)), order))  # type: ignore[attr-defined]
            expected = np.sum((-1) ** order / (place - coefficients) ** (order + 1))
            assert abs(found / expected - 1) < 1e-10


@pytest.mark.parametrize("x", [2.3 + 0.4j, -3.7 + 0.2j, -0.5 - 0.8j])
def test_digamma_and_its_slope(x: complex) -> None:
    with working("flint", 30) as b:
        for order in (0, 1):
            found = complex(b.digamma(b.complex(b.number(x.real), b.number(x.imag)), order))
            assert found == pytest.approx(complex(mpmath.polygamma(order, x)), rel=1e-12)


def test_a_resolvent_counts_the_zeros() -> None:
    with working("flint", 30) as b:
        g = power_resolvent.resolvent(b, FEW)
        assert b.double(g.value(b.complex(0, 1)).imag) == pytest.approx(-5 - sum(1 / (1 + _squares(b, g))))
        assert complex(g.slope(b.complex(0, 1))).real == pytest.approx(5 + _slopes(b, g))


def _squares(b: Backend, g: Any) -> Any:
    return np.array([b.double(a) for a in g.atoms]) ** 2


def _slopes(b: Backend, g: Any) -> float:
    return -float(sum((1 / (1j - b.double(a)) ** 2).real for a in g.atoms))


def test_a_closed_gap_is_said_to_be_closed() -> None:
    """Two coefficients nearer to each other than their noise is wide; far above them all is open."""
    with working("flint", 20) as b:
        g = power_resolvent.resolvent(b, FEW)
        assert not gap(b, g, b.number("0.1"), 1).open
        assert gap(b, g, b.number("1e-6"), 1).open
        assert gap(b, g, b.number("0.1"), 0).open


def test_more_digits_are_tried_where_too_few_agree(monkeypatch: pytest.MonkeyPatch) -> None:
    """An arithmetic that loses 60 digits: 30 are found all the same, and no more are said than there are."""
    tried = []

    def lossy(problem: Any, how: Any, start: Any, precision: tuple[int, int], engine: str) -> Any:
        work = precision[1]
        tried.append(work)
        with mpmath.workdps(300):
            error = mpmath.nstr(mpmath.mpf(1) / 3 + mpmath.mpf(10) ** (60 - work), work + 90)
        names = ("error", "excess_risk", "delta", "eps", "degrees_of_freedom")
        return start, dict.fromkeys(names, error) | {"residual": "0"}

    monkeypatch.setattr(solve_module, "_at", lossy)
    start = Start(("0", "0"), 0)
    found = solve_module._raise_precision(FEW, None, start, 30, "mpmath")
    assert tried == sorted(tried)
    assert found.error[:32] == "0." + 30 * "3"


def test_a_threshold_just_above_the_largest_feature() -> None:
    """``kappa`` less than ``2 tau`` above the feature, and above the band it makes: nothing is learned, exactly."""
    base = Problem("quadratic", teacher=FiniteRank([1.0]), d=50, n=4000, lam=1, noise=1)
    nu, noise, _ = (float(x) for x in exact_constants(base))
    tau = math.sqrt((noise + 1) / nu)
    scale = 0.5 / tau  # of tau and the threshold: where the feature, 1, is twice tau
    loud = base.replace(noise=float(base.noise) * ((noise + 1) * scale**2 - 1) / noise)
    penalty = math.sqrt(float(exact_constants(loud)[2])) / nu
    for kappa, nothing in ((1.8, True), (1.4, True), (1.3, False)):
        p = loud.replace(lam=kappa / penalty)
        answer = closed_forms.beyond_the_spectrum(p)
        assert (answer is not None and answer.status is Status.ZERO_ESTIMATOR) is nothing
    assert many_digits(loud.replace(lam=1.4 / penalty), 20).status is Status.ZERO_ESTIMATOR
