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
    from tabulate import tabulate

    aligned = ("right",) * (len(headings) - 1) + ("left",)
    text = tabulate([headings, *rows], tablefmt="plain", colalign=aligned, disable_numparse=True)
    click.echo("\n".join(line.rstrip() for line in text.split("\n")))


def legend(phases: Iterable[str | None]) -> None:
    """What the phases are, in words, each once."""
    from asymptotix.asymptotics.labels import words

    names = list(dict.fromkeys(name for name in phases if name))
    width = max(map(len, names), default=0)
    for name in names:
        paragraph(f"phase {name:<{width}}  {words(name)}")
