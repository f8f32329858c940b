"""A claim held against a witness: predicted, measured, how far apart they may be, and why so far."""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import asdict, dataclass, field, replace
from typing import TYPE_CHECKING, Any

from asymptotix.finite_size.allowance import allowance, reasons
from asymptotix.tables import Tabular

if TYPE_CHECKING:
    from asymptotix.experiments.measurements import Measured
    from asymptotix.problem import Problem
    from asymptotix.store import Store


#: The usual witnesses.
NUMBERS, TRAINED = "state evolution", "trained networks"
#: Standard errors that a mean may be off before a claim fails: once in 16,000 rows, were errors normal.
SIGMAS = 4.0


@dataclass(frozen=True)
class Verdict(Tabular):
    """One row of the table of claims.

    Attributes:
        id: the claim family, then what tells this row from its siblings, as in ``"slope/quadratic/II/5-4"``.
        claim: one sentence.
        witness: who measured (``"state evolution"``, ``"simulation"``, ``"exact sum"``...).
        tolerance: largest ``|measured - predicted|`` accepted.
        tolerance_from: where that number comes from (a next-order term, a standard error, rounding).
        seconds: what the row cost, of processor time.
        family: id of the claim family.
        exact: what a double cannot hold, as text: names of a table's columns and what to print there.
    """

    id: str
    claim: str
    witness: str
    predicted: float
    measured: float
    tolerance: float
    tolerance_from: str
    seconds: float = 0.0
    family: str = ""
    exact: dict[str, str] = field(default_factory=dict, hash=False)

    @property
    def passed(self) -> bool:
        """Whether the two agree; a measurement that is not a number does not."""
        return self.predicted == self.measured or abs(self.measured - self.predicted) <= self.tolerance

    def to_dict(self) -> dict[str, Any]:
        """Plain values under the names of the command line's JSON; ``exact`` only where there is something in it."""
        plain = {name: x for name, x in asdict(self).items() if name != "exact" or x}
        return {**plain, "passed": self.passed}


def relative(
    id: str, claim: str, predicted: float, measured: float, share: float, source: str, witness: str = NUMBERS
) -> Verdict:
    """A number that may be off by a share of what is predicted."""
    return Verdict(id, claim, witness, predicted, measured, share * predicted, source)


def trained_error(
    id: str, claim: str, problem: Problem, theory: float, error: float, stderr: float, *,
    inputs: str = "gaussian", witness: str = TRAINED,
) -> Verdict:  # fmt: skip
    """A mean error of trained networks: some standard errors off, and as far as a finite size is known to move it."""
    allowed = SIGMAS * stderr + allowance(problem, inputs) * theory
    source = f"{SIGMAS:.0f} standard errors{reasons(problem.net, inputs)}"
    return Verdict(id, claim, witness, theory, error, allowed, source)


def trained_point(id: str, claim: str, point: Measured, witness: str = TRAINED) -> Verdict:
    """The `trained_error` of a point of an experiment."""
    numbers, plan = (point.theory, point.error, point.stderr), point.plan
    return trained_error(id, claim, plan.problem, *numbers, inputs=plan.inputs, witness=witness)


@dataclass(frozen=True)
class Family:
    """A claim family: a function from ``full`` (or a quick sample) to verdicts.

    Attributes:
        check: the function; it also takes a `Store` of trained points, or None, if the family ``recalls`` them.
        seconds: of one processor, in full and roughly. The longest families are started first.
        recalls: whether trained points may be recalled instead of trained again.
    """

    id: str
    check: Callable[..., Iterable[Verdict]]
    seconds: float = 1.0
    recalls: bool = False

    def run(self, full: bool, store: Store | None = None) -> Iterator[Verdict]:
        """Yield the family's verdicts, each with the processor time it took.

        One that cannot go on, for whatever reason, ends in a row that does not pass: the other families go on.
        """
        start = time.process_time()
        try:
            for verdict in self.check(full, store) if self.recalls else self.check(full):
                now = time.process_time()
                yield replace(verdict, family=self.id, seconds=round(now - start, 3))
                start = now
        except Exception as error:  # noqa: BLE001 -- a fault of one must not hide the verdicts of all others
            source = "a claim that cannot be checked does not hold"
            why = f"could not go on: {type(error).__name__}: {error}"
            yield Verdict(f"{self.id}/stopped", why, "none", 0.0, math.nan, 0.0, source, family=self.id)
