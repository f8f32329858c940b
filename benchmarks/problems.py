"""A hundred thousand random problems a network: none may raise or warn, fail to converge, or leave a residual of 1e-10.

    python -m benchmarks.problems [MEMBER ...] [--count 100000] [--alone 300] [--digits 30] [--table]

They are drawn over all that is promised: ``gamma`` in (1/2, 4], ``d`` to 1e120 (matrices whose values are taken one by
one: to 1e8), ``n_eff`` from 1e-2 to 1e40 or at an interpolation peak, exactly or to within 1e-12 to 0.3, ``lam`` 0 or
over 28 decades, ``noise`` 0 or over 10 decades, and the options of a network. So many as share a teacher go to
`solve_many` at once. ``--alone`` solves some again by `solve`, ``--digits`` some to 18 digits. What is done is kept in
``reports/data/problems.jsonl``, a line for each 500 problems, and not done again; ``--table`` writes it up as Markdown.
"""

from __future__ import annotations

import argparse
import math
import sys
import time
import warnings
import zlib
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from functools import lru_cache
from typing import Any

import numpy as np

from asymptotix import Problem, Solution, solve, solve_many
from asymptotix.errors import AsymptotixError
from asymptotix.state_evolution import CERTIFIED
from asymptotix.store import Journal

STORE = "reports/data/problems.jsonl"
BLOCK = 500
# So many problems share a teacher, dimension and options.
FAMILY = 100
# The share of problems at an interpolation peak, without penalty, and without noise.
_PEAK, _RIDGELESS, _NOISELESS = 0.25, 0.15, 0.2
# Bare noise: at this log tau no feature of a teacher of unit norm is seen.
_BARE = 20.0
# Digits of the other witness.
_PRECISE = 18

Rng = np.random.Generator
Options = Callable[[Rng, int], dict[str, Any]]


def _few(rng: Rng, d: int) -> int:
    """From 1 to d, evenly in logarithms."""
    return max(1, min(d, int(10.0 ** rng.uniform(0.0, math.log10(d)))))


#: Network, decades of the largest dimension, options drawn.
MEMBERS: dict[str, tuple[str, float, Options]] = {
    "diagonal": ("diagonal", 120.0, lambda rng, d: {}),
    "quadratic": ("quadratic", 120.0, lambda rng, d: {}),
    "symmetric": ("symmetric", 120.0, lambda rng, d: {}),
    "nonnegative": ("nonnegative", 120.0, lambda rng, d: {}),
    "elastic-net": ("elastic-net", 120.0, lambda rng, d: {"ridge": 10.0 ** rng.uniform(-6.0, 3.0)}),
    "bilinear": ("bilinear", 120.0, lambda rng, d: {}),
    "diagonal, beta": ("diagonal", 120.0, lambda rng, d: {"beta": round(rng.uniform(0.05, 2.0), 2)}),
    "bilinear, rows": ("bilinear", 8.0, lambda rng, d: {"rows": _few(rng, d)}),
    "quadratic, beta": ("quadratic", 9.0, lambda rng, d: {"beta": round(rng.uniform(0.05, 2.0), 2)}),
    "quadratic, width": ("quadratic", 120.0, lambda rng, d: {"width": _few(rng, d)}),
    "symmetric, width": ("symmetric", 120.0, lambda rng, d: {"width": _few(rng, d)}),
    "diagonal, depth": ("diagonal", 120.0, lambda rng, d: {"depth": int(rng.integers(3, 7))}),
}


@lru_cache(maxsize=64)
def family(member: str, number: int) -> tuple[Problem, float]:
    """What problems share, and the number of effective samples at the interpolation peak."""
    network, decades, options = MEMBERS[member]
    rng = np.random.default_rng([zlib.crc32(member.encode()), number, 0])
    d = max(2, round(10.0 ** rng.uniform(0.3, min(decades, rng.choice([3.0, 20.0, 120.0])))))
    gamma = float(4.0 - rng.uniform(0.0, 3.4999))
    problem = Problem(network, gamma=gamma, d=d, n=1, lam=1, noise=1, **options(rng, d))
    everything = problem.net.bind(problem.spectrum).response(-math.inf, _BARE)
    return problem, everything.dof / float(problem.net.units.samples)


