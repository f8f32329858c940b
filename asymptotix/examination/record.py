"""An exam taken once, kept in a file: taking it lasts minutes."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path
from typing import Any

from asymptotix.examination.answers import Result, answer_drawn, answer_trained
from asymptotix.examination.questions import FULL, SEED, Question, questions
from asymptotix.files import write_text
from asymptotix.parallel import side_by_side
from asymptotix.problem import Problem
from asymptotix.spectrum import diagnosis as spectrum_room
from asymptotix.store import digest_of


def recorded(path: Path, workers: int = 2) -> tuple[list[Result], str]:
    """Both exams in full, and how they were taken: from a file, or taken now (some minutes) and written there."""
    if path.exists():
        head, *lines = [json.loads(line) for line in path.read_text().splitlines()]
        results = [_revived(line) for line in lines]
    else:
        asked = ((question, k) for k, question in enumerate(questions(*FULL)))
        answered = dict(side_by_side(_answers, asked, workers))
        results = [result for k in sorted(answered) for result in answered[k]]
        head = {"classifier": _digest(), "seed": SEED, "taken": str(date.today())}
        write_text(path, "".join(json.dumps(record) + "\n" for record in (head, *map(_plain, results))))
    changed = "" if head["classifier"] == _digest() else ", by an earlier version of the classifier"
    return results, f"{head['taken']} with seed {head['seed']}{changed}"


def _answers(question: Question, k: int) -> tuple[int, list[Result]]:
    from threadpoolctl import threadpool_limits

    with threadpool_limits(1):
        return k, [answer_drawn(question, k, SEED), *answer_trained(question, k, SEED)]


def _digest() -> str:
    """Of the sources of the classifier."""
    room = sorted(Path(spectrum_room.__file__ or "").parent.glob("*.py"))
    return digest_of(room)


def _plain(result: Result) -> dict[str, Any]:
    q, p = result.question, result.question.problem
    sizes = {"network": p.network, "gamma": p.gamma, "d": p.d, "n": p.n, "lam": p.lam, "noise": p.noise}
    verdict = {"phase": q.phase, "law": q.law, "accepted": list(q.accepted), "kind": q.kind}
    return {**sizes, **verdict, "method": result.method, "known": result.known, "answer": result.answer}


def _revived(record: dict[str, Any]) -> Result:
    sizes = {key: record[key] for key in ("network", "gamma", "d", "n", "lam", "noise")}
    accepted = tuple(record["accepted"])
    question = Question(Problem(**sizes), record["phase"], record["law"], accepted, record["kind"])
    return Result(question, record["method"], record["known"], record["answer"])
