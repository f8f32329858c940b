"""Duality gaps: how far from the convex minimum any weights can be, for both networks.

The objective is ``scale ||y - A w||^2 + penalty |w|`` with ``scale`` 1/2 or 1 and ``|w|`` the l1 or nuclear
norm. For any residual ``r`` and any ``s`` with ``2 scale s |A'r|_dual <= penalty`` the minimum is at least
``scale (2 s r'y - s^2 ||r||^2)``; the best ``s`` is known in closed form.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from asymptotix.arrays import Array
from asymptotix.networks.base import Network


def dual_bound(residual: Array, target: Array, scale: float, penalty: float, steepest: float) -> float:
    """The largest lower bound on the minimum that multiples of ``residual`` give.

    Args:
        residual, target: ``r`` and ``y``.
        scale, penalty: of the objective.
        steepest: dual norm of ``A'r``: its largest absolute entry, or its largest (absolute) eigenvalue.

    >>> dual_bound(np.array([1.0]), np.array([3.0]), scale=0.5, penalty=1.0, steepest=1.0)
    2.5
    """
    rr, ry = float(residual @ residual), float(residual @ target)
    s = max(ry / rr, 0.0) if rr > 0.0 else 0.0
    if steepest > 0.0:
        s = min(s, penalty / (2.0 * scale * steepest))
    return scale * (2.0 * s * ry - s**2 * rr)


def relative_gap(objective: float, bound: float) -> float:
    """``|objective - bound| / objective``; a bound above the objective is no good either."""
    return float(abs(objective - bound) / objective) if objective > 0.0 else 0.0


@dataclass(frozen=True)
class Convex:
    """The convex problem of one network at one ``lam``.

    >>> from asymptotix.networks import get
    >>> Convex(get("quadratic"), 4, lam=0.5).penalty
    2.0
    """

    net: Network
    d: int
    lam: float

    @property
    def scale(self) -> float:
        """Factor of the squared residuals."""
        return float(self.net.supply("simulation").loss_factor)

    @property
    def penalty(self) -> float:
        """Factor of the norm: ``lam``, or ``lam d`` for matrices."""
        return float(self.net.samples(self.lam, self.d))

    def norm(self, weights: Array) -> float:
        """l1 norm of ``theta``, or nuclear norm of ``S``."""
        return float(np.abs(weights if weights.ndim == 1 else np.linalg.svd(weights, compute_uv=False)).sum())

    def steepest(self, adjoint: Array) -> float:
        """Dual norm of ``A'r``: the negative side does not count where weights are nonnegative."""
        if self.net.sides == 2:
            return float(np.abs(adjoint).max() if adjoint.ndim == 1 else np.linalg.norm(adjoint, 2))
        return float(adjoint.max() if adjoint.ndim == 1 else np.linalg.eigvalsh(adjoint).max())

    def bound(self, residual: Array, target: Array, adjoint: Array) -> float:
        """`dual_bound` from ``r``, ``y`` and ``A'r``."""
        return dual_bound(residual, target, self.scale, self.penalty, self.steepest(adjoint))

    def objective(self, residual: Array, weights: Array) -> float:
        """Value of the objective."""
        return self.scale * float(residual @ residual) + self.penalty * self.norm(weights)
