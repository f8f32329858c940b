"""The quadratic network on inputs of unequal variance: equal inputs as a special case, panels, random matrices."""

from __future__ import annotations

import json
import math
from fractions import Fraction

import numpy as np
import pytest

import asymptotix as ax
from asymptotix.cli import main
from asymptotix.errors import InvalidInput, NotSupplied, TooLarge
from asymptotix.inputs import GivenVariances, PowerVariances
from asymptotix.networks.shaped_matrix import ShapedMatrix
from asymptotix.networks.spectral import OneSided
from asymptotix.simulate.data import DataSet, draw
from asymptotix.state_evolution import solve_curve
from asymptotix.teacher import FiniteRank, PowerLaw, Teacher

RANK_TWO = FiniteRank([3.0, 1.0])


@pytest.mark.parametrize("teacher", [PowerLaw(1.25), RANK_TWO])
@pytest.mark.parametrize("c", [0.01, 0.5, 1.99, 3.0])
@pytest.mark.parametrize("log_tau", [-6.0, -2.0, 1.0])
def test_equal_variances_respond_as_the_quadratic_network(teacher: Teacher, c: float, log_tau: float) -> None:
    spectrum = teacher.spectrum(120)
    known = OneSided(spectrum).line(log_tau).at_c(c)
    same = ShapedMatrix(spectrum, GivenVariances((1.0,) * 120)).response(math.log(c), log_tau)
    assert same.rho == pytest.approx(known.rho, rel=1e-11)
    assert same.dof == pytest.approx(known.dof, rel=1e-11, abs=1e-14)
    assert same.count == pytest.approx(known.count, abs=1e-11)


@pytest.mark.parametrize("lam", [0.0, 0.01, 1.0])
@pytest.mark.parametrize("n_eff", [20, 150])
def test_equal_inputs_are_the_quadratic_network(n_eff: float, lam: float) -> None:
    p = ax.Problem("quadratic", gamma=1.25, d=80, n=80 * n_eff, lam=lam, noise=0.3)
    faint = p.replace(variances=[1.0] * 79 + [1.0 - 1e-15])
    assert faint.net is not p.net
    assert p.replace(beta=0).net is p.net
    assert ax.solve(faint).error == pytest.approx(ax.solve(p).error, rel=1e-10)


@pytest.mark.parametrize("beta", ["3/10", "1", "2"])
@pytest.mark.parametrize("path", [-12.0, -4.0, 0.0])
@pytest.mark.parametrize("teacher", [PowerLaw(1.25), RANK_TWO])
def test_panels_sum_what_all_atoms_sum(beta: str, path: float, teacher: Teacher) -> None:
    spectrum, inputs = teacher.spectrum(3000), PowerVariances(Fraction(beta))
    one = ShapedMatrix(spectrum, inputs).response(path, -3.0)
    other = ShapedMatrix(spectrum, GivenVariances(tuple(inputs.variances(3000)))).response(path, -3.0)
    assert one.rho == pytest.approx(other.rho, rel=1e-11)
    assert one.dof == pytest.approx(other.dof, rel=1e-10)


def test_random_matrices_respond_as_the_integrals_say() -> None:
    d, c, tau, rng = 150, 0.05, 0.1, np.random.default_rng(3)
    potential = ShapedMatrix(PowerLaw(1.25).spectrum(d), PowerVariances(Fraction(1)))
    here = potential.response(math.log(c), math.log(tau))
    a, g = potential.spectrum.values() / tau, np.arange(1.0, d + 1.0)
    risks, dofs, counts = [], [], []
    for _ in range(20):
        z = rng.standard_normal((d, d)) / math.sqrt(2 * d)
        z += z.T
        values, vectors = np.linalg.eigh(np.diag(a - c * g) + z)
        learned = (vectors * np.maximum(values, 0.0)) @ vectors.T
        risks.append(((learned - np.diag(a)) ** 2).sum())
        dofs.append((learned * z).sum())  # Stein: the divergence
        counts.append((values > 0).sum())
    for found, told in ((risks, here.rho), (dofs, here.dof), (counts, here.count)):
        # four standard errors, and 1/d for finite d
        assert abs(np.mean(found) - told) < 4 * np.std(found) / math.sqrt(20) + told / d


@pytest.mark.parametrize(("beta", "n_eff", "lam", "noise"), [(0.5, 20, 0.1, 0.1), (1, 5, 0.3, 0.5)])
def test_the_prediction_against_trained_networks(beta: float, n_eff: int, lam: float, noise: float) -> None:
    p = ax.Problem("quadratic", gamma=1.25, beta=beta, d=40, n=40 * n_eff, lam=lam, noise=noise)
    runs = ax.simulate(p, seeds=12, inputs="goe", options={"tolerance": 1e-6})
    assert runs.status == "converged"
    # four standard errors, and 2/d for finite d
    assert abs(runs.error - ax.solve(p).error) < 4 * runs.stderr + 2 / p.d * runs.error


