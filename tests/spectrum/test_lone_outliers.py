"""Outliers so far above the noise that nothing else moves them, and thresholds so far above it that it is not felt."""

from __future__ import annotations

import math

import pytest

from asymptotix import PowerLaw
from asymptotix.inputs import PowerVariances
from asymptotix.networks.shaped_matrix import ShapedMatrix
from asymptotix.networks.square_values import SquareValues
from asymptotix.spectrum.singular_value_law import _spikes
from asymptotix.teacher import FiniteRank
from tests.networks.one_by_one import OneByOne


def test_a_lone_singular_value_is_its_feature_less_the_threshold() -> None:
    spectrum, log_tau = PowerLaw(1.25).spectrum(50), -130.0
    first = math.exp(float(spectrum.log_value(1.0)) - log_tau)
    found = _spikes(OneByOne(spectrum), log_tau, 3.0, 0.25 * first)
    assert [overlap for _, overlap in found] == [1.0] * 3
    expected = [first * (k**-1.25 - 0.25) for k in (1, 2, 3)]
    assert [place for place, _ in found] == pytest.approx(expected, rel=1e-9)


@pytest.mark.parametrize("log_tau", [1.0, 3.0])
def test_above_everything_the_teacher_is_missed_and_nothing_learned(log_tau: float) -> None:
    """Its square is 1, over that of the noise."""
    potential = ShapedMatrix(FiniteRank([1.0]).spectrum(400), PowerVariances(1))
    here = potential.response(6.0, log_tau)
    assert (here.rho, here.dof) == (pytest.approx(math.exp(-2.0 * log_tau)), 0.0)


def test_features_of_any_dimension_are_few_nodes() -> None:
    features = SquareValues(PowerLaw(1.25).spectrum(10**60)).features(-60.0)
    assert features.squares.size < 20_000
    assert float(features.weight.sum()) == pytest.approx(1e60, rel=1e-12)
    few = SquareValues(PowerLaw(1.25).spectrum(700)).features(-1.0)
    # the first 300 by themselves, and all by their squares' sum
    assert few.weight[:300].tolist() == pytest.approx([1.0] * 300, rel=1e-12)
    assert float(few.weight @ few.squares) == pytest.approx(math.exp(2.0), rel=1e-12)
