r"""The lazy network's laws: ridge on fixed features at its best penalty, and by how much learning features gains.

Ridge shrinks all of the ``d`` directions alike. With ``x = d tau**2`` and the best shrinking its risk and the noise
equation are, in the units of :class:`~asymptotix.asymptotics.sector.Scales`,

    R = x/(1 + x) ,        (f n_eff/d) x = g Delta + R ,

and dominant balance in ``share = f n_eff/d`` is a matter of two limits: ``x`` is large below ``n_eff ~ d``, where
nothing is learned, and small above.
"""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import sympy as sp

from asymptotix.asymptotics.diagram import phase_diagram
from asymptotix.asymptotics.laws import DIMENSION, N_EFF, NOISE, Law
from asymptotix.asymptotics.points import exact
from asymptotix.asymptotics.sector import Scales

_SHARE, _SIZE = sp.symbols("share x", positive=True)


def lazy(scales: Scales) -> tuple[Law, Law]:
    """The law of the lazy error below and above ``n_eff ~ d``, each with its next order.

    >>> from asymptotix.asymptotics.definition import definition
    >>> below, above = lazy(definition("diagonal").scales())
    >>> below.expression, above.expression
    (1, Delta*d/n_eff)
    """
    noise = scales.noise * NOISE
    risk = _SIZE / (1 + _SIZE)
    share = {_SHARE: scales.samples * N_EFF / DIMENSION}
    # x = X/share in both limits: share -> 0 leaves X = g Delta + 1, share -> oo leaves X = g Delta
    few = sp.limit(risk, _SIZE, sp.oo)
    missed = sp.limit((risk - few) * _SIZE, _SIZE, sp.oo) * _SHARE / (noise + few)
    many = sp.series(risk, _SIZE, 0, 3).removeO()
    slope, bend = many.coeff(_SIZE, 1), many.coeff(_SIZE, 2)
    learned = slope * noise / _SHARE
    # (share - slope) x = g Delta + bend x^2, and R = slope x + bend x^2
    change = (slope + bend * noise / slope) / _SHARE
    return (
        Law("lazy error, few samples", few, "n_eff << d", (missed / few).subs(share)),
        Law("lazy error, many samples", sp.simplify(learned.subs(share)), "n_eff >> d", change.subs(share)),
    )


def lazy_exponent(a: Any) -> Fraction:
    """Exponent of ``d`` of the lazy error at ``n_eff = d**a`` and noise of order one."""
    return min(Fraction(0), 1 - exact("a", a))


def gain(network: str, gamma: Any, a: Any) -> Fraction:
    """Exponent of ``d`` by which features at their best penalty beat the lazy network, at noise of order one.

    >>> gain("quadratic", "5/4", 1), gain("quadratic", 2, 1), gain("diagonal", 2, "3/2")
    (Fraction(3, 5), Fraction(3, 4), Fraction(5, 8))
    """
    best = phase_diagram(network).best_penalty(gamma, a).risk_exponent
    return lazy_exponent(a) - best
