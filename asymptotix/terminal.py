"""How commands print for people: tables, paragraphs and formulas within a terminal's usual width, phases in words."""

from __future__ import annotations

import re
import textwrap
from collections.abc import Iterable, Sequence

import click

#: A terminal's usual width.
COLUMNS = 80


def paragraph(text: str, *, err: bool = False) -> None:
    """A sentence in lines that a terminal holds; what follows the first is indented under its beginning."""
    indent = " " * (len(text) - len(text.lstrip()) + 4)
    lines = textwrap.fill(
        text, COLUMNS, subsequent_indent=indent, break_long_words=False, break_on_hyphens=False
    )
    click.echo(lines, err=err)


def fold(text: str, first: str, indent: int) -> str:
    """A formula after ``first``, in lines broken at spaces and after operators, the further ones indented.

    >>> print(fold("a*b + " * 12 + "c", "constant  ", 10))
    constant  a*b + a*b + a*b + a*b + a*b + a*b + a*b + a*b + a*b + a*b + a*b + a*b
              + c
    """
    lines, line = [], first
    for part in re.findall(r"[^\s*/]*(?:\*\*|[*/]|\s+|$)", text):
        if len(line) + len(part.rstrip()) > COLUMNS and len(line) > indent:
            lines.append(line.rstrip())
            line = " " * indent
        line += part
    return "\n".join([*lines, line.rstrip()])


def table(headings: Sequence[str], rows: Iterable[Sequence[str]]) -> None:
    """Columns two spaces apart, numbers to the right; the last column, of words, to the left."""
    cells = [list(headings), *(list(row) for row in rows)]
    widths = [max(len(row[k]) for row in cells) for k in range(len(headings))]
    for row in cells:
        aligned = [text.rjust(width) for text, width in zip(row[:-1], widths, strict=False)]
        click.echo("  ".join([*aligned, row[-1]]).rstrip())


def legend(phases: Iterable[str | None]) -> None:
    """What the phases are, in words, each once."""
    from asymptotix.asymptotics.labels import words

    names = list(dict.fromkeys(name for name in phases if name))
    width = max(map(len, names), default=0)
    for name in names:
        paragraph(f"phase {name:<{width}}  {words(name)}")
