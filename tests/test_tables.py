"""Results show as HTML and convert to data frames."""

from __future__ import annotations

from collections.abc import Callable
from html.parser import HTMLParser
from typing import Any

import pytest

import asymptotix as ax
from asymptotix import precise
from asymptotix.checks import Verdict
from asymptotix.tables import html_table

PROBLEM = ax.Problem("diagonal", gamma=1, d=10**20, n=1e10, lam=1, noise=2)


class Tags(HTMLParser):
    """Checks that tags close in order, and keeps the cells."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.cells: list[str] = []
        self.feed(text)
        assert not self.open

    def handle_starttag(self, tag: str, attrs: object) -> None:
        self.open.append(tag)
        if tag in ("td", "th"):
            self.cells.append("")

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        if self.open[-1:] in (["td"], ["th"]):
            self.cells[-1] += data


def measured() -> list[ax.Measurement]:
    problems = [PROBLEM.replace(d=10**4, lam=30, n=n) for n in (2e5, 4e5, 8e5, 16e5)]
    return [ax.Measurement(p.n, p.lam, ax.solve(p).error) for p in problems]


VERDICT = Verdict("a/b", "one < two", "sum", 1.0, 1.0, 0.1, "rounding")
RESULTS: dict[str, Callable[[], Any]] = {
    "Problem": lambda: PROBLEM,
    "Solution": lambda: ax.solve(PROBLEM),
    "PreciseSolution": lambda: precise.solve(PROBLEM, digits=20),
    "Optimum": lambda: ax.optimum(PROBLEM),
    "Decomposition": lambda: ax.decompose(PROBLEM),
    "SpectrumLaw": lambda: ax.spectrum(PROBLEM),
    "Runs": lambda: ax.simulate(PROBLEM.replace(d=20, n=10), seeds=2),
    "Regression": lambda: ax.regress(measured(), "diagonal", gamma=1, d=10**4, noise=2),
    "PhaseDiagram": lambda: ax.phase_diagram("quadratic"),
    "Verdict": lambda: VERDICT,
    "Table": lambda: ax.Table([VERDICT, VERDICT]),
}


@pytest.mark.parametrize("kind", RESULTS)
def test_every_result_shows_and_converts(kind: str) -> None:
    result = RESULTS[kind]()
    assert type(result).__name__ == kind
    assert Tags(result._repr_html_()).cells
    frame = result.to_pandas()
    assert len(frame) >= 1
    assert "problem" not in frame


def test_cells_are_escaped_and_long_numbers_short() -> None:
    assert Tags(html_table(["<b>"], [["a < b", 10**60, None]])).cells == ["<b>", "a < b", "1e+60", ""]


def test_phase_table_is_typeset() -> None:
    diagram = ax.phase_diagram("quadratic")
    cells = Tags(diagram._repr_html_()).cells
    assert len(cells) == 6 * (1 + len(diagram.phases))
    assert diagram._repr_latex_().startswith(r"\begin{tabular}")
    assert any(r"n_{\mathrm{eff}}" in cell for cell in cells)


def test_a_grid_of_solutions_becomes_labelled_axes() -> None:
    points = [PROBLEM.replace(n=n, lam=lam) for n in (1e9, 1e10, 1e11) for lam in (0, 1)]
    data = ax.Table(ax.solve(p) for p in points).to_xarray("n", "lam")
    assert dict(data.sizes) == {"n": 3, "lam": 2}
    assert float(data.error.sel(n=1e10, lam=1)) == ax.solve(PROBLEM).error


def test_spectrum_law_becomes_a_dataset() -> None:
    p = ax.Problem("quadratic", gamma=1.25, d=400, n=20_000, lam=0.1, noise=0.1)
    law = ax.spectrum(p, points=50)
    data = law.to_xarray()
    assert data.sizes["weight"] == 50
    assert data.position.values.tolist() == [s.position for s in law.spikes]
