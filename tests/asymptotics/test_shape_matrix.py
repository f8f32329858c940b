"""Phases of the quadratic network on inputs of unequal variance, against the state evolution at d = 1e9."""

from __future__ import annotations

import math
from fractions import Fraction

import numpy as np
import pytest
import sympy as sp

import asymptotix as ax
from asymptotix.asymptotics.definition import definition
from asymptotix.asymptotics.little_noise import LiftMeeting
from asymptotix.asymptotics.repulsion import leak
from asymptotix.checks import shape
from asymptotix.teacher import FiniteRank


@pytest.mark.parametrize("beta", ["1/2", "3/2"])
def test_without_weight_decay_the_error_is_a_share_of_the_noise(beta: str) -> None:
    """The sectors' constants and the argument from scales (`repulsion`) share no formula."""
    law = ax.phase_diagram("quadratic", beta=beta).at(gamma="3/4", a="1/2", l=-6)
    assert (law.phase, law.risk_exponent, law.log_power) == ("V", 0, 0)
    assert law.constant == sp.Rational(leak(beta).plateau) / 2


# the claims hold the others: a diagram takes some seconds
@pytest.mark.parametrize("law", [x for x in shape.LAWS if x[0] in ("1/2", "1", "3/2")], ids=str)
def test_laws_with_their_next_order(law: shape.LawPoint) -> None:
    assert shape.against_numbers(law).passed


def test_a_next_order_whose_first_part_vanishes() -> None:
    """What it leaves falls as its square, ``d**-0.4`` here; with a wrong constant as itself, ``d**-0.2``."""
    law = ax.phase_diagram("quadratic", beta="2/3").at(gamma="3/4", a="1/2", l=-6)
    assert law.next_order == "-1/5"
    left = []
    for d in (10**7, 10**8):
        p = ax.Problem("quadratic", teacher=FiniteRank([1.0]), beta=2 / 3, d=d, n=d**1.5, lam=0, noise=1)
        left.append(ax.solve(p).error / law.law(n_eff=d**0.5, lam=0, d=d, noise=1, order=1) - 1.0)
    assert 0.3 < math.log10(left[0] / left[1]) < 0.5


def test_features_count_where_the_teacher_decays_fast() -> None:
    """Noise turns features: without weight decay the error is (gamma - 1) of the noise where they fill the samples."""
    diagram = ax.phase_diagram("quadratic", beta="1/2")
    assert diagram.at(gamma=3, a="1/13", l=-6, zeta="3/4").constant == 1  # (gamma - 1)/2
    noiseless = diagram.at(gamma=3, a="1/13", l=-6, zeta=4)
    i_star = (Fraction(1, 13) * 3 + Fraction(1, 2)) / Fraction(7, 2)
    assert noiseless.risk_exponent == -5 * sp.Rational(i_star)
    # slow teachers: noise and features meet, at X ~ (n_eff d^beta)^(1/(1 + beta))
    slow = diagram.at(gamma="3/4", a="1/2", l=-6, zeta=4)
    assert (slow.phase, slow.risk_exponent) == (
        "IV0",
        -sp.Rational(1, 3),
    )
    assert not slow.constant.has(LiftMeeting)  # closed


def test_the_lift_solves_its_equation() -> None:
    """``s tau^2 = R`` written out as integrals of what is learned, ``x = a_i - i^beta + eta`` up to ``X = 1``."""
    gamma, beta = 0.75, 0.5
    eta = 1.0 - float(LiftMeeting(0, sp.Rational(3, 4), sp.Rational(1, 2)))
    size, u = 1.0 - eta, (np.arange(10**6) + 0.5) / 10**6
    learned = size / (1.0 - gamma) - float((u**beta).mean()) + eta
    risk = float(((eta - u**beta) ** 2).mean()) + size**2 / (2 * gamma - 1)
    assert 2.0 * eta * learned == pytest.approx(risk, rel=1e-6)


def test_beta_one_has_logarithms() -> None:
    """Levels of all sizes lift the first: ``log(1/Y)/C``; the plateau is that of either side."""
    diagram = ax.phase_diagram("quadratic", beta=1)
    plateau = diagram.at(gamma="3/4", a="1/2", l=-6)
    assert (plateau.constant, plateau.log_power, plateau.next_order) == (sp.Rational(1, 4), 0, "1/log(d)")
    fewer = diagram.at(gamma="3/4", a="1/2", l="-12/11")
    assert (fewer.phase, fewer.log_power) == ("V", 3)


def test_the_peak_is_that_of_equal_inputs_with_the_thresholds_mean() -> None:
    equal, peak = (ax.phase_diagram("quadratic", beta=b).peaks[0] for b in (0, "1/2"))
    assert equal.ratio == peak.ratio
    assert peak.growth.exponent != equal.growth.exponent  # d kappa becomes d^(1 + beta) kappa/(1 + beta)


def test_sectors_of_a_sequence_are_not_those_of_a_matrix() -> None:
    for network, word in (("diagonal", "within it"), ("quadratic", "counted on features")):
        assert any(word in sector.name for sector in definition(f"{network} of beta 1/2").sectors())


def test_where_two_orders_meet_there_is_no_constant() -> None:
    """At gamma = max(1, beta) exactly the features' sum is a logarithm: no law is claimed."""
    law = ax.phase_diagram("quadratic", beta="1/2").at(gamma=1, a="1/4", l=-6, zeta=3)
    with pytest.raises(ax.InvalidInput, match="crossover"):
        law.law(n_eff=1e2, lam=1e-50, d=1e9, noise=1e-27)
