"""What a diagram and its phases say: refusals with their reasons, regions, next orders, bands, tables."""

from __future__ import annotations

import json
import math
import random
import re
from dataclasses import replace
from fractions import Fraction
from itertools import combinations
from pathlib import Path

import mpmath
import pytest
import sympy as sp

import asymptotix as ax
from asymptotix.asymptotics import cache, formulas
from asymptotix.asymptotics.definition import definition
from asymptotix.asymptotics.diagram import BoundaryPoint, PhaseDiagram, networks, phase_diagram
from asymptotix.asymptotics.labels import ALL, words
from asymptotix.asymptotics.points import NEVER, Point, Sizes, exact
from asymptotix.asymptotics.signs import Interval, rational_root, roots
from asymptotix.asymptotics.symbols import GAMMA, RATIO
from asymptotix.asymptotics.table import html, latex_table, powers
from asymptotix.errors import InvalidInput
from tests.asymptotics import toy_networks


@pytest.fixture(scope="module")
def toy() -> PhaseDiagram:
    return PhaseDiagram.from_sectors("toy", toy_networks.sectors(), toy_networks.scales())


# Points and sizes -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"d": 1}, "d = 1 is not allowed: expected a number above 1"),
        ({"d": 0.5}, "d = 0.5"),
        ({"n_eff": 0}, "n_eff = 0 is not allowed: expected a positive finite number"),
        ({"n_eff": -1}, "n_eff = -1 "),
        ({"lam": -1e-9}, "penalty, noise and ridge may be 0"),
        ({"noise": -1}, "noise = -1 "),
        ({"noise": math.inf}, "noise = inf"),
        ({"width": 0}, "width = 0 "),
        ({"gamma": "1/2"}, "gamma = '1/2' is not allowed: expected an exact rational above 1/2"),
    ],
)
def test_sizes_out_of_range_are_named(change: dict[str, object], says: str) -> None:
    with pytest.raises(InvalidInput) as caught:
        Sizes.of(**{"n_eff": 10, "lam": 1, "d": 100, "noise": 1, "gamma": 1, **change})
    assert says in str(caught.value)


def test_sizes_are_exponents_of_the_dimension() -> None:
    at = Sizes.of(n_eff=10**6, lam=1e-3, d=10**4, noise=100, gamma=1.1, width=10)
    assert at.log_d == pytest.approx(4 * math.log(10))
    assert at.point.gamma == Fraction(11, 10)
    assert [float(x) for x in at.point.coordinates] == pytest.approx([1.5, -0.75, -0.5, 0.25])
    zero = Sizes.of(n_eff=Fraction(1, 10), lam=0, d=10**4, noise=0, gamma=1, ridge=0)
    assert zero.point.coordinates[1:] == (-NEVER, NEVER * NEVER, -NEVER)
    assert float(zero.point.a) == pytest.approx(-0.25)
    assert float(Sizes.of(1, 1, 10**4, 1, 1, ridge=1e-2).point.b) == pytest.approx(-0.5)
    assert Sizes.of(1, 1, 10**400, 1, 1).log_d == pytest.approx(400 * math.log(10))


def test_a_power_of_a_number_with_large_denominators_is_a_float() -> None:
    simple = Point(Fraction(7, 5), Fraction(99, 100), Fraction(0), Fraction(0))
    assert simple.substitutions()[GAMMA] == sp.Rational(7, 5)
    assert simple.substitutions(numeric=True)[GAMMA].is_Float
    odd = replace(simple, a=Fraction(1, 101))
    assert odd.substitutions()[GAMMA].is_Float
    assert abs(odd.substitutions()[sp.Symbol("a", real=True)] - sp.Float(1, 40) / 101) < sp.Float("1e-30")


def test_exact_numbers() -> None:
    assert exact("a", sp.Rational(1, 3)) == Fraction(1, 3)
    assert exact("a", 1.1) == Fraction(11, 10)
    assert exact("a", -4) == -4
    with pytest.raises(InvalidInput, match="an exact rational: int, Fraction or"):
        exact("a", sp.sqrt(2))


