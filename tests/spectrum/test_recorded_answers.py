"""What `diagnose` answers to weights near boundaries of phases, as recorded.

Its allowances and priors are calibrated by the examination (`asymptotix.examination`), not derived; who changes one
examines it again, and then records these answers anew.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest

import asymptotix as ax
from asymptotix.examination.answers import draw_weights
from asymptotix.spectrum.narrow_reading import cut_by_width


def problem(network: str, gamma: float, d: int, n: float, lam: float, noise: float) -> ax.Problem:
    return ax.Problem(network, gamma=gamma, d=d, n=n, lam=lam, noise=noise)


def chances(found: ax.Diagnosis, **expected: float) -> None:
    for phase, chance in found.probabilities.items():
        assert chance == pytest.approx(expected.get(phase, 0.0), abs=0.012), (phase, found.probabilities)
    most = max(expected, key=lambda x: expected[x])
    assert found.phase == (most if expected[most] >= 0.75 else "undecided")


def near(found: ax.Diagnosis, **expected: Any) -> None:
    for name, value in expected.items():
        got = getattr(found, name)
        assert got == (None if value is None else pytest.approx(value, rel=0.02)), name


def test_a_bulk_beside_two_features() -> None:
    p = problem("quadratic", 1.25, 40, 400, 0.3, 0.5)
    weights = draw_weights(p, np.random.default_rng(0))
    found = ax.diagnose(weights, "quadratic", samples=400)
    chances(found, II=0.001, IV=0.101, V=0.096, VIa=0.802)
    near(found, features=2, noise_directions=12, effective_noise=0.9834, threshold=0.7023, gamma=None)
    near(found, approximation=0.0885, underfitting=0.0373, overfitting=0.0925)
    near(found, pruning_threshold=2 * 0.9834 - 0.7023, zero_mass=26 / 40, tail_exponent=None)
    alone = ax.diagnose(weights, "quadratic")
    chances(alone, II=0.05, IV=0.05, V=0.097, VIa=0.804)
    near(alone, effective_noise=0.9834, threshold=0.7023)


def test_a_known_run_between_two_phases() -> None:
    p = problem("quadratic", 0.8, 40, 3000, 3.0, 0.1)
    weights = draw_weights(p, np.random.default_rng(0))
    found = ax.diagnose(weights, "quadratic", samples=3000, lam=3.0, train_loss=ax.solve(p).train_loss)
    chances(found, II=0.674, III=0.326)
    near(found, features=5, effective_noise=0.2232, threshold=0.4563, gamma=0.7817)
    near(found, approximation=0.1042, underfitting=0.0393, overfitting=0.0347, pruning_threshold=0.0)


def test_noise_of_both_sides() -> None:
    p = problem("symmetric", 1.0, 30, 200, 0.3, 0.5)
    found = ax.diagnose(draw_weights(p, np.random.default_rng(1)), "symmetric", samples=200)
    chances(found, IV=0.135, V=0.786, VIa=0.079)
    near(found, features=1, noise_directions=12, effective_noise=0.8056, threshold=0.6859)
    near(found, approximation=0.0857, underfitting=0.0757, overfitting=0.1548)


def test_coefficients_of_a_known_decay() -> None:
    p = problem("diagonal", 1.25, 100, 60, 0.1, 0.1)
    found = ax.diagnose(draw_weights(p, np.random.default_rng(2)), "diagonal", samples=60, gamma=1.25)
    chances(found, II=0.011, IV=0.163, V=0.803, VIa=0.022)
    near(found, features=4, noise_directions=38, effective_noise=0.4638, threshold=0.4325, gamma=1.148)
    p = problem("diagonal", 1.25, 100, 600, 0.02, 0.5)
    found = ax.diagnose(draw_weights(p, np.random.default_rng(3)), "diagonal", samples=600)
    chances(found, V=0.004, VIa=0.994, VIb=0.003)
    near(found, features=5, effective_noise=0.3148, overfitting=0.1068)


def test_three_features_and_few_samples() -> None:
    found = ax.diagnose(np.r_[5.0, 2.0, 1.2, np.zeros(27)], "quadratic", samples=30)
    chances(found, Ia=0.056, Ib=0.025, II=0.002, IV=0.583, V=0.334)
    near(found, features=3, noise_directions=0, effective_noise=None, threshold=None, gamma=1.3015)
    near(found, overfitting=0.0, approximation=None, underfitting=None)
    assert found.remark == ""


def test_weights_of_an_unknown_law_leave_all_phases_possible() -> None:
    found = ax.diagnose(np.linspace(5, 1, 30), "quadratic", samples=3000)
    chances(found, VIa=0.676, **dict.fromkeys(("Ia", "Ib", "II", "III", "IV", "V", "VIb"), 0.0463))
    near(found, features=30, effective_noise=None, gamma=0.459, approximation=None)


def narrow(p: ax.Problem, width: int) -> np.ndarray:
    """Sizes drawn from the law, those that width leaves."""
    s, g = ax.solve(p.replace(width=width)), np.random.default_rng(1).standard_normal((p.d, p.d))
    truth = math.sqrt(p.d) * p.spectrum.values()
    values = np.linalg.eigvalsh(np.diag(truth) + s.delta * (g + g.T) / math.sqrt(2 * p.d))
    sizes = values[::-1] - s.eps
    sizes[width:] = 0.0
    return np.maximum(sizes, 0.0)


def test_spectra_that_width_cuts() -> None:
    p = problem("quadratic", 1.25, 40, 1600, 0.02, 0.1)
    found = ax.diagnose(narrow(p, 15), "quadratic", samples=1600, lam=0.02)

    assert found.phase == "undecided"
    assert found.probabilities["WV"] == pytest.approx(0.092, abs=0.012)
    assert found.probabilities["other"] == pytest.approx(0.908, abs=0.012)
    near(
        found,
        width=15,
        features=5,
        noise_directions=10,
        effective_noise=0.2152,
        threshold=0.00793,
        gamma=1.2217,
    )
    near(found, approximation=0.01155, underfitting=0.01243, overfitting=0.01344, width_limited=0.0)
    few = ax.diagnose(
        narrow(p, 4), "quadratic", width=4, samples=1600, lam=0.02,
        train_loss=ax.solve(p.replace(width=4)).train_loss,
    )  # fmt: skip
    near(
        few, width=4, features=4, noise_directions=0, effective_noise=0.2377, threshold=0.00564, gamma=1.2465
    )
    near(few, approximation=0.0133, underfitting=0.03227, overfitting=0.0)
    assert few.probabilities["other"] == pytest.approx(1.0, abs=0.01)


def test_a_cut_spectrum_of_no_known_law() -> None:
    found = ax.diagnose(np.r_[np.linspace(5, 4, 15), np.zeros(25)], "quadratic", samples=500)
    assert found.probabilities == dict.fromkeys(("W", "WV", "other"), pytest.approx(1 / 3))
    near(found, width=15, features=15, effective_noise=None, threshold=None, gamma=0.08468, overfitting=0.0)
    assert found.remark == (
        "cut by width: 15 of 40 eigenvalues, none below 4; effective noise not given: "
        "the law of a power-law teacher does not fit"
    )


@pytest.mark.parametrize(
    ("spacings", "learned", "told", "expected"),
    [
        (4.1, 20, None, True),
        (3.9, 20, None, None),
        (2.9, 20, None, False),
        (3.1, 5, None, None),
        (9.0, 7, None, None),
        (9.0, 8, None, True),
        (9.0, 2, None, False),
        (9.0, 36, None, True),
        (9.0, 37, None, False),
        (1.6, 20, 20, True),
        (1.4, 20, 20, False),
        (1.4, 7, 7, True),
        (9.0, 20, 21, False),
        (9.0, 40, 40, False),
    ],
)
def test_how_far_above_zero_a_cut_begins(
    spacings: float, learned: int, told: int | None, expected: bool
) -> None:
    """Sizes one apart, of which the least is so many spacings above zero, among 40."""
    sizes = np.r_[spacings + np.arange(learned)[::-1], np.zeros(40 - learned)]
    assert cut_by_width("quadratic", sizes, told) is expected
    assert cut_by_width("quadratic", 7.0 * sizes, told) is expected


def test_a_cut_is_told_by_the_spacings_next_to_it() -> None:
    """Six spacings are averaged; equal sizes have none."""
    sizes = np.r_[50.0, 40.0, 30.0, 20.0, 4.5 + np.arange(7.0)[::-1], np.zeros(29)]
    assert cut_by_width("quadratic", sizes, None) is True
    sizes[4] += 1.0  # the sixth spacing above the least is two
    assert cut_by_width("quadratic", sizes, None) is None
    assert cut_by_width("quadratic", np.r_[np.full(10, 3.0), np.zeros(30)], None) is True
    assert cut_by_width("quadratic", np.zeros(40), 3) is False
    assert cut_by_width("quadratic", np.r_[3.0, np.zeros(39)], 1) is True
