"""Phases of a bilinear network of fewer rows than columns: constants of the ratio, against the square and numbers."""

from __future__ import annotations

import math
from fractions import Fraction

import numpy as np
import pytest
import sympy as sp
from scipy.integrate import quad

from asymptotix import InvalidInput, phase_diagram
from asymptotix.asymptotics.diagram import PhaseDiagram
from asymptotix.asymptotics.expansions import spectral_shares
from asymptotix.asymptotics.expansions.mellin import OutlierIntegral, power_law_integral
from asymptotix.asymptotics.expansions.potential import bayes_pieces
from asymptotix.asymptotics.expansions.rectangular_threshold import edge, rectangular_shares
from asymptotix.asymptotics.symbols import GAMMA, RATIO
from asymptotix.networks import get
from asymptotix.problem import Problem
from asymptotix.state_evolution import solve

LARGE = 10**8
# gamma, a, l, zeta inside each phase; and how far the law with its next order may be off at d = 1e8
POINTS = {
    "II": ("3/4", 2, "7/8", 0, 2e-4),
    "III": ("3/4", 2, "3/5", 0, 4e-3),
    "VIa": ("5/4", "3/2", 0, 0, 4e-3),
    "VIb": ("3/4", 2, 0, 0, 1e-5),
    "V": ("5/4", "3/4", -1, 0, 0.08),
}


def diagram(aspect: str = "rho") -> PhaseDiagram:
    return phase_diagram("bilinear", aspect=aspect)


def test_as_many_rows_as_columns_give_the_square_table() -> None:
    """Through the shares of the oblong network, at rho = 1: the same regions, exponents and constants."""
    square = phase_diagram("bilinear").phases
    assert [(p.phase, p.rows, p.growth.exponent) for p in diagram().phases] == [
        (p.phase, p.rows, p.growth.exponent) for p in square
    ]
    for one, other in zip(diagram().phases, square, strict=True):
        at = {RATIO: 1, GAMMA: sp.Rational(5, 4)}
        assert sp.N(one.constant.subs(at) - other.constant.subs(at)) == pytest.approx(0, abs=1e-12)
        for p, q in zip(one.pieces, other.pieces, strict=True):
            mine, theirs = p.solution.corrections, q.solution.corrections
            assert [c.exponent for c in mine] == [c.exponent for c in theirs]
            for x, y in zip(mine, theirs, strict=True):
                assert (x.constant is None) == (y.constant is None)
                if x.constant is not None:
                    assert sp.N((x.constant - y.constant).subs(at)) == pytest.approx(0, abs=1e-9)


def test_one_as_an_aspect_is_the_square_network() -> None:
    assert get("bilinear").of_aspect("1") is get("bilinear")
    oblong, square = rectangular_shares(2, sp.Integer(1)), spectral_shares(2)
    assert oblong[0].at_edge == square[0].at_edge
    assert oblong[0].at_zero() == square[0].at_zero()
    onset = oblong[1].onset(oblong[0].edge)
    assert onset == 1
    for mine, theirs in zip(
        oblong[1].at_shape(edge(1), onset), square[1].at_shape(edge(1), onset), strict=True
    ):
        assert sp.simplify(power_law_integral(mine) - power_law_integral(theirs)) == 0
    best = [power_law_integral(bayes_pieces(feature)) for feature in (oblong[1], square[1])]
    assert sp.simplify(best[0] - best[1]) == 0


@pytest.mark.parametrize("ratio", [Fraction(1, 4), Fraction(9, 10)])
def test_shares_are_those_of_the_noise_and_of_an_outlier(ratio: Fraction) -> None:
    """Moments of the Marchenko-Pastur law, and risk and count of outliers, by quadrature in doubles."""
    rho, gamma = float(ratio), 1.25
    noise, feature = rectangular_shares(2, sp.Rational(ratio.numerator, ratio.denominator))
    low, high = 1.0 - math.sqrt(rho), 1.0 + math.sqrt(rho)

    def density(x: float) -> float:
        return math.sqrt(max((x * x - low * low) * (high * high - x * x), 0.0)) / (math.pi * x)

    def moment(k: int) -> float:
        return float(quad(lambda x: x**k * density(x), low, high)[0])

    for k in (1, 2):
        assert float(noise.moment(k)) == pytest.approx(moment(k), rel=1e-8)
    gap = 1e-3
    inside = quad(lambda h: (gap - h) ** 2 * density(high - h), 0.0, gap)[0]
    series = sum(float(t.coefficient) * gap ** float(t.powers["gap"]) for t in noise.at_edge)
    assert series == pytest.approx(inside, rel=1e-5)
    onset = float(feature.onset(noise.edge))
    assert onset == pytest.approx(rho**0.25)

    def risk(a: float) -> float:
        if a < onset:
            return a * a
        z = math.sqrt((1 + a * a) * (rho + a * a)) / a
        left = (a**4 - rho) / (a * a * (a * a + 1.0))
        right = (a**4 - rho) / (a * a * (a * a + rho))
        w = z - high
        return a * a + w * w - 2.0 * a * w * math.sqrt(left * right)

    upper = 1e3
    total = quad(lambda a: risk(a) * a ** (-1 - 1 / gamma), 0, onset)[0]
    total += quad(
        lambda u: risk(math.exp(u)) * math.exp(-u / gamma), math.log(onset), math.log(upper), limit=200
    )[0]
    total += risk(upper) * gamma * upper ** (-1 / gamma)
    pieces, _ = feature.at_shape(noise.edge, feature.onset(noise.edge))
    derived = float(sp.N(power_law_integral(pieces).subs(GAMMA, sp.Rational(5, 4))))
    assert derived == pytest.approx(total / gamma, rel=2e-3)


