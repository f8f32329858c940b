"""Other people's units against fits in those units: scikit-learn's LASSO, and steps of gradient descent."""

from __future__ import annotations

import json
from decimal import Decimal
from typing import Any

import numpy as np
import pytest
from numpy.random import SeedSequence
from scipy.optimize import minimize
from sklearn.linear_model import Lasso

import asymptotix as ax
from asymptotix.cli import main
from asymptotix.errors import InvalidInput
from asymptotix.networks import get
from asymptotix.simulate.data import DataSet, draw
from asymptotix.simulate.run import erm
from asymptotix.units import Convention, from_alpha, from_mean_loss, from_weight_decay, matrix_of

D, N = 8, 60


def data_of(network: str, **changes: Any) -> DataSet:
    p = ax.Problem(network, gamma=1.0, d=D, n=N, lam=1, noise=0.3, **changes)
    return draw(p, SeedSequence(5))


@pytest.mark.parametrize("scale", [1.0, D**-0.5, 3.0])
def test_alpha_is_that_of_scikit_learn(scale: float) -> None:
    """Columns as they are, divided by sqrt(d), or of standard deviation 3: the same minimiser."""
    data, alpha = data_of("diagonal"), 0.05
    w = Lasso(alpha, fit_intercept=False, tol=1e-12).fit(scale * data.matrix, data.labels).coef_
    theta = scale * D**0.5 * w
    assert 0 < np.count_nonzero(theta) < D
    np.testing.assert_allclose(
        erm(data, from_alpha(alpha, N, D, scale), tolerance=1e-14).weights, theta, atol=1e-6
    )
    teacher = data.weights / (scale * D**0.5)
    assert scale**2 * np.sum((w - teacher) ** 2) == pytest.approx(data.error(theta))


def test_mean_loss_with_features_in_units_of_the_prediction() -> None:
    data, lam = data_of("diagonal"), 0.02
    w = Lasso(lam, fit_intercept=False, tol=1e-12).fit(data.matrix / D**0.5, data.labels).coef_
    np.testing.assert_allclose(erm(data, from_mean_loss(lam, N), tolerance=1e-14).weights, w, atol=1e-6)


def trained(layers: list[Any], loss: Any, decay: float) -> list[Any]:
    """Where an optimiser's steps with weight decay, ``W -= rate (grad(mean squared error) + decay W)``, stop.

    ``loss(layers)`` is the mean squared error and its gradients.
    """
    shape = np.stack(layers).shape

    def step(x: Any) -> tuple[float, Any]:
        there = list(x.reshape(shape))
        value, gradients = loss(there)
        moves = [g + decay * w for g, w in zip(gradients, there, strict=True)]
        return value + 0.5 * decay * float(x @ x), np.stack(moves).ravel()

    options = {"maxiter": 20_000, "maxfun": 40_000, "ftol": 1e-15, "gtol": 1e-10}
    found = minimize(step, np.stack(layers).ravel(), jac=True, method="L-BFGS-B", options=options)
    return list(found.x.reshape(shape))


@pytest.mark.parametrize("depth", [2, 3])
def test_weight_decay_of_layers_that_multiply(depth: int) -> None:
    data, decay = data_of("diagonal", depth=depth), 0.05
    x = data.matrix / D**0.5

    def loss(u: list[Any]) -> Any:
        r = x @ np.prod(u, axis=0) - data.labels
        slope = 2.0 / N * x.T @ r
        others = [np.prod([v for k, v in enumerate(u) if k != j], axis=0) for j in range(depth)]
        return float(np.mean(r**2)), [slope * other for other in others]

    start = [np.full(D, 1.5) * (np.sign(data.weights) if k == 0 else 1) for k in range(depth)]
    theta = np.prod(trained(start, loss, decay), axis=0)
    lam = from_weight_decay(decay, data.net, N, D)

    def objective(t: Any) -> float:
        return 0.5 * float(np.sum((data.labels - x @ t) ** 2)) + lam * float(np.sum(np.abs(t) ** (2 / depth)))

    here = objective(theta)
    if depth == 2:
        assert here == pytest.approx(erm(data, lam, tolerance=1e-14).objective, rel=1e-6)
    learned = np.flatnonzero(np.abs(theta) > 0.1)
    assert 0 < learned.size < D
    for k in learned:  # stationary
        moved = theta.copy()
        moved[k] = theta[k] * (1.0 + 1e-4)
        up = objective(moved)
        moved[k] = theta[k] * (1.0 - 1e-4)
        assert abs(up - objective(moved)) < 1e-8 * here


