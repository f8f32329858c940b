"""Local slopes at dimensions no computer can simulate, next to the exponents that they tend to."""

from __future__ import annotations

import ast
import math
import operator
import sys
from collections.abc import Callable, Iterable, Mapping, Sequence
from fractions import Fraction
from pathlib import Path

from asymptotix.asymptotics.diagram import phase_diagram
from asymptotix.asymptotics.labels import WORDS
from asymptotix.asymptotics.points import Point
from asymptotix.checks.derived_laws import Ray
from asymptotix.errors import InvalidInput
from asymptotix.files import write_text
from asymptotix.networks import names
from asymptotix.progress import Progress
from asymptotix.report.layout import prose, table
from asymptotix.state_evolution import solve

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

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


_OPERATORS: dict[type[ast.operator], Callable[[Fraction, Fraction], Fraction]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: operator.truediv,
}


def exponent_at(text: str, point: Point) -> Fraction:
    """A claimed exponent at a point; ``text`` is arithmetic in ``a``, ``l``, ``gamma`` and integers.

    >>> exponent_at("a * (1 - 1/(2*gamma))", Point(Fraction(1), Fraction(1, 3), Fraction(0), Fraction(0)))
    Fraction(1, 6)
    """
    names = {"a": point.a, "l": point.l, "gamma": point.gamma}

    def value(node: ast.expr) -> Fraction:
        if isinstance(node, ast.Name) and node.id in names:
            return names[node.id]
        if isinstance(node, ast.Constant) and isinstance(node.value, int):
            return Fraction(node.value)
        if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub):
            return -value(node.operand)
        if isinstance(node, ast.BinOp) and type(node.op) in _OPERATORS:
            return _OPERATORS[type(node.op)](value(node.left), value(node.right))
        raise InvalidInput("claimed", text, "arithmetic in a, l, gamma and integers")

    try:
        return value(ast.parse(text, mode="eval").body)
    except (SyntaxError, ZeroDivisionError):
        raise InvalidInput("claimed", text, "arithmetic in a, l, gamma and integers") from None


def rays() -> list[Ray]:
    """One ray a phase for both networks of the paper."""
    found = []
    for network in ("quadratic", "diagonal"):
        for p in POINTS.values():
            found.append(Ray(network, phase_diagram(network).at(p.gamma, p.a, p.l), p))
    return found


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
