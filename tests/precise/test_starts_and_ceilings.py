"""A start must be near what it starts, a ceiling above what it bounds, and a cost grow with the digits."""

from __future__ import annotations

import cmath
import math
from fractions import Fraction

import pytest

import asymptotix as ax
from asymptotix.networks import get
from asymptotix.precise.backend import working
from asymptotix.precise.continuum import guess
from asymptotix.precise.power_resolvent import PowerResolvent
from asymptotix.precise.resolvent import disc
from asymptotix.precise.spectral_start import build
from asymptotix.precise.spectrum import PowerSpectrum


@pytest.mark.parametrize("network", ["diagonal", "quadratic", "symmetric", "bilinear", "elastic-net"])
def test_ten_times_as_many_digits_cost_ten_to_a_thousand_times_as_much(network: str) -> None:
    problem = ax.Problem(network, gamma="5/4", d=1000, n=10**5, lam=1, noise=1)
    cost = get(network).supply("digits").seconds
    for digits in (40, 62, 200):
        assert 10.0 < cost(problem, 10 * digits) / cost(problem, digits) < 1000.0
    assert 0.01 < cost(problem, 62) < 20.0  # such a solve takes a part of a second, or a few


@pytest.mark.parametrize(
    ("network", "share"),
    [("quadratic", None), ("symmetric", None), ("bilinear", "1/2"), ("bilinear", "1/100")],
)
@pytest.mark.parametrize("gamma", ["3/4", "5/4"])
def test_the_continuum_says_where_to_look(network: str, share: str | None, gamma: str) -> None:
    """At the subordination point that it gives, the exact equations have the noise scale and the threshold it gives."""
    d = 10**8
    rows = {} if share is None else {"rows": int(d * Fraction(share))}
    problem = ax.Problem(network, gamma=gamma, d=d, n=d**1.8, lam="1/10", noise=1, **rows)
    with working("flint", 60) as b:
        found = guess(b, problem)
        assert found is not None
        point, tau, kappa = found
        assert point is not None
        state = build(b, problem, None).state(tuple(b.midpoint(x) for x in point))
        assert abs(b.double(b.log(state.tau / tau))) < 0.05
        assert abs(b.double(b.log(state.kappa / kappa))) < 1.0


def lattice(gamma: str, index: float, turn: float, reach: float) -> tuple[float, float]:
    """The most of ``2 pi n / |e^(2 pi i p) - 1|``, ``p = (w / A)^(-1/gamma)``, around a point, and its bound."""
    g = float(Fraction(gamma))
    with working("flint", 40) as b:
        law = PowerResolvent(b, PowerSpectrum(b, Fraction(gamma), 10**9))
        scale, angle = b.double(law.scale), turn * g
        radius = scale * index**-g
        bound = b.double(
            law._lattice_ceiling(disc(b, b.number(radius), b.number(angle), reach), angle, reach)
        )
    turned = (complex(0, angle) + 1j * cmath.rect(reach, k * math.pi / 16) for k in range(32))
    places = [(w, (w / scale) ** (-1.0 / g)) for w in (radius * cmath.exp(x) for x in turned)]
    return max(abs(2 * math.pi * p / (g * w) / (cmath.exp(2j * math.pi * p) - 1)) for w, p in places), bound


@pytest.mark.parametrize("gamma", ["3/4", "5/4", "3"])
@pytest.mark.parametrize("index", [3.3, 12.4])
@pytest.mark.parametrize("turn", [0.02, 0.2, 0.6])
@pytest.mark.parametrize("reach", [0.001, 0.01, 0.1, 0.2])
def test_the_ceiling_of_the_lattice_is_above_it(gamma: str, index: float, turn: float, reach: float) -> None:
    most, bound = lattice(gamma, index, turn, reach)
    assert not bound < most  # it is no number where an integer may be within reach


@pytest.mark.parametrize(
    "place", [("3/4", 3.3, 0.02, 0.01), ("3", 12.4, 0.02, 0.01), ("3/4", 12.4, 0.2, 0.1)], ids=repr
)
def test_the_ceiling_of_the_lattice_is_not_far_above(place: tuple[str, float, float, float]) -> None:
    most, bound = lattice(*place)
    assert bound < 4.0 * most
