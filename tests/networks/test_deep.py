"""Diagonal networks of more than two layers: the potential against integrals, the prediction against minimisers."""

from __future__ import annotations

import itertools
import json
import math
import warnings

import numpy as np
import pytest
from scipy.integrate import quad
from scipy.stats import norm

import asymptotix as ax
from asymptotix.checks.dynamics import message_passing
from asymptotix.cli import main
from asymptotix.equations import System
from asymptotix.errors import InvalidInput, NotSupplied
from asymptotix.networks.deep_sequence import PowerPenaltySequence
from asymptotix.networks.jump_map import Jump, coordinate, terms
from asymptotix.risk.decomposition import response_at
from asymptotix.simulate.data import draw
from asymptotix.simulate.deep import DeepDiagonalNetwork, fit_deep, proximal, shrink
from asymptotix.teacher import PowerLaw


@pytest.mark.parametrize("q", [2 / 3, 1 / 2, 2 / 5])
@pytest.mark.parametrize("c", [1e-6, 0.3, 4.0, 300.0])
def test_the_map_is_the_minimiser(q: float, c: float) -> None:
    jump = Jump.of(q, c)
    for y in jump.threshold * np.array([0.5, 0.999, 1.001, 1.5, 20.0]):
        u = np.append(np.linspace(0.0, y, 400_001), 0.0)
        grid = float(u[np.argmin(0.5 * (y - u) ** 2 + c * u**q)])
        assert float(jump.estimate(np.array([y]))[0]) == pytest.approx(grid, abs=1e-5 * y)
        assert shrink(float(y), c, q) == pytest.approx(float(jump.estimate(np.array([y]))[0]), rel=1e-12)
        assert proximal(np.array([y, -y]), c, q)[0] == pytest.approx(
            [shrink(y, c, q), -shrink(y, c, q)], rel=1e-14
        )


@pytest.mark.parametrize("gamma", [0.6, 1.25, 3.0])
def test_panels_are_the_sum_over_coordinates(gamma: float) -> None:
    """At random places: features far above the threshold, around it and in the noise."""
    spectrum, rng = PowerLaw(gamma).spectrum(3000), np.random.default_rng(3)
    sequence, a = PowerPenaltySequence(spectrum, 2 / 3), spectrum.values()
    for _ in range(12):
        log_tau, path = rng.uniform(-12.0, 0.0), rng.uniform(-2.0, 2.5)
        found = sequence.response(path, log_tau)
        r, s = coordinate(Jump(2 / 3, math.exp(path)), a / math.exp(log_tau))
        assert found.rho == pytest.approx(r.sum(), rel=1e-9)
        assert found.dof == pytest.approx(s.sum(), rel=1e-9)


@pytest.mark.parametrize("d", [300, 30_000, 10**40])
def test_coefficients_beyond_the_jump_are_counted(d: int) -> None:
    p = ax.Problem("diagonal", depth=3, gamma=1.25, d=d, n=d / 3, lam=0.1, noise=0.5)
    solution, law = ax.solve(p), ax.spectrum(p)
    log_tau = solution.log_delta - 0.5 * math.log(d)
    path = System.of(p).potential.path_of(math.exp(solution.log_eps - solution.log_delta), log_tau)
    # all but a few of very many coefficients are zero beside the noise
    a = p.spectrum.values() / math.exp(log_tau) if d < 10**6 else np.zeros(1)
    shares = norm.sf(math.exp(path) - a) + norm.sf(math.exp(path) + a)
    assert law.zero_mass == pytest.approx(1.0 - shares.mean(), rel=1e-9)
    assert law.count_above(0.0) / d == pytest.approx(shares.mean(), rel=1e-9)


