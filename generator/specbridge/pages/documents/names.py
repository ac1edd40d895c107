"""File names and anchors of pages: safe on every file system, and each there once."""

import re
from collections.abc import Iterable, Mapping, Sequence
from pathlib import PurePosixPath, PureWindowsPath

INDEX = "index.html"
LINEAGE = "lineage.html"
_UNSAFE = re.compile(r"[^a-z0-9._-]+")
_MOST = 80  # letters of a name; file systems end names at 255 bytes
# Names that Windows keeps for itself, whatever ends them.
_DEVICES = re.compile(r"(?:con|prn|aux|nul|com\d|lpt\d)(?:\..*)?")


def lineage_names(systems: Sequence[str]) -> Mapping[str, str]:
    """Return the file name of each system's lineage: `lineage-zendesk.html`."""
    taken = {INDEX, LINEAGE}
    names: dict[str, str] = {}
    for system in systems:
        name = _free(f"lineage-{safe_name(system)}", taken)
        taken.add(name)
        names[system] = name
    return names


def page_names(paths: Sequence[str], reserved: Iterable[str] = ()) -> Mapping[str, str]:
    """Return the file name of each document's page: `a-b.rst` has `a-b.html`, a second one `a-b_2.html`."""
    taken = {INDEX, LINEAGE, *reserved}
    names: dict[str, str] = {}
    for path in paths:
        stem = safe_name(bare_name(path).rpartition(".")[0] or bare_name(path))
        name = _free(stem, taken)
        taken.add(name)
        names[path] = name
    return names


def bare_name(path: str) -> str:
    """Return the bare file name of a path, on any platform."""
    return PureWindowsPath(PurePosixPath(path).name).name


def safe_name(text: str) -> str:
    """Return a text as a part of a file name or an anchor."""
    name = _UNSAFE.sub("-", text.casefold()).strip("-.")[:_MOST] or "document"
    return f"{name}_" if _DEVICES.fullmatch(name) else name


def _free(stem: str, taken: Iterable[str]) -> str:
    name, number = f"{stem}.html", 2
    while name in taken:
        name, number = f"{stem}_{number}.html", number + 1
    return name
