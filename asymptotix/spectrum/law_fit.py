r"""The state evolution's law of the weights, fitted to measured ones.

Four numbers make the law: the teacher's decay ``gamma`` and largest feature, the effective noise ``delta`` and the
threshold over it, ``c = eps/delta``. The sizes of the weights in decreasing order are compared with those of

    diagonal    soft(a_i + delta z; eps):  counts beyond chosen levels, with the binomial law's covariance
    spectral    eigenvalues of diag(a) + delta Z for one fixed Z, lowered by eps:  sizes, with rigid fluctuations

by least squares, beside weak priors. With the number of samples known, two more facts are used: the degrees of freedom
and the risk over ``tau^2`` cannot exceed the samples. The curvature at the minimum is the fit's covariance.

Of a network of few hidden units there are no eigenvalues beyond its width: that they are gone says nothing of ``eps``.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import least_squares
from scipy.special import erfc, logsumexp

from asymptotix.arrays import Array
from asymptotix.equations import System
from asymptotix.networks import get as network_of
from asymptotix.networks.base import Response
from asymptotix.risk.decomposition import split
from asymptotix.risk.parts import Parts
from asymptotix.spectrum.noise_and_features import noise_of
from asymptotix.spectrum.training_run import Known
from asymptotix.teacher import PowerLaw

# Ordered weights that are compared.
_LEVELS = 28
# Width of the weak prior on log c; centre and width of that on the log of the largest feature over the noise.
_SHAPE_WIDTH = 2.5
_CONTRAST, _CONTRAST_WIDTH = 2.0, 2.5
# A teacher of finite norm has gamma > 1/2; beyond 4 each feature is 16 times below half its index, and one is all that
# is seen. Thresholds over noise beyond exp(+-12) are as good as none, or as infinite.
_LOW = np.array([0.52, -np.inf, -np.inf, -12.0])
_HIGH = np.array([4.0, np.inf, np.inf, 12.0])
# Rounds, as the weights of the residuals are found at the parameters of the round before; evaluations in each.
_ROUNDS, _STEPS = 2, 20
#: A fit whose deviations are, in mean square, at most so many times their fluctuations is a good one.
GOOD = 1.5
# Any number: fixed, so that the same weights get the same answer.
_SEED = 20
# Variance of a count where hardly any are expected: a Gaussian in place of Poisson's law there.
_DISCRETE = 0.1
# The spacing of eigenvalues is averaged over so many to both sides.
_WINDOW = 2
# What a cut spectrum tells is told by its spacings: those of so many eigenvalues are averaged.
_AVERAGED = 500
# No weight is trusted beyond this share of itself: training ends before its optimum.
_RELATIVE = 3e-3
# The largest standard deviation, in the fit's coordinates, of a direction that the weights leave open.
_WIDEST = 2.0
# Draws for the posterior: Student's t of so many degrees of freedom, this much wider than Laplace's approximation.
_TAILS, _INFLATED = 4.0, 1.2


@dataclass(frozen=True)
class Parameters:
    """The law's four numbers; ``largest`` is the largest feature, in units of the weights."""

    gamma: float
    largest: float
    delta: float
    c: float

    @classmethod
    def of(cls, theta: Array) -> Parameters:
        """From the coordinates of the fit: ``gamma`` and three logarithms."""
        return cls(float(theta[0]), *(float(x) for x in np.exp(np.clip(theta[1:], -300.0, 300.0))))

    @property
    def coordinates(self) -> Array:
        """The coordinates of the fit: ``gamma`` and three logarithms."""
        logs = np.log([self.largest, self.delta, max(self.c, 1e-3)])
        theta: Array = np.clip(np.array([self.gamma, *logs]), _LOW + 1e-6, _HIGH - 1e-6)
        return theta

    def features(self, d: int) -> Array:
        """``a_i``."""
        values: Array = self.largest * np.arange(1.0, d + 1.0) ** -self.gamma
        return values


@dataclass(frozen=True)
class Fitted:
    """The best parameters, in the fit's coordinates, and their covariance.

    Attributes:
        mismatch: mean square deviation of the weights, in units of their fluctuations.
        log_evidence: of this reading of the weights, up to a constant (Laplace's approximation).
    """

    theta: Array
    covariance: Array
    mismatch: float
    log_evidence: float

    @property
    def parameters(self) -> Parameters:
        """The best parameters."""
        return Parameters.of(self.theta)

    def spread(self, f: Callable[[Array], Array]) -> tuple[Array, Array]:
        """A function of the parameters at the best, and its variance: from one standard deviation along each axis."""
        values, axes = np.linalg.eigh(self.covariance)
        steps = (axes * np.sqrt(np.maximum(values, 0.0))).T
        above, below = (
            np.array([f(np.clip(self.theta + sign * step, _LOW, _HIGH)) for step in steps])
            for sign in (1.0, -1.0)
        )
        return f(self.theta), np.square(0.5 * (above - below)).sum(axis=0)


