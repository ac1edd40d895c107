"""On which lines the keys of a TOML text stand; the parser itself does not say."""

import tomllib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from specbridge.profiles.faults import Key

# What closes arrays that go over several lines; inline tables do not.
_CLOSINGS = ("", "]", "]]", "]]]")


@dataclass(frozen=True, slots=True, kw_only=True)
class _Section:
    """The lines of one header, of which the first is number `first` (from 0), and what they state.

    `headers` are those before it, which say in which place of an array of tables this one is.
    """

    headers: Sequence[str]
    lines: Sequence[str]
    first: int
    table: Mapping[str, object]


def find_lines(text: str, table: Mapping[str, object], keys: Sequence[Key]) -> tuple[int, ...]:
    """Return the line (from 1) on which the value of each key begins; `table` is what the text states.

    A key that is not there has the line of the nearest table around it.
    """
    sections = tuple(_split(text.split("\n"))) if keys else ()
    return tuple(_find_line(sections, _known_part(table, key)) for key in keys)


def _split(lines: Sequence[str]) -> Iterator[_Section]:
    headers: list[str] = []
    first = 0
    for end in range(1, len(lines) + 1):
        if end < len(lines) and not _may_be_header(lines[end]):
            continue
        try:
            table = tomllib.loads("\n".join([*headers, *lines[first:end]]))
        except tomllib.TOMLDecodeError:
            # A line of an array may look like a header.
            continue
        yield _Section(headers=(*headers,), lines=lines[first:end], first=first, table=table)
        if _may_be_header(lines[first]):
            headers.append(lines[first])
        first = end


def _may_be_header(line: str) -> bool:
    return line.lstrip().startswith("[")


def _find_line(sections: Sequence[_Section], known: Key) -> int:
    if not known:
        return 1
    section = next(one for one in sections if _known_part(one.table, known) == known)
    # Of so many lines the key is not told yet, of so many it is.
    without, with_ = 0, len(section.lines)
    while with_ - without > 1:
        middle = (without + with_) // 2
        if _known_part(_parse_beginning(section, middle), known) == known:
            with_ = middle
        else:
            without = middle
    return section.first + with_


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


def _parse_beginning(section: _Section, most: int) -> Mapping[str, object]:
    """Return what the first lines of a section state, arrays closed where they are cut."""
    for count in range(most, 0, -1):
        beginning = "\n".join([*section.headers, *section.lines[:count]])
        for closing in _CLOSINGS:
            try:
                return tomllib.loads(f"{beginning}\n{closing}")
            except tomllib.TOMLDecodeError:
                continue
    return {}
