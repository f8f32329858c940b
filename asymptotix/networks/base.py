"""What a network is to the rest of the package: one record with every fact about it.

In scaled units, ``tau = delta / sqrt(d)`` (effective noise) and ``kappa = eps / sqrt(d)`` (threshold), every
network obeys the same two equations, each a sum of positive terms:

    nu tau^2 = noise' + R(tau, kappa)          nu kappa = L + kappa s(tau, kappa)

with ``nu``, ``noise'`` and ``L`` the samples, noise and penalty in the network's `Units`.
A network supplies the risk ``R`` and the degrees of freedom ``s`` (its potential), and, each optional, the parts that
other rooms need: symbols, many digits, the law of its weights, training. The witnesses share no code, so a part is
named by where it lives, ``"module:name"``, and loaded by the room that uses it.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass, fields, replace
from enum import Enum
from fractions import Fraction
from importlib import import_module
from typing import Any, NamedTuple, Protocol, cast

from asymptotix.errors import InvalidInput, NotSupplied
from asymptotix.inputs import Inputs
from asymptotix.teacher import Spectrum


@dataclass(frozen=True)
class Units:
    """How sizes enter the equations: ``nu = samples n_eff``, ``noise' = noise Delta``, ``L = penalty lam sqrt(d)``."""

    samples: Fraction
    noise: Fraction
    penalty: Fraction


#: Coefficients of a linear prediction: the penalty is ``lam ||.||_1`` beside half the squared loss.
SEQUENCE_UNITS = Units(Fraction(1), Fraction(1), Fraction(1))
#: Eigenvalues of a matrix seen through ``(xx' - I)/sqrt d``, which acts like Gaussian noise of variance 2/d.
MATRIX_UNITS = Units(Fraction(2), Fraction(1, 2), Fraction(1, 2))


class Slopes(NamedTuple):
    """Derivatives of a response by its place on the line of thresholds and by ``log tau``."""

    rho_by_path: float
    dof_by_path: float
    rho_by_tau: float
    dof_by_tau: float
    log_c_by_path: float = 1.0
    log_c_by_tau: float = 0.0


@dataclass(frozen=True)
class Response:
    """What the estimator does at one effective noise and one threshold.

    Attributes:
        path: where on the network's line of thresholds this is.
        c: threshold over noise, ``kappa / tau``.
        rho: risk in units of the noise, ``R / tau^2``.
        dof: degrees of freedom ``s = d A``.
        constraint: what limits the estimator, ``"width"``, ``"threshold"`` or ``"both"``, where width may.
        reference: a number that ``rho`` and ``dof`` are both close to (all coordinates learned), if any.
        rho_below, dof_below: ``reference - rho`` and ``reference - dof`` computed without cancellation.
        slopes: its derivatives, from networks that have them in closed form.
    """

    path: float
    c: float
    rho: float
    dof: float
    reference: float = 0.0
    rho_below: float | None = None
    dof_below: float | None = None
    constraint: str = ""
    slopes: Slopes | None = None

    def risk(self, log_tau: float) -> float:
        """``R = rho tau^2``, a double also where the squared noise is too small for one."""
        tau = math.exp(log_tau)
        return tau * self.rho * tau

    def spare_samples(self, nu: float) -> float:
        """``nu - rho``: what is left of the samples after the risk; equals ``noise' / tau^2``."""
        return nu - self.rho if self.rho_below is None else (nu - self.reference) + self.rho_below

    def spare_dof(self, nu: float) -> float:
        """``nu - s``: samples not used up by degrees of freedom; equals ``L / kappa``."""
        return nu - self.dof if self.dof_below is None else (nu - self.reference) + self.dof_below


class Responses(NamedTuple):
    """`Response` at many places: arrays; ``rho_below`` and ``dof_below`` are nan where there is no reference."""

    c: Any
    rho: Any
    dof: Any
    reference: Any
    rho_below: Any
    dof_below: Any
    rho_by_path: Any
    dof_by_path: Any
    rho_by_tau: Any
    dof_by_tau: Any
    log_c_by_path: Any
    log_c_by_tau: Any

    def each(self, path: Any) -> Iterator[Response]:
        """One by one, ``path`` being where."""
        for place, *values in zip(path.tolist(), *(x.tolist() for x in self), strict=True):
            yield Responses(*values).one(place)

    def one(self, place: float) -> Response:
        """The response that these are, of a single place."""
        (c, rho, dof, reference, risk, count), slopes = self[:6], Slopes(*self[6:])
        if math.isnan(risk):
            return Response(place, c, rho, dof, slopes=slopes)
        return Response(place, c, rho, dof, reference, risk, count, slopes=slopes)


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


