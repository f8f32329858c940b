"""Local slopes at dimensions no computer can simulate, next to the exponents that they tend to."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from fractions import Fraction
from pathlib import Path

from asymptotix.asymptotics.diagram import phase_diagram
from asymptotix.asymptotics.formulas import read_formula
from asymptotix.asymptotics.labels import WORDS
from asymptotix.asymptotics.points import Point
from asymptotix.checks.ray import Ray
from asymptotix.errors import InvalidInput
from asymptotix.files import tomllib, write_text
from asymptotix.networks import PAPER, names
from asymptotix.progress import Progress
from asymptotix.report.layout import prose, table
from asymptotix.state_evolution import solve

DIMENSIONS = (1e12, 1e30, 1e60, 1e120)  # the first is near; at the last the slope tends to the exponent
#: One point (gamma, a, l) inside each phase of the noisy diagram: ``n_eff = d^a``, ``lam = d^l``. Where all
#: features are learned gamma is small, so that ``d^(2 gamma) = n_eff`` at d = 1e120 is still a double.
POINTS: dict[str, Point] = {
    name: Point(*map(Fraction, place.split()))
    for name, place in {
        "Ia": "5/4 -1/4 -1 0",
        "Ib": "5/4 1/2 1/2 0",
        "II": "5/4 1/2 -1/8 0",
        "III": "3/5 3/2 5/16 0",
        "IV": "5/4 1/4 -1 0",
        "V": "5/4 3/4 -1 0",
        "VIa": "5/4 3/2 0 0",
        "VIb": "3/5 3/2 0 0",
    }.items()
}


def local_slope(ray: Ray, d: float) -> float:
    """``d log(error) / d log(d)`` by a symmetric difference over a factor of 4 in ``d``."""
    low, high = (math.log(solve(ray.problem(size)).error) for size in (0.5 * d, 2.0 * d))
    return (high - low) / math.log(4.0)


def claimed(file: Path | None) -> dict[tuple[str, str], str]:
    """Exponents that somebody claims, from a TOML file of ``[network]`` tables ``phase = "exponent"``.

    Raises:
        InvalidInput: the file cannot be read, or names a network or a phase that is none.
    """
    if file is None:
        return {}
    try:
        networks = tomllib.loads(file.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise InvalidInput("claimed", str(file), f"a TOML file of exponents ({error})") from None
    found = {}
    for network, rows in networks.items():
        if network not in names() or not isinstance(rows, dict):
            raise InvalidInput("claimed", network, f"tables [network] of one of {', '.join(names())}")
        for phase, text in rows.items():
            if phase not in WORDS:
                raise InvalidInput("claimed", f"{phase} in [{network}]", f"one of {', '.join(WORDS)}")
            found[network, phase] = str(text)
    return found


def exponent_at(text: str, point: Point) -> Fraction:
    """A claimed exponent, a formula in ``a``, ``l`` and ``gamma``, at a point.

    >>> exponent_at("a * (1 - 1/(2*gamma))", Point(Fraction(1), Fraction(1, 3), Fraction(0), Fraction(0)))
    Fraction(1, 6)
    """
    at = {symbol: x for symbol, x in point.substitutions().items() if str(symbol) in ("a", "l", "gamma")}
    value = read_formula("claimed", text).subs(at)
    if not value.is_Rational:
        raise InvalidInput("claimed", text, "a formula in a, l, gamma and numbers, of rational value")
    return Fraction(int(value.p), int(value.q))


def rays() -> list[Ray]:
    """One ray a phase for both networks of the paper."""
    return [Ray(d.at(p.gamma, p.a, p.l)) for d in map(phase_diagram, PAPER) for p in POINTS.values()]


def write(out: Path, progress: Progress, claims: Path | None = None) -> None:
    """Write ``slopes.md``; ``claims`` is a file for `claimed`, whose exponents get a column of their own."""
    known = claimed(claims)
    rows = [(ray, [local_slope(ray, d) for d in DIMENSIONS]) for ray in progress.track(rays(), "slopes")]
    write_text(out / "slopes.md", f"{prose('slopes', 'introduction')}{slope_table(rows, known)}\n")


def slope_table(rows: Iterable[tuple[Ray, Sequence[float]]], known: Mapping[tuple[str, str], str]) -> str:
    """The slopes along rays at several dimensions, and the laws that they tend to."""
    dimensions = " | ".join(f"d = {d:.0e}".replace("+", "") for d in DIMENSIONS)
    names = f"network | phase | gamma | n_eff | lam | claimed | derived exponent | log power | {dimensions}"
    return table(names, [_row(ray, measured, known) for ray, measured in rows])


def _row(ray: Ray, measured: Sequence[float], known: Mapping[tuple[str, str], str]) -> list[str]:
    phase, p = ray.phase, ray.point
    text = known.get((ray.network, phase.phase))
    claim = str(exponent_at(text, p)) if text is not None else ""
    place = [ray.network, phase.phase, str(p.gamma), f"d^({p.a})", f"d^({p.l})"]
    return [*place, claim, str(phase.risk_exponent), str(phase.log_power), *(f"{m:+.6f}" for m in measured)]
