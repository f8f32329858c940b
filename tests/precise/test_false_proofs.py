"""A proof must fail where there is nothing to prove, and a bound must hold where it is hardly larger than the truth."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import flint
import mpmath
import pytest

from asymptotix.errors import NotConverged
from asymptotix.precise import euler, remainders, soft_threshold
from asymptotix.precise.backend import Backend, Number, far_zeta, working
from asymptotix.precise.equation_pair import State, Vector
from asymptotix.precise.newton import krawczyk
from asymptotix.precise.solve import _power_of_ten

MP = mpmath.MPContext()
MP.dps = 50


@dataclass
class Parabola:
    """``x^2 - level = 0`` and ``y = 1``: no root, one double root or two, as the level wants."""

    b: Backend
    level: str
    estimated: str = ""

    def state(self, unknowns: Vector) -> State:
        x, y = unknowns
        zero, one = self.b.number(0), self.b.number(1)
        values = (x * x - self.b.number(self.level), y - 1)
        return State(x, y, zero, zero, values, ((2 * x, zero), (zero, one)))


def enclosed(b: Backend, level: str, x: str) -> Any:
    return krawczyk(Parabola(b, level), (b.number(x), b.number("0.99")))


# no real root; a double one; two roots so near each other that any box around the point holds both or none
@pytest.mark.parametrize(
    ("level", "x"),
    [("-1e-6", "1e-3"), ("-1e-2", "3"), ("0", "1e-3"), ("1e-6", "1e-4"), ("1e-6", "-3e-4"), ("2", "0.1")],
)
def test_no_box_is_proven_where_there_is_not_one_root(level: str, x: str) -> None:
    with working("flint", 30) as b, pytest.raises(NotConverged):
        enclosed(b, level, x)


@pytest.mark.parametrize("x", ["1.4", "1.4142", "1.41421356237309504880"])
def test_the_box_holds_the_root_and_not_its_mirror(x: str) -> None:
    with working("flint", 40) as b:
        box, state = enclosed(b, "2", x)
        root = b.sqrt(b.number(2))
        assert box[0].contains(b.midpoint(root))
        assert box[1].contains(1)
        assert state.tau.contains(b.midpoint(root))
        assert not box[0].contains(-b.midpoint(root))
        error = abs(b.midpoint(root) - b.number(x))
        assert b.radius(box[0]) < 40 * error + b.number("1e-35")  # of the size of what it encloses


def test_an_unknown_that_needs_no_step_is_enclosed_too() -> None:
    """At ``y = 1`` Newton's step is 0 in the second unknown: the box must not be flat there."""
    with working("flint", 40) as b:
        box, _ = krawczyk(Parabola(b, "2"), (b.number("1.4142"), b.number(1)))
        assert box[0].contains(b.midpoint(b.sqrt(b.number(2))))
        assert box[1].contains(1)


def test_a_slope_that_may_be_anything_is_no_proof() -> None:
    """The slope on every box is all of [0, 2]: the operator fills the box, and is inside of none."""

    class Rough(Parabola):
        def state(self, unknowns: Vector) -> State:
            b, (x, y) = self.b, unknowns
            zero, one = b.number(0), b.number(1)
            slope = one if b.radius(x) == 0 else b.widen(one, b.number(1))  # anywhere in [0, 2]
            return State(x, y, zero, zero, (x - b.number("1e-3"), y - 1), ((slope, zero), (zero, one)))

    with working("flint", 30) as b, pytest.raises(NotConverged):
        krawczyk(Rough(b, "0"), (b.number(0), b.number("0.99")))


# a bound holds, and is at most so many times the truth where the truth is known: 57 times less is found out
def holds(log_bound: float, truth: Any, within: float = 6.0) -> None:
    ratio = math.exp(log_bound - float(MP.log(abs(truth))))
    assert 1.0 <= ratio <= within


