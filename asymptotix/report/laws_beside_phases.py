"""What the phase table does not hold: the noiseless diagram, boundaries, the peak, the optimum, Bayes."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from dataclasses import replace

from asymptotix.asymptotics import laws, width_laws
from asymptotix.asymptotics.definition import definition
from asymptotix.asymptotics.diagram import phase_diagram
from asymptotix.asymptotics.expansions.potential import FeatureShare, NoiseShare
from asymptotix.asymptotics.laws import Law
from asymptotix.asymptotics.sector import Scales
from asymptotix.errors import InvalidInput
from asymptotix.networks import get
from asymptotix.report.layout import table


def section(network: str) -> str:
    """Everything derived for one network beside its noisy phases, as Markdown."""
    noiseless = phase_diagram(network, noisy=False).table(format="markdown")
    lines = [(law.name, f"`{law.expression}`", law.holds) for law in _lines(network)]
    edges = "\n".join(
        f"- {boundary}" for boundary in dict.fromkeys(map(str, phase_diagram(network).boundaries()))
    )
    return (
        f"### {network}: without noise\n\n{noiseless}\n\n"
        f"### {network}: lines and benchmarks\n\n{table('law | expression | where', lines)}\n\n"
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
    if get(network).narrower is not None:
        yield from _widths(noise, feature, scales)


def _widths(noise: NoiseShare, feature: FeatureShare, scales: Scales) -> Iterator[Law]:
    """The best number of hidden units, without weight decay and with the best."""
    few, both = (width_laws.best_width(noise, feature, scales, with_decay=x) for x in (False, True))
    yield from (replace(law, name=f"{law.name}, lam -> 0") for law in (few.width, few.risk))
    yield Law("the same over the error at the optimal lam", few.over_decay, few.risk.holds)
    yield Law("the same over the Bayes-optimal error", few.over_bayes, few.risk.holds)
    yield from (replace(law, name=f"{law.name} and lam") for law in (both.width, both.risk))
    yield replace(both.penalty, name="optimal lam at the best width")
    yield Law(
        "error at the best width and lam over the Bayes-optimal error", both.over_bayes, both.risk.holds
    )
    yield from width_laws.noiseless_width(feature, scales)
