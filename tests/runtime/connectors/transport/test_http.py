"""What becomes of a request: retries, errors, tokens; against real servers on loopback."""

import socket
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from threading import Event

import pytest
from specbridge.errors import (
    ApiError,
    AuthenticationError,
    MalformedResponseError,
    ProfileError,
    RefusedError,
    ServerError,
    SettingsError,
    ThrottledError,
    UnreachableError,
)
from specbridge.model.calls import ReadCall
from specbridge.model.profile import AuthScheme, AuthStyle, Limit, Profile
from specbridge.model.values import Json
from specbridge.runtime.connectors.build import build_connector
from specbridge.runtime.connectors.transport.connections import open_client
from specbridge.runtime.connectors.transport.credentials.authorizing import build_authorizer
from specbridge.runtime.connectors.transport.environment import read_base_url, read_patience
from specbridge.runtime.connectors.transport.http import Place, Transport
from specbridge.runtime.connectors.transport.messages import Request
from specbridge.runtime.connectors.transport.retry import RetryPolicy

from tests.runtime.connectors.clocks import ManualTime
from tests.runtime.connectors.servers import (
    Answering,
    LoopbackServer,
    Received,
    Reply,
    replies,
    serving,
)

TOKEN_SCHEME = AuthScheme(
    style=AuthStyle.CLIENT_CREDENTIALS,
    user="{KEY}",
    password="{SECRET}",
    token_url="{BASE_URL}/token",
    headers={"X-Subscription": "{SUBSCRIPTION}"},
)
PROFILE = Profile(
    name="acme-books",
    labels=("Acme",),
    base_url="https://{HOST}",
    resources=(),
    errors=(("detail",), ("errors[]", "title"), ("error",)),
    busy=("TooManyJobs",),
)
PROBED = replace(PROFILE, probe=ReadCall(path="/me"))
READ = Request(method="GET", path="/things", query={"email": "ola@nordmann.example"}, safe=True)
POST = Request(method="POST", path="/things", body={"name": "Ola"})


@dataclass
class Bench:
    """A transport to a running server, and the time that passed."""

    transport: Transport
    server: LoopbackServer
    time: ManualTime


def place_of(base_url: str, time: ManualTime) -> Place:
    return Place(base_url=base_url, clock=time.clock(), closing=Event(), retry=RetryPolicy())


@contextmanager
def bench(answer: Answering, profile: Profile = PROFILE) -> Iterator[Bench]:
    time = ManualTime()
    with serving(answer) as server:
        environment = {
            "ACME_BOOKS_BASE_URL": server.base_url,
            "ACME_BOOKS_KEY": "app",
            "ACME_BOOKS_SECRET": "s3cret",
            "ACME_BOOKS_SUBSCRIPTION": "sub",
        }
        base_url = read_base_url(profile, environment)
        _, authorizer = build_authorizer(profile, environment, time.clock())
        with open_client(base_url, 4) as client:
            transport = Transport(profile, client, authorizer, place_of(base_url, time))
            yield Bench(transport, server, time)


OK = Reply(body={"ok": True})
THROTTLED = Reply(
    status=429, body={"errors": [{"title": "Slow down"}]}, headers={"Retry-After": "7"}
)
BROKEN = Reply(status=500, body={"detail": "Oops"})
RESET = Reply(reset=True)
GARBLED = Reply(text='{"rows": [')
BUSY = Reply(status=400, body={"error": "TooManyJobs", "description": "…"})


@pytest.mark.parametrize("trouble", [THROTTLED, BROKEN, RESET, GARBLED, BUSY])
def test_a_read_goes_on_after_trouble(trouble: Reply) -> None:
    with bench(replies(trouble, trouble, OK)) as it:
        assert it.transport.send(READ).body == {"ok": True}
        assert len(it.server.received) == it.transport.usage.read == 3
        assert it.transport.usage.retried == 2


