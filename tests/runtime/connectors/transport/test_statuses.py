"""What a status means for a request, whatever the call: success is 2xx, and nothing points us away."""

import pytest
from specbridge.errors import ApiError, ServerError, UnexpectedStatusError
from specbridge.runtime.connectors.transport.messages import Answer, Request

from tests.runtime.connectors.servers import Reply, replies
from tests.runtime.connectors.transport.test_http import BROKEN, OK, POST, PROBED, READ, bench

REQUESTS = {
    "read": READ,
    "create": POST,
    "update": Request(method="PUT", path="/things/1", body={"name": "Ola"}, safe=True),
    "delete": Request(method="DELETE", path="/things/1", safe=True),
}
REDIRECTS = (300, 301, 302, 303, 305, 307, 308, 399)
OF_NO_RECORD = (304, 407, 421, 426, 431)


@pytest.mark.parametrize("status", REDIRECTS)
@pytest.mark.parametrize("request_", REQUESTS.values(), ids=REQUESTS)
def test_a_redirect_is_an_error_that_says_where_it_points(request_: Request, status: int) -> None:
    away = Reply(status=status, headers={"Location": "https://u:pw@gate.example:444/in?mail=a@b.c"})
    with bench(replies(away)) as it:
        with pytest.raises(UnexpectedStatusError) as caught:
            it.transport.send(request_)
        said = f"acme-books: {request_}: {status}, which points to gate.example/in;"
        assert str(caught.value).startswith(said)
        assert "pw" not in str(caught.value)
        assert len(it.server.received) == 1


@pytest.mark.parametrize("status", OF_NO_RECORD)
def test_what_is_no_matter_of_a_record_is_an_error(status: int) -> None:
    said = pytest.raises(UnexpectedStatusError, match=rf"PUT /things/1: {status}; nothing")
    with bench(replies(Reply(status=status))) as it, said:
        it.transport.send(REQUESTS["update"])


@pytest.mark.parametrize(
    ("link", "place"),
    [
        ("/sign-in?next=1", "127.0.0.1/sign-in"),
        ("//elsewhere.example", "elsewhere.example"),
        ("http://[bad", "no address"),
        ("http://gate.example:port/x", "gate.example/x"),
        ("https://gate.example/ola@nordmann.example/x", "…"),
        ("https://robot:pass/word@gate.example/x", "…"),
    ],
)
def test_where_a_redirect_points_is_told_without_what_may_be_secret(link: str, place: str) -> None:
    with bench(replies(Reply(status=302, headers={"Location": link}))) as it:
        with pytest.raises(UnexpectedStatusError) as caught:
            it.transport.fetch(READ)
        assert f"which points to {place};" in str(caught.value)


def test_switching_protocols_is_no_answer() -> None:
    with bench(replies(Reply(status=101))) as it, pytest.raises(ApiError):
        it.transport.send(POST)


@pytest.mark.parametrize("status", [408, 425])
def test_not_now_is_asked_again_like_a_failure_of_the_server(status: int) -> None:
    with bench(replies(Reply(status=status), BROKEN, OK)) as it:
        assert it.transport.send(READ).ok
    with bench(replies(Reply(status=status))) as it, pytest.raises(ServerError):
        it.transport.send(POST)


def test_a_redirect_to_a_token_call_ends_the_request() -> None:
    away = Reply(status=307, headers={"Location": "https://gate.example/"})
    with bench(replies(away), PROBED) as it, pytest.raises(UnexpectedStatusError):
        it.transport.send(Request(method="POST", path="/token", form={}, authorized=False))


@pytest.mark.parametrize("status", [200, 201, 202, 204, 206, 299])
def test_success_is_2xx(status: int) -> None:
    assert Answer(status=status, body=None).ok


@pytest.mark.parametrize("status", [100, 199, 300, 399, 400, 500])
def test_all_else_is_none(status: int) -> None:
    assert not Answer(status=status, body=None).ok


@pytest.mark.parametrize("status", [404, 410])
def test_two_statuses_mean_gone(status: int) -> None:
    assert Answer(status=status, body=None).gone
    assert not Answer(status=400, body=None).gone
