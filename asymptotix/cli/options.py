"""What commands share: the options that make a problem, and how results are printed."""

from __future__ import annotations

import json
import re
import textwrap
from collections.abc import Callable, Sequence
from functools import reduce
from pathlib import Path
from typing import Any

import click
import numpy as np
from numpy.typing import NDArray

from asymptotix.cli.teacher_argument import ALLOWED, read_teacher
from asymptotix.errors import InvalidInput
from asymptotix.networks import names
from asymptotix.problem import Problem
from asymptotix.tables import plain
from asymptotix.terminal import COLUMNS
from asymptotix.units import LAM_UNITS, WEIGHTS, Convention
from asymptotix.validate import exact, whole

Command = Callable[..., Any]
Decorator = Callable[[Command], Command]


def example(arguments: str) -> str:
    """What a command's help ends with: one line to start from, broken like a shell's where it is long."""
    # an option and its value stay together
    whole = re.sub(r"(--\S+) (?!--)", "\\1\0", f"asymptotix {arguments}")
    lines = textwrap.wrap(whole, COLUMNS - 8, break_long_words=False, break_on_hyphens=False)
    # a backspace keeps click from filling the lines again
    return "\b\nExample:\n  " + " \\\n      ".join(lines).replace("\0", " ")


def together(*options: Decorator) -> Decorator:
    """Several options as one decorator, in this order."""
    return lambda command: reduce(lambda made, option: option(made), reversed(options), command)


def option(*words: str, **more: Any) -> Decorator:
    """The names of an option, then what it is."""
    *names, text = words
    return click.option(*names, help=text, **more)


def file_option(*words: str, **more: Any) -> Decorator:
    """An option that is a path."""
    return option(*words, type=click.Path(path_type=Path), **more)


data_argument = click.argument("data", type=click.Path(path_type=Path))

#: In which units numbers are given and printed: the options that make a `Convention`, but for the norm.
unit_options = together(
    option(
        "--lam-unit",
        "What lam is: of a summed loss, of a mean loss, scikit-learn's alpha (columns of variance 1), or "
        "an optimiser's weight decay beside the mean squared error.",
        default="sum",
        type=click.Choice(LAM_UNITS),
    ),
    option(
        "--weights",
        "With weight decay: S = W'W/sqrt(p d), or W'W as it is.",
        default="normalised",
        type=click.Choice(WEIGHTS),
    ),
)

rows_option = option("--rows", "Rows of a bilinear network's matrix, as in 20.  [default: as many as d]")
ridge_option = option(
    "--ridge", "Weight of theta^2/2 beside |theta| (elastic-net), >= 0, as in 0.1.  [default: 1]"
)
beta_option = option(
    "--beta", "Inputs of variance i^-beta (diagonal, quadratic), as in 1/2; 0: all 1.", default="0"
)
depth_option = option("--depth", "Layers of a diagonal network, >= 2, as in 3; 2 is the LASSO.", default="2")
#: What makes another network of the one whose phases are asked for.
shape_options = together(
    depth_option,
    beta_option,
    option(
        "--aspect",
        "Rows over columns of a bilinear network's matrix, as in 1/2; rho for any.  [default: 1, square]",
    ),
)

norm_option = option(
    "--norm", "Norm of the teacher, > 0, as in 2; noise and errors are in its square.", default="1"
)


def problem_options(*, n: bool = True, lam: bool = True, units: bool = False) -> Decorator:
    """The options that make a `Problem`; numbers are read exactly, so ``1e60`` and ``5/4`` are fine."""
    options: list[Decorator] = [
        option("--network", f"One of {', '.join(names())}, as in diagonal.  [required]"),
        option("--gamma", "Decay of the teacher, a_i ~ i^-gamma, > 1/2, as in 5/4.  [this or --teacher]"),
        option("--teacher", f"Another teacher, as in geometric:1/2: {ALLOWED}.  [this or --gamma]"),
        option("--d", "d", "Dimension, as in 400 or 1e60.  [required]"),
        option("--noise", "Variance of the label noise, >= 0, as in 0.1.  [required]"),
        option("--width", "Hidden units (quadratic, symmetric), as in 9.  [default: as many as d]"),
        rows_option,
        ridge_option,
        beta_option,
        depth_option,
    ]
    further = {
        option("--n", "n", "Number of samples, as in 160000.  [required]"): n,
        option("--lam", "Weight decay, >= 0, as in 0.1; 0 is the limit 0+.  [required]"): lam,
        norm_option: units,
        unit_options: units,
    }
    return together(*options, *(x for x, wanted in further.items() if wanted))