@pytest.mark.parametrize(
    ("trouble", "error"),
    [
        (THROTTLED, ThrottledError),
        (BROKEN, ServerError),
        (RESET, UnreachableError),
        (GARBLED, MalformedResponseError),
    ],
)
def test_trouble_without_end_is_raised(trouble: Reply, error: type[ApiError]) -> None:
    with bench(replies(trouble)) as it:
        with pytest.raises(error, match="acme-books: GET /things") as caught:
            it.transport.send(READ)
        assert "nordmann" not in str(caught.value)
        assert len(it.server.received) <= RetryPolicy().attempts


@pytest.mark.parametrize("trouble", [BROKEN, RESET, GARBLED])
def test_a_post_that_may_have_happened_is_never_repeated(trouble: Reply) -> None:
    with bench(replies(trouble, OK)) as it:
        with pytest.raises(ApiError):
            it.transport.send(POST)
        assert len(it.server.received) == 1


@pytest.mark.parametrize("trouble", [THROTTLED, BUSY])
def test_a_post_that_was_turned_away_is_repeated(trouble: Reply) -> None:
    with bench(replies(trouble, OK)) as it:
        assert it.transport.send(POST).ok
        assert (it.transport.usage.write, it.transport.usage.throttled) == (2, 1)


def test_retry_after_is_waited_for() -> None:
    with bench(replies(THROTTLED, OK)) as it:
        it.transport.send(READ)
        assert it.time.seconds >= 7.0


def test_a_wish_beyond_patience_is_not_waited_for() -> None:
    hour = Reply(status=429, headers={"Retry-After": "3600"})
    with bench(replies(hour)) as it:
        with pytest.raises(ThrottledError):
            it.transport.send(READ)
        assert it.time.seconds < RetryPolicy().patience


def test_refusals_are_returned_and_fetch_raises_them_masked() -> None:
    reply = Reply(status=422, body={"detail": "Email: ola@nordmann.example is\n already used"})
    with bench(replies(reply)) as it:
        assert it.transport.send(POST).status == 422
        with pytest.raises(RefusedError, match=r"422: Email: … is already used$") as caught:
            it.transport.fetch(READ)
        assert caught.value.status == 422


def test_a_missing_privilege_is_an_authentication_error() -> None:
    with bench(replies(Reply(status=403))) as it, pytest.raises(AuthenticationError, match="403"):
        it.transport.fetch(READ)


def test_nothing_listens() -> None:
    time = ManualTime()
    # Bound, so that nobody else gets the port meanwhile, and deaf.
    with socket.socket() as deaf:
        deaf.bind(("127.0.0.1", 0))
        address = f"http://127.0.0.1:{deaf.getsockname()[1]}"
        _send_to_nobody(address, time)


def _send_to_nobody(address: str, time: ManualTime) -> None:
    with open_client(address, 1) as client:
        _, authorizer = build_authorizer(PROFILE, {}, time.clock())
        transport = Transport(PROFILE, client, authorizer, place_of(address, time))
        with pytest.raises(UnreachableError, match="acme-books: POST /things"):
            transport.send(POST)
    assert transport.usage.write == RetryPolicy().reconnects


def with_token(*given: Reply) -> Answering:
    """Answer token calls with a new token each time, and the rest as given."""
    tokens = iter(range(1, 100))
    rest = replies(*given)

    def answer(request: Received) -> Reply:
        if request.path == "/token":
            return Reply(body={"access_token": f"t{next(tokens)}", "expires_in": 600})
        return rest(request)

    return answer


TOKEN_PROFILE = Profile(
    name="acme-books",
    labels=("Acme",),
    base_url="https://acme.example",
    resources=(),
    auth=(TOKEN_SCHEME,),
    errors=(("error",),),
)


def test_a_token_is_fetched_once_with_all_keys() -> None:
    with bench(with_token(OK), TOKEN_PROFILE) as it:
        it.transport.send(READ)
        it.transport.send(READ)
        assert it.server.paths() == ["POST /token", "GET /things", "GET /things"]
        token, read, _ = it.server.received
        assert token.text == "grant_type=client_credentials"
        assert token.headers["authorization"] == "Basic YXBwOnMzY3JldA=="
        assert token.headers["x-subscription"] == read.headers["x-subscription"] == "sub"
        assert read.headers["authorization"] == "Bearer t1"
        assert (it.transport.usage.read, it.transport.usage.write) == (2, 0)


