"""What makes one network differ from another, and nothing else: one record a network, and their registry."""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import cache
from importlib import import_module
from importlib.metadata import entry_points

from asymptotix.errors import InvalidInput
from asymptotix.inputs import inputs_of
from asymptotix.networks.base import ANY, ASPECT, BETA, DEPTH, RIDGE, ROWS, WIDTH, Geometry, Network
from asymptotix.validate import number

#: Packages add networks under this group: the name of an entry point is ignored, its object is a `Network`.
ENTRY_POINTS = "asymptotix.networks"

# The members of this room: a module each, imported on first use (SciPy takes longer than this package).
_MEMBERS = ("diagonal", "quadratic", "symmetric", "bilinear", "nonnegative", "elastic-net")
#: The two networks of the paper; and beside them the matrix of either sign, whose parts of the error, best penalty and
#: benchmarks are claimed too.
PAPER = ("quadratic", "diagonal")
CLAIMED = (*PAPER, "symmetric")
# How the name of a network ends that is another one with a size, and what it is then.
_VARIANTS: dict[str, Callable[..., Network]] = {
    rf"{DEPTH}(\d+)": lambda net, layers: net.of_depth(int(layers)),
    rf"{WIDTH}(\d+)": lambda net, width: net.of_width(int(width)),
    f"{WIDTH}({re.escape(ANY)})": Network.of_width,
    rf"{ROWS}(\d+) x (\d+)": lambda net, rows, columns: net.of_rows(int(rows), int(columns)),
    f"{ROWS}({re.escape(ANY)})": Network.of_rows,
    f"{RIDGE}({re.escape(ANY)})": Network.of_ridge,
    f"{RIDGE}(.*)": lambda net, ridge: net.of_ridge(number("ridge", ridge, "a number >= 0")),
    f"{ASPECT}(.*)": Network.of_aspect,
    f"{BETA}(.*)": lambda net, beta: net.on_inputs(inputs_of(beta, None)),
}
_REGISTRY: dict[str, Network] = {}


def register(network: Network) -> Network:
    """Make a network known by its name, everywhere; returns it.

    Raises:
        InvalidInput: not a `Network`, or another one has its name.

    >>> register(get("diagonal")).name
    'diagonal'
    """
    if not isinstance(network, Network):
        raise InvalidInput("network", network, "a Network record (asymptotix.networks.base)")
    known = get(network.name) if network.name in _MEMBERS else _REGISTRY.setdefault(network.name, network)
    if known != network:
        raise InvalidInput("network", network.name, "a name that no other network has")
    return network


def unregister(name: str) -> None:
    """Forget a network that was registered; members of this room are known for good."""
    _REGISTRY.pop(name, None)


@cache
def _load_entry_points() -> None:
    for point in entry_points(group=ENTRY_POINTS):
        register(point.load())


def names() -> list[str]:
    """The names of all networks there are, members of this room first.

    >>> names()[:3]
    ['diagonal', 'quadratic', 'symmetric']
    """
    _load_entry_points()
    return [*_MEMBERS, *(name for name in _REGISTRY if name not in _MEMBERS)]


def plain(geometry: Geometry, sides: int) -> Network:
    """The first network there is of such weights: what they are read as where nobody says.

    >>> plain(Geometry.MATRIX, sides=2).name
    'symmetric'
    """
    known = map(get, names())
    return next(net for net in known if net.geometry is geometry and net.sides == sides)


def get(name: str) -> Network:
    """The network of that name.

    Raises:
        InvalidInput: there is none.

    >>> get("quadratic").units.samples
    Fraction(2, 1)
    """
    if name in _REGISTRY:
        return _REGISTRY[name]
    for pattern, variant in _VARIANTS.items():
        if found := re.fullmatch(f"(.+){pattern}", str(name)):
            kind, *sizes = found.groups()
            return variant(get(kind), *sizes)
    if name in _MEMBERS:
        module = name.replace("-", "_")
        _REGISTRY[name] = getattr(import_module(f"asymptotix.networks.{module}"), module.upper())
    elif name not in names():
        raise InvalidInput("network", name, f"one of {', '.join(names())}")
    return _REGISTRY[name]
