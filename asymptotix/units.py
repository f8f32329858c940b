r"""From the units that people have to those of `Problem`, and back.

`Problem` minimises a *sum* of squares (half of it where the weights are a sequence), and its teacher has norm 1.
Below, ``f`` is that factor of the sum, 1/2 or 1, and ``P`` what ``lam`` multiplies: ``||theta||_1``, ``d Tr S``,
``d ||S||_*``. Each conversion rests on this alone: objectives that are multiples of one another have the same
minimiser.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal, localcontext
from fractions import Fraction
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from asymptotix.arrays import Array
from asymptotix.errors import InvalidInput
from asymptotix.networks.base import Network
from asymptotix.problem import Problem
from asymptotix.validate import exact, number, one_of, simplest

#: What a number called lam may be.
LAM_UNITS = ("sum", "mean", "alpha", "weight-decay")
#: How a matrix comes from the hidden units: ``W'W / sqrt(p d)``, or ``W'W`` itself.
WEIGHTS = ("normalised", "plain")
_POSITIVE = "a number > 0"

# Numbers of results that grow like the square of the teacher's norm, and like the norm itself.
_ERRORS = ("error", "excess_risk", "train_loss", "law", "law_band", "radius", "stderr", "theory", "objective")
_OPTIMA = ("error_star", "bayes_error", "pruned_error", "ridge_error", "wide_error", "decay_error")
_FLATNESS = ("error_at_half", "error_at_twice")
_PARTS = ("overfitting", "underfitting", "approximation", "width_limited")
_MARGINALS = ("bulk_moment", "hidden_energy", "outlier_error", "interaction")
_SQUARES = frozenset((*_ERRORS, *_OPTIMA, *_FLATNESS, *_PARTS, *_MARGINALS))
_FIRST_POWERS = frozenset(("delta", "eps", "spectrum"))
# Decimal strings are multiplied with so many digits to spare.
_SPARE_DIGITS = 10


def from_mean_loss(lam: float, n: float) -> float:
    """``lam`` of an objective whose loss is a mean over samples: ``lam_sum = n lam``.

    ``f/n sum (y - yhat)^2 + lam P`` is ``1/n`` times ``f sum (y - yhat)^2 + n lam P``.

    >>> from_mean_loss(0.01, n=500)
    5.0
    """
    return _positive("n", n) * number("lam", lam, "a weight decay >= 0")


def from_alpha(alpha: float, n: float, d: float, scale: float = 1.0) -> float:
    """``lam`` of scikit-learn's ``Lasso(alpha, fit_intercept=False).fit(X, y)``: ``n alpha / (scale sqrt(d))``.

    It minimises ``1/(2n) ||y - X w||^2 + alpha ||w||_1``. With ``X = scale x`` (1 for standardised columns,
    ``1/sqrt(d)`` if they were divided by it) the prediction ``X w`` is ``theta.x / sqrt(d)`` with ``theta = scale
    sqrt(d) w``. So ``n`` times this is ``1/2 ||y - yhat||^2 + n alpha / (scale sqrt(d)) ||theta||_1``, and ``error`` is
    ``scale^2 ||w - w_teacher||^2``.

    >>> from_alpha(0.1, n=500, d=400)
    2.5
    """
    return from_mean_loss(alpha, n) / (_positive("scale", scale) * math.sqrt(_positive("d", d)))


def from_weight_decay(
    decay: float, net: Network, n: float, d: float, width: float | None = None, weights: str = "normalised"
) -> float:
    r"""``lam`` of a network trained by ``grad(mean squared error) + decay W`` in every step.

    Such steps descend ``1/n sum (y - yhat)^2 + decay/2 ||W||^2``, with all layers in ``W`` (true of SGD, with momentum
    or not; AdamW divides its gradient, not its decay, and ends elsewhere). For given weights the least ``1/2 ||W||^2``
    is::

        sequence, theta = u_1 ... u_L        L/2 sum |theta_i|^(2/L) = P/power
        S = W'W/sqrt(p d), perhaps signed    1/2 sqrt(p d) ||S||_*   = sqrt(p/d) P/2
        S = U'V/sqrt(p d)                    sqrt(p d) ||S||_*       = sqrt(p/d) P

    and with ``S = W'W``, ``S = U'V`` as they are, ``sqrt(p d)`` is missing. Times ``f n``, the objective is that of
    `Problem` with ``lam = f n decay`` times the factor of ``P``.

    Args:
        net: the network's record, ``Problem(...).net``.
        width: number ``p`` of hidden units, where weights are normalised by it.
        weights: ``"normalised"`` or ``"plain"``.

    Raises:
        InvalidInput: no width where one is needed, or plain weights of a sequence.

    >>> from asymptotix.networks import get
    >>> from_weight_decay(0.01, get("diagonal"), n=500, d=400)
    2.5
    >>> from_weight_decay(0.01, get("quadratic"), n=500, d=400, width=1600)
    5.0
    """
    trained = net.supply("simulation")
    least = _least_half(net, trained.pairs, d, width, weights)
    return float(trained.loss_factor) * from_mean_loss(decay, n) * least


def _least_half(net: Network, pairs: bool, d: float, width: float | None, weights: str) -> float:
    """The least half sum of squares of the layers, in units of what ``lam`` multiplies."""
    if net.is_sequence:
        if weights != "normalised":
            raise InvalidInput(
                "weights", weights, f"normalised: theta of a {net.name} network has no 1/sqrt(p d)"
            )
        return 1.0 / float(net.power)
    layers = 1.0 if pairs else 0.5
    if weights == "plain":
        return layers / d
    if width is None:
        raise InvalidInput("width", None, "the number p of hidden units, for 1/sqrt(p d); or plain weights")
    return layers * math.sqrt(_positive("width", width) / d)


def matrix_of(w: ArrayLike, weights: str = "normalised", signs: ArrayLike | None = None) -> Array:
    """``S = W' diag(signs) W / sqrt(p d)`` of hidden units ``W`` (p, d), one a row; plain: without the root.

    Raises:
        InvalidInput: not two axes, or not as many signs as rows.

    >>> matrix_of([[2.0, 0.0]], "plain").tolist(), matrix_of([[2.0, 0.0], [0.0, 2.0]]).tolist()
    ([[4.0, 0.0], [0.0, 0.0]], [[2.0, 0.0], [0.0, 2.0]])
    """
    rows = np.asarray(w, dtype=np.float64)
    if rows.ndim != 2 or rows.size == 0:
        raise InvalidInput("weights", f"an array of shape {rows.shape}", "W of p rows and d columns")
    one_each = np.ones(len(rows)) if signs is None else np.asarray(signs, dtype=np.float64)
    if one_each.shape != (len(rows),):
        raise InvalidInput("signs", one_each.shape, f"one for each of the {len(rows)} rows")
    s = (rows.T * one_each) @ rows
    one_of("weights", weights, WEIGHTS)
    return np.asarray(s if weights == "plain" else s / math.sqrt(rows.size))


@dataclass(frozen=True)
class Convention:
    """Which units a user's numbers are in; those of `Problem` by default.

    Attributes:
        lam: ``"sum"`` (the table of units), ``"mean"`` (`from_mean_loss`), ``"alpha"`` (`from_alpha`, standardised
            columns) or ``"weight-decay"`` (`from_weight_decay`).
        weights: ``"normalised"`` or ``"plain"``, which weight decay depends on.
        norm: of the teacher. One of norm ``q`` is one of norm 1 measured with another unit: with the penalty
            ``|theta|^power``, error and noise are ``q^2`` times, and lam ``q^(2 - power)`` times those of `Problem`.

    Raises:
        InvalidInput: none of these, or a norm that is not positive.

    Examples:
        >>> from asymptotix import solve
        >>> lasso = Problem("diagonal", gamma=1.25, d=400, n=500, lam=0.1, noise=0.4)  # alpha, a teacher 2 long
        >>> mine = Convention(lam="alpha", norm=2)
        >>> there = mine.problem(lasso)
        >>> there.lam, there.noise
        (1.25, 0.1)
        >>> mine.result({"error": solve(there).error})["error"] == 4 * solve(there).error
        True
    """

    lam: str = "sum"
    weights: str = "normalised"
    norm: float | Fraction = 1.0

    def __post_init__(self) -> None:
        one_of("lam_unit", self.lam, LAM_UNITS)
        one_of("weights", self.weights, WEIGHTS)
        _positive("norm", self.norm)

    def lam_factor(self, net: Network, n: float, d: float, width: float | None = None) -> float:
        """``lam`` of a summed loss is this times the user's; the teacher's norm has no part in it.

        Raises:
            InvalidInput: ``"alpha"`` of a network that is no LASSO.
        """
        if self.lam == "sum":
            return 1.0
        if self.lam == "mean":
            return from_mean_loss(1.0, n)
        if self.lam == "weight-decay":
            return from_weight_decay(1.0, net, n, d, width, self.weights)
        if not net.is_sequence or net.power != 1:
            raise InvalidInput("lam_unit", "alpha", f"sum, mean or weight-decay: {net.name} is no LASSO")
        return from_alpha(1.0, n, d)

    def problem(self, problem: Problem, width: float | None = None) -> Problem:
        """The same question in the units of `Problem`; ``lam`` and ``noise`` of the argument are the user's.

        Args:
            width: hidden units, where `Problem` does not know them because they are as many as dimensions or more.
        """
        if self == Convention():
            return problem
        q, power = exact("norm", self.norm, _POSITIVE), problem.net.power - 2
        lam, noise = exact("lam", problem.lam, ""), exact("noise", problem.noise, "")
        if lam and self.lam != "sum":
            lam *= exact("lam", self._factor(problem, width), "")
        # exact where the power is whole
        scale = q ** int(power) if power.denominator == 1 else exact("norm", float(q) ** float(power), "")
        return problem.replace(lam=simplest(lam * scale), noise=simplest(noise / (q * q)))

    def _factor(self, problem: Problem, width: float | None) -> float:
        units = problem.width if width is None else width
        return self.lam_factor(problem.net, float(problem.n), float(problem.d), units)

    def lam_of(self, problem: Problem, lam: float, width: float | None = None) -> float:
        """The user's ``lam`` for one of a `Problem`: the inverse of `problem`.

        >>> lasso = Problem("diagonal", gamma=1.25, d=400, n=500, lam=1.25, noise=0.1)
        >>> Convention(lam="alpha", norm=2).lam_of(lasso, 1.25)
        0.1
        """
        scale = float(self.norm) ** (2.0 - float(problem.net.power))
        return float(lam * scale / self._factor(problem, width))

    def result(self, values: Mapping[str, Any]) -> dict[str, Any]:
        """Results of `Problem` in the user's units, however deep; what has no units stays as it is."""
        q = exact("norm", self.norm, _POSITIVE)
        if q == 1:
            return dict(values)
        return {name: self._scaled(name, value, q) for name, value in values.items()}

    def _scaled(self, name: str, value: Any, q: Fraction) -> Any:
        if isinstance(value, Mapping):
            return self.result(value)
        if isinstance(value, list) and value and isinstance(value[0], Mapping):
            return [self.result(item) for item in value]
        if name not in _SQUARES and name not in _FIRST_POWERS:
            return value
        return _times(value, q * q if name in _SQUARES else q)


def _times(value: Any, factor: Fraction) -> Any:
    """A number, an array of them, or a decimal string, times a factor."""
    if isinstance(value, str):
        given = Decimal(value)
        if not given.is_finite():
            return value
        with localcontext() as context:
            context.prec = len(value) + _SPARE_DIGITS
            product = given * factor.numerator / factor.denominator
            context.prec = len(given.as_tuple().digits)
            return str(+product)
    if isinstance(value, list):
        return [_times(item, factor) for item in value]
    return value if value is None else value * float(factor)


def _positive(name: str, value: Any) -> float:
    return number(name, value, _POSITIVE, above=0.0)
