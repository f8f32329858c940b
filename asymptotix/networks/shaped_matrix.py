r"""The quadratic network on inputs of unequal variance: the positive part of a semicircle around shifted atoms.

Stated for the whitened matrix ``T = C^(1/2) S C^(1/2)``, which commutes with the covariance ``C`` of the inputs, the
penalty ``lam d Tr S`` is ``lam d Tr C^-1 T`` and the estimator ``(T* + delta Z - eps C^-1)_+`` (`theory.md` 11). In
units of ``tau`` the atoms are ``b_i = a_i - c g_i`` with ``g_i = 1/v_i``, decreasing in ``i``; with ``t = 1/d`` and
``z = w + t G(w)``, ``G = sum 1/(w - b_i)``, what is learned begins where ``z(w_0) = 0``. Split the atoms into a head
(``b_i > Re w_0``, ``m`` of them, ``G = h + T``) and a tail, ``B = sum_tail a_i/(w - b_i)``, and let
``theta_i = arg(w_0 - b_i)/pi``. From ``rho = sum_i int (x_+ - a_i)^2 O_i(x) dx`` and ``s = 2 d int_0 x Re G mu(dx)``

    rho = sum_head (c^2 g^2 theta + a^2 (1 - theta)) + sum_tail a^2 + m N/d - (1/pi) Im (int_up (H + X) + int_right P)
    s   = -(1/(pi d)) Im (int_up Y + int_right z_t T^2 z_t' dw),           N = sum theta_i + d Im(w_0^2)/(2 pi)

    H = sum_head ((t G)^2 - 2 t G c g)/(w - b) z' + t G' sum_head (c^2 g^2 - a^2)/(w - b)
    P = (z_t^2 T - 2 z_t B) z_t'         z_t = w + t T
    X, Y: what the head adds to (z^2 T - 2 z B) z' and to z G^2 z'

"Up" is the vertical from ``w_0``, along which the leading ``K/w`` of X and Y is taken out and put back in closed form;
"right" leads from ``w_0`` to a real point beyond the tail. Nothing as large as the teacher's squares, nor as the
thresholds of the last coordinates, is left to cancel; rounding is of the order of ``d`` units in the last place.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from asymptotix.arrays import Array, Complex
from asymptotix.errors import NotConverged, TooLarge
from asymptotix.inputs import Inputs
from asymptotix.networks.base import Response, saturated_exp
from asymptotix.networks.sequence import solve_threshold
from asymptotix.quadrature import integer_panels
from asymptotix.rootfinding import bracket, increasing_root
from asymptotix.teacher import Spectrum

# Beyond it rounding, d units in the last place, is no longer small beside the few learned.
_LARGEST = 10**9
# Up to this dimension all atoms are cheaper than panels of them.
_ALL = 1500
# So many first atoms are taken one by one, and so many on either side of the end of the contour; panels of further
# ones are as long as their distance from there, or a quarter of that from the first.
_FEW, _WINDOW, _GROWTH = 300, 24.0, 1.25
# Thresholds are looked for within this of 1, in log c; larger ratios to the noise are replaced by the second.
_WIDEST_PATH, _LARGE = 600.0, 1e150
# On a panel as long as its distance from a pole 16 nodes are good to 1e-22; shorter distances are not resolved.
_RULE = np.polynomial.legendre.leggauss(16)
_FINEST = 1e-9
# The quarter circle of the tail keeps a distance of its radius from all atoms at its end: panels of a ratio.
_ARC = 8
# Newton's method from below on a concave function.
_STEPS = 80
# An imaginary part this much smaller is that of a gap.
_FLAT = 1e-10
#: Entries of a block of sums that stay near the processor.
_BLOCK = 1 << 15


@dataclass(frozen=True)
class ShapedResponse(Response):
    """A `Response` that remembers its point ``w_0`` and the number of learned eigenvalues."""

    point: complex = 0j
    count: float = 0.0


@dataclass(frozen=True)
class Weighted:
    """Atoms in units of ``tau``: coefficients ``a``, shifts ``c g``, how many each stands for."""

    a: Array
    shift: Array
    weight: Array

    @cached_property
    def b(self) -> Array:
        return self.a - self.shift


@dataclass(frozen=True)
class ShapedMatrix:
    """The potential; ``path = log c``, the threshold where ``v_i = 1``."""

    spectrum: Spectrum
    inputs: Inputs

    def path_of(self, c: float, log_tau: float) -> float:
        return math.log(c) if c > 0 else -math.inf

    @cached_property
    def _last(self) -> list[float]:
        """``Re w_0`` of the last response, from which the next search starts."""
        return [0.0]

    def response(self, path: float, log_tau: float) -> ShapedResponse:
        """Respond at threshold ``c = exp(path)`` of an input of unit variance.

        >>> from asymptotix.inputs import PowerVariances
        >>> from asymptotix.teacher import FiniteRank
        >>> noise = ShapedMatrix(FiniteRank([1.0]).spectrum(400), PowerVariances(1))
        >>> round(noise.response(-math.inf, 20.0).dof / 400, 9)
        0.5
        """
        if self.spectrum.d > _LARGEST:
            raise TooLarge("d", self.spectrum.d, f"at most {_LARGEST:.0e} for a matrix on unequal inputs")
        c = saturated_exp(path)
        atoms = self._atoms(path, log_tau, 0.0)
        if atoms.b.max() < -2.5:  # no eigenvalue of the noise reaches so far
            return ShapedResponse(path, c, saturated_exp(-2.0 * log_tau), 0.0)
        w = _origin(atoms, self._last[0])
        if self._panels:
            atoms = self._atoms(path, log_tau, w.real)
            w = _origin(atoms, w.real)
        self._last[0] = w.real
        return _response(atoms, w, path, c, saturated_exp(-2.0 * log_tau))

    def threshold(self, log_tau: float, nu: float, penalty: float, near: Response | None) -> Response:
        """Solve ``s / nu + L / (nu kappa) = 1`` for ``log c``."""
        if penalty == 0 and (nothing := self.response(-math.inf, log_tau)).dof <= nu:
            return nothing
        last = np.array([max(min(math.sqrt(nu * self.spectrum.d), self.spectrum.d), 1.0)])
        start = -2.0 * float(self.inputs.log_threshold(last)[0])  # as many parameters as samples
        if penalty > 0:
            start = max(start, math.log(penalty) - math.log(nu) - log_tau)
        range_ = (-_WIDEST_PATH, _WIDEST_PATH)
        return solve_threshold(self.response, log_tau, nu, penalty, start, near, range_)

    @property
    def _panels(self) -> bool:
        return self.spectrum.d > _ALL and self.inputs.smooth

    def _atoms(self, path: float, log_tau: float, u: float) -> Weighted:
        """All atoms, or nodes for their sums, finest around those at ``u``."""
        d = float(self.spectrum.d)
        if not self._panels:
            index, weight = np.arange(1.0, d + 1.0), np.ones(int(d))
        else:
            alone = _FEW if self.spectrum.smooth else max(self.spectrum.rank, _FEW)
            centre = self._index_of(path, log_tau, u)
            growth = _WINDOW * 2.0 ** np.arange(math.log2(d / _WINDOW))
            steps = np.concatenate([np.arange(-_WINDOW, _WINDOW + 1.0), growth, -growth])
            marks = [
                np.array([alone, self.spectrum.rank, d]),
                centre + steps,
                alone * _GROWTH ** np.arange(math.log(d / alone) / math.log(_GROWTH)),
            ]
            breaks = np.unique(np.floor(np.clip(np.concatenate(marks), alone, d)))
            index, weight = integer_panels(breaks[:-1], breaks[1:])
            index = np.concatenate([np.arange(1.0, alone + 1.0), index])
            weight = np.concatenate([np.ones(int(alone)), weight])
        a = np.zeros_like(index)
        there = index <= self.spectrum.rank
        known = index[there] if self.spectrum.smooth else np.floor(index[there])
        a[there] = np.exp(np.minimum(self.spectrum.log_value(known) - log_tau, math.log(_LARGE)))
        return Weighted(a, self._shift(path, index), weight)

    def _shift(self, path: float, index: Array) -> Array:
        shift: Array = np.exp(np.minimum(path + 2.0 * self.inputs.log_threshold(index), math.log(_LARGE)))
        return shift

    def _index_of(self, path: float, log_tau: float, u: float) -> float:
        """Where the atoms pass ``u``, by bisection."""
        low, high = 1.0, float(self.spectrum.d)
        while high - low > 0.5 and high > low * (1.0 + 1e-3):
            middle = np.array([math.sqrt(low * high)])
            here = -self._shift(path, middle)
            if middle[0] <= self.spectrum.rank:
                here = here + np.exp(min(float(self.spectrum.log_value(middle)[0]) - log_tau, 300.0))
            low, high = (float(middle[0]), high) if here[0] > u else (low, float(middle[0]))
        return math.floor(high)


def _height(atoms: Weighted, share: Array, u: float) -> float:
    """``(Im w)^2`` on the curve ``t sum 1/|w - b|^2 = 1``: the reciprocal of the sum is concave in it."""
    near = np.square(u - atoms.b)
    q = float(max(share @ (near == near.min()) - near.min(), 1e-300))
    for _ in range(_STEPS):
        one = 1.0 / (near + q)
        total = float(share @ one)
        slope = float(share @ (one * one))  # 0 where squares of distances are beyond doubles: a gap
        step = total * (total - 1.0) / slope if slope > 0 else 0.0
        if not step > 4e-16 * q:
            break
        q += step
    return q if q > 1e-299 else 0.0


def _origin(atoms: Weighted, guess: float) -> complex:
    """``w_0``: ``Re z`` rises along the curve, which holds the only solution off the axis; real in a gap."""
    share = atoms.weight / atoms.weight.sum()

    def shift(u: float) -> float:
        x = u - atoms.b
        with np.errstate(divide="ignore", invalid="ignore"):
            total = u + float(share @ (x / (x * x + _height(atoms, share, u))))
        return total if math.isfinite(total) else 0.0

    low, high = min(float(atoms.b.min()), 0.0) - 3.0, max(float(atoms.b.max()), 0.0) + 3.0
    ends = bracket(shift, min(max(guess, low), high), 0.3, low, high)
    if ends is None:
        raise NotConverged(f"no threshold between the atoms {low + 3.0:g} and {high - 3.0:g}")
    u = increasing_root(shift, ends, tolerance=1e-13)
    w = complex(u, math.sqrt(_height(atoms, share, u)))
    return _polished(atoms, share, w) if w.imag > _FLAT * max(abs(u), 1.0) else _gap(atoms, u)


def _polished(atoms: Weighted, share: Array, w: complex) -> complex:
    """Newton's method for ``z(w) = 0``, as far as it helps."""
    least = math.inf
    for _ in range(8):
        inverse = 1.0 / (w - atoms.b)
        off = w + complex(share @ inverse)
        if not abs(off) < least:
            break
        best, least = w, abs(off)
        w = w - off / (1.0 - complex(share @ (inverse * inverse)))
        if w.imag <= 0:
            break
    return best


