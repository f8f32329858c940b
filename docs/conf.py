"""The documentation. Builds offline: formulas become MathML here, and the pages ask for nothing from elsewhere."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

from docutils import nodes
from docutils.utils.math.latex2mathml import tex2mathml
from sphinx.application import Sphinx
from sphinx.writers.html5 import HTML5Translator

import asymptotix

HERE = Path(__file__).parent

# The derivations are rendered where readers of the repository look for them; here they are chapters.
shutil.rmtree(HERE / "derivations", ignore_errors=True)
shutil.copytree(HERE.parent / "reports" / "derivations", HERE / "derivations")
with (HERE / "derivations" / "index.md").open("a", encoding="utf-8") as index:
    index.write("\n```{toctree}\n:hidden:\n:glob:\n\n[0-9]*\n```\n")

project = "asymptotix"
author = "the asymptotix authors"
release = version = asymptotix.__version__
extensions = ["myst_parser", "sphinx.ext.autodoc", "sphinx.ext.napoleon"]
exclude_patterns = ["_build"]
myst_enable_extensions = ["dollarmath"]
myst_dmath_double_inline = True
myst_heading_anchors = 3
default_role = "code"
autodoc_member_order = "bysource"
autodoc_typehints = "description"
autodoc_typehints_description_target = "documented"
napoleon_use_ivar = True
html_theme = "alabaster"
html_theme_options = {
    "description": "The asymptotics of learning: derived, solved, simulated.",
    "page_width": "min(76em, 96vw)",
    "body_max_width": "none",
    "fixed_sidebar": True,
}
html_show_sourcelink = False
html_math_renderer = "mathml"


# What TeX reads and the converter does not.
SPELLINGS = (
    (r"\\[bB]ig+[lr]?(?![a-zA-Z])", ""),
    (r"\{\\rm\s+([^}]*)\}", r"\\mathrm{\1}"),
    (r"\\frac\s*(\d)(\d)", r"\\frac{\1}{\2}"),
    (r"\\frac\s*(\d)(?=\\)", r"\\frac{\1}"),
    (r"\\dots(?![a-zA-Z])", r"\\ldots"),
)


def _mathml(display: bool) -> tuple[object, None]:
    def visit(translator: HTML5Translator, node: nodes.Element) -> None:
        formula = node.astext()
        for spelling, replacement in SPELLINGS:
            formula = re.sub(spelling, replacement, formula)
        mathml = tex2mathml(formula, as_block=display)
        translator.body.append(f'<p class="math">{mathml}</p>' if display else mathml)
        raise nodes.SkipNode

    return visit, None


def setup(app: Sphinx) -> None:
    """Register the renderer of formulas."""
    app.add_html_math_renderer("mathml", _mathml(False), _mathml(True))
