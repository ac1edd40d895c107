"""Ways in which a secret could be told, place by place: none is, nowhere."""

import base64
import json
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import quote

import pytest
from specbridge.model.values import Json

from tests.acceptance.conftest import PACKAGE
from tests.acceptance.hostile import (
    CUSTOMERS,
    ORGANIZATIONS,
    TOKEN,
    USERS,
    Answer,
    Asked,
    Ended,
    reply,
    reply_json,
    run_against,
)

SYNC = ("sync", str(PACKAGE), "-vv", "--actions")
PROBE = "/po/ClientIntegrationInformation"
CREATE = "/api/v2/organizations"
SECRET = "hush-Ab3+/x=9"
BASIC = base64.b64encode(f"application-hush:{SECRET}".encode()).decode()
CUSTOMER: dict[str, Json] = {
    "Id": 1,
    "Name": "Fjord AS",
    "IsPerson": False,
    "LastChangedDateTimeOffset": "2026-01-01T00:00:00Z",
}


@dataclass(frozen=True, kw_only=True)
class Leak:
    """A way to leak: what is answered where, the environment, and the command.

    `hint` is what must be told all the same, so that the secret's place was reached.
    """

    hint: str
    special: Mapping[str, Answer] = field(default_factory=dict)
    environment: Mapping[str, str] = field(default_factory=dict)
    words: tuple[str, ...] = SYNC


def once(answer: bytes) -> Answer:
    def send(_asked: Asked) -> Iterator[bytes]:
        yield answer

    return send


def said(status: str, value: Json, **headers: str) -> Answer:
    return once(reply(json.dumps(value).encode(), status, **headers))


def quoting(path: str, words: str, **environment: str) -> Leak:
    """Have a read refused with a message; the secrets are those of both systems."""
    answer = said("400 No", {"title": words, "error": words})
    return Leak(hint="400", special={path: answer}, environment=environment)


def stored(url: str, hint: str, *words: str) -> Leak:
    return Leak(hint=hint, words=words or (*SYNC, "--store", url))


def refused_creation(asked: Asked) -> Iterator[bytes]:
    if asked.head.startswith("GET"):
        yield reply_json({"organizations": [], "meta": {"has_more": False}})
    else:
        words = f"Name: {SECRET} cannot be it"
        details: Json = {"name": [{"description": words}]}
        body: Json = {"error": "RecordInvalid", "description": words, "details": details}
        yield reply(json.dumps(body).encode(), "422 No")