@pytest.mark.parametrize(("weights", "width"), [("normalised", 8), ("normalised", 20), ("plain", 12)])
def test_weight_decay_of_a_quadratic_network(weights: str, width: int) -> None:
    data, decay = data_of("quadratic"), 0.05 if weights == "normalised" else 0.4
    x, unit = data.matrix, (width * D) ** 0.5 if weights == "normalised" else 1.0

    def loss(layers: list[Any]) -> Any:
        (w,) = layers
        s = w.T @ w / unit
        r = (np.einsum("ij,jk,ik->i", x, s, x) - np.trace(s)) / D**0.5 - data.labels
        slope = 2.0 / N * ((x.T * r) @ x - r.sum() * np.eye(D)) / D**0.5
        return float(np.mean(r**2)), [2.0 / unit * w @ slope]

    (w,) = trained([np.random.default_rng(0).standard_normal((width, D))], loss, decay)
    lam = from_weight_decay(decay, data.net, N, D, width, weights)
    s = matrix_of(w, weights)
    assert np.linalg.eigvalsh(s)[0] < 1e-3 < np.linalg.eigvalsh(s)[-1]
    np.testing.assert_allclose(s, erm(data, lam, tolerance=1e-12).weights, atol=2e-3)


def test_weight_decay_of_two_layers_that_differ() -> None:
    data, decay, width = data_of("bilinear"), 0.02, 8
    left, right = data.matrix[:, :D], data.matrix[:, D:]
    unit = (width * D) ** 0.5

    def loss(layers: list[Any]) -> Any:
        u, v = layers
        r = np.einsum("ij,jk,ik->i", left, u.T @ v / unit, right) / D**0.5 - data.labels
        slope = 2.0 / N * (left.T * r) @ right / D**0.5
        return float(np.mean(r**2)), [v @ slope.T / unit, u @ slope / unit]

    rng = np.random.default_rng(0)
    u, v = trained([rng.standard_normal((width, D)) for _ in range(2)], loss, decay)
    lam = from_weight_decay(decay, data.net, N, D, width)
    s = u.T @ v / unit
    assert np.linalg.norm(s) > 0.5
    np.testing.assert_allclose(s, erm(data, lam, tolerance=1e-12).weights, atol=2e-3)


def test_a_teacher_of_another_norm_is_another_unit() -> None:
    """Labels of a teacher 3 long, a penalty in scikit-learn's units: the error is 9 times that of the problem."""
    data = data_of("diagonal")
    w = Lasso(0.15, fit_intercept=False, tol=1e-12).fit(data.matrix, 3 * data.labels).coef_
    mine = Convention(lam="alpha", norm=3)
    p = mine.problem(ax.Problem("diagonal", gamma=1.0, d=D, n=N, lam=0.15, noise=9 * 0.3))
    assert float(p.noise) == pytest.approx(0.3)
    fitted = erm(data, float(p.lam), tolerance=1e-14).weights
    assert mine.result({"error": data.error(fitted), "n": 1.0})["error"] == pytest.approx(
        float(np.sum((w - 3 * data.weights / D**0.5) ** 2)), rel=1e-5
    )


def test_a_deep_penalty_scales_with_its_own_power() -> None:
    mine = Convention(norm=2)
    p = ax.Problem("diagonal", gamma=1.0, d=D, n=N, lam=1, noise=1, depth=4)
    assert float(mine.problem(p).lam) == pytest.approx(2.0 ** (0.5 - 2.0))


def test_results_in_the_users_units() -> None:
    mine = Convention(norm=2)
    values = {"error": 1.0, "delta": 1.5, "n": 7, "runs": [{"train_loss": [1.0, 2.0]}], "radius": None}
    assert mine.result(values) == {
        "error": 4.0, "delta": 3.0, "n": 7, "runs": [{"train_loss": [4.0, 8.0]}], "radius": None,
    }  # fmt: skip
    many = mine.result({"error": "0.12345678901234567890"})["error"]
    assert Decimal(many) == Decimal("0.4938271560493827156")
    assert mine.result({"error": "inf", "status": "converged"}) == {"error": "inf", "status": "converged"}


def asked(arguments: str, capsys: pytest.CaptureFixture[str]) -> dict[str, Any]:
    with pytest.raises(SystemExit) as end:
        main([*arguments.split(), "--json"])
    assert end.value.code == 0
    return dict(json.loads(capsys.readouterr().out))


