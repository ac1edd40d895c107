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
_ORDERS: Mapping[str, _Test] = {
    "GT": lambda mine, value: mine > value,
    "GTE": lambda mine, value: mine >= value,
    "LT": lambda mine, value: mine < value,
    "LTE": lambda mine, value: mine <= value,
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
    held = index.get(one.name)
    match asked["operator"]:
        case "HAS_PROPERTY":
            return held is not None
        case "NOT_HAS_PROPERTY":
            return held is None
        case "EQ" | "NEQ" as operator:
            same = held is not None and _key(one, held) == _key(one, asked["value"])
            return same is (operator == "EQ")
        case "IN" | "NOT_IN" as operator:
            # Texts are compared in lower case, and those of the list must be so.
            mine = held if one.options else (held or "").lower()
            return (held is not None and mine in asked["values"]) is (operator == "IN")
        case "BETWEEN":
            low, high = _key(one, asked["value"]), _key(one, asked["highValue"])
            return held is not None and low <= _key(one, held) <= high
        case "CONTAINS_TOKEN" | "NOT_CONTAINS_TOKEN" as operator:
            word = asked["value"].lower().strip("*")
            return (word in (held or "").lower()) is (operator == "CONTAINS_TOKEN")
        case operator if operator in _ORDERS:
            test = _ORDERS[operator]
            return held is not None and test(_key(one, held), _key(one, asked["value"]))
        case operator:
            raise invalid(f"{operator} is no operator")


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
