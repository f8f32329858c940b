"""Figures of learned spectra, after Figure 2 of [P]: the bulk in one colour, outliers in another, zeros stated."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from asymptotix.asymptotics.definition import definition
from asymptotix.asymptotics.laws import ratio_to_bayes
from asymptotix.experiments.measurements import model_inputs
from asymptotix.files import settled, write_text
from asymptotix.plots import COLOURS
from asymptotix.plots import spectrum as draw
from asymptotix.problem import Problem, problem_at
from asymptotix.progress import Progress
from asymptotix.report import exam_and_parts
from asymptotix.report.layout import figure, prose, table
from asymptotix.risk import decompose, optimum
from asymptotix.simulate import simulate
from asymptotix.spectrum import SpectrumLaw, diagnose, spectrum
from asymptotix.spectrum.phase_contrasts import contrasts


def save(law: SpectrumLaw, path: Path) -> None:
    """Draw one law to ``path`` (PNG and SVG)."""
    with figure(path, size=(5.0, 3.6), lines=False) as axes:
        draw(law, axes)
        axes.set_title(f"{law.problem.network}: {law.kind}", fontsize=9)
        axes.legend(fontsize=7)


# The page -------------------------------------------------------------------------------------------------

# The paper's decay; networks whose parts and benchmarks are set side by side.
GAMMA = 1.25
_COMPARED = ("quadratic", "diagonal", "bilinear")
#: One network a phase: (network, gamma, d, n_eff, lam, noise). Learning every feature takes a slow decay and a small d.
ROWS = (
    ("quadratic", 1.25, 100, 0.2, 0.05, 0.5),
    ("quadratic", 1.25, 100, 30.0, 60.0, 0.1),
    ("quadratic", 1.25, 100, 30.0, 1.3, 0.1),
    ("quadratic", 0.7, 40, 1500.0, 32.0, 0.03),
    ("quadratic", 1.25, 100, 5.0, 0.05, 0.1),
    ("quadratic", 1.5, 120, 8.0, 0.1, 12.0),
    ("quadratic", 1.25, 50, 150.0, 0.01, 2.0),
    ("quadratic", 0.7, 40, 1500.0, 0.1, 1.0),
    ("diagonal", 0.8, 60, 5.0, 19.0, 9.0),
    ("diagonal", 1.25, 400, 200.0, 60.0, 0.1),
    ("diagonal", 1.25, 400, 2600.0, 4.0, 0.1),
    ("diagonal", 0.8, 60, 45_000.0, 90.0, 0.03),
    ("diagonal", 1.25, 400, 24.0, 0.05, 0.02),
    ("diagonal", 1.25, 400, 70.0, 0.04, 4.0),
    ("diagonal", 1.25, 400, 1100.0, 0.02, 9.0),
    ("diagonal", 0.8, 60, 100_000.0, 0.1, 5.0),
)
_SEEDS = 1  # a histogram of one network is what its user sees


def problem_of(row: tuple[str, float, int, float, float, float]) -> Problem:
    """The problem of a row of figures."""
    network, gamma, d, n_eff, lam, noise = row
    return problem_at(network, n_eff, d, whole_n=True, gamma=gamma, lam=lam, noise=noise)


def write(out: Path, progress: Progress, *, quick: bool = False) -> None:
    """Write ``spectra.md`` and its figures: spectra by phase, parts of the error, benchmarks."""
    rows = ROWS[1:3] + ROWS[10:11] if quick else ROWS
    names = "network | phase | nearest law | gamma | d | n_eff | lam | noise | kind | zero mass (trained) | spikes"
    found = [_row(out, problem_of(row), k) for k, row in enumerate(progress.track(rows, "spectra"))]
    text = [prose("spectra", "introduction"), table(f"{names} | diagnosed", found), ""]
    text += [f"![{row[0]} {row[1]}](figures/spectrum_{k}.svg)" for k, row in enumerate(found)]
    text += ["", prose("spectra", "parts")]
    for network in _COMPARED:
        _curves(out, network, 5 if quick else 10)
        text.append(f"![parts of the error, {network}](figures/parts_{network}.svg)")
    text += ["", prose("spectra", "benchmarks", ratios=_ratios()), _table(), "", exam_and_parts.part_laws()]
    text.append(exam_and_parts.exam(out, quick=quick))
    write_text(out / "spectra.md", "\n".join(text) + "\n")


def _row(out: Path, problem: Problem, k: int) -> tuple[str, ...]:
    """A row of the table, with its figure."""
    from asymptotix.asymptotics.diagram import phase_diagram
    from asymptotix.asymptotics.labels import words

    law = spectrum(problem)
    runs = simulate(problem, seeds=_SEEDS, inputs=model_inputs(problem.net))
    here, diagram = contrasts(problem), phase_diagram(problem.network)
    nearest = diagram.locate(problem).phase
    phase = here.phase if here.clear else "/".join(here.accepted)
    derived = phase if {p.phase for p in diagram.phases}.issuperset(phase.split("/")) else nearest
    with figure(out / "figures" / f"spectrum_{k}.png", size=(4.6, 3.2), lines=False) as axes:
        draw(law, axes, runs.spectra)
        axes.set_title(f"{problem.network} network, {derived}\n{words(derived)}", fontsize=9)
        if axes.get_legend_handles_labels()[0]:
            axes.legend(fontsize=6, loc="lower left")
    run, lam = runs.runs[0], float(problem.lam)
    told = {"samples": float(problem.n), "lam": lam, "train_loss": run.train_loss, "norm": 1.0}
    found = diagnose(run.spectrum, problem.network, **told)
    sizes = (problem.gamma, problem.d, problem.n_eff, problem.lam, problem.noise)
    zeros = f"{law.zero_mass:.3f} ({float(np.mean(runs.spectra == 0.0)):.3f})"
    spikes = f"{law.spike_count:.0f}"
    return (problem.network, phase, nearest, *(f"{x:g}" for x in sizes), law.kind, zeros, spikes, found.phase)


def _curves(out: Path, network: str, points: int) -> None:
    """Left: the parts of the error along a risk curve; right: best, pruned, Bayes and lazy."""
    d, noise = 400, 0.5
    n_eff = np.geomspace(1.0, 20.0 * d, points)
    problems = [problem_of((network, GAMMA, d, float(x), 0.05, noise)) for x in n_eff]
    parts, best = [decompose(p) for p in problems], [optimum(p) for p in problems]
    with figure(out / "figures" / f"parts_{network}.png", 1, 2, size=(10.0, 3.8)) as (left, right):
        for (name, colour), style in zip(_PART_COLOURS.items(), _STYLES, strict=True):
            values = settled([getattr(x, name) for x in parts], 6)
            left.loglog(n_eff, values, color=colour, ls=style, label=name)
        left.loglog(n_eff, [x.error for x in parts], color="black", lw=1.0, label="error")
        left.set_title(f"{network}: parts of the error at lam = 0.05", fontsize=9)
        for (name, label), colour in zip(_NAMES.items(), COLOURS, strict=False):
            right.loglog(n_eff, settled([getattr(x, name) for x in best], 6), color=colour, label=label)
        right.set_title("estimators at their best", fontsize=9)
        for axes in (left, right):
            axes.set_ylim(1e-4, 3.0)
            axes.set_xlabel("effective samples")
            axes.legend(fontsize=7)


def _table() -> str:
    rows = []
    for network in _COMPARED:
        for n_eff in (10.0, 100.0, 1000.0):
            o = optimum(problem_of((network, GAMMA, 400, n_eff, 0.0, 0.5)))
            errors = (o.error_star, o.error_at_twice, o.error_at_half, o.pruned_error, o.bayes_error)
            values = (o.lam_star, *errors, o.ridge_error, o.error_star / o.bayes_error)
            rows.append((network, f"{n_eff:g}", *(f"{v:.4g}" for v in values)))
    names = "network | n_eff | best lam | error | twice lam | half lam | pruned | Bayes | ridge | error/Bayes"
    return table(names, rows)


def _ratios() -> str:
    """The derived ratios of the error at the optimal weight decay to Bayes'."""
    shares = {network: definition(network).shares() for network in _COMPARED}
    return " and to ".join(f"{ratio_to_bayes(f, n)} for the {x} network" for x, (n, f) in shares.items())


_PART_COLOURS = {"overfitting": COLOURS[4], "underfitting": COLOURS[0], "approximation": COLOURS[2]}
_STYLES = ("-", "--", "-.")
_NAMES = {
    "error_star": "best weight decay",
    "pruned_error": "ridgeless, pruned",
    "bayes_error": "Bayes-optimal",
    "ridge_error": "lazy (best ridge)",
}
