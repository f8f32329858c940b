"""Phases of deep diagonal networks: laws against the state evolution at d = 1e100, and how they move with depth."""

from __future__ import annotations

from fractions import Fraction

import numpy as np
import pytest
import sympy as sp

import asymptotix as ax
from asymptotix.asymptotics.expansions.mellin import FEATURE, Estimate, LowerBeta, power_law_integral
from asymptotix.asymptotics.expansions.power import PowerPenalty, power_shares
from asymptotix.asymptotics.symbols import GAMMA
from asymptotix.networks.jump_map import Jump, coordinate

D = 10**100
# gamma, a, l, zeta, and how far the law may be off: an exponential of the distance to the boundary, or 1/log d
POINTS = [
    ("II", "5/4", "17/12", "13/42", 0, 1e-10),
    ("II", "3/4", "9/4", "41/42", "1/2", 1e-3),
    ("III", "3/4", "2", "47/84", 0, 1e-10),
    ("V", "5/4", "1/2", "-25/21", "1/2", 0.05),
    ("V", "3/4", "5/12", "-20/7", 0, 0.05),
    ("V0", "3/4", "1/4", "-43/42", "1/2", 0.05),
    ("VIa", "5/4", "29/12", "-11/21", 0, 1e-10),
    ("VIb", "3/4", "5/3", "-53/21", 0, 1e-10),
]


@pytest.mark.parametrize("depth", [3, 6])
def test_every_law_is_the_state_evolutions_limit(depth: int) -> None:
    diagram = ax.phase_diagram("diagonal", depth=depth)
    checked = set()
    for name, gamma, a, l, zeta, tolerance in POINTS:  # noqa: E741
        law = diagram.at(gamma=gamma, a=a, l=l, zeta=zeta)
        if law.phase != name:  # boundaries move with depth
            continue
        n, lam, noise = (10.0 ** (100 * float(Fraction(x))) for x in (a, l, -Fraction(zeta)))
        solution = ax.solve(ax.Problem("diagonal", depth=depth, gamma=gamma, d=D, n=n, lam=lam, noise=noise))
        assert solution.converged
        assert law.law(n_eff=n, lam=lam, d=D, noise=noise) == pytest.approx(solution.error, rel=tolerance)
        checked.add(name)
    assert {"II", "V", "V0", "VIa"} <= checked


