"""The quadratic network's error at finite ``d``: Gordon's auxiliary problem, solved on random matrices.

For Gaussian features the network's problem has the same minimisers, in the limit, as a far smaller random one [Gordon
1988; Thrampoulidis, Oymak, Hassibi 2015]: with ``D = S - S*``, a GOE matrix ``W`` (variance ``1/d`` off the diagonal),
a length ``g`` (``n`` normal variables') and a normal ``h``,

    min over S >= 0   ( (2 R + Delta)^(1/2) g - Tr W D - h Delta^(1/2) )^2 + lam d Tr S,       R = ||D||^2/d,

whose minimiser is ``S = (S* + delta W - eps)_+`` with

    4 (g/d)^2 delta^2 = 2 R + Delta,        lam = 2 eps ( 2 (g/d)^2 - Tr W D/(d delta) - h Delta^(1/2)/(d delta) ):

the state evolution's two equations before ``d`` goes to infinity. Averaged over ``W`` they know how a matrix of this
very size differs from its limit, to first order in ``1/d``. Two corrections go with them.

*Fluctuations.* Gordon's process is the original one plus an independent normal variable of variance 1 that lengthens
``g``. Half of it is the fluctuation of ``g``, left out; the other half is taken back: the mean ``f`` of the error over
``W`` and ``h`` at length ``g`` becomes ``f - f''/4`` (the heat equation backwards).

*The network's own features* ``(x x' - I)/sqrt(d)``. Where a sample's residual ``Tr D (x x' - I)`` is large, ``x`` lies
along ``D``, and so do its features: the noise they make in entry ``ij`` has variance

    E (Tr D (xx' - I))^2 x_i^2 x_j^2 = 2 ||D||^2 + 8 ((D^2)_ii + (D^2)_jj + D_ii D_jj + 2 D_ij^2)

instead of the first term (Wick; independent samples). Since ``D_ii^2`` of a learned direction is of order ``eps^2`` and
``2 R + Delta`` of order ``n_eff delta^2/d``, that is a fraction of order ``1/n_eff`` whatever ``d``. Where samples
barely determine the weights, residuals are not those of a matrix that knows nothing of the sample, and this fails
(`applies`).

Nothing in `predict` is fitted, and it shares nothing with `asymptotix.state_evolution`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from asymptotix.arrays import Array
from asymptotix.errors import NotConverged
from asymptotix.experiments.measurements import Measured
from asymptotix.problem import Problem
from asymptotix.simulate.data import GOE
from asymptotix.simulate.runs import problem_dict
from asymptotix.state_evolution import solve
from asymptotix.store import Store

# The noise of own features is found from the deviations it makes: the second round changes it by order 1/d^2.
_ROUNDS = 2
# Of the Illinois rule, until the error is known to less than matrices scatter; 40 halvings of the threshold leave
# 1e-12 of it, 30 doublings reach 1e9 of the first guess.
_STEPS, _BISECTIONS, _DOUBLINGS = 40, 40, 30
_ACCURATE = 1e-4
_HIGHEST = 12.0  # log of a noise level that no data set of these sizes has: the problem then has no solution
#: Own features of larger ``d`` are not computed for claims and tables: eigenvectors take longer than they are worth.
LARGEST = 100
#: Numbers of matrices and their negatives: at least so many, or rows of all together, or so many a data set at d = 30.
_LEAST, _ROWS, _A_SEED, _SMALL = 4, 1200, 2, 30


@dataclass(frozen=True, eq=False)
class Draws:
    """Random matrices ``w`` (k, d, d), each with its negative, and normal ``h`` (k,)."""

    w: Array
    h: Array

    @classmethod
    def of(cls, d: int, pairs: int, seed: int) -> Draws:
        """``2 pairs`` draws."""
        rng = np.random.default_rng(seed)
        square = rng.standard_normal((pairs, d, d))
        w, h = (square + square.transpose(0, 2, 1)) / np.sqrt(2.0 * d), rng.standard_normal(pairs)
        return cls(np.concatenate([w, -w]), np.concatenate([h, -h]))


class Auxiliary:
    """The auxiliary problem of one `Problem` on many draws at once.

    Args:
        variances: of the entries of the noise (d, d), in units of those for Gaussian features.
    """

    def __init__(self, problem: Problem, draws: Draws, length: float, variances: Array) -> None:
        self.d, self.lam, self.noise = problem.d, float(problem.lam), float(problem.noise)
        self.teacher = np.asarray(problem.d**0.5 * problem.spectrum.values(), dtype=np.float64)
        self.alpha, self.h = (length / problem.d) ** 2, draws.h
        root = np.sqrt(variances)
        self.w = draws.w * root
        # Tr of this with D counts degrees of freedom, whatever the variances (Stein)
        self.dual = draws.w / root
        self.at_teacher = np.einsum("kii,i->k", self.dual, self.teacher)

    def excess(self, delta: Array) -> tuple[Array, Array, Array, Array]:
        """``4 alpha delta^2 - 2 R - Delta`` where ``eps`` fits ``delta``; ``R``; eigenvectors and eigenvalues of S."""
        z = self.w * delta[:, None, None]
        z[:, np.arange(self.d), np.arange(self.d)] += self.teacher
        values, vectors = np.linalg.eigh(z)
        along = np.einsum("kij,i->kj", vectors**2, self.teacher)
        counts = np.einsum("kij,kij->kj", vectors, self.dual @ vectors)
        learned = np.maximum(values - self._threshold(delta, values, counts)[:, None], 0.0)
        error = (np.sum(learned**2 - 2.0 * learned * along, axis=1) + self.teacher @ self.teacher) / self.d
        return 4.0 * self.alpha * delta**2 - 2.0 * error - self.noise, error, vectors, learned

    def _threshold(self, delta: Array, values: Array, counts: Array) -> Array:
        """``eps`` of the second equation by bisection; it grows with ``lam``."""

        def penalty(eps: Array) -> Array:
            learned = np.maximum(values - eps[:, None], 0.0)
            used = np.sum(learned * counts, axis=1) - self.at_teacher + self.h * np.sqrt(self.noise)
            return np.asarray(2.0 * eps * (2.0 * self.alpha - used / (self.d * delta)))

        low, high = np.zeros(len(values)), np.maximum(values[:, -1], 0.0) + self.lam / (2.0 * self.alpha)
        for _ in range(_DOUBLINGS):
            short = penalty(high) < self.lam
            if not short.any():
                break
            high = np.where(short, 2.0 * high, high)
        for _ in range(_BISECTIONS):
            middle = (low + high) / 2.0
            short = penalty(middle) < self.lam
            low, high = np.where(short, middle, low), np.where(short, high, middle)
        return np.asarray((low + high) / 2.0)

    def solve(self) -> tuple[Array, Array]:
        """Errors (k,) and deviations ``D`` (k, d, d): the root in ``log delta`` by the Illinois rule."""
        low = np.full(self.h.size, 0.5 * np.log(max(self.noise, 1e-3 / self.d) / (4.0 * self.alpha)) - 1e-3)
        high = low + np.log(2.0)
        below, above = self.excess(np.exp(low))[0], self.excess(np.exp(high))[0]
        while (above < 0.0).any():
            if high.max() > _HIGHEST:
                raise NotConverged(
                    "no effective noise solves the auxiliary problem: n is too near interpolation"
                )
            low, below = np.where(above < 0.0, high, low), np.where(above < 0.0, above, below)
            high = np.where(above < 0.0, high + np.log(2.0), high)
            above = self.excess(np.exp(high))[0]
        last = np.zeros(self.h.size)
        for _ in range(_STEPS):
            x = high - above * (high - low) / (above - below)
            f, error, vectors, learned = self.excess(np.exp(x))
            if np.max(np.abs(f) / (2.0 * error + self.noise)) < _ACCURATE:
                break
            under = f < 0.0
            above = np.where(under, np.where(last < 0.0, above / 2.0, above), f)
            below = np.where(under, f, np.where(last > 0.0, below / 2.0, below))
            low, high = np.where(under, x, low), np.where(under, high, x)
            last = np.where(under, -1.0, 1.0)
        deviation = (vectors * learned[:, None, :]) @ vectors.transpose(0, 2, 1) - np.diag(self.teacher)
        return error, deviation


def own_variances(problem: Problem, deviation: Array) -> Array:
    """Variances of the noise that the features ``x x' - I`` make, from deviations ``D`` (k, d, d); see above."""
    squares = np.mean(deviation**2, axis=0)
    rows, diagonal = squares.sum(axis=1), np.mean(np.einsum("kii->ki", deviation), axis=0)
    extra = 8.0 * (rows[:, None] + rows[None, :] + np.outer(diagonal, diagonal) + 2.0 * squares)
    # with x_i^2 - 1 instead of x_i x_j: half of 32 (D^2)_ii + 24 D_ii^2, for a diagonal entry has twice the variance
    np.fill_diagonal(extra, 16.0 * rows + 12.0 * np.diag(squares))
    return np.asarray(1.0 + extra / (2.0 * rows.sum() + problem.d * float(problem.noise)))


