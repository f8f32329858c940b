"""Laws that are not phases, and parts of errors, where noise is not one and gamma not 5/4: against the numbers."""

from __future__ import annotations

import math
from fractions import Fraction
from functools import cache

import pytest
import sympy as sp

import asymptotix as ax
from asymptotix.asymptotics import laws, lazy
from asymptotix.asymptotics.definition import definition
from asymptotix.asymptotics.error_parts import NAMES, _scalar, parts
from asymptotix.asymptotics.symbols import GAMMA
from asymptotix.asymptotics.width_laws import best_width, least_cut, noiseless_width
from asymptotix.errors import InvalidInput, NotSupplied


def of(name: str):
    module = definition(name)
    return (*module.shares(), module.scales())


@cache
def optimum_of(name: str) -> laws.Optimum:
    return laws.optimum(*of(name))


@cache
def bayes_of(name: str) -> laws.Law:
    return laws.bayes(*of(name))


@cache
def best_width_of(name: str, with_decay: bool):
    return best_width(*of(name), with_decay)


def problem(name: str, gamma: float, d: float, n_eff: float, lam: float, noise: float) -> ax.Problem:
    return ax.Problem(name, gamma=gamma, d=d, n=1, lam=lam, noise=noise).replace(n_eff=n_eff)


@pytest.mark.parametrize("noise", [0.25, 9.0])
@pytest.mark.parametrize("name", ["quadratic", "symmetric"])
def test_the_best_penalty_at_any_noise(name: str, noise: float) -> None:
    best = optimum_of(name)
    sizes = {"gamma": 0.8, "n_eff": 1e6, "d": 1e22, "noise": noise}
    lam = best.penalty.corrected(**sizes)
    error = ax.solve(problem(name, 0.8, 1e22, 1e6, lam, noise)).error
    bare, corrected = best.risk.value(**sizes), best.risk.corrected(**sizes)
    assert abs(error / corrected - 1) < 0.02 * abs(error / bare - 1)
    assert error == pytest.approx(corrected, rel=3 * (corrected / bare - 1) ** 2 + 1e-9)
    found = ax.optimum(problem(name, 0.8, 1e22, 1e6, 1, noise))
    assert found.error_star == pytest.approx(corrected, rel=3 * (corrected / bare - 1) ** 2 + 1e-9)
    assert found.lam_star == pytest.approx(lam, rel=2e-3)
    assert best.shape.value(**sizes) == 2


@pytest.mark.parametrize("noise", [0.25, 9.0])
def test_the_best_penalty_of_coefficients_at_any_noise(noise: float) -> None:
    best = optimum_of("diagonal")
    sizes = {"gamma": 0.8, "n_eff": 1e8, "d": 1e80, "noise": noise}
    found = ax.optimum(problem("diagonal", 0.8, 1e80, 1e8, 1, noise))
    c = best.shape.value(**sizes)
    assert found.lam_star == pytest.approx(best.penalty.value(**sizes), rel=2 / c**2)
    assert found.error_star == pytest.approx(best.risk.corrected(**sizes), rel=12 / c**4)
    assert abs(best.risk.corrected(**sizes) / best.risk.value(**sizes) - 1) > 0.3 / c**2


@pytest.mark.parametrize("name", ["diagonal", "quadratic", "symmetric", "nonnegative"])
def test_laws_scale_as_their_equations_do(name: str) -> None:
    """Of noise and samples only the ratio enters where the risk is far below the noise."""
    best = optimum_of(name)
    for law in (best.risk, best.shape, bayes_of(name)):
        one = law.value(gamma=1.3, n_eff=1e6, d=1e40, noise=1)
        other = law.value(gamma=1.3, n_eff=4e6, d=1e40, noise=4)
        assert one == pytest.approx(other, rel=1e-12)
    twice = best.penalty.value(gamma=1.3, n_eff=4e6, d=1e40, noise=4) / best.penalty.value(
        gamma=1.3, n_eff=1e6, d=1e40, noise=1
    )
    assert twice == pytest.approx(4, rel=1e-12)
    assert bayes_of(name).value(gamma=1.3, n_eff=1e6, d=1e40, noise=1) < best.risk.value(
        gamma=1.3, n_eff=1e6, d=1e40, noise=1
    )


@pytest.mark.parametrize("noise", [0.25, 9.0])
@pytest.mark.parametrize("name", ["quadratic", "symmetric"])
def test_the_bayes_error_at_any_noise(name: str, noise: float) -> None:
    law, sizes = bayes_of(name), {"gamma": 0.8, "n_eff": 1e6, "d": 1e22, "noise": noise}
    ratio = float(laws.ratio_to_bayes(*of(name)[1::-1]).subs(GAMMA, 0.8))
    best = optimum_of(name).risk.value(**sizes)
    assert best / law.value(**sizes) == pytest.approx(ratio, rel=1e-12)
    assert abs(law.corrected(**sizes) / law.value(**sizes) - 1) < 0.05


