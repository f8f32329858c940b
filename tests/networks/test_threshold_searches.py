"""The second equation, ``nu kappa = L + kappa s``, asked of every potential itself."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from scipy import special

from asymptotix import FiniteRank, PowerLaw
from asymptotix.errors import TooLarge
from asymptotix.inputs import PowerVariances
from asymptotix.networks import get
from asymptotix.networks.base import Response
from asymptotix.networks.diagonal import GaussianSequence
from asymptotix.networks.sequence import ByThreshold, solve_threshold
from asymptotix.teacher import Teacher
from tests.networks.one_by_one import OneByOne

NAMES = [
    "diagonal",
    "nonnegative",
    "elastic-net of ridge 0.3",
    "diagonal of depth 3",
    "diagonal of beta 1/2",
    "quadratic",
    "symmetric",
    "bilinear",
    "quadratic of width 4",
    "symmetric of width 20",
    "quadratic of beta 1/2",
]


def left(here: Response, log_tau: float, nu: float, penalty: float) -> float:
    """``s / nu + L / (nu kappa)``, which is 1 at the root."""
    kappa = here.c * math.exp(log_tau)
    return here.dof / nu + (penalty / (nu * kappa) if penalty else 0.0)


def solved(potential: Any, log_tau: float, nu: float, penalty: float) -> None:
    found = potential.threshold(log_tau, nu, penalty, None)
    used = left(found, log_tau, nu, penalty)
    assert used == pytest.approx(1.0, rel=1e-9) or (used < 1.0 and found.c == 0.0 == penalty)
    # from a similar place, to the same one
    near = potential.threshold(log_tau + 0.01, nu, penalty, None)
    again = potential.threshold(log_tau, nu, penalty, near)
    assert (again.c, again.rho) == pytest.approx((found.c, found.rho), rel=1e-8)
    same = potential.response(found.path, log_tau)
    assert (same.c, same.rho, same.dof) == pytest.approx((found.c, found.rho, found.dof), rel=1e-7)


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("penalty", [0.0, 1e-3, 1.0, 300.0])
def test_the_second_equation(name: str, penalty: float) -> None:
    potential = get(name).bind(PowerLaw(1.25).spectrum(60))
    for log_tau in (-4.0, -1.5, 0.5):
        for nu in (2.0, 12.0) + ((100.0, 1e4) if penalty else ()):
            solved(potential, log_tau, nu, penalty)


@pytest.mark.parametrize("name", ["diagonal", "quadratic", "symmetric", "bilinear"])
@pytest.mark.parametrize("penalty", [0.0, 1e3, 1e9])
def test_the_second_equation_in_many_dimensions(name: str, penalty: float) -> None:
    potential = get(name).bind(PowerLaw(1.25).spectrum(10**9))
    for log_tau in (-12.0, -7.0, 0.0):
        for nu in (1e3, 1e7):
            solved(potential, log_tau, nu, penalty)


@pytest.mark.parametrize("name", [n for n in NAMES if "width" not in n])
def test_no_penalty_and_more_samples_than_are_learned(name: str) -> None:
    potential = get(name).bind(PowerLaw(1.25).spectrum(60))
    found = potential.threshold(-2.0, 61.0, 0.0, None)
    assert (found.c, found.path) == (0.0, -math.inf)
    all_of_them = potential.response(-math.inf, -2.0)
    assert (found.rho, found.dof) == (all_of_them.rho, all_of_them.dof)


@pytest.mark.parametrize("name", ["diagonal", "quadratic", "symmetric", "bilinear", "quadratic of width 4"])
def test_a_penalty_that_learns_nothing(name: str) -> None:
    """``nu kappa = L``, and the risk is the teacher's, 1."""
    potential = get(name).bind(PowerLaw(1.25).spectrum(60))
    found = potential.threshold(-1.0, 10.0, 1e6, None)
    assert found.c == pytest.approx(1e5 / math.exp(-1.0), rel=1e-12)
    assert found.rho == pytest.approx(math.exp(2.0), rel=1e-12)
    assert found.dof == pytest.approx(0.0, abs=1e-300)


