"""Roots, sums over integers, truncated moments and units, each against another way to the same number."""

from __future__ import annotations

import math
from fractions import Fraction

import mpmath
import numpy as np
import pytest

from asymptotix.errors import InvalidInput
from asymptotix.gaussian import density, signed_tails, tail_ratio, tail_ratios
from asymptotix.inference.likelihood import crossing
from asymptotix.inputs import GivenVariances, PowerVariances, inputs_of
from asymptotix.networks import get
from asymptotix.problem import Problem
from asymptotix.quadrature import ORDER, SHORTEST, integer_panels, owned_panels
from asymptotix.risk.pruning import prune
from asymptotix.rootfinding import Bracket, bracket, first_crossing, increasing_root
from asymptotix.teacher import Geometric, PowerLaw, Values, log_zeta_range
from asymptotix.units import Convention, from_alpha, from_mean_loss, from_weight_decay, matrix_of


def counted(f):  # type: ignore[no-untyped-def]
    places: list[float] = []

    def g(x: float) -> float:
        places.append(x)
        return float(f(x))

    return g, places


def test_steps_of_a_bracket_grow_fourfold_from_the_size_of_the_value() -> None:
    f, places = counted(lambda x: x - 100.0)
    found = bracket(f, 0.0, 1.0, -1e3, 1e3)
    assert places == [0.0, 1.0, 5.0, 21.0, 85.0, 341.0]
    assert found == Bracket(85.0, 341.0, -15.0, 241.0)
    f, places = counted(lambda x: x - 0.1)
    assert bracket(f, 0.0, 1.0, -1e3, 1e3) == Bracket(0.0, pytest.approx(0.12), -0.1, pytest.approx(0.02))
    f, places = counted(lambda x: x + 100.0)
    found = bracket(f, 0.0, 1.0, -1e3, 1e3)
    assert found == Bracket(-341.0, -85.0, -241.0, 15.0)
    # bounds are places, too, and a start beyond them is taken to them
    assert bracket(lambda x: x - 2.0, 0.0, 1.0, -3.0, 3.0) == Bracket(1.0, 3.0, -1.0, 1.0)
    assert bracket(lambda x: x - 3.0, 0.0, 1.0, -3.0, 3.0) == Bracket(1.0, 3.0, -2.0, 0.0)
    assert bracket(lambda x: x, 9.0, 1.0, -3.0, 3.0) == Bracket(-2.0, 2.0, -2.0, 2.0)
    at_root = bracket(lambda x: x - 5.0, 5.0, 1.0, -9.0, 9.0)
    assert at_root is not None
    assert at_root.b == 5.0
    assert at_root.a == pytest.approx(5.0, abs=1e-11)


def test_a_root_takes_few_evaluations_and_stops_where_it_is_told() -> None:
    f, places = counted(lambda x: math.expm1(x - 1.3))
    root = increasing_root(f, Bracket(0.0, 4.0, f(0.0), f(4.0)))
    assert root == pytest.approx(1.3, abs=1e-15)
    assert len(places) < 14
    f, places = counted(lambda x: math.expm1(x - 1.3))
    assert increasing_root(f, Bracket(0.0, 4.0, f(0.0), f(4.0)), tolerance=0.05) == pytest.approx(
        1.3, abs=0.06
    )
    assert len(places) < 8
    f, places = counted(lambda x: x**3 - 2)
    rough = increasing_root(f, Bracket(0.0, 4.0, f(0.0), f(4.0)), width=0.5)
    assert rough == pytest.approx(2 ** (1 / 3), abs=0.5)
    assert len(places) < 8
    f, places = counted(lambda x: x**3 - 2)
    with pytest.MonkeyPatch.context() as few:
        few.setattr("asymptotix.rootfinding._STEPS", 3)
        increasing_root(f, Bracket(0.0, 4.0, f(0.0), f(4.0)))
    assert len(places) == 5
    # ends that are roots are the answer, the nearer one of two
    nothing = {"tolerance": 0.1}
    assert increasing_root(math.atan, Bracket(1.0, 2.0, -0.05, 0.5), **nothing) == 1.0
    assert increasing_root(math.atan, Bracket(1.0, 2.0, -0.05, 0.01), **nothing) == 2.0
    assert increasing_root(math.atan, Bracket(1.0, 2.0, -9.0, 0.05), **nothing) == 2.0
    # a jump has no root: its place is found to the last digits
    jump = increasing_root(lambda x: -1.0 if x < math.pi else 1.0, Bracket(0.0, 9.0, -1.0, 1.0))
    assert jump == pytest.approx(math.pi, rel=1e-15)
    steep = increasing_root(lambda x: -math.inf if x < 2 else x - 2.5, Bracket(0.0, 9.0, -math.inf, 6.5))
    assert steep == 2.5


