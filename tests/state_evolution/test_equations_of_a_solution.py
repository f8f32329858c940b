"""A solution's numbers obey the two equations as they are printed, in every network's own units."""

from __future__ import annotations

import itertools
import math
from typing import Any

import numpy as np
import pytest
from scipy.optimize import fsolve
from scipy.stats import norm

from asymptotix import Problem, solve, solve_curve
from asymptotix.equations import System
from asymptotix.networks.balances import noise_balance, threshold_balance
from asymptotix.state_evolution.newton import (
    State,
    _newton_step,
    _updated,
    balance_slopes,
    differenced,
    newton_root,
)

KINDS: list[tuple[str, dict[str, Any]]] = [
    ("diagonal", {}),
    ("nonnegative", {}),
    ("quadratic", {}),
    ("symmetric", {}),
    ("bilinear", {}),
    ("bilinear", {"rows": 30}),
    ("elastic-net", {"ridge": 0.3}),
    ("diagonal", {"beta": 0.5}),
]


@pytest.mark.parametrize(("network", "more"), KINDS)
@pytest.mark.parametrize(("share", "lam"), [(0.4, 0.05), (2.0, 1.0), (0.4, 0.0)])
def test_both_equations_and_what_follows(
    network: str, more: dict[str, Any], share: float, lam: float
) -> None:
    """``nu tau^2 = noise' + R``, ``nu kappa = L + kappa s``; the training loss is ``(noise + R)(1 - s/nu)^2``."""
    d = 60
    n = (
        share * d
        if Problem(network, gamma=1, d=d, n=d, lam=1, noise=1, **more).n_eff == d
        else share * d * d / 2
    )
    p = Problem(network, gamma=1.25, d=d, n=n, lam=lam, noise=0.3, **more)
    s, units = solve(p), p.net.units
    nu, noise = float(units.samples) * p.n_eff, float(units.noise) * 0.3
    tau2, kappa = s.delta**2 / d, s.eps / math.sqrt(d)
    assert s.converged
    assert nu * tau2 == pytest.approx(noise + s.error, rel=1e-10)
    penalty = float(units.penalty) * lam * math.sqrt(d)
    assert nu * kappa == pytest.approx(penalty + kappa * s.degrees_of_freedom, rel=1e-9)
    assert s.dof_ratio == pytest.approx(s.degrees_of_freedom / nu, rel=1e-12)
    left = (1.0 - s.dof_ratio) ** 2 if kappa > 0 or lam == 0 else 1.0
    assert s.train_loss == pytest.approx(nu * tau2 * left / float(units.noise), rel=1e-8, abs=1e-12)
    assert s.log_delta == pytest.approx(math.log(s.delta), abs=1e-12)
    assert s.residual < 1e-11
    assert 10 <= s.digits <= 15
    assert s.status == ("ridgeless" if lam == 0 else "converged")


@pytest.mark.parametrize(("n", "lam", "noise"), [(20, 0.1, 0.5), (45, 1.0, 0.1), (300, 0.3, 2.0)])
def test_the_lasso_by_another_solver(n: int, lam: float, noise: float) -> None:
    """Two unknowns, Gaussian tails of each coefficient, and Powell's method."""
    p = Problem("diagonal", gamma=1.25, d=40, n=n, lam=lam, noise=noise)
    a, units = p.spectrum.values(), p.net.units
    nu, penalty = float(units.samples) * n, float(units.penalty) * lam * math.sqrt(40)

    def sums(tau: float, kappa: float) -> tuple[float, float]:
        risk = used = 0.0
        for sign in (1, -1):
            x = (kappa - sign * a) / tau
            tail, density = norm.sf(x), norm.pdf(x)
            first, second = density - x * tail, (1 + x * x) * tail - x * density
            risk += float((tau**2 * second - 2 * sign * a * tau * first).sum())
            used += float(tail.sum())
        return risk + float((a * a).sum()), used

    def equations(logs: np.ndarray) -> list[float]:
        tau, kappa = np.exp(logs)
        risk, used = sums(tau, kappa)
        return [
            math.log(nu * tau**2 / (float(units.noise) * noise + risk)),
            math.log(nu / (used + penalty / kappa)),
        ]

    s = solve(p)
    logs = fsolve(equations, np.log([s.delta, s.eps]) - 0.5 * math.log(40) + [0.2, -0.3], xtol=1e-13)
    tau, kappa = np.exp(logs)
    assert (s.delta / math.sqrt(40), s.eps / math.sqrt(40)) == pytest.approx((tau, kappa), rel=1e-9)
    assert (s.error, s.degrees_of_freedom) == pytest.approx(sums(tau, kappa), rel=1e-9)