@pytest.mark.parametrize(("m", "columns"), [(40, None), (40, 100.0)])
def test_singular_values_one_by_one(m: int, columns: float | None) -> None:
    potential = OneByOne(PowerLaw(1.25).spectrum(m), columns)
    for nu, penalty in ((5.0, 0.0), (5.0, 1.0), (60.0, 3.0), (5.0, 1e6)):
        found = potential.threshold(-1.5, nu, penalty, None)
        assert left(found, -1.5, nu, penalty) == pytest.approx(1.0, rel=1e-9)
        near = replace(found, path=found.path + 0.3)
        assert potential.threshold(-1.5, nu, penalty, near).c == pytest.approx(found.c, rel=1e-8)
    free = potential.threshold(-1.5, 41.0, 0.0, None)
    assert (free.c, free.rho, free.dof) == (0.0, 40.0, 40.0)
    assert potential.path_of(0.0, -1.5) == -math.inf
    assert potential.path_of(2.0, -1.5) == pytest.approx(math.log(2.0))


class Exponential(ByThreshold):
    """Degrees of freedom ``9 / (1 + c)`` at any noise: ``nu = 9/(1 + c) + L/(c tau)`` is a square root."""

    def __init__(self) -> None:
        self.asked: list[float] = []

    def response(self, path: float, log_tau: float) -> Response:
        self.asked.append(path)
        c = math.exp(path)
        return Response(path, c, 1.0, 9.0 / (1.0 + c))

    def guess(self, log_tau: float, nu: float, penalty: float) -> float:
        return 0.7


def root(nu: float, force: float) -> float:
    b = nu - 9.0 - force
    return (-b + math.sqrt(b * b + 4.0 * nu * force)) / (2.0 * nu)


def test_a_threshold_of_a_sequence_in_closed_form() -> None:
    toy = Exponential()
    for nu, penalty in ((2.0, 0.0), (2.0, 3.0), (20.0, 1e-3), (9.0, 1e9)):
        found = toy.threshold(math.log(0.5), nu, penalty, None)
        assert found.c == pytest.approx(root(nu, 2.0 * penalty), rel=1e-9)
    assert toy.threshold(0.0, 9.0, 0.0, None).path == -math.inf
    assert toy.threshold(0.0, 8.9, 0.0, None).c == pytest.approx(9.0 / 8.9 - 1.0, rel=1e-9)
    toy.asked.clear()
    toy.threshold(0.0, 2.0, 1.0, None)
    assert toy.asked[0] == 0.7  # the guess comes first
    toy.asked.clear()
    toy.threshold(0.0, 2.0, 1.0, Response(1.1, 3.0, 1.0, 1.0))
    assert toy.asked[0] == 1.1  # but for what is near
    toy.asked.clear()
    toy.threshold(0.0, 2.0, 1.0, Response(-math.inf, 0.0, 1.0, 1.0))
    assert toy.asked[0] == 0.7


def test_thresholds_beyond_doubles() -> None:
    """Below the smallest: no threshold. Above the largest: one of infinite risk that uses all samples up."""
    toy = Exponential()
    below = solve_threshold(toy.response, 0.0, 100.0, 1e-10, 0.0, None, (-20.0, 20.0))
    assert (below.path, below.c) == (-math.inf, 0.0)
    above = solve_threshold(toy.response, 0.0, 2.0, 1e12, 0.0, None, (-20.0, 20.0))
    assert above == Response(20.0, math.exp(20.0), math.inf, 2.0)
    toy.asked.clear()
    solve_threshold(toy.response, 0.0, 2.0, 1.0, 50.0, None, (-20.0, 20.0))
    assert max(toy.asked) <= 20.0


@pytest.mark.parametrize("sides", [1, 2])
def test_where_a_search_of_the_lasso_starts(sides: int) -> None:
    """As many of bare noise above the threshold as samples, or ``nu kappa = L``; no threshold beyond half of all."""
    potential = GaussianSequence(PowerLaw(1.25).spectrum(1000), sides)
    quantile = math.log(-special.ndtri(30.0 / (sides * 1000.0)))
    assert potential.guess(-3.0, 30.0, 0.0) == pytest.approx(quantile, rel=1e-12)
    assert potential.guess(-3.0, 30.0, 1e4) == pytest.approx(math.log(1e4 / 30.0) + 3.0, rel=1e-12)
    assert potential.guess(-3.0, 30.0, 1e-4) == pytest.approx(quantile, rel=1e-12)
    assert potential.guess(-3.0, 2000.0, 1.0) == pytest.approx(math.log(1.0 / 2000.0) + 3.0, rel=1e-12)


