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

Beyond ``m`` features are smaller than its threshold, so that what is missed there never leads. Not among the sectors:
interpolation with little noise for ``gamma < max(1, beta)``, where ``m ~ i_*`` and no term leads.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import sympy as sp

from asymptotix.asymptotics.expansions.mellin import TEACHER_NORM
from asymptotix.asymptotics.expansions.potential import FeatureShare, NoiseShare
from asymptotix.asymptotics.expansions.sectors import KAPPA, ONE, TAU
from asymptotix.asymptotics.expansions.shaped import Shape
from asymptotix.asymptotics.sector import Sector, Term
from asymptotix.asymptotics.symbols import GAMMA, Expr

_ONE, _TWO, _HALF = sp.Integer(1), sp.Integer(2), sp.Rational(1, 2)
_LEARNED = "noise learned"
Powers = Mapping[str, Expr]


def build_shaped_matrix_sectors(noise: NoiseShare, feature: FeatureShare, beta: Any) -> tuple[Sector, ...]:
    """Every sector, from the shares of bare noise and of one feature.

    >>> from asymptotix.asymptotics.expansions.spectral_threshold import feature_share, noise_share
    >>> sectors = build_shaped_matrix_sectors(noise_share(), feature_share(), "1/2")
    >>> next(sector.shared for sector in sectors if sector.noise == "bulk")  # beta/(1 + 2 beta)
    1/4
    """
    shape = _MatrixShape(noise, feature, sp.Rational(beta))
    return (
        shape.nothing(),
        *shape.biased_sectors(),
        *shape.leaking(),
        shape.interpolating(),
        shape.resolved(),
    )


def _times(one: Powers, other: Powers, power: Any = 1) -> Powers:
    return {name: one.get(name, 0) + power * other.get(name, 0) for name in {**one, **other}}


