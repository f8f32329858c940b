"""Where many digits are hardest: both edges of the noise at once, narrow gaps, thresholds at an edge."""

from __future__ import annotations

from fractions import Fraction

import pytest

from asymptotix.asymptotics.diagram import phase_diagram
from asymptotix.precise import solve
from asymptotix.precise.backend import working
from asymptotix.precise.gaps import gap
from asymptotix.precise.power_resolvent import resolvent
from asymptotix.precise.support_points import left
from asymptotix.problem import Problem
from tests.precise.test_quadratic import at_point, on_ray

# gamma, n_eff, lam: IV, V and II, in dimensions where the depth beyond the noise's edge is 1e-45 to 1e-90 of it,
# or a coefficient 1e-200 of its size from the next
FAR = [
    ("3", "1/4", "-1/2", 100),
    ("2", "2/3", "-1/3", 300),
    ("3", "11/2", "3", 300),
]


@pytest.mark.parametrize(("gamma", "a", "lam", "size"), FAR)
def test_symmetric_network_far_out(gamma: str, a: str, lam: str, size: int) -> None:
    problem = on_ray(gamma, a, lam, size, "symmetric")
    solution = solve(problem, 50)
    law = phase_diagram("symmetric").at(gamma=gamma, a=a, l=lam)
    assert solution.digits >= 50
    with working("mpmath", 60) as b:
        exponent = b.number(Fraction(str(law.risk_exponent)) * size)
        ratio = b.number(solution.error) / b.number(10) ** exponent / b.number(str(law.constant.evalf(30)))
        assert abs(ratio - 1) < b.number("0.01")


def test_symmetric_network_under_loud_noise() -> None:
    """``noise = d`` and a quarter power of samples too few: the error is that of noise at both edges."""
    problem = on_ray("5/4", "-1/4", "-3/4", 60, "symmetric").replace(noise=10**60)
    one_sided = solve(problem.replace(network="quadratic"), 20)
    assert solve(problem, 20).digits >= 20
    assert solve(problem, 20).mpf() < one_sided.mpf()


@pytest.mark.parametrize("depth", ["1e-1", "1e-10", "1e-40", "1e-90"])
def test_left_threshold_is_enclosed_at_any_depth(depth: str) -> None:
    problem = on_ray("5/4", "1/4", "-1/2", 60, "symmetric")
    with working("flint", 250) as b:
        g = resolvent(b, problem)
        tau = b.number("1e-7")
        t = tau**2 / problem.d
        # the left edge lies below -2 tau by less than the mean coefficient, here 1e-12 of it
        edge = gap(b, g, t, problem.d).z
        u = b.number(0)
        low, high = -2 * tau, -tau / 2
        for _ in range(800):
            u = b.midpoint((low + high) / 2)
            low, high = (u, high) if b.real(1 + t * g.slope(b.complex(u, 0))) > 0 else (low, u)
        point, proven = left(b, g, t, edge(u) + tau * b.number(depth))
        assert proven
        assert point is not None
        assert left(b, g, t, edge(u) - tau * b.number(depth))[0] is None


@pytest.mark.slow
def test_a_deep_edge_of_a_gap_in_large_dimension() -> None:
    """A threshold 1e-121 of itself below the lower edge of a gap among 5e7 coefficients."""
    problem, error = at_point(10**60, "-22.3", "-140", 300)
    solution = solve(problem, 30)
    with working("mpmath", 50) as b:
        assert abs(b.number(solution.error) / b.number(error) - 1) < b.number("1e-29")


def test_gap_is_proven() -> None:
    problem = on_ray("5/4", "7/3", "5/4", 60)
    solution = solve(problem, 30, certify=True)
    assert solution.radius is not None
    assert "proven to be in the gap below" in solution.certificate


def test_a_threshold_at_an_edge_is_not_taken_for_one_in_the_gap() -> None:
    problem, _ = at_point(60, "-1.9", "-20")
    solution = solve(problem, 20, certify=True)
    assert solution.radius is not None
    assert "gap" not in solution.certificate


def test_forms_of_the_same_number_give_the_same_digits() -> None:
    forms = [("1e60", "1.25"), (10**60, 1.25), (1e60, Fraction(5, 4))]
    problems = [Problem("symmetric", gamma=g, d=d, n="1e130", lam="1e-4", noise=1) for d, g in forms]  # type: ignore[arg-type]
    assert len({solve(p, 20).error for p in problems}) == 1


def test_diagonal_peak_follows_its_law() -> None:
    """At ``n = d`` the error grows as ``(noise^2 / lam)^(2/3)``, here over hundreds of decades."""
    ratios = []
    for lam, noise in (("1e-60", "0.1"), ("1e-300", "0.1"), ("0.1", "1e300")):
        problem = Problem("diagonal", gamma="5/4", d=100, n=100, lam=lam, noise=noise)  # type: ignore[arg-type]
        with working("mpmath", 40) as b:
            size = b.number(noise) ** 4 / b.number(lam) ** 2
            ratios.append(b.text(b.number(solve(problem, 20).error) ** 3 / size, 15))
    assert len(set(ratios)) == 1


def test_symmetric_network_at_its_interpolation_point() -> None:
    """Without a penalty and with ``2 n = d^2`` all noise is learned at every noise scale: none is large enough."""
    problem = Problem("symmetric", gamma="5/4", d=100, n=5000, lam=0, noise="0.1")  # type: ignore[arg-type]
    assert solve(problem, 20).status == "infinite risk"
    assert solve(problem.replace(noise=0), 20).status == "perfect recovery"
