"""What the phase table does not hold: the noiseless diagram, boundaries, the peak, the optimum, Bayes."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator

from asymptotix.asymptotics import laws
from asymptotix.asymptotics.definition import definition
from asymptotix.asymptotics.diagram import phase_diagram
from asymptotix.asymptotics.laws import Law
from asymptotix.errors import InvalidInput


def section(network: str) -> str:
    """Everything derived for one network beside its noisy phases, as Markdown."""
    noiseless = phase_diagram(network, noisy=False).table(format="markdown")
    lines = "\n".join(f"| {law.name} | `{law.expression}` | {law.holds} |" for law in _lines(network))
    edges = "\n".join(
        f"- {boundary}" for boundary in dict.fromkeys(map(str, phase_diagram(network).boundaries()))
    )
    return (
        f"### {network}: without noise\n\n{noiseless}\n\n"
        f"### {network}: lines and benchmarks\n\n| law | expression | where |\n|---|---|---|\n{lines}\n\n"
        f"### {network}: boundaries\n\nContinuous, or by which power of `d` the error jumps.\n\n{edges}\n"
    )


def _lines(network: str) -> Iterator[Law]:
    """The laws that hold on lines of the diagram, and the benchmark."""
    module = definition(network)
    scales, (noise, feature) = module.scales(), module.shares()
    ratio, peak = laws.peak(noise, scales)
    yield Law(peak.name, peak.expression, f"n_eff = {ratio} d; {peak.holds}")
    with contextlib.suppress(InvalidInput):  # a network that learns noise on both sides has no finite peak
        yield from laws.finite_peak(noise, scales)
    best = laws.optimum(noise, feature, scales)
    yield from (best.shape, best.penalty, best.risk)
    yield laws.bayes(noise, feature, scales)
    yield Law(
        "error at the optimal lam over Bayes-optimal error",
        laws.ratio_to_bayes(feature, noise),
        best.risk.holds,
    )
    yield laws.noiseless(noise, feature, scales)
