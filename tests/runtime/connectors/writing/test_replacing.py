"""Updates by replacing the whole, against a server whose PUT is a PUT."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace

import pytest
from specbridge.errors import MalformedResponseError
from specbridge.model.calls import BodyStyle, Precondition, WriteCall
from specbridge.model.profile import Profile, Property, Resource
from specbridge.model.values import Json, Path
from specbridge.runtime.connectors.build import build_connector
from specbridge.runtime.records import Outcome, Record, Refused, Update, Written

from tests.runtime.connectors.clocks import ManualTime
from tests.runtime.connectors.servers import LoopbackServer, serving
from tests.runtime.connectors.strict import StrictBooks

UPDATE = WriteCall(
    method="PUT",
    path="/accounts/{id}",
    wrap=("account",),
    body=BodyStyle.REPLACE,
    precondition=Precondition.ETAG,
)
ACCOUNTS = Resource(
    name="Accounts",
    id=("id",),
    properties=(
        Property(path=("id",), read_only=True),
        Property(path=("version",), read_only=True),
        Property(path=("changed",), read_only=True),
        Property(path=("name",)),
        Property(path=("address", "city")),
        Property(path=("address", "id"), read_only=True),
    ),
    read=WriteCall(method="GET", path="/accounts/{id}", wrap=("account",)),
    update=UPDATE,
)
PLAIN = replace(UPDATE, precondition=Precondition.NONE)
VERSIONED = replace(
    UPDATE, precondition=Precondition.VERSION, version=("version",), conflicts=(409,)
)
NAMES = frozenset({"name", "address"})


@contextmanager
def serve(books: StrictBooks) -> Iterator[LoopbackServer]:
    with serving(books.answer) as server:
        yield server


def change(
    server: LoopbackServer,
    seen: Mapping[str, Json],
    changes: Mapping[Path, Json],
    call: WriteCall = UPDATE,
) -> Outcome:
    """Change account 7, which was planned on as it was `seen`."""
    profile = Profile(
        name="books",
        labels=("Books",),
        base_url="https://books.example",
        resources=(replace(ACCOUNTS, update=call),),
    )
    environment = {"BOOKS_BASE_URL": server.base_url}
    connector = build_connector(profile, environment, make_clock=ManualTime().maker())
    update = Update(key="u", current=Record("7", "", seen), changes=changes)
    try:
        (outcome,) = connector.write_records("Accounts", [update], NAMES)
    finally:
        connector.close()
    return outcome


@pytest.mark.parametrize("call", [UPDATE, PLAIN, VERSIONED], ids=["etag", "plain", "version"])
def test_nothing_but_the_changes_changes(call: WriteCall) -> None:
    books = StrictBooks(demands=call.precondition.value.replace("none", ""))
    whole: dict[str, Json] = {
        "name": "Old",
        "unlisted": {"deep": [1, {"x": None}]},
        "phones": [{"id": 3, "number": "1"}],
        "address": {"id": 9, "city": "Bergen", "zip": "5003"},
    }
    before = books.add("7", **whole)
    with serve(books) as server:
        outcome = change(
            server, {"name": "Old"}, {("name",): "New", ("address", "city"): None}, call
        )
    assert isinstance(outcome, Written)
    address: Json = {"id": 9, "city": None, "zip": "5003"}
    assert books.accounts["7"] == {**before, "name": "New", "address": address, "version": 2}
    assert server.paths() == ["GET /accounts/7", "PUT /accounts/7"]
    assert ("if-match" in server.received[1].headers) is (call.precondition is Precondition.ETAG)


def test_what_the_server_refuses_is_left_out() -> None:
    books = StrictBooks()
    books.add("7", name="Old", address={"id": 9, "city": "Bergen"})
    with serve(books) as server:
        omits: tuple[Path, ...] = (("version",), ("changed",), ("address", "id"))
        change(server, {}, {("name",): "New"}, replace(UPDATE, omits=omits))
    assert server.received[1].body == {
        "account": {"id": "7", "name": "New", "address": {"city": "Bergen"}}
    }


def once(edit: Callable[[StrictBooks], None]) -> Callable[[StrictBooks], None]:
    left = [edit]
    return lambda books: left.pop()(books) if left else None


@pytest.mark.parametrize("call", [UPDATE, VERSIONED], ids=["etag", "version"])
def test_a_conflict_is_read_again_merged_and_sent_once_more(call: WriteCall) -> None:
    books = StrictBooks(demands=call.precondition.value)
    books.add("7", name="Old", note="")
    books.meddle = once(lambda books: books.edit("7", note="theirs"))
    with serve(books) as server:
        outcome = change(server, {"name": "Old"}, {("name",): "New"}, call)
    assert isinstance(outcome, Written)
    assert books.accounts["7"] == {
        "id": "7",
        "version": 3,
        "changed": None,
        "name": "New",
        "note": "theirs",
    }
    assert server.paths() == ["GET /accounts/7", "PUT /accounts/7"] * 2


def test_a_word_of_the_body_may_say_conflict() -> None:
    call = replace(VERSIONED, conflicts=(), conflict_words=("REVISION_MISMATCH",))
    books = StrictBooks(demands="version")
    books.add("7", name="Old")
    books.meddle = once(lambda books: books.edit("7", note="theirs"))
    with serve(books) as server:
        assert isinstance(change(server, {}, {("name",): "New"}, call), Written)


def test_an_edit_of_the_same_property_is_stale() -> None:
    books = StrictBooks(demands="etag")
    books.add("7", name="Old")
    books.meddle = once(lambda books: books.edit("7", name="Theirs"))
    with serve(books) as server:
        outcome = change(server, {"name": "Old"}, {("name",): "New"})
    assert isinstance(outcome, Refused)
    assert outcome.stale
    assert books.accounts["7"]["name"] == "Theirs"


def test_who_is_faster_twice_is_left_to_the_next_run() -> None:
    books = StrictBooks(demands="etag")
    books.add("7", name="Old")
    books.meddle = lambda books: books.edit("7", note="busy")
    with serve(books) as server:
        outcome = change(server, {"name": "Old"}, {("name",): "New"})
    assert isinstance(outcome, Refused)
    assert outcome.stale
    assert server.paths() == ["GET /accounts/7", "PUT /accounts/7"] * 2


def test_a_record_that_changed_since_the_plan_is_not_written() -> None:
    books = StrictBooks()
    books.add("7", name="Theirs")
    with serve(books) as server:
        outcome = change(server, {"name": "Old"}, {("name",): "New"})
    assert isinstance(outcome, Refused)
    assert outcome.stale
    assert server.paths() == ["GET /accounts/7"]


@pytest.mark.parametrize("call", [UPDATE, PLAIN, VERSIONED], ids=["etag", "plain", "version"])
def test_a_lost_answer_is_settled_by_reading(call: WriteCall) -> None:
    books = StrictBooks(lose=1, demands=call.precondition.value.replace("none", ""))
    books.add("7", name="Old")
    with serve(books) as server:
        outcome = change(server, {"name": "Old"}, {("name",): "New"}, call)
    assert isinstance(outcome, Written)
    assert books.accounts["7"]["version"] == 2
    assert books.accounts["7"]["name"] == "New"


def test_without_a_precondition_a_whole_is_never_sent_blindly_twice() -> None:
    books = StrictBooks(lose=1)
    books.add("7", name="Old", note="")

    def edit_after(books: StrictBooks) -> None:
        books.edit("7", note="theirs")

    with serve(books) as server:
        connector_sees = {"name": "Old"}
        books.meddle = once(edit_after)
        outcome = change(server, connector_sees, {("name",): "New"}, PLAIN)
    assert isinstance(outcome, Written)
    assert server.paths() == ["GET /accounts/7", "PUT /accounts/7", "GET /accounts/7"]


def test_a_record_that_is_gone_is_gone() -> None:
    with serve(StrictBooks()) as server:
        outcome = change(server, {"name": "Old"}, {("name",): "New"})
    assert isinstance(outcome, Refused)
    assert outcome.gone


def test_an_answer_without_an_etag_is_no_reason_to_write_without() -> None:
    books = StrictBooks(demands="etag")
    books.add("7", name="Old")
    header = replace(UPDATE, precondition=Precondition.VERSION_HEADER, version=("revision",))
    with serve(books) as server, pytest.raises(MalformedResponseError, match="no version"):
        change(server, {}, {("name",): "New"}, header)
    assert server.paths() == ["GET /accounts/7"]


def test_a_part_may_carry_a_precondition_too() -> None:
    call = replace(UPDATE, method="PATCH", body=BodyStyle.MERGE)
    books = StrictBooks(demands="etag")
    books.add("7", name="Old", note="")
    books.meddle = once(lambda books: books.edit("7", note="theirs"))
    with serve(books) as server:
        outcome = change(server, {"name": "Old"}, {("name",): "New"}, call)
    assert isinstance(outcome, Written)
    assert server.received[-1].body == {"account": {"name": "New"}}
    assert books.accounts["7"]["note"] == "theirs"


def test_an_object_of_which_a_part_changes_goes_whole() -> None:
    books = StrictBooks()
    books.add("7", name="Old", note="kept", address={"id": 9, "city": "Bergen", "zip": "5003"})
    call = replace(PLAIN, method="PATCH", body=BodyStyle.MERGE_OBJECTS)
    with serve(books) as server:
        outcome = change(server, {"name": "Old"}, {("address", "city"): "Oslo"}, call)
    assert isinstance(outcome, Written)
    # The server takes what is sent of an object for all of it.
    assert server.received[-1].body == {
        "account": {"address": {"id": 9, "city": "Oslo", "zip": "5003"}}
    }
    assert books.accounts["7"]["address"] == {"id": 9, "city": "Oslo", "zip": "5003"}
    assert books.accounts["7"]["note"] == "kept"
