"""The page's opening: one question answered in three steps, each a button that takes the reader there."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

from asymptotix.asymptotics.diagram import PhaseDiagram, phase_diagram
from asymptotix.asymptotics.labels import words

# What the example is about; everything said of it is derived.
NETWORK = "quadratic"
GAMMA = Fraction(5, 4)
FEW, MANY = Fraction(3, 5), Fraction(3)  # samples: below and far above the number of directions
WEAK = Fraction(-1)  # a weight decay too weak to matter


def steps() -> str:
    """The three steps as items of a list."""
    diagram = phase_diagram(NETWORK)
    best = diagram.best_penalty(GAMMA, FEW)
    end = best.low if best.low is not None else best.high
    assert end is not None  # between too much and too little there is a best
    tuned = f"at its best, λ = {_power(end)}, the same samples give an error of {_power(best.risk_exponent)}"
    few = _step(FEW, WEAK, "Train on few samples", _says(diagram, FEW, WEAK))
    many = _step(MANY, WEAK, "Bring more samples", _says(diagram, MANY, WEAK))
    return few + _step(FEW, end, "Choose the weight decay", tuned) + many


def _step(a: Fraction, l: Fraction, deed: str, says: str) -> str:  # noqa: E741
    """Where, what is done there, and what follows."""
    state = f"network={NETWORK}&amp;view=phases&amp;gamma={float(GAMMA)}&amp;zeta=0&amp;noiseless=false"
    state += f"&amp;a={float(a)}&amp;l={float(l)}&amp;pinned=true"
    return f'<li><button type="button" data-state="{state}">{deed}</button> {says}</li>'


def _says(diagram: PhaseDiagram, a: Fraction, l: Fraction) -> str:  # noqa: E741
    phase = diagram.at(GAMMA, a, l)
    where = f"<i>n</i><sub>eff</sub> = {_power(a)}, phase {phase.phase}, {words(phase.phase)}"
    return f"{where}: error {_power(phase.risk_exponent)}"


def _power(exponent: Any) -> str:
    return f"<i>d</i><sup>{exponent}</sup>".replace("-", "−")