def left_out_above(gamma: float, terms: int, w: Any) -> Any:
    """``sum_i 1/(w - i^-gamma)`` over all integers, less its continuum and the first terms of its series."""
    g, last = MP.mpf(gamma), 400
    total = sum(a / (w * (w - a)) for a in (MP.mpf(i) ** -g for i in range(1, last + 1))) - 1 / (2 * w)
    total += sum(MP.zeta(g * k, last + 1) / w ** (k + 1) for k in range(1, 30))
    total -= MP.pi / g / MP.sin(MP.pi / g) * (-w) ** (-1 - 1 / g)
    return total + sum(MP.zeta(-g * (k + 1)) * w**k for k in range(terms))


@pytest.mark.parametrize(
    ("gamma", "terms", "index"), [(1.25, 3, 3), (1.25, 3, 20), (1.25, 7, 3), (1.5, 1, 5)]
)
@pytest.mark.parametrize("order", [0, 1])
def test_bound_of_the_upper_series(gamma: float, terms: int, index: int, order: int) -> None:
    w = -(MP.mpf(index) ** -MP.mpf(gamma))
    turned = remainders.rays(gamma, math.pi)
    assert turned is not None
    truth = MP.diff(lambda x: left_out_above(gamma, terms, x), w, order)
    bound = remainders.log_upper(gamma, terms, math.log(index), 0.0, turned, order)
    holds(bound, truth, 3.0 if order == 0 else 12.0)


@pytest.mark.parametrize(("gamma", "theta"), [(0.6, 0.3), (1.25, 0.01), (2.0, 3.1), (4.5, 1.0), (0.75, 2.2)])
def test_rays_keep_clear_of_the_point(gamma: float, theta: float) -> None:
    """On both rays ``|w - a| >= s max(|w|, |a|)``, and the narrowest is as narrow as each."""
    turned = remainders.rays(gamma, theta)
    worst = remainders.narrowest(gamma, theta - 0.05, theta + 0.05)
    assert turned is not None
    assert worst is not None
    assert worst.s <= turned.s
    assert worst.sine <= turned.sine
    ray = [MP.mpf(10) ** (k / 40) * MP.expj(gamma * turned.beta) for k in range(-80, 81)]
    assert min(abs(MP.expj(theta) - a) / max(1, abs(a)) for a in ray) >= turned.s


def test_bound_of_zeta_at_negative_arguments() -> None:
    for x in (1.0, 3.0, 5.0, 11.0, 41.0):
        holds(remainders.log_zeta_size(x), MP.zeta(-x), 4.1 / x + 1.1)


@pytest.mark.parametrize(("gamma", "terms"), [(0.6, 2), (1.25, 1), (1.0, 3)])
@pytest.mark.parametrize("order", [0, 1])
def test_bound_of_the_tail(gamma: float, terms: int, order: int) -> None:
    """Coefficients beyond ``m = 1000`` seen from twice the largest of them."""
    g, m = MP.mpf(gamma), 1000
    first = MP.mpf(m) ** -g
    w, ratio = 2 * first, MP.mpf(1) / 2

    # (a/w)^K / (w - a) = sum_j a^(K+j) / w^(K+j+1), and its derivative
    truth = sum(
        MP.zeta(g * k, m + 1) * (k + 1) ** order / w ** (k + 1 + order) for k in range(terms, terms + 70)
    )
    bound = remainders.log_tail(
        gamma, terms, float(MP.log(first)), math.log(m), float(MP.log(first / ratio)), order
    )
    holds(bound, truth, 15.0)


@pytest.mark.parametrize("terms", [1, 4])
def test_bound_of_the_head(terms: int) -> None:
    """As many coefficients as wanted, all at the smallest: the bound is the sum itself."""
    last, count, w = MP.mpf("0.01"), 50, MP.mpf("0.006")

    def left_out(x: Any) -> Any:
        return count * (x / last) ** terms / (last - x)

    sizes = float(MP.log(last)), math.log(count), float(MP.log(w))
    holds(remainders.log_head(terms, *sizes, 0), left_out(w), 1.2)
    holds(remainders.log_head(terms, *sizes, 1), MP.diff(left_out, w), 3.0)


