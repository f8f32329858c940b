"""Forecasts of real runs: the first half of each curve is fitted, the second forecast, by three kinds of law.

    python -m benchmarks.rollout > reports/forecasts.md

Every run is trained here: the LASSO and the quadratic network on Gaussian inputs, the LASSO on the inputs of
scikit-learn's diabetes and digits with a teacher of ours, and on the digits' own labels (nothing is known of those).
"""

from __future__ import annotations

import math
import sys
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

import numpy as np

import asymptotix as ax
from asymptotix.inference import Rolled, roll_out
from asymptotix.simulate.real import real_inputs

SEEDS = 6
LAWS = {"equations": "forecast", "E + A n^-alpha": "chinchilla", "broken power law": "broken"}


@dataclass(frozen=True)
class Curve:
    """Runs of one network along ``n``, and what its user knows of it."""

    name: str
    network: str
    d: int
    rows: list[dict[str, Any]]
    known: dict[str, Any] = field(default_factory=dict)


def trained(name: str, base: ax.Problem, sizes: Iterable[float], seed: int, **settings: Any) -> Curve:
    """Errors of the seeds at every size, one row a run."""
    rows = []
    for k, n in enumerate(sorted({round(x) for x in sizes})):
        runs = ax.simulate(base.replace(n=n), "erm", seeds=SEEDS, seed=seed + k, **settings)
        rows += [{"n": n, "lam": float(base.lam), "error": e, "seed": s} for s, e in enumerate(runs.errors)]
    return Curve(name, base.network, base.d, rows)


def lasso(count: int) -> Iterator[Curve]:
    """Random teachers, noise and penalties."""
    for k in range(count):
        rng = np.random.default_rng(700 + k)
        gamma, noise, lam = rng.uniform(0.8, 1.9), 10 ** rng.uniform(-1.5, 0.2), 10 ** rng.uniform(-0.3, 0.6)
        p = ax.Problem("diagonal", gamma=gamma, d=300, n=1, lam=lam, noise=noise)
        yield trained(f"LASSO {k + 1}", p, np.geomspace(20, 3000, 12), 40 * k)


def quadratic(count: int) -> Iterator[Curve]:
    """Quadratic networks with their own features."""
    for k in range(count):
        rng = np.random.default_rng(800 + k)
        gamma, noise, lam = rng.uniform(1.0, 1.6), 10 ** rng.uniform(-1, 0), 10 ** rng.uniform(-0.3, 0.3)
        p = ax.Problem("quadratic", gamma=gamma, d=40, n=1, lam=lam, noise=noise)
        yield trained(f"quadratic {k + 1}", p, 40 * np.geomspace(4, 120, 10), 2000 + 40 * k)


def measured_inputs(count: int) -> Iterator[Curve]:
    """The inputs of two data sets, whitened, with teachers of ours."""
    for name, table in tables():
        d = table.shape[1]
        for k in range(count):
            rng = np.random.default_rng(900 + k)
            gamma, noise = rng.uniform(0.8, 1.6), 10 ** rng.uniform(-1, 0)
            p = ax.Problem("diagonal", gamma=gamma, d=d, n=1, lam=1.0, noise=noise)
            sizes = np.geomspace(10, 0.9 * len(table), 10)
            yield trained(f"{name} inputs {k + 1}", p, sizes, 4000 + 40 * k, inputs_from=table)


def tables() -> Iterator[tuple[str, np.ndarray[Any, Any]]]:
    """scikit-learn's tables without columns that hardly vary."""
    from sklearn.datasets import load_diabetes, load_digits

    yield "diabetes", load_diabetes().data
    pixels = load_digits().data
    yield "digits", pixels[:, (pixels > 0).mean(axis=0) > 0.05]


