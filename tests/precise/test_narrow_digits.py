"""Digits of networks of few hidden units: cut between features, by the threshold, or refused in the bulk."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

import asymptotix as ax
from asymptotix.errors import NotSupplied
from asymptotix.precise import narrow
from asymptotix.precise import solve as solve_digits
from asymptotix.precise.backend import working

BASE = ax.Problem("quadratic", gamma="5/4", d=400, n=26515.632, lam=0.040709, noise=0.1)
BIG = BASE.replace(d=10**40, n=1e64, noise=0.3)


@pytest.mark.parametrize(
    ("p", "width", "lam", "acts"),
    [
        (BASE, 1, 0.04, "both"),
        (BASE, 9, 0.04, "both"),
        (BASE, 3, 0, "width"),
        (BASE, 9, 1, "threshold"),
        (BASE, 220, 0.04, "threshold"),
        (BIG, 1000, 1e-3, "both"),
        (BIG, 10**8, 0, "width"),
        (BIG, 10**12, 1e-3, "threshold"),
        (BASE.replace(teacher=ax.FiniteRank([1.0, 0.5])), 3, 5, "threshold"),
        (BASE.replace(network="symmetric"), 3, 0, "width"),
        (BASE.replace(network="symmetric"), 9, 1, "threshold"),
        (BIG.replace(network="symmetric"), 1000, 1e-3, "both"),
    ],
)
def test_two_solvers_that_never_meet_agree(p: ax.Problem, width: int, lam: float, acts: str) -> None:
    p = p.replace(width=width, lam=lam)
    doubles, digits = ax.solve(p), solve_digits(p, digits=25)
    assert doubles.constraint == acts
    assert float(digits.error) == pytest.approx(doubles.error, rel=1e-11)
    assert float(digits.delta) == pytest.approx(doubles.delta, rel=1e-11)
    assert float(digits.eps) == pytest.approx(doubles.eps, rel=1e-9)
    assert digits.digits >= 25


def test_engines_agree() -> None:
    p = BASE.replace(d=30, n=900, width=3)
    one, other = (solve_digits(p, digits=20, engine=engine).error for engine in ("flint", "mpmath"))
    assert one[:20] == other[:20]


def test_a_proof_of_a_cut_between_features() -> None:
    proved = ax.solve(BASE.replace(width=9), digits=40, certify=True)
    assert float(proved.radius or "inf") < 1e-40
    assert "gap below 9 eigenvalues is proven" in proved.certificate
    assert "not convex" in proved.certificate


@pytest.mark.parametrize("beyond", ["0.1", "0.5", "0.9"])
def test_no_proof_from_a_point_that_is_not_in_the_gap(beyond: str, monkeypatch: Any) -> None:
    """Between its end and the eigenvalue above it, where as many need not lie beyond: all else would hold."""
    p = BASE.replace(width=9)
    first, find = narrow.start(p, ax.solve(p)), narrow.gap
    with working("flint", 40) as b:
        equations = narrow._cut(b, p)
        state = equations.state(first.numbers(b))  # type: ignore[union-attr]
        assert equations.acts(state)

        def outside(*asked: Any) -> Any:
            place, atom = find(*asked), equations.resolvent.spectrum.value(b.number(9))
            end = place.ends[1]
            return replace(place, ends=(place.ends[0], b.midpoint(end + (atom - end) * b.number(beyond))))

        monkeypatch.setattr(narrow, "gap", outside)
        assert not equations.acts(state)


@pytest.mark.parametrize("network", ["quadratic", "symmetric"])
def test_a_cut_in_the_bulk_is_refused_by_name(network: str) -> None:
    p = BASE.replace(network=network, width=23)
    with pytest.raises(NotSupplied, match=f"{network} of width 23: no digits where width cuts the bulk"):
        ax.solve(p, digits=30)


def test_a_cut_in_the_bulk_is_refused_without_a_start() -> None:
    with pytest.raises(NotSupplied, match="cuts the bulk"):
        solve_digits(BASE.replace(d=40, n=1600, width=15), digits=20)


def test_digits_begin_at_the_doubles_where_the_threshold_acts() -> None:
    p = BASE.replace(width=9, lam=1)
    assert float(ax.solve(p, digits=25).error) == pytest.approx(ax.solve(p).error, rel=1e-11)
