"""Both systems of the first document, served on loopback, and connectors to them.

The profiles' own limits are left out where they would only make the tests wait; test_sandbox_limits
keeps them.
"""

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import replace

import pytest
from specbridge.profiles.load import load_profiles
from specbridge.runtime.connectors.build import build_connector
from specbridge.runtime.connectors.transport.access import ConnectorOptions
from specbridge.runtime.connectors.transport.retry import RetryPolicy
from specbridge.runtime.records import Connector
from specbridge.sandbox.options import LimitsPlan, SandboxOptions
from specbridge.sandbox.running import Sandbox, running_sandbox

from tests.runtime.connectors.servers import closing_beside

# Waits short enough for tests; everything else as in earnest.
QUICK = ConnectorOptions(retry=RetryPolicy(first=0.01, longest=0.05), timeout=5.0)

Connect = Callable[..., Connector]


@pytest.fixture(scope="session")
def closing() -> Iterator[Callable[[ExitStack], None]]:
    with closing_beside() as close:
        yield close


@pytest.fixture
def sandbox(closing: Callable[[ExitStack], None]) -> Iterator[Sandbox]:
    """Run the small world without the servers' own limits."""
    stack = ExitStack()
    yield stack.enter_context(running_sandbox(SandboxOptions(limits=LimitsPlan.OFF)))
    closing(stack)


@pytest.fixture
def connect(sandbox: Sandbox) -> Iterator[Connect]:
    """Return what opens a connector to a system of the sandbox; all are closed in the end."""
    opened: list[Connector] = []

    def open_one(name: str, options: ConnectorOptions = QUICK) -> Connector:
        profile = replace(load_profiles()[name], limits=())
        opened.append(build_connector(profile, sandbox.environment, options))
        return opened[-1]

    yield open_one
    for connector in opened:
        connector.close()


@pytest.fixture
def zendesk(connect: Connect) -> Connector:
    """Return a connector to the help desk."""
    return connect("zendesk")


@pytest.fixture
def poweroffice(connect: Connect) -> Connector:
    """Return a connector to the book-keeping system."""
    return connect("poweroffice-go")
