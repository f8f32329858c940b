"""The errors asymptotix raises, each of which says what to change."""

from __future__ import annotations

from fractions import Fraction

# Longer values are cut in messages: a dimension may have ten thousand digits.
_LONGEST = 120


class AsymptotixError(Exception):
    """Base of every error raised on purpose by this package."""


class InvalidInput(AsymptotixError, ValueError):
    """A parameter is outside its range.

    The message names the parameter, the value given and the range allowed.

    >>> raise InvalidInput("gamma", 0.3, "a number in (0.5, 4]")
    Traceback (most recent call last):
        ...
    asymptotix.errors.InvalidInput: gamma = 0.3 is not allowed: expected a number in (0.5, 4]
    """

    def __init__(self, parameter: str, value: object, allowed: str) -> None:
        self.parameter = parameter
        self.value = value
        self.allowed = allowed
        shown = str(value) if isinstance(value, Fraction) else repr(value)
        if len(shown) > _LONGEST:
            shown = f"{shown[:_LONGEST]}..."
        super().__init__(f"{parameter} = {shown} is not allowed: expected {allowed}")


class NotSupplied(InvalidInput):
    """A network lacks what was asked for; no other network's formula takes its place.

    >>> raise NotSupplied("your-own", "simulation")
    Traceback (most recent call last):
        ...
    asymptotix.errors.NotSupplied: your-own: no simulation
    """

    def __init__(self, network: str, part: str) -> None:
        super().__init__("network", network, f"a network with a {part}")
        self.args = (f"{network}: no {part}",)

    def __reduce__(self) -> tuple[type, tuple[str, str]]:
        return NotSupplied, (str(self.value), str(self).partition(": no ")[2])


class TooLarge(InvalidInput, OverflowError):
    """A size that no double can count, asked of the double-precision solver; `asymptotix.precise` has no such end."""


class NotConverged(AsymptotixError, ArithmeticError):
    """A solver could not reach its tolerance; the message says how far it came and what to try."""
