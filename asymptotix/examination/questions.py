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
* What is told of a trained network (`asymptotix.examination.answers.KNOWN`): its training run, that is samples, weight
  decay and training loss, in the units of `Problem`, where the teacher's norm is one; or its samples alone. Neither the
  noise nor ``gamma``.

While the classifier was made it saw seeds below 300; the exam's is 1201.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.random import Generator

from asymptotix.asymptotics.diagram import phase_diagram
from asymptotix.errors import InvalidInput
from asymptotix.networks import get
from asymptotix.problem import Problem
from asymptotix.spectrum.phase_contrasts import contrasts, smear

# Any number, in no other use: of the classifier's making least of all.
SEED = 1201
CLEAR, BLURRED, NEAR = "clear", "blurred", "near"
#: Clear points per network and phase, and points tried, of the full exam.
FULL = (4, 6000)


@dataclass(frozen=True)
class Ranges:
    """Ends of the ranges, log-uniform but for ``gamma``; ``d`` per network.

    Effective samples are from ``few`` to ``many`` times ``d``; every other network has at most ``d`` of them: most
    phases lie there.
    """

    sizes: dict[str, tuple[float, float]]
    few: float = 0.2
    many: float = 200.0
    fewest_samples: int = 5
    largest_features: float = 3e8
    largest_inputs: float = 3e7
    gamma: tuple[float, float] = (0.6, 2.0)
    lam: tuple[float, float] = (1e-2, 1e2)
    noise: tuple[float, float] = (1e-3, 1e3)

    def trainable(self, p: Problem) -> bool:
        """Whether the data set is not too large for an exam of minutes."""
        if p.net.is_sequence:
            return bool(p.n * p.d <= self.largest_inputs)
        return bool(p.n * p.d**2 <= self.largest_features)


#: From sizes at which a phase can show to those that train in seconds.
RANGES = Ranges({"diagonal": (60, 1000), "quadratic": (40, 200), "symmetric": (40, 160)})


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


def questions(per_phase: int, tries: int, seed: int = SEED, ranges: Ranges = RANGES) -> Iterator[Question]:
    """Up to ``per_phase`` clear points, and a quarter as many others, of every network and phase."""
    rng = np.random.default_rng(seed)
    kept: Counter[tuple[str, str, str]] = Counter()
    networks = list(ranges.sizes)
    few = (per_phase + 3) // 4
    for k in range(tries):
        problem = _problem(rng, ranges, networks[k % len(networks)])
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
    law = phase_diagram(problem.network).locate(problem).phase
    if law.rstrip("0") != here.phase:
        kind = NEAR
    if kind != NEAR:
        return Question(problem, here.phase, law, (here.phase,), kind)
    accepted = dict.fromkeys((*here.possible(blur), here.phase, law.rstrip("0")))
    return Question(problem, here.phase, law, tuple(accepted), kind)


def _problem(rng: Generator, ranges: Ranges, network: str) -> Problem:
    gamma = float(rng.uniform(*ranges.gamma))
    d = int(_log_uniform(rng, ranges.sizes[network]))
    most = rng.choice([1.0, ranges.many])
    n_eff = _log_uniform(rng, (ranges.few, most * d))
    n = max(round(get(network).samples(n_eff, d)), ranges.fewest_samples)
    lam, noise = _log_uniform(rng, ranges.lam), _log_uniform(rng, ranges.noise)
    return Problem(network, gamma=gamma, d=d, n=n, lam=lam, noise=noise)


def _log_uniform(rng: Generator, ends: tuple[float, float]) -> float:
    return math.exp(float(rng.uniform(*np.log(ends))))