def test_a_token_is_renewed_before_it_expires() -> None:
    with bench(with_token(OK), TOKEN_PROFILE) as it:
        it.transport.send(READ)
        it.time.sleep(539)
        it.transport.send(READ)
        it.time.sleep(2)
        it.transport.send(READ)
        used = [one.headers["authorization"] for one in it.server.received if one.path != "/token"]
        assert used == ["Bearer t1", "Bearer t1", "Bearer t2"]


def test_a_token_that_is_refused_is_replaced_once() -> None:
    refused = Reply(status=401, body={"error": "expired"})
    with bench(with_token(refused, OK), TOKEN_PROFILE) as it:
        assert it.transport.send(READ).ok
        assert it.server.received[-1].headers["authorization"] == "Bearer t2"
    with bench(with_token(refused), TOKEN_PROFILE) as it:
        with pytest.raises(AuthenticationError, match="401: expired"):
            it.transport.send(READ)
        assert len(it.server.received) == 4


def test_wrong_keys_are_told_without_quoting_anything() -> None:
    reply = Reply(status=400, body={"error": "invalid_client", "error_description": "app s3cret"})
    with bench(replies(reply), TOKEN_PROFILE) as it:
        with pytest.raises(AuthenticationError, match="invalid_client") as caught:
            it.transport.send(READ)
        assert "s3cret" not in str(caught.value)


def test_a_json_token_call_states_scope_and_life() -> None:
    scheme = AuthScheme(
        style=AuthStyle.CLIENT_CREDENTIALS,
        user="{KEY}",
        password="{SECRET}",
        token_url="{BASE_URL}/token",
        body_style="json",
        scope="read write",
        expires_in=7200,
    )
    profile = Profile(
        name="acme-books", labels=("A",), base_url="https://a.example", resources=(), auth=(scheme,)
    )
    with bench(with_token(OK), profile) as it:
        it.transport.send(READ)
        assert it.server.received[0].body == {
            "grant_type": "client_credentials",
            "scope": "read write",
            "client_id": "app",
            "client_secret": "s3cret",
            "expires_in": 7200,
        }


@pytest.mark.parametrize(
    "url", ["http://acme.example", "ftp://acme.example", "acme.example", "https://"]
)
def test_credentials_travel_over_tls_only(url: str) -> None:
    with pytest.raises(SettingsError, match="acme-books"):
        read_base_url(PROFILE, {"ACME_BOOKS_BASE_URL": url})


@pytest.mark.parametrize("url", ["http://127.0.0.1:80", "http://localhost", "http://[::1]:8080"])
def test_this_machine_needs_no_tls(url: str) -> None:
    assert read_base_url(PROFILE, {"ACME_BOOKS_BASE_URL": f"{url}/"}) == url


def test_missing_variables_are_named() -> None:
    with pytest.raises(SettingsError, match="ACME_BOOKS_BASE_URL, or ACME_BOOKS_HOST"):
        read_base_url(PROFILE, {})
    with pytest.raises(AuthenticationError, match="ACME_BOOKS_SECRET and ACME_BOOKS_SUBSCRIPTION"):
        build_authorizer(TOKEN_PROFILE, {"ACME_BOOKS_KEY": "k"}, ManualTime().clock())