def test_what_is_asked_for_where_there_is_a_width_and_nowhere_else(toy: PhaseDiagram) -> None:
    with pytest.raises(InvalidInput, match="None: width is no size here"):
        toy.at("5/4", "1/2", -1, 0, 1)
    wide = phase_diagram("quadratic", width=True)
    assert (toy.sized, wide.sized, phase_diagram("elastic-net", ridge=True).sized) == ("", "width", "ridge")
    with pytest.raises(InvalidInput, match=r"an exact rational, p = d\^b"):
        wide.at("5/4", "1/2", -1)
    with pytest.raises(InvalidInput, match=r"p = d\^b"):
        wide.best_penalty("5/4", "1/2")
    assert wide.at("5/4", "1/2", -1, 0, 0).fourth_exponent.is_number
    with pytest.raises(
        InvalidInput, match="width = None is not allowed: expected a number: this law depends"
    ):
        wide.at("5/4", "1/2", -1, 0, "1/10").law(1e5, 1e-10, 1e10, 1)


def test_a_location_needs_every_size(toy: PhaseDiagram) -> None:
    sizes = {"n_eff": 1e5, "lam": 1e-8, "d": 1e8, "noise": 1, "gamma": 1.25}
    for name in sizes:
        with pytest.raises(
            InvalidInput, match=f"{name} = None is not allowed: expected a number, or a problem"
        ):
            toy.locate(**{k: v for k, v in sizes.items() if k != name})
    p = ax.Problem("quadratic", gamma=1.25, d=1e8, n=1e13, lam=1e-8, noise=1)
    one, other = phase_diagram("quadratic").locate(p), phase_diagram("quadratic").locate(**sizes)
    assert (one.phase, one.point, one.pieces) == (other.phase, other.point, other.pieces)
    narrow = p.replace(width=100)
    assert phase_diagram("quadratic", width=True).locate(narrow).point.b == Fraction(1, 4)


def test_a_boundary_says_who_meets(toy: PhaseDiagram) -> None:
    with pytest.raises(BoundaryPoint) as caught:
        toy.at(gamma="5/4", a="3/5", l="-1/5")
    text = str(caught.value)
    assert "(gamma=5/4, a=3/5, l=-1/5, zeta=0, b=0)" in text
    assert "a point inside a phase; this one is on the boundary of: II, V" in text or "of: V, II" in text
    empty = BoundaryPoint(Point(*map(Fraction, (1, 1, 1, 1))), ())
    assert "none of which leads" in str(empty)
    assert empty.phases == ()


@pytest.mark.parametrize("law", [lambda q: q.law(1e5, 1, 1e8, 1), lambda q: q.law_band(1e5, 1, 1e8, 1)])
def test_a_law_for_all_gamma_needs_one(toy: PhaseDiagram, law) -> None:
    general = next(p for p in toy.phases if p.phase == "V")
    with pytest.raises(InvalidInput, match="gamma = None is not allowed: expected a number above 1/2"):
        law(general)
    at = toy.at("5/4", "3/5", -1)
    assert general.law(1e5, 1e-8, 1e8, 1, gamma=1.25) == pytest.approx(at.law(1e5, 1e-8, 1e8, 1), rel=1e-12)
    # a gamma that is given goes before the point's
    assert at.law(1e5, 1e-8, 1e8, 1, gamma=2) == pytest.approx(
        general.law(1e5, 1e-8, 1e8, 1, gamma=2), rel=1e-12
    )


def test_a_law_of_any_shape_needs_one() -> None:
    any_shape = phase_diagram("bilinear", aspect="rho").at("5/4", "3/2", -1)
    assert any_shape.constant == RATIO
    with pytest.raises(InvalidInput, match="rows over columns"):
        any_shape.law(1e10, 1e-8, 1e8, 1)


# Exponents, regions, next orders ----------------------------------------------------------------------------


