"""Claims measured to many digits: exponents and constants of the derived laws, in dimensions up to 10^10000.

Along a ray ``n_eff = d^a, lam = d^l`` (exact rationals; ``d`` a power of ten of which all are integer powers)
the error is ``C d^e (log d)^p (1 + ...)``, the dots of an order that the derivation predicts. Where it is a power of
``d``, a large enough ``d`` makes it vanish; Richardson extrapolation with the predicted powers does the rest.
Where it is in ``1/log d``, ``1/error`` is fitted in ``log d`` and ``loglog d``, the variables of the edge.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterator, Sequence
from fractions import Fraction
from typing import Any

import sympy
from mpmath import MPContext

from asymptotix.asymptotics.diagram import phase_diagram
from asymptotix.asymptotics.phases import Phase
from asymptotix.checks.claim import Family, Verdict
from asymptotix.errors import NotConverged
from asymptotix.precise import solve as solve_precisely
from asymptotix.problem import Problem
from asymptotix.state_evolution import solve as solve_in_doubles

_DIGITS = 40
_GAMMAS = ("3/5", "3/4", "1", "5/4", "2", "3")
# Network, gamma, a and l of rays whose corrections are powers of d.
_RAYS: tuple[tuple[str, str, str, str], ...] = (
    ("diagonal", "5/4", "1/3", "-1/4"),
    ("diagonal", "5/4", "7/6", "-1/4"),
    ("diagonal", "5/4", "4", "-1/4"),
    ("diagonal", "5/4", "1/3", "1"),
    ("quadratic", "5/4", "2/3", "-1/15"),
    ("quadratic", "5/4", "7/6", "-1/4"),
    ("quadratic", "5/4", "4", "-1/4"),
)
_SIZES = {"diagonal": (1200, 2400), "quadratic": (60, 120)}
# Rays on which corrections are slow and doubles give the start: extrapolated.
_EXTRAPOLATED = (("quadratic", "5/4", "1/3", "-1"), ("quadratic", "5/4", "2/3", "-1"))
_EXTRAPOLATED_SIZES = (60, 72, 84, 96, 108, 120)


def exponents(full: bool) -> Iterator[Verdict]:
    """Slope and constant along rays whose corrections are powers of ``d``."""
    rays = list(_RAYS)
    if full:
        rays += [(n, g, a, lam) for n, _, a, lam in _RAYS for g in _GAMMAS if g != "5/4"]
    for name, gamma, a, lam in rays:
        phase = phase_diagram(name).at(gamma=gamma, a=a, l=lam)
        if phase.log_power != 0 or "/" in phase.phase:
            continue  # a law with logarithms, or one of a boundary
        sizes = (
            (24, 48) if name == "quadratic" and a == "4" else _SIZES[name]
        )  # 1e240 samples are still a double
        try:
            yield from _measured(phase, name, gamma, a, lam, sizes, ())
        except NotConverged as error:
            yield _unreached(
                f"{name}/{phase.phase}/{gamma.replace('/', '-')}/a={a.replace('/', '-')}", str(error)
            )
    for name, gamma, a, lam in _EXTRAPOLATED if full else ():
        phase = phase_diagram(name).at(gamma=gamma, a=a, l=lam)
        powers = _powers(phase, len(_EXTRAPOLATED_SIZES) - 2)
        yield from _measured(phase, name, gamma, a, lam, _EXTRAPOLATED_SIZES, powers)


def _unreached(identity: str, why: str) -> Verdict:
    """A row that says why nothing was measured; it does not pass."""
    return Verdict(f"digits-exponents/{identity}", f"not measured: {why}", "none", 0.0, math.nan, 0.0, "none")


def _measured(
    phase: Phase,
    name: str,
    gamma: str,
    a: str,
    lam: str,
    sizes: Sequence[int],
    powers: Sequence[Fraction],
) -> Iterator[Verdict]:
    mp = _context()
    exponent = Fraction(str(phase.risk_exponent))
    constant = mp.mpf(str(sympy.N(phase.constant, _DIGITS)))
    scaled = []
    for size in sizes:
        error = _error(name, gamma, a, lam, size)
        scaled.append(
            mp.mpf(error) * mp.mpf(10) ** (-mp.mpf(exponent.numerator) / exponent.denominator * size)
        )
    # slopes of log(error d^-e) between neighbours: 0 up to the corrections
    ratios = [
        mp.log(y / x) / ((q - p) * mp.log(10))
        for x, y, p, q in zip(scaled, scaled[1:], sizes, sizes[1:], strict=False)
    ]
    slope = _richardson(mp, ratios, sizes[:-1], powers)
    measured = _richardson(mp, scaled, sizes, powers)
    agreed = -mp.log10(abs(measured / constant - 1)) if measured != constant else _DIGITS
    # a correction that is no smaller than 1e-8 at the largest size is allowed for, with a constant up to 10
    left = (
        0.0
        if powers or str(phase.next_order) == "none"
        else 10.0 * 10.0 ** (float(_first(phase)) * sizes[-2])
    )
    where = f"n_eff = d^{a}, lam = d^{lam}, gamma = {gamma}, d to 10^{sizes[-1]}"
    identity = f"{name}/{phase.phase}/{gamma.replace('/', '-')}"
    yield Verdict(
        f"digits-exponents/slope/{identity}",
        f"power of d in the error along {where}",
        "high-precision solve",
        float(exponent),
        float(exponent + Fraction(str(float(slope)))),
        max(1e-8, left / (sizes[-1] - sizes[-2])),
        f"the promise, or the correction d^({phase.next_order})",
    )
    yield Verdict(
        f"digits-exponents/constant/{identity}",
        f"constant of the law along {where}: {min(int(agreed), _DIGITS - 1)} digits agree",
        "high-precision solve",
        float(constant),
        float(measured),
        max(1e-8, left) * float(constant),
        f"the promise, or the correction d^({phase.next_order})",
    )


def _error(name: str, gamma: str, a: str, lam: str, size: int) -> str:
    """The error at ``d = 10^size``, all other sizes exact powers of ten or, with digits to spare, near one."""
    problem = _on_ray(name, gamma, Fraction(a), Fraction(lam), size)
    near = None
    if size * (1 + Fraction(a)) < 290:  # what doubles can count
        found = solve_in_doubles(problem)
        near = found if found.converged else None
    return solve_precisely(problem, _DIGITS, near=near).error


def _on_ray(name: str, gamma: str, a: Fraction, lam: Fraction, size: int) -> Problem:
    n = a * size + (0 if name == "diagonal" else size)
    return Problem(name, gamma=gamma, d=10**size, n=_ten_to(n), lam=_ten_to(lam * size), noise=1)  # type: ignore[arg-type]


def _ten_to(power: Fraction) -> Fraction:
    if power.denominator != 1:
        raise AssertionError(f"10^{power} is not exact: choose another d")
    return Fraction(10) ** int(power)


def _first(phase: Phase) -> Fraction:
    """The predicted exponent of the largest correction."""
    return Fraction(str(sympy.nsimplify(sympy.sympify(phase.next_order))))


def _powers(phase: Phase, count: int) -> list[Fraction]:
    """Exponents of the predicted corrections and their sums, largest first."""
    generators = [_first(phase)]
    found = sorted({k * g for g in generators for k in range(1, count + 1)}, reverse=True)
    return found[:count]


def _richardson(
    mp: MPContext, values: Sequence[Any], sizes: Sequence[int], powers: Sequence[Fraction]
) -> Any:
    """Eliminate ``d^power`` after ``d^power``; the sizes are equally spaced."""
    row = list(values)
    for power in powers:
        if len(row) < 2:
            break
        step = sizes[1] - sizes[0]
        q = mp.mpf(10) ** (mp.mpf(power.numerator) / power.denominator * step)
        row = [(y - q * x) / (1 - q) for x, y in itertools.pairwise(row)]
    return row[-1]


def logarithms(full: bool) -> Iterator[Verdict]:
    """The diagonal network at vanishing penalty: ``error ~ C / log d``, fitted in ``log d`` and ``loglog d``."""
    sizes = (
        [12 * round(25 * 1.6**k) for k in range(10)] if full else [12 * round(25 * 2.0**k) for k in range(6)]
    )
    for a in ("1/3", "2/3") if full else ("1/3",):
        phase = phase_diagram("diagonal").at(gamma="5/4", a=a, l="-1")
        mp = _context()
        values = [1 / mp.mpf(_error("diagonal", "5/4", a, "-1", size)) for size in sizes]
        fitted = _fit(mp, values, [mp.mpf(s) * mp.log(10) for s in sizes])
        predicted = 1.0 / float(sympy.N(phase.constant, 20))
        yield Verdict(
            f"digits-logarithm/diagonal/{phase.phase}/a={a.replace('/', '-')}",
            f"1/error over log d along n_eff = d^{a}, lam = 1/d, gamma = 5/4, d to 10^{sizes[-1]}",
            "high-precision solves, fitted in log d and loglog d",
            predicted,
            float(fitted),
            1e-3 * predicted,
            "three digits are promised where corrections are logarithmic",
        )


def _fit(mp: MPContext, values: Sequence[Any], logs: Sequence[Any]) -> Any:
    """Coefficient of ``L`` in ``1/error = c_1 L + c_2 log L + c_3 + (...)/L + ...``, through all the points."""
    terms = [(1, 0), (0, 1), (0, 0), (-1, 1), (-1, 0), (-1, 2), (-2, 2), (-2, 1), (-2, 0), (-2, 3)]
    chosen = terms[: len(values)]
    matrix = mp.matrix([[x**p * mp.log(x) ** q for p, q in chosen] for x in logs])
    return mp.lu_solve(matrix, mp.matrix(list(values)))[0]


# a point of each phase, at d = 400 and 1e60
_POINTS = (
    ("diagonal", 10**60, "1e20", "1e-15"),
    ("diagonal", 10**60, "1e20", "0"),
    ("diagonal", 10**60, "1e70", "1e-8"),
    ("diagonal", 10**60, "1e170", "1e-8"),
    ("diagonal", 400, "100", "0.1"),
    ("quadratic", 10**60, "1e80", "1e-15"),
    ("quadratic", 10**60, "1e130", "1e-4"),
    ("quadratic", 10**60, "1e240", "1e-4"),
    ("quadratic", 100, "10000", "0.1"),
)
_SLOWER = (
    ("quadratic", 10**60, "1e80", "1e-20"),
    ("quadratic", 10**60, "1e80", "0"),
    ("quadratic", 400, "40000", "0"),
    ("symmetric", 400, "160000", "0.1"),
)


def doubles(full: bool) -> Iterator[Verdict]:
    """The double-precision solver against many digits, in every phase."""
    for name, d, n, lam in _POINTS + (_SLOWER if full else ()):
        problem = Problem(name, gamma="5/4", d=d, n=n, lam=lam, noise="1/10")  # type: ignore[arg-type]
        near = solve_in_doubles(problem)
        precise = float(solve_precisely(problem, 25, near=near).error)
        yield Verdict(
            f"digits-doubles/{name}/d=1e{math.log10(d):.3g}/n={n}/lam={lam}",
            "double-precision error against 25 digits",
            "high-precision solve",
            precise,
            near.error,
            1e-9 * precise,
            "1e-9 is what is promised",
        )


FAMILIES = (
    Family("digits-doubles", doubles),
    Family("digits-exponents", exponents),
    Family("digits-logarithm", logarithms),
)


def _context() -> MPContext:
    context = MPContext()
    context.dps = _DIGITS + 10
    return context
