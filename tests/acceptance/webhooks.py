"""Deliveries in their thousands: `python -m tests.acceptance.webhooks [COUNT]`.

The real `serve` takes them, and is killed in the middle; a real `sync --watch` runs meanwhile. Repeated, played
back, late, out of order and forged: none is lost, none forged is taken, nothing is written twice.
"""

import json
import os
import random
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import httpx
from specbridge.runtime.store.engine import open_reading
from specbridge.runtime.store.tables.schema import events, wakes
from specbridge.sandbox.options import LimitsPlan, SandboxOptions
from sqlalchemy import func, select

from tests.acceptance.conftest import PACKAGE, Office, opened_office
from tests.service.deliveries import Signed, event, zendesk

SECRET = "the secret of this soak"
PATIENT = 60.0
SENDERS = 16


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as found:
        return int(found.getsockname()[1])


@dataclass(kw_only=True)
class Service:
    """`serve` at one port, which may be killed and started anew."""

    office: Office
    port: int = field(default_factory=free_port)
    process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def start(self) -> None:
        words = ("-m", "specbridge", "serve", "--port", str(self.port))
        environment = {**os.environ, **self.office.terminal.environment}
        self.process = subprocess.Popen(
            [sys.executable, *words],
            cwd=self.office.terminal.directory,
            env={**environment, "ZENDESK_WEBHOOK_SECRET": SECRET},
            stderr=subprocess.DEVNULL,
        )
        self.await_it()

    def await_it(self) -> None:
        end = time.monotonic() + PATIENT
        while time.monotonic() < end:
            try:
                if httpx.get(f"{self.url}/health", timeout=1).is_success:
                    return
            except httpx.TransportError:
                time.sleep(0.05)
        raise AssertionError("the service does not answer")

    def kill(self) -> None:
        if self.process is not None:
            self.process.kill()
            self.process.wait()


@contextmanager
def served(office: Office, port: int | None = None) -> Iterator[Service]:
    service = Service(office=office, port=port or free_port())
    try:
        service.start()
        yield service
    finally:
        service.kill()


@dataclass(frozen=True, kw_only=True)
class Watch:
    """A `sync --watch` that is running; its reports and what it says go to files, which never fill up as pipes do."""

    reports: Path
    errors: Path


@contextmanager
def watched(office: Office, seconds: float, folder: Path) -> Iterator[Watch]:
    """Run a `sync --watch` of the package, and wait until its first run is over."""
    watch = Watch(reports=folder / "reports", errors=folder / "errors")
    words = ("-m", "specbridge", "sync", str(PACKAGE), "--json", "--watch", str(seconds))
    with watch.reports.open("w") as reports, watch.errors.open("w") as errors:
        process = subprocess.Popen(
            [sys.executable, *words],
            cwd=office.terminal.directory,
            env={**os.environ, **office.terminal.environment},
            stdout=reports,
            stderr=errors,
        )
    try:
        await_that("the first run is over", lambda: bool(watch.reports.stat().st_size), watch)
        yield watch
    finally:
        process.kill()
        process.wait()


def store_url(office: Office) -> str:
    return office.terminal.environment["SPECBRIDGE_STORE"]


def count_left(url: str) -> int:
    with open_reading(url) as store:
        return int(store.connection.execute(select(func.count()).select_from(wakes)).scalar_one())


def taken(url: str) -> set[str]:
    with open_reading(url) as store:
        return set(store.connection.execute(select(events.c.id)).scalars())


def has_customer(office: Office, name: str) -> bool:
    return name in [row["Name"] for row in office.sandbox.poweroffice.records("Customers")]


def await_that(what: str, is_so: Callable[[], bool], watch: Watch | None = None) -> None:
    """Wait until a function returns something true; a watch may tell why it does not."""
    end = time.monotonic() + PATIENT
    while not is_so():
        assert (
            time.monotonic() < end
        ), f"never: {what}\n{watch and watch.errors.read_text()[-2000:]}"
        time.sleep(0.02)


@dataclass(frozen=True, kw_only=True)
class Sent:
    """What is sent, and what is to be taken of it."""

    deliveries: Sequence[Signed]
    genuine: frozenset[str]
    forged: frozenset[str]


