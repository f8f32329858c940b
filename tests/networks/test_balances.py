"""The two equations as balances: each form against the logarithm it stands for, and its slopes against differences."""

from __future__ import annotations

import math
from typing import Any

import pytest

from asymptotix.networks.balances import Balance, noise_balance, threshold_balance
from asymptotix.networks.base import Response

NU, TAU, INF = 10.0, 0.5, math.inf
LOG_TAU = math.log(TAU)


def risks(rho: float, noise: float, *, nu: float = NU, afar: bool = False, **more: Any) -> Balance:
    """Of a risk ``rho``, and a noise ``noise`` in units of ``tau^2``."""
    return noise_balance(Response(0.0, 1.0, rho, 0.0, **more), LOG_TAU, nu, noise * TAU**2, afar=afar)


def counts(
    dof: float, force: float, *, nu: float = NU, c: float = 1.0, afar: bool = False, **more: Any
) -> Balance:
    """Of degrees of freedom, and a penalty ``force`` in units of ``kappa = c tau``."""
    return threshold_balance(Response(0.0, c, 0.0, dof, **more), LOG_TAU, nu, force * c * TAU, afar=afar)


BOTH = pytest.mark.parametrize("ask", [risks, counts])


@BOTH
@pytest.mark.parametrize(
    ("used", "rest"), [(7.0, 2.0), (7.0, 4.0), (6.0, 1e-3), (30.0, 50.0), (6.0, 4.0 + 1e-9)]
)
def test_the_sum_of_both_terms(ask: Any, used: float, rest: float) -> None:
    found = ask(used, rest)
    assert found.value == pytest.approx(math.log(10.0 / (used + rest)), rel=1e-6)
    assert found.residual == pytest.approx(abs(10.0 - used - rest) / 10.0, rel=1e-6)
    step = 1e-6
    assert found.by_used == pytest.approx((found.value - ask(used + step, rest).value) / step, rel=1e-5)
    assert found.by_rest == pytest.approx((found.value - ask(used, rest * (1 + step)).value) / step, rel=1e-5)


@BOTH
@pytest.mark.parametrize(("used", "rest"), [(4.0, 2.0), (4.9, 30.0), (1e-3, 9.0)])
def test_where_little_is_used_what_is_spare_over_the_rest(ask: Any, used: float, rest: float) -> None:
    found = ask(used, rest)
    assert found.value == pytest.approx(math.log((10.0 - used) / rest), rel=1e-12)
    assert found.residual == pytest.approx(abs(10.0 - used - rest) / 10.0, rel=1e-12)
    step = 1e-6
    assert found.by_used == pytest.approx((found.value - ask(used + step, rest).value) / step, rel=1e-5)
    assert found.by_rest == 1.0


def test_what_is_spare_keeps_its_digits_beside_a_reference() -> None:
    """``nu - rho = (nu - 100) + 1e-20`` of a reference 100: a difference that doubles do not hold."""
    known = {"nu": 100.0, "reference": 100.0}
    assert risks(100.0, 3e-20, rho_below=1e-20, **known).value == pytest.approx(-math.log(3.0), rel=1e-12)
    assert counts(100.0, 3e-20, dof_below=1e-20, **known).value == pytest.approx(-math.log(3.0), rel=1e-12)
    assert risks(100.0, 3e-20, rho_below=1e-20, **known).by_used == pytest.approx(1e20)
    # a ratio that is no double has a logarithm nevertheless
    tiny = risks(100.0, 1e200, rho_below=1e-200, **known)
    assert tiny.value == pytest.approx(-400.0 * math.log(10.0), rel=1e-12)


@BOTH
def test_too_much_is_used_even_where_rounding_hides_it(ask: Any) -> None:
    below = "rho_below" if ask is risks else "dof_below"
    found = ask(100.0, 1e-322, nu=100.0, reference=100.0, **{below: 0.0})
    assert -1e-300 < found.value < 0.0
    over = ask(99.0, 1e-30, nu=98.0, reference=100.0, **{below: 1.0})
    assert over.value == pytest.approx(math.log(98.0 / 99.0), rel=1e-12)
    assert over.residual == pytest.approx(1.0 / 98.0, rel=1e-12)
    nothing = ask(100.0, 0.0, nu=100.0, reference=100.0, **{below: 0.0})
    assert nothing.value == 0.0


@BOTH
def test_afar_the_form_that_bends_less(ask: Any) -> None:
    """Without a reference: the rest alone where it is the larger part. With one: while little is spare beside it."""
    log = math.log
    assert ask(1.0, 2.0, afar=True).value == pytest.approx(log(9.0 / 2.0), rel=1e-12)
    assert ask(2.0, 1.0, afar=True).value == pytest.approx(log(10.0 / 3.0), rel=1e-12)
    assert ask(2.0, 2.0, afar=True).value == pytest.approx(log(8.0 / 2.0), rel=1e-12)
    below = "rho_below" if ask is risks else "dof_below"
    # of 14 that can be used 8 are: 2 spare, 4 short
    for rest, value in ((0.7, log(2.0 / 0.7)), (0.6, log(10.0 / 8.6))):
        assert ask(8.0, rest, reference=14.0, **{below: 6.0}, afar=True).value == pytest.approx(
            value, rel=1e-12
        )
    # 4 and more are spare: as much as the samples fall short
    for used, value in ((6.1, log(10.0 / 6.2)), (5.9, log(4.1 / 0.1))):
        found = ask(used, 0.1, reference=14.0, **{below: 14.0 - used}, afar=True)
        assert found.value == pytest.approx(value, rel=1e-12)


def test_ends() -> None:
    """Nothing used and no rest; no threshold under a penalty; noise beyond doubles."""
    assert risks(0.0, 0.0) == Balance(INF, 1.0) == Balance(INF, 1.0, 2.0, 3.0)
    assert risks(3.0, 0.0).value == pytest.approx(math.log(10.0 / 3.0), rel=1e-12)
    none = threshold_balance(Response(0.0, 0.0, 0.0, 3.0), 0.0, NU, 1.0)
    assert none == Balance(-INF, INF)
    free = threshold_balance(Response(0.0, 0.0, 0.0, 3.0), 0.0, NU, 0.0)
    assert free.value == pytest.approx(math.log(10.0 / 3.0), rel=1e-12)
    assert noise_balance(Response(0.0, 1.0, 3.0, 0.0), -400.0, NU, 1.0) == Balance(-INF, INF)
    assert risks(-20.0, 1.0).value == pytest.approx(math.log(30.0), rel=1e-12)
    assert risks(math.nan, 1.0) == Balance(-INF, INF)


def test_spare_samples() -> None:
    plain = Response(0.0, 1.0, 3.0, 4.0)
    assert (plain.spare_samples(10.0), plain.spare_dof(10.0)) == (7.0, 6.0)
    close = Response(0.0, 1.0, 3.0, 4.0, reference=5.0, rho_below=2.25, dof_below=1.5)
    assert (close.spare_samples(10.0), close.spare_dof(10.0)) == (7.25, 6.5)
