"""On which line a key of a TOML text stands; the parser itself does not say."""

import tomllib
from collections.abc import Mapping, Sequence

from specbridge.profiles.faults import Key

# What closes arrays that go over several lines; inline tables do not.
_CLOSINGS = ("", "]", "]]", "]]]")


def find_line(text: str, key: Key) -> int:
    """Return the line (from 1) on which a key's value begins; the text must be valid TOML.

    A key that is not there has the line of the nearest table around it.
    """
    lines = text.split("\n")
    known = _known_part(tomllib.loads(text), key)
    # Of so many lines the key is not told yet, of so many it is.
    without, with_ = 0, len(lines)
    while known and with_ - without > 1:
        middle = (without + with_) // 2
        if _known_part(_parse_beginning(lines[:middle]), known) == known:
            with_ = middle
        else:
            without = middle
    return with_ if known else 1


def _known_part(table: object, key: Key) -> Key:
    """Return the longest beginning of a key that a table has."""
    value = table
    for depth, step in enumerate(key):
        if isinstance(step, int):
            there = isinstance(value, list) and step < len(value)
        else:
            there = isinstance(value, Mapping) and step in value
        if not there:
            return key[:depth]
        value = value[step]  # type: ignore[index]  # it is there
    return key


def _parse_beginning(lines: Sequence[str]) -> Mapping[str, object]:
    """Return what the first lines of a valid text state, arrays closed where they are cut."""
    for count in range(len(lines), 0, -1):
        beginning = "\n".join(lines[:count])
        for closing in _CLOSINGS:
            try:
                return tomllib.loads(f"{beginning}\n{closing}")
            except tomllib.TOMLDecodeError:
                continue
    return {}
