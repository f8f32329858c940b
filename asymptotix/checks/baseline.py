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

from asymptotix.asymptotics.diagram import networks
from asymptotix.checks.claim import Verdict
from asymptotix.checks.laws import Ray, rays
from asymptotix.errors import InvalidInput

GAMMAS = (Fraction(3, 4), Fraction(5, 4), Fraction(2))
# Promised digits: of a law's double evaluation and of a certified solve.
LAW_DIGITS, SOLVE_DIGITS = 13, 10


def numbers() -> Iterator[tuple[str, str, int]]:
    """Every number of the baseline: its name, its value as a decimal string, its good digits."""
    for network in networks():
        for gamma in GAMMAS:
            seen: set[str] = set()
            for ray in rays(network, gamma):
                name = f"{network}/{gamma}/{ray.phase.phase}"
                if name not in seen:
                    seen.add(name)
                    yield from _numbers(ray, name)


def _numbers(ray: Ray, name: str) -> Iterator[tuple[str, str, int]]:
    yield f"form/{name}", str(ray.phase.constant), 0
    d = 10.0 ** (ray.top / 2.0)
    law = ray.law(d)
    yield f"law/{name}", f"{law:.{LAW_DIGITS - 1}e}", LAW_DIGITS
    yield f"solve/{name}", f"{ray.ratio(d) * law:.{SOLVE_DIGITS - 1}e}", SOLVE_DIGITS


def write(path: Path) -> int:
    """Write the baseline; returns how many numbers it holds."""
    from asymptotix.report.files import write_text

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
    distance = (
        float(abs(context.mpf(today) / context.mpf(kept) - 1)) if context.mpf(kept) else float(today != kept)
    )
    return Verdict(f"baseline/{name}", claim, "baseline", 0.0, distance, 10.0 ** (1 - digits), source)