@pytest.mark.parametrize("network", ["toy", "diagonal", "quadratic"])
def test_a_law_is_its_exponents_in_every_size(toy: PhaseDiagram, network: str) -> None:
    """The law at sizes is that at other sizes times powers of what changed: one by one, at random points."""
    derived, rng = toy if network == "toy" else phase_diagram(network), random.Random(1)
    sizes = {"n_eff": 1e22, "lam": 1e-5, "d": 1e50, "noise": 1e-2}
    seen = set()
    for _ in range(150):
        values = [Fraction(rng.randrange(lo, hi), 61) for lo, hi in ((-30, 180), (-180, 80), (-40, 120))]
        gamma = Fraction(rng.randrange(31, 150), 59)
        phase = derived.at(gamma, *values)
        if phase.phase in seen or phase.growth.constant.has(*(sp.Symbol(n, real=True) for n in "al")):
            continue
        seen.add(phase.phase)
        base = phase.law(**sizes)
        powers_ = {
            "n_eff": phase.n_eff_exponent,
            "lam": phase.lam_exponent,
            "noise": phase.noise_exponent,
        }
        for name, power in powers_.items():
            changed = phase.law(**{**sizes, name: sizes[name] * 7})
            assert math.log(changed / base) / math.log(7) == pytest.approx(float(power), abs=1e-9)
        bigger = phase.law(**{**sizes, "d": 1e100})
        logs = float(phase.log_power) * math.log(2)
        assert math.log(bigger / base) - logs == pytest.approx(
            float(phase.d_exponent) * 50 * math.log(10), abs=1e-6
        )
        total = phase.d_exponent + sum(
            e * x for e, x in zip((*powers_.values(),), (values[0], values[1], -values[2]), strict=True)
        )
        assert total == phase.risk_exponent
    assert len(seen) >= 5


@pytest.mark.parametrize("network", ["toy", "quadratic", "diagonal of beta 1/2"])
def test_a_region_is_where_its_phase_is(toy: PhaseDiagram, network: str) -> None:
    """The printed inequalities, read back, hold at a random point for the phase found there and for no other."""
    derived = (
        toy
        if network == "toy"
        else PhaseDiagram.from_sectors(network, definition(network).sectors(), definition(network).scales())
    )
    rng, symbols = (
        random.Random(2),
        {n: sp.Symbol(n, real=True) for n in ("a", "l", "zeta")} | {"gamma": GAMMA},
    )
    tables = [
        (p.phase, p.growth, [sp.sympify(y, symbols) for x in p.region for y in x.split(" and ")])
        for p in derived.phases
    ]
    for _ in range(25):
        values = [Fraction(rng.randrange(lo, hi), 61) for lo, hi in ((-30, 160), (-160, 80), (-40, 120))]
        gamma = Fraction(rng.randrange(31, 150), 59)
        at = {
            GAMMA: sp.Rational(gamma),
            **{symbols[n]: sp.Rational(v) for n, v in zip(("a", "l", "zeta"), values, strict=True)},
        }
        inside = [(name, growth) for name, growth, region in tables if all(bool(x.subs(at)) for x in region)]
        try:
            found = [derived.at(gamma, *values)]
        except BoundaryPoint as error:  # no term leads, in no phase
            found = list(error.phases)
        assert inside == [(p.phase, p.growth) for p in found]


def test_regions_name_what_they_isolate(toy: PhaseDiagram) -> None:
    for phase in toy.phases:
        for text in phase.region:
            assert re.fullmatch(r"(a|l|zeta|gamma) [<>] .*", text), text
            assert not text.startswith("l") or " l" not in text[1:]
    tie = toy.at(gamma="5/4", a="2/5", l=-1, zeta=0)
    assert sum(" = " in x for x in tie.region) == 1


def test_phases_that_could_be_one_are_one() -> None:
    """No two phases of one name, law and region stand on ranges of gamma that touch, but for sectors of their own."""
    for network in ("diagonal", "quadratic", "quadratic of beta 1/2"):
        name, _, beta = network.partition(" of beta ")
        phases = phase_diagram(name, **({"beta": beta} if beta else {})).phases
        for p, q in combinations(phases, 2):
            same = (p.phase, p.growth, p.rows) == (q.phase, q.growth, q.rows)
            touch = {p.gamma.high, q.gamma.high} & {p.gamma.low, q.gamma.low} - {None}
            own = any(any(c.sector.gamma) for c in (*p.pieces, *q.pieces))
            assert not (same and touch) or own
        assert len({id(p) for p in phases}) == len(phases)
    assert all(p.gamma == Interval() for p in phase_diagram("diagonal").phases if p.phase == "VIa")