@pytest.mark.parametrize(
    ("network", "units"),
    [
        ("diagonal", "--lam-unit alpha --norm 2"),
        ("diagonal --depth 3", "--lam-unit mean --norm 2"),
        ("quadratic --width 100", "--lam-unit weight-decay --norm 1/2"),
    ],
)
def test_the_optimum_and_its_parts_are_in_the_units_they_are_asked_in(
    network: str, units: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """The best weight decay, given back to `solve` and `decompose` as it is printed."""
    base = f"--network {network} --gamma 5/4 --d 60 --n 900 --noise 0.3 {units}"
    best = asked(f"optimum {base}", capsys)
    there = asked(f"solve {base} --lam {best['lam_star']!r}", capsys)
    assert there["error"] == pytest.approx(best["error_star"], rel=1e-9)
    assert there["problem_lam"] == pytest.approx(best["problem_lam"], rel=1e-12)
    assert there["law_band"][0] < there["law"] < there["law_band"][1]
    parts = asked(f"decompose {base} --lam {best['lam_star']!r}", capsys)
    summed = sum(parts[name] for name in ("overfitting", "underfitting", "approximation", "width_limited"))
    assert summed == pytest.approx(there["error"], rel=1e-6)


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: Convention(lam="beta"), "lam_unit = 'beta'"),
        (lambda: Convention(weights="big"), "weights = 'big'"),
        (lambda: Convention(norm=0), "norm = 0"),
        (lambda: Convention("alpha").lam_factor(get("quadratic"), 9, 9), "quadratic is no LASSO"),
        (lambda: from_weight_decay(1, get("quadratic"), 9, 9), "number p of hidden units"),
        (lambda: from_weight_decay(1, get("diagonal"), 9, 9, weights="plain"), "has no 1/sqrt"),
        (lambda: matrix_of([1.0, 2.0]), "W of p rows"),
        (lambda: matrix_of(np.eye(2), signs=[1.0]), "one for each of the 2 rows"),
        (lambda: from_alpha(1, 9, -1), "d = -1"),
    ],
)
def test_units_that_cannot_be(make: Any, message: str) -> None:
    with pytest.raises(InvalidInput, match=message):
        make()


def ask(capsys: pytest.CaptureFixture[str], words: str) -> Any:
    with pytest.raises(SystemExit) as left:
        main([*words.split(), "--json"])
    out, err = capsys.readouterr()
    assert left.value.code == 0, err
    return json.loads(out)


def test_the_command_line_in_other_units(capsys: pytest.CaptureFixture[str]) -> None:
    """The same question twice: in the units of the table, and a teacher of norm 2 with scikit-learn's alpha."""
    one = "solve --network diagonal --gamma 5/4 --d 100 --n 200 --noise 0.1 --lam 3"
    two = (
        "solve --network diagonal --gamma 5/4 --d 100 --n 200 --noise 0.4 --lam 0.3 --lam-unit alpha --norm 2"
    )
    table, mine = ask(capsys, one), ask(capsys, two)
    assert mine["error"] == pytest.approx(4 * table["error"], rel=1e-12)
    assert (mine["problem_lam"], mine["problem_noise"]) == (3.0, 0.1)
    assert mine["n_eff"] == table["n_eff"]
    many = ask(capsys, f"{two} --digits 30")
    assert float(many["error"]) == pytest.approx(mine["error"], rel=1e-12)
    kept = "--network diagonal --gamma 5/4 --d 100 --noise 0.4 --lam 0.05 --lam-unit alpha --norm 2"
    least = ask(capsys, f"plan {kept} --error 0.2")
    there = ask(capsys, f"solve {kept} --n {least['n']}")
    assert there["error"] == pytest.approx(0.2, rel=1e-6)
    assert least["lam"] == pytest.approx(0.05)
    wide = "--network quadratic --gamma 5/4 --d 20 --n 400 --noise 0.1 --lam-unit weight-decay --lam 0.01 --width 80"
    assert ask(capsys, f"solve {wide}")["problem_lam"] == pytest.approx(400 * 0.01 / 2 * 2)
    runs = ask(capsys, f"simulate {wide} --seeds 2 --norm 2")
    assert runs["problem_lam"] == pytest.approx(2.0)
    assert abs(runs["error"] / runs["theory"] - 1) < 0.5
