"""Lists of the field's odder kinds, read whole from strict servers: searches by POST, archives, filters."""

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace

import pytest
from specbridge.errors import MalformedResponseError
from specbridge.model.values import Json
from specbridge.profiles.load import read_profile
from specbridge.runtime.connectors.build import build_connector
from specbridge.runtime.connectors.reading.cursors import epoch_seconds
from specbridge.runtime.records import Change, Connector, Record, Tombstone

from tests.runtime.connectors.clocks import ManualTime
from tests.runtime.connectors.servers import LoopbackServer, Received, Reply, serving

HEAD = """
name = "crm"
labels = ["Crm"]
base_url = "https://crm.example"

[[resources]]
name = "Contacts"
id = "id"
id_type = "string"
modified_at = "at"
properties = [{ path = "id", read_only = true }, { path = "at", type = "datetime" }, { path = "name" }]
"""
SEARCH = """
read_many = { method = "POST", path = "/batch", property = "id", size = 2, items = "results", body = { inputs = [{ id = "{value}" }] } }

[resources.list]
path = "/contacts"
items = "results"
paging = { style = "cursor", end = "no-cursor", size = 2, parameters = { size = "limit", cursor = "after" }, fields = { cursor = "paging.next.after" } }

[resources.archived]
path = "/contacts?archived=true"
items = "results"
paging = { style = "cursor", end = "no-cursor", parameters = { cursor = "after", size = "limit" }, fields = { cursor = "paging.next.after" } }

[resources.incremental]
method = "POST"
path = "/search"
items = "results"
since_form = "epoch-milliseconds"
overlap_seconds = 10
body = { filters = [{ name = "at", operator = "GTE", value = "{since}" }], sorts = ["at"], limit = "{size}", after = "{cursor}" }
paging = { style = "cursor", end = "no-cursor", size = 2, fields = { cursor = "paging.next.after", total = "total" } }
"""
ROWS: list[dict[str, Json]] = [
    {"id": f"c{n}", "at": f"2026-11-23T11:0{n}:00Z", "name": f"N{n}"} for n in range(5)
]


@contextmanager
def connected(
    profile: str, answer: Callable[[Received], Reply]
) -> Iterator[tuple[Connector, LoopbackServer]]:
    with serving(answer) as server:
        built = build_connector(
            read_profile(HEAD + profile, "crm.toml"),
            {"CRM_BASE_URL": server.base_url},
            make_clock=ManualTime().maker(),
        )
        try:
            yield built, server
        finally:
            built.close()


def read(connector: Connector, cursor: str | None = None) -> tuple[list[Change], str | None]:
    pages = list(connector.read_changes("Contacts", cursor, frozenset({"name"})))
    return [change for page in pages for change in page.changes], pages[-1].cursor


def page(rows: list[dict[str, Json]], after: str | None, size: int) -> Reply:
    """Return a page as a server gives it that caps pages at `size`; the last one has no `paging`."""
    start = int(after or 0)
    body: dict[str, Json] = {"results": list[Json](rows[start : start + size]), "total": len(rows)}
    if start + size < len(rows):
        body["paging"] = {"next": {"after": str(start + size)}}
    return Reply(body=body)


def answer_crm(request: Received) -> Reply:
    if request.path == "/contacts":
        gone: list[dict[str, Json]] = [{"id": "gone"}]
        return page(gone if "archived" in request.query else ROWS, request.query.get("after"), 2)
    body = request.body
    assert isinstance(body, dict)
    if request.path == "/batch":
        inputs = body["inputs"]
        assert isinstance(inputs, list)
        wanted = [one["id"] for one in inputs if isinstance(one, dict)]
        return Reply(body={"results": [dict(row) for row in ROWS if row["id"] in wanted]})
    # Strictly: a limit that is no number, or an `after` that is null, is a fault of the caller's.
    if not isinstance(body["limit"], int) or body.get("after", "0") is None:
        return Reply(status=400)
    return page(ROWS[3:], str(body.get("after", 0)), 1)


def test_a_search_by_post_is_read_to_its_end_and_archives_are_tombstones() -> None:
    with connected(SEARCH, answer_crm) as (connector, server):
        changes, cursor = read(connector)
        assert [one.id for one in changes if isinstance(one, Record)] == [row["id"] for row in ROWS]
        assert [one for one in changes if isinstance(one, Tombstone)] == [Tombstone("gone")]
        assert cursor is not None
        server.received.clear()
        changes, _ = read(connector, "2026-11-23T11:03:00Z")
        searches = [one.body for one in server.received if one.method == "POST"]
    assert [one.id for one in changes if isinstance(one, Record)] == ["c3", "c4"]
    since = 1_795_431_770_000
    filters: Json = [{"name": "at", "operator": "GTE", "value": since}]
    first: dict[str, Json] = {"filters": filters, "sorts": ["at"], "limit": 2}
    assert searches == [first, {**first, "after": "1"}]