def test_the_first_scheme_whose_variables_are_set_is_taken() -> None:
    schemes = (
        AuthScheme(style=AuthStyle.BEARER, token="{OAUTH_TOKEN}"),
        AuthScheme(style=AuthStyle.BASIC, user="{EMAIL}/token", password="{API_TOKEN}"),
    )
    profile = Profile(
        name="acme-books", labels=("A",), base_url="https://a.example", resources=(), auth=schemes
    )
    environment = {"ACME_BOOKS_EMAIL": "a@b.example", "ACME_BOOKS_API_TOKEN": "x"}
    scheme, authorizer = build_authorizer(profile, environment, ManualTime().clock())
    assert scheme is schemes[1]
    assert authorizer.headers == {"Authorization": "Basic YUBiLmV4YW1wbGUvdG9rZW46eA=="}
    assert "YUBi" not in repr(authorizer)
    environment["ACME_BOOKS_OAUTH_TOKEN"] = "o"
    assert build_authorizer(profile, environment, ManualTime().clock())[0] is schemes[0]


@pytest.mark.parametrize(
    "link",
    [
        "https://evil.example/x",
        "//evil.example/x",
        "https://127.0.0.1:{port}/x",
        "http://127.0.0.1:1/x",
        "http://127.0.0.1/x",
        "http://me@127.0.0.1:{port}/x",
        "http://127.0.0.1:{port}@evil.example/x",
        "http://127.0.0.1:{port}.evil.example/x",
        "http://[x",
        "/\x01",
        "/" + "x" * 70_000,
        "mailto:a@b",
    ],
)
def test_links_may_not_lead_elsewhere(link: str) -> None:
    with bench(replies(OK)) as it:
        port = it.server.base_url.rpartition(":")[2]
        with pytest.raises(MalformedResponseError, match="acme-books: a link"):
            it.transport.below(link.format(port=port))
        assert it.transport.below("/x?p=2") == f"{it.server.base_url}/x?p=2"
        assert (
            it.transport.below(f"{it.server.base_url}/x?p=2,3") == f"{it.server.base_url}/x?p=2,3"
        )


@pytest.mark.parametrize(
    "path", ["@evil.example/x", ".evil.example/x", ":1/x", "http://a.example/x"]
)
def test_no_request_leaves_for_another_host(path: str) -> None:
    with bench(replies(OK)) as it:
        with pytest.raises(ProfileError, match="another host"):
            it.transport.send(replace(READ, path=path))
        assert it.server.received == []


@pytest.mark.parametrize("query", ["\ud800", "x" * 70_000])
def test_what_fits_no_address_is_malformed(query: str) -> None:
    with bench(replies(OK)) as it, pytest.raises(MalformedResponseError, match="no address"):
        it.transport.send(replace(READ, query={"cursor": query}))


@pytest.mark.parametrize(
    "body",
    [
        None,
        [],
        {"access_token": None},
        {"access_token": ""},
        {"access_token": 7},
        {"access_token": "a\u2603"},
        {"access_token": "a\r\nX-A: b"},
        {"access_token": " a"},
    ],
)
def test_a_token_that_no_header_can_carry_is_malformed(body: Json) -> None:
    with bench(replies(Reply(body=body)), TOKEN_PROFILE) as it:
        with pytest.raises(MalformedResponseError, match=r"POST /token: .*access_token") as caught:
            it.transport.send(READ)
        assert "X-A" not in str(caught.value)


@pytest.mark.parametrize("life", ["soon", "\u00b2", -1, 0, None, [], "nan", "inf", 10**400])
def test_a_token_s_life_that_is_none_is_a_while(life: Json) -> None:
    with bench(replies(Reply(body={"access_token": "t", "expires_in": life})), TOKEN_PROFILE) as it:
        it.transport.send(READ)
        it.time.sleep(200)
        it.transport.send(READ)
        assert it.server.paths().count("POST /token") == 1
        it.time.sleep(86_400)
        it.transport.send(READ)
        assert it.server.paths().count("POST /token") == 2


@pytest.mark.parametrize("token", ["two\nlines", "a\u2603", "tab\ttab"])
def test_a_key_that_no_header_can_carry_is_named_and_not_told(token: str) -> None:
    scheme = AuthScheme(style=AuthStyle.BEARER, token="{OAUTH_TOKEN}")
    profile = replace(PROFILE, auth=(scheme,))
    environment = {"ACME_BOOKS_OAUTH_TOKEN": token}
    with pytest.raises(AuthenticationError, match="ACME_BOOKS_OAUTH_TOKEN") as caught:
        build_authorizer(profile, environment, ManualTime().clock())
    assert token not in str(caught.value)


