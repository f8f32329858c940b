r"""An examination of `asymptotix.spectrum.diagnose` on networks that it was not tuned on.

Fixed before any answer is looked at:

* Networks are drawn at random: ``gamma`` uniform in (0.6, 2), ``d``, samples, weight decay and noise log-uniform
  over ranges that contain every phase (`Ranges`; those too large to train are left out). The first few of each network
  and phase are kept, so that all phases count alike; interpolation without and with noise (IV0 and IV) by themselves.
* The phase of a point is that of its contrasts at its own size (`asymptotix.spectrum.phase_contrasts`). The point
  is *clear* if every contrast that the name needs exceeds a factor of two by more than finite size blurs
  (`asymptotix.spectrum.phase_contrasts.smear`, from claims that are verified elsewhere), and the nearest
  limiting law has the same name. Points that exceed the factor but not the blur are examined beside them, as *blurred*.
* At clear and blurred points the answer is right, undecided, or wrong. Near a boundary, the phases that clear contrasts
  leave possible and that of the nearest law are right, ``"undecided"`` is, too, and anything else is wrong.
* What is told of a trained network (`KNOWN`): its training run, that is samples, weight decay and training loss, in the
  units of `Problem`, where the teacher's norm is one; or its samples alone. Neither the noise nor ``gamma``.

While the classifier was made it saw seeds below 300; the exam's is 1201.
"""

from __future__ import annotations

import hashlib
import json
import math
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
from numpy.random import Generator, SeedSequence
from numpy.typing import NDArray

from asymptotix.asymptotics.diagram import phase_diagram
from asymptotix.checks.claim import Family, Verdict
from asymptotix.errors import InvalidInput
from asymptotix.files import write_text
from asymptotix.networks import get
from asymptotix.problem import Problem
from asymptotix.simulate import Fit, draw, fit_lasso, fit_sensing, train
from asymptotix.spectrum import diagnose
from asymptotix.spectrum import diagnosis as spectrum_room
from asymptotix.spectrum.phase_contrasts import contrasts, smear
from asymptotix.state_evolution import solve

Array = NDArray[np.float64]

SEED = 1201
NETWORKS = ("diagonal", "quadratic", "symmetric")
ANSWERS = ("right", "undecided", "wrong")
CLEAR, BLURRED, NEAR = "clear", "blurred", "near"
#: What `diagnose` is told beside the weights.
KNOWN = ("run", "samples")


@dataclass(frozen=True)
class Ranges:
    """Ends of the log-uniform ranges; ``d`` per network, effective samples from ``few`` to ``many`` times ``d``.

    Every other network has at most ``d`` effective samples: most phases lie there.
    """

    sizes: dict[str, tuple[float, float]]
    few: float = 0.2
    many: float = 200.0
    fewest_samples: int = 5
    largest_features: float = 3e8
    largest_inputs: float = 3e7
    lam: tuple[float, float] = (1e-2, 1e2)
    noise: tuple[float, float] = (1e-3, 1e3)

    def trainable(self, p: Problem) -> bool:
        """Whether the data set is not too large for an exam of minutes."""
        if p.network == "diagonal":
            return bool(p.n * p.d <= self.largest_inputs)
        return bool(p.n * p.d**2 <= self.largest_features)


RANGES = Ranges({"diagonal": (60, 1000), "quadratic": (40, 200), "symmetric": (40, 160)})
# Every third network is trained by gradients where its samples are not too many for that.
_GRADIENT_EVERY, _GRADIENT_SAMPLES = 3, 6_000


@dataclass(frozen=True)
class Question:
    """One network of the exam: its problem, the phases that count as right, and where it lies.

    ``law`` is the nearest limiting law; ``kind`` is ``"clear"``, ``"blurred"`` or ``"near"`` (a boundary).
    """

    problem: Problem
    phase: str
    law: str
    accepted: tuple[str, ...]
    kind: str

    @property
    def clear(self) -> bool:
        """Whether the point is clear of boundaries."""
        return self.kind == CLEAR


@dataclass(frozen=True)
class Result:
    """One answer; ``method`` is how the weights were made, ``known`` what was told beside them."""

    question: Question
    method: str
    known: str
    answer: str

    @property
    def mark(self) -> str:
        """``"right"``, ``"undecided"`` or ``"wrong"``."""
        if self.answer == "undecided":
            return "undecided"
        return "right" if self.answer in self.question.accepted else "wrong"