class Coefficients:
    """Sizes of a diagonal network's coefficients, by counts beyond levels.

    ``residuals`` are in standard deviations, which `weigh` finds at given parameters; ``log_scale`` is the sum of the
    logarithms of these.
    """

    def __init__(self, sizes: Array, learned: int, two_sided: bool) -> None:
        self.d, self.two_sided = sizes.size, two_sided
        rank = _chosen(learned)
        following = np.append(sizes, 0.0)[rank]
        # none above the largest, k between the k-th size and the next, all beyond most of the least, and beyond 0
        between = np.sqrt(sizes[rank - 1] * following)
        between[-1:] = 0.7 * sizes[learned - 1]
        self.levels = np.concatenate([1.2 * sizes[:1], between, [0.0]])
        self.counts = np.concatenate([[0.0], rank, [learned]])
        self.whiten = np.eye(self.levels.size)

    def beyond(self, p: Parameters) -> Array:
        """``P(|a_i + delta z| > level + eps)``, or of one sign, as an array (levels, d)."""
        a = p.features(self.d) / p.delta
        x = (self.levels / p.delta + p.c)[:, None]
        above, below = (0.5 * erfc((x + sign * a) / math.sqrt(2.0)) for sign in (-1.0, 1.0))
        result: Array = above + below if self.two_sided else above
        return result

    def weigh(self, p: Parameters) -> None:
        chance = self.beyond(p)
        k = np.arange(self.levels.size)
        both = chance.sum(axis=1)[np.minimum(k[:, None], k)]
        covariance = both - chance @ chance.T + _DISCRETE * np.eye(k.size)
        self.whiten = np.linalg.inv(np.linalg.cholesky(covariance))

    def log_scale(self) -> float:
        return -float(np.log(np.diag(self.whiten)).sum())

    def residuals(self, p: Parameters) -> Array:
        result: Array = self.whiten @ (self.beyond(p).sum(axis=1) - self.counts)
        return result


class Eigenvalues:
    """Sizes of a spectral network's eigenvalues, or singular values of a matrix without symmetry."""

    def __init__(
        self,
        sizes: Array,
        learned: int,
        two_sided: bool,
        cut: bool = False,
        symmetric: bool = True,
        columns: int | None = None,
    ) -> None:
        self.d, self.two_sided, self.symmetric = sizes.size, two_sided, symmetric
        zeros = np.arange(learned + 1, learned + 1 if cut else min(learned + 4, self.d + 1))
        self.rank = np.concatenate([_chosen(learned), zeros])
        self.seen = sizes[self.rank - 1]
        draws = max(round(_AVERAGED / self.d), 1) if cut else 1
        columns = self.d if columns is None else columns
        g = np.random.default_rng(_SEED).normal(size=(draws, self.d, columns))
        both = (g + g.transpose(0, 2, 1)) / math.sqrt(2.0) if symmetric else g
        self.noise = both / math.sqrt(columns)
        self.scale = np.ones(self.rank.size)
        self.last: tuple[Parameters, Array] | None = None

    def ordered(self, p: Parameters) -> Array:
        """Sizes less the threshold, decreasing; those of the last parameters are kept."""
        if self.last is None or self.last[0] != p:
            matrix = p.delta * self.noise
            matrix[:, np.arange(self.d), np.arange(self.d)] += p.features(self.d)
            sizes = np.linalg.eigvalsh if self.symmetric else _singular_values
            values = np.abs(sizes(matrix)) if self.two_sided else sizes(matrix)
            self.last = p, np.sort(values)[:, ::-1].mean(axis=0) - p.c * p.delta
        return self.last[1]

    def weigh(self, p: Parameters) -> None:
        values = self.ordered(p)
        k = np.arange(self.d)
        above, below = np.maximum(k - _WINDOW, 0), np.minimum(k + _WINDOW, self.d - 1)
        gap = ((values[above] - values[below]) / (below - above))[self.rank - 1]
        free = p.delta * math.sqrt(2.0 / self.d)
        self.scale = math.sqrt(2.0) * np.minimum(free, gap) + _RELATIVE * np.abs(values[self.rank - 1])

    def log_scale(self) -> float:
        return float(np.log(self.scale[self.seen > 0]).sum())

    def residuals(self, p: Parameters) -> Array:
        expected = self.ordered(p)[self.rank - 1]
        gone = self.seen == 0.0
        result: Array = np.where(gone, np.maximum(expected, 0.0), expected - self.seen) / self.scale
        return result


def _singular_values(matrices: Array) -> Array:
    return np.asarray(np.linalg.svd(matrices, compute_uv=False), dtype=np.float64)


def _chosen(learned: int) -> NDArray[np.intp]:
    """Ranks spread evenly, half of them in their logarithm."""
    if learned == 0:
        return np.empty(0, dtype=np.intp)
    half = _LEVELS // 2
    ranks = np.concatenate([np.geomspace(1, learned, half), np.linspace(1, learned, half)])
    return np.unique(np.rint(ranks)).astype(np.intp)