def test_ends_of_profiles_are_where_the_ratio_passes_one() -> None:
    for slope in (0.01, 0.4, 3.0, 200.0):
        f, places = counted(lambda far, slope=slope: slope * far)
        assert crossing(f, 1.0, math.inf) == pytest.approx(1 / slope, rel=0.031)
        assert len(places) <= 12
    f, places = counted(lambda far: math.expm1(far**2))
    assert crossing(f, 0.1, math.inf) == pytest.approx(math.sqrt(math.log(2.0)), rel=0.03)
    assert crossing(lambda far: 0.1 * far, 1.0, 5.0) is None
    assert crossing(lambda far: 0.5 * far, 9.0, 5.0) == pytest.approx(2.0, rel=0.031)
    assert crossing(lambda far: far, 1.0, 0.0) is None
    f, places = counted(lambda far: 0.0)
    assert crossing(f, 1.0, math.inf) == pytest.approx(3.0**16)
    assert len(places) == 16


@pytest.mark.parametrize("count", [31, 32, 33, 100, 10**7])
def test_panels_are_exact_where_they_are_sums_and_where_they_are_rules(count: int) -> None:
    index, weight = integer_panels(np.array([7.0]), np.array([7.0 + count]))
    assert len(index) == (count if count < SHORTEST else ORDER)
    assert np.all(weight > 0)
    assert weight.sum() == pytest.approx(count, rel=1e-14)
    assert np.all((index > 7.0) & (index < 8.0 + count))
    middle = (index - 7.0 - 0.5 * (count + 1)) / count
    for power in (1, 3, 15, 31):
        assert weight @ middle**power == pytest.approx(0.0, abs=1e-13 * count)
    if count < 10**6:
        exact = (np.arange(1.0, count + 1) - 0.5 * (count + 1)) / count
        for power in (2, 4, 16, 30):
            assert weight @ middle**power == pytest.approx((exact**power).sum(), rel=1e-11)


def test_panels_of_several_owners() -> None:
    first, last = np.array([0.0, 5.0, 10.0, 100.0]), np.array([5.0, 5.0, 100.0, 140.0])
    owner = np.array([3, 4, 5, 6])
    index, weight, whose = owned_panels(first, last, owner)
    assert [int((whose == k).sum()) for k in owner] == [5, 0, ORDER, ORDER]
    for k, low, high in ((3, 0, 5), (5, 10, 100), (6, 100, 140)):
        here = whose == k
        assert weight[here] @ index[here] ** 2 == pytest.approx(sum(i * i for i in range(low + 1, high + 1)))
    whole = np.array([False, True, True, False])
    index, weight, whose = owned_panels(first, last, owner, whole)
    assert [int((whose == k).sum()) for k in owner] == [5, 0, 90, ORDER]
    assert sorted(index[whose == 5].tolist()) == list(range(11, 101))


def test_truncated_moments_to_all_digits() -> None:
    """Against integrals in 40 digits, on both sides of the switch and of zero, and where numbers overflow."""
    ctx = mpmath.MPContext()
    ctx.dps = 40
    for x in (0.0, 0.7, 4.9999, 5.0001, 7.3, 20.0, 300.0):
        phi = ctx.npdf(x)
        i0 = ctx.erfc(ctx.mpf(x) / ctx.sqrt(2)) / 2
        exact = [i0 / phi, (phi - x * i0) / phi, ((1 + ctx.mpf(x) ** 2) * i0 - x * phi) / phi]
        for found in (tail_ratio(x), [float(v[0]) for v in tail_ratios(np.array([x]))]):
            for k, (ours, theirs) in enumerate(zip(found, exact, strict=True)):
                assert ours == pytest.approx(
                    float(theirs), rel=(1e-15, 2e-14, 5e-13)[k] if x < 5.01 else 2e-15
                )
        for sign in (1, -1):
            found = [float(v[0]) for v in signed_tails(np.array([sign * x]))]
            tail = [i0, phi - x * i0, (1 + ctx.mpf(x) ** 2) * i0 - x * phi]
            whole = tail if sign > 0 else [1 - i0, tail[1] + x, 1 + ctx.mpf(x) ** 2 - tail[2]]
            assert found == pytest.approx([float(v) for v in whole], rel=1e-12)
    assert float(density(np.array([1.5]))[0]) == pytest.approx(float(ctx.npdf(1.5)), rel=1e-15)
    assert density(np.array([1e300, -1e200])).tolist() == [0.0, 0.0]
    huge = tail_ratios(np.array([1e200]))
    assert huge[0][0] == pytest.approx(1e-100)
    assert tail_ratio(1e200)[0] == pytest.approx(1e-100)