def test_the_outliers_integral_is_elementary_where_it_should_be() -> None:
    for rho in (0.2, 0.7):
        h = (math.sqrt(rho) + 1 / math.sqrt(rho)) / 2
        value = float(sp.N(OutlierIntegral(1, sp.Float(rho), sp.Rational(1, 2))))
        assert value == pytest.approx(math.sqrt(1 + h + 0.25) - 1)


@pytest.mark.parametrize("phase", POINTS)
@pytest.mark.parametrize("aspect", ["1/4", "9/10"])
def test_laws_hold_against_the_state_evolution(phase: str, aspect: str) -> None:
    gamma, a, length, zeta, tolerance = POINTS[phase]
    here = diagram(aspect).at(gamma, a, length, zeta)
    assert here.phase == phase
    n_eff, lam, noise = (10.0 ** (8 * float(Fraction(x))) for x in (a, length, -zeta))
    rows = int(Fraction(aspect) * LARGE)
    p = Problem(
        "bilinear", gamma=float(Fraction(gamma)), d=LARGE, rows=rows, n=n_eff * LARGE, lam=lam, noise=noise
    )
    law = here.law(n_eff, lam, LARGE, noise, order=1)
    assert solve(p).error == pytest.approx(law, rel=tolerance)


# gamma, a, l; a power of ten at which the next order, included, leaves no more than the accuracy in the last place.
FAR = [
    ("5/4", "1/2", "-1", 60, 1e-12),
    ("5/4", "1/2", "-1", 120, 1e-12),
    ("5/4", "1/2", "-1/8", 60, 1e-10),
    ("5/4", "1/2", "-1/8", 120, 1e-12),
    ("5/4", "9/10", "-1/50", 120, 1e-11),
    ("5/4", "3/2", "-2", 120, 1e-12),
    ("5/4", "7/2", "-2", 60, 1e-12),
    ("3/4", "2", "3/5", 60, 1e-10),
]


@pytest.mark.parametrize(("gamma", "a", "l", "power", "tolerance"), FAR)
def test_the_state_evolution_approaches_every_law(
    gamma: str,
    a: str,
    l: str,  # noqa: E741
    power: int,
    tolerance: float,
) -> None:
    d = 10**power
    n_eff, lam = (float(d) ** float(Fraction(x)) for x in (a, l))
    law = diagram("1/4").at(gamma, a, l).law(n_eff, lam, d, 1, order=1)
    p = Problem("bilinear", gamma=float(Fraction(gamma)), d=d, rows=d // 4, n=n_eff * d, lam=lam, noise=1)
    solved = solve(p)
    assert solved.residual < 1e-12
    assert solved.error == pytest.approx(law, rel=tolerance)


def test_the_peak_is_where_samples_are_as_many_as_entries() -> None:
    (peak,) = diagram("1/4").peaks
    assert peak.ratio == sp.Rational(1, 4)
    rho, d, lam = 0.25, 4000, 1e-5
    p = Problem("bilinear", gamma=1.25, d=d, rows=int(rho * d), n=rho * d * d, lam=lam, noise=1)
    law = float(sp.N(peak.growth.constant)) * lam ** (-2 / 3)
    assert solve(p).error == pytest.approx(law, rel=0.1)


def test_a_problem_of_any_shape_finds_its_phase() -> None:
    p = Problem("bilinear", gamma=1.25, d=10**6, rows=370_000, n=3e15, lam=1.0, noise=1)
    here = phase_diagram(p.net.name).locate(p)
    law = here.law(p.n_eff, p.lam, p.d, p.noise, gamma=p.gamma)
    assert (here.phase, here.network) == ("VIa", "bilinear of rows 370000 x 1000000")
    assert law == pytest.approx(0.37 * 1e6 / 3e9)
    assert solve(p).error == pytest.approx(law, rel=0.02)


@pytest.mark.parametrize("aspect", ["0", "5/4", "-1/2", "x", "1/0", "nan"])
def test_other_shares_of_rows_are_refused(aspect: str) -> None:
    with pytest.raises(InvalidInput, match="aspect"):
        get("bilinear").of_aspect(aspect)


def test_a_law_for_any_shape_asks_for_one() -> None:
    here = diagram().at("5/4", "3/2", 0)
    with pytest.raises(InvalidInput, match="aspect"):
        here.law(1e9, 1, 1e6, 1)
    assert np.isfinite(diagram("1/3").at("5/4", "3/2", 0).law(1e9, 1, 1e6, 1))
