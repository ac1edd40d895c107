"""Keys in headers and addresses, tokens of sessions, secrets in files; against servers that insist on them."""

import base64
import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from specbridge.errors import AuthenticationError, ProfileError, SettingsError
from specbridge.profiles.load import read_profile
from specbridge.runtime.connectors.build import build_connector
from specbridge.runtime.records import Connector

from tests.runtime.connectors.clocks import ManualTime
from tests.runtime.connectors.servers import Answering, LoopbackServer, Received, Reply, serving

PROFILE = """
name = "books"
labels = ["Books"]
base_url = "https://books.example"
errors = ["error"]

[[resources]]
name = "Accounts"
id = "id"
properties = [{ path = "id" }]
list = { path = "/accounts", paging = { style = "link" } }

[[auth]]
"""
SESSION = """
style = "session"
token_url = "{BASE_URL}/session"
token_method = "PUT"
token_query = { company = "{COMPANY}" }
token_body = { login = { user = "{LOGIN}", secret = "{SECRET}" } }
body_style = "json"
token_path = "value.token"
expires_path = "value.seconds"
user = "0"
token_text = "Basic {basic}"
"""
LOGIN = {"BOOKS_COMPANY": "c&1", "BOOKS_LOGIN": "ola", "BOOKS_SECRET": "s3cret-word"}


@contextmanager
def connected(
    scheme: str, answer: Answering, environment: Mapping[str, str], time: ManualTime | None = None
) -> Iterator[tuple[Connector, LoopbackServer]]:
    with serving(answer) as server:
        profile = read_profile(PROFILE + scheme, "books.toml")
        known = {**environment, "BOOKS_BASE_URL": server.base_url}
        built = build_connector(profile, known, make_clock=(time or ManualTime()).maker())
        try:
            yield built, server
        finally:
            built.close()


def read(connector: Connector) -> int:
    pages = connector.read_changes("Accounts", None, frozenset({"id"}))
    return sum(len(page.changes) for page in pages)


@dataclass
class Sessions:
    """A server whose tokens end: after ten minutes by its word, and whenever a test ends them."""

    tokens: list[str] = field(default_factory=list)
    asked: list[Received] = field(default_factory=list)

    def answer(self, request: Received) -> Reply:
        if request.path == "/session":
            self.asked.append(request)
            self.tokens.append(f"token-{len(self.asked)}")
            return Reply(body={"value": {"token": self.tokens[-1], "seconds": 600}})
        sent = request.headers.get("authorization", "").removeprefix("Basic ")
        user, _, token = base64.b64decode(sent).decode().partition(":")
        return (
            Reply(body=[{"id": 1}])
            if (user, token) == ("0", self.tokens[-1])
            else Reply(status=401)
        )


def test_a_session_s_token_is_fetched_kept_and_fetched_anew() -> None:
    sessions, time = Sessions(), ManualTime()
    with connected(SESSION, sessions.answer, LOGIN, time) as (connector, _):
        assert read(connector) + read(connector) == 2
        assert len(sessions.asked) == 1
        time.sleep(600)
        assert read(connector) == 1
        assert len(sessions.asked) == 2
        # Somebody else's login has ended it early.
        sessions.tokens.append("another")
        sessions_before = len(sessions.asked)
        assert read(connector) == 1
        assert len(sessions.asked) == sessions_before + 1
    first = sessions.asked[0]
    assert (first.method, first.query) == ("PUT", {"company": "c&1"})
    assert json.loads(first.text) == {"login": {"user": "ola", "secret": "s3cret-word"}}


def test_a_session_that_is_refused_names_no_secret() -> None:
    def refuse(request: Received) -> Reply:
        return Reply(status=403, body={"error": f"bad {request.text}"})

    with (
        connected(SESSION, refuse, LOGIN) as (connector, _),
        pytest.raises(AuthenticationError, match="no token was given") as caught,
    ):
        read(connector)
    assert "s3cret-word" not in str(caught.value)


def test_a_key_in_the_address_goes_with_every_request_and_into_no_message() -> None:
    def answer(request: Received) -> Reply:
        if request.query.get("api_key") != "k3y w&rd":
            return Reply(status=401, body={"error": request.query["api_key"]})
        if "after" not in request.query:
            return Reply(body=[{"id": 1}], headers={"Link": '</accounts?after=1>; rel="next"'})
        return Reply(body=[{"id": 2}])

    scheme = 'style = "api-key"\nquery = { api_key = "{API_KEY}" }\n'
    with connected(scheme, answer, {"BOOKS_API_KEY": "k3y w&rd"}) as (connector, _):
        assert read(connector) == 2
    with (
        connected(scheme, answer, {"BOOKS_API_KEY": "wr0ng w&rd"}) as (connector, _),
        pytest.raises(AuthenticationError) as caught,
    ):
        read(connector)
    assert "wr0ng" not in str(caught.value)


