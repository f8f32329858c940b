"""Digits of the bilinear network's square matrix: two solvers that never meet, two precisions, two engines, a proof."""

from __future__ import annotations

import random
from decimal import Decimal

import pytest

import asymptotix as ax
from asymptotix.precise import solve as solve_digits
from asymptotix.precise.backend import Number, working
from asymptotix.precise.power_resolvent import resolvent

BASE = ax.Problem("bilinear", gamma="5/4", d=60, n=1800, lam=0.1, noise=0.1)


def drawn(seed: int) -> ax.Problem:
    """A problem of any size: d from 3 to 1e60."""
    rng = random.Random(seed)
    d = round(10 ** (rng.uniform(0.5, 2.3) if seed % 2 else rng.uniform(3.0, 60.0)))
    lam = d ** rng.uniform(-1.2, 0.1) if rng.random() < 0.8 else 0
    gamma, noise = rng.choice(["3/5", "1", "5/4", "2"]), rng.choice([0.1, 1])
    return BASE.replace(gamma=gamma, d=d, n=d * d ** rng.uniform(0.2, 1.6), lam=lam, noise=noise)


@pytest.mark.parametrize("seed", [0, *range(1, 20, 2), 14, 26])
def test_two_solvers_that_never_meet_agree(seed: int) -> None:
    p = drawn(seed)
    doubles = ax.solve(p)
    digits = solve_digits(p, digits=20, near=doubles)
    assert float(digits.error) == pytest.approx(doubles.error, rel=1e-11)
    assert float(digits.delta) == pytest.approx(doubles.delta, rel=1e-11)
    assert digits.digits >= 20


@pytest.mark.parametrize(
    "p", [BASE, BASE.replace(d=10**12, n=1e18, lam=0), BASE.replace(d=10**24, n="1e144", lam="1e60")]
)
def test_thirty_digits_begin_fifty_and_no_start_is_needed(p: ax.Problem) -> None:
    thirty, fifty = solve_digits(p, digits=30), solve_digits(p, digits=50)
    assert abs(Decimal(thirty.error) / Decimal(fifty.error) - 1) < Decimal("1e-27")  # of Decimal's own 28
    assert fifty.digits >= 50


def test_engines_agree() -> None:
    one, other = (
        solve_digits(BASE.replace(d=8, n=40), digits=20, engine=x).error for x in ("flint", "mpmath")
    )
    assert one[:20] == other[:20]


@pytest.mark.parametrize(
    ("d", "n", "lam", "words"),
    [(60, 1800, 0.1, "one root in a box"), (10**12, 10**18, "0.1", "is proven|proven to be in the gap")],
)
def test_a_proof(d: int, n: int, lam: float | str, words: str) -> None:
    proved = ax.solve(BASE.replace(d=d, n=n, lam=lam), digits=30, certify=True)
    assert float(proved.radius or "inf") < 1e-29
    assert any(x in proved.certificate for x in words.split("|"))


def test_least_squares_and_the_null_estimator_are_closed_forms() -> None:
    assert solve_digits(BASE.replace(n=4200, lam=0), digits=20).error == "0.60000000000000000000"
    assert float(solve_digits(BASE.replace(lam=60), digits=20).error) == 1.0


@pytest.mark.parametrize("gamma", ["3/5", "1", "2"])
def test_the_integral_along_the_axis_is_that_of_all_coefficients(gamma: str) -> None:
    """Powers, quadrature and the far end against a sum over d = 2000 coefficients; and no dependence on cells."""
    with working("flint", 30) as b:
        law = resolvent(b, BASE.replace(gamma=gamma, d=2000))
        a = [law.spectrum.value(b.number(i)) for i in range(1, 2001)]

        def slope(y: Number) -> Number:
            return sum((2 * y / (y * y + x * x) for x in a), b.number(0)) ** 2

        for log_r in (-5.0, -1.0, 2.0):
            low = b.exp(b.number(log_r))
            high = low * b.number("1.1")
            middle, half = (high + low) / 2, (high - low) / 2
            between = half * sum((w * slope(middle + half * x) for x, w in b.legendre(24)), b.number(0))
            assert abs(b.double((law.beyond(high) - law.beyond(low)) / between) - 1.0) < 1e-14


def test_between_few_coefficients_and_many_where_they_decay_fast() -> None:
    """On the imaginary axis the squares' resolvent feels single coefficients up to higher indices (gamma > 3.3)."""
    p = ax.Problem("bilinear", gamma=3.48, d=1601190, n=2.42e45, lam=231692397, noise=11.465)
    doubles = ax.solve(p)
    assert float(solve_digits(p, digits=18, near=doubles).error) == pytest.approx(doubles.error, rel=1e-11)
