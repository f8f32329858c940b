"""The records of networks: units from the variance of their features, shapes, names, and what is asked of each."""

from __future__ import annotations

import math
from dataclasses import fields, replace
from fractions import Fraction
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from asymptotix import networks
from asymptotix.errors import InvalidInput, NotSupplied
from asymptotix.inputs import PowerVariances
from asymptotix.networks import base, get, names, register, unregister
from asymptotix.networks.base import ANY, Geometry, Network, Response, Responses, Slopes, saturated_exp

MEMBERS = ["diagonal", "quadratic", "symmetric", "bilinear", "nonnegative", "elastic-net"]


@pytest.mark.parametrize(
    ("name", "units", "sides", "excess"),
    [
        ("diagonal", (1, 1, 1), 2, 1),
        ("nonnegative", (1, 1, 1), 1, 1),
        ("elastic-net", (1, 1, 1), 2, 1),
        ("diagonal of depth 4", (1, 1, 1), 2, 1),
        ("quadratic", (2, Fraction(1, 2), Fraction(1, 2)), 1, 2),
        ("symmetric", (2, Fraction(1, 2), Fraction(1, 2)), 2, 2),
        ("quadratic of width 3", (2, Fraction(1, 2), Fraction(1, 2)), 1, 2),
        ("bilinear", (1, 1, Fraction(1, 2)), 2, 1),
        ("bilinear of rows 3 x 4", (1, 1, Fraction(1, 2)), 2, 1),
    ],
)
def test_units(name: str, units: tuple[Any, ...], sides: int, excess: int) -> None:
    """Features of variance ``v/d``, a loss ``f sum (y - yhat)^2``: ``v`` samples, noise over ``v``, lam over ``2 f``.

    Hence the excess risk is ``v`` times the error: 2 of ``x x' - I``, 1 of ``x'x``.
    """
    net = get(name)
    assert (net.units.samples, net.units.noise, net.units.penalty) == units
    assert (net.sides, net.excess_factor) == (sides, excess)
    assert net.units.samples == net.excess_factor
    matrix = name.split()[0] in ("quadratic", "symmetric", "bilinear")
    assert net.geometry is (Geometry.MATRIX if matrix else Geometry.SEQUENCE)


@pytest.mark.parametrize(("name", "variance"), [("quadratic", 2.0), ("bilinear", 1.0)])
def test_the_variance_of_a_feature(name: str, variance: float) -> None:
    """Of ``Tr S (x x' - I)`` and ``x' S x''`` over a symmetric ``S`` of norm 1, by drawing."""
    rng = np.random.default_rng(0)
    s = rng.standard_normal((6, 6))
    s = (s + s.T) / np.linalg.norm(s + s.T)
    x, other = rng.standard_normal((2, 200_000, 6))
    y = np.einsum("ni,ij,nj->n", x, s, x if name == "quadratic" else other)
    assert y.var() == pytest.approx(variance, rel=0.02)
    assert get(name).excess_factor == variance


def test_where_bare_noise_ends() -> None:
    assert get("diagonal").noise_edge(400.0) == pytest.approx(math.sqrt(2.0 * math.log(400.0)), rel=1e-14)
    for name in ("quadratic", "symmetric", "bilinear"):
        assert get(name).noise_edge(400.0) == 2.0
    assert get("bilinear of rows 100 x 400").noise_edge(400.0) == pytest.approx(1.5, rel=1e-14)


def test_depth_is_a_power_and_ridge_a_share() -> None:
    assert [get(f"diagonal of depth {n}").power for n in (2, 3, 4)] == [1, Fraction(2, 3), Fraction(1, 2)]
    assert (get("diagonal").ridge_share, get("elastic-net").ridge_share) == (0.0, 1.0)
    assert get("elastic-net of ridge 0.25").ridge_share == 0.25
    assert get("elastic-net of ridge 0").ridge_share == 0.0


