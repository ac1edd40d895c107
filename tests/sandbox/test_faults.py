"""Faults are asked for in a small grammar, strike by seed, and can be replaced while it runs."""

import httpx
import pytest
from specbridge.sandbox.faults import Fault, FaultBox, parse_fault
from specbridge.sandbox.options import LimitsPlan, SandboxOptions
from specbridge.sandbox.world import build_world, small_world

from tests.sandbox.conftest import Sessions, StartSandbox


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("429=0.2", Fault(kind="429", amount=0.2)),
        ("zendesk:500=1*3", Fault(kind="500", amount=1.0, system="zendesk", times=3)),
        ("latency=50ms", Fault(kind="latency", amount=0.05)),
        ("clock-skew=zendesk:+90s", Fault(kind="clock-skew", amount=90.0, system="zendesk")),
        (
            "poweroffice:clock-skew=-1.5s",
            Fault(kind="clock-skew", amount=-1.5, system="poweroffice"),
        ),
        ("reset-after-commit=0.1", Fault(kind="reset-after-commit", amount=0.1)),
    ],
)
def test_the_grammar(text: str, fault: Fault) -> None:
    assert parse_fault(text) == fault


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("nonsense", "is not"),
        ("418=0.2", "is none of"),
        ("500=2", "no share"),
        ("500=x", "no share"),
        ("latency=5", "no duration"),
        ("mars:500=0.1", "is none of"),
    ],
)
def test_faults_that_the_grammar_does_not_hold(text: str, reason: str) -> None:
    with pytest.raises(ValueError, match=reason):
        parse_fault(text)


def test_the_same_seed_strikes_alike_and_about_as_often_as_asked() -> None:
    boxes = [FaultBox("zendesk", 7, [parse_fault("500=0.2")]) for _ in range(2)]
    struck = [[box.strikes("500") for _ in range(1000)] for box in boxes]
    assert struck[0] == struck[1]
    assert 150 < sum(kind is not None for kind in struck[0]) < 250


def test_times_bound_a_fault() -> None:
    box = FaultBox("zendesk", 0, [parse_fault("500=1*2")])
    assert [box.strikes("500") for _ in range(4)] == ["500", "500", None, None]


def test_a_reset_after_commit_has_committed(sessions: Sessions) -> None:
    sessions.sandbox.zendesk.replace_faults("reset-after-commit=1*1")
    sent = {"organization": {"name": "Ny"}}
    with pytest.raises(httpx.TransportError):
        sessions.zendesk.post("/organizations", json=sent)
    assert sessions.zendesk.post("/organizations", json=sent).status_code == 422


@pytest.mark.parametrize(
    ("fault", "status"),
    [
        ("302=1*1", 302),
        ("empty=1*1", 200),
        ("429=1*1", 429),
        ("500=1*1", 500),
        ("503=1*1", 503),
    ],
)
def test_failures_do_nothing(sessions: Sessions, fault: str, status: int) -> None:
    url = f"{sessions.sandbox.zendesk.url}/_sandbox/faults"
    assert httpx.post(url, json={"faults": [fault]}).status_code == 204
    sent = {"organization": {"name": "Ny"}}
    assert sessions.zendesk.post("/organizations", json=sent).status_code == status
    assert len(sessions.sandbox.zendesk.records("organizations")) == 4
    assert sessions.sandbox.zendesk.request_log.count(status=status) == 1


def test_a_malformed_answer_is_cut_short(sessions: Sessions) -> None:
    sessions.sandbox.poweroffice.replace_faults("malformed=1*1")
    answer = sessions.poweroffice.get("/Customers")
    assert answer.status_code == 200
    with pytest.raises(ValueError, match=r"Expecting|Unterminated|delimiter"):
        answer.json()


def test_clock_skew_and_control(start: StartSandbox) -> None:
    options = SandboxOptions(faults=("zendesk:clock-skew=+3600s",), limits=LimitsPlan.OFF)
    sessions = start(options)
    ahead = sessions.sandbox.zendesk.system.clock.seconds()
    here = sessions.sandbox.poweroffice.system.clock.seconds()
    assert 3590 < ahead - here < 3610
    url = sessions.sandbox.poweroffice.url
    assert httpx.post(f"{url}/_sandbox/clock", json={"seconds": 3600}).status_code == 204
    assert abs(sessions.sandbox.poweroffice.system.clock.seconds() - ahead) < 10
    assert len(httpx.get(f"{url}/_sandbox/world").json()["Customers"]) == 10
    assert httpx.post(f"{url}/_sandbox/faults", json={"faults": ["x"]}).status_code == 400


def test_worlds_are_deterministic_and_names_never_repeat() -> None:
    world = build_world(500, seed=3)
    assert world == build_world(500, seed=3)
    assert world != build_world(500, seed=4)
    assert len(world.customers) == 500
    assert world.customers[:10] == small_world().customers
    grown = [customer.name for customer in world.customers[10:] if customer.names is None]
    assert len(grown) == len(set(grown))
