"""Every registered network answers every question, or refuses it by name; so does one that a user adds."""

from __future__ import annotations

import ast
import json
import math
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from sklearn.linear_model import Lasso

import asymptotix as ax
from asymptotix import networks
from asymptotix.cli import main
from asymptotix.errors import InvalidInput, NotSupplied
from asymptotix.precise import solve as solve_digits
from asymptotix.state_evolution import solve_curve
from tests.networks.nonnegative import NONNEGATIVE

ROOT = Path(ax.__file__).parent
BUILT_IN = tuple(networks.names())


@pytest.fixture(autouse=True)
def toy() -> Iterator[None]:
    networks.register(NONNEGATIVE)
    yield
    networks.unregister(NONNEGATIVE.name)


def problem(network: str, **changes: Any) -> ax.Problem:
    d = 60
    net = networks.get(network)
    return ax.Problem(
        network, gamma=1.25, d=d, n=net.samples(30, d), lam=1.0 if net.geometry.value == 0 else 0.1, noise=0.1
    ).replace(**changes)


def _curve(p: ax.Problem) -> None:
    lams = np.geomspace(0.5, 2.0, 3) * float(p.lam)
    along = list(solve_curve(p.replace(lam=float(x)) for x in lams))
    assert along[1].error == pytest.approx(ax.solve(p).error, rel=1e-9)


def _optimum(p: ax.Problem) -> None:
    best = ax.optimum(p)
    around = (ax.solve(p.replace(lam=best.lam_star * x)).error for x in (0.9, 1.0, 1.1))
    assert best.error_star <= min(around) * (1 + 1e-9)


def _bayes(p: ax.Problem) -> None:
    best = ax.optimum(p)
    assert 0 < best.bayes_error <= best.error_star


def _decompose(p: ax.Problem) -> None:
    parts = ax.decompose(p)
    total = parts.overfitting + parts.underfitting + parts.approximation
    assert total == pytest.approx(ax.solve(p).error, rel=1e-9)


def _spectrum(p: ax.Problem) -> None:
    assert 0.0 <= ax.spectrum(p).zero_mass <= 1.0


def _digits(p: ax.Problem) -> None:
    assert float(solve_digits(p, digits=30).error) == pytest.approx(ax.solve(p).error, rel=1e-11)


def _certificate(p: ax.Problem) -> None:
    assert solve_digits(p, digits=15, certify=True).radius is not None


def _phases(p: ax.Problem) -> None:
    phase = ax.phase_diagram(p.network).at(gamma="5/4", a="1/2", l="-1/8", zeta=0)
    assert phase.phase == "II"
    d = 10**5  # the toy sums all coefficients
    errors = []
    for size in (d, 4 * d):
        n = p.net.samples(float(size) ** 0.5, size)
        errors.append(ax.solve(p.replace(d=size, n=n, lam=float(size) ** -0.125, noise=1.0)).error)
    slope = math.log(errors[1] / errors[0]) / math.log(4.0)
    assert slope == pytest.approx(float(phase.risk_exponent.subs({})), abs=0.06)


def _simulate(p: ax.Problem) -> None:
    runs = ax.simulate(p, seeds=2)
    assert runs.status == "converged"
    assert abs(math.log(runs.error / ax.solve(p).error)) < 1.0


def _diagnose(p: ax.Problem) -> None:
    weights = np.maximum(np.random.default_rng(0).standard_normal(p.d), 0.0)
    ax.diagnose(weights, network=p.network)


QUESTIONS: dict[str, tuple[str, Callable[[ax.Problem], None]]] = {
    "curve": ("potential", _curve),
    "optimum": ("potential", _optimum),
    "bayes": ("least_error", _bayes),
    "decompose": ("error_parts", _decompose),
    "spectrum": ("weights", _spectrum),
    "digits": ("digits", _digits),
    "certificate": ("digits", _certificate),
    "phases": ("shares", _phases),
    "simulate": ("simulation", _simulate),
    "diagnose": ("diagnosis", _diagnose),
}


@pytest.mark.parametrize("question", QUESTIONS)
@pytest.mark.parametrize("network", [*BUILT_IN, NONNEGATIVE.name])
def test_a_network_answers_or_refuses_by_name(network: str, question: str) -> None:
    part, ask = QUESTIONS[question]
    if getattr(networks.get(network), part) is not None:
        ask(problem(network))
        return
    with pytest.raises(NotSupplied, match=f"{network}: no {part.replace('_', ' ')}"):
        ask(problem(network))


