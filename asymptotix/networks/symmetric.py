"""The symmetric network: a matrix of either sign, nuclear norm, its spectrum thresholded on both sides.

Signs of the teacher's eigenvalues do not matter to leading order: each is learned on its own side, and noise
leaks on both.
"""

from __future__ import annotations

from dataclasses import replace

from asymptotix.networks.quadratic import QUADRATIC

#: ``S = U'U - W'W`` with weight decay, both wide.
SYMMETRIC = replace(
    QUADRATIC,
    name="symmetric",
    objective="sum (y - yhat)^2 + lam d ||S||_*, S = S'",
    sides=2,
    potential="asymptotix.networks.two_sided:TwoSided",
    unequal_inputs="asymptotix.networks.shaped:without_potential",
)
