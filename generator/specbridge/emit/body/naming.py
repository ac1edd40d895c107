"""What the variables of a mapper are called: the shortest name first, then names with more words.

Where a name is taken, the next one tells both apart: by the property of the condition, by the object
around it, by the other end of the row. Only where all are taken does a number follow.
"""

from collections.abc import Iterator, Sequence

from specbridge.emit.body.access import Place, Step, Test
from specbridge.emit.body.shapes import bare


def name_part(steps: Sequence[Step], unselected: str = "") -> Iterator[str]:
    """Yield names for the object, or the list's element, that the last of the steps leads to.

    `unselected` is the word for an element that no condition selects.
    """
    *outer, step = steps
    name = bare(step.name)
    words = [word for word in map(_value_words, step.tests) if word]
    if not words and step.listed and unselected:
        words = [unselected]
    short = " ".join([*words, name])
    yield short
    if step.tests:
        yield " ".join([*map(_test_words, step.tests), name])
    yield from _within([one.name for one in outer], short)


def name_value(place: Place, other: Place, word: str) -> Iterator[str]:
    """Yield names for the value at a place; `word` says how it stands to the other end of its row."""
    *outer, last = (bare(step) for step in place.path)
    yield last
    guards = [_value_words((one.path, one.value)) for one in place.guards]
    if any(guards):
        yield " ".join([*filter(None, guards), last])
    yield from _within(outer, last)
    yield f"{last} {word} {bare(other.path[-1])}"
    # Values of several elements of one list: by what selects each.
    selected = [words for step in place.steps for words in map(_value_words, step.tests) if words]
    if selected:
        yield " ".join([*selected, last])
        yield f"{' '.join([*selected, last])} {word} {bare(other.path[-1])}"


def _within(outer: Sequence[str], name: str) -> Iterator[str]:
    for step in reversed(outer):
        name = f"{bare(step)} {name}"
        yield name


def _value_words(test: Test) -> str:
    _, value = test
    # A number or a truth says nothing without its property.
    if isinstance(value, str):
        return value
    return "" if isinstance(value, list | dict) else _test_words(test)


def _test_words(test: Test) -> str:
    path, value = test
    name = bare(path[-1]) if path else ""
    if isinstance(value, bool):
        return name if value else f"not {name}"
    if value is None:
        return f"no {name}"
    if isinstance(value, int | float) and value < 0:
        # Its sign is no letter: -1 would be called as 1 is.
        return f"{name} minus {-value}"
    return name if isinstance(value, list | dict) else f"{name} {value}"
