"""Every derivation runs from top to bottom; its assertions are the test."""

from __future__ import annotations

from pathlib import Path

import pytest

from derivations.render import cells, derivations, run


@pytest.mark.parametrize("path", derivations(), ids=lambda path: path.stem)
def test_derivation_holds(path: Path) -> None:
    assert run(path).startswith("# ")


def test_derivations_are_numbered_and_titled() -> None:
    for number, path in enumerate(derivations(), start=1):
        first = cells(path.read_text(encoding="utf-8"))[0]
        assert first.prose
        assert first.text.startswith(f"# {number}. ")


def test_a_wrong_statement_fails(tmp_path: Path) -> None:
    wrong = tmp_path / "99_wrong.py"
    wrong.write_text("# %% [markdown]\n# # 99. Wrong\n# %%\nassert 1 + 1 == 3\n", encoding="utf-8")
    with pytest.raises(AssertionError):
        run(wrong)