@pytest.mark.parametrize(
    "url",
    [
        "https://me:s3cret@acme.example",
        "https://s3cret@acme.example",
        "https://acme.example?key=s3cret",
        "https://acme.example/#s3cret",
        "https://acme.example:99999",
        "https://acme.example:0",
        "https://acme.example:s3cret",
        "https://acme.example\\@s3cret",
        "https://ac me.example",
        "https://[s3cret",
        "s3cret",
        "http://127.s3cret.example",
    ],
)
def test_an_address_that_is_none_is_named_by_its_variable(url: str) -> None:
    with pytest.raises(SettingsError, match="acme-books: ACME_BOOKS_BASE_URL ") as caught:
        read_base_url(PROFILE, {"ACME_BOOKS_BASE_URL": url})
    assert "s3cret" not in str(caught.value) or url.startswith("http://127.")


@pytest.mark.parametrize(("text", "seconds"), [("", 300.0), ("0", 0.0), (" 2.5 ", 2.5)])
def test_patience_is_set_by_the_environment(text: str, seconds: float) -> None:
    assert read_patience({"SPECBRIDGE_PATIENCE": text}, 300.0) == seconds


@pytest.mark.parametrize("text", ["soon", "-1", "nan", "inf"])
def test_a_patience_that_is_no_number_of_seconds_is_an_error(text: str) -> None:
    with pytest.raises(SettingsError, match="SPECBRIDGE_PATIENCE"):
        build_connector(
            PROFILE,
            {"ACME_BOOKS_BASE_URL": "https://acme.example", "SPECBRIDGE_PATIENCE": text},
        )


def test_an_impatient_connector_gives_up_at_once() -> None:
    time = ManualTime()
    with serving(replies(BROKEN)) as server:
        environment = {"ACME_BOOKS_BASE_URL": server.base_url, "SPECBRIDGE_PATIENCE": "0.5"}
        connector = build_connector(PROBED, environment, make_clock=time.maker())
        try:
            findings = list(connector.diagnose())
        finally:
            connector.close()
    assert [one.well for one in findings] == [False]
    assert time.seconds <= 0.5
    assert len(server.received) < RetryPolicy().attempts


def test_a_daily_limit_that_a_refusal_names_ends_the_run_at_once() -> None:
    day = Limit(requests=1000, seconds=86_400.0, words=("DAILY",), stops=True)
    burst = Limit(requests=100, seconds=10.0)
    refused = Reply(status=429, body={"error": "limit", "policyName": "DAILY"})
    with bench(replies(refused), replace(PROFILE, limits=(day, burst))) as one:
        for _ in range(2):
            with pytest.raises(ThrottledError, match="run again later"):
                one.transport.send(READ)
        # No second request is sent in vain, and nobody waits.
        assert len(one.server.received) == 1
        assert one.time.seconds < 1.0


def test_a_burst_that_a_refusal_names_is_waited_for() -> None:
    day = Limit(requests=1000, seconds=86_400.0, words=("DAILY",), stops=True)
    refused = Reply(status=429, body={"error": "limit", "policyName": "TEN_SECONDLY"})
    with bench(replies(refused, OK), replace(PROFILE, limits=(day,))) as one:
        assert one.transport.send(READ).ok


def test_a_status_may_mean_busy() -> None:
    locked = Reply(status=423, body={"error": "locked"})
    with bench(replies(locked, OK), replace(PROFILE, busy_statuses=(423,))) as one:
        assert one.transport.send(POST).ok
        assert 0.5 < one.time.seconds < 5.0
    moving = Reply(status=477, headers={"Retry-After": "86400"})
    with (
        bench(replies(moving), replace(PROFILE, busy_statuses=(477,))) as one,
        pytest.raises(ThrottledError),
    ):
        one.transport.send(READ)