def test_samples_and_effective_samples() -> None:
    for name, d in (("diagonal", 1), ("quadratic", 40)):
        net = get(name)
        assert net.samples(25, 40) == 25 * d
        assert net.n_eff(25 * d, 40) == 25
        assert net.n_eff(Fraction(1, 3), 40) == Fraction(1, 3 * d)


def test_rows_and_columns() -> None:
    square, third = get("bilinear"), get("bilinear of aspect 1/3")
    assert (square.rows(30), square.columns(30), square.aspect) == (30, 30, None)
    assert (third.rows(30), third.columns(10), third.aspect) == (10, 30, Fraction(1, 3))
    assert get("bilinear of rows 20 x 60").rows(60) == 20
    assert square.of_aspect(1) is square
    assert square.of_aspect("3/3") is square
    assert square.of_aspect(None) is square
    assert square.of_aspect("rho").name == "bilinear of aspect rho"
    for aspect in ("0", "-1/2", "4/3", "1/0", "x", [1]):
        with pytest.raises(InvalidInput, match=r"rows over columns, a rational in \(0, 1\]"):
            square.of_aspect(aspect)


@pytest.mark.parametrize(
    "name",
    [
        *MEMBERS,
        "diagonal of depth 3",
        "quadratic of width 12",
        "symmetric of width d^b",
        "bilinear of rows 20 x 60",
        "bilinear of aspect 1/2",
        "elastic-net of ridge 0.5",
        "elastic-net of ridge d^b",
        "diagonal of beta 1/2",
        "quadratic of beta 1",
    ],
)
def test_a_name_leads_to_its_network(name: str) -> None:
    assert get(name).name == name


@pytest.mark.parametrize(
    "name",
    [
        "lasso",
        "diagonal of depth x",
        "quadratic of width -3",
        "quadratic of width ",
        "of width 3",
        "12",
        "bilinear of rows 20",
        "bilinear of rows 20 x y",
        "bilinear of rows 2 x 3 x 4",
        "elastic-net of ridge -1",
        "elastic-net of ridge x",
    ],
)
def test_a_name_that_leads_nowhere(name: str) -> None:
    with pytest.raises(InvalidInput):
        get(name)


def test_nobody_has_what_he_has_not() -> None:
    for ask in (
        lambda: get("bilinear").of_width(3),
        lambda: get("quadratic").of_depth(3),
        lambda: get("diagonal").of_rows(2, 3),
        lambda: get("quadratic").of_ridge(0.5),
        lambda: get("diagonal").of_width(ANY),
        lambda: get("diagonal").of_ridge(ANY),
        lambda: get("nonnegative").on_inputs(PowerVariances(1)),
    ):
        with pytest.raises(NotSupplied):
            ask()
    for name in MEMBERS:
        net = get(name)
        assert net.of_width(None) is net.of_depth(2) is net.of_rows(None, 4) is net.of_ridge(None) is net
        assert net.on_inputs(None) is net


def test_a_part_that_is_lacking_says_why() -> None:
    net = replace(get("diagonal"), digits=None, lacks=(("digits", "they are many"),))
    with pytest.raises(NotSupplied, match="digits: they are many"):
        net.supply("digits")
    with pytest.raises(NotSupplied, match=r"fewer rows(?!:)"):
        net.supply("fewer_rows")
    assert net.supply("potential") is net.potential
    assert get("quadratic").supply("narrower")(get("quadratic"), ANY).name == "quadratic of width d^b"


def test_a_network_of_ones_own_has_a_name_until_it_is_forgotten() -> None:
    mine = replace(get("diagonal"), name="mine")
    try:
        assert register(mine) is mine
        assert register(replace(mine)) == mine
        assert get("mine") is mine
        assert names() == [*MEMBERS, "mine"]
        with pytest.raises(InvalidInput, match="no other network has"):
            register(replace(mine, sides=1))
    finally:
        unregister("mine")
    unregister("mine")
    assert names() == MEMBERS
    with pytest.raises(InvalidInput, match="one of diagonal, quadratic"):
        get("mine")
    with pytest.raises(InvalidInput, match="no other network has"):
        register(replace(get("quadratic"), sides=2))
    with pytest.raises(InvalidInput, match="a Network record"):
        register("diagonal")  # type: ignore[arg-type]