@pytest.mark.parametrize("q", [2 / 3, 1 / 2])
@pytest.mark.parametrize("c", [1e-3, 0.5, 3.0])
@pytest.mark.parametrize("a", [0.0, 0.7, 3.0, 12.0, 400.0])
def test_risk_and_degrees_of_freedom_against_quadrature(q: float, c: float, a: float) -> None:
    jump = Jump.of(q, c)

    def mean(f: object) -> float:
        places = sorted({-9.0, 9.0, *(x for x in (jump.threshold - a, -jump.threshold - a) if abs(x) < 9)})
        pieces = [
            quad(
                lambda z: f(z, float(jump.estimate(np.array([a + z]))[0])) * norm.pdf(z), low, high, limit=400
            )  # type: ignore[operator]
            for low, high in itertools.pairwise(places)
        ]
        return math.fsum(piece[0] for piece in pieces)

    r, s = coordinate(jump, np.array([a]))
    assert float(r[0]) == pytest.approx(mean(lambda z, u: (u - a) ** 2), rel=1e-8, abs=1e-10)
    # the slope and the jumps, against E z u by parts
    assert float(s[0]) == pytest.approx(mean(lambda z, u: z * u), rel=1e-8, abs=1e-10)


@pytest.mark.parametrize("q", [2 / 3, 1 / 3])
@pytest.mark.parametrize("path", [-20.0, -0.7, 0.5, 3.0])
@pytest.mark.parametrize("log_tau", [-9.0, -4.0, 1.0])
def test_slopes_of_the_response(q: float, path: float, log_tau: float) -> None:
    """Against differences, and without cancellation where thresholds are low."""
    sequence, h = PowerPenaltySequence(PowerLaw(1.25).spectrum(10**6), q), 1e-5
    here = sequence.response(path, log_tau)
    name = ("rho", "dof") if here.rho_below is None else ("rho_below", "dof_below")
    sign = 1.0 if here.rho_below is None else -1.0
    assert here.slopes is not None
    for k, (x, y) in enumerate(((h, 0.0), (0.0, h))):
        up, down = sequence.response(path + x, log_tau + y), sequence.response(path - x, log_tau - y)
        for which, slope in zip(name, here.slopes[2 * k :], strict=False):
            by = sign * (getattr(up, which) - getattr(down, which)) / (2.0 * h)
            assert slope == pytest.approx(by, rel=1e-5, abs=1e-9 * abs(getattr(here, which)))
        changed = math.log(up.c / down.c) / (2.0 * h)
        assert here.slopes[4 + k] == pytest.approx(changed, rel=1e-8)


@pytest.mark.parametrize("a", [0.0, 0.6, 3.0, 10.4, 10.6, 1e5])
def test_what_is_lost_below_a_low_threshold(a: float) -> None:
    """``1 - s = 2 c q E z sign(y) |y|^(q-1)`` to first order in ``c``, and twice that of the risk."""
    q, c = 2 / 3, 1e-12
    rows = terms(Jump.of(q, c), np.array([a]))[:, 0]
    if a == 0:
        mean = 2 ** (q / 2) * math.gamma((q + 1) / 2) / math.sqrt(math.pi)
    else:  # E z f(a + z) with f = |y|^(q-1), by parts on |y|^q
        mean = (
            quad(lambda z: (z * z - 1) * abs(a + z) ** q * norm.pdf(z), -12, 12, points=[-a], limit=400)[0]
            / q
        )
    if a < 1e3:
        assert rows[4] == pytest.approx(c * q * mean, rel=1e-6)
    else:
        assert rows[4] == pytest.approx(c * q * (q - 1) * a ** (q - 2), rel=1e-6)
    assert rows[3] == pytest.approx(2.0 * rows[4], rel=1e-6)
    assert (rows[4] > 0) == (a < 1)  # what is far above is learned by more than it moves


@pytest.mark.parametrize(
    ("gamma", "depth", "d", "n", "lam"),
    [
        (
            1.2102723821548294,
            3,
            7398993564206708454712475536593917145391512637113630720,
            7.398993562019964e54,
            0,
        ),
        (1.0637758998096256, 6, 229, 228.99999950489286, 1.1479807139335366e-14),
        (1.0637758998096256, 6, 229, 228.99999958352996, 0),
        (0.6041728641737394, 4, 924, 924.0039406025554, 1.0778953252257493e-13),
        (1.6663321911022955, 6, 176, 176.0106115297801, 3.9439303910352584e-14),
    ],
)
def test_just_beside_the_interpolation_peak(gamma: float, depth: int, d: int, n: float, lam: float) -> None:
    """Without noise: the threshold jumps as the noise scale passes, and the solution is between its two places."""
    solution = ax.solve(ax.Problem("diagonal", gamma=gamma, depth=depth, d=d, n=n, lam=lam, noise=0))
    assert solution.converged
    assert solution.residual < 1e-14
    assert solution.dof_ratio == pytest.approx(1.0, abs=1e-4)


