r"""From measured weights back to the phase: how much is noise, how many features, what pruning would buy.

The learned spectrum is that of ``S + delta Z`` lowered by ``eps``. Its bulk is a semicircle cut at ``c = eps/delta``:
the share of zeros among directions that carry no feature tells ``c``, the size of the bulk tells ``delta``, and what
lies beyond the edge ``delta (2 - c)`` are features, at ``a + delta^2/a - eps``. From these follow the parts of the
error, up to the features that are hidden, whose energy the visible ones' power law extrapolates.

For coefficients (diagonal network) a Gaussian takes the semicircle's place, and its edge is where one of ``d`` is
expected beyond.

Which phase is named rests on three contrasts, each with a margin: is noise learned at all; does learned noise or do
the features lead the error; is the noise's threshold at the edge or has it come down. Close calls come out as
``"undecided"``.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.stats import norm

from asymptotix.errors import InvalidInput
from asymptotix.spectrum.kinds import kind_of, name
from asymptotix.spectrum.tail import fit_tail

Array = NDArray[np.float64]

FEWEST = 20
# Weights this small relative to the largest count as zero.
_ZERO = 1e-6
# Fewer learned directions that look like noise are taken for weak features.
_FEWEST_NOISE = 4
# The most likely phase is named from this probability on.
SURE = 0.75
_SYMMETRIC = 1e-8


@dataclass(frozen=True)
class Noise:
    """The law of the noise's own directions in units of ``delta``.

    Attributes:
        above: fraction beyond a threshold ``c``.
        dof_above: degrees of freedom per direction, ``int_c x (x - c)`` or just ``above`` (diagonal).
        edge, margin: where the noise ends, and how much further its largest may be.
        highest: no threshold is looked for beyond.
    """

    above: Callable[[float], float]
    dof_above: Callable[[float], float]
    edge: float
    margin: float
    highest: float


@dataclass(frozen=True)
class Diagnosis:
    """What measured weights say.

    Attributes:
        effective_noise, threshold: ``delta`` and ``eps`` in units of the weights; None where no noise is learned, and
            only outliers are seen (they cannot be told apart then).
        features: number of features learned.
        noise_directions: number of learned directions that are noise.
        zero_mass: fraction of zero weights.
        overfitting: estimated error due to learned noise; approximation: due to learned features;
            underfitting: due to hidden ones (None with fewer than three visible features).
        pruning_threshold: by how much to lower the weights so that no noise is left.
        gamma: decay of the learned features, if there are at least three; tail_exponent: the fitted one.
        phase: most likely phase, or ``"undecided"``; probabilities: of all phases considered.
        kind, martin_mahoney: names of the spectrum, see `kinds`.
    """

    network: str
    effective_noise: float | None
    threshold: float | None
    features: int
    noise_directions: int
    zero_mass: float
    overfitting: float
    approximation: float | None
    underfitting: float | None
    pruning_threshold: float
    gamma: float | None
    tail_exponent: float | None
    phase: str
    probabilities: dict[str, float] = field(repr=False)
    kind: str = ""
    martin_mahoney: str = ""

    def to_dict(self) -> dict[str, Any]:
        """Plain values under the names of the command line's JSON."""
        return {name: getattr(self, name) for name in self.__dataclass_fields__}


