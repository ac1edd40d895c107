"""The course that is recorded: what our client does with two systems, from `doctor` to `audit`.

People edit both systems in between, through calls of their own. The newest minute of exports is
withheld, as the vendor does.
"""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from specbridge.sandbox.options import LimitsPlan, SandboxOptions

from tests.acceptance.conftest import PACKAGE, Office, opened_office
from tests.contracts.people import visit_everything
from tests.contracts.recording import Recording
from tests.contracts.resources import use_every_resource

_OPTIONS = SandboxOptions(
    records=60,
    limits=LimitsPlan.OFF,
    job_seconds=1.0,
    bulk_users=True,
    # People sign in once, and hours pass.
    token_seconds=10**8,
)
_DONE = (0, 3)  # two customers of the small world share a name: that is left over
_RENAMED = 12


def travel(directory: Path) -> Recording:
    """Return all that is asked and answered on the way."""
    recording = Recording()
    with opened_office(directory, _OPTIONS) as office:
        recording.attach(office.sandbox)
        _set_out(office)
        _edit_both_ways(office, recording)
        _come_back(office)
        _recover(office, recording)
        _run(office, "audit", PACKAGE, "--json")
        use_every_resource(office.sandbox.environment, recording)
        with recording.people():
            visit_everything(office)
    return recording


def _set_out(office: Office) -> None:
    # Once with a token that was set up, once with one that is asked for.
    secrets = office.sandbox.credentials
    asking = {
        "ZENDESK_CLIENT_ID": secrets.client_id,
        "ZENDESK_CLIENT_SECRET": secrets.client_secret,
    }
    _run(office, "doctor", PACKAGE)
    _run(office, "doctor", PACKAGE, ZENDESK_OAUTH_TOKEN="", **asking)
    _run(office, "sync", PACKAGE, "--json")


def _edit_both_ways(office: Office, recording: Recording) -> None:
    with _in_between(office, recording):
        office.rename_customer(office.customer("Granli Bygg AS"), "Granli Tre AS")
        person = office.contact("Marte")
        path = f"/ContactPersons/{person['ContactId']}/{person['Id']}"
        office.patch(path, "EmailAddress", "marte.ny@nordlys.example")
        _move_contact(office)
        _rename_departments(office)
        _rename_customers(office)
    _run(office, "sync", PACKAGE, "--json")


def _come_back(office: Office) -> None:
    office.pass_time(200)
    _run(office, "sync", PACKAGE, "--full", "--json")
    _run(office, "undo", "2", "--package", PACKAGE, "--json")
    office.pass_time(200)
    _run(office, "sync", PACKAGE, "--json")


def _recover(office: Office, recording: Recording) -> None:
    """Kill a run among its creations, and another among its changes; the next ones finish them."""
    log = office.sandbox.zendesk.request_log
    with _in_between(office, recording):
        for number in range(_RENAMED):
            sent = {"Name": f"Nye Verft {number}"}
            office.poweroffice.post("/Customers", json=sent).raise_for_status()
    _kill(office, lambda: log.count("POST", "/api/v2/organizations/create_many") > 1)
    _run(office, "sync", PACKAGE, "--json")
    with _in_between(office, recording):
        _rename_organizations(office)
    written = office.sandbox.poweroffice.request_log
    before = written.count("PATCH")
    _kill(office, lambda: written.count("PATCH") > before + 2)
    _run(office, "sync", PACKAGE, "--json")


@contextmanager
def _in_between(office: Office, recording: Recording) -> Iterator[None]:
    office.pass_time(200)
    with recording.people():
        yield
    office.pass_time(200)


def _move_contact(office: Office) -> None:
    user = office.user("Ingrid Dahl")
    (identity,) = [
        row
        for row in office.sandbox.zendesk.records("identities")
        if row["user_id"] == user["id"] and row["primary"]
    ]
    sent = {"identity": {"value": "ingrid.ny@fjellheim.example"}}
    path = f"/users/{user['id']}/identities/{identity['id']}"
    office.zendesk.put(path, json=sent).raise_for_status()
    # An identity leaves its user's instant alone: something of the user must change, too.
    office.zendesk.put(f"/users/{user['id']}", json={"user": {"notes": "flyttet"}})


def _rename_departments(office: Office) -> None:
    office.rename_organization(office.organization("Innkjøp"), "Innkjøp og Lager")


def _rename_customers(office: Office) -> None:
    rows = [r for r in office.sandbox.poweroffice.records("Customers") if not r["IsPerson"]]
    for row in rows[-_RENAMED:]:
        office.rename_customer(row, f"{row['Name']} Nytt")


def _rename_organizations(office: Office) -> None:
    rows = office.sandbox.zendesk.records("organizations")
    for row in rows[-_RENAMED:]:
        office.rename_organization(row, f"{row['name']} Igjen")


def _run(office: Office, *words: object, **variables: str) -> None:
    done = office.terminal.run(*(str(word) for word in words), **variables)
    assert done.status in _DONE, f"{words}: {done.status}\n{done.errors}{done.output[-2000:]}"


def _kill(office: Office, happened: Callable[[], bool]) -> None:
    environment: Mapping[str, Any] = {**os.environ, **office.terminal.environment}
    process = subprocess.Popen(
        [sys.executable, "-m", "specbridge", "sync", str(PACKAGE), "--json"],
        cwd=office.terminal.directory,
        env=environment,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    deadline = time.monotonic() + 60
    while not happened() and process.poll() is None and time.monotonic() < deadline:
        time.sleep(0.002)
    process.send_signal(signal.SIGKILL)
    assert process.wait() == -signal.SIGKILL, "the run ended before it was killed"
