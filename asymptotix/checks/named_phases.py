"""Claims about `asymptotix.spectrum.diagnose`: of the networks of its exam, most are named right, almost none wrong."""

from __future__ import annotations

from collections.abc import Iterator

from asymptotix.checks.claim import TRAINED, Family, Verdict
from asymptotix.examination.answers import Mark, drawn, marks, trained
from asymptotix.examination.questions import CLEAR, FULL, NEAR, questions


def verdicts(full: bool) -> Iterator[Verdict]:
    """Most phases named right and almost none wrong; on trained networks at full length."""
    asked = list(questions(*FULL) if full else questions(1, 9))
    kinds = {"drawn": list(drawn(asked))}
    if full:
        kinds["trained"] = [r for r in trained(asked) if r.known == "run"]
    for kind, results in kinds.items():
        groups = {where: [r for r in results if r.question.kind == where] for where in (CLEAR, NEAR)}
        groups["named"] = [r for r in groups[CLEAR] if r.mark is not Mark.UNDECIDED]
        for name, where, mark, allowed, how, why in _CLAIMS:
            of, predicted = groups[where], float(mark is Mark.RIGHT)
            claim = f"share of phases named {how} ({len(of)} networks)"
            measured = marks(of)[mark]
            yield Verdict(f"diagnose/{name}/{kind}", claim, _WITNESS[kind], predicted, measured, allowed, why)


_WITNESS = {"drawn": "weights drawn from the state evolution's law", "trained": TRAINED}
_NEITHER = "neither as a neighbouring phase nor undecided, near a boundary"
#: Of which answers what share is claimed (all are right, none is wrong), how far off it may be, and why so far.
_CLAIMS = (
    ("right", CLEAR, Mark.RIGHT, 0.1, "right by the weights and the training run", "nine of ten are promised"),
    ("named", "named", Mark.RIGHT, 0.05, "right, of those that were named at all", "nineteen of twenty are promised"),
    ("wrong", CLEAR, Mark.WRONG, 0.05, "wrong", "undecided rather than wrong: one of twenty"),
    ("near", NEAR, Mark.WRONG, 0.1, _NEITHER, "undecided rather than wrong: one of ten"),
)  # fmt: skip
FAMILIES = (Family("diagnose", verdicts, seconds=350.0),)
