r"""The lazy benchmark: optimally regularised ridge regression on fixed features.

Linear features for the diagonal network, quadratic features ``x x'`` for the others: the kernel that the same
network has where its weights hardly move. Ridge shrinks all directions alike, ``k (S + tau Z)``, and with
``||S||^2 = 1`` and ``||Z||^2 = d`` (a matrix of ``m`` rows: ``m``) the best ``k`` leaves

    R(tau) = d tau^2 / (1 + d tau^2),         nu tau^2 = noise' + R        (a quadratic equation in tau^2).

It learns nothing before ``nu ~ d``, whatever the teacher's decay.
"""

from __future__ import annotations

import math

from asymptotix.equations import System
from asymptotix.errors import NotSupplied
from asymptotix.problem import Problem


def ridge_error(problem: Problem) -> float:
    """The error of ridge regression at its best penalty; the problem's ``lam`` plays no role.

    Raises:
        NotSupplied: inputs of unequal variance, whose directions are not shrunk alike.

    >>> p = Problem("diagonal", gamma=1.25, d=1000, n=500, lam=0, noise=0)
    >>> round(ridge_error(p), 12)    # without noise: the part of the space not seen
    0.5
    """
    if problem.inputs is not None:
        raise NotSupplied(problem.net.name, "ridge on fixed features")
    system = System.of(problem)
    share, noise = system.nu / problem.features, system.noise
    # share x^2 + b x = noise with x = d tau^2
    b = share - noise - 1.0
    root = math.sqrt(b * b + 4.0 * share * noise)
    x = 2.0 * noise / (b + root) if b > 0 else (root - b) / (2.0 * share)
    return x / (1.0 + x)
