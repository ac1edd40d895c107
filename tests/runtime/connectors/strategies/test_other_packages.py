"""A strategy of another package: found by its entry point, named in a profile, used in a write."""

import sys
from collections.abc import Iterator
from importlib.metadata import EntryPoint
from pathlib import Path

import pytest
from specbridge.errors import ProfileError
from specbridge.profiles.load import examine_profile, read_profile
from specbridge.profiles.strategies import (
    DEFAULT_MEMBERSHIP,
    GROUP,
    PRIMARY_IDENTITY,
    known_strategies,
    load_strategies,
)
from specbridge.runtime.connectors.build import build_connector
from specbridge.runtime.records import Record, Refused, Update, Written

from tests.runtime.connectors.clocks import ManualTime
from tests.runtime.connectors.servers import Received, Reply, serving

MODULE = """
from specbridge.model.strategy import Strategy

BADGE = Strategy(calls=("pin",), more=("unpin",), filled=("id", "badge"), writer="acme_badges:write_badge")

def write_badge(steps, value):
    role = "pin" if value else "unpin"
    answer = steps.send(role, {"badge": value or "none"}, {})
    return None if answer.ok else steps.refuse(answer)
"""
PROFILE = """
name = "acme"
labels = ["Acme"]
base_url = "https://acme.example"
errors = ["message"]

[[resources]]
name = "People"
id = "id"
properties = [
    { path = "id", type = "integer", read_only = true },
    { path = "badge", type = "string", strategy = "badge" },
]
read = { method = "GET", path = "/people/{id}" }
strategy_calls = { badge = { pin = { method = "PUT", path = "/people/{id}/badges/{badge}" } } }
"""


@pytest.fixture
def acme_badges(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Install a package that offers the strategy `badge`."""
    about = tmp_path / "acme_badges-1.dist-info"
    about.mkdir()
    (about / "METADATA").write_text("Metadata-Version: 2.1\nName: acme-badges\nVersion: 1\n")
    (about / "entry_points.txt").write_text(f"[{GROUP}]\nbadge = acme_badges:BADGE\n")
    (tmp_path / "acme_badges.py").write_text(MODULE)
    monkeypatch.syspath_prepend(str(tmp_path))
    known_strategies.cache_clear()
    yield
    known_strategies.cache_clear()
    sys.modules.pop("acme_badges", None)


def answer(request: Received) -> Reply:
    if request.method == "GET":
        return Reply(body={"id": 7, "badge": "gold"})
    gold = request.path == "/people/7/badges/gold"
    return Reply() if gold else Reply(status=422, body={"message": "no such badge"})


@pytest.mark.usefixtures("acme_badges")
@pytest.mark.parametrize(
    ("badge", "kind"), [("gold", Written), ("tin", Refused)], ids=["taken", "refused"]
)
def test_its_function_writes_the_property(badge: str, kind: type) -> None:
    profile = read_profile(PROFILE, "acme.toml")
    write = Update(
        key="7", current=Record("7", "", {"id": 7, "badge": None}), changes={("badge",): badge}
    )
    with serving(answer) as server:
        environment = {"ACME_BASE_URL": server.base_url}
        connector = build_connector(profile, environment, make_clock=ManualTime().maker())
        (outcome,) = connector.write_records("People", [write], frozenset({"badge"}))
        connector.close()
    assert isinstance(outcome, kind)
    assert f"PUT /people/7/badges/{badge}" in server.paths()


@pytest.mark.usefixtures("acme_badges")
def test_its_calls_are_held_to_what_it_says() -> None:
    _, faults = examine_profile(PROFILE.replace("badge = { pin", "badge = { pinn"), "")
    assert [fault.text for fault in faults] == [
        "is missing: the strategy needs it",
        "is no role of it; did you mean pin?",
    ]


def test_a_strategy_of_no_installed_package_is_refused() -> None:
    _, faults = examine_profile(PROFILE, "")
    assert "is no strategy that is installed; known are primary-identity" in faults[0].text


def test_ours_come_through_the_same_door() -> None:
    known = known_strategies()
    assert known["primary-identity"] is PRIMARY_IDENTITY
    assert known["default-membership"] is DEFAULT_MEMBERSHIP


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ("specbridge.profiles.strategies:GROUP", "is no Strategy"),
        ("specbridge.nowhere:X", "cannot be loaded"),
    ],
)
def test_a_broken_offer_is_told(value: str, text: str) -> None:
    with pytest.raises(ProfileError, match=text):
        load_strategies([EntryPoint("x", value, GROUP)])


def test_two_packages_cannot_offer_one_name() -> None:
    offers = [
        EntryPoint("x", f"specbridge.profiles.strategies:{name}", GROUP)
        for name in ("PRIMARY_IDENTITY", "DEFAULT_MEMBERSHIP")
    ]
    with pytest.raises(ProfileError, match="offered twice"):
        load_strategies(offers)
