"""Laws of overfitting, underfitting and approximation: against the numbers at d = 1e60, and against closed forms."""

from fractions import Fraction
from types import SimpleNamespace

import mpmath
import pytest
import sympy as sp

import asymptotix as ax
from asymptotix.asymptotics.error_parts import NAMES, _half_learned, _spectral, overlap, parts
from asymptotix.asymptotics.expansions import scalar_threshold, spectral_threshold
from asymptotix.asymptotics.expansions.mellin import FEATURE, TEACHER_NORM
from asymptotix.asymptotics.symbols import GAMMA
from asymptotix.errors import InvalidInput

# (gamma, network, a, l, zeta, phase, relative tolerance): n_eff = d^a, lam = d^l, Delta = d^-zeta
POINTS = [
    ("5/4", "quadratic", "3/2", "1/2", "0", "II", 1e-6),
    ("5/4", "quadratic", "1/2", "-1", "0", "V", 1e-3),
    ("5/4", "quadratic", "1/4", "-1", "0", "IV", 1e-3),
    ("5/4", "quadratic", "3/8", "-2", "3", "IV0", 1e-2),
    ("5/4", "quadratic", "3/2", "-1", "0", "VIa", 1e-6),
    ("5/4", "quadratic", "3", "-1", "0", "VIb", 1e-6),
    ("5/4", "diagonal", "3/2", "0", "0", "VIa", 1e-6),
    ("5/4", "diagonal", "3/2", "1/2", "0", "II", 1e-6),
    ("31/10", "quadratic", "3/2", "-1", "0", "VIa", 1e-6),  # integrals whose terms cancel to the sixth power
]


@pytest.mark.parametrize(("gamma", "network", "a", "l", "zeta", "phase", "tolerance"), POINTS)
def test_parts_at_huge_dimension(gamma, network, a, l, zeta, phase, tolerance):  # noqa: E741
    found = parts(ax.phase_diagram(network).at(gamma, a, l, zeta))
    assert found.phase.phase == phase
    d = 10.0**60
    n_eff, lam, noise = d ** float(Fraction(a)), d ** float(Fraction(l)), d ** -float(Fraction(zeta))
    n = n_eff if network == "diagonal" else n_eff * d
    exact = ax.decompose(ax.Problem(network, gamma=gamma, d=10**60, n=n, lam=lam, noise=noise))
    for name in (*NAMES, "hidden_energy", "bulk_moment"):
        law = found.value(name, n_eff=n_eff, lam=lam, d=d, noise=noise, gamma=gamma)
        part = getattr(exact, name)  # to its own digits, however small beside the error
        assert law == pytest.approx(part, rel=tolerance, abs=0.0 if part else 1e-13 * exact.error), name


@pytest.mark.parametrize("network", ["quadratic", "diagonal"])
def test_parts_sum_to_the_law(network):
    """The feature parts of II: constants that sum to the phase's own, for all gamma."""
    phase = ax.phase_diagram(network).at("5/4", "3/2", "1/2")
    found = parts(phase)
    total = found.underfitting[0].constant + found.approximation[0].constant
    for gamma in (0.75, 2.0):
        values = {GAMMA: gamma, **dict.fromkeys(map(sp.Symbol, "al"), 0)}
        assert float((total / phase.growth.constant).subs(values)) == pytest.approx(1.0, rel=1e-12)


def test_overlaps_against_their_integrals():
    """Closed forms against quadrature of ``(2/pi) sin^2 p(2 cos) / |w - y|^2``."""
    phi = sp.Symbol("t", real=True)
    x = sp.Symbol("x", real=True)
    for y, visible in ((0.3, False), (0.9, False), (1.7, True)):
        for polynomial in (sp.Integer(1), (x - FEATURE) ** 2, x):
            closed = overlap(polynomial, (sp.pi / 2, sp.pi), visible).subs(FEATURE, y)
            value = polynomial.subs({x: 2 * sp.cos(phi), FEATURE: y})
            integrand = 2 / sp.pi * sp.sin(phi) ** 2 * value / (1 - 2 * y * sp.cos(phi) + y**2)
            exact = sp.Integral(integrand, (phi, sp.pi / 2, sp.pi)).evalf(15)
            assert float(closed) == pytest.approx(float(exact), rel=1e-10)


def test_what_a_narrow_band_in_the_middle_leaves_of_a_hidden_direction():
    """Both sides thresholded at a small ``c``: ``int_-c^c O_y(x) dx`` over ``c``, by quadrature."""
    middle, _ = _spectral(True)
    for y in (0.2, 0.9):
        band = mpmath.quad(
            lambda phi, y=y: 2 / mpmath.pi * mpmath.sin(phi) ** 2 / (1 - 2 * y * mpmath.cos(phi) + y * y),
            [mpmath.pi / 2 - 5e-7, mpmath.pi / 2 + 5e-7],
        )
        assert float(middle.subs(FEATURE, y)) == pytest.approx(float(band) / 1e-6, rel=1e-6)


