"""Four witnesses: what one of them loads at run time, whole and while it answers, holds none of the others."""

from __future__ import annotations

import subprocess
import sys

import pytest

WITNESSES = {
    "numbers": ("asymptotix.state_evolution", "asymptotix.free_convolution"),
    "symbols": ("asymptotix.asymptotics",),
    "digits": ("asymptotix.precise",),
    "simulation": ("asymptotix.simulate",),
}
ANSWERS = {
    "numbers": "from asymptotix.state_evolution import solve; solve(p)",
    "symbols": "import asymptotix; asymptotix.phase_diagram(p.network).locate("
    "n_eff=20, lam=0.1, d=30, noise=0.1, gamma=1.25)",
    "digits": "from asymptotix.precise import solve; solve(p, digits=20)",
    "simulation": "from asymptotix.simulate.run import simulate; simulate(p, seeds=1); simulate(p, 'amp', seeds=1)",
}
PROGRAM = """
import importlib, pkgutil, sys
from asymptotix import Problem
for room in {rooms!r}:
    module = importlib.import_module(room)
    for found in pkgutil.walk_packages(getattr(module, "__path__", []), room + "."):
        importlib.import_module(found.name)
p = Problem({network!r}, gamma=1.25, d=30, n={n}, lam=1, noise=0.1)
{answer}
print(*sorted(name for name in sys.modules if name.startswith("asymptotix")))
"""


@pytest.mark.parametrize(("network", "n"), [("diagonal", 20), ("quadratic", 600)])
@pytest.mark.parametrize("witness", WITNESSES)
def test_a_witness_loads_no_other(witness: str, network: str, n: int) -> None:
    program = PROGRAM.format(rooms=WITNESSES[witness], network=network, n=n, answer=ANSWERS[witness])
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stderr
    loaded = done.stdout.split()
    for other, rooms in WITNESSES.items():
        if other != witness:
            assert not [name for name in loaded if name.startswith(rooms)], other
