"""Phases and diagrams: look-up, errors, boundaries, tables; the paper's table, on toy and real sectors."""

from __future__ import annotations

import csv
import io
import json
import pickle
import random
from fractions import Fraction
from pathlib import Path

import pytest
import sympy

import asymptotix as ax
from asymptotix.asymptotics import cache, laws
from asymptotix.asymptotics.definition import definition
from asymptotix.asymptotics.diagram import BoundaryPoint, PhaseDiagram, networks, phase_diagram
from asymptotix.asymptotics.phases import KEYS
from asymptotix.errors import InvalidInput
from tests.asymptotics import paper_table, toy_networks

REAL = [n for n in ("diagonal", "quadratic", "symmetric") if n in networks()]


@pytest.fixture(scope="module")
def toy() -> PhaseDiagram:
    return PhaseDiagram.from_sectors("toy", toy_networks.sectors(), toy_networks.scales())


def diagram(network: str) -> PhaseDiagram:
    if network == "toy":
        return PhaseDiagram.from_sectors("toy", toy_networks.sectors(), toy_networks.scales())
    return phase_diagram(network)


@pytest.mark.parametrize("network", ["toy", *REAL])
def test_the_papers_table_is_reproduced(network: str) -> None:
    derived, rng = diagram(network), random.Random(3)
    checked = 0
    while checked < 150:
        gamma, a, length = (
            Fraction(rng.randrange(lo, hi), 97) for lo, hi in ((50, 330), (-100, 700), (-400, 500))
        )
        if paper_table.margin(gamma, a, length, network) < Fraction(1, 100):
            continue
        phase = derived.at(gamma, a, length, 0)
        assert (phase.phase, phase.risk_exponent, phase.log_power) == paper_table.rate(
            network, gamma, a, length
        )
        checked += 1


def test_a_point_knows_its_law(toy: PhaseDiagram) -> None:
    q = toy.at(gamma="5/4", a="3/5", l=-1, zeta=0)
    assert (q.phase, q.risk_exponent, q.log_power, q.n_eff_exponent) == (
        "V",
        Fraction(-4, 25),
        0,
        Fraction(2, 5),
    )
    small, large = (q.law(n_eff=d**0.6, lam=1 / d, d=d, noise=1) for d in (1e10, 1e20))
    assert large / small == pytest.approx(10 ** (-10 * 4 / 25), rel=1e-12)
    assert q.law(1e6, 1e-3, 1e15, 2.0) == pytest.approx(2 * q.law(1e6, 1e-3, 1e15, 1.0), rel=1e-12)
    assert q.law(1e60, 0, 1e100, 1) == pytest.approx(q.law(1e60, 1e-3, 1e100, 1), rel=1e-12)


@pytest.mark.parametrize(
    ("arguments", "parameter"),
    [
        ({"gamma": "1/2", "a": 1, "l": 0}, "gamma"),
        ({"gamma": 0.3, "a": 1, "l": 0}, "gamma"),
        ({"gamma": 1, "a": "pi", "l": 0}, "a"),
        ({"gamma": 1, "a": 1, "l": None}, "l"),
        ({"gamma": 1, "a": 1, "l": 0, "zeta": float("nan")}, "zeta"),
        ({"gamma": 1, "a": True, "l": 0}, "a"),
    ],
)
def test_bad_input_is_named(toy: PhaseDiagram, arguments: dict[str, object], parameter: str) -> None:
    with pytest.raises(InvalidInput) as caught:
        toy.at(**arguments)
    assert caught.value.parameter == parameter


def test_a_boundary_where_the_error_jumps_names_its_neighbours(toy: PhaseDiagram) -> None:
    with pytest.raises(BoundaryPoint) as caught:
        toy.at(gamma="5/4", a="3/5", l="-1/5")
    assert {p.phase for p in caught.value.phases} == {"II", "V"}


def test_a_continuous_boundary_has_a_law_with_both_terms(toy: PhaseDiagram) -> None:
    """The interface's own example lies on the tie of IV and V."""
    q = toy.at(gamma="5/4", a="2/5", l=-1, zeta=0)
    assert q.phase == "IV/V"
    assert [p.phase for p in q.neighbours] == ["IV", "V"]
    assert q.risk_exponent == Fraction(-6, 25)
    sizes = {"n_eff": 1e12, "lam": 1e-30, "d": 1e30, "noise": 1.0}
    parts = sum(p.law(**sizes, gamma=1.25) for p in q.neighbours)
    assert q.law(**sizes) == pytest.approx(parts, rel=1e-12)
    assert "a = " in str(q.region)


def test_a_crossover_has_an_exponent_but_no_constant(toy: PhaseDiagram) -> None:
    q = toy.at(gamma="5/4", a=3, l="5/4")  # the last feature is just at the threshold
    assert (q.phase, str(q.constant)) == ("II/III", "nan")
    with pytest.raises(InvalidInput):
        q.law(n_eff=1e12, lam=1.0, d=1e6, noise=1.0)


