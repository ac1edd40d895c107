"""Whatever a server answers: one line, exit 5, soon, and with little memory."""

import gzip
import json
import zlib
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

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

PATIENCE = 1.0
MOST_SECONDS = PATIENCE + 5.0
MOST_MEMORY = 300.0
HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n"
LONG = HEAD + b"Content-Length: 1000000\r\n\r\n"
CHUNKED = HEAD + b"Transfer-Encoding: chunked\r\n\r\n"
MIB = 2**20


def once(answer: bytes) -> Answer:
    """Send one answer, the same to every request."""

    def send(_asked: Asked) -> Iterator[bytes]:
        yield answer

    return send


def body(value: bytes, status: str = "200 OK", **headers: str) -> Answer:
    return once(reply(value, status, **headers))


def rows(*given: dict[str, Json]) -> Answer:
    return once(reply_json([{"Id": 1, "Name": "A", "IsPerson": False, **row} for row in given]))


def changed(instant: str) -> Answer:
    return rows({"LastChangedDateTimeOffset": instant})


def drip(before: bytes, drop: bytes) -> Answer:
    """Send something, and then a drop now and then."""

    def send(asked: Asked) -> Iterator[bytes]:
        yield before
        while not asked.over.wait(0.1):
            yield drop

    return send


def flood(before: bytes, wave: bytes) -> Answer:
    """Send something, and then the same again and again, as fast as it is taken."""

    def send(asked: Asked) -> Iterator[bytes]:
        yield before
        while not asked.over.is_set():
            yield wave

    return send


def silent(asked: Asked) -> Iterator[bytes]:
    asked.over.wait()
    yield b""


def closed(_asked: Asked) -> Iterator[bytes]:
    yield from ()


def chunk(content: bytes) -> bytes:
    return b"%x\r\n%s\r\n" % (len(content), content)


def bomb() -> bytes:
    packer = zlib.compressobj(9, zlib.DEFLATED, 31)
    wave = b" " * MIB
    return b"".join(packer.compress(wave) for _ in range(1000)) + packer.flush()


def export(**said: Json) -> bytes:
    page: dict[str, Json] = {"organizations": [], "users": [], "end_of_stream": False, "count": 0}
    return reply_json({**page, **said})


def export_pages(name: str, *pages: dict[str, Json]) -> Answer:
    """Send pages of an export in turns; `{n}` in a cursor is the request's number."""

    def send(asked: Asked) -> Iterator[bytes]:
        said = dict(pages[(asked.number - 1) % len(pages)])
        if isinstance(said.get(name), str):
            said[name] = str(said[name]).format(n=asked.number)
        yield export(**said)

    return send


def time_pages(start: int, by: int, **said: Json) -> Answer:
    """Send pages of an export by time; the end of each is so much later than the one before."""

    def send(asked: Asked) -> Iterator[bytes]:
        yield export(end_time=start + by * asked.number, **said)

    return send


def full_pages(asked: Asked) -> Iterator[bytes]:
    """Send the first page of a list whatever page is asked for."""
    assert "PageNumber" in asked.head
    yield reply_json([{"Id": n, "Name": f"N{n}", "IsPerson": False} for n in range(5000)])


PERSON: dict[str, Json] = {"id": 7, "name": "P", "email": "p@a.example", "updated_at": "x"}
DEEP = b"[" * 100_000 + b"]" * 100_000
NESTED = b'[{"Id": 1, "Name": ' + b"[" * 500 + b"]" * 500 + b"}]"
EMOJI = json.dumps([{"Id": 1, "Name": "\U0001f600" + "x" * 19_000_000}], ensure_ascii=False)