def test_sums_of_powers_over_any_range() -> None:
    ctx = mpmath.MPContext()
    ctx.dps = 40
    for first, last, s in (
        (0, 1e30, 0.3),
        (0, 1e30, 1.0),
        (1e9, 1e30, 2.5),
        (50, 60, 3.0),
        (7, 7, 1.0),
        (0, 32, 0.0),
    ):
        found = log_zeta_range(first, last, s)
        if last <= first:
            assert found == -math.inf
            continue
        if s == 1.0:
            exact = ctx.harmonic(last) - ctx.harmonic(first)
        elif s == 0.0:
            exact = ctx.mpf(last - first)
        else:
            exact = ctx.zeta(s, first + 1) - ctx.zeta(s, ctx.mpf(last) + 1)
        assert found == pytest.approx(float(ctx.log(exact)), rel=1e-13, abs=1e-13)
    # without bound, s < 1: the integral's upper end
    assert log_zeta_range(0, 1e300, 0.001) == pytest.approx(0.999 * 300 * math.log(10) - math.log(0.999))


@pytest.mark.parametrize(
    "teacher", [PowerLaw(1.25), PowerLaw(0.6), Geometric(0.9), Values([3, 2, 2, 1, 0, 0])]
)
def test_many_levels_are_counted_as_one_by_one(teacher: PowerLaw | Geometric | Values) -> None:
    d = 6 if isinstance(teacher, Values) else 300
    spectrum = teacher.spectrum(d)
    levels = np.linspace(0.5, -9.0, 97)
    values = spectrum.values()
    expected = [(values > math.exp(x)).sum() for x in levels]
    assert [spectrum.count_above(float(x)) for x in levels] == expected
    assert np.asarray(spectrum.counts_above(levels)).tolist() == expected
    assert spectrum.count_above(-1e4) == spectrum.rank
    assert np.asarray(spectrum.counts_above(np.array([-1e4, 99.0]))).tolist() == [spectrum.rank, 0.0]
    assert spectrum.zeros == d - spectrum.rank == (values == 0).sum()
    for first, last, power in ((0, 4, 2.0), (1, 3, 0.7), (3, 3, 1.0)):
        exact = (values[first:last] ** power).sum()
        found = spectrum.log_power_sum(float(first), float(last), power)
        assert math.exp(found) == pytest.approx(exact, rel=1e-12, abs=1e-300)


def test_teachers_that_are_none() -> None:
    for bad in ([1.0, 2.0], [], [1.0, -0.1], [math.nan], [[1.0]], ["x"], [math.inf, 1.0], 3.0):
        with pytest.raises(InvalidInput, match="teacher"):
            Values(bad)  # type: ignore[arg-type]
    with pytest.raises(InvalidInput, match=r"d = 4.*at most the 3 values"):
        Values([2.0, 1.0, 0.0]).spectrum(4)
    assert Values([2.0, 1.0, 0.0]).spectrum(3).zeros == 1.0
    with pytest.raises(InvalidInput, match="at least one positive"):
        Values([0.0, 0.0]).spectrum(2)
    for ratio in (0.0, 1.0, -0.5, 1.5):
        with pytest.raises(InvalidInput, match="ratio"):
            Geometric(ratio)
    with pytest.raises(InvalidInput, match="gamma"):
        PowerLaw(0.5)


