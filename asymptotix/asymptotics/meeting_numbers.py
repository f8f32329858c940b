r"""The numbers of `asymptotix.asymptotics.little_noise` without a closed form: where ``s tau**2 = R``, by quadrature.

Each is ``A``, the count, and how the logarithm of the error responds to noise and to a penalty (`Meeting`).

* A scalar threshold (diagonal): integrals of the risk and the count of one coefficient.
* Levels that repel one another (quadratic, ``decay > 1``), ``z(w) = w + G(w)``, ``G = int_0^oo du/(w - b)``,
  ``b = A u**-gamma - u**decay``. The potential ``P`` is homogeneous: with ``u -> x u`` it is that of other ``tau`` and
  ``kappa``, times ``x**(1 - 2 gamma)``. With the two identities ``s tau**2 = R`` becomes

      tau P_tau/2 = -(1 + decay - gamma) kappa P_kappa/2,
      tau P_tau/2 = -(1/pi) Im int z G**2 z' dw,    kappa P_kappa = (2/pi) Im int z z' B dw,

  ``B = int u**decay/(w - b) du``, from ``w_0``, ``z(w_0) = 0``, to the real axis beyond. There is no beyond: features
  grow without bound. So those with ``b > Re w_0`` are replaced by poles left of ``w_0`` of the same first moments,
  which leaves a function without singularities to the right; the difference falls fast enough to go upwards.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from functools import cache

import numpy as np
from scipy.optimize import brentq
from scipy.special import ndtr

from asymptotix.arrays import Array, Complex

_NODE, _WEIGHT = np.polynomial.legendre.leggauss(16)
# Sixteen nodes sum a power of u over this step of log u, a pole at an angle of pi/4 beside it, to 1e-13.
_STEP = 1.5
# Steps near the end of the learned coefficients, where Gaussian factors change within a step of one.
_FINE = 0.05
# What e to the minus this is, is nothing in doubles.
_NOTHING = 34.0
# Panels of estimates, each as much larger than the last, and features that noise moves by their bias's slope alone.
_ESTIMATES, _SHARP = 36, 1e5
# The contour ends here; what falls like a power beyond is added.
_FAR = 1e25
# The logarithm of A is looked for within this of 0: at its ends noise alone leads, and features alone.
_RANGE = (-12.0, 30.0)
# Half a step, in log A, of slopes that only corrections need.
_APART = 1e-3


@cache
def sequence(gamma: float, decay: float, q: float = 1.0) -> tuple[float, ...]:
    """A scalar threshold: ``s = X S(A)``, ``R = tau**2 X r(A)``, ``tau = X**-gamma/(N A)``."""

    def sums(log_a: float) -> Array:
        return np.log(scalar_sums(math.exp(log_a), gamma, decay, q))

    def excess(log_a: float) -> float:
        risk, count = sums(log_a)
        return float(count - risk)

    log_a = brentq(excess, *_RANGE, xtol=1e-13)
    return math.exp(log_a), float(math.exp(sums(log_a)[1])), *_responses(sums, log_a, gamma, 1)


def _responses(logs: Callable[[float], Array], log_a: float, gamma: float, order: int) -> Iterator[float]:
    """Of the law to noise and penalty: ``order dX + r' dA = -noise``, ``order dX + S' dA = -penalty``."""
    by_risk, by_count = (logs(log_a + _APART) - logs(log_a - _APART)) / (2.0 * _APART)
    for noise, penalty in ((1.0, 0.0), (0.0, 1.0)):
        moved = (noise - penalty) / (by_count - by_risk)
        end = -(by_risk * moved + noise) / order
        yield float((1.0 - 2.0 * gamma) * end + (by_risk - 2.0) * moved)


def scalar_sums(size: float, gamma: float, decay: float, q: float) -> tuple[float, float]:
    """``int r du`` and ``int s du`` for ``a = size u**-gamma``, ``c = u**decay``."""
    silent = max(math.log(40.0) / decay, math.log(2.0 * size) / (gamma + decay) + 1.0)  # c - a > 20 or so
    fine = _FINE * min(1.0, 3.0 / (gamma + decay))  # c - a grows so fast
    breaks = [
        np.arange(silent - _NOTHING * (1.0 + 1.0 / gamma), -6.0, 0.5),
        np.arange(-6.0, min(silent, 3.0), fine),
        np.arange(min(silent, 3.0), silent, fine / min(decay, 1.0)),
    ]
    log_u, weight = _panels(np.append(np.concatenate(breaks), silent))
    u = np.exp(log_u)
    a, c = size * u**-gamma, u**decay
    risk, count = _soft(a, c) if q == 1 else _jumping(a, c, q)
    missed = size**2 * math.exp((1.0 - 2.0 * gamma) * silent) / (2.0 * gamma - 1.0)
    return float((weight * u) @ risk) + missed, float((weight * u) @ count)


def _soft(a: Array, c: Array) -> tuple[Array, Array]:
    """Risk and ``P(|a + z| > c)`` of a soft threshold."""
    (q0, q1, q2), (p0, p1, p2) = _tails(np.abs(c - a)), _tails(c + a)
    above = c < a
    risk = np.where(
        above, 1.0 + c * c - q2 - 2.0 * a * q1 + p2 + 2.0 * a * p1, a * a + q2 + p2 - 2.0 * a * (q1 - p1)
    )
    count = np.where(above, 1.0 - q0, q0) + p0
    return risk, count


def _jumping(a: Array, c: Array, q: float) -> tuple[Array, Array]:
    """Risk ``E (x - a)**2`` and ``E z x`` of the penalty ``|x|**q`` at its threshold, as integrals over ``x``."""
    jump = c * (2.0 - 2.0 * q) / (2.0 - q)
    risk, count = a * a * (ndtr(c - a) - ndtr(-c - a)), np.zeros_like(a)
    far = a > _SHARP  # noise moves the bias by its slope
    bias = (c - jump) * (a / jump) ** (q - 1.0)
    slope = 1.0 / (1.0 - (1.0 - q) * bias / a)
    for side in (a, -a):
        near = ~far & (c - side < 12.0)
        x0, top, centre = jump[near, None], c[near, None], side[near, None]
        ends = np.concatenate([np.maximum(top, centre - 9.0), np.maximum(top, centre) + 9.0], axis=1)
        x = ends.copy()
        for _ in range(12):  # Newton's method on a convex function, from above
            pull = (top - x0) * (x / x0) ** (q - 1.0)
            x = np.maximum(x - (x + pull - ends) / (1.0 - (1.0 - q) * pull / x), x0)
        edges = x[:, :1] * (x[:, 1:] / x[:, :1]) ** np.linspace(0.0, 1.0, _ESTIMATES)
        half, middle = 0.5 * np.diff(edges)[..., None], 0.5 * (edges[:, 1:] + edges[:, :-1])[..., None]
        x = (middle + half * _NODE).reshape(len(edges), _NODE.size * (_ESTIMATES - 1))
        pull = (top - x0) * (x / x0) ** (q - 1.0)
        mass = (
            (half * _WEIGHT).reshape(x.shape)
            * np.exp(-0.5 * (x + pull - centre) ** 2)
            / math.sqrt(2.0 * math.pi)
        )
        risk[near] += (mass * (1.0 - (1.0 - q) * pull / x) * (x - centre) ** 2).sum(axis=1)
        edge = np.exp(-0.5 * (c - side)[near] ** 2) / math.sqrt(2.0 * math.pi)
        count[near] += mass.sum(axis=1) + jump[near] * edge
    return np.where(far, slope**2 + bias**2, risk), np.where(far, slope, count)


def _tails(x: Array) -> tuple[Array, Array, Array]:
    """``E (z - x)_+**k`` for ``k = 0, 1, 2``, ``x >= 0``."""
    q, phi = ndtr(-x), np.exp(-0.5 * x * x) / math.sqrt(2.0 * math.pi)
    there = x < 38.0  # beyond it nothing is left, and the forms below overflow
    x = np.where(there, x, 0.0)
    return q, np.where(there, phi - x * q, 0.0), np.where(there, (1.0 + x * x) * q - x * phi, 0.0)


def _panels(breaks: Array) -> tuple[Array, Array]:
    """Nodes and weights of Gauss on every panel."""
    half, middle = 0.5 * np.diff(breaks)[:, None], 0.5 * (breaks[1:] + breaks[:-1])[:, None]
    return (middle + half * _NODE).ravel(), (half * _WEIGHT).ravel()


@cache
def matrix(gamma: float, decay: float) -> tuple[float, ...]:
    """Levels that repel: ``s = X**2 S(A)/d``, ``R = v**2 X r(A)``, ``tau**2 = d v**2/X``, ``v = X**-gamma/(N A)``."""
    near = {"w": Block(gamma, decay, 0.0).featureless}

    def sums(log_a: float) -> tuple[float, float]:
        block = Block(gamma, decay, math.exp(log_a))
        near["w"] = block.origin(near["w"])
        return block.sums(near["w"])

    def excess(log_a: float) -> float:
        count, shrinking = sums(log_a)
        return count / shrinking + 0.5 * (1.0 + decay - gamma)

    def logs(log_a: float) -> Array:
        """Of risk and count: the risk is ``Q0 - P + 2 count + shrinking``, ``Q0 - P`` by homogeneity."""
        count, shrinking = sums(log_a)
        learned = -((2.0 * gamma + 1.0) * count + (gamma + decay) * shrinking) / (2.0 * gamma - 1.0)
        return np.log([learned + 2.0 * count + shrinking, count])

    low = high = 0.0  # noise alone leads at one end, features alone at the other
    while excess(low) > 0 and low > _RANGE[0]:
        low -= 1.0
    while excess(high) < 0 and high < _RANGE[1]:
        high += 1.0
    log_a = brentq(excess, low, high, xtol=1e-12)
    return math.exp(log_a), sums(log_a)[0], *_responses(logs, log_a, gamma, 2)


class Block:
    """Levels ``b = size u**-gamma - u**decay`` and the semicircle of unit variance behind them."""

    def __init__(self, gamma: float, decay: float, size: float) -> None:
        self.gamma, self.decay, self.size = gamma, decay, size

    @property
    def featureless(self) -> complex:
        """``w_0`` without features: ``w = -k w**(1/decay - 1)``."""
        k = math.pi / self.decay / math.sin(math.pi / self.decay)
        order = 2.0 - 1.0 / self.decay
        return complex(k ** (1.0 / order) * np.exp(1j * math.pi / order))

    def _levels(self, u: Array) -> Array:
        return self.size * u**-self.gamma - u**self.decay

    def _end(self, level: float) -> float:
        """The logarithm of ``u`` where ``b`` passes a level."""
        here = lambda x: float(self._levels(np.exp(np.array([x])))[0]) - level  # noqa: E731
        return float(brentq(here, -200.0, 200.0, xtol=1e-14))

    def _nodes(self, level: float) -> tuple[tuple[Array, Array], tuple[Array, Array]]:
        """Nodes and weights in ``u`` of the tail ``b < level`` and of the head, finest where they meet."""
        end, far = self._end(level), math.log(_FAR)
        steps = []
        for reach in (
            far / self.decay + _NOTHING / (self.decay - 1.0),
            far / self.gamma + _NOTHING / min(1.0, 1.0 + self.decay - self.gamma),
        ):
            marks = [0.0]
            while marks[-1] < reach:
                marks.append(marks[-1] + min(_STEP, max(0.02, 0.4 * marks[-1])))
            steps.append(np.array(marks))
        tail, tail_weight = _panels(end + steps[0])
        head, head_weight = _panels(end - steps[1][::-1])
        return (np.exp(tail), np.exp(tail) * tail_weight), (np.exp(head), np.exp(head) * head_weight)

    def origin(self, near: complex) -> complex:
        """``w_0`` by Newton's method, kept off the axis."""
        w = near
        for _ in range(60):
            u, weight = (np.concatenate(pair) for pair in zip(*self._nodes(w.real), strict=True))
            inverse = 1.0 / (w - self._levels(u))
            step = complex(-(w + weight @ inverse) / (1.0 - weight @ inverse**2))
            while (w + step).imag <= 0.2 * w.imag:
                step *= 0.5
            w += step
            if abs(step) < 1e-14 * abs(w):
                break
        return complex(w)

    def sums(self, w0: complex) -> tuple[float, float]:
        """``tau P_tau/2`` and ``kappa P_kappa``."""
        (ut, pt), (uh, ph) = self._nodes(w0.real)
        bt, bh = self._levels(ut), self._levels(uh)
        left = w0.real - max(abs(w0), 1.0)
        off, biased = bh - left, ph * uh**self.decay
        mass, first, second = float(ph.sum()), float(biased.sum()), float(biased @ off)

        def smooth(w: Complex) -> tuple[Complex, Complex, Complex]:
            """``G``, its slope and ``B`` (less a constant) with the head's poles at ``left``."""
            inverse = 1.0 / (w[:, None] - bt)
            tail, pole = inverse @ pt, 1.0 / (w - left)
            of_tail = self.size * (inverse @ (pt * ut**-self.gamma)) - w * tail - mass
            slope = -(np.square(inverse) @ pt) - mass * pole**2
            return tail + mass * pole, slope, of_tail + first * pole + second * pole**2

        angle, weight = _panels(np.linspace(0.5 * math.pi, 0.0, 9))
        around = w0.imag * np.exp(1j * angle)
        g, slope, b = smooth(w0.real + around)
        z, dz, dw = w0.real + around + g, 1.0 + slope, 1j * around * weight
        count, shrinking = (z * g * g * dz) @ dw, (z * dz * b) @ dw

        far = math.log(_FAR / w0.imag)
        log_y, weight = _panels(np.linspace(-_NOTHING, far, math.ceil((far + _NOTHING) / 1.2)))
        y = w0.imag * np.exp(np.append(log_y, far))
        w = w0 + 1j * y
        g, slope, b = smooth(w)
        inverse, pole = 1.0 / (w[:, None] - bh), 1.0 / (w - left)
        # what the head adds to G, to its slope and to B beyond its moments
        more = pole * (inverse @ (ph * off))
        steeper = -pole * ((np.square(inverse) @ (ph * off)) + more)
        rest = pole**2 * (inverse @ (biased * off**2))
        z, dz = w + g, 1.0 + slope
        counted = (z + more) * (g + more) ** 2 * steeper
        counted += dz * more * ((z + more) * (2.0 * g + more) + g * g)
        shrunk = (z + more) * (dz + steeper) * rest + b * ((z + more) * steeper + more * dz)
        # a power of w beyond the last node
        power = min(1.0, 1.0 / self.gamma) - 1.0 / self.decay
        inside, last = 1j * y[:-1] * weight, w[-1] / power
        count += counted[:-1] @ inside + counted[-1] * last
        shrinking += shrunk[:-1] @ inside + shrunk[-1] * last
        return -float(count.imag) / math.pi, 2.0 * float(shrinking.imag) / math.pi
