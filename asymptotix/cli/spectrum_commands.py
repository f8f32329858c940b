"""Commands about learned weights: their spectrum, where the error comes from, and a diagnosis of measured ones."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from asymptotix.cli import options as cli
from asymptotix.errors import InvalidInput
from asymptotix.status import Status
from asymptotix.terminal import paragraph
from asymptotix.weight_files import FORMS, Layer, paired, read_layers, spectral

if TYPE_CHECKING:
    from asymptotix.spectrum import Diagnosis


@click.command(
    epilog=cli.example("spectrum --network quadratic --gamma 5/4 --d 400 --n 20000 --lam 1 --noise 0.1")
)
@cli.problem_options()
@cli.option("--points", "Points of the density, >= 2, as in 50.", default=200)
@cli.file_option("--plot", "Also draw the spectrum to this file, as in spectrum.png.  [default: no]")
@cli.json_option
def spectrum(points: int, plot: Path | None, as_json: bool, **fields: str | None) -> int:
    """Predict the law of the learned weights: zero mass, bulk, spikes, tail."""
    from asymptotix.spectrum import spectrum as predict

    law = predict(cli.problem_of(**fields), points=points)
    cli.show(law.to_dict(), as_json)
    if plot is not None:
        from asymptotix.report.spectra import save

        save(law, plot)
    return 0


@click.command(
    epilog=cli.example("decompose --network quadratic --gamma 5/4 --d 400 --n 20000 --lam 1 --noise 0.1")
)
@cli.problem_options(units=True)
@cli.json_option
def decompose(as_json: bool, **fields: str | None) -> int:
    """Split the error into overfitting, underfitting and approximation."""
    from asymptotix.risk import decompose as split

    problem, mine = cli.question_of(**fields)
    cli.show({**mine.result(split(problem).to_dict()), **cli.own_units(problem, mine)}, as_json)
    return 0


@click.command(epilog=cli.example("diagnose model.npz --key fc1.weight --n 4000"))
@click.argument("weights", type=click.Path(path_type=Path))
@cli.option(
    "--network",
    "quadratic or symmetric (matrix or eigenvalues), bilinear (S, its singular values, or an .npz of U and V) "
    "or diagonal (coefficients), as in quadratic.  "
    "[default: what the array looks like]",
)
@cli.option("--key", "One layer of an .npz archive, as in fc1.weight.  [default: all]")
@cli.option(
    "--weights",
    "form",
    "What a matrix is: S itself (matrix), or hidden units W (p, d), one a row, with S = W'W/sqrt(p d) "
    "(normalised) or W'W (plain); auto: S if symmetric, else normalised.",
    type=click.Choice(FORMS),
    default="auto",
)
@cli.option(
    "--n",
    "samples",
    "Number of training samples, if known, as in 4000: tells more phases apart.  [default: unknown]",
)
@cli.option("--lam", "Weight decay of the training, if known (beside --n), as in 0.3.  [default: unknown]")
@cli.option(
    "--train-loss",
    "Mean squared residual on the training set, if known (beside --n), as in 0.05.  [default: unknown]",
)
@cli.option("--gamma", "Decay of the teacher, if known, as in 5/4.  [default: unknown]")
@cli.option("--width", "Hidden units, if few (quadratic, symmetric), as in 23.  [default: the rows of W]")
@cli.option("--norm", "Norm of the teacher, if known, as in 1, that of `Problem`.  [default: unknown]")
@cli.json_option
def diagnose(
    weights: Path, network: str | None, key: str | None, form: str, as_json: bool, **known: str | None
) -> int:
    """Read the phase, the noise and the features off trained weights (.npy, or .npz of several layers)."""
    from asymptotix.validate import number, whole

    width = known.pop("width")
    facts = {
        name: number("n" if name == "samples" else name, given, "a positive number")
        for name, given in known.items()
        if given is not None
    }
    if width is not None:
        facts["width"] = whole("width", width, "an integer number of hidden units >= 1", least=1)
    layers = paired(read_layers(weights, key), network, form)
    if len(layers) == 1:
        found, notes = _diagnosed(layers[0], network, form, facts)
        for note in notes:
            click.echo(f"note: {note}", err=True)
        cli.show({**found.to_dict(), "phase_words": _words(found.phase)}, as_json)
        return 0
    return _diagnose_all(layers, network, form, facts, as_json)


def _diagnosed(
    layer: Layer, network: str | None, form: str, facts: dict[str, float]
) -> tuple[Diagnosis, tuple[str, ...]]:
    from asymptotix.spectrum import diagnose as read

    read_as = spectral(layer, network, form)
    units = {} if read_as.units is None else {"width": float(read_as.units)}
    return read(read_as.array, network, **{**units, **facts}), read_as.notes


def _diagnose_all(
    layers: list[Layer], network: str | None, form: str, facts: dict[str, float], as_json: bool
) -> int:
    """Every layer that can be read; those that cannot say why. Bad input if none can."""
    rows: list[dict[str, Any]] = []
    for layer in layers:
        row: dict[str, Any] = {"key": layer.name, "shape": list(layer.shape)}
        try:
            found, notes = _diagnosed(layer, network, form, facts)
            row |= {**found.to_dict(), "phase_words": _words(found.phase), "notes": list(notes)}
        except InvalidInput as error:
            row["refused"] = str(error)
        rows.append(row)
    if all("refused" in row for row in rows):
        raise InvalidInput(
            "weights", [row["key"] for row in rows], f"one layer to read ({rows[0]['refused']})"
        )
    if as_json:
        cli.print_json(rows)
        return 0
    for row in rows:
        shape = " x ".join(map(str, row["shape"])) or "one number"
        if "refused" in row:
            paragraph(f"{row['key']} ({shape}): not read, {row['refused']}")
            continue
        paragraph(
            f"{row['key']} ({shape}): {row['network']}, phase {row['phase']}, {row['features']} features, "
            f"{row['noise_directions']} directions of noise, zero mass {row['zero_mass']:.3g}, "
            f"overfitting {row['overfitting']:.3g}"
        )
        for text in (row["phase_words"], *row["notes"]):
            paragraph(f"    {text}")
    return 0


def _words(phase: str) -> str:
    from asymptotix.asymptotics.labels import words

    return "several phases fit: see probabilities" if phase == Status.UNDECIDED else words(phase)


COMMANDS: tuple[click.Command, ...] = (spectrum, decompose, diagnose)
