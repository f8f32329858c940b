"""The curve above which a noisy spectrum lies, where its bulk ends, and sums over the features hidden in it.

In units of ``tau``: the eigenvalue density of ``S + Z`` at ``x = z(w)`` is ``d Im w / pi`` on the support curve
``t sum_i 1/|w - a_i|^2 = 1``, and the eigenvectors there have squared overlap

    O_i(x) dx = (1/pi) Im w / |w - a_i|^2 dx

with the ``i``-th teacher direction [BI], [BBPo]. A feature is *visible* when its eigenvalue leaves the bulk, for a
lone feature when ``a_i > 1`` [BBP]; the others are *hidden*. Where features are so dense that their eigenvalues
form a band with the bulk there is no gap to cut at, and ``Re w = 1`` is the place.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from scipy.optimize import minimize_scalar

from asymptotix.free_convolution.atoms import ORDER, Array, Complex, View, scaled
from asymptotix.free_convolution.subordination import Subordination

# Features tried one by one as the weakest visible one.
_CANDIDATES = 12
# Features closer to each other than this, in units of the noise, are a band as far as the cut is concerned.
_RESOLVED = 1e-6
# A smaller height of the curve where its slope is infinite is the square root of a rounding error.
_ROUNDING = 1e-6
# Newton's steps for a height are guarded by bisection, which goes down tenfold, to 1e-14 in 14, and halves 53 times.
_STEPS = 80
# After a Newton step this small the next one would be of the order of rounding.
_LAST_STEP = 1e-8
# How many decides the cost and not the accuracy: a stretch is halved until its mass does not change.
_LEGENDRE = np.polynomial.legendre.leggauss(24)


@dataclass(frozen=True)
class Cut:
    """Where the bulk ends.

    Attributes:
        w: a point of the support curve, or the real end of the curve where a gap begins.
        visible: number of features beyond.
        gap: whether the bulk ends in a gap.
    """

    w: complex
    visible: float
    gap: bool


@dataclass(frozen=True)
class HiddenSums:
    """``sum_{i > m} a_i^k / (w - a_i)`` for ``k = 0, 1, 2``, and the derivative of the first."""

    zeroth: Complex
    slope: Complex
    first: Complex
    second: Complex


class SplitView(View):
    """Atoms seen from ``|w| = r``, with those of index above ``m`` (hidden) summed apart from the others."""

    def __init__(self, plane: Subordination, w: complex, visible: float) -> None:
        u = max(w.real, 0.1 * abs(w))
        centre = plane.count(u)
        super().__init__(plane.atoms, plane.log_tau, abs(w), centre, centre - plane.count(u + abs(w.imag)))
        self.visible = min(visible, self.last)
        if self.first > self.visible:  # hidden features are never in the far head
            self.first = self.visible
            reference, self._head = self.atoms.head(self.first)
            self._head_scale = float(scaled(reference - self.log_tau))
            head, k = self._head[1 : ORDER + 2], np.arange(1.0, ORDER + 1.0)
            self._head_matrix = np.stack([head, np.append(k * head[1:], 0.0)], axis=1)
        parts = [
            self.atoms.near(low, high, self.centre, self.distance)
            for low, high in ((self.first, self.visible), (self.visible, self.last))
        ]
        (self._seen, self._seen_weight), (self._hidden, self._hidden_weight) = (
            (scaled(log_a - self.log_tau), weight) for log_a, weight in parts
        )
        self.hidden_count = self.atoms.d - self.visible

    def hidden(self, w: Complex) -> HiddenSums:
        """Sums over the hidden features at points ``|w| >= r``."""
        scale = self._tail_scale
        k = np.arange(ORDER + 1)
        powers = np.vander(scale / w, ORDER + 1, increasing=True)
        tail = self._tail
        moments = np.stack(
            [tail[k], (k + 1.0) * tail[k], scale * tail[k + 1], scale * scale * tail[k + 2]], axis=1
        )
        series = powers @ moments
        inverse = 1.0 / (w[:, None] - self._hidden)
        a, weight = self._hidden, self._hidden_weight
        return HiddenSums(
            series[:, 0] / w + inverse @ weight,
            -series[:, 1] / w**2 - inverse**2 @ weight,
            series[:, 2] / w + inverse @ (weight * a),
            series[:, 3] / w + inverse @ (weight * a * a),
        )

    def seen(self, w: Complex) -> tuple[Complex, Complex]:
        """``h = sum_{i <= m} 1/(w - a_i)`` and its derivative at points ``|w|`` not much above ``r``."""
        inverse = 1.0 / (w[:, None] - self._seen)
        value, slope = inverse @ self._seen_weight, -(inverse**2) @ self._seen_weight
        if self.first > 0:
            scale = self._head_scale
            series = np.vander(w / scale, ORDER + 1, increasing=True) @ self._head_matrix
            value, slope = value - series[:, 0] / scale, slope - series[:, 1] / scale / scale
        return value, slope

    @property
    def hidden_gap(self) -> float:
        """How far the first hidden feature lies below ``r``; at most ``r``."""
        below = self.r - self._hidden[self._hidden < self.r]
        return float(below.min()) if below.size else self.r

    @property
    def hidden_beyond(self) -> float:
        """Number of hidden features above ``r``."""
        return float(self._hidden_weight[self._hidden > self.r].sum())

    @cached_property
    def hidden_energy(self) -> float:
        """``sum_{i > m} a_i^2``."""
        near = float(self._hidden_weight @ self._hidden**2)
        return self.tail_square + near


class SupportCurve:
    """The support curve of one teacher at one noise scale."""

    def __init__(self, plane: Subordination) -> None:
        self.plane, self.t, self.d = plane, plane.t, plane.atoms.d

    def atom(self, index: float) -> float:
        """``a_i`` in units of ``tau``; infinite for ``i = 0``, 0 beyond the rank."""
        log_a = self.plane.atoms.log_at(index)
        return math.inf if log_a == math.inf else float(scaled(log_a - self.plane.log_tau))

    def excess(self, u: float) -> float:
        """``t sum 1/(u - a_i)^2``: below 1 in a gap."""
        return -self.plane.shift(complex(u))[1].real

    @cached_property
    def cut(self) -> Cut:
        """Where the bulk ends: the first gap from the weakest visible feature on, else ``Re w = 1``."""
        most = self.plane.count(1.0)
        if most >= self.d:
            return Cut(0j, self.d, True)
        if self.plane.spacing(1.0) > _RESOLVED:
            for visible in (most - k for k in range(_CANDIDATES) if most >= k):
                end = self._end_before(visible)
                if end is not None:
                    return Cut(complex(end), visible, True)
        height = self.height(1.0)
        if height < _ROUNDING:
            return Cut(complex(1.0), most, True)
        return Cut(complex(1.0, height), most, False)

    def _end_before(self, visible: float) -> float | None:
        """The real end of the curve below the ``visible``-th feature; None where there is no gap."""
        low, high = self.atom(visible + 1.0), self.atom(visible)
        if visible == 0:
            high = low + 2.0 * max(1.0, low)
        if not high > low:
            return None
        span = high - low

        def log_excess(x: float) -> float:
            value = self.excess(low + x * span)
            return math.log(value) if value > 0 else math.inf

        found = minimize_scalar(log_excess, bounds=(1e-9, 1 - 1e-9 * (visible > 0)), method="bounded")
        if not found.fun < -1e-12:
            return None
        near, far = 0.0, float(found.x)  # decreasing on the way: bisection and secants on 1/sqrt(excess) - 1
        return low + span * _decreasing_root(log_excess, near, far)

    def left_end(self) -> float:
        """Where the curve begins, left of all features."""
        smallest = self.atom(self.d)
        low, high = smallest - 1.0 - 1e-9, smallest  # excess(low) <= 1 / 1^2
        for _ in range(200):
            middle = 0.5 * (low + high)
            if middle in (low, high):
                break
            if self.excess(middle) > 1.0:
                high = middle
            else:
                low = middle
        return low

    def height(self, u: float, guess: float | None = None) -> float:
        """``v(u)``, the root of ``t sum 1/((u - a_i)^2 + v^2) = 1``; 0 in a gap."""
        low, high = 0.0, 1.0
        v = guess if guess is not None and 0.0 < guess < 1.0 else 0.5
        for _ in range(_STEPS):
            value, slope = self.plane.shift(complex(u, v))
            mass = -value.imag / v
            log = math.log(mass) if mass > 0 else -math.inf
            low, high = (v, high) if log > 0 else (low, v)
            # d log(mass) / dv, with d Im(tG)/dv = Re(tG')
            rate = slope.real / value.imag - 1.0 / v if mass > 0 else 0.0
            step = v - log / rate if rate < 0 and math.isfinite(log) else math.nan
            if abs(step - v) <= _LAST_STEP * v:
                return step
            if not low < step < high:
                step = 0.5 * (low + high) if low > 0 else 0.1 * high
            if step < 1e-14:
                return 0.0
            v = step
        return v

    def heights(self, u: Array, guess: Array | None = None) -> Array:
        """`height` at many places at once."""
        low, high = np.zeros(u.size), np.ones(u.size)
        v = np.full(u.size, 0.5) if guess is None else np.where((guess > 0) & (guess < 1), guess, 0.5)
        left = np.arange(u.size)
        for _ in range(_STEPS):
            here = v[left]
            value, slope = self.plane.shifts(u[left] + 1j * here)
            with np.errstate(divide="ignore", invalid="ignore"):
                log = np.log(np.maximum(-value.imag / here, 0.0))
                rate = slope.real / value.imag - 1.0 / here
                step = np.where((rate < 0) & np.isfinite(log), here - log / rate, np.nan)
            above = log > 0
            low[left], high[left] = np.where(above, here, low[left]), np.where(above, high[left], here)
            done = np.abs(step - here) <= _LAST_STEP * here
            halved = np.where(low[left] > 0, 0.5 * (low[left] + high[left]), 0.1 * high[left])
            inside = (low[left] < step) & (step < high[left])
            there = np.where(done | inside, step, halved)
            flat = ~done & (there < 1e-14)
            v[left] = np.where(flat, 0.0, there)
            left = left[~(done | flat)]
            if not left.size:
                break
        return v

    def beside(self, v: float, u: float) -> float:
        """``u(v)`` on the branch that comes down to the end of the curve, from a guess."""
        for _ in range(_STEPS):
            value, slope = self.plane.shift(complex(u, v))
            mass = -value.imag / v
            step = math.log(mass) * mass * v / slope.imag  # mass' = -Im(tG')/v
            u += step
            if abs(step) <= 4e-16 * u:
                break
        return u


def _decreasing_root(f, low: float, high: float) -> float:  # type: ignore[no-untyped-def]
    """Bisection; the function may be infinite at the lower end."""
    for _ in range(200):
        middle = 0.5 * (low + high)
        if middle in (low, high):
            break
        if f(middle) > 0:
            low = middle
        else:
            high = middle
    return 0.5 * (low + high)


@dataclass(frozen=True)
class BulkNodes:
    """Quadrature over eigenvalues between the threshold and the bulk's end.

    Attributes:
        w: points of the support curve.
        beyond: ``x - c``, how far above the threshold.
        weight: weights of ``dx``.
    """

    w: Complex
    beyond: Array
    weight: Array

    def joined(self, other: BulkNodes) -> BulkNodes:
        """Both stretches together."""
        return BulkNodes(
            np.concatenate([self.w, other.w]),
            np.concatenate([self.beyond, other.beyond]),
            np.concatenate([self.weight, other.weight]),
        )


def bulk_nodes(curve: SupportCurve, start: complex, cut: Cut, c: float) -> BulkNodes:
    """Nodes from ``start`` (where ``x = c``) to the cut, resolving the square root at its end."""
    width = cut.w.real - start.real
    if cut.gap and (width < _NARROW or start.imag < _LOW):
        return _nodes_by_height(curve, start, cut)
    return _refined(curve, cut.w.real, c, width, _AGREE)


def stretch_nodes(curve: SupportCurve, end: complex, width: float, agree: float) -> BulkNodes:
    """Nodes on the curve from ``end`` to ``width`` left of it (right, if negative), finest at ``end``."""
    return _refined(curve, end.real, 0.0, width, agree)


def _refined(curve: SupportCurve, end: float, c: float, width: float, agree: float) -> BulkNodes:
    """Halve stretches until their mass does not change; single features raise bumps on the curve near its end.

    All stretches of one length are evaluated together.
    """
    nodes = _stretches(curve, end, c, width, [(0.0, 1.0)], None)
    known, open_ones = nodes[0], [(0.0, 1.0, nodes[0])]
    done: list[tuple[float, BulkNodes]] = []
    for depth in range(_DEPTH, -1, -1):
        pieces = [x for low, high, _ in open_ones for x in _halves(low, high)]
        halves = _stretches(curve, end, c, width, pieces, known)
        further = []
        for k, (low, high, whole) in enumerate(open_ones):
            both = halves[2 * k].joined(halves[2 * k + 1])
            if depth == 0 or abs(_mass(both) - _mass(whole)) <= agree * _mass(both) * (high - low):
                done.append((low, both))
            else:
                further += [(*pieces[i], halves[i]) for i in (2 * k, 2 * k + 1)]
        open_ones = further
        if not open_ones:
            break
        known = _joined([nodes for _, _, nodes in open_ones])
    return _joined([nodes for _, nodes in sorted(done, key=lambda x: x[0])])


def _halves(low: float, high: float) -> tuple[tuple[float, float], tuple[float, float]]:
    middle = 0.5 * (low + high)
    return (low, middle), (middle, high)


def _joined(parts: list[BulkNodes]) -> BulkNodes:
    return BulkNodes(
        *(np.concatenate([getattr(x, name) for x in parts]) for name in ("w", "beyond", "weight"))
    )


def _mass(nodes: BulkNodes) -> float:
    return float(nodes.weight @ nodes.w.imag)


def _stretches(
    curve: SupportCurve,
    end: float,
    c: float,
    width: float,
    pieces: list[tuple[float, float]],
    known: BulkNodes | None,
) -> list[BulkNodes]:
    """Nodes for ``low < s < high`` where ``u = end - width s^2``, for several pieces; ``known`` nodes guide them."""
    node, weight = _LEGENDRE
    ends = np.array(pieces)
    half = 0.5 * (ends[:, 1] - ends[:, 0])[:, None]
    s, ds = (ends[:, :1] + half * (1.0 + node)).ravel(), (half * weight).ravel()
    u = end - width * s * s
    guess = None
    if known is not None:
        order = np.argsort(known.w.real)
        guess = np.interp(u, known.w.real[order], known.w.imag[order])
    w = u + 1j * curve.heights(u, guess)
    beyond, measure = np.zeros(s.size), np.zeros(s.size)
    on = w.imag > 0
    value, slope = curve.plane.shifts(w[on])
    along = 1.0 + slope  # dx/du = |z'|^2 / Re z' on the curve
    beyond[on] = u[on] + value.real - c
    measure[on] = np.abs(along) ** 2 / along.real * 2.0 * abs(width) * s[on] * ds[on]
    k = node.size
    return [BulkNodes(w[i : i + k], beyond[i : i + k], measure[i : i + k]) for i in range(0, s.size, k)]


# Narrower stretches of the curve are parametrised by their height.
_NARROW = 1e-3
# ... and lower ones: a stretch is as wide as the square of its height, 0.03^2 being about as narrow.
_LOW = 0.03
# Halvings of a stretch, and the relative change of its mass below which it is accurate.
_DEPTH = 7
# A digit below the residual that a solve may have.
_AGREE = 1e-11


def _nodes_by_height(curve: SupportCurve, start: complex, cut: Cut) -> BulkNodes:
    """Near the edge ``Im w`` keeps its digits where ``Re w`` has none left."""
    node, weight = _LEGENDRE
    s = 0.5 * (1.0 + node)
    v = start.imag * s
    w = np.empty(s.size, dtype=complex)
    rate = np.empty(s.size)
    u = cut.w.real
    for k in range(s.size):
        u = curve.beside(float(v[k]), u)
        w[k] = complex(u, v[k])
        along = 1.0 + curve.plane.shift(w[k])[1]
        # dx/dv = -|z'|^2 / Im z', and close to the edge |z'| is nearly |Im z'|
        rate[k] = (along.imag**2 + along.real**2) / along.imag
    fit = np.polynomial.legendre.Legendre.fit(s, rate, s.size - 1, domain=[0.0, 1.0])
    total = fit.integ(lbnd=0.0)
    beyond = start.imag * (total(1.0) - total(s))
    return BulkNodes(w, np.maximum(beyond, 0.0), 0.5 * weight * rate * start.imag)
