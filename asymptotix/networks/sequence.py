"""What potentials of coefficients behind Gaussian noise share: the search for the threshold of a penalty."""

from __future__ import annotations

import math
from abc import ABC, abstractmethod
from collections.abc import Callable

from asymptotix.networks.balances import threshold_balance
from asymptotix.networks.base import Response
from asymptotix.rootfinding import bracket, increasing_root

# Thresholds are looked for within this of 1, in log c: beyond, they are no doubles.
_WIDEST_PATH = 700.0


class ByThreshold(ABC):
    """A potential of coefficients whose path is ``log c``, or is made of it."""

    @abstractmethod
    def response(self, path: float, log_tau: float) -> Response:
        """Respond at threshold ``c = exp(path)``."""

    @abstractmethod
    def guess(self, log_tau: float, nu: float, penalty: float) -> float:
        """Where to look for a threshold first."""

    def paths(self, log_tau: float) -> tuple[float, float]:
        """Those whose thresholds doubles hold."""
        return -_WIDEST_PATH, _WIDEST_PATH

    def path_of(self, c: float, log_tau: float) -> float:
        return math.log(c) if c > 0 else -math.inf

    def threshold(self, log_tau: float, nu: float, penalty: float, near: Response | None) -> Response:
        """`solve_threshold`; none without penalty, where samples are enough for what is learned then."""
        if penalty == 0 and (free := self.response(-math.inf, log_tau)).dof <= nu:
            return free
        start = self.guess(log_tau, nu, penalty)
        return solve_threshold(self.response, log_tau, nu, penalty, start, near, self.paths(log_tau))


def solve_threshold(
    respond: Callable[[float, float], Response],
    log_tau: float,
    nu: float,
    penalty: float,
    start: float,
    near: Response | None,
    range_: tuple[float, float],
) -> Response:
    """Solve ``s / nu + L / (nu kappa) = 1`` for the path, at fixed effective noise.

    Args:
        respond: of the potential, ``(path, log_tau) -> Response``; the threshold grows with the path.
        start: where to look first, unless there is a response ``near``.
        range_: the paths whose thresholds doubles hold.

    Returns:
        The response there; without threshold where it would be below the smallest double, and of infinite risk where
        it would be above the largest.
    """
    found: dict[float, Response] = {}

    def balance(path: float) -> float:
        found[path] = respond(path, log_tau)
        return threshold_balance(found[path], log_tau, nu, penalty).value

    low, high = range_
    known = near is not None and near.path > -math.inf
    first = near.path if near is not None and known else start
    ends = bracket(balance, min(max(first, low), high), 0.1 if known else 0.5, low, high)
    if ends is None and balance(low) > 0:
        return respond(-math.inf, log_tau)
    if ends is None:  # a threshold whose square is no double: so is the risk over that of the noise
        return Response(high, math.exp(high), math.inf, nu)
    return found[increasing_root(balance, ends, tolerance=1e-15)]
