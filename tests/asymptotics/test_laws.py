"""The extra laws against independent numbers: direct solutions of the equations, matrices, quadrature."""

from __future__ import annotations

import math
from functools import cache

import numpy as np
import pytest
import sympy as sp
from random_matrices import free_convolution
from scipy.optimize import brentq, minimize_scalar
from scipy.special import zeta
from scipy.stats import norm
from threadpoolctl import threadpool_limits

from asymptotix.asymptotics import laws
from asymptotix.asymptotics.definition import definition
from asymptotix.asymptotics.symbols import GAMMA, SHAPE
from asymptotix.errors import InvalidInput
from asymptotix.problem import Problem
from asymptotix.state_evolution import solve

NETWORKS = ["diagonal", "quadratic", "symmetric"]


def parts(name: str):
    module = definition(name)
    return (*module.shares(), module.scales())


@cache
def optimum_of(name: str) -> laws.Optimum:
    return laws.optimum(*parts(name))


@pytest.mark.parametrize("name", NETWORKS)
def test_peak_law_against_the_equations_inside_the_noise(name: str) -> None:
    """Parametrise the exact pair of equations by c on the peak's line; the law is its limit c -> 0."""
    noise, _, scales = parts(name)
    line, law = laws.peak(noise, scales)
    risk = sp.lambdify(SHAPE, noise.risk(), "mpmath")
    count = sp.lambdify(SHAPE, noise.count(), "mpmath")
    d, delta, (f, g, h) = 1e8, 0.3, map(float, (scales.samples, scales.noise, scales.penalty))
    n_eff = float(line) * d
    ratios = []
    for c in (1e-2, 1e-3):
        tau = math.sqrt(g * delta / (f * n_eff - d * float(risk(c))))
        lam = c * tau * (f * n_eff - d * float(count(c))) / (h * math.sqrt(d))
        ratios.append(d * tau**2 * float(risk(c)) / law.value(noise=delta, lam=lam))
    assert ratios[1] == pytest.approx(1, abs=5e-3)
    # first-order convergence in c: an exponent or constant off by anything fails here
    assert abs(ratios[1] - 1) == pytest.approx(abs(ratios[0] - 1) / 10, rel=0.1)
    assert not law.expression.has(laws.DIMENSION)


@pytest.mark.parametrize(("gamma", "d"), [(0.6, 1e30), (0.75, 1e24)])
def test_finite_peak_of_the_quadratic_network_against_the_solver(gamma: float, d: float) -> None:
    """At lam = 0 the error is largest at the derived n; beside it the first-order equations give the curve."""
    noise, _, scales = parts("quadratic")
    place, height = laws.finite_peak(noise, scales)
    at, top = (law.value(gamma=gamma, d=d, noise=1.0) for law in (place, height))

    def error(n_eff: float) -> float:
        return solve(Problem(network="quadratic", gamma=gamma, d=d, n=d * n_eff, lam=0, noise=1.0)).error

    assert error(at) == pytest.approx(top, rel=2e-3)  # corrections: features above tau, d**-0.13 of them
    shift = at - d / 4
    assert error(d / 4) == pytest.approx(
        top / 4, rel=2e-3
    )  # X = 0: tau**2 c = tau T: kappa = T/d, half of tau
    assert error(d / 4 + 2 * shift) == pytest.approx(top / 2, rel=2e-3)  # kappa = 0: tau**2 falls as 1/X


def test_no_finite_peak_on_both_sides() -> None:
    noise, _, scales = parts("symmetric")
    with pytest.raises(InvalidInput, match="diverges"):
        laws.finite_peak(noise, scales)


def scalar_risk(a: np.ndarray, weight: np.ndarray, tau: float, c: float) -> float:
    """Risk of the two-sided soft threshold, each feature counted ``weight`` times."""
    y, total = a / tau, 0.0
    for x in (c - y, c + y):
        total = total + norm.sf(x) * (1 + c**2) + norm.pdf(x) * (x - 2 * c)
    return float(tau**2 * np.sum(weight * (y**2 * (norm.cdf(c - y) - norm.cdf(-c - y)) + total)))


