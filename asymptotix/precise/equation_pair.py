"""The two shared equations at any precision, and what a network has to supply.

In scaled units (`asymptotix.networks.base`; [P] section 2)

    nu tau^2 = noise' + R(tau, kappa)          nu kappa = L + kappa s(tau, kappa)

both divided by ``nu`` and in logarithms: sums of positive terms, nothing cancels. The scale factors
are those of the network's record: definitions, not results.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING, Any, Protocol

from asymptotix.precise.backend import Backend, Number
from asymptotix.problem import Problem
from asymptotix.validate import exact

if TYPE_CHECKING:
    from asymptotix.precise.closed_forms import ClosedForm

Vector = tuple[Number, Number]
Matrix = tuple[Vector, Vector]


@dataclass(frozen=True)
class Constants:
    """``nu``, ``noise'`` and ``L`` of one problem, from its exact numbers."""

    nu: Number
    noise: Number
    penalty: Number

    @classmethod
    def of(cls, b: Backend, problem: Problem) -> Constants:
        nu, noise, penalty_squared = exact_constants(problem)
        return cls(b.number(nu), b.number(noise), b.sqrt(b.number(penalty_squared)))


def exact_constants(problem: Problem) -> tuple[Fraction, Fraction, Fraction]:
    """``nu``, ``noise'`` and ``L^2`` as rationals."""
    units = problem.net.units
    return (
        units.samples * exact_samples(problem),
        units.noise * exact("noise", problem.noise, ""),
        (units.penalty * exact("lam", problem.lam, "")) ** 2 * problem.d,
    )


def exact_samples(problem: Problem) -> Fraction:
    """``n_eff`` as a rational."""
    n_eff: Fraction = problem.net.n_eff(exact("n", problem.n, "a number of samples > 0"), problem.d)
    return n_eff


def log10(x: Fraction) -> float:
    """Of a rational of any size."""
    return math.log10(x.numerator) - math.log10(x.denominator)


@dataclass(frozen=True)
class Start:
    """A first solution to a few digits, as decimal strings free of any arithmetic, and where it lies.

    Attributes:
        extra: digits that cancel there.
        above: number of coefficients above the gap of the spectrum that holds the threshold; None in the bulk.
        low: whether the threshold is far below the noise.
        cut: whether width cuts the spectrum, in the gap below ``above`` coefficients.
    """

    unknowns: tuple[str, str]
    extra: int = 0
    above: int | None = None
    low: bool = False
    cut: bool = False

    @classmethod
    def at(
        cls, b: Backend, unknowns: Vector, extra: int = 0, above: int | None = None, low: bool = False
    ) -> Start:
        return cls((b.text(unknowns[0], b.digits), b.text(unknowns[1], b.digits)), extra, above, low)

    def numbers(self, b: Backend) -> Vector:
        return b.number(self.unknowns[0]), b.number(self.unknowns[1])


@dataclass(frozen=True)
class State:
    """A network at one pair of unknowns: risk and degrees of freedom, and both equations with their slopes.

    ``values`` are ``log((R / tau^2 + noise' / tau^2) / nu)`` and ``log((s + L / kappa) / nu)``, both 0 at the
    solution; ``jacobian`` holds their derivatives by the two unknowns, row by row. ``count`` is the number of learned
    eigenvalues, of a spectral network.
    """

    tau: Number
    kappa: Number
    rho: Number
    dof: Number
    values: Vector
    jacobian: Matrix
    count: Number | None = None

    @property
    def error(self) -> Number:
        """``R = tau^2 rho``."""
        return self.tau**2 * self.rho


class Equations(Protocol):
    """One problem in one arithmetic."""

    @property
    def b(self) -> Backend:
        """The arithmetic."""

    @property
    def estimated(self) -> str:
        """Which step of the evaluations so far is not enclosed; empty if all are."""

    def state(self, unknowns: Vector) -> State:
        """Evaluate at a pair of unknowns, whose meaning is the network's own."""

    def caveat(self, state: State) -> str:
        """What a proof of one solution rests on beside the enclosures, in words."""


@dataclass(frozen=True)
class Method:
    """A network's way to many digits: its part ``digits``.

    Attributes:
        start: (problem, a solution in doubles or None) -> a first solution to a few digits, or the answer itself.
        equations: (arithmetic, problem, first solution) -> the equations there.
        seconds: (problem, working digits) -> about how long a solve takes.
        paired: whether its coefficients are ``+-a_i``.
        largest: the largest dimension, where terms are summed one by one.
    """

    start: Callable[[Problem, Any], Start | ClosedForm]
    equations: Callable[[Backend, Problem, Start], Equations]
    seconds: Callable[[Problem, int], float]
    paired: bool = False
    largest: int | None = None


def balance(
    b: Backend,
    constants: Constants,
    tau: Number,
    kappa: Number,
    sums: tuple[Number, Number],
    slopes: Sequence[Sequence[Number]],
) -> State:
    """Put the equations together.

    Args:
        sums: ``rho`` and ``s``.
        slopes: derivatives of ``rho``, ``s``, ``log tau`` and ``log kappa`` by the two unknowns.
    """
    rho, dof = sums
    noise, force = constants.noise / tau**2, constants.penalty / kappa
    first, second = rho + noise, dof + force
    d_rho, d_dof, d_tau, d_kappa = slopes
    jacobian = (
        ((d_rho[0] - 2 * noise * d_tau[0]) / first, (d_rho[1] - 2 * noise * d_tau[1]) / first),
        ((d_dof[0] - force * d_kappa[0]) / second, (d_dof[1] - force * d_kappa[1]) / second),
    )
    values = (b.log(first / constants.nu), b.log(second / constants.nu))
    return State(tau, kappa, rho, dof, values, jacobian)


def numbers(b: Backend, problem: Problem, found: Sequence[Number]) -> dict[str, Number]:
    """The answer in the user's units, from ``tau``, ``kappa``, ``R`` and ``s``."""
    (tau, kappa, error, dof), root = found, b.sqrt(b.number(problem.d))
    return {
        "error": error,
        "excess_risk": problem.net.excess_factor * error,
        "delta": tau * root,
        "eps": kappa * root,
        "degrees_of_freedom": dof,
    }
