"""Newton's method in both unknowns: where it gets, in how few responses, and when it gives up."""

from __future__ import annotations

import math
from dataclasses import replace
from types import SimpleNamespace
from typing import Any
from unittest import mock

import numpy as np
import pytest

import asymptotix as ax
from asymptotix.checks.numbers import random_problem
from asymptotix.equations import HIGHEST, LOWEST, Root, System, noise_scale
from asymptotix.errors import NotConverged
from asymptotix.networks.base import Response, Slopes
from asymptotix.state_evolution import newton, solver
from asymptotix.state_evolution.newton import differenced, first_path, newton_root, respond, state


class Counting:
    """A potential that counts what it is asked."""

    def __init__(self, potential: object, slopes: bool = True) -> None:
        self._potential, self.asked, self._slopes = potential, 0, slopes

    def __getattr__(self, name: str) -> object:
        found = getattr(self._potential, name)
        return found if name not in ("response", "nearby") else lambda *a: self._count(found(*a))

    def _count(self, response: Response) -> Response:
        self.asked += 1
        return response if self._slopes else replace(response, slopes=None)


def cold(problem: ax.Problem, slopes: bool = True) -> tuple[Counting, solver.Root | None]:
    system = System.of(problem)
    counting = Counting(system.potential, slopes)
    system = replace(system, potential=counting)
    with np.errstate(all="ignore"):
        return counting, newton_root(system, 0.5 * math.log((system.noise + 1.0) / system.nu))


def nested(system: System) -> float:
    """The noise scale by searches within brackets."""
    found = noise_scale(
        system, lambda t, last: system.potential.threshold(t, system.nu, system.penalty, last)
    )
    assert isinstance(found, Root)
    return found.log_tau


def penalised(network: str, count: int) -> list[ax.Problem]:
    drawn = (random_problem(network, 30_000 + seed) for seed in range(10 * count))
    return [p for p in drawn if p.lam > 0][:count]


@pytest.mark.parametrize(("network", "count", "limit"), [("diagonal", 150, 3.2), ("quadratic", 40, 4.3)])
def test_a_cold_solve_takes_few_responses(network: str, count: int, limit: float) -> None:
    """Fewer than eight: most random problems are far from every boundary, and some learn nothing."""
    asked, found = [], 0
    for problem in penalised(network, count):
        counting, root = cold(problem)
        found += root is not None
        asked.append(counting.asked)
    assert found >= 0.9 * count
    assert np.mean(asked) < limit


def test_without_slopes_they_are_differenced_once_and_carried_along() -> None:
    asked, found = [], 0
    for problem in penalised("diagonal", 60):
        counting, root = cold(problem, slopes=False)
        found += root is not None
        asked.append(counting.asked)
        if root is not None:
            with_slopes = cold(problem)[1]
            assert root.log_tau == pytest.approx(with_slopes.log_tau, abs=1e-10)
    assert found >= 54
    assert np.mean(asked) < 7


@pytest.mark.parametrize("network", ["diagonal", "quadratic"])
def test_a_warm_solve_takes_few(network: str) -> None:
    base = ax.Problem(network, gamma=1.25, d=1e8, n=1, lam=1e-3, noise=1).replace(n_eff=1e5)
    system = System.of(base)
    with np.errstate(all="ignore"):
        root = newton_root(system, 0.5 * math.log((system.noise + 1.0) / system.nu))
    near = System.of(base.replace(lam=1.02e-3), system.potential)
    counting = Counting(near.potential)
    again = newton_root(replace(near, potential=counting), root.log_tau, root.response.path, root.jacobian)
    assert again is not None
    assert counting.asked <= 4


def test_it_is_quick_without_label_noise_and_far_from_the_guess() -> None:
    """The risk follows the noise scale a long way down; steps there grow."""
    asked = []
    for lam in (1e-12, 1e-9, 1e-6):
        for n in (1e3, 1e5, 1e7):
            counting, root = cold(ax.Problem("diagonal", gamma=1.25, d=1e6, n=n, lam=lam, noise=0))
            asked.append((counting.asked, root is not None))
    assert sum(k for k, _ in asked) <= 90
    assert all(ok for _, ok in asked)


