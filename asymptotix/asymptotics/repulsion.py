r"""Noise that leaks through the thresholds ``kappa i^beta`` of a matrix: how it scales, and the plateau that follows.

The quadratic network on inputs of variance ``i^-beta`` (`asymptotix.networks.shaped_matrix`), without features: in
units of the noise direction ``y = i/d`` has the level ``-C y^beta``, ``C = d^beta kappa/tau``. Levels repel: those
below lift the first ones by ``int du/(C u^beta)``, a constant where its far end counts (``beta < 1``) and
``y^(1 - beta)`` where its near end does. Learned are the ``y`` whose lift exceeds their threshold,

    C^-1 y^min(0, 1 - beta) ~ C y^beta,          J ~ y (C y^beta)^2 ~ C^-p        (per coordinate).

A potential ``J = delta^2 (delta/eps)^p`` has, by the two identities ``R = -J + delta Jd + eps Je`` and
``A = Jd/(2 delta)``, the leaked risk ``2/(2 + p)`` of the leaked count; without weight decay ``s = nu``, so the error
stays at ``noise' 2/p`` whatever n. (The diagonal network's ``J`` has ``p = 2/beta``, hence its ``beta noise``.)
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from asymptotix.errors import InvalidInput
from asymptotix.validate import exact


@dataclass(frozen=True)
class Leak:
    """Powers of what leaks, exact.

    Attributes:
        power: ``p``: risk and count fall as ``(kappa/tau)^-p``.
        learned: the share of learned directions falls as ``(kappa/tau)^-learned``.
        next: what corrects them falls as this power of that share.
    """

    power: Fraction
    learned: Fraction
    next: Fraction

    @property
    def share(self) -> Fraction:
        """Leaked risk over ``tau^2`` times leaked count."""
        return 2 / (2 + self.power)

    @property
    def plateau(self) -> Fraction:
        """The error of ridgeless interpolation over ``noise'``."""
        return 2 / self.power


def leak(beta: Any) -> Leak:
    """How noise leaks on inputs of variance ``i^-beta``.

    Raises:
        InvalidInput: ``beta`` is no number > 0; at ``beta = 1`` there are logarithms.

    >>> leak("1/2").plateau, leak(2).plateau
    (Fraction(1, 3), Fraction(3, 2))
    """
    allowed = "a number > 0 other than 1, where there are logarithms"
    b = exact("beta", beta, allowed)
    if b <= 0 or b == 1:
        raise InvalidInput("beta", beta, allowed)
    near = min(Fraction(0), 1 - b)  # power of y in the lift
    learned = 2 / (b - near)
    # what the lift leaves out: its change with the level (y^beta), and the end of the integral that does not count
    left_out = min(b, 1 - b) if b < 1 else b - 1
    return Leak(learned * (1 + 2 * b) - 2, learned, left_out)
