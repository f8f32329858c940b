r"""Laws that are not phases: the interpolation peak, the optimal penalty, the Bayes benchmark, zero noise.

Each law is a SymPy expression in ``gamma``, ``n_eff``, ``d``, ``Delta`` and ``lam``, derived from the same
two shares of the potential as the sectors (:mod:`asymptotix.asymptotics.expansions.potential`) and from the
three numbers that put a network's units into the two shared equations (:class:`Scales`)::

    f n_eff tau**2 = g Delta + R        f n_eff kappa = h lam sqrt(d) + kappa s
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import sympy as sp

from asymptotix.asymptotics.expansions.mellin import (
    TEACHER_NORM,
    Piece,
    end_corrections,
    power_law_integral,
)
from asymptotix.asymptotics.expansions.potential import FeatureShare, NoiseShare, bayes_pieces
from asymptotix.asymptotics.sector import Scales, Term
from asymptotix.asymptotics.symbols import GAMMA, TAU, Expr
from asymptotix.errors import InvalidInput

N_EFF, DIMENSION, NOISE, PENALTY = sp.symbols("n_eff d Delta lam", positive=True)


@dataclass(frozen=True)
class Law:
    """A limiting law with the range where it holds, in words, and its next order where that is known.

    ``correction`` is the relative (signed) next order; ``None`` where it has not been derived.
    """

    name: str
    expression: Expr
    holds: str
    correction: Expr | None = None

    def value(self, **numbers: float) -> float:
        """The law's value; the names are ``gamma, n_eff, d, noise, lam``, as far as the law needs them.

        Raises :class:`InvalidInput` if a quantity the law needs is missing.
        """
        return self._number(self.expression, numbers)

    def corrected(self, **numbers: float) -> float:
        """The law's value with its next order."""
        return self._number(self.expression * (1 + (self.correction or 0)), numbers)

    @staticmethod
    def _number(expression: Expr, numbers: dict[str, float]) -> float:
        names = {"gamma": GAMMA, "n_eff": N_EFF, "d": DIMENSION, "noise": NOISE, "lam": PENALTY}
        values: dict[Any, Any] = {names[name]: sp.Float(value, 30) for name, value in numbers.items()}
        out = expression.subs(values)
        if out.free_symbols:
            missing = ", ".join(sorted(str(symbol) for symbol in out.free_symbols))
            raise InvalidInput("law", sorted(numbers), f"values for {missing} too")
        return float(sp.N(out, 20))


@dataclass(frozen=True)
class Optimum:
    """The best penalty, the threshold it amounts to, and the risk there."""

    shape: Law
    penalty: Law
    risk: Law


def noise_level(scales: Scales) -> Expr:
    """``tau`` where the noise dominates the risk: ``f n_eff tau**2 = g Delta``."""
    return sp.sqrt(scales.noise * NOISE / (scales.samples * N_EFF))


def features_above(scale: Expr) -> Expr:
    """``(N scale)**(-1/gamma)``, the number of the teacher's features above ``scale``."""
    return (TEACHER_NORM * scale) ** (-1 / GAMMA)


def peak(noise: NoiseShare, scales: Scales) -> tuple[Expr, Law]:
    r"""The line ``n_eff/d`` of the interpolation peak and the law of the error on it for small ``lam``.

    There ``s`` and ``samples`` cancel at zero threshold; the first order in ``c = kappa/tau`` is left,

        (slope of R) d tau kappa = g Delta ,        (slope of s) d kappa**2/tau = h lam sqrt(d) ,

    and ``R = j(0) d tau**2``. It is free of ``d``, with ``lam**(-2/3)``.
    """
    risk, count, risk_slope, count_slope = noise.at_zero()
    tau = sp.Symbol("tau", positive=True)
    threshold = scales.noise * NOISE / (risk_slope * DIMENSION * tau)
    balance = count_slope * DIMENSION * threshold**2 / tau * tau**3  # = h lam sqrt(d) tau**3
    cube = sp.simplify(balance / (scales.penalty * PENALTY * sp.sqrt(DIMENSION)))
    error = sp.simplify(risk * DIMENSION * cube ** sp.Rational(2, 3))
    holds = "lam << sqrt(Delta), while d kappa exceeds the teacher's trace and tau its smallest feature"
    return sp.simplify(count / scales.samples), Law("interpolation peak", error, holds)