def log_teacher(gamma: float, d: float) -> tuple[np.ndarray, np.ndarray]:
    """Features and multiplicities: the first 3000 exactly, then narrow panels of equal log width."""
    head = np.arange(1, 3001, dtype=float)
    edges = np.exp(np.linspace(math.log(3000.5), math.log(d), 60_000))
    middle = np.sqrt(edges[1:] * edges[:-1])
    i = np.concatenate([head, middle])
    weight = np.concatenate([np.ones_like(head), np.diff(edges)])
    return i**-gamma / math.sqrt(zeta(2 * gamma)), weight


@pytest.mark.parametrize("gamma", [0.75, 1.25, 2.0])
def test_scalar_optimum_approaches_its_law(gamma: float) -> None:
    """Minimise the exact risk over c at the noise's own tau; the law misses by the second order, 1/c^4."""
    misses = []
    for exponent in (30, 120):
        d, n = 10.0**exponent, 1e12
        best = optimum_of("diagonal")
        a, weight = log_teacher(gamma, d)
        guess, risk = best.shape.value(gamma=gamma, n_eff=n, d=d, noise=1), 0.0
        for _ in range(2):  # the risk's own share of tau
            tau = math.sqrt((1 + risk) / n)
            found = minimize_scalar(
                lambda c, a=a, w=weight, t=tau: scalar_risk(a, w, t, c),
                bounds=(guess * 0.9, guess * 1.1),
                method="bounded",
                options={"xatol": 1e-8},
            )
            risk = found.fun
        assert found.x == pytest.approx(guess, rel=1 / guess**2)
        law = best.risk.corrected(gamma=gamma, n_eff=n, d=d, noise=1)
        misses.append((risk / law - 1) * guess**4)
    assert max(map(abs, misses)) < 12  # of the order of the second coefficient
    assert misses[1] == pytest.approx(misses[0], rel=0.7)  # and it stays, as 1/c^2 falls fivefold


def test_spectral_optimum_gap() -> None:
    """The exact risk of the convolved spectrum: minimum over c lies below 2 by the derived gap."""
    gamma, d, learned = 1.25, 20_000, 60
    a = np.arange(1, d + 1) ** -gamma / math.sqrt(zeta(2 * gamma))
    tau = 1 / (math.sqrt(zeta(2 * gamma)) * learned**gamma)
    n_eff = 1 / (4 * tau**2)  # noise of variance one dominates
    law = optimum_of("quadratic").shape
    gap = 2 - law.corrected(gamma=gamma, n_eff=n_eff, d=d, noise=1)
    grid = np.array([0.4, 0.7, 1.0, 1.4, 2.0]) * gap
    risks = [free_convolution(a, tau, (2 - x) * tau)[0] for x in grid]
    fit = np.polyfit(np.log(grid), risks, 3)
    ends = (math.log(grid[0]), math.log(grid[-1]))
    best = minimize_scalar(lambda x: np.polyval(fit, x), bounds=ends, method="bounded")
    # the gap is not small (0.05), and the features shift the edge by as much as 1/learned
    assert math.exp(best.x) == pytest.approx(gap, rel=0.35)


def test_bayes_spikes_against_the_oracle_of_a_random_matrix() -> None:
    """One matrix of size 1000: the oracle keeps u_j' S u_j on each eigenvector u_j of the noisy matrix."""
    rng = np.random.default_rng(7)
    size, gamma = 1000, 1.25
    a = np.arange(1, size + 1) ** -gamma
    a /= np.sqrt(np.sum(a**2))
    tau = float(a[14] * a[15]) ** 0.5
    g = rng.standard_normal((size, size))
    noisy = np.diag(a) + tau / math.sqrt(2 * size) * (g + g.T)
    with threadpool_limits(1):
        vectors = np.linalg.eigh(noisy)[1]
    oracle = 1.0 - np.sum((vectors**2).T @ a * ((vectors**2).T @ a))
    spikes = np.sum(np.where(a > tau, 2 * tau**2 - tau**4 / a**2, a**2))
    # one matrix fluctuates by a few spikes' worth out of 15; swallowed features help a little
    assert oracle == pytest.approx(spikes, rel=0.12)