def test_where_a_search_on_unequal_inputs_starts() -> None:
    """Thresholds ``v_i^(-1/2) c``, variances ``i^(-1)``: of ``nu`` coefficients the last one at the noise."""
    shaped = get("diagonal").on_inputs(PowerVariances(1)).bind(PowerLaw(1.25).spectrum(1000))
    assert shaped.guess(-3.0, 100.0, 0.0) == pytest.approx(-math.log(10.0), rel=1e-9)
    assert shaped.guess(-3.0, 1e6, 0.0) == pytest.approx(-0.5 * math.log(1000.0), rel=1e-9)
    ridged = get("elastic-net of ridge 0.3").bind(PowerLaw(1.25).spectrum(1000))
    assert ridged.guess(-3.0, 30.0, 1.0) == ridged.soft.guess(-3.0, 30.0, 1.0)
    assert shaped.guess(-3.0, 100.0, 1e5) == pytest.approx(math.log(1e3) + 3.0, rel=1e-9)


@pytest.mark.parametrize("sides", [1, 2])
@pytest.mark.parametrize(
    ("teacher", "d", "c", "log_tau"),
    [
        (PowerLaw(1.25), 10**5, 3.0, -4.0),
        (PowerLaw(1.25), 10**5, 4.5, -4.0),
        (PowerLaw(1.25), 10**5, 6.0, -7.0),
        (PowerLaw(1.25), 10**5, 5.0, 3.0),
        (FiniteRank([1.0] * 40), 100, 2.5, -4.0),  # a share of the noise is where features are
    ],
)
def test_the_tilt_of_a_risk(sides: int, teacher: Teacher, d: int, c: float, log_tau: float) -> None:
    """``2 (c N - D)`` is the slope of the risk; of it ``M`` is what noise alone, or all if less, takes away."""
    potential = GaussianSequence(teacher.spectrum(d), sides)
    here = potential.response(math.log(c), log_tau)
    assert here.slopes is not None
    density = -here.slopes.dof_by_path / c
    noise = sides * d * math.exp(-0.5 * c * c) / math.sqrt(2.0 * math.pi)
    mills = c * special.ndtr(-c) * sides * d / noise
    less = min(density, noise) * (1.0 - mills)
    more = c * here.dof - density + less
    value, slope = potential.tilt(here)
    if more > 1e-12 * less:
        assert value == pytest.approx(math.log(more / less), rel=1e-6, abs=1e-6)
        ends = [potential.tilt(potential.response(math.log(c) + h, log_tau))[0] for h in (-1e-5, 1e-5)]
        assert slope == pytest.approx((ends[1] - ends[0]) / 2e-5, rel=3e-3)
    else:
        assert value < -28.0
    assert here.slopes.rho_by_path == pytest.approx(2.0 * c * (c * here.dof - density), rel=1e-9)


def test_where_nothing_tilts() -> None:
    potential = GaussianSequence(PowerLaw(1.25).spectrum(1000))
    assert np.isnan(potential.tilt(Response(0.0, 1.0, 2.0, 3.0))).all()
    here = potential.response(0.0, -2.0)
    for change in ({"dof": 0.0}, {"c": 0.0}):
        assert np.isnan(potential.tilt(replace(here, **change))).all()  # type: ignore[arg-type]
    value, slope = potential.tilt(potential.response(math.log(2.0), 40.0))  # noise alone
    assert value == pytest.approx(math.log(1e-13))
    assert math.isnan(slope)


@pytest.mark.parametrize("name", ["diagonal of beta 1/2", "diagonal of depth 3", "diagonal", "nonnegative"])
def test_low_thresholds_say_what_they_lose(name: str) -> None:
    """``d - rho`` and ``d - s`` without cancellation: small with the threshold, and what is left of all."""
    potential = get(name).bind(PowerLaw(1.25).spectrum(60))
    found = potential.response(-4.0, -2.0)
    assert found.reference == 60
    assert found.rho_below == pytest.approx(60.0 - found.rho, rel=1e-9, abs=1e-9)
    assert found.dof_below == pytest.approx(60.0 - found.dof, rel=1e-9, abs=1e-9)
    lower = potential.response(-24.0, -2.0)
    if name != "nonnegative":  # of one sign: half of the noise is lost at any threshold
        assert 0.0 < lower.dof_below < 1e-8
        assert abs(lower.rho_below) < 1e-7


def test_matrices_on_unequal_inputs_have_a_largest_dimension() -> None:
    shaped = get("quadratic").on_inputs(PowerVariances(1))
    for asked in (10**9 + 1, 2 * 10**9):
        with pytest.raises(TooLarge, match="at most 1e"):
            shaped.bind(PowerLaw(1.25).spectrum(asked)).response(0.0, 0.0)
