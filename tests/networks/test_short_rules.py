"""Gaussian sums leave out what has no digits to add: far nodes of small thresholds, the other side of large ones."""

from __future__ import annotations

import numpy as np
import pytest

from asymptotix.networks import gaussian_sums as sums
from asymptotix.networks.diagonal import GaussianSequence
from asymptotix.teacher import PowerLaw


@pytest.mark.parametrize("c", [1e-9, 1e-3, 0.02, 0.049999])
def test_five_nodes_are_as_good_as_ten_below_small_thresholds(c, monkeypatch):
    a = np.geomspace(0.01, sums.REACH + 1.0, 40)
    few = sums.center_terms(c, a)
    monkeypatch.setattr(sums, "TINY", 0.0)
    for x, y in zip(few, sums.center_terms(c, a), strict=True):
        # one unit of rounding of the largest term, of some ten that are added, and of those that cancel as c falls
        assert x == pytest.approx(y, rel=1e-14, abs=1e-15 * c)


@pytest.mark.parametrize("c", [0.6, 2.0, 4.7, 30.0])
def test_the_other_side_has_no_digits_where_it_is_left_out(c, monkeypatch):
    a = np.geomspace(0.01, c + sums.REACH, 200)
    some = sums.tail_terms(c, a)
    monkeypatch.setattr(sums, "_ONE_SIDE", np.inf)
    for x, y in zip(some, sums.tail_terms(c, a), strict=True):
        assert x == pytest.approx(y, rel=4e-16, abs=0.0)


def test_places_of_all_kinds_at_once_as_alone():
    sequence = GaussianSequence(PowerLaw(1.25).spectrum(10**12))
    c = np.array([1e-12, 0.03, sums.TINY, 0.3, sums.LOW, 3.0, 40.0, 60.0, 1e9])
    log_tau = np.linspace(-14.0, -2.0, c.size)
    for k, one in enumerate(sequence.responses(np.log(c), log_tau).each(np.log(c))):
        alone = sequence.response(float(np.log(c[k])), float(log_tau[k]))
        for name in ("rho", "dof"):  # sums of some hundred terms, on panels of their own
            assert getattr(one, name) == pytest.approx(getattr(alone, name), rel=1e-13)
