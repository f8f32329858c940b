"""The question asked: which network, which teacher, how much data, how much weight decay, how much noise.

Units (the same everywhere in the package):

=========== ======================== ======================================== ==========================
network     prediction               objective                                error
=========== ======================== ======================================== ==========================
diagonal    theta.x / sqrt(d)        1/2 sum (y - yhat)^2 + lam ||theta||_1   ||theta_hat - theta||^2 / d
  depth L   theta = u_1 u_2 ... u_L  ... + lam sum |theta_i|^(2/L)            the same
nonnegative theta.x, theta >= 0      1/2 sum (y - yhat)^2 + lam sum theta      the same
elastic-net theta.x / sqrt(d)        ... + lam sum (|theta| + ridge theta^2/2) the same
quadratic   Tr S (x x'-I) / sqrt(d)  sum (y - yhat)^2 + lam d Tr S,  S >= 0   ||S_hat - S||_F^2 / d
symmetric   Tr S (x x'-I) / sqrt(d)  sum (y - yhat)^2 + lam d ||S||_*, S = S' ||S_hat - S||_F^2 / d
bilinear    x'^T S x / sqrt(d)       sum (y - yhat)^2 + lam d ||S||_*         ||S_hat - S||_F^2 / d
  rows m    S of m rows, d columns   the same                                 the same
=========== ======================== ======================================== ==========================

The teacher's coefficients (diagonal, nonnegative), eigenvalues (quadratic) or singular values (bilinear) are
``sqrt(d) a_i`` with ``sum a_i^2 = 1``, so that the null estimator has error 1; ``y = prediction + sqrt(noise) xi``.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from fractions import Fraction
from typing import Any, cast

from asymptotix.errors import InvalidInput, TooLarge
from asymptotix.inputs import Inputs, inputs_of
from asymptotix.networks import get
from asymptotix.networks.base import Network
from asymptotix.tables import Tabular
from asymptotix.teacher import PowerLaw, Spectrum, Teacher
from asymptotix.validate import exact, number, simplest, whole

_RANGES = {
    "d": "an integer number of dimensions >= 1, such as 400 or 1e60",
    "n": "a number of samples > 0",
    "lam": "a weight decay >= 0",
    "noise": "a noise variance >= 0",
    "width": "an integer number of hidden units >= 1, or None for as many as there are dimensions",
    "rows": "an integer number of rows >= 1, at most the {d} columns",
    "depth": "an integer number of layers >= 2",
    "ridge": "a number >= 0, the weight of theta^2/2 beside |theta|",
    "teacher": "a Teacher such as PowerLaw(1.25) or Values([...])",
}

_NUMBERS = ("n", "lam", "noise")
_DOUBLES = "a size that doubles can count; many digits go further (`solve --digits`)"


@dataclass(frozen=True)
class Problem(Tabular):
    """One point of the phase diagram.

    Args:
        network: ``"diagonal"``, ``"nonnegative"``, ``"elastic-net"``, ``"quadratic"``, ``"symmetric"`` or
            ``"bilinear"``.
        gamma: decay of a power-law teacher, ``a_i ~ i**-gamma`` with ``gamma > 1/2``; or give ``teacher``.
        d: dimension, an integer of any size; ``1e60`` and ``10**60`` are the same.
        n: number of samples, any positive real.
        lam: weight decay ``lambda >= 0``; 0 is the ridgeless limit ``lambda -> 0+``.
        noise: variance ``Delta >= 0`` of the label noise.
        teacher: overrides ``gamma``.
        width: number of hidden units (quadratic, symmetric); ``d`` and more are the same as None, wide.
        rows: of a bilinear network's matrix, at most its ``d`` columns; ``d`` is the same as None, square.
        depth: number of layers of a diagonal network, 2 unless given.
        ridge: of an elastic net, the weight of ``theta^2 / 2`` beside ``|theta|``, >= 0; 1 unless given.
        beta: the inputs are independent with variances ``i**-beta``; 0 unless given.
        variances: the inputs' variances one by one, instead of ``beta``. The teacher's coefficients are then the
            whitened ones, ``sqrt(v_i) theta_i`` or ``sqrt(v_i v_j) S_ij`` (diagonal, too), and so is the error.
            The symmetric and the bilinear network are trained on such inputs, but have no state evolution there.

    Raises:
        InvalidInput: a field is outside its range; the message names the field, the value and the range.

    Examples:
        >>> p = Problem(network="quadratic", gamma=1.25, d=400, n=160_000, lam=0.1, noise=0.1)
        >>> p.n_eff
        400.0
        >>> Problem("diagonal", gamma=1.25, d=1e60, n=1e20, lam=0, noise=1).d == 10**60
        True
        >>> Problem("diagonal", gamma=0.5, d=10, n=10, lam=0, noise=1)
        Traceback (most recent call last):
            ...
        asymptotix.errors.InvalidInput: gamma = 0.5 is not allowed: expected a number > 1/2, so that the ...
    """

    network: str
    gamma: float | None = None
    d: int = field(kw_only=True)
    n: float = field(kw_only=True)
    lam: float = field(kw_only=True)
    noise: float = field(kw_only=True)
    teacher: Teacher | None = field(default=None, kw_only=True)
    width: int | None = field(default=None, kw_only=True)
    rows: int | None = field(default=None, kw_only=True)
    depth: int = field(default=2, kw_only=True)
    ridge: float | None = field(default=None, kw_only=True)
    beta: float = field(default=0.0, kw_only=True)
    variances: Sequence[float] | None = field(default=None, kw_only=True)
    inputs: Inputs | None = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        def put(name: str, value: object) -> None:
            object.__setattr__(self, name, value)

        put("depth", whole("depth", self.depth, _RANGES["depth"], least=2))
        number(
            "depth", self.depth, _RANGES["depth"]
        )  # counts of layers and units are doubles to the networks
        inputs = inputs_of(self.beta, self.variances)
        put("inputs", inputs)
        put("beta", float(getattr(inputs, "beta", 0)))
        put("variances", getattr(inputs, "values", None))
        if self.ridge is not None:
            put("ridge", number("ridge", self.ridge, _RANGES["ridge"]))
        if self.width is not None:
            put("width", whole("width", self.width, _RANGES["width"], least=1))
            number("width", self.width, _RANGES["width"])
        wide = self._any_shape  # a network that is not known, or lacks what is asked, is refused first
        if self.rows is not None:
            wide.supply("fewer_rows")
        put("d", whole("d", self.d, _RANGES["d"], least=1))
        if self.rows is not None:
            allowed = _RANGES["rows"].format(d=self.d)
            put("rows", whole("rows", self.rows, allowed, least=1))
            if self.rows > self.d:
                raise InvalidInput("rows", self.rows, allowed)
            put("rows", None if self.rows == self.d else self.rows)
        if self.width is not None and self.width >= self.d:
            put("width", None)
        self._settle_numbers(put, _NUMBERS)
        self._settle_teacher(put)
        if inputs is not None:
            inputs.check_dimension(self.d)

    def _settle_numbers(self, put: Any, names: Iterable[str]) -> None:
        for name in names:
            given = getattr(self, name)
            rational = exact(name, given, _RANGES[name])
            if rational.numerator < (name == "n"):
                raise InvalidInput(name, given, _RANGES[name])
            put(name, simplest(rational))

    def _settle_teacher(self, put: Any) -> None:
        if self.teacher is None:
            if self.gamma is None:
                raise InvalidInput("gamma", None, "a number > 1/2, or give a teacher")
            put("teacher", PowerLaw(self.gamma))
        elif not isinstance(self.teacher, Teacher):
            raise InvalidInput("teacher", self.teacher, _RANGES["teacher"])
        elif self.gamma is not None and getattr(self.teacher, "gamma", None) != self.gamma:
            raise InvalidInput("gamma", self.gamma, "either gamma or a teacher, not two different ones")
        teacher = cast(Teacher, self.teacher)
        put("gamma", getattr(teacher, "gamma", None))
        teacher.check_dimension(self.features)

    @property
    def net(self) -> Network:
        """The record of the network: its units and its parts."""
        return self._any_shape.of_rows(self.rows, self.d)

    @property
    def _any_shape(self) -> Network:
        net = get(self.network).of_depth(self.depth).of_ridge(self.ridge)
        return net.on_inputs(self.inputs).of_width(self.width)

    @property
    def features(self) -> int:
        """How many coefficients, eigenvalues or singular values there are: ``d``, or ``rows``."""
        return self.d if self.rows is None else self.rows

    @property
    def n_eff(self) -> float:
        """Effective sample size, ``n`` (diagonal) or ``n/d`` (quadratic, symmetric)."""
        size = self._double("n", self.net.n_eff(exact("n", self.n, ""), self.d))
        if size == 0.0:
            raise TooLarge("n", self.n, _DOUBLES)
        return size

    def double(self, name: str) -> float:
        """``noise`` or ``lam`` as a double; `TooLarge` where it is none.

        >>> Problem("diagonal", gamma=1, d=10, n=5, lam="1/8", noise=1).double("lam")
        0.125
        """
        return self._double(name, getattr(self, name))

    def _double(self, name: str, value: float | Fraction) -> float:
        try:
            return float(value)
        except OverflowError:
            raise TooLarge(name, getattr(self, name), _DOUBLES) from None

    @property
    def spectrum(self) -> Spectrum:
        """The teacher's normalised coefficients ``a_1 >= a_2 >= ...``, one a feature."""
        try:
            return cast(Teacher, self.teacher).spectrum(self.features)
        except OverflowError:
            raise TooLarge("d", self.d, _DOUBLES) from None

    def to_dict(self) -> dict[str, Any]:
        """Plain values under the names of the arguments; the teacher as it is written in Python.

        >>> Problem("diagonal", gamma=1, d=10, n=5, lam=0, noise=1).to_dict()["teacher"]
        'PowerLaw(gamma=1.0)'
        """
        names = ("network", "gamma", "d", "n", "lam", "noise")
        given = {name: getattr(self, name) for name in names}
        usual = {"width": None, "rows": None, "depth": 2, "ridge": None, "beta": 0, "variances": None}
        return {
            **given,
            "teacher": repr(self.teacher),
            **{name: getattr(self, name) for name, value in usual.items() if getattr(self, name) != value},
        }

    def replace(self, **changes: Any) -> Problem:
        """Return a copy with some fields changed; ``n_eff`` takes the place of ``n``.

        >>> p = Problem("diagonal", gamma=1, d=10, n=5, lam=0, noise=1)
        >>> p.replace(n=7).n, p.replace(network="quadratic", n_eff=7).n
        (7.0, 70.0)
        """
        if "n_eff" in changes:
            net, d = get(changes.get("network", self.network)), changes.get("d", self.d)
            n_eff = exact("n_eff", changes.pop("n_eff"), "a number of effective samples > 0")
            changes["n"] = net.samples(n_eff, int(exact("d", d, _RANGES["d"])))
        if "gamma" in changes and "teacher" not in changes:
            changes["teacher"] = None
        elif "teacher" in changes and "gamma" not in changes:
            changes["gamma"] = None
        if not changes.keys() <= {*_NUMBERS}:
            return replace(self, **changes)
        copy = object.__new__(type(self))  # whatever else it says is settled
        copy.__dict__.update(self.__dict__, **changes)
        copy._settle_numbers(copy.__dict__.__setitem__, changes)
        return copy


def problem_at(network: str, n_eff: float, d: Any, *, whole_n: bool = False, **fields: Any) -> Problem:
    """The problem of so many effective samples, for simulations rounded to whole ones; ``d`` may be a float."""
    n = get(network).samples(n_eff, d)
    return Problem(network, d=round(d), n=round(n) if whole_n else n, **fields)
