"""The report's parts: tables that parse, figures that take axes, claims of others that are read or refused."""

import csv
import io
import json
from pathlib import Path

import matplotlib.pyplot as plt
import pytest

from asymptotix import InvalidInput
from asymptotix.asymptotics.diagram import networks
from asymptotix.experiments.measurements import Measured, Plan
from asymptotix.progress import Progress
from asymptotix.report import exponent_tables, risk_curves, slopes

PAPER = Path(__file__).parent / "paper.toml"


def test_exponents_in_four_formats(tmp_path):
    with Progress() as progress:
        exponent_tables.write(tmp_path, progress)
    rows = json.loads((tmp_path / "exponents.json").read_text())
    assert {row["network"] for row in rows} == set(networks())
    table = list(csv.DictReader(io.StringIO((tmp_path / "exponents.csv").read_text())))
    assert [row["risk_exponent"] for row in table] == [row["risk_exponent"] for row in rows]
    assert (tmp_path / "exponents.tex").read_text().count(r"\begin{tabular}") == len(networks())
    text = (tmp_path / "exponents.md").read_text()
    for heading in ("without noise", "lines and benchmarks", "boundaries"):
        assert text.count(heading) >= 3


def test_the_paper_claims_what_is_derived_at_every_ray_of_the_report():
    known = slopes.claimed(PAPER)
    for network in ("quadratic", "diagonal"):
        for name, point in slopes.POINTS.items():
            phase = slopes.phase_diagram(network).at(gamma=point.gamma, a=point.a, l=point.l)
            assert slopes.exponent_at(known[network, name], point) == phase.risk_exponent


def test_a_slope_next_to_its_exponent():
    (ray,) = [ray for ray in slopes.rays() if ray.network == "quadratic" and ray.phase.phase == "VIa"]
    assert slopes.local_slope(ray, 1e60) == pytest.approx(-0.5, abs=1e-9)
    assert "| -1/2" in slopes.slope_table([(ray, (-0.5,) * len(slopes.DIMENSIONS))], {})


@pytest.mark.parametrize("text", ["1 +", "__import__('os')", "sqrt(gamma)", "b", "1/0", "x"])
def test_claims_are_arithmetic_and_nothing_else(text):
    with pytest.raises(InvalidInput):
        slopes.exponent_at(text, slopes.POINTS["VIa"])


def test_a_file_of_claims_that_cannot_be_read(tmp_path):
    (tmp_path / "bad.toml").write_text("[quadratic\n")
    for path in (tmp_path / "bad.toml", tmp_path / "none.toml"):
        with pytest.raises(InvalidInput, match="claimed"):
            slopes.claimed(path)


@pytest.mark.parametrize("text", ['[cubic]\nV = "1"', 'quadratic = "1"', '[quadratic]\nVII = "1"'])
def test_claims_about_networks_and_phases_that_are_none(tmp_path, text):
    (tmp_path / "claims.toml").write_text(text)
    with pytest.raises(InvalidInput, match=r"claimed = .* expected (tables|one of)"):
        slopes.claimed(tmp_path / "claims.toml")


def test_risk_curves_are_drawn_on_given_axes():
    figure, axes = plt.subplots()
    problem = next(iter(risk_curves.curve("diagonal", 100, 0.0, [50.0])))
    point = Measured(Plan(problem, seed=0), 0.4, (0.4, 0.6), 0, 1.0)
    assert risk_curves.draw(axes, "diagonal", 0.0, [point]) is axes
    assert len(axes.lines) >= len(risk_curves.DIMENSIONS)
    plt.close(figure)


def test_simulated_points_are_integers_of_samples():
    with Progress():
        for network in ("diagonal", "quadratic"):
            assert all(
                float(p.problem.n).is_integer()
                for line in risk_curves.plans(network, quick=True).values()
                for p in line
            )
