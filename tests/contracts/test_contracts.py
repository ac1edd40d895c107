"""What our client sends and what the sandbox answers, held against the vendors' own descriptions.

An operation is a method, a path of the description with its names in braces, and a role: the request
as our client sent it, or the answer as the sandbox gave it.
"""

from collections.abc import Sequence

import pytest
from specbridge.profiles.load import built_in_texts, read_profile
from specbridge.sandbox.options import LimitsPlan, SandboxOptions

from tests.contracts.course import travel
from tests.contracts.descriptions import REFERENCE
from tests.contracts.gaps import needless, uncovered
from tests.contracts.judging import all_findings, asked, names_of, unnoticed
from tests.contracts.mutations import spoil_answer, spoil_request
from tests.contracts.recording import Exchange
from tests.contracts.resources import record_use, use_resource
from tests.contracts.validating import check_answer, check_request

pytestmark = pytest.mark.skipif(
    not REFERENCE.is_dir(), reason=f"the vendors' descriptions are not at {REFERENCE}"
)
LEAST_OPERATIONS = 120


@pytest.fixture(scope="module")
def exchanges(tmp_path_factory: pytest.TempPathFactory) -> Sequence[Exchange]:
    """The whole course, travelled once."""
    return travel(tmp_path_factory.mktemp("course")).exchanges


@pytest.fixture(scope="module")
def requests(exchanges: Sequence[Exchange]) -> Sequence[Exchange]:
    return asked(exchanges)


def test_every_request_of_the_client_is_described(requests: Sequence[Exchange]) -> None:
    assert uncovered(all_findings(check_request, requests)) == []


def test_every_answer_of_the_sandbox_is_described(exchanges: Sequence[Exchange]) -> None:
    assert uncovered(all_findings(check_answer, exchanges)) == []


def test_no_gap_is_needless(requests: Sequence[Exchange], exchanges: Sequence[Exchange]) -> None:
    findings = all_findings(check_request, requests) + all_findings(check_answer, exchanges)
    assert needless(findings, "poweroffice-go", "zendesk") == []


def test_the_course_comes_by_many_operations(
    requests: Sequence[Exchange], exchanges: Sequence[Exchange]
) -> None:
    sent, answered = names_of(requests), names_of(exchanges)
    assert len(sent) + len(answered) >= LEAST_OPERATIONS
    # What only bulk jobs, strategies, deletions and a token of one's own come by.
    for name in (
        "POST /oauth/tokens",
        "POST /api/v2/organizations/create_many",
        "PUT /api/v2/organizations/update_many",
        "POST /api/v2/organization_memberships/create_many",
        "PUT /api/v2/users/update_many",
        "PUT /api/v2/users/{user_id}/identities/{user_identity_id}",
        "PUT /api/v2/users/{user_id}/organizations/{organization_id}/make_default",
        "GET /api/v2/job_statuses/{job_status_id}",
        "DELETE /api/v2/users/{user_id}",
    ):
        assert ("zendesk", name) in sent
    assert ("poweroffice-go", "PATCH /ContactPersons/{contactId}/{id}") in sent


def test_a_spoilt_answer_is_noticed(exchanges: Sequence[Exchange]) -> None:
    count, passed = unnoticed(spoil_answer, check_answer, exchanges)
    assert (passed, count > 500) == ([], True)


def test_a_spoilt_request_is_noticed(requests: Sequence[Exchange]) -> None:
    count, passed = unnoticed(spoil_request, check_request, requests)
    assert (passed, count > 100) == ([], True)


PROFILES = [
    ("zendesk", "Organizations", '"/api/v2/organizations"', '"/api/v2/organisations"'),
    ("zendesk", "Organizations", "organizations/create_many", "organizations/create_several"),
    (
        "zendesk",
        "Organizations",
        '"external_id"',
        '"externalid"',
    ),
    ("zendesk", "Organizations", 'wrap = "organizations"', 'wrap = "organisations"'),
    ("zendesk", "Organizations", 'start = "start_time"', 'start = "begin_time"'),
    ("zendesk", "Users", "skip_verify_email = true", 'skip_verify = "yes"'),
    ("zendesk", "Users", 'method = "PUT"', 'method = "PATCH"'),
    ("poweroffice-go", "Customers", 'size = "PageSize"', 'size = "Size"'),
    ("poweroffice-go", "Customers", 'body = "json-patch"', 'body = "merge"'),
    ("poweroffice-go", "Departments", '"/Departments/{id}"', '"/Department/{id}"'),
    ("poweroffice-go", "Suppliers", '"ExternalImportReference"', '"ExternalReference"'),
]


@pytest.mark.parametrize(("system", "resource", "old", "new"), PROFILES)
def test_a_spoilt_profile_is_noticed(system: str, resource: str, old: str, new: str) -> None:
    name = f"{system.replace('-', '_')}.toml"
    text = built_in_texts()[name]
    assert old in text
    profile = read_profile(text.replace(old, new), name)
    options = SandboxOptions(limits=LimitsPlan.OFF, job_seconds=0)
    sent = record_use(options, profile, lambda one: use_resource(one, profile, resource))
    assert uncovered(all_findings(check_request, sent)) != []