@pytest.mark.parametrize(
    ("gamma", "d", "n", "noise"),
    [(1.0138, 10**22, 388, 6.6e-6), (1.8, 10**107, 8.5e11, 2e-5), (3.1, 10**100, 26.4, 1e-4)],
)
def test_the_best_weight_decay_in_any_dimension(gamma: float, d: int, n: float, noise: float) -> None:
    """``kappa/tau`` of a threshold as large as the noise is ``delta^(1/3)``, far from 1 here."""
    problem = ax.Problem("diagonal", gamma=gamma, depth=3, d=d, n=n, lam=0, noise=noise)
    best = ax.optimum(problem)
    assert best.status == "interior"
    around = [
        ax.solve(problem.replace(lam=times * best.lam_star)).error for times in (0.5, 0.9, 1.0, 1.1, 2.0)
    ]
    assert around[2] == pytest.approx(best.error_star, rel=1e-9)
    assert min(around) >= best.error_star * (1 - 1e-9)


@pytest.mark.parametrize("path", [-3.0, 0.0, 2.0])
@pytest.mark.parametrize("log_tau", [-6.0, -3.0, 1.0])
def test_panels_and_moments_sum_what_all_terms_sum(path: float, log_tau: float) -> None:
    spectrum = PowerLaw(1.25).spectrum(5000)
    response = PowerPenaltySequence(spectrum, 2 / 3).response(path, log_tau)
    r, s = coordinate(Jump(2 / 3, math.exp(path)), spectrum.values() * math.exp(-log_tau))
    assert response.rho == pytest.approx(float(r.sum()), rel=1e-12)
    assert response.dof == pytest.approx(float(s.sum()), rel=1e-12)


@pytest.mark.parametrize("depth", [3, 4])
def test_the_prediction_against_coordinate_descent(depth: int) -> None:
    """Sixteen data sets at d = 300: within four standard errors, and 2 % for the size."""
    p = ax.Problem("diagonal", depth=depth, gamma=1.25, d=300, n=300, lam=2, noise=0.3)
    runs, predicted = ax.simulate(p, seeds=16), ax.solve(p).error
    assert runs.status == "converged"
    assert abs(runs.error - predicted) < 4 * runs.stderr + 0.02 * predicted
    assert ax.solve(p.replace(depth=2)).error > 1.3 * predicted  # the LASSO's is another law


def test_what_gradient_descent_finds_depends_on_its_start() -> None:
    """From small starts zero holds every coefficient back; from large ones the prediction is nearly reached."""
    p = ax.Problem("diagonal", depth=3, gamma=1.25, d=300, n=300, lam=2, noise=0.3)
    predicted = ax.solve(p).error
    small, large = (ax.simulate(p, "lbfgs", seeds=6, options={"initial": x}) for x in (0.05, 2.0))
    assert small.error == pytest.approx(1.0, abs=1e-6)
    assert predicted < large.error < 2.0 * predicted
    least = ax.simulate(p, seeds=6)
    assert all(x.objective < y.objective * (1 + 1e-9) for x, y in zip(least.runs, large.runs, strict=True))


def test_the_gradient_of_a_deep_network() -> None:
    p = ax.Problem("diagonal", depth=4, gamma=1, d=8, n=20, lam=0.7, noise=0.1)
    network = DeepDiagonalNetwork(draw(p, np.random.SeedSequence(1)), 0.7)
    x = network.start(np.random.default_rng(0), 1.0)
    gradient = network.evaluate(x).gradient
    for k in range(x.size):
        step = 1e-6 * np.eye(x.size)[k]
        slope = (network.evaluate(x + step).objective - network.evaluate(x - step).objective) / 2e-6
        assert gradient[k] == pytest.approx(slope, rel=1e-6, abs=1e-6)