@pytest.mark.parametrize("gamma", [0.75, 1.25, 2.0])
def test_bayes_factor_is_the_sum_over_spikes(gamma: float) -> None:
    noise, feature, scales = parts("quadratic")
    n_eff, a = 1e6, np.arange(1, 3_000_001) ** -gamma / math.sqrt(zeta(2 * gamma))
    law = laws.bayes(noise, feature, scales)
    tau = math.sqrt(1 / (4 * n_eff))
    for _ in range(8):  # the risk's own share of tau, by iteration
        risk = np.sum(np.where(a > tau, 2 * tau**2 - tau**4 / a**2, a**2))
        risk += 3e6 ** (1 - 2 * gamma) / (2 * gamma - 1) / zeta(2 * gamma)  # beyond i = d
        tau = math.sqrt((0.5 + risk) / (2 * n_eff))
    assert risk == pytest.approx(law.corrected(gamma=gamma, n_eff=n_eff, d=1e200, noise=1), rel=1e-2)


def test_scalar_bayes_error_approaches_its_law() -> None:
    """Posterior mean for the known law of features, by quadrature; corrections are loglog/log."""
    gamma, n = 1.25, 1e6
    noise, feature, scales = parts("diagonal")
    law = laws.bayes(noise, feature, scales)
    ratios = []
    for d in (1e20, 1e60):
        a, weight = log_teacher(gamma, d)
        tau = 1 / math.sqrt(n)
        head, w = _coarse(a / tau, weight)
        risk = tau**2 * _posterior_risk(head, w, d)
        ratios.append(risk / law.value(gamma=gamma, n_eff=n, d=d, noise=1))
    assert 1 < ratios[1] < ratios[0] < 1.1


