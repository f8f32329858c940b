"""The command line. Every command prints for people, or one JSON value with ``--json``; notes go to stderr.

Exit codes: 0 done, 1 a check failed or a solve did not converge, 2 bad input.
"""

from __future__ import annotations

import json
import math
import sys
from collections.abc import Callable, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

import click

from asymptotix import __version__
from asymptotix.cli import checks, inference, spectrum_commands, writing_commands
from asymptotix.cli import options as cli
from asymptotix.errors import AsymptotixError, InvalidInput
from asymptotix.networks import names
from asymptotix.networks.base import ANY
from asymptotix.problem import Problem

Command = Callable[..., Any]


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the command line and leave with its exit code; bad input is one line, never a traceback."""
    try:
        code = _cli.main(args=arguments, standalone_mode=False)
    except click.MissingParameter as error:
        given = sys.argv[1:] if arguments is None else arguments
        click.echo(f"asymptotix: missing {', '.join(cli.missing(error, given))}", err=True)
        sys.exit(2)
    except (click.ClickException, InvalidInput) as error:
        message = error.format_message() if isinstance(error, click.ClickException) else str(error)
        click.echo(f"asymptotix: {' '.join(message.split())}", err=True)
        sys.exit(2)
    except AsymptotixError as error:
        click.echo(f"asymptotix: {error}", err=True)
        sys.exit(1)
    except OverflowError as error:
        click.echo(f"asymptotix: a number is larger than doubles can count ({error})", err=True)
        sys.exit(2)
    except (click.Abort, KeyboardInterrupt):
        click.echo("asymptotix: interrupted", err=True)
        sys.exit(130)
    sys.exit(code if isinstance(code, int) else 0)


@click.group(context_settings={"help_option_names": ["-h", "--help"], "show_default": True})
@click.version_option(__version__, prog_name="asymptotix")
def _cli() -> None:
    """The asymptotics of learning: derived, solved to high precision, and simulated."""


@_cli.command(epilog=cli.example("exponents --network quadratic --gamma 5/4 --a 3/5 --l -1"))
@cli.option("--network", f"One of {', '.join(names())}, or all, as in quadratic.", default="all")
@cli.option(
    "--format",
    "style",
    "How the tables are written.  [default: text in a terminal, else markdown]",
    type=click.Choice(["markdown", "latex", "json", "csv", "text"]),
)
@cli.option(
    "--gamma", "The table at that gamma, as in 3/2; with --a and --l the law at one point.  [default: all]"
)
@cli.option("--a", "n_eff = d^a, as in 3/5.  [default: no point]")
@cli.option("--l", "l", "lam = d^l, as in -1.  [default: no point]")
@cli.option("--zeta", "noise = d^-zeta, as in 1/2.", default="0")
@cli.option("--width", "Width as a fourth size, p = d^b hidden units (quadratic, symmetric).", is_flag=True)
@cli.option("--ridge", "The ridge as a fourth size, d^b (elastic-net).", is_flag=True)
@cli.option("--rows", "Rows as a fourth size, d^b with b < 1 (bilinear).", is_flag=True)
@cli.option("--b", "With --width, --ridge or --rows and a point: as in 1/3.  [default: no such size]")
@cli.shape_options
@cli.json_option
def exponents(network: str, style: str | None, zeta: str, b: str | None, as_json: bool, **given: Any) -> int:
    """Derive and print the phase table, or the law at one point."""
    from asymptotix.asymptotics.diagram import phase_diagram
    from asymptotix.report.exponent_tables import chosen, tables

    point = {name: given.pop(name) for name in ("gamma", "a", "l")}
    names, width = chosen(network, **given), given["width"]
    if point["a"] is None and point["l"] is None:
        usual = "text" if sys.stdout.isatty() else "markdown"
        click.echo(tables(names, "json" if as_json else style or usual, width, point["gamma"]))
        return 0
    for name, value in point.items():
        if value is None:
            raise InvalidInput(name, None, "an exact rational: a point needs gamma, a and l")
    laws = [phase_diagram(name, width=width).at(**point, zeta=zeta, b=b).to_dict() for name in names]
    if as_json or style == "json":
        cli.print_json(laws if network == "all" else laws[0])
        return 0
    for law in laws:
        cli.show(law, as_json=False)
    return 0


@_cli.command(
    epilog=cli.example("solve --network quadratic --gamma 5/4 --d 400 --n 160000 --lam 0.1 --noise 0.1")
)
@cli.problem_options(units=True)
@cli.option(
    "--digits",
    "Solve to this many decimal digits, as in 50; the numbers become strings.  [default: in doubles]",
    type=int,
)
@cli.option("--certify", "Also prove a bound of the error: `radius`.", is_flag=True)
@cli.option("--yes", "Do not ask before a long computation.", is_flag=True)
@cli.json_option
def solve(as_json: bool, digits: int | None, certify: bool, yes: bool, **fields: Any) -> int:
    """Solve the state evolution at one point."""
    from asymptotix import solving, state_evolution

    problem, mine = cli.question_of(**fields)

    def show_mine(values: dict[str, Any]) -> None:
        cli.show({**mine.result(values), **cli.own_units(problem, mine)}, as_json)

    if digits is None and not certify:
        try:
            solution = state_evolution.solve(problem)
            error = solution.error if solution.converged else None
            show_mine({**solution.to_dict(), **_limiting_law(problem, error)})
        except OverflowError:
            raise InvalidInput("d", fields["d"], "sizes that doubles can count, or --digits") from None
        return 0 if solution.converged else 1
    digits = solving.DIGITS if digits is None else digits
    _agree_to_wait(problem, digits, yes)
    start = solving.in_doubles(problem)
    values = start.to_dict() if start is not None else {}
    with suppress(OverflowError):  # the law, too, is evaluated in doubles
        values.update(_limiting_law(problem, values.get("error")))
    many = solving.solve(problem, digits=digits, certify=certify, near=start)
    show_mine({**values, **many.to_dict()})
    return 0 if many.converged else 1


def _agree_to_wait(problem: Problem, digits: int, yes: bool) -> None:
    """Ask before a computation of minutes; without a terminal to ask, refuse."""
    from asymptotix.precise import estimated_seconds

    seconds = estimated_seconds(problem, digits)
    if yes or seconds < 60.0:
        return
    allowed = f"fewer, or --yes to wait about {seconds:.0f} s"
    if not sys.stdin.isatty():
        raise InvalidInput("digits", digits, allowed)
    if not click.confirm(f"{digits} digits take about {seconds:.0f} s. Go on?", err=True):
        raise click.Abort


def _limiting_law(problem: Problem, error: float | None) -> dict[str, Any]:
    """The phase that a problem is in, its law's value there, and a warning where the law is far from the error."""
    from asymptotix.asymptotics.diagram import phase_diagram
    from asymptotix.asymptotics.labels import words
    from asymptotix.asymptotics.phases import WITHIN

    net = problem.replace(width=None).net
    if problem.width is not None and net.narrower is not None:
        net = net.of_width(ANY)
    lawless = problem.gamma is None or (net.shares is None and net.ridge is None)
    if problem.d < 2 or lawless:  # no power of d means anything, or none is known
        return {"phase": None, "law": None}
    sizes: dict[str, Any] = {name: getattr(problem, name) for name in ("n_eff", "lam", "d", "noise")}
    if net.sized == "width":
        sizes["width"] = problem.width
    if net.ridge is not None:
        sizes["ridge"], net = net.ridge_share, net.of_ridge(ANY)
    phase = phase_diagram(net.name, noisy=problem.noise > 0).locate(gamma=problem.gamma, **sizes)
    known = {"phase": phase.phase, "phase_words": words(phase.phase)}
    try:
        law = float(phase.law(gamma=problem.gamma, **sizes))
    except InvalidInput as none:  # at some values of gamma two orders meet
        return {**known, "law": None, "warnings": [f"no law: {none}"]}
    band = phase.law_band(gamma=problem.gamma, **sizes)
    warnings = []
    if error is not None and 0 < error < math.inf and not abs(law / error - 1.0) <= WITHIN:
        warnings.append(f"the law is {law / error:.3g} times the error: it does not hold at these sizes yet")
    return {**known, "law": law, "law_band": list(band), "warnings": warnings}


