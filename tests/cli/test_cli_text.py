"""What commands print for people: within 80 columns, with the phases in words."""

from __future__ import annotations

from pathlib import Path

import pytest

from asymptotix.checks import Verdict
from asymptotix.cli import main
from asymptotix.report.exponent_tables import tables
from asymptotix.report.verification import brief
from asymptotix.terminal import COLUMNS, fold, legend

RUNS = "n,lam,error,stderr\n20,1,0.6418,0.002\n60,1,0.1848,0.002\n200,1,0.0502,0.002\n600,1,0.0212,0.002\n"
POINT = "--network quadratic --gamma 5/4 --d 400 --noise 0.1"


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (f"solve {POINT} --n 160000 --lam 0.1", "more samples than"),
        (f"optimum {POINT} --n 160000", "lam_star"),
        (
            "fit runs.csv --network diagonal --d 150 --gamma 1.4",
            "phase VIa  decay of an interpolator's noise",
        ),
        ("forecast runs.csv --network diagonal --d 150 --gamma 1.4 --n 1000,100000", "phase VIa  decay of"),
        (
            "plan --network diagonal --gamma 1.4 --d 150 --noise 0.25 --error 0.05 --lam 1",
            "phase_words  slow",
        ),
        ("regress runs.csv --network diagonal --gamma 1.4 --d 150 --noise 0.25", "phase II   slow decay"),
        ("exponents --network quadratic --gamma 5/4 --a 3/5 --l -1", "harmful overfitting"),
        ("exponents --network diagonal --gamma 3/2 --format text", "III: fast decay: all features learned"),
        ("check --network diagonal --phase II --n-exponent 1/gamma-2", "phase II  slow decay"),
        ("verify --claim least-squares", "4 claims hold, 0 fail"),
    ],
)
def test_lines_fit_a_terminal_and_phases_have_words(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], words: str, said: str
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("runs.csv").write_text(RUNS)
    with pytest.raises(SystemExit) as left:
        main(words.split())
    out, err = capsys.readouterr()
    assert left.value.code == 0, err
    assert max(map(len, out.splitlines())) <= COLUMNS, out
    assert said in out


def test_every_phase_of_a_network_as_a_block() -> None:
    text = tables(["quadratic", "diagonal"], "text")
    assert max(map(len, text.splitlines())) <= COLUMNS
    assert text.count("## ") == 2
    assert "\nVIb: Bayes-optimal decay: all features learned\n  region      a > 1," in text


def test_formulas_break_at_operators_only() -> None:
    formula = "2**(1/gamma)*" * 12 + "gamma"
    text = fold(formula, "constant  ", 10)
    assert text.replace("\n" + " " * 10, "") == f"constant  {formula}"
    assert max(map(len, text.splitlines())) <= COLUMNS
    assert "*\n          *" not in text


def test_a_claim_that_fails_says_what_it_rests_on() -> None:
    verdict = Verdict(
        id="a-family/of-claims/with-a-name/that-is-rather/long-d=100",
        claim="one is two",
        witness="counting",
        predicted=-1.2345678e-5,
        measured=2.3456789e-5,
        tolerance=1.25e-9,
        tolerance_from="rounding",
    )
    text = brief([verdict])
    assert max(map(len, text.splitlines())) <= COLUMNS
    assert "one is two. Tolerance: rounding. Witness: counting" in " ".join(text.split())
    assert "0 claims hold, 1 fail." in text


def test_a_legend_names_each_phase_once(capsys: pytest.CaptureFixture[str]) -> None:
    legend(["II", None, "II", "V"])
    assert capsys.readouterr().out.splitlines() == [
        "phase II  slow decay: features above the threshold, biased",
        "phase V   harmful overfitting: learned noise leads",
    ]
