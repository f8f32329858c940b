"""Commands that hold claims and data against the witnesses: ``verify`` and ``regress``."""

from __future__ import annotations

import math
import os
import time
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from asymptotix.cli import options as cli
from asymptotix.errors import InvalidInput
from asymptotix.terminal import legend, paragraph

if TYPE_CHECKING:
    from asymptotix.checks.claim import Verdict


@click.command(epilog=cli.example("verify --claim least-squares"))
@cli.option("--full", "All claims at all points; minutes.", is_flag=True)
@cli.option("--quick", "A sample within a minute (the default).", is_flag=True)
@cli.option(
    "--claim",
    "claims",
    "Only claims whose id starts so, as in least-squares; repeatable.  [default: all]",
    multiple=True,
)
@cli.file_option("--out", "Also write verification.md to this folder, as in reports.  [default: no]")
@cli.file_option("--resume", "Journal of finished families to go on from, as in J.jsonl.  [default: none]")
@cli.file_option(
    "--measured", "Points trained earlier, to be recalled, as in experiments.jsonl.  [default: trained anew]"
)
@cli.option("--workers", "Processes, as in 2.  [default: the processors]", type=int)
@cli.file_option("--baseline", "Only compare with this file of kept numbers, as in kept.json.  [default: no]")
@cli.file_option("--write-baseline", "Only write such a file, as in kept.json.  [default: no]")
@cli.json_option
def verify(
    full: bool, quick: bool, claims: tuple[str, ...], workers: int | None, as_json: bool, **paths: Path | None
) -> int:
    """Hold every claim against its witnesses; exit 1 if one fails."""
    from asymptotix import checks
    from asymptotix.checks import baseline as kept
    from asymptotix.checks.scope import notes
    from asymptotix.progress import duration
    from asymptotix.report.verification import write

    if full and quick:
        raise InvalidInput("--full", True, "either --full or --quick")
    if (written := paths["write_baseline"]) is not None:
        click.echo(f"{kept.write(written)} numbers kept in {written}")
        return 0
    if (baseline := paths["baseline"]) is not None:
        return _print(kept.compare(baseline), as_json)
    measured, out = paths["measured"], paths["out"]
    earlier = None if measured is None else checks.Earlier.read(measured)
    families = [family.id for family in checks.chosen(claims, earlier)]
    processes = workers if workers is not None else min(os.cpu_count() or 1, len(families))
    said = notes(full, families, checks.Store(earlier=earlier))
    for note in said:
        click.echo(note, err=True)
    start = time.monotonic()
    how: dict[str, Any] = {"journal": paths["resume"], "workers": processes, "measured": earlier}
    verdicts = list(checks.run(full=full, prefixes=claims, progress=True, **how))
    took = f"this run took {duration(time.monotonic() - start)} in {processes} processes"
    click.echo(took, err=True)
    if out is not None:
        write(verdicts, out, [*said, took])
    return _print(verdicts, as_json)


def _print(rows: Iterable[Verdict], as_json: bool) -> int:
    from asymptotix.report.verification import brief

    verdicts = list(rows)
    if as_json:
        cli.print_json([v.to_dict() for v in verdicts])
    else:
        click.echo(brief(verdicts))
    return 0 if all(v.passed for v in verdicts) else 1


@click.command(epilog=cli.example("regress curve.csv --network diagonal --gamma 5/4 --d 1e4 --noise 1"))
@cli.data_argument
@cli.problem_options(lam=False, n=False)
@cli.json_option
def regress(data: Path, as_json: bool, **fields: str | None) -> int:
    """Hold a measured curve (CSV with columns n, lam, error, perhaps stderr) against law and theory."""
    from asymptotix.regression import read_csv
    from asymptotix.regression import regress as fit

    rows = read_csv(data)
    first = cli.problem_of(**fields, n="1")
    found = fit(rows, first.network, gamma=float(first.gamma or 0), d=first.d, noise=float(first.noise))
    if as_json:
        cli.print_json(found.to_dict())
        return 0
    for stretch in found.stretches:
        low, high = stretch.exponent_interval
        paragraph(f"rows {stretch.first + 2} to {stretch.last + 2}: phase {stretch.phase}, {stretch.verdict}")
        slope = f"error ~ {stretch.variable}^{stretch.exponent:.4f} [{low:.4f}, {high:.4f}], "
        paragraph(
            f"  {'' if math.isnan(stretch.exponent) else slope}the law says {stretch.variable}^{stretch.expected:.4f}; "
            f"error/law {stretch.constant:.4f}"
        )
    legend(stretch.phase for stretch in found.stretches)
    for warning in found.warnings:
        paragraph(f"warning: {warning}", err=True)
    return 0


@click.command(epilog=cli.example("check --network diagonal --phase II --n-exponent 1/gamma-2"))
@cli.option("--network", "The network, as in quadratic.", required=True)
@cli.option("--phase", "The phase, as in V.", required=True)
@cli.option(
    "--risk-exponent", "Claimed exponent of d in the error, as in a*(1/(2*gamma) - 1).  [one of these three]"
)
@cli.option("--n-exponent", "Claimed exponent of n_eff in the error, as in 2/5.  [one of these three]")
@cli.option("--constant", "Claimed constant of the law, as in 1/8.  [one of these three]")
@cli.option("--gamma", "Compare at this gamma only, as in 3/2.  [default: all]")
@cli.shape_options
@cli.json_option
def check(network: str, phase: str, as_json: bool, **given: Any) -> int:
    """Say whether a formula of yours is the derived one, and what is; exit 1 if not."""
    from asymptotix.report.exponent_tables import compare

    asked = {name: given.pop(name) for name in ("risk_exponent", "n_exponent", "constant")}
    claims = {name: text for name, text in asked.items() if text is not None}
    if len(claims) != 1:
        allowed = "one of --risk-exponent, --n-exponent, --constant"
        raise InvalidInput("check", ", ".join(claims) or None, allowed)
    found = compare(network, phase, *claims.popitem(), **given)
    if as_json:
        cli.print_json(found)
    else:
        click.echo(f"{'right' if found['equal'] else 'wrong'}: derived {found['derived']}")
        legend([phase])
    return 0 if found["equal"] else 1


COMMANDS = (verify, regress, check)
