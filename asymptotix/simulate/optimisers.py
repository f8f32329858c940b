"""Gradient methods on a flat vector of parameters: momentum, Adam, L-BFGS.

Each is a generator of ``(parameters, evaluation)``, one an iteration, so that recording, stopping and
rescuing live in one place (`asymptotix.simulate.train`) and not in three.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator

import numpy as np
from numpy.typing import NDArray

from asymptotix.simulate.factors import Evaluation

Floats = NDArray[np.floating]
Evaluate = Callable[[Floats], Evaluation]
Steps = Iterator[tuple[Floats, Evaluation]]

_INERTIA = 0.9
_PATIENCE = 50  # iterations of Adam without a new minimum
_BETA1, _BETA2 = 0.9, 0.999  # how fast Adam's means of gradients and of their squares forget
_MEMORY = 20  # steps whose curvature is remembered; each costs two products an iteration
# The customary constants of quasi-Newton line searches (Nocedal and Wright, section 3.1).
_ARMIJO, _WOLFE = 1e-4, 0.9


def momentum(evaluate: Evaluate, start: Floats, rate: float) -> Steps:
    """Heavy-ball momentum [Polyak 1964]: ``v <- inertia v - rate g``, ``x <- x + v``."""
    x, velocity = start, np.zeros_like(start)
    while True:
        here = evaluate(x)
        yield x, here
        velocity = _INERTIA * velocity - start.dtype.type(rate) * here.gradient
        x = x + velocity


def adam(evaluate: Evaluate, start: Floats, rate: float) -> Steps:
    """Adam [Kingma, Ba 2015]; the rate is halved whenever `_PATIENCE` iterations bring no new minimum.

    Without the halving Adam ends in a cycle whose size is the rate.
    """
    x = start
    first, second = np.zeros_like(start), np.zeros_like(start)
    best, since, t = np.inf, 0, 0
    while True:
        here = evaluate(x)
        yield x, here
        best, since = (here.objective, 0) if here.objective < best else (best, since + 1)
        if since >= _PATIENCE:
            rate, since = rate / 2.0, 0
        t += 1
        first = _BETA1 * first + (1.0 - _BETA1) * here.gradient
        second = _BETA2 * second + (1.0 - _BETA2) * here.gradient**2
        scale = np.sqrt(second / (1.0 - _BETA2**t)) + np.finfo(start.dtype).tiny ** 0.5
        x = x - start.dtype.type(rate / (1.0 - _BETA1**t)) * first / scale


def lbfgs(evaluate: Evaluate, start: Floats, rate: float) -> Steps:
    """L-BFGS with the two-loop recursion and a bisection line search for the weak Wolfe conditions.

    ``rate`` is the first step's. Ends when no step along the gradient lowers the objective, at rounding.
    """
    x, here = start, evaluate(start)
    pairs: deque[tuple[Floats, Floats, float]] = deque(maxlen=_MEMORY)
    step = rate
    while True:
        yield x, here
        direction = -_two_loops(here.gradient, pairs)
        if float(direction @ here.gradient) >= 0.0:
            pairs.clear()
            direction = -here.gradient
        found = _wolfe(evaluate, x, here, direction, step if not pairs else 1.0)
        if found is None:
            if not pairs:
                return
            pairs.clear()
            step = rate
            continue
        new_x, new = found
        dx, dg = new_x - x, new.gradient - here.gradient
        product = float(dx @ dg)
        if product > 0.0:
            pairs.append((dx, dg, product))
        x, here = new_x, new


def _two_loops(gradient: Floats, pairs: deque[tuple[Floats, Floats, float]]) -> Floats:
    """Inverse-Hessian estimate times ``gradient`` [Nocedal 1980]."""
    q = gradient.copy()
    weights = []
    for dx, dg, product in reversed(pairs):
        weight = float(dx @ q) / product
        weights.append(weight)
        q -= q.dtype.type(weight) * dg
    if pairs:
        _, dg, product = pairs[-1]
        q *= q.dtype.type(product / float(dg @ dg))
    for (dx, dg, product), weight in zip(pairs, reversed(weights), strict=True):
        q += q.dtype.type(weight - float(dg @ q) / product) * dx
    return q


def _wolfe(
    evaluate: Evaluate, x: Floats, here: Evaluation, direction: Floats, step: float
) -> tuple[Floats, Evaluation] | None:
    """Bisect and double until the weak Wolfe conditions hold; None when the objective cannot be lowered."""
    slope = float(direction @ here.gradient)
    low, high = 0.0, np.inf
    best: tuple[Floats, Evaluation] | None = None
    for _ in range(30):
        new_x = x + x.dtype.type(step) * direction
        new = evaluate(new_x)
        if not new.objective <= here.objective + _ARMIJO * step * slope:
            high = step
        else:
            if best is None or new.objective < best[1].objective:
                best = new_x, new
            if float(direction @ new.gradient) >= _WOLFE * slope:
                return new_x, new
            low = step
        step = 2.0 * step if np.isinf(high) else (low + high) / 2.0
    return best if best is not None and best[1].objective < here.objective else None
