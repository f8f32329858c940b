r"""The bilinear network: two different wide layers, the nuclear norm of a matrix without symmetry.

The singular values of a square ``S + delta Z``, made symmetric, are the free convolution of the teacher's ``+-a_i``
with a semicircle. In units of ``tau``, with ``T(w) = sum w/(w^2 - a_i^2)`` and ``S = T/d``, they are where
``z = w + S`` is real: on the curve ``sum (1/|w - a_i|^2 + 1/|w + a_i|^2) = 2 d``, along which ``Re w`` and ``c = z``
rise together (Biane 1997). From ``w_c`` to any real point right of all features

    s   = -(2 d/pi) Im int (z - c) S^2 z' dw
    rho = U + (2/pi) Im int (T (w^2 S' - (S - c)^2 z') + d w) dw,    U = (1/pi) sum a_i^2 arg(a_i^2 - conj(w_c)^2)

where ``U`` is what features below the threshold cost, and no two terms as large as the teacher cancel. Errors of
rounding are of the order of ``d`` units in the last place.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from fractions import Fraction

import numpy as np
from numpy.typing import NDArray

from asymptotix.errors import NotConverged, TooLarge
from asymptotix.networks.base import Geometry, Network, Response, Units, saturated_exp, threshold_balance
from asymptotix.risk.spectral_bands import banded_error
from asymptotix.rootfinding import bracket, increasing_root
from asymptotix.spectrum.network_law import LISTED, Law
from asymptotix.teacher import Spectrum

Array = NDArray[np.float64]
Complex = NDArray[np.complex128]
# Beyond it rounding, d units in the last place, is no longer small beside the few learned.
_LARGEST = 10**8
# Features taken one by one; further ones as Gauss nodes of panels that grow by this ratio, finest at the threshold.
_FEW, _GROWTH, _WINDOW = 300, 1.2, 24.0
# On a panel as long as its distance from a pole 16 nodes are good to 1e-22; shorter distances are not resolved.
_RULE = np.polynomial.legendre.leggauss(16)
_FINEST = 1e-9
# Newton's method from below on a concave function; log u where nothing and all is below the threshold.
_STEPS, _LOW, _HIGH = 80, -40.0, 80.0
# Bands are followed one by one for the best denoiser.
_BANDS = 400


@dataclass(frozen=True)
class SingularResponse(Response):
    """A `Response` that remembers its point ``w_c``."""

    point: complex = 0j


@dataclass(frozen=True)
class SingularValues:
    """The potential of soft thresholding the singular values of ``S + delta Z``; ``path = log Re w``.

    >>> from asymptotix.teacher import FiniteRank
    >>> noise = SingularValues(FiniteRank([1.0]).spectrum(100))
    >>> here = noise.response(-math.inf, 20.0)
    >>> round(here.dof, 9), round(here.rho, 9)
    (100.0, 100.0)
    """

    spectrum: Spectrum

    def features(self, log_tau: float, log_u: float) -> tuple[Array, Array]:
        """Squared features in units of ``tau``, and how many each stands for; finest around ``Re w``."""
        spectrum, rank = self.spectrum, float(self.spectrum.rank)
        if spectrum.d > _LARGEST:
            raise TooLarge("d", spectrum.d, f"at most {_LARGEST:.0e} for a bilinear network")
        if rank <= 2 * _FEW or not spectrum.smooth:
            log_a, weight = spectrum.nodes(np.arange(rank + 1.0))
        else:
            tail = _FEW * _GROWTH ** np.arange(math.log(rank / _FEW) / math.log(_GROWTH))
            centre = spectrum.count_above(log_u + log_tau) if math.isfinite(log_u) else rank
            window = _WINDOW * 2.0 ** np.arange(math.log2(rank / _WINDOW))
            breaks = np.concatenate(
                [np.arange(_FEW), tail, centre - window, [centre], centre + window, [rank]]
            )
            log_a, weight = spectrum.nodes(np.unique(np.floor(np.clip(breaks, 0.0, rank))))
        squares = np.exp(np.minimum(2.0 * (log_a - log_tau), 300.0))
        if spectrum.d == rank:
            return squares, weight
        return np.append(squares, 0.0), np.append(weight, spectrum.d - rank)

    def response(self, path: float, log_tau: float) -> SingularResponse:
        """Respond at ``Re w = exp(path)``, at effective noise ``exp(log_tau)``."""
        u = saturated_exp(path)
        squares, weight = self.features(log_tau, path)
        d, top = float(self.spectrum.d), math.sqrt(squares.max())
        w = complex(u, _height(squares, weight, u))
        if w.imag == 0.0 and u > top:
            c = u + float((weight * u / (u * u - squares)).sum()) / d
            return SingularResponse(path, c, saturated_exp(-2.0 * log_tau), 0.0, point=w)
        place, dw = _contour(w, 2.0 * max(top, u) + 3.0, _clearance(squares, w))
        total, slope = _sums(squares, weight, np.append(place, w))
        c = w.real + total[-1].real / d if u > 0.0 else 0.0
        g, dz = total[:-1] / d, 1.0 + slope[:-1] / d
        dof = -2.0 * d / math.pi * float(((place + g - c) * g * g * dz * dw).imag.sum())
        moved = total[:-1] * (place**2 * (dz - 1.0) - (g - c) ** 2 * dz) * dw
        rho = missed(squares, weight, w) + 2.0 / math.pi * (float(moved.imag.sum()) - d * w.real * w.imag)
        return SingularResponse(path, c, max(rho, 0.0), min(max(dof, 0.0), d), point=w)

    def threshold(self, log_tau: float, nu: float, penalty: float, near: Response | None) -> Response:
        """Solve ``s / nu + penalty / (nu kappa) = 1`` at fixed effective noise."""
        nothing = self.response(-math.inf, log_tau)
        if penalty == 0 and nothing.dof <= nu:
            return nothing
        found: dict[float, SingularResponse] = {}

        def balance(path: float) -> float:
            found[path] = self.response(path, log_tau)
            return threshold_balance(found[path], log_tau, nu, penalty).value

        high = max(_HIGH, math.log(max(penalty / nu, 1e-300)) - log_tau + 1.0)
        ends = bracket(balance, near.path if near and math.isfinite(near.path) else 0.0, 0.5, _LOW, high)
        if ends is None:
            raise NotConverged(f"no threshold at log tau = {log_tau}, nu = {nu}")
        root = increasing_root(balance, ends)
        return found[root] if root in found else self.response(root, log_tau)

    def path_of(self, c: float, log_tau: float) -> float:
        """The position of threshold ``c``: bisection, ``z`` rises along the curve."""
        if c <= 0:
            return -math.inf

        def beyond(path: float) -> float:
            squares, weight = self.features(log_tau, path)
            u = math.exp(path)
            w = np.array([complex(u, _height(squares, weight, u))])
            return math.log((u + float(_sums(squares, weight, w)[0][0].real) / self.spectrum.d) / c)

        ends = bracket(beyond, math.log(c), 0.5, _LOW, _HIGH + abs(math.log(c)))
        return _LOW if ends is None else increasing_root(beyond, ends, tolerance=1e-12)


def missed(squares: Array, weight: Array, w: complex) -> float:
    """``U``: the features' own share that is below the threshold."""
    angle = np.arctan2(2.0 * w.real * w.imag, squares - w.real**2 + w.imag**2)
    return float((weight * squares * angle).sum()) / math.pi


