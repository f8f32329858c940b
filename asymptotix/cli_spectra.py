"""Commands about learned weights: their spectrum, where the error comes from, and a diagnosis of measured ones."""

from __future__ import annotations

from pathlib import Path

import click

from asymptotix.cli_options import json_option, problem_of, problem_options, read_array, show


@click.command()
@problem_options()
@click.option("--points", default=200, help="Points of the density.")
@click.option("--plot", type=click.Path(path_type=Path), help="Also draw the spectrum to this file.")
@json_option
def spectrum(points: int, plot: Path | None, as_json: bool, **fields: str | None) -> int:
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
def decompose(as_json: bool, **fields: str | None) -> int:
    """Split the error into overfitting, underfitting and approximation."""
    from asymptotix.risk import decompose as split

    show(split(problem_of(**fields)).to_dict(), as_json)
    return 0


@click.command()
@click.argument("weights", type=click.Path(path_type=Path))
@click.option("--network", help="quadratic or symmetric (matrix or eigenvalues), diagonal (coefficients).")
@click.option("--n", "samples", help="Number of training samples, if known: tells more phases apart.")
@click.option("--lam", help="Weight decay of the training, if known (beside --n).")
@click.option("--train-loss", help="Mean squared residual on the training set, if known (beside --n).")
@click.option("--gamma", help="Decay of the teacher, if known.")
@click.option("--norm", help="Norm of the teacher, if known: 1 in the units of `Problem`.")
@json_option
def diagnose(weights: Path, network: str | None, as_json: bool, **known: str | None) -> int:
    """Read the phase, the noise and the features off trained weights (an .npy file)."""
    from asymptotix.spectrum import diagnose as read
    from asymptotix.validate import number

    array = read_array("weights", weights)
    facts = {
        name: number("n" if name == "samples" else name, given, "a positive number")
        for name, given in known.items()
        if given is not None
    }
    show(read(array, network, **facts).to_dict(), as_json)
    return 0


COMMANDS: tuple[click.Command, ...] = (spectrum, decompose, diagnose)
