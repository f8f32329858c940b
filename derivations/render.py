r"""Run the numbered derivations and write them as Markdown with LaTeX.

A derivation is plain Python in cells: ``# %% [markdown]`` opens prose (comment lines, LaTeX between dollars),
``# %%`` opens code. Code states and asserts; what it passes to :func:`show` appears as a displayed equation.

    python -m derivations.render            # all of them, to reports/derivations/
    python -m derivations.render 05 09      # only these
"""

from __future__ import annotations

import contextlib
import io
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import sympy as sp
from joblib import Parallel, delayed
from threadpoolctl import threadpool_limits

HERE = Path(__file__).parent
REPORTS = HERE.parent / "reports" / "derivations"


@dataclass(frozen=True)
class Cell:
    """A piece of a derivation: prose or code, and the line where it starts."""

    prose: bool
    text: str
    line: int


def show(name: str, expression: Any) -> None:
    """Print ``name = expression`` as a displayed equation (numbers to six digits)."""
    if isinstance(expression, float):
        expression = sp.Float(expression, 6)
    body = sp.latex(expression, ln_notation=True)
    print(f"\n$$ {name} = {body} $$\n" if name else f"\n$$ {body} $$\n")


def agree(value: Any, reference: Any, tolerance: float) -> None:
    """Assert that two numbers agree to a relative tolerance, and say by how much they differ.

    >>> agree(1.0, 1.0 + 1e-9, 1e-8)
    """
    value, reference = float(value), float(reference)
    if not abs(value - reference) <= tolerance * abs(reference):
        raise AssertionError(f"{value!r} differs from {reference!r} by more than {tolerance} relative")


def derivations() -> list[Path]:
    """All derivations, in order."""
    return sorted(HERE.glob("[0-9][0-9]_*.py"))


def cells(source: str) -> list[Cell]:
    """Split a derivation at its cell marks.

    >>> [cell.prose for cell in cells("# %% [markdown]\\n# Text.\\n# %%\\nx = 1\\n")]
    [True, False]
    """
    out: list[Cell] = []
    prose, start = False, 1
    lines: list[str] = []
    for number, line in enumerate([*source.splitlines(), "# %%"], start=1):
        if line.startswith("# %%"):
            text = "\n".join(lines).strip("\n")
            if text.strip():
                out.append(Cell(prose, text, start))
            prose, lines, start = "[markdown]" in line, [], number + 1
        else:
            lines.append(line.removeprefix("#").removeprefix(" ") if prose else line)
    return out


def run(path: Path) -> str:
    """Run a derivation from top to bottom and return it as Markdown; its assertions raise."""
    namespace: dict[str, Any] = {"__name__": "derivation"}
    out: list[str] = []
    for cell in cells(path.read_text(encoding="utf-8")):
        if cell.prose:
            out.append(cell.text)
            continue
        printed = io.StringIO()
        code = "\n" * (cell.line - 1) + cell.text  # so that a traceback names the right line
        with contextlib.redirect_stdout(printed), threadpool_limits(1):  # small matrices: threads only hurt
            exec(compile(code, str(path), "exec"), namespace)
        out.append(f"```python\n{cell.text}\n```")
        if printed.getvalue().strip():
            out.append(printed.getvalue().strip())
    return "\n\n".join(out) + "\n"


def main(chosen: list[str]) -> None:
    """Render the chosen derivations (by number), or all of them, and their table of contents."""
    REPORTS.mkdir(parents=True, exist_ok=True)
    contents = ["# Derivations", ""]
    asked = [path for path in derivations() if not chosen or path.stem[:2] in chosen]
    for path, text in zip(asked, Parallel(n_jobs=-1)(delayed(run)(path) for path in asked), strict=True):
        (REPORTS / f"{path.stem}.md").write_text(text, encoding="utf-8")
    for path in derivations():
        target = REPORTS / f"{path.stem}.md"
        title = cells(path.read_text(encoding="utf-8"))[0].text.splitlines()[0].lstrip("# ")
        contents.append(f"- [{title}]({target.name})")
    (REPORTS / "index.md").write_text("\n".join(contents) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main(sys.argv[1:])
