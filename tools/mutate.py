"""Can the tests fail? Change the core in one place at a time, and see whether a test notices.

    python -m tools.mutate [--sample 240] [--workers 2] [--seed TEXT]      writes reports/mutation.md

A sample of all mutants (`tools.mutants`) is drawn by a hash of the change and of the function it stands in, so that it
stays the same while other code changes; another seed draws a fresh one. Each mutant runs in a copy of the tree,
against the tests that call the function it is in, the quickest first and within a budget of the processor's time, which
does not depend on what else the machine does; which these are is recorded once (`tools.which_tests`). Finished mutants
are appended to a file of JSON lines, from which an interrupted run goes on.
Mutants that change nothing a test could see are named, with the reason, in `equivalent_mutants.toml`.
"""

from __future__ import annotations

import argparse
import ast
import json
import multiprocessing as mp
import os
import resource
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import asdict
from datetime import date
from pathlib import Path
from typing import Any

import tomllib

from tools.mutants import ROOMS, ROOT, SEED, Mutant, all_mutants, sample

WORK = ROOT / ".mutation"
ALIVE = ("survived", "no test")
EQUIVALENT = Path(__file__).with_name("equivalent_mutants.toml")
#: Tests that are recorded: of the core and of what it serves; not of pages, the command line and long experiments.
TESTS = [
    "tests/asymptotics",
    "tests/finite_size",
    "tests/free_convolution",
    "tests/inference",
    "tests/networks",
    "tests/precise",
    "tests/risk",
    "tests/spectrum",
    "tests/state_evolution",
    "tests/test_best_width.py",
    "tests/test_diagnose.py",
    "tests/test_diagnose_narrow.py",
    "tests/test_diagnose_oblong.py",
    "tests/test_exponents.py",
    "tests/test_extremes.py",
    "tests/test_lying_digits.py",
    "tests/test_lying_status.py",
    "tests/test_problem.py",
    "tests/test_random_problems.py",
    "tests/test_regression.py",
    "tests/test_risk.py",
    "tests/test_risk_bands.py",
    "tests/test_risk_benchmarks.py",
    "tests/test_risk_decomposition.py",
    "tests/test_rootfinding.py",
    "tests/test_series_coefficients.py",
    "tests/test_solving.py",
    "tests/test_small_numerics.py",
    "tests/test_spectrum.py",
    "tests/test_stationary.py",
    "tests/test_symbols_against_numbers.py",
    "tests/test_teacher.py",
    "tests/test_units.py",
    "tests/test_wrong_intervals.py",
    "tests/test_wrong_optimum.py",
]
# Seconds of tests that one mutant is given, and of one test among them: at first, and when it survived that.
BUDGET, LONGEST = (8.0, 40.0), (6.0, 30.0)
# What is derived anew for a mutant costs its first test about so much a function: those that ask for little come first.
ANEW = 2e-3
# A mutant that makes its tests take so many times the budget, and so many seconds (of the processor) more, hangs: a
# test with a time limit would fail. One that waits for nothing is given so many times as long.
SLOWER, PATIENCE, WAITING = 2.0, 40.0, 20.0


def record(folder: Path) -> dict[str, Any]:
    """Which functions each test calls; recorded unless it is there already. Tests that are no more are left out."""
    chosen = [*TESTS, *(f"asymptotix/{part}" for parts in ROOMS.values() for part in parts)]
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider"]
    environment = {**os.environ, "WHICH_TESTS": str(folder), "PYTHONPATH": str(ROOT)}
    environment["ASYMPTOTIX_CACHE"] = os.devnull  # what is recalled calls nothing
    listed = subprocess.run(
        [*command, *chosen, "--collect-only"], cwd=ROOT, env=environment, capture_output=True, text=True
    )
    known = [name for name in listed.stdout.splitlines() if "::" in name]
    missing = sorted(set(known) - set(_recorded(folder)))
    if missing:
        folder.mkdir(parents=True, exist_ok=True)
        names = folder / "missing.txt"
        names.write_text("\n".join(missing))
        options = ("-n", "2", "--dist", "loadfile", "-p", "tools.which_tests", f"@{names}")
        subprocess.run([*command, *options], cwd=ROOT, env=environment)
    found = _recorded(folder)
    return {name: found[name] for name in known if name in found}


def _recorded(folder: Path) -> dict[str, Any]:
    return {k: v for file in sorted(folder.glob("*.json")) for k, v in json.loads(file.read_text()).items()}


