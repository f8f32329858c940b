r"""From measured weights back to the phase: how much is noise, how many features, what pruning would buy.

A first look (`asymptotix.spectrum.noise_and_features`) tells noise from features; from there the law of the learned
weights itself is fitted (`asymptotix.spectrum.law_fit`), and with it come the parts of the error. The phase follows
from the contrasts at the fit (`asymptotix.spectrum.phase_contrasts`): each is found at the best parameters and one
standard deviation around them, and is positive with the probability that its mean and spread give. Where few weights
were learned several readings may fit: each counts by its likelihood. A phase is named if it is likely enough, else it
is ``"undecided"``.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import ArrayLike
from scipy.stats import norm as gaussian

from asymptotix.arrays import Array
from asymptotix.networks import get
from asymptotix.spectrum import narrow_reading
from asymptotix.spectrum.answer import Diagnosis, answer
from asymptotix.spectrum.law_fit import GOOD, Fit, Fitted, Parameters
from asymptotix.spectrum.noise_and_features import Look, look
from asymptotix.spectrum.phase_contrasts import PHASES, Contrasts, contrasts_at, tree
from asymptotix.spectrum.starting_points import readings_from, start
from asymptotix.spectrum.training_run import Known
from asymptotix.spectrum.weights import read
from asymptotix.status import Status

# Weights this small relative to the largest count as zero; so do those this small relative to the teacher's norm (one
# in the units of `Problem`) or the noise: a network trained by gradients that learned nothing has those.
_ZERO, _GONE = 1e-6, 1e-5
# The most likely phase is named from this probability on.
SURE = 0.75
# With fewer learned directions than this a second and third reading of the weights are tried.
_FEW = 12
# Up to so many learned weights the posterior is sampled, with so many draws, of which so many are looked at.
_SPARSE = 60
_DRAWS, _KEPT = 240, 32
# ... unless one reading around which the contrasts hardly vary is so likely.
_DECISIVE = 0.97
# So few outliers may be none.
_DOUBTFUL = 2
# Thresholds over noise that they start from.
_OTHERS = (4.0, 25.0)
# What a contrast may be off by beyond the fit's own spread: finite size, training, another teacher.
_FLOOR = 0.35
# With few samples a network's own features differ from Gaussian ones: errors by about 1/n_eff (`simulate`).
_UNIVERSAL, _LARGEST_FLOOR = 1.5, 0.7
# A fit this many times worse than its fluctuations is not believed.
_MISFIT = 9.0
# Contrasts are logarithms: beyond exp(6) = 400 to one a phase becomes no more certain, and fits no better or worse.
_CLIPPED = 6.0


def diagnose(
    weights: ArrayLike,
    network: str | None = None,
    *,
    samples: float | None = None,
    lam: float | None = None,
    train_loss: float | None = None,
    gamma: float | None = None,
    norm: float | None = None,
    width: float | None = None,
) -> Diagnosis:
    """Diagnose trained weights.

    Args:
        weights: a symmetric matrix ``S`` (spectral networks; bilinear: any matrix), or a vector: coefficients of a
            diagonal network, or eigenvalues if ``network`` says so.
        network: by default quadratic or symmetric for a matrix (symmetric if it has negative eigenvalues), diagonal
            for a vector. Weights of no more than 1e-5 of the norm, or of the noise's scale, count as zero.
        samples: number of training samples, if known; it tells whether the weight decay or interpolation sets the
            threshold, which the spectrum alone does not.
        lam: weight decay of the training, if known beside ``samples``, in the units of `Problem`.
        train_loss: mean squared residual on the training set, if known beside ``samples``; with ``lam`` it fixes
            ``eps/delta``, and it tells the noise where nothing was learned.
        gamma: decay of the teacher, if known.
        width: number of hidden units, if known to be few (quadratic, symmetric). A spectrum that begins well away from
            zero shows by itself that width cuts it; with few learned directions it may not.
        norm: root mean square of the teacher's weights, if known: 1 in the units of `Problem`. Features hidden in the
            noise leave no other trace: without it, IV and V, or Ia and V, may be undecidable.

    Raises:
        InvalidInput: not numbers, nan, complex, not symmetric (unless bilinear), more than two axes, or fewer than
            20 values; a number out of its range; ``lam`` or ``train_loss`` without ``samples``; more nonzero
            eigenvalues than ``width``.
        NotSupplied: the network has no ``width``.

    >>> rng = np.random.default_rng(0)
    >>> g = rng.normal(size=(200, 200))
    >>> S = np.diag([9.0, 6.0, 4.0] + 197 * [0.0]) + (g + g.T) / 20      # three features, noise of radius 2
    >>> values, vectors = np.linalg.eigh(S)
    >>> found = diagnose((vectors * np.maximum(values - 1.0, 0)) @ vectors.T)
    >>> found.features, round(found.effective_noise, 1), round(found.threshold, 1)
    (3, 0.9, 0.9)
    """
    values, network = read(weights, network)
    sizes = np.sort(np.abs(values))[::-1]
    known = Known.of(network, sizes, samples, lam, train_loss, gamma, norm)
    sizes = np.where(sizes <= max(_ZERO * sizes[0], _GONE * known.scale), 0.0, sizes)
    cut = narrow_reading.cut_by_width(network, sizes, width)
    if cut:
        return narrow_reading.read(network, sizes, known)
    seen = look(network, sizes)
    fit = Fit(network, sizes, known)
    readings = readings_from(fit, sizes, _first_starts(network, sizes, seen))
    scores = _scores(fit, sizes, readings)
    found = _report(fit, sizes, seen, readings, scores)
    return replace(found, remark=narrow_reading.UNCLEAR) if cut is None else found


def _first_starts(network: str, sizes: Array, seen: Look) -> list[Parameters]:
    learned = seen.spikes.size + seen.bulk.size
    if learned == 0:
        return []
    starts = []
    least = float(sizes[learned - 1])
    if seen.c is not None and seen.delta is not None:
        starts.append(start(network, seen.spikes, seen.c, seen.delta))
        if seen.spikes.size <= _DOUBTFUL:  # all may be noise
            starts.append(Parameters(1.2, 0.5 * seen.delta, seen.delta, seen.c))
    if seen.bulk.size < _FEW:
        starts += [start(network, sizes[:learned], c, least / c) for c in _OTHERS]
    if learned > 0.9 * sizes.size:
        starts.append(start(network, sizes[:learned], 0.1, least))
    return starts


# Naming the phase -----------------------------------------------------------------------------------------


def _scores(fit: Fit, sizes: Array, readings: Sequence[Fitted]) -> dict[str, float]:
    """Probabilities of the phases; they sum to 1."""
    if not readings:
        few = fit.known.loud_chance()
        return {**dict.fromkeys(PHASES, 0.0), "Ia": few, "Ib": 1.0 - few}
    mismatch, total = _by_spread(fit, readings[0])
    doubtful = len(readings) > 1 or max(total.values()) < _DECISIVE
    if doubtful and np.count_nonzero(sizes) <= _SPARSE:
        mismatch, total = _by_draws(fit, readings)
    if mismatch > _MISFIT:  # an unknown law: all phases are possible
        doubt = _MISFIT / mismatch
        total = {phase: doubt * chance + (1.0 - doubt) / len(PHASES) for phase, chance in total.items()}
    return total


def _by_spread(fit: Fit, reading: Fitted) -> tuple[float, dict[str, float]]:
    """Each contrast by its mean and spread over one reading's uncertainty."""
    centre, variance = reading.spread(lambda theta: _contrasts(fit, theta))
    return reading.mismatch, tree(_chances(fit, centre, np.sqrt(variance + np.square(_floor(fit)))))


