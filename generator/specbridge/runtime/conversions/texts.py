"""Texts and lists: patterns, replacements, parts, and the keys by which records are matched."""

import unicodedata
from typing import TypeVar, cast

from specbridge.model.values import Json
from specbridge.runtime.conversions.failures import refuse, required_text
from specbridge.runtime.conversions.logic import is_empty
from specbridge.runtime.conversions.scalars import as_text, to_integer, to_string

ItemT = TypeVar("ItemT")


def link_key(value: object) -> str | None:
    """Return what records are matched by: outer blanks, capitals and Unicode forms aside; 5.0 is `5`.

    None, which takes no part in matching, for a blank text and for what is no text or number.
    """
    # A bool is an int to Python; as a key it would join all that are true.
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        return None
    return fold_text(as_text(value)) or None


def fold_text(text: str) -> str:
    """Return a text without what makes no other of it: outer blanks, capitals, Unicode form."""
    # Lowering may undo the normal form (U+0130), so the form is taken last as well.
    return unicodedata.normalize("NFC", lower_text(unicodedata.normalize("NFC", text).strip()))


def lower_text(text: str) -> str:
    """Return a text without capitals, which two texts may differ in and mean the same.

    They are lowered, not folded: folding makes one name of «Groß» and «Gross», and would link
    strangers. The two small sigmas are one letter, of which there is one capital.
    """
    return text.lower().replace("\u03c2", "\u03c3")


def matches(pattern: Json, value: Json) -> bool:
    """Return whether a text has the shape of a pattern in which `*` is any run of characters.

    The whole text must match, capitals count. Numbers and booleans match as text; nothing else does.
    """
    if not isinstance(pattern, str) or value is None or isinstance(value, list | dict):
        return False
    text = to_string(value, "pattern") or ""
    # No regular expression: with many `*` those try every way to divide a text.
    first, *rest = pattern.split("*")
    if not rest:
        return text == pattern
    last = rest.pop()
    # Beginning and end may not share characters: `ab*ba` is not the shape of `aba`.
    if not text.startswith(first) or len(text) < len(first) + len(last):
        return False
    if not text.endswith(last):
        return False
    return _has_in_order(text[len(first) : len(text) - len(last)], rest)


def replace(old: Json, new: Json, value: Json, at: str) -> str | None:
    """Return a text with every `old` replaced by `new`; an empty `old` replaces nothing."""
    text = to_string(value, at)
    old, new = required_text(old, at), required_text(new, at)
    # Python finds an empty text between all characters.
    return text.replace(old, new) if text and old else text


def split(separator: Json, value: Json, at: str) -> list[Json] | None:
    """Return the parts of a text between separators; the text itself where there is none."""
    text = to_string(value, at)
    if text is None:
        return None
    separator = required_text(separator, at)
    # Python splits by no empty text.
    return [*text.split(separator)] if separator else [text]


def join(separator: Json, value: Json, at: str) -> str | None:
    """Return the items of a list as one text, None items left out; a single value is one item."""
    if value is None:
        return None
    items = value if isinstance(value, list) else [value]
    texts = (to_string(item, at) for item in items)
    return required_text(separator, at).join(text for text in texts if text is not None)


def to_list(value: Json) -> list[Json] | None:
    """Return a list as it is, and any other value as a list of one."""
    if value is None or isinstance(value, list):
        return value
    return [value]


def elements(value: list[ItemT] | None) -> list[ItemT]:
    """Return the items of what the profile says is a list; none for None and whatever is empty.

    Where a system sends a single value all the same, that is the one item: a text is not taken apart.
    """
    # What answers hold is not always what their types say.
    found = cast("Json", value)
    if is_empty(found):
        return []
    return cast("list[ItemT]", found if isinstance(found, list) else [found])


def listed(value: ItemT | None) -> list[ItemT | None] | None:
    """Return the list that holds one value, None for None: how a single value is written to a list."""
    return None if value is None else [value]


def first(value: Json) -> Json:
    """Return a list's first item, None of an empty one; any other value is its own first."""
    if isinstance(value, list):
        return value[0] if value else None
    return value


def cut(start: Json, *end_and_value: Json, at: str) -> list[Json] | None:
    """Return a list's items from `start` (from 0; negative: from the end) up to `end`.

    Called as `cut(1, items, at=…)` or `cut(1, 3, items, at=…)`: documents give the end before the
    list, or not at all. Raises ConversionError for anything but a list.
    """
    *ends, value = end_and_value
    if value is None:
        return None
    if not isinstance(value, list):
        raise refuse(value, "a list", at)
    return value[slice(to_integer(start, at), to_integer(ends[0], at) if ends else None)]


def _has_in_order(text: str, parts: list[str]) -> bool:
    # The earliest place for each part leaves most for the next, so no backtracking is needed.
    position = 0
    for part in parts:
        position = text.find(part, position)
        if position < 0:
            return False
        position += len(part)
    return True
