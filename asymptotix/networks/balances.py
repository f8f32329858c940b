"""The two equations as balances, zero at the root, in the form that keeps its digits at a response."""

from __future__ import annotations

import math
from dataclasses import dataclass, field

from asymptotix.networks.base import Response, over_noise


@dataclass(frozen=True)
class Balance:
    """One equation ``nu = used + rest`` in logarithms: ``value`` is 0 at the root.

    ``residual`` is ``|nu - used - rest| / nu``; the value falls by ``by_used`` with what is used, and by ``by_rest``
    with the logarithm of the rest.
    """

    value: float
    residual: float
    by_used: float = field(default=math.nan, repr=False, compare=False)
    by_rest: float = field(default=math.nan, repr=False, compare=False)


def noise_balance(
    response: Response, log_tau: float, nu: float, noise: float, *, afar: bool = False
) -> Balance:
    """First equation at one point of the unknowns: ``nu = rho + noise / tau^2``.

    ``afar``: in the form that is nearly linear far from the root, too.

    >>> noise_balance(Response(0.0, 1.0, 3.0, 1.0), 0.0, nu=4.0, noise=1.0)
    Balance(value=0.0, residual=0.0)
    """
    rest = over_noise(over_noise(noise, log_tau), log_tau)
    short = response.reference - nu if response.rho_below is not None else math.inf
    return _balance(nu, response.rho, response.spare_samples(nu), rest, short, afar)


def threshold_balance(
    response: Response, log_tau: float, nu: float, penalty: float, *, afar: bool = False
) -> Balance:
    """Second equation at one point: ``nu = s + penalty / kappa``; its value increases with the threshold."""
    rest = 0.0
    if penalty > 0:
        rest = over_noise(penalty / response.c, log_tau) if response.c > 0 else math.inf
    short = response.reference - nu if response.dof_below is not None else math.inf
    return _balance(nu, response.dof, response.spare_dof(nu), rest, short, afar)


def _balance(nu: float, used: float, spare: float, rest: float, short: float, afar: bool) -> Balance:
    """``log(nu / (used + rest))``; or ``log(spare / rest)`` with ``spare = nu - used`` known to be accurate.

    ``short``: by how much the samples fall short of what can be used at all, infinite where nothing is known of that.
    The second form keeps its slope where ``rest`` is large, and its digits where ``spare`` is small. Afar it is taken
    where it is sure to bend less: the terms are near to powers of the unknowns, their sum is no power near 0.
    """
    exact = short < math.inf
    good = exact or spare > 0.5 * nu
    if good and afar:
        good = (spare <= 3.0 * rest or spare >= short) if exact else rest >= used
    if good and spare > 0 and 0 < rest < math.inf:
        ratio = spare / rest
        ends = 0.0 < ratio < math.inf  # else the ratio is no double, though its logarithm is
        value = math.log(ratio) if ends else math.log(spare) - math.log(rest)
        return Balance(value, abs(spare - rest) / nu, 1.0 / spare, 1.0)
    total = used + rest
    if total == 0:
        return Balance(math.inf, 1.0)
    if not 0.0 < total < math.inf:  # or no number, or less than nothing, where doubles cancel
        return Balance(-math.inf, math.inf)
    off = spare - rest if exact else nu - total
    value = math.log1p(off / total) if abs(off) < 0.5 * total else math.log(nu / total)
    if exact and spare <= 0 < rest:
        value = min(value, -math.ulp(0.0))  # too much is used, even where rounding hides it
    return Balance(value, abs(off) / nu, 1.0 / total, rest / total)
