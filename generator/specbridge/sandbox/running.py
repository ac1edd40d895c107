"""Starting and stopping a sandbox: servers on loopback, each in a thread of its own."""

import logging
import socket
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from threading import Event, Thread

import uvicorn

from specbridge.sandbox.clock import Clock
from specbridge.sandbox.credentials import Credentials, make_credentials
from specbridge.sandbox.faults import SYSTEMS, FaultBox, parse_fault
from specbridge.sandbox.further import FurtherSystem, build_further, further_names
from specbridge.sandbox.messages import Row
from specbridge.sandbox.options import SandboxOptions
from specbridge.sandbox.poweroffice_go.system import PowerOfficeGo
from specbridge.sandbox.server import AbortableProtocol, Gateway, RequestLog, Server, System
from specbridge.sandbox.world import build_world
from specbridge.sandbox.zendesk.system import Zendesk

_LOOPBACK = "127.0.0.1"


@dataclass(frozen=True, slots=True, kw_only=True)
class Running:
    """One system that is being served at `url`, with its state within reach of tests."""

    system: System
    server: Server
    url: str

    @property
    def request_log(self) -> RequestLog:
        """Return the requests answered so far."""
        return self.server.log

    def records(self, kind: str) -> list[Row]:
        """Return copies of the records of a kind, in the order of their ids."""
        with self.server.lock:
            return self.system.world()[kind]

    def replace_faults(self, *texts: str) -> None:
        """Take other faults from now on (the grammar is in faults.py)."""
        with self.server.lock:
            self.system.faults.replace([parse_fault(text) for text in texts])

    def place_gateway(self, gateway: Gateway | None) -> None:
        """Have something stand before the system from now on (None: nothing does)."""
        with self.server.lock:
            self.server.gateway = gateway

    def advance(self, seconds: float) -> None:
        """Move the server's clock."""
        self.system.clock.advance(seconds)


@dataclass(frozen=True, slots=True, kw_only=True)
class Sandbox:
    """The systems, served; `environment` names them to a client.

    `further` are those besides the first two that were asked for, by their names.
    """

    poweroffice: Running
    zendesk: Running
    credentials: Credentials
    further: Mapping[str, Running] = field(default_factory=dict)
    further_environment: Mapping[str, str] = field(default_factory=dict, repr=False)
    webhook_environment: Mapping[str, str] = field(default_factory=dict, repr=False)

    @property
    def environment(self) -> Mapping[str, str]:
        """Return the variables by which a client finds the servers and signs in."""
        secrets = self.credentials
        return {
            "POWEROFFICE_GO_BASE_URL": f"{self.poweroffice.url}/v2",
            "POWEROFFICE_GO_TOKEN_URL": f"{self.poweroffice.url}/OAuth/Token",
            "POWEROFFICE_GO_APPLICATION_KEY": secrets.application_key,
            "POWEROFFICE_GO_CLIENT_KEY": secrets.client_key,
            "POWEROFFICE_GO_SUBSCRIPTION_KEY": secrets.subscription_key,
            "ZENDESK_BASE_URL": self.zendesk.url,
            "ZENDESK_OAUTH_TOKEN": secrets.oauth_token,
            **self.webhook_environment,
            **self.further_environment,
        }


@contextmanager
def running_sandbox(options: SandboxOptions, beside: Sequence[str] = ()) -> Iterator[Sandbox]:
    """Serve the systems until the block ends; `beside` are others that faults may be of.

    Raises ValueError for a fault that the grammar does not hold and for a further system that there
    is not, OSError for a port in use.
    """
    asked = further_names(options.systems)
    faults = [parse_fault(text, (*SYSTEMS, *asked, *beside)) for text in options.faults]
    world = build_world(options.records, options.seed)
    credentials = make_credentials()
    names = ("poweroffice", "zendesk", *asked)
    boxes = {name: FaultBox(name, options.seed, faults) for name in names}
    # One clock for each: two real systems never agree on the time.
    clocks = {name: Clock(boxes[name].seconds("clock-skew")) for name in names[:2]}
    poweroffice = PowerOfficeGo(
        options, credentials, clocks["poweroffice"], boxes["poweroffice"], world
    )
    zendesk = Zendesk(options, credentials, clocks["zendesk"], boxes["zendesk"], world)
    further = build_further(options, boxes, world)
    ports: list[tuple[System, int]] = [
        (poweroffice, options.poweroffice_port),
        (zendesk, options.zendesk_port),
        *((system, 0) for system in further),
    ]
    signed = {"ZENDESK_WEBHOOK_SECRET": options.webhook_secret} if options.webhooks else {}
    with serving_systems(ports, options.hang_seconds) as served, _sending(zendesk):
        first, second, *rest = served
        yield Sandbox(
            poweroffice=first,
            zendesk=second,
            credentials=credentials,
            further=dict(zip(asked, rest, strict=True)),
            further_environment=_environment_of(further, rest),
            webhook_environment=signed,
        )


@contextmanager
def _sending(zendesk: Zendesk) -> Iterator[None]:
    """Have webhooks delivered as long as the block runs."""
    try:
        yield
    finally:
        if zendesk.deliveries is not None:
            zendesk.deliveries.close()


def _environment_of(
    systems: Sequence[FurtherSystem], served: Sequence[Running]
) -> Mapping[str, str]:
    found: dict[str, str] = {}
    for system, running in zip(systems, served, strict=True):
        found.update(system.environment(running.url))
    return found


@contextmanager
def serving_systems(
    systems: Sequence[tuple[System, int]], hang_seconds: float
) -> Iterator[Sequence[Running]]:
    """Serve systems, each at its port (0: any), until the block ends; raises OSError for a port in use."""
    servings: list[_Serving] = []
    try:
        for system, port in systems:
            servings.append(_serve(system, port, hang_seconds))
        yield [serving.running for serving in servings]
    finally:
        _stop(servings)


class _AnnouncingServer(uvicorn.Server):
    """uvicorn's server, which says when it listens and leaves signals to the process."""

    def __init__(self, config: uvicorn.Config) -> None:
        super().__init__(config)
        self.listening = Event()

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        self.listening.set()


@dataclass(frozen=True, slots=True, kw_only=True)
class _Serving:
    running: Running
    web: _AnnouncingServer
    thread: Thread
    listener: socket.socket


def _serve(system: System, port: int, hang_seconds: float) -> _Serving:
    server = Server(system, hang_seconds)
    config = uvicorn.Config(
        server.application(),
        http=AbortableProtocol,
        ws="none",
        lifespan="off",
        log_config=None,
        log_level=logging.CRITICAL,
        access_log=False,
        # A request that hangs by a fault must not hold up the end.
        timeout_graceful_shutdown=1,
    )
    # Bound here, not by uvicorn: a port in use is an OSError at once, and port 0 has its number.
    listener = socket.create_server((_LOOPBACK, port), backlog=256)
    web = _AnnouncingServer(config)
    thread = Thread(target=web.run, kwargs={"sockets": [listener]}, name=system.name, daemon=True)
    thread.start()
    web.listening.wait(10)
    host, actual_port = listener.getsockname()
    running = Running(system=system, server=server, url=f"http://{host}:{actual_port}")
    return _Serving(running=running, web=web, thread=thread, listener=listener)


def _stop(servings: Sequence[_Serving]) -> None:
    """Tell all of them first, so that they end together."""
    for serving in servings:
        serving.web.should_exit = True
    for serving in servings:
        serving.thread.join(10)
        serving.listener.close()