@pytest.mark.parametrize("noise", [0.09, 4.0])
@pytest.mark.parametrize("name", ["diagonal", "quadratic", "symmetric", "nonnegative"])
def test_the_peak_at_any_noise(name: str, noise: float) -> None:
    line, law = laws.peak(of(name)[0], of(name)[2])
    misses = []
    for lam in (1e-4, 1e-6):
        error = ax.solve(problem(name, 1.5, 1e16, float(line) * 1e16, lam, noise)).error
        misses.append(error / law.value(noise=noise, lam=lam) - 1)
    assert abs(misses[1]) < 0.01
    assert misses[0] / misses[1] == pytest.approx(100 ** (2 / 3), rel=0.15)


def test_a_finite_peak_moves_with_the_noise() -> None:
    place, height = laws.finite_peak(of("quadratic")[0], of("quadratic")[2])
    for noise in (0.25, 4.0):
        sizes = {"gamma": 0.6, "d": 1e30, "noise": noise}
        error = ax.solve(problem("quadratic", 0.6, 1e30, place.value(**sizes), 0, noise)).error
        assert error == pytest.approx(height.value(**sizes), rel=1e-2)
        shift = place.value(**sizes) / 1e30 - 0.25
        assert 0 < shift < 0.2


@pytest.mark.parametrize("name", ["quadratic", "symmetric"])
@pytest.mark.parametrize("gamma", [0.7, 1.6])
def test_without_noise(name: str, gamma: float) -> None:
    law = laws.noiseless(*of(name))
    sizes = {"gamma": gamma, "n_eff": 1e7, "d": 1e20}
    error = ax.solve(problem(name, gamma, 1e20, 1e7, 0, 0)).error
    assert abs(error / law.corrected(**sizes) - 1) < 0.1 * abs(error / law.value(**sizes) - 1)
    assert law.holds.startswith("Delta = 0")


@pytest.mark.parametrize("noise", [0.25, 4.0])
@pytest.mark.parametrize("with_decay", [False, True])
def test_the_best_width_at_any_noise(noise: float, with_decay: bool) -> None:
    law = best_width_of("quadratic", with_decay)
    sizes = {"gamma": 0.75, "n_eff": 1e12, "d": 1e60, "noise": noise}
    width, lam = law.width.corrected(**sizes), law.penalty.value(**sizes)
    p = problem("quadratic", 0.75, 1e60, 1e12, lam, noise)
    errors = [ax.solve(p.replace(width=round(width * x))).error for x in (0.98, 1.0, 1.02)]
    assert errors[1] < min(errors[0], errors[2])
    assert errors[1] == pytest.approx(law.risk.value(**sizes), rel=3e-3)
    assert abs(errors[1] / law.risk.corrected(**sizes) - 1) < 0.1 * abs(
        errors[1] / law.risk.value(**sizes) - 1
    )
    if with_decay:
        lower, higher = (ax.solve(p.replace(width=round(width), lam=lam * x)).error for x in (0.9, 1.1))
        assert errors[1] < min(lower, higher)
    assert law.over_decay.subs(GAMMA, 2) < 1
    assert law.over_bayes.subs(GAMMA, 2) > 1


def test_the_best_width_without_noise() -> None:
    width, error = noiseless_width(of("symmetric")[1], of("symmetric")[2])
    sizes = {"gamma": 0.75, "n_eff": 1e6, "d": 1e30}
    p = problem("symmetric", 0.75, 1e30, 1e6, 0, 0)
    errors = [ax.solve(p.replace(width=round(width.value(**sizes) * x))).error for x in (0.97, 1.0, 1.03)]
    assert errors[1] < min(errors[0], errors[2])
    miss, bare = (errors[1] / x(**sizes) - 1 for x in (error.corrected, error.value))
    assert abs(miss) < 0.1 * abs(bare)
    assert abs(bare) < 1e-2
    with pytest.raises(NotSupplied, match="width"):
        least_cut(of("diagonal")[1], True)


