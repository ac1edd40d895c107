"""Sandboxes for the tests of this folder, and sessions at both systems as people have them."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass

import httpx
import pytest
from specbridge.sandbox.options import LimitsPlan, SandboxOptions
from specbridge.sandbox.running import Sandbox, running_sandbox


@dataclass(frozen=True, slots=True, kw_only=True)
class Sessions:
    """A sandbox with a signed-in session at each system."""

    sandbox: Sandbox
    poweroffice: httpx.Client
    zendesk: httpx.Client


StartSandbox = Callable[[SandboxOptions], Sessions]
UNLIMITED = SandboxOptions(limits=LimitsPlan.OFF)


def sign_in(environment: dict[str, str]) -> httpx.Response:
    return httpx.post(
        environment["POWEROFFICE_GO_TOKEN_URL"],
        data={"grant_type": "client_credentials"},
        auth=(
            environment["POWEROFFICE_GO_APPLICATION_KEY"],
            environment["POWEROFFICE_GO_CLIENT_KEY"],
        ),
        headers={"Ocp-Apim-Subscription-Key": environment["POWEROFFICE_GO_SUBSCRIPTION_KEY"]},
    )


@pytest.fixture
def start() -> Iterator[StartSandbox]:
    with ExitStack() as stack:

        def begin(options: SandboxOptions) -> Sessions:
            sandbox = stack.enter_context(running_sandbox(options))
            environment = dict(sandbox.environment)
            token = sign_in(environment).json()["access_token"]
            poweroffice = httpx.Client(
                base_url=environment["POWEROFFICE_GO_BASE_URL"],
                headers={
                    "Authorization": f"Bearer {token}",
                    "Ocp-Apim-Subscription-Key": environment["POWEROFFICE_GO_SUBSCRIPTION_KEY"],
                },
            )
            zendesk = httpx.Client(
                base_url=f"{environment['ZENDESK_BASE_URL']}/api/v2",
                headers={"Authorization": f"Bearer {environment['ZENDESK_OAUTH_TOKEN']}"},
            )
            return Sessions(
                sandbox=sandbox,
                poweroffice=stack.enter_context(poweroffice),
                zendesk=stack.enter_context(zendesk),
            )

        yield begin


@pytest.fixture
def sessions(start: StartSandbox) -> Sessions:
    return start(UNLIMITED)
