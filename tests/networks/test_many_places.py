"""Many places at once are those places one by one: every number of every response, wherever forms change."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest

from asymptotix import FiniteRank, Geometric, PowerLaw
from asymptotix.networks import get
from asymptotix.networks.base import Response, Slopes

NETWORKS = ["diagonal", "nonnegative", "elastic-net of ridge 0.01", "quadratic", "symmetric", "bilinear"]
SPECTRA = [
    PowerLaw(1.25).spectrum(50),
    FiniteRank([2.0, 1.0]).spectrum(400),
    Geometric(0.99).spectrum(3000),
    PowerLaw(0.8).spectrum(10**5),
    PowerLaw(1.25).spectrum(10**12),
    PowerLaw(2.0).spectrum(10**60),
]


def places(log_d: float) -> tuple[Any, Any]:
    """Thresholds and noises from none of the teacher above the noise to all of it far above the threshold."""
    paths = (-3.0, -0.75, -0.6, 0.1, 0.6, 1.5, 3.0, 3.95, 6.0)
    noises = (-0.8 * log_d, -0.3 * log_d, -4.0, -1.0, 2.0)
    return tuple(np.array([(p, t) for p in paths for t in noises]).T)


def numbers(one: Response) -> list[float]:
    below = [math.nan if x is None else x for x in (one.rho_below, one.dof_below)]
    assert one.slopes is not None
    return [one.c, one.rho, one.dof, one.reference, *below, *one.slopes]


@pytest.mark.parametrize("spectrum", SPECTRA, ids=lambda s: f"{s.d:g}")
@pytest.mark.parametrize("name", NETWORKS)
def test_many_places_are_places_one_by_one(name: str, spectrum: Any) -> None:
    potential = get(name).bind(spectrum)
    path, log_tau = places(math.log(spectrum.d))
    together = list(potential.responses(path, log_tau).each(path))
    for one, p, t in zip(together, path.tolist(), log_tau.tolist(), strict=True):
        alone = potential.response(p, t)
        if math.isnan(one.rho):  # said to be none, where it takes more than steps in common
            continue
        known = alone.slopes or Slopes(*one.slopes)  # type: ignore[misc]
        x, y = (np.array([r.c, r.rho, r.dof, *s]) for r, s in ((one, one.slopes), (alone, known)))
        scale = np.array([alone.c, *[alone.rho, alone.dof] * 3, 1.0, 1.0])
        assert (np.abs(x - y) <= 1e-8 * np.maximum(scale, np.abs(y))).all(), (p, t, x, y)
        if alone.rho_below is not None and one.rho_below is not None:
            assert one.reference == alone.reference
            assert one.rho_below == pytest.approx(alone.rho_below, rel=1e-10, abs=1e-10 * alone.dof_below)
            assert one.dof_below == pytest.approx(alone.dof_below, rel=1e-10)


@pytest.mark.parametrize("name", NETWORKS[:3])
def test_sequences_respond_everywhere(name: str) -> None:
    for spectrum in SPECTRA:
        found = get(name).bind(spectrum).responses(*places(math.log(spectrum.d)))
        assert np.isfinite(np.stack([found.c, found.rho, found.dof])).all()


@pytest.mark.parametrize("spectrum", SPECTRA[3:5], ids=lambda s: f"{s.d:g}")
@pytest.mark.parametrize("name", NETWORKS)
def test_slopes_of_many_places_are_differences(name: str, spectrum: Any) -> None:
    potential, h = get(name).bind(spectrum), 1e-6
    path, log_tau = places(math.log(spectrum.d))
    here = potential.responses(path, log_tau)
    for way, named in (((h, 0.0), ("rho_by_path", "dof_by_path")), ((0.0, h), ("rho_by_tau", "dof_by_tau"))):
        up, down = (potential.responses(path + s * way[0], log_tau + s * way[1]) for s in (1, -1))
        for name_, values in zip(named, ("rho", "dof"), strict=True):
            difference = (getattr(up, values) - getattr(down, values)) / (2.0 * h)
            scale = np.abs(getattr(here, values)) + np.abs(difference)
            off = np.abs(getattr(here, name_) - difference) / np.maximum(scale, 1e-250)
            assert np.nanmax(off) < 1e-5, (name_, np.nanargmax(off))
