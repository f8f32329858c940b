"""Where results live: a journal while the sweep runs, one labelled dataset when it is done.

The journal (`asymptotix.store`) is beside the target until the dataset is whole.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from asymptotix.errors import InvalidInput
from asymptotix.files import replacing, write_bytes
from asymptotix.store import Journal
from asymptotix.sweep.grid import Batch, Grid
from asymptotix.sweep.work import SIMULATION, THEORY

if TYPE_CHECKING:
    import xarray

NAMES = {"theory": THEORY, "simulation": SIMULATION}
PREFIX = {"theory": "", "simulation": "simulated_"}
EXPORTS = (".csv", ".parquet")


class Results:
    """Arrays of all numbers of a grid, filled as records arrive."""

    def __init__(self, grid: Grid) -> None:
        self.grid = grid
        self.values = {
            kind: {name: np.full(grid.shape(kind), np.nan) for name in NAMES[kind]} for kind in grid.kinds
        }
        self.status = {kind: np.full(grid.shape(kind), -1, dtype=np.int8) for kind in grid.kinds}
        self.meanings: list[str] = []
        self._position = {name: {v: k for k, v in enumerate(axis)} for name, axis in grid.axes.items()}

    @property
    def finished(self) -> int:
        """Number of points that have a status."""
        return sum(int((status >= 0).sum()) for status in self.status.values())

    def add(self, record: Mapping[str, Any]) -> None:
        """Take one record; one that is not of this grid is passed over."""
        kind = str(record.get("kind"))
        try:
            index, done = self._known(kind, record.get("at", ())), self.status[kind]
        except (KeyError, ValueError, TypeError):
            return
        status = str(record.get("status"))
        if status not in self.meanings:
            self.meanings.append(status)
        for name, array in self.values[kind].items():
            value = record.get(name)
            array[index] = math.nan if value is None else float(value)
        done[index] = self.meanings.index(status)

    def missing(self, batch: Batch) -> Batch:
        """What is left to do of a batch."""
        done = self.status[batch.kind]
        left = [p for p in batch.points if done[self._known(batch.kind, p)] < 0]
        return Batch(batch.kind, tuple(left))

    def _known(self, kind: str, point: Sequence[Any]) -> tuple[int, ...]:
        return tuple(self._position[n][v] for n, v in zip(self.grid.dims(kind), point, strict=True))

    def dataset(self, attributes: Mapping[str, Any]) -> xarray.Dataset:
        """The labelled dataset: a dimension an axis, a variable a number."""
        import xarray as xr

        data: dict[str, Any] = {}
        for kind in self.grid.kinds:
            dims = self.grid.dims(kind)
            for name, meaning in NAMES[kind].items():
                data[PREFIX[kind] + name] = (dims, self.values[kind][name], {"long_name": meaning})
            data[f"{PREFIX[kind]}status"] = (dims, self.status[kind], self._flags())
        coordinates = {}
        for name, axis in self.grid.axes.items():
            values = np.array(axis, dtype=object if name == "network" else None)
            coordinates[name] = (name, values, {"long_name": _AXES[name]})
        return xr.Dataset(data, coords=coordinates, attrs=dict(attributes))

    def _flags(self) -> dict[str, Any]:
        codes: NDArray[np.int8] = np.arange(len(self.meanings), dtype=np.int8)
        words = " ".join(m.replace(" ", "_") for m in self.meanings)
        return {"long_name": "outcome", "flag_values": codes, "flag_meanings": words}


_AXES = {
    "network": "network",
    "gamma": "decay of the teacher, a_i ~ i^-gamma",
    "d": "dimension",
    "noise": "variance of the label noise",
    "n": "number of samples",
    "n_eff": "effective samples: n (diagonal) or n/d (quadratic, symmetric)",
    "lam": "weight decay",
    "seed": "seed of teacher and data",
}


class Points(Journal):
    """The finished points of a sweep, beside the target."""

    def __init__(self, target: Path) -> None:
        super().__init__(target.with_name(target.name + ".jsonl"))

    def count(self) -> int:
        """How many finished points there are."""
        return sum("at" in record for record in self.records())

    def same(self, fingerprint: str) -> bool:
        """Whether all of it belongs to one grid."""
        return all(record.get("sweep", fingerprint) == fingerprint for record in self.records())


def write(dataset: xarray.Dataset, path: Path) -> None:
    """Write netCDF beside the target, then rename over it: there is never half a dataset."""
    encoding = {name: {"zlib": True, "complevel": 4} for name in dataset.data_vars}
    with replacing(path) as temporary:
        dataset.to_netcdf(temporary, engine="h5netcdf", encoding=encoding)


def read(path: Path) -> xarray.Dataset:
    """Read a dataset into memory.

    Raises:
        InvalidInput: it is not netCDF, or half of one.
    """
    import xarray as xr

    try:
        with xr.open_dataset(path, engine="h5netcdf") as file:
            return file.load()
    except (OSError, ValueError, KeyError, RuntimeError):
        raise InvalidInput(
            "out", str(path), "a whole netCDF file; this one is cut short or something else: move it away"
        ) from None


def check_exports(paths: Sequence[Path]) -> None:
    """Raise `InvalidInput` for a format that is unknown or needs a package that is not there."""
    for path in paths:
        if path.suffix not in EXPORTS:
            raise InvalidInput("export", str(path), f"a file name that ends in {' or '.join(EXPORTS)}")
        if path.suffix == ".parquet":
            try:
                import_module("pyarrow")
            except ImportError:
                raise InvalidInput(
                    "export", str(path), "pyarrow (pip install 'asymptotix[parquet]'), or .csv"
                ) from None


def export(dataset: xarray.Dataset, path: Path) -> None:
    """Write one row a point, as CSV or Parquet by the name's end."""
    table = dataset.to_dataframe().reset_index()
    for name in [c for c in table.columns if c.endswith("status")]:
        words = str(dataset[name].attrs["flag_meanings"]).split()
        table[name] = [words[k].replace("_", " ") if k >= 0 else "" for k in table[name]]
    if path.suffix == ".csv":
        write_bytes(path, table.to_csv(index=False).encode())
    else:
        write_bytes(path, table.to_parquet(index=False))