@_cli.command(epilog=cli.example("optimum --network quadratic --gamma 5/4 --d 400 --n 160000 --noise 0.1"))
@cli.problem_options(lam=False, units=True)
@cli.option("--over", "What to look for: lam, width or both, as in both.", default="lam")
@cli.option("--lam", "With --over width: the weight decay held fixed, as in 0.1.  [default: 0, none]")
@cli.json_option
def optimum(over: str, as_json: bool, **fields: str | None) -> int:
    """Find the weight decay of least error, the width, or both."""
    from asymptotix.risk import optimum as find_optimum

    for name in (over,) if over in ("lam", "width") else ("lam", "width"):
        if fields.get(name) is not None:
            raise InvalidInput(name, fields[name], f"nothing: --over {over} looks for the best")
    if fields["lam"] is None:
        fields["lam"] = "0"
    problem, mine = cli.question_of(**fields)
    found = find_optimum(problem, over).to_dict()
    best = problem.replace(lam=found.get("lam_star", problem.lam))
    if "lam_star" in found:
        width = found.get("width_star", cli.hidden_units(fields["width"]))
        found["lam_star"] = mine.lam_of(best, found["lam_star"], width)
    cli.show({**mine.result(found), **cli.own_units(best, mine)}, as_json)
    return 0