def test_many_are_looked_up_by_post() -> None:
    with connected(SEARCH, answer_crm) as (connector, server):
        found = list(connector.read_records("Contacts", ["c1", "c{x}", "c4"], frozenset({"name"})))
        bodies = [one.body for one in server.received]
    assert sorted(record.id for record in found) == ["c1", "c4"]
    assert sorted(str(body) for body in bodies) == [
        "{'inputs': [{'id': 'c1'}, {'id': 'c{x}'}]}",
        "{'inputs': [{'id': 'c4'}]}",
    ]


def test_a_search_that_ends_before_its_total_is_no_clean_end() -> None:
    def cut(request: Received) -> Reply:
        reply = answer_crm(request)
        if request.path == "/search" and isinstance(reply.body, dict):
            return Reply(body={**reply.body, "paging": None, "total": 2})
        return reply

    with (
        connected(SEARCH, cut) as (connector, _),
        pytest.raises(MalformedResponseError, match="after 1 of 2 records"),
    ):
        read(connector, "2026-11-23T11:03:00Z")


CAPPED = """
[resources.incremental]
method = "POST"
path = "/search"
epoch = "0"
most = 3
inclusive = true
since_form = "epoch-seconds"
body = { since = "{since}", offset = "{page}", limit = "{size}" }
paging = { style = "offset", end = "empty-page", size = 2 }
"""


def search_capped(rows: list[dict[str, Json]]) -> Callable[[Received], Reply]:
    """Return a search that is sorted by instant, and refuses whatever is beyond its third result."""

    def answer(request: Received) -> Reply:
        body = request.body
        assert isinstance(body, dict)
        since, offset, limit = body["since"], body["offset"], body["limit"]
        assert isinstance(since, int)
        assert isinstance(offset, int)
        assert isinstance(limit, int)
        if offset >= 3:
            return Reply(status=400, body={"error": "too far"})
        found = [row for row in rows if epoch_seconds(str(row["at"])) >= since][:3]
        return Reply(body=list[Json](found[offset : offset + limit]))

    return answer


def test_a_search_that_gives_only_so_many_is_begun_again_where_it_ended() -> None:
    rows: list[dict[str, Json]] = [
        {"id": f"c{n}", "at": f"2026-11-23T10:{n // 2:02}:00Z"} for n in range(11)
    ]
    with connected(CAPPED, search_capped(rows)) as (connector, _):
        changes, _ = read(connector)
    assert {one.id for one in changes} == {row["id"] for row in rows}


def test_a_record_that_changes_while_a_search_is_read_hides_no_other() -> None:
    rows: list[dict[str, Json]] = [
        {"id": f"c{n}", "at": f"2026-11-23T10:{n:02}:00Z"} for n in range(9)
    ]
    # It stands where it was, by the index, and shows the instant of just now.
    shown = [{**row, "at": "2026-11-23T11:59:00Z"} if row["id"] == "c1" else row for row in rows]
    sought = search_capped(rows)

    def answer(request: Received) -> Reply:
        body = sought(request).body
        found = (
            [row["id"] for row in body if isinstance(row, dict)] if isinstance(body, list) else []
        )
        return Reply(body=[row for row in shown if row["id"] in found])

    with connected(CAPPED, answer) as (connector, _):
        changes, _ = read(connector)
    assert {one.id for one in changes} == {row["id"] for row in rows}


def test_a_page_that_is_all_that_a_search_gives_leads_on() -> None:
    rows: list[dict[str, Json]] = [
        {"id": f"c{n}", "at": f"2026-11-23T10:{n:02}:00Z"} for n in range(7)
    ]
    with connected(CAPPED.replace("size = 2", "size = 3"), search_capped(rows)) as (connector, _):
        changes, _ = read(connector)
    assert {one.id for one in changes} == {row["id"] for row in rows}


def test_a_capped_search_that_is_not_sorted_is_an_error() -> None:
    rows: list[dict[str, Json]] = [
        {"id": f"c{n}", "at": f"2026-11-23T10:{59 - n:02}:00Z"} for n in range(9)
    ]
    with (
        connected(CAPPED, search_capped(rows)) as (connector, _),
        pytest.raises(MalformedResponseError, match="is not sorted by the instant"),
    ):
        read(connector)