@pytest.mark.parametrize("depth", [3, 4, 6])  # those whose diagrams are asked for elsewhere
def test_the_overfitting_plateau_is_two_layers_less_times_the_noise(depth: int) -> None:
    """Without weight decay the error stays at (L - 2) noise, where the LASSO's falls like 1/log(d/n)."""
    law = ax.phase_diagram("diagonal", depth=depth).at(gamma="5/4", a="1/2", l=-3)
    assert (law.phase, law.risk_exponent, law.log_power, law.constant) == ("V", 0, 0, depth - 2)
    # its next order is a power of 1/c^2, c^2 ~ 2 log(d/n): the same number at two dimensions
    off = []
    for exponent in (60, 120):
        d, n = 10**exponent, 10.0 ** (exponent // 2)
        error = ax.solve(ax.Problem("diagonal", depth=depth, gamma=1.25, d=d, n=n, lam=0, noise=1)).error
        off.append((error / (depth - 2) - 1) * 2 * np.log(d / n))
    assert off[0] == pytest.approx(off[1], rel=0.05)


def test_with_two_layers_nothing_has_changed() -> None:
    assert ax.phase_diagram("diagonal", depth=2) == ax.phase_diagram("diagonal")


def test_the_penalty_moves_the_exponent_of_features() -> None:
    """II: kappa^(2 - 1/gamma) with kappa^(2-q) ~ lam d^(q/2) / n."""
    for depth in (2, 3, 4):
        q = Fraction(2, depth)
        law = ax.phase_diagram("diagonal", depth=depth).at(gamma="5/4", a="3/4", l="1/12")
        kappa = (Fraction(1, 12) + q / 2 - Fraction(3, 4)) / (2 - q)
        assert (law.phase, law.risk_exponent) == ("II", kappa * Fraction(6, 5))


@pytest.mark.parametrize("q", [sp.Rational(2, 3), sp.Rational(1, 2), sp.Rational(2, 5)])
def test_the_jump_is_that_of_the_numbers(q: sp.Rational) -> None:
    penalty, jump = PowerPenalty(q), Jump(float(q), 1.0)
    assert float(penalty.jump) == pytest.approx(jump.size, rel=1e-14)
    assert float(penalty.beta) == pytest.approx(float(jump.bias(np.array([1.0]))[0]), rel=1e-14)
    assert float(penalty.slope) == pytest.approx(float(jump.slope(np.array([jump.size]))[0]), rel=1e-14)
    assert Jump.of(float(q), float(penalty.strength)).threshold == pytest.approx(1.0, rel=1e-14)


def test_integrals_over_estimates_against_quadrature() -> None:
    from scipy.integrate import quad

    q, gamma = sp.Rational(2, 3), 1.25
    jump = Jump(float(q), 1.0)
    for e, f in ((-sp.Rational(2, 3), 0), (1, -1)):
        piece = Estimate(FEATURE, q) ** e * FEATURE**f
        closed = float(
            sp.N(power_law_integral([(piece, sp.Integer(1), sp.oo)]).subs(GAMMA, sp.Rational(5, 4)))
        )

        def integrand(x: float, e: float = float(e), f: float = float(f)) -> float:
            y = 1.0 / x  # on (0, 1), so that the tail is finite
            return float(jump.estimate(np.array([y]))[0]) ** e * y ** (f - 1 - 1 / gamma + 2) / gamma

        assert closed == pytest.approx(quad(integrand, 0, 1 - 1e-13, limit=200)[0], rel=1e-7)
    assert float(sp.N(LowerBeta(2, 3, 1))) == pytest.approx(
        quad(lambda t: t * (1 + t) ** -3, 0, 1)[0], rel=1e-10
    )


@pytest.mark.parametrize("q", [sp.Rational(2, 3), sp.Rational(1, 2)])
def test_small_thresholds_of_a_power_penalty_against_the_numbers(q: sp.Rational) -> None:
    """At ``c -> 0`` risk and count of bare noise fall by their slopes in ``c**m``, with ``eps = C c**m``."""
    penalty = PowerPenalty(q)
    risk, count, by_risk, by_count = power_shares(2, q)[0].at_zero()
    assert (risk, count) == (1, 1)
    eps = 1e-7
    r, s = coordinate(Jump.of(float(q), eps), np.array([0.0]))
    unit = eps / float(penalty.strength)
    assert (1 - float(r[0])) / unit == pytest.approx(float(by_risk), rel=1e-3)
    assert (1 - float(s[0])) / unit == pytest.approx(float(by_count), rel=1e-3)


def test_the_table_on_the_command_line(capsys: pytest.CaptureFixture[str]) -> None:
    from asymptotix.cli import main

    for option, name in (("--depth 3", "diagonal of depth 3"), ("--beta 1/2", "diagonal of beta 1/2")):
        with pytest.raises(SystemExit) as left:
            main(f"exponents --network diagonal {option}".split())
        assert left.value.code == 0
        assert capsys.readouterr().out.startswith(f"## {name}")
    with pytest.raises(SystemExit) as left:
        main(["exponents", "--network", "quadratic", "--depth", "3"])
    assert left.value.code == 2
    assert capsys.readouterr().err.strip() == "asymptotix: quadratic: no deeper layers"


def test_what_a_power_penalty_learns_and_shrinks() -> None:
    """A count is ``du/dy`` and the jump at the threshold; far above it each feature loses ``eps q a^(q - 1)``."""
    from scipy.integrate import quad

    q, gamma = sp.Rational(2, 3), 1.25
    jump, (_, feature) = Jump(float(q), 1.0), power_shares(2, q)
    found = power_law_integral(feature.at_threshold()[1]).subs(GAMMA, sp.Rational(5, 4))

    def learned(x: float) -> float:  # y = 1/x
        estimate = jump.estimate(np.array([1.0 / x]))
        return float(jump.slope(estimate)[0]) * x ** (1 / gamma - 1)

    slopes = quad(learned, 0, 1 - 1e-13, limit=200)[0]
    assert float(sp.N(found)) == pytest.approx((slopes + jump.size) / gamma, rel=1e-6)
    (_, shrunk), _ = feature.all_learned()
    d, kappa = 10**5, 1e-9
    a = np.arange(1, d + 1) ** -gamma / float(sp.sqrt(sp.zeta(2.5)))
    strength = float(PowerPenalty(q).strength) * kappa ** float(2 - q)
    bias = strength * float(q) * a ** float(q - 1)
    at = {
        sp.Symbol("d", positive=True): d,
        sp.Symbol("kappa", positive=True): kappa,
        GAMMA: sp.Rational(5, 4),
    }
    assert float(sp.N(shrunk.expression.subs(at))) == pytest.approx(float(np.sum(bias**2)), rel=1e-4)
