r"""Interpolation with little noise on unequal inputs: features, noise and thresholds all end at one index ``X``.

Let ``X`` be where the threshold meets the noise, and ``A`` the feature there in units of its threshold. Sums over
coordinates are then integrals over ``u = i/X``, of features ``A u**-gamma`` and thresholds ``u**decay``. Without weight
decay ``s = samples``, and without noise ``samples tau**2 = R``: both hold if ``s tau**2 = R``, one equation for the
number ``A``: closed for levels that are all lifted alike (quadratic, ``decay <= 1``), else by quadrature
(`asymptotix.asymptotics.meeting_numbers`).
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from typing import Any, ClassVar, NamedTuple

import sympy as sp

from asymptotix.asymptotics import meeting_numbers
from asymptotix.asymptotics.expansions.mellin import TEACHER_NORM, smallest_feature
from asymptotix.asymptotics.sector import Sector, Term, term
from asymptotix.asymptotics.symbols import DIMENSION, GAMMA, KAPPA, NOISE, PENALTY, SAMPLES, TAU, Expr


class _Meeting(sp.Function):  # type: ignore[misc]
    """A number of a `Meeting`, by its place in it, at ``(gamma, decay)``: to about 10 digits; else a symbol."""

    nargs = (3,)
    is_real = True
    is_finite = True
    #: The numbers at ``gamma`` and a shape.
    numbers: ClassVar[Callable[..., tuple[float, ...]]]

    def _eval_is_positive(self) -> Any:
        return True if self.args[0] < 2 else None

    def _eval_evalf(self, prec: int) -> Any:
        which, *at = self.args
        return None if self.free_symbols else sp.Float(self.numbers(*map(float, at))[which], precision=prec)


class Meeting(NamedTuple):
    """Where features, noise and thresholds meet.

    Attributes:
        feature: ``A``.
        count: degrees of freedom there, in units of a power of ``X``.
        noise: how the logarithm of the error responds to what is added to the risk, relative to ``samples tau**2``.
        penalty: how it responds to what is added to the count, relative to ``samples``.
    """

    feature: Any
    count: Any
    noise: Any
    penalty: Any

    @classmethod
    def of(cls, kind: type[_Meeting], *shape: Expr) -> Meeting:
        """The four numbers as symbols, for every gamma; the shape is the decay, and what else the kind depends on."""
        return cls(*(kind(sp.Integer(which), GAMMA, *shape) for which in range(len(cls._fields))))

    def corrections(self, degree: Expr = 1) -> tuple[Term, ...]:
        """What noise, penalty and the last features add to the error."""
        beyond = DIMENSION ** (1 - 2 * GAMMA) / (2 * GAMMA - 1) / TEACHER_NORM**2
        return (
            term(self.noise * NOISE / (SAMPLES * TAU**2), "noise"),
            term(self.penalty * PENALTY / (SAMPLES * KAPPA**degree), "penalty"),
            term(-(1 + self.noise) * beyond / (SAMPLES * TAU**2), "features end at i = d"),
            term(beyond, "teacher normalised over d features"),
        )

    def sector(
        self, risk: Term, count: Term, beta: Expr, corrections: tuple[Term, ...], degree: Expr = 1
    ) -> Sector:
        """Neither equation is led by noise or penalty, and ``1 << X << d``."""
        return Sector(
            name="features, noise and thresholds meet",
            risk=(risk,),
            count=(count,),
            much_less=(
                (term(NOISE), risk),
                (term(PENALTY), term(SAMPLES * KAPPA**degree)),
                (term(KAPPA), term(1)),
                (smallest_feature(), term(KAPPA * DIMENSION ** (beta / 2))),
            ),
            corrections=(*self.corrections(degree), *corrections),
            spectrum="zero mass + bulk",
            features="some",
            noise="bulk",
        )


class SequenceMeeting(_Meeting):
    """Of a scalar threshold ``u**decay`` of the penalty ``|x|**q``: ``A`` in units of the noise, ``s/X``.

    >>> round(float(sp.N(SequenceMeeting(1, 1, sp.Rational(1, 2), 1))), 6)
    1.26308
    """

    nargs = (4,)
    numbers = staticmethod(meeting_numbers.sequence)


class MatrixMeeting(_Meeting):
    """Of levels that repel one another: ``A`` in units of the threshold, ``s d/X**2``; ``gamma < decay``."""

    numbers = staticmethod(meeting_numbers.matrix)

    @classmethod
    def eval(cls, which: Expr, gamma: Expr, decay: Expr) -> Any:
        return sp.zoo if gamma.is_number and gamma >= decay else None


class LiftMeeting(_Meeting):
    """Of levels all lifted by ``eta kappa X**decay``, ``decay <= 1``: ``A = 1 - eta``, closed where gamma is known.

    >>> LiftMeeting(0, sp.Rational(3, 4), sp.Rational(1, 2))
    1/3 + sqrt(6)/6
    """

    @classmethod
    def eval(cls, which: Expr, gamma: Expr, decay: Expr) -> Any:
        if not gamma.is_number:
            return None
        return lifted_alike(gamma, decay)[which] if gamma < 1 else sp.zoo

    def doit(self, **hints: Any) -> Any:
        """The closed form, for ``gamma < 1``."""
        which, gamma, decay = self.args
        return lifted_alike(gamma, decay)[which]


@cache
def lifted_alike(gamma: Expr, decay: Expr) -> Meeting:
    """``eta`` is the smaller root of ``s tau**2 = R``; sums are over ``kappa X**(1 + decay)``, and its square."""
    b, lift = decay, sp.Dummy("eta", positive=True)
    summed = (1 - lift) / (1 - gamma) - 1 / (1 + b) + lift
    risk = lift**2 - 2 * lift / (1 + b) + 1 / (1 + 2 * b) + (1 - lift) ** 2 / (2 * gamma - 1)
    third, second, first = sp.Poly(
        risk - 2 * lift * summed, lift
    ).all_coeffs()  # of one sign for 1/2 < gamma < 1
    root = (-second - sp.sqrt(second**2 - 4 * third * first)) / (2 * third)
    # the logarithms of tau**2 X**(beta + 2 gamma), of R/X**(1 - 2 gamma) and of s/X**(1 + beta)
    level = -2 * sp.log(1 - lift)
    functions = sp.log(lift) + level, sp.log(risk) + level, sp.log(summed)
    by_noise, by_risk, by_count = (sp.diff(f, lift).subs(lift, root) for f in functions)

    def response(noise: int, penalty: int) -> Expr:
        moved = (noise - penalty) / (by_noise - by_risk + by_count)
        end = -(by_count * moved + penalty) / (1 + b)
        return by_risk * moved + (1 - 2 * gamma) * end

    count = 2 * summed.subs(lift, root) / (1 if b == 1 else 1 - b)
    return Meeting(sp.expand(1 - root), sp.expand(count), response(1, 0), response(0, 1))
