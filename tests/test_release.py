"""The wheel: complete, and able to run outside the checkout."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from collections.abc import Sequence
from importlib.util import find_spec
from pathlib import Path
from zipfile import ZipFile

import pytest

import asymptotix

ROOT = Path(__file__).parents[1]
ALLOWED = 0.5  # seconds of processor time that an import may take


def run(command: Sequence[str], folder: Path, **environment: str) -> str:
    variables = {**os.environ, "OPENBLAS_NUM_THREADS": "1", "PYTHONPATH": "", **environment}
    done = subprocess.run(command, cwd=folder, env=variables, capture_output=True, text=True, timeout=300)
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder that holds what the wheel would install."""
    if find_spec("hatchling") is None:
        pytest.skip("needs hatchling")
    folder = tmp_path_factory.mktemp("wheel")
    run([sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(folder)], ROOT)
    (wheel,) = folder.glob("*.whl")
    assert asymptotix.__version__ in wheel.name
    with ZipFile(wheel) as archive:
        archive.extractall(folder / "site")
    return folder / "site"


def test_the_wheel_holds_every_file_of_the_package(installed: Path) -> None:
    package = ROOT / "asymptotix"
    files = {p.relative_to(ROOT) for p in package.rglob("*") if p.is_file() and p.suffix != ".pyc"}
    assert {p.relative_to(installed) for p in (installed / "asymptotix").rglob("*") if p.is_file()} == files
    assert Path("asymptotix/py.typed") in files


def test_the_wheel_runs_outside_the_checkout(installed: Path, tmp_path: Path) -> None:
    point = ["--network", "diagonal", "--gamma", "5/4", "--json"]
    sizes = ["--d", "50", "--n", "100", "--lam", "1", "--noise", "1"]
    for command, key in (
        (["exponents", *point, "--a", "3/5", "--l", "-1"], "constant"),
        (["solve", *point, *sizes], "error"),
        (["simulate", *point, *sizes, "--seeds", "2"], "z"),
    ):
        printed = run([sys.executable, "-m", "asymptotix", *command], tmp_path, PYTHONPATH=str(installed))
        assert key in json.loads(printed)


def test_the_version_is_stated_once() -> None:
    stated = re.compile(
        rf'^\s*(__version__|version)\s*[:=]\s*"?{re.escape(asymptotix.__version__)}', re.MULTILINE
    )
    candidates = [ROOT / "pyproject.toml", ROOT / "CITATION.cff", ROOT / "docs" / "conf.py"]
    candidates += (ROOT / "asymptotix").rglob("*.py")
    assert [p.name for p in candidates if stated.search(p.read_text(encoding="utf-8"))] == ["__init__.py"]


def test_import_is_quick(tmp_path: Path) -> None:
    code = "import asymptotix, sys, time; print(time.process_time(), *sys.modules)"
    times = []
    for _ in range(3):
        seconds, *modules = run([sys.executable, "-c", code], tmp_path, PYTHONPATH=str(ROOT)).split()
        assert not {"scipy", "sympy", "sklearn", "matplotlib", "pandas", "xarray"} & set(modules)
        times.append(float(seconds))
    assert min(times) < ALLOWED