def _coarse(y: np.ndarray, weight: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Merge atoms into 900 log bins of equal second moment position."""
    edges = np.geomspace(y.min() * 0.999, y.max() * 1.001, 901)
    where = np.digitize(y, edges) - 1
    mass = np.bincount(where, weight, 900)
    second = np.bincount(where, weight * y**2, 900)
    good = mass > 0
    return np.sqrt(second[good] / mass[good]), mass[good]


def _posterior_risk(y: np.ndarray, weight: np.ndarray, d: float) -> float:
    """sum_i E (y_i - m(y_i + z))^2 with m the posterior mean."""
    x = np.linspace(-12, 40, 5201)
    log_like = np.log(weight / d)[:, None] - 0.5 * (x[None, :] - y[:, None]) ** 2
    log_like -= log_like.max(axis=0)
    like = np.exp(log_like)
    mean = (like * y[:, None]).sum(axis=0) / like.sum(axis=0)
    step = x[1] - x[0]
    # features far above the noise are learned: their error is at most the noise itself
    inside = y < 30
    density = norm.pdf(x[None, :] - y[inside, None])
    risk = (density * (y[inside, None] - mean[None, :]) ** 2).sum(axis=1) * step
    return float(np.sum(weight[inside] * risk) + np.sum(weight[~inside]))


def test_ratios_to_bayes() -> None:
    assert sp.simplify(laws.ratio_to_bayes(*parts("quadratic")[1::-1]) - 3 * GAMMA / (GAMMA + 1)) == 0
    assert sp.simplify(laws.ratio_to_bayes(*parts("diagonal")[1::-1]) - 2 * GAMMA) == 0


def test_spectral_noiseless_law_against_the_equations() -> None:
    """Solve both equations at Delta = 0, lam = 0 with sums over outliers and the bulk's own leak."""
    gamma, d, n_eff = 1.25, 1e12, 3e4
    noise, feature, scales = parts("quadratic")
    law = laws.noiseless(noise, feature, scales)
    a, weight = log_teacher(gamma, d)

    def features(tau: float) -> float:
        y = a / tau
        kept = y**2 - (y + 1 / y - 2) * (y - 3 / y + 2)
        return float(np.sum(weight * np.where(y > 1, kept, y**2)))

    tau = math.exp(brentq(lambda t: features(math.exp(t)) - 2 * n_eff, -30, -3))
    # the leak's risk, (2/7) gap of its count, and 1/i* are the next orders
    gap = (2 * n_eff / d) ** 0.4 * 3
    assert 2 * n_eff * tau**2 == pytest.approx(law.value(gamma=gamma, n_eff=n_eff), rel=max(gap, 3e-3))


def numerical_error(name: str, gamma: float, d: float, n_eff: float, lam: float, noise: float) -> float:
    n = n_eff if name == "diagonal" else n_eff * d
    return solve(Problem(network=name, gamma=gamma, d=d, n=n, lam=lam, noise=noise)).error


@pytest.mark.parametrize("gamma", [0.75, 1.25, 2.0])
@pytest.mark.parametrize(("name", "d", "tolerance"), [("diagonal", 1e30, 2e-2), ("quadratic", 1e24, 1e-5)])
def test_noiseless_law_against_the_solver(name: str, d: float, tolerance: float, gamma: float) -> None:
    """Tolerances: squares of the next orders, 0.1 (diagonal, 1/c^2) and 1e-6 (quadratic; the leak's gap)."""
    law = laws.noiseless(*parts(name))
    exact = numerical_error(name, gamma, d, 1e8, 0.0, 0.0)
    corrected = law.corrected(gamma=gamma, n_eff=1e8, d=d)
    assert exact == pytest.approx(corrected, rel=tolerance)
    assert abs(exact / corrected - 1) < abs(exact / law.value(gamma=gamma, n_eff=1e8, d=d) - 1) / 3


@pytest.mark.parametrize("gamma", [0.75, 1.25, 2.0])
def test_quadratic_optimum_against_the_solver(gamma: float) -> None:
    """The error at the derived penalty, and that it rises on both sides; corrections are 1 % here, squared 1e-4."""
    best = optimum_of("quadratic")
    at = {"gamma": gamma, "n_eff": 1e6, "d": 1e20, "noise": 1.0}
    lam = best.penalty.corrected(**at)
    errors = [numerical_error("quadratic", gamma, 1e20, 1e6, lam * x, 1.0) for x in (0.998, 1.0, 1.002)]
    assert errors[1] == pytest.approx(best.risk.corrected(**at), rel=1e-4)
    assert errors[1] < min(errors[0], errors[2])


def test_quadratic_optimum_where_the_gap_is_its_next_order() -> None:
    """Few dimensions for so many samples: the leak's gap is ten times what is left, of order 1/i* squared."""
    best, at = optimum_of("quadratic"), {"gamma": 1.25, "n_eff": 1e8, "d": 1e10, "noise": 1.0}
    error = numerical_error("quadratic", 1.25, 1e10, 1e8, best.penalty.corrected(**at), 1.0)
    assert error == pytest.approx(best.risk.corrected(**at), rel=3e-6)


@pytest.mark.parametrize("name", ["diagonal", "quadratic"])
def test_peak_law_against_the_solver(name: str) -> None:
    """First-order convergence in c ~ lam**(2/3): from lam = 1e-3 to 1e-5 the miss falls about 21 times."""
    line, law = laws.peak(parts(name)[0], parts(name)[2])
    d = 1e24
    misses = [
        numerical_error(name, 1.25, d, float(line) * d, lam, 1.0) / law.value(noise=1.0, lam=lam) - 1
        for lam in (1e-3, 1e-5)
    ]
    assert misses[0] / misses[1] == pytest.approx(100 ** (2 / 3), rel=0.1)


def test_a_law_says_what_it_misses() -> None:
    noise, _, scales = parts("diagonal")
    _, law = laws.peak(noise, scales)
    with pytest.raises(InvalidInput, match="lam"):
        law.value(noise=1.0)