def finite_peak(noise: NoiseShare, scales: Scales) -> tuple[Law, Law]:
    r"""Where the peak sits at ``lam = 0`` and how high it is, if the network learns on the teacher's side only.

    Features under the noise shift it by the teacher's trace ``T``. To first order, with ``m`` minus the slope
    of ``s/d`` at ``c = 0``, ``s = d (s_0 - m c) + m T/tau`` while ``R`` does not change: at ``lam = 0`` the
    equations ``s = samples`` and ``samples tau**2 - R = g Delta`` become

        tau (T + d kappa) = g Delta/m      below the peak,         kappa = 0 beyond it,

    so that the peak is where ``kappa`` vanishes, at ``tau = g Delta/(m T)``. Returns the laws of ``n_eff`` and
    of the error there. Raises :class:`InvalidInput` for a network that learns on both sides: its peak diverges.
    """
    if noise.tilt == 0:
        raise InvalidInput(
            "noise.tilt", noise.tilt, "a network that learns on one side; on both the peak diverges"
        )
    risk, count, _, slope = noise.at_zero()
    trace = (DIMENSION ** (1 - GAMMA) / (1 - GAMMA) + sp.zeta(GAMMA)) / TEACHER_NORM
    tau = scales.noise * NOISE / (slope * noise.tilt * trace)
    place = (count * DIMENSION + slope * noise.tilt * trace / tau) / scales.samples
    holds = "lam = 0, few features above tau: gamma < 1 at noise of order one, or Delta above the trace"
    return (
        Law("n_eff at the peak", sp.simplify(place), holds),
        Law("error at the peak", risk * DIMENSION * tau**2, holds),
    )


def optimum(noise: NoiseShare, feature: FeatureShare, scales: Scales) -> Optimum:
    """The optimal penalty for ``1 << n_eff << d**(2 gamma)`` at noise of order one, and the risk there.

    Spectral networks: the features' risk grows with ``c`` from the edge on, and below the edge noise leaks
    in; so ``c`` sits at the edge, lower by a small gap that balances the two. Scalar networks: the tail has
    no edge, and ``c`` grows like ``sqrt(2 log)``.
    """
    tau = noise_level(scales)
    pieces, counted = feature.at_edge(noise)
    factor, used = map(_factored, (pieces, counted))
    learned = features_above(tau)
    leak = noise.edge_risk()[0]
    unit = tau * scales.samples * N_EFF / (scales.penalty * sp.sqrt(DIMENSION))  # lam over c
    holds = "1 << n_eff << d**(2 gamma), risk << Delta"
    if not feature.exact:
        shape = _scalar_shape(factor * (2 - 1 / GAMMA) * learned / (leak.coefficient * DIMENSION), leak)
        error = factor * learned * tau**2 * shape ** (2 - 1 / GAMMA)
        # leaked risk over the features', by the stationarity itself, and noise on learned features
        leaked, on_learned = (2 - 1 / GAMMA), sp.simplify(feature.noise_at_threshold() / factor)
        correction = (leaked + on_learned) / shape**2 + _feature_corrections(
            pieces, shape * tau, error, scales
        )
        return Optimum(
            shape=Law("optimal c = kappa/tau", shape, f"{holds}; c large"),
            penalty=Law("optimal lam", shape * unit, f"{holds}; c large"),
            risk=Law("error at the optimal lam", error, f"{holds}; c large", correction),
        )
    slope, power = sp.simplify(feature.slope_at(noise.edge)), leak.powers["gap"]
    error = factor * tau**2 * learned
    # d/dgap of  leak d gap**p = slope i*
    gap = (slope * learned / (leak.coefficient * power * DIMENSION)) ** (1 / (power - 1))
    others = _feature_corrections(pieces, tau, error, scales, feature.number)
    # the risk raises tau; degrees of freedom, of features and of the leak at that gap, take up samples
    leaked = noise.edge_count()[0].coefficient * slope / (leak.coefficient * power)
    taken = sp.simplify(factor / 2 - used - leaked) * learned / (scales.samples * N_EFF)
    return Optimum(
        shape=Law("optimal c = kappa/tau", noise.edge, holds, -gap / noise.edge),
        penalty=Law("optimal lam", sp.simplify(noise.edge * unit), holds, -gap / noise.edge + taken),
        risk=Law(
            "error at the optimal lam", tidy(error), holds, -(1 - 1 / power) * slope / factor * gap + others
        ),
    )


def _scalar_shape(ratio: Expr, leak: Term) -> Expr:
    r"""Stationarity in ``c`` of ``C c**(2-1/gamma) i* + d T exp(-c**2/2) c**k``, ``ratio = C (2-1/gamma) i*/(d T)``.

    To leading order in ``1/c``: ``exp(-c**2/2) = ratio c**(-k-1/gamma)``, so that ``c**2 = p W(ratio**(-2/p)/p)``
    with ``p = -(k + 1/gamma)`` and Lambert's ``W``.
    """
    power = -(leak.powers["c"] + 1 / GAMMA)
    return sp.sqrt(power * sp.LambertW(sp.simplify(ratio) ** (-2 / power) / power))


