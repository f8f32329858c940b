"""Claims about learned weights: spectra, parts of the error, benchmarks, against trained networks and laws."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import lru_cache

import numpy as np
from numpy.random import SeedSequence
from scipy import stats

from asymptotix.arrays import Array
from asymptotix.asymptotics import laws
from asymptotix.asymptotics.definition import definition
from asymptotix.asymptotics.symbols import GAMMA
from asymptotix.checks.claim import NUMBERS, SIGMAS, Family, Verdict, relative
from asymptotix.experiments.measurements import model_inputs
from asymptotix.finite_size.band import FEATURES
from asymptotix.networks import CLAIMED, PAPER, get
from asymptotix.problem import Problem, problem_at
from asymptotix.risk import decompose, error_after_pruning, optimum, prune, pruning_threshold
from asymptotix.simulate import Fit, draw, train
from asymptotix.simulate.data import DataSet
from asymptotix.spectrum import spectrum
from asymptotix.state_evolution import solve

_TRAINED = "trained network (certified convex minimum)"
_GRADIENT = "network trained by gradients with weight decay"
# Bulk against theory in Kolmogorov's distance: of order 1/d for rigid eigenvalues, 1/sqrt(d) for coefficients.
_KOLMOGOROV = 3.0


@lru_cache(maxsize=128)
def _trained(p: Problem, seed: int) -> tuple[DataSet, Fit]:
    """One trained network; the families look at the same ones. ``goe`` inputs are the model of the theory."""
    data = draw(p, SeedSequence(seed), inputs=model_inputs(p.net))
    fit = p.net.supply("simulation").fit(data, float(p.lam))
    return replace(data), fit  # a copy: the inputs, up to gigabytes of them, are not to be kept


def _points(full: bool) -> Iterator[tuple[str, Problem, int]]:
    """Under-regularised, near the optimum, over-regularised."""
    d = {"diagonal": 800, "quadratic": 100, "symmetric": 60} if full else {"diagonal": 200, "quadratic": 32}
    for network, size in d.items():
        n_eff = 0.7 / float(get(network).units.samples) * size
        base = problem_at(network, n_eff, size, whole_n=True, gamma=1.25, lam=0, noise=0.5)
        best = optimum(base).lam_star
        for label, factor in (("under", 0.05), ("best", 1.0), ("over", 5.0)):
            if full or label != "over":
                yield label, base.replace(lam=best * factor), 10 if full else 4


def trained_spectra(full: bool) -> Iterator[Verdict]:
    """Zero mass, largest spikes and distribution of the weights of trained networks."""
    for label, p, seeds in _points(full):
        law = spectrum(p)
        runs = [np.sort(np.abs(_trained(p, k)[1].spectrum))[::-1] for k in range(seeds)]
        where = f"{p.network}/{label}"
        zeros = np.array([np.mean(r <= 1e-9 * r[0]) for r in runs])
        yield _mean(f"spectrum/zero-mass/{where}", "zero mass", law.zero_mass, zeros, 0.5 / p.d)
        for k, spike in enumerate(law.spikes[:2]):
            values = np.array([r[k] for r in runs])
            delta = solve(p).delta
            scale = delta / math.sqrt(p.d) if p.net.is_sequence else 2.0 * delta / p.d
            yield _mean(f"spectrum/spike-{k + 1}/{where}", f"spike {k + 1}", spike.position, values, scale)
        # coefficients count by size on both sides, eigenvalues above a level are those of the teacher's side
        signed = runs if p.net.is_sequence else [_trained(p, k)[1].spectrum for k in range(seeds)]
        yield _distance(law.count_above, np.concatenate(signed), p, where)


def _mean(
    name: str, what: str, predicted: float, values: Array, finite: float, witness: str = _TRAINED
) -> Verdict:
    claim = f"{what} of the learned weights, {values.size} seeds"
    source = f"{SIGMAS:.0f} standard errors + finite size"
    allowed = SIGMAS * (float(stats.sem(values)) + finite)
    return Verdict(name, claim, witness, predicted, float(values.mean()), allowed, source)


def _distance(count_above: Callable[[float], float], values: Array, p: Problem, where: str) -> Verdict:
    """Kolmogorov's distance between the weights of all seeds and the law, zeros included."""
    positive = values[values > 0]
    levels = np.quantile(positive, np.linspace(0.02, 0.98, 40)) if positive.size else np.array([1.0])
    law = np.array([count_above(float(x)) / p.d for x in levels])
    seen = np.array([np.mean(values > x) for x in levels])
    seeds = values.size / p.d
    scale = 1.0 / math.sqrt(p.d * seeds) if p.net.is_sequence else 1.0 / p.d
    claim = "largest difference of the distributions of learned weights"
    source = "finite size: 3/d for eigenvalues, 3/sqrt(d seeds) for coefficients"
    distance, allowed = float(np.abs(law - seen).max()), _KOLMOGOROV * scale
    return Verdict(f"spectrum/distance/{where}", claim, _TRAINED, 0.0, distance, allowed, source)


