"""Who is kept out of the console, and that nothing is changed by whoever is."""

import re
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from specbridge.service.console.application import DEEDS, MOST_BYTES, PAGES

from tests.commands import run_without
from tests.console.seeded import all_rows, seed
from tests.console.stage import Idle, Served, form_of, serve_console

FORBIDDEN = 403


@pytest.fixture(scope="module")
def url(tmp_path_factory: pytest.TempPathFactory) -> str:
    place = f"sqlite:///{tmp_path_factory.mktemp('console') / 'store.db'}"
    seed(place)
    return place


@pytest.fixture(scope="module")
def served(url: str) -> Iterator[Served]:
    with serve_console(url, Idle(), "anna") as found:
        yield found


def settling(client: httpx.Client) -> dict[str, str]:
    return {**form_of(client.get("/conflicts").text, "/do/settle"), "choice": "source"}


def test_a_token_becomes_a_cookie_and_leaves_the_address(served: Served) -> None:
    answer = httpx.get(served.entries["anna"])
    assert (answer.status_code, answer.headers["location"]) == (303, "/")
    cookie = answer.headers["set-cookie"]
    assert "HttpOnly" in cookie
    assert "SameSite=strict" in cookie
    assert served.entries["anna"].split("=")[1] not in cookie
    page = served.client("anna").get("/")
    assert page.status_code == httpx.codes.OK
    policy = page.headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert "script-src 'self';" in policy
    assert "frame-ancestors 'none'" in policy
    assert "unsafe" not in policy
    assert re.findall(
        r'<script src="(/[a-z.]+)" integrity="sha256-[^"]+" defer></script>', page.text
    )


@pytest.mark.parametrize("path", [*PAGES, "/nothing", "/do/settle"])
def test_without_a_token_no_page_is_shown(served: Served, path: str) -> None:
    for wrong in ("", "?token=", "?token=wrong"):
        answer = httpx.get(f"{served.address}{path}{wrong}")
        assert answer.status_code == FORBIDDEN
        assert "Firm" not in answer.text
    cookies = {
        "specbridge_1": "x",
        served.client("anna").cookies.jar.__iter__().__next__().name: "x",
    }
    assert httpx.get(f"{served.address}{path}", cookies=cookies).status_code == FORBIDDEN


@pytest.mark.parametrize("path", DEEDS)
def test_without_a_token_nothing_is_done(served: Served, url: str, path: str) -> None:
    before = all_rows(url)
    form = settling(served.client("anna"))
    assert httpx.post(f"{served.address}{path}", data=form).status_code == FORBIDDEN
    assert all_rows(url) == before


@pytest.mark.parametrize(
    "headers",
    [
        {"Origin": "https://evil.example"},
        {"Origin": "null"},
        {"Origin": "http://127.0.0.1:1"},
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
        {"Sec-Fetch-Site": "none"},
        {"Origin": "https://evil.example", "Sec-Fetch-Site": "same-origin"},
        {"Host": "evil.example"},
        {"Host": "127.0.0.1"},
        {"Host": "127.0.0.1:1"},
        {"Content-Type": "text/plain"},
        {"Content-Type": "application/json"},
        {"Content-Type": "multipart/form-data; boundary=x"},
    ],
    ids=str,
)
def test_what_comes_from_elsewhere_is_refused(
    served: Served, url: str, headers: dict[str, str]
) -> None:
    client = served.client("anna")
    form = settling(client)
    before = all_rows(url)
    assert client.post("/do/settle", data=form, headers=headers).status_code == FORBIDDEN
    assert all_rows(url) == before
    if "Host" in headers:
        assert client.get("/conflicts", headers=headers).status_code == FORBIDDEN


def test_forged_forms_are_refused(served: Served, url: str) -> None:
    client = served.client("anna")
    form = settling(client)
    before = all_rows(url)
    reader = settling_of_the_reader(served)
    for key in ("", "x", form["key"][:-1], form["key"].upper() + "0", reader, "\u00e6"):
        assert client.post("/do/settle", data={**form, "key": key}).status_code == FORBIDDEN
    kept = {name: value for name, value in form.items() if name != "key"}
    assert client.post("/do/settle", data=kept).status_code == FORBIDDEN
    assert client.post("/do/settle", params=form).status_code == FORBIDDEN
    large = {**form, "more": "x" * MOST_BYTES}
    assert client.post("/do/settle", data=large).status_code == FORBIDDEN
    assert all_rows(url) == before


def settling_of_the_reader(served: Served) -> str:
    """Return a key that another cookie's forms have: the reader's form that only asks shows none."""
    return served.client("reader").cookies.jar.__iter__().__next__().value or ""


@pytest.mark.parametrize("path", DEEDS)
def test_who_only_reads_may_not_act(served: Served, url: str, path: str) -> None:
    reader = served.client("reader")
    page = reader.get("/conflicts")
    assert page.status_code == httpx.codes.OK
    assert "Firm 1" in page.text
    assert 'method="post"' not in page.text
    before = all_rows(url)
    form = settling(served.client("anna"))
    assert reader.post(path, data=form).status_code == FORBIDDEN
    assert all_rows(url) == before


@pytest.mark.parametrize("path", DEEDS)
def test_a_form_without_sense_does_nothing(served: Served, url: str, path: str) -> None:
    client = served.client("anna")
    key = settling(client)["key"]
    before = all_rows(url)
    for more in ({}, {"choice": "x"}, {"choice": "source", "conflict": "9" * 30, "flow": "-1"}):
        assert client.post(path, data={"key": key, **more}).status_code == httpx.codes.CONFLICT
    assert all_rows(url) == before


def test_without_the_extra_it_says_how_to_install_it(tmp_path: Path) -> None:
    done = run_without("starlette", "console", cwd=tmp_path)
    assert done.returncode == 6  # what surroundings lack
    assert 'pip install "specbridge[console]"' in done.stderr
    assert not list(tmp_path.iterdir())
