"""Narrow networks at their peak: recalled data, the theory's objective, starts, and the fast gradient."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

import asymptotix as ax
from asymptotix.errors import InvalidInput
from asymptotix.experiments import narrow
from asymptotix.report.width_peak import verdict
from asymptotix.simulate.data import draw
from asymptotix.simulate.factors import QuadraticNetwork, build
from asymptotix.store import Store

DATA = Path(__file__).parents[2] / "reports" / "data" / "width.jsonl"


def test_the_objective_is_the_predicted_one_and_the_error_is_not() -> None:
    peaks = narrow.measured(Store(DATA))
    (error, _), (objective, _) = (narrow.limit(peaks, what, "best") for what in ("errors", "objectives"))
    assert abs(objective.mean) < 3 * objective.stderr < 0.02
    assert error.mean < -3 * error.stderr
    assert "not finite size" in verdict(peaks)
    assert peaks[-1].data_sets[0].minima > 1


def test_a_point_is_trained_once(tmp_path: Path) -> None:
    store, problem = Store(tmp_path / "width.jsonl"), narrow.peak_problem(20, 2)
    first = list(narrow.trained(problem, 2, store, starts=2))
    assert list(narrow.trained(problem, 2, Store(tmp_path / "width.jsonl"), starts=2)) == first
    assert len(first[0].objectives) == 3
    assert first[0].objectives[first[0].best] == min(first[0].objectives)


@pytest.mark.parametrize("network", ["quadratic", "symmetric"])
def test_the_gradient_through_preactivations(network: str) -> None:
    p = ax.Problem(network, gamma="5/4", d=12, n=60, lam=0.1, noise=0.1, width=4)
    data = draw(p, np.random.SeedSequence(1))
    fast, plain = build(data, 0.1), QuadraticNetwork(data, 0.1, width=4)
    x = fast.start(np.random.default_rng(0), 1.0)
    assert fast.evaluate(x).objective == pytest.approx(plain.evaluate(x).objective, rel=1e-12)
    assert fast.evaluate(x).gradient == pytest.approx(plain.evaluate(x).gradient, rel=1e-9, abs=1e-9)


def test_a_start_at_the_teacher() -> None:
    p = ax.Problem("quadratic", gamma="5/4", d=12, n=400, lam=0, noise=0.1, width=3)
    data = draw(p, np.random.SeedSequence(1))
    network = build(data, 0)
    begin = network.weights(network.informed(np.random.default_rng(0), 1e-9))
    assert data.error(begin) == pytest.approx(float((p.spectrum.values()[3:] ** 2).sum()), rel=1e-6)
    with pytest.raises(InvalidInput, match="start = 'zero'"):
        ax.simulate(p, "lbfgs", seeds=1, options={"start": "zero"})
