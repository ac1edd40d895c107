"""The value in a data type's expression: `"_."`, and what documents write for it by mistake.

The dialect does not reach into the value. Where a row of the source property `Name` says `"_.Name"`,
its own value can only be meant; any other name is another property's, and stays as it is.
"""

import json
import re
from collections.abc import Sequence

VALUE = "_."
TEXT_ARGUMENTS = {
    "matches": 1,
    "replace": 2,
    "split": 1,
    "join": 1,
    "datetime-format": 1,
    "datetime-parse": 1,
    "datetime-diff": 1,
}
"""How many of a function's first arguments are text and never a function's name."""
# A text that does not end takes all that follows: from each quote in it the search would begin anew.
_OUTSIDE_TEXTS = re.compile(r"""("(?:[^"\\]|\\.)*+(?:"|\\?\Z))|_\.[^\s,"\[\]]*""", re.DOTALL)


def quote_values(text: str) -> str:
    """Return the cell with quotes around each value that has lost them."""
    if VALUE not in text:
        return text
    return _OUTSIDE_TEXTS.sub(lambda match: match[1] or json.dumps(match[0]), text)


def name_values(node: object, own: Sequence[str]) -> object:
    """Return parsed JSON with `"_."` for the value called by the row's own source property.

    `own` are the names of its path: the last one, the whole path and what lies between call it.
    """
    names = {".".join(own[start:]).casefold() for start in range(len(own))}
    return _name(node, names) if names else node


def _name(node: object, names: set[str]) -> object:
    match node:
        case str() if node.startswith(VALUE) and node[len(VALUE) :].casefold() in names:
            return VALUE
        case [str() as function, *arguments]:
            texts = TEXT_ARGUMENTS.get(function, 0)
            # Where text is due, `_.Name` is that text.
            return [function, *arguments[:texts], *(_name(one, names) for one in arguments[texts:])]
        case _:
            return node
