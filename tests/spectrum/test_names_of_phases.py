"""Names: of phases by contrasts, of spectra by their parts; and the weights that are read at all."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest

import asymptotix as ax
from asymptotix.errors import InvalidInput, NotSupplied
from asymptotix.spectrum.phase_contrasts import (
    _NEEDED,
    PHASES,
    Contrasts,
    contrasts,
    filling,
    odds,
    onset,
    smear,
    tree,
)
from asymptotix.spectrum.spectrum_types import Law, kind_of, martin_mahoney, name
from asymptotix.spectrum.weights import read

NAMES = tuple(Contrasts.__dataclass_fields__)


def test_a_phase_needs_what_its_name_needs() -> None:
    """Of all 128 signs: turning a sign that is needed may change the phase, turning another one never does."""
    seen = set()
    for signs in range(128):
        here = Contrasts(*(2.0 if signs >> k & 1 else -2.0 for k in range(7)))
        seen.add(here.phase)
        turned = {x: replace(here, **{x: -getattr(here, x)}).phase for x in NAMES}
        # where nothing is seen it is plain that not all is learned
        needed = _NEEDED[here.phase] + (("every",) if here.phase in ("Ia", "Ib") else ())
        assert all(turned[x] == here.phase for x in NAMES if x not in needed)
        assert any(turned[x] != here.phase for x in needed)
        assert here.accepted == (here.phase,)
        assert here.clear
    assert seen == set(PHASES)
    for phase in PHASES:  # each is needed by some other
        for x in _NEEDED[phase]:
            at = [Contrasts(*(2.0 if s >> k & 1 else -2.0 for k in range(7))) for s in range(128)]
            assert any(c.phase == phase != replace(c, **{x: -getattr(c, x)}).phase for c in at)


def test_how_clear_a_phase_is() -> None:
    """The least of the contrasts that matter, beyond a factor of two and a smear."""
    here = Contrasts(seen=3.0, loud=0.1, every=-2.0, bias=0.0, noise=-0.9, bulk=0.2, spare=1.5)
    assert (here.phase, here.margin) == ("II", 0.9)
    assert here.clear
    assert here.exceeds(0.2)
    assert not here.exceeds(0.21)
    assert here.possible(0.2) == ("II",)
    assert set(here.possible(0.21)) == {"II", "V"} | {"VIa"}
    assert not replace(here, noise=-0.69).clear
    assert replace(here, noise=-0.7).clear
    assert set(replace(here, spare=0.1, noise=-2.0).accepted) == {"II", "IV"}
    assert set(replace(here, seen=-3.0).accepted) == {"Ia", "Ib"}
    half = tree(dict.fromkeys(NAMES, 0.5))
    assert half == {
        **dict.fromkeys(("Ia", "Ib", "II", "IV"), 1 / 16),
        **dict.fromkeys(("V", "VIa"), 1 / 8),
    } | {
        "III": 0.25,
        "VIb": 0.25,
    }
    assert list(half) == list(PHASES)


@pytest.mark.parametrize("network", ["quadratic", "symmetric", "diagonal"])
@pytest.mark.parametrize("lam", [0.02, 1.0])
def test_contrasts_are_those_of_the_parts_of_a_solved_problem(network: str, lam: float) -> None:
    p = ax.Problem(network, gamma=1.25, d=100, n=60 if network == "diagonal" else 3000, lam=lam, noise=0.5)
    solved, parts, here = ax.solve(p), ax.decompose(p), contrasts(p)
    a = math.sqrt(100) * float(p.spectrum.values()[0]) / solved.delta
    c = solved.eps / solved.delta
    assert here.loud == pytest.approx(-math.log(a))
    behind = max(c, 1.0) if network == "diagonal" else 0.5 * (max(c, 2) + math.sqrt(max(c, 2) ** 2 - 4))
    assert here.seen == pytest.approx(math.log(a / behind))
    assert here.bias == pytest.approx(2 * math.log(c))
    assert here.every == pytest.approx(math.log(parts.features / (100 - parts.features)))
    own = parts.features * solved.eps**2 / 100
    learned = parts.overfitting + max(parts.approximation - own, 0.0)
    assert here.noise == pytest.approx(math.log(learned / (parts.underfitting + own)))
    share, half = (solved.degrees_of_freedom - parts.features) / 100, 0.5 * p.net.sides
    assert here.bulk == pytest.approx(math.log(share / (half - share)) if share > 0 else -math.inf)
    nu = float(p.net.units.samples) * p.n_eff
    assert here.spare == pytest.approx(math.log((nu - solved.degrees_of_freedom) / solved.degrees_of_freedom))


def test_odds_and_where_features_are_seen() -> None:
    assert (odds(0.0, 1.0), odds(1.0, 0.0), odds(3.0, 1.0)) == (-math.inf, math.inf, math.log(3.0))
    assert (odds(0.0, 0.0), odds(-1.0, -1.0)) == (-math.inf, -math.inf)
    assert filling("quadratic", 0.25) == 0.0
    assert filling("symmetric", 0.75) == pytest.approx(math.log(3.0))
    assert onset("quadratic", 0.1) == 1.0
    assert onset("quadratic", 2.5) == pytest.approx(2.0)
    assert (onset("diagonal", 0.1), onset("diagonal", 3.0)) == (1.0, 3.0)


def test_finite_size_blurs() -> None:
    p = ax.Problem("quadratic", gamma=1.25, d=50, n=800, lam=1, noise=1)
    assert smear(p) == pytest.approx(2 * 0.05 + 0.04 + math.log(1 + 3 / 16))
    assert smear(ax.Problem("diagonal", gamma=1.25, d=50, n=800, lam=1, noise=1)) == pytest.approx(0.14)


def test_contrasts_that_do_not_exist_are_refused() -> None:
    p = ax.Problem("quadratic", gamma=1.25, d=40, n=3000, lam=0, noise=0)
    with pytest.raises(InvalidInput, match=r"lam = 0.* a problem with a finite error \(status: perfect"):
        contrasts(p)
    cut = ax.Problem("quadratic", gamma=1.25, d=80, n=3200, lam=0.02, noise=0.1, width=30)
    with pytest.raises(InvalidInput, match=r"width = 30.* a width that does not bind"):
        contrasts(cut)
    wide = cut.replace(width=79, lam=1.0)
    assert contrasts(wide) == contrasts(wide.replace(width=None))


def test_types_of_spectra_at_their_boundaries() -> None:
    assert kind_of(0.5, 0.5, 0.5, 100) == "zero mass + bulk + spikes"
    assert kind_of(0.49, 0.49, 50.0, 100) == "spikes"
    assert kind_of(0.49, 60.0, 0.49, 100) == "bulk"
    assert kind_of(60.0, 0.1, 0.0, 100) == "zero mass"
    assert kind_of(0.4, 0.4, 0.4, 100) == "zero mass"
    assert kind_of(0.5, 0.0, 99.5, 100) == "d spikes"
    assert kind_of(0.6, 0.0, 99.4, 100) == "zero mass + spikes"


@pytest.mark.parametrize(
    ("noise", "spikes", "top", "edge", "detached", "expected"),
    [
        (False, 9.9, 5.0, 0.0, True, "rank collapse"),
        (False, 10.0, 5.0, 0.0, True, "heavy-tailed"),
        (True, 0.99, 5.0, 1.0, True, "random-like"),
        (True, 1.0, 5.0, 1.0, True, "bulk + spikes"),
        (True, 12.0, 1.49, 1.0, True, "bleeding-out"),
        (True, 12.0, 1.5, 1.0, False, "bulk-decay"),
        (True, 12.0, 9.99, 1.0, False, "bulk-decay"),
        (True, 12.0, 9.99, 1.0, True, "bulk + spikes"),
        (True, 10.0, 10.0, 1.0, False, "heavy-tailed"),
        (True, 9.9, 50.0, 1.0, False, "bulk + spikes"),
        (True, 12.0, 0.1, 0.0, True, "heavy-tailed"),
    ],
)
def test_phases_of_spectra_at_their_boundaries(
    noise: bool, spikes: float, top: float, edge: float, detached: bool, expected: str
) -> None:
    assert name(noise, spikes, top, edge, detached) == expected
    law = Law(
        zero_mass=0.0,
        edges=(-3.0 * edge, edge) if edge else (),
        detached=detached,
        learned_noise=0.5 if noise else 0.49,
        spikes=((top, 1.0), (0.1 * top, 1.0)),
        spike_count=spikes,
        density=lambda x: x,
        above=lambda x: x,
    )
    assert martin_mahoney(law) == expected
    assert martin_mahoney(replace(law, spikes=(), spike_count=0.0, learned_noise=1.0)) == "random-like"


def test_weights_on_the_edge_of_what_is_read() -> None:
    """Rounding below zero and beside symmetry is forgiven, a thousandth or a forgotten transpose is not."""
    values = np.r_[np.linspace(1.0, 0.1, 19), -0.9e-3]
    found, network = read(values, "quadratic")
    assert network == "quadratic"
    assert found.tolist() == [*values[:19], 0.0]
    with pytest.raises(
        InvalidInput, match=r"1 negative eigenvalues of 20, down to -0.0011.*positive, for a quadratic"
    ):
        read(np.r_[values[:19], -1.1e-3], "quadratic")
    assert read(np.diag(np.r_[values[:19], -0.9e-3]), None)[1] == "quadratic"
    assert read(np.diag(np.r_[values[:19], -1.1e-3]), None)[1] == "symmetric"
    assert read(np.r_[values[:19], -0.5], "symmetric")[0].min() == -0.5
    assert read(values, None)[1] == "diagonal"
    lopsided = np.eye(20)
    lopsided[0, 1] = 0.9e-8
    assert read(lopsided, None)[0].tolist() == [1.0] * 20
    lopsided[0, 1] = 1.1e-8
    with pytest.raises(InvalidInput, match=r"not symmetric.*pass \(S \+ S'\)/2"):
        read(lopsided, None)
    assert read(np.zeros((20, 20)), None)[0].tolist() == [0.0] * 20
    assert read(np.arange(20), None)[0].dtype == float


def test_matrices_of_networks_without_symmetry() -> None:
    rng = np.random.default_rng(0)
    s = rng.normal(size=(25, 40))
    values, network = read(s.T, "bilinear")
    assert network == "bilinear of rows 25 x 40"
    assert values == pytest.approx(np.sqrt(np.linalg.eigvalsh(s @ s.T))[::-1])
    assert read(s[:, :25], "bilinear")[1] == "bilinear"
    assert read(s, network)[1] == network
    with pytest.raises(
        InvalidInput, match=r"shape \(25, 30\).*a matrix of a bilinear of rows 25 x 40 network"
    ):
        read(s[:, :30], network)
    with pytest.raises(InvalidInput, match=r"shape \(25, 25\).*a vector for a diagonal network"):
        read(np.eye(25), "diagonal")
    with pytest.raises(InvalidInput, match=r"shape \(25, 40\).*matrix_of\(W\)"):
        read(s, "quadratic")
    with pytest.raises(InvalidInput, match=r"19 values.*at least 20"):
        read(s[:19], "bilinear")
    with pytest.raises(NotSupplied, match="elastic-net"):
        read(np.ones(30), "elastic-net")
    with pytest.raises(InvalidInput, match=r"dtype complex128.*real numbers"):
        read(np.ones(30) * 1j, None)
    for bad in (np.array([True] * 30), np.array(["a"] * 30)):
        with pytest.raises(InvalidInput, match=r"dtype .*numbers"):
            read(bad, None)
