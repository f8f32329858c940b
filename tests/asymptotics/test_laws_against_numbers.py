"""Every law and its next order, constants included, against the state evolution at extreme sizes."""

from __future__ import annotations

import math
from fractions import Fraction

import pytest

from asymptotix.asymptotics.diagram import phase_diagram
from asymptotix.problem import Problem
from asymptotix.state_evolution import solve

# gamma, a, l, zeta: inside each phase
POINTS = {
    "II, discreteness": ("5/4", "1/2", "-1/8", 0),
    "II, last features": ("3/4", 2, "7/8", 0),
    "III": ("3/4", 2, "3/5", 0),
    "VIa": ("5/4", "3/2", 0, 0),
    "VIb": ("3/4", 2, 0, 0),
    "IV": ("5/4", "1/5", -2, 0),
    "V": ("5/4", "3/4", -1, 0),
    "IV0": ("5/4", "1/2", -2, 3),
}


def errors(network: str, place: str, log10_d: int) -> tuple[float, float, float]:
    """The state evolution's error, the law, and the law with its next order."""
    gamma, a, length, zeta = (Fraction(x) for x in POINTS[place])
    phase = phase_diagram(network).at(gamma, a, length, zeta)
    assert phase.phase == place.split(",")[0]
    n_eff, lam, noise = (10.0 ** (log10_d * float(x)) for x in (a, length, -zeta))
    d = 10**log10_d
    n = n_eff if network == "diagonal" else n_eff * d
    true = solve(Problem(network=network, gamma=float(gamma), d=d, n=n, lam=lam, noise=noise)).error
    return true, phase.law(n_eff, lam, d, noise), phase.law(n_eff, lam, d, noise, order=1)


@pytest.mark.parametrize("place", POINTS)
def test_quadratic_laws_hold_to_next_order(place: str) -> None:
    true, law, corrected = errors("quadratic", place, 30)
    assert true / law - 1 == pytest.approx(corrected / law - 1, rel=0.02, abs=1e-12)


@pytest.mark.parametrize(
    "place", [p for p in POINTS if p[0] != "V" and not p.startswith("IV")] + ["VIa", "VIb"]
)
def test_diagonal_laws_hold_to_next_order(place: str) -> None:
    true, law, corrected = errors("diagonal", place, 30)
    assert true / law - 1 == pytest.approx(corrected / law - 1, rel=0.02, abs=1e-12)


@pytest.mark.parametrize("place", ["V", "IV0"])
def test_the_diagonals_interpolation_is_known_to_its_logarithmic_next_order(place: str) -> None:
    """R log(d/n)/Delta -> 1 with corrections in loglog/log and 1/log; what is left is of their square."""
    for log10_d in (12, 40, 80):
        true, law, corrected = errors("diagonal", place, log10_d)
        log = log10_d * math.log(10)
        assert abs(true / corrected - 1) < 20 * (math.log(log) / log) ** 2
        assert log10_d == 12 or abs(true / corrected - 1) < 0.4 * abs(true / law - 1)


def test_features_among_noise_learned_on_one_side() -> None:
    """``2 E|z|^(2-p)/(2-p)``, p = 1/gamma, by the engine: what is left beside it is of its square."""
    phase = phase_diagram("nonnegative").at("3/4", "5/4", -3)
    for log10_d in (12, 30):
        d = 10.0**log10_d
        n, lam = d**1.25, d**-3.0
        true = solve(Problem("nonnegative", gamma=0.75, d=d, n=n, lam=lam, noise=1)).error
        law, corrected = phase.law(n, lam, d, 1), phase.law(n, lam, d, 1, order=1)
        off = true / law - 1
        assert corrected / law - 1 == pytest.approx(off, rel=6 * off + 3e-3)
