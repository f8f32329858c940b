"""What `asymptotix.spectrum.diagnose` answers."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np

from asymptotix.arrays import Array
from asymptotix.spectrum.noise_and_features import decay, noise_of, outliers
from asymptotix.spectrum.spectrum_types import kind_of, name
from asymptotix.spectrum.tail import fit_tail
from asymptotix.tables import Tabular

# With fewer outliers no tail is fitted.
_TAIL = 8


@dataclass(frozen=True, kw_only=True)
class Diagnosis(Tabular):
    """What measured weights say.

    Attributes:
        effective_noise, threshold: ``delta`` and ``eps`` in units of the weights; None where no noise is learned, and
            only outliers are seen (they cannot be told apart then).
        features: number of features learned.
        noise_directions: number of learned directions that are noise.
        zero_mass: fraction of zero weights.
        overfitting: estimated error due to learned noise; approximation: due to learned features;
            underfitting: due to hidden ones (the last two None where the law of the weights does not fit).
        pruning_threshold: by how much to lower the weights so that no noise is left.
        gamma: decay of the learned features, if there are at least three; tail_exponent: the fitted one.
        phase: most likely phase, or ``"undecided"``; probabilities: of all phases.
        kind, martin_mahoney: names of the spectrum, see `kinds`.
        width: number of hidden units, if they cut the spectrum: all are learned, and the least is well above zero. A
            teacher of just that rank leaves the same spectrum.
        width_limited: then the estimated error due to features that have no unit.
        remark: what else is to be said, as why a number is missing.
    """

    network: str
    effective_noise: float | None = None
    threshold: float | None = None
    features: int
    noise_directions: int
    zero_mass: float
    overfitting: float
    approximation: float | None = None
    underfitting: float | None = None
    pruning_threshold: float
    gamma: float | None
    tail_exponent: float | None
    phase: str
    probabilities: dict[str, float] = field(repr=False)
    kind: str = ""
    martin_mahoney: str = ""
    width: int | None = None
    width_limited: float | None = None
    remark: str = ""


def answer(
    network: str, sizes: Array, features: int, noise: tuple[float | None, float | None], **found: Any
) -> Diagnosis:
    """What decreasing sizes say of which the first so many are features, at an effective noise and a threshold."""
    (delta, eps), spikes, learned = noise, sizes[:features], int(np.count_nonzero(sizes))
    rest, rows = learned - features, sizes.size
    edge = float(sizes[features]) if rest else 0.0
    gamma, beyond = decay(spikes), 0.0
    if delta is not None and eps is not None:
        gamma = decay(outliers(network, spikes, eps / delta, delta))
        beyond = noise_of(network, rows).edge * delta - eps if rest else 0.0
    return Diagnosis(
        network=network,
        effective_noise=delta,
        threshold=eps,
        features=features,
        noise_directions=rest,
        zero_mass=1.0 - learned / rows,
        pruning_threshold=max(beyond, 0.0),
        gamma=gamma,
        tail_exponent=float(fit_tail(spikes).exponent) if np.unique(spikes).size >= _TAIL else None,
        kind=kind_of(rows - learned, rest, features, rows),
        martin_mahoney=name(rest > 0, features, float(sizes[0]), edge, True),
        **found,
    )
