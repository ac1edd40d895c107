"""List calls: filters, order, pages and the choice of properties."""

from collections.abc import Callable, Iterable, Mapping, Sequence

from specbridge.sandbox.clock import parse_ticks
from specbridge.sandbox.messages import Answer, Row
from specbridge.sandbox.poweroffice_go.kinds import Kind
from specbridge.sandbox.poweroffice_go.refusals import refuse

# Both as the vendor's description has them.
_DEFAULT_SIZE = 5000
_MAXIMUM_SIZE = 20000
_CAST = "Unable to cast object(s)"


def list_rows(kind: Kind, rows: Iterable[Row], query: Mapping[str, str]) -> Answer:
    """Return a page of the rows that pass the filters; 204 without a body where there is none.

    Raises RefusalError for a parameter that cannot be read. A size above the maximum is cut to it.
    """
    words = {name.lower(): value for name, value in query.items()}
    chosen = [row for row in rows if all(test(row) for test in _tests(kind, words))]
    chosen = _order(kind, chosen, words.get("orderby", "Id"))
    size = min(_number(words, "pagesize", _DEFAULT_SIZE), _MAXIMUM_SIZE)
    start = (_number(words, "pagenumber", 1) - 1) * size
    page = chosen[start : start + size]
    # An empty list is 204 without a body, which a client must not parse.
    if not page:
        return Answer(status=204)
    return Answer(body=[_trim(row, words.get("fields")) for row in page])


Test = Callable[[Row], bool]


def _tests(kind: Kind, words: Mapping[str, str]) -> list[Test]:
    tests = [
        _filter_test(kind.filters[name], value)
        for name, value in words.items()
        if name in kind.filters
    ]
    instants = {
        "lastchangeddatetimeoffsetgreaterthan": "LastChangedDateTimeOffset",
        f"{kind.created.lower()}greaterthan": kind.created,
    }
    for name, stated in instants.items():
        if name in words:
            tests.append(_instant_test(stated, words[name]))
    return tests


def _filter_test(name: str, text: str) -> Test:
    values = {part.strip().lower() for part in text.split(",")}
    return lambda row: str(row[name]).lower() in values


def _instant_test(name: str, text: str) -> Test:
    try:
        bound = parse_ticks(text)
    except ValueError as error:
        raise refuse(400, _CAST, f"'{text}' is not a date and time.") from error
    # Strictly greater: the instant that a client remembers is not told again.
    return lambda row: parse_ticks(row[name]) > bound


def _number(words: Mapping[str, str], name: str, default: int) -> int:
    text = words.get(name, str(default))
    if not text.isdigit() or int(text) < 1:
        raise refuse(400, _CAST, f"'{text}' is not a valid {name}.")
    return int(text)


def _order(kind: Kind, rows: list[Row], text: str) -> list[Row]:
    # The least key first: sorting is stable.
    for part in reversed(text.split(",")):
        word, _, direction = part.strip().partition(" ")
        name = next((n for n in kind.defaults if n.lower() == word.lower()), None)
        if name is None:
            raise refuse(400, _CAST, f"'{word}' is not a property to order by.")
        rows = sorted(rows, key=_sort_key(name), reverse=direction.strip().lower() == "desc")
    return rows


def _sort_key(name: str) -> Callable[[Row], tuple[bool, object]]:
    # None and text do not compare: what is empty comes first.
    return lambda row: (row[name] is not None, row[name] if row[name] is not None else "")


def _trim(row: Row, fields: str | None) -> Row:
    if not fields:
        return row
    names: Sequence[str] = [part.strip().lower() for part in fields.split(",")]
    return {name: value for name, value in row.items() if name.lower() in names}
