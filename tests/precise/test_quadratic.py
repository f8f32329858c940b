"""The quadratic networks in many digits: engines, doubles, closed cases, certificates at d = 400."""

from __future__ import annotations

from fractions import Fraction

import numpy as np
import pytest

from asymptotix.precise import solve
from asymptotix.precise.arc_integrals import integrate
from asymptotix.precise.backend import working
from asymptotix.precise.power_resolvent import PowerResolvent
from asymptotix.precise.resolvent import AllTerms
from asymptotix.precise.spectral_start import build
from asymptotix.precise.spectrum import PowerSpectrum
from asymptotix.problem import Problem
from asymptotix.state_evolution import solve as solve_in_doubles
from asymptotix.teacher import FiniteRank

SMALL = [("160000", "0.1"), ("20000", "0.01"), ("40000", "0"), ("1600000", "0"), ("160000", "2")]
# one point in each of phases V, its edge at gamma = 1, VIa, VIb, II, III at d = 1e60
LARGE = [
    ("5/4", "1e80", "1e-20"),
    ("1", "1e80", "0"),
    ("5/4", "1e130", "1e-4"),
    ("5/4", "1e240", "1e-4"),
    ("5/4", "1e80", "1e-15"),
    ("5/4", "1e95", "1e-5"),
]


def quadratic(**fields: object) -> Problem:
    return Problem("quadratic", **fields)  # type: ignore[arg-type]


@pytest.mark.parametrize("gamma", ["5/4", "3/5", "1", "3"])
@pytest.mark.parametrize(("x", "y"), [("0.3", "0.4"), ("1e-3", "2e-3"), ("-1e-5", "1e-6"), ("1e-3", "1e-9")])
def test_series_of_the_resolvent(gamma: str, x: str, y: str) -> None:
    with working("flint", 30) as b:
        spectrum = PowerSpectrum(b, Fraction(gamma), 3000)
        series, exact = PowerResolvent(b, spectrum), AllTerms(b, spectrum)
        w = b.complex(b.number(x), b.number(y))
        for one, other in ((series.value(w), exact.value(w)), (series.slope(w), exact.slope(w))):
            assert abs(one - other) < abs(other) * b.number("1e-25")


def test_arc_integral_of_the_resolvent_is_a_sum_of_angles() -> None:
    with working("flint", 30) as b:
        g = AllTerms(b, PowerSpectrum(b, Fraction(1), 50))
        w = b.number("0.1") * b.exp(b.complex(0, b.number("0.5")))
        arcs = integrate(g, b.number("0.1"), b.number("0.5"))
        angles = sum(b.pi - b.angle(w - a) for a in g.atoms)
        assert arcs.g.overlaps(angles)
        assert b.radius(arcs.g) < b.number("1e-20")


@pytest.mark.parametrize(("n", "lam"), SMALL[:3])
def test_small_dimension_agrees_with_doubles(n: str, lam: str) -> None:
    problem = quadratic(gamma="5/4", d=400, n=n, lam=lam, noise="0.1")
    near = solve_in_doubles(problem)
    assert abs(float(solve(problem, 20, near=near).error) / near.error - 1) < 1e-9


@pytest.mark.parametrize(("gamma", "n", "lam"), LARGE)
def test_large_dimension_agrees_with_doubles(gamma: str, n: str, lam: str) -> None:
    problem = quadratic(gamma=gamma, d="1e60", n=n, lam=lam, noise=1)
    near = solve_in_doubles(problem)
    precise = solve(problem, 20, near=near)
    assert abs(float(precise.error) / near.error - 1) < 1e-9
    assert precise.status == near.status


def small_problem(name: str, seed: int) -> Problem:
    """A few coefficients, each standing out of the noise or nearly: gaps, edges and both signs."""
    rng = np.random.default_rng([seed, 99])
    d, n_eff = round(10 ** rng.uniform(0.3, 1.8)), 10 ** rng.uniform(-1, 3)
    lam, noise = (n_eff / d) ** 0.5 * 10 ** rng.uniform(-2, 1.5), 10 ** rng.uniform(-3, 1)
    return Problem(name, gamma=rng.uniform(0.55, 3.0), d=d, n=n_eff * d, lam=lam, noise=noise)