@pytest.mark.parametrize("gamma", [0.6, 1.25, 3.0])
def test_bound_of_the_lattice(gamma: float) -> None:
    """``2 pi n / (e^(2 pi i p) - 1)`` with ``p = w^(-1/gamma)`` and ``n = p/(gamma w)``, where ``|e^| = e^decay``."""
    w = MP.mpf("0.01") * MP.expj(0.4)

    def term(x: Any) -> Any:
        p = x ** (-1 / MP.mpf(gamma))
        return 2 * MP.pi * p / (gamma * x) / (MP.expj(2 * MP.pi * p) - 1)

    p = w ** (-1 / MP.mpf(gamma))
    decay = float(2 * MP.pi * abs(MP.im(p)))
    sizes = float(MP.log(abs(p))), float(MP.log(abs(w))), gamma, decay
    holds(remainders.log_lattice(*sizes, 0), term(w), 2.3)
    holds(remainders.log_lattice(*sizes, 1), MP.diff(term, w), 6.0)


@pytest.mark.parametrize("orders", [1, 4, 12])
def test_bound_of_euler_and_maclaurin(orders: int) -> None:
    """``|B_2p| / (2p)! |f^(2p)|`` with Cauchy's bound ``(2p)! / r^(2p)`` of the derivative."""
    radius = 1.7
    holds(euler.log_remainder(orders, radius), MP.bernoulli(2 * orders) / MP.mpf(radius) ** (2 * orders), 2.5)


@pytest.mark.parametrize("digits", [15, 40])
@pytest.mark.parametrize("s", ["0.6", "2", "3.7"])
def test_power_sums_enclose_the_exact_ones(digits: int, s: str) -> None:
    last, count = 3000, 3
    with working("flint", digits) as b:
        found = euler.power_sums(b, b.number(s), 2, last, count)
        for k, ball in enumerate(found, start=1):
            truth = MP.zeta(k * MP.mpf(s), 3) - MP.zeta(k * MP.mpf(s), last + 1)
            assert ball.overlaps(b.number(MP.nstr(truth, 48)))
            assert b.radius(ball) < b.number(10) ** (6 - digits)


@pytest.mark.parametrize("digits", [15, 30])
@pytest.mark.parametrize("s", ["-40.5", "-3", "0.5", "3.7", "60"])
@pytest.mark.parametrize("a", [200, 10**5, 10**24])
def test_zeta_of_a_large_argument_encloses_the_exact_one(digits: int, s: str, a: int) -> None:
    """Few terms leave little out, and no less than they say: the first left out is seen at twice the digits."""
    with working("flint", 3 * digits + 40) as b:
        truth = b.midpoint(flint.acb(b.number(s)).zeta(flint.acb(a)).real)
    with working("flint", digits) as b:
        found = far_zeta(b.number(s), a, digits)
        if found is None:
            assert a == 200
            return
        assert found.overlaps(truth)
        assert b.radius(found) < abs(truth) * b.number(10) ** (4 - digits)
    with working("flint", 2 * digits + 40):  # as many terms, and no rounding to hide what they leave out
        found = far_zeta(flint.arb(s), a, digits)
        assert found is not None
        assert found.overlaps(truth)
        assert found.rad() < abs(truth) * flint.arb(10) ** (4 - digits)


def test_weights_of_euler_and_maclaurin_are_exact_for_polynomials() -> None:
    """Midpoint sums of ``x^j`` up to order ``2p - 1`` leave no remainder: every weight counts."""
    orders, low, high = 5, 3, 9
    with working("flint", 40) as b:
        e = euler.weights(b, orders)
        for j in range(2 * orders):
            ends = []
            for x in (MP.mpf(low) + 0.5, MP.mpf(high) + 0.5):
                taylor = [b.number(MP.nstr(MP.binomial(j, i) * x ** (j - i), 45)) for i in range(2 * orders)]
                integral = b.number(MP.nstr(x ** (j + 1) / (j + 1), 45))
                ends.append(integral + euler.end_term(e, taylor))
            exact = sum(i**j for i in range(low + 1, high + 1))
            assert abs(ends[1] - ends[0] - exact) < b.number("1e-28")


