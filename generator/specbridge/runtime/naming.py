"""What people call a record, by the properties that its profile says name it."""

import re
from collections.abc import Mapping

from specbridge.model.profile import Resource
from specbridge.model.values import Json, Path
from specbridge.runtime.conversions.scalars import as_text

LONGEST = 200
"""Characters of a name that are kept: it stands beside a record in lists, and no list is wider."""

_UNKEEPABLE = re.compile("[\0\ud800-\udfff]")  # no database's text holds NUL or half a letter


def name_of(resource: Resource, row: Mapping[str, Json]) -> str | None:
    """Return what a record is called: the first alternative of which anything is filled.

    "" where nothing is; None where the row states none of the properties, and so says nothing of the name.
    Blanks within it count as one, and what no database can hold becomes a replacement character.
    """
    stated = False
    for alternative in resource.named_by:
        name = ""
        for path in alternative:
            value = row.get(path[0], _MISSING) if len(path) == 1 else _value_at(row, path)
            if value is not _MISSING:
                stated = True
                text = value if isinstance(value, str) else _text_of(value)
                name = f"{name} {text}" if name and text else name or text
        if name := _tidy(name):
            return name
    return "" if stated else None


_MISSING = object()


def _tidy(name: str) -> str:
    # Nearly every name is, and there is one for each record that is read.
    if name.isprintable() and "  " not in name and len(name) < LONGEST and name.strip() == name:
        return name
    return _UNKEEPABLE.sub("\ufffd", " ".join(name.split())[:LONGEST])


def _text_of(value: object) -> str:
    # A list, an object or a boolean is no name, whatever the profile takes the property for.
    whole = isinstance(value, int | float) and not isinstance(value, bool)
    return as_text(value) if whole else ""


def _value_at(row: Mapping[str, Json], path: Path) -> object:
    value: object = row
    for step in path:
        if not isinstance(value, Mapping) or step not in value:
            return _MISSING
        value = value[step]
    return value