@pytest.mark.parametrize("name", ["quadratic", "symmetric"])
def test_small_dimensions_agree_with_doubles(name: str) -> None:
    for seed in range(40):
        problem = small_problem(name, seed)
        near = solve_in_doubles(problem)
        assert abs(float(solve(problem, 18, near=near).error) / near.error - 1) < 1e-9, seed


def test_lower_edge_between_zero_and_the_least_coefficient() -> None:
    """The symmetric network's lower edge is negative though ``z' > 0`` on the whole negative axis."""
    problem = Problem("symmetric", gamma="5/4", d=3, n=16, lam="1.4", noise=1)
    # by quadrature over the density of the free convolution
    assert abs(float(solve(problem, 20).error) / 0.1969837854355 - 1) < 1e-12


def test_engines_agree() -> None:
    problem = quadratic(gamma="5/4", d=60, n=2000, lam="0.05", noise="0.1")
    near = solve_in_doubles(problem)
    assert solve(problem, 20, near=near).error == solve(problem, 20, near=near, engine="mpmath").error


def test_certificate_encloses_a_solve_in_more_digits() -> None:
    problem = quadratic(gamma="5/4", d=100, n=10000, lam="0.1", noise="0.1")
    near = solve_in_doubles(problem)
    certified, more = solve(problem, 20, near=near, certify=True), solve(problem, 35, near=near)
    assert certified.radius is not None
    with working("mpmath", 50) as b:
        assert abs(b.number(certified.error) - b.number(more.error)) <= b.number(certified.radius)


@pytest.mark.parametrize("gamma", ["3/5", "1", "5/4", "3", "9/2"])
def test_enclosures_of_the_resolvent_hold_the_sum_over_all_coefficients(gamma: str) -> None:
    with working("flint", 25) as b:
        spectrum = PowerSpectrum(b, Fraction(gamma), 3000)
        series, exact = PowerResolvent(b, spectrum), AllTerms(b, spectrum)
        for index in ("0.2", "5.5", "70.3", "400.7", "1e5"):
            for angle in ("1e-5", "0.01", "0.8", "2.5"):
                series.proven = True
                w = spectrum.value(b.number(index)) * b.exp(b.complex(0, b.number(angle)))
                for one, other in ((series.value(w), exact.value(w)), (series.slope(w), exact.slope(w))):
                    assert one.overlaps(other)
                    assert abs(one - other) < abs(other) * b.number("1e-12")
                assert series.proven


@pytest.mark.parametrize("gamma", ["3/5", "1", "5/4"])
@pytest.mark.parametrize(
    ("index", "angle"), [("0.2", "1"), ("5.5", "0.01"), ("200.5", "1e-3"), ("1000.7", "1")]
)
def test_enclosures_of_arc_integrals_hold(gamma: str, index: str, angle: str) -> None:
    """Closed forms, quadrature among the coefficients, and both together, against sums over all of them."""
    with working("flint", 25) as b:
        spectrum = PowerSpectrum(b, Fraction(gamma), 3000)
        series, exact = PowerResolvent(b, spectrum), AllTerms(b, spectrum)
        radius = spectrum.value(b.number(index))
        one, other = (integrate(g, radius, b.number(angle)) for g in (series, exact))
        for name in ("g", "wwg", "gg", "wgg", "ggg"):
            assert getattr(one, name).overlaps(getattr(other, name))


# gamma, n_eff and lam as powers of d: phases Ia, IV, V, VIa, II in gaps and II in a joined bulk
RAYS = [
    ("5/4", "-1/4", "-3/2"),
    ("3/4", "1/3", "-1/2"),
    ("1", "2/3", "-1/3"),
    ("2", "2", "-1/2"),
    ("5/4", "7/3", "5/4"),
    ("3/5", "7/6", "1/4"),
]


