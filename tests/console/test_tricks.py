"""What no page sends, and what no record should be called: answered, not broken by; on both databases."""

from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from specbridge.service.console.access import origins_of

from tests.console.seeded import all_rows, seed, seed_texts
from tests.console.stage import Idle, Served, form_of, forms_of, kept_deeds, serve_console

FAR = "9" * 18
ADDRESSES = (
    *("/thing?resource=1&id=%00", "/thing?resource=1&id=%ED%A0%80", f"/thing?resource={FAR}&id=x"),
    *("/pair?flow=1&source=%00&target=%FF", f"/pair?flow={FAR}", "/letters?after=1+0+%00"),
    *(f"/letters?after={FAR}+{FAR}+x", f"/letters?flow={FAR}", f"/vanished?at={FAR}"),
    *("/vanished?at=1&source=%00&target=x", "/things?words=%00", "/things?words=%25_%5C'%22"),
    *("/things?after=%00", f"/things?resource={FAR}", f"/things?words={'x' * 5000}"),
    *(f"/conflicts?after={FAR}", f"/conflicts?company={FAR}", f"/runs?before={FAR}"),
    *(f"/run?number={FAR}", f"/run?number=1&before={FAR}", f"/deeds?before={FAR}", f"/?flow={FAR}"),
    f"/job?number={FAR}",
)
FORMS = {
    "/do/pair": (
        "/ambiguous",
        "pin",
        ({"source": "\0"}, {"target": "%00"}, {"target": "%"}, {"target": "%ED%A0%80"}),
    ),
    "/do/letter": (
        "/letters",
        "retry",
        ({"id": "\0"}, {"flows": FAR}, {"side": "77"}, {"side": FAR}, {"seen": "\0"}),
    ),
    "/do/settle": ("/conflicts", "source", ({"conflict": FAR}, {"flow": FAR}, {"seen": "\0"})),
    "/do/pause": (
        "/flows",
        "pause",
        ({"company": FAR}, {"package": "\0"}, {"package": "x" * 9999}),
    ),
}


@pytest.fixture(params=["sqlite_url", "postgresql_url"])
def url(request: pytest.FixtureRequest) -> str:
    found: str = request.getfixturevalue(request.param)
    seed(found)
    return found


@pytest.fixture
def served(url: str) -> Iterator[Served]:
    with serve_console(url, Idle(), "anna") as found:
        yield found


def test_what_no_page_asks_for_and_no_form_sends_is_answered(served: Served, url: str) -> None:
    client = served.client("anna")
    before = all_rows(url)
    for address in ADDRESSES:
        assert client.get(address).status_code in (200, 404), address
    for action, (page, choice, wrong) in FORMS.items():
        form = form_of(client.get(page).text, action)
        for one in wrong:
            sent = {**form, "choice": choice, **one}
            assert client.post(action, data=sent).status_code == httpx.codes.CONFLICT, one
    for method in ("OPTIONS", "PUT", "DELETE", "TRACE", "PATCH"):
        for path in ("/conflicts", "/do/settle"):
            assert client.request(method, path).status_code == httpx.codes.NOT_FOUND
    assert client.head("/conflicts").text == ""
    assert all_rows(url) == before
    # A reason is a text, whatever is in it.
    for reason in ("a\0b", "x" * 100_000, "\u202eن " * 50, "<b>"):
        for choice in ("pause", "resume"):
            form = form_of(client.get("/flows").text, "/do/pause")
            sent = {**form, "choice": choice, "reason": reason}
            assert client.post("/do/pause", data=sent).status_code == httpx.codes.SEE_OTHER
            assert len(client.get("/flows").text) < 20_000  # characters
            assert client.get("/deeds").status_code == httpx.codes.OK


STRANGE = (
    *("a\nb", "\r\n", "a\u202eb", "a\u0085b", "  two  blanks ", "a%2Fb", "100 %", "+", "æ/ø?å#&=;"),
    *("👩‍👩‍👧‍👦", "شركة (12)", "\ufffe", "' OR 1=1 --", '"><b>', "e\u0301", "x" * 500),
)


