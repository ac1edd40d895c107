"""Every document without an E problem generates, and what it generates is sound Python.

All golden documents go into one tree, so that the checkers start once.
"""

import json
import re
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

import pytest
from specbridge.emit.package import emit_package
from specbridge.emit.render import Renderer
from specbridge.emit.templates import read_templates
from specbridge.errors import Severity
from specbridge.profiles.load import load_profiles
from specbridge.reader.read import read_file
from specbridge.resolve.packages import resolve_packages
from specbridge.settings import Settings

ROOT = Path(__file__).parents[2]
CASES = sorted(path.parent for path in (ROOT / "tests" / "cases").glob("*/document.rst"))
LEAST_PACKAGES = 60


def generate_case(case: Path) -> Mapping[str, str]:
    """Return the case's modules by path, none where a problem stops it."""
    document = read_file(str(case / "document.rst"))
    packages = resolve_packages([document], Settings(), load_profiles())
    renderer = Renderer(read_templates())
    return {
        f"{re.sub(r'[^a-z0-9]', '_', case.name)}/{path}": text
        for package in packages
        if not any(problem.severity is Severity.ERROR for problem in package.problems)
        for path, text in emit_package(package, renderer).items()
    }


@pytest.fixture(scope="module")
def tree(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("every_case") / "packages"
    for case in CASES:
        for path, text in generate_case(case).items():
            file = root / path
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(text, encoding="utf-8")
    (root / "__init__.py").touch()
    assert len(list(root.iterdir())) > LEAST_PACKAGES
    return root


def run_tool(root: Path, *words: str) -> str:
    done = subprocess.run(
        [sys.executable, "-m", *words, str(root)],
        cwd=root.parent,
        env={"MYPYPATH": str(ROOT), "PATH": "", "HOME": str(root.parent)},
        capture_output=True,
        text=True,
        check=False,
    )
    return "" if done.returncode == 0 else done.stdout + done.stderr


@pytest.mark.parametrize(
    "words",
    [
        pytest.param(("mypy", "--strict", "--config-file="), id="mypy"),
        pytest.param(("ruff", "check", "--isolated", "--no-cache", "--select=F,E9,A,I"), id="ruff"),
        pytest.param(("black", "--check", "--quiet"), id="black"),
    ],
)
def test_all_that_is_generated_is_clean(tree: Path, words: tuple[str, ...]) -> None:
    assert run_tool(tree, *words) == ""


def test_all_that_is_generated_is_clean_for_pyright(tree: Path) -> None:
    settings = {
        "include": [str(tree)],
        "typeCheckingMode": "strict",
        "pythonVersion": "3.11",
        "extraPaths": [str(ROOT), str(ROOT / "generator")],
    }
    project = tree.parent / "pyrightconfig.json"
    project.write_text(json.dumps(settings), encoding="utf-8")
    done = subprocess.run(
        [sys.executable, "-m", "basedpyright", "--project", str(project), "--level", "error"],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout


def test_all_that_is_generated_can_be_imported(tree: Path) -> None:
    modules = [
        ".".join(path.relative_to(tree.parent).with_suffix("").parts).removesuffix(".__init__")
        for path in sorted(tree.rglob("*.py"))
    ]
    source = "import importlib, sys\nfor name in sys.argv[1:]: importlib.import_module(name)"
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", source, *modules],
        cwd=tree.parent,
        env={"PYTHONPATH": f"{tree.parent}:{ROOT}"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
