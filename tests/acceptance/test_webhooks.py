"""An edit in Zendesk is in PowerOffice in seconds; what deliveries suffer on their way changes nothing."""

import statistics
import subprocess
import sys
import time
from collections.abc import Iterator
from functools import partial
from pathlib import Path

import pytest
from specbridge.sandbox.options import LimitsPlan, SandboxOptions

from tests.acceptance.conftest import PACKAGE, ROOT, Office, opened_office
from tests.acceptance.webhooks import (
    SECRET,
    Service,
    await_that,
    count_left,
    free_port,
    has_customer,
    served,
    soak,
    store_url,
    watched,
)
from tests.commands import run_without

FAULTS = ("repeated=0.5", "reordered=0.5", "forged=0.5")
EDITS = 3


@pytest.fixture(scope="module")
def port() -> int:
    return free_port()


@pytest.fixture(scope="module")
def office(tmp_path_factory: pytest.TempPathFactory, port: int) -> Iterator[Office]:
    """Run a sandbox whose exports withhold the newest minute, as the vendor's do."""
    options = SandboxOptions(
        limits=LimitsPlan.OFF,
        webhooks=f"http://127.0.0.1:{port}/hooks/zendesk",
        webhook_secret=SECRET,
        faults=tuple(f"zendesk:webhook-{fault}" for fault in FAULTS),
    )
    with opened_office(tmp_path_factory.mktemp("webhooks"), options) as found:
        yield found


@pytest.fixture(scope="module")
def service(office: Office, port: int) -> Iterator[Service]:
    with served(office, port) as found:
        yield found


@pytest.mark.usefixtures("service")
def test_an_edit_arrives_in_seconds(office: Office, tmp_path: Path) -> None:
    with watched(office, 600, tmp_path):
        # The first run's own writes come back, and lead to a run that writes nothing.
        await_that("its own echoes are read", lambda: count_left(store_url(office)) == 0)
        waits = []
        for number in range(EDITS):
            name, began = f"Nordlys Nord {number} AS", time.monotonic()
            old = "Nordlys Elektro AS" if number == 0 else f"Nordlys Nord {number - 1} AS"
            office.rename_organization(office.organization(old), name)
            await_that(name, partial(has_customer, office, name))
            waits.append(time.monotonic() - began)
    assert statistics.median(waits) < 3, waits


@pytest.mark.usefixtures("service")
def test_the_systems_are_asked_whether_their_webhooks_deliver_here(
    office: Office, port: int
) -> None:
    secret = {"ZENDESK_WEBHOOK_SECRET": SECRET}
    here = office.terminal.run("serve", "--check", "--port", str(port), **secret)
    assert (here.status, "it is active" in here.output) == (0, True)
    words = ("serve", "--check", "--json", "--address", "https://elsewhere.example")
    there = office.terminal.run(*words, **secret)
    assert (there.status, there.answer["webhooks"][0]["well"]) == (5, False)
    assert office.terminal.run("sync", str(PACKAGE), **secret).status in (0, 3)
    told = office.terminal.run("status").output
    assert "webhooks of zendesk: " in told
    assert SECRET not in here.output + here.errors + there.output + there.errors


def test_whatever_deliveries_suffer_none_is_lost_and_nothing_is_written_twice(
    tmp_path: Path,
) -> None:
    options = SandboxOptions(limits=LimitsPlan.OFF, withhold_seconds=0)
    with opened_office(tmp_path, options) as office:
        found = soak(office, 100, 1, tmp_path)
    assert found["statuses"] == {204: 80, 401: 20}


LOADED = """
import sys
sys.argv = ["specbridge", "status"]
from specbridge.cli.main import main
try:
    main()
except SystemExit:
    pass
import specbridge.cli.runs.sync, specbridge.cli.stores.status, specbridge.cli.running
extra = {"starlette", "uvicorn", "procrastinate", "prometheus_client", "specbridge.service"}
print(sorted(extra & set(sys.modules)))
"""


def test_without_serving_nothing_of_the_extra_is_loaded(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-c", LOADED],
        cwd=tmp_path,
        env={"SPECBRIDGE_STORE": f"sqlite:///{tmp_path / 'x.db'}", "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout.splitlines()[-1] == "[]"


def test_without_the_extra_serve_says_how_it_is_installed(tmp_path: Path) -> None:
    done = run_without("starlette", "serve", cwd=tmp_path)
    assert (done.returncode, 'pip install "specbridge[scale]"' in done.stderr) == (6, True)
