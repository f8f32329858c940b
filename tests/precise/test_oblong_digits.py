"""Digits of matrices of fewer rows than columns: two solvers that never meet, enclosures, engines, a proof."""

from __future__ import annotations

import random

import mpmath
import numpy as np
import pytest

import asymptotix as ax
from asymptotix.precise import solve as solve_digits
from asymptotix.precise.backend import Backend, working
from asymptotix.precise.oblong import Oblong
from asymptotix.precise.oblong_equations import OblongEquations
from asymptotix.precise.power_resolvent import resolvent
from asymptotix.precise.spectral_start import build
from asymptotix.teacher import FiniteRank

BASE = ax.Problem("bilinear", gamma=1.25, d=60, rows=30, n=1800, lam=0.1, noise=0.1)
SHARES = {"1/4": (1, 4), "1/2": (1, 2), "9/10": (9, 10)}


def drawn(share: str, seed: int) -> ax.Problem:
    """Of d = 20 to 300."""
    rng, (p, q) = random.Random(seed), SHARES[share]
    d = 20 * round(10 ** rng.uniform(0.0, 1.2))
    lam = d ** rng.uniform(-1.2, 0.1) if rng.random() < 0.8 else 0
    gamma, noise, n = (
        rng.choice(["3/5", "1", "5/4", "2"]),
        rng.choice([0.1, 1]),
        d * d ** rng.uniform(0.2, 1.5),
    )
    return BASE.replace(gamma=gamma, d=d, rows=d * p // q, n=n, lam=lam, noise=noise)


@pytest.mark.parametrize("share", SHARES)
@pytest.mark.parametrize("seed", range(4))
def test_two_solvers_that_never_meet_agree(share: str, seed: int) -> None:
    p = drawn(share, seed)
    doubles = ax.solve(p)
    digits = solve_digits(p, digits=16, near=doubles)
    assert float(digits.error) == pytest.approx(doubles.error, rel=1e-12)
    assert float(digits.delta) == pytest.approx(doubles.delta, rel=1e-12)
    assert float(digits.degrees_of_freedom) == pytest.approx(doubles.degrees_of_freedom, rel=1e-11)


@pytest.mark.parametrize(("share", "n", "lam"), [("1/2", 1e18, "1/10"), ("9/10", 1e20, 0)])
def test_they_agree_in_large_dimensions(share: str, n: float, lam: float | str) -> None:
    p, q = SHARES[share]
    problem = BASE.replace(d=10**12, rows=10**12 * p // q, n=n, lam=lam)
    doubles = ax.solve(problem)
    assert float(solve_digits(problem, digits=16, near=doubles).error) == pytest.approx(
        doubles.error, rel=1e-12
    )


def test_a_proof_of_digits_of_which_fewer_are_the_first() -> None:
    proved = ax.solve(BASE, digits=40, certify=True)
    assert float(proved.radius or "inf") < 1e-39
    assert "one root in a box" in proved.certificate
    with mpmath.workdps(60):  # nothing is claimed that more digits deny, and no start is needed
        fewer = mpmath.mpf(solve_digits(BASE, digits=25).error)
        assert abs(fewer / mpmath.mpf(proved.error) - 1) < mpmath.mpf("1e-24")


def test_engines_agree() -> None:
    p = BASE.replace(d=8, rows=5, n=40)
    one, other = (solve_digits(p, digits=18, engine=x).error for x in ("flint", "mpmath"))
    assert one[:18] == other[:18]


def test_all_learned_and_nothing_learned_are_closed_forms() -> None:
    assert (
        solve_digits(BASE.replace(n=2400, lam=0), digits=20).error == "0.30000000000000000000"
    )  # m/(n/d - m) noise
    assert float(solve_digits(BASE.replace(lam=60), digits=20).error) == 1.0


def test_one_row_less_than_square_is_close_to_square() -> None:
    shapes = [BASE.replace(d=90, rows=rows, n=2000) for rows in (90, 89)]
    square, less = (float(solve_digits(p, digits=12, near=ax.solve(p)).error) for p in shapes)
    assert 0 < abs(less / square - 1) < 1e-2


def equations(b: Backend, problem: ax.Problem, above: int | None = None) -> OblongEquations:
    found = build(b, problem, above)
    assert isinstance(found, OblongEquations)
    return found


@pytest.mark.parametrize("above", [None, 0, 2, 6])
def test_slopes_are_those_of_the_values(above: int | None) -> None:
    """In the bulk, above all coefficients, between two, and below all of them."""
    p = ax.Problem("bilinear", teacher=FiniteRank([8, 7, 3, 2, 2, 1]), d=9, rows=6, n=90, lam=0.1, noise=0.2)
    with working("flint", 60) as b:
        known = equations(b, p, above)
        log_tau = {None: "-2", 0: "-4", 2: "-3.2", 6: "-5"}[above]
        here = (b.number(log_tau), b.number("-0.6" if above is None else -3))
        if above == 0:
            here = here[0], b.number(0)
        step = b.number("1e-25")
        state = known.state(here)
        for j in (0, 1):
            sides = [
                known.state(tuple(x + sign * step * (k == j) for k, x in enumerate(here))) for sign in (1, -1)
            ]
            for i in (0, 1):
                slope = (sides[0].values[i] - sides[1].values[i]) / (2 * step)
                assert abs(b.midpoint(slope - state.jacobian[i][j])) < b.number("1e-15") * (1 + abs(slope))


@pytest.mark.parametrize("gamma", ["3/5", "1", "5/4"])
def test_odd_integrals_are_those_of_the_sum_over_all_coefficients(gamma: str) -> None:
    """Of d = 2000 coefficients, along another path: straight up from the point."""
    p = BASE.replace(gamma=gamma, d=4000, rows=2000)
    with working("flint", 20) as b:
        law = resolvent(b, p)
        assert isinstance(law, Oblong)
        squares = np.array([b.double(law.spectrum.value(b.number(i))) for i in range(1, 2001)])
        t, e, rng = float(squares[40]) / 4000, 2000, np.random.default_rng(3)
        node, weight = np.polynomial.legendre.leggauss(30)
        for _ in range(3):
            s = complex(squares[int(rng.integers(2, 60))] * np.exp(1j * rng.uniform(0.3, 2.0)))
            found = law.odd(b.number(t), b.complex(s.real, s.imag))
            assert law.proven
            ends = np.append(0.0, abs(s) * 1.5 ** np.arange(-4.0, 90.0))
            half = 0.5 * np.diff(ends)[:, None]
            up = s + 1j * (ends[:-1, None] + half * (1 + node)).ravel()
            ds = 1j * (half * weight).ravel()
            far = up[:, None] - squares
            g, rise = (1 / far).sum(axis=1), -(1 / far**2).sum(axis=1)
            pair = g * (up * g + e)
            pair_rise = g * g + rise * (2 * up * g + e)
            one, rest = 1 + t * g, up * (1 + t * g) + t * e
            z = np.sqrt(one * rest)
            z_rise = (one * one + t * rise * (up * one + rest)) / (2 * z)
            both = (pair * z_rise) @ ds, ((2 * up * g + 2 * t * pair + e) / z * pair_rise) @ ds
            # what is beyond the end: P = m d/s, so that int P dz = 2 m d/z and int 2 H dP = ...
            z_end = np.sqrt(up[-1])
            tails = 2 * 2000 * 4000 / z_end / 2, -(4000 + 2000) * 2000 * 4000 * 2 / 3 / z_end**3
            for ball, truth, tail in zip(found, both, tails, strict=True):
                assert b.double(ball) == pytest.approx(float((truth + tail).imag), rel=1e-6)


def test_what_is_said_of_few_digits_holds_of_many() -> None:
    """Enclosures of the odd integrals at 6 digits' nodes contain those of 60."""
    p = ax.Problem("bilinear", teacher=FiniteRank([3, 2, 1, 0.5]), d=7, rows=5, n=10, lam=1, noise=1)
    rng = np.random.default_rng(8)
    for _ in range(4):
        radius, angle, t = 10 ** rng.uniform(-1.5, 0.5), rng.uniform(0.2, 2.4), 10 ** rng.uniform(-4, -1)
        with working("flint", 60) as b:
            law = resolvent(b, p)
            assert isinstance(law, Oblong)
            s = b.number(radius) * b.exp(b.complex(0, 1) * b.number(angle))
            exact = law.odd(b.number(t), s)
            b.digits = 3
            for ball, truth in zip(law.odd(b.number(t), s), exact, strict=True):
                assert ball.overlaps(truth)
                assert b.radius(truth) < b.radius(ball) < abs(truth) / 10


@pytest.mark.parametrize("gamma", [0.7, 1])
def test_digits_where_noise_drowns_few_rows(gamma: float) -> None:
    """The path to the real axis starts on it, between 0 and the least coefficient, farther off than its size."""
    p = ax.Problem("bilinear", gamma=gamma, rows=3, d=146, n=438, lam=2.9e-8, noise=1e-3)
    doubles = ax.solve(p)
    assert float(ax.solve(p, digits=12, near=doubles).error) == pytest.approx(doubles.error, rel=1e-11)
