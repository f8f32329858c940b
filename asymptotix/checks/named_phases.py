"""Claims about `asymptotix.spectrum.diagnose`: of the networks of its exam, most are named right, almost none wrong."""

from __future__ import annotations

from collections.abc import Iterator

from asymptotix.checks.claim import Family, Verdict
from asymptotix.examination.answers import Mark, drawn, marks, trained
from asymptotix.examination.questions import FULL, NEAR, questions


def verdicts(full: bool) -> Iterator[Verdict]:
    """Most phases named right and almost none wrong; on trained networks at full length."""
    asked = list(questions(*FULL) if full else questions(1, 9))
    kinds = {"drawn": list(drawn(asked))}
    if full:
        kinds["trained"] = [r for r in trained(asked) if r.known == "run"]
    for kind, results in kinds.items():
        clear = [r for r in results if r.question.clear]
        near = [r for r in results if r.question.kind == NEAR]
        named = [r for r in clear if r.mark is not Mark.UNDECIDED]
        rows = (
            ("right", "right by the weights and the training run", 1.0, marks(clear)[Mark.RIGHT], clear),
            ("named", "right, of those that were named at all", 1.0, marks(named)[Mark.RIGHT], named),
            ("wrong", "wrong", 0.0, marks(clear)[Mark.WRONG], clear),
            (
                "near",
                "neither as a neighbouring phase nor undecided, near a boundary",
                0.0,
                marks(near)[Mark.WRONG],
                near,
            ),
        )
        for name, how, predicted, measured, of in rows:
            yield Verdict(
                f"diagnose/{name}/{kind}",
                f"share of phases named {how} ({len(of)} networks)",
                _WITNESS[kind],
                predicted,
                measured,
                *_ALLOWED[name],
            )


_WITNESS = {"drawn": "weights drawn from the state evolution's law", "trained": "trained networks"}
_ALLOWED = {
    "right": (0.1, "nine of ten are promised"),
    "named": (0.05, "nineteen of twenty are promised"),
    "wrong": (0.05, "undecided rather than wrong: one of twenty"),
    "near": (0.1, "undecided rather than wrong: one of ten"),
}
FAMILIES = (Family("diagnose", verdicts, seconds=350.0),)