def test_no_step_leaves_the_doubles() -> None:
    system = System.of(ax.Problem("diagonal", gamma=1.25, d=1e6, n=1e4, lam=1e-3, noise=1))
    inside = newton._at(system, 1.0, system.lowest + 1.0)
    assert next(inside)[:2] == (1.0, system.lowest + 1.0)
    for path, log_tau in (
        (1.0, system.lowest - 1e-6),
        (1.0, HIGHEST + 1),
        (800.0, system.lowest + 1.0),
        (-800.0, system.lowest + 1.0),
        (math.nan, system.lowest + 1.0),
    ):
        with pytest.raises(StopIteration) as end:
            next(newton._at(system, path, log_tau))
        assert end.value.value is None
    quiet = System.of(ax.Problem("diagonal", gamma=1.25, d=1e6, n=1e4, lam=1e-3, noise=0))
    assert quiet.lowest == LOWEST
    with pytest.raises(StopIteration):
        next(newton._at(quiet, 1.0, LOWEST - 1.0))


def test_where_a_network_has_no_digits_the_search_is_left() -> None:
    class Failing(Counting):
        def _count(self, response: Response) -> Response:
            raise NotConverged("no digits")

    system = System.of(ax.Problem("diagonal", gamma=1.25, d=1e6, n=1e4, lam=1e-3, noise=1))
    assert newton_root(replace(system, potential=Failing(system.potential)), -4.0, 1.0) is None


@pytest.mark.parametrize(("network", "limit"), [("diagonal", 9.0), ("quadratic", 9.0), ("symmetric", 9.0)])
def test_a_cold_solve_without_penalty_takes_few_responses_too(network: str, limit: float) -> None:
    """With fewer samples than noise alone would use; the nested search took 40 to 160."""
    asked, found = [], 0
    for seed in range(30_000, 30_030):
        p = random_problem(network, seed)
        p = p.replace(lam=0, n_eff=p.d * 10.0 ** -(0.8 + seed % 5))
        if p.n_eff > 1:
            counting, root = cold(p)
            asked.append(counting.asked)
            found += root is not None
            if root is not None and found <= 4:
                assert root.log_tau == pytest.approx(nested(System.of(p)), abs=1e-11)
    assert found >= 0.8 * len(asked)
    assert np.mean(asked) < limit


def test_without_penalty_only_where_noise_alone_would_use_more_than_there_is() -> None:
    p = ax.Problem("quadratic", gamma=1.25, d=1e6, n=1, lam=0, noise=1)
    for share, definite in ((0.2, True), (0.249, True), (0.25, False), (0.3, False), (2.0, False)):
        system = System.of(p.replace(n_eff=share * 1e6))
        assert newton.finite(system) is definite
        assert newton.finite(replace(system, penalty=1e-9))
    assert newton.used_by_noise(system) == pytest.approx(5e5)


def test_a_step_that_parts_thresholds_leads_back_to_their_joint() -> None:
    def at(second: float, moves: float | None) -> SimpleNamespace:
        slopes = None if moves is None else Slopes(0.0, 0.0, 0.0, 0.0, moves, 0.0)
        return SimpleNamespace(second=second, response=SimpleNamespace(slopes=slopes))

    assert newton._parted(at(-0.1, 1e-3), at(2.0, 1.0))
    for here, there in ((at(-0.1, 1e-3), at(-0.05, 1.0)), (at(-0.1, 0.5), at(2.0, 1.0))):
        assert not newton._parted(here, there)
    for here, there in (
        (at(-0.1, 1e-3), at(2.0, 0.5)),
        (at(-0.1, None), at(2.0, 1.0)),
        (at(-1, 0), at(1, None)),
    ):
        assert not newton._parted(here, there)


