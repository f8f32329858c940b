"""Along the way: message passing held against its own state evolution, and training held against its optimum.

The iterations of AMP on one data set follow a recursion of two numbers (`message_passing`): not only where it
ends but every step on the way is predicted. Gradient methods on the networks themselves have no such theory
here; what is predicted is where they end, the convex optimum, and the gap to it is certified.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Any

import numpy as np
from scipy import stats

from asymptotix.arrays import Array
from asymptotix.checks.claim import Family, Verdict, trained_error
from asymptotix.equations import System
from asymptotix.experiments.measurements import Plan
from asymptotix.networks.base import Response
from asymptotix.problem import Problem
from asymptotix.simulate import simulate
from asymptotix.simulate.fit import CONVERGED
from asymptotix.simulate.runs import problem_dict
from asymptotix.store import Store

_PASSING = "approximate message passing"
_GAP = 1e-5  # at which training stops: far below the effects that are claimed


def message_passing(problem: Problem, iterations: int) -> Array:
    """Error after each iteration of AMP at fixed ``lam``, from zero, in the limit of large ``d``.

    With ``R_0 = 1``: ``nu tau_t^2 = noise' + R_t-1``, then ``nu kappa_t = L + kappa_t s(tau_t, kappa_t)``, then
    ``R_t = R(tau_t, kappa_t)``. Its fixed points are the solutions of the two equations. (Solving the second one
    exactly at every step is what makes it converge where the network interpolates, too; AMP itself does not.)

    >>> p = Problem("diagonal", gamma=1.25, d=400, n=600, lam=1, noise=0.1)
    >>> from asymptotix.state_evolution import solve
    >>> bool(abs(message_passing(p, 60)[-1] / solve(p).error - 1) < 1e-9)
    True
    """
    system = System.of(problem)
    error, response, errors = 1.0, None, []
    for _ in range(iterations):
        log_tau = 0.5 * math.log((system.noise + error) / system.nu)
        near: Response | None = response
        response = system.potential.threshold(log_tau, system.nu, system.penalty, near)
        error = response.risk(log_tau)
        errors.append(error)
    return np.array(errors)


def _passing(problem: Problem, seed: int, inputs: str = "gaussian") -> Plan:
    return Plan(problem, seed, inputs=inputs, method="amp", options={"iterations": 15, "tolerance": 0})


#: AMP to be compared step by step, of every kind of features one; where the network interpolates it must not settle.
PASSINGS: dict[str, Plan] = {
    "diagonal": _passing(Problem("diagonal", gamma=1.25, d=2000, n=1500, lam=1, noise=0.5), 3000),
    "quadratic/goe": _passing(Problem("quadratic", gamma=1.25, d=40, n=4000, lam=1, noise=0.5), 3100, "goe"),
    "quadratic": _passing(Problem("quadratic", gamma=1.25, d=80, n=9600, lam=1, noise=0.5), 3200),
    "three layers": _passing(
        Problem("diagonal", depth=3, gamma=1.25, d=2000, n=2400, lam=0.5, noise=0.3), 3250
    ),
    "interpolating": _passing(Problem("diagonal", gamma=1.25, d=2000, n=800, lam=0.01, noise=0.5), 3300),
}


def histories(plan: Plan, store: Store | None = None) -> tuple[Array, Array]:
    """Errors (seeds, iterations) of AMP, nan from where a run diverged, and each run's duality gap at the end."""
    many = plan.options["iterations"]
    shape: dict[str, Any] = {"seed": plan.seed, "seeds": plan.seeds, "inputs": plan.inputs}
    key = {**problem_dict(plan.problem), "amp": many, **shape}

    def train() -> dict[str, Any]:
        runs = simulate(plan.problem, plan.method, options=plan.options, **shape)
        errors = [[float(f"{e:.8g}") for e in run.history["error"]] for run in runs.runs]
        return {"errors": errors, "gaps": [float(f"{gap:.3g}") for gap in runs.gaps]}

    found = (store or Store()).recall(key, train)
    out = np.full((plan.seeds, many), np.nan)
    for row, errors in zip(out, found["errors"], strict=True):
        row[: len(errors)] = errors
    return out, np.array(found["gaps"])


