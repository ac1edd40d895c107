"""Names hidden in whatever else holds them, where nobody is to see what records are called."""

import re
from collections.abc import Collection

from specbridge.model.values import Json
from specbridge.runtime.hiding import HIDDEN

_SHORTEST = 2
"""Letters from which on a part of a name is taken for one."""


def hide_names(value: Json, names: Collection[str]) -> Json:
    """Return a value in whose texts none of the names stands, nor a text that is a part of one."""
    if isinstance(value, list):
        return [hide_names(part, names) for part in value]
    if isinstance(value, dict):
        return {key: hide_names(part, names) for key, part in value.items()}
    return hide_in_text(value, names) if isinstance(value, str) else value


def hide_in_text(text: str, names: Collection[str]) -> str:
    """Return a text in which none of the names stands; all of it is hidden where it is a part of one."""
    for name in names:
        # A first name alone is a name, too.
        if len(text) >= _SHORTEST and text.casefold() in name.casefold():
            return HIDDEN
        text = re.sub(re.escape(name), HIDDEN, text, flags=re.IGNORECASE)
    return text