def make_deliveries(records: Sequence[str], count: int, seed: int = 0) -> Sent:
    """Return so many deliveries in no order: of five, three are genuine, one is played back, one is forged."""
    chance = random.Random(seed)
    genuine: dict[str, Signed] = {}
    forged: dict[str, Signed] = {}
    again: list[Signed] = []
    for number in range(count):
        record = chance.choice(records)
        match number % 5:
            case 3:
                # The very bytes of another one, or the same event signed anew.
                id_ = chance.choice(list(genuine))
                anew = zendesk(event(id_, record), SECRET)
                again.append(genuine[id_] if chance.random() < 0.5 else anew)
            case 4:
                id_ = f"forged-{number}"
                late = chance.choice((0.0, 3000.0))
                secret = SECRET if late else "what somebody guessed"
                forged[id_] = zendesk(event(id_, record), secret, late)
            case _:
                id_ = f"event-{number}"
                genuine[id_] = zendesk(event(id_, record), SECRET, chance.choice((0.0, 20.0)))
    whole = [*genuine.values(), *again, *forged.values()]
    chance.shuffle(whole)
    return Sent(deliveries=whole, genuine=frozenset(genuine), forged=frozenset(forged))


def deliver(service: Service, client: httpx.Client, signed: Signed) -> int:
    """Send it as a system does: again, while nobody answers or the server fails."""
    content, headers = signed
    end = time.monotonic() + PATIENT
    while True:
        try:
            answer = client.post(
                f"{service.url}/hooks/zendesk", content=content, headers=headers, timeout=10
            )
            if answer.status_code < 500:
                return answer.status_code
        except httpx.TransportError:
            pass
        assert time.monotonic() < end, "it was never taken"
        time.sleep(0.1)


def deliver_all(service: Service, sent: Sent, kills: int) -> Mapping[int, int]:
    """Deliver all, with the service killed so often meanwhile; return how often each status came."""
    found: dict[int, int] = {}
    whole = sent.deliveries
    size = len(whole) // (kills + 1) + 1
    with httpx.Client() as client, ThreadPoolExecutor(SENDERS) as pool:
        for start in range(0, len(whole), size):
            due = whole[start : start + size]
            part = [pool.submit(deliver, service, client, one) for one in due]
            if start + size < len(whole):
                part[len(part) // 2].result()
                service.kill()
                service.start()
            for one in part:
                status = one.result()
                found[status] = found.get(status, 0) + 1
    return found


def soak(office: Office, count: int, kills: int, folder: Path) -> Mapping[str, object]:
    """Deliver, with a watch beside; return figures. Raises AssertionError for whatever went wrong."""
    organizations = [str(row["id"]) for row in office.sandbox.zendesk.records("organizations")]
    sent = make_deliveries(organizations, count)
    log = office.sandbox.poweroffice.request_log
    with served(office) as service, watched(office, 600, folder) as watch:
        before, began = len(log.entries), time.monotonic()
        office.rename_organization(
            office.organization("Nordlys Elektro AS"), "Nordlys Elektro i Oslo AS"
        )
        statuses = deliver_all(service, sent, kills)
        seconds = time.monotonic() - began
        url = store_url(office)
        await_that("all wakes are taken", lambda: count_left(url) == 0, watch)
        # That it was read is not yet that it was written.
        name = "Nordlys Elektro i Oslo AS"
        rows = office.sandbox.poweroffice.records
        await_that("the edit arrives", lambda: name in [row["Name"] for row in rows("Customers")])
        assert taken(url) == sent.genuine
    writes = [one for one in log.entries[before:] if one[0] == "PATCH" and one[2] < 400]
    assert len(writes) == 1, writes
    assert statuses == {204: count - len(sent.forged), 401: len(sent.forged)}
    again = office.terminal.sync()
    assert again.writes == 0, again.output
    return {"deliveries": count, "kills": kills, "seconds": round(seconds, 1), "statuses": statuses}


def _main() -> None:
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 10_000
    options = SandboxOptions(limits=LimitsPlan.OFF, withhold_seconds=0)
    with (
        tempfile.TemporaryDirectory() as folder,
        opened_office(Path(folder), options) as office,
    ):
        found = soak(office, count, 5, Path(folder))
        sys.stdout.write(f"{json.dumps(found)}\n")


if __name__ == "__main__":
    _main()
