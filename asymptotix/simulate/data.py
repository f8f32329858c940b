"""Seeded teachers and data sets, whole or in chunks.

A data set is a list of chunks, and every chunk is drawn from its own child of one
`numpy.random.SeedSequence`. Two things follow. A data set that does not fit in memory is drawn again at
each pass, number for number the same as the one that does; and the data set of ``n`` samples is the
beginning of the one of ``n' > n`` samples, so that a curve in ``n`` is a curve along growing data.
The chunks do not depend on the noise level or the penalty either.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np
from numpy.random import Generator, SeedSequence

from asymptotix.arrays import Array
from asymptotix.errors import InvalidInput
from asymptotix.networks.base import Network
from asymptotix.problem import Problem
from asymptotix.validate import one_of

CHUNK_ENTRIES = 2**20
"""Numbers in a chunk of inputs: 8 MB, small enough to stay near the processor's caches."""

DEFAULT_MEMORY = 4e9
"""Bytes that the inputs of one data set may take before streaming is asked for."""

_AR_CORRELATION = 0.5  # strong enough to see: neighbours two apart still share a quarter
_STUDENT_DEGREES = 5.0  # the fewest whole ones with a fourth moment
_STUDENT_DEVIATION = (_STUDENT_DEGREES / (_STUDENT_DEGREES - 2.0)) ** 0.5


def _ar1(rng: Generator, rows: int, d: int) -> Array:
    x = rng.standard_normal((rows, d))
    x[:, 1:] *= np.sqrt(1.0 - _AR_CORRELATION**2)
    for j in range(1, d):
        x[:, j] += _AR_CORRELATION * x[:, j - 1]
    return x


GOE = "goe"
"""Not a law of inputs but of features: the Gaussian model that universality replaces ``(xx'-I)/sqrt(d)`` by."""


def _goe(rng: Generator, rows: int, d: int) -> Array:
    """Symmetric matrices, flattened: variance ``1/d`` off the diagonal and ``2/d`` on it."""
    g = rng.standard_normal((rows, d, d)) / np.sqrt(2.0 * d)
    return np.asarray((g + g.transpose(0, 2, 1)).reshape(rows, d * d))


INPUTS: dict[str, Callable[[Generator, int, int], Array]] = {
    "gaussian": lambda rng, rows, d: rng.standard_normal((rows, d)),
    "rademacher": lambda rng, rows, d: np.asarray(2.0 * rng.integers(0, 2, size=(rows, d)) - 1.0),
    "uniform": lambda rng, rows, d: rng.uniform(-(3.0**0.5), 3.0**0.5, size=(rows, d)),
    "student": lambda rng, rows, d: rng.standard_t(_STUDENT_DEGREES, size=(rows, d)) / _STUDENT_DEVIATION,
    "ar1": _ar1,
    GOE: _goe,
}
"""Laws of the inputs; every coordinate has mean 0 and variance 1.

``student`` has 5 degrees of freedom; ``ar1`` is a Gaussian row with correlations ``0.5**|i-j|``, the only law
whose coordinates are dependent. ``goe`` is a control for the quadratic networks: their features
``(x x' - I)/sqrt(d)`` are replaced by Gaussian symmetric matrices of the same covariance, with ``d^2`` numbers
a sample.
"""


def _pairs(net: Network) -> bool:
    return net.simulation is not None and bool(net.supply("simulation").pairs)


