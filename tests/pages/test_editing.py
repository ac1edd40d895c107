"""The page on which the sandbox's records are edited, in a real browser and against who must not use it."""

from collections.abc import Iterator

import httpx
import pytest
from playwright.sync_api import Browser, Page
from specbridge.cli.sandbox.page import serving_page
from specbridge.cli.sandbox.reached import Reached
from specbridge.profiles.load import load_profiles
from specbridge.sandbox.options import SandboxOptions
from specbridge.sandbox.running import Sandbox, running_sandbox

from tests.pages.browsing import violations

HOSTILE = "</h1><script>document.title = 'run'</script>{{ 7 }}\u202e"


@pytest.fixture(scope="module")
def sandbox() -> Iterator[Sandbox]:
    with running_sandbox(SandboxOptions()) as running:
        yield running


@pytest.fixture(scope="module")
def address(sandbox: Sandbox) -> Iterator[str]:
    known = {
        name: one for name, one in load_profiles().items() if name in ("zendesk", "poweroffice-go")
    }
    with serving_page(Reached(profiles=known, environment=sandbox.environment)) as found:
        yield found


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    # Without scripts: the page is to need none.
    context = browser.new_context(java_script_enabled=False)
    yield context.new_page()
    context.close()


def user(sandbox: Sandbox, name: str) -> dict[str, object]:
    return next(row for row in sandbox.zendesk.records("users") if row["name"] == name)


def test_a_person_edits_a_record(sandbox: Sandbox, address: str, page: Page) -> None:
    before = user(sandbox, "Unn Ukjent")
    page.goto(address)
    page.get_by_role("link", name="Zendesk: Users").click()
    page.get_by_role("link", name="Unn Ukjent").click()
    page.get_by_label("name string", exact=True).fill(HOSTILE)
    page.get_by_label("suspended boolean").fill("true")
    page.get_by_role("button", name="Save").click()
    assert page.get_by_role("status").inner_text() == "Saved."
    after = next(row for row in sandbox.zendesk.records("users") if row["id"] == before["id"])
    assert (after["name"], after["suspended"]) == (HOSTILE, True)
    assert str(after["updated_at"]) > str(before["updated_at"])
    # It is shown, and nothing of it runs.
    assert "</h1><script>" in page.locator("h1").inner_text()


def test_what_is_refused_is_told_and_stays_in_the_form(
    sandbox: Sandbox, address: str, page: Page
) -> None:
    identifier = user(sandbox, "Marte Lunde")["id"]
    page.goto(f"{address}zendesk/Users/{identifier}")
    page.get_by_label("email string").fill("anne@helpdesk.example")
    page.get_by_role("button", name="Save").click()
    assert "is already being used by another user" in page.get_by_role("alert").inner_text()
    assert page.get_by_label("email string").input_value() == "anne@helpdesk.example"
    assert user(sandbox, "Marte Lunde")["email"] == "marte.lunde@nordlys.example"


def test_records_are_made_and_deleted(sandbox: Sandbox, address: str, page: Page) -> None:
    page.goto(f"{address}poweroffice-go/Departments")
    page.get_by_role("link", name="A new record").click()
    page.get_by_label("Name string", exact=True).fill("Lager")
    page.get_by_role("button", name="Save").click()
    assert page.locator("h1").inner_text() == "Lager"
    assert "Lager" in [row["Name"] for row in sandbox.poweroffice.records("Departments")]
    page.get_by_role("button", name="Delete the record").click()
    assert "Lager" not in [row["Name"] for row in sandbox.poweroffice.records("Departments")]


def test_the_page_has_no_fault_of_access(address: str, browser: Browser) -> None:
    context = browser.new_context()
    opened = context.new_page()
    opened.goto(f"{address}zendesk/Users")
    assert violations(opened) == []
    opened.get_by_role("link", name="Ringte Inn").click()
    assert violations(opened) == []
    context.close()


@pytest.mark.parametrize(
    "headers",
    [
        {"Host": "records.example"},
        {"Origin": "http://records.example"},
        {"Origin": "null"},
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
    ],
    ids=lambda headers: " ".join(headers.values()),
)
def test_nobody_edits_from_elsewhere(
    sandbox: Sandbox, address: str, headers: dict[str, str]
) -> None:
    identifier = user(sandbox, "Jonas Eide")["id"]
    form = {"name": "Somebody", "deed": "save"}
    answer = httpx.post(f"{address}zendesk/Users/{identifier}", data=form, headers=headers)
    assert answer.status_code == 403
    assert user(sandbox, "Jonas Eide")


def test_what_is_not_there_is_told(address: str) -> None:
    for path in ("zendesk/Users/77", "zendesk/Nope", "acme/Users"):
        answer = httpx.get(f"{address}{path}")
        assert (answer.status_code, "refused" in answer.text) == (404, True)
