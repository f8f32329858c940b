"""The best number of hidden units, against brute force over all of them, and at dimensions where none can count."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import pytest

import asymptotix as ax
from asymptotix.cli import main
from asymptotix.errors import InvalidInput, NotSupplied
from asymptotix.networks.threshold_line import Line
from asymptotix.risk import best_width


def problem(network: str = "quadratic", **changes: Any) -> ax.Problem:
    base = ax.Problem(network, gamma="5/4", d=400, n=26515.632, lam=0, noise=0.1)
    return base.replace(**changes)


@pytest.mark.parametrize(
    ("changes", "status"),
    [
        ({}, "interior"),  # below the peak in width, whose far side is worse
        ({"lam": 0.4}, "interior"),
        ({"lam": 0.01, "gamma": 0.6}, "wide"),  # the far side is better
        ({"network": "symmetric", "lam": 0.01}, "interior"),
        ({"lam": 50}, "wide"),  # nothing is learned
    ],
)
def test_the_best_width_against_all_widths(changes: dict[str, Any], status: str) -> None:
    p = problem(**changes)
    best = ax.optimum(p, over="width")
    assert best.status == status
    w = best.width_star
    widths = sorted({1, 2, 4, 7, *range(max(w - 2, 1), w + 3), 20, 40, 60, 80, 120, 200, 399})
    errors = np.array([ax.solve(p.replace(width=k)).error for k in widths])
    assert best.error_star <= errors.min() * (1 + 1e-10)
    assert ax.solve(p.replace(width=best.width_star)).error == pytest.approx(best.error_star, rel=1e-12)
    if status == "wide":
        assert best.error_star == best.wide_error
        assert f"from {best.width_star} units on" in best.note
        if best.width_star > 1:
            assert ax.solve(p.replace(width=best.width_star - 1)).error > best.error_star * (1 + 1e-10)


def test_brute_force_over_widths() -> None:
    """All small ones of 400; from as many as the wide network learns eigenvalues on, all errors are the same."""
    p = problem(lam=0.0407)
    widths = (*range(1, 30), *range(30, 136, 5), 200, 300, 399)
    found = [ax.solve(p.replace(width=k)) for k in widths]
    wide = ax.solve(p).error
    free = [solution.constraint == "threshold" for solution in found]
    assert free == sorted(free)
    assert 100 < widths[free.index(True)] < 135
    assert all(
        solution.error == pytest.approx(wide, rel=1e-12)
        for solution in found
        if solution.constraint == "threshold"
    )
    errors = [solution.error for solution in found]
    best = ax.optimum(p, over="width")
    assert best.width_star == widths[int(np.argmin(errors))] < 29
    assert best.error_star == pytest.approx(min(errors), rel=1e-10)


def test_both_against_the_best_weight_decay_of_every_width() -> None:
    p = problem(d=60, n=240)
    best = ax.optimum(p, over="both")
    errors = [ax.optimum(p.replace(width=k)).error_star for k in range(1, 9)]
    assert best.status == "interior"
    assert best.width_star == 1 + int(np.argmin(errors))
    assert best.error_star == pytest.approx(min(errors), rel=1e-7)
    again = ax.solve(p.replace(width=best.width_star, lam=best.lam_star)).error
    assert again == pytest.approx(best.error_star, rel=1e-9)
    few = ax.optimum(p, over="width")
    assert best.bayes_error < best.error_star < min(few.error_star, best.decay_error)
    assert best.over_decay == best.error_star / best.decay_error


def test_a_second_minimum_that_is_wide() -> None:
    """At n_eff = d the best of few units, 0.00742 at 32, loses to weight decay at any width: 0.00710."""
    best = ax.optimum(problem(n=160_000), over="both")
    assert best.status == "wide"
    assert best.error_star == best.decay_error
    assert ax.optimum(problem(n=160_000, width=32)).error_star > best.error_star


def test_weight_decay_at_a_width_with_two_minima() -> None:
    """Beside the minimum below the cut there is one above it, that of a larger noise scale."""
    few, more = (ax.optimum(problem(n=160_000, width=k)).error_star for k in (50, 60))
    assert more < 1.1 * few


@pytest.mark.parametrize(("exponent", "gamma", "a"), [(120, 2.0, 30)])
def test_any_dimension(exponent: int, gamma: float, a: int) -> None:
    p = ax.Problem("quadratic", gamma=gamma, d=10**exponent, n=10.0 ** (a + exponent), lam=0, noise=0.1)
    best = ax.optimum(p, over="width")
    assert best.status == "interior"
    assert best.over_bayes > 1 > best.over_decay
    for factor in (0.8, 1.25):
        assert ax.solve(p.replace(width=int(best.width_star * factor))).error > best.error_star


def test_perfect_recovery_needs_as_many_units_as_the_teacher() -> None:
    p = ax.Problem("quadratic", teacher=ax.FiniteRank([2.0, 1.0]), d=10, n=200, lam=0, noise=0)
    best = ax.optimum(p, over="width")
    assert (best.status, best.width_star, best.error_star) == ("perfect recovery", 2, 0.0)


def test_bad_input(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(InvalidInput, match=r"over = 'depth' .* lam, width, both"):
        ax.optimum(problem(), over="depth")
    with pytest.raises(NotSupplied, match="diagonal: no narrower"):
        ax.optimum(ax.Problem("diagonal", gamma=1, d=10, n=5, lam=0, noise=1), over="width")
    words = "optimum --network quadratic --gamma 5/4 --d 60 --n 700 --noise 0.1"
    for more, name in ((["--lam", "1"], "lam"), (["--over", "width", "--width", "3"], "width")):
        with pytest.raises(SystemExit) as left:
            main([*words.split(), *more])
        assert left.value.code == 2
        assert f"{name} = " in capsys.readouterr().err


def test_on_the_command_line(capsys: pytest.CaptureFixture[str]) -> None:
    words = "optimum --network quadratic --gamma 5/4 --d 200 --n 4000 --noise 0.1 --over width --lam 0 --json"
    with pytest.raises(SystemExit) as left:
        main(words.split())
    assert left.value.code == 0
    values = json.loads(capsys.readouterr().out)
    assert values["status"] == "interior"
    assert values["lam_star"] == 0
    assert {"width_star", "bayes_error", "over_decay", "over_bayes", "assumes"} <= values.keys()


@pytest.mark.parametrize("changes", [{}, {"lam": 0.01}, {"noise": 0}, {"d": 10**60, "n": 1e100}])
@pytest.mark.parametrize("over", ["width", "both"])
def test_a_best_width_costs_a_few_solves(changes: dict[str, Any], over: str, monkeypatch: Any) -> None:
    asked = []
    at = Line.respond
    monkeypatch.setattr(Line, "respond", lambda self, *place: asked.append(place) or at(self, *place))
    p = problem(**changes)
    best = ax.optimum(p, over=over)  # type: ignore[arg-type]
    assert best.error_star < best.wide_error * (1 + 1e-12)
    assert len(asked) < 210  # ten times as many, when each noise scale was searched anew


@pytest.mark.parametrize("changes", [{}, {"lam": 0.01, "network": "symmetric"}, {"lam": 0.4}])
@pytest.mark.parametrize("kind", [best_width._Search, best_width._JointSearch])
def test_widths_beside_the_best_are_not_solved(
    changes: dict[str, Any], kind: type[best_width._Search]
) -> None:
    """Told by their risk at its noise scale, which is right: solved, they have more error."""
    p, decay = problem(**changes), kind is best_width._JointSearch
    best = best_width.best_width(p, decay)
    assert best.status == "interior"
    search, width = kind(p, decay), best.width_star
    beside = [x for x in (width - 1, width + 1) if x > 0]
    assert not any(search._better(x, width) for x in beside)
    assert list(search.known) == [width]
    assert all(search.at(x)[0] > best.error_star * (1 + 1e-10) for x in beside)


def test_the_better_of_the_two_widths_around_a_count() -> None:
    """1.5 units would be best: one has four times the error of two, and the search went from one to all and back."""
    p = ax.Problem("quadratic", gamma=2.77, d=60, n=72.1, lam=0, noise=0.00973)
    best = ax.optimum(p, over="width")
    errors = [ax.solve(p.replace(width=k)).error for k in (1, 2, 3)]
    assert best.width_star == 2
    assert best.error_star == pytest.approx(min(errors), rel=1e-10)


def test_more_samples_than_unknowns_without_noise() -> None:
    """Here the grid of places was once empty at the end."""
    p = ax.Problem("quadratic", gamma=1.25, d=10**12, n=1e20, lam=0.01, noise=0)
    best = ax.optimum(p, over="width")
    assert best.error_star <= min(ax.solve(p.replace(width=w)).error for w in (100, 2000, 5000)) * (1 + 1e-10)


# the slope of the degrees of freedom, nothing but rounding where everything is learned, was below 0
@pytest.mark.parametrize(
    ("network", "gamma", "d", "n", "lam", "noise"),
    [
        ("quadratic", 1.0296001656278846, 51, 4080.240187312954, 0.18906180167845213, 0.0),
        ("symmetric", 1.7275356345381998, 3, 9.453596409390146, 1.1946514871819178e-08, 1.42e-06),
        ("quadratic", 1.1536339304084762, 154, 33063.78258045507, 0.00025256121389308103, 0.0023),
    ],
)
def test_where_everything_is_learned(
    network: str, gamma: float, d: int, n: float, lam: float, noise: float
) -> None:
    p = ax.Problem(network, gamma=gamma, d=d, n=n, lam=lam, noise=noise)
    best = ax.optimum(p, over="width")
    assert best.status == "wide"
    fewer = (1, d // 2, d - 1)
    assert best.error_star <= min(ax.solve(p.replace(width=w)).error for w in fewer) * (1 + 1e-10)
