"""What each network supplies to the decomposition of its error."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Parts:
    """The parts of ``R / tau^2`` and the marginals they are close to.

    Attributes:
        visible: number of visible features.
        learned: expected number of learned directions in the bulk.
        bulk_moment: ``sum f^2`` over the bulk's directions.
        hidden_energy: ``sum a_i^2`` over hidden features.
        width_limited: the error of visible features that width cannot hold.
    """

    overfitting: float
    underfitting: float
    approximation: float
    visible: float
    learned: float
    bulk_moment: float
    hidden_energy: float
    width_limited: float = 0.0
