"""Where batches are solved: in this process, in processes of this machine, or on a Dask cluster."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from importlib import import_module
from itertools import islice
from typing import Any

from asymptotix.errors import InvalidInput
from asymptotix.parallel import WorkerLost, side_by_side
from asymptotix.sweep.grid import Batch, Grid
from asymptotix.sweep.work import Record, solve_batch

Executor = Callable[[Grid, Iterator[Batch]], Iterator[list[Record]]]

# Seconds to wait for a scheduler, and for its first worker.
_PATIENCE = 8
_LOCALLY = "leave --scheduler out (with --resume) to go on on this machine"
_AHEAD = 4  # batches given to each thread of a cluster beyond the one it works on


def processes(workers: int) -> Executor:
    """In so many processes of this machine; one is this very process."""
    return lambda grid, batches: side_by_side(solve_batch, ((grid, batch) for batch in batches), workers)


def cluster(address: str) -> Executor:
    """On the workers of a Dask scheduler.

    Raises:
        InvalidInput: no scheduler answers there, it has no workers, or Dask is not installed.
    """
    try:
        distributed: Any = import_module("distributed")
    except ImportError:
        raise InvalidInput(
            "scheduler", address, "Dask: pip install 'asymptotix[cluster]'; or leave it out to go on locally"
        ) from None
    try:
        client = distributed.Client(address, timeout=_PATIENCE, set_as_default=False)
    except (OSError, ValueError, TypeError) as error:
        why = str(error).splitlines()[0] if str(error) else type(error).__name__
        raise InvalidInput(
            "scheduler", address, f"a Dask scheduler that answers ({why}); {_LOCALLY}"
        ) from None
    if not client.nthreads():
        client.close()
        raise InvalidInput("scheduler", address, f"a scheduler with workers: this one has none; {_LOCALLY}")

    def run(grid: Grid, batches: Iterator[Batch]) -> Iterator[list[Record]]:
        try:
            yield from _submit(client, grid, batches)
        finally:
            client.close()

    return run


def _submit(client: Any, grid: Grid, batches: Iterator[Batch]) -> Iterator[list[Record]]:
    """Keep the cluster busy with a few batches ahead, however many there are in all."""
    distributed: Any = import_module("distributed")
    ahead = (1 + _AHEAD) * max(1, sum(client.nthreads().values()))

    def submit(batch: Batch) -> Any:
        return client.submit(solve_batch, grid, batch, pure=False)

    running = {submit(b) for b in islice(batches, ahead)}
    while running:
        try:
            with client.as_current():
                done, running = distributed.wait(running, timeout=_PATIENCE, return_when="FIRST_COMPLETED")
        except (TimeoutError, OSError):
            _check_alive(client)
            continue
        except distributed.client.FuturesCancelledError:
            raise _gone(client) from None
        for future in done:
            yield _result(distributed, client, future)
        running |= {submit(b) for b in islice(batches, len(done))}


def _result(distributed: Any, client: Any, future: Any) -> list[Record]:
    """The records of a finished batch; an error that says what to do otherwise.

    A worker that dies before it hands a finished batch over leaves it to be computed again.
    """
    cancelled = (distributed.client.FutureCancelledError, distributed.client.FuturesCancelledError)
    while future.status in ("finished", "lost", "pending"):
        try:
            records: list[Record] = future.result(timeout=_PATIENCE)
            return records
        except (TimeoutError, distributed.TimeoutError, OSError):
            _check_alive(client)
        except cancelled:
            raise _gone(client) from None
        except distributed.KilledWorker:
            break
    if future.status != "error":
        raise _gone(client)
    error = future.exception()
    if isinstance(error, distributed.KilledWorker):
        raise WorkerLost("a batch killed every Dask worker that tried it")
    if isinstance(error, ImportError):
        raise InvalidInput("scheduler", client.scheduler.address, f"asymptotix on its workers ({error})")
    raise error


def _check_alive(client: Any) -> None:
    """Nothing came for a while: that is fine as long as somebody works on it."""
    try:
        working = client.status == "running" and bool(client.nthreads())
    except (OSError, RuntimeError, TimeoutError):
        working = False
    if not working:
        raise _gone(client)


def _gone(client: Any) -> InvalidInput:
    """Scheduler or workers died while the sweep ran."""
    allowed = f"a cluster that stays: scheduler or workers are gone, finished points are kept; {_LOCALLY}"
    return InvalidInput("scheduler", getattr(client.scheduler, "address", "unknown"), allowed)