def predict(problem: Problem, *, own: bool, pairs: int = 32, seed: int = 0) -> tuple[float, float]:
    """The error expected at this very ``d``, and its standard error from a finite number of matrices.

    Args:
        problem: of the quadratic network, ``lam > 0``.
        own: for the network's own features instead of Gaussian ones.
        pairs: matrices, each with its negative.

    Raises:
        NotConverged: the noise of own features diverges, about interpolation (`applies`).

    Examples:
        >>> p = Problem("quadratic", gamma=1.25, d=20, n=120, lam=0.3, noise=1)
        >>> from asymptotix.state_evolution import solve
        >>> error, spread = predict(p, own=False)
        >>> solve(p).error < error, abs(error - 0.461) < 4 * (spread**2 + 0.0065**2) ** 0.5  # 128 data sets: 0.461(7)
        (True, True)
    """
    draws = Draws.of(problem.d, pairs, seed)
    n = float(problem.n)
    length = n**0.5 * (1.0 - 1.0 / (4.0 * n))
    variances = np.ones((problem.d, problem.d))
    error, deviation = Auxiliary(problem, draws, length, variances).solve()
    for _ in range(_ROUNDS if own else 0):
        variances = own_variances(problem, deviation)
        error, deviation = Auxiliary(problem, draws, length, variances).solve()
    step = min(0.5**0.5, 0.3 * length)
    shorter, longer = (
        Auxiliary(problem, draws, length + sign * step, variances).solve()[0] for sign in (-1.0, 1.0)
    )
    error = error - (shorter - 2.0 * error + longer) / (4.0 * step**2)
    means = (error[:pairs] + error[pairs:]) / 2.0
    return float(means.mean()), float(means.std(ddof=1) / np.sqrt(pairs))