@pytest.mark.parametrize("network", ["toy", *REAL])
def test_finite_sizes_are_located_where_the_exact_point_is(network: str) -> None:
    derived, rng = diagram(network), random.Random(5)
    d = 1e110
    for _ in range(40):
        a, length, zeta = (rng.uniform(lo, hi) for lo, hi in ((-0.5, 2.7), (-2, 1), (-0.5, 1.5)))
        gamma = rng.choice([0.6, 0.75, 1.0, 1.2345678, 2.0])
        found = derived.locate(n_eff=d**a, lam=d**length, d=d, noise=d**-zeta, gamma=gamma)
        exactly = derived.at(gamma=str(gamma), a=str(a), l=str(length), zeta=str(zeta))
        faces = [float(v) for v in exactly.distances()]
        assert found.phase == exactly.phase or min(faces) < 0.03
        assert found.law(d**a, d**length, d, d**-zeta) > 0


def test_zero_penalty_and_zero_noise_are_located(toy: PhaseDiagram) -> None:
    assert toy.locate(n_eff=1e5, lam=0, d=1e8, noise=1, gamma=1.25).phase in ("IV", "V")
    assert toy.locate(n_eff=1e4, lam=0, d=1e12, noise=0, gamma=1.25).phase == "IV0"
    assert toy.locate(n_eff=1e9, lam=0, d=1e8, noise=1, gamma=1.25).phase == "VIa"


def test_boundaries_are_continuous_except_towards_the_interpolating_phases(toy: PhaseDiagram) -> None:
    found = toy.boundaries()
    jumps = {tuple(sorted(p.phase for p in b.phases)) for b in found if not b.continuous}
    assert ("II", "V") in jumps
    assert ("II", "III") not in jumps
    names = {tuple(sorted(p.phase for p in b.phases)) for b in found}
    assert {("II", "Ib"), ("II", "III"), ("IV", "V"), ("V", "VIa"), ("VIa", "VIb")} <= names


def test_a_boundary_says_how_far_each_law_reaches(toy: PhaseDiagram) -> None:
    """V ends where the penalty equals samples * kappa with kappa = 2 tau: lam = 4 sqrt(n_eff Delta/d)."""
    found = next(b for b in toy.boundaries() if [p.phase for p in b.phases] == ["II", "V"])
    reach = {r.phase: r for r in found.reach if r.size == "lam"}
    assert reach["V"].growth.constant == 4
    assert str(reach["V"].growth.exponent) == "a/2 - zeta/2 - 1/2"


@pytest.mark.skipif("diagonal" not in REAL, reason="sectors not there yet")
def test_the_diagonals_interpolation_ends_a_logarithm_above_the_papers_edge() -> None:
    """Against [P] table: lam = sqrt(2 (n/d) Delta log(d/n)), not sqrt(n/d)."""
    found = next(
        b for b in phase_diagram("diagonal").boundaries() if [p.phase for p in b.phases] == ["II", "V"]
    )
    (edge,) = (r.growth for r in found.reach if r.phase == "V" and r.size == "lam")
    assert (edge.log_power, str(edge.exponent)) == (Fraction(1, 2), "a/2 - zeta/2 - 1/2")
    assert sympy.simplify(edge.constant**2 - 2 * (1 - sympy.Symbol("a", real=True))) == 0
    assert phase_diagram("diagonal").at(gamma="5/4", a="1/2", l="-1/4").phase == "V"


def test_the_peak_is_a_law_on_its_line() -> None:
    """With s = d/2 - c d/3, R = d tau^2/2 - kappa d tau/5: n_eff = d/4 and (kappa/tau) tau^2 = 5/(2 d) Delta."""
    derived = PhaseDiagram.from_sectors("toy", toy_networks.sectors(), toy_networks.scales())
    (peak,) = derived.peaks
    assert (peak.ratio, str(peak.growth.exponent)) == (sympy.Rational(1, 4), "-2*l/3 - 4*zeta/3")
    c = sympy.Symbol("c", positive=True)  # penalty: lam/2 = c^2 tau/3 sqrt(d), noise: 1/2 = c tau^2 d/5
    tau = sympy.Rational(3, 2) / c**2
    (solved,) = sympy.solve(c * tau**2 / 5 - sympy.Rational(1, 2), c)
    assert sympy.simplify(peak.growth.constant - tau.subs(c, solved) ** 2 / 2) == 0


@pytest.mark.parametrize("network", ["toy", *REAL])
def test_best_penalty_has_the_bayes_optimal_rate(network: str) -> None:
    """[P] Corollary 1: n_eff^(-1+1/(2 gamma)) up to n_eff = d^(2 gamma), at lam ~ sqrt(n_eff/d); then d/n_eff."""
    derived = diagram(network)
    for gamma in (Fraction(3, 5), Fraction(1), Fraction(5, 4), Fraction(3)):
        for a in (Fraction(1, 10), Fraction(1, 2), Fraction(11, 10), Fraction(3), Fraction(7)):
            best = derived.best_penalty(gamma, a)
            if a < 2 * gamma:
                assert best.risk_exponent == paper_table.features(gamma, a)
                assert best.high == (a - 1) / 2
            elif a > 2 * gamma:
                assert best.risk_exponent == 1 - a


