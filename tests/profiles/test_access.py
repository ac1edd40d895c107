"""What a profile says of who may call: each style with what it needs, and nothing that it has no use for."""

import pytest
from specbridge.profiles.load import examine_profile

from tests.runtime.connectors.issuing import PROFILE, REFRESHED, SIGNED_IN

SESSION = """
style = "session"
token_url = "{BASE_URL}/session"
token_query = { until = "{until}" }
token_body = { login = ["{USER}", { secret = "{SECRET}" }], until = "{until}" }
token_from = "X-Subject-Token"
token_parameter = "session"
token_days = 1
"""


def faults(scheme: str) -> list[str]:
    """Return the key below [[auth]] and the text of each fault."""
    _, found = examine_profile(PROFILE + scheme, "wharf.toml")
    return [f"{one.key.partition('.')[2]}: {one.text}" for one in found]


@pytest.mark.parametrize("scheme", [SESSION, SIGNED_IN, REFRESHED])
def test_a_style_with_what_it_needs_is_well(scheme: str) -> None:
    assert faults(scheme) == []


@pytest.mark.parametrize(
    ("scheme", "old", "new", "fault"),
    [
        (
            SESSION,
            '"{SECRET}"',
            '"{secret}"',
            "token_body.login[1].secret: '{secret}': braces hold",
        ),
        (SESSION, "days = 1", "days = 0", "token_days: must be 1 at least"),
        (SIGNED_IN, 'user = "{CLIENT_ID}"\n', "", "user: is missing: style authorization-code"),
        (SIGNED_IN, "authorize_url", "token_text", "authorize_url: is missing"),
        (SIGNED_IN, '"offline"', '"{until}"', "access_type: '{until}': braces hold"),
        (
            SIGNED_IN,
            'style = "authorization-code"',
            'style = "session"',
            "authorize_url: is nothing",
        ),
        (REFRESHED, 'token = "{REFRESH_TOKEN}"\n', "", "token: is missing: style refresh-token"),
        (REFRESHED, "token_url", 'scope = "x"\ntoken_url', "scope: is nothing to style refresh-t"),
        (REFRESHED, "token_url", 'body_style = "xml"\ntoken_url', "'xml' is none of form, form-b"),
    ],
)
def test_what_is_missing_or_of_no_use_is_told(scheme: str, old: str, new: str, fault: str) -> None:
    assert old in scheme
    assert any(fault in one for one in faults(scheme.replace(old, new, 1))), faults(
        scheme.replace(old, new, 1)
    )
