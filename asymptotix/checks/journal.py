"""Finished claim families on disk, so that a long verification goes on where it was interrupted.

One record a family, appended when the family is done. Records written by other code than this are ignored: the
digest of the package's sources is part of each. Families that recall trained points also name the file they recall
them from. Points that they train meanwhile are in the same journal (`Families.store`): a family that was interrupted
does not train them again.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import lru_cache
from pathlib import Path
from typing import Any

from asymptotix.checks.claim import Family, Verdict
from asymptotix.errors import InvalidInput
from asymptotix.store import Earlier, Journal, Store, digest_of


@lru_cache(maxsize=1)
def sources() -> str:
    """Digest of every source file of the package."""
    root = Path(__file__).parents[1]
    return digest_of(sorted(root.rglob("*.py")), root)


class Families:
    """The families that are done, in a `Journal`."""

    def __init__(self, path: Path) -> None:
        self._journal = Journal(path)

    def finished(
        self, full: bool, families: Iterable[Family], measured: str = ""
    ) -> dict[str, list[Verdict]]:
        """The verdicts of those of the families that are done, by family id.

        Args:
            measured: digest of the file that trained points are recalled from.

        Raises:
            InvalidInput: the file is there and cannot be read.
        """
        try:
            records = list(self._journal.records())
        except OSError as error:
            path = str(self._journal.path)
            raise InvalidInput("resume", path, f"a journal of finished claims ({error})") from None
        wanted = [self._key(family, full, measured) for family in families]
        return {
            r["family"]: [Verdict(**v) for v in r["verdicts"]]
            for r in records
            if {name: x for name, x in r.items() if name != "verdicts"} in wanted
        }

    def append(self, family: Family, full: bool, verdicts: Sequence[Verdict], measured: str = "") -> None:
        """Add a finished family."""
        plain = [{k: v for k, v in verdict.to_dict().items() if k != "passed"} for verdict in verdicts]
        self._journal.append([{**self._key(family, full, measured), "verdicts": plain}])

    def store(self, earlier: Earlier | None = None) -> Store:
        """A store of trained points whose new ones are kept here."""
        return Store(self._journal.path, earlier=earlier, sources=sources())

    @staticmethod
    def _key(family: Family, full: bool, measured: str) -> dict[str, Any]:
        """What verdicts depend on."""
        recalled = {"measured": measured} if family.recalls and measured else {}
        return {"family": family.id, "full": full, "sources": sources(), **recalled}
