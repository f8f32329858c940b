"""Arc integrals, resolvents and spectra at random places against sums and quadratures, and bounds against truths."""

from __future__ import annotations

import math
from collections.abc import Callable
from fractions import Fraction
from typing import Any

import mpmath
import numpy as np
import pytest

from asymptotix import FiniteRank, Problem
from asymptotix.precise.arc_integrals import gauss, integrate
from asymptotix.precise.backend import Backend, Number, working
from asymptotix.precise.paired import QuarterPowers
from asymptotix.precise.power_resolvent import resolvent
from asymptotix.precise.powers import Powers
from asymptotix.precise.spectrum import GeometricSpectrum, PowerSpectrum, spectrum
from asymptotix.teacher import Geometric

MP = mpmath.MPContext()
MP.dps = 25
POWERS = [Fraction(-9, 5), Fraction(-5, 3), Fraction(-2), None]
#: Integrands of an arc, from ``w`` and ``G``.
FIVE: list[Callable[[Any, Any], Any]] = [
    lambda w, g: g,
    lambda w, g: w * w * g,
    lambda w, g: g * g,
    lambda w, g: w * g * g,
    lambda w, g: g**3,
]


def drawn(
    b: Backend, rng: np.random.Generator, power: Fraction | None
) -> tuple[Powers, Callable[[Any], Any]]:
    """A random sum of powers, and the same in mpmath."""
    keys = [(0, -2), (0, -1), (1, -2 if power is None else 0), (0, 0), (0, 1), (0, 2)]
    terms = {key: Fraction(int(rng.integers(-9, 10)), 7) for key in keys}

    def value(w: Any) -> Any:
        front = MP.log(-w) if power is None else (-w) ** (MP.mpf(power.numerator) / power.denominator)
        return sum(MP.mpf(c.numerator) / c.denominator * front**j * w**n for (j, n), c in terms.items())

    return Powers(b, power, {key: b.number(c) for key, c in terms.items()}), value


def along(f: Callable[[Any], Any], radius: float, low: float, high: Any) -> Any:
    """``int f dw`` along a circle."""
    return MP.quad(lambda x: f(radius * MP.expj(x)) * 1j * radius * MP.expj(x), [low, (low + high) / 2, high])


@pytest.mark.parametrize("power", POWERS)
def test_arcs_of_powers_are_their_integrals(power: Fraction | None) -> None:
    rng = np.random.default_rng(5)
    with working("flint", 30) as b:
        for _ in range(2):
            p, value = drawn(b, rng, power)
            radius, angle = float(rng.uniform(0.3, 3.0)), float(rng.uniform(0.1, 3.0))
            found = p.arcs(b.number(radius), b.number(angle))
            for ball, f in zip(found, FIVE, strict=True):
                truth = along(lambda w, f=f, g=value: f(w, g(w)), radius, angle, MP.pi).imag
                assert b.double(ball) == pytest.approx(float(truth), rel=1e-12, abs=1e-12)
            sizes = [abs(value(radius * MP.expj(x))) for x in np.linspace(0.0, math.pi, 40)]
            assert max(sizes) * (1 - 1e-9) <= b.double(p.ceiling(b.number(radius))) < 40 * max(sizes)


@pytest.mark.parametrize("power", POWERS[:2])
def test_a_ceiling_of_one_power_is_its_size(power: Fraction | None) -> None:
    with working("flint", 30) as b:
        for j, n in ((0, 3), (1, 0), (1, 2), (0, -1)):
            p = Powers(b, power, {(j, n): b.number(-2)})
            size = 2 * 1.7 ** (n + j * float(power or 0))
            assert b.double(p.ceiling(b.number("1.7"))) == pytest.approx(size, rel=1e-12)