class _MatrixShape(Shape):
    """Thresholds ``kappa i**beta``, which are those of a sequence on variances ``i**(-2 beta)``."""

    def __init__(self, noise: NoiseShare, feature: FeatureShare, decay: Expr) -> None:
        super().__init__(noise, feature, 2 * decay)
        self.decay, self.critical = decay, sp.Max(1, decay)
        self.near = sp.pi / decay / sp.sin(sp.pi / decay)  # int_0^oo du/(1 + u**decay), continued
        self.last: Powers = {"kappa": _ONE, "d": decay}
        self.small: Powers = _times({"tau": _ONE}, self.last, -1)  # 1/C, the noise over the last threshold

    # what the levels below lift a level to, for one as small as 0 or as M: beta <= 1, or else beta > 1

    def _lifted(self) -> tuple[tuple[Term, Term], ...]:
        """``(lift, level)`` of the first threshold, and of the last learned feature."""
        end, flat = self._meeting(), self.decay <= 1
        reach = {"kappa": -1 / self.g}  # i_*
        shift = (
            _times({"tau": _TWO}, self.last, -1)
            if flat
            else {"tau": _TWO, "d": -_ONE, **_times(reach, end.powers, -1)}
        )
        first = {"tau": _TWO, "d": -min(self.decay, _ONE), "kappa": -_ONE}
        return (Term(_ONE, first, "lift"), KAPPA), (Term(_ONE, shift, "lift"), end)

    def nothing(self) -> Sector:
        return replace(super().nothing(), much_less=((ONE, KAPPA), self._lifted()[0]))

    def _features(self, beyond: bool) -> tuple[Term, tuple[Term, ...], Expr, dict[str, Any]]:
        """Count of the first features, their risk, its share of ``tau**2`` times the count, and what ``K > 1`` takes.

        ``tau**2`` times the count is the potential.
        """
        b, near = self.decay, self.near
        if not beyond:
            whole = 2 * GAMMA / (GAMMA - b) * sp.pi / GAMMA / sp.sin(sp.pi / GAMMA)
            return *self._share(whole * TEACHER_NORM ** (-1 / GAMMA), -1 / GAMMA), {}
        if b > 1:
            return *self._share(2 * near * sp.zeta(GAMMA / b) * TEACHER_NORM ** (-1 / b), -1 / b), {}
        q = Term(_ONE, {"q": _ONE}), Term(_ONE, _times({}, self.last, -_ONE))
        logs = {"unknowns": ("tau", "kappa", "q"), "ties": (q,), "exponential": ("q", "c")}
        if b == 1:  # F(x) = x log(1/x), whose logarithm is of K = 1/q; (1 + kappa d/dkappa) takes it away
            each = Term(sp.zeta(GAMMA) / TEACHER_NORM, {**_times({}, self.last, -_ONE), "c": _TWO}, _LEARNED)
            kept = Term(2 * each.coefficient, _times({"tau": _TWO}, self.last, -_ONE), _LEARNED)
            return each, (kept,), sp.Integer(0), logs
        count = self._share(2 * sp.zeta(GAMMA) / (1 - b) / TEACHER_NORM, -_ONE)[0]
        if b < _HALF:
            return count, self._share(-2 / (1 - 2 * b), -_TWO)[1], sp.Integer(0), {}
        if b > _HALF:
            risk = self._share(2 * near * sp.zeta(GAMMA / b) * TEACHER_NORM ** (-1 / b), -1 / b)[1]
            return count, risk, sp.Integer(0), {}
        # F(x) = 2 x - 2 x**2 log((1 + x)/x)
        turned = Term(_TWO, {**_times({"tau": _TWO}, self.last, -_TWO), "c": _TWO}, _LEARNED)
        return count, (turned,), sp.Integer(0), logs

    def _share(self, coefficient: Expr, power: Expr) -> tuple[Term, tuple[Term, ...], Expr]:
        """Count, risk and their ratio of the potential ``tau**2 coefficient K**power``."""
        count = Term(coefficient, _times({}, self.last, power), _LEARNED)
        risk = Term(coefficient * (1 + power), {**count.powers, "tau": _TWO}, _LEARNED)
        return count, (risk,) if power != -1 else (), 1 + power

    def interpolating(self) -> Sector:
        """Half of the noise is negative, if it is learned on one side."""
        return replace(
            super().interpolating(), spectrum="zero mass + bulk" if self.noise.tilt == 1 else "bulk"
        )

    def biased_sectors(self) -> tuple[Sector, ...]:
        """Features up to ``i_*``, the noise's lift of the last one being far below it."""
        plain = super().biased()
        end = self._meeting()
        # (1 + kappa d/dkappa) of the count of the last features, 2 sum (a_i - kappa i**beta) / (K (1 - beta))
        lift = _times(_times({"tau": _TWO}, self.last, -1), end.powers, -1)
        b = self.decay
        ends = self.risk_of_features
        moved = -2 / (1 - b**2) / ends * TEACHER_NORM ** (b / self.g)
        lifted = (Term(moved, lift, "features lifted by noise"),) if b < 1 else ()
        corrections = (*plain.corrections[:-1], *lifted)
        much_less = (*plain.much_less[:-1], self._lifted()[1])
        low = replace(
            plain, count=(), much_less=much_less, corrections=corrections, gamma=(_HALF, self.critical)
        )
        return low, *(self._with_features(low, beyond) for beyond in (False, True))

    def _with_features(self, sector: Sector, beyond: bool) -> Sector:
        """The same where the first features make up the count."""
        count, risk, shared, extra = self._features(beyond)
        few = () if beyond else self._few(count, shared, len(sector.risk))
        return replace(
            sector,
            name=f"{sector.name}, {self._beyond(beyond)[1]}",
            risk=(*sector.risk, *risk),
            count=(count,),
            corrections=(*sector.corrections, *few[:1]),
            count_corrections=few[1:],
            much_less=(*sector.much_less, self._beyond(beyond)[0]),
            gamma=(self.critical, None),
            shared=shared,
            **extra,
        )

    def _few(self, count: Term, shared: Expr, index: int) -> tuple[Term, ...]:
        """Features far above ``K``, of which each counts 2, are discrete: ``2 zeta(0)`` in both sums."""
        powers = {name: -power for name, power in count.powers.items()}
        r, s = (
            Term(-1 / count.coefficient / x, powers, "features are discrete", k)
            for x, k in ((shared, index), (1, 0))
        )
        return r, _moved(r, s, shared)

    def _beyond(self, beyond: bool) -> tuple[tuple[Term, Term], str]:
        last = self._last_threshold()
        return (
            ((ONE, last), "all below the last threshold")
            if beyond
            else ((last, ONE), "some above the last threshold")
        )

    def _last_threshold(self) -> Term:
        return Term(_ONE, self.last, "last threshold")

    # the block of learned noise, in units of its share Y of directions

    def _block(self) -> tuple[Expr, Expr, Expr, Expr]:
        """``Y = share C**-learned`` and ``J = j Y lift**2 = whole C**-p``; at 1 with ``log(1/Y)`` and its cube."""
        b = self.decay
        if b == 1:  # h = log(1/Y)/C = C Y, and c**2 = 2 log(1/Y)
            return _HALF, _TWO, _HALF**3 * self._j(), sp.Integer(4)
        if b < 1:  # h = 1/(C (1 - beta)) = C Y**beta, J = int (h - C y**beta)**2
            share, learned, lift = (1 - b) ** (-1 / b), 2 / b, 1 / (1 - b)
            return share, learned, lift**2 * share * self._j(), 2 + learned
        return _ONE, 2 / (2 * b - 1), self._j(), 4 / (2 * b - 1)

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

    def _relative(self) -> list[tuple[Expr, Powers, str]]:
        """What corrects the potential of the block: coefficient, powers, word."""
        b, (share, learned, _, _) = self.decay, self._block()
        y = _times({}, self.small, learned)  # Y over its constant
        directions = _times({"d": -_ONE}, y, -1)
        if b > 1:
            far = self._imaginary(self._z**2) / (sp.pi * (1 - b) * self._j())
            few = -self._imaginary(self._z**2 / self._w) / (2 * sp.pi * self._j())
            return [
                (far, _times({}, y, b - 1), "thresholds end at i = d"),
                (few, directions, "noise directions are discrete"),
            ]
        if b == 1:  # G = (log(C/h) - log(w/h))/C to second order in 1/C
            few = -_HALF / self._j()
            return [
                (sp.Integer(9), {"c": -_TWO}, "next term of the leak"),
                (few, {"q": -_ONE, "d": -_ONE}, "noise directions are discrete"),
            ]
        few = -_HALF / self._j() / share
        found = [(few, directions, "noise directions are discrete")]
        if b == _HALF:  # the two below, whose poles cancel: Y**(1/2) log(1/Y)
            return [(_HALF, {"q": _HALF, "c": _TWO}, "next term of the leak"), *found]
        own = -(1 - b) * sp.pi * sp.cot(sp.pi / b) / ((2 - b) * self._j())
        level = (1 - b) / (b * (1 - 2 * b))
        for coefficient, power in ((own, 1 - b), (level, b)):
            if coefficient.is_finite:  # else, at a pole of both of a later order
                found.append((coefficient * share**power, _times({}, y, power), "next term of the leak"))
        return found

    def leaking(self) -> tuple[Sector, ...]:
        """Noise learned in ``1 << m << d`` directions, more than there are learned features."""
        share, learned, whole, p = self._block()
        leak = _times({"d": _ONE}, self.small, p)
        risk = Term(whole, _times(leak, {"tau": _TWO}), _LEARNED)
        count = Term(whole * (1 + p / 2), leak, _LEARNED)
        shared = 2 / (2 + p)
        first, last = self._lifted()
        logs: dict[str, Any] = {}
        at_one = self.decay == 1
        if at_one:
            risk, count = (replace(t, powers={**t.powers, "c": sp.Integer(6)}) for t in (risk, count))
        if at_one or self.decay == _HALF:
            power = {"c": _TWO} if at_one else {}
            tie = Term(_ONE, {"q": _ONE}), Term(share, {**_times({}, self.small, learned), **power})
            logs = {"unknowns": ("tau", "kappa", "q"), "ties": (tie,), "exponential": ("q", "c")}
        pairs = []
        for r, powers, word in self._relative():
            e = powers.get("tau", 0) + learned * powers.get("q", 0)  # it falls as C**-e, and s = J - C J'/2
            less = _TWO if at_one and e == 0 else 0  # C d/dC of log(1/Y)**3, over 2 (1 + p/2)
            pairs.append(
                (Term(r, powers, word), Term(r * (1 + (p + e) / 2) / (1 + p / 2) - less, powers, word))
            )
        low = Sector(
            name="noise learned",
            risk=(risk,),
            count=(count,),
            much_less=(first[::-1], last[::-1], (TAU, self._last_threshold())),
            corrections=tuple(r for r, _ in pairs),
            count_corrections=tuple(_moved(r, s, shared) for r, s in pairs),
            shared=shared,
            spectrum="zero mass + bulk",
            features="some",
            noise="bulk",
            gamma=(_HALF, self.critical),
            **logs,
        )
        found = [low]
        for beyond in (False, True):
            other, turned, share_, extra = self._features(beyond)
            where, word = self._beyond(beyond)
            few = () if beyond else self._few(other, share_, 0)
            base = replace(low, gamma=(self.critical, None), much_less=(*low.much_less, where))
            found.append(
                replace(base, name=f"{low.name}, {word}", much_less=(*base.much_less, (_bare(other), count)))
            )
            found.append(
                replace(
                    base,
                    name=f"noise learned, counted on features, {word}",
                    risk=turned if share_ or at_one else (risk, *turned),
                    count=(other,),
                    much_less=(*base.much_less, (_bare(count), other)),
                    corrections=few[:1],
                    count_corrections=few[1:],
                    shared=share_,
                    **{"unknowns": ("tau", "kappa"), "ties": (), "exponential": None, **extra},
                )
            )
        return tuple(found)


def _bare(term: Term) -> Term:
    """Without its logarithm, which is another's than the sector's own."""
    return replace(term, powers={name: power for name, power in term.powers.items() if name != "c"})


def _moved(risk: Term, count: Term, shared: Expr) -> Term:
    """A correction to a count that leads; what it and the risk's differ by also moves the noise scale."""
    r, s = risk.coefficient, count.coefficient
    return replace(count, coefficient=sp.simplify(s - shared / (1 - shared) * (r - s)))
