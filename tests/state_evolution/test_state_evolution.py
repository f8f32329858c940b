"""State evolution: random problems over the whole range, closed cases, named outcomes, curves."""

import math

import numpy as np
import pytest

from asymptotix import FiniteRank, Geometric, Problem, Values, solve, solve_curve
from asymptotix.checks.numbers import random_problem
from asymptotix.equations import System
from asymptotix.state_evolution import solve_system

NETWORKS = ("diagonal", "quadratic", "symmetric")


@pytest.mark.parametrize("network", NETWORKS)
def test_random_problems_are_certified(network):
    for seed in range(50):  # tests/test_random_problems.py draws more of the same
        problem = random_problem(network, 10_000 + seed)
        solution = solve(problem)
        assert solution.converged, problem
        assert solution.residual < 1e-10, problem


@pytest.mark.parametrize(("d", "n"), [(2, 3.0), (100, 100.5), (400, 1e6), (10**60, 1.5e60), (10**120, 1e140)])
def test_least_squares(d, n):
    assert solve(Problem("diagonal", gamma=1, d=d, n=n, lam=0, noise=3)).error == pytest.approx(
        3.0 * d / (n - d), rel=1e-10
    )


@pytest.mark.parametrize("network", NETWORKS)
def test_null_estimator_has_error_one(network):
    p = Problem(network, gamma=1.25, d=400, n=400 if network == "diagonal" else 160_000, lam=1e9, noise=1)
    solution = solve(p)
    assert solution.status == "zero estimator"
    assert solution.error == pytest.approx(1, rel=1e-12)


@pytest.mark.parametrize("network", NETWORKS)
def test_noiseless_with_enough_samples_recovers(network):
    d = 50
    p = Problem(network, gamma=1, d=d, n=d if network == "diagonal" else d * d, lam=0, noise=0)
    assert solve(p).status == "perfect recovery"
    assert solve(p).error == 0.0
    few = solve(p.replace(n=p.n / 10))
    assert few.status == "ridgeless"
    assert few.error > 0


def test_finite_rank_is_recovered_below_the_dimension():
    p = Problem("diagonal", d=1000, n=300, lam=0, noise=0, teacher=FiniteRank([1.0] * 20))
    assert solve(p).status == "perfect recovery"
    assert solve(p.replace(n=40)).status == "ridgeless"


def test_as_many_samples_as_unknowns():
    p = Problem("diagonal", gamma=1, d=100, n=100, lam=0, noise=1)
    assert solve(p).status == "infinite risk"
    assert solve(p.replace(noise=0)).status == "perfect recovery"
    # the peak: error lam^(2/3) is constant as lam -> 0
    errors = [solve(p.replace(lam=lam)).error * lam ** (2 / 3) for lam in (1e-9, 1e-12)]
    assert errors[0] == pytest.approx(errors[1], rel=1e-3)


@pytest.mark.parametrize("network", NETWORKS)
def test_fewer_than_one_sample(network):
    p = Problem(network, gamma=1.25, d=400, n=0.5, lam=1e-6, noise=0.1)
    solution = solve(p)
    assert solution.status in ("below one sample", "zero estimator")
    assert solution.residual < 1e-10


def test_orthogonal_limit_is_soft_thresholding_of_each_coefficient():
    # n >> d: the effective noise is noise/n, and each coefficient is thresholded on its own at lam sqrt(d)/n
    d, n, lam, noise = 5, 1e12, 3e10, 1e-6
    values = np.array([5.0, 4.0, 3.0, 2.0, 1.0])
    a = values / np.linalg.norm(values)
    solution = solve(Problem("diagonal", d=d, n=n, lam=lam, noise=noise, teacher=Values(values.tolist())))
    kappa = lam * math.sqrt(d) / n
    assert solution.error == pytest.approx((np.minimum(a, kappa) ** 2).sum(), rel=1e-9)


def test_steep_teacher_is_a_single_coefficient():
    steep = solve(Problem("diagonal", gamma=60, d=100, n=20, lam=0.1, noise=0.1)).error
    single = solve(Problem("diagonal", d=100, n=20, lam=0.1, noise=0.1, teacher=FiniteRank([1.0]))).error
    assert steep == pytest.approx(single, rel=1e-12)