@pytest.mark.parametrize(
    ("network", "n_eff", "lam"),
    [
        ("diagonal", 7.753e11, 1.28e-8),  # a balance that magnifies rounding of the path by 1e7
        ("diagonal", 7.753e11, 2.07e-6),
        ("quadratic", 6.08e4, 3.37e-4),  # beyond thresholds that hardly differ
        ("quadratic", 1.19e9, 0.0548),
    ],
)
def test_newton_arrives_beside_peaks_and_at_the_end_of_angles(network: str, n_eff: float, lam: float) -> None:
    p = ax.Problem(network, gamma=1.25, d=1e12, n=1, lam=lam, noise=0.1).replace(n_eff=n_eff)
    counting, root = cold(p)
    assert root is not None
    assert counting.asked <= 12
    solved = solver.certified(p, System.of(p), root)
    assert solved.residual < 1e-12
    assert root.log_tau == pytest.approx(nested(System.of(p)), abs=10.0 ** (1 - solved.digits))


@pytest.mark.parametrize(("n", "lam"), [(6.28e11, 1e-12), (9.112e11, 1e-12), (9.112e11, 1e-9)])
def test_a_root_where_balances_are_steeper_than_doubles_is_stayed_at(n: float, lam: float) -> None:
    """One unit in the last place of the threshold moves the second balance by 1e-8 to 1e-4."""
    system = System.of(ax.Problem("diagonal", gamma=1.25, d=10**12, n=n, lam=lam, noise=1))
    asked, respond = 0, type(system.potential).response

    def counted(*place: Any) -> Response:
        nonlocal asked
        asked += 1
        return respond(*place)

    with mock.patch.object(type(system.potential), "response", counted):
        root = newton_root(system, 0.5 * math.log(2.0 / n))
    assert root is not None
    assert asked < 10  # some 41 before the search gave up
    slow = noise_scale(system, lambda x, near: system.potential.threshold(x, n, system.penalty, near), None)
    assert isinstance(slow, Root)
    # both know the unknowns to rounding in them, a few units of 1e-15
    assert root.log_tau == pytest.approx(slow.log_tau, abs=1e-14)
    assert root.response.path == pytest.approx(slow.response.path, abs=1e-14)


def test_from_a_noise_scale_alone_only_in_convex_problems_whose_root_is_finite() -> None:
    p = ax.Problem("diagonal", gamma=1.25, d=1e6, n=1e4, lam=1e-3, noise=1)
    log_tau = ax.solve(p).log_delta - 0.5 * math.log(p.d)
    assert newton_root(System.of(p), log_tau).log_tau == pytest.approx(log_tau, abs=1e-12)
    assert newton_root(System.of(p.replace(lam=0, n=1e6)), log_tau) is None
    assert newton_root(System.of(p.replace(depth=3)), log_tau) is None
    free = System.of(p.replace(lam=0))
    exact = ax.solve(p.replace(lam=0))
    at = exact.log_delta - 0.5 * math.log(p.d)
    path = free.potential.path_of(exact.eps / exact.delta, at)
    assert newton_root(free, at + 0.01, path).log_tau == pytest.approx(at, abs=1e-10)


@pytest.mark.parametrize("depth", [3, 4])
def test_problems_that_are_not_convex_are_not_stepped_through_from_afar(depth: int) -> None:
    """Whose other roots a long step may lead to: a start is followed within a step or so, and no farther."""
    p = ax.Problem("diagonal", gamma=1.25, d=1e6, n=1e7, lam=1e-3, noise=1, depth=depth)
    system, exact = System.of(p), ax.solve(p)
    at = exact.log_delta - 0.5 * math.log(p.d)
    path = system.potential.path_of(exact.eps / exact.delta, at)
    for away in (-1.0, 0.3, 1.0):
        assert newton_root(system, at + 0.1, path + away).log_tau == pytest.approx(at, abs=1e-10)
    for away in (-3.0, -2.0, 3.0):
        assert newton_root(system, at, path + away) is None


