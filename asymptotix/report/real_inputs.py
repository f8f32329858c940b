"""The section on measured inputs of the page of experiments: where universality holds, and where it fails."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from tabulate import tabulate

from asymptotix.experiments.real import RealPoint, Shape, measure, plans, shapes
from asymptotix.progress import Progress
from asymptotix.store import Store

_INTRODUCTION = """
## Measured inputs

Rows of data sets that scikit-learn ships ({names}; columns that never vary left out) as inputs of a
teacher of known decay, gamma = {gamma:g}, lam = {lam:g}, noise = {noise:g}. Whitened, the theory is that of equal
inputs; as they are, every principal axis keeps its variance and the problem is the one with `variances=`. Beside every
point stand Gaussian inputs with the same variances: z is how far the data's error is from theirs, in standard errors,
so that it sees the shape of the data alone; Gaussian inputs over theory is what a dimension of {smallest} to {largest}
does.

"""

_TABLES = """
Repeat a point and its Gaussian twin (`python -c "import numpy, sklearn.datasets as s; x = s.load_digits().data;
numpy.save('digits.npy', x[:, numpy.ptp(x, axis=0) > 0])"` writes the table):

"""


def section(store: Store, progress: Progress) -> str:
    """Measure what is not in the store, and write the section."""
    chosen = list(plans())
    points = [measure(plan, store) for plan in progress.track(chosen, "measured inputs")]
    return text(points, shapes())


def text(points: Sequence[RealPoint], known: dict[str, Shape]) -> str:
    """The section of these points."""
    p = points[0].plan.problem
    dimensions = [point.plan.problem.d for point in points]
    commands = "\n".join(point.plan.command for point in points)
    introduction = _INTRODUCTION.format(
        names=", ".join(known),
        gamma=p.gamma,
        lam=float(p.lam),
        noise=float(p.noise),
        smallest=min(dimensions),
        largest=max(dimensions),
    )
    folded = f"\n\n<details><summary>Commands</summary>\n{_TABLES}```\n{commands}\n```\n</details>\n"
    return introduction + _shape_table(known) + "\n\n" + verdict(points) + "\n\n" + _table(points) + folded


def verdict(points: Sequence[RealPoint]) -> str:
    """What the points say, a network at a time: how many hold, which do not, and by how much."""
    said = []
    for network in dict.fromkeys(point.plan.problem.network for point in points):
        here = [point for point in points if point.plan.problem.network == network]
        broken = [point for point in here if not point.holds]
        line = f"**{network.capitalize()} network:** {len(here) - len(broken)} of {len(here)} points are as Gaussian"
        line += " inputs have them, within three standard errors."
        if broken:
            line += f" It fails on {_listed(broken)}."
        said.append(line)
    return "\n\n".join(said)


def _listed(broken: Iterable[RealPoint]) -> str:
    """Points that fail, with the factor by which the shape of the data changes their error."""
    texts = []
    for point in broken:
        plan, factor = point.plan, point.measured[0] / point.gaussian[0]
        texts.append(
            f"{plan.name} {_how(plan.whiten)} at n = {plan.problem.n:.0f} (error times {factor:.2f}, "
            f"z = {point.z:+.1f})"
        )
    return ", ".join(texts)


def _how(whiten: bool) -> str:
    return "whitened" if whiten else "as they are"


def _shape_table(known: dict[str, Shape]) -> str:
    names = (
        "data",
        "rows",
        "axes",
        "smallest variance / largest",
        "fourth moment: median",
        "largest (Gaussian: 3)",
    )
    rows = [
        (
            name,
            s.rows,
            s.axes,
            f"{s.smallest_variance:.1e}",
            f"{s.median_fourth:.2f}",
            f"{s.largest_fourth:.1f}",
        )
        for name, s in known.items()
    ]
    return tabulate(rows, headers=names, tablefmt="github", disable_numparse=True)


def _table(points: Sequence[RealPoint]) -> str:
    names = (
        "data",
        "network",
        "inputs",
        "n",
        "theory",
        "Gaussian / theory",
        "data / theory",
        "z",
        "as Gaussian",
    )
    rows = [
        (
            point.plan.name,
            point.plan.problem.network,
            _how(point.plan.whiten),
            f"{point.plan.problem.n:.0f}",
            f"{point.theory:.4f}",
            _ratio(point.gaussian, point.theory),
            _ratio(point.measured, point.theory),
            f"{point.z:+.1f}",
            "yes" if point.holds else "no",
        )
        for point in points
    ]
    return tabulate(rows, headers=names, tablefmt="github", disable_numparse=True)


def _ratio(value: tuple[float, float], theory: float) -> str:
    return f"{value[0] / theory:.3f} ± {value[1] / theory:.3f}"
