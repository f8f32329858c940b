"""Tables at one gamma, and formulas that users claim."""

from __future__ import annotations

import json
from typing import Any

import pytest
import sympy as sp

import asymptotix as ax
from asymptotix.asymptotics.formulas import read_formula, same
from asymptotix.cli import main
from asymptotix.errors import InvalidInput


def run(capsys: pytest.CaptureFixture[str], words: str) -> tuple[int, str, str]:
    with pytest.raises(SystemExit) as left:
        main(words.split())
    out = capsys.readouterr()
    return int(left.value.code or 0), out.out, out.err


def test_a_table_at_one_gamma_has_numbers(capsys: pytest.CaptureFixture[str]) -> None:
    code, out, _ = run(capsys, "exponents --network quadratic --gamma 3/2 --json")
    rows: list[dict[str, Any]] = json.loads(out)
    assert code == 0
    assert {row["gamma"] for row in rows} == {"3/2"}
    law = ax.phase_diagram("quadratic").at(gamma="3/2", a="3/5", l=-1)
    five = next(row for row in rows if row["phase"] == "V")
    assert float(five["constant"]) == pytest.approx(float(sp.N(law.constant)), rel=1e-5)
    assert not any(
        "gamma" in cell for row in rows for cell in (*row["region"], row["error"], row["next_order"])
    )
    _, text, _ = run(capsys, "exponents --network diagonal --gamma 3/2")
    assert text.startswith("## diagonal, gamma = 3/2")
    _, tex, _ = run(capsys, "exponents --network diagonal --gamma 3/2 --format latex")
    assert all(rule in tex for rule in (r"\toprule", r"\midrule", r"\bottomrule"))
    code, _, err = run(capsys, "exponents --network diagonal --gamma 1/3")
    assert code == 2
    assert "gamma" in err


@pytest.mark.parametrize(
    ("claim", "code"),
    [
        ("--phase VIa --n-exponent=-1", 0),
        ("--phase II --n-exponent 1/gamma-2", 0),
        ("--phase II --n-exponent 1/gamma-1", 1),
        ("--phase II --constant 2*gamma/((2*gamma-1)*zeta(2*gamma)^(1/(2*gamma)))", 0),
        ("--phase II --constant 2", 1),
    ],
)
def test_claims(capsys: pytest.CaptureFixture[str], claim: str, code: int) -> None:
    left, out, _ = run(capsys, f"check --network diagonal {claim} --json")
    assert left == code
    assert set(json.loads(out)) == {"claimed", "derived", "equal"}


def test_what_is_no_claim(capsys: pytest.CaptureFixture[str]) -> None:
    for words, message in (
        ("--phase IX --constant 1", "phase = 'IX' is not allowed: expected one of Ia"),
        ("--phase V", "one of --risk-exponent, --n-exponent, --constant"),
        ("--phase V --constant __import__('os')", "is not"),
    ):
        code, _, err = run(capsys, f"check --network diagonal {words}")
        assert code == 2
        assert message in err


def test_formulas() -> None:
    assert same(read_formula("x", "sqrt(4)*pi"), 2 * sp.pi)
    assert not same(read_formula("x", "gamma"), read_formula("x", "gamma + 1e-9"))
    with pytest.raises(InvalidInput, match="'delta' is not"):
        read_formula("x", "1 + delta")


def test_decimal_points_of_a_diagram() -> None:
    D = ax.phase_diagram("quadratic")
    assert D.at(gamma=1.25, a=0.6, l=-1) == D.at(gamma="5/4", a="3/5", l=-1)


def test_a_law_far_off_the_error_is_said_so(capsys: pytest.CaptureFixture[str]) -> None:
    words = "solve --network quadratic --gamma 5/4 --d 400 --n 40000 --lam 1e-6 --noise 0.1 --json"
    _, out, _ = run(capsys, words)
    values = json.loads(out)
    assert values["law"] < 0.5 * values["error"]
    assert "does not hold at these sizes yet" in values["warnings"][0]
    _, out, _ = run(capsys, words.replace("--d 400 --n 40000", "--d 1e60 --n 1e140"))
    assert json.loads(out)["warnings"] == []


def test_a_problem_is_located_and_phases_have_words() -> None:
    p = ax.Problem("quadratic", gamma=1.25, d=10**40, n=10**64, lam=1e-40, noise=1)
    D = ax.phase_diagram("quadratic")
    assert D.locate(p).phase == "V"
    assert D.locate(p).to_dict()["phase_words"].startswith("harmful overfitting")
    with pytest.raises(InvalidInput, match="lam = None"):
        D.locate(n_eff=1e3, d=1e6, noise=1, gamma=1.25)
