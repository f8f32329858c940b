"""What `asymptotix.spectrum.diagnose` answers to the questions of the exam, and how answers are marked."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from enum import Enum

import numpy as np
from numpy.random import Generator, SeedSequence

from asymptotix.arrays import Array
from asymptotix.examination.questions import SEED, Question
from asymptotix.problem import Problem
from asymptotix.simulate import Fit, draw, train
from asymptotix.spectrum import diagnose
from asymptotix.state_evolution import solve
from asymptotix.status import Status


class Mark(str, Enum):
    """What an answer is worth; also the string that tables hold."""

    RIGHT = "right"
    UNDECIDED = Status.UNDECIDED.value
    WRONG = "wrong"


#: What `diagnose` is told beside the weights.
KNOWN = ("run", "samples")
# Every third network is trained by gradients where its samples are not too many for that.
_GRADIENT_EVERY, _GRADIENT_SAMPLES = 3, 6_000


@dataclass(frozen=True)
class Result:
    """One answer; ``method`` is how the weights were made, ``known`` what was told beside them."""

    question: Question
    method: str
    known: str
    answer: str

    @property
    def mark(self) -> Mark:
        """Right if the question accepts the answer; wrong is worse than undecided."""
        if self.answer == Status.UNDECIDED:
            return Mark.UNDECIDED
        return Mark.RIGHT if self.answer in self.question.accepted else Mark.WRONG


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
    if problem.net.is_sequence:
        noisy = np.asarray(teacher + solved.delta * rng.normal(size=d), dtype=float)
    else:
        g = rng.normal(size=(d, d))
        noisy = np.linalg.eigvalsh(np.diag(teacher) + solved.delta * (g + g.T) / math.sqrt(2.0 * d))
    learned: Array = np.sign(noisy) * np.maximum(np.abs(noisy) - solved.eps, 0.0)
    return np.maximum(learned, 0.0) if problem.net.sides == 1 else learned


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
    # sensing to full digits would take most of the exam's time
    options = {} if p.net.is_sequence else {"tolerance": 1e-5}
    return p.net.supply("simulation").fit(data, float(p.lam), **options), "convex"


def told(p: Problem, weights: Array, train_loss: float, known: str) -> str:
    """The phase that `diagnose` names, told one of `KNOWN`."""
    run = {"lam": float(p.lam), "train_loss": train_loss, "norm": 1.0} if known == "run" else {}
    return diagnose(weights, p.network, samples=float(p.n), **run).phase


def marks(results: Sequence[Result]) -> dict[Mark, float]:
    """Shares of right, undecided and wrong answers."""
    counts = Counter(r.mark for r in results)
    return {mark: counts[mark] / max(len(results), 1) for mark in Mark}
