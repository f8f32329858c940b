"""Newton's method and the nested searches on equations whose roots are known in closed form."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import pytest

from asymptotix.errors import NotConverged
from asymptotix.precise.backend import Backend, working
from asymptotix.precise.closed_forms import ClosedForm
from asymptotix.precise.equation_pair import Constants, State, Vector
from asymptotix.precise.nested_search import NestedSearch, searched
from asymptotix.precise.newton import apply, inverse, krawczyk, newton
from asymptotix.status import Status


def test_the_inverse_of_a_matrix() -> None:
    m = ((2.0, 3.0), (-1.0, 4.0))
    assert [*inverse(m)[0], *inverse(m)[1]] == pytest.approx([4 / 11, -3 / 11, 1 / 11, 2 / 11], rel=1e-15)
    assert apply(m, (5.0, 7.0)) == (31.0, 23.0)
    assert apply(inverse(m), apply(m, (5.0, 7.0))) == pytest.approx((5.0, 7.0), rel=1e-14)


@dataclass
class Toy:
    """``x + y^3 = s`` and ``x y = p``, at ``x = 2, y = 1``; or without root."""

    b: Backend
    p: Any = 2
    estimated: str = ""
    asked: int = 0

    def state(self, unknowns: Vector) -> State:
        x, y = unknowns
        self.asked += 1
        one = x / x
        return State(x, y, 0 * x, 0 * x, (x + y**3 - 3, x * y - self.p), ((one, 3 * y * y), (y, x)))


@pytest.mark.parametrize("start", [("2.1", "0.9"), ("5", "2"), ("1.99999999", "1")])
def test_newton_solves_to_the_digits_asked_for(start: tuple[str, str]) -> None:
    with working("flint", 60) as b:
        toy = Toy(b)
        here, state, left = newton(toy, (b.number(start[0]), b.number(start[1])), 40)
        assert abs(here[0] - 2) < b.number("1e-39")
        assert abs(here[1] - 1) < b.number("1e-39")
        assert left < b.number("1e-40")
        assert b.radius(here[0]) == 0
        assert abs(state.tau - 2) < b.number("1e-39")
        assert toy.asked < 16  # steps that square the error


def test_where_there_is_no_root_newton_says_so() -> None:
    class Never(Toy):
        def state(self, unknowns: Vector) -> State:
            x, y = unknowns
            one = x / x
            return State(x, y, 0 * x, 0 * x, (x * x + 1, y - 1), ((2 * x, 0 * x), (0 * x, one)))

    with working("flint", 30) as b:
        with pytest.raises(NotConverged, match="Newton steps stay"):
            newton(Never(b), (b.number("0.6"), b.number(2)), 20)
        with pytest.raises(NotConverged, match="singular"):
            newton(Never(b), (b.number("1e-9"), b.number(2)), 20)


def test_at_an_edge_the_square_of_the_angle_is_linear() -> None:
    """``theta^2 = 4^2 e^-60`` from an angle far too wide: steps in its logarithm alone would take dozens."""

    class Edge(Toy):
        def state(self, unknowns: Vector) -> State:
            self.asked += 1
            b, (x, y) = self.b, unknowns
            square, one = b.exp(2 * y), x / x
            scale = b.exp(b.number(-28))
            values = (x - 1, (square - b.exp(b.number(-60))) / scale)
            return State(x, y, 0 * x, 0 * x, values, ((one, 0 * x), (0 * x, 2 * square / scale)))

    with working("flint", 60) as b:
        toy, start = Edge(b), (b.number("1.5"), b.number(-14))
        here, _, _ = newton(toy, start, 30, edge=True)
        assert b.double(here[1]) == pytest.approx(-30.0, abs=1e-9)
        assert toy.asked <= 6
        with pytest.raises(NotConverged):
            newton(toy, start, 30)


@pytest.mark.parametrize("start", ["1e-3", "1e-12", "1e-20"])
def test_a_box_around_a_root_of_two_unknowns(start: str) -> None:
    with working("flint", 40) as b:
        off = b.number(start)
        box, state = krawczyk(Toy(b), (2 + off, 1 - off))
        assert box[0].contains(2)
        assert box[1].contains(1)
        assert state.values[0].contains(0)
        assert max(b.radius(x) for x in box) < 1000 * off * off + b.number("1e-36")


@dataclass
class Network:
    """``R/tau^2 = 3 + 1/(1 + c)`` and ``s = 3.2 + k/(1 + c)`` at a threshold ``c``, whatever the noise."""

    b: Backend
    k: float = 1.0
    asked: int = 0

    def __call__(self, log_tau: float, log_c: float) -> State:
        self.asked += 1
        b = self.b
        tau, c, zero = b.exp(b.number(log_tau)), b.exp(b.number(log_c)), b.number(0)
        rho, dof = 3 + 1 / (1 + c), b.number("3.2") + b.number(self.k) / (1 + c)
        return State(tau, c * tau, rho, dof, (zero, zero), ((zero, zero), (zero, zero)))


def solution(nu: float, noise: float, penalty: float) -> tuple[float, float]:
    """``nu tau^2 = noise + R`` and ``nu kappa = L + kappa s``, by bisection over ``log c``."""

    def tau(c: float) -> float:
        return math.sqrt(noise / (nu - 3 - 1 / (1 + c))) if nu > 3 + 1 / (1 + c) else math.inf

    low, high = -30.0, 30.0
    for _ in range(200):
        middle = 0.5 * (low + high)
        c = math.exp(middle)
        low, high = (middle, high) if nu < penalty / (c * tau(c)) + 3.2 + 1 / (1 + c) else (low, middle)
    return tau(c), c


def _constants(b: Backend, nu: float, noise: float, penalty: float) -> Constants:
    return Constants(b.number(nu), b.number(noise), b.number(penalty))


@pytest.mark.parametrize(
    ("nu", "noise", "penalty"), [(7.0, 0.3, 0.2), (3.5, 2.0, 1e-6), (4.5, 1e-8, 3e-4), (3.9, 0.1, 5.0)]
)
def test_both_equations_are_solved_one_within_the_other(nu: float, noise: float, penalty: float) -> None:
    with working("flint", 30) as b:
        state = Network(b)
        search = NestedSearch(b, _constants(b, nu, noise, penalty), state, 0.0, 1e-12)
        log_c = search.solve(-1.0, 0.5, 1e-12)
        tau, c = solution(nu, noise, penalty)
        assert log_c == pytest.approx(math.log(c), abs=1e-9)
        assert search.inner == pytest.approx(math.log(tau), abs=1e-9)
        assert state.asked < 400
        # the equations' own values: logarithms of the ratio of their sides, and steeper where that is flat
        assert search.first(math.log(tau), math.log(c)) == pytest.approx(0.0, abs=1e-9)
        assert search.first(math.log(tau) + 0.1, math.log(c)) == pytest.approx(0.2, abs=1e-9)
        assert search.second(math.log(c) + 0.05) > 0 > search.second(math.log(c) - 0.05)


@pytest.mark.parametrize("from_", ["nothing", "a far guess"])
def test_a_search_from_nothing_hands_over_where_it_ends(from_: str) -> None:
    with working("flint", 30) as b:
        tau, c = solution(7.0, 0.3, 0.2)
        tried = []

        def settle(log_tau: float, log_c: float) -> Any:
            tried.append((log_tau, log_c))
            if from_ == "a far guess" and len(tried) < 3:
                raise NotConverged("not yet")
            return tried[-1]

        found = searched(b, _constants(b, 7.0, 0.3, 0.2), 10, Network(b), settle)
        width = 1e-6 if from_ == "a far guess" else 0.05
        assert found == pytest.approx((math.log(tau), math.log(c)), abs=width)
        assert len(tried) == (3 if from_ == "a far guess" else 1)


def _never(log_tau: float, log_c: float) -> Any:
    raise AssertionError("there is nothing to settle")


def test_no_threshold_is_said_so() -> None:
    with working("flint", 30) as b, pytest.raises(NotConverged, match="no threshold"):
        searched(
            b, _constants(b, 3.1, 0.3, 0.2), 10, Network(b), _never
        )  # of 3.2 degrees of freedom at least


@pytest.mark.parametrize(("noise", "penalty"), [(0.0, 0.0), (1e-3, 0.0)])
def test_without_noise_fewer_unknowns_than_samples_are_recovered(noise: float, penalty: float) -> None:
    """``s = 7`` at ``c = 5/3.8 - 1``, where ``R < 7 tau^2`` at every noise scale."""
    with working("flint", 30) as b:
        found: Any = searched(
            b,
            _constants(b, 7.0, noise, penalty),
            10,
            Network(b, 5.0),
            lambda *place: place,
        )
        if noise == 0:
            assert isinstance(found, ClosedForm)
            assert found.status is Status.PERFECT_RECOVERY
        else:
            assert found[1] == pytest.approx(math.log(5 / 3.8 - 1), abs=0.05)