def test_a_capped_search_that_ignores_its_filter_ends() -> None:
    rows: list[dict[str, Json]] = [
        {"id": f"c{n}", "at": f"2026-11-23T10:{n:02}:00Z"} for n in range(9)
    ]
    sought = search_capped(rows)

    def answer(request: Received) -> Reply:
        body = {**json.loads(request.text), "since": 0}
        return sought(replace(request, text=json.dumps(body)))

    with (
        connected(CAPPED, answer) as (connector, _),
        pytest.raises(MalformedResponseError, match="more than 3 records"),
    ):
        read(connector)


def test_more_records_of_one_instant_than_a_search_gives_are_listed() -> None:
    rows: list[dict[str, Json]] = [{"id": f"c{n}", "at": "2026-11-23T10:00:00Z"} for n in range(7)]
    listed = 'list = { path = "/contacts", paging = { style = "none" } }\n'

    def answer(request: Received) -> Reply:
        return (
            Reply(body=list[Json](rows))
            if request.method == "GET"
            else search_capped(rows)(request)
        )

    with connected(listed + CAPPED, answer) as (connector, _):
        changes, cursor = read(connector, "2026-11-23T09:00:00Z")
    assert {one.id for one in changes} == {row["id"] for row in rows}
    assert cursor is not None


def test_more_records_of_one_instant_than_a_search_gives_are_an_error() -> None:
    rows: list[dict[str, Json]] = [{"id": f"c{n}", "at": "2026-11-23T10:00:00Z"} for n in range(4)]
    with (
        connected(CAPPED, search_capped(rows)) as (connector, _),
        pytest.raises(MalformedResponseError, match="more than 3 records"),
    ):
        read(connector)


PARTED = """
[resources.list]
path = "/contacts"
queries = [{ state = "open", kind = "a" }, { state = "closed" }]
paging = { style = "offset", end = "empty-page", parameters = { page = "from" } }
"""


def test_a_list_in_several_queries_is_read_to_the_end_of_each() -> None:
    def answer(request: Received) -> Reply:
        kept = ROWS[:3] if request.query["state"] == "open" else ROWS[3:]
        start = int(request.query["from"])
        return Reply(body=list[Json](kept[start : start + 2]))

    with connected(PARTED, answer) as (connector, server):
        changes, _ = read(connector)
    assert [one.id for one in changes] == [row["id"] for row in ROWS]
    assert {one.query.get("kind") for one in server.received if one.query["state"] == "open"} == {
        "a"
    }


LOOKED_UP = """
list = { path = "/contacts", paging = { style = "none" } }
read_many = { path = "/contacts", property = "id", parameter = "ids", size = 9, items = "rows", paging = { style = "offset", end = "total", parameters = { page = "from" }, fields = { total = "total" } } }
"""


def test_a_lookup_whose_answers_are_capped_is_read_to_its_end() -> None:
    def answer(request: Received) -> Reply:
        if "gone" in request.query["ids"]:
            return Reply(status=404)
        found = [row for row in ROWS if str(row["id"]) in request.query["ids"].split(",")]
        start = int(request.query["from"])
        return Reply(body={"rows": list[Json](found[start : start + 2]), "total": len(found)})

    with connected(LOOKED_UP, answer) as (connector, _):
        found = connector.read_records("Contacts", ["c0", "c1", "c2", "c3"], frozenset({"name"}))
        assert [one.id for one in found] == ["c0", "c1", "c2", "c3"]
        assert list(connector.read_records("Contacts", ["gone"], frozenset())) == []


FILTERED = """
list = { path = "/contacts", items = ["data.rows"], paging = { style = "none" } }

[resources.incremental]
path = "/contacts"
items = ["data.rows"]
paging = { style = "none" }
since = "$filter"
since_form = "utc"
since_text = "at gt {since}"
"""


def test_a_filter_may_be_a_sentence_and_a_key_may_hold_dots() -> None:
    def answer(request: Received) -> Reply:
        return Reply(body={"data.rows": [dict(ROWS[0])]})

    with connected(FILTERED, answer) as (connector, server):
        read(connector)
        read(connector, "2026-11-23T12:03:00.1234567+01:00")
    assert [one.query for one in server.received] == [
        {},
        {"$filter": "at gt 2026-11-23T11:03:00Z"},
    ]


