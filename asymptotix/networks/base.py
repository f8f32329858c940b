"""What a network is to the rest of the package: three scale factors and the response of its estimator.

In scaled units, ``tau = delta / sqrt(d)`` (effective noise) and ``kappa = eps / sqrt(d)`` (threshold), every
network obeys the same two equations, each a sum of positive terms:

    nu tau^2 = noise' + R(tau, kappa)          nu kappa = L + kappa s(tau, kappa)

with ``nu``, ``noise'`` and ``L`` the samples, noise and penalty in the network's `Units`.
A network supplies the risk ``R`` and the degrees of freedom ``s``; nothing else distinguishes it.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING, Protocol

from asymptotix.teacher import Spectrum

if TYPE_CHECKING:
    from asymptotix.asymptotics.sector import Scales


@dataclass(frozen=True)
class Units:
    """How sizes enter the equations: ``nu = samples n_eff``, ``noise' = noise Delta``, ``L = penalty lam sqrt(d)``."""

    samples: Fraction
    noise: Fraction
    penalty: Fraction

    def scales(self) -> Scales:
        """The same numbers for the derivation engine."""
        import sympy as sp

        from asymptotix.asymptotics.sector import Scales

        factors = (self.samples, self.noise, self.penalty)
        return Scales(*(sp.Rational(x.numerator, x.denominator) for x in factors))


#: Coefficients of a linear prediction: the penalty is ``lam ||.||_1`` beside half the squared loss.
SEQUENCE_UNITS = Units(Fraction(1), Fraction(1), Fraction(1))
#: Eigenvalues of a matrix seen through ``(xx' - I)/sqrt d``, which acts like Gaussian noise of variance 2/d.
MATRIX_UNITS = Units(Fraction(2), Fraction(1, 2), Fraction(1, 2))


@dataclass(frozen=True)
class Response:
    """What the estimator does at one effective noise and one threshold.

    Attributes:
        path: where on the network's line of thresholds this is.
        c: threshold over noise, ``kappa / tau``.
        rho: risk in units of the noise, ``R / tau^2``.
        dof: degrees of freedom ``s = d A``.
        reference: a number that ``rho`` and ``dof`` are both close to (all coordinates learned), if any.
        rho_below, dof_below: ``reference - rho`` and ``reference - dof`` computed without cancellation.
    """

    path: float
    c: float
    rho: float
    dof: float
    reference: float = 0.0
    rho_below: float | None = None
    dof_below: float | None = None

    def spare_samples(self, nu: float) -> float:
        """``nu - rho``: what is left of the samples after the risk; equals ``noise' / tau^2``."""
        return nu - self.rho if self.rho_below is None else (nu - self.reference) + self.rho_below

    def spare_dof(self, nu: float) -> float:
        """``nu - s``: samples not used up by degrees of freedom; equals ``L / kappa``."""
        return nu - self.dof if self.dof_below is None else (nu - self.reference) + self.dof_below


class Potential(Protocol):
    """A network bound to a teacher's spectrum."""

    def response(self, path: float, log_tau: float) -> Response:
        """Respond at position ``path`` on the line of thresholds, at effective noise ``exp(log_tau)``.

        At fixed ``log_tau`` the threshold increases with ``path``, from exactly 0 at ``-inf`` without bound.
        """

    def threshold(self, log_tau: float, nu: float, penalty: float, near: Response | None) -> Response:
        """Solve the second equation, ``nu kappa = penalty + kappa s``, at fixed effective noise.

        In the form ``s / nu + penalty / (nu kappa) = 1`` its left side falls with ``kappa``, so there is one
        root; ``penalty = 0`` and more samples than degrees of freedom at threshold 0 give ``kappa = 0``.
        ``near`` is the response at a similar noise, to start from.
        """

    def path_of(self, c: float, log_tau: float) -> float:
        """A position where ``kappa / tau`` is near ``c``."""


class Network(Protocol):
    """A row of the table of units in `asymptotix.problem`."""

    name: str
    units: Units

    def bind(self, spectrum: Spectrum) -> Potential:
        """Return the network's potential for one teacher."""


@dataclass(frozen=True)
class Balance:
    """One equation ``nu = used + rest`` in logarithms: ``value`` is 0 at the root.

    ``residual`` is ``|nu - used - rest| / nu``.
    """

    value: float
    residual: float


def noise_balance(response: Response, log_tau: float, nu: float, noise: float) -> Balance:
    """First equation at one point of the unknowns: ``nu = rho + noise / tau^2``.

    >>> noise_balance(Response(0.0, 1.0, 3.0, 1.0), 0.0, nu=4.0, noise=1.0)
    Balance(value=0.0, residual=0.0)
    """
    rest = noise * saturated_exp(-2.0 * log_tau) if noise > 0 else 0.0
    return _balance(nu, response.rho, response.spare_samples(nu), rest, response.rho_below is not None)


def threshold_balance(response: Response, log_tau: float, nu: float, penalty: float) -> Balance:
    """Second equation at one point: ``nu = s + penalty / kappa``; its value increases with the threshold."""
    rest = 0.0
    if penalty > 0:
        rest = penalty / response.c * saturated_exp(-log_tau) if response.c > 0 else math.inf
    return _balance(nu, response.dof, response.spare_dof(nu), rest, response.dof_below is not None)


def _balance(nu: float, used: float, spare: float, rest: float, exact: bool) -> Balance:
    """``log(nu / (used + rest))``; or ``log(spare / rest)`` with ``spare = nu - used`` known to be accurate.

    The second form keeps its slope where ``rest`` is large, and its digits where ``spare`` is small.
    """
    if spare > 0 and 0 < rest < math.inf and (exact or spare > 0.5 * nu):
        return Balance(math.log(spare / rest), abs(spare - rest) / nu)
    total = used + rest
    if total == 0:
        return Balance(math.inf, 1.0)
    if total == math.inf:
        return Balance(-math.inf, math.inf)
    value = math.log(nu / total)
    if exact and spare <= 0 < rest:
        value = min(value, -math.ulp(0.0))  # too much is used, even where rounding hides it
    return Balance(value, abs(nu - total) / nu)


def saturated_exp(x: float) -> float:
    """``exp(x)``, infinite where it would overflow."""
    return math.exp(x) if x < 709.0 else math.inf