def test_variances_of_inputs() -> None:
    steep = inputs_of("3/2", None)
    assert isinstance(steep, PowerVariances)
    assert steep.smooth
    assert steep.variances(4) == pytest.approx([1.0, 2**-1.5, 3**-1.5, 4**-1.5])
    assert np.exp(-2 * steep.log_threshold(np.arange(1.0, 5.0))) == pytest.approx(steep.variances(4))
    given = inputs_of(None, [0.5, 2.0, 1.0])
    assert isinstance(given, GivenVariances)
    assert not given.smooth
    assert np.exp(-2 * given.log_threshold(np.array([1.0, 3.0, 2.0]))) == pytest.approx([0.5, 1.0, 2.0])
    given.check_dimension(3)
    with pytest.raises(InvalidInput, match=r"3 numbers.*as many as dimensions, d = 4"):
        given.check_dimension(4)
    assert inputs_of(1000, None) == PowerVariances(Fraction(1000))
    for beta in (-0.1, 1001):
        with pytest.raises(InvalidInput, match="at most 1000"):
            inputs_of(beta, None)
    with pytest.raises(InvalidInput, match="not both"):
        inputs_of(1, [1.0])
    for bad, entry in (([1.0, 0.0], 2), ([math.inf], 1), ([[1.0]], 1), ([-1.0, 1.0], 1)):
        with pytest.raises(InvalidInput, match=f"entry {entry}.*finite numbers > 0"):
            inputs_of(0, bad)
    assert inputs_of(0, [1.0, 1.0]) is None


def test_weight_decay_is_the_penalty_of_the_layers() -> None:
    """``f n decay`` times the least half sum of squares, by minimising over two layers of one weight."""
    n, d, decay = 300.0, 50.0, 0.02
    for name, width, half, factor in (
        ("quadratic", 80.0, 0.5 * math.sqrt(80 / 50), 1.0),
        ("bilinear", 80.0, math.sqrt(80 / 50), 1.0),
        ("diagonal", None, 1.0, 0.5),
    ):
        found = from_weight_decay(decay, get(name), n, d, width)
        assert found == pytest.approx(factor * n * decay * half)
    assert from_weight_decay(decay, get("quadratic"), n, d, None, "plain") == pytest.approx(
        n * decay * 0.5 / d
    )
    assert from_weight_decay(decay, get("bilinear"), n, d, None, "plain") == pytest.approx(n * decay / d)
    with pytest.raises(InvalidInput, match=r"width.*number p of hidden units"):
        from_weight_decay(decay, get("quadratic"), n, d)
    with pytest.raises(InvalidInput, match=r"weights.*normalised: theta of a diagonal"):
        from_weight_decay(decay, get("diagonal"), n, d, None, "plain")
    with pytest.raises(InvalidInput, match="width"):
        from_weight_decay(decay, get("quadratic"), n, d, 0.0)
    assert from_mean_loss(0.0, 5) == 0.0
    assert from_alpha(0.1, 500, 400, 0.5) == pytest.approx(5.0)
    for bad in ({"n": 0.0}, {"d": -1.0}, {"scale": 0.0}):
        with pytest.raises(InvalidInput, match=f"{next(iter(bad))}.*> 0"):
            from_alpha(**{"alpha": 0.1, "n": 5.0, "d": 4.0, **bad})


def test_results_come_back_in_the_units_they_were_asked_in() -> None:
    mine = Convention("mean", norm=3)
    p = Problem("quadratic", gamma=1.25, d=50, n=1000, lam=0.02, noise=0.9)
    here = mine.problem(p)
    assert (here.lam, here.noise) == (pytest.approx(0.02 * 1000 / 3), pytest.approx(0.1))
    assert mine.lam_of(p, float(here.lam)) == pytest.approx(0.02)
    given = {"error": 2.0, "delta": [1.0, None], "n": 4, "rows": [{"error": "0.50"}], "at": {"eps": 2.0}}
    assert mine.result(given) == {
        "error": 18.0, "delta": [3.0, None], "n": 4, "rows": [{"error": "4.5"}], "at": {"eps": 6.0}
    }  # fmt: skip
    assert mine.result({"error": "inf"}) == {"error": "inf"}
    assert Convention("mean").result(given) == given
    assert Convention().problem(p) is p
    signed = matrix_of([[1.0, 2.0], [3.0, 1.0]], signs=[1, -1])
    assert signed == pytest.approx((np.outer([1, 2], [1, 2]) - np.outer([3, 1], [3, 1])) / 2.0)
    for bad, why in (([1.0], "p rows"), ([[]], "p rows")):
        with pytest.raises(InvalidInput, match=why):
            matrix_of(bad)
    with pytest.raises(InvalidInput, match=r"signs.*one for each of the 2 rows"):
        matrix_of([[1.0], [2.0]], signs=[1.0])
    with pytest.raises(InvalidInput, match="weights"):
        matrix_of([[1.0]], "odd")


