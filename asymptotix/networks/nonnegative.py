"""The nonnegative network: the diagonal one with ``theta >= 0``, as where both layers are the same, ``theta = u^2``.

Behind Gaussian noise the estimator of one coefficient ``a >= 0`` (in units of ``tau``) is ``(a + z - c)_+``: of the two
tails of the soft threshold the right one is left,

    r = E ((a + z - c)_+ - a)^2        s = P(a + z > c),

so that the bare noise has half the share that it has on both sides, and phases the same exponents. Without penalty no
more than about half of the coefficients that carry nothing are learned. `theory.md` 10.
"""

from __future__ import annotations

from dataclasses import replace
from functools import partial

from asymptotix.networks.diagonal import DIAGONAL, GaussianSequence

#: The network ``u * u`` with weight decay.
NONNEGATIVE = replace(
    DIAGONAL,
    name="nonnegative",
    prediction="theta.x / sqrt(d), theta >= 0",
    objective="1/2 sum (y - yhat)^2 + lam sum theta",
    sides=1,
    potential=partial(GaussianSequence, sides=1),
    digits="asymptotix.precise.term_by_term:TERM_BY_TERM",
    simulation="asymptotix.simulate.kinds:NONNEGATIVE_SEQUENCE",
    deeper_layers=None,
    unequal_inputs=None,
)
