"""Where a profile's file states each property, and what its comments say of it."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from specbridge.model.profile import Profile
from specbridge.model.values import Path

_HEADER = re.compile(r"\s*\[+\s*(?P<name>[^\]]*?)\s*\]+\s*(?:#.*)?")
_PATH = re.compile(r"""(?:^|[{,\s])path\s*=\s*(?P<value>"[^"]*"|'[^']*'|\[[^\]]*\])""")
_WORD = re.compile(r"""["']([^"']*)["']""")


@dataclass(frozen=True, slots=True, kw_only=True)
class Remark:
    """Where a profile's file states a property: its line (from 1), and the comment above it ("": none)."""

    line: int
    text: str


def find_remarks(profile: Profile, text: str) -> Mapping[tuple[str, Path], Remark]:
    """Return the remark of each property by its resource's name and its path.

    `text` is the profile's file. A property that is laid out in a way that is not foreseen has none.
    """
    found: dict[tuple[str, Path], Remark] = {}
    parts = list(_resource_parts(text))
    if len(parts) != len(profile.resources):
        return found
    for resource, lines in zip(profile.resources, parts, strict=True):
        known = {_flat(one.path): one.path for one in resource.properties}
        for path, remark in _property_lines(lines):
            if path in known:
                found.setdefault((resource.name, known[path]), remark)
    return found


def _resource_parts(text: str) -> Iterator[list[tuple[int, str]]]:
    """Yield the numbered lines of each resource."""
    part: list[tuple[int, str]] | None = None
    for number, line in enumerate(text.split("\n"), 1):
        header = _HEADER.fullmatch(line)
        if header and header["name"] == "resources":
            if part is not None:
                yield part
            part = []
        elif part is not None:
            part.append((number, line))
    if part is not None:
        yield part


def _property_lines(lines: list[tuple[int, str]]) -> Iterator[tuple[str, Remark]]:
    """Yield each property's path as one text, until a table of the resource's that is not of properties."""
    comment: list[str] = []
    within = False
    for number, line in lines:
        stripped = line.strip()
        header = _HEADER.fullmatch(line)
        if header and header["name"].startswith("resources."):
            within = header["name"] == "resources.properties"
        elif stripped.startswith("properties"):
            within = True
        elif stripped.startswith("#"):
            comment.append(stripped.lstrip("# "))
            continue
        elif within and (path := _PATH.search(line)):
            words = _WORD.findall(path["value"])
            yield ".".join(words), Remark(line=number, text=" ".join(comment))
        # Above the header of a table of its own a comment is about what the table holds.
        if not (header and within):
            comment = []


def _flat(path: Path) -> str:
    return ".".join(path)
