"""The actual networks: products of factors, their training objective and its gradient.

diagonal    ``theta = u * w``; objective ``1/2 ||y - A theta||^2 + (lam/2)(||u||^2 + ||w||^2)``. The least
            ``(u^2 + w^2)/2`` with ``u w = theta`` is ``|theta|``: weight decay is the l1 penalty.
nonnegative ``theta = u * u``; objective ``1/2 ||y - A theta||^2 + lam ||u||^2``: both layers are one.
quadratic   ``S = W'W / sqrt(p d)``, ``W`` (p, d); objective ``||y - A(S)||^2 + lam sqrt(d/p) ||W||_F^2``.
            ``||W||_F^2 = sqrt(p d) Tr S``, so this is ``lam d Tr S`` exactly, at any width.
symmetric   ``S = W' diag(s) W / sqrt(p d)`` with output signs ``s = +1`` for the first half of the neurons
            and ``-1`` for the others; the least ``||W||_F^2`` for a given ``S`` is ``sqrt(p d) ||S||_*``.

The factored objective is never below the convex one at the same weights, and reaches it when the width is
no obstacle (``p >= d``; ``p/2 >= d`` for symmetric). So the convex dual bounds the distance of a network from
its own optimum, and ``gap`` certifies a training run without solving the convex problem.

The gradient is written once, here; every optimiser uses it.
"""

from __future__ import annotations

import math
from abc import ABC, abstractmethod
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

from asymptotix.arrays import Array
from asymptotix.errors import InvalidInput, NotSupplied
from asymptotix.simulate.certificate import Convex, relative_gap
from asymptotix.simulate.data import GOE, DataSet, adjoint, predict
from asymptotix.simulate.lasso import design
from asymptotix.validate import count, one_of

Floats = NDArray[np.floating]


@dataclass(frozen=True, eq=False)
class Evaluation:
    """The objective at some parameters, its gradient, and the sum of squared residuals."""

    objective: float
    gradient: Floats
    squared_residuals: float


class Factors(ABC):
    """A factored network on one data set; parameters are one flat vector of ``dtype``."""

    size: int

    def __init__(self, data: DataSet, lam: float, dtype: str) -> None:
        one_of("dtype", dtype, ("float32", "float64"))
        self.data = data
        self.lam = lam
        self.dtype = np.dtype(dtype)
        self.convex = Convex(data.net, data.d, lam)

    def units(self, width: int) -> int:
        """The number of hidden units of a network whose inputs are vectors."""
        if self.data.inputs == GOE:
            raise InvalidInput("inputs", GOE, "a law of vectors: a network cannot be fed matrices")
        count("width", width)
        return width

    def start(self, rng: Generator, scale: float) -> Floats:
        """Small random parameters, standard deviation ``scale``."""
        return (scale * rng.standard_normal(self.size)).astype(self.dtype)

    def informed(self, rng: Generator, scale: float) -> Floats:
        """Parameters near the best that the network can express of its teacher.

        Raises:
            NotSupplied: the network does not know how to express its teacher.
        """
        raise NotSupplied(self.data.net.name, "start from its teacher")

    @abstractmethod
    def evaluate(self, parameters: Floats) -> Evaluation:
        """Objective and gradient, one pass over the data."""

    @abstractmethod
    def weights(self, parameters: Floats) -> Array:
        """``theta`` or ``S``, in double precision."""

    def bound(self, parameters: Floats) -> float:
        """Lower bound on the convex minimum from the residuals at ``parameters``."""
        r = self.data.labels - predict(self.data, self.weights(parameters))
        return self.convex.bound(r, self.data.labels, adjoint(self.data, r))

    @abstractmethod
    def curvature(self) -> float:
        """Rough upper estimate of the curvature along training; ``1/curvature`` is a safe step."""

    def gap(self, parameters: Floats, objective: float) -> float:
        """Relative distance of ``objective`` from the convex minimum, at most; nan for ``lam = 0``."""
        return relative_gap(objective, self.bound(parameters)) if self.lam > 0.0 else math.nan