@pytest.mark.parametrize("power", POWERS[:3])
def test_powers_of_pairs_to_the_imaginary_axis_and_along_it(power: Fraction | None) -> None:
    """``G(w) = 2 w F(w^2)``; of ``F`` as a resolvent has it, real on the negative axis."""
    rng = np.random.default_rng(6)
    with working("flint", 30) as b:
        squares, _ = drawn(b, rng, power)
        squares.terms.pop((0, -2))
        known = {key: MP.mpf(str(b.text(c, 25))) for key, c in squares.terms.items()}
        exponent = MP.mpf(power.numerator) / power.denominator if power else MP.mpf(0)

        def pairs(w: Any) -> Any:
            return 2 * w * sum(c * (-w * w) ** (j * exponent) * w ** (2 * n) for (j, n), c in known.items())

        quarter = QuarterPowers.of(squares)
        radius, angle = 0.8, float(rng.uniform(0.2, 1.2))
        found = quarter.arcs(b.number(radius), b.number(angle))
        for ball, f in zip(found, FIVE, strict=True):
            truth = along(lambda w, f=f: f(w, pairs(w)), radius, angle, MP.pi / 2).imag
            assert b.double(ball) == pytest.approx(float(truth), rel=1e-11, abs=1e-11)
        truth = MP.quad(lambda y: pairs(1j * y).imag ** 2, [0.7, 1.0, 1.9])
        assert b.double(quarter.axis(b.number("0.7"), b.number("1.9"))) == pytest.approx(
            float(truth), rel=1e-11
        )


class Coefficients:
    """A resolvent and the sum over its coefficients."""

    def __init__(self, b: Backend, network: str, gamma: str, d: int = 1700) -> None:
        self.b, self.d = b, d
        self.g = resolvent(b, Problem(network, gamma=gamma, d=d, n=10**6, lam=1, noise=1))
        teacher = spectrum(b, Problem("quadratic", gamma=gamma, d=d, n=10**6, lam=1, noise=1))
        self.positive = [teacher.value(b.number(i)) for i in range(1, d + 1)]
        self.atoms = self.positive + ([-a for a in self.positive] if network == "bilinear" else [])
        self.floats = np.array([b.double(a) for a in self.atoms])

    def exact(self, w: Number, order: int) -> Number:
        return sum(((-1) ** order / (w - a) ** (order + 1) for a in self.atoms), 0 * w)

    def rough(self, w: complex) -> float:
        return float(abs((1.0 / (w - self.floats)).sum()))

    def places(self, seed: int, count: int) -> list[tuple[float, float]]:
        """Radii from above all coefficients to below them, angles from near the axis to near the end."""
        rng = np.random.default_rng(seed)
        last = math.pi / 2 if self.g.symmetric else math.pi
        low, high = math.log(self.floats[self.d - 1]) - 2.0, math.log(self.floats[0]) + 2.0
        angles = last / (1.0 + np.exp(rng.normal(0.0, 2.0, count)))
        return list(zip(np.exp(rng.uniform(low, high, count)), angles, strict=True))

    def point(self, radius: float, angle: float) -> Number:
        b = self.b
        return b.number(radius) * b.exp(b.complex(0, 1) * b.number(angle))


@pytest.mark.parametrize("gamma", ["3/5", "1", "5/4", "7/2"])
@pytest.mark.parametrize("network", ["quadratic", "bilinear"])
def test_resolvents_enclose_the_sum_over_coefficients(network: str, gamma: str) -> None:
    with working("flint", 30) as b:
        law = Coefficients(b, network, gamma)
        for radius, angle in law.places(1, 14):
            w = law.point(radius, angle)
            for order, found in enumerate((law.g.value(w), law.g.slope(w))):
                exact = law.exact(w, order)
                size = abs(exact) + 1 / abs(w)
                for x, y in ((found.real, exact.real), (found.imag, exact.imag)):
                    assert x.overlaps(y)
                    assert b.radius(x) < size * b.number("1e-15")


@pytest.mark.parametrize("gamma", ["3/5", "1", "5/4", "7/2"])
@pytest.mark.parametrize("network", ["quadratic", "bilinear"])
def test_ceilings_are_above_the_sum_over_coefficients_and_not_far(network: str, gamma: str) -> None:
    ratios = []
    with working("flint", 20) as b:
        law, rng = Coefficients(b, network, gamma), np.random.default_rng(2)
        for radius, angle in law.places(3, 40):
            reach = 0.5 * min(law.g.clearance(b.number(radius), b.number(angle)), 0.7) * rng.uniform(0.1, 1.0)
            bound = law.g.ceiling(b.number(radius), b.number(angle), reach)
            if bound is None:
                continue
            turns = angle + reach * np.exp(2j * np.pi * np.arange(24) / 24)
            largest = max(law.rough(complex(radius * np.exp(1j * x))) for x in turns)
            assert largest * (1 - 1e-9) <= b.double(bound)
            ratios.append(b.double(bound) / largest)
    assert len(ratios) > 10
    assert np.median(ratios) < 12