def test_client_credentials_may_stand_in_the_form() -> None:
    def answer(request: Received) -> Reply:
        if request.path == "/token":
            whole = "grant_type=client_credentials&client_id=ola&client_secret=s3cret-word"
            return Reply(body={"access_token": "t"}) if request.text == whole else Reply(status=400)
        return Reply(body=[{"id": 1}])

    scheme = (
        'style = "client-credentials"\nuser = "{LOGIN}"\npassword = "{SECRET}"\n'
        'token_url = "{BASE_URL}/token"\nbody_style = "form-body"\n'
    )
    with connected(scheme, answer, LOGIN) as (connector, server):
        assert read(connector) == 1
        assert server.received[-1].headers["authorization"] == "Bearer t"
        assert "authorization" not in server.received[0].headers


BEARER = 'style = "bearer"\ntoken = "{TOKEN}"\n'


def test_a_secret_may_stand_in_a_file(tmp_path: Path) -> None:
    def answer(request: Received) -> Reply:
        right = request.headers.get("authorization") == "Bearer fr0m-file"
        return Reply(body=[{"id": 1}]) if right else Reply(status=401, body=dict(request.headers))

    path = tmp_path / "token"
    path.write_text("fr0m-file\n", encoding="utf-8")
    with connected(BEARER, answer, {"BOOKS_TOKEN_FILE": str(path)}) as (connector, _):
        assert read(connector) == 1
        assert connector.secrets.hide("fr0m-file") == "…"  # type: ignore[attr-defined]  # not in the protocol


@pytest.mark.parametrize("more", [{}, {"BOOKS_TOKEN": "t"}], ids=["missing", "both"])
def test_a_file_that_cannot_be_meant_is_named(more: Mapping[str, str], tmp_path: Path) -> None:
    environment = {"BOOKS_TOKEN_FILE": str(tmp_path / "none"), **more}
    with (
        pytest.raises(SettingsError, match="BOOKS_TOKEN_FILE"),
        connected(BEARER, lambda _: Reply(), environment),
    ):
        pass


@pytest.mark.parametrize(
    ("scheme", "fault"),
    [
        ('style = "session"', r"auth\[session\]\.token_url: is missing"),
        ('style = "api-key"', r"auth\[api-key\]\.headers: or query is missing"),
        ('style = "bearer"\ntoken = "{T}"\ntoken_body = { a = 1 }', r"token_body: is nothing to"),
        (SESSION.replace("{basic}", "basic"), r"token_text: must hold \{token\}, or \{basic\}"),
        (SESSION.replace('"json"', '"xml"'), r"body_style: 'xml' is none of form, json"),
    ],
)
def test_what_a_way_to_authorize_lacks_is_refused(scheme: str, fault: str) -> None:
    with pytest.raises(ProfileError, match=fault):
        read_profile(PROFILE + scheme, "books.toml")


def test_a_session_that_is_told_when_to_end_and_answers_in_a_header() -> None:
    asked: list[Received] = []

    def answer(request: Received) -> Reply:
        if request.path == "/session":
            asked.append(request)
            return Reply(status=201, headers={"X-Subject-Token": f"t0ken-{len(asked)}"})
        right = request.query.get("session") == f"t0ken-{len(asked)}"
        return Reply(body=[{"id": 1}]) if right else Reply(status=401)

    scheme = """
style = "session"
token_url = "{BASE_URL}/session"
token_body = { employee = "{SECRET}", expirationDate = "{until}" }
body_style = "json"
token_from = "x-subject-token"
token_parameter = "session"
expires_in = 36000
"""
    time = ManualTime()
    with connected(scheme, answer, LOGIN, time) as (connector, server):
        assert read(connector) == 1
        # A process that runs for days asks for another day each time.
        time.sleep(86_400)
        assert read(connector) == 1
    bodies = [json.loads(one.text) for one in asked]
    assert [body["expirationDate"] for body in bodies] == ["2026-11-25", "2026-11-26"]
    assert all("t0ken" not in path for path in server.paths())
