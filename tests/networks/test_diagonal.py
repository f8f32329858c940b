"""The diagonal network's response against a sum of the textbook formulas in 60 digits."""

import math

import flint
import mpmath
import numpy as np
import pytest
from flint import arb

from asymptotix import FiniteRank, Geometric, PowerLaw
from asymptotix.gaussian import signed_tails, tail_ratios
from asymptotix.networks.diagonal import GaussianSequence


@pytest.fixture(scope="module")
def ctx():
    context = mpmath.MPContext()
    context.dps = 60
    return context


def reference(log_a, log_tau, c):
    """Sums of r and s term by term: E (soft(a + z; c) - a)^2 and P(|a + z| > c)."""

    root, half = arb(2).sqrt(), (2 * arb.pi()).sqrt()

    def moments(x):
        phi = (-x * x / 2).exp() / half
        q = (x / root).erfc() / 2
        return q, phi - x * q, (1 + x * x) * q - x * phi

    risk = dof = arb(0)
    for log_value in log_a:
        a = (arb(float(log_value)) - log_tau).exp()
        q_x, i1_x, i2_x = moments(c - a)
        q_y, i1_y, i2_y = moments(c + a)
        risk += a * a + i2_x + i2_y - 2 * a * (i1_x - i1_y)
        dof += q_x + q_y
    return risk, dof


@pytest.mark.parametrize("teacher", [PowerLaw(0.55), PowerLaw(1.25), PowerLaw(3.0), Geometric(0.99)])
@pytest.mark.parametrize("c", [1e-6, 0.1, 0.5, 3.0, 8.0, 20.0, 49.0, 60.0, 1e6])
def test_sums_to_twelve_digits(teacher, c):
    d = 800  # more than are summed term by term
    spectrum = teacher.spectrum(d)
    log_a = spectrum.log_value(np.arange(1.0, d + 1))
    for log_tau in (-9.0, -3.0, 2.0):
        with flint.ctx.workdps(60):
            risk, dof = reference(log_a, log_tau, arb(math.exp(math.log(c))))
        found = GaussianSequence(spectrum).response(math.log(c), log_tau)
        assert found.rho == pytest.approx(float(risk), rel=1e-12)
        if dof > 1e-290:
            assert found.dof == pytest.approx(float(dof), rel=1e-12)
        if found.rho_below is not None:
            assert found.rho_below == pytest.approx(float(d - risk), rel=1e-12)
            if d - dof > 1e-30:
                assert found.dof_below == pytest.approx(float(d - dof), rel=1e-12)


def test_gaussian_tails_to_full_precision(ctx):
    x = np.array([0.0, 0.3, 2.0, 4.999, 5.001, 9.0, 38.0, 1e8])
    for value, q, one, two in zip(x, *tail_ratios(x), strict=True):
        y = ctx.mpf(value)
        with ctx.workdps(120):
            ratio = (
                ctx.erfc(y / ctx.sqrt(2)) / 2 * ctx.sqrt(2 * ctx.pi) * ctx.exp(y * y / 2)
                if y < 1e4
                else 1 / y
            )
            exact = (
                (ratio, 1 - y * ratio, (1 + y * y) * ratio - y) if y < 1e4 else (1 / y, 1 / y**2, 2 / y**3)
            )
        assert (q, one, two) == pytest.approx([float(v) for v in exact], rel=4e-13)


def test_zeros_are_counted_at_any_dimension():
    few = GaussianSequence(FiniteRank([1.0]).spectrum(1000)).response(math.log(2.0), 30.0)
    many = GaussianSequence(FiniteRank([1.0]).spectrum(10**60)).response(math.log(2.0), 30.0)
    assert many.rho == pytest.approx(few.rho * 1e57, rel=1e-6)


@pytest.mark.parametrize("d", [10**6, 10**60, 10**120])
def test_thresholds_where_the_forms_change_are_continuous(d):
    sequence = GaussianSequence(PowerLaw(1.25).spectrum(d))
    for c in (0.5, 50.0):
        below, above = (sequence.response(math.log(c) + h, -20.0) for h in (-1e-13, 1e-13))
        assert below.rho == pytest.approx(above.rho, rel=1e-9 if c == 50.0 else 1e-11)


@pytest.mark.parametrize("sides", [1, 2])
def test_the_risk_is_that_of_the_potential(sides: int) -> None:
    """``Q0 - J + delta J_delta + eps J_eps`` of ``J = (1/d) sum E (|theta_i + delta z| - eps)_+^2``, no digits lost."""
    spectrum, c, log_tau = PowerLaw(1.0).spectrum(50), 1.0, -2.0
    tau = math.exp(log_tau)
    a = spectrum.values() / tau
    moments = [signed_tails(x) for x in (c - a, c + a)[:sides]]
    zeroth, first, second = (sum(float(m[k].sum()) for m in moments) for k in range(3))
    risk = 1.0 - tau**2 * second + 2.0 * tau**2 * zeroth - 2.0 * tau**2 * c * first
    found = GaussianSequence(spectrum, sides).response(math.log(c), log_tau)
    assert tau**2 * found.rho == pytest.approx(risk, abs=1e-13)
