"""Commands about learned weights: their spectrum, where the error comes from, and a diagnosis of measured ones."""

from __future__ import annotations

from pathlib import Path

import click

from asymptotix.cli_options import json_option, problem_of, problem_options, show


@click.command()
@problem_options()
@click.option("--points", default=200, help="Points of the density.")
@click.option("--plot", type=click.Path(path_type=Path), help="Also draw the spectrum to this file.")
@json_option
def spectrum(points: int, plot: Path | None, as_json: bool, **fields: str) -> int:
    """Predict the law of the learned weights: zero mass, bulk, spikes, tail."""
    from asymptotix.spectrum import spectrum as predict

    law = predict(problem_of(**fields), points=points)
    show(law.to_dict(), as_json)
    if plot is not None:
        from asymptotix.report.spectra import save

        save(law, plot)
    return 0


@click.command()
@problem_options()
@json_option
def decompose(as_json: bool, **fields: str) -> int:
    """Split the error into overfitting, underfitting and approximation."""
    from asymptotix.risk import decompose as split

    show(split(problem_of(**fields)).to_dict(), as_json)
    return 0


COMMANDS: tuple[click.Command, ...] = (spectrum, decompose)