@pytest.mark.parametrize("network", ["quadratic", "symmetric", "bilinear"])
def test_layers_trained_by_gradients_reach_the_same_weights(network: str) -> None:
    p = ax.Problem(network, gamma=1.25, beta="1/2", d=15, n=200, lam=0.3, noise=0.1)
    trained, convex = (ax.simulate(p, method, seeds=1) for method in ("lbfgs", "erm"))
    assert (trained.status, convex.status) == ("converged", "converged")
    assert trained.error == pytest.approx(convex.error, rel=2e-2)


@pytest.mark.parametrize("network", ["quadratic", "symmetric", "bilinear"])
@pytest.mark.parametrize("inputs", ["gaussian", "goe"])
def test_labels_have_the_variance_of_whitened_weights(network: str, inputs: str) -> None:
    p = ax.Problem(network, gamma=1.25, beta=1, d=20, n=40_000, lam=1, noise=0)
    data: DataSet = draw(p, np.random.SeedSequence(2), inputs=inputs)
    assert data.error(np.zeros((20, 20))) == pytest.approx(1.0, rel=1e-12)
    assert abs(data.labels.mean()) < 0.05
    assert data.labels.var() == pytest.approx(p.net.excess_factor, rel=0.1)


def test_curve_optimum_and_status() -> None:
    p = ax.Problem("quadratic", gamma=1.25, beta="1/2", d=50, n=1000, lam=0.1, noise=0.1)
    lams = (0.05, 0.1, 0.2)
    along = list(solve_curve(p.replace(lam=lam) for lam in lams))
    assert along[1].error == pytest.approx(ax.solve(p).error, rel=1e-10)
    assert all(s.residual < 1e-10 and s.converged for s in along)
    best = ax.optimum(p)
    assert best.error_star <= min(best.error_at_half, best.error_at_twice, *(s.error for s in along))


@pytest.mark.parametrize(("beta", "plateau"), [("1/2", 1 / 6), ("2", 3 / 4)])
def test_without_weight_decay_the_error_stays_at_a_share_of_the_noise(beta: str, plateau: float) -> None:
    off = []
    for d in (1e4, 1e6):
        p = ax.Problem("quadratic", teacher=FiniteRank([1.0]), beta=beta, d=d, n=10 * d, lam=0, noise=1)
        off.append(abs(ax.solve(p).error / plateau - 1.0))
    assert off[1] < min(0.02, 0.3 * off[0])


def test_large_features_keep_their_digits_where_almost_all_is_learned() -> None:
    p = ax.Problem("quadratic", gamma=3, beta=0.75, d=10**9, n=1, lam=0, noise=10.0**-22.5)
    near, far = (ax.solve(p.replace(n_eff=178.0 * k)) for k in (1.0, 1.02))
    assert max(near.residual, far.residual) < 1e-12
    assert math.log(far.error / near.error) / math.log(1.02) == pytest.approx(-4.0, abs=0.02)


def test_what_is_refused() -> None:
    sizes = {"gamma": 1.25, "beta": 1, "d": 4, "n": 50, "lam": 1, "noise": 0.1}
    p = ax.Problem("quadratic", **sizes)
    with pytest.raises(NotSupplied, match="quadratic of beta 1: no weights"):
        ax.spectrum(p)
    with pytest.raises(NotSupplied, match="quadratic of beta 1: no digits"):
        ax.solve(p, digits=30)
    with pytest.raises(NotSupplied, match="quadratic of beta 1: no narrower"):
        p.replace(width=2)
    for network in ("symmetric", "bilinear"):
        with pytest.raises(NotSupplied, match=f"{network} of beta 1: no potential: .* train it by simulate"):
            ax.solve(ax.Problem(network, **sizes))
    with pytest.raises(InvalidInput, match="inputs of equal variance"):
        ax.simulate(p, "amp", seeds=1)
    with pytest.raises(TooLarge, match="for a matrix on unequal inputs"):
        ax.solve(p.replace(d=1e12))


def test_beta_on_the_command_line(capsys: pytest.CaptureFixture[str]) -> None:
    words = "--network quadratic --beta 1/2 --gamma 5/4 --d 50 --n 1000 --noise 0.1 --json"
    for command in (f"solve {words} --lam 0.1", f"optimum {words}"):
        with pytest.raises(SystemExit) as left:
            main(command.split())
        assert left.value.code == 0
        values = json.loads(capsys.readouterr().out)
        assert 0 < values.get("error", values.get("error_star")) < 1


def test_what_has_no_theory_is_trained_all_the_same(capsys: pytest.CaptureFixture[str]) -> None:
    words = "simulate --network symmetric --beta 1/2 --gamma 5/4 --d 10 --n 100 --lam 0.5 --noise 0.1 --seeds 2 --json"
    with pytest.raises(SystemExit) as left:
        main(words.split())
    values = json.loads(capsys.readouterr().out)
    assert left.value.code == 0
    assert values["error"] > 0
    assert "theory" not in values
