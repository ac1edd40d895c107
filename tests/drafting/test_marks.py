"""What no description says is marked, with its candidates; without the marks the draft is a profile."""

from dataclasses import replace

import pytest
from specbridge.drafting.rendering import write_draft
from specbridge.profiles.load import examine_profile, read_profile

from tests.drafting.describing import VENDORS, draft, vendor_text
from tests.drafting.test_versions import PLAIN


def without_marks(text: str) -> str:
    return "".join(line for line in text.splitlines(True) if not line.startswith("decide."))


@pytest.mark.parametrize("name", VENDORS)
def test_a_draft_is_refused_until_all_is_decided(name: str) -> None:
    drafted = draft(vendor_text(name))
    _, faults = examine_profile(write_draft(drafted), "draft.toml")
    assert len(faults) == len(drafted.marks) > 0
    assert all("still to be decided" in fault.text for fault in faults)


@pytest.mark.parametrize("name", VENDORS)
def test_a_draft_without_its_marks_is_the_profile(name: str) -> None:
    drafted = draft(vendor_text(name))
    profile = read_profile(without_marks(write_draft(drafted)), "draft.toml")
    assert replace(profile, path="") == drafted.profile


@pytest.mark.parametrize("name", VENDORS)
def test_each_api_is_asked_about_paging_limits_changes_and_references(name: str) -> None:
    drafted = draft(vendor_text(name))
    general = {mark.subject for mark in drafted.marks if mark.resource is None}
    assert general == {"address", "auth", "limits", "probe", "paging"}
    for resource in drafted.profile.resources:
        own = {mark.subject for mark in drafted.marks if mark.resource == resource.name}
        assert "changes" in own
        assert ("external_reference" in own) == (resource.create is not None)


@pytest.mark.parametrize(
    ("name", "subject", "resource", "told"),
    [
        ("zendesk", "paging", None, "answer next_page (next) of 3 of 7 lists"),
        ("zendesk", "limits", None, "100 requests per minute"),
        ("zendesk", "changes", "Users", "/api/v2/incremental/users/cursor exports from a start"),
        ("zendesk", "external_reference", "Users", "external_id can be looked up"),
        ("zendesk", "creation", "OrganizationMemberships", "organization_id, user_id"),
        ("zendesk", "probe", None, "GET /api/v2/users/me"),
        ("poweroffice-go", "paging", None, "parameter PageNumber (page) of 10 of 10 lists"),
        ("poweroffice-go", "limits", None, "429 is an answer of 88 calls"),
        ("poweroffice-go", "auth", None, "POST /Token looks like a token's call"),
        ("poweroffice-go", "external_reference", "Customers", "ExternalImportReference can be"),
        ("hubspot", "paging", None, "answer paging.next.after (cursor) of 3 of 3 lists"),
        ("hubspot", "changes", "Contacts", "POST /crm/v3/objects/contacts/search searches"),
        ("tripletex", "paging", None, "parameter from (offset) of 8 of 8 lists"),
        ("tripletex", "changes", "Customers", "/customer has changedSince"),
        ("tripletex", "update", "Customers", "version looks like a version"),
    ],
)
def test_candidates_are_shown(name: str, subject: str, resource: str | None, told: str) -> None:
    found = [
        mark
        for mark in draft(vendor_text(name)).marks
        if (mark.subject, mark.resource) == (subject, resource)
    ]
    assert any(told in one for mark in found for one in mark.found), found


def test_vendors_texts_are_comments_and_nothing_else() -> None:
    hostile = PLAIN.replace(
        "founded:", '"evil\\n[[auth]]\\u007f\\"": {type: string}\n        founded:'
    )
    hostile = hostile.replace(
        "    get:\n",
        '    get:\n      description: "5 requests per second\\n[[limits]]\\nname = 1"\n',
        1,
    )
    drafted = draft(hostile)
    profile = read_profile(without_marks(write_draft(drafted)), "draft.toml")
    assert replace(profile, path="") == drafted.profile
    assert profile.limits == ()