def test_pruned_weights_are_lowered_alike() -> None:
    s = np.array([[3.0, 1.0], [1.0, -2.0]])
    values, vectors = np.linalg.eigh(s)
    lowered = np.sign(values) * np.maximum(np.abs(values) - 1.0, 0.0)
    assert prune(s, 1.0) == pytest.approx((vectors * lowered) @ vectors.T)
    assert prune(np.ones((2, 3)), 1.0) == pytest.approx(np.ones((2, 3)) * (1 - 1 / math.sqrt(6)))
    assert prune([1.0, -2.0], 0.0).tolist() == [1.0, -2.0]
    with pytest.raises(InvalidInput, match=r"threshold.*>= 0"):
        prune([1.0], -0.1)
    with pytest.raises(InvalidInput, match="threshold"):
        prune([1.0], math.nan)
    with pytest.raises(InvalidInput, match="nan or infinity"):
        prune([math.nan], 1.0)
    with pytest.raises(InvalidInput, match=r"shape \(1, 1, 1\)"):
        prune([[[1.0]]], 1.0)


def test_the_first_of_several_roots_is_climbed_to() -> None:
    """Up to 1, down through 2, up again through 9; with a dip that reaches no 0 before, and where there is none."""

    def rises_twice(x: float) -> float:
        return (x - 1.0) * (x - 2.0) * (x - 9.0) / 40.0

    first = first_crossing(rises_twice, 0.0, 0.0, 100.0)
    assert first is not None
    assert first.fa < 0 <= first.fb
    assert 0.9 < first.a < 1.0 <= first.b < 1.1
    asked: list[float] = []

    def dips(x: float) -> float:
        asked.append(x)
        return rises_twice(x) - 0.2

    later = first_crossing(dips, 0.0, 0.0, 100.0)
    assert later is not None
    assert 8.0 < later.a < 9.2 < later.b < 10.5
    assert len(asked) < 25
    assert first_crossing(lambda x: -1.0, 0.0, 0.0, 5.0) is None
    steep = first_crossing(lambda x: -math.inf if x < 70.0 else x - 150.0, 0.0, 0.0, 300.0)
    assert steep is not None
    assert steep.a < 150.0 <= steep.b < 151.5
    assert first_crossing(lambda x: 1.0 + x, 0.0, 0.0, 5.0) is None


@pytest.mark.parametrize("x", [0.0, 0.3, 2.0, 4.9, 5.1, 6.5, 8.0, 9.1, 9.7, 9.9, 40.0])
def test_tail_ratios_keep_their_digits_across_the_switch(x: float) -> None:
    """Against integrals of 40 digits: the closed forms lose ``x^4`` units, and must be left before that is felt."""
    with mpmath.workdps(40):
        tails = [
            mpmath.quad(lambda z, k=k: z**k * mpmath.exp(-z * (x + z / 2)), [0, 1, 5, 30]) for k in range(3)
        ]
        exact = [float(t) for t in tails]
    assert tail_ratio(x) == pytest.approx(exact, rel=1e-13, abs=0.0)
    assert [float(t[0]) for t in tail_ratios(np.array([x]))] == pytest.approx(exact, rel=1e-13, abs=0.0)


@pytest.mark.parametrize(("slope", "root"), [(2.0, 300.0), (0.3, 40.0), (1.0, 3.0), (0.05, 4.0)])
def test_a_climb_to_a_crossing_takes_few_steps(slope: float, root: float) -> None:
    f, places = counted(lambda x: slope * (x - root))
    found = first_crossing(f, 0.0, 0.0, 1e4)
    assert found is not None
    assert found.a < root <= found.b <= root + 0.02 * (found.b - found.a)  # the last step is the secant's
    assert len(places) < 20