LOCAL = """
list = { path = "/contacts", paging = { style = "none" } }

[resources.incremental]
path = "/contacts"
paging = { style = "none" }
since = "changedSince"
since_form = "local"
since_zone = "Europe/Oslo"
"""


@pytest.mark.parametrize(
    ("instant", "asked"),
    [
        ("2026-07-01T10:00:00Z", "2026-07-01T12:00:00"),
        ("2026-12-01T10:00:00.5Z", "2026-12-01T11:00:00"),
        # Half past two comes twice that night: the hour before is asked for, of either.
        ("2026-10-25T00:30:00Z", "2026-10-25T01:30:00"),
        ("2026-10-25T01:30:00Z", "2026-10-25T02:30:00"),
    ],
)
def test_a_filter_may_be_in_a_zone_that_it_does_not_say(instant: str, asked: str) -> None:
    def answer(_request: Received) -> Reply:
        return Reply(body=[dict(ROWS[0])])

    with connected(LOCAL, answer) as (connector, server):
        read(connector, instant)
    assert server.received[0].query == {"changedSince": asked}


DATED = """
name = "books"
labels = ["Books"]
base_url = "https://books.example"

[[resources]]
name = "Contacts"
id = "id"
id_type = "string"
modified_at = "changes[].at"
properties = [
    { path = "id", type = "string", read_only = true },
    { path = "changes[].at", type = "datetime", read_only = true },
]
list = { path = "/contacts" }
incremental = { path = "/contacts", since = "since" }
"""


def test_the_instant_may_be_the_latest_of_a_list() -> None:
    changes: list[Json] = [
        {"at": "2026-11-23T11:00:00+01:00", "by": 1},
        {"at": "2026-11-23T10:30:00Z"},
        {"by": 2},
    ]

    def answer(_request: Received) -> Reply:
        return Reply(body=[{"id": "c1", "changes": changes}, {"id": "c2", "changes": []}])

    with serving(answer) as server:
        connector = build_connector(
            read_profile(DATED, "books.toml"),
            {"BOOKS_BASE_URL": server.base_url},
            make_clock=ManualTime().maker(),
        )
        found, _ = read(connector)
        connector.close()
    assert [one.modified_at for one in found if isinstance(one, Record)] == [
        "2026-11-23T10:30:00Z",
        "",
    ]


BY_PATH = """
list = { path = "/contacts", paging = { style = "none" } }
lookups = [{ path = "/contacts/by-name/{value}?exact=1", property = "name", items = "contact", one = true }]
"""


def test_a_lookup_may_be_by_path_and_answer_with_one_record() -> None:
    def answer(request: Received) -> Reply:
        if request.path == "/contacts":
            return Reply(body=[])
        known = {"/contacts/by-name/n%201": {"id": "c1", "name": "n 1"}}
        if request.path not in known:
            return Reply(status=404)
        return Reply(body={"contact": dict[str, Json](known[request.path])})

    with connected(BY_PATH, answer) as (connector, server):
        names = frozenset({"name"})
        found = list(
            connector.find_records("Contacts", ("name",), ["n 1", "n 2", "..", "a/b"], names)
        )
        paths = sorted(server.paths())
    assert [one.id for one in found] == ["c1"]
    # What cannot be a segment is looked for in the list.
    assert paths[0] == "GET /contacts"
    assert "GET /contacts/by-name/a%2Fb" in paths


def test_a_lookup_of_one_that_answers_with_none_is_an_error() -> None:
    with (
        connected(BY_PATH, lambda _request: Reply(body={"contacts": []})) as (connector, _),
        pytest.raises(MalformedResponseError, match="does not hold the record"),
    ):
        list(connector.find_records("Contacts", ("name",), ["n"], frozenset({"name"})))


def test_a_number_may_be_asked_for_as_a_text_and_a_sentence_round_one_stays_one() -> None:
    bodies: list[Json] = []

    def answer(request: Received) -> Reply:
        if request.method == "POST":
            bodies.append(request.body)
        return Reply(body=[])

    quoted = CAPPED.replace("most = 3\n", 'texts = ["since", "size"]\n')
    sentence = CAPPED.replace("most = 3\n", 'since_text = "at ge {since}"\n')
    for text in (quoted, sentence):
        with connected(text, answer) as (connector, _):
            read(connector, "1970-01-01T00:00:12Z")
    assert bodies == [
        {"since": "12", "offset": 0, "limit": "2"},
        {"since": "at ge 12", "offset": 0, "limit": 2},
    ]
