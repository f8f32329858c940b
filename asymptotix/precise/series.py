"""Truncated power series over any backend: what Euler-Maclaurin's end terms need, and no more.

A series is a list of coefficients, constant first; all lists in one computation have one length.
"""

from __future__ import annotations

from asymptotix.precise.backend import Backend, Number

Series = list[Number]


def multiply(p: Series, q: Series) -> Series:
    """``p q``."""
    return [sum((p[j] * q[k - j] for j in range(1, k + 1)), p[0] * q[k]) for k in range(len(p))]


def exponential(b: Backend, p: Series) -> Series:
    """``exp p``, by ``E' = p' E``."""
    e = [b.exp(p[0])]
    for k in range(1, len(p)):
        e.append(sum((j * p[j] * e[k - j] for j in range(2, k + 1)), p[1] * e[k - 1]) / k)
    return e


def integral(constant: Number, p: Series) -> Series:
    """The antiderivative of ``p`` that starts at ``constant``, to the length of ``p``."""
    return [constant, *(p[k] / (k + 1) for k in range(len(p) - 1))]


def derivative(p: Series) -> Series:
    """``p'``; its last coefficient is not known and left 0."""
    return [*(k * p[k] for k in range(1, len(p))), 0 * p[0]]


def binomial(x: Number, power: Number, length: int) -> Series:
    """``(x + h)^power / x^power`` in powers of ``h``."""
    out = [x / x]
    for k in range(1, length):
        out.append(out[-1] * (power - (k - 1)) / k / x)
    return out


def add(p: Series, q: Series, factor: Number = 1) -> Series:
    """``p + factor q``."""
    return [x + factor * y for x, y in zip(p, q, strict=True)]


def scale(p: Series, factor: Number) -> Series:
    """``factor p``."""
    return [factor * x for x in p]


def reciprocal(p: Series) -> Series:
    """``1 / p``."""
    out = [1 / p[0]]
    for k in range(1, len(p)):
        out.append(-sum((p[j] * out[k - j] for j in range(2, k + 1)), p[1] * out[k - 1]) * out[0])
    return out
