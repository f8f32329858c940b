"""What is known of a training run: how far off it is from parameters, and chances where nothing was learned."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest
from scipy.stats import norm

from asymptotix.errors import InvalidInput
from asymptotix.networks.base import Response
from asymptotix.spectrum.training_run import Known

SIZES = np.linspace(3.0, 0.0, 60)


def response(rho: float, dof: float) -> Response:
    return Response(0.0, 1.0, rho, dof)


def first(gamma: float, d: int) -> float:
    """The largest feature of a teacher of norm one, in units of the weights."""
    return math.sqrt(d / np.sum(np.arange(1.0, d + 1.0) ** (-2 * gamma)))


@pytest.mark.parametrize(
    ("network", "n", "nu", "penalty", "loss"),
    [
        ("quadratic", 600.0, 2 * 10.0, 0.5 * 0.2 * 60, 0.5 * 3.0),
        ("symmetric", 600.0, 2 * 10.0, 0.5 * 0.2 * 60, 0.5 * 3.0),
        ("bilinear of rows 60 x 240", 2400.0, 1 * 10.0, None, 3.0),
        ("diagonal", 600.0, 600.0, 0.2 * 60, 3.0),
    ],
)
def test_units_and_widths(network: str, n: float, nu: float, penalty: float | None, loss: float) -> None:
    """``nu``, the penalty and the loss of the equations; widths of 5 %, of the samples, and of real features."""
    known = Known.of(network, SIZES, n, 0.2, 3.0, None, None)
    matrix = network != "diagonal"
    assert known.nu == pytest.approx(nu)
    assert known.loss == pytest.approx(loss)
    if penalty is not None:
        assert known.penalty == pytest.approx(penalty)
    n_eff = n / known.d
    expected = math.sqrt(0.05**2 + 1 / n + (matrix and n_eff**-2))
    assert known.width == pytest.approx(expected)
    few = Known.of(network, SIZES, 30.0, None, 3.0, None, None)
    assert few.width == pytest.approx(math.sqrt(0.05**2 + 1 / 30 + matrix))
    assert few.loss_width == few.width
    assert few.penalty is None
    assert Known.of(network, SIZES, 30.0, None, 0.0, None, None).loss is None
    assert Known.of(network, SIZES, 30.0, None, 0.0, None, None).loss_width == 0.0
    assert Known.of(network, SIZES, n, 1e9, 1e-9, None, None).loss_width == pytest.approx(3.0, rel=0.1)


def test_bad_facts_are_named_with_what_is_allowed() -> None:
    def of(**facts: float) -> Known:
        names = ("samples", "lam", "train_loss", "gamma", "norm")
        return Known.of("diagonal", SIZES, *(facts.get(x) for x in names))

    for name in ("samples", "lam", "norm"):
        for value in (0.0, -1.0, math.inf, math.nan):
            with pytest.raises(InvalidInput, match=f"{name} = {value}.*a positive number"):
                of(**{"samples": 9.0, name: value})
    for value in (-1e-9, math.inf, math.nan):
        with pytest.raises(InvalidInput, match=r"train_loss = .*a mean squared residual >= 0"):
            of(samples=9.0, train_loss=value)
    for value in (0.5, math.inf, math.nan):
        with pytest.raises(InvalidInput, match=r"gamma = .*a number > 1/2"):
            of(gamma=value)
    for name in ("lam", "train_loss"):
        with pytest.raises(InvalidInput, match=f"{name} = 1.0 .*the number of samples beside it"):
            of(**{name: 1.0})
    assert of(gamma=0.51, norm=2.0) == Known("diagonal", 60, gamma=0.51, norm=2.0)


BASE = Known("quadratic", 60, nu=50.0, width=0.1, loss_width=0.2)
# With no other facts: decay, risk, degrees of freedom, and no more noise than is likely.
FAR = (1.2, 60.0, 0.5, 0.4)


def test_deviations_of_each_fact() -> None:
    """In standard deviations: of nothing known, of samples alone, and of each fact beside them."""
    assert Known("quadratic", 60).deviations(1.45, 1.0, 0.5, 0.4, None) == [pytest.approx(0.5)]
    exact = Known("quadratic", 60, gamma=1.5, norm=2.0)
    off = exact.deviations(1.5, 2.0 * first(1.5, 60) * math.exp(0.04), 0.5, 0.4, None)
    assert off == pytest.approx([0.0, 2.0])
    assert exact.deviations(1.52, 2.0 * first(1.52, 60), 0.5, 0.4, None)[0] == pytest.approx(1.0)
    # within the samples nothing is off; beyond them by the logarithm
    assert BASE.deviations(*FAR, response(50.0, 50.0)) == pytest.approx([0.0] * 4)
    assert BASE.deviations(*FAR, response(0.0, 0.0)) == pytest.approx([0.0] * 4)
    over = BASE.deviations(*FAR, response(50.0 * math.exp(0.3), 50.0 * math.exp(0.2)))
    assert over[1:3] == pytest.approx([3.0, 2.0])


def test_a_penalty_fills_the_samples() -> None:
    """``nu = s + penalty/eps``; a count of coefficients fluctuates as well."""
    known = replace(BASE, penalty=4.0)
    assert known.deviations(*FAR, response(30.0, 40.0))[2] == pytest.approx(0.0)
    assert known.deviations(*FAR, response(30.0, 50.0))[2] == pytest.approx(math.log(60 / 50) / 0.1)
    counted = replace(known, network="diagonal")
    found = counted.deviations(*FAR, response(30.0, 36.0))[2]
    assert found == pytest.approx(math.log(46 / 50) / math.hypot(0.1, math.sqrt(36.0) / 50.0))
    full = counted.deviations(*FAR, response(30.0, 90.0))[2]
    assert full == pytest.approx(math.log(2.0) / math.hypot(0.1, 50.0**-0.5))


def test_a_training_loss_is_that_of_the_spare_samples() -> None:
    """``loss = nu tau^2 (1 - s/nu)^2``: a fifth is spare, ``tau^2 = delta^2/d``."""
    loss = 50.0 * 0.5**2 / 60 * 0.2**2
    for facts in ({}, {"penalty": 4.0}):
        known = replace(BASE, loss=loss, **facts)
        assert known.deviations(*FAR, response(30.0, 40.0))[3] == pytest.approx(0.0, abs=1e-12)
        off = replace(known, loss=loss * math.exp(0.6)).deviations(*FAR, response(30.0, 40.0))[3]
        assert off == pytest.approx(-3.0)
    # samples that are used up leave a millionth
    none = replace(BASE, loss=loss).deviations(*FAR, response(30.0, 60.0))[3]
    assert none == pytest.approx(math.log(5e-6**2) / 0.2)


def test_more_noise_than_a_thousand_teachers_is_unlikely() -> None:
    """``noise' = (nu - rho) tau^2`` over the teacher's squared norm, of which 1/2 a unit of noise is a unit."""
    largest, rho = 0.05, 10.0
    noise = 2.0 * (50.0 - rho) * 0.5**2 / 60 / (largest / first(1.2, 60)) ** 2
    found = BASE.deviations(1.2, largest, 0.5, 0.4, response(rho, 1.0))[-1]
    assert noise > 1000
    assert found == pytest.approx(math.log(noise / 1000.0))
    assert BASE.deviations(1.2, largest, 0.5, 0.4, response(50.0, 1.0))[-1] == 0.0


def test_what_weights_are_compared_with() -> None:
    assert BASE.scale == 1.0
    assert replace(BASE, norm=0.3).scale == 0.3
    assert replace(BASE, loss=30.0).scale == pytest.approx(math.sqrt(60 * 30.0 / 50.0))
    assert replace(BASE, loss=1e-9, norm=0.3).scale == 0.3
    assert Known("quadratic", 60, loss=30.0).scale == 1.0
    assert replace(BASE, penalty=4.0).shape is None
    assert replace(BASE, penalty=4.0, loss=0.2).shape == pytest.approx(4.0 / math.sqrt(50.0 * 60 * 0.2))
    assert replace(BASE, penalty=4.0).spare(0.4, 5.0) == pytest.approx(2.0)
    assert BASE.largest(1.4) == pytest.approx(first(1.4, 60))


@pytest.mark.parametrize(
    "facts",
    [
        {},
        {"gamma": 1.5},
        {"nu": 3.0},
        {"norm": 2.0, "penalty": 500.0},
        {"norm": 2.0, "loss": 40.0},
        {"norm": 2.0, "loss": 4.2, "gamma": 0.9},
        {"loss": 40.0, "penalty": 2000.0},
        {"norm": 0.5, "loss": 4.0, "penalty": 150.0},
    ],
    ids=str,
)
@pytest.mark.parametrize("network", ["quadratic", "diagonal"])
def test_the_chance_of_noise_against_draws_from_the_prior(network: str, facts: dict[str, float]) -> None:
    """Noise log-uniform below a thousand, a decay of 1.2 +- 0.5; weighed by the loss and by what was not learned."""
    known, rng = replace(BASE, network=network, **facts), np.random.default_rng(0)
    assert known.nu is not None
    size = 20_000
    noise = (0.5 if network == "quadratic" else 1.0) * 1000.0 * np.exp(-14.0 * rng.random(size))
    gamma = (
        np.full(size, facts["gamma"]) if "gamma" in facts else np.maximum(rng.normal(1.2, 0.5, size), 0.55)
    )
    top = -0.5 * np.log((np.arange(1.0, 61.0) ** (-2.0 * gamma[:, None])).sum(axis=1))
    tau = 0.5 * np.log((1.0 + noise) / known.nu)
    weight = np.ones(size)
    if known.loss is not None and known.norm is not None:
        off = np.log((1.0 + noise) * known.norm**2 / known.loss) / math.hypot(0.2, 0.1)
        weight *= norm.pdf(off)
    if known.penalty is not None:
        size_of = known.norm or np.sqrt((known.loss or 1.0) / (1.0 + noise))
        kappa = np.log(known.penalty / known.nu / math.sqrt(60) / size_of)
        edge = math.log(2.0 if network == "quadratic" else math.sqrt(2.0 * math.log(60.0)))
        shown = np.maximum(tau + edge, top)
        weight *= norm.cdf((kappa - shown) / 0.2)
    expected = float((weight * norm.cdf((tau - top) / 0.2)).sum() / weight.sum())
    assert known.loud_chance() == pytest.approx(expected, abs=0.03)


def test_without_samples_nothing_tells_noise() -> None:
    assert Known("quadratic", 60, norm=2.0).loud_chance() == 0.5
