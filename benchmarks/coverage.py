"""How often forecast intervals hold the truth: simulated users with random teachers, noise and runs.

    python -m benchmarks.coverage 200

Every user has ten runs of a diagonal network (d = 200, n from 20 to 400, 5 % scatter with known standard error), fits
gamma and noise to them and asks for the error at n = 2000. Printed: the share of 90 % intervals that hold the state
evolution's error there, and of 95 % intervals of gamma and of the noise that hold the truth.
"""

from __future__ import annotations

import sys

import numpy as np

import asymptotix as ax


def user(seed: int) -> tuple[bool, bool, bool]:
    """Whether the forecast's, gamma's and the noise's interval hold the truth of one user."""
    rng = np.random.default_rng(seed)
    gamma, noise = float(rng.uniform(0.7, 2.2)), float(10 ** rng.uniform(-1.5, 0.3))
    truth = ax.Problem(
        "diagonal", gamma=gamma, d=200, n=1, lam=float(10 ** rng.uniform(-0.5, 0.7)), noise=noise
    )
    rows = []
    for n in np.geomspace(20, 400, 10).round():
        error = ax.solve(truth.replace(n=float(n))).error
        measured = error * np.exp(0.05 * rng.standard_normal())
        rows.append({"n": float(n), "lam": float(truth.lam), "error": measured, "stderr": 0.05 * error})
    found = ax.fit(rows, "diagonal", d=200)
    (ahead,) = ax.forecast(found, 2000.0)
    held = [
        (p.low is None or p.low <= value) and (p.high is None or value <= p.high)
        for p, value in ((found.parameters["gamma"], gamma), (found.parameters["noise"], noise))
    ]
    return ahead.low <= ax.solve(truth.replace(n=2000)).error <= ahead.high, held[0], held[1]


def main(users: int) -> None:
    held = np.array([user(seed) for seed in range(users)])
    for name, share in zip(
        ("forecast (90 %)", "gamma (95 %)", "noise (95 %)"), held.mean(axis=0), strict=True
    ):
        print(f"{name:<16} {100 * share:.1f} % of {users}")


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 200)