@pytest.mark.parametrize(("network", "n"), [("diagonal", 30.0), ("quadratic", 700.0), ("symmetric", 700.0)])
def test_slopes_of_the_balances_are_differences(network: str, n: float) -> None:
    p = Problem(network, gamma=1.25, d=60, n=n, lam=0.2, noise=0.3)
    system = System.of(p)
    path, log_tau, h = system.potential.path_of(0.8, -2.0), -2.0, 1e-5

    def both(path: float, log_tau: float) -> np.ndarray:
        here = system.potential.response(path, log_tau)
        return np.array(
            [
                noise_balance(here, log_tau, system.nu, system.noise, afar=True).value,
                threshold_balance(here, log_tau, system.nu, system.penalty, afar=True).value,
            ]
        )

    here = system.potential.response(path, log_tau)
    assert here.slopes is not None
    one = noise_balance(here, log_tau, system.nu, system.noise, afar=True)
    two = threshold_balance(here, log_tau, system.nu, system.penalty, afar=True)
    for slopes in (here.slopes, differenced(system.potential, here, log_tau, h)):
        by_path, by_tau = balance_slopes(one, two, slopes)
        assert by_path == pytest.approx(
            (both(path + h, log_tau) - both(path - h, log_tau)) / (2 * h), rel=1e-4, abs=1e-8
        )
        assert by_tau == pytest.approx(
            (both(path, log_tau + h) - both(path, log_tau - h)) / (2 * h), rel=2e-4, abs=1e-8
        )


def _state(path: float, log_tau: float, first: float, second: float, jacobian: Any) -> State:
    return State(path, log_tau, None, first, second, True, jacobian, True)  # type: ignore[arg-type]


def test_a_newton_step_solves_the_linear_equations() -> None:
    a, b, c, d = 2.0, -1.0, 0.5, 3.0
    step = _newton_step(_state(0.0, 0.0, 0.7, -0.4, (a, b, c, d)))
    assert step is not None
    assert (a * step[0] + b * step[1], c * step[0] + d * step[1]) == pytest.approx((-0.7, 0.4), rel=1e-14)
    assert _newton_step(_state(0.0, 0.0, 0.7, -0.4, (2.0, 4.0, 1.0, 2.0))) is None
    assert _newton_step(_state(0.0, 0.0, 0.7, -0.4, None)) is None


def test_broydens_update_explains_the_change_and_nothing_across() -> None:
    old = (2.0, -1.0, 0.5, 3.0)
    near = _state(1.0, -2.0, 0.3, 0.1, old)
    along, up = 0.2, -0.1
    a, b, c, d = _updated(near, old, (1.2, -2.1), (0.9, -0.4))
    assert (a * along + b * up, c * along + d * up) == pytest.approx((0.6, -0.5), rel=1e-12)
    assert (a * up - b * along, c * up - d * along) == pytest.approx(
        (old[0] * up - old[1] * along, old[2] * up - old[3] * along), rel=1e-12
    )
    assert _updated(near, old, (1.0, -2.0), (0.9, -0.4)) == old


@pytest.mark.parametrize(("network", "n"), [("diagonal", 30.0), ("quadratic", 700.0), ("bilinear", 700.0)])
@pytest.mark.parametrize("away", [(0.0, 0.0), (0.5, -0.4), (-1.0, 2.0)])
def test_newton_finds_the_root_from_afar(network: str, n: float, away: tuple[float, float]) -> None:
    p = Problem(network, gamma=1.25, d=60, n=n, lam=0.2, noise=0.3)
    system, s = System.of(p), solve(p)
    log_tau = s.log_delta - 0.5 * math.log(60)
    path = system.potential.path_of(s.eps / s.delta, log_tau)
    with np.errstate(all="ignore"):
        root = newton_root(system, log_tau + away[1], path + away[0])
    assert root is not None or away == (-1.0, 2.0)
    if root is not None:
        assert root.log_tau == pytest.approx(log_tau, abs=1e-10)
        assert root.response.rho * math.exp(2 * root.log_tau) == pytest.approx(s.error, rel=1e-9)


@pytest.mark.parametrize("vary", ["n", "lam", "noise"])
def test_a_curve_is_its_points(vary: str) -> None:
    """Forwards, backwards, and after a jump."""
    base = Problem("quadratic", gamma=1.25, d=60, n=700, lam=0.1, noise=0.3)
    sizes = [float(getattr(base, vary)) * x for x in (1.0, 1.1, 1.25, 1.4, 0.2, 30.0, 0.9, 0.9)]
    problems = [base.replace(**{vary: x}) for x in sizes]
    for one, alone in zip(solve_curve(problems), map(solve, problems), strict=True):
        assert one.problem == alone.problem
        assert (one.error, one.delta, one.degrees_of_freedom) == pytest.approx(
            (alone.error, alone.delta, alone.degrees_of_freedom), rel=1e-9
        )
        assert one.converged


def test_a_curve_through_other_networks_and_teachers() -> None:
    problems = [
        Problem(
            network, gamma=gamma, d=d, n=0.7 * d * (1 if network == "diagonal" else d), lam=0.1, noise=0.2
        )
        for network, gamma, d in itertools.product(("diagonal", "quadratic"), (0.8, 1.5), (20, 50))
    ]
    for one, alone in zip(solve_curve(problems), map(solve, problems), strict=True):
        assert one.error == pytest.approx(alone.error, rel=1e-9)
