"""What a profile says of webhooks: what does not fit together is told, with the key that it is about."""

import pytest
from specbridge.profiles.load import examine_profile

PROFILE = """
name = "acme"
labels = ["Acme"]
base_url = "https://acme.example"

[webhooks]
secret = "{WEBHOOK_SECRET}"
signature = "X-Acme-Signature"
instant = "X-Acme-Sent-At"
signed = "{instant}{body}"
id = ["id"]
kind = "what"
check = { list = { path = "/hooks", paging = { style = "none" } }, address = "url" }

[[webhooks.records]]
resource = "Contacts"
kinds = ["contact."]
ids = ["id"]

[[resources]]
name = "Contacts"
id = "id"
modified_at = "changed"
properties = [
    { path = "id", read_only = true },
    { path = "changed", type = "datetime", read_only = true },
]
list = { path = "/contacts", paging = { style = "none" } }
"""


def faults(text: str) -> list[str]:
    _, found = examine_profile(text, "acme.toml")
    return [f"{one.key}: {one.text}" for one in found]


def test_what_fits_together_is_well() -> None:
    assert faults(PROFILE) == []


@pytest.mark.parametrize(
    ("old", "new", "fault"),
    [
        ('"{WEBHOOK_SECRET}"', '"hush"', "webhooks.secret: must be one variable"),
        ('"{WEBHOOK_SECRET}"', '"{A}{B}"', "webhooks.secret: must be one variable"),
        ('"{instant}{body}"', '"{instant}"', "webhooks.signed: lacks {body}"),
        ('"{instant}{body}"', '"{bdy}{instant}{body}"', "did you mean body"),
        ('"{instant}{body}"', '"{body}"', "webhooks.instant: instant is to stand in signed"),
        ('instant = "X-Acme-Sent-At"\n', "", "webhooks.instant: instant is to stand in signed"),
        ('"X-Acme-Signature"', '""', "webhooks.signature: must name a header"),
        ('id = ["id"]\nkind', "kind", "webhooks.id: or event is to be stated"),
        ('kind = "what"', "kind = []", "webhooks.kind: "),
        ('kind = "what"', 'kind = "what"\ntolerance = 0.0', "webhooks.tolerance: must be more"),
        ('resource = "Contacts"', 'resource = "Contact"', "did you mean Contacts"),
        ('kinds = ["contact."]', 'kinds = [""]', "kinds: must say how its kinds begin"),
        ('ids = ["id"]', "ids = []", "ids: must name one path"),
        ('address = "url"', 'address = "url", state = "on"', "webhooks.check: needs address"),
        ('kind = "what"', 'kind = "what"\nscheme = "md5"', "hmac-sha256"),
    ],
)
def test_what_does_not_is_told(old: str, new: str, fault: str) -> None:
    assert old in PROFILE
    found = faults(PROFILE.replace(old, new, 1))
    assert any(fault in one for one in found), found
