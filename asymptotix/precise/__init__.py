"""The same state evolution at any number of digits, and with a proof.

A witness of its own: nothing here comes from the double-precision solver, the derivations or the simulations,
except that a double-precision answer may be handed in to start from.
"""

from __future__ import annotations

from asymptotix.precise.solve import PreciseSolution, estimated_seconds, solve

__all__ = ["PreciseSolution", "estimated_seconds", "solve"]
