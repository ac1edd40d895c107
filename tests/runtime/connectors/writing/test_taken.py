"""A value that is taken, as an API says it: by a code, or in its own words."""

import pytest
from specbridge.model.values import Json
from specbridge.profiles.load import read_profile
from specbridge.runtime.connectors.build import build_connector
from specbridge.runtime.records import Create, Refused

from tests.runtime.connectors.clocks import ManualTime
from tests.runtime.connectors.servers import Reply, replies, serving

PROFILE = """
name = "crm"
labels = ["Crm"]
base_url = "https://crm.example"
errors = ["text"]

[[resources]]
name = "Contacts"
id = "id"
properties = [{ path = "id" }, { path = "mail", unique = true }, { path = "card.number", unique = true }]
create = { method = "POST", path = "/contacts" }
taken = [
    { path = "errors[].code", equals = "E1062", property = "mail" },
    { path = "text", pattern = "(?i)carte .* attribuée", property = "card.number" },
    { path = "code", equals = "EXISTS", property = "mail", holder = "of.id" },
    { path = "text", pattern = "exists. Existing ID: (?P<holder>[0-9]+)", property = "mail" },
]
"""


@pytest.mark.parametrize(
    ("body", "duplicate", "holder"),
    [
        ({"errors": [{"code": "E1"}, {"code": "E1062"}]}, "mail", None),
        ({"text": "Carte 12 déjà attribuée"}, "card.number", None),
        ({"text": "mail is taken already"}, "mail", None),
        ({"errors": [{"code": "E10620"}], "text": "no"}, None, None),
        ({"code": "EXISTS", "of": {"id": 12}}, "mail", "12"),
        ({"code": "EXISTS", "of": {"id": None}}, "mail", None),
        ({"text": "Contact already exists. Existing ID: 345"}, "mail", "345"),
    ],
)
def test_property_and_holder_are_told(
    body: Json, duplicate: str | None, holder: str | None
) -> None:
    with serving(replies(Reply(status=422, body=body))) as server:
        connector = build_connector(
            read_profile(PROFILE, "crm.toml"),
            {"CRM_BASE_URL": server.base_url},
            make_clock=ManualTime().maker(),
        )
        create = Create(key="c", properties={"mail": "a@b.example"}, external_reference="")
        try:
            (outcome,) = connector.write_records("Contacts", [create], frozenset())
        finally:
            connector.close()
    assert isinstance(outcome, Refused)
    assert outcome.duplicate == duplicate
    assert outcome.holder == holder
