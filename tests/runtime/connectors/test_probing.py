"""A profile tried on a live system: what fits is told, and what does not, line by line, without a value."""

from collections.abc import Callable

import pytest
from specbridge.profiles.load import read_profile
from specbridge.runtime.connectors.build import build_connector
from specbridge.runtime.records import Finding

from tests.acceptance.strangers import BOOKS_PROFILE, CRM_PROFILE, Books, Crm
from tests.runtime.connectors.clocks import ManualTime
from tests.runtime.connectors.servers import Received, Reply, serving

ENVIRONMENT = {"BOOKS_SECRET": "s3cret-of-books", "CRM_API_KEY": "k3y-of-crm"}


def probe(
    profile: str, answer: Callable[[Received], Reply], name: str
) -> tuple[dict[str, Finding], list[str]]:
    """Return the findings by subject, and the requests that were made."""
    with serving(answer) as server:
        environment = {**ENVIRONMENT, f"{name}_BASE_URL": server.base_url}
        connector = build_connector(
            read_profile(profile, "x.toml"), environment, make_clock=ManualTime().maker()
        )
        try:
            return {one.subject: one for one in connector.probe()}, server.paths()
        finally:
            connector.close()


@pytest.fixture
def books() -> Books:
    made = Books()
    for number in range(1, 8):
        made.add(title=f"{number} Ltd", origin=f"r{number}")
    return made


def test_a_profile_that_fits_is_well_and_nothing_is_written(books: Books) -> None:
    findings, paths = probe(BOOKS_PROFILE, books.answer, "BOOKS")
    assert [one for one in findings.values() if not one.well and one.subject != "clock"] == []
    assert findings["Customers: list"].message == "7 records in 4 answers, to the end"
    assert findings["Customers: properties"].message == (
        "in rows, and not in the profile: address.id, address.zip, lines, note"
    )
    assert findings["Customers: changes"].message.endswith("since the newest instant, none older")
    assert findings["Customers: read"].message == "a record read twice is the same"
    assert findings["Customers: lookup by origin"].message == "1 found"
    assert {path.partition(" ")[0] for path in paths if "session" not in path} == {"GET"}


def test_a_search_by_post_is_tried_too() -> None:
    crm = Crm()
    for number in range(5):
        crm._add({"properties": {"name": f"n{number}", "ref": f"r{number}"}})
    findings, _ = probe(CRM_PROFILE, crm.answer, "CRM")
    assert findings["Contacts: list"].message == "5 records in 3 answers, to the end"
    assert findings["Contacts: lookup by properties.ref"].well
    assert findings["Contacts: properties"].message == (
        "in no row: properties.phone, properties.city, properties.state; "
        "in rows, and not in the profile: tags"
    )


@pytest.mark.parametrize(
    ("old", "new", "subject", "message"),
    [
        (
            ', form = "epoch-milliseconds", read',
            ", read",
            "Customers: types",
            "modified is a number: say",
        ),
        (
            '"title", type = "string"',
            '"title", type = "integer"',
            "Customers: types",
            "title is a text",
        ),
        ('since = "modifiedFrom"', 'since = "from"', "Customers: changes", "older than the filter"),
        (
            'parameter = "origin"',
            'parameter = "orign"',
            "Customers: lookup by origin",
            "does not find",
        ),
        ('precondition = "version"', 'precondition = "etag"', "Customers: read", "has no ETag"),
        (
            '"/customers/{id}", wrap = "value"',
            '"/customers/{id}"',
            "Customers: read",
            "hold the record",
        ),
        (
            'items = "data.rows" }\nincr',
            'items = "rows" }\nincr',
            "Customers: list",
            "is no list of 'rows'",
        ),
    ],
)
def test_what_does_not_fit_is_told(
    books: Books, old: str, new: str, subject: str, message: str
) -> None:
    assert old in BOOKS_PROFILE
    books.customers[1]["modified"] = 1_700_000_000_000
    text = BOOKS_PROFILE.replace(old, new)
    if "etag" in new:
        text = text.replace(', version = "version", conflicts = [409]', "")
    findings, _ = probe(text, books.answer, "BOOKS")
    assert not findings[subject].well
    assert message in findings[subject].message
    assert "Ltd" not in str(findings)
