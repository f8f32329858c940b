"""What one share of a sum adds to functions of it, without taking large numbers from each other."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np


@dataclass(frozen=True)
class Added:
    """A function at ``base``, and ``extra``: how much larger it is with the share that is added.

    >>> small = 1.0 + Added(0.5, 1e-30)
    >>> round(1e30 * (small * small / 2.0).extra, 12), round(1e30 * (2.0 / small).extra, 12)
    (1.5, -0.888888888889)
    """

    base: Any
    extra: Any

    __array_ufunc__ = None  # arrays leave their products with it to it

    @property
    def whole(self) -> Any:
        return self.base + self.extra

    def __add__(self, other: Any) -> Added:
        if isinstance(other, Added):
            return Added(self.base + other.base, self.extra + other.extra)
        return Added(self.base + other, self.extra)

    def __mul__(self, other: Any) -> Added:
        if isinstance(other, Added):
            return Added(self.base * other.base, self.extra * other.whole + self.base * other.extra)
        return Added(self.base * other, self.extra * other)

    def __neg__(self) -> Added:
        return self.__mul__(-1.0)

    def __sub__(self, other: Any) -> Added:
        return self.__add__(-other)

    def __rsub__(self, other: Any) -> Added:
        return self.__neg__().__add__(other)

    def __truediv__(self, other: Any) -> Added:
        return self.__mul__(other.inverse() if isinstance(other, Added) else 1.0 / other)

    def __rtruediv__(self, other: Any) -> Added:
        return self.inverse().__mul__(other)

    __radd__, __rmul__ = __add__, __mul__

    def inverse(self) -> Added:
        """``1/x``."""
        return Added(1.0 / self.base, -self.extra / (self.base * self.whole))

    def root(self) -> Added:
        """The principal square root."""
        base = np.sqrt(self.base)
        return Added(base, self.extra / (base + np.sqrt(self.whole)))
