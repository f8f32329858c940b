"""Sectors of unequal inputs against the numerical response, with their next orders: each where it is the largest."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest
import sympy as sp

import asymptotix as ax
from asymptotix.asymptotics.definition import definition
from asymptotix.asymptotics.sector import Sector, Term
from asymptotix.asymptotics.symbols import GAMMA
from asymptotix.equations import System


def number(terms: tuple[Term, ...], gamma: str, values: dict[str, float]) -> float:
    at = {sp.Symbol(name, positive=True): sp.Float(value, 30) for name, value in values.items()}
    total = sum((term.expression for term in terms), sp.Integer(0)).subs(at)
    return float(sp.N(total.subs(GAMMA, sp.Rational(gamma)), 20))


def sector(beta: str, name: str) -> Sector:
    return next(s for s in definition(f"diagonal of beta {beta}").sectors() if s.name.startswith(name))


def response(beta: str, gamma: str, d: float, tau: float, kappa: float) -> tuple[float, float]:
    """Risk and degrees of freedom at a noise scale and a threshold."""
    potential = System.of(ax.Problem("diagonal", gamma=gamma, beta=beta, d=d, n=d, lam=1, noise=1)).potential
    found = potential.response(potential.path_of(kappa / tau, math.log(tau)), math.log(tau))
    assert found.c == pytest.approx(kappa / tau)
    return found.rho * tau**2, found.dof


# where each of the corrections counts: d, tau, kappa
PLACES = [
    ("1/2", "5/4", "features are discrete", (1e12, 1e-14, 1e-3)),
    ("2", "3/5", "teacher normalised over d features", (1e12, 1e-14, 1e-3)),
    ("1/2", "5/4", "features end at i = d", (1e5, 1e-13, 1e-5)),
    ("1/2", "5/4", "noise on learned features", (1e12, 1e-5, 1e-4)),
]


@pytest.mark.parametrize(("beta", "gamma", "label", "place"), PLACES)
def test_next_orders_of_features_above_the_threshold(
    beta: str, gamma: str, label: str, place: tuple[float, float, float]
) -> None:
    d, tau, kappa = place
    found, values = sector(beta, "features above the threshold"), {"d": d, "tau": tau, "kappa": kappa}
    known = [c for c in found.corrections if c.coefficient is not sp.nan]
    orders = {c.label: number((c,), gamma, values) for c in known}
    risk, dof = response(beta, gamma, d, tau, kappa)
    left = risk / number(found.risk, gamma, values) - 1.0 - sum(orders.values())
    assert abs(left) < 0.1 * abs(orders[label])
    assert dof == pytest.approx(number(found.count, gamma, values), abs=1)


@pytest.mark.parametrize("beta", ["1", "2"])
def test_from_beta_one_on_the_next_order_swings_with_the_place_of_the_last_learned_feature(beta: str) -> None:
    """Its order is the square of one over their number, of either sign: no constant is claimed."""
    found, ratios = sector(beta, "features above the threshold"), []
    (unknown,) = (c for c in found.corrections if c.coefficient is sp.nan)
    assert unknown.label == "the last learned feature lies between integers"
    for kappa in np.geomspace(1e-8, 1.3e-8, 12):  # some hundred features, from one integer to the next and on
        values = {"d": 1e12, "tau": 1e-20, "kappa": float(kappa)}
        risk, _ = response(beta, "3", 1e12, 1e-20, float(kappa))
        order = number((replace(unknown, coefficient=sp.Integer(1)),), "3", values)
        ratios.append((risk / number(found.risk, "3", values) - 1.0) / order)
    assert min(ratios) < -0.1
    assert max(ratios) > 0.1
    assert max(map(abs, ratios)) < 10


@pytest.mark.parametrize(
    ("beta", "gamma", "where", "tau", "kappa"),
    [
        ("1/2", "5/4", "features missed within", 1e-2, 1e-3),
        ("1", "2", "features missed within", 1e-3, 1e-5),
        ("1", "3/5", "features missed beyond", 1e-1, 1e-4),
    ],
)
def test_learned_noise_and_the_features_hidden_in_it(
    beta: str, gamma: str, where: str, tau: float, kappa: float
) -> None:
    """Noise up to ``i_n = (tau/kappa)^(2/beta)``, counted from ``i = 1``: half a direction less than the integral."""
    values, found = (
        {"d": 1e60, "tau": tau, "kappa": kappa},
        sector(beta, f"noise learned below the largest feature, {where}"),
    )
    missed, noise = (number((term,), gamma, values) for term in found.risk)
    risk, dof = response(beta, gamma, 1e60, tau, kappa)
    assert risk - (noise - 0.5 * tau**2) == pytest.approx(missed, rel=0.1)
    count = number(found.count, gamma, values)
    assert count * number(found.count_corrections, gamma, values) == pytest.approx(-0.5)
    assert dof == pytest.approx(count, rel=2e-3)
