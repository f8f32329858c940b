"""The section on measured inputs of the page of experiments: where universality holds, and where it fails."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from asymptotix.experiments.real import RealPoint, Shape, measure, plans, shapes
from asymptotix.progress import Progress
from asymptotix.report.layout import folded, listing, prose, table
from asymptotix.store import Store


def section(store: Store, progress: Progress) -> str:
    """Measure what is not in the store, and write the section."""
    chosen = list(plans())
    points = [measure(plan, store) for plan in progress.track(chosen, "measured inputs")]
    return text(points, shapes())


def text(points: Sequence[RealPoint], known: dict[str, Shape]) -> str:
    """The section of these points."""
    problems = [point.plan.problem for point in points]
    sizes = {"smallest": min(p.d for p in problems), "largest": max(p.d for p in problems)}
    introduction = prose("experiments", "real_inputs", p=problems[0], names=", ".join(known), **sizes)
    commands = folded(
        "Commands", prose("experiments", "real_tables") + listing(point.plan.command for point in points)
    )
    return "\n\n".join([introduction + _shape_table(known), verdict(points), _table(points), commands])


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
    names = "data | rows | axes | smallest variance / largest | fourth moment: median | largest (Gaussian: 3)"
    rows = []
    for name, s in known.items():
        fourth = (f"{s.median_fourth:.2f}", f"{s.largest_fourth:.1f}")
        rows.append((name, s.rows, s.axes, f"{s.smallest_variance:.1e}", *fourth))
    return table(names, rows)


def _table(points: Sequence[RealPoint]) -> str:
    rows = []
    for x in points:
        ratios = _ratio(x.gaussian, x.theory), _ratio(x.measured, x.theory)
        problem = (x.plan.problem.network, _how(x.plan.whiten), f"{x.plan.problem.n:.0f}", f"{x.theory:.4f}")
        rows.append((x.plan.name, *problem, *ratios, f"{x.z:+.1f}", "yes" if x.holds else "no"))
    names = "data | network | inputs | n | theory | Gaussian / theory | data / theory | z | as Gaussian"
    return table(names, rows)


def _ratio(value: tuple[float, float], theory: float) -> str:
    return f"{value[0] / theory:.3f} ± {value[1] / theory:.3f}"
