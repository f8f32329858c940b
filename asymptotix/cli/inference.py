"""Commands for those who have runs: ``fit``, ``forecast`` and ``plan``."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from asymptotix.cli import options as cli
from asymptotix.networks import names
from asymptotix.terminal import legend, paragraph, table
from asymptotix.units import Convention
from asymptotix.validate import number

if TYPE_CHECKING:
    from asymptotix.inference import Fit

_fit_options = cli.together(
    cli.data_argument,
    cli.option("--network", f"One of {', '.join(names())}, as in diagonal.", required=True),
    cli.option("--d", "d", "Dimension, as in 400.", required=True),
    cli.option("--gamma", "Decay of the teacher, if known, as in 5/4.  [default: fitted]"),
    cli.option("--noise", "Variance of the label noise, if known, as in 0.1.  [default: fitted]"),
    cli.option("--norm", "Norm of the teacher, as in 2, or free to fit it.  [default: 1]"),
    cli.depth_option,
    cli.rows_option,
    cli.ridge_option,
    cli.beta_option,
    cli.option(
        "--column",
        "columns",
        "NAME=COLUMN of the data, or NAME=NUMBER for all rows, as in error=mse or lam=0.1; repeatable.  "
        "[default: columns by their names]",
        multiple=True,
    ),
    cli.option(
        "--loss",
        "huber: single bad runs count less.",
        default="linear",
        type=click.Choice(["linear", "huber"]),
    ),
    cli.unit_options,
)


def _fitted(data: Path, **known: Any) -> Any:
    from asymptotix.inference import fit as fit_runs

    known["units"] = Convention(known.pop("lam_unit"), known.pop("weights"))
    allowed = "NAME=COLUMN or NAME=NUMBER, as in error=mse"
    known["columns"] = dict(cli.named("column", given, allowed) for given in known["columns"])
    known["norm"] = {None: "1", "free": None}.get(known["norm"], known["norm"])
    for name, range_ in (
        ("gamma", "a number > 1/2"),
        ("noise", "a number > 0"),
        ("norm", "a number, or free"),
    ):
        known[name] = None if known[name] is None else number(name, known[name], range_)
    return fit_runs(data, **known)


@click.command(epilog=cli.example("fit runs.csv --network diagonal --d 150 --column error=mse"))
@_fit_options
@cli.json_option
def fit(as_json: bool, **options: Any) -> int:
    """Fit gamma, noise and the teacher's norm to runs (CSV: n, lam, error; perhaps stderr, seed, width)."""
    found = _fitted(**options)
    values = found.to_dict()
    if as_json:
        cli.print_json(values)
        return 0
    for name, p in found.parameters.items():
        ends = ", ".join("open" if end is None else f"{end:.4g}" for end in (p.low, p.high))
        click.echo(f"{name:<6} {p.value:.4g}" + (f"  [{ends}]" if p.free else "  given"))
    click.echo(f"chi2   {found.chi2:.3g} for {found.dof} degrees of freedom, p = {found.p_value:.3g}")
    measure = found.model.measure
    rows = []
    for row in found.rows:
        numbers = (f"{row[name]:.4g}" for name in ("lam", measure, "fitted"))
        rows.append([str(row["row"]), f"{row['n']:g}", *numbers, f"{row['pull']:+.1f}", row["phase"] or ""])
    table(["row", "n", "lam", measure, "fitted", "pull", "phase"], rows)
    legend(row["phase"] for row in found.rows)
    for law in found.power_laws:
        click.echo(f"beside {law.name}: chi2 {law.chi2:.3g}")
    _warn(found)
    return 0


def _warn(found: Fit) -> None:
    for warning in found.warnings:
        paragraph(f"warning: {warning}", err=True)


@click.command(epilog=cli.example("forecast runs.csv --network diagonal --d 150 --n 1000,10000 --lam best"))
@_fit_options
@cli.option("--n", "n", "Numbers of samples, as in 1000,10000.", required=True)
@cli.option("--lam", "Weight decay, as in 0.1, or best.  [default: that of the last run]")
@cli.option("--width", "Hidden units, as in 20.  [default: those of the last run]", type=int)
@cli.option("--confidence", "Of the intervals, in (0, 1), as in 0.95.", default=0.9)
@cli.json_option
def forecast(
    n: str, lam: str | None, width: int | None, confidence: float, as_json: bool, **options: Any
) -> int:
    """Forecast the error of runs not made yet, with intervals and the phases on the way."""
    from asymptotix.inference import forecast as look_ahead

    sizes = [number("n", part, "numbers of samples > 0") for part in n.split(",")]
    decay = lam if lam in (None, "best") else number("lam", lam, "a weight decay >= 0, or best")
    found = _fitted(**options)
    _warn(found)
    ahead = look_ahead(found, sizes, decay, width, confidence=confidence)
    if as_json:
        cli.print_json([row.to_dict() for row in ahead])
        return 0
    table(
        ["n", "lam", "error", "low", "high", "Bayes", "phases on the way"],
        (
            [
                f"{row.n:g}",
                f"{row.lam:.4g}",
                *(f"{x:.4g}" for x in (row.error, row.low, row.high)),
                "" if row.bayes_error is None else f"{row.bayes_error:.4g}",
                " > ".join(row.crossed) or row.phase or "",
            ]
            for row in ahead
        ),
    )
    legend(name for row in ahead for name in (*row.crossed, row.phase))
    return 0


@click.command(epilog=cli.example("plan --network diagonal --gamma 1.4 --d 150 --noise 0.25 --error 0.05"))
@cli.problem_options(lam=False, n=False, units=True)
@cli.option("--error", "The error to reach, as in 0.05.  [required]")
@cli.option("--lam", "Weight decay, as in 0.1, or best: the best at every n.", default="best")
@cli.json_option
def plan(error: str | None, lam: str, as_json: bool, **fields: Any) -> int:
    """Find the least number of samples for an error; exit 1 if there is none."""
    from asymptotix.inference import plan as find

    how: dict[str, Any] = {"units": cli.convention_of(fields), "hidden": cli.hidden_units(fields["width"])}
    found = find(cli.problem_of(**fields, n="1"), error=error, lam=lam, **how)  # type: ignore[arg-type]
    cli.show(found.to_dict(), as_json)
    return 0 if found.n is not None else 1


COMMANDS: tuple[click.Command, ...] = (fit, forecast, plan)