def diagnose(weights: ArrayLike, network: str | None = None, *, samples: float | None = None) -> Diagnosis:
    """Diagnose trained weights.

    Args:
        weights: a symmetric matrix ``S`` (spectral networks), or a vector: coefficients of a diagonal network, or
            eigenvalues if ``network`` says so.
        network: by default quadratic or symmetric for a matrix (symmetric if it has negative eigenvalues), diagonal
            for a vector.
        samples: number of training samples, if known; it tells whether the weight decay or interpolation sets the
            threshold, which the spectrum alone does not.

    Raises:
        InvalidInput: not numbers, nan, complex, not square and symmetric, more than two axes, or fewer than 20
            values; samples not positive.

    >>> rng = np.random.default_rng(0)
    >>> g = rng.normal(size=(200, 200))
    >>> S = np.diag([9.0, 6.0, 4.0] + 197 * [0.0]) + (g + g.T) / 20      # three features, noise of radius 2
    >>> values, vectors = np.linalg.eigh(S)
    >>> found = diagnose((vectors * np.maximum(values - 1.0, 0)) @ vectors.T)
    >>> found.features, round(found.effective_noise, 1), round(found.threshold, 1)
    (3, 0.9, 0.9)
    """
    values, network = _values(weights, network)
    d = values.size
    largest = float(np.abs(values).max())
    sizes = np.where(np.abs(values) <= _ZERO * largest, 0.0, np.abs(values))
    sizes = np.sort(sizes)[::-1]
    noise = _noise(network, d)
    features, c, delta = _fit(sizes, noise)
    learned = int(np.count_nonzero(sizes))
    bulk = sizes[features:learned]
    if bulk.size < _FEWEST_NOISE:
        features, bulk, c, delta = learned, sizes[:0], None, None
    spikes = sizes[:features]
    over = float((bulk**2).sum()) / d
    outliers = _outliers(network, spikes, c, delta)
    gamma = _decay(outliers)
    approximation, underfitting = _feature_error(network, spikes, outliers, delta, gamma, d)
    used = None if samples is None else _used(network, d, spikes, outliers, c, noise, samples)
    evidence = Evidence(
        d,
        features,
        int(bulk.size),
        c,
        over,
        approximation,
        underfitting,
        used,
        _effective(network, d, samples),
    )
    scores = _scores(evidence)
    phase = max(scores, key=lambda p: scores[p])
    tail = float(fit_tail(spikes).exponent) if np.unique(spikes).size >= 8 else None
    edge = float(bulk[0]) if bulk.size else 0.0
    return Diagnosis(
        network,
        effective_noise=delta,
        threshold=None if c is None or delta is None else c * delta,
        features=features,
        noise_directions=int(bulk.size),
        zero_mass=1.0 - learned / d,
        overfitting=over,
        approximation=approximation,
        underfitting=underfitting,
        pruning_threshold=0.0 if c is None or delta is None else max(noise.edge - c, 0.0) * delta,
        gamma=gamma,
        tail_exponent=tail,
        phase=phase if scores[phase] >= SURE else "undecided",
        probabilities=scores,
        kind=kind_of(d - learned, bulk.size, features, d),
        martin_mahoney=name(bulk.size > 0, features, float(sizes[0]), edge, True),
    )


# Reading weights ------------------------------------------------------------------------------------------


def _values(weights: ArrayLike, network: str | None) -> tuple[Array, str]:
    if network not in (None, "diagonal", "quadratic", "symmetric"):
        raise InvalidInput("network", network, "diagonal, quadratic or symmetric")
    try:
        array = np.asarray(weights)
    except ValueError:
        raise InvalidInput("weights", "a ragged list", "a vector or a matrix of numbers") from None
    if array.dtype.kind == "c":
        raise InvalidInput("weights", f"dtype {array.dtype}", "real numbers")
    if array.dtype.kind not in "fiu":
        raise InvalidInput("weights", f"dtype {array.dtype}", "numbers")
    if array.ndim not in (1, 2):
        raise InvalidInput("weights", f"an array of {array.ndim} axes", "a vector or a matrix")
    array = array.astype(float)
    if not np.all(np.isfinite(array)):
        raise InvalidInput("weights", "nan or infinity", "finite numbers")
    if array.ndim == 2:
        if array.shape[0] != array.shape[1]:
            raise InvalidInput("weights", f"shape {array.shape}", "a square matrix: pass W'W, not W")
        if network == "diagonal":
            raise InvalidInput("weights", f"shape {array.shape}", "a vector for a diagonal network")
        if np.abs(array - array.T).max(initial=0.0) > _SYMMETRIC * np.abs(array).max(initial=0.0):
            raise InvalidInput(
                "weights", "a matrix that is not symmetric", "a symmetric matrix: pass (S + S')/2"
            )
    if array.shape[0] < FEWEST:
        raise InvalidInput(
            "weights", f"{array.shape[0]} values", f"at least {FEWEST} eigenvalues or coefficients"
        )
    if array.ndim == 1:
        return array, network or "diagonal"
    values = np.linalg.eigvalsh(array)
    negative = values.min() < -1e-3 * np.abs(values).max()
    return (np.maximum(values, 0.0) if network == "quadratic" else values), network or (
        "symmetric" if negative else "quadratic"
    )