def test_phases_are_listed_in_the_order_of_their_names() -> None:
    for network in ("diagonal", "quadratic"):
        phases = phase_diagram(network).phases
        keys = [(ALL.index(p.phase), len(p.rows)) for p in phases]
        assert keys == sorted(keys)
        assert all(p.network == network for p in phases)
        assert networks().index(network) >= 0


def test_the_next_order_is_the_largest_of_the_corrections(toy: PhaseDiagram) -> None:
    rng = random.Random(4)
    for _ in range(40):
        values = [Fraction(rng.randrange(lo, hi), 61) for lo, hi in ((-30, 160), (-160, 80), (-40, 120))]
        phase = toy.at(Fraction(rng.randrange(31, 150), 59), *values)
        found = phase.corrections()
        every = phase.piece.solution.corrections
        assert len(found) == min(1, len(every))
        if every:
            largest = max(phase.point.number(c.exponent) for c in every)
            assert phase.point.number(found[0].exponent) == largest <= 0
            if largest < 0:
                assert phase.next_order == str(sp.Rational(largest))
        else:
            assert phase.next_order == "none"


def test_logarithms_come_before_powers() -> None:
    v = phase_diagram("diagonal").at("5/4", "1/2", -2)
    assert v.next_order == "loglog(d)/log(d)"
    assert "loglog(d)/log(d)" in {p.next_order for p in phase_diagram("diagonal").phases}


@pytest.mark.parametrize("network", ["diagonal", "quadratic"])
def test_a_band_is_the_sum_of_the_next_orders(network: str) -> None:
    phase = phase_diagram(network).at("5/4", "3/2", "1/2")
    sizes = {"n_eff": 1e45, "lam": 1e15, "d": 1e30, "noise": 1.0}
    at = Sizes.of(**sizes, gamma="5/4")
    orders = []
    for c in phase.piece.solution.corrections:
        constant = 1.0 if c.constant is None else abs(float(sp.N(c.constant.subs(GAMMA, sp.Rational(5, 4)))))
        logs = at.log_d ** float(c.log_power.at(Fraction(5, 4))) * (math.log(at.log_d) if c.loglog else 1)
        orders.append(constant * logs * math.exp(float(at.point.number(c.exponent)) * at.log_d))
    low, high = phase.law_band(**sizes)
    law = phase.law(**sizes)
    assert high / law == pytest.approx(1 + sum(orders), rel=1e-12)
    assert law / low == pytest.approx(1 + sum(orders), rel=1e-12)
    known = [
        x if c.constant is None else 2 * x * x
        for c, x in zip(phase.piece.solution.corrections, orders, strict=True)
    ]
    assert phase.left_out(**sizes) == pytest.approx(sum(known), rel=1e-9)


def test_a_range_of_validity_ends_where_the_next_orders_are_a_tenth(toy: PhaseDiagram) -> None:
    for network, point in (("toy", ("5/4", "3/5", -1)), ("quadratic", ("5/4", "3/2", "1/2"))):
        derived = toy if network == "toy" else phase_diagram(network)
        q = derived.at(*point)
        d = mpmath.mpf(10) ** 60
        low, high = q.valid_from(1e60)
        share = 0.1 / len(q.piece.solution.corrections)

        def worst(n_eff: float, q=q, d=d) -> float:
            at = Sizes.of(n_eff, d ** float(q.point.l), d, 1, q.point.gamma)
            return max(float(x) for _, x in q._orders(at))

        inside = [float(q.point.number(r)) for r in q.rows]
        assert min(inside) > 0
        assert low < 1e60 ** float(q.point.a) < high
        for end, beyond in ((low, 0.9), (high, 1.1)):
            there = worst(end)
            at = Sizes.of(end * beyond, d ** float(q.point.l), d, 1, q.point.gamma)
            left_region = not q.contains(at.point)
            assert there <= share * 1.001
            assert left_region or worst(end * beyond) > share * 0.999
    with pytest.raises(InvalidInput, match=r"a phase got from PhaseDiagram\.at, which knows gamma"):
        toy.phases[0].valid_from(1e60)
    assert toy.at("5/4", "3/5", -1).valid_from(1e60, lam=1e60) is None
    low, high = toy.at("5/4", "3/5", -1).valid_from(1e60, lam=1e-60, noise=1)
    assert (low, high) == pytest.approx(toy.at("5/4", "3/5", -1).valid_from(1e60), rel=1e-9)
    assert phase_diagram("diagonal").at("5/4", "1/2", -2).valid_from(1e60) is None