def _exact_six(b: Backend, a: str, c: str) -> list[Number]:
    return soft_threshold.six(b, b.number(a), b.number(c))


@pytest.mark.parametrize(("a", "x", "within"), [(50, 1.1, 40), (300, 1.1, 40), (2, 3, 500), (0.5, 6, 500)])
def test_bounds_of_the_gaussian_tails(a: float, x: float, within: float) -> None:
    """What is left below the threshold and what `learned` misses above it, a distance ``x`` away."""
    bound = math.exp(soft_threshold.log_tail(x)) * (1 + a) ** 2
    with working("flint", 60) as b:
        below = [abs(b.double(v)) for v in _exact_six(b, f"{a}", f"{a + x}")]
        assert bound / within < max(below) < bound
        c = 2.0
        above = _exact_six(b, f"{c + x}", f"{c}")
        above[0] += b.number(c + x) ** 2
        above[4] += 2 * b.number(c + x) ** 2
        missed = (
            abs(b.double(u - v)) for u, v in zip(above, soft_threshold.learned(b, b.number(c)), strict=True)
        )
        assert max(missed) < math.exp(soft_threshold.log_tail(x)) * (1 + c + x) ** 2


@pytest.mark.parametrize("terms", [2, 3, 5, 9])
def test_bound_of_the_taylor_terms(terms: int) -> None:
    """What sums of small coefficients leave out after so many terms, at every threshold."""
    a, largest = 0.3, 0.0
    with working("flint", 60) as b:
        squares = [b.number(a) ** (2 * j) for j in range(1, terms + 31)]
        for c in (0.0, 0.4, 1.0, 1.9, 3.0, 4.4):
            short, long = (
                soft_threshold.small_sums(b, b.number(c), 1, s) for s in (squares[:terms], squares)
            )
            largest = max(largest, *(abs(b.double(x - y)) / a**2 for x, y in zip(short, long, strict=True)))
    bound = math.exp(soft_threshold.log_taylor_rest(terms, a))
    assert bound / 300 < largest < bound


@pytest.mark.parametrize("place", [(2.3, 0.4), (-1.3, 0.4), (-7.7, -0.2)])
def test_digamma_and_its_derivative_on_either_side(place: tuple[float, float]) -> None:
    with working("flint", 30) as b:
        for order in (0, 1):
            found = b.digamma(b.complex(*map(b.number, place)), order)
            expected = MP.psi(order, MP.mpc(*place))
            assert float(b.real(found)) == pytest.approx(float(expected.real), rel=1e-14)
            assert float(b.imag(found)) == pytest.approx(float(expected.imag), rel=1e-14)


def test_a_radius_is_rounded_up_whatever_its_size() -> None:
    assert _power_of_ten(-math.inf) == "0"
    assert _power_of_ten(math.log(1.21e-40)) == "1.3e-40"
    assert _power_of_ten(-3000.0 * math.log(10.0) + 0.2) == "1.3e-3000"


@pytest.mark.parametrize(("gamma", "terms"), [(3.0, 1), (1.25, 2), (0.6, 2), (0.75, 6), (2.0, 4)])
@pytest.mark.parametrize("order", [0, 1])
def test_bound_of_what_moments_leave_out_above_all(gamma: float, terms: int, order: int) -> None:
    """``sum_i (a_i / w)^K / (w - a_i)`` over all of them, the first of which is as large as the bound's."""
    w = MP.mpf(200)

    def left_out(x: Any) -> Any:
        return sum(MP.zeta(gamma * k) / x ** (k + 1) for k in range(terms, terms + 30))

    truth = MP.diff(left_out, w) if order else left_out(w)
    holds(remainders.log_tail(gamma, terms, 0.0, 0.0, math.log(200.0), order), truth)
