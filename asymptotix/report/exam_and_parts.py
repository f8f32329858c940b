"""Two sections of the page on spectra: how the exam of `diagnose` went, and the laws of the error's parts."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Sequence
from fractions import Fraction
from pathlib import Path

import sympy
from scipy import stats

from asymptotix.asymptotics.error_parts import NAMES, parts
from asymptotix.asymptotics.growth import LOG_D, Growth
from asymptotix.asymptotics.points import Point
from asymptotix.asymptotics.symbols import GAMMA
from asymptotix.asymptotics.table import product_of
from asymptotix.checks.deepest_points import rays
from asymptotix.checks.ray import Ray
from asymptotix.examination.answers import Mark, Result
from asymptotix.examination.questions import BLURRED, FULL, NEAR, RANGES
from asymptotix.examination.record import recorded
from asymptotix.networks import PAPER
from asymptotix.report.layout import prose, table
from asymptotix.risk import decompose
from asymptotix.spectrum.phase_contrasts import FACTOR, PHASES
from asymptotix.status import Status

_CONFIDENCE = 0.95  # of the interval that is stated


def exam(out: Path, *, quick: bool = False) -> str:
    """Right, undecided and wrong by phase and by how the weights were made; the answers are kept beside the page."""
    if quick:
        return ""
    results, taken = recorded(out / "diagnosis.jsonl")
    seen = [r for r in results if r.question.clear and r.method != "drawn" and r.known == "run"]
    named = [r for r in seen if r.mark is not Mark.UNDECIDED]
    right = sum(r.mark is Mark.RIGHT for r in seen)
    low, high = wilson(right, len(seen))
    dimensions = [d for ends in RANGES.sizes.values() for d in ends]
    sizes = {"each": FULL[0], "smallest": min(dimensions), "largest": max(dimensions), "ranges": RANGES}
    columns = [
        ("drawn", "run", ("drawn",)),
        ("convex minimum", "run", ("convex",)),
        ("gradient-trained", "run", ("gradient",)),
        ("all trained", "run", _TRAINED),
        ("all trained, n alone known", "samples", _TRAINED),
    ]
    text = [
        prose("spectra", "exam", factor=FACTOR, taken=taken, networks=", ".join(RANGES.sizes), **sizes),
        f"**Of {len(seen)} trained networks clear of boundaries {right} are named right "
        f"({right / len(seen):.0%}; {_CONFIDENCE:.0%} confidence: {low:.0%} to {high:.0%}), "
        f"{len(seen) - len(named)} are left undecided and {len(named) - right} named wrong; "
        f"of those named {right / max(len(named), 1):.0%} are right.**",
        "",
    ]
    clear = [r for r in results if r.question.clear]
    groups = {phase: [r for r in clear if phase in (r.question.phase, "all")] for phase in (*PHASES, "all")}
    for kind, title in ((BLURRED, "within the blur of finite size"), (NEAR, "near a boundary")):
        groups[title] = [r for r in results if r.question.kind == kind]
    counts = [(name, *(_counts(rows, k, m) for _, k, m in columns)) for name, rows in groups.items()]
    text.append(table(["phase", *(title for title, _, _ in columns)], counts))
    alone = [r for r in results if r.question.clear and r.method != "drawn" and r.known == "samples"]
    share = f"{sum(r.mark is Mark.RIGHT for r in alone)} of {len(alone)}"
    return "\n".join(
        [*text, "", _CONFUSED, "", _confusion(seen), "", prose("spectra", "limits", share=share)]
    )


_TRAINED = ("convex", "gradient")


def _counts(results: Sequence[Result], known: str, methods: tuple[str, ...]) -> str:
    chosen = [r for r in results if r.known == known and r.method in methods]
    return " / ".join(str(sum(r.mark is mark for r in chosen)) for mark in Mark)


def _confusion(results: Sequence[Result]) -> str:
    """What was answered, one row a phase."""
    answers = (*PHASES, Status.UNDECIDED)
    found = {phase: Counter(r.answer for r in results if r.question.phase == phase) for phase in PHASES}
    rows = [(phase, *(str(counts[a] or "") for a in answers)) for phase, counts in found.items()]
    return table(["phase", *map(str, answers)], rows)


def wilson(right: int, total: int) -> tuple[float, float]:
    """Wilson's confidence interval of a share.

    >>> low, high = wilson(9, 10)
    >>> round(low, 3), round(high, 3)
    (0.596, 0.982)
    """
    ends = stats.binomtest(right, total).proportion_ci(_CONFIDENCE, method="wilson")
    return float(ends.low), float(ends.high)


def part_laws() -> str:
    """The derived laws of the parts, one row a phase, with their constants at one ``gamma``."""
    gamma, rows = Fraction(5, 4), []
    for network in PAPER:
        first = [ray for ray in rays(network, gamma) if ray.name == ray.phase.phase]
        for ray in sorted(first, key=lambda r: r.name):
            found = parts(ray.phase)
            cells = [_sum(getattr(found, name), ray.point) for name in NAMES]
            rows.append((network, ray.phase.phase, *cells, *printed_factors(ray)))
    names = "network | phase | overfitting | underfitting | approximation | printed/ours: over | printed/ours: under"
    return f"{prose('spectra', 'part_laws', gamma=gamma)}\n{table(names, rows)}\n"


def printed_factors(ray: Ray) -> tuple[str, str]:
    """The printed overfitting and underfitting over ours at d = 1e60, from `decompose` and not from the laws."""
    exact = decompose(ray.problem(10.0 ** min(ray.top, 60.0)))
    pairs = ((exact.bulk_moment, exact.overfitting), (exact.hidden_energy, exact.underfitting))
    return _factor(*pairs[0]), _factor(*pairs[1])


def _factor(printed: float, ours: float) -> str:
    """A ratio; nothing where both parts are absent."""
    if printed == 0 and ours == 0:
        return ""
    ratio = printed / ours if ours > 0 else math.inf
    return f"{ratio:.4g}" if ratio < _ENDLESS else "grows with d"


# A ratio beyond this has no limit: what is divided by is of lower order.
_ENDLESS = 1e3


def _sum(growths: Sequence[Growth], point: Point) -> str:
    return " + ".join(_monomial(growth, point) for growth in growths) or "0"


def _monomial(growth: Growth, point: Point) -> str:
    """Constant at the point's ``gamma``, and powers of the sizes."""
    constant = point.evaluate(growth.constant)
    power = growth.log_power.to_sympy()
    exact = {GAMMA: sympy.Rational(point.gamma.numerator, point.gamma.denominator)}
    law = (product_of(growth.exponent) * LOG_D**power).subs(exact)
    text = f"{float(constant):.4g}"
    return text if law == 1 else f"{text} {str(law).replace('**', '^').replace('|', '')}"


_CONFUSED = "What was answered at the trained networks clear of boundaries, their training run being known:"