def on_ray(gamma: str, a: str, lam: str, size: int, network: str = "quadratic") -> Problem:
    n, penalty = (Fraction(a) + 1) * size, Fraction(lam) * size
    return Problem(
        network,
        gamma=gamma,  # type: ignore[arg-type]
        d=10**size,
        n=Fraction(10) ** int(n),  # type: ignore[arg-type]
        lam=Fraction(10) ** int(penalty),  # type: ignore[arg-type]
        noise=1,
    )


@pytest.mark.parametrize(("gamma", "a", "lam"), RAYS)
def test_certificates_in_large_dimension(gamma: str, a: str, lam: str) -> None:
    certified = solve(on_ray(gamma, a, lam, 60), 30, certify=True)
    more = solve(on_ray(gamma, a, lam, 60), 45)
    assert certified.radius is not None
    assert certified.certificate.startswith("proven")
    with working("mpmath", 60) as b:
        assert abs(b.number(certified.error) - b.number(more.error)) <= b.number(certified.radius)


@pytest.mark.parametrize(("gamma", "a", "lam"), [RAYS[0], RAYS[2], RAYS[3], RAYS[5]])
def test_dimensions_and_samples_beyond_doubles(gamma: str, a: str, lam: str) -> None:
    assert solve(on_ray(gamma, a, lam, 300), 30).digits == 30


def test_all_learned_with_a_penalty_is_a_closed_form() -> None:
    """``kappa = L / (nu - d)``, ``tau^2 = (noise' + d kappa^2) / (nu - d)``, ``R = d (tau^2 + kappa^2)``."""
    problem = quadratic(gamma="5/4", d="1e60", n="1e240", lam="1e-4", noise=1)
    solution = solve(problem, 30, certify=True)
    spare = 2 * 10**180 - 10**60
    kappa2 = Fraction(1, 20000) ** 2 * 10**60 / spare**2
    tau2 = (Fraction(1, 2) + 10**60 * kappa2) / spare
    with working("mpmath", 40) as b:
        assert solution.error == b.text(b.number(10**60 * (tau2 + kappa2)), 30)
    assert (solution.certificate, solution.status) == ("closed form", "converged")


def test_near_the_last_coefficient_there_is_no_certificate() -> None:
    problem = quadratic(gamma="5/4", d="1e20", n="1e72", lam="5e17", noise=1)
    solution = solve(problem, 20, certify=True)
    assert solution.radius is None
    assert solution.certificate.startswith("not certified")


def test_all_learned_without_penalty_is_least_squares() -> None:
    """Far below the first coefficient the noise is learned whole: ``R = d tau^2``, ``2 n_eff tau^2 = Delta/2 + R``."""
    d, n_eff = 3, 10**12
    problem = quadratic(teacher=FiniteRank([3.0, 2.0, 1.0]), d=d, n=d * n_eff, lam=0, noise=1)
    solution = solve(problem, 30, near=solve_in_doubles(problem))
    with working("mpmath", 40) as b:
        tau2 = Fraction(1, 2) / (2 * n_eff - d)
        assert solution.error == b.text(b.number(d * tau2), 30)


def test_null_estimator() -> None:
    problem = quadratic(gamma="5/4", d=400, n=160000, lam=1000, noise="0.1")
    solution = solve(problem, 30, near=solve_in_doubles(problem))
    assert (solution.error, solution.status) == ("1." + "0" * 29, "zero estimator")


def test_starts_on_its_own() -> None:
    problem = quadratic(gamma="5/4", d=50, n=2500, lam="0.1", noise="0.1")
    assert solve(problem, 20).error == solve(problem, 20, near=solve_in_doubles(problem)).error


def test_symmetric_network() -> None:
    problem = Problem("symmetric", gamma=1.25, d=100, n=10000, lam=0.1, noise=0.1)
    near = solve_in_doubles(problem)
    assert abs(float(solve(problem, 20, near=near).error) / near.error - 1) < 1e-9


