"""Points that were trained earlier: recalled, said to be recalled, and held to today's code."""

from __future__ import annotations

import json
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from asymptotix import InvalidInput
from asymptotix.checks import Earlier, Store, crossovers, finished_work, retrained, run
from asymptotix.checks.claim import Family, Verdict
from asymptotix.checks.scope import notes
from asymptotix.cli import main
from asymptotix.experiments import lines
from asymptotix.experiments.lines import AFFORDABLE, LINES, QUICK
from asymptotix.experiments.measurements import Measured, measure, measure_all, recalled

LINE = LINES[0]
KEPT = Path(__file__).parents[2] / "reports" / "data" / "experiments.jsonl"


def record(point: Measured) -> dict[str, Any]:
    names = ("errors", "theory", "unconverged", "seconds")
    return {"key": point.plan.key, "value": {name: getattr(point, name) for name in names}}


@pytest.fixture
def points() -> list[Measured]:
    """The anchors of one line, of four seeds each."""
    return measure_all(LINE.plans(seeds=4, anchors_only=True))


@pytest.fixture
def file(tmp_path: Path, points: list[Measured]) -> Path:
    path = tmp_path / "points.jsonl"
    path.write_text("".join(json.dumps(record(p)) + "\n" for p in points))
    return path


def test_a_recalled_point_says_where_it_is_from_and_is_not_trained(
    file: Path, points: list[Measured]
) -> None:
    earlier = Earlier.read(file)
    again = measure_all([p.plan for p in points], Store(earlier=earlier))
    assert [p.errors for p in again] == [p.errors for p in points]
    assert [p.seconds for p in again] == [p.seconds for p in points]
    assert {p.origin for p in again} == {earlier.digest}
    assert recalled(again) == f"; {len(points)} of {len(points)} points recalled from {earlier.digest}"
    assert recalled(points) == ""


@pytest.mark.parametrize(
    ("line", "why"),
    [
        ("{", "line 2"),
        ("[1]", "line 2"),
        ('{"key": {"method": "erm", "seeds": 2}, "value": {}}', "line 2"),
        ('{"key": {"method": "erm", "seeds": 2}, "value": {"errors": [1, NaN], "theory": 1, "seconds": 1, '
         '"unconverged": 0}}', "line 2"),
        ('{"key": {"method": "erm", "seeds": 3}, "value": {"errors": [1, 2], "theory": 1, "seconds": 1, '
         '"unconverged": 0}}', "line 2"),
    ],
)  # fmt: skip
def test_a_broken_file_of_points_is_refused_by_line(file: Path, line: str, why: str) -> None:
    first, *rest = file.read_text().splitlines()
    file.write_text("\n".join([first, line, *rest]))
    with pytest.raises(InvalidInput, match=why):
        Earlier.read(file)


def test_a_file_that_is_not_there_or_holds_nothing(tmp_path: Path) -> None:
    empty, binary = tmp_path / "empty", tmp_path / "binary"
    empty.write_text("\n")
    binary.write_bytes(b"\xff\xfe\x00")
    for path in (tmp_path / "none.jsonl", tmp_path, empty, binary):
        with pytest.raises(InvalidInput, match="measured"):
            Earlier.read(path)