def _floor(fit: Fit) -> Array:
    """What each contrast may be off by whatever the fit says; with few samples the parts of the error above all."""
    floor = np.full(len(Contrasts.__dataclass_fields__), _FLOOR)
    nu = fit.known.nu
    if nu is not None and not get(fit.network).is_sequence:
        noise = list(Contrasts.__dataclass_fields__).index("noise")
        floor[noise] = math.hypot(_FLOOR, min(_UNIVERSAL / nu, _LARGEST_FLOOR))
    return floor


def _by_draws(fit: Fit, readings: Sequence[Fitted]) -> tuple[float, dict[str, float]]:
    """The phases of parameters drawn from the posterior: few weights leave it far from a Gaussian."""
    points, weight = fit.sample(readings, _DRAWS)
    chosen = (np.arange(_KEPT) + 0.5) / _KEPT
    ranks, counts = np.unique(np.searchsorted(np.cumsum(weight), chosen), return_counts=True)
    total = dict.fromkeys(PHASES, 0.0)
    for k, count in zip(ranks, counts, strict=True):
        row = _contrasts(fit, points[k])
        for phase, chance in tree(_chances(fit, row, _floor(fit))).items():
            total[phase] += float(count) / _KEPT * chance
    best = points[int(np.argmax(weight))]
    fit.log_density(best)
    return fit.mismatch(best), total


def _contrasts(fit: Fit, theta: Array) -> Array:
    p = Parameters.of(theta)
    system, response, log_tau = fit.place(p, fit.known.nu or math.inf)
    found = dict(vars(contrasts_at(fit.network, system, response, log_tau)))
    spare = fit.known.spare(p.c * p.delta, response.dof)
    if spare is not None:
        found["spare"] = math.log(spare)
    result: Array = np.clip(np.array(list(found.values())), -_CLIPPED, _CLIPPED)
    return result


def _chances(fit: Fit, centre: Array, spread: Array) -> dict[str, float]:
    """Probability that each contrast is positive."""
    names = Contrasts.__dataclass_fields__
    chances = {n: float(gaussian.cdf(x)) for n, x in zip(names, centre / spread, strict=True)}
    if fit.known.nu is None:
        chances["spare"] = 0.5
    return chances


# Reporting ------------------------------------------------------------------------------------------------


def _report(
    fit: Fit, sizes: Array, seen: Look, readings: Sequence[Fitted], scores: dict[str, float]
) -> Diagnosis:
    d = get(fit.network).columns(sizes.size)
    c, delta = seen.c, seen.delta
    over, approximation, underfitting = float((seen.bulk**2).sum()) / d, None, None
    fitted = readings[0] if readings and readings[0].mismatch <= GOOD else None
    if fitted is not None and seen.c is not None:
        c, delta = fitted.parameters.c, fitted.parameters.delta
        parts = fit.parts(fitted.theta)
        scale = delta**2 / d
        approximation, underfitting = parts.approximation * scale, parts.underfitting * scale
        # a learned bulk is not all noise: features hidden in it are learned with it
        if parts.bulk_moment > 0:
            over *= float(parts.overfitting / parts.bulk_moment)
    phase = max(scores, key=lambda p: scores[p])
    return answer(
        fit.network,
        sizes,
        seen.spikes.size,
        (delta, None if c is None or delta is None else c * delta),
        overfitting=over,
        approximation=approximation,
        underfitting=underfitting,
        phase=phase if scores[phase] >= SURE else Status.UNDECIDED,
        probabilities=scores,
    )
