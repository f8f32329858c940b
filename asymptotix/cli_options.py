"""What commands share: the options that make a problem, and how results are printed."""

from __future__ import annotations

import json
import math
from collections.abc import Callable
from typing import Any

import click

from asymptotix.networks import names
from asymptotix.problem import Problem

Command = Callable[..., Any]


def problem_options(*, n: bool = True, lam: bool = True) -> Callable[[Command], Command]:
    """The options that make a `Problem`; numbers are read exactly, so ``1e60`` and ``5/4`` are fine."""
    options = [
        click.option("--network", required=True, help=f"One of {', '.join(names())}."),
        click.option("--gamma", required=True, help="Decay of the teacher, > 1/2."),
        click.option("--d", "d", required=True, help="Dimension; 1e60 is fine."),
        click.option("--noise", required=True, help="Variance of the label noise, >= 0."),
        click.option(
            "--beta", default="0", help="Inputs of variance i^-beta (diagonal network); 0 unless given."
        ),
        click.option("--depth", default="2", help="Layers of a diagonal network, >= 2; the default is 2."),
    ]
    if n:
        options.append(click.option("--n", "n", required=True, help="Number of samples."))
    if lam:
        options.append(click.option("--lam", required=True, help="Weight decay, >= 0; 0 is the limit 0+."))

    def decorate(command: Command) -> Command:
        for option in reversed(options):
            command = option(command)
        return command

    return decorate


json_option = click.option("--json", "as_json", is_flag=True, help="Print one JSON value, nothing else.")


def problem_of(
    network: str, gamma: str, d: str, n: str, noise: str, lam: str = "0", depth: str = "2", beta: str = "0"
) -> Problem:
    return Problem(network, gamma=gamma, d=d, n=n, lam=lam, noise=noise, depth=depth, beta=beta)  # type: ignore[arg-type]


def show(values: dict[str, Any], as_json: bool) -> None:
    """One line of JSON, or a line a value; tables inside a value are left to JSON."""
    if as_json:
        click.echo(json.dumps(plain(values)))
        return
    shown = {
        k: v for k, v in values.items() if not (isinstance(v, list) and v and isinstance(v[0], list | dict))
    }
    width = max(map(len, shown))
    for name, value in shown.items():
        click.echo(f"{name:<{width}}  {_text(value)}")


# Longer rows of numbers are left to JSON.
_ROW = 8


def _text(value: Any) -> str:
    if isinstance(value, float):
        return f"{value:.12g}"
    if isinstance(value, list):
        return ", ".join(map(_text, value)) if len(value) <= _ROW else f"{len(value)} values"
    if isinstance(value, dict):
        return ", ".join(f"{name} {_text(x)}" for name, x in value.items())
    return "" if value is None else str(value)


def plain(value: Any) -> Any:
    """JSON has no infinity and no nan: they become strings and null, however deep."""
    if isinstance(value, dict):
        return {name: plain(item) for name, item in value.items()}
    if isinstance(value, list | tuple):
        return [plain(item) for item in value]
    if isinstance(value, float) and not math.isfinite(value):
        return None if math.isnan(value) else str(value)
    return value
