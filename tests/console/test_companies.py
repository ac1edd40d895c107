"""Several companies in one console: what is planned, run and undone is one company's, and says whose it is."""

import re
from collections.abc import Iterator
from html import unescape
from time import monotonic, sleep

import httpx
import pytest

from tests.companies.office import Companies, opened_companies
from tests.console.seeded import all_rows
from tests.console.stage import form_of, kept_deeds, running_console

PATIENCE = 120.0
"""Seconds that a run may take on a machine that is busy with others."""


@pytest.fixture(scope="module")
def companies(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Companies]:
    with opened_companies(tmp_path_factory.mktemp("companies")) as found:
        yield found


@pytest.fixture(scope="module")
def client(companies: Companies) -> Iterator[httpx.Client]:
    url = {"SPECBRIDGE_STORE": store_of(companies)}
    with running_console(companies.directory, url) as running:
        yield running.client


def store_of(companies: Companies) -> str:
    return f"sqlite:///{companies.directory / 'specbridge.db'}"


def carried_out(client: httpx.Client, page: str, action: str, **form: str) -> str:
    """Begin something, wait until it has ended, and return the page that says what came of it."""
    sent = {**form_of(client.get(page).text, action), **form}
    begun = client.post(action, data=sent)
    assert begun.status_code == httpx.codes.SEE_OTHER, begun.text
    deadline = monotonic() + PATIENCE
    while "under way" in (text := client.get(begun.headers["location"]).text):
        assert monotonic() < deadline
        sleep(0.1)
    return unescape(text)


def owners(companies: Companies) -> list[str]:
    """Return whose the runs are, oldest first."""
    rows = all_rows(store_of(companies))
    names = {number: str(name) for number, name, *_ in rows["companies"]}
    return [names[run[1]] for run in sorted(rows["runs"], key=lambda run: str(run[0]))]


def test_each_company_is_planned_run_and_undone_for_itself(
    client: httpx.Client, companies: Companies
) -> None:
    page = client.get("/plan").text
    assert re.findall(r'<option value="(acme|nord)"', page) == ["acme", "nord"]
    planned = carried_out(client, "/plan", "/do/work", company="nord", choice="plan")
    assert "nord: all packages" in planned
    assert "What it would do" in planned
    assert all_rows(store_of(companies))["runs"] == []
    ran = carried_out(client, "/plan", "/do/work", company="nord", choice="run")
    assert "By flow" in ran, ran
    assert owners(companies) == ["nord"]
    package = "powerofficego_zendesk"
    carried_out(client, "/plan", "/do/work", company="acme", package=package, choice="run")
    assert owners(companies) == ["nord", "acme"]
    assert kept_deeds(store_of(companies)) == [
        ("anna", "run", "all packages"),
        ("anna", "run", package),
    ]
    # Each row says whose it is, and can be asked for alone.
    both = client.get("/runs").text
    assert ">acme<" in both
    assert ">nord<" in both
    alone = client.get("/?company=2").text
    assert (
        len(set(re.findall(r"(acme|nord): ", alone.split("<tbody>")[1].split("</tbody>")[0]))) == 1
    )
    undone = carried_out(client, "/run?number=1", "/do/undo", choice="creations")
    assert "In run 3" in undone, undone
    assert owners(companies) == ["nord", "acme", "nord"]


@pytest.mark.parametrize("company", ["", "nobody", "acme "])
def test_a_company_that_there_is_not_is_not_run(client: httpx.Client, company: str) -> None:
    form = {**form_of(client.get("/plan").text, "/do/work"), "choice": "run", "company": company}
    assert client.post("/do/work", data=form).status_code == httpx.codes.CONFLICT


def test_settings_with_a_fault_are_told(client: httpx.Client, companies: Companies) -> None:
    place = companies.directory / "pyproject.toml"
    before = place.read_text("utf-8")
    place.write_text(f"{before}colour = 1\n", encoding="utf-8")
    try:
        answer = client.get("/plan")
        assert answer.status_code == httpx.codes.SERVICE_UNAVAILABLE
        assert "The settings have a fault" in answer.text
        assert "colour" in answer.text
        assert client.get("/conflicts").status_code == httpx.codes.OK
    finally:
        place.write_text(before, encoding="utf-8")