def worth(powers: Powers, b: Backend, w: Number) -> Number:
    """A sum of powers, also of logarithms."""
    front = b.log(-w) if powers.power is None else (-w) ** b.number(powers.power)
    return sum((b.number(c) * front**j * w**n for (j, n), c in powers.terms.items()), 0 * w)


@pytest.mark.parametrize("gamma", ["3/5", "1", "5/4", "7/2"])
def test_a_resolvent_is_the_powers_it_says_up_to_the_error_it_says(gamma: str) -> None:
    """On the rest of a circle, and between two points of the negative axis."""
    seen = 0
    p = Problem("quadratic", gamma=gamma, d=200_000, n=10**6, lam=1, noise=1)
    first, last = np.exp(p.teacher.spectrum(p.d).log_value(np.array([1.0, float(p.d)]))).tolist()
    radii = np.exp(np.random.default_rng(7).uniform(math.log(last) - 2, math.log(first) + 2, 30))
    with working("flint", 40) as fine:
        exact = resolvent(fine, p)
        for radius in radii.tolist():
            with working("flint", 15) as b:
                law = resolvent(b, p)
                closed = law.closed(b.number(radius))
                stretch = law.stretch(b.number(radius), b.number(1.5 * radius))
            if closed is not None and closed[2] is not None:
                for angle in (closed[1] + 1e-3, 0.5 * (closed[1] + math.pi), math.pi - 1e-6):
                    w = fine.number(radius) * fine.exp(fine.complex(0, 1) * fine.number(angle))
                    off = abs(worth(closed[0], fine, w) - exact.value(w))
                    assert fine.midpoint(off) <= fine.exp(fine.number(closed[2])) * (1 + 1e-9) + fine.radius(
                        off
                    )
                seen += 1
            if stretch is not None and stretch[1] is not None:
                for share in (1.0, 1.2, 1.5):
                    w = fine.complex(-fine.number(radius * share), 0)
                    off = abs(worth(stretch[0], fine, w) - exact.value(w))
                    assert fine.midpoint(off) <= fine.exp(fine.number(stretch[1])) * (1 + 1e-9) + fine.radius(
                        off
                    )
                seen += 1
    assert seen > 5


@pytest.mark.parametrize("place", [(1e-3, 2.2e-3), (0.02, 0.04)])
def test_the_error_of_a_cell_is_that_of_gauss_on_an_ellipse(place: tuple[float, float]) -> None:
    """Of ``(Im G(iy))^2 y`` in ``log y``; the arithmetic is finer than the quadrature, so that its bound stands out."""
    p = Problem("bilinear", teacher=FiniteRank([1.0, 0.9, 0.8]), d=3, n=10, lam=1, noise=1)
    with working("flint", 60) as b:
        b.digits = 8
        law = resolvent(b, p)
        squares = [b.double(law.spectrum.value(b.number(i))) ** 2 for i in (1, 2, 3)]
        for low, high, found in (
            (*place, law._stretch(*map(b.number, place))),  # type: ignore[attr-defined]
            (0.0, 1 / 9.0, law._far(b.number(9))),  # type: ignore[attr-defined]
        ):
            logarithmic = low > 0
            ends = np.log([low, high]) if logarithmic else np.array([low, high])
            middle, half = ends.mean(), (ends[1] - ends[0]) / 2
            turn = np.exp(1j * np.linspace(0, 2 * np.pi, 200))
            x = middle + half * (4 * turn + 1 / (4 * turn)) / 2
            if logarithmic:
                y = np.exp(x)
                f = sum(2 * y / (y * y + a) for a in squares) ** 2 * y
            else:
                f = sum(2 / (1 + a * x * x) for a in squares) ** 2
            bound = half * 64 / 15 / (1 - 1 / 16) * 4.0 ** (-2 * len(gauss(b))) * abs(f).max()
            assert bound <= b.double(b.radius(found)) < 12 * bound


