"""Each sector's terms against numbers computed from the definition, and against a changed potential."""

from __future__ import annotations

import math

import mpmath
import numpy as np
import pytest
import sympy as sp
from random_matrices import free_convolution
from scipy.integrate import quad
from scipy.special import zeta
from scipy.stats import norm

from asymptotix.asymptotics.expansions import (
    gaussian_shares,
    scalar_threshold,
    spectral_shares,
    spectral_threshold,
)
from asymptotix.asymptotics.expansions.mellin import FEATURE, feature_sum, power_law_integral
from asymptotix.asymptotics.expansions.potential import KAPPA, SIZE, TAU, count_of, risk_of
from asymptotix.asymptotics.expansions.sectors import build_sectors
from asymptotix.asymptotics.sector import Sector, Term
from asymptotix.asymptotics.symbols import SHAPE

GAMMAS = [0.6, 0.75, 1.0, 1.25, 2.0, 3.0]


def gaussian_sectors(sides: int) -> tuple[Sector, ...]:
    return build_sectors(*gaussian_shares(sides))


def spectral_sectors(sides: int = 1) -> tuple[Sector, ...]:
    return build_sectors(*spectral_shares(sides))


def sector(sectors: tuple[Sector, ...], name: str) -> Sector:
    return next(s for s in sectors if s.name == name)


def number(terms: tuple[Term, ...], **values: float) -> float:
    at = {sp.Symbol(name, positive=True): sp.Float(v, 30) for name, v in values.items()}
    return float(sp.N(sum(t.expression for t in terms).subs(at), 20))


def teacher(gamma: float, d: int) -> np.ndarray:
    powers = np.arange(1, d + 1, dtype=float) ** -gamma
    return powers / math.sqrt(np.sum(powers**2))


def gaussian_numbers(a: np.ndarray, tau: float, c: float, sides: int) -> tuple[float, float]:
    """Risk and count of a soft threshold from the textbook formula, by quadrature-free special functions."""
    y = a / tau

    missed = y**2 * (norm.cdf(c - y) - (norm.cdf(-c - y) if sides == 2 else 0))
    # kept on the upper side: error z - c given z > c - y; on the lower side: error z + c given z < -c - y
    upper = _shifted(c - y, c)
    lower = _shifted(c + y, c) if sides == 2 else 0
    risk = tau**2 * np.sum(missed + upper + lower)
    count = np.sum(norm.sf(c - y) + (norm.sf(c + y) if sides == 2 else 0))
    return float(risk), float(count)


def _shifted(x: np.ndarray, c: float) -> np.ndarray:
    """int_x^oo (z - c)^2 phi(z) dz."""
    return norm.sf(x) * (1 + c**2) + norm.pdf(x) * (x - 2 * c)


@pytest.mark.parametrize("gamma", GAMMAS)
@pytest.mark.parametrize("sides", [1, 2])
def test_biased_features_of_the_scalar_threshold(gamma: float, sides: int) -> None:
    """Leading term and its signed corrections: what remains is of their second order (a kink's is 1/i*^2)."""
    d, c = 2_000_000 if gamma < 1 else 200_000, 40.0  # what is missed falls slowly, or fast
    kappa = 1.0 / (math.sqrt(zeta(2 * gamma)) * 300.0**gamma)  # i* = 300
    found = sector(gaussian_sectors(sides), "features above the threshold")
    risk, count = gaussian_numbers(teacher(gamma, d), kappa / c, c, sides)
    values = {"gamma": gamma, "d": d, "kappa": kappa, "tau": kappa / c}
    relative = [number((t,), **values) for t in found.corrections]
    second_order = max(1e-4, 3 * max(abs(r) for r in relative) ** 2)
    assert risk == pytest.approx(number(found.risk, **values) * (1 + sum(relative)), rel=second_order)
    assert count == pytest.approx(number(found.count, **values), rel=2 / 300 + second_order**0.5)
    bare = risk / number(found.risk, **values) - 1  # what the corrections must explain
    assert bare == pytest.approx(sum(relative), rel=0.05, abs=second_order)


