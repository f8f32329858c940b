"""Where features, noise and thresholds meet: against sums and integrals written out, and the state evolution."""

from __future__ import annotations

import math
from collections.abc import Callable
from itertools import pairwise

import numpy as np
import pytest
import sympy as sp
from scipy.integrate import quad
from scipy.optimize import brentq
from scipy.stats import norm

import asymptotix as ax
from asymptotix.asymptotics import meeting_numbers
from asymptotix.asymptotics.little_noise import LiftMeeting, MatrixMeeting, Meeting, SequenceMeeting
from asymptotix.asymptotics.symbols import GAMMA

Sums = Callable[[float], tuple[float, float]]


def responses(error: Callable[[float, float], float]) -> tuple[float, float]:
    """How the logarithm of an error moves with what is added to the risk and to the count, by differences."""
    h = 1e-4
    by_noise, by_penalty = (
        (math.log(error(h * x, h * y)) - math.log(error(-h * x, -h * y))) / (2 * h)
        for x, y in ((1, 0), (0, 1))
    )
    return by_noise, by_penalty


def sequence_sums(size: float, gamma: float, decay: float) -> tuple[float, float]:
    """Risk and count of ``soft(a + z; c)``, ``a = size u^-gamma``, ``c = u^decay``, from the textbook's formulas."""

    def parts(u: float) -> tuple[float, float]:
        a, c = size * u**-gamma, u**decay
        missed = a * a * (norm.cdf(c - a) - norm.cdf(-c - a))
        kept = sum(norm.sf(x) * (1 + c * c) + norm.pdf(x) * (x - 2 * c) for x in (c - a, c + a))
        return missed + kept, norm.sf(c - a) + norm.sf(c + a)

    marks = np.linspace(math.log(1e-9), math.log(400.0), 60)
    risk, count = (
        sum(
            quad(lambda x, k=k: math.exp(x) * parts(math.exp(x))[k], low, high, epsrel=1e-12)[0]
            for low, high in pairwise(marks)
        )
        for k in (0, 1)
    )
    return risk + size**2 * 400.0 ** (1 - 2 * gamma) / (2 * gamma - 1), count


@pytest.mark.parametrize(("gamma", "decay"), [(1.25, 0.5), (0.8, 1.0)])
def test_a_sequence_meets_where_risk_equals_count(gamma: float, decay: float) -> None:
    found = Meeting(*SequenceMeeting.numbers(gamma, decay))
    risk, count = sequence_sums(found.feature, gamma, decay)
    assert risk == pytest.approx(count, rel=2e-8)
    assert found.count == pytest.approx(count, rel=2e-8)


@pytest.mark.parametrize(("gamma", "decay"), [(1.25, 0.5), (0.7, 1.5)])
def test_how_a_sequence_responds(gamma: float, decay: float) -> None:
    """``nu tau^2 = R (1 + x)``, ``nu = s (1 + y)``, with ``R = tau^2 X r(A)``, ``s = X S(A)``, ``tau = X^-gamma/A``."""

    def error(noise: float, penalty: float) -> float:
        def excess(log_a: float) -> float:
            risk, count = meeting_numbers.scalar_sums(math.exp(log_a), gamma, decay, 1.0)
            return math.log(risk * (1 + noise)) - math.log(count * (1 + penalty))

        log_a = brentq(excess, -4, 8, xtol=1e-14)
        risk, count = meeting_numbers.scalar_sums(math.exp(log_a), gamma, decay, 1.0)
        place = 1 / (count * (1 + penalty))
        return risk * place ** (1 - 2 * gamma) * math.exp(-2 * log_a)

    found = Meeting(*SequenceMeeting.numbers(gamma, decay))
    assert (found.noise, found.penalty) == pytest.approx(responses(error), rel=1e-5)


def lift_sums(lift: float, gamma: float, decay: float) -> tuple[float, float]:
    """``int (lift - u^b)^2`` and what is missed; ``int (a - u^b + lift)``; up to ``u = 1``, where the level is 0."""
    size = 1 - lift
    risk = quad(lambda u: (lift - u**decay) ** 2, 0, 1)[0] + size**2 / (2 * gamma - 1)
    learned = quad(lambda u: lift - u**decay, 0, 1)[0] + size / (1 - gamma)
    return risk, learned


@pytest.mark.parametrize(("gamma", "decay"), [("3/4", "1/2"), ("4/5", "1/4"), ("3/5", "1")])
def test_levels_lifted_alike(gamma: str, decay: str) -> None:
    """``s tau^2 = R`` is ``2 eta int x = risk``; ``R ~ X^(1 - 2 gamma) risk/A^2``, ``s ~ X^(1 + b)``."""
    g, b = (float(sp.Rational(x)) for x in (gamma, decay))
    at = Meeting.of(LiftMeeting, sp.Rational(decay))
    feature, count, by_noise, by_penalty = (float(sp.N(x.subs(GAMMA, sp.Rational(gamma)))) for x in at)

    def lift_at(noise: float, penalty: float) -> float:
        def excess(lift: float) -> float:
            risk, learned = lift_sums(lift, g, b)
            return risk * (1 + noise) - 2 * lift * learned * (1 + penalty)

        return float(brentq(excess, 1e-3, 0.999, xtol=1e-13))

    def error(noise: float, penalty: float) -> float:
        lift = lift_at(noise, penalty)
        risk, learned = lift_sums(lift, g, b)
        return risk * (learned * (1 + penalty)) ** ((2 * g - 1) / (1 + b)) / (1 - lift) ** 2

    lift = lift_at(0, 0)
    assert feature == pytest.approx(1 - lift, rel=1e-9)
    assert count == pytest.approx(2 * lift_sums(lift, g, b)[1] / (1 if b == 1 else 1 - b), rel=1e-9)
    assert (by_noise, by_penalty) == pytest.approx(responses(error), rel=1e-5)