def _gap(atoms: Weighted, u: float) -> complex:
    """The middle of the gap around ``u``."""
    above, below = atoms.b[atoms.b > u], atoms.b[atoms.b <= u]
    if above.size == 0 or below.size == 0:
        return complex(u)
    return complex(0.5 * (float(above.min()) + float(below.max())))


def _response(atoms: Weighted, w: complex, path: float, c: float, nothing: float) -> ShapedResponse:
    """The sums at the point ``w_0``; ``nothing`` is the risk of the null estimator."""
    head = atoms.b > w.real
    m, d = float(atoms.weight[head].sum()), float(atoms.weight.sum())
    if m == 0 and w.imag == 0:
        return ShapedResponse(path, c, nothing, 0.0, point=w)
    theta = np.angle(w - atoms.b) / math.pi
    rest = np.angle(atoms.b - w.conjugate()) / math.pi  # 1 - theta, to all digits where features are large
    count = float(atoms.weight @ theta) + d * (w * w).imag / (2.0 * math.pi)
    square = atoms.a**2
    fixed = np.where(head, np.where(head, atoms.shift, 0.0) ** 2 * theta + square * rest, square)
    rho = float(atoms.weight @ fixed) + m * count / d
    up, s_up = _vertical(atoms, head, w, m, d)
    right, s_right = _quarter(atoms, head, w, d) if w.imag > 0 else (0.0, 0.0)
    rho -= (up + right) / math.pi
    dof = -(s_up + s_right) / (math.pi * d)
    return ShapedResponse(path, c, max(rho, 0.0), min(max(dof, 0.0), d), point=w, count=count)


