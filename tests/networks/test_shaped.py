"""Inputs of unequal variance: sums by panels, equal inputs as a special case, and trained networks."""

from __future__ import annotations

import json
from fractions import Fraction

import numpy as np
import pytest

import asymptotix as ax
from asymptotix.cli import main
from asymptotix.errors import InvalidInput, NotSupplied
from asymptotix.inputs import GivenVariances, PowerVariances
from asymptotix.networks import shaped_sequence
from asymptotix.networks.deep_sequence import PowerPenaltySequence
from asymptotix.networks.jump_map import Jump, coordinate
from asymptotix.networks.shaped_sequence import ShapedPowerSequence, ShapedSequence
from asymptotix.teacher import FiniteRank, PowerLaw


@pytest.mark.parametrize("beta", [0.5, 2.0])
@pytest.mark.parametrize("path", [-8.0, -3.0, 0.0, 2.0])
@pytest.mark.parametrize("log_tau", [-6.0, -2.0, 1.0])
@pytest.mark.parametrize("teacher", [PowerLaw(1.25), FiniteRank([3.0, 1.0])])
def test_panels_sum_what_all_terms_sum(
    beta: float, path: float, log_tau: float, teacher: ax.PowerLaw
) -> None:
    spectrum = teacher.spectrum(5000)
    one = ShapedSequence(spectrum, PowerVariances(Fraction(beta))).response(path, log_tau)
    each = GivenVariances(tuple(PowerVariances(Fraction(beta)).variances(5000)))
    other = ShapedSequence(spectrum, each).response(path, log_tau)
    assert one.rho == pytest.approx(other.rho, rel=1e-12)
    assert one.dof == pytest.approx(other.dof, rel=1e-12)


@pytest.mark.parametrize("lam", [0.0, 0.01, 1.0])
@pytest.mark.parametrize("n", [100, 500])
def test_equal_inputs_are_the_diagonal_network(n: int, lam: float) -> None:
    p = ax.Problem("diagonal", gamma=1.25, d=300, n=n, lam=lam, noise=0.3)
    faint = p.replace(variances=[1.0] * 299 + [1.0 - 1e-15])
    assert faint.net is not p.net
    assert ax.solve(faint).error == pytest.approx(ax.solve(p).error, rel=1e-10)


@pytest.mark.parametrize(("beta", "n", "lam"), [(0.5, 300, 0.5), (1.0, 500, 0.2), (1.5, 200, 0.1)])
def test_the_prediction_against_trained_networks(beta: float, n: int, lam: float) -> None:
    p = ax.Problem("diagonal", gamma=1.25, beta=beta, d=400, n=n, lam=lam, noise=0.1)
    runs = ax.simulate(p, seeds=12)
    assert runs.status == "converged"
    # four standard errors, and 2/d for finite d
    assert abs(runs.error - ax.solve(p).error) < 4 * runs.stderr + 2 / p.d * runs.error


def test_layers_trained_by_gradients_reach_the_same_weights() -> None:
    p = ax.Problem("diagonal", gamma=1.25, beta=1, d=40, n=60, lam=0.3, noise=0.1)
    trained, convex = (ax.simulate(p, method, seeds=2) for method in ("lbfgs", "erm"))
    assert trained.error == pytest.approx(convex.error, rel=1e-2)


@pytest.mark.parametrize("beta", [0.5, 1.0, 2.0])
def test_without_weight_decay_the_error_is_beta_times_the_noise(beta: float) -> None:
    """The plateau that takes the place of 1/log(d/n); corrections fall with n."""
    off = []
    for n in (1e4, 1e8):
        p = ax.Problem("diagonal", gamma=1.25, beta=beta, d=1e40, n=n, lam=0, noise=1)
        off.append(abs(ax.solve(p).error / beta - 1.0))
    assert off[1] < off[0] < 0.02


@pytest.mark.parametrize("d", [1e3, 1e30, 1e120])
def test_any_dimension(d: float) -> None:
    p = ax.Problem("diagonal", gamma=1.25, beta="1/2", d=d, n=d**0.5, lam=0.1, noise=0.3)
    assert ax.solve(p).status == "converged"
    assert ax.optimum(p).error_star <= ax.solve(p).error


