"""Whether a record is gone: only its system's own word tells, never a list that lacks it."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace

import pytest
from specbridge.errors import ApiError, MalformedResponseError, UnexpectedStatusError
from specbridge.model.calls import LookupCall, ReadCall, WriteCall
from specbridge.model.profile import Profile, Resource
from specbridge.model.values import Json
from specbridge.runtime.connectors.build import build_connector
from specbridge.runtime.records import Change, Connector, Record, Tombstone

from tests.runtime.connectors.clocks import ManualTime
from tests.runtime.connectors.servers import LoopbackServer, Received, Reply, serving

THINGS = Resource(
    name="Things",
    id=("id",),
    list=ReadCall(path="/things", items=("things",), tombstones=((("removed",), True),)),
    read=WriteCall(method="GET", path="/things/{id}", wrap=("thing",)),
)
BY_OWNER = replace(
    THINGS, read=WriteCall(method="GET", path="/owners/{owner}/things/{id}", wrap=("thing",))
)
TOGETHER = replace(
    THINGS,
    read_many=LookupCall(
        path="/things", property=("id",), parameter="ids", items=("things",), size=100
    ),
)
NAMES = frozenset({"name", "owner"})


@contextmanager
def connected(
    resource: Resource, answers: Mapping[str, Reply]
) -> Iterator[tuple[Connector, LoopbackServer]]:
    """Connect to a server that answers paths so, and 404 to all others."""

    def answer(request: Received) -> Reply:
        return answers.get(request.path, Reply(status=404))

    profile = Profile(name="acme", labels=("Acme",), base_url="{URL}", resources=(resource,))
    with serving(answer) as server:
        environment = {"ACME_BASE_URL": server.base_url}
        connector = build_connector(profile, environment, make_clock=ManualTime().maker())
        try:
            yield connector, server
        finally:
            connector.close()


def listed(*rows: Json) -> Reply:
    return Reply(body={"things": list(rows)})


def thing(number: int, **more: Json) -> dict[str, Json]:
    return {"id": number, "name": "x", **more}


def known(*numbers: int, **more: Json) -> list[Record]:
    return [Record(str(number), "", more) for number in numbers]


def found(connector: Connector, records: Sequence[Record], **how: bool) -> list[Change]:
    return sorted(connector.look_again("Things", records, NAMES, **how), key=lambda one: one.id)


@pytest.mark.parametrize("status", [404, 410])
@pytest.mark.parametrize("resource", [THINGS, TOGETHER], ids=["singly", "together"])
def test_what_a_list_lacks_is_asked_for_alone(resource: Resource, status: int) -> None:
    one = Reply(body={"thing": thing(1)})
    answers = {"/things": listed(), "/things/1": one, "/things/2": Reply(status=status)}
    with connected(resource, answers) as (connector, _):
        first, second = found(connector, known(1, 2))
    assert isinstance(first, Record)
    assert second == Tombstone("2")


def test_many_are_listed_first_unless_they_just_were() -> None:
    answers = {"/things": listed(*(thing(n) for n in range(20)))}
    with connected(THINGS, answers) as (connector, server):
        changes = found(connector, known(*range(21)))
        assert changes.count(Tombstone("20")) == 1
        assert len(changes) == 21
        assert server.paths() == ["GET /things", "GET /things/20"]
        server.received.clear()
        found(connector, known(*range(21)), listed=True)
        assert "GET /things" not in server.paths()


def test_a_mark_is_the_system_s_word() -> None:
    answers = {
        "/things": listed(thing(1, removed=True)),
        "/things/2": Reply(body={"thing": thing(2, removed=True)}),
    }
    with connected(TOGETHER, answers) as (connector, _):
        assert found(connector, known(1, 2)) == [Tombstone("1"), Tombstone("2")]


def test_an_address_that_needs_more_is_filled_with_what_was_last_seen() -> None:
    answers = {"/things": listed(), "/owners/7/things/1": Reply(body={"thing": thing(1, owner=7)})}
    with connected(BY_OWNER, answers) as (connector, _):
        (change,) = found(connector, known(1, owner=7))
        assert isinstance(change, Record)
        # Nothing says whose it is: it cannot be asked for, and is not gone for that.
        assert found(connector, known(1)) == []


def test_without_a_call_for_one_record_nothing_is_gone() -> None:
    with connected(replace(THINGS, read=None), {"/things": listed()}) as (connector, _):
        assert found(connector, known(1, 2)) == []


ANSWERS: tuple[tuple[Reply, type[ApiError]], ...] = (
    (Reply(status=302), UnexpectedStatusError),
    (Reply(), MalformedResponseError),
    (Reply(status=204), MalformedResponseError),
    (Reply(body={"thing": None}), MalformedResponseError),
    (Reply(body={"thing": thing(2)}), MalformedResponseError),
    (Reply(body={"message": "welcome"}), MalformedResponseError),
    (Reply(text="<html>"), MalformedResponseError),
)


@pytest.mark.parametrize(("reply", "error"), ANSWERS)
def test_no_other_answer_means_gone(reply: Reply, error: type[ApiError]) -> None:
    with connected(THINGS, {"/things/1": reply}) as (connector, _), pytest.raises(error):
        found(connector, known(1))


@pytest.mark.parametrize("path", ["/things", "/things/1"])
def test_a_refused_reading_is_an_error(path: str) -> None:
    answers = {"/things": listed(), path: Reply(status=403)}
    with connected(TOGETHER, answers) as (connector, _), pytest.raises(ApiError):
        found(connector, known(1))


@pytest.mark.parametrize(
    "reply", [Reply(), Reply(body={"things": None}), Reply(body=[]), Reply(status=202)]
)
def test_a_list_without_rows_says_so(reply: Reply) -> None:
    said = pytest.raises(MalformedResponseError, match="acme: /things: the answer 20")
    with connected(THINGS, {"/things": reply}) as (connector, _), said:
        list(connector.read_changes("Things", None, NAMES))


@pytest.mark.parametrize("reply", [Reply(status=204), listed()])
def test_no_rows_are_204_or_an_empty_list(reply: Reply) -> None:
    with connected(THINGS, {"/things": reply}) as (connector, _):
        (page,) = connector.read_changes("Things", None, NAMES)
        assert page.changes == ()


MERGING = replace(
    THINGS, read=WriteCall(method="GET", path="/things/{id}", wrap=("thing",), merges=True)
)


def test_a_record_that_was_merged_into_another_is_gone_where_the_profile_says_so() -> None:
    answers = {"/things/1": Reply(body={"thing": thing(9)})}
    with connected(MERGING, answers) as (connector, _):
        assert found(connector, known(1)) == [Tombstone("1", into="9")]
    with connected(THINGS, answers) as (connector, _), pytest.raises(MalformedResponseError):
        found(connector, known(1))


def test_an_answer_without_an_id_is_no_merged_record() -> None:
    answers = {"/things/1": Reply(body={"thing": {"name": "x"}})}
    with connected(MERGING, answers) as (connector, _), pytest.raises(MalformedResponseError):
        found(connector, known(1))
