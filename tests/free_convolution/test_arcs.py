"""Arc integrals of many places in step are what they are place by place."""

from __future__ import annotations

import math

import numpy as np
import pytest

from asymptotix.free_convolution.arc import Right, graded, leak_below, left_terms
from asymptotix.free_convolution.arcs import _left, leak_below_each
from asymptotix.free_convolution.atoms import Atoms
from asymptotix.free_convolution.many_views import Views
from asymptotix.teacher import FiniteRank, PowerLaw

# No feature stands out, one does, many do, and all.
LOG_TAU = np.array([1.0, -1.0, -4.0, -8.0, -13.0])
RADIUS = np.array([1.0, 1.3, 1.0, 2.5, 40.0])
ANGLE = np.array([1.2, 0.3, 1e-3, 2.0, 3.1])

pytestmark = pytest.mark.filterwarnings("ignore:overflow")  # the scale of a head of no atoms, cubed


@pytest.fixture(params=[60, 1e12, 1e60])
def views(request):
    return Views(Atoms(PowerLaw(1.25).spectrum(request.param)), LOG_TAU, RADIUS)


def test_leaks_below_the_spectrum(views):
    together = leak_below_each(views, ANGLE)
    alone = [leak_below(view, angle) for view, angle in zip(views.each(), ANGLE.tolist(), strict=True)]
    np.testing.assert_allclose(together.T, alone, rtol=1e-12, atol=1e-22)  # far away next to nothing leaks


def test_heads_and_kernels_along_rows_of_points(views):
    w = RADIUS[:, None] * np.exp(1j * np.array([[0.4, 1.5, 3.0]]))
    kernels = (1.0, ANGLE), (-1.0, ANGLE)
    found = views.beside(w, *kernels)
    for k, view in enumerate(views.each()):
        angle = float(ANGLE[k])
        one = [view.head(w[k]), *(view.head_kernel(w[k], angle, mirror=sign < 0) for sign, _ in kernels)]
        for many, expected in zip(found, one, strict=True):
            for value, same in zip(many, expected, strict=True):
                np.testing.assert_allclose(value[k], same, rtol=1e-12)


def test_left_arcs_with_different_rules(views):
    w, c = RADIUS * np.exp(1j * ANGLE), 1.5 * RADIUS
    together, sizes = _left(views, w, ANGLE, c), set()
    for k, view in enumerate(views.each()):
        beyond, weight = graded(math.pi - ANGLE[k], min(view.clearance(complex(w[k])) / view.r, 1.0))
        at = view.r * np.exp(1j * (ANGLE[k] + beyond))
        measure = -(weight / math.pi) * at
        terms = left_terms(view.t, at, c[k], view.tail(at), *view.head(at))
        expected = [float((f @ measure).real) for f in terms]
        scale = [float(np.abs(f * measure).sum()) for f in terms]
        np.testing.assert_allclose(together[:, k] - expected, 0.0, atol=1e-14 * max(scale))
        sizes.add(beyond.size)
    assert len(sizes) > 1


def test_no_places_and_no_atoms_near():
    atoms = Atoms(FiniteRank([1.0]).spectrum(1000))
    nowhere = Views(atoms, np.empty(0), np.empty(0))
    assert leak_below_each(nowhere, np.empty(0)).shape == (6, 0)
    assert _left(nowhere, np.empty(0, dtype=complex), np.empty(0), np.empty(0)).shape == (4, 0)
    lonely = Views(atoms, np.array([5.0]), np.array([1.0]))
    assert not lonely.near.size
    expected = leak_below(lonely.each()[0], 0.7)
    np.testing.assert_allclose(leak_below_each(lonely, np.array([0.7]))[:, 0], expected, rtol=1e-13)


def test_the_arc_of_a_row_is_that_of_each():
    many = Right.of(RADIUS[:, None], ANGLE[:, None])
    np.testing.assert_allclose(many.w[2], Right.of(float(RADIUS[2]), float(ANGLE[2])).w, rtol=1e-15)
