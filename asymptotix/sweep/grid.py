"""Read a grid of problems from TOML.

    kind = "theory"                       # or "simulation", or "both"
    network = ["diagonal", "quadratic"]
    gamma = 1.25                          # a number, a list, or a table as below
    d = 1e12
    noise = 1
    n_eff = { log = [1, 1e24, 200] }      # 200 values from 1 to 1e24, equal ratios; or give n
    lam = { linear = [0, 2, 50] }         # equal steps
    seed = [0, 1, 2]                      # simulations only

    [simulation]
    method = "erm"                        # what `asymptotix simulate` takes
    inputs = "gaussian"

Every axis becomes a dimension of the result. Simulations need whole samples: where there are any, ``n`` is rounded.
"""

from __future__ import annotations

import hashlib
import json
import math
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import lru_cache
from itertools import islice, product
from pathlib import Path
from typing import Any

import numpy as np

from asymptotix.errors import InvalidInput
from asymptotix.files import tomllib
from asymptotix.networks import get
from asymptotix.problem import Problem
from asymptotix.validate import number, one_of

KINDS = ("theory", "simulation", "both")
SAMPLES = ("n", "n_eff")
_NUMBERS = ("gamma", "d", "noise", "n", "n_eff", "lam")
_AXES = ("network", *_NUMBERS, "seed")
_VALUES = "a number, a list of numbers, { log = [from, to, count] } or { linear = [from, to, count] }"
Value = str | float | int


@dataclass(frozen=True)
class Batch:
    """Points solved together, or each starting from its neighbour, and written together."""

    kind: str
    points: tuple[tuple[Value, ...], ...]


@dataclass(frozen=True)
class Grid:
    """Axes in the order of the dimensions of the result; ``samples`` is ``"n"`` or ``"n_eff"``.

    >>> grid = Grid.parse('network="diagonal"\\ngamma=1\\nd=100\\nnoise=1\\nn=[10, 20]\\nlam={log=[0.1, 10, 3]}')
    >>> grid.axes["lam"], grid.shape("theory"), grid.points
    ((0.1, 1.0, 10.0), (1, 1, 1, 1, 2, 3), 6)
    """

    kind: str
    axes: dict[str, tuple[Value, ...]]
    simulation: dict[str, str] = field(default_factory=dict)
    text: str = ""

    @classmethod
    def read(cls, path: Path) -> Grid:
        """Read a file.

        Raises:
            InvalidInput: the file cannot be read, or something in it is wrong; names file, line and key.
        """
        try:
            text = path.read_text(encoding="utf-8")
        except (OSError, UnicodeDecodeError) as error:
            reason = error.strerror if isinstance(error, OSError) else "not UTF-8"
            raise InvalidInput("grid", str(path), f"a TOML file that can be read ({reason})") from None
        return cls.parse(text, str(path))

    @classmethod
    def parse(cls, text: str, name: str = "grid") -> Grid:
        """Read TOML text; ``name`` is what errors call it."""
        try:
            table = tomllib.loads(text)
        except tomllib.TOMLDecodeError as error:
            raise InvalidInput(name, _line_at(text, str(error)), f"valid TOML: {error}") from None
        try:
            return _grid(table, text)
        except InvalidInput as error:
            key = re.compile(rf"^\s*(\[\s*)?[\"']?{re.escape(error.parameter)}[\"']?\s*[\]=.]")
            lines = [k for k, line in enumerate(text.splitlines(), 1) if key.match(line)]
            where = f"{name}, line {lines[0]}" if lines else name
            raise InvalidInput(f"{where}: {error.parameter}", error.value, error.allowed) from None

    @property
    def kinds(self) -> tuple[str, ...]:
        """The witnesses asked for."""
        return ("theory", "simulation") if self.kind == "both" else (self.kind,)

    @property
    def samples(self) -> str:
        """The axis that says how much data: ``n`` or ``n_eff``."""
        return next(name for name in SAMPLES if name in self.axes)

    @property
    def fingerprint(self) -> str:
        """A hash of everything that determines the results, but for the code."""
        content = [self.kind, self.axes, self.simulation if self.kind != "theory" else {}]
        return hashlib.sha256(json.dumps(content).encode()).hexdigest()[:32]

    def dims(self, kind: str) -> tuple[str, ...]:
        """Names of the dimensions of one witness's results."""
        names = ("network", "gamma", "d", "noise", self.samples, "lam")
        return (*names, "seed") if kind == "simulation" else names

    def shape(self, kind: str) -> tuple[int, ...]:
        """Lengths of those dimensions."""
        return tuple(len(self.axes[name]) for name in self.dims(kind))

    @property
    def points(self) -> int:
        """How many there are in all."""
        return sum(math.prod(self.shape(kind)) for kind in self.kinds)

    def batches(self) -> Iterator[Batch]:
        """All points: theory along lines in the longer of ``lam`` and samples, simulations singly."""
        from asymptotix.state_evolution.batch import pieces

        for kind in self.kinds:
            dims = self.dims(kind)
            if kind == "simulation":
                for point in product(*(self.axes[name] for name in dims)):
                    yield Batch(kind, (point,))
                continue
            line = max(("lam", self.samples), key=lambda name: len(self.axes[name]))
            at = dims.index(line)
            others = [self.axes[name] if name != line else (0.0,) for name in dims]
            points = (
                (*fixed[:at], value, *fixed[at + 1 :])
                for fixed in product(*others)
                for value in self.axes[line]
            )
            size = pieces(math.prod(self.shape(kind)))
            while batch := tuple(islice(points, size)):
                yield Batch(kind, batch)

    def problem(self, point: tuple[Value, ...]) -> Problem:
        """The problem at a point (coordinates in the order of `dims`)."""
        network, gamma, d, noise, samples, lam = point[:6]
        n: Any = samples
        if self.samples == "n_eff":
            n = get(str(network)).samples(float(samples), float(d))
        if self.kind != "theory":
            n = max(1, round(float(n)))
        return _plain(str(network), gamma, d).replace(n=n, lam=lam, noise=noise)


