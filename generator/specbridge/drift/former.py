"""Packages that specbridge 0.1 generated, and a project's own files that still speak of its name."""

import os
from collections.abc import Iterator
from pathlib import Path

from specbridge.drift.manifest import read_manifest
from specbridge.drift.warm import list_files
from specbridge.errors import Location
from specbridge.former import former_imports

_NOT_OURS = frozenset({"__pycache__", "node_modules", "site-packages"})
_OWN = frozenset({"generator", "generator.py"})


def former_line(package: Path) -> Location | None:
    """Return the first line of a generated package that imports the runtime by its name in 0.1."""
    for name in sorted(list_files(package)):
        path = package / name
        if name.endswith(".py") and (line := next(_lines(path), None)):
            return Location(str(path), line)
    return None


def find_former_users(root: Path) -> tuple[Location, ...]:
    """Return where Python files of a project, but for generated ones, import specbridge as 0.1 was called.

    Passed over are hidden folders, environments, and modules beside one that is called `generator`,
    since they mean that. Without a pyproject.toml nobody says where a project ends: none then.
    """
    if not (root / "pyproject.toml").is_file():
        return ()
    found = (Location(str(path), n) for path in _modules(root) for n in _lines(path))
    return tuple(sorted(found))


def _modules(root: Path) -> Iterator[Path]:
    for folder, folders, names in os.walk(root):
        folders[:] = [
            name
            for name in folders
            if not name.startswith(".")
            and name not in _NOT_OURS
            and not os.path.exists(f"{folder}/{name}/pyvenv.cfg")  # noqa: PTH110
            # A package of another output folder is mended by generating it.
            and read_manifest(Path(folder, name)) is None
        ]
        if _OWN.isdisjoint((*folders, *names)):
            yield from (Path(folder, name) for name in names if name.endswith(".py"))


def _lines(path: Path) -> Iterator[int]:
    try:
        text = path.read_text(encoding="utf-8", errors="replace")
    except OSError:
        return
    yield from former_imports(text)