def tests_for(mutant: Mutant, tests: dict[str, Any], again: bool) -> list[str]:
    """Tests that call the mutant's function, or for a constant all that read it: of its own room first, the cheapest.

    Where none is known to, those that call anything of its file.
    """
    wanted = {f"{mutant.path}:{mutant.function}"}
    if not mutant.function or mutant.function in mutant.names:
        tree = ast.parse((ROOT / mutant.path).read_text())
        functions = [n for n in ast.walk(tree) if isinstance(n, ast.FunctionDef)]
        readers = {
            f.name for f in functions for n in ast.walk(f) if isinstance(n, ast.Name) and n.id in mutant.names
        } or {f.name for f in functions}
        wanted = {
            name for t in tests.values() for name in t["functions"]
            if name.startswith(f"{mutant.path}:") and name.rsplit(".", 1)[-1].split(":")[-1] in readers
        }  # fmt: skip
    calling = [name for name, test in tests.items() if not wanted.isdisjoint(test["functions"])]
    if not calling:
        same = f"{mutant.path}:"
        calling = [name for name, t in tests.items() if any(f.startswith(same) for f in t["functions"])]
    room = Path(mutant.path).parts[1]
    home = (f"tests/{room}", f"asymptotix/{room}")
    costs = {name: tests[name]["seconds"] + ANEW * len(tests[name]["functions"]) for name in calling}
    chosen, left = [], BUDGET[again]
    for name in sorted(calling, key=lambda name: (not name.startswith(home), costs[name])):
        if costs[name] < min(LONGEST[again], left):
            chosen.append(name)
            left -= costs[name]
    return sorted(chosen, key=costs.__getitem__)


def _child(tree: Path, tests: Sequence[str], log: Path, seconds: int) -> None:
    os.setsid()
    resource.setrlimit(resource.RLIMIT_CPU, (seconds, seconds + 5))
    os.chdir(tree)
    with log.open("w") as out:
        os.dup2(out.fileno(), 1)
        os.dup2(out.fileno(), 2)
    sys.path.insert(0, str(tree))
    os.environ["ASYMPTOTIX_CACHE"] = str(tree / ".cache")
    import pytest

    os._exit(int(pytest.main(["-q", "-x", "-p", "no:cacheprovider", "-p", "no:randomly", "--tb=no", *tests])))


def verdict(tree: Path, tests: Sequence[str], seconds: float) -> tuple[str, str]:
    """Run tests in a tree, in a process of their own with so much time: how it ended, and which test failed."""
    if not tests:
        return "no test", ""
    log = tree / ".log"
    process = mp.get_context("fork").Process(target=_child, args=(tree, tests, log, int(seconds)))
    process.start()
    process.join(WAITING * seconds)
    if process.is_alive():
        assert process.pid is not None
        os.killpg(process.pid, signal.SIGKILL)
        process.join()
        return "timeout", ""
    if process.exitcode in (-signal.SIGXCPU, -signal.SIGKILL):
        return "timeout", ""
    lines = [x for x in log.read_text(errors="replace").splitlines() if x.startswith(("FAILED", "ERROR"))]
    by = lines[0].split(" - ")[0].split(" ", 1)[-1] if lines else ""
    return ("survived" if process.exitcode == 0 else "killed"), by


def work(
    mutants: Sequence[Mutant], tests: dict[str, Any], results: Path, again: bool, later: bool = False
) -> None:
    """Run mutants one after the other in a copy of the tree; ``later``: against tests written for them."""
    import flint  # noqa: F401  (loaded once, before the processes divide)
    import pytest  # noqa: F401
    import scipy.optimize  # noqa: F401
    import sklearn.linear_model  # noqa: F401
    import sympy  # noqa: F401

    with tempfile.TemporaryDirectory() as folder:
        tree = Path(folder) / "tree"
        ignored = shutil.ignore_patterns(".*", "__pycache__", "reports", "_build")
        shutil.copytree(ROOT, tree, ignore=ignored)
        for mutant in mutants:
            began = time.perf_counter()
            file = tree / mutant.path
            source = file.read_bytes()
            file.write_bytes(source[: mutant.start] + mutant.new.encode() + source[mutant.end :])
            end, by = verdict(tree, tests_for(mutant, tests, again), SLOWER * BUDGET[again] + PATIENCE)
            file.write_bytes(source)
            for compiled in file.parent.glob(f"__pycache__/{file.stem}.*"):
                compiled.unlink()
            shutil.rmtree(tree / ".cache", ignore_errors=True)
            seconds = round(time.perf_counter() - began, 1)
            with results.open("a") as out:
                found = {"result": end, "by": by, "seconds": seconds, "again": again, "later": later}
                out.write(json.dumps({**asdict(mutant), **found}) + "\n")


def finished(results: Path, later: bool = True) -> dict[str, dict[str, Any]]:
    """The last record of each mutant; or the last before tests were written for it."""
    lines = results.read_text().splitlines() if results.exists() else []
    return {r["key"]: r for r in map(json.loads, lines) if later or not r.get("later")}