class DiagonalNetwork(Factors):
    """``theta = u_1 ... u_L``; the parameters are ``(u_1, ..., u_L)``, one coefficient a feature in each."""

    def __init__(self, data: DataSet, lam: float, dtype: str = "float64", width: int | None = None) -> None:
        super().__init__(data, lam, dtype)
        if width not in (None, data.d):
            raise InvalidInput(
                "width", width, f"the dimension {data.d}: a diagonal network has one unit a feature"
            )
        self.layers = data.problem.depth
        self.size = self.layers * data.d
        self.design = design(data)
        self._matrix = self.design.matrix.astype(self.dtype)
        self._target = self.design.target.astype(self.dtype)

    def evaluate(self, parameters: Floats) -> Evaluation:
        u = parameters.reshape(self.layers, -1)
        residual = self._target - self._matrix @ u.prod(axis=0)
        slope = -(self._matrix.T @ residual)
        others = np.stack([u[:k].prod(axis=0) * u[k + 1 :].prod(axis=0) for k in range(self.layers)])
        strength = self.lam / self.layers
        gradient = (slope * others + 2.0 * strength * u).astype(self.dtype).ravel()
        loss = 0.5 * float(residual @ residual) + self.design.constant
        return Evaluation(loss + strength * float(parameters @ parameters), gradient, 2.0 * loss)

    def weights(self, parameters: Floats) -> Array:
        return np.asarray(parameters.astype(np.float64).reshape(self.layers, -1).prod(axis=0))

    def bound(self, parameters: Floats) -> float:
        r = self.design.residual(self.weights(parameters))
        return self.convex.bound(r, self.design.target, self.design.matrix.T @ r) + self.design.constant

    def curvature(self) -> float:
        pull = np.abs(self.design.matrix.T @ self.design.target)
        largest = np.linalg.norm(self.design.matrix, 2) ** 2
        reached = float(pull.max()) * self.data.d / self.data.n
        return float(2.0 * largest * reached + pull.max() + self.lam)


class SquaredNetwork(DiagonalNetwork):
    """``theta = u^2``, coefficient by coefficient; the parameters are ``u``, and their squared norm is that of l1."""

    def __init__(self, data: DataSet, lam: float, dtype: str = "float64", width: int | None = None) -> None:
        super().__init__(data, lam, dtype, width)
        self.size = data.d

    def evaluate(self, parameters: Floats) -> Evaluation:
        residual = self._target - self._matrix @ np.square(parameters)
        gradient = (2.0 * parameters * (self.lam - self._matrix.T @ residual)).astype(self.dtype)
        loss = 0.5 * float(residual @ residual) + self.design.constant
        return Evaluation(loss + self.lam * float(parameters @ parameters), gradient, 2.0 * loss)

    def weights(self, parameters: Floats) -> Array:
        return np.square(parameters.astype(np.float64))