HOSTILE: dict[str, tuple[str, Answer]] = {
    "silence": (CUSTOMERS, silent),
    "no answer": (CUSTOMERS, closed),
    "dripping status line": (CUSTOMERS, drip(b"HTTP/1.1 200 ", b"O")),
    "dripping headers": (CUSTOMERS, drip(HEAD, b"X-A: b\r\n")),
    "endless headers": (CUSTOMERS, flood(HEAD, b"X-A: b\r\n" * 1000)),
    "one endless header": (CUSTOMERS, flood(HEAD + b"X-A: ", b"b" * 10_000)),
    "endless 100 Continue": (CUSTOMERS, flood(b"", b"HTTP/1.1 100 Continue\r\n\r\n" * 100)),
    "dripping 100 Continue": (CUSTOMERS, drip(b"", b"HTTP/1.1 100 Continue\r\n\r\n")),
    "dripping body": (CUSTOMERS, drip(LONG + b"[", b" ")),
    "dripping chunks": (CUSTOMERS, drip(CHUNKED, chunk(b" "))),
    "dripping token": (TOKEN, drip(LONG + b"{", b" ")),
    "dripping trailers": (CUSTOMERS, drip(CHUNKED + chunk(b"[]") + b"0\r\n", b"X-A: b\r\n")),
    "endless body": (CUSTOMERS, flood(CHUNKED, chunk(b" " * MIB))),
    "endless body of a refusal": (
        CUSTOMERS,
        flood(CHUNKED.replace(b"200 OK", b"400 No"), chunk(b" " * MIB)),
    ),
    "endless body until closed": (CUSTOMERS, flood(HEAD + b"\r\n", b"[" * MIB)),
    "endless token": (TOKEN, flood(CHUNKED, chunk(b" " * MIB))),
    "shorter than it says": (CUSTOMERS, once(LONG + b"[]")),
    "two lengths": (CUSTOMERS, body(b"[]", Content_length="3")),
    "negative length": (CUSTOMERS, once(HEAD + b"Content-Length: -1\r\n\r\n[]")),
    "odd length": (CUSTOMERS, once(HEAD + b"Content-Length: \xb2\r\n\r\n[]")),
    "odd chunks": (CUSTOMERS, once(CHUNKED + b"zz\r\n[]\r\n0\r\n\r\n")),
    "a bomb": (CUSTOMERS, body(bomb(), Content_Encoding="gzip")),
    "a bomb of a token": (TOKEN, body(bomb(), Content_Encoding="gzip")),
    "no gzip": (CUSTOMERS, body(b"no gzip", Content_Encoding="gzip")),
    "half a gzip": (
        CUSTOMERS,
        body(gzip.compress(b"[]" + b" " * 999)[:-9], Content_Encoding="gzip"),
    ),
    "packed twice": (
        CUSTOMERS,
        body(gzip.compress(gzip.compress(b"[]")), Content_Encoding="gzip, gzip"),
    ),
    "packed otherwise": (CUSTOMERS, body(b"[]", Content_Encoding="br")),
    "100,000 levels": (CUSTOMERS, body(DEEP)),
    "100,000 levels in a refusal": (CUSTOMERS, body(DEEP, "400 No")),
    "500 levels": (CUSTOMERS, body(NESTED)),
    "millions of objects": (CUSTOMERS, body(b"[" + b"{}," * 6_000_000 + b"{}]")),
    "a name of millions, and an end too much": (CUSTOMERS, body(EMOJI.encode() + b"]")),
    "html": (CUSTOMERS, body(b"<html></html>", Content_Type="text/html")),
    "other letters": (
        CUSTOMERS,
        body(json.dumps([{"Name": "\xe6"}], ensure_ascii=False).encode("latin-1")),
    ),
    "no letters": (CUSTOMERS, body(b"\xff\xfe\x00")),
    "a number without end": (CUSTOMERS, body(b'[{"Id": 1, "Number": 1e400}]')),
    "no number": (CUSTOMERS, body(b'[{"Id": 1, "Number": NaN}]')),
    "a number of 5,000 digits": (CUSTOMERS, body(b'[{"Id": ' + b"9" * 5000 + b"}]")),
    "rows that are none": (CUSTOMERS, once(reply_json([1, None, "x"]))),
    "no list": (ORGANIZATIONS, export_pages("", {"organizations": {"id": 1}})),
    "an id that is null": (CUSTOMERS, rows({"Id": None})),
    "an id of 4,000 digits": (CUSTOMERS, rows({"Id": 10**4000 - 1})),
    "an id that is a list": (CUSTOMERS, rows({"Id": [1]})),
    "an id of half": (CUSTOMERS, rows({"Id": 1.5})),
    "an id with NUL": (CUSTOMERS, rows({"Id": "1\0"})),
    "month 13": (CUSTOMERS, changed("2026-13-45T00:00:00Z")),
    "year 0": (CUSTOMERS, changed("0000-01-01T00:00:00Z")),
    "zone +99:99": (CUSTOMERS, changed("2026-01-01T00:00:00+99:99")),
    "yesterday": (CUSTOMERS, changed("yesterday")),
    "a user's odd instant": (USERS, once(export(users=[PERSON], after_cursor="a"))),
    "no HTTP": (CUSTOMERS, once(b"SSH-2.0-OpenSSH_9\r\n\r\n")),
    "no HTTP and no end": (CUSTOMERS, flood(b"", b"\0" * 10_000)),
    "a status that is none": (CUSTOMERS, once(b"HTTP/1.1 2\xb20 OK\r\n\r\n")),
    "a header that is none": (CUSTOMERS, once(HEAD + b"\0: \x7f\r\n\r\n")),
    "another protocol": (CUSTOMERS, once(b"HTTP/1.1 101 Switch\r\nUpgrade: x\r\n\r\n")),
    "a redirect to nowhere": (CUSTOMERS, body(b"", "302 Found", Location="http://[x")),
    "a redirect to a mailbox": (CUSTOMERS, body(b"", "302 Found", Location="mailto:a@b")),
    "a redirect to no name": (CUSTOMERS, body(b"", "301 Moved", Location="http://xn--/")),
    "more records than any page": (CUSTOMERS, once(reply_json([{"Id": n} for n in range(50_001)]))),
    "wait for decades": (CUSTOMERS, body(b"", "429 No", Retry_After="1000000000")),
    "wait until 9999": (
        CUSTOMERS,
        body(b"", "503 No", Retry_After="Fri, 31 Dec 9999 23:59:59 GMT"),
    ),
    "wait, it is throttled": (
        ORGANIZATIONS,
        once(
            export(end_time=9).replace(
                b"Date:",
                b"ratelimit-limit: 9\r\nratelimit-remaining: 0\r\nratelimit-reset: 99999999\r\nDate:",
            )
        ),
    ),
    "the same cursor": (USERS, export_pages("after_cursor", {"after_cursor": "a"})),
    "cursors in turns": (
        USERS,
        export_pages("after_cursor", {"after_cursor": "a"}, {"after_cursor": "b"}),
    ),
    "new cursors without end": (USERS, export_pages("after_cursor", {"after_cursor": "{n}"})),
    "no cursor": (USERS, export_pages("after_cursor", {"after_cursor": None})),
    "a cursor that is half a letter": (USERS, export_pages("", {"after_cursor": "\ud800"})),
    "a cursor of a megabyte": (USERS, export_pages("", {"after_cursor": "x" * MIB})),
    "back in time": (ORGANIZATIONS, time_pages(1_700_000_000, -9)),
    "the same time": (ORGANIZATIONS, time_pages(1_700_000_000, 0)),
    "time without end": (ORGANIZATIONS, time_pages(1_700_000_000, 9)),
    "one page for ever": (CUSTOMERS, full_pages),
    "a token with a snowman": (TOKEN, once(reply_json({"access_token": "a\u2603"}))),
    "a token of two lines": (TOKEN, once(reply_json({"access_token": "token-hush\r\nX-A: b"}))),
    "a token that is none": (TOKEN, once(reply_json({"access_token": 1}))),
    "no token": (TOKEN, once(reply_json([]))),
}


