"""A baseline: laws and solved numbers as decimal strings with the digits that must not change.

Written once and kept; a later change of any number beyond its digits is a failed claim that shows both values.
The closed forms and their values come from the derivation, the rest from the solvers.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path

import mpmath
import sympy

from asymptotix.checks.claim import Verdict
from asymptotix.checks.deepest_points import measurable, rays
from asymptotix.checks.ray import Ray
from asymptotix.errors import InvalidInput
from asymptotix.precise import solve as solve_precisely
from asymptotix.state_evolution import solve as solve_in_doubles

# Slow, middling and fast decay: on either side of 1, where powers meet logarithms.
GAMMAS = (Fraction(3, 4), Fraction(5, 4), Fraction(2))
# Promised digits: of a law's constant, of a solve in many digits, of a certified solve in doubles.
CONSTANT_DIGITS, PRECISE_DIGITS, DOUBLE_DIGITS = 40, 25, 10
# Least power of ten of the dimension, rounded up to where all of a ray's sizes are whole: far inside its phase.
_SIZE = 24


def numbers() -> Iterator[tuple[str, str, int]]:
    """Every number of the baseline: its name, its value as a decimal string, its good digits (0: exact text)."""
    for network in measurable():
        for gamma in GAMMAS:
            for ray in rays(network, gamma):
                yield from _numbers(ray, f"{network}/{gamma}/{ray.name}")


def _numbers(here: Ray, name: str) -> Iterator[tuple[str, str, int]]:
    """The law at a phase's deepest point, and the error at the smallest dimension that makes all sizes exact."""
    yield f"form/{name}", str(here.phase.constant), 0
    yield f"exponent/{name}", f"d^({here.phase.risk_exponent}) (log d)^({here.phase.log_power}) on {here}", 0
    yield f"constant/{name}", str(sympy.N(here.phase.constant, CONSTANT_DIGITS)), CONSTANT_DIGITS
    problem = here.exact_problem(here.step * -(-_SIZE // here.step))
    doubles = solve_in_doubles(problem)
    near = doubles if doubles.converged else None
    yield f"digits/{name}", solve_precisely(problem, PRECISE_DIGITS + 2, near=near).error, PRECISE_DIGITS
    if doubles.converged:
        yield f"solve/{name}", f"{doubles.error:.{DOUBLE_DIGITS - 1}e}", DOUBLE_DIGITS


def write(path: Path) -> int:
    """Write the baseline; returns how many numbers it holds."""
    from asymptotix.files import write_text

    values = {name: {"value": value, "digits": digits} for name, value, digits in numbers()}
    write_text(path, json.dumps(values, indent=1) + "\n")
    return len(values)


def compare(path: Path) -> Iterator[Verdict]:
    """One verdict for each number of a baseline, today's value against the one kept.

    Raises:
        InvalidInput: the file is no baseline.
    """
    try:
        kept = json.loads(path.read_text())
        entries = {name: (str(entry["value"]), int(entry["digits"])) for name, entry in kept.items()}
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise InvalidInput("baseline", str(path), f"a baseline written by this command ({error})") from None
    today = {name: value for name, value, _ in numbers()}
    for name, (value, digits) in entries.items():
        yield _verdict(name, value, today.get(name), digits)


def _verdict(name: str, kept: str, today: str | None, digits: int) -> Verdict:
    claim, source = f"was {kept}, is {today}", f"{digits} digits kept"
    if today is None or digits == 0:  # a closed form: the same text
        same = 0.0 if today == kept else 1.0
        return Verdict(f"baseline/{name}", claim, "baseline", 0.0, same, 0.0, source)
    context = mpmath.MPContext()
    context.dps = digits + 20
    # one unit in the last digit kept, either way
    one, other = context.mpf(today), context.mpf(kept)
    distance = float(abs(one / other - 1)) if other else float(today != kept)
    return Verdict(f"baseline/{name}", claim, "baseline", 0.0, distance, 10.0 ** (1 - digits), source)
