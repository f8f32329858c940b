"""An append-only file of JSON lines: what a long job has finished, so that it can be interrupted and go on.

Every line is flushed to the disk when it is written. A kill can cut the last line short; such a line is ignored when
the file is read, and the next one starts afresh.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any


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
