"""Claims measured to many digits: exponents and constants of the derived laws, in dimensions up to 10^10000.

Along the ray through the deepest point of each phase (`asymptotix.checks.deepest_points`) the error is
``C d^e (log d)^p (1 + ...)``, the dots of orders that the derivation predicts. Where these are powers of ``d``, they
are eliminated, and what is left bounds how far constant and exponent may be off. Where they are in ``1/log d``, they
are solved for in the variables of the edge, to dimensions at which ``loglog d`` can be told from a constant.
"""

from __future__ import annotations

import contextlib
import itertools
import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import partial
from typing import Any

import sympy
from mpmath import MPContext

from asymptotix.checks.claim import Family, Verdict, relative
from asymptotix.checks.deepest_points import deepest, measurable
from asymptotix.checks.derived_laws import GAMMAS
from asymptotix.checks.extrapolation import Schedule, fit_logarithms, richardson, schedule
from asymptotix.checks.numbers import random_problem
from asymptotix.checks.ray import Ray
from asymptotix.errors import NotConverged
from asymptotix.networks import get
from asymptotix.networks.base import Geometry
from asymptotix.precise import solve as solve_precisely
from asymptotix.problem import Problem
from asymptotix.state_evolution import solve as solve_in_doubles


@dataclass(frozen=True)
class Aims:
    """What a network's geometry affords.

    Attributes:
        digits: that are solved for.
        constant, slope: digits of them that the sizes are chosen for; large dimensions cost next to nothing for the
            first.
        seconds: of one ``gamma``, roughly.
        random: seconds of the random problems.
    """

    digits: int
    constant: float
    slope: float
    seconds: float
    random: float


# What a minute or so affords: a resolvent costs several times as much as a sum over coefficients (`Method.seconds`).
_AIMS = {
    Geometry.SEQUENCE: Aims(40, 30.0, 20.0, 50.0, 1.0),
    Geometry.MATRIX: Aims(30, 12.0, 9.5, 5.0, 25.0),
}
_WITNESS = "high-precision solve"
_SMALLEST = 24  # least power of ten of the dimension: far inside a phase
#: Beyond, a matrix's second threshold may lie too close to an edge to be found (IV at gamma = 3, 1e108).
_LARGEST_TWO_SIDED = 100.0
# Both sides cost as much as several first ones.
_SECOND = 5.0
# How far constants of order one may enlarge what is left after elimination.
_FACTOR = 20.0
_LOG_DIGITS = 30  # of d^k for the large k below: what is read off are the logarithms, to a few digits
# Powers of ten, each some one and a half times the last: log d grows so slowly that three decades of it are needed.
_LOG_SIZES = (300, 450, 700, 1100, 1700, 2600, 4000, 6300, 10000)
_QUICK_LOG_SIZES = (100, 150, 225, 340, 500, 750)
_PROMISED = 1e-3  # of a log power or log constant
_QUICK_GAMMA = Fraction(5, 4)
_CHEAP, _SLOW = ("III", "VIb"), ("IV0", "V.2")


def _aims(network: str) -> Aims:
    return _AIMS[get(network).geometry]


def _two_sided(network: str) -> bool:
    """Whether a matrix is thresholded on both sides: at two thresholds, or by integrals along both axes."""
    net = get(network)
    return not net.is_sequence and net.sides == 2


def phases(network: str, gamma: Fraction, full: bool) -> Iterator[Verdict]:
    """Every phase of one network at one ``gamma``; a sample of them unless ``full``."""
    slow = _SLOW if get(network).is_sequence and gamma == _QUICK_GAMMA else None
    # VIb takes up to a minute (bilinear, gamma = 3)
    cheap = _CHEAP[:1] if _two_sided(network) and gamma != _QUICK_GAMMA else _CHEAP
    for name, here in deepest(
        network, gamma, lambda name: full or (name not in slow if slow is not None else name in cheap)
    ):
        if here is None:
            why = "no such phase: its region is empty at this gamma"
            yield _blank(_cell(network, name, gamma), why, "the derived region", 0.0, "exact")
        else:
            yield from measure(here, full)


def measure(here: Ray, full: bool = True) -> Iterator[Verdict]:
    """Exponent and constant of one phase, and the power of its logarithm."""
    try:
        fit = _with_logarithms(here, full) if here.next_order == 0 else _algebraic(here)
    except NotConverged as error:
        cell = _cell(here.network, here.name, here.point.gamma)
        yield _blank(cell, f"not measured along {here}: {error}", "none", math.nan, "none")
    else:
        yield from (_verdict(here, fit, what) for what in fit.found)