json_option = option("--json", "as_json", "Print one JSON value, nothing else.", is_flag=True)


# Options that may be left out: `Problem` knows what that means.
_OPTIONAL = ("gamma", "width", "rows", "ridge")


def problem_of(**fields: str | None) -> Problem:
    """The problem that the options describe; all that are missing are named at once."""
    teacher = fields.pop("teacher", None)
    missing = [f"--{name}" for name, value in fields.items() if value is None and name not in _OPTIONAL]
    if teacher is None and fields.get("gamma") is None:
        missing.append("--gamma (or --teacher)")
    if missing:
        raise click.UsageError(f"missing {', '.join(sorted(missing))}")
    if teacher is not None:
        fields["teacher"] = read_teacher(teacher)  # type: ignore[assignment]
    return Problem(**{"lam": "0", **fields})  # type: ignore[arg-type]


def convention_of(fields: dict[str, Any]) -> Convention:
    """The convention that numbers are given in; its options are taken out of ``fields``."""
    norm = exact("norm", fields.pop("norm"), "a number > 0")
    return Convention(fields.pop("lam_unit"), fields.pop("weights"), norm)


def question_of(**fields: Any) -> tuple[Problem, Convention]:
    """The problem in its own units, and the convention that its numbers were given in."""
    mine = convention_of(fields)
    return mine.problem(problem_of(**fields), hidden_units(fields["width"])), mine


def named(option: str, given: str, allowed: str) -> tuple[str, str]:
    """The two sides of NAME=VALUE."""
    name, _, value = given.partition("=")
    if not name or not value:
        raise InvalidInput(option, given, allowed)
    return name, value


def print_json(value: Any) -> None:
    """One JSON value, nothing else."""
    click.echo(json.dumps(plain(value)))


def hidden_units(width: str | None) -> int | None:
    """As given, even where they are as many as dimensions or more: weight decay depends on them."""
    return None if width is None else whole("width", width, "an integer >= 1", least=1)


def own_units(problem: Problem, mine: Convention) -> dict[str, Any]:
    """What the problem's numbers became, where they were given in other units."""
    if mine == Convention():
        return {}
    return {"problem_lam": float(problem.lam), "problem_noise": float(problem.noise)}


def missing(error: click.MissingParameter, arguments: Sequence[str]) -> list[str]:
    """All that a command needs and was not given, where click names the first only."""
    command = error.ctx.command if error.ctx is not None else None
    needed = [p for p in command.params if p.required] if command is not None else []
    given = {word.partition("=")[0] for word in arguments}
    found = [p.opts[0] for p in needed if isinstance(p, click.Option) and not given & set(p.opts)]
    if error.param is not None and not isinstance(error.param, click.Option):
        found.insert(0, error.param.make_metavar(error.ctx) if error.ctx is not None else "an argument")
    return found or [error.format_message()]


def read_array(name: str, path: Path) -> NDArray[Any]:
    """The array in an .npy file, or an error that names the option."""
    try:
        array = np.load(path, allow_pickle=False)
    except (OSError, ValueError, EOFError) as error:
        raise InvalidInput(name, str(path), f"an .npy file of numbers ({error})") from None
    if not isinstance(array, np.ndarray):
        raise InvalidInput(name, str(path), "an .npy file of one array")
    return array


def show(values: dict[str, Any], as_json: bool) -> None:
    """One line of JSON, or a line a value; tables inside a value are left to JSON."""
    if as_json:
        print_json(values)
        return
    shown = {
        k: v
        for k, v in values.items()
        if v != [] and not (isinstance(v, list) and isinstance(v[0], list | dict))
    }
    width = max(map(len, shown))
    for name, value in shown.items():
        for text in (
            value if isinstance(value, list) and value and isinstance(value[0], str) else [_text(value)]
        ):
            line = f"{name:<{width}}  {text}"
            click.echo(textwrap.fill(line, COLUMNS, subsequent_indent=" " * (width + 2), **_WHOLE) or line)


# Words, formulas and names of files are never cut.
_WHOLE: dict[str, Any] = {"break_long_words": False, "break_on_hyphens": False}
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
