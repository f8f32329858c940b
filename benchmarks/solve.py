"""How long a solve takes: against one ``eigh`` of a 400 x 400 matrix, and against random matrices.

The baseline is what published code does for the quadratic network: three GOE draws of size ``d``, their
spectra with the teacher added, finite differences for the derivatives of the potential, and
``scipy.optimize.root`` from a starting guess. Run as ``python -m benchmarks.solve``; prints Markdown.
"""

from __future__ import annotations

import statistics
from collections.abc import Iterator, Sequence
from functools import partial
from itertools import product

import numpy as np
from scipy.optimize import root
from threadpoolctl import threadpool_limits

from asymptotix import AsymptotixError, Problem, optimum, phase_diagram, solve, solve_curve, solve_grid
from asymptotix.checks.numbers import random_problem
from benchmarks.timing import least_time

D, LARGE = 400, 10**12
MAP = 20
# Cold solves in the same units before both unknowns were solved for with slopes in closed form (at d and LARGE).
BEFORE = {"diagonal": (0.25, 0.37), "quadratic": (1.38, 1.51), "symmetric": (1.43, 2.09)}


def random_matrix_state_evolution(problem: Problem, draws: int = 3) -> float:
    """The quadratic network's error by sampled spectra; good to a few per cent, where it converges."""
    rng = np.random.default_rng(0)
    teacher = np.sqrt(problem.d) * problem.spectrum.values()
    alpha = float(problem.n) / problem.d**2
    goes = []
    for _ in range(draws):
        g = rng.standard_normal((problem.d, problem.d)) / np.sqrt(2 * problem.d)
        goes.append(g + g.T)

    def potential(delta: float, eps: float) -> float:
        values = [np.linalg.eigvalsh(np.diag(teacher) + delta * g) for g in goes]
        return float(np.mean([(np.maximum(v - eps, 0) ** 2).mean() for v in values]))

    def equations(x: np.ndarray) -> np.ndarray:
        delta, eps = np.exp(x)
        h = 1e-4
        by_delta = (potential(delta * (1 + h), eps) - potential(delta * (1 - h), eps)) / (2 * h * delta)
        by_eps = (potential(delta, eps * (1 + h)) - potential(delta, eps * (1 - h))) / (2 * h * eps)
        error = 1 - potential(delta, eps) + delta * by_delta + eps * by_eps
        first = np.log(2 * alpha * delta**2 / (error + float(problem.noise) / 2))
        second = np.log(2 * alpha / (float(problem.lam) / (2 * eps) + by_delta / (2 * delta)))
        return np.array([first, second])

    found = root(equations, np.log([1.0, 1.0]), tol=1e-6)
    delta = np.exp(found.x[0])
    return float(2 * alpha * delta**2 - float(problem.noise) / 2)


def inside_phases(network: str) -> Iterator[tuple[Problem, str]]:
    """A problem well inside each phase at ``gamma = 5/4``, ``d = 1e12``, on a lattice of exponents."""
    diagram, seen = phase_diagram(network), set()
    for a, b in product((0.5, 1, 1.5, 2, 2.5), (-2, -1, -0.25, 0.25, 1)):
        try:
            phase = diagram.at(gamma="5/4", a=str(a), l=str(b)).phase
        except AsymptotixError:  # on a line between phases
            continue
        if phase not in seen:
            seen.add(phase)
            n_eff, lam = LARGE**a, LARGE**b
            yield Problem(network, gamma=1.25, d=LARGE, n=1, lam=lam, noise=1).replace(n_eff=n_eff), phase


