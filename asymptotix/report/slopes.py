"""Local slopes at dimensions no computer can simulate, next to the exponents that they tend to."""

from __future__ import annotations

import ast
import math
import operator
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Any

from tabulate import tabulate

from asymptotix.asymptotics.diagram import phase_diagram
from asymptotix.asymptotics.labels import WORDS
from asymptotix.errors import InvalidInput
from asymptotix.files import write_text
from asymptotix.networks import get, names
from asymptotix.problem import Problem
from asymptotix.progress import Progress
from asymptotix.state_evolution import solve

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

DIMENSIONS = (1e12, 1e30, 1e60, 1e120)  # the first is near; at the last the slope tends to the exponent
#: One point (gamma, a, l) inside each phase of the noisy diagram: ``n_eff = d^a``, ``lam = d^l``. Where all
#: features are learned gamma is small, so that ``d^(2 gamma) = n_eff`` at d = 1e120 is still a double.
POINTS: dict[str, tuple[str, str, str]] = {
    "Ia": ("5/4", "-1/4", "-1"),
    "Ib": ("5/4", "1/2", "1/2"),
    "II": ("5/4", "1/2", "-1/8"),
    "III": ("3/5", "3/2", "5/16"),
    "IV": ("5/4", "1/4", "-1"),
    "V": ("5/4", "3/4", "-1"),
    "VIa": ("5/4", "3/2", "0"),
    "VIb": ("3/5", "3/2", "0"),
}


@dataclass(frozen=True)
class Ray:
    """A ray through the phase diagram, ``n_eff = d^a``, ``lam = d^l`` at unit noise."""

    network: str
    gamma: Fraction
    a: Fraction
    l: Fraction  # noqa: E741

    def log_error(self, d: float) -> float:
        """``log error`` at dimension ``d`` on the ray."""
        n_eff = d ** float(self.a)
        n = get(self.network).samples(n_eff, d)
        problem = Problem(
            self.network, gamma=float(self.gamma), d=round(d), n=n, lam=d ** float(self.l), noise=1
        )
        return math.log(solve(problem).error)

    def local_slope(self, d: float) -> float:
        """``d log(error) / d log(d)`` by a symmetric difference over a factor of 4 in ``d``."""
        return (self.log_error(2.0 * d) - self.log_error(0.5 * d)) / math.log(4.0)


@dataclass(frozen=True)
class Slope:
    """The slope along a ray at several dimensions, and the law it tends to."""

    ray: Ray
    phase: str
    derived: Any
    log_power: Any
    measured: tuple[float, ...]


def claimed(table: Path | None) -> dict[tuple[str, str], str]:
    """Exponents that somebody claims, from a TOML file of ``[network]`` tables ``phase = "exponent"``.

    Raises:
        InvalidInput: the file cannot be read, or names a network or a phase that is none.
    """
    if table is None:
        return {}
    try:
        networks = tomllib.loads(table.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise InvalidInput("claimed", str(table), f"a TOML file of exponents ({error})") from None
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


def exponent_at(text: str, ray: Ray) -> Fraction:
    """A claimed exponent at a point; ``text`` is arithmetic in ``a``, ``l``, ``gamma`` and integers.

    >>> exponent_at("a * (1 - 1/(2*gamma))", Ray("diagonal", Fraction(1), Fraction(1, 3), Fraction(0)))
    Fraction(1, 6)
    """
    names = {"a": ray.a, "l": ray.l, "gamma": ray.gamma}

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


def slopes(progress: Progress) -> list[Slope]:
    """Measure one slope a phase for both networks of the paper."""
    rays = [
        Ray(network, *(Fraction(x) for x in point))
        for network in ("quadratic", "diagonal")
        for point in POINTS.values()
    ]
    return [_slope(ray) for ray in progress.track(rays, "slopes")]


def _slope(ray: Ray) -> Slope:
    phase = phase_diagram(ray.network).at(gamma=ray.gamma, a=ray.a, l=ray.l, zeta=0)
    measured = tuple(ray.local_slope(d) for d in DIMENSIONS)
    return Slope(ray, phase.phase, phase.risk_exponent, phase.log_power, measured)


def write(out: Path, progress: Progress, claims: Path | None = None) -> None:
    """Write ``slopes.md``; ``claims`` is a file for `claimed`, whose exponents get a column of their own."""
    known = claimed(claims)
    write_text(out / "slopes.md", _INTRODUCTION + table(slopes(progress), known) + "\n")


def table(rows: Sequence[Slope], known: Mapping[tuple[str, str], str]) -> str:
    """The slopes as a Markdown table."""
    names = ["network", "phase", "gamma", "n_eff", "lam", "claimed", "derived exponent", "log power"]
    names += [f"d = {d:.0e}".replace("+", "") for d in DIMENSIONS]
    body = [_row(r, known) for r in rows]
    return tabulate(body, headers=names, tablefmt="github", disable_numparse=True)


def _row(r: Slope, known: Mapping[tuple[str, str], str]) -> list[str]:
    text = known.get((r.ray.network, r.phase))
    claim = str(exponent_at(text, r.ray)) if text is not None else ""
    place = [r.ray.network, r.phase, str(r.ray.gamma), f"d^({r.ray.a})", f"d^({r.ray.l})"]
    return [*place, claim, str(r.derived), str(r.log_power), *(f"{m:+.6f}" for m in r.measured)]


_INTRODUCTION = """# Slopes

Local exponents of the error in `d`, measured on the state evolution at noise = 1, along rays `n_eff = d^a`,
`lam = d^l` through one point of each phase. Beside them the exponent that the engine derives there and, where
a file of claims is given (`--claimed tests/paper.toml`: the paper's table), the one claimed. Where the derived
law carries a power of `log d`, the local slope tends to its exponent only like `log_power / log d`.

"""
