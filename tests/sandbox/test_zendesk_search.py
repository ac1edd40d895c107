"""Searches of Zendesk: every term is honoured, in the order that is asked for."""

from typing import Any

import pytest

from tests.sandbox.conftest import Sessions

Row = dict[str, Any]


@pytest.fixture
def searched(sessions: Sessions) -> Sessions:
    """A sandbox whose records are indexed, some of them new."""
    client = sessions.zendesk
    for name, tags in (("Nye Verft", ["gull"]), ("Nye Tog", ["sølv", "fast"]), ("Tognye", [])):
        client.post("/organizations", json={"organization": {"name": name, "tags": tags}})
        sessions.sandbox.zendesk.advance(2)
    sessions.sandbox.zendesk.advance(180)
    return sessions


def found(sessions: Sessions, query: str, **others: str) -> list[str]:
    answer = sessions.zendesk.get("/search", params={"query": query, **others})
    return [row["name"] for row in answer.raise_for_status().json()["results"]]


@pytest.mark.parametrize(
    ("query", "names"),
    [
        pytest.param("type:organization created>2024-03-31", 3, id="created after"),
        pytest.param("type:organization created<2024-03-31", 4, id="created before"),
        pytest.param("type:organization created>=2024-03-01 created<2024-03-02", 4, id="a day"),
        pytest.param("type:organization created>2024-03-01 created<2024-03-31", 0, id="whole days"),
        pytest.param("type:organization created:2024-03-01", 4, id="on a day"),
        pytest.param("type:organization created>2024-03-01T08:02:30Z nye", 2, id="an instant"),
    ],
)
def test_dates(searched: Sessions, query: str, names: int) -> None:
    assert len(found(searched, query)) == names


@pytest.mark.parametrize(
    ("query", "names"),
    [
        pytest.param("type:organization nye tog", ["Nye Tog"], id="two words"),
        pytest.param("type:organization tog", ["Nye Tog", "Tognye"], id="starts of words"),
        pytest.param("type:organization og", [], id="not within words"),
        pytest.param('type:organization "nye verft"', ["Nye Verft"], id="phrase"),
        pytest.param("type:organization n*ft", ["Nye Verft"], id="wildcard"),
        pytest.param("type:organization nye -verft", ["Nye Tog"], id="without a word"),
        pytest.param("tags:gull tags:fast", ["Nye Verft", "Nye Tog"], id="alternatives"),
        pytest.param("nye -tags:gull", ["Nye Tog"], id="without a tag"),
        pytest.param("type:organization nye tags:none", [], id="none"),
        pytest.param("type:user organization:drift", [], id="nobody there"),
        pytest.param('type:user organization:"Nordlys Elektro AS"', ["Marte Lunde"], id="members"),
    ],
)
def test_terms(searched: Sessions, query: str, names: list[str]) -> None:
    assert found(searched, query) == names


@pytest.mark.parametrize(
    ("query", "others", "names"),
    [
        ("nye", {}, ["Nye Verft", "Nye Tog"]),
        ("nye", {"sort_by": "created_at"}, ["Nye Tog", "Nye Verft"]),
        ("nye", {"sort_by": "created_at", "sort_order": "asc"}, ["Nye Verft", "Nye Tog"]),
        ("nye order_by:created sort:desc", {}, ["Nye Tog", "Nye Verft"]),
    ],
)
def test_orders(searched: Sessions, query: str, others: Row, names: list[str]) -> None:
    assert found(searched, query, **others) == names


@pytest.mark.parametrize(
    ("query", "status"),
    [
        pytest.param({"query": "nye", "page[size]": "10"}, 400, id="no cursors"),
        pytest.param({"query": "created>yesterday"}, 422, id="no date"),
        pytest.param({"query": "nye", "per_page": "100", "page": "11"}, 422, id="too deep"),
        pytest.param({"query": "nye", "per_page": "500", "page": "10"}, 200, id="a smaller page"),
    ],
)
def test_refused_searches(searched: Sessions, query: Row, status: int) -> None:
    assert searched.zendesk.get("/search", params=query).status_code == status