def test_records_are_acted_on_whatever_they_are_called(sqlite_url: str) -> None:
    seed_texts(sqlite_url, {text: text for text in STRANGE})
    with serve_console(sqlite_url, Idle(), "anna") as served:
        client = served.client("anna")
        ways = ("/letters", "/do/letter", "acknowledge"), ("/vanished", "/do/pair", "split")
        for page, action, choice in ways:
            forms = forms_of(client.get(page).text, action)
            assert len(forms) == len(STRANGE)
            for form in forms:
                answer = client.post(action, data={**form, "choice": choice})
                assert answer.status_code == httpx.codes.SEE_OTHER, (form, answer.text)
        assert len(kept_deeds(sqlite_url)) == 2 * len(STRANGE)
        assert "acknowledged" in client.get("/letters").text


@pytest.mark.parametrize(
    "referer",
    ["http://[", "http://x:y/", "HERE//evil.example/", "HERE/job?number=1", "\xff", "HERE:9/"],
)
def test_a_way_back_leads_to_a_page_of_ours_or_nowhere(referer: str, tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path}/store.db"
    seed(url)
    with serve_console(url, Idle(), "anna") as served:
        client = served.client("anna")
        form = {**form_of(client.get("/conflicts").text, "/do/settle"), "choice": "source"}
        sent = {b"Referer": referer.replace("HERE", served.address).encode("latin-1")}
        refused = client.post("/do/settle", data={**form, "seen": "x"}, headers=sent)
        assert refused.status_code == httpx.codes.CONFLICT
        assert "evil" not in refused.text
        done = client.post("/do/settle", data=form, headers=sent)
        assert done.headers["location"] in ("/conflicts?told=settled", "/job?number=1&told=settled")


@pytest.mark.parametrize(
    ("address", "host", "ours"),
    [
        ("http://127.0.0.1:8081", "localhost:8081", True),
        ("http://127.0.0.1:8081", "[::1]:8081", True),
        ("http://127.0.0.1:8081", "127.0.0.1", False),
        ("http://[::1]:8081", "[::1]:8081", True),
        ("http://0.0.0.0:8081", "127.0.0.1:8081", True),
        ("http://0.0.0.0:8081", "sync.example:8081", False),
        ("http://127.0.0.1:80", "127.0.0.1", True),
        ("https://sync.example", "sync.example", True),
        ("https://sync.example:443", "sync.example", True),
        ("https://sync.example", "sync.example:8443", False),
        ("https://sync.example:8443", "sync.example:8443", True),
        ("https://sync.example:8443", "sync.example", False),
        ("https://Sync.Example", "SYNC.example", True),
        ("https://bücher.example", "xn--bcher-kva.example", True),
        ("https://sync.example", "sync.example.", False),
        ("https://sync.example", "", False),
    ],
)
def test_it_answers_to_its_own_name_as_browsers_send_it(
    address: str, host: str, *, ours: bool
) -> None:
    origins = origins_of(address)
    assert origins.is_ours({"host": host}, acts=False) == ours
    scheme = address.partition(":")[0]
    headers = {"host": host, "origin": f"{scheme}://{host.lower()}"}
    assert origins.is_ours(headers, acts=True) == ours
    other = {"https": "http", "http": "https"}[scheme]
    assert not origins.is_ours({**headers, "origin": f"{other}://{host.lower()}"}, acts=True)


def test_the_cookie_of_another_console_is_nobody_s_here(served: Served, tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'other.db'}"
    seed(url)
    with serve_console(url, Idle(), "anna") as other:
        client = served.client("anna")
        # Browsers send the cookies of a machine to all its ports.
        client.cookies.update(other.client("anna").cookies)
        assert len({cookie.name for cookie in client.cookies.jar}) == len((served, other))
        assert client.get(f"{served.address}/conflicts").status_code == httpx.codes.OK
        assert client.get(f"{other.address}/conflicts").status_code == httpx.codes.OK
        (own,) = served.client("anna").cookies.jar
        stranger = {f"specbridge_{other.address.rpartition(':')[2]}": own.value or ""}
        answer = httpx.get(f"{other.address}/conflicts", cookies=stranger)
        assert answer.status_code == httpx.codes.FORBIDDEN


def test_who_presses_twice_is_told_so(served: Served, url: str) -> None:
    client = served.client("anna")
    form = {**form_of(client.get("/conflicts").text, "/do/settle"), "choice": "source"}
    assert client.post("/do/settle", data=form).status_code == httpx.codes.SEE_OTHER
    again = client.post("/do/settle", data=form)
    assert again.status_code == httpx.codes.CONFLICT
    assert "This form was sent twice" in again.text
    other = client.post("/do/settle", data={**form, "choice": "target"})
    assert "Somebody was quicker" in other.text
    assert len(kept_deeds(url)) == 1
