"""All four systems in one store: what is entered once is one thing in each, and edits travel to all of them."""

import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from specbridge.sandbox.options import LimitsPlan, SandboxOptions

from tests.acceptance.conftest import Done, Office, opened_office, use_our_packages
from tests.sandbox.tripletex.conftest import open_session

NAME = "Vårt Første Felles AS"
OPTIONS = SandboxOptions(
    systems=("hubspot", "tripletex"), limits=LimitsPlan.OFF, withhold_seconds=0
)


@pytest.fixture
def office(tmp_path: Path) -> Iterator[Office]:
    """A project whose output is the packages of this repository, and all four systems."""
    use_our_packages(tmp_path)
    with opened_office(tmp_path, OPTIONS) as opened:
        yield opened


def sync(office: Office) -> Done:
    done = office.terminal.run("sync", "--json")
    assert done.status in (0, 3), (done.output, done.errors)
    return done


def held(office: Office, name: str) -> dict[str, list[Any]]:
    """Return what each system has under a firm's name: the phone, where it has one."""
    sandbox = office.sandbox
    hubspot = [row["properties"] for row in sandbox.further["hubspot"].records("companies")]
    return {
        "poweroffice": [
            row["PhoneNumber"]
            for row in sandbox.poweroffice.records("Customers")
            if row["Name"] == name
        ],
        "tripletex": [
            row["phoneNumber"]
            for row in sandbox.further["tripletex"].records("customer")
            if row["name"] == name
        ],
        "hubspot": [row.get("phone") for row in hubspot if row.get("name") == name],
        "zendesk": [
            row["name"] for row in sandbox.zendesk.records("organizations") if row["name"] == name
        ],
    }


def part_namesakes(office: Office) -> None:
    """Tell apart the two firms and the two people of the small world that nobody could."""
    rows = office.sandbox.poweroffice.records("Customers")
    second = [row for row in rows if row["Name"] == "Havblikk Regnskap AS"][1]
    office.rename_customer(second, "Havblikk Larvik AS")
    nils = office.contact("Nils")
    path = f"/ContactPersons/{nils['ContactId']}/{nils['Id']}"
    office.patch(path, "EmailAddress", "nils@havblikk.example")


def test_a_customer_entered_once_is_one_thing_in_all_four(office: Office) -> None:
    part_namesakes(office)
    sent = {"Name": NAME, "PhoneNumber": "11 11 11 11"}
    office.poweroffice.post("/Customers", json=sent).raise_for_status()
    sync(office)
    phones = {system: found[:1] for system, found in held(office, NAME).items()}
    assert held(office, NAME) == phones
    assert phones == {
        "poweroffice": ["11 11 11 11"],
        "tripletex": ["11 11 11 11"],
        "hubspot": ["11 11 11 11"],
        "zendesk": [NAME],
    }
    # Tripletex's instants have whole seconds.
    time.sleep(1)
    tripletex = office.sandbox.further["tripletex"]
    row = next(row for row in tripletex.records("customer") if row["name"] == NAME)
    environment = office.sandbox.environment
    auth = ("0", open_session(environment).json()["value"]["token"])
    url = f"{environment['TRIPLETEX_BASE_URL']}/customer/{row['id']}"
    changes = {"phoneNumber": "22 22 22 22", "name": f"{NAME} Nord"}
    httpx.put(url, json=changes, auth=auth).raise_for_status()
    sync(office)
    assert held(office, f"{NAME} Nord") == {
        "poweroffice": ["22 22 22 22"],
        "tripletex": ["22 22 22 22"],
        "hubspot": ["22 22 22 22"],
        "zendesk": [f"{NAME} Nord"],
    }
    assert not any(held(office, NAME).values())
    assert sync(office).writes == 0
    audited = office.terminal.run("audit", "--json")
    assert audited.status == 0, audited.output[-3000:]
