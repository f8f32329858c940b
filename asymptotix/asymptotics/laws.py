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
    as_expression,
    end_corrections,
    power_law_integral,
)
from asymptotix.asymptotics.expansions.potential import FeatureShare, NoiseShare, bayes_pieces
from asymptotix.asymptotics.sector import Scales
from asymptotix.asymptotics.symbols import GAMMA, Expr
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
        if self.correction is None:
            return self.value(**numbers)
        return self._number(self.expression * (1 + self.correction), numbers)

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
    return (
        _spectral_optimum(noise, feature, scales)
        if feature.exact
        else _scalar_optimum(noise, feature, scales)
    )


def _spectral_optimum(noise: NoiseShare, feature: FeatureShare, scales: Scales) -> Optimum:
    tau = noise_level(scales)
    risk, count = feature.at_shape(noise.edge, feature.onset(noise.edge))
    factor, used = (sp.factor(sp.simplify(power_law_integral(pieces))) for pieces in (risk, count))
    slope = sp.simplify(feature.slope_at(noise.edge))
    leak = noise.edge_risk()[0]
    error = factor * tau**2 * features_above(tau)
    # d/dgap of  leak d gap**p = slope i*
    gap = (slope * features_above(tau) / (leak.coefficient * leak.power * DIMENSION)) ** (
        1 / (leak.power - 1)
    )
    correction = -(1 - 1 / leak.power) * slope / factor * gap + _feature_corrections(
        risk, tau, error, scales, feature.number
    )
    penalty = noise.edge * tau * scales.samples * N_EFF / (scales.penalty * sp.sqrt(DIMENSION))
    holds = "1 << n_eff << d**(2 gamma), risk << Delta"
    # the risk raises tau; degrees of freedom, of features and of the leak at that gap, take up samples
    leaked = noise.edge_count().coefficient * slope / (leak.coefficient * leak.power)
    taken = sp.simplify(factor / 2 - used - leaked) * features_above(tau) / (scales.samples * N_EFF)
    return Optimum(
        shape=Law("optimal c = kappa/tau", noise.edge, holds, -gap / noise.edge),
        penalty=Law("optimal lam", sp.simplify(penalty), holds, -gap / noise.edge + taken),
        risk=Law("error at the optimal lam", tidy(error), holds, correction),
    )


def _scalar_optimum(noise: NoiseShare, feature: FeatureShare, scales: Scales) -> Optimum:
    r"""Stationarity in ``c`` of ``C c**(2-1/gamma) i* + d T exp(-c**2/2) c**k``.

    To leading order in ``1/c``: ``exp(-c**2/2) = B c**(-k-1/gamma)`` with ``B = C (2-1/gamma) i*/(d T)``, so
    that ``c**2 = p W(B**(-2/p)/p)`` with ``p = -(k + 1/gamma)`` and Lambert's ``W``.
    """
    tau = noise_level(scales)
    risk, _ = feature.at_threshold()
    factor = sp.factor(sp.simplify(power_law_integral(risk)))
    leak = noise.edge_risk()[0]
    ratio = factor * (2 - 1 / GAMMA) * features_above(tau) / (leak.coefficient * DIMENSION)
    power = -(leak.shape_power + 1 / GAMMA)
    shape = sp.sqrt(power * sp.LambertW(sp.simplify(ratio) ** (-2 / power) / power))
    error = factor * features_above(tau) * tau**2 * shape ** (2 - 1 / GAMMA)
    leaked = (2 - 1 / GAMMA) / shape**2  # leaked risk over the features', by the stationarity itself
    on_learned = sp.simplify(feature.noise_at_threshold() / factor) / shape**2
    others = _feature_corrections(risk, shape * tau, error, scales)
    penalty = shape * tau * scales.samples * N_EFF / (scales.penalty * sp.sqrt(DIMENSION))
    holds = "1 << n_eff << d**(2 gamma), risk << Delta; c large"
    return Optimum(
        shape=Law("optimal c = kappa/tau", shape, holds),
        penalty=Law("optimal lam", penalty, holds),
        risk=Law("error at the optimal lam", error, holds, leaked + on_learned + others),
    )


def bayes(noise: NoiseShare, feature: FeatureShare, scales: Scales) -> Law:
    """The Bayes-optimal error for ``1 << n_eff << d**(2 gamma)``, the teacher's law of sizes being known.

    Spectral networks: every spike is shrunk to ``a`` times its squared overlap. Scalar networks: a feature is
    told from the noise once it exceeds ``sqrt(2 log(d/i*)) tau``, and is then learned without bias.
    """
    tau = noise_level(scales)
    holds = "1 << n_eff << d**(2 gamma), risk << Delta"
    pieces = bayes_pieces(feature, feature.onset(noise.edge)) if feature.exact else bayes_pieces(feature)
    factor = sp.factor(sp.simplify(power_law_integral(pieces)))
    error = factor * tau**2 * features_above(tau)
    if feature.exact:
        correction = _feature_corrections(pieces, tau, error, scales, feature.number)
        return Law("Bayes-optimal error", tidy(error), holds, correction)
    visible = sp.sqrt(2 * sp.log(DIMENSION / features_above(tau)))
    return Law("Bayes-optimal error", error * visible ** (2 - 1 / GAMMA), holds + "; leading logarithm")


