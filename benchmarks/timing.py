"""How everything here is timed: processor seconds, which do not depend on what else the machine is doing."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable


def median_time(job: Callable[[], object], repeats: int = 15) -> float:
    """Median processor seconds of a warm job."""
    job()
    return statistics.median(once(job) for _ in range(repeats))


def least_time(job: Callable[[], object], repeats: int = 15) -> float:
    """Least processor seconds of a warm job: what a busy machine adds is left out."""
    job()
    return min(once(job) for _ in range(repeats))


def once(job: Callable[[], object]) -> float:
    """Processor seconds of one run."""
    start = time.process_time()
    job()
    return time.process_time() - start