def own_labels() -> Iterator[Curve]:
    """The digit itself, and the course of diabetes, from whitened inputs: test losses, with nothing known."""
    from sklearn.datasets import load_diabetes, load_digits
    from sklearn.linear_model import Lasso

    for (name, table), labels in zip(tables(), (load_diabetes().target, load_digits().target), strict=True):
        x = real_inputs(table).rows
        y = (labels - labels.mean()) / labels.std()
        d, rng, rows = x.shape[1], np.random.default_rng(3), []
        for n in sorted({round(v) for v in np.geomspace(12, 0.7 * len(x), 10)}):
            for seed in range(SEEDS):
                order = rng.permutation(len(x))
                first, rest = order[:n], order[n:]
                # lam |theta|_1 with theta = sqrt(d) w, and a mean instead of a sum of losses
                model = Lasso(alpha=math.sqrt(d) / n, fit_intercept=False, max_iter=20_000)
                loss = float(np.mean((y[rest] - model.fit(x[first], y[first]).predict(x[rest])) ** 2))
                rows.append({"n": n, "lam": 1.0, "test_loss": loss, "seed": seed})
        yield Curve(f"{name}, own labels", "diagonal", d, rows, {"norm": None})


def row(curve: Curve, rolled: Iterable[Rolled]) -> str:
    """One line of the table: the root mean square of ``log(forecast/measured)`` of each law, and what held."""
    points = list(rolled)
    cells = [f"{100 * worst(points, law):.0f} %" for law in LAWS.values()]
    return (
        f"| {curve.name} | {points[0].n:g} to {points[-1].n:g} | "
        f"{' | '.join(cells)} | {sum(p.held for p in points)} of {len(points)} |"
    )


def worst(points: Iterable[Rolled], law: str) -> float:
    """Root mean square of ``log(forecast/measured)``, as a factor less one; nan where there is no forecast."""
    logs = [math.log(getattr(p, law) / p.measured) if getattr(p, law) else math.nan for p in points]
    return math.expm1(min(math.sqrt(float(np.mean(np.square(logs)))), 50.0))


def lines(quick: bool = False) -> Iterator[str]:
    """The page."""
    yield _INTRODUCTION.format(seeds=SEEDS)
    kinds = (
        ("LASSO", lasso(1 if quick else 8)),
        ("quadratic networks", quadratic(1 if quick else 4)),
        ("inputs of data sets", measured_inputs(1 if quick else 2)),
        ("labels of data sets", own_labels()),
    )
    summary = []
    for kind, curves in kinds:
        every: list[Rolled] = []
        for curve in curves:
            rolled = roll_out(curve.rows, curve.network, d=curve.d, **curve.known)
            every += list(rolled)
            yield row(curve, rolled)
        medians = [100 * math.expm1(float(np.nanmedian(deviations(every, law)))) for law in LAWS.values()]
        held = sum(p.held for p in every)
        cells = " | ".join(f"{x:.1f} %" for x in medians)
        summary.append(f"| {kind} | {cells} | {held} of {len(every)} ({100 * held / len(every):.0f} %) |")
    yield _SUMMARY
    yield from summary


def deviations(points: Iterable[Rolled], law: str) -> list[float]:
    """``|log(forecast/measured)|`` of every point."""
    return [abs(math.log(getattr(p, law) / p.measured)) if getattr(p, law) else math.nan for p in points]


_INTRODUCTION = """# Forecasts of real runs

Made by `python -m benchmarks.rollout`. Of each curve the first half, in order of n, is fitted ({seeds} seeds a point),
and the second forecast: by the state evolution with gamma and noise fitted (`fit`), by `E + A n^-alpha` and by a
broken power law, on the same points with the same weights. Each cell is the root mean square of log(forecast/measured)
over the second half, as a factor less one; the last column says how many of its points the 90 % intervals held (their
own scatter allowed for). Points of one curve share its fit, so that they hold or fail together. The last two curves
have labels that no teacher of ours made: test losses, with gamma, noise and norm fitted.

| curve | n forecast | equations | E + A n^-alpha | broken power law | held |
|---|---|---|---|---|---|"""

_SUMMARY = """
Median of |log(forecast/measured)| over all points of a kind, as a factor less one:

| runs | equations | E + A n^-alpha | broken power law | 90 % intervals that held |
|---|---|---|---|---|"""

if __name__ == "__main__":
    for line in lines(quick="--quick" in sys.argv):
        print(line, flush=True)
