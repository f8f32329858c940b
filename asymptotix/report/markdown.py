"""The Markdown that our own reports use, as HTML: headings, paragraphs, lists, tables, code, links, images."""

from __future__ import annotations

import base64
import html
import re
from collections.abc import Iterator
from pathlib import Path

_TYPES = {".png": "image/png", ".svg": "image/svg+xml", ".jpg": "image/jpeg"}


def to_html(text: str, folder: Path, level: int = 3) -> str:
    """Convert a report; images are embedded, top headings left out, others start at ``<h{level}>``.

    >>> to_html("# T\\n\\n## A\\n\\nsee `x` in [b](b.md)\\n\\n- one\\n", Path("."))
    '<h3>A</h3>\\n<p>see <code>x</code> in <a href="b.md">b</a></p>\\n<ul><li>one</li></ul>'
    """
    return "\n".join(_block(block, folder, level) for block in _blocks(text) if not block.startswith("# "))


def _blocks(text: str) -> Iterator[str]:
    for block in re.split(r"\n\s*\n", text.strip()):
        head, _, rest = block.partition("\n")
        if head.startswith("#") and rest:
            yield head
            yield rest
        else:
            yield block


def _block(block: str, folder: Path, level: int) -> str:
    lines = block.splitlines()
    if found := re.match(r"(#+)\s+(.*)", block):
        depth = min(len(found[1]) - 2 + level, 6)
        return f"<h{depth}>{_inline(found[2], folder)}</h{depth}>"
    if lines[0].lstrip().startswith("|"):
        return _table(lines, folder)
    if lines[0].startswith(("- ", "* ")):
        items = re.split(r"\n[-*] ", "\n" + block)[1:]
        return f"<ul>{''.join(f'<li>{_inline(item, folder)}</li>' for item in items)}</ul>"
    if lines[0].startswith("    "):
        return f"<pre>{html.escape(block)}</pre>"
    return f"<p>{_inline(block, folder)}</p>"


def _table(lines: list[str], folder: Path) -> str:
    rows = [[c.strip() for c in re.split(r"(?<!\\)\|", line.strip().strip("|"))] for line in lines]
    head = "".join(f'<th scope="col">{_inline(c, folder)}</th>' for c in rows[0])
    body = "".join(f"<tr>{''.join(f'<td>{_inline(c, folder)}</td>' for c in row)}</tr>" for row in rows[2:])
    return f'<div class="scroll"><table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table></div>'


def _inline(text: str, folder: Path) -> str:
    def image(found: re.Match[str]) -> str:
        return f'<img alt="{found[1]}" src="{embedded(folder / found[2])}" loading="lazy">'

    out = html.escape(text.replace("\\|", "|"), quote=False)
    out = re.sub(r"!\[([^\]]*)\]\(([^)]+)\)", image, out)
    out = re.sub(r"\[([^\]]+)\]\(([^)]+)\)", r'<a href="\2">\1</a>', out)
    out = re.sub(r"`([^`]+)`", r"<code>\1</code>", out)
    return re.sub(r"\*\*([^*]+)\*\*", r"<strong>\1</strong>", out)


def embedded(path: Path) -> str:
    """A picture as a data URI; nothing if it is not there."""
    if path.suffix not in _TYPES or not path.is_file():
        return "data:,"
    return f"data:{_TYPES[path.suffix]};base64,{base64.b64encode(path.read_bytes()).decode()}"