@pytest.mark.parametrize("network", ["quadratic", "bilinear"])
def test_integrals_of_few_digits_hold_those_of_many(network: str) -> None:
    p = Problem(network, teacher=FiniteRank([3.0, 2.0, 1.0, 0.5]), d=4, n=10, lam=1, noise=1)
    names = ("g", "wwg", "gg", "wgg", "ggg")
    rng = np.random.default_rng(8)
    for _ in range(3):
        radius, angle = 10 ** rng.uniform(-1.5, 0.5), rng.uniform(0.2, 1.4)
        with working("flint", 60) as b:
            exact = integrate(resolvent(b, p), b.number(radius), b.number(angle))
            b.digits = 6
            b.memory.clear()
            found = integrate(resolvent(b, p), b.number(radius), b.number(angle))
            for name in names:
                ball, truth = getattr(found, name), getattr(exact, name)
                assert ball.overlaps(truth)
                assert b.radius(ball) < abs(truth) * b.number("1e-2") + b.number("1e-3")


def laws(b: Backend) -> list[PowerSpectrum | GeometricSpectrum]:
    return [
        PowerSpectrum(b, Fraction(5, 4), 400),
        PowerSpectrum(b, Fraction(1), 400),
        PowerSpectrum(b, Fraction(3, 5), 400).squared(),
        GeometricSpectrum(b, Fraction(19, 20), 400),
    ]


@pytest.mark.parametrize("which", range(4))
def test_sums_integrals_and_series_of_a_spectrum(which: int) -> None:
    with working("flint", 30) as b:
        law = laws(b)[which]
        a = [law.value(b.number(i)) for i in range(1, law.d + 1)]
        assert b.double(law.total() / sum(a, b.number(0))) == pytest.approx(1, rel=1e-20)
        for first in (0, 7, 150):
            for k, found in enumerate(law.squares(first, 3), start=1):
                assert b.double(found / sum((x ** (2 * k) for x in a[first:]), b.number(0)) - 1) < 1e-15
                assert b.double(1 - found / sum((x ** (2 * k) for x in a[first:]), b.number(0))) < 1e-15
        first = 7
        for k, found in enumerate(law.square_integrals(first, 2), start=1):

            def f(x: Any, k: int = k) -> Any:
                return MP.mpf(b.text(law.value(b.number(MP.nstr(x, 25))), 25)) ** (2 * k)

            truth = MP.quad(f, [first + 0.5, 10, 20, 50, 120, law.d + 0.5])
            assert b.double(found) == pytest.approx(float(truth), rel=1e-9)
        index, step = b.number("31.5"), b.number("0.01")
        series = law.series(index, 8)
        moved = sum((c * step**k for k, c in enumerate(series)), b.number(0))
        assert b.double(moved / law.value(index + step)) == pytest.approx(1, abs=1e-15)
        assert b.double(abs(moved / law.value(index + step) - 1)) < 1e-22
        assert b.double(law.index(law.value(index))) == pytest.approx(31.5, rel=1e-15)
        up, down = law.value(index + step), law.value(index - step)
        slope = b.double(2 * step / b.log(down / up))
        assert b.double(law.density(law.value(index))) == pytest.approx(slope, rel=1e-5)
        for i in (1, 2, 399, 400):
            middle = (a[i - 1] + a[i]) / 2 if i < 400 else a[-1] / 2
            assert law.count_above(middle) == i
        assert law.count_above(2 * a[0]) == 0


@pytest.mark.parametrize("which", [0, 1, 3])
def test_bound_of_a_spectrum_on_a_disc(which: int) -> None:
    """The largest ``|a(w)/a(x)|`` and ``|arg a(w)|`` around a real index."""
    with working("flint", 20) as b:
        law = laws(b)[which]
        for x, r in ((30.0, 3.0), (30.0, 14.0), (300.0, 100.0)):
            size, turn = law.disc(math.log(x), math.log(r))
            exponent = None if isinstance(law, GeometricSpectrum) else float(law.exponent)
            w = x + r * np.exp(2j * np.pi * np.arange(200) / 200)
            logs = -exponent * np.log(w / x) if exponent else (w - x) * math.log(0.95)
            assert logs.real.max() <= size * (1 + 1e-12) < 1.02 * logs.real.max() + 1e-9
            assert np.abs(logs.imag).max() <= math.exp(turn) * (1 + 1e-12) < 1.7 * np.abs(logs.imag).max()


def test_geometric_problem_is_of_this_spectrum() -> None:
    with working("flint", 20) as b:
        p = Problem("diagonal", teacher=Geometric(0.95), d=400, n=40, lam=1, noise=1)
        assert isinstance(spectrum(b, p), GeometricSpectrum)
