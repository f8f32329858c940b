"""Finished claim families on disk, so that a long verification goes on where it was interrupted.

One record a family, appended when the family is done. Records written by other code than this are ignored: the
digest of the package's sources is part of each.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path

from asymptotix.checks.claim import Verdict
from asymptotix.errors import InvalidInput
from asymptotix.journal import Journal


@lru_cache(maxsize=1)
def sources() -> str:
    """Digest of every source file of the package."""
    root = Path(__file__).parents[1]
    digest = hashlib.sha256()
    for path in sorted(root.rglob("*.py")):
        digest.update(path.relative_to(root).as_posix().encode())
        digest.update(path.read_bytes())
    return digest.hexdigest()[:16]


class Families:
    """The families that are done, in a `Journal`."""

    def __init__(self, path: Path) -> None:
        self._journal = Journal(path)

    def finished(self, full: bool) -> dict[str, list[Verdict]]:
        """The verdicts of families that are done, by family id.

        Raises:
            InvalidInput: the file is there and cannot be read.
        """
        try:
            records = list(self._journal.records())
        except OSError as error:
            path = str(self._journal.path)
            raise InvalidInput("resume", path, f"a journal of finished claims ({error})") from None
        return {
            r["family"]: [Verdict(**v) for v in r["verdicts"]]
            for r in records
            if r.get("sources") == sources() and r.get("full") == full
        }

    def append(self, family: str, full: bool, verdicts: Sequence[Verdict]) -> None:
        """Add a finished family."""
        plain = [{k: v for k, v in verdict.to_dict().items() if k != "passed"} for verdict in verdicts]
        self._journal.append([{"family": family, "full": full, "sources": sources(), "verdicts": plain}])