@pytest.mark.parametrize("lam", [0.3, 3.0])
def test_the_toy_solves_its_own_problem(lam: float) -> None:
    d, n, seeds, errors = 400, 150, 12, []
    p = ax.Problem("own-nonnegative", gamma=1.25, d=d, n=n, lam=lam, noise=0.2)
    assert p.n_eff == 150.0
    for seed in range(seeds):
        rng = np.random.default_rng(seed)
        theta, x = math.sqrt(d) * p.spectrum.values(), rng.standard_normal((n, d)) / math.sqrt(d)
        y = x @ theta + math.sqrt(0.2) * rng.standard_normal(n)
        fit = Lasso(alpha=lam / n, positive=True, fit_intercept=False, tol=1e-8, max_iter=100_000).fit(x, y)
        errors.append(float(((fit.coef_ - theta) ** 2).sum() / d))
    stderr = np.std(errors, ddof=1) / math.sqrt(seeds)
    predicted = ax.solve(p).error
    # four standard errors, and 2/d for finite d
    assert abs(np.mean(errors) - predicted) < 4 * stderr + 2 / d * predicted


@pytest.mark.parametrize("lam", [0.0, 0.3, 3.0])
@pytest.mark.parametrize("n", [30, 90])
def test_the_shipped_nonnegative_network_agrees_with_the_toy(lam: float, n: int) -> None:
    p = ax.Problem("nonnegative", gamma=1.25, d=100, n=n, lam=lam, noise=0.2)
    assert ax.solve(p).error == pytest.approx(ax.solve(p.replace(network="own-nonnegative")).error, rel=1e-11)


@pytest.mark.parametrize(("lam", "n"), [(0.5, 120), (0.0, 40), (0.0, 250)])
def test_the_nonnegative_network_is_trained_to_its_certified_minimum(lam: float, n: int) -> None:
    p = ax.Problem("nonnegative", gamma=1.25, d=100, n=n, lam=lam, noise=0.2)
    runs = ax.simulate(p, seeds=12)
    assert runs.status == "converged"
    assert runs.spectra.min() >= 0.0
    predicted = ax.solve(p).error
    assert abs(runs.error - predicted) < 4 * runs.stderr + 2 / p.d * predicted
    if lam > 0:
        for method in ("amp", "lbfgs"):
            assert ax.simulate(p, method, seeds=12).error == pytest.approx(runs.error, rel=1e-2)


def test_a_refusal_is_one_line_and_exit_code_2(capsys: pytest.CaptureFixture[str]) -> None:
    words = "simulate --network own-nonnegative --gamma 5/4 --d 60 --n 30 --lam 1 --noise 0.1 --method erm --seeds 1"
    with pytest.raises(SystemExit) as left:
        main(words.split())
    assert left.value.code == 2
    assert capsys.readouterr().err.strip() == "asymptotix: own-nonnegative: no simulation"


def test_the_command_line_knows_the_toy(capsys: pytest.CaptureFixture[str]) -> None:
    words = "solve --network own-nonnegative --gamma 5/4 --d 60 --n 30 --lam 1 --noise 0.1 --json"
    with pytest.raises(SystemExit) as left:
        main(words.split())
    assert left.value.code == 0
    assert json.loads(capsys.readouterr().out)["n_eff"] == 30.0


def test_two_networks_cannot_share_a_name() -> None:
    from dataclasses import replace

    with pytest.raises(InvalidInput, match="a name that no other network has"):
        networks.register(replace(NONNEGATIVE, sides=2))
    with pytest.raises(InvalidInput, match="one of diagonal, quadratic"):
        networks.get("transformer")


def _compared_names(path: Path) -> Iterator[int]:
    names = {"diagonal", "quadratic", "symmetric", "bilinear", "nonnegative", "elastic-net"}
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Compare):
            sides = [node.left, *node.comparators]
            texts = {c.value for s in sides for c in ast.walk(s) if isinstance(c, ast.Constant)}
            if texts & names:
                yield node.lineno


def test_no_module_compares_a_networks_name() -> None:
    for path in ROOT.rglob("*.py"):
        if path.relative_to(ROOT).parts[0] != "networks":
            assert not list(_compared_names(path)), path
