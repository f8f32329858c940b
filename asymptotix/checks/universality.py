"""Other laws of the inputs against the theory for Gaussian ones: where it holds all the same, and where it fails.

* Diagonal network: the coordinates' law does not show (measured: +-1, uniform, Student with 5 degrees);
  correlations between them do.
* Quadratic network: the features ``x x'`` are not Gaussian however Gaussian ``x`` is, and raise the error by a
  fraction of order ``1/n_eff = d/n`` whatever ``d`` (`feature_verdicts`).
* Its features' diagonals ``x_i^2 - 1`` have variance ``E x^4 - 1``: nothing for +-1, 4/5 for uniform inputs, 2 for
  Gaussian ones. What is not seen of the teacher's diagonal costs an error of order ``1/d``, which is beyond
  every standard error where the theory's error is as small: universality needs the fourth moment too, or
  large ``d`` at fixed ``n_eff`` (`sign_verdicts`).
"""

from __future__ import annotations

import math
from collections.abc import Iterator

from asymptotix.checks.claim import SIGMAS, TRAINED, Family, Verdict, trained_point
from asymptotix.checks.crossovers import chosen_lines
from asymptotix.experiments.measurements import Measured, Plan, Scatter, measure_all, recalled, scaled
from asymptotix.finite_size import auxiliary, excess
from asymptotix.finite_size.band import FINITE_SIZE
from asymptotix.problem import Problem
from asymptotix.store import Store

LAWS = ("gaussian", "rademacher", "uniform", "student", "ar1")
_SEED = 5000  # any number; each problem has ten of its own from there
#: Fewest points that an excess is fitted to.
_FEWEST = 3

# Few samples and many of each kind of network, at dimensions that train in minutes.
PROBLEMS: tuple[Problem, ...] = (
    Problem("diagonal", gamma=1.25, d=400, n=300, lam=0.5, noise=0.1),
    Problem("diagonal", gamma=1.25, d=400, n=1600, lam=0.5, noise=0.1),
    Problem("quadratic", gamma=1.25, d=30, n=750, lam=0.5, noise=0.1),
    Problem("quadratic", gamma=1.25, d=30, n=3600, lam=0.5, noise=0.1),
)
#: What is claimed of each problem: where the Gaussian theory holds, and where it is measurably wrong. The rest is
#: reported without a claim.
HOLDS = (LAWS[:4], LAWS[:4], ("gaussian", "student"), ("gaussian", "student"))
FAILS = (("ar1",), (), ("rademacher", "ar1"), ("rademacher", "uniform", "ar1"))


def plans(problem: Problem) -> list[Plan]:
    """One point a law of the inputs."""
    first = _SEED + 10 * PROBLEMS.index(problem)
    return [Plan(problem, seed=first + k, inputs=law) for k, law in enumerate(LAWS)]


def inputs(full: bool, store: Store | None = None) -> Iterator[Verdict]:
    """Where the Gaussian theory holds and where not; in full also how every deviation shrinks."""
    for problem in PROBLEMS if full else PROBLEMS[:1]:
        for point in measure_all(plans(problem), store):
            yield from verdict(point)
    if full:
        yield from feature_verdicts(measure_all(FEATURE_PLANS, store))
        yield from sign_verdicts(measure_all(SIGN_PLANS, store))
        yield from size_verdicts(measure_all(SIZE_PLANS, store), store)
        yield from excess_claims(store)


def verdict(point: Measured) -> Iterator[Verdict]:
    """What is claimed of a point, if anything is."""
    plan = point.plan
    problem, law = plan.problem, plan.inputs
    place = f"{problem.network}/{problem.n:.0f}/{law}"
    sizes = f"d = {problem.d}, n = {problem.n:.0f}, {plan.seeds} seeds"
    where = f"{law} inputs, {problem.network} network, {sizes}{recalled([point])}"
    found = trained_point(f"inputs/{place}", f"error with {where}", point)
    if law in HOLDS[PROBLEMS.index(problem)]:
        yield found
    elif law in FAILS[PROBLEMS.index(problem)]:
        ratio = point.error / point.theory
        claim = f"the Gaussian theory does not hold (error/theory = {ratio:.2f}): {where}"
        why = f"1: outside {found.tolerance_from}"
        yield Verdict(found.id, claim, TRAINED, 1.0, float(not found.passed), 0.0, why)


#: The same n_eff at two dimensions, and three times that n_eff.
FEATURE_PLANS: tuple[Plan, ...] = tuple(
    Plan(Problem("quadratic", gamma=1.25, d=d, n=n_eff * d, lam=1, noise=0.5), seed=5100 + k, seeds=seeds)
    for k, (d, n_eff, seeds) in enumerate(((40, 10, 64), (120, 10, 32), (40, 40, 64), (120, 40, 32)))
)


def feature_verdicts(points: list[Measured]) -> Iterator[Verdict]:
    """The excess of the network's own features is ``k/n_eff`` with the same ``k`` at every ``d``.

    Compared is each point's ``(error/theory - 1) n_eff`` with the weighted mean of all of them.
    """
    scales = [p.plan.problem.n_eff for p in points]
    mean, values, spread = scaled(points, scales)
    for point, scale, value, error in zip(points, scales, values, spread, strict=True):
        d = point.plan.problem.d
        name = f"features/d={d}/n_eff={scale:.0f}"
        claim = "(error/theory - 1) n_eff of the network's own features is the same at every d and n_eff"
        why = "4 standard errors + 2/d of the error"
        yield _same(points, name, claim, mean, value, SIGMAS * error + FINITE_SIZE / d * scale, why)


