"""How long many digits take: python-flint balls against mpmath alone, and what a certificate adds.

Run as ``python -m benchmarks.precise``; prints Markdown.
"""

from __future__ import annotations

import time
from collections.abc import Iterator

from asymptotix import Problem, solve
from asymptotix.precise import solve as solve_precisely

# network, d, n, lam, digits: a point of each phase
POINTS = (
    ("diagonal, II", "diagonal", "1e60", "1e20", "1e-15", 50),
    ("diagonal, V", "diagonal", "1e60", "1e20", "0", 50),
    ("diagonal, VIa", "diagonal", "1e60", "1e70", "1e-8", 50),
    ("diagonal, VIb", "diagonal", "1e60", "1e170", "1e-8", 50),
    ("quadratic, d = 400", "quadratic", "400", "160000", "0.1", 50),
    ("quadratic, II", "quadratic", "1e60", "1e80", "1e-15", 50),
    ("quadratic, IV", "quadratic", "1e60", "1e80", "0", 50),
    ("quadratic, VIa", "quadratic", "1e60", "1e130", "1e-4", 50),
    ("quadratic, VIb", "quadratic", "1e60", "1e240", "1e-4", 50),
)


def lines() -> Iterator[str]:
    """Measure and yield Markdown."""
    yield "## State evolution to many digits"
    yield ""
    yield "Seconds of one core for a solve that starts from double precision, checked at a second precision."
    yield ""
    yield "| point (gamma = 5/4, noise = 1) | digits | flint | certified | radius | mpmath only |"
    yield "|---|---|---|---|---|---|"
    for name, network, d, n, lam, digits in POINTS:
        problem = Problem(network, gamma="5/4", d=d, n=n, lam=lam, noise=1)  # type: ignore[arg-type]
        near = solve(problem)
        balls = solve_precisely(problem, digits, near=near)
        certified = solve_precisely(problem, digits, near=near, certify=True)
        # the start is looked for in balls; only the high precision is compared
        began = time.perf_counter()
        reference = solve_precisely(problem, digits, near=near, engine="mpmath")
        alone = time.perf_counter() - began
        assert reference.error == balls.error
        proof = (f"{certified.seconds:.2f} s", certified.radius) if certified.radius else ("no proof", "-")
        yield f"| {name} | {digits} | {balls.seconds:.2f} s | {proof[0]} | {proof[1]} | {alone:.2f} s |"


if __name__ == "__main__":
    print("\n".join(lines()))