@pytest.mark.parametrize("noise", [0.3, 5.0])
def test_the_lazy_error_against_its_equations(noise: float) -> None:
    """``R = x/(1 + x)``, ``share x = g Delta + R``: by the quadratic that they are."""
    for name in ("diagonal", "quadratic"):
        scales = definition(name).scales()
        below, above = lazy.lazy(scales)
        for law, n_eff in ((below, 1e4), (above, 1e12)):
            share, g = float(scales.samples) * n_eff / 1e8, float(scales.noise) * noise
            # share x^2 + (share - g - 1) x - g = 0
            b = share - g - 1
            x = (
                (-b + math.sqrt(b * b + 4 * share * g)) / (2 * share)
                if b < 0
                else 2 * g / (b + math.sqrt(b * b + 4 * share * g))
            )
            sizes = {"n_eff": n_eff, "d": 1e8, "noise": noise}
            exact = x / (1 + x)
            assert exact == pytest.approx(law.corrected(**sizes), rel=1e-6)
            assert abs(exact / law.value(**sizes) - 1) > 1e-5
    assert lazy.lazy_exponent("3/2") == Fraction(-1, 2)
    assert lazy.lazy_exponent("1/2") == 0
    assert lazy.gain("quadratic", "5/4", "1/2") == Fraction(3, 10)


def test_a_law_names_what_it_needs() -> None:
    law = optimum_of("quadratic").risk
    with pytest.raises(InvalidInput, match="values for Delta, gamma too"):
        law.value(n_eff=1e6, d=1e20)
    assert laws.Law("x", GAMMA, "always").corrected(gamma=2) == 2


# Parts of the error -----------------------------------------------------------------------------------------

PLACES = [
    ("symmetric", "3/4", "3/2", "3/4", "0", "II", 1e-6),
    ("symmetric", "5/4", "1/2", "-1", "0", "V", 1e-3),
    ("symmetric", "5/4", "3/2", "-1", "0", "VIa", 1e-6),
    ("symmetric", "5/4", "3", "-1", "0", "VIb", 1e-6),
    ("symmetric", "5/4", "1/4", "-1", "0", "IV", 1e-3),
    ("quadratic", "3/4", "7/4", "3/4", "0", "II", 1e-3),
    ("quadratic", "5/4", "1/2", "2", "0", "Ib", 1e-6),
    ("diagonal", "3/4", "5/4", "0", "-1/4", "VIa", 1e-6),
    ("diagonal", "5/4", "1/2", "1", "0", "Ib", 1e-6),
    ("diagonal", "5/4", "1/2", "-1", "0", "V", 0.2),
]


@pytest.mark.parametrize(("network", "gamma", "a", "l", "zeta", "phase", "tolerance"), PLACES)
def test_parts_in_other_places(network, gamma, a, l, zeta, phase, tolerance) -> None:  # noqa: E741
    found = parts(ax.phase_diagram(network).at(gamma, a, l, zeta))
    assert found.phase.phase == phase
    d = 10.0**60
    n_eff, lam, noise = d ** float(Fraction(a)), d ** float(Fraction(l)), d ** -float(Fraction(zeta))
    exact = ax.decompose(problem(network, gamma, 10**60, n_eff, lam, noise))
    for name in (*NAMES, "hidden_energy", "bulk_moment"):
        law = found.value(name, n_eff=n_eff, lam=lam, d=d, noise=noise, gamma=gamma)
        part = getattr(exact, name)
        assert law == pytest.approx(part, rel=tolerance, abs=0.0 if part else 1e-13 * exact.error), name


def test_parts_that_are_not_derived_are_refused() -> None:
    with pytest.raises(InvalidInput, match="one-sided scalar"):
        _scalar(False)
    share, error = _scalar(True)
    assert share.subs(sp.Symbol("y", positive=True), 0) == 2 / sp.sqrt(
        2 * sp.pi
    )  # the density at 0, on either side
    assert error == 1


@pytest.mark.parametrize(("name", "with_decay"), [("quadratic", False), ("symmetric", False)])
def test_the_best_width_gives_way_to_the_risks_own_noise(name: str, with_decay: bool) -> None:
    """With few samples the risk makes the noise larger by some per cent, and fewer features are held."""
    law, sizes = best_width_of(name, with_decay), {"gamma": 0.75, "n_eff": 1e4, "d": 1e40, "noise": 1.0}
    found = ax.optimum(problem(name, 0.75, 1e40, 1e4, 0, 1.0), over="width")
    bare, corrected = law.width.value(**sizes), law.width.corrected(**sizes)
    assert corrected / bare - 1 < -0.01
    assert abs(found.width_star / corrected - 1) < 0.3 * abs(found.width_star / bare - 1)
    bare, corrected = law.risk.value(**sizes), law.risk.corrected(**sizes)
    assert abs(found.error_star / corrected - 1) < 0.2 * abs(found.error_star / bare - 1)
