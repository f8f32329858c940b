"""Variances of independent inputs: equal, a power law, or given one by one.

Coefficients are stated whitened, ``w_i = sqrt(v_i) theta_i``, so that the error is the excess risk whatever they are.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import numpy as np

from asymptotix.arrays import Array
from asymptotix.errors import InvalidInput
from asymptotix.validate import exact

# Steeper laws leave one input that counts, and thresholds beyond doubles for the second.
_STEEPEST = 1000


@dataclass(frozen=True)
class PowerVariances:
    """``v_i = i^-beta``, ``beta >= 0``.

    >>> PowerVariances(Fraction(1)).log_threshold(np.array([1.0, np.e**2])).tolist()
    [0.0, 1.0]
    """

    beta: Fraction

    def __post_init__(self) -> None:
        # equal decays are one record's inputs, and have one name, whatever kind of number they come as
        object.__setattr__(self, "beta", Fraction(str(self.beta)))

    @property
    def smooth(self) -> bool:
        """Whether ``g_i`` is a smooth, increasing function of the index, for any index."""
        return True

    def log_threshold(self, index: Array) -> Array:
        """``log g_i = -log(v_i) / 2``: how the threshold of a whitened coefficient grows where its input fades."""
        growth: Array = 0.5 * float(self.beta) * np.log(index)
        return growth

    def variances(self, d: int) -> Array:
        """All of them, for dimensions that fit in memory."""
        values: Array = np.arange(1.0, d + 1.0) ** -float(self.beta)
        return values

    def check_dimension(self, d: int) -> None:
        """They exist in every dimension."""


@dataclass(frozen=True)
class GivenVariances:
    """Variances one by one."""

    values: tuple[float, ...]

    @property
    def smooth(self) -> bool:
        return False

    def log_threshold(self, index: Array) -> Array:
        chosen: Array = -0.5 * np.log(np.array(self.values))[index.astype(int) - 1]
        return chosen

    def variances(self, d: int) -> Array:
        """All of them."""
        return np.array(self.values)

    def check_dimension(self, d: int) -> None:
        """Raise `InvalidInput` where there are no such inputs in dimension ``d``."""
        if d != len(self.values):
            raise InvalidInput("variances", f"{len(self.values)} numbers", f"as many as dimensions, d = {d}")


#: Variances of the inputs, decreasing from at most 1 or given one by one.
Inputs = PowerVariances | GivenVariances


def inputs_of(beta: Any, variances: Sequence[float] | Array | None) -> Inputs | None:
    """The inputs that a user describes, or None where all variances are 1.

    Raises:
        InvalidInput: ``beta`` is negative or beyond 1000, a variance is not positive and finite, or both are given.

    >>> inputs_of(0, None) is None, inputs_of("1/2", None)
    (True, PowerVariances(beta=Fraction(1, 2)))
    """
    allowed = f"a number >= 0 and at most {_STEEPEST}, the variances being i^-beta"
    rational = exact("beta", 0 if beta is None else beta, allowed)
    if not 0 <= rational <= _STEEPEST:
        raise InvalidInput("beta", beta, allowed)
    if variances is None:
        return PowerVariances(rational) if rational else None
    if rational:
        raise InvalidInput("beta", beta, "either beta or variances, not both")
    given = np.asarray(variances, dtype=float)
    bad = np.flatnonzero(~(np.isfinite(given) & (given > 0))) if given.ndim == 1 else np.zeros(1, dtype=int)
    if bad.size:
        raise InvalidInput("variances", f"entry {int(bad[0]) + 1}", "a list of finite numbers > 0")
    return None if bool((given == 1.0).all()) else GivenVariances(tuple(given.tolist()))