# Fitting the noise ----------------------------------------------------------------------------------------


def _noise(network: str, d: int) -> Noise:
    if network == "diagonal":
        edge = float(norm.isf(0.25 / d))
        return Noise(
            lambda c: 2.0 * float(norm.sf(c)),
            lambda c: 2.0 * float(norm.sf(c)),
            edge, 0.3, edge,
        )  # fmt: skip
    sides = 2.0 if network == "symmetric" else 1.0
    return Noise(
        lambda c: sides * _semicircle_above(c)[0],
        lambda c: sides * _semicircle_above(c)[1],
        2.0, 3.0 * d ** (-2.0 / 3.0), 2.0,
    )  # fmt: skip


def _semicircle_above(c: float) -> tuple[float, float]:
    """``int_c^2 rho`` and ``int_c^2 x (x - c) rho`` of the semicircle of radius 2."""
    if c >= 2.0:
        return 0.0, 0.0
    angle = math.acos(max(c, -2.0) / 2.0)
    mass = (angle - 0.5 * math.sin(2.0 * angle)) / math.pi
    first = 4.0 * math.sin(angle) ** 3 / (3.0 * math.pi)
    second = (angle - 0.25 * math.sin(4.0 * angle)) / math.pi
    return mass, second - c * first


def _fit(sizes: Array, noise: Noise) -> tuple[int, float | None, float | None]:
    """The fewest features that leave a bulk within its own edge: ``(features, c, delta)``."""
    d, learned = sizes.size, int(np.count_nonzero(sizes))
    if noise.above(0.0) < 0.9 < learned / d:  # nearly all are positive: features, not noise
        return learned, None, None
    for features in range(learned):
        bulk = sizes[features:learned]
        share = min(bulk.size / (d - features), noise.above(0.0))
        c = _threshold(share, noise)
        # the median is not moved by the features still among them
        middle = _threshold(0.5 * share, noise) - c
        delta = float(np.median(bulk)) / middle if middle > 0 else math.inf
        if bulk[0] <= delta * (noise.edge - c + noise.margin):
            return features, c, delta
    return learned, None, None


def _threshold(share: float, noise: Noise) -> float:
    """The threshold that a share of noise exceeds."""
    low, high = 0.0, noise.highest
    if share >= noise.above(0.0):
        return 0.0
    for _ in range(60):
        c = 0.5 * (low + high)
        low, high = (c, high) if noise.above(c) > share else (low, c)
    return 0.5 * (low + high)


# Features -------------------------------------------------------------------------------------------------


def _outliers(network: str, spikes: Array, c: float | None, delta: float | None) -> Array:
    """Sizes of the features behind outliers."""
    if c is None or delta is None:
        return spikes
    x = spikes / delta + c
    if network == "diagonal":
        return delta * x
    x = np.maximum(x, 2.0)
    result: Array = delta * 0.5 * (x + np.sqrt(x * x - 4.0))
    return result


def _decay(outliers: Array) -> float | None:
    """``-d log a / d log i`` by least squares over the visible features."""
    if outliers.size < 3:
        return None
    index = np.log(np.arange(1.0, outliers.size + 1.0))
    slope = float(np.polyfit(index, np.log(outliers), 1)[0])
    return -slope


