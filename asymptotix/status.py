"""The named outcomes of a solve, of training, of a search for the best, and of a diagnosis."""

from __future__ import annotations

from enum import Enum


class Status(str, Enum):
    """What became of what was asked; a member is also the string that results and files hold.

    >>> Status.RIDGELESS, Status("infinite risk").meaning
    ('ridgeless', 'as many samples as unknowns, noise, and lam -> 0+: the error diverges')
    """

    meaning: str

    CONVERGED = "converged", "both equations are solved"
    RIDGELESS = "ridgeless", "lam = 0, taken as the limit lam -> 0+; both equations are solved"
    ZERO_ESTIMATOR = "zero estimator", "the threshold exceeds everything: nothing is learned"
    BELOW_ONE_SAMPLE = "below one sample", "n < 1; both equations are solved"
    PERFECT_RECOVERY = "perfect recovery", "no noise, lam -> 0+ and enough samples: the error is exactly 0"
    INFINITE_RISK = "infinite risk", "as many samples as unknowns, noise, and lam -> 0+: the error diverges"
    NOT_CONVERGED = "not converged", "no root could be certified; the numbers are not to be used"
    STALLED = (
        "stalled: the gap stopped falling above the tolerance",
        "training ended away from the certified minimum",
    )
    MAX_ITERATIONS = "maximum number of iterations reached", "training was cut short"
    DIVERGED = "diverged: the weights are the last finite ones", "training left the numbers a double can hold"
    FAILED = "failed", "a point of a sweep that raised; its record says why"
    INTERIOR = "interior", "an optimum inside its range"
    ONE_UNIT = "one unit", "the best width is the least there is"
    WIDE = "wide", "fewer units than the network would use do no better"
    REACHED = "reached", "there is a number of samples for the error that was asked for"
    UNDECIDED = "undecided", "several phases fit the weights; their probabilities say how well"

    def __new__(cls, value: str, meaning: str = "") -> Status:
        member = str.__new__(cls, value)
        member._value_ = value
        member.meaning = meaning
        return member

    def __str__(self) -> str:
        return str(self.value)

    def __repr__(self) -> str:
        return repr(str(self.value))
