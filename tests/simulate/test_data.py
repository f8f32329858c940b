"""Data sets: units, moments, nesting, streaming, bad input."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.random import SeedSequence

from asymptotix.errors import InvalidInput
from asymptotix.problem import Problem
from asymptotix.simulate.data import GOE, INPUTS, draw, predict
from asymptotix.simulate.features import LowRank, features_of

DIAGONAL = Problem("diagonal", gamma=1.25, d=40, n=300, lam=1, noise=0.5)
QUADRATIC = Problem("quadratic", gamma=1.25, d=20, n=300, lam=1, noise=0.5)


@pytest.mark.parametrize("problem", [DIAGONAL, QUADRATIC])
def test_teacher_has_unit_norm_and_labels_have_the_stated_variance(problem: Problem) -> None:
    data = draw(problem.replace(n=200_000), SeedSequence(3))
    assert np.sum(data.weights**2) == pytest.approx(problem.d)
    assert data.error(np.zeros_like(data.weights)) == pytest.approx(1.0)
    signal = 1.0 if problem.network == "diagonal" else 2.0  # Var Tr S(xx' - I)/sqrt d = 2 ||S||^2/d
    assert np.var(data.labels) == pytest.approx(signal + problem.noise, rel=0.03)


def test_rotated_teacher_has_the_given_eigenvalues() -> None:
    data = draw(QUADRATIC, SeedSequence(0))
    eigenvalues = np.linalg.eigvalsh(data.weights)[::-1]
    np.testing.assert_allclose(eigenvalues, np.sqrt(20) * QUADRATIC.spectrum.values(), rtol=1e-12)
    assert abs(data.weights[0, 1]) > 1e-3
    plain = draw(QUADRATIC, SeedSequence(0), rotate=False)
    assert np.count_nonzero(plain.weights) == 20


@pytest.mark.parametrize("law", [law for law in INPUTS if law != GOE])
def test_inputs_are_standardised(law: str) -> None:
    x = draw(DIAGONAL.replace(n=50_000), SeedSequence(1), inputs=law).matrix
    assert np.abs(x.mean(axis=0)).max() < 0.03
    assert np.abs(x.var(axis=0) - 1.0).max() < 0.12  # Student-t has heavy tails
    correlation = np.mean(x[:, 3] * x[:, 5])
    assert correlation == pytest.approx(0.25 if law == "ar1" else 0.0, abs=0.03)


def test_same_seed_same_data_streamed_or_not_and_smaller_is_a_beginning() -> None:
    problem = Problem("diagonal", gamma=1, d=600, n=4000, lam=0, noise=1)  # three chunks
    whole = draw(problem, SeedSequence(5, spawn_key=(2,)))
    streamed = draw(problem, SeedSequence(5, spawn_key=(2,)), streamed=True)
    smaller = draw(problem.replace(n=2500, noise=0), SeedSequence(5, spawn_key=(2,)))
    other = draw(problem, SeedSequence(5, spawn_key=(3,)))
    assert len(list(whole.chunks())) == 3
    for (rows, x), (rows_streamed, x_streamed) in zip(whole.chunks(), streamed.chunks(), strict=True):
        assert rows == rows_streamed
        np.testing.assert_array_equal(x, x_streamed)
    np.testing.assert_array_equal(whole.labels, streamed.labels)
    np.testing.assert_array_equal(whole.matrix[:2500], smaller.matrix)
    assert abs(np.corrcoef(whole.matrix[0], other.matrix[0])[0, 1]) < 0.2


@pytest.mark.parametrize("law", INPUTS)
def test_of_any_law_fewer_samples_are_a_beginning(law: str) -> None:
    problem = QUADRATIC if law == GOE else DIAGONAL
    more, fewer = (draw(problem.replace(n=n, noise=0.5), SeedSequence(4), inputs=law) for n in (300, 77))
    np.testing.assert_array_equal(more.matrix[:77], fewer.matrix)
    noise = more.labels - predict(more, more.weights)
    np.testing.assert_allclose(noise[:77], fewer.labels - predict(fewer, fewer.weights), atol=1e-12)


def test_seeds_are_independent_of_the_global_generator() -> None:
    np.random.seed(0)  # noqa: NPY002 - the point is that it does not matter
    first = draw(DIAGONAL, SeedSequence(9)).labels
    np.random.seed(1)  # noqa: NPY002
    np.testing.assert_array_equal(first, draw(DIAGONAL, SeedSequence(9)).labels)


@pytest.mark.parametrize("law", ["gaussian", GOE])
def test_features_are_the_stated_operator_and_its_adjoint(law: str) -> None:
    data = draw(QUADRATIC, SeedSequence(0), inputs=law)
    rng = np.random.default_rng(0)
    features = features_of(data)
    if law == GOE:
        a = data.matrix.reshape(-1, 20, 20)
    else:
        a = (np.einsum("ni,nj->nij", data.matrix, data.matrix) - np.eye(20)) / np.sqrt(20)
    vectors = np.linalg.qr(rng.standard_normal((20, 3)))[0]
    s = LowRank(vectors, np.array([1.0, -2.0, 0.5]))
    c = rng.standard_normal((20, 3))
    r = rng.standard_normal(data.n)
    np.testing.assert_allclose(features.apply(s), np.einsum("nij,ij->n", a, s.matrix), atol=1e-12)
    np.testing.assert_allclose(predict(data, s.matrix), features.apply(s), atol=1e-12)
    product = vectors @ c.T + c @ vectors.T
    np.testing.assert_allclose(
        features.apply_product(vectors, c), np.einsum("nij,ij->n", a, product), atol=1e-12
    )
    adjoint = np.einsum("n,nij->ij", r, a)
    np.testing.assert_allclose(features.adjoint(r), adjoint, atol=1e-11)
    normal = np.einsum("n,nij->ij", np.einsum("nij,ij->n", a, product), a) @ vectors
    # in single precision
    np.testing.assert_allclose(features.gauss_newton(vectors)(c), normal, atol=1e-5 * np.abs(normal).max())


@pytest.mark.parametrize(
    ("changes", "options", "parameter"),
    [
        ({"n": 10.5}, {}, "n"),
        ({"n": 1e-3}, {}, "n"),
        ({"n": 10**9}, {}, "n"),
        ({"n": 10**12}, {"streamed": True}, "n"),
        ({"d": 10**60}, {}, "d"),
        ({}, {"inputs": "cauchy"}, "inputs"),
        ({}, {"inputs": "goe"}, "inputs"),
    ],
)
def test_impossible_data_is_refused_before_anything_is_drawn(
    changes: dict[str, float], options: dict[str, object], parameter: str
) -> None:
    with pytest.raises(InvalidInput) as caught:
        draw(DIAGONAL.replace(**changes), SeedSequence(0), **options)  # type: ignore[arg-type]
    assert caught.value.parameter == parameter
    assert "\n" not in str(caught.value)


def test_too_much_memory_names_the_alternative() -> None:
    with pytest.raises(InvalidInput, match=r"16 GB.*streamed=True"):
        draw(DIAGONAL.replace(d=1000, n=2_000_000), SeedSequence(0))
