"""What makes one network differ from another, and nothing else: one record a network, and their registry."""

from __future__ import annotations

from functools import cache
from importlib.metadata import entry_points

from asymptotix.errors import InvalidInput
from asymptotix.networks.base import Network
from asymptotix.networks.diagonal import DIAGONAL
from asymptotix.networks.quadratic import QUADRATIC
from asymptotix.networks.symmetric import SYMMETRIC

#: Packages add networks under this group: the name of an entry point is ignored, its object is a `Network`.
ENTRY_POINTS = "asymptotix.networks"

_REGISTRY: dict[str, Network] = {net.name: net for net in (DIAGONAL, QUADRATIC, SYMMETRIC)}


def register(network: Network) -> Network:
    """Make a network known by its name, everywhere; returns it.

    Raises:
        InvalidInput: not a `Network`, or another one has its name.

    >>> register(get("diagonal")).name
    'diagonal'
    """
    if not isinstance(network, Network):
        raise InvalidInput("network", network, "a Network record (asymptotix.networks.base)")
    if _REGISTRY.setdefault(network.name, network) != network:
        raise InvalidInput("network", network.name, "a name that no other network has")
    return network


def unregister(name: str) -> None:
    """Forget a network that was registered."""
    _REGISTRY.pop(name, None)


@cache
def _load_entry_points() -> None:
    for point in entry_points(group=ENTRY_POINTS):
        register(point.load())


def names() -> list[str]:
    """The names of all networks there are, in the order they were registered.

    >>> names()[:3]
    ['diagonal', 'quadratic', 'symmetric']
    """
    _load_entry_points()
    return list(_REGISTRY)


def get(name: str) -> Network:
    """The network of that name.

    Raises:
        InvalidInput: there is none.

    >>> get("quadratic").units.samples
    Fraction(2, 1)
    """
    if name not in _REGISTRY and name not in names():
        raise InvalidInput("network", name, f"one of {', '.join(names())}")
    return _REGISTRY[name]
