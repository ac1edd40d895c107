"""Values of records as a page shows them: in one line each, cut where nobody would read on."""

import json

from specbridge.model.values import Json
from specbridge.pages.texts import visible

LONGEST = 400
"""Characters of a value that are shown."""

_BEFORE = 60
"""Characters that are shown before the first one that differs, where a long value is cut at its head."""


def shown_pair(source: Json, target: Json) -> tuple[str | None, str | None]:
    """Return two values as they are shown, None for one that is empty; what differs is never cut away."""
    texts = _text(source), _text(target)
    if texts[0] is not None and texts[0] == texts[1] and type(source) is not type(target):
        # `5` and `"5"` look alike, and are not.
        texts = _quoted(source), _quoted(target)
    begin = _begin(*texts)
    cut = [None if text is None else _cut(text, begin) for text in texts]
    return cut[0], cut[1]


def _text(value: Json) -> str | None:
    if value is None or value in ("", [], {}):
        return None
    return value if isinstance(value, str) else _quoted(value)


def _quoted(value: Json) -> str | None:
    return None if value is None else json.dumps(value, ensure_ascii=False, sort_keys=True)


def _begin(one: str | None, other: str | None) -> int:
    """Return where to begin with two values: near the first character in which long ones differ."""
    if one is None or other is None or max(len(one), len(other)) <= LONGEST:
        return 0
    pairs = enumerate(zip(one, other, strict=False))
    end = min(len(one), len(other))
    first = next((place for place, (a, b) in pairs if a != b), end)
    return max(first - _BEFORE, 0) if first + _BEFORE > LONGEST else 0


def _cut(text: str, begin: int) -> str:
    left = len(text) - begin - LONGEST
    head = "…" if begin else ""
    tail = f"… ({left:,} more characters)" if left > 0 else ""
    return head + visible(text[begin : begin + LONGEST]) + tail
