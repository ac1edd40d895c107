"""Whichever way the vendors decide what their pages leave open, a sync reaches the same end."""

from collections.abc import Mapping
from pathlib import Path

import pytest
from specbridge.sandbox.doubts import Doubt
from specbridge.sandbox.options import LimitsPlan, SandboxOptions

from tests.acceptance.conftest import Done, Office, opened_office

LEFT_OVER = 3  # two customers of the small world share a name
# Names that differ in capitals alone are two there: KYSTFISK AS is nobody's organization then.
NOT_THE_SAME = {Doubt.NAMES_WITH_CAPITALS}


def doubts_of(system: str) -> frozenset[Doubt]:
    return frozenset(d for d in Doubt if d.value.startswith(system)) - NOT_THE_SAME


def ending(office: Office) -> Mapping[str, object]:
    """Return what both systems hold, ids and instants aside."""
    zendesk, poweroffice = office.sandbox.zendesk, office.sandbox.poweroffice
    names = {row["id"]: row["name"] for row in zendesk.records("organizations")}
    return {
        "organizations": sorted(names.values()),
        "users": sorted(
            (row["name"], str(row["email"]).lower(), names.get(row["organization_id"], ""))
            for row in zendesk.records("users")
        ),
        "customers": sorted(str(row["Name"]) for row in poweroffice.records("Customers")),
        "people": sorted(
            (row["FirstName"], str(row["EmailAddress"]).lower())
            for row in poweroffice.records("ContactPersons")
        ),
    }


def sync(office: Office) -> Done:
    office.pass_time(200)
    done = office.terminal.sync()
    assert done.status in (0, LEFT_OVER), done.errors + done.output
    return done


def travel(directory: Path, otherwise: frozenset[Doubt]) -> Mapping[str, object]:
    options = SandboxOptions(limits=LimitsPlan.OFF, token_seconds=10**8, otherwise=otherwise)
    with opened_office(directory, options) as office:
        sync(office)
        assert sync(office).writes == 0
        office.rename_customer(office.customer("Granli Bygg AS"), "Granli Tre AS")
        office.rename_organization(office.organization("Nordlys Elektro AS"), "Nordlys AS")
        person = office.contact("Marte")
        path = f"/ContactPersons/{person['ContactId']}/{person['Id']}"
        office.patch(path, "EmailAddress", "Marte.Ny@nordlys.example")
        sync(office)
        assert sync(office).writes == 0
        return ending(office)


@pytest.fixture(scope="module")
def expected(tmp_path_factory: pytest.TempPathFactory) -> Mapping[str, object]:
    return travel(tmp_path_factory.mktemp("default"), frozenset())


@pytest.mark.parametrize("system", ["zendesk", "poweroffice"])
def test_the_same_end(tmp_path: Path, expected: Mapping[str, object], system: str) -> None:
    assert "Granli Tre AS" in str(expected["organizations"])
    assert "Nordlys AS" in str(expected["customers"])
    assert travel(tmp_path, doubts_of(system)) == expected


def test_names_with_capitals_are_two_names(tmp_path: Path) -> None:
    options = SandboxOptions(
        limits=LimitsPlan.OFF,
        token_seconds=10**8,
        otherwise=frozenset({Doubt.NAMES_WITH_CAPITALS}),
    )
    with opened_office(tmp_path, options) as office:
        sync(office)
        assert sync(office).writes == 0