def test_balances_say_nothing_where_nothing_is_learned_for_nothing() -> None:
    system = System.of(ax.Problem("diagonal", gamma=1.25, d=1e6, n=1e4, lam=0, noise=1))
    response = system.potential.response(system.potential.path_of(2.0, -4.0), -4.0)
    assert state(system, response.path, -4.0, response) is not None
    assert state(system, response.path, -4.0, replace(response, dof=0.0)) is None
    penalised = replace(system, penalty=1.0)
    assert state(penalised, response.path, -4.0, replace(response, dof=0.0)) is not None
    assert state(system, response.path, math.nan, response) is None
    assert state(system, response.path, -4.0, replace(response, slopes=Slopes(*[math.nan] * 6))) is None


def test_a_response_nearby_is_started_from_its_neighbour() -> None:
    asked: list[str] = []
    potential = SimpleNamespace(
        response=lambda path, log_tau: asked.append("afresh"),
        nearby=lambda path, log_tau, near: asked.append("nearby"),
    )
    system, near = SimpleNamespace(potential=potential), SimpleNamespace(path=0.0, log_tau=0.0, response=None)
    for path, log_tau in ((0.2, 0.2), (-0.2, 0.2), (0.4, -0.4), (-0.4, 0.4), (0.6, 0.0)):
        respond(system, path, log_tau, near)
    respond(system, 0.0, 0.0, None)
    assert asked == ["nearby"] * 2 + ["afresh"] * 4


def test_the_first_path_is_the_networks_guess_or_the_threshold_itself() -> None:
    system = System.of(ax.Problem("diagonal", gamma=1.25, d=1e6, n=1e4, lam=1e-3, noise=1))
    exact = system.potential.threshold(-4.0, system.nu, system.penalty, None).path
    assert first_path(system, -4.0) == pytest.approx(exact, abs=1.0)
    plain = SimpleNamespace(threshold=system.potential.threshold)
    assert first_path(replace(system, potential=plain), -4.0) == exact


@pytest.mark.parametrize("network", ["diagonal", "quadratic"])
def test_slopes_by_difference_follow_what_is_differenced(network: str) -> None:
    """Along the path to the square of the step, up to the step; of what keeps its digits."""
    system = System.of(ax.Problem(network, gamma=1.25, d=1e4, n=1e7, lam=1e-3, noise=1))
    here = system.potential.response(system.potential.path_of(1.5, -3.0), -3.0)
    for step in (1e-3, 1e-5):
        found = differenced(system.potential, here, -3.0, step)
        for name, value in found._asdict().items():
            scale = max(abs(getattr(here, name.split("_by_")[0], 1.0)), 1.0)
            assert value == pytest.approx(
                getattr(here.slopes, name), abs=100 * step * scale, rel=100 * step
            ), name


def test_broydens_update_explains_the_last_step() -> None:
    near = SimpleNamespace(path=1.0, log_tau=-2.0, first=0.3, second=-0.1)
    old = (2.0, 0.5, -1.0, 3.0)
    assert newton._updated(near, old, (1.0, -2.0), (0.7, 0.7)) == old
    step, values = np.array([0.02, -0.05]), np.array([0.4, -0.3])
    new = np.reshape(newton._updated(near, old, (1.02, -2.05), tuple(values)), (2, 2))
    assert new @ step == pytest.approx(values - [0.3, -0.1])
    assert new @ [0.05, 0.02] == pytest.approx(np.reshape(old, (2, 2)) @ [0.05, 0.02])  # across it as before


