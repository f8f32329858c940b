"""A verification that is interrupted goes on; a number that changes is caught."""

import json
from decimal import Decimal

import pytest

from asymptotix import InvalidInput
from asymptotix.checks import baseline, run
from asymptotix.checks.claim import Family, Verdict


@pytest.fixture
def counted(monkeypatch):
    """Two families that count how often they run; the second can be interrupted."""
    runs = {"one": 0, "two": 0, "broken": False}

    def family(name):
        def check(full):
            runs[name] += 1
            yield Verdict(f"{name}/a", "claim", "witness", 1.0, 1.0, 0.0, "exact")
            if name == "two" and runs["broken"]:
                raise KeyboardInterrupt

        return Family(name, check)

    monkeypatch.setattr("asymptotix.checks.FAMILIES", (family("one"), family("two")))
    return runs


def test_finished_families_are_not_run_again(tmp_path, counted):
    journal = tmp_path / "journal.jsonl"
    counted["broken"] = True
    with pytest.raises(KeyboardInterrupt):
        list(run(journal=journal))
    counted["broken"] = False
    with journal.open("a") as file:
        file.write('{"key": {"family": "two", "fu')  # a line cut short
    verdicts = list(run(journal=journal))
    assert [v.id for v in verdicts] == ["one/a", "two/a"]
    assert counted == {"one": 1, "two": 2, "broken": False}


def test_quick_results_do_not_stand_for_full_ones(tmp_path, counted):
    journal = tmp_path / "journal.jsonl"
    list(run(journal=journal))
    list(run(journal=journal, full=True))
    assert counted["one"] == 2


@pytest.fixture
def small(monkeypatch):
    monkeypatch.setattr(baseline, "GAMMAS", baseline.GAMMAS[1:2])
    monkeypatch.setattr(baseline, "measurable", lambda: ["diagonal"])


def test_a_change_beyond_the_digits_is_caught(tmp_path, small):
    path = tmp_path / "baseline.json"
    assert baseline.write(path) > 10
    assert all(v.passed for v in baseline.compare(path))
    kept = json.loads(path.read_text())
    for kind, off in (("constant/", "1.000000001"), ("digits/", "1.000000001"), ("solve/", "1.00000001")):
        name = next(n for n in kept if n.startswith(kind) and n.endswith("/II"))
        kept[name]["value"] = str(Decimal(kept[name]["value"]) * Decimal(off))
    form = next(n for n in kept if n.startswith("form/") and kept[n]["value"] != "1")
    kept[form]["value"] += " + 1"
    path.write_text(json.dumps(kept))
    failed = {v.id: v for v in baseline.compare(path) if not v.passed}
    changed = {f"baseline/{kind}/diagonal/5/4/II" for kind in ("constant", "digits", "solve")}
    assert set(failed) == {*changed, f"baseline/{form}"}
    assert "was" in failed[f"baseline/{form}"].claim


@pytest.mark.parametrize("text", ["[]", "{", '{"a": 1}'])
def test_a_file_that_is_no_baseline(tmp_path, text):
    path = tmp_path / "x.json"
    path.write_text(text)
    with pytest.raises(InvalidInput, match="baseline"):
        list(baseline.compare(path))