def amp_steps(full: bool) -> Iterator[Verdict]:
    """Every iteration, on Gaussian inputs (diagonal of two and three layers) and Gaussian features (quadratic)."""
    for name in ("diagonal", "quadratic/goe", "three layers") if full else ("diagonal",):
        plan = PASSINGS[name]
        errors, _ = histories(plan)
        predicted = message_passing(plan.problem, errors.shape[1])
        for t in range(predicted.size):
            claim = f"error after iteration {t + 1} of AMP, d = {plan.problem.d}, {plan.seeds} seeds"
            numbers = (float(predicted[t]), float(errors[:, t].mean()), float(stats.sem(errors[:, t])))
            yield trained_error(
                f"amp/{name}/{t + 1}", claim, plan.problem, *numbers, inputs=plan.inputs, witness=_PASSING
            )


def amp_settles(full: bool) -> Iterator[Verdict]:
    """AMP's iterates reach the convex optimum, but not where the network interpolates."""
    for name, settles in (("diagonal", True), ("interpolating", False)):
        errors, gaps = histories(PASSINGS[name])
        many, share = errors.shape[1], float(np.mean(gaps < 0.01))
        claim = f"share of {len(gaps)} seeds whose duality gap after {many} iterations is below 1 %"
        source = "none: all settle, or none does"
        yield Verdict(f"amp-settles/{name}", claim, _PASSING, float(settles), share, 0.0, source)


# Small enough that gradient descent ends within seconds.
TRAINED: tuple[Problem, ...] = (
    Problem("diagonal", gamma=1.25, d=100, n=150, lam=1, noise=0.5),
    Problem("quadratic", gamma=1.25, d=24, n=500, lam=1, noise=0.5),
)


def weight_decay(full: bool) -> Iterator[Verdict]:
    """Gradient descent, Adam and L-BFGS on the factors end at the convex optimum; too narrow a network does not."""
    for problem in TRAINED:
        for method in ("gd", "adam", "lbfgs") if full else ("lbfgs",):
            runs = simulate(problem, method, seeds=4, options={"tolerance": _GAP, "spectra": False})
            claim = (
                f"largest duality gap of the trained factors, d = {problem.d}, n = {problem.n:.0f}, 4 seeds"
            )
            name = f"weight-decay/{problem.network}/{method}"
            witness = f"{method} on the network's own parameters"
            gap = float(runs.gaps.max()) if runs.status == CONVERGED else math.inf
            yield Verdict(name, claim, witness, 0.0, gap, _GAP, "the gap at which training stops")
    yield _narrow(TRAINED[1])


def _narrow(problem: Problem) -> Verdict:
    """Width 1 can learn one direction; it ends above the convex optimum, and its certificate says so."""
    options: dict[str, Any] = {"width": 1, "spectra": False}
    narrow = simulate(problem, "lbfgs", seeds=4, options=options)
    convex = simulate(problem, seeds=4)
    excess = [1.0 - c.objective / n.objective for n, c in zip(narrow.runs, convex.runs, strict=True)]
    said = [n.status != CONVERGED and n.gap >= e > _GAP for n, e in zip(narrow.runs, excess, strict=True)]
    rank, least = convex.supports.min(), min(excess)
    claim = "share of seeds where width 1 stays above the convex optimum"
    claim += f" (of rank {rank} or more; by {least:.0%} or more) and says so"
    witness = "L-BFGS on a network of width 1, and the convex optimum"
    name, source = f"weight-decay/{problem.network}/width-1", "none: a certificate is right or wrong"
    return Verdict(name, claim, witness, 1.0, float(np.mean(said)), 0.0, source)


#: Training to be looked at in time: one data set, every optimiser from the same kind of small random start.
WATCHED = Problem("quadratic", gamma=1.25, d=40, n=1200, lam=0.5, noise=0.1)
WATCHED_METHODS = ("gd", "adam", "lbfgs")
WATCHED_SEED = 3400
_TOP = 8  # eigenvalues kept: those that leave the bulk


def training(method: str, store: Store | None = None) -> dict[str, list[Any]]:
    """Iterations, objective, error, gap and the largest eigenvalues along the training of `WATCHED`."""
    key = {**problem_dict(WATCHED), "training": method, "seed": WATCHED_SEED}

    def train() -> dict[str, list[Any]]:
        history = simulate(WATCHED, method, seeds=1, seed=WATCHED_SEED).runs[0].history
        names = ("iteration", "objective", "error", "gap")
        top = [[float(f"{v:.5g}") for v in row[:_TOP]] for row in history["spectrum"]]
        return {**{name: np.asarray(history[name]).tolist() for name in names}, "spectrum": top}

    found: dict[str, list[Any]] = (store or Store()).recall(key, train)
    return found


FAMILIES = (
    Family("amp", amp_steps, seconds=5.0),
    Family("amp-settles", amp_settles),
    Family("weight-decay", weight_decay),
)
