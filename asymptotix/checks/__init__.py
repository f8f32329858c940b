"""Claims held against their witnesses. The only room that sees symbols, numbers and simulations at once."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from asymptotix.checks import experiments, laws, numbers
from asymptotix.checks.claim import Family, Verdict
from asymptotix.errors import InvalidInput

__all__ = ["FAMILIES", "Family", "Verdict", "run"]

#: Every claim family, in the order in which they are run.
FAMILIES: tuple[Family, ...] = (*numbers.FAMILIES, *laws.FAMILIES, *experiments.FAMILIES)


def run(*, full: bool = False, prefixes: Sequence[str] = (), progress: bool = False) -> Iterator[Verdict]:
    """Yield the verdicts of all claims, or of those families whose id starts with one of ``prefixes``.

    Raises:
        InvalidInput: a prefix matches no family.

    >>> [v.passed for v in run(prefixes=["least-squares"])][:2]
    [True, True]
    """
    for prefix in prefixes:
        if not any(f.id.startswith(prefix) for f in FAMILIES):
            raise InvalidInput("claim", prefix, f"the start of one of {', '.join(f.id for f in FAMILIES)}")
    chosen = [f for f in FAMILIES if not prefixes or f.id.startswith(tuple(prefixes))]
    for family in _tracked(chosen, progress):
        yield from family.run(full)


def _tracked(families: Sequence[Family], progress: bool) -> Iterator[Family]:
    if not progress:
        yield from families
        return
    from rich.console import Console
    from rich.progress import track

    yield from track(families, description="verifying", console=Console(stderr=True))
