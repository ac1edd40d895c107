"""Digests of all that decides the bytes of a generated package; cheap, and the same everywhere."""

import json
import sys
from bisect import bisect_right
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, fields, is_dataclass
from enum import Enum
from functools import cache
from hashlib import sha256
from pathlib import Path
from unicodedata import combining, east_asian_width

from specbridge.errors import Location
from specbridge.settings import Settings

STYLE = 2026
"""The year of black's stable style that generated code has; pyproject.toml's range is that year's."""

_ADORNMENT = 4  # a line of this many equal marks underlines a title, however long the title is
_PREAMBLE = 10  # lines within which the `Generated:` line stands

# What of a Document or a ResolvedFlow is not its meaning.
_MEANINGLESS = frozenset({"path", "generated", "problems", "remarks", "ignores"})
_OF_DOCUMENTS = frozenset({"Document", "ResolvedPackage"})

SETTINGS = (
    "labels",
    "source",
    "target",
    "blank_labels",
    "subsets",
    "symbols",
    "conditions",
    "packages",
)
"""The settings that decide what is generated; all others are the runtime's."""


def digest(content: str | bytes) -> str:
    """Return the SHA-256 of text (as UTF-8) or bytes, in hexadecimal."""
    encoded = content.encode("utf-8", "surrogatepass") if isinstance(content, str) else content
    return sha256(encoded).hexdigest()


@dataclass(frozen=True, slots=True)
class Layout:
    """A document's text without what changes nightly or means nothing, and where its lines stand.

    Equal digests: equal meaning; the reverse need not hold. `lines` are the numbers, from 1, of the
    lines that count.
    """

    digest: str
    lines: tuple[int, ...]

    def anchor(self, line: int) -> tuple[int, int]:
        """Return a line by the line that counts before it (0: none), and how far behind that it is."""
        # The first line stands for the document as a whole, wherever its text begins.
        place = bisect_right(self.lines, line) if line > 1 else 0
        return place, line - (self.lines[place - 1] if place else 0)

    def line(self, anchor: tuple[int, int]) -> int:
        """Return the line of what `anchor` gave for a document of the same digest."""
        place, behind = anchor
        return behind + (self.lines[place - 1] if place else 0)


def lay_out(content: bytes) -> Layout:
    """Return a document's layout.

    Left out are the `Generated:` line, trailing blanks, the kind of line ends, the number of blank
    lines, and the length of underlines, as long as it is no fault.
    """
    text = content.decode("utf-8-sig", "surrogateescape")
    lines = [line.rstrip() for line in text.replace("\r\n", "\n").replace("\r", "\n").split("\n")]
    kept: list[tuple[int, str]] = []
    for number, line in enumerate(lines):
        if number < _PREAMBLE and line.startswith("Generated:"):
            continue
        if line or (kept and kept[-1][1]):
            kept.append((number + 1, _shorten(lines, number)))
    while kept and not kept[-1][1]:
        kept.pop()
    joined = "\n".join(line for _, line in kept)
    numbers = tuple(number for number, _ in kept)
    return Layout(digest(joined.encode("utf-8", "surrogateescape")), numbers)


def unix_lines(content: bytes) -> bytes:
    """Return the content of a file with the line ends that we write, whatever a checkout made of them."""
    return content.replace(b"\r\n", b"\n")


def digest_settings(settings: Settings) -> str:
    """Return the digest of the settings that decide what is generated."""
    return digest_meaning({name: getattr(settings, name) for name in SETTINGS})


def digest_files(contents: Iterable[tuple[str, str | bytes]]) -> str:
    """Return the digest of named texts, whatever order they come in."""
    return digest("\n".join(sorted(f"{name} {digest(text)}" for name, text in contents)))


def digest_profiles(extra: Iterable[Path]) -> str:
    """Return the digest of the built-in profiles and of the project's own."""
    built_in = Path(__file__).parent.parent / "profiles"
    paths = [*built_in.glob("*.toml"), *extra]
    return digest_files((path.name, unix_lines(path.read_bytes())) for path in paths)


def digest_tool() -> str:
    """Return the digest of what lays generated code out: specbridge's version, black's style.

    Which release of that year's black is installed changes no byte, so that it is left out.
    """
    return digest(f"specbridge {_version('specbridge')}, black's style of {STYLE}")


def digest_meaning(value: object) -> str:
    """Return the digest of a value of the model without locations, paths and problems."""
    return digest(json.dumps(_plain(value), ensure_ascii=False, separators=(",", ":")))


def _version(distribution: str) -> str:
    """Return a distribution's version, from the name of its folder: the quickest way to know it."""
    for folder in filter(None, sys.path):
        for found in sorted(Path(folder).glob(f"{distribution}-*.dist-info")):
            return found.name.removeprefix(f"{distribution}-").removesuffix(".dist-info")
    from importlib.metadata import version  # noqa: PLC0415 -- slower to load than all else here

    return version(distribution)


def _plain(value: object) -> object:
    if value is None or isinstance(value, str | int | float):
        return value
    if isinstance(value, tuple | list):
        return [_plain(item) for item in value]
    if isinstance(value, Mapping):
        return [[key, _plain(item)] for key, item in value.items()]
    if isinstance(value, Enum):
        return value.value
    if is_dataclass(value) and not isinstance(value, type):
        return [type(value).__name__, *(_plain(getattr(value, n)) for n in _names(type(value)))]
    return str(value)


@cache
def _names(class_: type) -> tuple[str, ...]:
    names = [field.name for field in fields(class_) if field.type not in {Location, "Location"}]
    if class_.__name__ in _OF_DOCUMENTS:
        names = [name for name in names if name not in _MEANINGLESS]
    return tuple(names)


def _shorten(lines: Sequence[str], number: int) -> str:
    """Return a line, of an adornment that is long enough its first marks only."""
    line = lines[number]
    if not _is_adornment(line):
        return line
    above, below = (lines[n] if 0 <= n < len(lines) else "" for n in (number - 1, number + 1))
    # An overline has its title below, and is as long as the underline.
    title, other = (above, number - 2) if above else (below, number + 2)
    pair = lines[other] if 0 <= other < len(lines) else ""
    fits = len(line) >= _width(title)
    if _is_adornment(pair) and pair[0] == line[0]:
        fits = fits and len(pair) == len(line)
    return line[:_ADORNMENT] if fits else line


def _is_adornment(line: str) -> bool:
    return len(line) >= _ADORNMENT and not line[0].isalnum() and line == line[0] * len(line)


def _width(text: str) -> int:
    """Return how many columns a text takes, as docutils counts them."""
    if text.isascii():
        return len(text)
    wide = sum(east_asian_width(c) in "WF" for c in text)
    return len(text) + wide - sum(bool(combining(c)) for c in text)
