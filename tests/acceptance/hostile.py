"""A server of both APIs, without a record, that answers one call as no server should.

It writes bytes to sockets: no library would send most of this.
"""

import json
import os
import socket
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from email.utils import formatdate
from itertools import count
from pathlib import Path

from specbridge.model.values import Json

from tests.acceptance.conftest import ROOT
from tests.commands import run_command

CUSTOMERS = "/po/Customers"
ORGANIZATIONS = "/api/v2/incremental/organizations"
USERS = "/api/v2/incremental/users/cursor"
TOKEN = "/token"

Answer = Callable[["Asked"], Iterator[bytes]]
"""Yields what is sent, piece by piece; it may wait on the request's `over` between two of them."""


@dataclass(frozen=True, kw_only=True)
class Asked:
    """One request: its number on this path from 1, its head, and what is set when the server ends."""

    number: int
    head: str
    over: threading.Event


@dataclass
class Hostile:
    """A running server: where it is, and the requests by path."""

    port: int
    heads: dict[str, list[str]] = field(default_factory=dict)

    @property
    def environment(self) -> dict[str, str]:
        """Return the variables of both systems."""
        url = f"http://127.0.0.1:{self.port}"
        return {
            "POWEROFFICE_GO_BASE_URL": f"{url}/po",
            "POWEROFFICE_GO_TOKEN_URL": f"{url}{TOKEN}",
            "POWEROFFICE_GO_APPLICATION_KEY": "application-hush",
            "POWEROFFICE_GO_CLIENT_KEY": "client-hush",
            "POWEROFFICE_GO_SUBSCRIPTION_KEY": "subscription-hush",
            "ZENDESK_BASE_URL": url,
            "ZENDESK_OAUTH_TOKEN": "oauth-hush",
        }


def reply(body: bytes, status: str = "200 OK", **headers: str) -> bytes:
    """Return a whole answer, its body as long as it says; `_` in a header's name is `-`."""
    lines = {"Date": formatdate(usegmt=True), "Content-Length": str(len(body))}
    lines |= {name.replace("_", "-"): value for name, value in headers.items()}
    head = "".join(f"{name}: {value}\r\n" for name, value in lines.items())
    return f"HTTP/1.1 {status}\r\n{head}\r\n".encode("latin-1") + body


def reply_json(value: Json, **headers: str) -> bytes:
    """Return a healthy answer with a JSON body."""
    return reply(json.dumps(value).encode(), **headers)


@dataclass(frozen=True, kw_only=True)
class Ended:
    """How a command ended: its exit status, what it printed, its seconds, and its memory in MiB."""

    status: int
    output: str
    errors: str
    seconds: float
    memory: float


def run_against(
    special: Mapping[str, Answer], folder: Path, *words: str, **variables: str
) -> Ended:
    """Run a command against a server whose paths in `special` are answered so.

    Its store is in the folder, which must not be there, unless the words or the variables name one.
    """
    folder.mkdir()
    store = {"SPECBRIDGE_STORE": f"sqlite:///{folder}/store.db"}
    with hostile_server(special) as server:
        began = time.monotonic()
        done = run_command(
            (str(folder / "peak"), *words),
            cwd=ROOT,
            env={**os.environ, **server.environment, **store, **variables},
            module="tests.acceptance.measured",
        )
        seconds = time.monotonic() - began
    return Ended(
        status=done.returncode,
        output=done.stdout,
        errors=done.stderr,
        seconds=seconds,
        memory=float((folder / "peak").read_text(encoding="ascii")),
    )


@contextmanager
def hostile_server(special: Mapping[str, Answer]) -> Iterator[Hostile]:
    """Run a server whose paths in `special` are answered so, until the block ends."""
    over = threading.Event()
    with socket.create_server(("127.0.0.1", 0), backlog=64) as listening:
        server = Hostile(listening.getsockname()[1])
        thread = threading.Thread(target=_accept, args=(listening, server, special, over))
        thread.start()
        try:
            yield server
        finally:
            over.set()
            # Who waits in accept does not see that the socket is closed; a last caller is heard.
            socket.create_connection(("127.0.0.1", server.port)).close()
            thread.join()


def _accept(
    listening: socket.socket, server: Hostile, special: Mapping[str, Answer], over: threading.Event
) -> None:
    threads = []
    for number in count():
        caller, _ = listening.accept()
        if over.is_set():
            caller.close()
            break
        work = threading.Thread(
            target=_serve, args=(caller, server, special, over), name=f"caller {number}"
        )
        threads.append(work)
        work.start()
    for work in threads:
        work.join()


def _serve(
    caller: socket.socket, server: Hostile, special: Mapping[str, Answer], over: threading.Event
) -> None:
    with caller:
        caller.settimeout(0.2)
        while not over.is_set():
            head = _read_request(caller, over)
            if not head:
                return
            path = head.split(" ", 2)[1].partition("?")[0]
            known = server.heads.setdefault(path, [])
            known.append(head)
            asked = Asked(number=len(known), head=head, over=over)
            try:
                # A reader may take its time, but not for ever.
                caller.settimeout(20.0)
                for piece in special.get(path, _healthy(path))(asked):
                    caller.sendall(piece)
            except OSError:
                return
            caller.settimeout(0.2)
            if path in special:
                return


def _read_request(caller: socket.socket, over: threading.Event) -> str:
    """Return the head of a request, its body read too; "" where the caller is gone."""
    got = b""
    while b"\r\n\r\n" not in got or len(got) < _end_of(got):
        try:
            piece = caller.recv(65_536)
        except TimeoutError:
            if over.is_set():
                return ""
            continue
        except OSError:
            return ""
        if not piece:
            return ""
        got += piece
    return got.partition(b"\r\n\r\n")[0].decode("latin-1")


def _end_of(got: bytes) -> int:
    head, _, _ = got.partition(b"\r\n\r\n")
    lengths = [
        int(line.partition(b":")[2])
        for line in head.split(b"\r\n")
        if line.lower().startswith(b"content-length:")
    ]
    return len(head) + 4 + sum(lengths)


def _healthy(path: str) -> Answer:
    def answer(_asked: Asked) -> Iterator[bytes]:
        yield reply_json(_empty(path))

    return answer


def _empty(path: str) -> Json:
    if path == TOKEN:
        return {"access_token": "token-hush", "expires_in": 1200}
    if path.startswith("/po/"):
        return []
    if "job_statuses" in path:
        return {"job_statuses": []}
    return {
        "users": [],
        "organizations": [],
        "end_of_stream": True,
        "end_time": None,
        "after_cursor": None,
        "meta": {"has_more": False},
    }