@pytest.mark.parametrize("sides", [1, 2])
def test_gaussian_leak(sides: int) -> None:
    """At c = 30 the next term is -6/c^2 = -0.7 %, the one after 45/c^4 = 0.006 %."""
    c, tau, d = 30.0, 1e-3, 10
    found = sector(gaussian_sectors(sides), "noise edge, nothing learned")
    values = {"gamma": 1.0, "d": d, "tau": tau, "c": c, "q": math.exp(-c * c / 2)}
    leak = found.risk[1]
    exact = (
        sides * d * tau**2 * mpmath.quad(lambda x: (x - c) ** 2 * mpmath.npdf(x), [c, c + 0.1, c + 1, c + 5])
    )
    (next_term,) = [number((t,), **values) for t in found.corrections]
    assert float(exact) == pytest.approx(number((leak,), **values) * (1 + next_term), rel=100 / c**4)
    assert sides * d * norm.sf(c) == pytest.approx(number(found.count, **values), rel=2 / c**2)


@pytest.mark.parametrize("sides", [1, 2])
@pytest.mark.parametrize("kind", ["gaussian", "spectral"])
def test_inside_the_noise_against_quadrature(kind: str, sides: int) -> None:
    share = (
        scalar_threshold.noise_share(sides) if kind == "gaussian" else spectral_threshold.noise_share(sides)
    )

    def density(x: float) -> float:
        return float(norm.pdf(x)) if kind == "gaussian" else math.sqrt(max(4 - x * x, 0)) / (2 * math.pi)

    top = 12.0 if kind == "gaussian" else 2.0
    for c in (0.05, 0.7, 1.3, 1.9):
        potential = quad(lambda x, c=c: sides * (x - c) ** 2 * density(x), c, top, epsabs=1e-13)[0]
        slope = quad(lambda x, c=c: -2 * sides * (x - c) * density(x), c, top, epsabs=1e-13)[0]
        assert float(share.risk().subs(SHAPE, c)) == pytest.approx(potential, rel=1e-9, abs=1e-13)
        assert float(share.count().subs(SHAPE, c)) == pytest.approx(potential - c * slope / 2, rel=1e-9)


@pytest.mark.parametrize("sides", [1, 2])
def test_two_orders_of_the_gaussian_tail(sides: int) -> None:
    """``E (z - c)_+^2 = 2 phi(c)/c^3 (1 - 6/c^2 + 45/c^4 ...)``: two terms leave the third."""
    for c in (12.0, 20.0, 28.0):
        exact = sides * float(_shifted(np.array(c), c))
        tail = scalar_threshold.noise_share(sides).at_edge
        found = math.exp(-c * c / 2) * sum(float(t.coefficient) * c ** int(t.powers["c"]) for t in tail)
        assert len(tail) == 2
        assert found / exact - 1 == pytest.approx(-45 / c**4, rel=0.5)


@pytest.mark.parametrize("sides", [1, 2])
def test_square_root_edge(sides: int) -> None:
    """gap = 0.01: the first correction is -gap/24, the next of order gap^2."""
    share, gap = spectral_threshold.noise_share(sides), sp.Rational(1, 100)
    exact_risk = float(share.risk().subs(SHAPE, 2 - gap).evalf(40))
    exact_count = float(share.count().subs(SHAPE, 2 - gap).evalf(40))
    found = sector(spectral_sectors(sides), "noise edge")
    values = {"gamma": 1.0, "d": 1.0, "tau": 1.0, "gap": float(gap)}
    first = number(found.corrections[-1:], **values)
    assert exact_risk == pytest.approx(number(found.risk[1:], **values) * (1 + first), rel=1e-4)
    assert exact_count == pytest.approx(number(found.count[1:], **values), rel=0.01)


@pytest.mark.parametrize("kind", ["gaussian", "spectral"])
def test_threshold_below_the_noise_is_the_first_order_of_the_inside(kind: str) -> None:
    build, package = (
        (gaussian_sectors, scalar_threshold) if kind == "gaussian" else (spectral_sectors, spectral_threshold)
    )
    found, share, c = sector(build(2), "threshold below the noise"), package.noise_share(2), 1e-4
    values = {"gamma": 1.0, "d": 1.0, "tau": 1.0, "kappa": c}
    risk = number(found.risk, **values) - number(found.risk_deficit, **values)
    count = number(found.count, **values) - number(found.deficit, **values)
    assert float(share.risk().subs(SHAPE, c)) == pytest.approx(risk, abs=3 * c * c)
    assert float(share.count().subs(SHAPE, c)) == pytest.approx(count, abs=3 * c * c)