class Geometry(Enum):
    """What the learned weights are; the value is the power of ``d`` in the number of samples, ``n = n_eff d^value``."""

    SEQUENCE = 0
    MATRIX = 1


#: Between the name of a network and its number of layers, where they are more than two.
DEPTH = " of depth "
#: And its number of hidden units, where they are fewer than dimensions.
WIDTH = " of width "
#: What stands for that number where it is a size of its own.
ANY = "d^b"
#: And the shape of its matrix, where that has fewer rows than columns.
ROWS = " of rows "
#: Or where its rows are a fixed share of its columns, and what stands for any share.
ASPECT, ANY_ASPECT = " of aspect ", "rho"
#: And the decay of its inputs' variances.
BETA = " of beta "

#: And how much ridge is beside its penalty.
RIDGE = " of ridge "

#: A part of a network: the object itself, ``"module:name"`` of it, or None if the network has none.
Part = Any


@dataclass(frozen=True)
class Network:
    """Everything that distinguishes one network: a row of the table of units in `asymptotix.problem`, and its parts.

    Attributes:
        name: as users give it.
        prediction, objective: the network in words of mathematics, for tables.
        units: how samples, noise and penalty enter the two equations.
        geometry: a sequence of coefficients, or the eigenvalues or singular values of a matrix.
        power: ``q`` of the penalty ``|theta|^q``.
        inputs: variances of its inputs, where they differ.
        ridge_share: what is beside its penalty, ``ridge_share theta^2 / 2``.
        sides: 1 where weights are nonnegative, 2 where they have either sign.
        excess_factor: ``excess_risk = excess_factor * error``.
        noise_edge: where bare noise ends, in units of its own size, in ``d`` dimensions.
        potential: a teacher's spectrum -> `Potential`; the only part that every network has.
        shares: sides -> what bare noise and one feature contribute to the potential (symbols).
        digits: the form in many digits (`asymptotix.precise.equation_pair.Method`).
        weights: (potential, response, log tau) -> law of the learned weights.
        error_parts: (potential, response, log tau) -> `asymptotix.risk.parts.Parts`.
        least_error: (potential, log tau) -> least error of any estimator, over ``tau^2``.
        simulation: how it is trained (`asymptotix.simulate.kinds`).
        diagnosis: how its measured weights are read (`asymptotix.spectrum.noise_and_features.Noise`).
        deeper_layers: (this record, number of layers) -> the record of the same network with that many.
        unequal_inputs: (this record, variances of the inputs) -> the record of the same network on them.
        ridge: (this record, a ridge's share) -> the record of the same network with that.
        narrower: (this record, number of hidden units) -> the record of the same network with so few.
        fewer_rows: (this record, rows, columns) -> the record of the same network whose matrix has that shape.
            Ridge, width and rows may be `ANY`, where they are a size of their own (symbols).
        any_aspect: (this record, rows over columns, or `ANY_ASPECT`) -> the record of such a shape (symbols).
        sized: which size of its own this record has, ``"width"``, ``"ridge"`` or ``"rows"``; empty if none.
        aspect: rows over columns, where its matrix has fewer, or `ANY_ASPECT`.
        assumes: what its numbers rest on beyond a convex problem, in words; empty if nothing.
        lacks: parts that it cannot have, each with the reason in words.
    """

    name: str
    prediction: str
    objective: str
    units: Units
    geometry: Geometry
    sides: int
    excess_factor: int
    noise_edge: Callable[[float], float]
    potential: Part
    shares: Part = None
    digits: Part = None
    weights: Part = None
    error_parts: Part = None
    least_error: Part = None
    simulation: Part = None
    diagnosis: Part = None
    deeper_layers: Part = None
    unequal_inputs: Part = None
    ridge: Part = None
    fewer_rows: Part = None
    any_aspect: Part = None
    narrower: Part = None
    sized: str = ""
    power: Fraction = Fraction(1)
    inputs: Inputs | None = None
    ridge_share: float = 0.0
    aspect: Fraction | str | None = None
    assumes: str = ""
    lacks: tuple[tuple[str, str], ...] = ()

    def bind(self, spectrum: Spectrum) -> Any:
        """The network's `Potential` for one teacher."""
        return self.supply("potential")(spectrum)

    def kin(self, keeps: Collection[str] = (), **changes: Any) -> Network:
        """Another network made of this one: the same facts, but of its parts only those it ``keeps`` and those given.

        >>> from asymptotix.networks import get
        >>> made = get("diagonal").kin(["least_error"], sides=1, digits="module:name")
        >>> made.sides, made.digits, made.least_error == get("diagonal").least_error, made.potential, made.shares
        (1, 'module:name', True, None, None)
        """
        lost = (part.name for part in fields(self) if part.type == "Part" and part.name not in keeps)
        return replace(self, **{**dict.fromkeys(lost), **changes})

    @property
    def is_sequence(self) -> bool:
        """Whether the learned weights are a sequence, and not a matrix."""
        return self.geometry is Geometry.SEQUENCE

    def of_depth(self, layers: int) -> Network:
        """The same network with that many layers; two is what every network has."""
        return self if layers == 2 else self._variant("deeper_layers", layers)

    def on_inputs(self, inputs: Inputs | None) -> Network:
        """The same network on inputs of such variances; None is what every network has, variance 1."""
        return self if inputs is None else self._variant("unequal_inputs", inputs)

    def of_width(self, width: int | str | None) -> Network:
        """The same network with that many hidden units; None is as many as it can use, `ANY` ``p = d**b``."""
        return self if width is None else self._variant("narrower", width)

    def of_ridge(self, ridge: float | str | None) -> Network:
        """The same network with that much ridge beside its penalty; None is its own, `ANY` ``d**b``."""
        return self if ridge is None else self._variant("ridge", ridge)

    def of_rows(self, rows: int | str | None, columns: int = 0) -> Network:
        """The same network with a matrix of that many rows; None is as many as columns, `ANY` ``d**b``, ``b < 1``."""
        return self if rows is None else self._variant("fewer_rows", rows, columns)

    def _variant(self, part: str, *size: Any) -> Network:
        return cast(Network, self.supply(part)(self, *size))

    def rows(self, columns: int) -> int:
        """Coefficients, eigenvalues or singular values in so many dimensions."""
        return columns if self.aspect is None else round(Fraction(self.aspect) * columns)

    def columns(self, rows: int) -> int:
        """Dimensions of so many coefficients, eigenvalues or singular values."""
        return rows if self.aspect is None else round(rows / Fraction(self.aspect))

    def of_aspect(self, aspect: Any) -> Network:
        """The same network with that many rows for each column; None and 1 are as many.

        Raises:
            InvalidInput: no rational number above 0 and at most 1, nor `ANY_ASPECT`.

        >>> from asymptotix.networks import get
        >>> get("bilinear").of_aspect("2/4").name
        'bilinear of aspect 1/2'
        """
        if aspect is None:
            return self
        try:
            share = aspect if aspect == ANY_ASPECT else Fraction(aspect)
        except (TypeError, ValueError, ZeroDivisionError):
            share = Fraction(0)
        if share != ANY_ASPECT and not 0 < share <= 1:
            raise InvalidInput("aspect", aspect, f"rows over columns, a rational in (0, 1], or {ANY_ASPECT}")
        self.supply("any_aspect")
        return self if share == 1 else self._variant("any_aspect", share)

    def n_eff(self, n: Any, d: int) -> Any:
        """Effective samples: ``n`` for a sequence, ``n/d`` for a matrix; exact for exact ``n``."""
        return n / d**self.geometry.value if self.geometry.value else n

    def samples(self, n_eff: Any, d: Any) -> Any:
        """The inverse of `n_eff`.

        >>> from asymptotix.networks import get
        >>> get("quadratic").samples(25, 400)
        10000
        """
        return n_eff * d**self.geometry.value if self.geometry.value else n_eff

    def supply(self, part: str) -> Any:
        """One of the parts, loaded if need be.

        Raises:
            NotSupplied: the network has no such part.
        """
        value = getattr(self, part)
        if value is None:
            why = dict(self.lacks).get(part)
            raise NotSupplied(self.name, part.replace("_", " ") + (f": {why}" if why else ""))
        if isinstance(value, str):
            module, _, name = value.partition(":")
            return getattr(import_module(module), name)
        return value


def over_noise(size: float, log_tau: float) -> float:
    """``size / tau``, infinite where it would overflow; nothing is nothing at any noise."""
    return size * saturated_exp(-log_tau) if size > 0 else 0.0


def saturated_exp(x: float) -> float:
    """``exp(x)``, infinite where it would overflow."""
    return math.exp(x) if x < 709.0 else math.inf