def test_distances_are_those_of_the_conditions(toy: PhaseDiagram) -> None:
    assert toy.phases[0].distances() == []
    q = toy.at("5/4", "3/5", -1)
    assert q.distances()
    assert all(x > 0 for x in q.distances())
    nearer = toy.at("5/4", "3/5", Fraction(-1, 5) - Fraction(1, 50))  # V ends at l = -1/5
    assert nearer.phase == "V"
    assert min(nearer.distances()) <= Fraction(1, 25) < min(q.distances())


def test_a_phase_knows_the_part_its_point_is_in() -> None:
    phases = [p for p in phase_diagram("quadratic").phases if len(p.pieces) > 1]
    assert phases
    rng, seen = random.Random(3), 0
    while seen < 12:
        values = [Fraction(rng.randrange(lo, hi), 61) for lo, hi in ((-30, 160), (-160, 80), (-40, 120))]
        found = phase_diagram("quadratic").at(Fraction(rng.randrange(31, 150), 59), *values)
        if len(found.pieces) > 1:
            seen += 1
            assert found.piece.standing(found.point) == 2
            assert found.standing(found.point) == 2
            assert found.spectrum == "; ".join(found.piece.spectrum(found.point))
            # outside of all it is that of least distance
            outside = replace(found, pieces=tuple(p for p in found.pieces if p is not found.piece))
            slacks = [p.slack(found.point) for p in outside.pieces]
            assert outside.piece.slack(found.point) == max(slacks)
    general = phases[0]
    assert general.piece == general.pieces[0]
    assert set(general.spectrum.split("; ")) == {w for p in general.pieces for w in p.spectrum()}


def test_spikes_stand_out_of_learned_noise_where_the_noise_is_below_the_largest_feature() -> None:
    few, many = (phase_diagram("quadratic").at("5/4", a, -6, zeta) for a, zeta in (("3/2", 0), ("3/2", -2)))
    assert (few.phase, many.phase) == ("VIa", "VIa")
    assert few.spectrum.endswith("+ spikes")
    assert not many.spectrum.endswith("spikes")


# Tables -----------------------------------------------------------------------------------------------------


def test_a_record_has_the_exponents_of_the_fourth_size() -> None:
    wide = phase_diagram("quadratic", width=True)
    record = wide.at("5/4", "1/2", -1, 0, "1/10").to_dict()
    assert record["width_exponent"] == "-3/2"
    assert record["phase_words"] == words("W")
    assert isinstance(record["region"], list)
    assert "width_exponent" not in phase_diagram("quadratic").at("5/4", "1/2", -1).to_dict()
    rows = list(csv_rows(wide.table("csv")))
    assert len(rows) == len(wide.phases)
    assert rows[0]["region"] == "; ".join(wide.phases[0].region)


def csv_rows(text: str):
    import csv
    import io

    return csv.DictReader(io.StringIO(text))


