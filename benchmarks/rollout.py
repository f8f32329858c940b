"""Forecasts of real runs: the first half of each curve is fitted, the second forecast, by three kinds of law.

    python -m benchmarks.rollout > reports/forecasts.md

Every run is trained here: the LASSO and the quadratic network on Gaussian inputs, the LASSO on the inputs of
scikit-learn's diabetes and digits with a teacher of ours, and on the digits' own labels (nothing is known of those).
"""

from __future__ import annotations

import math
import sys
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

import asymptotix as ax
from asymptotix.inference import Rolled, roll_out
from asymptotix.simulate.real_rows import real_inputs

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


def deviations(points: Sequence[Rolled]) -> list[float]:
    """Of each law the root mean square of ``log(forecast/measured)``; nan where it makes no forecast."""
    found = []
    for law in LAWS.values():
        logs = [math.log(getattr(p, law) / p.measured) if getattr(p, law) else math.nan for p in points]
        found.append(math.sqrt(float(np.mean(np.square(logs)))))
    return found


def lines(quick: bool = False) -> Iterator[str]:
    """The page: a row as soon as its curve is trained, then the medians."""
    yield _INTRODUCTION.format(seeds=SEEDS)
    kinds = (
        ("LASSO", lasso(1 if quick else 8)),
        ("quadratic networks", quadratic(1 if quick else 3)),
        ("inputs of data sets", measured_inputs(1)),
        ("labels of data sets", own_labels()),
    )
    summary = []
    for kind, curves in kinds:
        every, held = [], []
        for curve in curves:
            points = list(roll_out(curve.rows, curve.network, d=curve.d, **curve.known))
            every.append(deviations(points))
            held += [p.held for p in points]
            cells = f"{_percent(every[-1])} | {sum(p.held for p in points)} of {len(points)}"
            yield f"| {curve.name} | {points[0].n:g} to {points[-1].n:g} | {cells} |"
        medians = np.nanmedian(np.array(every), axis=0).tolist()
        summary.append(f"| {kind} | {len(every)} | {_percent(medians)} | {sum(held)} of {len(held)} |")
    yield _SUMMARY
    yield from summary


def _percent(logs: Sequence[float]) -> str:
    """Factors less one; from ten times on as a factor."""
    return " | ".join(
        f"{100 * math.expm1(x):.0f} %" if x < math.log(10) else f"x {math.exp(x):.3g}" for x in logs
    )


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
Medians over the curves of a kind:

| runs | curves | equations | E + A n^-alpha | broken power law | held by 90 % intervals |
|---|---|---|---|---|---|"""

if __name__ == "__main__":
    for line in lines(quick="--quick" in sys.argv):
        print(line, flush=True)
