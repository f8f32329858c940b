"""Sums over the diagonal network's coefficients, enclosed: against every term, at every size of threshold and noise."""

from __future__ import annotations

from fractions import Fraction

import pytest

from asymptotix.precise import soft_threshold
from asymptotix.precise.backend import Backend, Number, working
from asymptotix.precise.soft_threshold import Six
from asymptotix.precise.spectrum import GeometricSpectrum, PowerSpectrum, SmoothSpectrum
from asymptotix.precise.sums import sums


def law(b: Backend, which: str, d: int) -> SmoothSpectrum:
    if which == "geometric":
        return GeometricSpectrum(b, Fraction(99, 100), d)
    return PowerSpectrum(b, Fraction(which), d)


def term_by_term(b: Backend, spectrum: SmoothSpectrum, tau: Number, c: Number) -> Six:
    total = [b.number(0)] * 6
    for i in range(1, spectrum.d + 1):
        a = spectrum.value(b.number(i)) / tau
        more = soft_threshold.six(b, a, c)
        more[0], more[4] = more[0] + a * a, more[4] + 2 * a * a
        total = [x + y for x, y in zip(total, more, strict=True)]
    return total


@pytest.mark.parametrize("which", ["5/4", "3/5", "1", "geometric"])
@pytest.mark.parametrize(
    ("tau", "c"),
    [
        ("0.3", "0.7"),  # all below the noise
        ("0.001", "0.1"),  # most above noise and threshold
        ("0.001", "3"),
        ("0.01", "30"),  # nothing leaks, some are learned
        ("10", "2"),
        ("1e-9", "1"),  # all learned
        ("1e-9", "1e7"),
        ("1e-30", "1e28"),  # too sharp for tails
    ],
)
def test_enclosures_hold_every_term(which: str, tau: str, c: str) -> None:
    with working("flint", 50) as b:
        exact = term_by_term(b, law(b, which, 900), b.number(tau), b.number(c))
    with working("flint", 18) as b:
        found = sums(b, law(b, which, 900), b.number(tau), b.number(c))
        scale = abs(exact[0])
        for k, (ball, truth) in enumerate(zip(found, exact, strict=True)):
            assert ball.overlaps(truth), k
        # risk to all digits but a few; what is beside it, in units of it
        assert b.radius(found[0]) < scale * b.number("1e-14")
        for ball, truth in zip(found[1:], exact[1:], strict=True):
            assert b.radius(ball) < (abs(truth) + scale) * b.number("1e-13")


@pytest.mark.parametrize(("tau", "c"), [("0.001", "3"), ("0.003", "0.5"), ("0.01", "12")])
def test_many_digits_lie_in_the_enclosure_of_few(tau: str, c: str) -> None:
    """Of 1e6 coefficients, of which no one adds up all."""
    d = 10**6
    with working("flint", 45) as b:
        exact = sums(b, law(b, "5/4", d), b.number(tau), b.number(c))
    for digits in (12, 25):
        with working("flint", digits) as b:
            found = sums(b, law(b, "5/4", d), b.number(tau), b.number(c))
            assert all(ball.overlaps(truth) for ball, truth in zip(found, exact, strict=True))
            assert b.radius(found[0]) < abs(exact[0]) * b.number(10) ** (4 - digits)


def test_slopes_are_those_of_the_sums() -> None:
    """By the threshold; and ``a d/da`` of all coefficients at once, which is ``-tau d/dtau``."""
    with working("flint", 50) as b:
        spectrum, tau, c, step = law(b, "5/4", 3000), b.number("0.004"), b.number("1.4"), b.number("1e-15")
        here = sums(b, spectrum, tau, c)
        by_c = [
            x - y
            for x, y in zip(sums(b, spectrum, tau, c + step), sums(b, spectrum, tau, c - step), strict=True)
        ]
        low, high = (sums(b, spectrum, tau * b.exp(s * step), c) for s in (1, -1))
        by_a = [y - x for x, y in zip(low, high, strict=True)]
        for k, slope in ((2, by_c[0]), (3, by_c[1]), (4, by_a[0]), (5, by_a[1])):
            assert abs(b.double(slope / (2 * step) / here[k]) - 1) < 1e-13


@pytest.mark.parametrize(
    ("which", "d", "tau", "c", "terms"),
    [
        ("5/4", 10**6, "0.001", "3", (84, 163)),
        ("5/4", 10**6, "0.003", "0.5", (81, 84)),
        ("3/5", 10**8, "0.001", "3", (116, 248)),
        ("3/5", 10**8, "0.01", "12", (74, 154)),
        ("3/5", 10**8, "1e-9", "1e4", (140, 332)),
        ("geometric", 900, "0.001", "3", (110, 242)),
        ("geometric", 900, "0.01", "12", (114, 202)),
        ("5/4", 10**30, "1e-9", "2", (32, 140)),
        ("5/4", 10**30, "1e-9", "1e4", (17, 23)),
    ],
)
def test_as_many_digits_as_asked_for_and_few_terms(
    which: str, d: int, tau: str, c: str, terms: tuple[int, int], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nothing is cut earlier than the digits want, nor much later: coefficients are counted."""
    with working("flint", 60) as b:
        exact = sums(b, law(b, which, d), b.number(tau), b.number(c))
    counted, one = [], soft_threshold.six
    monkeypatch.setattr(soft_threshold, "six", lambda *at: counted.append(1) or one(*at))
    for digits, most in zip((18, 40), terms, strict=True):
        counted.clear()
        with working("flint", digits) as b:
            found = sums(b, law(b, which, d), b.number(tau), b.number(c))
            for ball, truth in zip(found, exact, strict=True):
                assert ball.overlaps(truth)
            for ball in found[:2]:
                assert b.radius(ball) < 40 * abs(exact[0]) * b.number(10) ** -digits
        assert len(counted) <= 1.04 * most