def test_a_table_is_no_wider_than_its_page(toy: PhaseDiagram) -> None:
    for text in (toy.table("latex"), latex_table(("region", "error", "constant"), [])):
        widths = [float(x) for x in re.findall(r"p\{([\d.]+)\\linewidth\}", text)]
        assert len(widths) == 3
        assert 0.7 < sum(widths) <= 0.9  # the rest is for names and the space between columns
    lines = latex_table(("phase", "x"), [("II", "1")]).splitlines()
    assert lines == [
        r"\begin{tabular}{ll}", r"\toprule", r"phase & x \\", r"\midrule", r"II & 1 \\", r"\bottomrule",
        r"\end{tabular}",
    ]  # fmt: skip
    assert toy._repr_latex_() == toy.table("latex")
    assert str(toy) == toy.table() == toy.table("markdown")
    typeset = toy.table("latex")
    assert r"n_{\mathrm{eff}}" in typeset
    assert r"\ell" in typeset


def test_tables_are_their_phases(toy: PhaseDiagram) -> None:
    assert json.loads(toy.table("json")) == [p.to_dict() for p in toy.phases]
    assert len(toy.table("json").splitlines()) > 2 * len(toy.phases)  # indented
    frame = toy.to_pandas()
    assert list(frame.columns)[2] == "region"
    assert list(frame["phase"]) == [p.phase for p in toy.phases]
    assert frame["region"][0] == ", ".join(toy.phases[0].region)
    shown = toy._repr_html_()
    assert "Phases of the toy network" in shown
    assert "no noise" not in shown
    assert "no noise" in replace(toy, noisy=False)._repr_html_()
    assert shown == html(toy.phases, "Phases of the toy network")
    assert shown.count("<tr") == len(toy.phases) + 1
    assert toy.phases[0]._repr_latex_().startswith("$")
    for line in toy.table().splitlines():
        assert line.replace("\\|", "").count("|") == 7


def test_a_law_is_written_in_the_logarithm_that_makes_its_constant_one_number() -> None:
    for phase in phase_diagram("diagonal").phases:
        constant, law = powers(phase)
        text = str(law)
        assert ("log(d/n_eff)" in text) == (phase.log_power != 0)
        assert not constant.free_symbols - {GAMMA}
    noise = next(p for p in phase_diagram("quadratic").phases if p.phase == "V")
    assert "Delta" in str(powers(noise)[1])
    ridge = next(p for p in phase_diagram("elastic-net", ridge=True).phases if p.phase == "R")
    assert "ridge**2" in str(powers(ridge)[1])


# Best penalties, case splits, the cache, formulas ------------------------------------------------------------


def test_a_best_penalty_is_better_than_others(toy: PhaseDiagram) -> None:
    rng = random.Random(6)
    for _ in range(25):
        gamma, a, zeta = (Fraction(rng.randrange(lo, hi), 61) for lo, hi in ((33, 150), (5, 200), (-30, 100)))
        best = toy.best_penalty(gamma, a, zeta)
        exponents = {}
        for k in range(-30, 20):
            length = Fraction(k, 7) + Fraction(1, 1009)
            phase = toy.at(gamma, a, length, zeta)
            exponents[length] = Fraction(str(phase.risk_exponent))
        assert min(exponents.values()) >= best.risk_exponent
        within = [
            e for x, e in exponents.items()
            if (best.low is None or x > best.low) and (best.high is None or x < best.high)
        ]  # fmt: skip
        assert all(e == best.risk_exponent for e in within)
        outside = [
            e for x, e in exponents.items()
            if (best.low is not None and x < best.low) or (best.high is not None and x > best.high)
        ]  # fmt: skip
        assert all(e > best.risk_exponent for e in outside)
        assert best.phases
        assert best.high is not None


def test_gammas_where_a_phase_changes_belong_to_both_sides(toy: PhaseDiagram) -> None:
    two = Interval(None, rational_root(Fraction(1))), Interval(rational_root(Fraction(1)), None)
    assert [i.contains_value(Fraction(1)) for i in two] == [False, False]
    assert two[0].intersect(two[1]) is None
    assert two[0].intersect(Interval()) == two[0]
    (square,) = roots((-2, 0, 1))
    assert abs(float(square.low) - math.sqrt(2)) < 1e-15
    assert 0 < square.high - square.low < Fraction(1, 2**90)
    assert [str(r) for r in roots((2, -3, 1))] == ["1", "2"]
    assert roots((-1, 2)) == ()  # 1/2 itself is not above 1/2
    assert roots((-1, 4)) == ()
    assert str(two[0]) == "1/2 < gamma < 1"
    assert str(two[1]) == "gamma > 1"
    for interval in (*two, Interval(), Interval(square, rational_root(Fraction(3, 2)))):
        assert interval.contains_value(interval.sample())
        assert interval.sample().denominator < 1000
    for gamma in ("1", "3/4", "5/4", "3/2", "2"):  # some are where a range of a phase ends
        for a, length in (("1/3", "-2/7"), ("7/5", "-1"), ("9/4", "1/5")):
            assert toy.at(gamma, a, length).phase