def test_a_newton_step_balances_what_is_linear() -> None:
    for jacobian in ((2.0, 0.5, -1.0, 3.0), (1e-5, 1.0, -1.0, 0.1), (1e-25, 2.0, 1e-14, 1.0)):
        here = SimpleNamespace(jacobian=jacobian, first=0.3, second=-0.1)
        step = newton._newton_step(here)
        assert np.reshape(jacobian, (2, 2)) @ step == pytest.approx([-0.3, 0.1])
    for jacobian in (None, (1.0, 2.0, 2.0, 4.0), (1e-5, 1e-5, 1.0, 1.0 + 1e-10), (math.nan, 0.0, 0.0, 1.0)):
        assert newton._newton_step(SimpleNamespace(jacobian=jacobian, first=0.3, second=-0.1)) is None


def test_a_step_is_idle_if_it_changes_nothing() -> None:
    def here(slopes: Slopes | None) -> SimpleNamespace:
        return SimpleNamespace(response=SimpleNamespace(slopes=slopes, rho=2.0, dof=3.0))

    slopes = Slopes(1.0, 2.0, 3.0, 4.0, 0.0, 0.0)
    assert newton._idle(here(slopes), (1e-14, -1e-14))
    assert not newton._idle(here(None), (1e-14, 1e-14))
    for step in ((1e-11, 0.0), (0.0, 1e-11), (0.0, -1e-11)):
        assert not newton._idle(here(slopes), step)
    for steep in (slopes._replace(rho_by_path=1e6), slopes._replace(dof_by_tau=-1e6)):
        assert not newton._idle(here(steep), (1e-14, 1e-14))
    # the changes of one risk may cancel
    assert newton._idle(here(slopes._replace(rho_by_path=1e6, rho_by_tau=-1e6)), (1e-14, 1e-14))


def test_steps_up_from_too_much_noise_are_astray() -> None:
    system = System.of(ax.Problem("diagonal", gamma=1.25, d=1e6, n=1e4, lam=1e-3, noise=1))
    here = SimpleNamespace(log_tau=system.lowest + 1.0)
    assert newton._astray(system, here, None)
    assert newton._astray(system, here, (0.0, 0.1))
    assert newton._astray(system, here, (3.5, -0.1))
    assert newton._astray(system, here, (-3.5, -0.1))
    assert newton._astray(system, here, (0.1, -1.1))
    assert not newton._astray(system, here, (2.5, -0.9))


@pytest.mark.parametrize(
    ("network", "seed", "noise", "c", "most"),
    [
        (
            "quadratic",
            700_044,
            3.87,
            2.0,
            12,
        ),  # what is learned is beneath the rounding of the penalty: 114 responses
        (
            "quadratic",
            700_059,
            0.193,
            2.0 - 1.65e-12,
            12,
        ),  # thresholds beneath the edge of the noise by 1e-12
        (
            "quadratic",
            700_090,
            0.0,
            2.0,
            16,
        ),  # the noise scale hundreds of e-folds below the first guess: 350
        ("diagonal", 700_000, 0.0, 6.474, 16),
    ],
)
def test_newton_arrives_where_thresholds_hardly_differ(
    network: str, seed: int, noise: float, c: float, most: int
) -> None:
    """At the best weight decay of wide networks at large sizes, where the nested search took over."""
    p = random_problem("diagonal", seed)
    p = ax.Problem(network, gamma=p.teacher.gamma, d=p.d, n=1, lam=1, noise=noise).replace(n_eff=p.n_eff)
    best = ax.optimum(p)
    assert best.c_star == pytest.approx(c, rel=1e-3)
    system, asked = System.of(p.replace(lam=best.lam_star)), []
    respond = system.potential.response

    class Counted:
        def response(self, path: float, log_tau: float) -> Response:
            asked.append(path)
            return respond(path, log_tau)

        def __getattr__(self, name: str) -> object:
            if name == "nearby":
                raise AttributeError(name)
            return getattr(system.potential, name)

    guess = 0.5 * math.log((system.noise + 1.0) / system.nu)
    with np.errstate(all="ignore"):
        root = newton_root(replace(system, potential=Counted()), guess)
    assert root is not None
    assert len(asked) <= most
    assert root.log_tau == pytest.approx(
        0.5 * math.log((system.noise + best.error_star) / system.nu), abs=1e-9
    )
