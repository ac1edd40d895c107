"""List calls: filters, order, pages and the choice of properties."""

import json
from collections.abc import Callable, Iterable, Mapping, Sequence

from specbridge.sandbox.clock import parse_ticks
from specbridge.sandbox.doubts import Doubt
from specbridge.sandbox.messages import Answer, Call, Row
from specbridge.sandbox.poweroffice_go.kinds import Kind
from specbridge.sandbox.poweroffice_go.properties import Property, Type
from specbridge.sandbox.poweroffice_go.refusals import refuse

# Both as the vendor's description has them.
_DEFAULT_SIZE = 5000
_MAXIMUM_SIZE = 20000
_CAST = "Unable to cast object(s)"

Records = Mapping[str, Mapping[int, Row]]
Test = Callable[[Row], bool]


def list_rows(kind: Kind, records: Records, call: Call, otherwise: frozenset[Doubt]) -> Answer:
    """Return a page of the rows that pass the filters; 204 without a body where there is none.

    `records` are those of all kinds. Raises RefusalError for a parameter that cannot be read.
    """
    words = {name.lower(): value for name, value in call.query.items()}
    _check_words(words)
    tests = _tests(kind, records, words)
    chosen = [row for row in records[kind.name].values() if all(test(row) for test in tests)]
    if Doubt.ARCHIVED_HIDDEN in otherwise:
        chosen = [row for row in chosen if not row.get("IsArchived")]
    chosen = _order(kind, chosen, words.get("orderby") or "Id")
    number, size = _number(words, "pagenumber", 1), _size(words, otherwise)
    page = [_trim(row, words.get("fields")) for row in chosen[(number - 1) * size : number * size]]
    # An empty list is 204 without a body, which a client must not parse.
    if not page:
        return Answer(body=[]) if Doubt.EMPTY_LISTS in otherwise else Answer(status=204)
    if Doubt.NO_PAGE_LINKS in otherwise:
        return Answer(body=page)
    more = number * size < len(chosen)
    return Answer(body=page, headers=_page_link(call, number + 1 if more else None))


def _page_link(call: Call, following: int | None) -> Mapping[str, str]:
    """Return the header that leads to the page which follows; on the last page it leads nowhere."""
    if following is None:
        return {"X-Pagination": "{}"}
    own = {name: None for name in call.query if name.lower() == "pagenumber"}
    link = call.link({**own, "PageNumber": str(following)})
    return {"X-Pagination": json.dumps({"nextPageLink": link})}


def _check_words(words: Mapping[str, str]) -> None:
    for word in words:
        # The first version's way of asking: this one knows nothing of it.
        if word.startswith("$"):
            raise refuse(400, _CAST, f"The query parameter '{word}' is not supported.")


def _tests(kind: Kind, records: Records, words: Mapping[str, str]) -> list[Test]:
    tests = [
        _filter_test(kind, kind.filters[name], text, records)
        for name, text in words.items()
        # A blank filter is not used.
        if name in kind.filters and text.strip()
    ]
    instants = {
        "lastchangeddatetimeoffsetgreaterthan": "LastChangedDateTimeOffset",
        f"{kind.created.lower()}greaterthan": kind.created,
    }
    for name, stated in instants.items():
        if name in words:
            tests.append(_instant_test(stated, words[name]))
    return tests


def _filter_test(kind: Kind, target: str, text: str, records: Records) -> Test:
    name = target.rstrip("*~")
    shape = kind.properties[name]
    if shape.type is Type.INTEGER:
        return _range_test(name, text)
    if shape.type is Type.IDS:
        return _group_test(name, text, records["ContactGroups"])
    if shape.type in (Type.BOOLEAN, Type.CHOICE):
        return _value_test(name, shape, text)
    if target.endswith("~"):
        return lambda row: text.strip().lower() in str(row[name] or "").lower()
    # Nothing escapes a comma: a value that holds one cannot be asked for where several may be.
    asked = text.split(",") if target.endswith("*") else [text]
    values = {part.strip().lower() for part in asked}
    return lambda row: row[name] is not None and str(row[name]).lower() in values


def _range_test(name: str, text: str) -> Test:
    """Return a test of numbers such as `10000-11000, 12000, 13000-`."""
    ranges: list[tuple[int, int | None]] = []
    for part in filter(None, (part.strip() for part in text.split(","))):
        low, dash, high = (word.strip() for word in part.partition("-"))
        if not low.isdigit() or (high and not high.isdigit()):
            raise refuse(400, _CAST, f"'{part}' is not a number or a range of numbers.")
        ranges.append((int(low), int(high) if high else None if dash else int(low)))
    return lambda row: row[name] is not None and any(
        low <= row[name] and (high is None or row[name] <= high) for low, high in ranges
    )


def _group_test(name: str, text: str, groups: Mapping[int, Row]) -> Test:
    asked = {part.strip() for part in text.split(",")}
    for part in sorted(asked):
        if not part.isdigit():
            raise refuse(400, _CAST, f"'{part}' is not a number.")
        # A list, and 404 all the same: that does not mean that a record is gone.
        if int(part) not in groups:
            raise refuse(404, "Object(s) not found", f"Contact group with id = {part} not found.")
    return lambda row: any(str(identifier) in asked for identifier in row[name] or ())


def _value_test(name: str, shape: Property, text: str) -> Test:
    flags: Mapping[str, object] = {"true": True, "false": False}
    known = shape.choice(text) if shape.choices else flags.get(text.strip().lower())
    if known is None:
        raise refuse(400, _CAST, f"The value '{text}' is not valid.")
    return lambda row: bool(row[name] == known)


def _instant_test(name: str, text: str) -> Test:
    try:
        bound = parse_ticks(text)
    except ValueError as error:
        raise refuse(400, _CAST, f"'{text}' is not a date and time.") from error
    # Strictly greater: the instant that a client remembers is not told again.
    return lambda row: parse_ticks(row[name]) > bound


def _size(words: Mapping[str, str], otherwise: frozenset[Doubt]) -> int:
    size = _number(words, "pagesize", _DEFAULT_SIZE)
    if size > _MAXIMUM_SIZE and Doubt.LARGE_PAGES_400 in otherwise:
        raise refuse(400, _CAST, f"PageSize cannot be larger than {_MAXIMUM_SIZE}.")
    return min(size, _MAXIMUM_SIZE)


def _number(words: Mapping[str, str], name: str, default: int) -> int:
    text = words.get(name, str(default))
    if not text.isdigit() or int(text) < 1:
        raise refuse(400, _CAST, f"'{text}' is not a valid {name}.")
    return int(text)


def _order(kind: Kind, rows: Iterable[Row], text: str) -> list[Row]:
    # The least key first: sorting is stable.
    ordered = list(rows)
    for part in reversed(text.split(",")):
        word, _, direction = part.strip().partition(" ")
        name = next((n for n in kind.defaults if n.lower() == word.lower()), None)
        if name is None:
            raise refuse(400, _CAST, f"'{word}' is not a property to order by.")
        descending = direction.strip().lower() == "desc"
        ordered = sorted(ordered, key=_sort_key(name), reverse=descending)
    return ordered


def _sort_key(name: str) -> Callable[[Row], tuple[bool, object]]:
    # None and text do not compare: what is empty comes first.
    return lambda row: (row[name] is not None, row[name] if row[name] is not None else "")


def _trim(row: Row, fields: str | None) -> Row:
    if not fields:
        return row
    names: Sequence[str] = [part.strip().lower() for part in fields.split(",")]
    return {name: value for name, value in row.items() if name.lower() in names}