@dataclass(frozen=True)
class _Fit:
    """What solves along a ray give: each number by its name, with how far off it may be."""

    sizes: Sequence[int]
    method: str
    witness: str
    source: str
    found: dict[str, tuple[Any, float]]


#: What a law is made of, in words.
_PARTS = {
    "exponent": "power of d in the error",
    "log_power": "power of log d in the error",
    "constant": "constant of the law",
}


def _verdict(here: Ray, fit: _Fit, what: str) -> Verdict:
    """One number of a law along its ray, with what a double cannot hold as text."""
    context, (found, tolerance) = _context(), fit.found[what]
    exact = _law(context, here)[what]
    derived = context.nstr(exact, 20) if what == "constant" else str(_symbols(here)[what])
    low, high = f"10^{fit.sizes[0]}", f"10^{fit.sizes[-1]}"
    claim = f"{_PARTS[what]} along {here}, gamma = {here.point.gamma}, d = {low} to {high}"
    cell = _cell(here.network, here.name, here.point.gamma)
    how = {"ray": str(here), "d": f"{low} ... {high}", "method": fit.method}
    texts = cell | how | {what: derived} | _digits(here, what, exact, found)
    name, numbers = f"{_identity(cell)}/{what.replace('_', '-')}", (float(exact), float(found), tolerance)
    return Verdict(name, claim, fit.witness, *numbers, fit.source, exact=texts)


def _identity(cell: Mapping[str, str]) -> str:
    return f"digits-exponents/{cell['network']}/{cell['gamma'].replace('/', '-')}/{cell['phase']}"


def _cell(network: str, name: str, gamma: Fraction) -> dict[str, str]:
    return {"network": network, "phase": name, "gamma": str(gamma)}


def _blank(cell: dict[str, str], why: str, witness: str, measured: float, source: str) -> Verdict:
    """A row that says why nothing was measured; it passes where there is nothing to be."""
    exact = cell | {"why": why}
    return Verdict(f"{_identity(cell)}/none", why, witness, 0.0, measured, 0.0, source, exact=exact)


def _generators(here: Ray) -> list[Fraction]:
    """Exponents of ``1/d`` of all predicted corrections; twice where a logarithm comes with one."""
    found = [
        (-here.point.number(c.exponent), c.log_power.at(here.point.gamma) != 0)
        for c in here.phase.piece.solution.corrections
    ]
    return [g for g, log in found for _ in range(1 + log) if g > 0]


def plan(here: Ray) -> Schedule:
    """The dimensions at which a phase is measured."""
    aims, largest = _aims(here.network), _LARGEST_TWO_SIDED if _two_sided(here.network) else math.inf
    return schedule(_generators(here), here.step, aims.constant, _SMALLEST, aims.slope, largest)


def _algebraic(here: Ray) -> _Fit:
    """Slope and constant where corrections are powers of ``d``."""
    context, chosen, digits = _context(), plan(here), _aims(here.network).digits
    law, sizes, spacing = _law(context, here), chosen.sizes, chosen.spacing
    exponent = law["exponent"]
    scaled = [_error(context, here, k, digits) * context.mpf(10) ** (-exponent * k) for k in sizes]
    decades = spacing * context.log(10)
    slopes = [context.log(y / x) / decades for x, y in itertools.pairwise(scaled)]
    slope = exponent + richardson(context, slopes, spacing, chosen.powers)
    value = richardson(context, scaled, spacing, chosen.powers)
    left = partial(_left, context, chosen, 10.0 ** (4 - digits))
    by_slope = left(chosen.left_in_slope, chosen.powers[:-1]) / float(decades)
    of_constant = max(left(chosen.left, chosen.powers), 1e-15) * float(law["constant"])
    found = {"exponent": (slope, by_slope + 1e-15 * abs(float(exponent))), "constant": (value, of_constant)}
    method, source = "no correction is predicted", f"no correction: {digits} digits are solved for"
    if chosen.left is not None:
        method = f"corrections d^({', '.join(str(-p) for p in chosen.powers)}) eliminated"
        source = f"next order after elimination, d^({-chosen.left})"
    return _Fit(sizes, method, "high-precision solves", source, found)


