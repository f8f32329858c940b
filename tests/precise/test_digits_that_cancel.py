"""How many digits a place costs, and how many evaluations a start in doubles saves."""

from __future__ import annotations

import math
from typing import Any

import pytest

import asymptotix as ax
from asymptotix.precise.backend import working
from asymptotix.precise.equation_pair import Start, exact_constants
from asymptotix.precise.jumps import Jumps
from asymptotix.precise.newton import newton
from asymptotix.precise.spectral_start import SPECTRAL, search_digits

PLACES: list[dict[str, Any]] = [
    {"network": "quadratic", "d": 60, "n": 1800, "lam": 0.1},
    {"network": "quadratic", "d": 10**12, "n": 1e18, "lam": 0.1},
    {"network": "quadratic", "d": 10**30, "n": 1e40, "lam": 0},
    {"network": "symmetric", "d": 10**6, "n": 1e11, "lam": 0.1},
    {"network": "bilinear", "d": 10**9, "n": 1e14, "lam": 0.01},
    {"network": "bilinear", "d": 60, "rows": 30, "n": 1800, "lam": 0.1},
]


@pytest.mark.parametrize("given", PLACES)
def test_as_many_digits_cancel_as_are_said(given: dict[str, Any]) -> None:
    """The error's enclosure loses no more than ``extra`` digits of the working ones, and not much less."""
    problem = ax.Problem(gamma=1.25, noise=0.2, **given)
    how = problem.net.supply("digits")
    start = how.start(problem, ax.solve(problem))
    assert isinstance(start, Start)
    work = 30 + start.extra
    with working("flint", work) as b:
        equations = how.equations(b, problem, start)
        _, state, left = newton(equations, start.numbers(b), 25)
        assert left < b.number("1e-25")
        lost = work + (b.magnitude(b.radius(state.error)) - b.magnitude(state.error)) / math.log(10)
    assert lost < start.extra < lost + 16


@pytest.mark.parametrize("d", [60, 10**12, 10**40])
def test_a_search_has_digits_enough_to_see_a_risk(d: int) -> None:
    """Of ``d tau^2`` at the edge of noise, at an angle of ``(n_eff/d)^(1/5)``, the eighth power is left."""
    for n_eff in (10, 1000):
        p = ax.Problem("quadratic", gamma=1.25, d=d, n=n_eff * d, lam=1, noise=1)
        lost = 8 / 5 * math.log10(d / n_eff)
        assert lost + 12 < search_digits(p) < max(lost, 1.25 * math.log10(d)) + 40


@pytest.mark.parametrize(("depth", "n", "lam"), [(3, 20, 0.3), (3, 8, 0.05), (4, 40, 1.0), (5, 12, 0.2)])
def test_from_doubles_few_evaluations_are_enough(
    depth: int, n: int, lam: float, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Estimates that jump: the threshold of one coefficient, from that of the two equations."""
    p = ax.Problem("diagonal", depth=depth, gamma=1.25, d=12, n=n, lam=lam, noise=0.2)
    near, asked, state = ax.solve(p), [], Jumps.state
    monkeypatch.setattr(Jumps, "state", lambda self, at: asked.append(at) or state(self, at))
    start = p.net.supply("digits").start(p, near)
    assert isinstance(start, Start)
    assert len(asked) <= 4
    first = float(asked[0][0]), float(asked[0][1])
    assert first == pytest.approx(tuple(map(float, start.unknowns)), abs=1e-9)


@pytest.mark.parametrize(("depth", "n"), [(3, 20), (5, 12)])
def test_integrals_over_the_noise_have_the_digits_of_the_arithmetic(depth: int, n: int) -> None:
    p = ax.Problem("diagonal", depth=depth, gamma=1.25, d=12, n=n, lam=0.3, noise=0.2)
    start = p.net.supply("digits").start(p, ax.solve(p))
    found = []
    for digits in (20, 35, 60):
        with working("flint", digits) as b:
            state = Jumps.of(b, p).state(start.numbers(b))
            found.append([b.text(b.midpoint(x), digits) for x in (state.rho, state.dof)])
    with working("mpmath", 60) as b:
        for digits, some in zip((20, 35), found, strict=False):
            for one, exact in zip(some, found[-1], strict=True):
                assert abs(b.number(one) / b.number(exact) - 1) < b.number(10) ** (4 - digits)


def test_constants_are_rational_and_exact() -> None:
    p = ax.Problem("quadratic", gamma=1.25, d=100, n="1e40", lam="1/3", noise="0.1")
    nu, noise, squared = exact_constants(p)
    units = p.net.units
    assert nu == units.samples * 10**38
    assert 10 * noise == units.noise
    assert 9 * squared == units.penalty**2 * 100


@pytest.mark.parametrize("digits", [50, 200])
def test_seconds_grow_with_digits_and_dimension(digits: int) -> None:
    p, large = (ax.Problem("quadratic", gamma=1.25, d=d, n=1e70, lam=0, noise=1) for d in (100, 10**60))
    assert 0.1 < SPECTRAL.seconds(p, digits) < SPECTRAL.seconds(large, digits) < 30
    assert 2 < SPECTRAL.seconds(p, 4 * digits) / SPECTRAL.seconds(p, digits) < 16
