"""Every balance of every sector at random places where it holds: unknowns, risk and first corrections in numbers."""

from __future__ import annotations

import math
from collections.abc import Iterator
from fractions import Fraction
from typing import Any

import numpy as np
import pytest

from asymptotix.asymptotics.balance import cells
from asymptotix.asymptotics.definition import definition
from asymptotix.asymptotics.points import Point, Sizes
from asymptotix.asymptotics.system import system_of
from asymptotix.problem import Problem
from asymptotix.solution import Solution
from asymptotix.state_evolution import solve

LOG10_D = 40
#: How far inside of a cell, in powers of d.
INSIDE = 0.15


def depth(condition: Any, point: Point) -> float:
    """Powers of ``d`` between the two that a condition compares."""
    return float(point.number(condition.ratio.exponent))


def places(cell: Any, gamma: Fraction, rng: np.random.Generator) -> Iterator[Point]:
    zero, one = Fraction(0), Fraction(1)
    corners = [Point(gamma, *(one if j == k else zero for j in range(3))) for k in range(-1, 3)]
    rows = np.array([[depth(c, corner) for corner in corners] for c in cell.conditions])
    steps = np.array(
        [[float(at.number(c.exponent)) for at in corners] for c in cell.solution.corrections]
    ).reshape(-1, 4)
    for each in (rows, steps):
        each[:, 1:] -= each[:, :1]
    drawn = np.round(rng.uniform([0.05, -4.0, -1.0], [2.5, 2.0, 5.0], (6000, 3)) * 128) / 128
    inside = np.column_stack([np.ones(len(drawn)), drawn]) @ rows.T
    good = drawn[(inside > INSIDE).all(axis=1) & (np.abs(drawn).sum(axis=1) < 5.5)]  # of moderate numbers
    sizes = good @ steps[:, 1:].T + steps[:, 0]
    chosen = {0}
    for k in range(sizes.shape[1] if len(good) else 0):  # and where one correction is larger than all others
        lead = sizes[:, k] - np.delete(sizes, k, axis=1).max(axis=1, initial=-1.0)
        lead[(sizes[:, k] < -0.18) | (sizes[:, k] > -0.05)] = -1.0
        if lead.max() > 0.02:
            chosen.add(int(lead.argmax()))
    yield from (Point(gamma, *(Fraction(float(x)) for x in good[i])) for i in chosen if i < len(good))


def numbers(network: str, point: Point) -> Solution:
    n_eff, lam, noise = (10.0 ** (LOG10_D * float(x)) for x in (point.a, point.l, -point.zeta))
    name, _, beta = network.partition(" of beta ")
    sizes: dict[str, Any] = {
        "gamma": float(point.gamma),
        "d": 10**LOG10_D,
        "n": 1,
        "lam": lam,
        "noise": noise,
    }
    p = Problem(name, **sizes, **({"beta": beta} if beta else {}))
    return solve(p.replace(n=p.net.samples(n_eff, p.d)))


@pytest.mark.parametrize("gamma", [Fraction(3, 4), Fraction(5, 4)])
@pytest.mark.parametrize("network", ["diagonal", "diagonal of beta 1/2", "quadratic", "symmetric"])
def test_balances_hold_in_numbers(network: str, gamma: Fraction) -> None:
    module, rng, seen = definition(network), np.random.default_rng(4), 0
    log_d = LOG10_D * math.log(10.0)
    for sector in module.sectors():
        for cell in cells(system_of(sector, module.scales())):
            if not cell.gamma.contains_value(gamma):
                continue
            for point in places(cell, gamma, rng):
                sizes, found, true = Sizes(point, log_d), cell.solution, numbers(network, point)
                where = (sector.name, point)
                logarithmic = found.tail is not None
                corrections = [c.size(sizes) for c in found.corrections]
                total = sum(abs(x) for x in corrections)
                neglected = 10.0 ** (-LOG10_D * min(depth(c, point) for c in cell.conditions))
                gap = float(sizes.value(found.unknowns[2])) if len(found.unknowns) > 2 else 0.0
                allowed = 0.35 if logarithmic else gap + 200 * neglected + 3 * total + 1e-9
                ends = (true.log_delta - 0.5 * log_d, true.log_eps - 0.5 * log_d)
                for growth, log_size in zip(found.unknowns, ends, strict=False):
                    off = log_size - math.log(float(sizes.value(growth)))
                    assert abs(off) < allowed, where
                if logarithmic:  # q = exp(-c^2/2)
                    c = math.exp(true.log_eps - true.log_delta)
                    log_q = math.log(float(sizes.value(found.unknowns[2])))
                    assert -0.5 * c * c == pytest.approx(log_q, abs=0.1 * log_d), where
                    assert log_q == pytest.approx(-float(point.number(found.tail)) * log_d, abs=5), where
                    assert math.log(true.error / float(sizes.value(found.risk))) < 1.0, where
                elif total < 0.05:
                    left = true.error / float(sizes.value(found.risk)) - 1 - sum(corrections)
                    assert abs(left) < 5 * total**2 + 2e-2 * total + 1e-9, (where, left, corrections)
                seen += 1
    assert seen >= 8