def _feature_error(
    network: str, spikes: Array, outliers: Array, delta: float | None, gamma: float | None, d: int
) -> tuple[float | None, float | None]:
    """Errors along learned features and by hidden ones, per ``d``."""
    approximation = None
    if delta is not None:
        if network == "diagonal":
            each = (outliers - spikes) ** 2 + delta**2
        else:
            overlap = np.maximum(1.0 - (delta / np.maximum(outliers, delta)) ** 2, 0.0)
            each = spikes**2 - 2.0 * spikes * outliers * overlap + outliers**2
        approximation = float(each.sum()) / d
    if gamma is None or gamma <= 0.55:
        return approximation, None
    k = outliers.size
    tail = float((np.arange(k + 1.0, d + 1.0) / k) ** (-2.0 * gamma) @ np.ones(d - k))
    return approximation, float(outliers[-1]) ** 2 * tail / d


# Naming the phase -----------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Evidence:
    """What the names of phases rest on; ``used`` is the share of samples taken up by degrees of freedom."""

    d: int
    features: int
    noise: int
    c: float | None
    over: float
    approximation: float | None
    underfitting: float | None
    used: float | None
    n_eff: float | None


def _effective(network: str, d: int, samples: float | None) -> float | None:
    if samples is None:
        return None
    if not samples > 0:
        raise InvalidInput("samples", samples, "a positive number")
    return samples if network == "diagonal" else samples / d


def _used(
    network: str, d: int, spikes: Array, outliers: Array, c: float | None, noise: Noise, samples: float
) -> float:
    """Degrees of freedom over samples: ``2 f/a`` for a learned feature, `Noise.dof_above` for the rest."""
    if network == "diagonal":
        return (spikes.size + (d - spikes.size) * (noise.dof_above(c) if c is not None else 0.0)) / samples
    dof = 2.0 * float((spikes / outliers).sum())
    if c is not None:
        dof += (d - spikes.size) * noise.dof_above(c)
    return dof / (2.0 * samples / d)


def _scores(e: Evidence) -> dict[str, float]:
    """Probabilities of the phases by soft decisions; they sum to 1."""
    if e.features == 0 and e.noise == 0:
        few = 0.5 if e.n_eff is None else _soft(-math.log(e.n_eff) / _FEW)
        return {"Ia": few, "Ib": 1.0 - few}
    every = _soft((e.features / e.d - 0.8) / 0.1)
    few = 0.5 * math.exp(-e.features / 2.0) if e.n_eff is None else _soft(-math.log(e.n_eff) / _FEW)
    if e.noise == 0 or e.c is None:
        few *= e.n_eff is not None
        some = (1.0 - few) * _soft((e.features - 1.0) / 0.5)
        # bias or noise: the spectrum alone does not tell
        tied = {"III": 0.5 * every, "VIb": 0.5 * every}
        return {
            "Ia": few * (1 - every),
            "Ib": (1 - some - few) * (1 - every),
            "II": some * (1 - every),
            **tied,
        }
    known = (e.approximation or 0.0) + (e.underfitting or 0.0)
    leads = _soft(math.log(e.over / known) / _CONTRAST) if known > 0 else 1.0
    # how far the threshold has come down from the noise's edge, on its way to 0
    down = _soft((_HALFWAY - e.c) / _DOWN)
    decay = 0.5 if e.used is None else _soft((_SPARE - e.used) / _SPREAD)
    rest = 1.0 - few
    return {
        "Ia": few * (1 - down),
        "II": rest * (1 - leads) * decay,
        "IV": rest * (1 - leads) * (1 - decay),
        "V": rest * leads * (1 - down),
        "VIa": (leads * rest + few) * down * (1 - every),
        "VIb": (leads * rest + few) * down * every,
    }


# Widths of the soft decisions: log of overfitting over the features' error; threshold over noise halfway down;
# share of samples used; log of the effective samples.
_CONTRAST = 0.8
_HALFWAY, _DOWN = 0.6, 0.15
_SPARE, _SPREAD = 0.5, 0.1
_FEW = 0.4


def _soft(x: float) -> float:
    return 1.0 / (1.0 + math.exp(-x)) if x > -700 else 0.0