@lru_cache(maxsize=8)
def _plain(network: str, gamma: Any, d: Any) -> Problem:
    """What a batch of problems shares."""
    return Problem(network, gamma=gamma, d=d, n=1, lam=0, noise=0)


def _grid(table: dict[str, Any], text: str) -> Grid:
    simulation = _simulation(table.pop("simulation", {}))
    kind = table.pop("kind", "theory")
    one_of("kind", kind, KINDS)
    for key in table:
        if key not in _AXES:
            raise InvalidInput(key, table[key], f"an axis: {', '.join(_AXES)} (or kind, simulation)")
    given = [name for name in SAMPLES if name in table]
    if len(given) != 1:
        raise InvalidInput("n", given, "one of n and n_eff as an axis, not both or none")
    axes = {}
    for name in ("network", "gamma", "d", "noise", *given, "lam"):
        if name not in table:
            raise InvalidInput(name, None, "every axis but seed must be given")
        axes[name] = _axis(name, table[name])
    if kind != "theory":
        axes["seed"] = _axis("seed", table.get("seed", 0))
    elif "seed" in table:
        raise InvalidInput("seed", table["seed"], 'no seeds: kind is "theory" (kind = "both" has them)')
    grid = Grid(kind, axes, simulation, text)
    _try(grid)
    return grid


def _axis(name: str, given: Any) -> tuple[Value, ...]:
    values = _spaced(name, given) if isinstance(given, dict) else given
    if not isinstance(values, list):
        values = [values]
    if not values:
        raise InvalidInput(name, given, "at least one value: an empty axis makes an empty grid")
    if name == "network":
        read: list[Value] = [v if isinstance(v, str) else str(v) for v in values]
    elif name == "seed":
        if not all(isinstance(v, int) and not isinstance(v, bool) and v >= 0 for v in values):
            raise InvalidInput(name, given, "integers >= 0")
        read = list(values)
    else:
        read = [number(name, v, _VALUES) for v in values]
    if len(set(read)) < len(read):
        raise InvalidInput(name, given, "values that differ")
    return tuple(read)


def _spaced(name: str, given: dict[str, Any]) -> list[Any]:
    spec = next(iter(given.values())) if len(given) == 1 else None
    style = next(iter(given), "")
    if (
        style not in ("log", "linear")
        or not isinstance(spec, list)
        or len(spec) != 3
        or name in ("network", "seed")
    ):
        raise InvalidInput(name, given, _VALUES)
    low, high, count = number(name, spec[0], _VALUES), number(name, spec[1], _VALUES), spec[2]
    if isinstance(count, bool) or not isinstance(count, int) or count < 1:
        raise InvalidInput(name, given, "a count that is an integer >= 1 (0 makes an empty grid)")
    if style == "log" and not (low > 0 and high > 0):
        raise InvalidInput(name, given, "positive ends of a log scale")
    if style == "linear":
        return [float(x) for x in np.linspace(low, high, count)]
    powers = np.linspace(math.log10(low), math.log10(high), count)
    return [low, *(float(f"{10.0**x:.15g}") for x in powers[1:-1]), high][:count]


def _simulation(table: Any) -> dict[str, str]:
    from asymptotix.simulate.data import GOE, INPUTS
    from asymptotix.simulate.run import METHODS

    allowed = {"method": tuple(METHODS), "inputs": (*INPUTS, GOE)}
    if not isinstance(table, dict):
        raise InvalidInput("simulation", table, "a table with method and inputs")
    for key, value in table.items():
        if key not in allowed:
            raise InvalidInput(key, value, f"in [simulation]: {', '.join(allowed)}")
        one_of(key, value, allowed[key])
    return {"method": "erm", "inputs": "gaussian", **table}


def _try(grid: Grid) -> None:
    """Every value once, so that a wrong one is found before anything is computed."""
    dims = grid.dims("theory")
    first = tuple(grid.axes[name][0] for name in dims)
    for at, name in enumerate(dims):
        for value in grid.axes[name]:
            try:
                grid.problem((*first[:at], value, *first[at + 1 :]))
            except InvalidInput as error:
                culprit = name if error.parameter in (name, "n") else error.parameter
                raise InvalidInput(culprit, error.value, error.allowed) from None


def _line_at(text: str, message: str) -> str:
    """The line that a parser's message is about."""
    found, lines = re.search(r"line (\d+)", message), text.splitlines()
    return lines[int(found[1]) - 1].strip() if found and int(found[1]) <= len(lines) else "end of file"
