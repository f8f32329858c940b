"""The elastic net against quadrature of its proximal map, its limits, and its own training."""

from __future__ import annotations

import json
import math

import pytest
from scipy.integrate import quad

import asymptotix as ax
from asymptotix.cli import main
from asymptotix.errors import InvalidInput, NotSupplied
from asymptotix.networks.elastic_net import ShrunkSequence
from asymptotix.teacher import FiniteRank, PowerLaw


@pytest.mark.parametrize(
    ("path", "log_tau", "ridge"), [(0.3, -0.5, 0.3), (-2.0, -2.0, 4.0), (1.2, -1.0, 1e-3)]
)
def test_risk_and_degrees_of_freedom_are_those_of_the_proximal_map(
    path: float, log_tau: float, ridge: float
) -> None:
    coefficients = [3.0, 1.0, 0.2]
    spectrum = FiniteRank(coefficients).spectrum(10)
    c, tau = math.exp(path), math.exp(log_tau)
    k = 1.0 / (1.0 + ridge * c * tau * math.sqrt(10))
    risk = dof = 0.0
    for a in [*(spectrum.values() / tau), *[0.0] * (10 - spectrum.values().size)]:

        def estimate(z: float, a: float = float(a)) -> float:
            return k * math.copysign(max(abs(a + z) - c, 0.0), a + z)

        def missed(z: float, a: float = float(a)) -> float:
            return (estimate(z) - a) ** 2 * phi(z)

        def phi(z: float) -> float:
            return math.exp(-0.5 * z * z) / math.sqrt(2 * math.pi)

        kinks = sorted((c - a, -c - a))
        risk += quad(missed, -12, 12, points=kinks, epsabs=1e-12, limit=200)[0]
        dof += quad(lambda z: z * estimate(z) * phi(z), -12, 12, points=kinks, epsabs=1e-12, limit=200)[0]
    found = ShrunkSequence(spectrum, ridge).response(path, log_tau)
    assert found.rho == pytest.approx(risk, rel=1e-9)
    assert found.dof == pytest.approx(dof, rel=1e-9)


@pytest.mark.parametrize("d", [40, 10**9])
def test_slopes_are_differences(d: int) -> None:
    sequence, step = ShrunkSequence(PowerLaw(1.25).spectrum(d), 3.0 / math.sqrt(d)), 1e-5
    for path, log_tau in ((-1.5, -4.0), (0.4, -3.0), (1.3, -6.0)):
        slopes = sequence.response(path, log_tau).slopes
        assert slopes is not None
        ends = [
            [sequence.response(path + s * step * u, log_tau + s * step * (1 - u)) for s in (1, -1)]
            for u in (1, 0)
        ]
        for found, (up, down), name in zip(
            slopes[:4], (ends[0], ends[0], ends[1], ends[1]), ("rho", "dof") * 2, strict=True
        ):
            difference = (getattr(up, name) - getattr(down, name)) / (2 * step)
            assert found == pytest.approx(difference, rel=1e-4, abs=1e-7 * getattr(up, name))


@pytest.mark.parametrize("d", [200, 10**60])
def test_panels_agree_with_all_terms_and_with_the_lasso(d: int) -> None:
    p = ax.Problem("elastic-net", gamma=1.25, d=d, n=d**0.5, lam=1e-3, noise=0.3, ridge=0)
    assert ax.solve(p).error == pytest.approx(
        ax.solve(p.replace(network="diagonal", ridge=None)).error, rel=1e-11
    )
    one, many = (ShrunkSequence(PowerLaw(2.0).spectrum(n), 1.0 / math.sqrt(n)) for n in (600, 601))
    a, b = (s.response(0.3, -5.0) for s in (one, many))
    assert b.rho == pytest.approx(a.rho, rel=2e-3)


def test_nothing_but_ridge_is_ridge_regression() -> None:
    """A penalty that is nearly all ridge: the error of ridge regression from its own fixed point."""
    d, n, strength, noise = 100, 150, 0.7, 0.4
    p = ax.Problem("elastic-net", gamma=1, d=d, n=n, lam=strength * 1e-7, noise=noise, ridge=1e7)
    kappa = 0.0  # n = sum 1/(1 + kappa') + strength d / kappa', all inputs alike
    low, high = 1e-9, 1e9
    for _ in range(200):
        kappa = math.sqrt(low * high)
        left = d / (1 + kappa) + strength * d / kappa
        low, high = (kappa, high) if left > n else (low, kappa)
    shrunk = kappa / (1 + kappa)
    variance = d / (1 + kappa) ** 2
    error = (shrunk**2 + noise * variance / n) / (1 - variance / n)
    assert ax.solve(p).error == pytest.approx(error, rel=1e-5)


@pytest.mark.parametrize(("ridge", "lam"), [(0.1, 0.5), (5.0, 0.1)])
def test_trained_as_predicted(ridge: float, lam: float) -> None:
    p = ax.Problem("elastic-net", gamma=1.25, d=200, n=150, lam=lam, noise=0.2, ridge=ridge)
    runs, predicted = ax.simulate(p, seeds=12), ax.solve(p)
    assert runs.status == "converged"
    assert max(run.gap for run in runs.runs) < 1e-10
    assert abs(runs.error - predicted.error) < 4 * runs.stderr + 2 / p.d * predicted.error
    by_messages = ax.simulate(p, "amp", seeds=12)
    assert by_messages.error == pytest.approx(runs.error, rel=1e-2)
    law = ax.spectrum(p)
    assert law.zero_mass == pytest.approx(float((runs.spectra == 0).mean()), abs=0.02)


def test_bad_input_is_named(capsys: pytest.CaptureFixture[str]) -> None:
    sizes = {"gamma": 1.25, "d": 60, "n": 30, "lam": 1, "noise": 0.1}
    with pytest.raises(InvalidInput, match=r"ridge = -1\.0 is not allowed: expected a number >= 0"):
        ax.Problem("elastic-net", ridge=-1, **sizes)
    with pytest.raises(NotSupplied, match="diagonal: no ridge"):
        ax.Problem("diagonal", ridge=1, **sizes)
    with pytest.raises(NotSupplied, match="elastic-net: no shares"):
        ax.phase_diagram("elastic-net")
    words = "solve --network elastic-net --gamma 5/4 --d 60 --n 30 --lam 1 --noise 0.1 --ridge 1/10 --json"
    with pytest.raises(SystemExit) as left:
        main(words.split())
    assert left.value.code == 0
    told = json.loads(capsys.readouterr().out)
    assert told["error"] == ax.solve(ax.Problem("elastic-net", ridge=0.1, **sizes)).error


@pytest.mark.parametrize(
    ("gamma", "d", "n", "lam", "ridge"),
    [
        (
            3.1562241797480612,
            1.1983460231032468e63,
            1.1983460231032468e63,
            3.8725153920460666e-13,
            0.0220885925,
        ),
        (2.106831305913005, 6.272192229394111e106, 6.272193421860682e106, 1.801967802780295e-16, 6.463876e-4),
        (2.698866821589003, 6.533324449406509e51, 6.53332443545676e51, 0.0, 2.080227098164641),
    ],
)
def test_thresholds_far_above_all_features_are_passed_on_the_way(
    gamma: float, d: float, n: float, lam: float, ridge: float
) -> None:
    """Where nothing is seen, what is learned and how that changes underflow, and so do quotients of them."""
    solution = ax.solve(ax.Problem("elastic-net", gamma=gamma, d=int(d), n=n, lam=lam, noise=0, ridge=ridge))
    assert solution.converged
    assert solution.residual < 1e-10
