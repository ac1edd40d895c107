"""Values of documents and profiles as Python source: the only way in which they reach code.

Text keeps what any editor shows plainly (printable ASCII, Latin letters); all else is escaped, so
that no quote, line break, bidirectional control or look-alike can change how a module reads.
"""

import math
import re
import textwrap
from collections.abc import Iterable
from functools import lru_cache
from typing import assert_never

from specbridge.emit.python.layout import WIDTH
from specbridge.model.values import Json

_DEL = 0x7F
_is_plain = re.compile(r"[ !#-\[\]-~]*").fullmatch  # printable ASCII without `"` and `\`
_NAMED = {"\n": "\\n", "\r": "\\r", "\t": "\\t", "\\": "\\\\"}


@lru_cache(maxsize=16_384)
def text_literal(text: str) -> str:
    """Return the string literal that black would write: double quotes unless single ones save escapes."""
    if _is_plain(text):
        return f'"{text}"'
    quote = "'" if text.count('"') > text.count("'") else '"'
    return quote + "".join(_escape(char, quote) for char in text) + quote


def literal(value: Json) -> str:
    """Return any JSON value as a Python expression on one line; keys keep their order.

    Raises ValueError for what JSON does not have: written down, `nan` and `inf` would be names.
    """
    match value:
        case str():
            return text_literal(value)
        case list():
            return "[" + ", ".join(literal(item) for item in value) + "]"
        case dict():
            pairs = (f"{text_literal(key)}: {literal(item)}" for key, item in value.items())
            return "{" + ", ".join(pairs) + "}"
        case float() if not math.isfinite(value):
            raise ValueError(f"{value!r} is no value that JSON has")
        case None | bool() | int() | float():
            return repr(value)
        case _:
            assert_never(value)


def type_of(value: Json) -> str:
    """Return the Python type, None aside, of the values that `value` is compared with."""
    match value:
        case bool():
            return "bool"
        case int():
            return "int"
        case float():
            return "float"
        case str():
            return "str"
        case _:
            return "Json"


@lru_cache(maxsize=16_384)
def quote_text(text: str) -> str:
    """Return text as it may stand within a docstring, on one line; single quotes stay readable."""
    folded = " ".join(text.split())
    if _is_plain(folded.replace('"', "")) and '"""' not in folded:
        return folded
    return "".join(_escape(char, "") for char in folded).replace('"""', '\\"\\"\\"')


def fold_docstring(
    summary: str, quotes: Iterable[str] = (), indent: int = 0
) -> tuple[str, tuple[str, ...]]:
    """Return a docstring's summary, and the lines of the statements that it quotes, both wrapped.

    The first line stands after the opening quotes; `indent` is the columns before each line. A summary
    of several lines without statements ends with the line on which the closing quotes stand.
    """
    width = WIDTH - indent
    margin = "\n" + " " * indent
    first = _wrap(quote_text(summary), width - len('"""'))
    rest = tuple([line for quote in quotes for line in _wrap(quote_text(quote), width)])
    # black has a docstring of one line end on that line, however long it is.
    ending = margin if len(first) > 1 and not rest else ""
    return margin.join(first) + ending, rest


def _wrap(text: str, width: int) -> list[str]:
    if 0 < len(text) <= width:
        return [text]
    return textwrap.wrap(text, width, break_long_words=False, break_on_hyphens=False) or ["-"]


def _escape(char: str, quote: str) -> str:
    if char in _NAMED:
        return _NAMED[char]
    if char == quote:
        return "\\" + char
    if " " <= char <= "~" or ("À" <= char <= "ÿ" and char.isalpha()):
        return char
    return char.encode("ascii", "backslashreplace").decode() if ord(char) > _DEL else _control(char)


def _control(char: str) -> str:
    return f"\\x{ord(char):02x}"