def bayes(noise: NoiseShare, feature: FeatureShare, scales: Scales) -> Law:
    """The Bayes-optimal error for ``1 << n_eff << d**(2 gamma)``, the teacher's law of sizes being known.

    Spectral networks: every spike is shrunk to ``a`` times its squared overlap. Scalar networks: a feature is
    told from the noise once it exceeds ``sqrt(2 log(d/i*)) tau``, and is then learned without bias.
    """
    tau = noise_level(scales)
    holds = "1 << n_eff << d**(2 gamma), risk << Delta"
    pieces = _best(noise, feature)
    error = _factored(pieces) * tau**2 * features_above(tau)
    if feature.exact:
        correction = _feature_corrections(pieces, tau, error, scales, feature.number)
        return Law("Bayes-optimal error", tidy(error), holds, correction)
    visible = sp.sqrt(2 * sp.log(DIMENSION / features_above(tau)))
    return Law("Bayes-optimal error", error * visible ** (2 - 1 / GAMMA), holds + "; leading logarithm")


def _best(noise: NoiseShare, feature: FeatureShare) -> list[Piece]:
    return bayes_pieces(feature, feature.onset(noise.edge) if feature.exact else sp.Integer(1))


def ratio_to_bayes(feature: FeatureShare, noise: NoiseShare) -> Expr:
    """Risk at the optimal penalty over the Bayes-optimal risk, in the limit.

    For scalar networks both scales are ``sqrt(2 log(d/i*)) tau`` to leading order, and the ratio is
    approached with corrections in ``loglog/log``.
    """
    pieces, _ = feature.at_edge(noise)
    return sp.factor(sp.simplify(power_law_integral(pieces) / power_law_integral(_best(noise, feature))))


def noiseless(noise: NoiseShare, feature: FeatureShare, scales: Scales) -> Law:
    """The error at ``Delta = 0``, ``lam -> 0``, for ``1 << n_eff << d``: every error is a feature's.

    Spectral networks: ``f n_eff = F i*(tau)`` at the edge, and leaked noise fills the degrees of freedom that
    the features leave. Scalar networks: the same with ``kappa = c tau``, where the leak ``T d q/c`` makes up
    nearly all of ``n_eff``; ``c**2 = W((T d/n_eff)**2)``.
    """
    samples, holds = scales.samples * N_EFF, "Delta = 0, lam -> 0, 1 << n_eff << d"
    pieces, counted = feature.at_edge(noise)
    factor, leak, lost = _factored(pieces), noise.edge_count()[0], noise.edge_risk()[0]
    ratio = lost.coefficient / leak.coefficient
    if feature.exact:
        tau = (factor / samples) ** GAMMA / TEACHER_NORM
        leftover = 1 - _factored(counted) / factor
        gap = (samples * leftover / (leak.coefficient * DIMENSION)) ** (1 / leak.powers["gap"])
        # samples (1 - leaked risk/tau**2) = F i* (1 - slope gap/F + ends), and R ~ (i*)**(-2 gamma)
        relative = ratio * gap * leftover - feature.slope_at(noise.edge) / factor * gap
        relative += feature_ends(pieces, tau, feature.number)
    else:
        shape = sp.sqrt(sp.LambertW((leak.coefficient * DIMENSION / samples) ** 2))
        tau = (factor * shape ** (2 - 1 / GAMMA) / samples) ** GAMMA / TEACHER_NORM
        relative = (ratio + feature.noise_at_threshold() / factor) / shape**2
        relative += feature_ends(pieces, shape * tau)
        holds += "; c large"
    return Law("error without noise", sp.powsimp(samples * tau**2), holds, 2 * GAMMA * relative)


def _factored(pieces: list[Piece]) -> Expr:
    return sp.factor(sp.simplify(power_law_integral(pieces)))


def _feature_corrections(
    pieces: list[Piece], scale: Expr, error: Expr, scales: Scales, number: Expr = 1
) -> Expr:
    """Next orders of ``sum_i f(a_i/scale)``: the sum's two ends, and the risk's own share of ``tau``."""
    return feature_ends(pieces, scale, number) + (1 - 1 / (2 * GAMMA)) * error / (scales.noise * NOISE)


def feature_ends(pieces: list[Piece], scale: Expr, number: Expr = 1) -> Expr:
    """Next orders from both ends of ``sum_i f(a_i/scale)``."""
    marked = (term.expression for term in end_corrections(pieces, TAU, number))
    return sum(marked).subs(TAU, scale)


def tidy(expression: Expr) -> Expr:
    return sp.powsimp(sp.powdenest(expression, force=True), force=True)
