"""Finished work on disk, so that a long job can be interrupted and go on: records, values by their keys, digests.

A `Journal` is an append-only file of JSON lines. Every line is flushed to the disk when it is written. A kill can cut
the last line short; such a line is ignored when the file is read, and the next one starts afresh. A `Store` recalls
values by their keys, from a journal and from a file that was measured earlier (`Earlier`).
"""

from __future__ import annotations

import hashlib
import json
import math
import os
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from asymptotix.errors import InvalidInput

_ALLOWED = "a file of trained points, such as reports/data/experiments.jsonl"


class Journal:
    """Records of finished work, in the order in which it was finished.

    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     journal = Journal(Path(folder) / "done.jsonl")
    ...     journal.append([{"point": 1}, {"point": 2}])
    ...     _ = journal.path.write_text(journal.path.read_text()[:-4])  # a kill in the middle of a line
    ...     journal.append([{"point": 3}])
    ...     list(journal.records())
    [{'point': 1}, {'point': 3}]
    """

    def __init__(self, path: str | os.PathLike[str]) -> None:
        self.path = Path(path)

    def records(self) -> Iterator[dict[str, Any]]:
        """All whole records; none where there is no file yet."""
        if not self.path.exists():
            return
        with self.path.open(encoding="utf-8", errors="replace") as lines:
            for line in lines:
                try:
                    record = json.loads(line)
                except json.JSONDecodeError:
                    continue  # cut short by an interruption
                if isinstance(record, dict):
                    yield record

    def append(self, records: Iterable[Mapping[str, Any]]) -> None:
        """Write whole lines and flush them to the disk, at one go: other processes may append to the same file."""
        text = "".join(json.dumps(r) + "\n" for r in records).encode()
        self.path.parent.mkdir(parents=True, exist_ok=True)
        with self.path.open("a+b", buffering=0) as file:
            if file.seek(0, os.SEEK_END) > 0:
                file.seek(-1, os.SEEK_END)
                if file.read(1) != b"\n":
                    text = b"\n" + text
            file.write(text)
            os.fsync(file.fileno())


def digest_of(files: Iterable[Path], root: Path | None = None) -> str:
    """Sixteen hexadecimal digits of the SHA-256 of files, in order; of their names below ``root``, too, if given."""
    digest = hashlib.sha256()
    for path in files:
        digest.update(b"" if root is None else path.relative_to(root).as_posix().encode())
        digest.update(path.read_bytes())
    return digest.hexdigest()[:16]


@dataclass(frozen=True)
class Earlier:
    """Points that were trained earlier, by whatever code: read once, never written.

    Attributes:
        digest: of the file, eight hexadecimal digits of its SHA-256.
        values: what was measured, by the text of its key.
    """

    path: str
    digest: str
    values: Mapping[str, Any]

    @classmethod
    def read(cls, path: str | os.PathLike[str]) -> Earlier:
        """Read a file that `asymptotix experiments` wrote.

        Raises:
            InvalidInput: it cannot be read, holds no points, or a line is none; the line is named.
        """
        try:
            content = Path(path).read_bytes()
            lines = content.decode().splitlines()
        except (OSError, UnicodeDecodeError) as error:
            raise InvalidInput("measured", str(path), f"{_ALLOWED} ({error})") from None
        values = dict(_record(str(path), k, line) for k, line in enumerate(lines, 1) if line.strip())
        if not values:
            raise InvalidInput("measured", str(path), f"{_ALLOWED}: this one holds no points")
        return cls(str(path), hashlib.sha256(content).hexdigest()[:8], values)


def _record(path: str, number: int, line: str) -> tuple[str, Any]:
    """Key and value of one line; a trained point must have as many errors as its key says."""
    try:
        record = json.loads(line)
        key, value = record["key"], record["value"]
        if "method" in key:
            errors = value["errors"]
            numbers = (*errors, value["theory"], value["seconds"], value["unconverged"])
            if len(errors) != key["seeds"] or not all(0.0 <= float(x) < math.inf for x in numbers):
                raise ValueError
    except (ValueError, KeyError, TypeError):
        raise InvalidInput("measured", path, f"{_ALLOWED}: line {number} is no whole point") from None
    return text_of(key), value


class Store:
    """Finished computations by their keys.

    Args:
        path: a `Journal` of what is finished here; without one nothing outlives the process.
        earlier: what was measured before, recalled but not written.
        sources: digest of the code; what other code wrote into the journal is then ignored.
    """

    def __init__(
        self,
        path: str | os.PathLike[str] | None = None,
        *,
        earlier: Earlier | None = None,
        sources: str | None = None,
    ) -> None:
        self.earlier = earlier
        self._sources = sources
        self._journal = None if path is None else Journal(path)
        records = () if self._journal is None else self._journal.records()
        self._known = {
            text_of(r["key"]): r["value"]
            for r in records
            if {"key", "value"} <= set(r) and r.get("sources") == sources
        }

    @property
    def digest(self) -> str:
        """Of the file of earlier measurements; empty if there is none."""
        return "" if self.earlier is None else self.earlier.digest

    def get(self, key: Mapping[str, Any]) -> Any:
        """The value under a key, None if there is none."""
        text = text_of(key)
        if self.earlier is not None and text in self.earlier.values:
            return self.earlier.values[text]
        return self._known.get(text)

    def recall(self, key: Mapping[str, Any], make: Callable[[], Any]) -> Any:
        """The value under a key; made, and kept, if there is none."""
        found = self.get(key)
        if found is None:
            found = make()
            self.put(key, found)
        return found

    def origin(self, key: Mapping[str, Any]) -> str:
        """Digest of the file of earlier measurements if the value comes from there, else empty."""
        return self.digest if self.earlier is not None and text_of(key) in self.earlier.values else ""

    def put(self, key: Mapping[str, Any], value: Any) -> None:
        """Remember a value, on the disk too."""
        self._known[text_of(key)] = value
        if self._journal is not None:
            stamp = {} if self._sources is None else {"sources": self._sources}
            self._journal.append([{"key": key, "value": value, **stamp}])


def text_of(key: Mapping[str, Any]) -> str:
    """A key as text, whatever the order of its fields."""
    return json.dumps(key, sort_keys=True)