def _left(
    context: MPContext,
    chosen: Schedule,
    rounding: float,
    power: Fraction | None,
    eliminated: Sequence[Fraction],
) -> float:
    """Relative size of what elimination leaves at the smallest size, with the rounding of the solves."""
    if power is None:
        return rounding
    size = float(context.mpf(10) ** (-context.mpf(power.numerator) / power.denominator * chosen.sizes[0]))
    return (_FACTOR * size + rounding) * chosen.amplification(context, eliminated)


def _symbols(here: Ray) -> dict[str, Any]:
    """The derived law."""
    return {name: getattr(here.phase, "risk_exponent" if name == "exponent" else name) for name in _PARTS}


def _law(context: MPContext, here: Ray) -> dict[str, Any]:
    """The derived law as numbers."""
    return {name: context.mpf(str(sympy.N(x, context.dps))) for name, x in _symbols(here).items()}


def _digits(here: Ray, what: str, exact: Any, found: Any) -> dict[str, str]:
    """What is measured as text, and on how many digits it agrees (decimals, for exponents)."""
    context, most = _context(), _aims(here.network).digits
    distance = abs(found - exact) / (1 if what != "constant" else exact)
    agreed = most if distance == 0 else min(most, int(-context.log10(distance)))
    shown = context.nstr(found, max(3, min(agreed + 2, 20)), strip_zeros=False)
    return {f"{what}_measured": shown, f"{what}_digits": str(agreed)}


def _error(context: MPContext, here: Ray, size: int, digits: int) -> Any:
    """The error at ``d = 10^size``, all other sizes exact powers of ten."""
    problem = here.exact_problem(size)
    near = None
    if max(abs(x) for x in here.point.coordinates) * size + size < 140:  # whose squares doubles can count
        with contextlib.suppress(NotConverged):
            found = solve_in_doubles(problem)
            near = found if found.converged else None
    return context.mpf(solve_precisely(problem, digits, near=near).error)


def _with_logarithms(here: Ray, full: bool) -> _Fit:
    """Exponent, log power and constant where corrections are in ``1/log d``."""
    context = _context()
    law = _law(context, here)
    sizes = [here.step * max(1, k // here.step) for k in (_LOG_SIZES if full else _QUICK_LOG_SIZES)]
    values = [_error(context, here, k, _LOG_DIGITS) for k in sizes]
    fit, fewer = (
        fit_logarithms(context, values[k:], sizes[k:], law["exponent"], law["log_power"]) for k in (0, 1)
    )
    found = {}
    for name, exact in law.items():
        promised = _PROMISED * max(1.0, float(abs(exact)))
        found[name] = fit[name], min(10.0 * float(abs(fit[name] - fewer[name])), promised)
    method, source = "fitted in log d and loglog d", "10 times the change when the smallest d is left out"
    return _Fit(sizes, f"{method}, {len(sizes)} sizes", f"high-precision solves, {method}", source, found)


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
# Where digits cancel: far down an edge, without a penalty, at interpolation.
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
        identity = f"digits-doubles/{name}/d=1e{math.log10(d):.3g}/n={n}/lam={lam}"
        claim = "double-precision error against 25 digits"
        yield relative(identity, claim, precise, near.error, 1e-9, "1e-9 is what is promised", _WITNESS)


def random_doubles(name: str, full: bool) -> Iterator[Verdict]:
    """The two numerical witnesses at random problems over the whole range: the worst of their differences."""
    count = 30 if full else 3
    worst = max(_difference(random_problem(name, seed)) for seed in range(count))
    claim = f"worst relative difference of the error in doubles and in 18 digits, {count} random problems"
    yield Verdict(f"digits-random/{name}", claim, _WITNESS, 0.0, worst, 1e-9, "1e-9 is what is promised")


def _difference(problem: Problem) -> float:
    near = solve_in_doubles(problem)
    precise = float(solve_precisely(problem, 18, near=near).error)
    return 0.0 if near.error == precise else abs(near.error - precise) / max(near.error, precise)


def _seconds(network: str) -> float:
    return _aims(network).seconds * (_SECOND if _two_sided(network) else 1.0)


FAMILIES = (
    Family("digits-doubles", doubles),
    *(Family(f"digits-random/{x}", partial(random_doubles, x), _aims(x).random) for x in measurable()),
    *(
        Family(f"digits-exponents/{x}/{str(gamma).replace('/', '-')}", partial(phases, x, gamma), _seconds(x))
        for x in measurable()
        for gamma in GAMMAS
    ),
)


def _context() -> MPContext:
    context = MPContext()
    context.dps = max(aims.digits for aims in _AIMS.values()) + 10
    return context
