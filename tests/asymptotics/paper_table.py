"""The phase table of arXiv 2509.24882 (ICLR 2026), noise of order one: what the engine is compared with.

``n_eff = d**a``, ``lam = d**l``; rates "up to constants". Rows are the table's, in its order: Ia, Ib, II,
III, IV/V (two terms), VIa/VIb. The diagonal network's noise term is ``1/log(d/n)``, power -1 of ``log d``.
"""

from __future__ import annotations

from fractions import Fraction

HALF = Fraction(1, 2)


def margin(gamma: Fraction, a: Fraction, length: Fraction, network: str) -> Fraction:
    """Distance (in exponents) from the nearest line where the table changes."""
    lines = [a, a - 1, length - (a - HALF), length - (a - 1) / 2, length - (a - gamma - HALF), a - 2 * gamma]
    if network != "diagonal":
        lines.append(features(gamma, a) - leak(a))
    return min(abs(x) for x in lines)


def features(gamma: Fraction, a: Fraction) -> Fraction:
    return a * (-1 + 1 / (2 * gamma))


def leak(a: Fraction) -> Fraction:
    """[P] table: rho(t) = t**(2/5) for the quadratic network, t = n_eff/d."""
    return Fraction(2, 5) * (a - 1)


def rate(network: str, gamma: Fraction, a: Fraction, length: Fraction) -> tuple[str, Fraction, int]:
    """[P] table: phase, exponent of ``d`` and power of ``log d`` of the error at ``Delta`` of order one."""
    if a < 0:
        return "Ia", Fraction(0), 0
    if length > a - HALF:
        return "Ib", Fraction(0), 0
    if length > (a - 1) / 2:
        if length > a - gamma - HALF:
            return "II", (length + HALF - a) * (2 - 1 / gamma), 0
        return "III", 2 * length + 2 - 2 * a, 0
    if a > 1:
        return ("VIb" if a > 2 * gamma else "VIa"), 1 - a, 0
    if network == "diagonal":
        return "V", Fraction(0), -1
    if features(gamma, a) > leak(a):
        return "IV", features(gamma, a), 0
    return "V", leak(a), 0
