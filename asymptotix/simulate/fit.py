"""What a solver hands back: weights, and the evidence that they are the right ones."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np

from asymptotix.arrays import Array
from asymptotix.status import Status

CONVERGED, STALLED = Status.CONVERGED, Status.STALLED
MAX_ITERATIONS, DIVERGED = Status.MAX_ITERATIONS, Status.DIVERGED

GAP_TOLERANCE = 1e-8
"""Relative duality gap that a convex fit has to reach."""


@dataclass(frozen=True, eq=False)
class Fit:
    """Weights learned from one data set.

    Attributes:
        weights: ``theta`` (d,) or ``S``, (d, d) or of fewer rows.
        objective: value of the objective of `Problem` at ``weights``.
        gap: certified bound on ``(objective - minimum) / objective`` for convex fits.
        status: `asymptotix.status.Status.CONVERGED`, or what happened instead.
        iterations: outer iterations of the solver.
        train_loss: mean squared residual on the training set.
        history: what was recorded along the way, if anything.
    """

    weights: Array = field(repr=False)
    objective: float
    gap: float
    status: str
    iterations: int
    train_loss: float
    history: dict[str, Any] = field(default_factory=dict, repr=False)

    @property
    def spectrum(self) -> Array:
        """The coefficients of ``theta`` in the teacher's order, or the eigenvalues (else singular values) of ``S``."""
        if self.weights.ndim == 1:
            return self.weights
        rows, columns = self.weights.shape
        if rows == columns and np.allclose(self.weights, self.weights.T):
            values = np.linalg.eigvalsh(self.weights)[::-1]
        else:
            values = np.linalg.svd(self.weights, compute_uv=False)
        # eigh of a low-rank matrix returns its zeros as rounding noise
        floor = self.weights.shape[0] * np.finfo(float).eps * np.abs(values).max(initial=0.0)
        return np.where(np.abs(values) <= floor, 0.0, values)

    @property
    def support(self) -> int:
        """Number of non-zero coefficients or eigenvalues."""
        return int(np.count_nonzero(self.spectrum))