def sums(full: bool) -> Iterator[Verdict]:
    """The parts of the error, found one by one, sum to it at any dimension."""
    for network in CLAIMED:
        worst = max(
            decompose(p).residual for p in (*_along(network, full), *_anywhere(network, 40 if full else 4))
        )
        claim = "parts of the error, integrated independently, sum to the error (worst relative difference)"
        source = "promised; quadrature over the bulk reaches 1e-14"
        yield Verdict(f"decomposition/sum/{network}", claim, NUMBERS, 0.0, worst, 1e-9, source)


def _along(network: str, full: bool) -> Iterator[Problem]:
    """Few samples and many, at small and at huge dimensions."""
    for d in (100, 10**6, 10**60) if full else (100, 10**40):
        for a, power in ((0.3, -1.0), (0.8, -0.5), (1.2, 0.0)):
            yield problem_at(network, float(d) ** a, d, gamma=1.25, lam=float(d) ** power, noise=0.3)


def _anywhere(network: str, many: int) -> Iterator[Problem]:
    """Problems drawn at random: thresholds fall into the bands of single features, too."""
    rng = np.random.default_rng(len(network))
    for _ in range(many):
        d = int(10.0 ** rng.uniform(1.5, 3.0))
        n_eff = 10.0 ** rng.uniform(-1.0, 3.0)
        gamma, lam = float(rng.uniform(0.55, 2.5)), 10.0 ** rng.uniform(-4.0, 2.0)
        yield problem_at(network, n_eff, d, gamma=gamma, lam=lam, noise=10.0 ** rng.uniform(-3.0, 1.5))


def trained_parts(full: bool) -> Iterator[Verdict]:
    """Parts of the error of trained networks, pair by pair, by their measured overlaps."""
    for label, p, seeds in _points(full):
        if p.net.is_sequence:
            continue
        parts = decompose(p)
        measured = [_measured(p, int(parts.features), k) for k in range(seeds)]
        for name in ("overfitting", "underfitting", "approximation"):
            values = np.array([m[name] for m in measured])
            predicted = float(getattr(parts, name))
            yield _mean(
                f"decomposition/{name}/{p.network}/{label}", name, predicted, values, parts.error / p.d
            )


def _measured(p: Problem, features: int, seed: int) -> dict[str, float]:
    data, fit = _trained(p, seed)
    values, vectors = np.linalg.eigh(fit.weights)
    teacher, directions = np.linalg.eigh(data.weights)
    order = np.argsort(-np.abs(teacher))
    teacher, directions = teacher[order], directions[:, order]
    rank = np.argsort(-values)
    values, vectors = values[rank], vectors[:, rank]
    pairs = (values - teacher[:, None]) ** 2 * (directions.T @ vectors) ** 2 / p.d
    hidden = pairs[features:, features:]
    learned = np.abs(values[features:]) > 1e-9 * np.abs(values).max()
    over, under = float(hidden[:, learned].sum()), float(hidden[:, ~learned].sum())
    return {"overfitting": over, "underfitting": under, "approximation": float(pairs.sum()) - over - under}


def pruning(full: bool) -> Iterator[Verdict]:
    """Trained, under-regularised networks after lowering their weights to the noise's edge."""
    for label, p, seeds in _points(full):
        if label != "under":
            continue
        solution = solve(p)
        by = pruning_threshold(solution)
        errors = [data.error(prune(fit.weights, by)) for data, fit in (_trained(p, k) for k in range(seeds))]
        predicted = error_after_pruning(solution, by)
        finite = predicted / (math.sqrt(p.d) if p.net.is_sequence else p.d)
        yield _mean(f"pruning/{p.network}", "error after pruning", predicted, np.array(errors), finite)
    yield from _pruned_gradients(full)


