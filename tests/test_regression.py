"""A user's curve: phases found, exponents with intervals, bad rows named."""

import math
from pathlib import Path

import numpy as np
import pytest

from asymptotix import InvalidInput, Measurement, Problem, regress, solve
from asymptotix.regression import read_csv

BASE = Problem("quadratic", gamma=1.25, d=10**6, n=1, lam=1, noise=1)
SETTING = {"gamma": 1.25, "d": 10**6, "noise": 1.0}


def curve(n, lam=1.0, scatter=0.0, seed=0):
    rng = np.random.default_rng(seed)
    errors = [solve(BASE.replace(n=float(x), lam=lam)).error for x in n]
    return [
        Measurement(
            float(x), lam, e * math.exp(scatter * rng.standard_normal()), scatter * e if scatter else math.nan
        )
        for x, e in zip(n, errors, strict=True)
    ]


def test_noisy_data_give_the_exponent_within_its_interval():
    found = regress(curve(np.geomspace(1e14, 1e17, 12), scatter=0.03, seed=2), "quadratic", **SETTING)
    stretch = found.stretches[0]
    low, high = stretch.exponent_interval
    assert (stretch.phase, stretch.variable, stretch.verdict) == ("VIa", "n", "agrees with the law")
    assert low < stretch.theory_exponent < high
    assert abs(stretch.theory_exponent - stretch.expected) < 0.03
    assert high - low < 0.1
    assert stretch.constant_interval[0] < 1 < stretch.constant_interval[1]
    assert not found.warnings


def test_a_curve_that_crosses_phases_falls_into_stretches():
    found = regress(curve(np.geomspace(1e5, 1e15, 21), lam=1e-4), "quadratic", **SETTING)
    labels = [s.phase for s in found.stretches]
    assert labels[-1] == "VIa"
    assert len(labels) >= 3


def test_data_of_another_law_are_refused():
    wrong = [
        Measurement(m.n, m.lam, m.error * (m.n / 1e14) ** 0.3) for m in curve(np.geomspace(1e14, 1e17, 8))
    ]
    assert regress(wrong, "quadratic", **SETTING).stretches[0].verdict == "does not follow the law"


def test_a_law_that_is_not_valid_yet_is_said_so():
    base = BASE.replace(d=400)
    data = [
        Measurement(float(n), 0.1, solve(base.replace(n=float(n), lam=0.1)).error)
        for n in (1e5, 2e5, 4e5, 8e5)
    ]
    found = regress(data, "quadratic", gamma=1.25, d=400, noise=1.0)
    assert any("off the state evolution" in w for w in found.warnings)


def test_data_off_the_theory_are_warned_of():
    off = [Measurement(m.n, m.lam, m.error * 1.5, 0.01 * m.error) for m in curve(np.geomspace(1e14, 1e17, 6))]
    assert any("standard errors" in w for w in regress(off, "quadratic", **SETTING).warnings)


BAD = {
    "missing column": ("n,lam\n1,1\n", "error is missing"),
    "text": ("n,lam,error\n1,1,1\n2,1,x\n", "column error of row 3"),
    "nan": ("n,lam,error\n1,1,nan\n", "column error of row 2"),
    "negative": ("n,lam,error\n1,-1,1\n", "column lam of row 2"),
    "zero stderr": ("n,lam,error,stderr\n1,1,1,0\n", "column stderr of row 2"),
    "empty cell": ("n,lam,error\n,1,1\n", "column n of row 2"),
}


@pytest.mark.parametrize("name", BAD)
def test_bad_files_name_the_row(tmp_path, name):
    text, message = BAD[name]
    (tmp_path / "data.csv").write_text(text)
    with pytest.raises(InvalidInput, match=message):
        read_csv(tmp_path / "data.csv")


def test_unsorted_and_short_data_are_refused():
    data = curve([1e14, 2e14, 3e14, 4e14])
    with pytest.raises(InvalidInput, match="row 4 is not"):
        regress([data[0], data[2], data[1], data[3]], "quadratic", **SETTING)
    with pytest.raises(InvalidInput, match="at least 4 rows"):
        regress(data[:3], "quadratic", **SETTING)
    with pytest.raises(InvalidInput, match="readable CSV"):
        read_csv(Path("/no/such/file.csv"))