def _same(
    points: list[Measured], name: str, claim: str, predicted: float, value: float, allowed: float, why: str
) -> Verdict:
    claim = f"{claim}{recalled(points)}"
    return Verdict(f"inputs/{name}", claim, TRAINED, predicted, value, allowed, why)


#: Inputs +-1 at one n_eff and three dimensions.
SIGN_PLANS: tuple[Plan, ...] = tuple(
    Plan(
        Problem("quadratic", gamma=1.25, d=d, n=60 * d, lam=0.5, noise=0.1),
        seed=5200 + d,
        inputs="rademacher",
    )
    for d in (20, 40, 80)
)


def sign_verdicts(points: list[Measured]) -> Iterator[Verdict]:
    """The excess of inputs +-1 falls like ``1/d`` at fixed ``n_eff``: ``(error - theory) d`` against its mean."""
    excess = [(p.error - p.theory) * p.plan.problem.d for p in points]
    mean = sum(excess) / len(excess)
    for point, value in zip(points, excess, strict=True):
        d, n_eff = point.plan.problem.d, point.plan.problem.n_eff
        claim = f"(error - theory) d with inputs +-1 at n_eff = {n_eff:.0f} is the same at every d"
        allowed = SIGMAS * point.stderr * d + 0.2 * mean
        why = "4 standard errors + a fifth for the next order"
        yield _same(points, f"signs/d={d}", claim, mean, value, allowed, why)


#: Gaussian features at one n_eff, two penalties and three dimensions.
SIZE_PLANS: tuple[Plan, ...] = tuple(
    Plan(
        Problem("quadratic", gamma=1.25, d=d, n=6 * d, lam=lam, noise=1),
        seed=5400 + 2 * d + (lam > 0.5),
        seeds=seeds,
        inputs="goe",
    )
    for lam in (0.3, 1.0)
    for d, seeds in ((20, 128), (40, 128), (80, 32))
)


def size_verdicts(points: list[Measured], store: Store | None = None) -> Iterator[Verdict]:
    """What is left with Gaussian features falls like ``1/d``, and is what is computed for that very ``d``."""
    mean, values, spread = scaled(points, [p.plan.problem.d for p in points])
    claim = "(error/theory - 1) d with Gaussian features is the same at every d"
    for point, value, error in zip(points, values, spread, strict=True):
        yield _same(points, _size_name(point), claim, mean, value, SIGMAS * error, "4 standard errors")
    claim = "error with Gaussian features computed for this d"
    why = "4 standard errors, of the average over matrices too"
    for computed in (auxiliary.at_this_size(point, store) for point in points):
        allowed = SIGMAS * math.hypot(computed.stderr, computed.theory_error)
        name = f"{_size_name(computed)}/at-this-d"
        yield _same([computed], name, claim, computed.theory, computed.error, allowed, why)


def _size_name(point: Measured) -> str:
    return f"finite-size/d={point.plan.problem.d}/lam={float(point.plan.problem.lam):g}"


def excess_claims(store: Store | None = None) -> Iterator[Verdict]:
    """The power of ``n_eff``, and the scores at sizes that were not fitted, for regimes that are trained or known."""
    lines = chosen_lines(full=True, store=store)
    for regime in excess.REGIMES:
        points = excess.points_of(regime, lines, store)
        sizes = {p.plan.problem.d for p in points}
        if len(points) >= _FEWEST and min(sizes) <= regime.fitted < max(sizes):
            yield from excess_verdicts(excess.law(regime, points), recalled(points))


def excess_verdicts(found: excess.Law, how: str = "") -> Iterator[Verdict]:
    """Three claims a regime."""
    scatter = Scatter.of(found.tested)
    where = f"own features, {found.regime.name}{how}"
    beyond = f"{scatter.count} points with d > {found.regime.fitted} from theory (1 + c/n_eff), "
    beyond += f"c = {found.c:.2f} fitted to {len(found.fitted)} points with smaller d"
    for name, what, predicted, measured, tolerance, source in (
        ("power", "error/theory - 1 falls as this power of 1/n_eff", 1.0, found.power,
         SIGMAS * found.power_error, "4 standard errors of the fit"),
        ("mean", f"mean score of {beyond}", 0.0, scatter.mean,
         SIGMAS * scatter.mean_error, "4 standard deviations of a mean"),
        ("rms", f"root mean square score of {beyond}", 1.0, scatter.rms,
         SIGMAS * scatter.rms_error, "4 standard deviations of a root mean square"),
    ):  # fmt: skip
        identity, claim = f"inputs/excess/{found.regime.name}/{name}", f"{what}; {where}"
        yield Verdict(identity, claim, TRAINED, predicted, measured, tolerance, source)


def all_plans() -> list[Plan]:
    """Every point that the claims on inputs are made of."""
    return [*(p for problem in PROBLEMS for p in plans(problem)), *FEATURE_PLANS, *SIGN_PLANS, *SIZE_PLANS]


FAMILIES = (Family("inputs", inputs, seconds=60.0, recalls=True),)
