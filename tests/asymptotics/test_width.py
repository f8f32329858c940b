"""Phases of networks of ``p = d**b`` hidden units, against the state evolution at d = 1e100."""

from __future__ import annotations

from fractions import Fraction

import numpy as np
import pytest
import sympy as sp

import asymptotix as ax
from asymptotix.asymptotics.definition import definition
from asymptotix.asymptotics.diagram import phase_diagram
from asymptotix.asymptotics.expansions.width import build_narrow_sectors
from asymptotix.asymptotics.sector import Term
from asymptotix.asymptotics.symbols import DIMENSION, GAMMA, WIDTH
from asymptotix.errors import InvalidInput, NotSupplied

EXPONENT = 100
D = 10**EXPONENT


def size(exponent: Fraction) -> float:
    return 10.0 ** (EXPONENT * float(exponent))


def measured(network: str, gamma: str, point: tuple[str, ...]) -> tuple[ax.Phase, float, float]:
    """The phase, and its law over the state evolution less 1, without and with the next order."""
    a, l, zeta, b = map(Fraction, point)  # noqa: E741
    phase = phase_diagram(network, width=True).at(gamma=gamma, a=a, l=l, zeta=zeta, b=b)
    n, lam, noise, width = size(a), size(l), size(-zeta), int(size(b))
    problem = ax.Problem(network, gamma=gamma, d=D, n=n * D, lam=lam, noise=noise, width=width)
    error = ax.solve(problem).error
    plain, more = (phase.law(n, lam, D, noise, order=k, width=width) / error - 1 for k in (0, 1))
    return phase, plain, more


# gamma, (a, l, zeta, b), phase, tolerance of the law
POINTS = [
    ("5/4", ("1/2", "-1", "0", "1/10"), "W", 1e-9),
    ("5/4", ("2/3", "-1/3", "1/5", "1/8"), "W", 1e-9),
    ("3/5", ("3/4", "-3/4", "0", "1/2"), "W", 1e-3),
    ("2", ("1/2", "-1", "0", "1/4"), "WV", 1e-9),
    ("5/4", ("1/2", "-1", "0", "1/4"), "WV", 1e-5),
    ("3/5", ("1/2", "-2", "-1/5", "2/5"), "WV", 1e-4),
    ("5/4", ("12/25", "-1", "0", "1/2"), "WV", 2e-2),
    ("5/4", ("2/5", "-1", "0", "1/2"), "WV", 1e-8),
    ("5/4", ("1/5", "-1", "-1/2", "1/3"), "WV", 1e-8),
    ("4", ("1/3", "-1", "0", "1/8"), "WV", 1e-2),
    ("5/4", ("8/25", "-1", "-1/2", "1/3"), "WV", 1e-1),
    ("5/4", ("1/2", "-1", "0", "9/10"), "V", 2e-2),
    ("5/4", ("1/2", "-1/8", "0", "1/2"), "II", 1e-3),
    ("5/4", ("1/8", "-1", "1/8", "1/2"), "IV", 1e-2),
]


@pytest.mark.parametrize("network", ["quadratic", "symmetric"])
@pytest.mark.parametrize(("gamma", "point", "name", "within"), POINTS)
def test_laws(network: str, gamma: str, point: tuple[str, ...], name: str, within: float) -> None:
    phase, plain, more = measured(network, gamma, point)
    assert phase.phase == name
    assert abs(plain) < within
    assert abs(more) < max(0.2 * abs(plain), 1e-10)


def test_what_width_cannot_hold_to_its_next_orders() -> None:
    """``sum_(p < i <= d) i^-2gamma / sum_(i <= d) i^-2gamma``, where every correction is larger than what is left."""
    d, p, gamma = 10**6, 1000, 0.75
    sectors = build_narrow_sectors(*definition("quadratic").shares())
    cut = next(s for s in sectors if s.name == "features cut by width")
    values = {DIMENSION: sp.Float(d, 30), WIDTH: sp.Float(p, 30)}

    def number(term: Term) -> float:
        return float(term.expression.subs({**values, GAMMA: sp.Float(gamma, 30)}))

    squares = np.arange(1, d + 1, dtype=float) ** (-2 * gamma)
    orders = [number(term) for term in cut.corrections]
    left = float(squares[p:].sum() / squares.sum()) / number(cut.risk[0]) - 1 - sum(orders)
    assert abs(left) < 0.25 * min(map(abs, orders))


def test_the_laws_of_width_are_derived() -> None:
    """What width cannot hold; the variance of spare width, before and after its peak."""
    held = sp.simplify(1 / ((2 * GAMMA - 1) * sp.zeta(2 * GAMMA)))
    found = {
        (str(p.phase), str(p.fourth_exponent)): p.constant
        for p in phase_diagram("quadratic", width=True).phases
    }
    assert sp.simplify(found["W", "1 - 2*gamma"] - held) == 0
    assert found["WV", "1"] == 1
    assert found["WV", "-1"] == sp.Rational(1, 4)


@pytest.mark.parametrize("network", ["quadratic", "symmetric"])
def test_the_peak_in_width(network: str) -> None:
    """At ``n_eff = 2 p`` both equations lose their leading terms: the law of what is left, at d = 1e100."""
    (peak,) = (p for p in phase_diagram(network, width=True).peaks if p.growth.exponent.coords[4])
    assert peak.ratio == 2
    d, width, lam, noise = (
        10**30,
        10**12,
        4e-7,
        8e13,
    )  # a threshold of a thousandth of a noise too large for features
    law = float(sp.N(peak.growth.constant)) * (width * noise**4 / lam**2 / d) ** (1 / 3)
    p = ax.Problem(network, gamma="5/4", d=d, n=2 * width * d, lam=lam, noise=noise, width=width)
    errors = [ax.solve(p.replace(n=2 * width * d * x)).error for x in (0.9, 1, 1.1)]
    assert errors[1] > max(errors[0], errors[2])
    assert abs(law / errors[1] - 1) < 1e-2


@pytest.mark.parametrize("network", ["quadratic", "symmetric"])
def test_every_point_has_one_phase(network: str) -> None:
    diagram = phase_diagram(network, width=True)
    for a in range(-3, 12):
        for l in range(-20, 10, 3):  # noqa: E741
            for b in (1, 4, 9):
                place = {"a": Fraction(10 * a + 1, 97), "l": Fraction(10 * l + 3, 89), "b": Fraction(b, 10)}
                assert diagram.at(gamma="5/4", zeta=Fraction(1, 83), **place).phase


def test_a_width_is_asked_for_where_it_is_a_size() -> None:
    with pytest.raises(InvalidInput, match=r"b = None .* p = d\^b"):
        phase_diagram("quadratic", width=True).at(gamma="5/4", a=1, l=0)
    with pytest.raises(InvalidInput, match="width is no size here"):
        phase_diagram("quadratic").at(gamma="5/4", a=1, l=0, b="1/2")
    with pytest.raises(NotSupplied, match="diagonal: no narrower"):
        phase_diagram("diagonal", width=True)
    phase = phase_diagram("quadratic", width=True).at(gamma="5/4", a="1/2", l=-1, b="1/10")
    with pytest.raises(InvalidInput, match="width = None"):
        phase.law(1e20, 1.0, 1e40, 1.0)