@pytest.fixture(scope="module")
def ended(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Ended]:
    """Return how a sync against each hostile answer ended; most of them wait, so several at once.

    "" stands for the slowest of those against a healthy server.
    """
    folder = tmp_path_factory.mktemp("hostile")

    def run(numbered: tuple[int, str]) -> Ended:
        number, name = numbered
        special = dict([HOSTILE[name]]) if name else {}
        words = ("sync", str(PACKAGE), "--json")
        return run_against(special, folder / str(number), *words, SPECBRIDGE_PATIENCE=str(PATIENCE))

    names = ["", "", *HOSTILE, "", ""]
    with ThreadPoolExecutor(4) as pool:
        done = list(zip(names, pool.map(run, enumerate(names)), strict=True))
    healthy = max((it for name, it in done if not name), key=lambda it: it.seconds)
    return {**dict(done), "": healthy}


@pytest.mark.timeout(600)
@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_answer_ends_a_sync_soon(name: str, ended: dict[str, Ended]) -> None:
    it, path = ended[name], HOSTILE[name][0]
    assert "Traceback" not in it.errors
    assert it.status == 5, it.errors
    system = "zendesk" if path.startswith("/api") else "poweroffice-go"
    (line,) = it.errors.splitlines()
    assert line.startswith(f"specbridge: {system}: "), line
    # What a run takes on this machine in any case is none of the answer's.
    assert it.seconds <= ended[""].seconds + MOST_SECONDS
    assert it.memory < MOST_MEMORY
    assert "-hush" not in it.errors + it.output


def test_the_server_is_healthy_but_for_the_hostile_answers(ended: dict[str, Ended]) -> None:
    assert (ended[""].status, ended[""].errors) == (0, "")