def _vertical(
    atoms: Weighted, head: NDArray[np.bool_], w: complex, m: float, d: float
) -> tuple[float, float]:
    """Imaginary parts of the integrals of ``H + X`` and of ``Y`` from ``w_0`` upwards."""
    place, dw = _upwards(w, atoms)
    t, p = 1.0 / d, atoms.weight
    shift = np.where(head, atoms.shift, 0.0)  # of the tail they may be as large as doubles hold
    square = np.where(head, shift**2 - atoms.a**2, 0.0)
    on, off = np.where(head, p, 0.0), np.where(head, 0.0, p)
    sums = _sums(atoms.b, place, np.stack([on, off, off * atoms.a, on * shift, on * square], axis=1))
    (h, tail, low, biased, squares), slopes = sums
    th, th_slope, tg = t * h, t * slopes[0], t * (h + tail)
    zt, zt_slope = place + t * tail, 1.0 + t * slopes[1]
    z, z_slope = zt + th, zt_slope + th_slope
    own = (tg * tg * h - 2.0 * tg * biased) * z_slope + (th_slope + t * slopes[1]) * squares
    mixed = th * (z + zt) * zt_slope * tail + z * z * th_slope * tail
    mixed -= 2.0 * (z * th_slope + th * zt_slope) * low
    dofs = zt * tail * tail * th_slope + th * tail * tail * z_slope + z * h * (2.0 * tail + h) * z_slope
    # 1/(w - u) with u left of w_0, no nearer than an atom: the same leading term, integrated in closed form
    left = w.real - max(abs(w), 1.0, float(np.abs(atoms.b - w).min()))
    angle = math.atan2(w.imag, w.real - left)
    leading = 1.0 / (place - left)
    rest = t * m * (d - m)
    rho = float(((own + mixed - rest * leading) * dw).imag.sum()) - rest * angle
    rest = m * (2.0 * d - m)
    return rho, float(((dofs - rest * leading) * dw).imag.sum()) - rest * angle


