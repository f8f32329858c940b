"""Our own reports, which are Markdown, as HTML; pictures are embedded."""

from __future__ import annotations

import base64
import re
from pathlib import Path

from markdown_it import MarkdownIt

_TYPES = {".png": "image/png", ".svg": "image/svg+xml", ".jpg": "image/jpeg"}


def to_html(text: str, folder: Path, level: int = 3) -> str:
    """Convert a report; images are embedded, top headings left out, others start at ``<h{level}>``.

    >>> to_html("# T\\n\\n## A\\n\\nsee `x` in [b](b.md)\\n", Path("."))
    '<h3>A</h3>\\n<p>see <code>x</code> in <a href="b.md">b</a></p>\\n'
    """
    # stars within formulas are no marks: only pairs of them around words are
    parser = MarkdownIt().enable("table").disable("emphasis")
    text = re.sub(r"(?<![\w)])\*\*(?=\S)([^*`\n]+)\*\*(?![\w(])", r"<strong>\1</strong>", text)
    text = re.sub(r"^# .*$", "", text, flags=re.MULTILINE)
    tokens = parser.parse(text)
    for token in tokens:
        if token.type in ("heading_open", "heading_close"):
            token.tag = f"h{min(int(token.tag[1:]) - 2 + level, 6)}"
        elif token.type == "th_open":
            token.attrSet("scope", "col")
        for image in (child for child in token.children or () if child.type == "image"):
            image.attrs |= {"src": embedded(folder / str(image.attrs["src"])), "loading": "lazy"}
    made: str = parser.renderer.render(tokens, parser.options, {})
    return made.replace("<table>", '<div class="scroll"><table>').replace("</table>", "</table></div>")


def embedded(path: Path) -> str:
    """A picture as a data URI; nothing if it is not there."""
    if path.suffix not in _TYPES or not path.is_file():
        return "data:,"
    return f"data:{_TYPES[path.suffix]};base64,{base64.b64encode(path.read_bytes()).decode()}"
