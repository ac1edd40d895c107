"""What a search asks for: terms with operators, all of which a record must meet.

    word   "a phrase"   start*   name:value   name:none   created>2024-01-31   -term   order_by:name

Several values of one property are alternatives. Words are found at their start, capitals aside.
"""

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

from specbridge.sandbox.clock import parse_ticks
from specbridge.sandbox.messages import Row
from specbridge.sandbox.zendesk.refusals import refuse

_TERM = re.compile(
    r'(?P<minus>-)?(?:(?P<name>\w+)(?P<operator>>=|<=|[:<>]))?(?P<value>"[^"]*"|[^\s"]+)'
)
_SEARCHED = ("name", "email", "external_id", "notes", "details")
_INSTANTS = {"created": "created_at", "updated": "updated_at"}
_DAY = len("2024-01-31")
# Not what a record must meet, but how the found ones are sorted.
_ORDERS = ("order_by", "sort")

Test = Callable[[Row], bool]


@dataclass(frozen=True, slots=True, kw_only=True)
class Query:
    """A search as read: what a record must meet, and `order`, which sorts what is found."""

    tests: tuple[Test, ...]
    order: Mapping[str, str]

    def finds(self, row: Row) -> bool:
        """Return whether the record, which has its `result_type`, meets every term."""
        return all(test(row) for test in self.tests)


def read_query(text: str) -> Query:
    """Return the search that a text asks for; raises RefusalError 422 for dates that are none."""
    tests: list[Test] = []
    alternatives: dict[str, list[Test]] = {}
    order: dict[str, str] = {}
    for term in _TERM.finditer(text):
        name = term["name"]
        if name in _ORDERS:
            order[name] = term["value"]
        elif name and term["operator"] == ":" and not term["minus"]:
            alternatives.setdefault(name, []).append(_test(term))
        else:
            tests.append(_negate(_test(term)) if term["minus"] else _test(term))
    tests += [_any_of(group) for group in alternatives.values()]
    return Query(tests=tuple(tests), order=order)


def _test(term: re.Match[str]) -> Test:
    name, operator, value = term["name"], term["operator"], term["value"]
    if name is None:
        holds = _text_test(value)
        return lambda row: any(holds(row.get(part)) for part in _SEARCHED)
    if name in _INSTANTS:
        return _instant_test(_INSTANTS[name], operator, value.strip('"'))
    if name == "type":
        return lambda row: bool(row["result_type"] == value.strip('"').lower())
    if value == "none":
        return lambda row: row.get(name) in (None, "", [])
    if name == "external_id":
        wanted = value.strip('"').lower()
        return lambda row: str(row.get(name) or "").lower() == wanted
    holds = _text_test(value)
    return lambda row: any(holds(part) for part in _parts(row.get(name)))


def _text_test(value: str) -> Callable[[object], bool]:
    words = re.escape(value.strip('"')).replace(r"\*", ".*")
    # A phrase must be there as it is, a word may be the start of a longer one.
    end = r"(?!\w)" if value.startswith('"') else ""
    pattern = re.compile(rf"(?<!\w){words}{end}", re.IGNORECASE)
    return lambda held: bool(pattern.search(str(held or "")))


def _instant_test(name: str, operator: str, value: str) -> Test:
    try:
        bound = parse_ticks(value)
    except ValueError as error:
        raise refuse(422, "invalid", f"'{value}' is not a date") from error
    # A day is a whole one: `created>` begins with the next.
    length = _DAY if len(value) == _DAY else None
    compare: Mapping[str, Callable[[int], bool]] = {
        ":": lambda instant: instant == bound,
        ">": lambda instant: instant > bound,
        "<": lambda instant: instant < bound,
        ">=": lambda instant: instant >= bound,
        "<=": lambda instant: instant <= bound,
    }
    return lambda row: compare[operator](parse_ticks(row[name][:length]))


def _parts(value: object) -> Iterable[object]:
    return value if isinstance(value, list) else (value,)


def _negate(test: Test) -> Test:
    return lambda row: not test(row)


def _any_of(tests: list[Test]) -> Test:
    return lambda row: any(test(row) for test in tests)
