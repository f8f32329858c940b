r"""Measured weights of a network of few hidden units: is its spectrum cut by width, and what does the cut one tell?

A threshold cuts a spectrum at zero: the least learned eigenvalue is about a spacing above it. Width cuts it anywhere.
So a least eigenvalue many spacings above zero shows a width, and the number of eigenvalues is the width. Where few were
learned the spacings tell little, and the laws with a threshold and with a width fit alike; then the width must be told.

In a cut spectrum the number of zeros tells nothing of the threshold, and the same features and noise, lowered by more
or less, differ only by a shift. The effective noise is told by the noise that spare units learned, or by the training
run; where the fit leaves it open it is not given. The phases that width makes are told by the leading part of the
error at the fit: ``W``, what width cannot hold, and ``WV``, noise learned by spare width.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from scipy.stats import norm as gaussian

from asymptotix.arrays import Array
from asymptotix.errors import InvalidInput
from asymptotix.networks import get
from asymptotix.risk.parts import Parts
from asymptotix.spectrum.answer import Diagnosis, answer
from asymptotix.spectrum.law_fit import GOOD, Fit, Fitted
from asymptotix.spectrum.noise_and_features import Look, look
from asymptotix.spectrum.phase_contrasts import odds
from asymptotix.spectrum.starting_points import readings_from, start
from asymptotix.spectrum.training_run import Known
from asymptotix.status import Status
from asymptotix.validate import whole

#: The phases that width makes (`asymptotix.asymptotics.labels`), and all others.
PHASES = ("W", "WV", "other")
# Learned directions that tell a spacing, and the number of spacings at zero that no threshold leaves: in a spectrum of
# rigid eigenvalues four have a chance below 1e-4. A gap of so many times the last spacing alone is worth a remark.
_FEWEST, _AVERAGED, _CLEAR = 8, 6, 4.0
# With so few spacings at zero, or fewer, there is no gap.
_TOUCHING = 1.5
# Of a spectrum that is nearly all learned little is cut; its least eigenvalues may be features of their own.
_MOST = 0.9
# A gap this many times the last spacing may be width's; two learned directions have one spacing, which tells nothing.
_POSSIBLE, _THREE = 3.0, 3
#: What is said where width may cut the spectrum, and that is not clear.
UNCLEAR = (
    "the least eigenvalue is far above zero: if the network has just as many hidden units, say so (width)"
)
# Standard deviations up to which a noise (as a logarithm) and a threshold (in units of the noise) are given.
_TOLD = 0.25
# What a contrast may be off by beyond the fit's spread, and where it becomes no more certain: as for wide networks.
_FLOOR, _CLIPPED, _SURE = 0.35, 6.0, 0.75
_ALLOWED = "an integer number of hidden units >= 1"


def cut_by_width(network: str, sizes: Array, width: float | None) -> bool | None:
    """Whether width cuts decreasing sizes; None where that is possible but not clear.

    Raises:
        InvalidInput: more sizes than ``width`` are not zero, or it is no positive integer.
        NotSupplied: the network has no width.

    >>> cut_by_width("quadratic", np.r_[np.linspace(9, 1, 40), np.zeros(60)], None)
    True
    >>> cut_by_width("quadratic", np.r_[np.linspace(8, 0.1, 40), np.zeros(60)], None)
    False
    """
    net, learned = get(network), int(np.count_nonzero(sizes))
    if width is not None:
        width = whole("width", width, _ALLOWED, least=1)
        net.supply("narrower")
        if learned > width:
            raise InvalidInput("width", width, f"at least {learned}, as many eigenvalues are not zero")
        spacings = _spacings(sizes, learned)
        # without a gap at zero the threshold is where width cuts, and the law with a threshold says more
        return learned == width < sizes.size and (learned < _FEWEST or spacings > _TOUCHING)
    if net.narrower is None or not _THREE <= learned <= _MOST * sizes.size:
        return False
    if learned >= _FEWEST and _spacings(sizes, learned) > _CLEAR:
        return True
    least, following = float(sizes[learned - 1]), float(sizes[learned - 2])
    return None if least > _POSSIBLE * (following - least) else False


def _spacings(sizes: Array, learned: int) -> float:
    """How far the least learned size is above zero, in spacings of those next to it."""
    if learned == 0:
        return 0.0
    count, least = min(_AVERAGED, learned - 1), float(sizes[learned - 1])
    apart = float(sizes[learned - 1 - count]) - least
    return least * count / apart if apart > 0 else math.inf


def read(network: str, sizes: Array, known: Known) -> Diagnosis:
    """Diagnose sizes that width cuts."""
    width, seen = int(np.count_nonzero(sizes)), look(network, sizes, cut=True)
    fit = Fit(network, sizes, known, width)
    starts = []
    if seen.c is not None and seen.delta is not None:
        starts.append(start(network, seen.spikes, seen.c, seen.delta))
    readings = readings_from(fit, sizes, starts)
    fitted = readings[0] if readings and readings[0].mismatch <= GOOD else None
    found, scores = _by_law(fit, fitted, seen) if fitted is not None else _by_look(seen, fit.d)
    delta, eps, features = (found.pop(x) for x in ("effective_noise", "threshold", "features"))
    phase = max(scores, key=lambda x: scores[x])
    return answer(
        network,
        sizes,
        features,
        (delta, eps),
        **found,
        phase=phase if scores[phase] >= _SURE and phase != "other" else Status.UNDECIDED,
        probabilities=scores,
        width=width,
        remark=_remark(width, fit.d, float(sizes[width - 1]), delta is not None, fitted is not None),
    )


def _by_law(fit: Fit, best: Fitted, seen: Look) -> tuple[dict[str, Any], dict[str, float]]:
    """Noise, threshold and the parts of the error at a good fit, if it tells the noise; chances of the phases."""
    centre, variance = best.spread(lambda theta: _contrasts(fit.parts(theta)))
    held, spare = (float(gaussian.cdf(x)) for x in centre / np.sqrt(variance + _FLOOR**2))
    total = max(held + spare, 1.0)
    scores = {"W": held / total, "WV": spare / total, "other": max(1.0 - held - spare, 0.0)}
    if math.sqrt(float(best.covariance[2, 2])) > _TOLD:
        return _by_look(seen, fit.d)[0], scores
    p, parts = best.parameters, fit.parts(best.theta)
    scale = p.delta**2 / fit.d
    # eps = c delta, both known as logarithms
    shape = p.c * math.sqrt(max(float(best.covariance[2:, 2:].sum()), 0.0))
    found = {
        "effective_noise": p.delta,
        "threshold": p.c * p.delta if shape <= _TOLD else None,
        "features": round(parts.visible),
        "overfitting": float(parts.overfitting) * scale,
        "approximation": parts.approximation * scale,
        "underfitting": parts.underfitting * scale,
        "width_limited": parts.width_limited * scale,
    }
    return found, scores


def _by_look(seen: Look, d: int) -> tuple[dict[str, Any], dict[str, float]]:
    """What can be said where the law tells no noise: features, and what looks like noise beside them."""
    over = float((seen.bulk**2).sum()) / d
    found = {"effective_noise": None, "threshold": None, "features": seen.spikes.size, "overfitting": over}
    return found, dict.fromkeys(PHASES, 1.0 / len(PHASES))


def _contrasts(parts: Parts) -> Array:
    """How far what width cannot hold, and noise learned by spare width, lead the error; as logarithms."""
    error = parts.overfitting + parts.underfitting + parts.approximation + parts.width_limited
    leads = [odds(x, error - x) for x in (parts.width_limited, parts.overfitting)]
    result: Array = np.clip(np.array(leads), -_CLIPPED, _CLIPPED)
    return result


def _remark(width: int, d: int, least: float, told: bool, fits: bool) -> str:
    text = f"cut by width: {width} of {d} eigenvalues, none below {least:.3g}"
    if told:
        return text
    if not fits:
        return f"{text}; effective noise not given: the law of a power-law teacher does not fit"
    return f"{text}; effective noise not given: too little of it is learned (samples, lam and train_loss may tell it)"
