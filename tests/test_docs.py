"""The documentation is run: its Python, its commands, and its build."""

from __future__ import annotations

import doctest
import importlib
import re
import shlex
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from importlib.util import find_spec
from pathlib import Path

import pytest

import asymptotix as ax
from asymptotix import networks, phase_diagram
from asymptotix.cli import main
from asymptotix.errors import NotSupplied
from asymptotix.networks import get, names
from asymptotix.report.slopes import POINTS, claimed, exponent_at
from tests.networks.test_conformance import QUESTIONS, problem

ROOT = Path(__file__).parents[1]
PAGES = sorted((ROOT / "docs").glob("*.md"))
FLAGS = doctest.ELLIPSIS | doctest.NORMALIZE_WHITESPACE | doctest.IGNORE_EXCEPTION_DETAIL


def fences(text: str, language: str) -> Iterator[tuple[int, str]]:
    """Line numbers and contents of the fenced blocks of one language."""
    for found in re.finditer(rf"^( *)```{language}\n(.*?)^\1```$", text, re.MULTILINE | re.DOTALL):
        yield text.count("\n", 0, found.start(2)), found[2]


def files(text: str) -> dict[str, str]:
    """Files that a page has its reader write: Python blocks with a caption."""
    pattern = r"^```\{code-block\} python\n:caption: (\S+)\n\n(.*?)^```$"
    return dict(re.findall(pattern, text, re.MULTILINE | re.DOTALL))


@pytest.fixture
def written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[str], list[str]]]:
    """Write a page's files where Python finds them, and forget what they register."""
    known = set(networks.names())
    modules: list[str] = []

    def write(text: str) -> list[str]:
        for name, source in files(text).items():
            (tmp_path / name).write_text(source, encoding="utf-8")
            modules.append(Path(name).stem)
        return modules

    monkeypatch.syspath_prepend(tmp_path)
    yield write
    for name in set(networks.names()) - known:
        networks.unregister(name)
    for name in modules:
        sys.modules.pop(name, None)


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_python_examples(page: Path, written: Callable[[str], list[str]]) -> None:
    text = page.read_text(encoding="utf-8")
    written(text)
    parser, names, failures = doctest.DocTestParser(), {"__name__": "docs"}, []
    runner = doctest.DocTestRunner(optionflags=FLAGS)
    for line, source in fences(text, "python"):
        example = parser.get_doctest(source, names, page.name, str(page), line)
        runner.run(example, out=failures.append, clear_globs=False)
        names = example.globs
    assert not failures, "".join(failures)


def test_the_network_of_the_guide_answers_or_refuses_everything(written: Callable[[str], list[str]]) -> None:
    """The file as it is printed: one file, short, and asked what every network is asked."""
    text = (ROOT / "docs" / "extend.md").read_text(encoding="utf-8")
    (name,) = written(text)
    assert files(text)[f"{name}.py"].count("\n") <= 100
    net = importlib.import_module(name).NONNEGATIVE_ELASTIC_NET
    for part, ask in QUESTIONS.values():
        if getattr(net, part) is not None:
            ask(problem(net.name))
            continue
        with pytest.raises(NotSupplied, match=f"{net.name}: no {part.replace('_', ' ')}"):
            ask(problem(net.name))
    faint = ax.Problem(net.name, gamma=1.25, d=60, n=120, lam=1e-4, noise=0.1)
    assert ax.solve(faint).error == pytest.approx(
        ax.solve(faint.replace(network="nonnegative")).error, rel=1e-3
    )


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_commands(
    page: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    text = page.read_text(encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    for _, data in fences(text, "text"):
        (tmp_path / "measured.csv").write_text(data, encoding="utf-8")
    for _, data in fences(text, "toml"):  # named in the first line
        (tmp_path / data.split()[1]).write_text(data, encoding="utf-8")
    for _, block in fences(text, "console"):
        for part in block.split("$ ")[1:]:
            command, _, expected = part.partition("\n")
            with pytest.raises(SystemExit) as left:
                main(shlex.split(command)[1:])
            printed = capsys.readouterr().out
            assert left.value.code == 0, command
            assert doctest.OutputChecker().check_output(expected, printed, FLAGS), printed


def test_the_claims_on_the_page_of_files_can_be_read(tmp_path: Path) -> None:
    text = (ROOT / "docs" / "files.md").read_text(encoding="utf-8")
    (claims,) = [data for _, data in fences(text, "toml") if data.startswith("# claims.toml")]
    (tmp_path / "claims.toml").write_text(claims, encoding="utf-8")
    found = claimed(tmp_path / "claims.toml")
    assert found["quadratic", "V"] == "2/5 * (a - 1)"
    for (network, phase), formula in found.items():
        p = POINTS[phase]
        assert exponent_at(formula, p) == phase_diagram(network).at(gamma=p.gamma, a=p.a, l=p.l).risk_exponent


@pytest.mark.parametrize("page", ["README.md", "docs/units.md"])
def test_the_table_of_units_is_that_of_the_networks(page: str) -> None:
    """Prediction, objective and excess risk as the records have them."""
    text = (ROOT / page).read_text(encoding="utf-8").replace("\\|", "|")
    for name in names():
        net = get(name)
        (row,) = re.findall(rf"^\| `{name}` \|.*$", text, re.MULTILINE)
        risk = "error" if net.excess_factor == 1 else f"{net.excess_factor} error"
        assert all(f"`{cell}`" in row for cell in (net.prediction, net.objective, risk)), name


def test_the_readme_example() -> None:
    """Every line runs, and gives what its comment says where that is a value."""
    ((_, source),) = fences((ROOT / "README.md").read_text(encoding="utf-8"), "python")
    names: dict[str, object] = {}
    checked = 0
    for line in filter(None, source.splitlines()):
        code, _, said = (part.strip() for part in line.partition("#"))
        try:
            value = eval(code, names)
        except SyntaxError:
            exec(code, names)
            continue
        found = ", ".join(map(repr, value)) if isinstance(value, tuple) else repr(value)
        if re.match(r"['\d]", said):
            assert found.startswith(said.partition("...")[0]), line
            checked += 1
    assert checked == 2


@pytest.mark.slow
@pytest.mark.skipif(
    find_spec("sphinx") is None or find_spec("myst_parser") is None, reason="needs sphinx, myst-parser"
)
def test_site_builds_without_warnings(tmp_path: Path) -> None:
    for name in ("asymptotix", "docs", "reports/derivations", "tests/networks"):
        shutil.copytree(ROOT / name, tmp_path / name, ignore=shutil.ignore_patterns("_build", "__pycache__"))
    command = [sys.executable, "-m", "sphinx", "-W", "-q", "docs", "site"]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, timeout=600)
    assert done.returncode == 0, done.stderr
    pages = list((tmp_path / "site").rglob("*.html"))
    loaded = re.compile(r'(?:src|<link[^>]*href)="(https?:[^"]*)"')
    assert len(pages) > len(PAGES)
    for page in pages:
        assert not loaded.findall(page.read_text(encoding="utf-8")), page.name
