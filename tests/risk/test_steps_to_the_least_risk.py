"""One place on the way to the least risk: its slopes are differences, its step solves the linear equations."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from asymptotix import Problem, decompose, optimum
from asymptotix.equations import System
from asymptotix.networks.balances import noise_balance
from asymptotix.risk.stationary import _Differenced, _Place, best_threshold, least_risk

PLACES = [
    ("diagonal", 60.0, 0.7, -1.5),
    ("diagonal", 20.0, 2.5, -3.0),
    ("nonnegative", 60.0, 1.1, -2.0),
    ("quadratic", 900.0, 1.2, -2.0),
    ("quadratic", 900.0, 0.2, -4.0),
    ("symmetric", 900.0, 1.7, -1.0),
    ("symmetric", 900.0, 5.0, -3.0),
]


def system_of(network: str, n: float, **more: Any) -> System:
    return System.of(Problem(network, gamma=1.25, d=50, n=n, lam=1, noise=0.3, **more))


@pytest.mark.parametrize(("network", "n", "c", "log_tau"), PLACES)
def test_a_place_and_its_slopes(network: str, n: float, c: float, log_tau: float) -> None:
    """``tilt = log(c N/D)``, where ``d rho = 2 (c^2 N - c D) d log c`` and ``-d s = D d c``."""
    system, h = system_of(network, n), 1e-5
    path = system.potential.path_of(c, log_tau)
    place = _Place.at(system, path, log_tau)
    assert place is not None

    def response(path: float, log_tau: float) -> Any:
        return system.potential.response(path, log_tau)

    def first(path: float, log_tau: float) -> float:
        return noise_balance(response(path, log_tau), log_tau, system.nu, system.noise, afar=True).value

    def tilt(path: float) -> float:
        ends = response(path + h, log_tau), response(path - h, log_tau)
        log_c = math.log(ends[0].c / ends[1].c)
        rises, falls = ((getattr(ends[0], x) - getattr(ends[1], x)) / log_c for x in ("rho", "dof"))
        return math.log1p(rises / (-2.0 * response(path, log_tau).c * falls / response(path, log_tau).c))

    assert place.first == pytest.approx(first(path, log_tau), rel=1e-12)
    assert place.by_path == pytest.approx(
        (first(path + h, log_tau) - first(path - h, log_tau)) / (2 * h), rel=1e-5
    )
    assert place.by_tau == pytest.approx(
        (first(path, log_tau + h) - first(path, log_tau - h)) / (2 * h), rel=1e-5
    )
    if math.isnan(place.bend):
        assert place.tilt == pytest.approx(tilt(path), abs=2e-5)
        here, ends = response(path, log_tau), [response(path + s * h, log_tau).dof for s in (1, -1)]
        change = abs(ends[0] - ends[1]) / (2 * h)
        assert place.length == pytest.approx(min(here.dof / change, 1.0), rel=1e-5)
    else:  # of some networks another function with the same sign is known, with its own slope
        assert place.tilt * tilt(path) > 0
        around = [_Place.at(system, path + x, log_tau) for x in (1e-4, -1e-4)]
        assert around[0] is not None
        assert around[1] is not None
        assert place.bend == pytest.approx((around[0].tilt - around[1].tilt) / 2e-4, rel=1e-6)
    assert not place.flat


def test_where_nothing_is_learned_the_threshold_is_too_high() -> None:
    system = system_of("quadratic", 900.0)
    place = _Place.at(system, system.potential.path_of(30.0, -1.0), -1.0)
    assert place is not None
    assert place.response.dof == 0
    assert place.tilt > 0
    assert place.flat
    assert not place.end


def test_a_step_solves_both_linear_equations() -> None:
    system = system_of("quadratic", 900.0)
    place = _Place.at(system, system.potential.path_of(1.2, -2.0), -2.0)
    assert place is not None
    bend, cross = 0.7, -0.4
    along = place.newton(bend, cross)
    up = -(place.first + place.by_path * along) / place.by_tau
    assert bend * along + cross * up == pytest.approx(-place.tilt, rel=1e-12)
    assert math.isnan(place.newton(0.0, cross))
    steep = place._replace(by_path=-1.0, by_tau=1.0)
    assert steep.newton(0.5, -0.8) == pytest.approx(
        -place.tilt / 0.5, rel=1e-14
    )  # the determinant is below 0


@pytest.mark.parametrize(("network", "n", "c", "log_tau"), PLACES)
def test_differences_are_as_good_as_slopes(network: str, n: float, c: float, log_tau: float) -> None:
    system = system_of(network, n)
    path = system.potential.path_of(c, log_tau)
    exact, found = (
        system.potential.response(path, log_tau),
        _Differenced(system.potential).response(path, log_tau),
    )
    assert exact.slopes is not None
    assert found.slopes is not None
    for name in ("rho_by_path", "dof_by_path", "log_c_by_path"):
        scale = abs(exact.rho) if "rho" in name else abs(exact.dof) + 1e-3
        assert getattr(found.slopes, name) == pytest.approx(
            getattr(exact.slopes, name), rel=1e-3, abs=1e-5 * scale
        )


class _Counted:
    """A potential that counts what it is asked."""

    def __init__(self, potential: Any) -> None:
        self.potential, self.asked = potential, 0

    def response(self, path: float, log_tau: float) -> Any:
        self.asked += 1
        return self.potential.response(path, log_tau)

    def __getattr__(self, name: str) -> Any:
        if name == "nearby":
            raise AttributeError(name)
        return getattr(self.potential, name)


@pytest.mark.parametrize(
    ("network", "n", "most"),
    [
        ("diagonal", 20.0, 6),
        ("diagonal", 300.0, 6),
        ("nonnegative", 30.0, 6),
        ("quadratic", 300.0, 8),
        ("quadratic", 9000.0, 8),
        ("symmetric", 900.0, 9),
        ("bilinear", 900.0, 8),
    ],
)
def test_the_least_risk_is_stationary_and_found_in_few_steps(network: str, n: float, most: int) -> None:
    system = system_of(network, n)
    counted: Any = _Counted(system.potential)
    with np.errstate(all="ignore"):
        root = least_risk(replace(system, potential=counted))
    assert root is not None
    assert counted.asked <= most
    here, respond = root.response, system.potential.response
    for apart in (1e-3, 0.1, 1.0):
        around = [respond(here.path + x, root.log_tau).rho for x in (-apart, apart)]
        assert here.rho <= min(around) * (1 + 1e-12)
    assert noise_balance(here, root.log_tau, system.nu, system.noise).residual < 1e-12
    again = best_threshold(system, root.log_tau, here.path + 0.7)
    assert again is not None
    assert again.path == pytest.approx(here.path, abs=1e-6)
    assert again.rho == pytest.approx(here.rho, rel=1e-12)


def test_an_optimum_with_width_does_not_search_every_noise_scale(monkeypatch: pytest.MonkeyPatch) -> None:
    p = Problem("quadratic", gamma=1.25, d=40, n=1600, lam=0, noise=0.1, width=5)
    asked, respond = [], type(System.of(p).potential).response
    monkeypatch.setattr(
        type(System.of(p).potential), "response", lambda self, *at: asked.append(at) or respond(self, *at)
    )
    best = optimum(p)
    assert best.status == "interior"
    assert len(asked) < 1500


def test_of_a_teacher_recovered_nothing_is_left_to_split() -> None:
    parts = decompose(Problem("diagonal", gamma=1, d=10, n=20, lam=0, noise=0))
    assert parts.status == "perfect recovery"
    assert parts.features == 10
    numbers = {k: v for k, v in parts.to_dict().items() if isinstance(v, float) and k != "features"}
    assert len(numbers) >= 10
    assert set(numbers.values()) == {0.0}
