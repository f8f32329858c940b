"""All benchmarks as one Markdown page: ``python -m benchmarks > reports/benchmarks.md`` (about 20 minutes)."""

from __future__ import annotations

from benchmarks import precise, scaling, solve, sweeps, training

print("# Benchmarks\n\nMade by `make bench`; ratios to what one would use instead.\n", flush=True)
for part in (solve, scaling, precise, training, sweeps):
    for line in part.lines():
        print(line, flush=True)
    print(flush=True)
