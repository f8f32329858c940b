"""Deep diagonal networks on unequal inputs: sectors against the response, laws against the state evolution."""

from __future__ import annotations

import math
from fractions import Fraction

import numpy as np
import pytest
import sympy as sp
from scipy.integrate import quad

import asymptotix as ax
from asymptotix.asymptotics.definition import definition
from asymptotix.asymptotics.expansions.power import power_shares
from asymptotix.asymptotics.expansions.scalar_threshold import noise_share
from asymptotix.asymptotics.meeting_numbers import sequence
from asymptotix.asymptotics.sector import Sector, Term
from asymptotix.asymptotics.symbols import GAMMA, SHAPE
from asymptotix.checks.deepest_points import rays
from asymptotix.equations import System
from asymptotix.networks.jump_map import Jump, coordinate


def number(terms: tuple[Term, ...], gamma: str, **values: float) -> float:
    at = {sp.Symbol(name, positive=True): sp.Float(value, 30) for name, value in values.items()}
    total = sum((term.expression for term in terms), sp.Integer(0)).subs(at)
    return float(sp.N(total.subs(GAMMA, sp.Rational(gamma)), 20))


def sector(depth: int, beta: str, name: str) -> Sector:
    sectors = definition(f"diagonal of depth {depth} of beta {beta}").sectors()
    return next(s for s in sectors if s.name.startswith(name))


def response(depth: int, beta: str, gamma: str, d: float, tau: float, kappa: float) -> tuple[float, float]:
    """Risk and degrees of freedom at a noise scale and a threshold, that of an input of unit variance."""
    problem = ax.Problem("diagonal", gamma=gamma, depth=depth, beta=beta, d=d, n=d, lam=1, noise=1)
    found = System.of(problem).potential.response(math.log(kappa / tau), math.log(tau))
    return found.rho * tau**2, found.dof


@pytest.mark.parametrize("layers", [3, 4])
@pytest.mark.parametrize("power", [1.5, 6.0])
def test_sums_over_thresholds_of_bare_noise(layers: int, power: float) -> None:
    noise, _ = power_shares(2, Fraction(2, layers))
    found = [float(sp.N(x)) for x in noise.mellin(sp.Rational(str(power)))]

    def integrand(log_c: float, which: int) -> float:
        c = math.exp(log_c)
        return power * c**power * float(coordinate(Jump(2.0 / layers, c), np.zeros(1))[which][0])

    for which in (0, 1):
        by_sum = quad(integrand, -20.0, 3.2, args=(which,), epsrel=1e-10, limit=200)[0]
        assert found[which] == pytest.approx(by_sum, rel=1e-8)


def test_two_layers_have_the_same_form() -> None:
    """What the continuation of a Mellin transform leaves of the probability to be missed, ``-1 < power < 0``."""
    power = sp.Rational(-1, 2)
    missed = sp.erf(SHAPE / sp.sqrt(2))
    by_sum = quad(lambda c: float(missed.subs(SHAPE, c)) * c**-1.5, 0.0, math.inf)[0]
    assert -float(noise_share(2).mellin(power)[1]) / -0.5 == pytest.approx(by_sum, rel=1e-7)


@pytest.mark.parametrize(
    ("depth", "beta", "gamma", "where", "tau", "kappa"),
    [
        (3, "1/2", "5/4", "below the largest feature, features missed within", 1e-2, 1e-3),
        (4, "2", "2", "below the largest feature, features missed within", 1e-3, 1e-6),
        (3, "2", "3/5", "below the largest feature, features missed beyond", 1e-1, 1e-4),
        (3, "2", "3", "above the largest feature, features missed within", 10.0, 1e-2),
    ],
)
def test_learned_noise_and_the_features_hidden_in_it(
    depth: int, beta: str, gamma: str, where: str, tau: float, kappa: float
) -> None:
    found, values = sector(depth, beta, f"noise learned {where}"), {"d": 1e60, "tau": tau, "kappa": kappa}
    missed, noise = (number((term,), gamma, **values) for term in found.risk)
    risk, dof = response(depth, beta, gamma, 1e60, tau, kappa)
    bare, _ = response(depth, beta, gamma, 1e60, 1e30 * tau, 1e30 * kappa)  # no feature is seen
    assert noise - 0.5 * tau**2 == pytest.approx(bare * 1e-60, rel=1e-6)
    assert risk - bare * 1e-60 == pytest.approx(missed, rel=0.1)
    count = number(found.count, gamma, **values)
    assert dof == pytest.approx(count - 0.5, rel=2e-3)


@pytest.mark.parametrize(("depth", "beta"), [(3, "1/2"), (3, "2"), (4, "2")])
def test_the_plateau_adds_what_depth_and_inputs_have_alone(depth: int, beta: str) -> None:
    """``L - 2`` for equal inputs, ``beta`` for two layers: derived, and for one of them seen."""
    law = ax.phase_diagram("diagonal", depth=depth, beta=beta).at(gamma="5/4", a="1/2", l=-4)
    assert (law.phase, law.risk_exponent, law.log_power) == ("V", 0, 0)
    assert sp.simplify(law.constant - (sp.Rational(beta) + depth - 2)) == 0
    if (depth, beta) == (3, "1/2"):
        p = ax.Problem("diagonal", depth=depth, beta=beta, gamma=1.25, d=10**40, n=1e20, lam=0, noise=1)
        assert ax.solve(p).error == pytest.approx(float(law.constant), rel=1e-2)


@pytest.mark.parametrize(
    ("network", "gamma"),
    [("diagonal of depth 3 of beta 1/2", "5/4"), ("diagonal of depth 4 of beta 2", "3/5")],
)
def test_laws_without_learned_noise(network: str, gamma: str) -> None:
    """At the largest dimension that doubles hold."""
    seen = set()
    for ray in rays(network, Fraction(gamma)):
        if ray.name in ("Ia", "Ib", "II", "III", "VIb"):
            assert ray.ratio(10.0**ray.top) == pytest.approx(1.0, abs=1e-9)
            seen.add(ray.name)
    assert {"Ia", "II", "III"} <= seen


def test_interpolation_with_little_noise() -> None:
    """The number at which features, noise and thresholds meet, with its next order."""
    law = ax.phase_diagram("diagonal", depth=3, beta=2).at(gamma="5/4", a="1/2", l=-8, zeta=4)
    assert (law.phase, law.n_eff_exponent, law.d_exponent) == ("IV0", sp.Rational(-3, 2), 0)
    sizes = {"n_eff": 1e3, "d": 10**20, "noise": 1e-60}
    problem = ax.Problem("diagonal", depth=3, beta=2, gamma=1.25, n=1e3, d=10**20, lam=0, noise=1e-60)
    assert law.law(lam=0, order=1, **sizes) == pytest.approx(ax.solve(problem).error, rel=1e-5)
    *_, noise, penalty = sequence(1.25, 0.5, 2 / 3)  # both equations have too much: fewer samples
    assert noise + penalty == pytest.approx(1.5, rel=1e-6)
