"""Claims about width: the best number of hidden units against its laws, and the error through the peak in width."""

from __future__ import annotations

from collections.abc import Iterator

import sympy

from asymptotix.asymptotics.definition import definition
from asymptotix.asymptotics.symbols import GAMMA
from asymptotix.asymptotics.width_laws import best_width
from asymptotix.checks.claim import Family, Verdict, relative, trained_point
from asymptotix.experiments.measurements import measure
from asymptotix.experiments.narrow import sample_line, several_solutions, width_line
from asymptotix.problem import Problem
from asymptotix.risk import optimum

#: Where the best width is held against its law: network, gamma, exponents of ``d`` and ``n_eff``, noise.
BEST_WIDTHS = (
    ("quadratic", 1.25, 60, 40, 0.1),
    ("quadratic", 0.75, 120, 20, 1.0),
    ("quadratic", 4.0, 120, 90, 1.0),
    ("symmetric", 2.0, 60, 30, 1.0),
)


def best_widths(full: bool) -> Iterator[Verdict]:
    """The best number of hidden units, alone and with the weight decay, against the derived laws and ratios."""
    for network, gamma, exponent, a, noise in BEST_WIDTHS if full else BEST_WIDTHS[:1]:
        module = definition(network)
        problem = Problem(network, gamma=gamma, d=10**exponent, n=10.0 ** (a + exponent), lam=0, noise=noise)
        sizes = {"gamma": gamma, "n_eff": 10.0**a, "d": 10.0**exponent, "noise": noise}
        for over in ("width", "both") if full else ("width",):
            law = best_width(*module.shares(), module.scales(), with_decay=over == "both")
            found = optimum(problem, over=over)
            decay, bayes = (
                float(r.subs(GAMMA, sympy.Float(gamma))) for r in (law.over_decay, law.over_bayes)
            )
            error, width = law.risk.corrected(**sizes), law.width.corrected(**sizes)
            for name, predicted, measured, share, source in (
                ("error", error, found.error_star, 1e-6, "orders after the next"),
                ("width", width, found.width_star, 1e-3, "a flat minimum"),
                ("error over that of the best weight decay", decay, found.over_decay, 1e-4, "next orders"),
                ("error over Bayes", bayes, found.over_bayes, 1e-4, "next orders, Bayes error to 1e-4"),
            ):
                identity = f"best-width/{over}/{name.split()[-1]}/{network}/{gamma:g}/1e{exponent}"
                claim = f"{name} at the best width{' and weight decay' if over == 'both' else ', no weight decay'}"
                yield relative(identity, claim, predicted, float(measured), share, source)


def through_the_peak(full: bool) -> Iterator[Verdict]:
    """Trained networks through the peak in width, along widths and samples, and where the theory has two answers."""
    for plan in (*width_line(), *sample_line(), *several_solutions()) if full else width_line(4, widths=(4,)):
        point, p = measure(plan), plan.problem
        claim = f"error of a network of {p.width} units, d = {p.d}, n = {p.n:.0f}; z = {point.z:.1f}"
        yield trained_point(f"width-trained/p={p.width}/n_eff={p.n_eff:.4g}", claim, point)


FAMILIES = (
    Family("best-width", best_widths, seconds=20.0),
    Family("width-trained", through_the_peak, seconds=90.0),
)