def test_numbers_of_a_meeting_are_symbols_until_gamma_is_known() -> None:
    at = Meeting.of(LiftMeeting, sp.Rational(1, 2))
    assert all(x.has(GAMMA) for x in at)
    assert at.feature.subs(GAMMA, sp.Rational(5, 4)) is sp.zoo
    assert at.feature.subs(GAMMA, 1) is sp.zoo
    assert at.feature.doit().subs(GAMMA, sp.Rational(3, 4)) == at.feature.subs(GAMMA, sp.Rational(3, 4))
    matrix = Meeting.of(MatrixMeeting, sp.Rational(2))
    assert matrix.feature.subs(GAMMA, 2) is sp.zoo
    assert matrix.feature.subs(GAMMA, sp.Rational(5, 2)) is sp.zoo
    assert matrix.feature.evalf().has(GAMMA)
    for kind, power in ((LiftMeeting, ()), (MatrixMeeting, ()), (SequenceMeeting, (sp.Integer(1),))):
        numbers = [kind(sp.Integer(k), GAMMA, sp.Rational(3, 2), *power) for k in range(4)]
        assert [x.is_positive for x in numbers] == [True, True, None, None]  # responses may be of either sign
        assert numbers[3].is_real
        assert numbers[3].is_finite


def test_numbers_do_not_depend_on_how_finely_is_summed(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nine digits and more; of responses those that a slope by difference has."""
    sequence, matrix = meeting_numbers.sequence.__wrapped__, meeting_numbers.matrix.__wrapped__
    coarse = [sequence(1.1, 0.7), sequence(3.0, 0.125, 2 / 3), matrix(1.2, 1.6)]
    for name, value in (
        ("_STEP", 0.7),
        ("_FINE", 0.02),
        ("_NOTHING", 37.0),
        ("_FAR", 1e28),
        ("_APART", 7e-4),
    ):
        monkeypatch.setattr(meeting_numbers, name, value)
    fine = [sequence(1.1, 0.7), sequence(3.0, 0.125, 2 / 3), matrix(1.2, 1.6)]
    for one, other in zip(coarse, fine, strict=True):
        assert one[:2] == pytest.approx(other[:2], rel=1e-9)
        assert one[2:] == pytest.approx(other[2:], rel=1e-5)


def test_a_matrix_meets_as_in_the_state_evolution() -> None:
    """At two dimensions: what is left is the next orders, which fall as the learned share does."""
    off: list[float] = []
    gamma, beta = "3/4", "2"
    diagram = ax.phase_diagram("quadratic", beta=beta)
    for d in (1e6, 1e9):
        n = d**0.25
        law = diagram.at(gamma=gamma, a="1/4", l=-9, zeta=9)
        assert law.phase == "IV0"
        problem = ax.Problem("quadratic", gamma=gamma, beta=beta, d=d, n=n * d, lam=0, noise=d**-9)
        off.append(law.law(n_eff=n, lam=0, d=d, noise=d**-9) / ax.solve(problem).error - 1)
    assert abs(off[1]) < min(0.03, 0.6 * abs(off[0])), off


@pytest.mark.parametrize(("gamma", "decay", "size"), [(1.2, 1.6, 20.0), (0.75, 2.0, 3.0), (2.0, 3.0, 1.5)])
def test_both_sums_of_a_matrix_are_slopes_of_one_potential(gamma: float, decay: float, size: float) -> None:
    """``Q0 - P = v^2 X l(A)``: with ``x = 2/(2 decay - 1)`` its slopes by noise scale and threshold are both sums."""

    def sums(log_a: float) -> tuple[float, float]:
        block = meeting_numbers.Block(gamma, decay, math.exp(log_a))
        return block.sums(block.origin(block.featureless))

    def learned(log_a: float) -> float:
        count, shrinking = sums(log_a)
        return -((2 * gamma + 1) * count + (gamma + decay) * shrinking) / (2 * gamma - 1)

    log_a, x, h = math.log(size), 2 / (2 * decay - 1), 2e-3
    count, shrinking = sums(log_a)
    slope = (learned(log_a + h) - learned(log_a - h)) / (2 * h)
    by_noise = (2 + 2 * x) * learned(log_a) - slope * (gamma + decay) * x
    by_threshold = -2 * x * learned(log_a) + slope * ((gamma + decay) * x - 1)
    assert -2 * count == pytest.approx(by_noise, rel=1e-5)
    assert -shrinking == pytest.approx(by_threshold, rel=1e-5)
