"""Peaks and ends of the range: outcomes that doubles can barely hold are solved, or named for what they are."""

from __future__ import annotations

import math

import numpy as np
import pytest

from asymptotix import Problem, decompose, solve, solve_many, spectrum
from asymptotix.free_convolution.atoms import Atoms
from asymptotix.free_convolution.subordination import Subordination
from asymptotix.free_convolution.support_curve import SupportCurve
from asymptotix.networks.balances import threshold_balance
from asymptotix.networks.base import Response
from asymptotix.risk import bayes_error, spectral_parts
from asymptotix.teacher import PowerLaw

#: Where the ridgeless estimator's degrees of freedom at threshold 0 are as many as the samples.
PEAKS = {
    "diagonal": lambda d: float(d),
    "quadratic": lambda d: 0.25 * float(d) ** 2,
    "symmetric": lambda d: 0.5 * float(d) ** 2,
}


def peaked_problem(network: str, seed: int) -> Problem:
    """On a peak, or off it by a relative 1e-17 to 0.3, at any dimension up to 1e120."""
    rng = np.random.default_rng([seed, len(network), 7])
    d = max(2, round(10.0 ** rng.uniform(0.3, rng.choice([3.0, 20.0, 120.0]))))
    off = rng.choice([0.0, 1.0, -1.0]) * 10.0 ** rng.uniform(-17.0, -0.5)
    lam = 10.0 ** rng.uniform(-12.0, 3.0) * rng.choice([1.0, d**-0.5]) if rng.random() > 0.3 else 0.0
    noise = 10.0 ** rng.uniform(-6.0, 4.0) if rng.random() > 0.4 else 0.0
    gamma = float(4.0 - rng.uniform(0.0, 3.4999))
    return Problem(network, gamma=gamma, d=d, n=PEAKS[network](d) * (1.0 + off), lam=lam, noise=noise)


@pytest.mark.filterwarnings("error")
@pytest.mark.parametrize(("network", "count"), [("diagonal", 120), ("quadratic", 24), ("symmetric", 14)])
def test_problems_near_a_peak_are_certified(network, count):
    for seed in range(count):
        solution = solve(peaked_problem(network, seed))
        assert solution.converged, solution.problem
        assert solution.residual < 1e-10, solution.problem


# among them thresholds whose squares are no doubles, and a ratio of balances that underflows
@pytest.mark.filterwarnings("error")
@pytest.mark.parametrize("seed", [683, 717, 727, 1629, 2601, 2721, 3953, 4427])
def test_thresholds_beyond_doubles(seed):
    solution = solve(peaked_problem("diagonal", seed))
    assert solution.residual < 1e-10


@pytest.mark.filterwarnings("error")
@pytest.mark.parametrize(
    "problem",
    [
        Problem("quadratic", gamma=2, d=5.42e99, n=7.3357e198, lam=6.16e-12, noise=0),
        Problem("quadratic", gamma=0.5075, d=2.6e87, n=0.25 * 2.6e87**2, lam=1e-3, noise=0),
        Problem("diagonal", gamma=1.25, d=1.56e104, n=1.56e104, lam=0, noise=0),
    ],
    ids=lambda p: f"{p.network}-{p.d:.0e}",
)
def test_known_hard_ones(problem):
    solution = solve(problem)
    assert solution.converged
    assert solution.residual < 1e-12


# features so dense beyond the noise that they set the angle of the subordination point; a slow power law at a peak
FAR_AND_DENSE = [
    Problem(
        "quadratic", gamma=0.7325404986, d=7.686467051e79, n=1.4770443931524723e159, lam=3.614e-16, noise=0
    ),
    Problem(
        "quadratic", gamma=0.7325404986, d=7.686467051e79, n=1.452384397342214e156, lam=3.674e-16, noise=0
    ),
    Problem(
        "symmetric", gamma=0.7375659685, d=2.4176953922e75, n=2.9226288398355e150, lam=1.068e-15, noise=0
    ),
    Problem("symmetric", gamma=0.5173843991, d=36925159701, n=6.8173119778863888e20, lam=0, noise=3e-5),
]


@pytest.mark.filterwarnings("error")
@pytest.mark.parametrize("problem", FAR_AND_DENSE, ids=lambda p: f"{p.network}-{p.d:.0e}-{p.n:.0e}")
def test_dense_features_beyond_the_noise(problem):
    alone = solve(problem)
    assert alone.converged
    assert alone.residual < 1e-12
    nearby = [problem.replace(n=problem.n * (1 + 1e-3 * k)) for k in range(4)]
    for one in solve_many([*nearby, problem]):
        assert one.residual < 1e-12
    assert one.error == pytest.approx(alone.error, rel=10.0 ** (1 - alone.digits))


@pytest.mark.filterwarnings("error")
def test_steps_beyond_the_digits_of_a_sum_are_searched_around():
    p = Problem("quadratic", gamma=2.99, d=2014, n=1356497, lam=1e-11, noise=0, beta=1.34)
    assert solve(p).residual < 1e-10


@pytest.mark.parametrize("network", ["diagonal", "symmetric"])
@pytest.mark.parametrize("d", [2, 400, 10**60])
def test_as_many_samples_as_unknowns_is_infinite_risk(network, d):
    n = d if network == "diagonal" else d * d // 2
    p = Problem(network, gamma=1.25, d=d, n=n, lam=0, noise=0.1)
    assert solve(p).status == "infinite risk"
    assert solve(p).error == math.inf
    assert solve(p.replace(noise=0)).status == "perfect recovery"