KEYS = {"POWEROFFICE_GO_CLIENT_KEY": SECRET}
OAUTH = {"ZENDESK_OAUTH_TOKEN": SECRET}
AWAY = {"ZENDESK_BASE_URL": "https://127.0.0.1.example"}
PROXIED = {
    **AWAY,
    "POWEROFFICE_GO_BASE_URL": "https://127.0.0.1.example",
    "NO_PROXY": "",
    "no_proxy": "",
}
LEAKS: dict[str, Leak] = {
    "token call, its error": Leak(
        hint="no token was given",
        special={TOKEN: said("400 No", {"error": f"{SECRET} is wrong"})},
        environment=KEYS,
    ),
    "token call, whole header in its error": Leak(
        hint="no token was given",
        special={TOKEN: said("401 No", {"error": f"Basic {BASIC} is wrong"})},
        environment=KEYS,
    ),
    "token call, a failure": Leak(
        hint="500", special={TOKEN: said("500 No", {"title": SECRET})}, environment=KEYS
    ),
    "token call, a header that is none": Leak(
        hint="/token",
        special={TOKEN: once(f"HTTP/1.1 200 OK\r\n{SECRET}\r\n\r\n".encode())},
        environment=KEYS,
    ),
    "token of two lines": Leak(
        hint="access_token", special={TOKEN: said("200 OK", {"access_token": f"{SECRET}\r\n"})}
    ),
    "token quoted later on": Leak(
        hint="400",
        special={
            TOKEN: said("200 OK", {"access_token": SECRET}),
            CUSTOMERS: said("400 No", {"title": f"Bearer {SECRET}?"}),
        },
    ),
    "client key in a refusal": quoting(CUSTOMERS, f"who is {SECRET}?", **KEYS),
    "application key in a refusal": quoting(
        CUSTOMERS, f"who is {SECRET}?", POWEROFFICE_GO_APPLICATION_KEY=SECRET
    ),
    "subscription key in a refusal": quoting(
        CUSTOMERS, f"who is {SECRET}?", POWEROFFICE_GO_SUBSCRIPTION_KEY=SECRET
    ),
    "token in a refusal": quoting(ORGANIZATIONS, f"who is {SECRET}?", **OAUTH),
    "the other system's token in a refusal": quoting(CUSTOMERS, f"who is {SECRET}?", **OAUTH),
    "token in capitals": quoting(ORGANIZATIONS, SECRET.upper(), **OAUTH),
    "token as an address has it": quoting(ORGANIZATIONS, quote(SECRET, safe=""), **OAUTH),
    "token in base64": quoting(ORGANIZATIONS, base64.b64encode(SECRET.encode()).decode(), **OAUTH),
    "token where a message is cut": quoting(ORGANIZATIONS, "x" * 192 + SECRET, **OAUTH),
    "token as a key": Leak(
        hint="400",
        special={ORGANIZATIONS: said("400 No", {"details": {SECRET: [{"description": SECRET}]}})},
        environment=OAUTH,
    ),
    "token in a throttling": Leak(
        hint="429", special={ORGANIZATIONS: said("429 No", {"error": SECRET})}, environment=OAUTH
    ),
    "token in a status line": Leak(
        hint="organizations",
        special={ORGANIZATIONS: once(f"{SECRET}\r\n\r\n".encode())},
        environment=OAUTH,
    ),
    "token in a redirect": Leak(
        hint="302",
        special={
            ORGANIZATIONS: said("302 Found", None, Location=f"http://{SECRET}@a.example/{SECRET}")
        },
        environment=OAUTH,
    ),
    "token as an instant": Leak(
        hint="no instant",
        special={
            USERS: said(
                "200 OK",
                {
                    "users": [{"id": 1, "updated_at": SECRET}],
                    "end_of_stream": True,
                    "after_cursor": "a",
                },
            )
        },
        environment=OAUTH,
    ),
    "token as an id": Leak(
        hint="an id that is none",
        special={CUSTOMERS: said("200 OK", [{"Id": f"{SECRET}\0"}])},
        environment=OAUTH,
    ),
    "token in what doctor found": Leak(
        hint="privileges",
        special={
            PROBE: said("200 OK", {"InvalidPrivileges": [SECRET], "ValidPrivileges": [SECRET]})
        },
        environment=KEYS,
        words=("doctor", str(PACKAGE)),
    ),
    "token in a refusal that doctor met": Leak(
        hint="403",
        special={PROBE: said("403 No", {"title": SECRET})},
        environment=KEYS,
        words=("doctor", str(PACKAGE), "--json"),
    ),
    "token in the reason of a dead letter": Leak(
        hint="cannot be it",
        special={CUSTOMERS: said("200 OK", [CUSTOMER]), CREATE: refused_creation},
        environment=OAUTH,
    ),
    "token of two lines in the environment": Leak(
        hint="ZENDESK_OAUTH_TOKEN", environment={"ZENDESK_OAUTH_TOKEN": f"{SECRET}\nX-A: b"}
    ),
    "password in a base URL": Leak(
        hint="ZENDESK_BASE_URL",
        environment={"ZENDESK_BASE_URL": f"https://me:{SECRET}@a.example"},
    ),
    "token in a base URL's query": Leak(
        hint="ZENDESK_BASE_URL", environment={"ZENDESK_BASE_URL": f"https://a.example?k={SECRET}"}
    ),
    "password in a token URL": Leak(
        hint="POWEROFFICE_GO_TOKEN_URL",
        environment={"POWEROFFICE_GO_TOKEN_URL": f"http://me:{SECRET}@a.example/token"},
    ),
    "secret that is no address": Leak(
        hint="ZENDESK_BASE_URL", environment={"ZENDESK_BASE_URL": SECRET}
    ),
    "password of a proxy that is none": Leak(
        hint="HTTPS_PROXY", environment={**PROXIED, "HTTPS_PROXY": f"http://me:{SECRET}@a:port"}
    ),
    "password of a proxy of no known kind": Leak(
        hint="HTTPS_PROXY", environment={**PROXIED, "HTTPS_PROXY": f"ftp://me:{SECRET}@a:21"}
    ),
    "password of a proxy that does not answer": Leak(
        hint="HTTPS_PROXY",
        environment={**PROXIED, "HTTPS_PROXY": f"http://me:{quote(SECRET, safe='')}@127.0.0.1:9"},
    ),
    "password of a store that does not answer": stored(
        f"postgresql://me:{quote(SECRET, safe='')}@127.0.0.1:9/x", "store failed"
    ),
    "password of a store with an @ in it": stored(
        f"postgresql://me:a@{SECRET}@127.0.0.1:9/x", "%40"
    ),
    "password of a store with a bad port": stored(
        f"postgresql://me:{SECRET}@h:port/x", "cannot be read"
    ),
    "password of a store of another kind": stored(f"mysql://me:{SECRET}@h/x", "mysql"),
    "password of a store that is asked about": stored(
        "",
        "store failed",
        "status",
        "--store",
        f"postgresql://127.0.0.1:9/x?password={quote(SECRET, safe='')}",
    ),
}


@pytest.fixture(scope="module")
def ended(tmp_path_factory: pytest.TempPathFactory) -> Mapping[str, tuple[Ended, Path]]:
    """Return how each command ended, and its folder."""
    folder = tmp_path_factory.mktemp("leaks")

    def run(numbered: tuple[int, str]) -> tuple[Ended, Path]:
        number, name = numbered
        leak, own = LEAKS[name], folder / str(number)
        variables = {"SPECBRIDGE_PATIENCE": "0.5", **leak.environment}
        return run_against(leak.special, own, *leak.words, **variables), own

    with ThreadPoolExecutor(4) as pool:
        return dict(zip(LEAKS, pool.map(run, enumerate(LEAKS)), strict=True))


@pytest.mark.timeout(600)
@pytest.mark.parametrize("name", LEAKS)
def test_no_secret_is_told(name: str, ended: Mapping[str, tuple[Ended, Path]]) -> None:
    it, folder = ended[name]
    told = it.output + it.errors
    assert "Traceback" not in told
    assert it.status != 0
    assert LEAKS[name].hint in told
    kept = b"".join(path.read_bytes() for path in folder.iterdir() if path.is_file())
    for text in (told, kept.decode("latin-1")):
        assert not [piece for piece in pieces() if piece in text.casefold()], told


def pieces() -> Iterator[str]:
    """Yield the spellings of the secrets, and what is left of them when they are cut."""
    for text in (SECRET, quote(SECRET, safe=""), base64.b64encode(SECRET.encode()).decode(), BASIC):
        yield text[:8].casefold()
        yield text[-6:].casefold()
