"""The page of claims: what the run said of itself, and what each family cost."""

from asymptotix.checks import Verdict
from asymptotix.report.verification import page, times


def verdict(name: str, family: str, seconds: float) -> Verdict:
    return Verdict(name, "claim", "witness", 1.0, 1.0, 0.0, "exact", seconds=seconds, family=family)


def test_what_was_left_out_is_on_the_page():
    text = page([verdict("x/1", "x", 1.0)], ["left out of crossover: 2 lines", "this run took 3 s"])
    assert "* Left out of crossover: 2 lines.\n* This run took 3 s.\n" in text


def test_families_are_listed_by_what_they_cost():
    rows = [verdict("law/1", "law", 1.0), verdict("rate/1", "law", 0.5), verdict("x/1", "x", 4.0)]
    table = times(rows).splitlines()[2:]
    cells = [[c.strip() for c in line.strip("|").split("|")] for line in table]
    assert cells == [["x", "1", "4.0"], ["law", "2", "1.5"], ["all", "3", "5.5"]]