@pytest.mark.parametrize("d", [10**3, 10**12, 10**60, 10**120])
@pytest.mark.parametrize("depth", [3, 5])
def test_any_dimension(d: int, depth: int) -> None:
    p = ax.Problem("diagonal", depth=depth, gamma=1.25, d=d, n=float(d) ** 0.5, lam=0.1, noise=0.3)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        solution = ax.solve(p)
    assert solution.status == "converged"
    assert solution.residual < 1e-10
    assert "not convex" in solution.assumes
    assert "assumes" not in ax.solve(p.replace(depth=2)).to_dict()


@pytest.mark.parametrize(
    ("depth", "n", "lam", "noise"), [(3, 400, 0.5, 0.3), (4, 200, 2.0, 0.3), (3, 500, 0.0, 1.0)]
)
def test_spectrum_and_parts_are_those_of_the_denoised_teacher(depth, n, lam, noise) -> None:
    p = ax.Problem("diagonal", depth=depth, gamma=1.25, d=300, n=n, lam=lam, noise=noise)
    solved = ax.solve(p)
    law, parts = ax.spectrum(p, solution=solved), ax.decompose(p, solution=solved)
    assert parts.residual < 1e-9
    response, _ = response_at(solved, System.of(p))
    jump = Jump(2 / depth, math.exp(max(response.path, -30.0)))
    teacher = p.spectrum.values() * math.sqrt(p.d)
    noisy = teacher + solved.delta * np.random.default_rng(0).standard_normal((4000, p.d))
    learned = jump.estimate(noisy / solved.delta) * solved.delta
    assert np.mean(learned == 0.0) == pytest.approx(law.zero_mass, abs=2e-3)
    for level in (0.0, 1.0, 3.0):
        assert (np.abs(learned) > level).sum(axis=1).mean() == pytest.approx(law.count_above(level), rel=0.02)
    hidden = teacher / solved.delta <= max(jump.threshold, 1.0)
    assert law.spike_count == p.d - hidden.sum() == parts.features
    squares = np.where(learned == 0.0, 0.0, (learned - teacher) ** 2)[:, hidden].sum(axis=1) / p.d
    assert squares.mean() == pytest.approx(parts.overfitting, abs=5 * squares.std() / math.sqrt(4000))
    missed = np.where(learned == 0.0, teacher**2, 0.0)[:, hidden].sum(axis=1).mean() / p.d
    assert missed == pytest.approx(parts.underfitting, rel=0.02)
    positive = law.points[law.points > 0]
    if not positive.size:  # no noise is learned
        return
    middle = float(np.median(positive))
    share = float(np.sum(law.density[law.points > middle]) / np.sum(law.density[law.points > 0]))
    counted = [((learned > low) & (learned < positive.max())).sum() for low in (middle, 0.0)]
    assert counted[0] / counted[1] == pytest.approx(share, abs=0.03)


def test_message_passing_follows_its_prediction() -> None:
    p = ax.Problem("diagonal", depth=3, gamma=1.25, d=1500, n=1800, lam=0.5, noise=0.3)
    options = {"iterations": 8, "tolerance": 0.0}
    runs = ax.simulate(p, "amp", seeds=6, options=options).runs
    errors = np.array([run.history["error"] for run in runs])
    predicted = message_passing(p, 8)
    spread = errors.std(axis=0, ddof=1) / math.sqrt(6)
    assert np.all(np.abs(errors.mean(axis=0) - predicted) < 4 * spread + 0.02 * predicted)
    assert predicted[-1] < 0.2 * predicted[0]


