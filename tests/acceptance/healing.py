"""Both systems, people who edit there, and runs of the engine: for what goes wrong and heals."""

import os
import re
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from itertools import count
from pathlib import Path
from threading import Event
from typing import Any

from specbridge.profiles.load import load_profiles
from specbridge.runtime.connectors.build import build_connectors
from specbridge.runtime.connectors.transport.access import ConnectorOptions
from specbridge.runtime.connectors.transport.retry import RetryPolicy
from specbridge.runtime.decide.options import RunOptions
from specbridge.runtime.engine.run import Task, run_sync
from specbridge.runtime.engine.session import Edges
from specbridge.runtime.package import load_package
from specbridge.runtime.reports.report import Report
from specbridge.runtime.store.engine import open_store
from specbridge.runtime.store.leftover.leftovers import read_dead_letters
from specbridge.runtime.store.packages import known_flows
from specbridge.sandbox.messages import Answer, Call
from specbridge.sandbox.options import LimitsPlan, SandboxOptions

from tests.acceptance.conftest import PACKAGE, ROOT, Office, opened_office
from tests.commands import begun_command
from tests.runtime.servers import new_database

RETRY = RetryPolicy(first=0.01, longest=0.05)


Gateway = Callable[[Call, Callable[[Call], Answer]], Answer]


@dataclass(slots=True, kw_only=True)
class Ward:
    """An office with a store of its own, `url`, and a package; `renew` makes a store and returns its URL."""

    office: Office
    url: str
    renew: Callable[[], str]
    package: str = str(PACKAGE)

    def state(self, document: str) -> None:
        """Have a document of one's own say what is kept equal from now on."""
        terminal = self.office.terminal
        (terminal.directory / "powerofficego-zendesk.rst").write_text(document)
        done = terminal.run("generate", "powerofficego-zendesk.rst", "-o", "made")
        assert done.status == 0, done.errors
        self.package = str(terminal.directory / "made" / "powerofficego_zendesk")

    def lose_store(self) -> None:
        """Go on with a new store."""
        self.url = self.renew()

    def sync(self, *, actions: bool = True, **more: object) -> Report:
        package, flows = load_package(self.package)
        task = Task(package=package, flows=flows, profiles=load_profiles())
        options = replace(RunOptions(), **more)  # type: ignore[arg-type]  # options' own fields
        with self._connectors() as connectors, open_store(self.url) as store:
            return run_sync(task, store, Edges(connectors=connectors), options, actions=actions)

    def letters(self) -> list[str]:
        """Return the reasons of the dead letters."""
        with open_store(self.url) as store:
            numbers = [flow.number for flow in known_flows(store.connection)]
            return [row.reason for row in read_dead_letters(store.connection, numbers)]

    def sync_killed(
        self, method: str, path: str, *, after: bool, behind: Gateway = lambda call, on: on(call)
    ) -> bool:
        """Run a sync whose process is killed at a request to Zendesk, before it is carried out or after.

        `path` is the end of the request's path, as a pattern; `behind` is another gateway that it
        passes then. Returns whether there was such a request.
        """
        zendesk, killed = self.office.sandbox.zendesk, Event()
        environment = {**os.environ, **self.office.terminal.environment}
        words = ["sync", self.package, "--store", self.url]

        def gateway(call: Call, on: Callable[[Call], Answer]) -> Answer:
            doomed = call.method == method and re.search(f"{path}$", call.path) is not None
            if not doomed:
                return behind(call, on)
            answer = behind(call, on) if after else Answer(status=500)
            command.kill()
            killed.set()
            return answer

        with begun_command(words, cwd=ROOT, env=environment) as command:
            zendesk.place_gateway(gateway)
            command.wait()
        zendesk.place_gateway(None)
        return killed.is_set()

    @contextmanager
    def _connectors(self) -> Iterator[Mapping[str, Any]]:
        known = ("poweroffice-go", "zendesk")
        profiles = [replace(p, limits=()) for n, p in load_profiles().items() if n in known]
        options = ConnectorOptions(retry=RETRY, timeout=5.0)
        connectors = build_connectors(profiles, self.office.sandbox.environment, options)
        try:
            yield connectors
        finally:
            for connector in connectors.values():
                connector.close()


@contextmanager
def opened_ward(directory: Path, server: str | None = None, **more: object) -> Iterator[Ward]:
    """Run a sandbox without limits, whose newest changes are shown at once unless `more` says so.

    Stores are files in the directory, or databases of a PostgreSQL server.
    """
    options = SandboxOptions(limits=LimitsPlan.OFF, withhold_seconds=0)
    numbers = count(1)
    with ExitStack() as stack:

        def renew() -> str:
            if server is not None:
                return stack.enter_context(new_database(server))
            return f"sqlite:///{directory / f'store{next(numbers)}.db'}"

        office = stack.enter_context(opened_office(directory, replace(options, **more)))  # type: ignore[arg-type]  # options' own fields
        yield Ward(office=office, url=renew(), renew=renew)
