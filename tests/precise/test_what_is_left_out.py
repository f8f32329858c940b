"""What is left out of a closed form, of a sum of series, and of a sum of moments."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from typing import Any

import pytest

import asymptotix as ax
from asymptotix.precise import remainders
from asymptotix.precise.backend import working
from asymptotix.precise.closed_forms import beyond_the_spectrum
from asymptotix.precise.power_resolvent import PowerResolvent
from asymptotix.precise.spectrum import PowerSpectrum


def test_where_nothing_is_learned_no_degree_of_freedom_is() -> None:
    p = ax.Problem("quadratic", gamma=1.25, d=50, n=400, lam=1e6, noise=0.1)
    answer = beyond_the_spectrum(p)
    assert answer is not None
    assert (answer.error, answer.dof) == (1, 0)


@pytest.mark.parametrize("gamma", [Fraction(5, 4), Fraction(6)])
def test_series_without_integers_stay_away_from_the_axis(gamma: Fraction) -> None:
    """Where they would be felt up to angles near pi there is no closed sum at all."""
    with working("flint", 50) as b:
        g = PowerResolvent(b, PowerSpectrum(b, gamma, 10**9))
        found = [g.closed(g.scale * b.number(g.border * x) ** -g.gamma) for x in (1.01, 1.1, 30.0)]
    starts = [x[1] for x in found if x is not None]
    assert all(0.0 < start <= 2.5 for start in starts)
    assert (found[0] is None) == (gamma == 6)
    assert found[2] is not None


def test_alone_or_with_its_slope_a_value_has_one_bound(monkeypatch: pytest.MonkeyPatch) -> None:
    """Above all coefficients both are sums of moments, of which the same is left out."""
    asked: list[tuple[Any, ...]] = []
    log_tail: Callable[..., float] = remainders.log_tail

    def spied(*given: Any) -> float:
        asked.append(given)
        return log_tail(*given)

    monkeypatch.setattr(remainders, "log_tail", spied)
    with working("flint", 40) as b:
        g = PowerResolvent(b, PowerSpectrum(b, Fraction(5, 4), 10**6))
        w = b.complex(4, 3) * g.scale
        alone = [g.values(w, (order,))[0] for order in (0, 1)]
        both = g.values(w, (0, 1))
        assert max(abs(b.double(abs(x - y))) for x, y in zip(alone, both, strict=True)) < 1e-25
    assert len(asked) == 4
    assert asked[:2] == asked[2:]
