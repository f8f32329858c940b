"""Phases of the diagonal network on inputs of unequal variance, against the state evolution at d = 1e100."""

from __future__ import annotations

from fractions import Fraction

import pytest
import sympy as sp

import asymptotix as ax
from asymptotix.asymptotics.definition import definition
from asymptotix.asymptotics.little_noise import MatrixMeeting, SequenceMeeting

D = 10**100


def measured(law: ax.Phase, beta: str, gamma: str, a: str, l: str, zeta: str) -> float:  # noqa: E741
    """Law over state evolution, less 1."""
    n, lam, noise = (10.0 ** (100 * float(Fraction(x))) for x in (a, l, f"-{zeta}"))
    error = ax.solve(ax.Problem("diagonal", gamma=gamma, beta=beta, d=D, n=n, lam=lam, noise=noise)).error
    return law.law(n_eff=n, lam=lam, d=D, noise=noise) / error - 1.0


@pytest.mark.parametrize("beta", ["1/2", "1", "2"])
def test_without_weight_decay_the_error_is_beta_times_the_noise(beta: str) -> None:
    """The plateau comes out of the ratio of leaked risk to leaked count, beta/(1 + beta): no constant is given."""
    law = ax.phase_diagram("diagonal", beta=beta).at(gamma="5/4", a="1/2", l=-4)
    assert (law.phase, law.risk_exponent, law.log_power, law.constant) == ("V", 0, 0, sp.Rational(beta))
    assert abs(measured(law, beta, "5/4", "1/2", "-2", "0")) < 1e-3


@pytest.mark.parametrize(
    ("beta", "gamma", "a", "l", "phase", "within"),
    [
        ("1/2", "2", "2/3", "-1/42", "II", 1e-8),
        ("2", "5/4", "25/12", "-4/21", "II", 1e-8),
        ("2", "3/5", "13/6", "-23/84", "III", 1e-8),
        ("2", "5/4", "7/6", "-6/7", "V", 1e-2),
        ("1/2", "5/4", "29/12", "-32/21", "VIa", 1e-8),
        ("1", "3/5", "17/12", "-25/21", "VIb", 1e-8),
    ],
)
def test_laws(beta: str, gamma: str, a: str, l: str, phase: str, within: float) -> None:  # noqa: E741
    law = ax.phase_diagram("diagonal", beta=beta).at(gamma=gamma, a=a, l=l)
    assert law.phase == phase
    assert abs(measured(law, beta, gamma, a, l, "0")) < within


@pytest.mark.parametrize("beta", ["1/2", "2"])
def test_interpolation_with_little_noise(beta: str) -> None:
    """Noise far below ``n_eff^(1 - 2 gamma)``: the number is that of the state evolution, and so is the next order."""
    law = ax.phase_diagram("diagonal", beta=beta).at(gamma="5/4", a="1/2", l=-8, zeta=4)
    assert (law.phase, law.n_eff_exponent, law.d_exponent) == ("IV0", sp.Rational(-3, 2), 0)
    for n, order, within in ((1e50, 0, 1e-9), (1e3, 1, 1e-4)):
        error = ax.solve(ax.Problem("diagonal", gamma="5/4", beta=beta, d=D, n=n, lam=0, noise=1e-250)).error
        assert law.law(n_eff=n, lam=0, d=D, noise=1e-250, order=order) == pytest.approx(error, rel=within)


@pytest.mark.parametrize("kind", [SequenceMeeting, MatrixMeeting])
def test_noise_and_penalty_together_take_samples_away(kind: type) -> None:
    """What both equations have too much of is a smaller number of samples: the responses add up to the exponent."""
    gamma, beta = 1.25, 2.0
    *_, noise, penalty = kind.numbers(gamma, beta)
    learned = 1.0 if kind is SequenceMeeting else 0.5  # X is that power of the samples
    assert noise + penalty == pytest.approx(learned * (2 * gamma - 1), rel=1e-6)


def test_the_next_order_of_the_plateau() -> None:
    """Directions are discrete: relative order 1/n, with its constant."""
    law = ax.phase_diagram("diagonal", beta="2").at(gamma="3/5", a="1/12", l="-65/84")
    n, lam = 10.0 ** (100 / 12), 10.0 ** (-100 * 65 / 84)
    error = ax.solve(ax.Problem("diagonal", gamma="3/5", beta=2, d=D, n=n, lam=lam, noise=1)).error
    plain, next_order = (law.law(n_eff=n, lam=lam, d=D, noise=1, order=k) / error - 1 for k in (0, 1))
    assert abs(next_order) < 0.15 * abs(plain)


@pytest.mark.parametrize("n", [1e2, 1e3])
def test_the_next_order_of_a_count_on_the_plateau(n: float) -> None:
    """Where hardly a feature is missed it is the largest: what is left of ``O(1/n)`` is ``O(1/n**2)``."""
    law = ax.phase_diagram("diagonal", beta="4").at(gamma="4", a="1/4", l=-4)
    assert law.phase == "V"
    error = ax.solve(ax.Problem("diagonal", gamma="4", beta=4, d=D, n=n, lam=0, noise=1)).error
    plain, next_order = (law.law(n_eff=n, lam=0, d=D, noise=1, order=k) / error - 1 for k in (0, 1))
    assert 0.5 / n < abs(plain) < 1 / n
    assert abs(next_order) < plain**2


def test_equal_inputs_keep_their_own_sectors() -> None:
    assert ax.phase_diagram("diagonal", beta=0) == ax.phase_diagram("diagonal")
    names = {sector.name for sector in definition("diagonal of beta 1/2").sectors()}
    assert any("features missed within it" in name for name in names)