def test_symmetric_least_squares():
    """Beyond the peak nothing is thresholded: ``nu tau^2 = noise' + d tau^2`` with ``nu = 2 n/d``."""
    for off in (1e-6, 0.1, 3.0):
        n = 80_000 * (1.0 + off)
        expected = 0.05 * 400 / (2.0 * n / 400 - 400)
        assert solve(Problem("symmetric", gamma=1.25, d=400, n=n, lam=0, noise=0.1)).error == pytest.approx(
            expected, rel=1e-9
        )


def test_a_ratio_that_is_no_double_has_a_logarithm():
    here = Response(0.0, 1.0, 0.0, 0.0, reference=1.0, dof_below=1e-300)
    value = threshold_balance(here, -200.0, 1.0, 1e100).value
    assert value == pytest.approx(math.log(1e-300) - math.log(1e100) - 200.0, rel=1e-12)


@pytest.mark.filterwarnings("error")
def test_newton_from_an_atom_gives_up_instead_of_overflowing():
    for d in (400, 10**100):
        atoms = Atoms(PowerLaw(2.0).spectrum(d))
        plane = Subordination(atoms, -3.0)
        atom = math.exp(atoms.log_at(2.0) + 3.0)
        with np.errstate(all="ignore"):
            w = plane.solve(1.0, complex(atom, 5e-324))
        assert math.isfinite(abs(w))


def test_heights_at_once_are_those_one_by_one():
    for d, log_tau in ((400, -3.0), (30_000, -4.0), (10**12, -6.0)):
        curve = SupportCurve(Subordination(Atoms(PowerLaw(1.25).spectrum(d)), log_tau))
        u = np.linspace(-0.9, 3.0, 60)
        single = np.array([curve.height(float(x)) for x in u])
        mass = [
            -curve.plane.shift(complex(x, v))[0].imag / v for x, v in zip(u, single, strict=True) if v > 1e-3
        ]
        assert len(mass) > 5
        assert mass == pytest.approx(np.ones(len(mass)), rel=1e-9)
        assert curve.heights(u) == pytest.approx(single, rel=1e-10, abs=1e-12)
        assert curve.heights(u, np.abs(np.sin(u))) == pytest.approx(single, rel=1e-10, abs=1e-12)


@pytest.mark.parametrize(
    ("d", "error", "rel"),
    [(700, 1.431085e-05, 2.5e-5), (30_000, 5.1614099e-05, 1e-6)],  # by `banded_error`; by points one by one
)
def test_bayes_follows_the_curve_many_points_at_a_time(d, error, rel, monkeypatch):
    calls = []
    shift = Subordination.shift
    monkeypatch.setattr(Subordination, "shift", lambda self, w: calls.append(1) or shift(self, w))
    p = Problem("quadratic", gamma=1.25, d=d, n=d * 1e6, lam=0.1, noise=0.1)
    assert bayes_error(p) == pytest.approx(error, rel=rel)
    assert len(calls) < 10_000  # 68,000 one by one


def test_the_bulk_ends_below_one_where_visible_features_reach_into_it():
    p = Problem(
        "quadratic", gamma=0.6353499910422995, d=29499, n=408899506.46752113, lam=0.02302974506690046, noise=0
    )
    potential = p.net.bind(p.spectrum)
    solution = solve(p)
    log_tau = solution.log_delta - 0.5 * math.log(p.d)
    curve = SupportCurve(potential.line(log_tau).plane)
    cut = spectral_parts.ranked(curve, curve.cut.visible)
    assert cut.w.real < 0.99  # not at 1, in silence
    assert abs(spectral_parts.surplus(curve, cut.w, cut.visible)) < 1e-6 * cut.visible


def test_where_nearly_all_features_are_visible_the_surplus_rises_from_zero():
    p = Problem("symmetric", gamma=0.64, d=123, n=420434, lam=0.105, noise=9.7)
    solution = solve(p)
    plane = p.net.bind(p.spectrum).line(solution.log_delta - 0.5 * math.log(p.d)).plane
    curve = SupportCurve(plane)
    visible = curve.cut.visible
    left = curve.left_end()
    places = [complex(u, curve.height(u)) for u in np.linspace(left + 1e-3, 1.0, 12)]
    surpluses = [spectral_parts.surplus(curve, w, visible) for w in places]
    assert surpluses == sorted(surpluses, reverse=True)
    assert surpluses[0] == pytest.approx(p.d - visible, abs=0.05)  # all eigenvalues are beyond
    with pytest.warns(RuntimeWarning, match="nearly all features are visible"):
        assert spectral_parts.ranked(curve, visible).w.real == 1.0


@pytest.mark.filterwarnings("error")
@pytest.mark.parametrize(("network", "n"), [("diagonal", 1e110), ("quadratic", 1e210), ("symmetric", 1e210)])
def test_a_noise_scale_whose_square_is_no_double(network, n):
    problem = Problem(network, gamma=0.6, d=1e100, n=n, lam=1e-120, noise=1e-220)
    solution = solve(problem)
    assert solution.status == "converged"
    assert solution.log_delta - 50 * math.log(10) < -375  # exp(-750) is 0
    assert solution.error == pytest.approx(float(solve(problem, digits=15).error), rel=1e-12, abs=0)
    assert solution.train_loss == pytest.approx(1e-220, rel=1e-8, abs=0)  # of n samples hardly any is fitted


@pytest.mark.filterwarnings("error")
@pytest.mark.parametrize(("network", "n"), [("diagonal", 1e110), ("symmetric", 1e210), ("bilinear", 1e210)])
def test_parts_and_spectrum_where_the_squared_noise_scale_is_no_double(network, n):
    problem = Problem(network, gamma=0.6, d=1e100, n=n, lam=1e-120, noise=1e-220)
    parts = decompose(problem)
    assert parts.error == pytest.approx(solve(problem).error, rel=1e-14, abs=0)
    assert parts.residual < 1e-10
    assert spectrum(problem).zero_mass == 0
