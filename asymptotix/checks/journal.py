"""Finished claim families on disk, so that a long verification goes on where it was interrupted.

One JSON line a family, appended when the family is done; a line that was cut short is ignored, and so are lines
written by other code than this (the digest of the package's sources is part of each line).
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path

from asymptotix.checks.claim import Verdict
from asymptotix.errors import InvalidInput


@lru_cache(maxsize=1)
def sources() -> str:
    """Digest of every source file of the package."""
    root = Path(__file__).parents[1]
    digest = hashlib.sha256()
    for path in sorted(root.rglob("*.py")):
        digest.update(path.relative_to(root).as_posix().encode())
        digest.update(path.read_bytes())
    return digest.hexdigest()[:16]


class Journal:
    """A file of finished families."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def finished(self, full: bool) -> dict[str, list[Verdict]]:
        """The verdicts of families that are done, by family id.

        Raises:
            InvalidInput: the file is there and cannot be read.
        """
        found: dict[str, list[Verdict]] = {}
        try:
            lines = self.path.read_text().splitlines() if self.path.exists() else []
        except (OSError, UnicodeDecodeError) as error:
            raise InvalidInput("resume", str(self.path), f"a journal of finished claims ({error})") from None
        for line in lines:
            try:
                record = json.loads(line)
            except json.JSONDecodeError:
                continue  # cut short by an interruption
            if record.get("sources") == sources() and record.get("full") == full:
                found[record["family"]] = [Verdict(**v) for v in record["verdicts"]]
        return found

    def append(self, family: str, full: bool, verdicts: Sequence[Verdict]) -> None:
        """Add a finished family."""
        plain = [{k: v for k, v in verdict.to_dict().items() if k != "passed"} for verdict in verdicts]
        record = {"family": family, "full": full, "sources": sources(), "verdicts": plain}
        self.path.parent.mkdir(parents=True, exist_ok=True)
        with self.path.open("a") as file:
            file.write(json.dumps(record) + "\n")