def ratio_to_bayes(feature: FeatureShare, noise: NoiseShare) -> Expr:
    """Risk at the optimal penalty over the Bayes-optimal risk, in the limit.

    For scalar networks both scales are ``sqrt(2 log(d/i*)) tau`` to leading order, and the ratio is
    approached with corrections in ``loglog/log``.
    """
    if feature.exact:
        onset = feature.onset(noise.edge)
        pieces, _ = feature.at_shape(noise.edge, onset)
        best = bayes_pieces(feature, onset)
    else:
        pieces, _ = feature.at_threshold()
        best = bayes_pieces(feature)
    return sp.factor(sp.simplify(power_law_integral(pieces) / power_law_integral(best)))


def noiseless(noise: NoiseShare, feature: FeatureShare, scales: Scales) -> Law:
    """The error at ``Delta = 0``, ``lam -> 0``, for ``1 << n_eff << d``: every error is a feature's.

    Spectral networks: ``f n_eff = F i*(tau)`` at the edge, and leaked noise fills the degrees of freedom that
    the features leave. Scalar networks: the same with ``kappa = c tau``, where the leak ``T d q/c`` makes up
    nearly all of ``n_eff``; ``c**2 = W((T d/n_eff)**2)``.
    """
    return (
        _spectral_noiseless(noise, feature, scales)
        if feature.exact
        else _scalar_noiseless(noise, feature, scales)
    )


def _spectral_noiseless(noise: NoiseShare, feature: FeatureShare, scales: Scales) -> Law:
    samples = scales.samples * N_EFF
    risk, count = feature.at_shape(noise.edge, feature.onset(noise.edge))
    factor, used = (sp.factor(sp.simplify(power_law_integral(pieces))) for pieces in (risk, count))
    tau = (factor / samples) ** GAMMA / TEACHER_NORM
    leftover, leak, lost = 1 - used / factor, noise.edge_count(), noise.edge_risk()[0]
    gap = (samples * leftover / (leak.coefficient * DIMENSION)) ** (1 / leak.power)
    # samples (1 - leaked risk/tau**2) = F i* (1 - slope gap/F + ends), and R ~ (i*)**(-2 gamma)
    leaked = lost.coefficient / leak.coefficient * gap * leftover
    relative = leaked - feature.slope_at(noise.edge) / factor * gap
    relative += feature_ends(risk, tau, feature.number)
    holds = "Delta = 0, lam -> 0, 1 << n_eff << d"
    return Law("error without noise", sp.powsimp(samples * tau**2), holds, 2 * GAMMA * relative)


def _scalar_noiseless(noise: NoiseShare, feature: FeatureShare, scales: Scales) -> Law:
    samples = scales.samples * N_EFF
    risk, _ = feature.at_threshold()
    leak, lost = noise.edge_count(), noise.edge_risk()[0]
    shape = sp.sqrt(sp.LambertW((leak.coefficient * DIMENSION / samples) ** 2))
    bias = sp.factor(sp.simplify(power_law_integral(risk)))
    tau = (bias * shape ** (2 - 1 / GAMMA) / samples) ** GAMMA / TEACHER_NORM
    relative = (lost.coefficient / leak.coefficient + feature.noise_at_threshold() / bias) / shape**2
    relative += feature_ends(risk, shape * tau)
    holds = "Delta = 0, lam -> 0, 1 << n_eff << d; c large"
    return Law("error without noise", sp.powsimp(samples * tau**2), holds, 2 * GAMMA * relative)


def _feature_corrections(
    pieces: list[Piece], scale: Expr, error: Expr, scales: Scales, number: Expr = 1
) -> Expr:
    """Next orders of ``sum_i f(a_i/scale)``: the sum's two ends, and the risk's own share of ``tau``."""
    return feature_ends(pieces, scale, number) + (1 - 1 / (2 * GAMMA)) * error / (scales.noise * NOISE)


def feature_ends(pieces: list[Piece], scale: Expr, number: Expr = 1) -> Expr:
    values = {"scale": scale, "d": DIMENSION}
    return sum(as_expression(term, values) for term in end_corrections(pieces, "scale", number))


def tidy(expression: Expr) -> Expr:
    return sp.powsimp(sp.powdenest(expression, force=True), force=True)