@pytest.mark.parametrize(("gamma", "a", "lam"), [("3/4", "1/3", "-1/2"), ("1", "2", "1"), ("2", "2", "-1/2")])
def test_symmetric_certificates_in_large_dimension(gamma: str, a: str, lam: str) -> None:
    """Both thresholds in the bulk; the second below the spectrum; nearly all of the noise learned."""
    problem = on_ray(gamma, a, lam, 60, "symmetric")
    certified, more = solve(problem, 20, certify=True), solve(problem, 35)
    assert certified.radius is not None
    with working("mpmath", 50) as b:
        assert abs(b.number(certified.error) - b.number(more.error)) <= b.number(certified.radius)


def test_symmetric_certificate_at_d_400() -> None:
    problem = Problem("symmetric", gamma=1.25, d=400, n=160000, lam=0.1, noise=0.1)
    solution = solve(problem, 20, certify=True)
    assert solution.radius is not None
    assert abs(float(solution.error) / solve_in_doubles(problem).error - 1) < 1e-9


def at_point(d: int, log_radius: str, q: str, digits: int = 90) -> tuple[Problem, str]:
    """A problem whose threshold has a given point on the support curve, to many digits, and its error."""
    with working("flint", digits + 60) as b:
        base = quadratic(gamma="5/4", d=d, n=d, lam=1, noise=1)
        equations = build(b, base)
        state = equations.state((b.number(log_radius), b.number(q)))
        nu = state.rho + equations.constants.noise / state.tau**2
        penalty = (nu - state.dof) * state.kappa
        n, lam = b.text(nu * d / 2, digits), b.text(2 * penalty / b.sqrt(b.number(d)), digits)
        return base.replace(n=Fraction(n), lam=Fraction(lam)), b.text(state.error, 40)


@pytest.mark.parametrize(
    ("log_radius", "q"), [("-1.9", "-20"), pytest.param("-1.5", "-69", marks=pytest.mark.slow)]
)
def test_threshold_at_the_edge_of_an_isolated_spike(log_radius: str, q: str) -> None:
    """Within 1e-17 and 1e-60 of the edge: the depth goes as the angle's square."""
    problem, error = at_point(100, log_radius, q)
    assert solve(problem, 35).error[:36] == error[:36]


def test_threshold_at_the_edge_of_the_bulk_in_large_dimension() -> None:
    problem, error = at_point(10**60, "-22.3", "-50")
    solution = solve(problem, 30)
    with working("mpmath", 50) as b:
        assert abs(b.number(solution.error) / b.number(error) - 1) < b.number("1e-29")


def test_gap_where_the_sum_one_by_one_ends() -> None:
    """The bound of the coefficients beyond was infinite there, and with it every ball."""
    problem = quadratic(gamma="0.754", d=59 * 10**12, n="4.8e19", lam="0.0178", noise="7.85e-4")
    near = solve_in_doubles(problem)
    assert abs(float(solve(problem, 18, near=near).error) / near.error - 1) < 1e-9


def test_threshold_between_isolated_spikes() -> None:
    problem = quadratic(gamma="5/4", d=400, n=400000, lam="30", noise="0.1")
    solution = solve(problem, 20, certify=True)
    assert solution.radius is not None
    assert "gap" in solution.certificate
    assert abs(float(solution.error) / solve_in_doubles(problem).error - 1) < 1e-9


@pytest.mark.slow
@pytest.mark.parametrize(("n", "lam"), [SMALL[0], SMALL[2]])
def test_fifty_certified_digits_at_d_400(n: str, lam: str) -> None:
    problem = quadratic(gamma="5/4", d=400, n=n, lam=lam, noise="0.1")
    solution = solve(problem, 50, near=solve_in_doubles(problem), certify=True)
    assert solution.radius is not None
    assert solution.digits == 50