@pytest.mark.parametrize("gamma", GAMMAS)
def test_spikes_against_sums_over_outliers(gamma: float) -> None:
    """Sum the outlier formulas (position, squared overlap) over the actual teacher, at the edge."""
    d = 2_000_000
    a = teacher(gamma, d)
    tau = 1.0 / (math.sqrt(zeta(2 * gamma)) * 400.0**gamma)
    c, found = 2.0, sector(spectral_sectors(), "noise edge")
    spike = np.where(a > tau, a + tau**2 / a, 0.0)
    weight = np.where(spike > c * tau, spike - c * tau, 0.0)
    overlap = 1 - np.minimum(tau / a, 1.0) ** 2
    risk = np.sum(a**2 + weight**2 - 2 * a * weight * overlap)
    count = np.sum(2 * weight / a)
    values = {"gamma": gamma, "d": d, "tau": tau, "c": c, "gap": 0.0, "kappa": c * tau}
    ends = [number((t,), **values) for t in found.corrections if "gap" not in t.powers]
    second_order = max(1e-4, 3 * max(abs(r) for r in ends) ** 2)
    assert risk == pytest.approx(number(found.risk[:1], **values) * (1 + sum(ends)), rel=second_order)
    assert count == pytest.approx(number(found.count[:1], **values), rel=0.02 + second_order**0.5)


def test_one_sided_spectral_sectors_against_the_free_convolution() -> None:
    """Risk and count of the exact potential (contour integral over 1e5 atoms) at the edge and inside."""
    gamma, d = 1.25, 100_000
    a = teacher(gamma, d)
    tau = 1.0 / (math.sqrt(zeta(2 * gamma)) * 60.0**gamma)
    found = sector(spectral_sectors(), "noise edge")
    c = 1.7  # a gap wide enough for the leak to show: compare with the full share instead of its edge term
    share = spectral_threshold.noise_share(1)
    risk, count = free_convolution(a, tau, c * tau)
    slope = next(t for t in found.corrections if t.label == "threshold below the edge")
    features = number(found.risk[:1], gamma=gamma, d=d, tau=tau) * (
        1 + number((slope,), gamma=gamma, gap=2 - c)
    )
    bulk = d * tau**2 * float(share.risk().subs(SHAPE, c))
    assert risk == pytest.approx(features + bulk, rel=0.02)
    # the count of features grows with the gap as well, by 2/(gamma + 1) each: 2 % here
    bulk_count = d * float(share.count().subs(SHAPE, c))
    assert count == pytest.approx(bulk_count + number(found.count[:1], gamma=gamma, tau=tau), rel=0.03)


def test_changing_the_potential_changes_the_sectors() -> None:
    """Nonnegative weights leak on one side: half the noise is learned, and only the noise terms change."""
    two, one = gaussian_sectors(2), gaussian_sectors(1)
    for both, single in zip(two, one, strict=True):
        for wide, narrow in zip(both.risk + both.count, single.risk + single.count, strict=True):
            ratio = sp.simplify(wide.coefficient / narrow.coefficient)
            leaked = wide.label.startswith("noise") and both.features != "all"
            assert ratio == (2 if leaked else 1)


def test_identities_give_soft_threshold_and_outliers() -> None:
    """The two identities on the two feature shares: bias plus variance; outlier position and overlap."""
    spike = SIZE + TAU**2 / SIZE
    overlap = 1 - TAU**2 / SIZE**2
    weight = spike - KAPPA
    share = spectral_threshold.feature_share().potential
    assert sp.simplify(risk_of(share) - (SIZE**2 + weight**2 - 2 * SIZE * weight * overlap)) == 0
    assert sp.simplify(count_of(share) - 2 * weight / SIZE) == 0
    assert sp.simplify(risk_of(scalar_threshold.feature_share().potential) - KAPPA**2 - TAU**2) == 0


def test_feature_sum_of_a_single_power_matches_a_direct_sum() -> None:
    y = FEATURE
    pieces = [(y**2, sp.Integer(0), sp.Integer(1)), (1 / y, sp.Integer(1), sp.oo)]
    term = feature_sum(pieces, TAU, sp.Integer(0), "")
    a, m = np.arange(1, 2_000_001) ** -0.75 / math.sqrt(zeta(1.5)), 1e-3
    direct = np.sum(np.where(a < m, (a / m) ** 2, m / a))
    tail = 2e6 ** (-0.5) / 0.5 / zeta(1.5) / m**2  # the terms beyond i = d
    assert direct + tail == pytest.approx(number((term,), gamma=0.75, tau=m), rel=1e-3)
    assert power_law_integral(pieces, sp.Integer(1)) == sp.Rational(3, 2)