def draw(member: str, seed: int) -> Problem:
    """A random problem; the same for the same seed."""
    shared, peak = family(member, seed // FAMILY)
    rng = np.random.default_rng([zlib.crc32(member.encode()), seed, 1])
    n_eff = 10.0 ** rng.uniform(-2.0, rng.choice([4.0, 40.0]))
    if rng.random() < _PEAK:
        n_eff = peak * (1.0 + rng.choice([-1.0, 0.0, 1.0]) * 10.0 ** rng.uniform(-12.0, -0.5))
    lam = math.sqrt(n_eff / shared.d) * 10.0 ** rng.uniform(-16.0, 12.0)
    lam = lam if rng.random() > _RIDGELESS else 0.0
    noise = 10.0 ** rng.uniform(-6.0, 4.0) if rng.random() > _NOISELESS else 0.0
    return shared.replace(n_eff=float(n_eff), lam=float(lam), noise=float(noise))


def command(p: Problem) -> str:
    """The command line that solves it.

    >>> command(Problem("diagonal", gamma=1, d=10, n=5, lam=0, noise=1, depth=3))
    'asymptotix solve --network diagonal --gamma 1.0 --d 10 --n 5 --lam 0 --noise 1 --depth 3'
    """
    more = {"depth": p.depth if p.depth > 2 else None, "beta": p.beta or None}
    more |= {"width": p.width, "rows": p.rows, "ridge": p.ridge}
    given = {
        "network": p.network,
        "gamma": p.gamma,
        "d": p.d,
        "n": p.n,
        "lam": p.lam,
        "noise": p.noise,
    } | more
    return "asymptotix solve " + " ".join(f"--{k} {v}" for k, v in given.items() if v is not None)


def _why(problem: Problem) -> str:
    """What a solve alone says of a problem that failed among many."""
    try:
        solution = solve(problem)
    except Exception as error:  # noqa: BLE001 - whatever is raised is told
        return f"{type(error).__name__}: {error}"
    return f"alone: {solution.status}, residual {solution.residual:.1e}"


def _solved(problems: list[Problem]) -> list[Solution]:
    try:
        return list(solve_many(problems))
    except Exception as error:  # noqa: BLE001 - whatever is raised is a failure to be found
        if len(problems) == 1:
            print(command(problems[0]), type(error).__name__, error, file=sys.stderr)
            return [Solution(problems[0])]
        half = len(problems) // 2
        return _solved(problems[:half]) + _solved(problems[half:])


def block(member: str, number: int) -> dict[str, Any]:
    """Solve 500 problems and say what came of them."""
    problems = [draw(member, seed) for seed in range(BLOCK * number, BLOCK * (number + 1))]
    start = time.process_time()
    with warnings.catch_warnings(record=True) as said:
        warnings.simplefilter("always")
        solutions = _solved(problems)
    seconds = time.process_time() - start
    failed = [s.problem for s in solutions if not (s.converged and s.residual < CERTIFIED)]
    return {
        "problems": BLOCK,
        "statuses": Counter(str(s.status) for s in solutions),
        "residual": max(s.residual for s in solutions),
        "digits": Counter(str(s.digits) for s in solutions),
        "seconds": round(seconds, 3),
        "warnings": sorted({str(w.message) for w in said}),
        "failed": [{"command": command(p), "why": _why(p)} for p in failed],
    }


def _off(one: float, other: float) -> float:
    return 0.0 if one == other else abs(one - other) / max(one, other)


def alone(member: str, number: int) -> dict[str, Any]:
    """One problem of a family solved with the others and by itself: how far apart, and the digits claimed."""
    first = number * FAMILY * 3
    together = _solved([draw(member, seed) for seed in range(first, first + FAMILY)])[number % FAMILY]
    other = solve(together.problem)
    off = math.inf if together.status != other.status else _off(together.error, other.error)
    return {
        "off": off,
        "digits": min(together.digits, other.digits),
        "command": command(together.problem),
    }


def precise(member: str, number: int) -> dict[str, Any]:
    """One problem in doubles and to many digits: how far apart, and the digits claimed."""
    problem = draw(member, 7919 * number + 13)
    solution = solve(problem)
    try:
        found = float(solve(problem, digits=_PRECISE).error)
    except AsymptotixError as error:
        return {"off": None, "digits": solution.digits, "command": command(problem), "why": str(error)}
    return {"off": _off(solution.error, found), "digits": solution.digits, "command": command(problem)}


JOBS: dict[str, Callable[[str, int], dict[str, Any]]] = {"block": block, "alone": alone, "precise": precise}


def run(members: Sequence[str], counts: dict[str, int], journal: Journal) -> None:
    """Do what is not done yet."""
    known = {(r["member"], r["job"], r["number"]) for r in journal.records()}
    for member in members:
        for job, count in counts.items():
            for number in range(count):
                if (member, job, number) in known:
                    continue
                value = JOBS[job](member, number)
                journal.append([{"member": member, "job": job, "number": number, **value}])
                for line in value.get("failed", ()):
                    print(f"{line['command']}  # {line['why']}", flush=True)
            print(f"{member}: {count} of {job} done", file=sys.stderr, flush=True)


def lines(journal: Journal) -> Iterator[str]:
    """The table."""
    latest = {(r["member"], r["job"], r["number"]): r for r in journal.records()}
    jobs = {job: [r for r in latest.values() if r["job"] == job] for job in JOBS}
    yield "# Random problems"
    yield ""
    yield "Drawn over all that is promised (`benchmarks/problems.py` says how; `make problems` goes on from here):"
    yield "`gamma` in (1/2, 4], `d` to 1e120, a quarter at or near an interpolation peak, without penalty and without"
    yield "noise included, every option of a network, 100 to a teacher and `solve_many`. Failed: an exception, a status"
    yield "other than solved, or a relative residual of 1e-10 or more. Milliseconds are of a processor shared with a"
    yield "dozen other jobs."
    yield ""
    yield "| network | problems | failed | warned | worst residual | fewest digits | infinite or no risk | ms each |"
    yield "|---|---|---|---|---|---|---|---|"
    for member in MEMBERS:
        rows = [r for r in jobs["block"] if r["member"] == member]
        if not rows:
            continue
        count = sum(r["problems"] for r in rows)
        statuses = sum((Counter(r["statuses"]) for r in rows), Counter())
        degenerate = statuses["infinite risk"] + statuses["perfect recovery"]
        digits = min(int(k) for r in rows for k in r["digits"])
        warned = len({w for r in rows for w in r["warnings"]})
        cells = (
            count,
            sum(len(r["failed"]) for r in rows),
            warned,
            f"{max(r['residual'] for r in rows):.1e}",
        )
        each = 1e3 * sum(r["seconds"] for r in rows) / count
        yield f"| {member} | {' | '.join(map(str, cells))} | {digits} | {degenerate} | {each:.2f} |"
    yield ""
    yield "| network | solved again by | problems | worst relative difference | of these, beyond the digits claimed |"
    yield "|---|---|---|---|---|"
    for job, name in (("alone", "`solve` alone"), ("precise", f"{_PRECISE} digits")):
        for member in MEMBERS:
            rows = [r for r in jobs[job] if r["member"] == member and r["off"] is not None]
            if rows:
                beyond = sum(r["off"] > 10.0 ** (1 - r["digits"]) for r in rows)
                yield f"| {member} | {name} | {len(rows)} | {max(r['off'] for r in rows):.1e} | {beyond} |"
    failed = [line for r in jobs["block"] for line in r["failed"]]
    if failed:
        yield from ("", "What failed:", "", "```sh")
        yield from (f"{line['command']}  # {line['why']}" for line in failed)
        yield "```"


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("members", nargs="*", metavar="MEMBER", help=", ".join(MEMBERS))
    parser.add_argument("--count", type=int, default=100_000)
    parser.add_argument("--alone", type=int, default=300)
    parser.add_argument("--digits", type=int, default=30)
    parser.add_argument("--store", default=STORE)
    parser.add_argument("--table", action="store_true")
    given = parser.parse_args()
    journal = Journal(given.store)
    if not given.table:
        counts = {"block": -(-given.count // BLOCK), "alone": given.alone, "precise": given.digits}
        run(given.members or list(MEMBERS), counts, journal)
        return
    for line in lines(journal):
        print(line)


if __name__ == "__main__":
    main()
