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


def read_property(raw: str) -> PropertyPath | None:
    """Return what a property cell says, None where it cannot be read without doubt.

    A blank cell yields an empty path.
    """
    text = fold_blanks(raw)
    # Conditions are glued together: only these words tell where the next one begins.
    head, *parts = text.split(_CONDITION)
    if parts:
        if not head.endswith("(") or not parts[-1].endswith(")"):
            return None
        head, parts[-1] = head[:-1].rstrip(), parts[-1][:-1]
    conditions = [_read_condition(part) for part in parts]
    path = _split_path(head)
    if path is None or None in conditions or (conditions and not path):
        return None
    return PropertyPath(text=text, path=path, conditions=tuple(filter(None, conditions)))


def find_unusual_names(path: PropertyPath) -> Iterator[str]:
    """Yield each name of a cell that holds other characters than the dialect's names do."""
    names = (*path.path, *(name for each in path.conditions for name in each.path))
    yield from (name for name in names if not _NAME.match(name))


_CONDITION = "Dependant on having"
_NAME = re.compile(r"[\w$][\w$-]*(?::[\w$-]+)*\Z")


def _read_condition(part: str) -> Condition | None:
    """Read what stands behind «Dependant on having»; the path begins behind the last « in »."""
    # A blank at either end: value and path may be blank.
    value, found, path = f" {part.rstrip(' (').removesuffix(')').strip()} ".rpartition(" in ")
    names = _split_path(path.strip())
    if not found or names is None:
        return None
    return Condition(value=value.strip(), path=names)


def _split_path(text: str) -> tuple[str, ...] | None:
    """Return the names of a dotted path, none for a blank one.

    None where a name is blank, and where there are too many.
    """
    if not text:
        return ()
    names = tuple(text.split("."))
    whole = len(names) <= MOST_NAMES and all(name.strip() == name != "" for name in names)
    return names if whole else None