# Questions ------------------------------------------------------------------------------------------------


def questions(per_phase: int, tries: int, seed: int = SEED, ranges: Ranges = RANGES) -> Iterator[Question]:
    """Up to ``per_phase`` clear points, and a quarter as many others, of every network and phase."""
    rng = np.random.default_rng(seed)
    kept: Counter[tuple[str, str, str]] = Counter()
    few = (per_phase + 3) // 4
    for k in range(tries):
        problem = _problem(rng, ranges, NETWORKS[k % len(NETWORKS)])
        found = _question(problem, kept, per_phase, few) if ranges.trainable(problem) else None
        if found is not None:
            cell = (problem.network, found.law if found.clear else found.phase, found.kind)
            if kept[cell] < (per_phase if found.clear else few):
                kept[cell] += 1
                yield found


def _question(problem: Problem, kept: Counter[tuple[str, str, str]], many: int, few: int) -> Question | None:
    """The question that a problem makes, unless there are enough of its kind already."""
    try:
        here = contrasts(problem)
    except InvalidInput:
        return None  # no finite error, or none at all
    blur = smear(problem)
    kind = CLEAR if here.exceeds(blur) else BLURRED if here.clear else NEAR
    laws = (here.phase, here.phase + "0") if kind == CLEAR else (here.phase,)
    if all(kept[problem.network, name, kind] >= (many if kind == CLEAR else few) for name in laws):
        return None  # finding the nearest law takes longest
    sizes = {"n_eff": problem.n_eff, "lam": problem.lam, "d": problem.d, "noise": problem.noise}
    law = phase_diagram(problem.network).locate(gamma=problem.gamma, **sizes).phase
    if law.rstrip("0") != here.phase:
        kind = NEAR
    if kind != NEAR:
        return Question(problem, here.phase, law, (here.phase,), kind)
    accepted = dict.fromkeys((*here.possible(blur), here.phase, law.rstrip("0")))
    return Question(problem, here.phase, law, tuple(accepted), kind)


def _problem(rng: Generator, ranges: Ranges, network: str) -> Problem:
    gamma = float(rng.uniform(0.6, 2.0))
    d = int(_log_uniform(rng, ranges.sizes[network]))
    most = rng.choice([1.0, ranges.many])
    n_eff = _log_uniform(rng, (ranges.few, most * d))
    n = max(round(get(network).samples(n_eff, d)), ranges.fewest_samples)
    lam, noise = _log_uniform(rng, ranges.lam), _log_uniform(rng, ranges.noise)
    return Problem(network, gamma=gamma, d=d, n=n, lam=lam, noise=noise)


def _log_uniform(rng: Generator, ends: tuple[float, float]) -> float:
    return math.exp(float(rng.uniform(*np.log(ends))))


# Answers --------------------------------------------------------------------------------------------------


def drawn(asked: Iterable[Question], seed: int = SEED) -> Iterator[Result]:
    """Answers to weights drawn from the state evolution's law, without training."""
    for k, question in enumerate(asked):
        yield answer_drawn(question, k, seed)


def answer_drawn(question: Question, k: int, seed: int) -> Result:
    """The answer to one network's weights as the law draws them, its training run being known."""
    p = question.problem
    weights = draw_weights(p, np.random.default_rng(SeedSequence(seed, spawn_key=(1, k))))
    return Result(question, "drawn", "run", told(p, weights, solve(p).train_loss, "run"))


def draw_weights(problem: Problem, rng: Generator) -> Array:
    """Coefficients or eigenvalues of a network that obeys the state evolution exactly."""
    solved, d = solve(problem), problem.d
    teacher = math.sqrt(d) * problem.spectrum.values()
    if problem.network == "diagonal":
        noisy = np.asarray(teacher + solved.delta * rng.normal(size=d), dtype=float)
    else:
        g = rng.normal(size=(d, d))
        noisy = np.linalg.eigvalsh(np.diag(teacher) + solved.delta * (g + g.T) / math.sqrt(2.0 * d))
    learned: Array = np.sign(noisy) * np.maximum(np.abs(noisy) - solved.eps, 0.0)
    return np.maximum(learned, 0.0) if problem.network == "quadratic" else learned


