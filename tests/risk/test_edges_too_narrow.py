"""A narrow edge's expansion against the same quantities resolved, at angles where both are good."""

from __future__ import annotations

import numpy as np
import pytest

from asymptotix import Problem, decompose
from asymptotix.free_convolution.support_curve import SupportCurve
from asymptotix.risk import edge_parts
from asymptotix.risk.edge_parts import half_learned, moment_at_edge


@pytest.mark.parametrize(
    ("network", "more"),
    [("quadratic", {}), ("symmetric", {}), ("bilinear", {}), ("bilinear", {"rows": 10**36 // 2})],
)
@pytest.mark.parametrize(("lam", "n_eff"), [(0.0, 1e20), (1e-12, 1e21)])
def test_the_expansion_meets_what_is_resolved(
    network: str, more: dict[str, int], lam: float, n_eff: float, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Up to the edge's angle, some 1e-3, and the discreteness of features."""
    p = Problem(network, gamma=1.25, d=10**36, n=n_eff * 1e36, lam=lam, noise=0.01, **more)
    found = []
    for widest in (1e-12, 0.1):
        monkeypatch.setattr(edge_parts, "_NARROW", widest)
        found.append(decompose(p))
    resolved, narrow = found
    names = ("overfitting", "bulk_moment", "learned_noise")
    assert any(getattr(narrow, name) != getattr(resolved, name) for name in names)
    for name in names:
        assert getattr(narrow, name) == pytest.approx(getattr(resolved, name), rel=5e-3), name


@pytest.mark.parametrize("gap", [0.0, 0.3])
def test_moments_at_an_edge_are_integrals(gap: float) -> None:
    """``int (k (phi^2 - theta^2) + gap)^2 theta^2 dtheta``, of a density that makes ``phi^3/3`` one."""
    whole, shape, phi = 7.0, 1.7, 0.4
    node, weight = np.polynomial.legendre.leggauss(20)
    theta = 0.5 * phi * (1 + node)
    exact = 0.5 * phi * weight @ ((shape * (phi**2 - theta**2) + gap) ** 2 * theta**2)
    assert moment_at_edge(whole, shape, phi, gap) == pytest.approx(whole * float(exact), rel=1e-12)


class _Equidistant(SupportCurve):
    """Features with logarithms ``-h i``, where that is all that is asked for."""

    def __init__(self, h: float) -> None:
        self.h = h

    def atom(self, index: float) -> float:
        return float(np.exp(-self.h * index))

    @property
    def plane(self):  # type: ignore[no-untyped-def]
        return self

    atoms = spectrum = plane

    def log_value(self, index: np.ndarray) -> np.ndarray:
        return -self.h * index


@pytest.mark.parametrize("phi", [1e-5, 1e-3, 0.05, 30.0])
def test_features_half_learned_at_an_edge(phi: float) -> None:
    """One by one, ``phi - s arctan(phi/s)`` at distances ``(j - f) h``: a fraction ``f = 0.3`` is behind the edge."""
    h, visible = 1e-3, 50.0
    curve = _Equidistant(h)
    edge = curve.atom(visible) - 0.3 * (curve.atom(visible) - curve.atom(visible + 1))
    s = (np.arange(1.0, 3e6 if phi > 1 else 3e5) - 0.3) * h
    exact = float((phi - s * np.arctan(phi / s)).sum()) + phi**3 / (3 * s[-1] * h)
    assert half_learned(curve, edge, phi, visible) == pytest.approx(exact, rel=1e-6)


@pytest.mark.parametrize(
    ("network", "more"), [("quadratic", {}), ("symmetric", {}), ("bilinear", {}), ("bilinear", {"rows": 150})]
)
@pytest.mark.parametrize(("gamma", "lam"), [(1.25, 1 / 300), (0.75, 1 / 300), (0.6, 0.01)])
def test_parts_sum_where_the_bulk_ends_without_a_gap(
    network: str, more: dict[str, int], gamma: float, lam: float
) -> None:
    parts = decompose(Problem(network, gamma=gamma, d=300, n=300 ** (13 / 6), lam=lam, noise=1, **more))
    assert parts.residual < 1e-11
    assert parts.learned_noise > 10
