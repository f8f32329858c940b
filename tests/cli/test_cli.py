"""The command line: keys, exit codes, one-line errors."""

import json
import subprocess
import sys

import pytest

from asymptotix.cli import main

POINT = ["--network", "diagonal", "--gamma", "5/4", "--d", "1e6", "--n", "1e4", "--noise", "0.1"]


def run(capsys, *arguments):
    with pytest.raises(SystemExit) as left:
        main(list(arguments))
    out, err = capsys.readouterr()
    return left.value.code, out, err


def test_solve_prints_one_json_object_with_the_promised_keys(capsys):
    code, out, err = run(capsys, "solve", *POINT, "--lam", "0.01", "--json")
    assert (code, err) == (0, "")
    promised = "error excess_risk delta eps n_eff degrees_of_freedom dof_ratio train_loss residual digits"
    assert set(f"{promised} status phase law".split()) <= set(json.loads(out))


def test_infinity_is_valid_json(capsys):
    point = ["--network", "diagonal", "--gamma", "1", "--d", "9", "--n", "9", "--noise", "1", "--lam", "0"]
    code, out, _ = run(capsys, "solve", *point, "--json")
    assert code == 0
    assert json.loads(out)["error"] == "inf"


def test_sizes_that_no_double_is(capsys):
    """Thirds and sevenths are exact, to the law beside the error."""
    arguments = "--network diagonal --gamma 4/3 --d 400 --n 1000/3 --lam 1/3 --noise 1/7"
    code, out, err = run(capsys, "solve", *arguments.split(), "--json")
    assert (code, err) == (0, "")
    found = json.loads(out)
    assert found["law_band"][0] < found["law"] < found["law_band"][1]


def test_optimum_has_the_promised_keys(capsys):
    code, out, _ = run(capsys, "optimum", *POINT, "--json")
    assert code == 0
    assert {"lam_star", "error_star", "pruned_error"} <= set(json.loads(out))


def test_verify_reports_rows_and_exit_code(capsys):
    code, out, _ = run(capsys, "verify", "--claim", "least-squares", "--json")
    rows = json.loads(out)
    assert code == 0
    keys = {
        "id",
        "claim",
        "witness",
        "predicted",
        "measured",
        "tolerance",
        "tolerance_from",
        "passed",
        "seconds",
        "family",
    }
    assert all(set(row) == keys for row in rows)


BAD = [
    ["solve", *POINT],
    ["solve", *POINT, "--lam", "-1"],
    ["solve", *POINT, "--lam", "nan"],
    ["solve", *POINT, "--lam", "x"],
    ["solve", "--gamma", "1"],
    ["solve", *POINT, "--lam", "0", "--colour", "red"],
    ["optimum", *POINT[:-1], "-3"],
    ["optimum", "--network", "cubic", *POINT[2:]],
    ["optimum", "--network", "quadratic", "--gamma", "1.25", "--d", "1e400", "--n", "1e410", "--noise", "1"],
    [
        "decompose",
        "--network",
        "diagonal",
        "--gamma",
        "1.25",
        "--d",
        "9",
        "--n",
        "1e400",
        "--noise",
        "1",
        "--lam",
        "1",
    ],
    ["verify", "--claim", "no-such-claim"],
    ["verify", "--quick", "--full"],
    ["frobnicate"],
    ["exponents", "--network", "cubic"],
    ["exponents", "--format", "html"],
    ["exponents", "--gamma", "1", "--a", "1"],
    ["exponents", "--gamma", "1/2", "--a", "1/3", "--l", "0"],
    ["exponents", "--gamma", "1.1e", "--a", "1/3", "--l", "0"],
    ["simulate", *POINT[:6], "--n", "1e400", "--noise", "0.1", "--lam", "1"],
    ["simulate", *POINT, "--lam", "1", "--seeds", "0"],
    ["simulate", *POINT, "--lam", "1", "--seeds", "two"],
    ["simulate", *POINT, "--lam", "1", "--method", "magic"],
    ["simulate", *POINT, "--lam", "1", "--inputs", "cauchy"],
    ["simulate", *POINT, "--lam", "1", "--option", "width"],
    ["simulate", *POINT, "--lam", "1", "--option", "width=3"],
    [
        "simulate",
        *POINT[:4],
        "--d",
        "9",
        "--n",
        "9",
        "--noise",
        "1",
        "--lam",
        "1",
        "--option",
        "tolerance=small",
    ],
    ["simulate", *POINT, "--lam", "1", "--seeds", "1"],
    ["experiments", "--out", "/dev/null/reports"],
    ["simulate", *POINT[:6], "--n", "2.5", "--noise", "0.1", "--lam", "1"],
]


