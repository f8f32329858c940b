"""The names of phases, from the structure of a solution and from nothing else.

Which terms lead, how much of the features and of the noise is learned, and what sets the threshold decide:

- I: no feature is learned and the error is theirs; Ia if the effective noise exceeds the largest feature
  (too few samples), Ib if only the threshold does (too large a penalty);
- II, III: the penalty sets the threshold and the features' error leads; III if all features are learned;
- IV, V: the threshold sits at the noise edge because the network interpolates; IV if the features' error
  leads, V if leaked noise does;
- VI: all noise is learned and leads; VIb if all features are learned too (the Bayes-optimal rate), VIa
  otherwise.
- R: the ridge's bias leads; Ic: it shrinks all features away.
- W: what is beyond the width leads; WV: noise learned by width to spare.

A trailing 0 marks a law of interpolation in which noise plays no part at all.
"""

from __future__ import annotations

from asymptotix.asymptotics.cells import Solution
from asymptotix.asymptotics.sector import BEYOND, BY_RIDGE, SHRUNK, SPARE

#: What the labels stand for, in the words of the papers; a label itself comes from the structure of a solution.
WORDS = {
    "Ia": "plateau: too few samples",
    "Ib": "plateau: too large a penalty",
    "Ic": "plateau: the ridge shrinks all features away",
    "II": "slow decay: features above the threshold, biased",
    "III": "fast decay: all features learned, biased",
    "R": "fast decay: all features shrunk alike by the ridge",
    "IV": "fast decay: features learned at the noise's edge",
    "IV0": "fast decay without noise, interpolating",
    "V": "harmful overfitting: learned noise leads",
    "V0": "overfitting of the features' own noise",
    "VIa": "decay of an interpolator's noise, more samples than directions",
    "VIb": "Bayes-optimal decay: all features learned",
    "W": "plateau: what is beyond the width",
    "WV": "overfitting by spare width",
}
ALL = tuple(WORDS)


def words(label: str) -> str:
    """A phase in words, also of phases that meet.

    >>> words("V")
    'harmful overfitting: learned noise leads'
    >>> words("IV/V")
    "fast decay: features learned at the noise's edge / harmful overfitting: learned noise leads"
    """
    return " / ".join(WORDS[part] for part in label.split("/"))


def label(solution: Solution, tau_above_one: bool) -> str:
    """The phase a solution belongs to; ``tau_above_one`` only matters where no feature is learned."""
    sector, leading = solution.system.sector, [solution.system.risk[i].label for i in solution.risk_terms]
    if BEYOND in leading:
        return "W"
    if SHRUNK in leading or BY_RIDGE in leading:
        return "Ic" if SHRUNK in leading else "R"
    noiseless = not solution.leads(0, "noise")
    if SPARE in leading:
        return "WV"
    if any(what.startswith("noise") for what in leading):
        if sector.noise == "all":
            return "VIb" if sector.features == "all" else "VIa"
        return "V0" if noiseless else "V"
    if sector.features == "none":
        return "Ia" if tau_above_one else "Ib"
    if solution.leads(1, "penalty"):
        return "III" if sector.features == "all" else "II"
    return "IV0" if noiseless else "IV"