def _sums(squares: Array, weight: Array, w: Complex) -> tuple[Complex, Complex]:
    """``T`` and ``T'``."""
    inverse: Complex = 1.0 / (w[:, None] ** 2 - squares)
    first: Complex = inverse @ weight
    np.square(inverse, out=inverse)
    second: Complex = inverse @ weight
    return w * first, first - 2.0 * w * w * second


def _height(squares: Array, weight: Array, u: float) -> float:
    """``Im w`` on the curve: with ``f = (1/2d) sum 1/|w -+ a|^2``, ``1/f`` rises with ``v^2``, nearly linear."""
    a = np.sqrt(squares)
    near, far = np.square(u - a), np.square(u + a)
    share = weight / (2.0 * weight.sum())
    q = float(max(share @ (near == near.min()) - near.min(), 1e-300))
    for _ in range(_STEPS):
        one, two = 1.0 / (near + q), 1.0 / (far + q)
        total = float(share @ (one + two))
        step = total * (total - 1.0) / float(share @ (one * one + two * two))
        if step <= 4e-16 * q:
            break
        q += step
    return math.sqrt(q) if q > 1e-299 else 0.0


def _clearance(squares: Array, w: complex) -> float:
    """Distance to the nearest feature."""
    return float(np.abs(np.sqrt(squares) - w).min())


