"""Property cells: a dotted path, and the conditions that are glued to it.

cell       = path, then optionally " (" condition... ")"
path       = name, then "." name, MOST_NAMES in all
condition  = "Dependant on having " value " in " path      value and path may be blank
"""

import re
from collections.abc import Iterator

from specbridge.model.rules import Condition, PropertyPath
from specbridge.reader.text import fold_blanks

MOST_NAMES = 10
"""Of a path: the dialect has five, and each is an object within the one before."""


class UnreadableCellError(Exception):
    """A property cell that cannot be read without doubt; its text says what is wrong there."""


def read_property(raw: str) -> PropertyPath:
    """Return what a property cell says; a blank cell yields an empty path.

    Raises UnreadableCellError where it cannot be read without doubt.
    """
    text = fold_blanks(raw)
    # Conditions are glued together: only these words tell where the next one begins.
    head, *parts = text.split(_CONDITION)
    if parts:
        if not head.endswith("("):
            raise UnreadableCellError("its conditions have lost their opening parenthesis")
        if not parts[-1].endswith(")"):
            raise UnreadableCellError("its conditions have lost their closing parenthesis")
        head, parts[-1] = head[:-1].rstrip(), parts[-1][:-1]
    path = _split_path(head, "its")
    conditions = tuple([_read_condition(part) for part in parts])
    if conditions and not path:
        raise UnreadableCellError("it has a condition and no name")
    return PropertyPath(text=text, path=path, conditions=conditions)


def find_unusual_names(path: PropertyPath) -> Iterator[str]:
    """Yield each name of a cell that holds other characters than the dialect's names do."""
    names = (*path.path, *(name for each in path.conditions for name in each.path))
    yield from (name for name in names if not _NAME.match(name))


_CONDITION = "Dependant on having"
_NAME = re.compile(r"[\w$][\w$-]*(?::[\w$-]+)*\Z")


def _read_condition(part: str) -> Condition:
    """Read what stands behind «Dependant on having»; the path begins behind the last « in »."""
    # A blank at either end: value and path may be blank.
    value, found, path = f" {part.rstrip(' (').removesuffix(')').strip()} ".rpartition(" in ")
    if not found:
        raise UnreadableCellError(f"the condition `{path.strip()}` has no « in »")
    return Condition(value=value.strip(), path=_split_path(path.strip(), "the condition's"))


def _split_path(text: str, whose: str) -> tuple[str, ...]:
    """Return the names of a dotted path, none for a blank one; `whose` it is says a fault."""
    if not text:
        return ()
    names = tuple(text.split("."))
    if len(names) > MOST_NAMES:
        raise UnreadableCellError(f"{whose} path has {len(names)} names, {MOST_NAMES} at most")
    for index, name in enumerate(names):
        if name.strip() != name or not name:
            raise UnreadableCellError(f"{whose} {_describe_name(names, index)}")
    return names


def _describe_name(names: tuple[str, ...], index: int) -> str:
    """Say which name of a path is blank, or has blanks around it."""
    before, name = names[index - 1] if index else "", names[index].strip()
    place = f"name {index + 1} of {len(names)}"
    if name:
        return f"{place}, `{name}`, has blanks around it"
    return f"{place} is blank, behind `{before}`" if before else f"{place} is blank"
