"""Claims about further networks: more layers, unequal inputs, few hidden units, two layers that differ."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction
from typing import Any

from asymptotix.asymptotics import laws
from asymptotix.asymptotics.definition import definition
from asymptotix.asymptotics.diagram import phase_diagram, variant
from asymptotix.asymptotics.phases import Phase
from asymptotix.checks.claim import NUMBERS, SIGMAS, Family, Verdict, relative, trained_error
from asymptotix.checks.deepest_points import rays
from asymptotix.checks.derived_laws import beside
from asymptotix.problem import Problem, problem_at
from asymptotix.risk.bayes import bayes_error
from asymptotix.simulate import simulate
from asymptotix.state_evolution import solve

#: Problems whose penalised least squares are solved for the weights themselves.
DIRECT = {
    "depth-3": Problem("diagonal", depth=3, gamma=1.25, d=300, n=300, lam=2, noise=0.3),
    "depth-3-few": Problem("diagonal", depth=3, gamma=1.25, d=300, n=150, lam=0.5, noise=0.1),
    "depth-4": Problem("diagonal", depth=4, gamma=1.25, d=300, n=300, lam=3, noise=0.3),
    "beta-1/2": Problem("diagonal", beta=0.5, gamma=1.25, d=400, n=300, lam=0.5, noise=0.1),
    "beta-3/2": Problem("diagonal", beta=1.5, gamma=1.25, d=400, n=200, lam=0.1, noise=0.1),
    "nonnegative": Problem("nonnegative", gamma=1.25, d=400, n=300, lam=0.5, noise=0.2),
    "nonnegative-ridgeless": Problem("nonnegative", gamma=1.25, d=200, n=400, lam=0, noise=0.5),
    "elastic": Problem("elastic-net", ridge=0.1, gamma=1.25, d=400, n=300, lam=0.5, noise=0.2),
    "elastic-mostly-ridge": Problem("elastic-net", ridge=20, gamma=1, d=300, n=200, lam=0.1, noise=0.2),
    "depth-3-beta-1/2": Problem("diagonal", depth=3, beta=0.5, gamma=1.25, d=300, n=200, lam=0.5, noise=0.1),
    "depth-4-beta-1": Problem("diagonal", depth=4, beta=1, gamma=1.25, d=300, n=250, lam=2, noise=0.3),
    "rows-20": Problem("bilinear", gamma=1.5, d=60, rows=20, n=1200, lam=0.2, noise=0.1),
    "beta-1/2-matrix": Problem("quadratic", beta=0.5, gamma=1.25, d=40, n=1600, lam=0.05, noise=0.1),
}
#: Problems whose layers are trained, by gradients.
LAYERS = {
    "nonnegative-layers": Problem("nonnegative", gamma=1.25, d=300, n=200, lam=0.5, noise=0.2),
    "width-2": Problem("quadratic", width=2, gamma=1.25, d=40, n=1600, lam=0.1, noise=0.1),
    "width-6": Problem("quadratic", width=6, gamma=1.25, d=40, n=1600, lam=0.1, noise=0.1),
    "rows-12-layers": Problem("bilinear", gamma=1.5, d=40, rows=12, n=960, lam=0.2, noise=0.1),
    "rows-20-layers": Problem("bilinear", gamma=1.5, d=40, rows=20, n=1600, lam=0.2, noise=0.1),
    "width-14": Problem("quadratic", width=14, gamma=1.25, d=40, n=1600, lam=0.02, noise=0.3),
}


def trained(full: bool) -> Iterator[Verdict]:
    """The state evolution against trained networks."""
    for name, p in (DIRECT | LAYERS).items() if full else [*DIRECT.items()][:1]:
        how: dict[str, Any] = {"method": "lbfgs", "options": {"spectra": False}} if name in LAYERS else {}
        runs = simulate(p, seeds=24 if full else 8, seed=6100, **how)
        claim = f"error of {p.net.name}, d = {p.d}, n = {p.n:.0f}, {len(runs.runs)} seeds"
        numbers = (solve(p).error, runs.error, runs.stderr)
        yield trained_error(f"members/trained/{name}", claim, p, *numbers, inputs=runs.inputs)


#: Where interpolation without weight decay ends on a plateau: a constant of the derivation times the noise.
PLATEAUS: tuple[dict[str, float], ...] = (
    {"depth": 3},
    {"depth": 4},
    {"beta": 0.5},
    {"beta": 2},
    {"depth": 3, "beta": 0.5},
    {"depth": 4, "beta": 1},
)


def plateaus(full: bool) -> Iterator[Verdict]:
    """Derived plateaus of ridgeless interpolation against the state evolution at d = 1e100."""
    for shape in PLATEAUS if full else PLATEAUS[:1]:
        law = phase_diagram("diagonal", **shape).at(gamma="5/4", a="1/2", l=-4)  # type: ignore[arg-type]
        problem = Problem("diagonal", gamma=1.25, d=10**100, n=1e50, lam=0, noise=1, **shape)  # type: ignore[arg-type]
        given = {name: f"{value:g}" for name, value in shape.items()}
        what = " and ".join(" ".join(pair) for pair in given.items())
        what = f"without weight decay the error of the diagonal network with {what} stays at a constant"
        name = "members/plateau/" + "/".join(map("=".join, given.items()))
        yield _beside_law(name, what, law, problem, rounding=1e-12, lam=1e-300)


#: Networks of more layers on unequal inputs, and decays of teachers: each reaches every phase.
DEEP_ON_INPUTS = (
    ("diagonal of depth 3 of beta 1/2", "5/4"),
    ("diagonal of depth 4 of beta 2", "3/5"),
    ("diagonal of depth 3 of beta 1/2", "3"),
)


def deep_on_inputs(full: bool) -> Iterator[Verdict]:
    """Derived laws of deep networks on unequal inputs against the state evolution, with their rates."""
    for network, gamma in DEEP_ON_INPUTS if full else DEEP_ON_INPUTS[:1]:
        for ray in rays(network, Fraction(gamma)):
            if full or ray.name in ("II", "III", "VIb"):
                yield from beside(ray, f"{network}/{gamma}/{ray.name}")


def _beside_law(
    name: str, claim: str, law: Phase, p: Problem, rounding: float, lam: float | None = None
) -> Verdict:
    """A derived law with its next order (at ``lam``, if that is not the problem's) against the state evolution."""
    sizes: dict[str, Any] = {"n_eff": p.n_eff, "lam": lam or p.lam, "d": p.d, "noise": p.noise}
    sizes |= {"rows": p.rows} if law.has_fourth else {}
    plain, predicted = (law.law(order=order, **sizes) for order in (0, 1))
    allowed = (2.0 * (predicted / plain - 1.0) ** 2 + rounding) * plain
    source = "twice the square of the next order, which is included, and rounding"
    return Verdict(name, claim, NUMBERS, predicted, solve(p).error, allowed, source)


#: Points inside phases of a bilinear network of fewer rows: gamma, a, l, and sizes at which the next order is small.
OBLONG: tuple[tuple[str, str, str, str], ...] = (
    ("II", "3/4", "2", "7/8"),
    ("III", "3/4", "2", "3/5"),
    ("V", "5/4", "3/4", "-1"),
    ("VIa", "3", "3/2", "-1/4"),
    ("VIb", "3/4", "2", "0"),
)
_D_OBLONG = 10**8


def oblong(full: bool) -> Iterator[Verdict]:
    """Derived laws of a matrix of fewer rows than columns, next order included, against the state evolution."""
    for aspect in ("1/4", "1/2", "9/10") if full else ("1/4",):
        for name, gamma, a, decay in OBLONG if full else OBLONG[1:2]:
            law = phase_diagram("bilinear", aspect=aspect).at(gamma=gamma, a=a, l=decay)
            rows = int(Fraction(aspect) * _D_OBLONG)
            p = problem_at("bilinear", gamma=float(Fraction(gamma)), rows=rows, **law.sizes(_D_OBLONG))
            what = f"law of phase {name} at m = {aspect} d, d = 1e8, with its next order"
            yield _beside_law(f"members/oblong/{name}/{aspect}", what, law, p, rounding=1e-6)
        d = 10**24
        law = phase_diagram("bilinear", noisy=False, aspect=aspect).at(gamma="5/4", a="1/2", l=-4)
        p = Problem("bilinear", gamma=1.25, d=d, rows=int(Fraction(aspect) * d), n=1e36, lam=1e-96, noise=0)
        what = f"law of phase {law.phase} at m = {aspect} d, d = 1e24, with its next order"
        yield _beside_law(f"members/oblong/{law.phase}/{aspect}", what, law, p, rounding=1e-9)
        yield _oblong_bayes(aspect)


#: Points inside phases of few rows, ``m = d^b``: gamma, a, l, zeta, b.
FEW_ROWS: tuple[tuple[str, ...], ...] = (
    ("V", "5/4", "2/5", "-2", "0", "1/2"),
    ("IV", "5/4", "1/10", "-2", "0", "1/4"),
    ("II", "3/4", "1", "1/4", "0", "1/2"),
    ("III", "3/4", "3/2", "2/5", "0", "1/2"),
    ("VIa", "5/4", "3/4", "-1", "0", "1/2"),
    ("VIb", "3/4", "1/2", "-2", "0", "1/4"),
)


def few_rows(full: bool) -> Iterator[Verdict]:
    """Derived laws of ``m = d^b`` rows, next order included, against the state evolution."""
    diagram = phase_diagram("bilinear", rows=True)
    for exponent in (40, 80, 120) if full else (120,):
        for name, gamma, a, decay, zeta, b in FEW_ROWS if full else FEW_ROWS[:1]:
            law, d = diagram.at(gamma, a, decay, zeta, b), 10**exponent
            sizes = law.sizes(d)
            sizes["rows"] = round(sizes["rows"])
            p = problem_at("bilinear", gamma=float(Fraction(gamma)), **sizes)
            what = f"law of phase {name} at m = d^({b}), d = 1e{exponent}, with its next order"
            yield _beside_law(f"members/few-rows/{name}/1e{exponent}", what, law, p, rounding=1e-11)


def _oblong_bayes(aspect: str) -> Verdict:
    """The Bayes-optimal error of a matrix of fewer rows against its law."""
    symbols, n_eff, d = definition(variant("bilinear", aspect=aspect).name), 1e30, 10**60
    gamma, rows = 1.25, int(Fraction(aspect) * d)
    law = laws.bayes(*symbols.shares(), symbols.scales())
    predicted = law.corrected(gamma=gamma, n_eff=n_eff, d=float(d), noise=1.0)
    measured = bayes_error(Problem("bilinear", gamma=gamma, d=d, rows=rows, n=n_eff * d, lam=0, noise=1))
    claim = f"Bayes-optimal error at m = {aspect} d, d = 1e60, n_eff = 1e30 against its law with next order"
    share = 2.0 * n_eff ** (-1.0 / gamma) + 1e-8
    source = "twice the square of the largest next order, n_eff^(-1/(2 gamma)), and the bulk's quadrature"
    return relative(f"members/oblong/bayes/{aspect}", claim, predicted, measured, share, source)


# alpha, lam, noise of pairs of inputs: features in excess, few, and hardly any regularisation
_PAIRS = ((2.0, 0.3, 0.2), (0.5, 0.3, 0.2), (1.0, 0.1, 0.1))


def pairs(full: bool) -> Iterator[Verdict]:
    """The bilinear network's error on Gaussian matrices is the state evolution's, up to the next order, 1/d."""
    d, base = 40 if full else 20, Problem("bilinear", gamma=1.5, d=40, n=1600, lam=0.3, noise=0.2)
    few = 8 if full else 4
    cases = [
        (f"trained/{alpha:g}", base.replace(d=d, n=int(alpha * d * d), lam=lam, noise=noise), "erm", few, d,
         "error of the certified minimiser on Gaussian matrices", "1/d")
        for alpha, lam, noise in (_PAIRS if full else _PAIRS[:1])
    ]  # fmt: skip
    cases += [
        (f"messages/{rows}", base.replace(rows=rows, n=40 * rows), "amp", 8, rows,
         f"error of message passing on Gaussian matrices of {rows} x 40", "one over the rows")
        for rows in ((12, 20) if full else (12,))
    ]  # fmt: skip
    for name, p, method, seeds, size, claim, why in cases:
        runs, predicted = simulate(p, method, seeds=seeds, inputs="goe"), solve(p).error
        allowed, source = SIGMAS * runs.stderr + predicted / size, f"four standard errors and {why}"
        yield Verdict(f"pairs-{name}", claim, "simulation", predicted, runs.error, allowed, source)


FAMILIES = (
    Family("members-trained", trained, seconds=20.0),
    Family("members-plateau", plateaus, seconds=5.0),
    Family("members-deep-on-inputs", deep_on_inputs, seconds=90.0),
    Family("members-oblong", oblong, seconds=60.0),
    Family("members-few-rows", few_rows, seconds=15.0),
    Family("pairs-trained", pairs, seconds=60.0),
)
