"""The one `solve` that users call: it hands digits and certificates to the solver that has them."""

from __future__ import annotations

import subprocess
import sys
import warnings

import pytest

import asymptotix as ax
from asymptotix.cli import main
from asymptotix.solving import in_doubles

# Sizes of which doubles run out on the way: nu tau^2 and tau^2 / d of 1e-300 and below.
HUGE = {"network": "quadratic", "gamma": "5/4", "d": "1e300", "n": "1e480", "lam": 1, "noise": 1}


@pytest.mark.parametrize("network", ["diagonal", "quadratic", "symmetric"])
def test_digits_and_certificate_by_the_solve_that_users_call(network: str) -> None:
    p = ax.Problem(
        network, gamma="5/4", d=30, n=40 if network == "diagonal" else 700, lam="1/10", noise="1/2"
    )
    plain = ax.solve(p)
    many = ax.solve(p, digits=30, certify=True)
    assert isinstance(plain.error, float)
    assert many.digits >= 30
    assert many.radius is not None
    assert float(many.radius) < 1e-28
    assert abs(float(many.error) / plain.error - 1) < 1e-11
    assert ax.solve(p, certify=True).digits >= 15


def test_bad_digits_are_refused_by_name() -> None:
    p = ax.Problem("diagonal", gamma=1, d=100, n=50, lam=1, noise=1)
    with pytest.raises(ax.InvalidInput, match="digits = 0"):
        ax.solve(p, digits=0)


@pytest.mark.parametrize(
    ("d", "n", "error"),  # errors from ax.solve(..., digits=30)
    [
        ("1e180", "1e288", 7.0524844840718175894e-23),
        ("1e200", "1e320", 2.8076446433263233631e-25),
        ("1e300", "1e480", None),
    ],
)
def test_doubles_far_out_are_right_or_say_so_without_warnings(d: str, n: str, error: float | None) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        found = in_doubles(ax.Problem(**{**HUGE, "d": d, "n": n}))  # type: ignore[arg-type]
    assert (found is None) == (error is None)
    if found is not None:
        assert found.error == pytest.approx(error, rel=1e-11)


@pytest.mark.slow
@pytest.mark.parametrize(("d", "n"), [("1e180", "1e288"), ("1e300", "1e480")])
def test_digits_on_the_command_line_where_doubles_run_out(
    d: str, n: str, capsys: pytest.CaptureFixture[str]
) -> None:
    options = {**HUGE, "d": d, "n": n}
    arguments = [word for name, value in options.items() for word in (f"--{name}", str(value))]
    with pytest.raises(SystemExit) as end:
        main(["solve", *arguments, "--digits", "50", "--yes"])
    shown = capsys.readouterr()
    assert end.value.code == 0, shown.err
    assert not shown.err
    assert "converged" in shown.out


def test_importing_the_package_loads_no_solver() -> None:
    program = "import sys, asymptotix, asymptotix.solving; print(*(m for m in sys.modules))"
    loaded = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    ).stdout.split()
    assert not {"asymptotix.state_evolution", "asymptotix.precise", "scipy", "flint"} & set(loaded)
