"""The search: by the index, which lags, over records as they are now; two hundred a page, ten thousand a query."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from specbridge.sandbox.doubts import Doubt
from specbridge.sandbox.hubspot.instants import parse_instant
from specbridge.sandbox.hubspot.properties import Definition
from specbridge.sandbox.hubspot.refusals import invalid
from specbridge.sandbox.hubspot.state import Held, State, Values
from specbridge.sandbox.messages import Answer, Call, Row

_PAGE, _LARGEST_PAGE, _MOST = 10, 200, 10_000
_MOST_GROUPS, _MOST_FILTERS, _MOST_IN_ALL = 5, 6, 18
_LONGEST = 3_000
_Test = Callable[[Any, Any], bool]
_NEGATIVE = {
    "NEQ": "EQ",
    "NOT_IN": "IN",
    "NOT_HAS_PROPERTY": "HAS_PROPERTY",
    "NOT_CONTAINS_TOKEN": "CONTAINS_TOKEN",
}
_ORDERS: Mapping[str, _Test] = {
    "EQ": lambda mine, value: bool(mine == value),
    "GT": lambda mine, value: bool(mine > value),
    "GTE": lambda mine, value: bool(mine >= value),
    "LT": lambda mine, value: bool(mine < value),
    "LTE": lambda mine, value: bool(mine <= value),
}


@dataclass(frozen=True, slots=True)
class Searching:
    """POST /crm/v3/objects/{kind}/search."""

    state: State

    def routes(self) -> Sequence[tuple[str, str, Any]]:
        """Return method, path and handler of the call."""
        return (("POST", "/crm/v3/objects/{kind}/search", self.search),)

    def search(self, call: Call, kind: str) -> Answer:
        """Answer a page of what the index finds, each record as it is by now; archived ones never."""
        asked = call.json()
        self._check_length(call, asked)
        size, after = _window(asked)
        groups = _groups(asked)
        known = self.state.definitions.of(kind)
        found = [
            (held, index)
            for held, index in self.state.indexed(kind)
            if not groups or any(_is_met(known, group, index) for group in groups)
        ]
        if text := str(asked.get("query") or ""):
            found = [(held, index) for held, index in found if _mentions(index, text)]
        ordered = _sorted(known, found, asked.get("sorts") or [])
        names = asked.get("properties") or []
        rows = [self.state.show(kind, held, names) for held, _ in ordered[after : after + size]]
        body: Row = {"total": len(ordered), "results": rows}
        if after + size < len(ordered):
            body["paging"] = {"next": {"after": str(after + size)}}
        return Answer(body=body)

    def _check_length(self, call: Call, asked: Row) -> None:
        long = len(str(asked.get("query") or "")) > _LONGEST
        if long or (self.state.does(Doubt.SHORT_SEARCHES) and len(call.body) > _LONGEST):
            raise invalid(f"the request is longer than {_LONGEST} characters")


def _window(asked: Row) -> tuple[int, int]:
    size, after = asked.get("limit", _PAGE), asked.get("after") or "0"
    if not isinstance(size, int) or not 1 <= size <= _LARGEST_PAGE:
        raise invalid(f"limit must be between 1 and {_LARGEST_PAGE}")
    if not isinstance(after, str | int) or not str(after).isdecimal():
        raise invalid(f"{after} is no valid cursor")
    if int(after) + size > _MOST:
        raise invalid(f"paging reaches {_MOST} results at most")
    return size, int(after)


def _groups(asked: Row) -> list[list[Row]]:
    groups = [group["filters"] for group in asked.get("filterGroups") or []]
    if len(groups) > _MOST_GROUPS or sum(map(len, groups)) > _MOST_IN_ALL:
        raise invalid("there are too many filters")
    for one in (one for group in groups for one in group):
        stated = [one.get("value"), one.get("highValue"), *(one.get("values") or [])]
        if any(value is not None and not isinstance(value, str) for value in stated):
            raise invalid(f"the filter on {one['propertyName']} has a value that is no text")
    if any(len(group) > _MOST_FILTERS for group in groups):
        raise invalid(f"a group has {_MOST_FILTERS} filters at most")
    return groups


def _is_met(known: Mapping[str, Definition], group: Iterable[Row], index: Values) -> bool:
    return all(_meets(_definition(known, one["propertyName"]), one, index) for one in group)


def _meets(one: Definition, asked: Row, index: Values) -> bool:
    held, operator = index.get(one.name), asked["operator"]
    if operator in _NEGATIVE:
        # What is not set is not equal to anything, and in no list.
        return not _meets(one, {**asked, "operator": _NEGATIVE[operator]}, index)
    if operator == "HAS_PROPERTY" or held is None:
        return held is not None
    if operator == "IN":
        # Texts are compared in lower case, and those of the list must be so.
        return (held if one.options else held.lower()) in asked["values"]
    if operator == "CONTAINS_TOKEN":
        return asked["value"].lower().strip("*") in held.lower()
    return _compares(one, held, asked)


def _compares(one: Definition, held: str, asked: Row) -> bool:
    mine, value = _key(one, held), _key(one, asked["value"])
    operator = asked["operator"]
    if operator == "BETWEEN":
        return bool(value <= mine <= _key(one, asked["highValue"]))
    if operator not in _ORDERS:
        raise invalid(f"{operator} is no operator")
    return _ORDERS[operator](mine, value)


def _sorted(
    known: Mapping[str, Definition], found: list[tuple[Held, Values]], sorts: list[Any]
) -> list[tuple[Held, Values]]:
    """Return what was found in its order: one sort only; without any the oldest come first."""
    if len(sorts) > 1:
        raise invalid("one sort only is taken")
    ordered = sorted(found, key=lambda pair: (pair[0].created, int(pair[0].id)))
    if not sorts:
        return ordered
    asked = sorts[0] if isinstance(sorts[0], dict) else _worded(str(sorts[0]))
    one = _definition(known, str(asked["propertyName"]))
    falling = asked.get("direction") == "DESCENDING"
    filled = [pair for pair in ordered if one.name in pair[1]]
    filled.sort(key=lambda pair: _key(one, pair[1][one.name]), reverse=falling)
    return [*filled, *(pair for pair in ordered if one.name not in pair[1])]


def _worded(text: str) -> Row:
    """Return a sort that is a text: the property's name, with a minus where it falls."""
    direction = "DESCENDING" if text.startswith("-") else "ASCENDING"
    return {"propertyName": text.removeprefix("-"), "direction": direction}


def _definition(known: Mapping[str, Definition], name: str) -> Definition:
    if name not in known:
        raise invalid(f"There was a problem with the request: property {name} does not exist")
    return known[name]


def _key(one: Definition, value: str) -> Any:
    """Return what a value is compared by."""
    if one.type == "datetime" or one.name == "createdate":
        return parse_instant(value)
    if one.type == "number" or one.name == "hs_object_id":
        return float(value)
    return value if one.options else value.lower()


def _mentions(index: Values, text: str) -> bool:
    return any(text.lower() in value.lower() for value in index.values())