def test_error_of_a_visible_feature_without_threshold():
    """All directions learned: the noise's variance, 1, and the square of the outlier's weight on empty directions."""
    for y in (1.2, 3.0):
        empty = (y + 1 / y) ** 2 / y**2
        both, upper = (float(_spectral(two_sided)[1].subs(FEATURE, y)) for two_sided in (True, False))
        assert both == pytest.approx(1 + empty, rel=1e-12)
        # what lies below zero is not learned: a^2 in place of (x - a)^2
        lost = mpmath.quad(
            lambda phi, y=y: (
                (4 * y * mpmath.cos(phi) - 4 * mpmath.cos(phi) ** 2)
                * mpmath.sin(phi) ** 2
                * (2 / mpmath.pi / (1 - 2 * y * mpmath.cos(phi) + y * y))
            ),
            [mpmath.pi / 2, mpmath.pi],
        )
        assert upper == pytest.approx(1 + empty + float(lost), rel=1e-10)
    for y in (0.2, 0.8):
        half = mpmath.quad(
            lambda phi, y=y: mpmath.sin(phi) ** 2 * 2 / mpmath.pi / (1 - 2 * y * mpmath.cos(phi) + y * y),
            [mpmath.pi / 2, mpmath.pi],
        )
        assert float(_spectral(False)[0].subs(FEATURE, y)) == pytest.approx(float(half), rel=1e-10)


def test_features_just_below_an_edge_are_half_learned():
    """Features a density of one apart: the weight that an edge of unit width gives them, by quadrature."""
    edge = SimpleNamespace(noise="edge")
    each = TEACHER_NORM ** (-1 / GAMMA) / GAMMA
    (term,) = _half_learned(edge, spectral_threshold.noise_share(1), spectral_threshold.feature_share())
    weight = mpmath.quad(lambda s: 2 / mpmath.pi * (1 - s * mpmath.atan(1 / s)), [0, 1, mpmath.inf])
    assert float(sp.simplify(term.coefficient / each)) == pytest.approx(float(weight), rel=1e-8)
    (term,) = _half_learned(edge, scalar_threshold.noise_share(2), scalar_threshold.feature_share())
    chance = mpmath.quad(lambda s: mpmath.erfc(s / mpmath.sqrt(2)) / 2, [0, mpmath.inf])
    assert float(sp.simplify(term.coefficient / each)) == pytest.approx(float(chance), rel=1e-8)
    assert _half_learned(SimpleNamespace(noise="none"), scalar_threshold.noise_share(2), None) == ()


def test_printed_underfitting_is_twice_ours_where_all_noise_is_learned():
    """[P] counts a hidden feature's whole energy; for ``y -> 0`` half of its direction is learned with the noise."""
    half = overlap(sp.Integer(1), (sp.pi / 2, sp.pi), visible=False)
    assert float(half.subs(FEATURE, sp.Rational(1, 1000)).evalf(20)) == pytest.approx(0.5, abs=1e-3)


def test_unknown_part():
    found = parts(ax.phase_diagram("quadratic").at("5/4", "3/2", "1/2"))
    with pytest.raises(InvalidInput, match="one of overfitting"):
        found.value("bias", n_eff=1e9, lam=1, d=1e9, noise=1, gamma=1.25)


@pytest.mark.parametrize("gamma", [0.75, 1.25, 2.0])
def test_printed_underfitting_where_all_noise_is_learned(gamma):
    """[P] counts hidden features whole; their share that is not learned is an integral over the lower half bulk."""

    def unlearned(y):
        bulk = mpmath.quad(
            lambda phi: mpmath.sin(phi) ** 2 / (1 - 2 * y * mpmath.cos(phi) + y * y),
            [mpmath.pi / 2, mpmath.pi],
        )
        return 2 / mpmath.pi * bulk

    power = 1 - 1 / mpmath.mpf(gamma)
    whole = mpmath.quad(lambda y: y**power, [0, 1])
    ours = mpmath.quad(lambda y: y**power * unlearned(y), [0, 0.5, 1])
    # VIa at n_eff = 1e75: the next order is the number of visible features over d
    exact = ax.decompose(ax.Problem("quadratic", gamma=gamma, d=10**60, n=1e135, lam=1e-6, noise=1))
    assert exact.hidden_energy / exact.underfitting == pytest.approx(float(whole / ours), rel=1e-5)
    assert exact.residual < 1e-9