def test_the_command_line_names_a_file_that_cannot_be_read(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        main(["verify", "--claim", "least-squares", "--measured", "nowhere.jsonl"])
    assert ended.value.code == 2
    assert "nowhere.jsonl" in capsys.readouterr().err


@pytest.fixture
def one_line(monkeypatch: pytest.MonkeyPatch, points: list[Measured]) -> None:
    """Nothing but the recalled points of one line."""
    monkeypatch.setattr(retrained, "series", lambda: {LINE.id: [p.plan for p in points]})


@pytest.mark.usefixtures("one_line")
@pytest.mark.parametrize(("change", "field", "row"), [(1e-5, "errors", LINE.id), (1e-8, "theory", "theory")])
def test_a_stale_point_is_caught(
    file: Path, points: list[Measured], change: float, field: str, row: str
) -> None:
    rows = {v.id: v for v in retrained.retrained(True, Store(earlier=Earlier.read(file)))}
    assert set(rows) == {"measured/theory", f"measured/{LINE.id}"}
    assert all(v.passed for v in rows.values())
    assert f"{len(points)} of {len(points)} points" in rows[f"measured/{LINE.id}"].claim
    records = [record(p) for p in points]
    value = records[-1]["value"]
    value[field] = (
        value[field] * (1 + change) if field == "theory" else [x * (1 + change) for x in value[field]]
    )
    file.write_text("".join(json.dumps(r) + "\n" for r in records))
    again = list(retrained.retrained(True, Store(earlier=Earlier.read(file))))
    assert [v.id for v in again if not v.passed] == [f"measured/{row}"]


def test_cheap_points_are_trained_again_first_and_within_the_time(points: list[Measured]) -> None:
    costs = [4.0, 1.0, 8.0, 2.0]
    dear = [Measured(p.plan, 1.0, (1.0,), 0, 4 * c) for p, c in zip(points, costs, strict=False)]
    assert retrained.affordable(dear, 3.0) == [dear[1], dear[3]]
    assert retrained.affordable(dear, 100.0) == dear[:4]
    assert retrained.affordable(dear, 0.5) == []


def test_lines_that_are_not_looked_at_are_named(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("asymptotix.checks.crossovers.AFFORDABLE", ())
    monkeypatch.setattr(lines.Line, "plans", lambda self: [])  # nothing is known of no points, so all is
    assert crossovers.chosen_lines(True, None) == []
    assert crossovers.chosen_lines(True, Store(earlier=Earlier.read(file))) == list(LINES)


def test_what_is_left_out_and_what_is_recalled_is_said() -> None:
    (left_out,) = notes(True, ["crossover"], Store())
    for line in LINES:
        assert (f"{line.id}," in left_out or f"{line.id})" in left_out) == (line.id not in AFFORDABLE)
    assert "--measured" in left_out
    assert notes(False, ["crossover"], Store()) == []
    assert notes(True, ["law"], Store()) == []
    earlier = Earlier.read(KEPT)
    said = " ".join(notes(True, ["crossover"], Store(earlier=earlier)))
    assert earlier.digest in said
    assert str(KEPT) in said


def test_affordable_lines_are_of_every_group() -> None:
    assert set(QUICK) <= set(AFFORDABLE) <= {line.id for line in LINES}
    chosen = [line for line in LINES if line.id in AFFORDABLE]
    assert {(line.network, line.inputs) for line in chosen} == {(x.network, x.inputs) for x in LINES}
    assert {line.axis for line in chosen} == {"n_eff", "lam"}


def test_an_interrupted_family_does_not_train_its_points_again(tmp_path: Path) -> None:
    plan, journal = LINE.plans(seeds=2)[3], tmp_path / "journal.jsonl"
    first = measure(plan, finished_work(journal))
    again = measure(plan, finished_work(journal))
    assert again == first  # its seconds too
    assert again.origin == ""  # trained by this very code: not recalled from an older file
    journal.write_text(journal.read_text().replace('"sources": "', '"sources": "0'))
    assert finished_work(journal).get(plan.key) is None  # other code trained it


def test_families_that_recall_are_run_again_with_another_file(
    tmp_path: Path, file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    runs: list[str] = []

    def plain(full: bool) -> list[Verdict]:
        runs.append("plain")
        return [Verdict("plain/a", "c", "w", 1.0, 1.0, 0.0, "exact")]

    def recalling(full: bool, store: Store) -> list[Verdict]:
        runs.append(f"recalling {store.digest}")
        return [Verdict("recalling/a", "c", "w", 1.0, 1.0, 0.0, "exact")]

    families = (Family("plain", plain), Family("recalling", recalling, recalls=True))
    monkeypatch.setattr("asymptotix.checks.FAMILIES", families)
    journal, earlier = tmp_path / "journal.jsonl", Earlier.read(file)
    for measured in (None, earlier, earlier, None):
        found = list(run(journal=journal, measured=measured))
        assert [(v.id, v.family) for v in found] == [("plain/a", "plain"), ("recalling/a", "recalling")]
    assert runs == ["plain", "recalling ", f"recalling {earlier.digest}"]


def _logged(log: Path, name: str, full: bool) -> list[Verdict]:
    with log.open("a") as file:
        file.write(name)
    return [Verdict(f"{name}/a", "c", "w", 1.0, 1.0, 0.0, "exact")]


def test_side_by_side_the_longest_are_first_and_rows_come_in_order(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    log = tmp_path / "log"
    families = [
        Family(name, partial(_logged, log, name), seconds=s)
        for name, s in (("a", 1.0), ("b", 9.0), ("c", 3.0))
    ]
    monkeypatch.setattr("asymptotix.checks.FAMILIES", tuple(families))
    assert [v.family for v in run(workers=2)] == ["a", "b", "c"]
    assert log.read_text()[0] != "a"  # the shortest is started when another is done