class Fit:
    """One network's weights, ready to be compared with the law and with what is known beside them."""

    def __init__(self, network: str, sizes: Array, known: Known, width: int | None = None) -> None:
        self.network, self.d, self.known = network, sizes.size, known
        self.record = network_of(network).of_width(width).name
        learned = int(np.count_nonzero(sizes))
        two_sided = network_of(network).sides == 2
        self.law = (
            Coefficients(sizes, learned, two_sided)
            if network_of(network).is_sequence
            else Eigenvalues(
                sizes,
                learned,
                two_sided,
                cut=width is not None,
                symmetric=noise_of(network, self.d).symmetric,
                columns=network_of(network).columns(self.d),
            )
        )

    def residuals(self, theta: Array) -> Array:
        """Deviations of the weights, of the priors, and from what the two equations allow."""
        p = Parameters.of(theta)
        shape = theta[3] if self.record == self.network else max(theta[3], 0.0)  # width needs no threshold
        prior = [shape / _SHAPE_WIDTH, (theta[1] - theta[2] - _CONTRAST) / _CONTRAST_WIDTH]
        there = None if self.known.nu is None else self.place(p)[1]
        facts = self.known.deviations(p.gamma, p.largest, p.delta, p.c * p.delta, there)
        return np.concatenate([self.law.residuals(p), prior, facts])

    def log_density(self, theta: Array) -> float:
        """Of the posterior, up to a constant."""
        if np.any(theta < _LOW) or np.any(theta > _HIGH):
            return -math.inf
        self.law.weigh(Parameters.of(theta))
        return -0.5 * float(np.square(self.residuals(theta)).sum()) - self.law.log_scale()

    def mismatch(self, theta: Array) -> float:
        """Mean square deviation of the weights, in units of their fluctuations as last weighed."""
        return float(np.mean(np.square(self.law.residuals(Parameters.of(theta)))))

    def nearest(self, start: Parameters, *, rounds: int = _ROUNDS, steps: int = _STEPS) -> Fitted:
        """The best parameters from a first guess on."""
        theta = start.coordinates
        for _ in range(rounds):
            self.law.weigh(Parameters.of(theta))
            found = least_squares(
                self.residuals, theta, bounds=(_LOW, _HIGH), x_scale=(0.3, 0.3, 0.3, 0.5), diff_step=np.full(4, 1e-4),
                max_nfev=steps, loss="soft_l1", f_scale=3.0, xtol=1e-3, ftol=1e-3,
            )  # fmt: skip
            theta = found.x
        mismatch = self.mismatch(theta)
        slopes: Array = np.asarray(found.jac, dtype=float)
        values, axes = np.linalg.eigh(slopes.T @ slopes / max(mismatch, 1.0))
        values = np.maximum(values, _WIDEST**-2)
        covariance = (axes / values) @ axes.T
        volume = -0.5 * float(np.log(values).sum())
        return Fitted(theta, covariance, mismatch, volume + self.log_density(theta))

    def sample(self, readings: Sequence[Fitted], draws: int) -> tuple[list[Array], Array]:
        """Parameters drawn around several readings (Student's t) with their weights in the posterior."""
        rng = np.random.default_rng(_SEED)
        top = max(r.log_evidence for r in readings)
        shares = np.array([max(math.exp(r.log_evidence - top), 0.05) for r in readings])
        shares /= shares.sum()
        roots = [np.linalg.cholesky(_INFLATED**2 * r.covariance) for r in readings]
        points = []
        for k in rng.choice(len(readings), size=draws, p=shares):
            stretch = math.sqrt(_TAILS / rng.chisquare(_TAILS))
            points.append(readings[k].theta + stretch * roots[k] @ rng.normal(size=4))
        proposal = np.zeros((draws, len(readings)))
        for k, (reading, root) in enumerate(zip(readings, roots, strict=True)):
            away = np.linalg.solve(root, (np.array(points) - reading.theta).T)
            proposal[:, k] = -np.log(np.diag(root)).sum() - 0.5 * (_TAILS + 4.0) * np.log1p(
                np.square(away).sum(axis=0) / _TAILS
            )
        log = np.array([self.log_density(x) for x in points]) - logsumexp(proposal, axis=1, b=shares)
        weight = np.exp(log - log.max())
        weight = np.minimum(
            weight, weight.sum() / math.sqrt(draws)
        )  # no draw counts for more than this share
        return points, weight / weight.sum()

    def place(self, p: Parameters, nu: float = math.inf) -> tuple[System, Response, float]:
        """The two equations' terms at the fit, with the teacher scaled to unit norm."""
        net, spectrum = network_of(self.record), PowerLaw(p.gamma).spectrum(self.d)
        log_tau = math.log(p.delta / p.largest) + float(spectrum.log_value(np.ones(1))[0])
        potential = net.bind(spectrum)
        response = potential.response(potential.path_of(p.c, log_tau), log_tau)
        return System(net, potential, nu, 0.0, 0.0), response, log_tau

    def parts(self, theta: Array) -> Parts:
        """The parts of the error over ``tau^2`` there."""
        return split(*self.place(Parameters.of(theta)))
