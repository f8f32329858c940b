"""Module names tell rooms apart: none stands in two, but for those named here with the reason."""

from __future__ import annotations

from collections import defaultdict
from pathlib import Path

import asymptotix

ROOT = Path(asymptotix.__file__).parent
#: Names that stand in several rooms, each with its rooms and why.
SHARED = {
    "narrow": ({"experiments", "networks", "precise"}, "the narrow network's own part"),
    "shaped": (
        {"asymptotics/expansions", "networks"},
        "the own part of networks on inputs of unequal variance",
    ),
    "shaped_matrix": (
        {"asymptotics/expansions", "networks"},
        "the own part of matrices on inputs of unequal variance",
    ),
    "bilinear": ({"networks", "simulate"}, "the bilinear network's own part"),
    "deep": ({"networks", "simulate"}, "the deep network's own part"),
    "width": ({"asymptotics/expansions", "checks"}, "what few hidden units change: its sectors, its claims"),
    "oblong": (
        {"free_convolution", "precise"},
        "matrices of fewer rows, in two witnesses that may share no code",
    ),
    "newton": ({"precise", "state_evolution"}, "one method, in two witnesses that may share no code"),
}


def test_no_module_name_stands_in_two_rooms() -> None:
    rooms = defaultdict(set)
    for file in ROOT.rglob("*.py"):
        if file.stem not in ("__init__", "__main__"):
            rooms[file.stem].add(file.parent.relative_to(ROOT).as_posix())
    assert {name: found for name, found in rooms.items() if len(found) > 1} == {
        name: found for name, (found, _) in SHARED.items()
    }