class QuadraticNetwork(Factors):
    """``S = W' diag(s) W / sqrt(p d)``; the parameters are ``W`` (p, d), row by row."""

    def __init__(self, data: DataSet, lam: float, dtype: str = "float64", width: int | None = None) -> None:
        super().__init__(data, lam, dtype)
        symmetric = data.net.sides == 2
        width = self.units((2 * data.d if symmetric else data.d) if width is None else width)
        if symmetric and width % 2:
            raise InvalidInput("width", width, "an even integer: half of the neurons count negatively")
        self.width = width
        self.size = width * data.d
        self.signs = np.ones(width, dtype=self.dtype)
        if symmetric:
            self.signs[width // 2 :] = -1.0
        self.norm = math.sqrt(width * data.d)
        self.decay = lam * math.sqrt(data.d / width)
        self._kept = None if data.streamed else data.matrix.astype(self.dtype, copy=False)

    def _chunks(self) -> Iterator[tuple[slice, Floats]]:
        for rows, x in self.data.chunks() if self._kept is None else self._views():
            yield rows, x.astype(self.dtype, copy=False)

    def _views(self) -> Iterator[tuple[slice, Floats]]:
        step = self.data.rows_per_chunk
        assert self._kept is not None
        return ((slice(i, i + step), self._kept[i : i + step]) for i in range(0, self.data.n, step))

    def evaluate(self, parameters: Floats) -> Evaluation:
        w = parameters.reshape(self.width, self.data.d)
        s = (w.T * self.signs) @ w / self.norm
        squares, adjoint = self._residual_pass(s)
        slope = (self.signs[:, None] * w) @ (-4.0 * adjoint) / self.norm
        return self._evaluation(w, squares, slope)

    def _evaluation(self, w: Floats, squares: float, slope: Floats) -> Evaluation:
        """With the weight decay's part of objective and gradient."""
        gradient = (slope + 2.0 * self.decay * w).astype(self.dtype).ravel()
        decay = self.decay * float(np.sum(np.square(w), dtype=np.float64))
        return Evaluation(squares + decay, gradient, squares)

    def _residual_pass(self, s: Floats) -> tuple[float, Floats]:
        """Sum of squared residuals and ``A*(r)``, in one pass over the data."""
        root = math.sqrt(self.data.d)
        center = self.data.center.astype(self.dtype)
        trace = np.diag(s) @ center
        squares, total = 0.0, 0.0
        adjoint = np.zeros((self.data.d, self.data.d), dtype=self.dtype)
        for rows, x in self._chunks():
            predictions = (np.einsum("ij,ij->i", x @ s, x) - trace) / root
            r = (self.data.labels[rows] - predictions).astype(self.dtype)
            squares += float(r @ r)
            total += float(r.sum(dtype=np.float64))
            adjoint += x.T @ (x * r[:, None])
        adjoint[np.diag_indices_from(adjoint)] -= self.dtype.type(total) * center
        return squares, adjoint / self.dtype.type(root)

    def weights(self, parameters: Floats) -> Array:
        w = parameters.astype(np.float64).reshape(self.width, self.data.d)
        return np.asarray((w.T * self.signs.astype(np.float64)) @ w / self.norm)

    def curvature(self) -> float:
        d, n = self.data.d, self.data.n
        _, pull = self._residual_pass(np.zeros((d, d), dtype=self.dtype))
        strength = float(np.abs(np.linalg.eigvalsh(pull.astype(np.float64))).max())
        hessian = 4.0 * d * (1.0 + math.sqrt(2.0 * n) / d) ** 2
        reached = strength * d / (2.0 * n)
        return (4.0 * hessian * reached + 4.0 * strength) / self.norm + 2.0 * self.decay


class NarrowNetwork(QuadraticNetwork):
    """The same with fewer hidden units than the convex minimiser may need: its minimum lies above the convex one.

    Where it does not, the gap certifies that as for a wide network; elsewhere there is none, and a run has converged
    where the gradient vanishes.
    """

    def __init__(self, data: DataSet, lam: float, dtype: str = "float64", width: int | None = None) -> None:
        super().__init__(data, lam, dtype, data.problem.width if width is None else width)

    def informed(self, rng: Generator, scale: float) -> Floats:
        """The largest of the teacher's eigenvalues that its units of each sign can hold, and noise as at random."""
        values, vectors = np.linalg.eigh(self.data.weights)
        w = np.zeros((self.width, self.data.d))
        for sign in (1.0, -1.0):
            units = np.flatnonzero(self.signs == sign)
            kept = np.argsort(sign * values)[::-1][: units.size]
            w[units] = np.sqrt(np.maximum(sign * values[kept], 0.0) * self.norm)[:, None] * vectors[:, kept].T
        return w.astype(self.dtype).ravel() + self.start(rng, scale)

    def evaluate(self, parameters: Floats) -> Evaluation:
        """Through the units' preactivations: ``n d p`` operations where the matrix ``S`` would take ``n d^2``."""
        w = parameters.reshape(self.width, self.data.d)
        root = math.sqrt(self.data.d)
        trace = float(self.signs @ np.sum(np.square(w), axis=1)) / self.norm
        squares, total, slope = 0.0, 0.0, np.zeros_like(w)
        for rows, x in self._chunks():
            h = x @ w.T
            predictions = (np.square(h) @ self.signs / self.norm - trace) / root
            r = (self.data.labels[rows] - predictions).astype(self.dtype)
            squares += float(r @ r)
            total += float(r.sum(dtype=np.float64))
            slope += (h * r[:, None]).T @ x
        slope = self.signs[:, None] * (slope - total * w) * (-4.0 / (root * self.norm))
        return self._evaluation(w, squares, slope)

    def gap(self, parameters: Floats, objective: float) -> float:
        found = super().gap(parameters, objective)
        return found if found <= _REACHED else math.nan


# A relative gap as small as that of a trained wide network: width has not been in the way.
_REACHED = 1e-6


def build(data: DataSet, lam: float, *, width: int | None = None, dtype: str = "float64") -> Factors:
    """The factored network of a data set.

    >>> from asymptotix.problem import Problem
    >>> from asymptotix.simulate.data import draw
    >>> p = Problem("quadratic", gamma=1, d=10, n=50, lam=1, noise=0.1)
    >>> build(draw(p, np.random.SeedSequence(0)), p.lam, width=15).size
    150
    """
    factors = data.net.supply("simulation").factors
    if factors is None:
        raise NotSupplied(data.net.name, "layers: train its convex problem by erm")
    made: Factors = factors(data, lam, dtype, width)
    return made