def optima() -> Iterator[str]:
    """What the best weight decay costs, in cold solves at it: for every kind of network, with samples around d."""
    yield "## The best weight decay, in cold solves at it"
    yield ""
    yield "| network | d | median | most |"
    yield "|---|---|---|---|"
    kinds: list[tuple[str, dict[str, object], list[int]]] = [
        ("diagonal", {}, [D, LARGE]),
        ("quadratic", {}, [D, LARGE]),
        ("symmetric", {}, [D, LARGE]),
        ("bilinear", {}, [D]),
        ("diagonal", {"depth": 3}, [D]),
        ("diagonal", {"beta": 0.5}, [D, LARGE]),
        ("quadratic", {"beta": 0.5}, [D]),
        ("quadratic", {"width": 9}, [D]),
    ]
    for network, kind, sizes in kinds:
        for d in sizes:
            p = Problem(network, gamma=1.25, d=d, n=1, lam=0, noise=0.1, **kind)  # type: ignore[arg-type]
            found = sorted(_solves_worth(p.replace(n_eff=d**a)) for a in (0.5, 0.8, 1.02, 1.3))
            name = " ".join([network, *(f"{key} {value}" for key, value in kind.items())])
            yield f"| {name} | {d:.0e} | {statistics.median(found):.1f} | {found[-1]:.1f} |"
    yield ""


def _solves_worth(problem: Problem) -> float:
    best = problem.replace(lam=optimum(problem).lam_star)
    return least_time(lambda: optimum(problem), 3) / least_time(lambda: solve(best), 3)


def _map(problem: Problem) -> object:
    n_eff, lam = np.geomspace(1e2, 1e24, MAP).tolist(), np.geomspace(1e-12, 1e12, MAP).tolist()
    return solve_grid(problem, n_eff=n_eff, lam=lam)


def _curve(line: Sequence[Problem]) -> None:
    list(solve_curve(line))


def _each(problems: Sequence[Problem]) -> None:
    for problem in problems:
        solve(problem)


def lines() -> Iterator[str]:
    """Measure and yield Markdown."""
    rng = np.random.default_rng(1)
    matrix = rng.standard_normal((D, D))
    matrix += matrix.T
    with threadpool_limits(1):
        eigh = least_time(lambda: np.linalg.eigh(matrix))
        yield "## State evolution in double precision"
        yield ""
        yield "Least processor times of warm jobs on one thread."
        yield ""
        yield "| job | ms | in units of one eigh (d = 400) | before | ratio |"
        yield "|---|---|---|---|---|"
        yield f"| numpy.linalg.eigh, 400 x 400 | {1e3 * eigh:.2f} | 1 | | |"
        for network in ("diagonal", "quadratic", "symmetric"):
            n = 200 if network == "diagonal" else 40_000
            p = Problem(network, gamma=1.25, d=D, n=n, lam=0.1, noise=0.1)
            yield _row(f"{network}, d = 400", least_time(partial(solve, p)), eigh, BEFORE[network][0])
            large = [problem for problem, _ in inside_phases(network)]
            each = least_time(partial(_each, large), 3) / len(large)
            yield _row(
                f"{network}, d = 1e12, mean over a point inside each phase", each, eigh, BEFORE[network][1]
            )
            grid = least_time(partial(_map, large[0]), 1) / MAP**2
            yield _row(f"{network}, d = 1e12, a point of a map of {MAP} x {MAP}", grid, eigh)
            line = [p.replace(lam=lam) for lam in np.geomspace(1e-3, 1e2, 40)]
            curve = least_time(partial(_curve, line), 3) / len(line)
            yield _row(f"{network}, d = 400, a point of a curve in lam", curve, eigh)
            problems = [random_problem(network, seed) for seed in range(200)]
            times = [least_time(partial(solve, q), 1) for q in problems]
            yield _row(f"{network}, random problems, d to 1e120", statistics.median(times), eigh)
        p = Problem("quadratic", gamma=1.25, d=D, n=40_000, lam=0.1, noise=0.1)
        baseline = least_time(lambda: random_matrix_state_evolution(p), 1)
        yield _row("quadratic by random matrices, three draws", baseline, eigh)
        error = random_matrix_state_evolution(p) / solve(p).error - 1
        yield ""
        yield f"The random-matrix baseline is off by {100 * error:+.2f} % in the error."
        yield ""
        yield from optima()


def _row(name: str, seconds: float, eigh: float, before: float | None = None) -> str:
    units = seconds / eigh
    then = f"{before:.2f} | {before / units:.1f}" if before is not None else " | "
    return f"| {name} | {1e3 * seconds:.2f} | {units:.2f} | {then} |"


if __name__ == "__main__":
    print("\n".join(lines()))