def applies(point: Measured) -> bool:
    """Whether `at_this_size` predicts a point: not the own features' where samples barely determine the weights.

    There is half of the place ``n = d^2/4`` of interpolation and more, unless fewer than half of the samples are used
    up by degrees of freedom. Half was chosen by the points with d = 30; the larger ones test it.
    """
    problem = point.plan.problem
    net = problem.net
    if net.is_sequence or net.sides != 1 or not point.scatters:
        return False
    few = 8.0 * float(problem.n) <= problem.d**2
    return point.plan.inputs == GOE or few or solve(problem).dof_ratio < 0.5


def at_this_size(point: Measured, store: Store | None = None) -> Measured:
    """The point with `predict` in place of the state evolution's error; recalled if it was computed before."""
    plan = point.plan
    d, own = plan.problem.d, plan.inputs != GOE
    pairs = max(_LEAST, _ROWS // d, round(_A_SEED * plan.seeds * min(1.0, _SMALL / d)))
    key: Mapping[str, Any] = {
        "prediction": "auxiliary problem",
        **problem_dict(plan.problem),
        "own": own,
        "pairs": pairs,
        "seed": plan.seed,
    }

    def computed() -> dict[str, float]:
        error, spread = predict(plan.problem, own=own, pairs=pairs, seed=plan.seed)
        return {"error": float(f"{error:.8g}"), "stderr": float(f"{spread:.3g}")}

    found = (store or Store()).recall(key, computed)
    return replace(point, theory=found["error"], theory_error=found["stderr"])
