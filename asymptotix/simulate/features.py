"""The quadratic network's features ``(x x' - C)/sqrt(d)`` as a linear operator, and spectral thresholds.

``A(S)_mu = Tr S (x_mu x_mu' - C)/sqrt(d)`` and ``A*(r) = (X' diag(r) X - (sum r) C)/sqrt(d)``, with ``C`` the diagonal
covariance of the inputs, the identity where their variances are equal. The features are of rank one (up to ``C``), so
both are matrix products over chunks of ``X``: ``2 n d k`` operations for ``A`` at rank ``k``, ``2 n d^2`` for ``A*``.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from asymptotix.arrays import Array
from asymptotix.simulate.data import GOE, DataSet, adjoint, predict

Single = NDArray[np.float32]

# A quarter of what a data set may take (`asymptotix.simulate.data.DEFAULT_MEMORY`).
_KEPT_BYTES = 1e9


@dataclass(frozen=True, eq=False)
class LowRank:
    """``S = vectors diag(values) vectors'``: orthonormal ``vectors`` (d, k), ``values`` (k,)."""

    vectors: Array
    values: Array

    @classmethod
    def of(cls, vectors: Array, values: Array) -> LowRank:
        """Without the directions of value zero."""
        return cls(np.ascontiguousarray(vectors[:, values != 0.0]), values[values != 0.0])

    @property
    def matrix(self) -> Array:
        """``S`` as a (d, d) array."""
        return np.asarray((self.vectors * self.values) @ self.vectors.T)

    @property
    def nuclear_norm(self) -> float:
        """Sum of the absolute eigenvalues."""
        return float(np.abs(self.values).sum())


def soft(values: Array, threshold: float, *, two_sided: bool) -> Array:
    """Soft threshold of eigenvalues: ``(z - t)_+``, or ``sign(z) (|z| - t)_+`` when ``two_sided``.

    >>> soft(np.array([-3.0, 1.0, 3.0]), 2.0, two_sided=True).tolist()
    [-1.0, 0.0, 1.0]
    >>> soft(np.array([-3.0, 1.0, 3.0]), 2.0, two_sided=False).tolist()
    [0.0, 0.0, 1.0]
    """
    above = np.maximum(values - threshold, 0.0)
    return above - np.maximum(-values - threshold, 0.0) if two_sided else above


def threshold_derivative(values: Array, thresholded: Array) -> Array:
    """Divided differences ``(p_i - p_j)/(z_i - z_j)``: a spectral function's derivative in its eigenbasis.

    A matrix function ``Z = Q z Q' -> Q p(z) Q'`` has derivative ``dZ -> Q (Omega o (Q' dZ Q)) Q'`` with this
    ``Omega``; on ties it is ``p'``, which is 1 where ``p != 0`` and 0 elsewhere [Daleckii, Krein].
    """
    dz = values[:, None] - values[None, :]
    dp = thresholded[:, None] - thresholded[None, :]
    active = thresholded != 0.0
    ties = np.abs(dz) <= 1e-12 * np.abs(values).max(initial=0.0)
    slope = np.where(active[:, None] & active[None, :], 1.0, 0.0)
    return np.where(ties, slope, np.clip(dp / np.where(ties, 1.0, dz), 0.0, 1.0))


class Features:
    """The operator ``A`` of one data set and its adjoint, whatever its samples are."""

    def __init__(self, data: DataSet) -> None:
        self.data = data

    def apply(self, s: Any) -> Array:
        """``A(S)``, (n,)."""
        return predict(self.data, s.matrix)

    def apply_product(self, left: Array, right: Array) -> Array:
        """``A(left right' + right left')`` for (d, k) factors, (n,)."""
        product = left @ right.T
        return predict(self.data, product + product.T)

    def adjoint(self, r: Array) -> Array:
        """``A*(r)``, of the shape of ``S``."""
        return adjoint(self.data, r)

    def gauss_newton(self, v: Array) -> Callable[[Array], Array]:
        """The map ``c -> A*(A(v c' + c v')) v``."""
        return lambda c: np.asarray(self.adjoint(self.apply_product(v, c)) @ v)


class RankOneFeatures(Features):
    """``(x x' - C)/sqrt(d)``, by products of the inputs."""

    def apply(self, s: LowRank) -> Array:
        out = np.full(self.data.n, -float(self.data.center @ (s.vectors**2 @ s.values)))
        if s.values.size:
            for rows, x in self.data.chunks():
                projected = x @ s.vectors
                out[rows] += np.square(projected, out=projected) @ s.values
        return np.asarray(out / np.sqrt(self.data.d))

    def apply_product(self, left: Array, right: Array) -> Array:
        out = np.full(self.data.n, -2.0 * float(self.data.center @ np.sum(left * right, axis=1)))
        for rows, x in self.data.chunks():
            out[rows] += 2.0 * np.einsum("ij,ij->i", x @ left, x @ right)
        return np.asarray(out / np.sqrt(self.data.d))

    def gauss_newton(self, v: Array) -> Callable[[Array], Array]:
        """The map ``c -> A*(A(v c' + c v')) v``, one pass over the data.

        In single precision, which is twice as fast and as good as the inexact Newton steps need; what a fit is
        judged by never is. ``X`` and ``X v`` are kept when they are small.
        """
        small = not self.data.streamed and 4.0 * self.data.n * (self.data.d + v.shape[1]) <= _KEPT_BYTES
        left, centred = v.astype(np.float32), self.data.center[:, None] * v
        kept = list(self._single(left)) if small else None

        def product(c: Array) -> Array:
            out = np.zeros_like(v)
            total = 0.0
            trace = 2.0 * float(np.sum(centred * c))
            right = c.astype(np.float32)
            for x, xv in self._single(left) if kept is None else kept:
                r = (2.0 * np.einsum("ij,ij->i", xv, x @ right) - trace).astype(np.float32)
                total += float(r.sum(dtype=np.float64))
                out += x.T @ (xv * r[:, None])
            return np.asarray((out - total * centred) / self.data.d)

        return product

    def _single(self, v: Single) -> Iterator[tuple[Single, Single]]:
        for _, chunk in self.data.chunks():
            x = chunk.astype(np.float32)
            yield x, np.asarray(x @ v)


def features_of(data: DataSet) -> Features:
    """The operator ``A`` of a data set."""
    return Features(data) if data.inputs == GOE or data.pairs else RankOneFeatures(data)
