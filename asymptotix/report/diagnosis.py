"""Two sections of the page on spectra: how the exam of `diagnose` went, and the laws of the error's parts."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from pathlib import Path

import sympy

from asymptotix.asymptotics.growth import LOG_D, Growth
from asymptotix.asymptotics.parts import parts
from asymptotix.asymptotics.points import Point
from asymptotix.asymptotics.symbols import GAMMA
from asymptotix.asymptotics.table import product_of
from asymptotix.checks.exam import ANSWERS, Result, recorded
from asymptotix.checks.laws import rays
from asymptotix.spectrum.contrasts import FACTOR, PHASES

_FEW = 10.0


def exam(out: Path, *, quick: bool = False) -> str:
    """Right, undecided and wrong by phase and by how the weights were made; the answers are kept beside the page."""
    if quick:
        return ""
    results, taken = recorded(out / "diagnosis.jsonl")
    clear = [r for r in results if r.question.clear]
    near = [r for r in results if not r.question.clear]
    seen = [r for r in clear if r.method != "drawn"]
    named = [r for r in seen if r.mark != "undecided"]
    right = sum(r.mark == "right" for r in seen)
    text = [
        _EXAM.format(factor=FACTOR, taken=taken),
        f"**Of {len(seen)} trained networks clear of boundaries {right} are named right "
        f"({right / len(seen):.0%}), {len(seen) - len(named)} are left undecided and {len(named) - right} named wrong; "
        f"of those named {right / len(named):.0%} are right.** "
        f"With at least {_FEW:g} effective samples (a split made afterwards) it is {_share(seen, many=True)}, "
        f"with fewer {_share(seen, many=False)}.",
        "",
        "| phase | drawn from the law | convex minimum | gradient-trained |",
        "|---|---|---|---|",
    ]
    for phase in (*PHASES, "all"):
        rows = [r for r in clear if phase in (r.question.phase, "all")]
        text.append(f"| {phase} | " + " | ".join(_counts(rows, m) for m in _METHODS) + " |")
    text.append("| near a boundary | " + " | ".join(_counts(near, m) for m in _METHODS) + " |")
    return "\n".join(text) + "\n"


_METHODS = ("drawn", "convex", "gradient")


def _counts(results: Sequence[Result], method: str) -> str:
    return " / ".join(str(sum(r.method == method and r.mark == mark for r in results)) for mark in ANSWERS)


def _share(results: Sequence[Result], many: bool) -> str:
    chosen = [r for r in results if (r.question.problem.n_eff >= _FEW) == many]
    right = sum(r.mark == "right" for r in chosen)
    return f"{right} of {len(chosen)}"


def part_laws(gamma: Fraction = Fraction(5, 4)) -> str:
    """The derived laws of the parts, one row a phase, with their constants at one ``gamma``."""
    rows = [
        _PART_LAWS.format(gamma=gamma),
        "| network | phase | overfitting | underfitting | approximation |",
    ]
    rows.append("|---|---|---|---|---|")
    for network in ("quadratic", "diagonal"):
        first = [ray for ray in rays(network, gamma) if ray.name == ray.phase.phase]
        for ray in sorted(first, key=lambda r: r.name):
            found = parts(ray.phase)
            cells = [
                _sum(getattr(found, name), ray.point)
                for name in ("overfitting", "underfitting", "approximation")
            ]
            rows.append(f"| {network} | {ray.phase.phase} | " + " | ".join(cells) + " |")
    return "\n".join(rows) + "\n"


def _sum(growths: Sequence[Growth], point: Point) -> str:
    return " + ".join(_monomial(growth, point) for growth in growths) or "0"


def _monomial(growth: Growth, point: Point) -> str:
    """Constant at the point's ``gamma``, and powers of the sizes."""
    constant = sympy.N(growth.constant.subs(point.substitutions(numeric=True)), 4)
    power = growth.log_power.to_sympy()
    exact = {GAMMA: sympy.Rational(point.gamma.numerator, point.gamma.denominator)}
    law = (product_of(growth.exponent) * LOG_D**power).subs(exact)
    text = f"{float(constant):.4g}"
    return text if law == 1 else f"{text} {str(law).replace('**', '^').replace('|', '')}"


_EXAM = """## The exam of `diagnose`

Weights and number of samples in, a phase out. Networks, ranges, what counts as right and what as near a boundary were
fixed beforehand (`asymptotix.checks.exam`): every phase of all networks, gamma from 0.6 to 2, d from 80 to 400, noise
from 0.01 to 20, weight decay over five decades, from 5 samples on. A point is clear if every contrast that the phase's
name needs exceeds a factor of {factor:g} at its own size and the nearest limiting law has the same name; near a
boundary each phase that clear contrasts leave possible is right. The classifier was made with other
seeds. Taken on {taken}; delete `diagnosis.jsonl` to have it taken again. Each cell: right / undecided / wrong.
"""

_PART_LAWS = """## Laws of the parts

Derived by the same dominant balance as the phases (`asymptotix.asymptotics.parts`), constants at gamma = {gamma}, at
one point of each phase. 0: nothing to this order. Held against `decompose` at d = 1e60 by the claims `parts/...`.
What [P] Result 3 prints as parts are, as far as we know its text (the paper itself was not at hand), the
marginals: the learned bulk's second moment, the hidden features' whole energy, and `f^2 - 2 f a O + a^2` for each
outlier. These agree with ours to leading order wherever the threshold is at the noise's edge or above, with one
exception: without noise (IV0) features half hidden at the onset add to overfitting at the same order (quadratic), or
lead it (diagonal). Where all noise is learned (VIa) the printed underfitting is larger than ours by a factor: 2 for
features far below the noise (half of their direction is learned), more in all (3.3 for the quadratic network at
gamma = 5/4), and infinite for two-sided networks, which learn every direction; the difference is the correlation
between the learned bulk and what is hidden in it (`interaction`).
"""
