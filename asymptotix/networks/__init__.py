"""What makes one network differ from another, and nothing else."""

from __future__ import annotations

from importlib import import_module
from types import ModuleType

from asymptotix.errors import InvalidInput
from asymptotix.networks.base import Network

_CLASSES = {"diagonal": "Diagonal", "quadratic": "Quadratic", "symmetric": "Symmetric"}


def network(name: str) -> Network:
    """Return the network of that name; its module is imported on first use.

    >>> network("quadratic").units.samples
    Fraction(2, 1)
    """
    if name not in _CLASSES:
        raise InvalidInput("network", name, f"one of {', '.join(_CLASSES)}")
    made: Network = getattr(definition(name), _CLASSES[name])()
    return made


def definition(name: str) -> ModuleType:
    """The module that defines a network: its sectors, scales, and shares of noise and feature.

    >>> definition("quadratic").SIDES
    1
    """
    return import_module(f"asymptotix.networks.{name}")