def test_what_depth_is_refused() -> None:
    sizes = {"gamma": 1.25, "d": 100, "n": 50, "lam": 1, "noise": 0.1}
    for depth in (1, 0, -3, 2.5, "two"):
        with pytest.raises(InvalidInput, match=r"depth = .* an integer number of layers >= 2"):
            ax.Problem("diagonal", depth=depth, **sizes)  # type: ignore[arg-type]
    with pytest.raises(NotSupplied, match="quadratic: no deeper layers"):
        ax.Problem("quadratic", depth=3, **sizes)
    deep = ax.Problem("diagonal", depth=3, **sizes)
    with pytest.raises(InvalidInput, match="d = 301 is not allowed: expected at most 300 for many digits"):
        ax.solve(deep.replace(d=301), digits=30)
    with pytest.raises(InvalidInput, match=r"lam = 0.0 .* a weight decay > 0"):
        fit_deep(draw(deep, np.random.SeedSequence(0)), 0.0)


def test_depth_on_the_command_line(capsys: pytest.CaptureFixture[str]) -> None:
    words = "solve --network diagonal --depth 3 --gamma 5/4 --d 300 --n 150 --lam .5 --noise .1 --json"
    with pytest.raises(SystemExit) as left:
        main(words.split())
    assert left.value.code == 0
    values = json.loads(capsys.readouterr().out)
    assert values["error"] == pytest.approx(0.0464093216, rel=1e-8)
    assert values["assumes"].startswith("the penalty is not convex")


def test_from_the_lasso_little_weight_decay_ends_in_a_local_minimum() -> None:
    """Other starts find lower ones: trained errors are below the prediction there, on equal inputs as on others."""
    p = ax.Problem("diagonal", gamma=1.25, depth=4, d=200, n=100, lam=0.3, noise=0.3)
    gains, errors = [], []
    for seed in range(4):
        data = draw(p, np.random.SeedSequence(100 + seed))
        rng = np.random.default_rng(seed)
        first = fit_deep(data, p.lam)
        starts = (first.weights * (rng.random(p.d) < 0.6) for _ in range(6))
        best = min((first, *(fit_deep(data, p.lam, start=x) for x in starts)), key=lambda fit: fit.objective)
        gains.append(1 - best.objective / first.objective)
        errors.append(data.error(first.weights))
    assert np.mean(gains) > 1e-3
    assert np.mean(errors) < 0.8 * ax.solve(p).error


SEVERAL = [
    ax.Problem("diagonal", depth=4, gamma=2.84, d=4375, n=24.05, lam=1.514e-5, noise=8.152e-8),
    ax.Problem("diagonal", depth=6, gamma=2.41, d=35, n=9.1593, lam=3.154e-8, noise=0),
    ax.Problem("diagonal", depth=6, gamma=3.37, d=47, n=7.2233, lam=8.32e-3, noise=0),
    ax.Problem("diagonal", depth=4, gamma=2.33, d=1308, n=12.523, lam=5.807e-8, noise=0),
]


@pytest.mark.parametrize("p", SEVERAL)
def test_of_several_solutions_the_one_that_the_state_evolution_reaches_is_told(p):
    system = System.of(p)
    log_tau, move = 0.5 * math.log((system.noise + 1.0) / system.nu), math.inf
    while abs(move) > 1e-6:  # from an estimate of zero
        response = system.potential.threshold(log_tau, system.nu, system.penalty, None)
        move = 0.5 * math.log((system.noise + response.rho * math.exp(2.0 * log_tau)) / system.nu) - log_tau
        log_tau += move
    assert ax.solve(p).log_delta - 0.5 * math.log(p.d) == pytest.approx(log_tau, abs=1e-3)


def test_neighbours_do_not_lead_to_another_of_several_solutions():
    line = [p.replace(lam=p.lam * 10.0**k) for p in SEVERAL[1:3] for k in np.arange(-2.0, 2.5, 0.5)]
    alone = [ax.solve(p).log_delta for p in line]
    assert [s.log_delta for s in ax.solve_curve(line)] == pytest.approx(alone, abs=1e-9)
    assert [s.log_delta for s in ax.solve_many(line)] == pytest.approx(alone, abs=1e-9)
    assert [s.log_delta for s in ax.solve_curve(line[::-1])] == pytest.approx(alone[::-1], abs=1e-9)