def _contour(w: complex, end: float, clearance: float) -> tuple[Complex, Complex]:
    """Nodes and weights up from ``w``, in panels that double, then straight down to ``end`` on the real axis."""
    height = end - w.real
    first = min(max(clearance, _FINEST * end), height)
    steps = np.concatenate([[0.0], first * 2.0 ** np.arange(math.log2(height / first) + 1e-9), [height]])
    steps = np.unique(steps)
    top = w + 1j * height
    corners = np.concatenate([w + 1j * steps, top + (end - top) * np.arange(1, 7) / 6.0])
    half, middle = 0.5 * np.diff(corners), 0.5 * (corners[1:] + corners[:-1])
    node, weight = _RULE
    places: Complex = (middle[:, None] + half[:, None] * node).ravel()
    weights = np.asarray((half[:, None] * weight).ravel(), dtype=np.complex128)
    return places, weights


def singular_law(potential: SingularValues, response: SingularResponse, log_tau: float) -> Law:
    """The law of the learned singular values; ``c`` and all positions in units of ``tau``."""
    d = float(potential.spectrum.d)

    def at(x: float) -> tuple[Array, Array, complex]:
        path = potential.path_of(x, log_tau)
        squares, weight = potential.features(log_tau, path)
        u = saturated_exp(path)
        return squares, weight, complex(u, _height(squares, weight, u))

    def above(x: float) -> float:
        squares, weight, w = at(x)
        g = _sums(squares, weight, np.array([w]))[0][0] / d
        angle = np.arctan2(2.0 * w.real * w.imag, w.real**2 - w.imag**2 - squares)
        return float(weight @ angle + d * (g * g).imag) / math.pi if x > 0 else d

    squares, weight, edge = at(max(response.c, 2.0))
    visible = float(weight @ (squares > max(edge.real, 1.0) ** 2))
    positive = above(response.c)
    a, spikes = np.sqrt(squares), []
    for k in np.argsort(-squares)[: int(min(visible, LISTED))]:
        other = squares != squares[k]
        gap = squares[k] - squares[other]
        shift = float((weight[other] * a[k] / gap).sum() / d + 0.25 * weight[k] / a[k] / d)
        loss = float((weight[other] * (squares[k] + squares[other]) / gap**2).sum() / d)
        spikes.append((max(a[k] + shift - response.c, 0.0), min(max(1.0 - loss, 0.0), 1.0)))
    bulk = response.c < 2.0
    return Law(
        zero_mass=min(max(1.0 - positive / d, 0.0), 1.0),
        edges=(0.0, max(2.0 - response.c, 0.0)) if bulk else (),
        detached=not bulk or edge.imag == 0.0,
        learned_noise=max(positive - visible, 0.0),
        spikes=tuple(spikes),
        spike_count=visible,
        density=lambda x: np.array([at(float(v) + response.c)[2].imag * 2.0 / math.pi for v in x]),
        above=above,
    )


def least_error(potential: SingularValues, log_tau: float) -> float:
    """Of any estimator, over ``tau^2``: half of that of the symmetrised matrix, whose best denoiser is known.

    Raises:
        TooLarge: more bands than can be followed one by one.
    """
    spectrum = potential.spectrum
    if spectrum.d > _BANDS:
        raise TooLarge("d", spectrum.d, f"at most {_BANDS} for the least error of a bilinear network")
    a = spectrum.values() * math.exp(-log_tau)
    return 0.5 * banded_error(np.concatenate([a, -a[::-1]]))


#: ``S = U'V`` with weight decay on ``U`` and ``V``, both wide; each feature ``x'_i x_j / sqrt d`` has variance 1/d.
BILINEAR = Network(
    name="bilinear",
    prediction="x'^T S x / sqrt(d)",
    objective="sum (y - yhat)^2 + lam d ||S||_*",
    units=Units(Fraction(1), Fraction(1), Fraction(1, 2)),
    geometry=Geometry.SYMMETRIC_MATRIX,
    sides=2,
    excess_factor=1,
    noise_edge=lambda d: 2.0,
    potential=SingularValues,
    shares="asymptotix.asymptotics.expansions:spectral_shares",
    weights=singular_law,
    least_error=least_error,
    simulation="asymptotix.simulate.kinds:MATRIX",
    unequal_inputs="asymptotix.networks.shaped:bilinear_on",
)