def _quarter(atoms: Weighted, head: NDArray[np.bool_], w: complex, d: float) -> tuple[float, float]:
    """Imaginary parts of the tail's own integrals, on a circle of radius ``Im w_0`` around ``Re w_0``."""
    node, weight = _RULE
    edges = np.linspace(0.5 * math.pi, 0.0, _ARC // 2 + 1)
    half = 0.5 * np.diff(edges)[:, None]
    angle = (0.5 * (edges[1:] + edges[:-1])[:, None] + half * node).ravel()
    around = w.imag * np.exp(1j * angle)
    dw = 1j * around * (half * weight).ravel()
    off = np.where(head, 0.0, atoms.weight)
    (tail, low), slopes = _sums(atoms.b, w.real + around, np.stack([off, off * atoms.a], axis=1))
    z, z_slope = w.real + around + tail / d, 1.0 + slopes[0] / d
    rho = (z * z * tail - 2.0 * z * low) * z_slope
    return float((rho * dw).imag.sum()), float((z * tail * tail * z_slope * dw).imag.sum())


def _sums(b: Array, w: Complex, weights: Array) -> tuple[Complex, Complex]:
    """``sum weight/(w - b)`` for each column of weights, and the derivatives."""
    value, slope = np.empty((2, weights.shape[1], w.size), dtype=np.complex128)
    block = max(_BLOCK // b.size, 1)
    with np.errstate(over="ignore"):  # an atom beyond the square root of what doubles hold adds nothing
        for at in range(0, w.size, block):
            here = slice(at, at + block)
            x, y = w.real[here, None] - b, -w.imag[here, None]
            size = x * x
            size += y * y
            np.reciprocal(size, out=size)
            x *= size
            y = y * size  # 1/(w - b) = x + i y
            value[:, here] = (x @ weights + 1j * (y @ weights)).T
            np.multiply(x, y, out=size)
            slope[:, here] = -2j * (size @ weights).T
            x *= x
            y *= y
            slope[:, here] += ((y - x) @ weights).T
    return value, slope


def _upwards(w: complex, atoms: Weighted) -> tuple[Complex, Complex]:
    """Nodes and weights from ``w`` to ``w + i inf``: panels that double, the last one in ``1/y``."""
    far = 4.0 * float(np.abs(atoms.b - w).max()) + 4.0
    first = max(float(np.abs(atoms.b - w).min()), _FINEST * max(abs(w), _FINEST))
    steps = np.append(0.0, first * 2.0 ** np.arange(math.ceil(math.log2(far / first)) + 1.0))
    node, weight = _RULE
    half, middle = 0.5 * np.diff(steps)[:, None], 0.5 * (steps[1:] + steps[:-1])[:, None]
    y, dy = (middle + half * node).ravel(), (half * weight).ravel()
    x, dx = 0.5 / steps[-1] * (1.0 + node), 0.5 / steps[-1] * weight
    y, dy = np.append(y, 1.0 / x), np.append(dy, dx / (x * x))
    return w + 1j * y, np.asarray(1j * dy, dtype=np.complex128)
