"""The output folder as a package that can be imported: two empty files, written where they do no harm.

`from generated.x_y.mappers...` works without them in many places, but not in all: an installed package
of the same name goes before a folder without `__init__.py`, and type checkers take it for another one.
"""

import keyword
import os
from pathlib import Path

from specbridge.drift.manifest import is_ours, list_packages

MARKERS = ("__init__.py", "py.typed")
"""What makes a folder a package, and a package one with types (PEP 561)."""

_ROOT_MARKS = ("pyproject.toml", "setup.py", ".git")
_SOURCE_ROOT = "src"  # by convention never a package, even where it holds ours alone


def missing_markers(output: Path, root: Path) -> tuple[Path, ...]:
    """Return the markers that the output folder lacks and is to have; `root` is the project's folder.

    None where the folder is a root of a project or of sources, holds Python that is not ours, or has
    a name that cannot be imported (docs/generated-code.md).
    """
    paths = (f"{output}/{name}" for name in MARKERS)
    missing = tuple(Path(path) for path in paths if not os.path.lexists(path))
    return missing if missing and _may_mark(output, root) else ()


def write_markers(paths: tuple[Path, ...]) -> None:
    """Write the markers, empty; one that another run has just written stays."""
    for path in paths:
        path.touch()


def _may_mark(output: Path, root: Path) -> bool:
    folder = Path(os.path.abspath(output))  # noqa: PTH100 -- a link is imported by its own name
    name = folder.name
    if not name.isidentifier() or keyword.iskeyword(name) or name == _SOURCE_ROOT:
        return False
    if folder.resolve() == root.resolve() or any((folder / mark).exists() for mark in _ROOT_MARKS):
        return False
    return not _holds_others(folder)


def _holds_others(folder: Path) -> bool:
    """Return whether a folder holds Python besides generated packages and its own `__init__.py`."""
    if not folder.is_dir():
        return False
    ours = {package.name for package in list_packages(folder) if is_ours(package)}
    others = (path for path in folder.iterdir() if path.name not in {*ours, *MARKERS})
    return any(_is_python(path) for path in others if path.name[0] != ".")


def _is_python(path: Path) -> bool:
    if path.is_dir():
        return any(path.rglob("*.py"))
    return path.suffix in {".py", ".pyi"}