@pytest.mark.parametrize("network", REAL)
def test_peak_and_noiseless_laws_agree_with_their_closed_forms(network: str) -> None:
    """The same laws, once from generic balance and once by hand from the potential."""
    module = definition(network)
    noise, feature = module.shares()
    (peak,) = phase_diagram(network).peaks
    ratio, law = laws.peak(noise, module.scales())
    assert sympy.simplify(peak.ratio - ratio) == 0
    value = law.expression.subs({laws.NOISE: 1, laws.PENALTY: 1})
    assert sympy.simplify(peak.growth.constant / value) == 1
    quiet = phase_diagram(network, noisy=False).at(gamma="5/4", a="1/2", l=-4)
    by_hand = laws.noiseless(noise, feature, module.scales())
    exact_to = 0.2 if quiet.log_power else 1e-9  # the diagonal's closed form resums logarithms
    sizes = {"gamma": 1.25, "n_eff": 1e30, "d": 1e60}
    engine = quiet.law(n_eff=1e30, lam=0, d=1e60, noise=0)
    assert engine == pytest.approx(by_hand.value(**sizes), rel=exact_to)


def test_tables_in_four_formats(toy: PhaseDiagram) -> None:
    records = json.loads(toy.table("json"))
    assert all(set(KEYS) <= set(r) for r in records)
    assert len(list(csv.DictReader(io.StringIO(toy.table("csv"))))) == len(toy.phases)
    assert toy.table("markdown").count("\n") == len(toy.phases) + 1
    assert r"\frac" in toy.table("latex")
    with pytest.raises(InvalidInput):
        toy.table("html")


def test_noiseless_diagram_has_no_noise_in_it() -> None:
    quiet = PhaseDiagram.from_sectors("toy", toy_networks.sectors(), toy_networks.scales(), noisy=False)
    assert {p.phase for p in quiet.phases} == {"Ia", "Ib", "II", "III", "IV0"}
    assert all(p.noise_exponent == 0 for p in quiet.phases)


def test_next_order_and_range_of_validity(toy: PhaseDiagram) -> None:
    q = toy.at(gamma="5/4", a="3/5", l=-1)
    assert q.next_order == "-4/25"
    low, high = q.valid_from(1e60) or (0, 0)
    assert 1 < low < high < 1e60
    for n_eff in (low * 1.001, high / 1.001):
        sizes = {"n_eff": n_eff, "lam": 1e-60, "d": 1e60, "noise": 1.0}
        assert q.law(**sizes, order=1) == pytest.approx(q.law(**sizes), rel=0.1)


def test_a_diagram_survives_the_cache(
    toy: PhaseDiagram, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert pickle.loads(pickle.dumps(toy)) == toy
    monkeypatch.setenv("ASYMPTOTIX_CACHE", str(tmp_path))
    assert cache.remembered("toy", lambda: toy) == toy
    assert cache.remembered("toy", lambda: pytest.fail("made again")) == toy
    (file,) = tmp_path.iterdir()
    file.write_bytes(b"broken")
    assert cache.remembered("toy", lambda: "again") == "again"


@pytest.mark.skipif("quadratic" not in networks(), reason="sectors not there yet")
def test_unknown_network_is_refused() -> None:
    with pytest.raises(InvalidInput):
        phase_diagram("cubic")


@pytest.mark.parametrize("network", ["diagonal", "symmetric", "bilinear"])
def test_learned_on_both_sides_without_threshold_features_are_no_correction(network: str) -> None:
    """The estimate is then features and noise: nothing but the noise scale is left, to its square."""
    q = phase_diagram(network).at(gamma="5/4", a="3/2", l=-3)
    (noise,) = (c for c in q.piece.solution.corrections if c.source == "noise learned")
    assert all(c.source != "features among the noise" for c in q.piece.solution.corrections)
    d = 10**6
    sizes = {"n_eff": d**1.5, "lam": d**-3.0, "d": d, "noise": 1}
    p = ax.Problem(
        network, gamma="5/4", d=d, n=d ** (1.5 if network == "diagonal" else 2.5), lam=d**-3.0, noise=1
    )
    off = q.law(**sizes) / ax.solve(p).error - 1
    assert off == pytest.approx(-float(noise.constant) * d**-0.5, rel=1e-2)
    assert q.law(**sizes, order=1) / ax.solve(p).error - 1 == pytest.approx(-(off**2), rel=1e-2)


@pytest.mark.parametrize("gamma", ["1", "5/4", "2"])
def test_what_features_add_to_noise_learned_on_one_side(gamma: str) -> None:
    """Of the quadratic network at no threshold, to their number squared."""
    q = phase_diagram("quadratic").at(gamma=gamma, a="6/5", l=-6)
    d = 10**12
    sizes = {"n_eff": d**1.2, "lam": 1e-60, "d": d, "noise": 1}
    error = ax.solve(ax.Problem("quadratic", gamma=gamma, d=d, n=d**2.2, lam=1e-60, noise=1)).error
    bare, next_order = (q.law(**sizes, order=k) / error - 1 for k in (0, 1))
    assert abs(next_order) < 20 * bare**2 < 0.03 * abs(bare)