def test_small_errors_keep_their_digits():
    # the naive R = 1 - J + ... has no digits left here
    p = Problem("diagonal", gamma=2, d=50, n=1e21, lam=1, noise=1)
    solution = solve(p)
    assert solution.error < 1e-18
    # all is learned: R = d (tau^2 + kappa^2), tau^2 = (noise + R)/n, kappa = L/(n - d)
    kappa = math.sqrt(50) / (1e21 - 50)
    exact = 50 * (1 / 1e21 + kappa**2) / (1 - 50 / 1e21)
    assert solution.error == pytest.approx(exact, rel=1e-9)


def test_error_is_the_least_change_of_the_equations():
    # the returned numbers solve the two equations written out in the user's units
    p = Problem("diagonal", gamma=1.25, d=300, n=120, lam=0.3, noise=0.2)
    s = solve(p)
    a = p.spectrum.values() * math.sqrt(p.d)
    z, w = np.polynomial.hermite_e.hermegauss(200)
    x = a[:, None] + s.delta * z
    soft = np.sign(x) * np.maximum(np.abs(x) - s.eps, 0)
    risk = ((soft - a[:, None]) ** 2 @ w).mean() / math.sqrt(2 * math.pi)
    assert risk == pytest.approx(s.error, rel=0.01)  # Gauss-Hermite across the kink of the soft threshold
    assert p.n / p.d * s.delta**2 == pytest.approx(s.error + p.noise, rel=1e-12)
    assert p.lam == pytest.approx(s.eps * (p.n - s.degrees_of_freedom) / p.d, rel=1e-10)


@pytest.mark.parametrize("network", NETWORKS)
def test_curves_agree_with_single_solves(network):
    base = Problem(network, gamma=1.25, d=200, n=50 if network == "diagonal" else 10_000, lam=1, noise=0.1)
    problems = [base.replace(lam=lam) for lam in np.geomspace(1e-4, 1e2, 9)]
    for warm, problem in zip(solve_curve(problems), problems, strict=True):
        assert warm.error == pytest.approx(solve(problem).error, rel=1e-10)


def test_digits_are_honest():
    for seed in range(40):
        problem = random_problem("diagonal", seed)
        solution = solve(problem)
        if solution.status not in ("converged", "ridgeless"):
            continue
        nudged = solve(
            problem.replace(noise=float(problem.noise) * (1 + 4e-16), lam=problem.lam * (1 + 4e-16))
        )
        assert nudged.error == pytest.approx(solution.error, rel=10.0 ** (1 - solution.digits) + 1e-12)


def test_geometric_teacher_at_huge_dimension():
    small = solve(Problem("diagonal", d=2000, n=500, lam=1e-3, noise=0.1, teacher=Geometric(0.8)))
    assert small.converged
    assert solve(Problem("diagonal", d=10**60, n=500, lam=1e-29, noise=0.1, teacher=Geometric(0.8))).converged


def test_the_system_carries_the_units_of_the_network():
    p = Problem("quadratic", gamma=1, d=4, n=8, lam=3, noise=5)
    system = System.of(p)
    assert (system.nu, system.noise, system.penalty) == (4.0, 2.5, 3.0)


@pytest.mark.parametrize("network", NETWORKS)
def test_the_residual_is_shrunk_by_the_share_of_samples_that_is_left(network):
    """``L/(nu kappa) = 1 - s/nu``, two ways to the same share; the training loss is its square times the test loss."""
    for lam in (1e-3, 1.0, 30.0):
        problem = Problem(network, gamma=1.25, d=100, n=3000, lam=lam, noise=0.3)
        solution, root = solve_system(problem, system := System.of(problem))
        left = system.spare_fraction(root.response, root.log_tau)
        assert left == pytest.approx(root.response.spare_dof(system.nu) / system.nu, rel=1e-9)
        assert solution.train_loss == pytest.approx(left**2 * (0.3 + solution.excess_risk), rel=1e-9)