@dataclass(frozen=True, eq=False)
class DataSet:
    """``n`` labelled samples of a teacher.

    Attributes:
        problem: whose network's prediction made the labels, plus its noise.
        weights: the teacher: ``theta`` (d,) with ``||theta||^2 = d``, or ``S`` (d, d), perhaps of fewer rows, with
            ``||S||_F^2 = d``.
        inputs: a key of `INPUTS`.
        sequence: the seed of this data set.
        streamed: draw the inputs again at each pass instead of keeping them.
        scale: standard deviations of the inputs, where they differ; the weights are then not whitened.
        rows: measured inputs of unit variance to choose samples from, instead of a law.
    """

    problem: Problem
    weights: Array = field(repr=False)
    inputs: str
    sequence: SeedSequence = field(repr=False)
    streamed: bool
    scale: Array | None = field(default=None, repr=False)
    rows: Array | None = field(default=None, repr=False)

    @property
    def net(self) -> Network:
        """The record of the network."""
        return self.problem.net

    @property
    def n(self) -> int:
        """Number of samples."""
        return int(self.problem.n)

    @property
    def d(self) -> int:
        """Number of dimensions."""
        return self.problem.d

    @property
    def rows_per_chunk(self) -> int:
        """Samples in every chunk but the last."""
        return max(1, CHUNK_ENTRIES // self.columns)

    @property
    def columns(self) -> int:
        """Numbers that describe one sample: ``d``, those of two vectors, or ``d^2`` for `GOE` features."""
        if self.inputs == GOE:
            return int(self.weights.size)
        return int(sum(self.weights.shape)) if self.pairs else self.d

    @property
    def pairs(self) -> bool:
        """Whether a sample is two vectors."""
        return _pairs(self.net)

    def chunks(self) -> Iterator[tuple[slice, Array]]:
        """Yield ``(rows, X[rows])`` over the whole data set, in order."""
        for j, rows in enumerate(self._slices()):
            yield rows, self._draw_chunk(j, rows) if self.streamed else self.matrix[rows]

    @cached_property
    def matrix(self) -> Array:
        """All inputs at once, (n, columns)."""
        if self.rows is not None:
            chosen = self.rows[self._rng(0, 0).permutation(len(self.rows))[: self.n]]
            return chosen if self.scale is None else chosen * self.scale
        x = np.empty((self.n, self.columns))
        for j, rows in enumerate(self._slices()):
            x[rows] = self._draw_chunk(j, rows)
        return x

    @cached_property
    def labels(self) -> Array:
        """``y = prediction + sqrt(noise) xi``, (n,)."""
        signal = predict(self, self.weights)
        xi = np.empty(self.n)
        for j, rows in enumerate(self._slices()):
            xi[rows] = self._rng(j, 1).standard_normal(rows.stop - rows.start)
        return np.asarray(signal + float(self.problem.noise) ** 0.5 * xi)

    def error(self, weights: Array) -> float:
        """``||weights - teacher||^2 / d``, the unit of every risk in this package; whitened on unequal inputs."""
        off = weights - self.weights
        if self.scale is not None:
            off = off * (self.scale if off.ndim == 1 else np.outer(self.scale, self.scale))
        return float(np.sum(off**2) / self.d)

    @cached_property
    def center(self) -> Array:
        """Diagonal of the inputs' covariance, the mean of ``x x'``, (d,)."""
        return np.ones(self.d) if self.scale is None else self.scale**2

    def _slices(self) -> Iterator[slice]:
        step = self.rows_per_chunk
        return (slice(i, min(i + step, self.n)) for i in range(0, self.n, step))

    def _rng(self, chunk: int, what: int) -> Generator:
        key = (*self.sequence.spawn_key, 1 + what, chunk)
        return np.random.default_rng(SeedSequence(self.sequence.entropy, spawn_key=key))

    def _draw_chunk(self, chunk: int, rows: slice) -> Array:
        # Row after row: a chunk that n cuts short is the beginning of the whole one.
        rng, samples = self._rng(chunk, 0), rows.stop - rows.start
        if self.pairs and self.inputs == GOE:  # matrices without symmetry, of variance 1/d
            x = np.asarray(rng.standard_normal((samples, self.columns)) / np.sqrt(self.d))
        else:
            x = INPUTS[self.inputs](rng, samples, self.columns if self.pairs else self.d)
        if self.scale is None:
            return x
        if self.inputs == GOE:
            return np.asarray(x * np.outer(self.scale, self.scale).ravel())
        return np.asarray(x * (np.tile(self.scale, 2) if self.pairs else self.scale))


def predict(data: DataSet, weights: Array) -> Array:
    """Predictions ``A(w)`` of ``theta`` (d,) or of a matrix ``S`` on every sample, (n,).

    ``theta.x / sqrt(d)``, ``Tr S (x x' - C) / sqrt(d)``, ``C`` the covariance of the inputs, or, with two vectors,
    ``x'' S x / sqrt(d)``; products of inputs are never formed.
    """
    out, m, root = np.empty(data.n), len(weights), np.sqrt(data.d)
    for rows, x in data.chunks():
        if data.inputs == GOE:
            out[rows] = x @ weights.ravel()
        elif weights.ndim == 1:
            out[rows] = x @ weights / root
        elif data.pairs:
            out[rows] = np.einsum("ij,ij->i", x[:, :m] @ weights, x[:, m:]) / root
        else:
            out[rows] = (np.einsum("ij,ij->i", x @ weights, x) - np.diag(weights) @ data.center) / root
    return out


def adjoint(data: DataSet, r: Array) -> Array:
    """The adjoint ``A*(r)`` of `predict`, of the shape of the weights."""
    out, m = np.zeros(data.weights.shape), len(data.weights)
    for rows, x in data.chunks():
        if data.inputs == GOE:
            out += (r[rows] @ x).reshape(out.shape)
        elif out.ndim == 1:
            out += x.T @ r[rows]
        elif data.pairs:
            out += x[:, :m].T @ (x[:, m:] * r[rows, None])
        else:
            out += x.T @ (x * r[rows, None])
    if data.inputs == GOE:
        return out
    if out.ndim == 2 and not data.pairs:
        out = (out + out.T) / 2.0 - np.diag(r.sum() * data.center)
    return np.asarray(out / np.sqrt(data.d))


def haar_rotation(rng: Generator, d: int) -> Array:
    """A uniformly random orthogonal matrix: QR of a Gaussian matrix with the signs of R taken out."""
    q, r = np.linalg.qr(rng.standard_normal((d, d)))
    return np.asarray(q * np.sign(np.diag(r)))


def draw_teacher(problem: Problem, rng: Generator, *, rotate: bool = True) -> Array:
    """The teacher's weights: ``sqrt(d) a`` (diagonal) or ``sqrt(d) O diag(a) O'`` (matrices; two rotations
    where there is no symmetry).

    Args:
        rotate: draw ``O`` at random. With Gaussian inputs ``O = I`` gives the same law of the error; with
            other inputs it does not (Rademacher inputs see nothing of a diagonal ``S``). On inputs of unequal
            variance the teacher is diagonal where they are.
    """
    scaled = np.asarray(problem.d**0.5 * problem.spectrum.values(), dtype=np.float64)
    if problem.net.is_sequence:
        return scaled
    if not rotate or problem.inputs is not None:
        return np.asarray(np.diag(scaled) @ np.eye(problem.features, problem.d))
    o = haar_rotation(rng, problem.features)
    if _pairs(problem.net):
        return np.asarray((o * scaled) @ haar_rotation(rng, problem.d)[: problem.features])
    s = (o * scaled) @ o.T
    return np.asarray((s + s.T) / 2.0)


def draw(
    problem: Problem,
    sequence: SeedSequence,
    *,
    inputs: str = "gaussian",
    rotate: bool = True,
    streamed: bool = False,
    memory: float = DEFAULT_MEMORY,
    rows: Array | None = None,
) -> DataSet:
    """Draw the teacher and describe the data set (inputs and labels are drawn when first used).

    Args:
        problem: network, teacher, ``d``, ``n`` (a positive integer here) and noise.
        sequence: seed; children of one `SeedSequence` give independent data sets.
        inputs: a key of `INPUTS`.
        rotate: see `draw_teacher`.
        streamed: never keep more than one chunk of inputs.
        memory: bytes that the inputs may take when they are kept.
        rows: choose samples from these (`asymptotix.simulate.real_rows`) instead of drawing them.

    Raises:
        InvalidInput: ``n`` is no integer, the input law is unknown, or the inputs exceed ``memory``.

    Examples:
        >>> p = Problem("diagonal", gamma=1, d=20, n=50, lam=1, noise=0)
        >>> data = draw(p, SeedSequence(7))
        >>> data.matrix.shape, bool(np.allclose(data.labels, data.matrix @ data.weights / 20**0.5))
        ((50, 20), True)
        >>> more = draw(p.replace(n=80), SeedSequence(7), streamed=True)
        >>> bool((more.matrix[:50] == data.matrix).all())
        True
    """
    check_sizes(problem, inputs=inputs, streamed=streamed, memory=memory, rows=rows)
    key = (*sequence.spawn_key, 0)
    rng = np.random.default_rng(SeedSequence(sequence.entropy, spawn_key=key))
    weights = draw_teacher(problem, rng, rotate=rotate)
    scale = None if problem.inputs is None else np.sqrt(problem.inputs.variances(problem.d))
    if scale is not None:
        weights = weights / (scale if weights.ndim == 1 else np.outer(scale, scale))
    return DataSet(problem, weights, inputs, sequence, streamed, scale, rows)


# No machine draws more numbers than this.
_MOST = 10**18


def check_sizes(
    problem: Problem, *, inputs: str, streamed: bool, memory: float, rows: Array | None = None
) -> None:
    """Raise `InvalidInput` for data that cannot be drawn: say so before anything is computed."""
    if rows is not None:
        if _pairs(problem.net):
            raise InvalidInput("inputs_from", problem.network, "a network whose sample is one vector")
        _check_rows(problem, rows, streamed)
    else:
        one_of("inputs", inputs, INPUTS)
    if problem.n != int(problem.n) or problem.n < 1:
        raise InvalidInput("n", problem.n, "a positive integer number of samples for a simulation")
    size, number = max(("n", problem.n), ("d", problem.d), key=lambda named: named[1])
    if number > _MOST:
        raise InvalidInput(size, number, "a size that can be simulated")
    sizes = {
        "d": 8.0 * problem.d * (1 if problem.net.is_sequence else 4 * problem.d),
        "n": 8.0 * 4 * problem.n,
    }
    needed, available = sum(sizes.values()), f"{memory / 1e9:.3g} GB"
    if needed > memory:
        size = max(sizes, key=lambda name: sizes[name])
        allowed = f"a size whose weights and labels fit in {available}: this needs {needed / 1e9:.3g} GB"
        raise InvalidInput(size, getattr(problem, size), allowed)
    if inputs == GOE and problem.net.is_sequence:
        raise InvalidInput("inputs", inputs, "a law of vectors: goe is for the quadratic networks")
    needed = 8.0 * float(problem.n) * problem.d * (problem.d if inputs == GOE else 1)
    if needed > memory and not streamed:
        allowed = f"n x d inputs within {available}: this needs {needed / 1e9:.3g} GB; "
        allowed += "pass streamed=True to draw them again, chunk by chunk, at each pass"
        raise InvalidInput("n", int(problem.n), allowed)


def _check_rows(problem: Problem, rows: Array, streamed: bool) -> None:
    if rows.shape[1] != problem.d:
        raise InvalidInput("d", problem.d, f"the number of columns of the inputs, {rows.shape[1]}")
    if problem.n > len(rows):
        raise InvalidInput("n", problem.n, f"at most the {len(rows)} rows of the inputs")
    if streamed:
        raise InvalidInput("streamed", streamed, "inputs that are drawn: measured rows are in memory")
