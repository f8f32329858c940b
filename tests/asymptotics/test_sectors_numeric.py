"""Every sector of every network against the numerical response at d = 1e40: equal up to the sector's next order."""

from __future__ import annotations

import math
from dataclasses import replace

import pytest
import sympy as sp

from asymptotix.asymptotics.definition import definition
from asymptotix.asymptotics.sector import Sector, Term
from asymptotix.asymptotics.symbols import GAMMA
from asymptotix.teacher import PowerLaw

# sector: tau as (number of features above it)**-gamma or a number; c for Gaussian and for spectral noise
PLACES = {
    "nothing learned": (1.0, None, 1e3, 1e3),
    "features above the threshold": (1e-3, 1e6, 1e3, 1e3),
    "noise edge, nothing learned": (1e6, None, 12.0, 2 - 1e-5),
    "noise edge": (1.0, 1e8, 12.0, 2 - 1e-6),
    "threshold below the noise": (1.0, 1e20, 1e-4, 1e-4),
    "all features learned": (1e-5, math.inf, 2.0, 2.0),
}
NETWORKS = ("diagonal", "quadratic", "symmetric")


def number(terms: tuple[Term, ...], gamma: str, **values: float) -> float:
    at = {sp.Symbol(name, positive=True): sp.Float(value, 30) for name, value in values.items()}
    total = sum((term.expression for term in terms), sp.Integer(0)).subs(at)
    return float(sp.N(total.subs(GAMMA, sp.Rational(gamma)), 20))


@pytest.mark.parametrize("gamma", ["3/5", "1", "5/4", "3"])
@pytest.mark.parametrize("name", sorted(PLACES))
@pytest.mark.parametrize("network", sorted(NETWORKS))
def test_sector_agrees_with_the_numerical_response(network: str, name: str, gamma: str) -> None:
    module = definition(network)
    factor, above, *shapes = PLACES[name]
    shape = shapes[0] if network == "diagonal" else shapes[1]
    d = 1e40 if above != math.inf else 1e12
    exponent = float(sp.Rational(gamma))
    level = factor * (min(above, d) ** -exponent if above is not None else 1.0)
    if name == "all features learned":
        level = factor * d**-exponent
    potential = module.network.bind(PowerLaw(exponent).spectrum(int(d)))
    log_tau = math.log(level)
    response = potential.response(potential.path_of(shape, log_tau), log_tau)
    c = response.c
    values = {"d": d, "tau": level, "kappa": c * level, "c": c}
    values |= {"gap": max(2 - c, 1e-300), "q": math.exp(-c * c / 2) if c < 30 else 0.0}
    found: Sector = next(s for s in module.sectors() if s.name == name)
    # where only the order is known, one stands for the constant
    known = [
        replace(t, coefficient=sp.Integer(1)) if t.coefficient is sp.nan else t for t in found.corrections
    ]
    next_orders = [abs(number((term,), gamma, **values)) for term in known]
    allowed = 2 * sum(next_orders) + 1e-11
    assert response.rho * level**2 == pytest.approx(number(found.risk, gamma, **values), rel=allowed)
    if (
        found.count
    ):  # its own next orders are not listed: a few times the risk's, and 1/i* without cancellation
        assert response.dof == pytest.approx(number(found.count, gamma, **values), rel=10 * allowed)
    else:
        assert response.dof == 0