def test_networks_of_other_packages(monkeypatch: pytest.MonkeyPatch) -> None:
    """Registered by entry points, which are loaded where a name is not known."""
    theirs = replace(get("diagonal"), name="theirs")
    point = SimpleNamespace(load=lambda: theirs)
    monkeypatch.setattr(networks, "entry_points", lambda group: [point] * (group == "asymptotix.networks"))
    networks._load_entry_points.cache_clear()
    try:
        assert get("theirs") is theirs
        assert names() == [*MEMBERS, "theirs"]
    finally:
        unregister("theirs")


def test_kin_keep_facts_and_lose_parts() -> None:
    kin = get("quadratic").kin(("digits",), name="kin", shares="a:b")
    lost = {f.name for f in fields(Network) if f.type == "Part"} - {"digits", "shares"}
    assert all(getattr(kin, name) is None for name in lost)
    assert (kin.digits, kin.shares, kin.units) == (get("quadratic").digits, "a:b", get("quadratic").units)


def test_facts_of_relatives() -> None:
    """What depends on width, shape, ridge or inputs is lost with them; what does not is kept."""
    narrow, wide = get("quadratic of width 3"), get("quadratic of width d^b")
    assert narrow.least_error == wide.least_error == get("quadratic").least_error
    assert (narrow.shares, wide.shares, wide.potential) == (None, get("quadratic").shares, None)
    assert (narrow.sized, wide.sized, get("elastic-net of ridge d^b").sized) == ("", "width", "ridge")
    assert get("symmetric of width 3").sides == 2
    assert get("elastic-net").shares is None
    assert get("elastic-net of ridge d^b").shares == get("diagonal").shares
    assert get("diagonal of beta 1").inputs == PowerVariances(1)
    assert get("diagonal of beta 1").shares == get("diagonal").shares
    assert get("symmetric").on_inputs(PowerVariances(1)).potential is None
    with pytest.raises(NotSupplied, match="whitened"):
        get("bilinear of beta 1").supply("potential")
    assert get("quadratic of beta 1").prediction == "Tr S (x x'-C) / sqrt(d)"
    assert get("nonnegative").deeper_layers is get("nonnegative").unequal_inputs is None


def test_one_response_of_many() -> None:
    both = Responses(
        *np.array([[1.0, 2.0]] * 3), [0.0, 7.0], [math.nan, 8.0], [math.nan, 9.0], *np.array([[3.0, 4.0]] * 6)
    )
    made = Responses(*map(np.asarray, both))
    first, second = made.each(np.array([-1.0, -2.0]))
    assert first == Response(-1.0, 1.0, 1.0, 1.0, slopes=Slopes(*[3.0] * 6))
    assert second == Response(-2.0, 2.0, 2.0, 2.0, 7.0, 8.0, 9.0, slopes=Slopes(*[4.0] * 6))


def test_exponentials_saturate() -> None:
    assert saturated_exp(708.9) == math.exp(708.9)
    assert saturated_exp(709.0) == saturated_exp(1e9) == math.inf
    assert saturated_exp(-1e9) == 0.0
    slopes = Slopes(1.0, 2.0, 3.0, 4.0)
    assert (slopes.log_c_by_path, slopes.log_c_by_tau) == (1.0, 0.0)
    plain = Response(0.0, 1.0, 2.0, 3.0)
    assert (plain.reference, plain.constraint, plain.slopes) == (0.0, "", None)
    assert get("quadratic").units == base.MATRIX_UNITS
