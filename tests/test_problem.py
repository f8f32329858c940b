"""Every field of a problem has a range, and a message that names field, value and range outside it."""

from fractions import Fraction

import numpy as np
import pytest

from asymptotix import FiniteRank, Geometric, InvalidInput, PowerLaw, Problem, Values, solve

GOOD = {"network": "diagonal", "gamma": 1.25, "d": 400, "n": 100, "lam": 0.1, "noise": 0.1}

BAD_FIELDS = [
    ("network", "cubic"),
    ("network", ""),
    ("network", None),
    ("network", "Diagonal"),
    ("gamma", 0.5),
    ("gamma", "1/2"),
    ("gamma", 0),
    ("gamma", -1.0),
    ("gamma", float("nan")),
    ("gamma", float("inf")),
    ("gamma", "steep"),
    ("gamma", None),
    ("d", 0),
    ("d", -3),
    ("d", 0.5),
    ("d", 2.5),
    ("d", "many"),
    ("d", float("nan")),
    ("d", float("inf")),
    ("d", None),
    ("d", True),
    ("d", [400]),
    ("n", 0),
    ("n", -1),
    ("n", float("nan")),
    ("n", float("inf")),
    ("n", "lots"),
    ("n", None),
    ("lam", -1e-300),
    ("lam", float("nan")),
    ("lam", float("inf")),
    ("lam", ""),
    ("lam", 1j),
    ("noise", -0.1),
    ("noise", float("nan")),
    ("noise", "1/0"),
    ("noise", None),
    ("teacher", 3.0),
    ("teacher", [1.0, 0.5]),
]


@pytest.mark.parametrize(("field", "value"), BAD_FIELDS)
def test_bad_field_is_named_with_its_value_and_range(field, value):
    fields = {**GOOD, field: value}
    if field == "teacher":
        del fields["gamma"]
    with pytest.raises(InvalidInput) as caught:
        Problem(**fields)
    message = str(caught.value)
    assert message.startswith(f"{field} = {value!r} is not allowed: expected ")
    assert "\n" not in message


BAD_TEACHERS = [
    (lambda: Values([]), "teacher"),
    (lambda: Values([1.0, -0.5]), "teacher"),
    (lambda: Values([0.5, 1.0]), "teacher"),
    (lambda: Values([1.0, float("nan")]), "teacher"),
    (lambda: Values([float("inf"), 1.0]), "teacher"),
    (lambda: Values([[1.0], [0.5]]), "teacher"),
    (lambda: Values(["a"]), "teacher"),
    (lambda: Values([0.0, 0.0]).spectrum(2), "teacher"),
    (lambda: Values([2.0, 1.0]).spectrum(3), "d"),
    (lambda: FiniteRank([1.0, 0.0]), "teacher"),
    (lambda: FiniteRank([1.0, 0.5]).spectrum(1), "d"),
    (lambda: Geometric(1.0), "ratio"),
    (lambda: Geometric(0.0), "ratio"),
    (lambda: Geometric("x"), "ratio"),
    (lambda: Problem(**{**GOOD, "gamma": 2.0}, teacher=PowerLaw(1.0)), "gamma"),
    (lambda: Problem(**{**GOOD, "gamma": None, "d": 4}, teacher=Values([1.0, 0.5])), "d"),
]


@pytest.mark.parametrize(("make", "parameter"), BAD_TEACHERS)
def test_bad_teacher_is_named(make, parameter):
    with pytest.raises(InvalidInput) as caught:
        make()
    assert caught.value.parameter == parameter


def test_the_same_number_however_written():
    problems = [Problem(**{**GOOD, "d": d}) for d in (10**60, 1e60, "1e60", "1" + "0" * 60, Fraction(10**60))]
    assert len(set(problems)) == 1
    assert Problem(**{**GOOD, "gamma": "5/4"}) == Problem(**{**GOOD, "gamma": np.float64(1.25)})


def test_replace_changes_the_teacher_with_gamma():
    p = Problem(**GOOD)
    assert p.replace(gamma=2).teacher == PowerLaw(2.0)
    assert p.replace(teacher=Geometric(0.5)).gamma is None
    assert p.replace(n=7).gamma == 1.25


def test_n_eff_counts_matrices_by_their_dimension():
    assert Problem(**GOOD).n_eff == 100.0
    assert Problem(**{**GOOD, "network": "quadratic"}).n_eff == 0.25


@pytest.mark.parametrize(
    ("name", "network"),
    [("lam", "quadratic"), ("noise", "bilinear"), ("width", "quadratic"), ("depth", "diagonal")],
)
def test_what_no_double_counts_is_named(name: str, network: str) -> None:
    sizes = {"d": 100, "n": 1000, "lam": 0.1, "noise": 0.1, name: 10**400}
    with pytest.raises(InvalidInput, match=f"^{name} = 1000"):
        solve(Problem(network, gamma=1.25, **sizes))


def test_replaced_numbers_are_settled_as_new_ones() -> None:
    p = Problem("quadratic", gamma="5/4", d=40, n=7, lam="1/8", noise=0, width=3)
    for change in (
        {"n": "22/7"},
        {"lam": 0, "noise": "0.1"},
        {"n_eff": 2.5},
        {"n": 1e3, "lam": 1, "noise": 2},
    ):
        given = {**{"n": 7, "lam": "1/8", "noise": 0}, **change}
        if "n_eff" in given:
            given["n"] = 100.0
            del given["n_eff"]
        new, there = Problem("quadratic", gamma="5/4", d=40, width=3, **given), p.replace(**change)
        assert there == new
        assert hash(there) == hash(new)
        assert [type(x) for x in (there.n, there.lam, there.noise)] == [
            type(x) for x in (new.n, new.lam, new.noise)
        ]
    for bad in ({"n": 0}, {"lam": -1}, {"noise": "x"}, {"n_eff": 0}):
        with pytest.raises(InvalidInput):
            p.replace(**bad)
    assert (p.n, p.lam, p.noise) == (7.0, 0.125, 0.0)