def _pruned_gradients(full: bool) -> Iterator[Verdict]:
    """The same for factors trained by a gradient method with weight decay, from small random starts.

    Predicted and measured: the error after lowering the weights to the noise's edge, and how much that gains, each
    with the standard error over seeds (the gain of each seed by itself, whose fluctuations partly cancel).
    """
    sizes = [("diagonal", 300, 0.6), ("quadratic", 40, 0.35), ("symmetric", 30, 0.35)]
    for network, d, fraction in sizes if full else sizes[:2]:
        p = problem_at(network, fraction * d, d, whole_n=True, gamma=1.25, lam=0.02, noise=1.0)
        solution = solve(p)
        by = pruning_threshold(solution)
        before, after = _gradient_errors(p, by, 12 if full else 4)
        predicted = error_after_pruning(solution, by)
        # quadratic features of Gaussian inputs raise every error by up to FEATURES/n_eff
        relative = 1.0 / math.sqrt(d) if p.net.is_sequence else FEATURES / p.n_eff / SIGMAS
        finite = predicted * relative
        name, what = f"pruning/gradient/{network}", "error of gradient-trained networks after pruning"
        yield _mean(name, what, predicted, after, finite, _GRADIENT)
        what = "what pruning gains on gradient-trained networks: log of the errors' ratio"
        gain = math.log(solution.error / predicted)
        yield _mean(f"{name}/gain", what, gain, np.log(before / after), relative, _GRADIENT)


def _gradient_errors(p: Problem, by: float, seeds: int) -> tuple[Array, Array]:
    """Errors before and after pruning, with Gaussian inputs: networks are fed vectors."""
    before, after = [], []
    for k in range(seeds):
        data = draw(p, SeedSequence(700 + k))
        fit = train(data, float(p.lam), spectra=False, tolerance=1e-4)
        before.append(data.error(fit.weights))
        after.append(data.error(prune(fit.weights, by)))
    return np.array(before), np.array(after)


def benchmarks(full: bool) -> Iterator[Verdict]:
    """Bayes is below every estimator, and the optimum's ratio to it tends to its derived limit."""
    lowest = math.inf
    for network in PAPER:
        for d, samples in ((100, 0.1), (100, 1.0), (10**40, 1e-10), *(((10**6, 1e-3),) if full else ())):
            best = optimum(problem_at(network, samples * d, d, gamma=0.9, lam=0, noise=0.2))
            lowest = min(lowest, min(best.error_star, best.pruned_error, best.ridge_error) / best.bayes_error)
    claim = "least ratio of any estimator's error to the Bayes-optimal one is at least 1 (shortfall)"
    yield Verdict("bayes/lowest", claim, NUMBERS, 0.0, max(1.0 - lowest, 0.0), 1e-9, "a bound")
    orders = "next orders: n_eff^(-1/(2 gamma)) and n_eff^(-1 + 1/(2 gamma))"
    for gamma in (0.75, 1.25, 2.0) if full else (1.25,):
        yield from _over_bayes("quadratic", gamma, 10**60, 1e80, 1e-3, orders)
    if full:
        yield from _over_bayes("diagonal", 1.25, 10**100, 1e20, 0.1, "loglog/log")


def _over_bayes(network: str, gamma: float, d: int, n: float, share: float, source: str) -> Iterator[Verdict]:
    """The best penalty's error over the Bayes-optimal one against its limit, and the latter against its law."""
    symbols = definition(network)
    noise, feature = symbols.shares()
    limit = float(laws.ratio_to_bayes(feature, noise).subs(GAMMA, gamma))
    best = optimum(Problem(network, gamma=gamma, d=d, n=n, lam=0, noise=1))
    size = "n" if get(network).is_sequence else "n_eff"
    claim = f"error at the best penalty over Bayes at {size} = 1e20, d = 1e{math.log10(d):.0f}"
    rows = [("ratio", claim, limit, best.error_star / best.bayes_error, source)]
    if size == "n_eff":
        law = laws.bayes(noise, feature, symbols.scales())
        predicted = law.corrected(gamma=gamma, n_eff=1e20, d=float(d), noise=1.0)
        claim = "Bayes-optimal error against its law with next order"
        rows.append(("law", claim, predicted, best.bayes_error, "orders after the next"))
    for name, claim, predicted, measured, why in rows:
        yield relative(f"bayes/{name}/{network}/{gamma}", claim, predicted, measured, share, why)


FAMILIES = (
    Family("spectrum", trained_spectra, seconds=100.0),
    Family("decomposition", lambda full: (*sums(full), *trained_parts(full))),
    Family("pruning", pruning, seconds=10.0),
    Family("bayes", benchmarks, seconds=10.0),
)
