r"""Sectors of a spectral threshold on inputs of unequal variance, ``v_i = i**-beta``: the quadratic network.

Stated for the whitened matrix, direction ``i`` has the level ``a_i - kappa i**beta`` behind a semicircle of variance
``tau**2`` over ``d`` directions (`asymptotix.networks.shaped_matrix`). Let ``K = kappa d**beta``, the last threshold.
Every sector is a potential, from which risk and count follow by the two identities.

* Features end where they meet their threshold, at ``i_* = (N kappa)**(-1/g)``, ``g = gamma + beta``.
* A level ``b`` is lifted by those below: ``tau**2/b F(b/K)`` with ``F(x) = x int_0^1 dy/(x + y**beta)``. So a feature
  counts ``2 F``: 2 above ``K``, far less below. For ``gamma > max(1, beta)`` the first features make up that sum, and
  what the noise turns of them, ``tau**2 (1 + kappa d/dkappa)`` of the count, may exceed what is missed.
* Noise is learned where the lift of level 0 exceeds the threshold: in the first ``m = d Y`` directions. For
  ``beta < 1`` the lift comes from the far end, a constant; for ``beta > 1`` from the learned block itself. Without
  features ``J = Im int**w_0 z**3 dw/(3 pi)``, ``z = w + G(w)``, ``z(w_0) = 0``: powers of ``w``, integrated.

Beyond ``m`` features are smaller than its threshold, so that what is missed there never leads.

* Interpolation with little noise for ``gamma < max(1, beta)``: learned features and noise end at one index ``X``. For
  ``beta < 1`` every level is lifted by the same ``h = eta kappa X**beta``, and what is learned of it is
  ``x = a_i - kappa i**beta + h``: the risk is ``sum (h - kappa i**beta)**2`` up to ``X``, the count
  ``2 h sum x/tau**2``, and ``s tau**2 = R`` a quadratic equation for ``eta``. For ``beta > 1`` it is a
  number (`little_noise`).
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import sympy as sp

from asymptotix.asymptotics.expansions.mellin import TEACHER_NORM
from asymptotix.asymptotics.expansions.potential import FeatureShare, NoiseShare
from asymptotix.asymptotics.expansions.sectors import (
    FEATURE_COUNT,
    FEATURE_RISK,
    LARGEST,
    LEVEL,
    NOISE_LEARNED,
    THRESHOLD,
    biased,
    interpolating,
    last_threshold,
    meeting,
    nothing,
    resolved,
)
from asymptotix.asymptotics.little_noise import LiftMeeting, MatrixMeeting, Meeting
from asymptotix.asymptotics.sector import Sector, Term, term
from asymptotix.asymptotics.symbols import DIMENSION, GAMMA, KAPPA, LEAK, SAMPLES, SHAPE, TAU, Expr

_ONE, _TWO, _HALF = sp.Integer(1), sp.Integer(2), sp.Rational(1, 2)
Ties = tuple[tuple[Term, Term], ...]
"""In sectors with a logarithm, of a quantity ``q`` that is tied to others."""


def build_shaped_matrix_sectors(noise: NoiseShare, feature: FeatureShare, beta: Any) -> tuple[Sector, ...]:
    """Every sector, from the shares of bare noise and of one feature.

    >>> from asymptotix.asymptotics.expansions.spectral_threshold import feature_share, noise_share
    >>> sectors = build_shaped_matrix_sectors(noise_share(), feature_share(), "1/2")
    >>> next(sector.shared for sector in sectors if sector.noise == "bulk")  # beta/(1 + 2 beta)
    1/4
    """
    shape = _MatrixShape(feature, sp.Rational(beta))
    return (
        replace(nothing(), much_less=((LARGEST, THRESHOLD), shape.lifted()[0])),
        *shape.biased_sectors(),
        *shape.leaking(),
        *shape.meeting(),
        interpolating(noise, feature, shape.beta),
        resolved(feature, shape.beta),
    )


class _MatrixShape:
    """Thresholds ``kappa i**decay``, which are those of a sequence on variances ``i**(-beta)``, ``beta = 2 decay``."""

    def __init__(self, feature: FeatureShare, decay: Expr) -> None:
        self.feature, self.decay, self.beta = feature, decay, 2 * decay
        self.g, self.critical = GAMMA + decay, sp.Max(1, decay)
        self.near = sp.pi / decay / sp.sin(sp.pi / decay)  # int_0^oo du/(1 + u**decay), continued
        self.last = KAPPA * DIMENSION**decay  # K
        self.small = TAU / self.last  # 1/C, the noise over the last threshold

    def lifted(self) -> tuple[tuple[Term, Term], ...]:
        """``(lift, level)`` of the first threshold, and of the last learned feature.

        The levels below lift one as small as 0 from far away for ``decay <= 1``, else from where it is.
        """
        end = meeting(self.beta)
        reach = KAPPA ** (-1 / self.g)  # i_*
        shift = TAU**2 / self.last
        if self.decay > 1:
            shift = TAU**2 * reach / DIMENSION / KAPPA ** end.powers["kappa"]
        first = TAU**2 / KAPPA / DIMENSION ** min(self.decay, _ONE)
        return (term(first, "lift"), THRESHOLD), (term(shift, "lift"), end)

    def _features(self, beyond: bool) -> tuple[Term, tuple[Term, ...], Expr, Ties]:
        """Count of the first features, their risk, its share of ``tau**2`` times the count, and what ``K > 1`` takes.

        ``tau**2`` times the count is the potential.
        """
        b, near, last = self.decay, self.near, self.last
        if not beyond:
            whole = 2 * GAMMA / (GAMMA - b) * sp.pi / GAMMA / sp.sin(sp.pi / GAMMA)
            return *self._share(whole * TEACHER_NORM ** (-1 / GAMMA), -1 / GAMMA), ()
        middle = 2 * near * sp.zeta(GAMMA / b) * TEACHER_NORM ** (-1 / b)
        if b > 1:
            return *self._share(middle, -1 / b), ()
        logs = ((term(LEAK), term(1 / last)),)
        if b == 1:  # F(x) = x log(1/x), whose logarithm is of K = 1/q; (1 + kappa d/dkappa) takes it away
            total = sp.zeta(GAMMA) / TEACHER_NORM / last
            kept = term(2 * total * TAU**2, NOISE_LEARNED)
            return term(total * SHAPE**2, NOISE_LEARNED), (kept,), sp.Integer(0), logs
        count = self._share(2 * sp.zeta(GAMMA) / (1 - b) / TEACHER_NORM, -_ONE)[0]
        if b < _HALF:
            return count, self._share(-2 / (1 - 2 * b), -_TWO)[1], sp.Integer(0), ()
        if b > _HALF:
            return count, self._share(middle, -1 / b)[1], sp.Integer(0), ()
        # F(x) = 2 x - 2 x**2 log((1 + x)/x)
        turned = term(2 * (TAU / last * SHAPE) ** 2, NOISE_LEARNED)
        return count, (turned,), sp.Integer(0), logs

    def _share(self, coefficient: Expr, power: Expr) -> tuple[Term, tuple[Term, ...], Expr]:
        """Count, risk and their ratio of the potential ``tau**2 coefficient K**power``."""
        count = term(coefficient * self.last**power, NOISE_LEARNED)
        return count, (count * (TAU**2 * (1 + power)),) if power != -1 else (), 1 + power

    def biased_sectors(self) -> tuple[Sector, ...]:
        """Features up to ``i_*``, the noise's lift of the last one being far below it."""
        plain, b = biased(self.feature, self.beta), self.decay
        # (1 + kappa d/dkappa) of the count of the last features, 2 sum (a_i - kappa i**beta) / (K (1 - beta))
        moved = -2 / (1 - b**2) * TEACHER_NORM ** (-(1 + b) / self.g) / plain.risk[0].coefficient
        lift = TAU**2 / self.last / KAPPA ** meeting(self.beta).powers["kappa"]
        lifted = (term(moved * lift, "features lifted by noise"),) if b < 1 else ()
        low = replace(
            plain,
            count=(),
            much_less=(*plain.much_less[:-1], self.lifted()[1]),
            corrections=(*plain.corrections[:-1], *lifted),
            gamma=(_HALF, self.critical),
        )
        return low, *(self._with_features(low, beyond) for beyond in (False, True))

    def _with_features(self, sector: Sector, beyond: bool) -> Sector:
        """The same where the first features make up the count."""
        count, risk, shared, ties = self._features(beyond)
        few = () if beyond else _few(count, shared, len(sector.risk))
        where, word = self._beyond(beyond)
        return replace(
            sector,
            name=f"{sector.name}, {word}",
            risk=(*sector.risk, *risk),
            count=(count,),
            corrections=(*sector.corrections, *few[:1]),
            count_corrections=few[1:],
            much_less=(*sector.much_less, where),
            gamma=(self.critical, None),
            shared=shared,
            ties=ties,
        )

    def _beyond(self, beyond: bool) -> tuple[tuple[Term, Term], str]:
        last = last_threshold(self.beta)
        if beyond:
            return (LARGEST, last), "all below the last threshold"
        return (last, LARGEST), "some above the last threshold"

    # the block of learned noise, in units of its share Y of directions

    def _block(self) -> tuple[Expr, Expr, Expr]:
        """``Y = share C**-learned`` and ``J = j Y lift**2 = whole C**-p``; at 1 with ``log(1/Y)`` and its cube."""
        b = self.decay
        if b == 1:  # h = log(1/Y)/C = C Y, and c**2 = 2 log(1/Y)
            return _HALF, _TWO, _HALF**3 * self._j()
        if b < 1:  # h = 1/(C (1 - beta)) = C Y**beta, J = int (h - C y**beta)**2
            share = (1 - b) ** (-1 / b)
            return share, 2 / b, share * self._j() / (1 - b) ** 2
        return _ONE, 2 / (2 * b - 1), self._j()

    def _j(self) -> Expr:
        b = self.decay
        if b <= 1:
            return 2 * b**2 / ((1 + b) * (1 + 2 * b))
        return sp.simplify(self._imaginary(sp.expand(self._z**3)) / (3 * sp.pi))

    _w: Expr = sp.Symbol("w", positive=True)

    @property
    def _z(self) -> Expr:
        return self._w + self.near * self._w ** (1 / self.decay - 1)

    def _imaginary(self, integrand: Expr) -> Expr:
        """``Im int**w_0`` of a sum of powers of ``w``, where ``z(w_0) = 0``; on the real axis it is real."""
        order = 2 - 1 / self.decay
        radius, angle = self.near ** (1 / order), sp.pi / order
        total = sp.Integer(0)
        for part in sp.Add.make_args(sp.expand(integrand)):
            coefficient, power = part.as_independent(self._w)
            e = sp.powsimp(power).as_base_exp()[1] + 1 if power != 1 else _ONE
            total += coefficient * (angle if e == 0 else radius**e * sp.sin(e * angle) / e)
        return total

    def _relative(self) -> list[Term]:
        """What corrects the potential of the block."""
        b, j, (share, learned, _) = self.decay, self._j(), self._block()
        y = self.small**learned  # Y over its constant
        discrete, leak = "noise directions are discrete", "next term of the leak"
        few = -_HALF / j / share / (DIMENSION * y)
        if b > 1:
            far = self._imaginary(self._z**2) / (sp.pi * (1 - b) * j)
            few = -self._imaginary(self._z**2 / self._w) / (2 * sp.pi * j) / (DIMENSION * y)
            return [term(far * y ** (b - 1), "thresholds end at i = d"), term(few, discrete)]
        if b == 1:  # G = (log(C/h) - log(w/h))/C to second order in 1/C
            return [term(9 / SHAPE**2, leak), term(-_HALF / j / (LEAK * DIMENSION), discrete)]
        found = [term(few, discrete)]
        if b == _HALF:  # the two below, whose poles cancel: Y**(1/2) log(1/Y)
            return [term(_HALF * sp.sqrt(LEAK) * SHAPE**2, leak), *found]
        own = -(1 - b) * sp.pi * sp.cot(sp.pi / b) / ((2 - b) * j)
        level = (1 - b) / (b * (1 - 2 * b))
        # what the near levels add to second order falls then as what the far ones do
        if own == 0 and 2 * (1 - b) == b:
            level -= ((1 - b) * self.near) ** 2 * (1 + b) * (1 + 2 * b) / (6 * b**2 * (3 - 2 * b))
        for coefficient, power in ((own, 1 - b), (level, b)):
            # else, at a pole of both or a zero, of a later order
            if coefficient.is_finite and coefficient != 0:
                found.append(term(coefficient * share**power * y**power, leak))
        return found

    def leaking(self) -> tuple[Sector, ...]:
        """Noise learned in ``1 << m << d`` directions, more than there are learned features."""
        share, learned, whole = self._block()
        p = learned * (1 + 2 * self.decay) - 2 if self.decay >= 1 else 2 + learned
        at_one = self.decay == 1
        cube = SHAPE**6 if at_one else 1
        risk = term(whole * DIMENSION * self.small**p * cube * TAU**2, NOISE_LEARNED)
        count = term(whole * (1 + p / 2) * DIMENSION * self.small**p * cube, NOISE_LEARNED)
        shared = 2 / (2 + p)
        first, last = self.lifted()
        directions = share * self.small**learned * (SHAPE**2 if at_one else 1)
        logs = ((term(LEAK), term(directions)),) if at_one or self.decay == _HALF else ()
        pairs = []
        for r in self._relative():
            # it falls as C**-e, and s = J - C J'/2
            e = r.powers.get("tau", 0) + learned * r.powers.get("q", 0)
            less = 2 if at_one and e == 0 else 0  # C d/dC of log(1/Y)**3, over 2 (1 + p/2)
            of_count = r.coefficient * (1 + (p + e) / 2) / (1 + p / 2) - less
            pairs.append((r, replace(r, coefficient=of_count)))
        low = Sector(
            name="noise learned",
            risk=(risk,),
            count=(count,),
            much_less=(first[::-1], last[::-1], (LEVEL, last_threshold(self.beta))),
            corrections=tuple(r for r, _ in pairs),
            count_corrections=tuple(_moved(r, s, shared) for r, s in pairs),
            shared=shared,
            spectrum="zero mass + bulk",
            noise="bulk",
            gamma=(_HALF, self.critical),
            ties=logs,
        )
        found = [low]
        for beyond in (False, True):
            other, turned, share_, ties = self._features(beyond)
            where, word = self._beyond(beyond)
            few = () if beyond else _few(other, share_, 0)
            base = replace(low, gamma=(self.critical, None), much_less=(*low.much_less, where))
            found += [
                replace(base, name=f"{low.name}, {word}", much_less=(*base.much_less, (_bare(other), count))),
                replace(
                    base,
                    name=f"noise learned, counted on features, {word}",
                    risk=turned if share_ or at_one else (risk, *turned),
                    count=(other,),
                    much_less=(*base.much_less, (_bare(count), other)),
                    corrections=few[:1],
                    count_corrections=few[1:],
                    shared=share_,
                    ties=ties,
                ),
            ]
        return tuple(found)

    def meeting(self) -> tuple[Sector, ...]:
        """Features and noise end at one index ``X``; ``s = count X**p/d**(p - 1)``, ``p = 1 + min(beta, 1)``."""
        b = self.decay
        at = Meeting.of(MatrixMeeting if b > 1 else LiftMeeting, b)
        size = 1 + sp.Min(b, _ONE)
        logs = SHAPE**2 / 2 if b == 1 else _ONE  # log(d/X), in the lift
        per = at.count * logs * DIMENSION ** (1 - size)
        end = (at.feature * TEACHER_NORM * KAPPA) ** (-1 / self.g)
        # level**2 X over tau**2: what s tau**2 = R makes of the count
        total = at.count if b > 1 else at.count * (1 - at.feature) * (1 if b == 1 else 1 - b)
        reach = (SAMPLES / per) ** (1 / size)
        risk = term(total * reach ** (1 - 2 * GAMMA) / (at.feature * TEACHER_NORM) ** 2, FEATURE_RISK)
        share = KAPPA ** (-1 / self.g) / DIMENSION
        orders = [share ** (b - 1)] if b > 1 else [share**b, share ** (1 - b)] if b < 1 else [1 / SHAPE**2]
        unknown = [replace(term(order, "next term of the leak"), coefficient=sp.nan) for order in orders]
        found = []
        for beyond in (False, True):
            where, word = self._beyond(beyond)
            others = list(unknown)
            if b != 1:  # first features add to the count, and to the risk what noise turns of them
                extra, _, shared, _ = self._features(beyond)
                weight = (1 + at.noise) * shared + at.penalty
                others.append(term(weight * extra.expression / SAMPLES, "first features"))
            sector = at.sector(risk, term(per * end**size, FEATURE_COUNT), self.beta, tuple(others))
            found.append(
                replace(
                    sector,
                    name=f"{sector.name}, {word}",
                    much_less=(*sector.much_less, where),
                    gamma=(_HALF, self.critical),
                    ties=((term(LEAK), term(share)),) if b == 1 else (),
                )
            )
        return tuple(found)


def _few(count: Term, shared: Expr, index: int) -> tuple[Term, ...]:
    """Features far above ``K``, of which each counts 2, are discrete: ``2 zeta(0)`` in both sums."""
    label = "features are discrete"
    r = term(-1 / count.expression / shared, label, index)
    return r, _moved(r, term(-1 / count.expression, label), shared)


def _bare(count: Term) -> Term:
    """Without its logarithm, which is another's than the sector's own."""
    return replace(count, powers={name: power for name, power in count.powers.items() if name != "c"})


def _moved(risk: Term, count: Term, shared: Expr) -> Term:
    """A correction to a count that leads; what it and the risk's differ by also moves the noise scale."""
    r, s = risk.coefficient, count.coefficient
    return replace(count, coefficient=sp.simplify(s - shared / (1 - shared) * (r - s)))