def test_a_cache_follows_the_environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("ASYMPTOTIX_CACHE", str(tmp_path / "here"))
    assert cache.directory() == tmp_path / "here"
    monkeypatch.delenv("ASYMPTOTIX_CACHE")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    assert cache.directory() == tmp_path / "asymptotix"
    monkeypatch.delenv("XDG_CACHE_HOME")
    monkeypatch.setenv("LOCALAPPDATA", str(tmp_path / "app"))
    assert cache.directory() == tmp_path / "app" / "asymptotix"
    monkeypatch.delenv("LOCALAPPDATA")
    monkeypatch.setenv("HOME", str(tmp_path))
    assert cache.directory() == tmp_path / ".cache" / "asymptotix"
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("ASYMPTOTIX_CACHE", str(tmp_path / "file"))  # cannot be written
    assert cache.remembered("x", lambda: 7) == 7
    assert re.fullmatch(r"[0-9a-f]+", cache.fingerprint())


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("gamma +", "a formula of numbers"),
        ("x + 1", "'x' is not"),
        ("sqrt", "'sqrt' is not"),
        ("gamma(2)", "'gamma' is not"),
        ("open(2)", "'open' is not"),
        ("gamma.real", "'gamma.real' is not"),
        ("1 if gamma else 2", "is not"),
        ("'a'", "is not"),
        ("True", "'True' is not"),
        ("1j", "'1j' is not"),
        ("5 % 2", "is not"),
        ("2(3)", "'2' is not"),
    ],
)
def test_a_formula_says_what_it_cannot_read(text: str, says: str) -> None:
    with pytest.raises(InvalidInput) as caught:
        formulas.read_formula("constant", text)
    assert says in str(caught.value)
    assert "constant" in str(caught.value)


def test_formulas_are_compared_by_value() -> None:
    read = lambda text: formulas.read_formula("x", text)  # noqa: E731
    assert read("0.5*pi^2") == sp.pi**2 / 2
    assert read("exp(-log(gamma))") == 1 / GAMMA
    assert formulas.same(read("zeta(2*gamma)^(1/gamma)"), read("exp(log(zeta(2*gamma))/gamma)"))
    assert not formulas.same(read("gamma + 1e-20"), read("gamma"))
    assert not formulas.same(read("zeta(2*gamma)"), read("zeta(2*gamma + 1e-9)"))
    # equal at some points only
    assert not formulas.same(read("(gamma - 3/4)*(gamma - 5/4)*zeta(gamma)"), read("0"))
    assert not formulas.same(read("a - l"), read("a - zeta"))


@pytest.mark.parametrize("shape", [{"network": "quadratic"}, {"network": "quadratic", "width": True}])
def test_the_powers_in_a_table_are_the_law(shape: dict[str, object]) -> None:
    sizes = {"n_eff": 3e20, "lam": 2e-6, "d": 1e30, "noise": 3e-2, "gamma": 1.25}
    at = {"n_eff": 3e20, "lambda": 2e-6, "d": 1e30, "Delta": 3e-2, "p": 1e4, "gamma": 1.25}
    for phase in phase_diagram(**shape).phases:
        constant, product = powers(phase)
        law = (constant * product).subs(
            {s: at[s.name] for s in (constant * product).free_symbols if s.name in at}
        )
        value = float(law.subs(sp.Symbol("log(d)", positive=True), math.log(1e30)))
        expected = phase.law(**sizes, **({"width": 1e4} if phase.has_fourth else {}))
        assert value == pytest.approx(expected, rel=1e-9), phase.phase