@pytest.mark.parametrize(("path", "log_tau"), [(0.5, -3.0), (1.2, -1.0), (-2.0, -6.0)])
def test_more_layers(path: float, log_tau: float, monkeypatch: pytest.MonkeyPatch) -> None:
    """Equal inputs as a special case, all terms as a witness of the panels, and one coefficient by hand."""
    spectrum = PowerLaw(1.25).spectrum(3000)
    equal = ShapedPowerSequence(spectrum, 0.5, PowerVariances(0)).response(path, log_tau)
    plain = PowerPenaltySequence(spectrum, 0.5).response(path, log_tau)
    assert (equal.c, equal.rho, equal.dof) == pytest.approx((plain.c, plain.rho, plain.dof), rel=1e-12)
    shaped = ShapedPowerSequence(spectrum, 0.5, PowerVariances(1)).response(path, log_tau)
    monkeypatch.setattr(shaped_sequence, "_ALL_TERMS", 3000)
    every = ShapedPowerSequence(spectrum, 0.5, PowerVariances(1)).response(path, log_tau)
    assert (shaped.rho, shaped.dof) == pytest.approx((every.rho, every.dof), rel=1e-12)
    # |theta|^q = |w|^q g^q: the penalty c g^q of one coefficient, g = 2
    one = ShapedPowerSequence(FiniteRank([1.0]).spectrum(1), 0.5, GivenVariances((0.25,))).response(0.0, 0.0)
    risk, dof = coordinate(Jump.of(0.5, (2.0 / 3.0) ** 1.5 * 2.0**0.5), np.ones(1))
    assert (one.rho, one.dof) == pytest.approx((risk[0], dof[0]), rel=1e-12)


def test_no_coefficient_is_beyond_the_last() -> None:
    """Where all are learned, at dimensions whose logarithm is rounded either way."""
    for d in (10**6, 10**9, 10**15, 3**40, 10**31, 7**50):
        sequence = ShapedSequence(PowerLaw(3.0).spectrum(d), PowerVariances(0.5))
        assert sequence.nodes(-400.0, -400.0)[2] == float(d)


def test_more_layers_against_trained_networks() -> None:
    p = ax.Problem("diagonal", depth=3, beta=0.5, gamma=1.25, d=150, n=100, lam=0.5, noise=0.1)
    runs = ax.simulate(p, seeds=12)
    assert abs(runs.error - ax.solve(p).error) < 4 * runs.stderr + 2 / p.d * runs.error


def test_what_is_refused() -> None:
    sizes = {"gamma": 1.25, "d": 4, "n": 50, "lam": 1, "noise": 0.1}
    with pytest.raises(InvalidInput, match=r"beta = -1 .* a number >= 0"):
        ax.Problem("diagonal", beta=-1, **sizes)
    with pytest.raises(InvalidInput, match=r"variances = 'entry 3' .* finite numbers > 0"):
        ax.Problem("diagonal", variances=[1, 1, np.nan, 1], **sizes)
    with pytest.raises(InvalidInput, match="as many as dimensions, d = 4"):
        ax.Problem("diagonal", variances=[1, 2], **sizes)
    with pytest.raises(InvalidInput, match="either beta or variances"):
        ax.Problem("diagonal", beta=1, variances=[1, 1, 1, 2], **sizes)
    with pytest.raises(NotSupplied, match="diagonal of beta 1: no weights"):
        ax.spectrum(ax.Problem("diagonal", beta=1, **sizes))
    with pytest.raises(InvalidInput, match="inputs of equal variance"):
        ax.simulate(ax.Problem("diagonal", beta=1, **sizes), "amp", seeds=1)


def test_beta_on_the_command_line(capsys: pytest.CaptureFixture[str]) -> None:
    words = "solve --network diagonal --beta 1/2 --gamma 5/4 --d 1e40 --n 1e8 --lam 0 --noise 1 --json"
    with pytest.raises(SystemExit) as left:
        main(words.split())
    assert left.value.code == 0
    assert json.loads(capsys.readouterr().out)["error"] == pytest.approx(0.5, rel=1e-3)


def test_ridge_is_refused_where_it_does_not_shrink_all_directions_alike() -> None:
    problem = ax.Problem("diagonal", beta=0.5, gamma=1.25, d=100, n=80, lam=1, noise=0.1)
    best = ax.optimum(problem)
    assert "ridge_error" not in best.to_dict()
    with pytest.raises(NotSupplied, match="beta 1/2: no least error"):  # it would not be below the best
        _ = best.bayes_error
    with pytest.raises(NotSupplied, match="beta 1/2: no ridge on fixed features"):
        _ = best.ridge_error
    assert "ridge_error" in ax.optimum(problem.replace(beta=0)).to_dict()