def run(mutants: Sequence[Mutant], tests: dict[str, Any], results: Path, workers: int) -> None:
    """Run the mutants that are not in the results yet; then those that survived, against more tests."""
    context = mp.get_context("fork")
    for again in (False, True):
        done = finished(results)
        missing = [m for m in mutants if m.key not in done]
        if again:
            missing = [m for m in mutants if done[m.key]["result"] in ALIVE and not done[m.key]["again"]]
        parts = [missing[k::workers] for k in range(workers)]
        processes = [
            context.Process(target=work, args=(part, tests, results, again)) for part in parts if part
        ]
        for process in processes:
            process.start()
        for process in processes:
            process.join()


def report(records: dict[str, dict[str, Any]], first: dict[str, dict[str, Any]], drawn: str) -> str:
    """The table of rooms, and every survivor with its line and what reading it said.

    ``first``: what the tests made of them that were there before any survivor was known.
    """
    equal, said = _reasons("equivalent"), _reasons("survivor")
    survivors: list[str] = []
    equivalents: list[str] = []
    rows, totals = [], [0] * 5
    for room in ROOMS:
        here = {key: r for key, r in records.items() if r["room"] == room}
        alive = {key: r for key, r in here.items() if r["result"] in ALIVE}
        same = set(alive) & set(equal)
        at_first = sum(first[key]["result"] not in ALIVE for key in here)
        counts = [len(here), len(same), at_first, len(here) - len(alive), len(alive) - len(same)]
        totals = [x + y for x, y in zip(totals, counts, strict=True)]
        rows.append(_row(room, counts))
        for key, r in alive.items():
            line = f"* `{key}` {r['path']}:{r['line']}: `{_flat(r['old'])}` -> `{_flat(r['new'])}`"
            reason = (
                equal.get(key) or said.get(key) or ("no test calls it" if r["result"] == "no test" else "")
            )
            (equivalents if key in equal else survivors).append(line + (f": {reason}" if reason else ""))
    head = "| room | mutants | equivalent | killed at first | killed | survive | share at first | share |"
    text = f"# Mutants\n\n{len(records)} of {drawn} were run (`make mutate`) by {date.today()}; shares are of"
    text += " those that differ: at first by the tests that were there when the sample was drawn, then with those that"
    text += f" were written for what survived.\n\n{head}\n|---|---|---|---|---|---|---|---|\n"
    text += "\n".join([*rows, _row("all", totals)])
    text += "\n\n## Survivors\n\n" + "\n".join(survivors or ["None."])
    return text + "\n\n## Equivalent\n\n" + "\n".join(equivalents or ["None."]) + "\n"


def _reasons(kind: str) -> dict[str, str]:
    """Why no test can notice a mutant (``equivalent``), or none does (``survivor``), by its key."""
    named = tomllib.loads(EQUIVALENT.read_text()).get(kind, [])
    return {entry["key"]: entry["reason"] for entry in named}


def _row(room: str, counts: Sequence[int]) -> str:
    number, same, *killed = counts[:4]
    shares = [f"{x / (number - same):.0%}" if number > same else "" for x in killed]
    return f"| {room} | " + " | ".join([*map(str, counts), *shares]) + " |"


def _flat(text: str) -> str:
    short = " ".join(text.split())
    return short if len(short) < 90 else short[:87] + "..."


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0] if __doc__ else None)
    parser.add_argument("--sample", type=int, default=240, help="how many mutants are drawn")
    parser.add_argument("--seed", default=SEED, help="another one draws another sample")
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--rooms", nargs="*", default=list(ROOMS), choices=list(ROOMS))
    parser.add_argument("--again", action="store_true", help="first run all survivors once more (new tests)")
    parser.add_argument("--only-report", action="store_true")
    options = parser.parse_args()
    everything = all_mutants()
    mutants = sample(everything, options.sample, options.seed)
    for key in sorted({*_reasons("equivalent"), *_reasons("survivor")} - {m.key for m in everything}):
        print(f"{key} in {EQUIVALENT.name} is of code that is no more")
    results = WORK / "results.jsonl"
    if not options.only_report:
        tests = record(WORK / "tests")
        if options.again:
            alive = {k for k, r in finished(results).items() if r["result"] in ALIVE}
            work([m for m in mutants if m.key in alive], tests, results, True, later=True)
        run([m for m in mutants if m.room in options.rooms], tests, results, options.workers)
    done, first = finished(results), finished(results, later=False)
    drawn = f"{len(mutants)} drawn (seed {options.seed})"
    text = report({m.key: done[m.key] for m in mutants if m.key in done}, first, drawn)
    (ROOT / "reports" / "mutation.md").write_text(text)
    print(text)


if __name__ == "__main__":
    main()
