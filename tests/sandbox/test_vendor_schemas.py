"""What the sandbox answers is what the vendors' own descriptions promise."""

import json
import os
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from openapi_schema_validator import OAS30ReadValidator

from tests.sandbox.conftest import Sessions

REFERENCE = Path(os.environ.get("SPECBRIDGE_SHARED", Path(__file__).parents[3] / "shared")) / "apis"

pytestmark = pytest.mark.skipif(
    not REFERENCE.is_dir(), reason=f"the vendors' descriptions are not at {REFERENCE}"
)


@cache
def description(name: str) -> dict[str, Any]:
    text = (REFERENCE / f"{name}.openapi.json").read_text(encoding="utf-8")
    loaded: dict[str, Any] = json.loads(text)
    return loaded


def problems(name: str, schema: str, value: object) -> list[str]:
    components = description(name)["components"]
    document = {"allOf": [{"$ref": f"#/components/schemas/{schema}"}], "components": components}
    errors = OAS30ReadValidator(document).iter_errors(value)
    return [f"{list(error.path)}: {error.message[:200]}" for error in errors]


POWEROFFICE = [
    ("Customers", "CustomerDto"),
    ("ContactPersons", "ContactPersonDto"),
    ("Departments", "DepartmentDto"),
]
# Where the description is known to be wrong: what refers to another schema cannot be null by it.
NULL_IN_SPITE_OF_THE_SCHEMA = {
    "MailAddress",
    "InvoiceDeliveryType",
    "NoticeOfDebtCollectionDeliveryType",
    "ReminderDeliveryType",
}


@pytest.mark.parametrize(("kind", "schema"), POWEROFFICE)
def test_poweroffice_records(sessions: Sessions, kind: str, schema: str) -> None:
    rows = sessions.poweroffice.get(f"/{kind}").json()
    assert rows
    for row in rows:
        shown = {
            name: value
            for name, value in row.items()
            if not (name in NULL_IN_SPITE_OF_THE_SCHEMA and value is None)
        }
        assert problems("poweroffice-go", schema, shown) == []


ZENDESK = [
    ("/organizations", "OrganizationsResponse"),
    ("/users", "UsersResponse"),
    ("/organization_memberships", "OrganizationMembershipsResponse"),
]


@pytest.mark.parametrize(("path", "schema"), ZENDESK)
def test_zendesk_lists(sessions: Sessions, path: str, schema: str) -> None:
    answer = sessions.zendesk.get(path).json()
    kind = path.strip("/")
    # The description forgets `nullable`; recorded answers hold null for whatever is unset.
    answer[kind] = [
        {name: value for name, value in row.items() if value is not None} for row in answer[kind]
    ]
    assert answer[kind]
    assert problems("zendesk", schema, answer) == []