@_cli.command(
    epilog=cli.example(
        "simulate --network diagonal --gamma 5/4 --d 100 --n 80 --lam 0.2 --noise 0.1 --seeds 4"
    )
)
@cli.problem_options(units=True)
@cli.option(
    "--method",
    "How to train: erm (the convex problem), gd, adam, lbfgs (the network) or amp, as in gd.",
    default="erm",
)
@cli.option(
    "--inputs",
    "Law of the inputs: gaussian, rademacher, uniform, student, ar1, or goe, as in student.",
    default="gaussian",
)
@cli.file_option("--inputs-from", "Measured inputs, a row a sample, as in X.npy.  [default: drawn]")
@cli.option("--whiten/--as-they-are", "Give --inputs-from unit variances, or keep its own.", default=True)
@cli.option("--seeds", "Independent teachers and data sets, >= 1, as in 4.", default=8)
@cli.option("--seed", "Base seed, >= 0, as in 7.", default=0)
@cli.option("--workers", "Processes, >= 1, as in 2.", default=1)
@cli.option("--streamed", "Draw inputs again at each pass; n x d need not fit in memory.", is_flag=True)
@cli.option(
    "--option",
    "options",
    "NAME=VALUE for the method, as in width=20; repeatable.  [default: the method's]",
    multiple=True,
)
@cli.file_option("--resume", "File of finished runs to go on from, as in runs.jsonl.  [default: none]")
@cli.json_option
def simulate(inputs_from: Path | None, options: tuple[str, ...], as_json: bool, **fields: Any) -> int:
    """Train on real data and compare with the state evolution; exit 1 if a seed did not converge."""
    from asymptotix.progress import Progress
    from asymptotix.simulate import simulate as train
    from asymptotix.simulate.fit import CONVERGED
    from asymptotix.solving import solve as solve_problem

    table = None if inputs_from is None else cli.read_array("inputs-from", inputs_from)
    drawn = {name: fields.pop(name) for name in ("inputs", "streamed", "whiten")}
    settings = {name: fields.pop(name) for name in ("method", "seeds", "seed", "workers", "resume")}
    settings["options"] = dict(map(_setting, options))
    several = settings["seeds"] > 1
    problem, mine = cli.question_of(**fields)
    with Progress() as progress:
        counted = progress.counter("training")
        runs = train(problem, progress=counted, inputs_from=table, **drawn, **settings)
    theory, values = math.nan, runs.to_dict()
    if runs.problem.net.potential is not None:  # some networks are trained where no theory reaches
        solution = solve_problem(runs.problem)
        theory, band = solution.error, solution.finite_size
        z = runs.z(theory) if several else math.nan
        values |= {"theory": theory, "finite_size": [band.low, band.high], "z": z}
    spectra = [run.pop("spectrum") for run in values["runs"]]
    if table is not None:  # the same spectrum without the shape of the data
        twin = train(runs.problem, **settings)
        z = twin.z(theory) if several else math.nan
        values["gaussian"] = {"error": twin.error, "stderr": twin.to_dict()["stderr"], "z": z}
    cli.show({**mine.result({**values, "spectrum": spectra}), **cli.own_units(runs.problem, mine)}, as_json)
    return 0 if runs.status == CONVERGED else 1


def _setting(option: str) -> tuple[str, Any]:
    """A method's option; numbers and true/false are read as such, anything else is a word."""
    name, text = cli.named("option", option, "NAME=VALUE")
    with suppress(json.JSONDecodeError):
        return name, json.loads(text)
    return name, text


for _room in (checks, writing_commands, inference, spectrum_commands):
    for _command in _room.COMMANDS:
        _cli.add_command(_command)


if __name__ == "__main__":
    main()