@pytest.mark.parametrize("arguments", BAD)
def test_bad_input_is_one_line_and_exit_code_two(capsys, arguments):
    code, out, err = run(capsys, *arguments)
    assert (code, out) == (2, "")
    assert len(err.strip().splitlines()) == 1
    assert "Traceback" not in err


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ("fit runs.csv", "missing --network, --d"),
        ("forecast runs.csv --d=5", "missing --network, --n"),
        ("fit --d 5", "missing DATA, --network"),
        ("check --gamma 3/2", "missing --network, --phase"),
        ("sweep grid.toml", "missing --out"),
        ("solve --d 5 --n 5 --lam 1", "missing --gamma (or --teacher), --network, --noise"),
    ],
)
def test_all_that_is_missing_is_named_at_once(capsys, words, said):
    code, out, err = run(capsys, *words.split())
    assert (code, out, err) == (2, "", f"asymptotix: {said}\n")


def test_module_runs_as_a_command():
    done = subprocess.run([sys.executable, "-m", "asymptotix", "--version"], capture_output=True, text=True)
    assert done.returncode == 0
    assert done.stdout.startswith("asymptotix")


def test_exponents_at_a_point(capsys):
    point = ["--gamma", "5/4", "--a", "3/5", "--l", "-1"]
    code, out, _ = run(capsys, "exponents", "--network", "quadratic", *point, "--json")
    keys = (
        "network phase region risk_exponent log_power n_eff_exponent lam_exponent d_exponent noise_exponent"
    )
    assert code == 0
    assert set(f"{keys} constant next_order spectrum".split()) <= set(json.loads(out))


@pytest.mark.parametrize("style", ["markdown", "latex", "json", "csv"])
def test_exponents_of_all_networks_in_every_format(capsys, style):
    code, out, _ = run(capsys, "exponents", "--network", "all", "--format", style)
    assert code == 0
    assert all(name in out for name in ("diagonal", "quadratic", "symmetric"))


def test_simulate_compares_with_theory(capsys):
    point = [
        "--network",
        "diagonal",
        "--gamma",
        "1.25",
        "--d",
        "100",
        "--n",
        "80",
        "--noise",
        "0.1",
        "--lam",
        "0.2",
    ]
    code, out, _ = run(capsys, "simulate", *point, "--seeds", "3", "--json")
    assert code == 0
    assert {"error", "stderr", "theory", "z", "spectrum"} <= set(json.loads(out))


SMALL = [
    "--network",
    "diagonal",
    "--gamma",
    "1.25",
    "--d",
    "40",
    "--n",
    "50",
    "--noise",
    "0.1",
    "--lam",
    "0.2",
]


def test_simulate_passes_options_on_and_streams(capsys):
    options = ["--method", "lbfgs", "--option", "iterations=5000", "--option", "dtype=float64", "--streamed"]
    code, out, _ = run(capsys, "simulate", *SMALL, *options, "--seeds", "2", "--json")
    assert code == 0
    assert json.loads(out)["status"] == "converged"


def test_simulate_says_by_its_exit_code_that_a_seed_did_not_converge(capsys):
    code, out, _ = run(
        capsys, "simulate", *SMALL, "--method", "gd", "--option", "iterations=3", "--seeds", "1", "--json"
    )
    assert code == 1
    assert "0 of 1 seeds converged" in json.loads(out)["status"]


def test_simulate_with_one_seed_has_no_z(capsys):
    code, out, _ = run(capsys, "simulate", *SMALL, "--seeds", "1", "--json")
    assert code == 0
    assert json.loads(out)["z"] is None


@pytest.mark.parametrize(
    "arguments",
    [
        "plan --network diagonal --gamma 5/4 --d 300 --noise 1e400 --error 0.1",
        "solve --network diagonal --gamma 5/4 --d 300 --n 1e-400 --lam 0.1 --noise 1",
        "solve --network diagonal --gamma 5/4 --d 300 --n 100 --lam 0.1 --noise 1 --depth 1e400",
        "solve --network diagonal --gamma 5/4 --d 300 --n 100 --lam 0.1 --noise 1 --beta 1e26",
        "exponents --network diagonal --beta 1e400",
    ],
)
def test_sizes_beyond_doubles_are_one_line(capsys, arguments):
    code, out, err = run(capsys, *arguments.split())
    assert (code, out, err.count("\n")) == (2, "", 1)


@pytest.mark.parametrize("claimed", ["1/0", "log(0)", "zeta(1)"])
def test_no_infinite_formula_is_right(capsys, claimed):
    words = f"check --network quadratic --phase II --gamma 5/4 --risk-exponent {claimed}"
    assert run(capsys, *words.split())[0] == 1
