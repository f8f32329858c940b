"""Reading numbers from users: one place that decides what a number is and names what is wrong with it."""

from __future__ import annotations

import math
from collections.abc import Iterable
from decimal import Decimal, InvalidOperation
from fractions import Fraction
from functools import lru_cache
from numbers import Real

from asymptotix.errors import InvalidInput


def exact(name: str, value: object, allowed: str) -> Fraction:
    """Return ``value`` as an exact rational; floats are read by their shortest decimal form.

    Accepts int, float, Fraction, Decimal, NumPy scalars and strings such as ``"1e60"`` or ``"5/4"``.

    Raises:
        InvalidInput: not a finite real number.

    >>> exact("d", 1e60, "a number") == 10**60
    True
    >>> exact("gamma", "5/4", "a number")
    Fraction(5, 4)
    """
    if isinstance(value, bool):
        raise InvalidInput(name, value, allowed)
    try:
        if isinstance(value, float):
            return _decimal(float(value))
        if isinstance(value, int | Fraction | Decimal):
            return Fraction(value)
        if isinstance(value, str):
            text = value.strip().replace("_", "")
            return Fraction(text) if "/" in text else Fraction(Decimal(text))
        if isinstance(value, Real):
            return _decimal(float(value))
    except (ValueError, OverflowError, ZeroDivisionError, InvalidOperation):
        pass
    raise InvalidInput(name, value, allowed)


@lru_cache(maxsize=4096)  # the problems of a map share their sizes
def _decimal(value: float) -> Fraction:
    return Fraction(Decimal(repr(value)))


def number(
    name: str,
    value: object,
    allowed: str,
    *,
    least: float = -math.inf,
    above: float = -math.inf,
    below: float = math.inf,
) -> float:
    """Return ``value`` as a double, or raise `InvalidInput` when it is no finite double of the range.

    >>> number("lam", "1e-3", "a number >= 0", least=0.0)
    0.001
    """
    rational = exact(name, value, allowed)
    try:
        result = float(rational)
    except OverflowError:
        raise InvalidInput(name, value, allowed) from None
    if not (math.isfinite(result) and result >= least and above < result < below):
        raise InvalidInput(name, value, allowed)
    return result


def whole(name: str, value: object, allowed: str, *, least: int) -> int:
    """Return ``value`` as an integer of at least ``least``, or raise `InvalidInput`.

    >>> whole("d", "1e3", "an integer >= 1", least=1)
    1000
    """
    if type(value) is int and value >= least:
        return value
    rational = exact(name, value, allowed)
    if rational < least or rational.denominator != 1:
        raise InvalidInput(name, value, allowed)
    return int(rational)


def count(name: str, value: object, least: int = 1) -> None:
    """Raise `InvalidInput` unless ``value`` is an ``int`` of at least ``least``: how often something is done."""
    if isinstance(value, bool) or not isinstance(value, int) or value < least:
        raise InvalidInput(name, value, f"an integer >= {least}")


def one_of(name: str, value: object, allowed: Iterable[str]) -> None:
    """Raise `InvalidInput` unless ``value`` is one of the words that are allowed."""
    if value not in (words := tuple(allowed)):
        raise InvalidInput(name, value, f"one of {', '.join(words)}")


@lru_cache(maxsize=4096)
def simplest(value: Fraction) -> float | Fraction:
    """A double where it stands for the same decimal number, else the exact rational itself.

    >>> simplest(Fraction(5, 4)), simplest(Fraction(1, 3)), simplest(Fraction(10) ** 400) == 10**400
    (1.25, Fraction(1, 3), True)
    """
    try:
        as_float = float(value)
    except OverflowError:
        return value
    return as_float if Fraction(Decimal(repr(as_float))) == value else value
