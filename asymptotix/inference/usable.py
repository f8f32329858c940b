"""Runs that no fit can use, refused by row; and those that are odd, said so afterwards."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from asymptotix.errors import InvalidInput
from asymptotix.inference.model import Model

# Times the null risk: harmful overfitting reaches a few, and only in the peak itself more; beyond it is another unit.
_IMPOSSIBLE = 20.0
# A test loss is the noise and more; a test set that is small may show a little less.
_BELOW_NOISE = 0.5
# An error this far above the null risk, where the equations stay below it, is worth a word.
_ODD = 1.2


def check(model: Model, free: Sequence[str], norm: float | None, noise: float | None) -> None:
    """Refuse what cannot be fitted.

    Raises:
        InvalidInput: too few points, all at one place, or a value that no network has; the message says what to do.
    """
    runs = model.runs
    places = len({(run.n, run.lam, run.width) for run in runs})
    if places == 1 and len(free) > 1:
        found = f"all rows at n = {runs[0].n:g}, lam = {runs[0].lam:g}"
        allowed = f"runs at several n or lam, or all but one of {', '.join(free)} given"
        raise InvalidInput("data", found, allowed)
    if len(runs) < len(free):
        allowed = (
            f"at least as many points as free parameters ({', '.join(free)}): give some of them, or more runs"
        )
        raise InvalidInput("data", f"{len(runs)} points", allowed)
    for run in runs:
        if model.measure == "test_loss" and noise is not None and run.value < _BELOW_NOISE * noise:
            allowed = (
                f"a test loss above the noise {noise:g} that was given: is it excess_risk, or half of it?"
            )
            raise InvalidInput("data", f"{run.value:g} in row {run.row}", allowed)
        null = null_risk(model, norm, noise)
        if null is not None and run.value > _IMPOSSIBLE * null:
            allowed = (
                f"{model.measure} near or below the null risk {null:g} (error is divided by d), or a norm of the "
                "teacher that is given or fitted"
            )
            raise InvalidInput("data", f"{run.value:g} in row {run.row}", allowed)


def null_risk(model: Model, norm: float | None, noise: float | None) -> float | None:
    """The measure of an estimator that predicts nothing, if what it depends on is known."""
    if norm is None or (model.measure == "test_loss" and noise is None):
        return None
    if model.measure == "error":
        return norm**2
    return model.base.net.excess_factor * norm**2 + (
        float(noise or 0.0) if model.measure == "test_loss" else 0.0
    )


def above_null(rows: Iterable[Mapping[str, Any]], measure: str, null: float | None) -> list[str]:
    """Sentences about runs worse than no prediction at all where the equations do not say so."""
    if null is None:
        return []
    return [
        f"row {row['row']}: {measure} {row[measure]:.3g} is above the null risk {null:.3g}, where the equations say "
        f"{row['fitted']:.3g}: another unit, another norm of the teacher, or training that did not end"
        for row in rows
        if row[measure] > _ODD * null and row["fitted"] < null
    ]
