"""Conversions, conditions, creation and directions as sentences that need no knowledge of the dialect."""

import json
from collections.abc import Callable, Mapping, Sequence

from specbridge.model.conversion import Call, Conversion, Expression, Literal, Value
from specbridge.model.profile import Subset
from specbridge.model.resolved import (
    CreationRule,
    ResolvedCondition,
    ResolvedLinkRule,
    ResolvedMapping,
    ResolvedSide,
)
from specbridge.model.values import CreationPolicy, Direction, Json, Path

_AS: Mapping[str, str] = {
    "string": "as text",
    "integer": "as a whole number",
    "float": "as a number",
    "decimal": "as a decimal number",
    "boolean": "as yes or no",
    "list": "as a list",
}


def conversion_words(conversion: Conversion | None) -> str:
    """Return how a value is carried over: `as it is`, `as text`, `the part of … up to …`."""
    if conversion is None or isinstance(conversion.expression, Value):
        return "as it is"
    match conversion.expression:
        case Call(function=name, arguments=(Value(),)) if name in _AS:
            return _AS[name]
        case expression:
            return expression_words(expression)


def expression_words(expression: Expression) -> str:
    """Return an expression in words; `the value` is that of the property it is read from."""
    match expression:
        case Value():
            return "the value"
        case Literal(value=constant):
            return literal_words(constant)
        case Call(function=name, arguments=arguments):
            return _call_words(name, [expression_words(one) for one in arguments])


def literal_words(value: Json) -> str:
    """Return a constant as people write it: «text», 12, yes, nothing."""
    if value is None:
        return "nothing"
    if isinstance(value, bool):
        return "yes" if value else "no"
    return f"«{value}»" if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def path_words(path: Path) -> str:
    """Return a path as documents write it, its lists marked: `phones[].number`."""
    return ".".join(path)


def condition_words(condition: ResolvedCondition) -> str:
    """Return a condition: `IsPerson is not yes`."""
    return _comparison(condition.path, condition.value, negate=condition.negate)


def subset_words(subset: Subset) -> str:
    """Return what selects the records of a subset: `IsPerson is yes`."""
    return _comparison(subset.path, subset.equals, negate=subset.negate)


def rule_words(rule: ResolvedLinkRule) -> str:
    """Return what makes two records match by a link rule, said after both properties."""
    if rule.reference is not None:
        ends = f"{rule.reference.source} and {rule.reference.target}"
        return f"they refer to the same thing: {ends} that are linked"
    return "equal as texts, capitals and outer blanks aside"


def creation_words(rule: CreationRule, from_: ResolvedSide, into: ResolvedSide) -> str:
    """Return when a record of `into` is created for one of `from_` that has no counterpart."""
    record = f"a record of {side_words(into)}"
    one = f"a record of {side_words(from_)}"
    match rule.policy:
        case CreationPolicy.NEVER:
            return f"Never: {one} without a counterpart stays as it is."
        case CreationPolicy.ALWAYS:
            return f"For {one} that matches none, {record} is created."
        case CreationPolicy.CONNECTED:
            ends = [f"{path_words(c.path)} of {c.resource}" for c in rule.connections]
            held = _any_of(ends) or "a property that no profile names"
            return f"For {one} that matches none, {record} is created where {held} of a linked record refers to it."
        case CreationPolicy.WHEN:
            said = condition_words(rule.condition) if rule.condition else "(no setting says when)"
            return f"For {one} that matches none, {record} is created where {said}."


def side_words(side: ResolvedSide) -> str:
    """Return which records a side is about: `Powerofficego Customers (person)`."""
    named = f"{side.label} {side.datatype}".strip()
    return f"{named} ({side.subset})" if side.subset else named


def ways_words(row: ResolvedMapping) -> tuple[str, ...]:
    """Return how a row carries its value, a sentence per direction that there is."""
    if row.reference is not None:
        through = f"{row.reference.source} and {row.reference.target}"
        ahead = back = f"as the id of the linked record, through the links of {through}"
    else:
        ahead, back = conversion_words(row.forward), conversion_words(row.backward)
    found = [
        (Direction.TO_TARGET, f"to the target {ahead}"),
        (Direction.TO_SOURCE, f"back to the source {back}"),
    ]
    ways = [text for way, text in found if goes(row.direction, way)]
    ways += [
        f"{text}, when the record is created only"
        for way, text in found
        if goes(row.create_only, way)
    ]
    return tuple(ways)


def direction_words(direction: Direction) -> str:
    """Return a direction in a word or two."""
    return _DIRECTIONS[direction]


def goes(direction: Direction, way: Direction) -> bool:
    """Return whether what holds in `direction` holds in one `way`."""
    return direction in (Direction.BOTH, way)


_DIRECTIONS: Mapping[Direction, str] = {
    Direction.BOTH: "both ways",
    Direction.TO_TARGET: "to the target only",
    Direction.TO_SOURCE: "to the source only",
    Direction.NONE: "held both ways",
}


def counted(number: int, word: str, words: str | None = None) -> str:
    """Return a number with its word: `1 flow`, `4 flows`."""
    return f"{number} {word if number == 1 else words or word + 's'}"


def _comparison(path: Path, value: Json, *, negate: bool) -> str:
    return f"{path_words(path)} {'is not' if negate else 'is'} {literal_words(value)}"


def _call_words(name: str, words: Sequence[str]) -> str:
    if name in _AS:
        return f"{words[0]} {_AS[name]}"
    return _CALLS[name](words)


def _if_words(words: Sequence[str]) -> str:
    test, then, *otherwise = words
    return f"({then} if {test}, else {otherwise[0] if otherwise else 'nothing'})"


def _slice_words(words: Sequence[str]) -> str:
    start, *end, items = words
    return f"the items of {items} from position {start}{f' up to {end[0]}' if end else ' on'}"


def _any_of(words: Sequence[str]) -> str:
    return " or ".join(words)


# Documents give what a function is told before the value that it is applied to.
_CALLS: Mapping[str, Callable[[Sequence[str]], str]] = {
    "first": lambda w: f"the first of {w[0]}",
    "if": _if_words,
    "if-null": lambda w: f"({w[0]}, or {w[1]} where that is empty or cannot be converted)",
    "and": lambda w: f"({' and '.join(w)})",
    "or": lambda w: f"({' or '.join(w)})",
    "not": lambda w: f"not {w[0]}",
    "eq": lambda w: f"{w[0]} is {w[1]}",
    "neq": lambda w: f"{w[0]} is not {w[1]}",
    "gt": lambda w: f"{w[0]} is greater than {w[1]}",
    "abs": lambda w: f"{w[0]} without its sign",
    "is-empty": lambda w: f"{w[0]} is empty",
    "is-null": lambda w: f"{w[0]} is not there",
    "is-decimal": lambda w: f"{w[0]} has a fraction",
    "is-boolean": lambda w: f"{w[0]} is yes or no",
    "matches": lambda w: f"{w[1]} has the shape {w[0]}",
    "replace": lambda w: f"{w[2]} with {w[0]} replaced by {w[1]}",
    "split": lambda w: f"{w[1]} split at {w[0]}",
    "join": lambda w: f"{w[1]} joined by {w[0]}",
    "slice": _slice_words,
    "datetime-format": lambda w: f"{w[1]} written as {w[0]}",
    "datetime-parse": lambda w: f"{w[1]} read as {w[0]}",
    "datetime-diff": lambda w: f"the whole units ({w[0]}) from {w[2]} to {w[1]}",
    "now": lambda w: "the present instant",
}
