"""The service as it is served: real sockets, a real store."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest
from specbridge.profiles.load import load_profiles
from specbridge.runtime.store.engine import open_store
from specbridge.runtime.store.tables.schema import events, wakes
from specbridge.service.webhooks.application import build_application
from specbridge.service.webhooks.doors import Door, open_doors
from specbridge.service.webhooks.serving import bind, serving
from specbridge.service.webhooks.waking import Intake
from sqlalchemy import select

from tests.service.deliveries import OLD_SECRET, SECRET

ADDRESS = "https://sync.example"
ENVIRONMENT = {
    "ZENDESK_WEBHOOK_SECRET": SECRET,
    "ZENDESK_WEBHOOK_SECRET_OLD": OLD_SECRET,
    "HUBSPOT_CLIENT_SECRET": SECRET,
    "TRIPLETEX_WEBHOOK_SECRET": SECRET,
}
COMPANIES: Mapping[str, Mapping[str, str]] = {
    "": ENVIRONMENT,
    "acme": {"ZENDESK_WEBHOOK_SECRET": "the secret of acme alone"},
}


@dataclass(frozen=True, kw_only=True)
class Service:
    """A service that is running, and the store that it fills."""

    client: httpx.Client
    url: str

    def woken(self) -> list[tuple[int, str, str, str]]:
        with open_store(self.url) as store:
            chosen = select(wakes.c.company, wakes.c.system, wakes.c.resource, wakes.c.id)
            rows = store.connection.execute(chosen.order_by(wakes.c.number)).all()
        return [(row[0], row[1], row[2], row[3]) for row in rows]

    def known(self) -> list[str]:
        with open_store(self.url) as store:
            return list(store.connection.execute(select(events.c.id)).scalars())


def doors() -> Sequence[Door]:
    return open_doors(load_profiles(), COMPANIES)


@contextmanager
def running(url: str, port: int = 0) -> Iterator[Service]:
    listener = bind("127.0.0.1", port)
    own = f"http://127.0.0.1:{listener.getsockname()[1]}"
    opened = doors()
    application = build_application(opened, Intake(url, opened), ADDRESS)
    with serving(application, listener), httpx.Client(base_url=own) as client:
        yield Service(client=client, url=url)


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    folder: Path = tmp_path_factory.mktemp("service")
    with running(f"sqlite:///{folder / 'store.db'}") as found:
        yield found
