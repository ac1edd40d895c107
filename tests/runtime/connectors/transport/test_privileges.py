"""What the credentials may not do: a matter of single records, or of all of them."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime

import pytest
from specbridge.errors import AuthenticationError
from specbridge.model.calls import ReadCall, WriteCall
from specbridge.model.profile import Profile, Resource
from specbridge.model.values import Json
from specbridge.profiles.load import load_profiles
from specbridge.runtime.connectors.build import build_connector
from specbridge.runtime.connectors.transport.clock import Clock
from specbridge.runtime.records import Create, Finding, Outcome, Record, Refused, Update, Written
from specbridge.sandbox.running import Sandbox

from tests.runtime.connectors.clocks import ManualTime
from tests.runtime.connectors.servers import Received, Reply, serving

PROFILE = Profile(
    name="acme",
    labels=("Acme",),
    base_url="https://acme.example",
    errors=(("error",),),
    resources=(
        Resource(
            name="Things",
            id=("id",),
            list=ReadCall(path="/things", items=("things",)),
            read=WriteCall(method="GET", path="/things/{id}"),
            create=WriteCall(method="POST", path="/things"),
            update=WriteCall(method="PUT", path="/things/{id}"),
        ),
    ),
)
FORBIDDEN = Reply(status=403, body={"error": "Forbidden"})


def write(count: int, allowed: frozenset[str], stale: int = 0) -> Iterator[Outcome]:
    """Change things, of which the server lets only those with the allowed ids be changed."""

    def answer(request: Received) -> Reply:
        identifier = request.path.rpartition("/")[2]
        if request.method == "PUT" and identifier not in allowed:
            return FORBIDDEN
        rows: list[dict[str, Json]] = [
            {"id": str(n), "name": "new" if n < stale else "old"} for n in range(count)
        ]
        if identifier == "things":
            return Reply(body={"things": list(rows)})
        return Reply(body=dict(rows[int(identifier)]))

    writes = [
        Update(key=str(n), current=Record(str(n), "", {"name": "old"}), changes={("name",): "x"})
        for n in range(count)
    ]
    with serving(answer) as server:
        connector = build_connector(
            PROFILE, {"ACME_BASE_URL": server.base_url}, make_clock=ManualTime().maker()
        )
        try:
            yield from connector.write_records("Things", writes, frozenset({"name"}))
        finally:
            connector.close()


@pytest.mark.parametrize("count", [1, 3])
def test_a_few_refusals_are_refusals(count: int) -> None:
    outcomes = list(write(count, frozenset()))
    assert [isinstance(one, Refused) and one.status for one in outcomes] == [403] * count


def test_one_that_goes_through_shows_that_the_others_are_a_matter_of_their_own() -> None:
    outcomes = list(write(30, frozenset({"17"})))
    assert sum(isinstance(one, Refused) for one in outcomes) == 29
    assert [one.key for one in outcomes if isinstance(one, Written)] == ["17"]


@pytest.mark.parametrize("stale", [0, 2])
def test_when_all_are_refused_the_privilege_is_named(stale: int) -> None:
    pattern = "acme: Things: all 8 writes were refused with 403.*privilege to change Things"
    with pytest.raises(AuthenticationError, match=pattern):
        list(write(8 + stale, frozenset(), stale))


def test_creations_are_named_apart() -> None:
    with serving(lambda _request: FORBIDDEN) as server:
        connector = build_connector(
            PROFILE, {"ACME_BASE_URL": server.base_url}, make_clock=ManualTime().maker()
        )
        writes = [
            Create(key=str(n), properties={"name": "x"}, external_reference="") for n in range(5)
        ]
        try:
            with pytest.raises(AuthenticationError, match="privilege to create Things"):
                list(connector.write_records("Things", writes, frozenset()))
        finally:
            connector.close()


def diagnose(sandbox: Sandbox, now: datetime, ends: str = "2027-04-30") -> list[Finding]:
    profile = load_profiles()["zendesk"]
    basic = replace(profile.auth[-1], ends=ends)
    secrets = sandbox.credentials
    environment = {
        "ZENDESK_BASE_URL": sandbox.environment["ZENDESK_BASE_URL"],
        "ZENDESK_EMAIL": secrets.email,
        "ZENDESK_API_TOKEN": secrets.api_token,
    }

    def clock(_closing: object) -> Clock:
        return replace(ManualTime().clock(), now=lambda: now)

    schemes = (*profile.auth[:-1], basic)
    connector = build_connector(replace(profile, auth=schemes), environment, make_clock=clock)
    try:
        return [one for one in connector.diagnose() if one.subject == "expiry"]
    finally:
        connector.close()


def test_credentials_that_will_end_are_warned_of(sandbox: Sandbox) -> None:
    (found,) = diagnose(sandbox, datetime(2026, 11, 23, tzinfo=UTC))
    assert (found.well, found.warning) == (True, True)
    assert "end on 2027-04-30, in 158 days: change to bearer or client-credentials" in found.message


def test_credentials_that_ended_are_not_well(sandbox: Sandbox) -> None:
    (found,) = diagnose(sandbox, datetime(2027, 5, 1, tzinfo=UTC))
    assert not found.well


def test_credentials_without_an_end_are_not_mentioned(sandbox: Sandbox) -> None:
    assert diagnose(sandbox, datetime(2027, 5, 1, tzinfo=UTC), ends="") == []


def test_the_profile_knows_when_api_tokens_end() -> None:
    assert [one.ends for one in load_profiles()["zendesk"].auth] == ["", "", "2027-04-30"]
