"""The first corrections to the law of a balance.

A relative change of one side of an equation changes the unknowns through the inverse of the same linear
system that gave the exponents; so every neglected term gives a correction of known exponent, log power and
constant.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

import sympy

from asymptotix.asymptotics.cells import HALF, Correction, size
from asymptotix.asymptotics.growth import Affine
from asymptotix.asymptotics.ratfun import RatFun
from asymptotix.asymptotics.system import Monomial

if TYPE_CHECKING:
    from asymptotix.asymptotics.balance import Balance


def neglected(of: Balance) -> Iterator[Correction]:
    """Everything neglected that the risk responds to, relative to the risk."""
    system, lead = of.system, of.system.risk[of.risk_terms[0]]
    # how the logarithm of the risk responds to a relative change of each equality's right side
    rows = list(zip(lead.powers, of.inverse, strict=True))
    response = [sum((p * row[k] for p, row in rows if p), RatFun.of(0)) for k in range(len(of.equalities))]
    direct = RatFun.of(1)  # a correction to the risk also acts through an equation that the risk leads
    ends = (*of.starts[1:], len(response))
    for k, (sides, chosen) in enumerate(zip(system.equations, of.choice, strict=True)):
        weights = response[of.starts[k] : ends[k]]
        if not any(weights):
            continue
        two_terms = len(chosen[0]) + len(chosen[1]) == 2
        if two_terms and sides[1][chosen[1][0]] in system.risk:
            direct = direct + weights[0]
        leader = sides[0][of.picked[k][0][0]]
        for sign, side, leading in zip((-1, 1), sides, chosen, strict=True):
            weight = weights[0] * sign if two_terms else None
            yield from (_correction(of, m, weight, leader) for i, m in enumerate(side) if i not in leading)
    others = (m for i, m in enumerate(system.risk) if i not in of.risk_terms)
    yield from (_correction(of, m, RatFun.of(1), lead) for m in others)
    own = (_correction(of, m, direct) for m in system.corrections if m.corrects in of.risk_terms)
    yield from (c for c in own if c.constant != 0)
    weight, (left, right) = response[of.starts[1]], of.choice[1]
    if weight and len(right) == 1:  # of a count that leads the threshold equation, behind its penalty
        led = (m for m in system.count_corrections if left == (m.corrects + 1,))
        yield from (_correction(of, m, -weight) for m in led)
    yield from _from_shape(of, lead, response)


def _correction(
    of: Balance, m: Monomial, weight: RatFun | None, leader: Monomial | None = None
) -> Correction:
    """``weight`` times a relative term, or times one relative to its leader; of unknown constant without weight."""
    relative, constant = size(m, of.growths), None
    if weight is not None:
        constant = weight.to_sympy() * of.value(m)
    if leader is not None:
        relative = relative / size(leader, of.growths)
        constant = constant and constant / of.value(leader)
    known = None if constant is sympy.nan else constant
    return Correction(relative.exponent, relative.log_power, False, m.label, known)


def _from_shape(of: Balance, lead: Monomial, response: Sequence[RatFun]) -> Iterator[Correction]:
    """``c**2 = 2 log(1/q)`` with ``q ~ K d**-v (log d)**w``: relative to ``sqrt(2 v log d)``, ``c`` is off by
    ``-(w loglog d + log K)/(2 v log d)``.
    """
    index = of.system.exponential
    pairs = zip(response, of.equalities, strict=True)
    change = sum((r * (q.shape_power - p.shape_power) for r, (p, q) in pairs), lead.shape_power)
    if index is None or not change:
        return
    small = of.growths[index]
    label = "growth of the threshold over the noise"
    by_logs = (change * HALF).to_sympy() / small.exponent.to_sympy()
    for loglog, moved in ((True, small.log_power.to_sympy()), (False, sympy.log(of.values[index]))):
        if moved != 0:
            yield Correction(Affine.of(0), RatFun.of(-1), loglog, label, by_logs * moved)