def trained(asked: Iterable[Question], seed: int = SEED) -> Iterator[Result]:
    """Answers to trained networks with Gaussian inputs: convex minima, and gradient descent on the factors."""
    for k, question in enumerate(asked):
        yield from answer_trained(question, k, seed)


def answer_trained(question: Question, k: int, seed: int) -> list[Result]:
    """The answers to one trained network, one for each of `KNOWN`."""
    p = question.problem
    fit, method = train_one(p, k, seed)
    return [Result(question, method, known, told(p, fit.spectrum, fit.train_loss, known)) for known in KNOWN]


def train_one(p: Problem, k: int, seed: int) -> tuple[Fit, str]:
    """One trained network, and how: ``"convex"`` or ``"gradient"``."""
    data = draw(p, SeedSequence(seed, spawn_key=(2, k)))
    if k % _GRADIENT_EVERY == 0 and p.n <= _GRADIENT_SAMPLES:
        return train(data, float(p.lam), spectra=False, tolerance=1e-5, iterations=3000), "gradient"
    if p.network == "diagonal":
        return fit_lasso(data, float(p.lam)), "convex"
    return fit_sensing(data, float(p.lam), tolerance=1e-5), "convex"


def told(p: Problem, weights: Array, train_loss: float, known: str) -> str:
    """The phase that `diagnose` names, told one of `KNOWN`."""
    run = {"lam": float(p.lam), "train_loss": train_loss, "norm": 1.0} if known == "run" else {}
    return diagnose(weights, p.network, samples=float(p.n), **run).phase


def marks(results: Sequence[Result]) -> dict[str, float]:
    """Shares of right, undecided and wrong answers."""
    counts = Counter(r.mark for r in results)
    return {mark: counts[mark] / max(len(results), 1) for mark in ANSWERS}


# The record -----------------------------------------------------------------------------------------------


def recorded(path: Path, workers: int = 2) -> tuple[list[Result], str]:
    """Both exams in full, and how they were taken: from a file, or taken now (some minutes) and written there."""
    if path.exists():
        head, *lines = [json.loads(line) for line in path.read_text().splitlines()]
        results = [_revived(line) for line in lines]
    else:
        results = _side_by_side(list(questions(*FULL)), workers)
        head = {"classifier": _digest(), "seed": SEED, "taken": str(date.today())}
        write_text(path, "".join(json.dumps(record) + "\n" for record in (head, *map(_plain, results))))
    changed = "" if head["classifier"] == _digest() else ", by an earlier version of the classifier"
    return results, f"{head['taken']} with seed {head['seed']}{changed}"


def _side_by_side(asked: Sequence[Question], workers: int) -> list[Result]:
    """Every answer, in the order of the questions, from several processes."""
    from joblib import Parallel, delayed

    answers = Parallel(n_jobs=workers)(delayed(_answers)(question, k) for k, question in enumerate(asked))
    return [result for found in answers for result in found]


def _answers(question: Question, k: int) -> list[Result]:
    from threadpoolctl import threadpool_limits

    with threadpool_limits(1):
        return [answer_drawn(question, k, SEED), *answer_trained(question, k, SEED)]


def _digest() -> str:
    """Of the sources of the classifier."""
    room = sorted(Path(spectrum_room.__file__ or "").parent.glob("*.py"))
    return hashlib.sha256(b"".join(p.read_bytes() for p in room)).hexdigest()[:16]


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


#: Clear points per network and phase, and points tried, of the full exam.
FULL = (4, 6000)


# Claims ---------------------------------------------------------------------------------------------------


def verdicts(full: bool) -> Iterator[Verdict]:
    """Most phases named right and almost none wrong; on trained networks at full length."""
    asked = list(questions(*FULL) if full else questions(1, 9))
    kinds = {"drawn": list(drawn(asked))}
    if full:
        kinds["trained"] = [r for r in trained(asked) if r.known == "run"]
    for kind, results in kinds.items():
        clear = [r for r in results if r.question.clear]
        near = [r for r in results if r.question.kind == NEAR]
        named = [r for r in clear if r.mark != "undecided"]
        rows = (
            ("right", "right by the weights and the training run", 1.0, marks(clear)["right"], clear),
            ("named", "right, of those that were named at all", 1.0, marks(named)["right"], named),
            ("wrong", "wrong", 0.0, marks(clear)["wrong"], clear),
            (
                "near",
                "neither as a neighbouring phase nor undecided, near a boundary",
                0.0,
                marks(near)["wrong"],
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
