"""Changes, conflicts, empty values, deletions: scenarios C, B, N, D, G (tests/scenarios.md)."""

from dataclasses import replace

import pytest
from specbridge.model.values import Direction, Json
from specbridge.runtime.decide.options import ConflictPolicy, FlowPolicy, RunOptions
from specbridge.runtime.flow import ALWAYS, AnyFlow
from specbridge.runtime.records import Write
from specbridge.runtime.reports.report import RunOutcome
from specbridge.runtime.store.engine import open_store
from specbridge.runtime.store.leftover.handwork import split_link
from specbridge.runtime.store.leftover.leftovers import choose_winner, count_open_conflicts
from specbridge.runtime.store.packages import known_flows
from specbridge.runtime.store.tables.schema import conflicts, links
from sqlalchemy import select

from tests.runtime.bench import Bench
from tests.runtime.people import branch_flow, firm_flow, person_flow, row


@pytest.fixture
def pair(bench: Bench) -> tuple[str, str]:
    """Return the ids of a person and a user who are linked and equal."""
    source = bench.ledgerly.put(
        "Persons", {"Name": "Ann", "Mail": "a@x.example", "Phone": "1", "FirmId": None}
    )
    target = bench.acme.put(
        "users", {"name": "Ann", "email": "a@x.example", "phone": "1", "company_id": None}
    )
    assert bench.sync().writes == 0
    return source, target


def edit(bench: Bench, pair: tuple[str, str], side: str, **values: Json) -> None:
    bench.clock.advance(10)
    if side == "source":
        bench.ledgerly.edit("Persons", pair[0], **values)
    else:
        bench.acme.edit("users", pair[1], **values)


def held(bench: Bench, pair: tuple[str, str]) -> tuple[Json, Json]:
    return (
        bench.ledgerly.records("Persons")[pair[0]].properties["Name"],
        bench.acme.records("users")[pair[1]].properties["name"],
    )


def conflict_rows(bench: Bench) -> list[tuple[str, str, str, str | None]]:
    with open_store(bench.url) as store:
        found = store.connection.execute(select(conflicts).order_by(conflicts.c.number))
        return [(x.unit, x.source_value, x.target_value, x.winner) for x in found]


@pytest.mark.parametrize("side", ["source", "target"])
def test_c1_c2_a_change_of_one_side_reaches_the_other(
    bench: Bench, pair: tuple[str, str], side: str
) -> None:
    edit(bench, pair, side, **{"Name" if side == "source" else "name": "Anne"})
    assert bench.sync().writes == 1
    assert held(bench, pair) == ("Anne", "Anne")


def test_c4_our_own_write_is_not_sent_back(bench: Bench, pair: tuple[str, str]) -> None:
    edit(bench, pair, "source", Name="Anne")
    bench.sync()
    assert [bench.sync().writes, bench.sync(full=True).writes] == [0, 0]


def test_c9_a_new_instant_without_a_change_writes_nothing(
    bench: Bench, pair: tuple[str, str]
) -> None:
    edit(bench, pair, "source", Name="Ann")
    edit(bench, pair, "target", name="Ann")
    report = bench.sync()
    assert (report.writes, report.rounds) == (0, 0)


def test_c10_a_touched_side_does_not_make_a_conflict(bench: Bench, pair: tuple[str, str]) -> None:
    edit(bench, pair, "source", Name="Anne")
    edit(bench, pair, "target", name="Ann")
    bench.sync()
    assert held(bench, pair) == ("Anne", "Anne")
    assert conflict_rows(bench) == []


def test_c13_a_server_that_normalises_is_not_written_again(
    bench: Bench, pair: tuple[str, str]
) -> None:
    bench.acme.normalise = lambda name, value: (
        value.upper() if name == "name" and isinstance(value, str) else value
    )
    edit(bench, pair, "source", Name="Anne")
    bench.sync()
    assert held(bench, pair) == ("Anne", "ANNE")
    assert [bench.sync().writes, bench.sync(full=True).writes] == [0, 0]


def test_c15_n5_properties_that_no_row_names_never_cross(
    bench: Bench, pair: tuple[str, str]
) -> None:
    edit(bench, pair, "source", Secret="x")
    assert bench.sync().writes == 0
    assert "Secret" not in bench.acme.records("users")[pair[1]].properties


def test_c17_before_and_after_of_each_write_are_reported(
    bench: Bench, pair: tuple[str, str]
) -> None:
    edit(bench, pair, "source", Name="Anne")
    (action,) = bench.sync().actions or ()
    assert (action.kind, action.side, action.id) == ("update", "target", pair[1])
    assert (action.before, action.after) == ({"name": "Ann"}, {"name": "Anne"})


def test_b3_both_changed_to_the_same_is_no_conflict(bench: Bench, pair: tuple[str, str]) -> None:
    edit(bench, pair, "source", Name="Anne")
    edit(bench, pair, "target", name="Anne")
    assert bench.sync().writes == 0
    assert conflict_rows(bench) == []


@pytest.mark.parametrize(
    ("policy", "first", "winner"),
    [
        pytest.param(ConflictPolicy.LATEST, "source", "B", id="latest-target"),
        pytest.param(ConflictPolicy.LATEST, "target", "A", id="latest-source"),
        pytest.param(ConflictPolicy.SOURCE, "source", "A", id="source"),
        pytest.param(ConflictPolicy.TARGET, "target", "B", id="target"),
    ],
)
def test_b1_b5_b7_g4_a_conflict_is_decided_by_policy_and_the_loser_journalled(
    bench: Bench, pair: tuple[str, str], policy: ConflictPolicy, first: str, winner: str
) -> None:
    bench.options = RunOptions(policy=FlowPolicy(conflicts=policy))
    values = {"source": {"Name": "A"}, "target": {"name": "B"}}
    for side in (first, "target" if first == "source" else "source"):
        edit(bench, pair, side, **values[side])
    bench.sync()
    assert held(bench, pair) == (winner, winner)
    side = "source" if winner == "A" else "target"
    assert conflict_rows(bench) == [("name", '"A"', '"B"', side)]
    assert bench.sync(full=True).writes == 0


def test_b6_a_tie_within_the_coarser_precision_goes_to_the_source(
    bench: Bench, pair: tuple[str, str]
) -> None:
    bench.clock.now = 1_800_000_000.1
    bench.ledgerly.edit("Persons", pair[0], Name="A")
    bench.clock.now = 1_800_000_000.9
    bench.acme.edit("users", pair[1], name="B")
    bench.sync()
    assert held(bench, pair) == ("A", "A")


@pytest.mark.parametrize("parting", ["split", "vanished"])
def test_a_conflict_of_two_who_have_parted_waits_for_nobody(
    bench: Bench, pair: tuple[str, str], parting: str
) -> None:
    bench.options = RunOptions(policy=FlowPolicy(properties={"Name": ConflictPolicy.MANUAL}))
    edit(bench, pair, "source", Name="A")
    edit(bench, pair, "target", name="B")
    assert bench.sync().outcome is RunOutcome.LEFT_OVER
    if parting == "vanished":
        bench.acme.announce_deletes = True
        bench.acme.remove("users", pair[1])
    else:
        with open_store(bench.url) as store:
            flow = next(f for f in known_flows(store.connection) if f.name == "person_to_users")
            split_link(store.connection, flow, pair)
            # At once: the list of what is open is looked at before the next run.
            assert count_open_conflicts(store.connection, flow.number) == 0
            store.commit()
    assert bench.sync().outcome is RunOutcome.CLEAN


def test_b1_manual_conflicts_wait_for_a_person(bench: Bench, pair: tuple[str, str]) -> None:
    bench.options = RunOptions(policy=FlowPolicy(properties={"Name": ConflictPolicy.MANUAL}))
    edit(bench, pair, "source", Name="A", Phone="2")
    edit(bench, pair, "target", name="B")
    report = bench.sync()
    assert report.outcome is RunOutcome.LEFT_OVER
    assert held(bench, pair) == ("A", "B")
    assert bench.acme.records("users")[pair[1]].properties["phone"] == "2"
    assert bench.sync(full=True).writes == 0
    with open_store(bench.url) as store:
        row = store.connection.execute(select(conflicts)).one()
        choose_winner(store.connection, row.number, "target")
        store.commit()
    bench.ledgerly.edit("Persons", pair[0], Phone="3")
    assert bench.sync().outcome is RunOutcome.CLEAN
    assert held(bench, pair) == ("B", "B")


def test_b1_settings_that_change_decide_the_conflicts_that_wait(
    bench: Bench, pair: tuple[str, str]
) -> None:
    bench.options = RunOptions(policy=FlowPolicy(conflicts=ConflictPolicy.MANUAL))
    edit(bench, pair, "source", Name="A")
    edit(bench, pair, "target", name="B")
    assert bench.sync().outcome is RunOutcome.LEFT_OVER
    assert bench.sync().writes == 0
    bench.options = RunOptions(policy=FlowPolicy(conflicts=ConflictPolicy.TARGET))
    assert bench.sync().outcome is RunOutcome.CLEAN
    assert held(bench, pair) == ("B", "B")
    assert conflict_rows(bench) == [("name", '"A"', '"B"', "target")]


def test_b8_n6_a_held_direction_is_never_written_and_the_edit_journalled(bench: Bench) -> None:
    rows = (row("Name", "name", direction=Direction.TO_TARGET), row("Mail", "email"))
    bench.flows = (person_flow(rows=rows),)
    source = bench.ledgerly.put("Persons", {"Name": "Ann", "Mail": "a@x.example"})
    target = bench.acme.put("users", {"name": "Ann", "email": "a@x.example"})
    bench.sync()
    edit(bench, (source, target), "target", name="Bo")
    bench.sync()
    assert held(bench, (source, target)) == ("Ann", "Ann")
    assert conflict_rows(bench) == [("name", '"Ann"', '"Bo"', "source")]


def test_b11_a_concurrent_edit_is_read_again_and_merged(
    bench: Bench, pair: tuple[str, str]
) -> None:
    edit(bench, pair, "source", Name="Anne")
    between = iter([{"name": "Other"}])

    def meddle(_write: Write) -> None:
        for values in between:
            bench.acme.edit("users", pair[1], phone="7", **values)

    bench.acme.refuse = meddle
    bench.sync()
    assert held(bench, pair) in [("Anne", "Anne"), ("Other", "Other")]
    assert bench.ledgerly.records("Persons")[pair[0]].properties["Phone"] == "7"
    assert len(conflict_rows(bench)) == 1


@pytest.mark.parametrize("empty", ["", None])
def test_n2_g8_an_emptied_property_is_filled_again_unless_settings_say_otherwise(
    bench: Bench, pair: tuple[str, str], empty: Json
) -> None:
    edit(bench, pair, "source", Phone=empty)
    bench.sync()
    assert bench.ledgerly.records("Persons")[pair[0]].properties["Phone"] == "1"
    bench.options = RunOptions(policy=FlowPolicy(empty_wins=True))
    edit(bench, pair, "source", Phone=empty)
    bench.sync()
    assert not bench.acme.records("users")[pair[1]].properties["phone"]
    assert bench.sync(full=True).writes == 0


def test_n1_empty_values_of_either_kind_are_equal(bench: Bench) -> None:
    bench.ledgerly.put("Persons", {"Name": "", "Mail": "a@x.example", "Phone": None})
    bench.acme.put("users", {"name": None, "email": "a@x.example", "phone": ""})
    assert bench.sync().writes == 0


def test_g8_a_property_that_disappears_from_the_payload_is_left_alone(
    bench: Bench, pair: tuple[str, str]
) -> None:
    del bench.ledgerly.records("Persons")[pair[0]].properties["Phone"]
    edit(bench, pair, "source", Name="Anne")
    bench.sync()
    assert bench.acme.records("users")[pair[1]].properties["phone"] == "1"
    assert "Phone" not in bench.ledgerly.records("Persons")[pair[0]].properties


def test_g3_different_properties_edited_on_both_sides_both_survive(
    bench: Bench, pair: tuple[str, str]
) -> None:
    edit(bench, pair, "source", Name="Anne")
    edit(bench, pair, "target", phone="2")
    bench.sync()
    assert held(bench, pair) == ("Anne", "Anne")
    assert bench.ledgerly.records("Persons")[pair[0]].properties["Phone"] == "2"
    assert conflict_rows(bench) == []


@pytest.mark.parametrize("announced", [True, False])
@pytest.mark.parametrize("side", ["source", "target"])
def test_d1_d4_b4_a_vanished_record_is_marked_and_nothing_deleted_or_made_anew(
    bench: Bench, pair: tuple[str, str], side: str, announced: bool
) -> None:
    bench.flows = (person_flow(ALWAYS, ALWAYS),)
    others = (
        bench.ledgerly.put("Persons", {"Name": "Bo", "Mail": "b@x.example"}),
        bench.acme.put("users", {"name": "Bo", "email": "b@x.example"}),
    )
    bench.sync()
    bench.ledgerly.announce_deletes = bench.acme.announce_deletes = announced
    if side == "source":
        bench.ledgerly.remove("Persons", pair[0])
        edit(bench, pair, "target", name="Anne")
    else:
        bench.acme.remove("users", pair[1])
        edit(bench, pair, "source", Name="Anne")
    assert bench.sync(full=not announced).writes == 0
    with open_store(bench.url) as store:
        rows = store.connection.execute(select(links).order_by(links.c.number)).all()
    assert [(x.source_id, x.vanished) for x in rows] == [(pair[0], True), (others[0], False)]


def test_d1_d7_a_deletion_is_followed_where_settings_say_so(
    bench: Bench, pair: tuple[str, str]
) -> None:
    bench.options = RunOptions(policy=FlowPolicy(delete=True))
    bench.ledgerly.put("Persons", {"Name": "Bo", "Mail": "b@x.example"})
    bench.ledgerly.remove("Persons", pair[0])
    bench.sync(full=True)
    assert bench.acme.rows("users") == []
    with open_store(bench.url) as store:
        bench.sync()
        assert store.connection.execute(select(links)).all() == []


def test_d3_a_record_that_comes_back_is_live_again(bench: Bench, pair: tuple[str, str]) -> None:
    bench.ledgerly.put("Persons", {"Name": "Bo", "Mail": "b@x.example"})
    stored = bench.acme.records("users").pop(pair[1])
    bench.acme.put("users", {"name": "Cy", "email": "c@x.example"})
    bench.sync(full=True)
    bench.acme.records("users")[pair[1]] = stored
    edit(bench, pair, "target", name="Anne")
    bench.sync()
    assert held(bench, pair) == ("Anne", "Anne")


def test_d5_d6_a_listing_that_is_empty_or_halved_stops_the_run(bench: Bench) -> None:
    ids = [
        bench.ledgerly.put("Persons", {"Name": f"P{n}", "Mail": f"{n}@x.example"})
        for n in range(30)
    ]
    bench.flows = (person_flow(ALWAYS),)
    bench.sync()
    kept = dict(bench.ledgerly.records("Persons"))
    for gone in (ids, ids[:20]):
        bench.ledgerly.resources["Persons"] = {i: s for i, s in kept.items() if i not in gone}
        report = bench.sync(full=True)
        assert report.outcome is RunOutcome.GUARD
        assert report.writes == 0
    bench.ledgerly.resources["Persons"] = kept
    assert bench.sync(full=True).outcome is RunOutcome.CLEAN


def test_a_run_that_would_change_most_links_stops_before_its_first_write(bench: Bench) -> None:
    bench.flows = (person_flow(ALWAYS),)
    ids = [
        bench.ledgerly.put("Persons", {"Name": f"P{n}", "Mail": f"{n}@x.example"})
        for n in range(30)
    ]
    bench.sync()
    for id_ in ids[:20]:
        bench.ledgerly.edit("Persons", id_, Name="all the same")
    before = bench.writes()
    assert bench.sync().outcome is RunOutcome.GUARD
    assert bench.writes() == before
    assert bench.sync(force=True).writes == 20


def test_several_flows_changes_to_one_record_are_one_write(bench: Bench) -> None:
    bench.flows = (
        person_flow(rows=(row("Name", "name"), row("Mail", "email"))),
        person_flow(rows=(row("Phone", "phone"), row("Mail", "email"))),
    )
    bench.flows = (bench.flows[0], _renamed(bench.flows[1]))
    source = bench.ledgerly.put("Persons", {"Name": "A", "Mail": "a@x.example", "Phone": "1"})
    bench.acme.put("users", {"name": "A", "email": "a@x.example", "phone": "1"})
    bench.sync()
    bench.ledgerly.edit("Persons", source, Name="B", Phone="2")
    report = bench.sync()
    assert report.requests["acme"].write == 1
    assert bench.acme.rows("users")[0] == {"name": "B", "email": "a@x.example", "phone": "2"}


def _renamed(flow: AnyFlow) -> AnyFlow:

    return replace(flow, name="second")


def test_only_one_flow_can_be_run_and_the_others_find_their_work_later(bench: Bench) -> None:
    bench.flows = (firm_flow(), branch_flow())
    bench.ledgerly.put("Firms", {"Name": "Alfa"})
    bench.ledgerly.put("Branches", {"Title": "Beta"})
    bench.sync(only=frozenset({"branch_to_companies"}))
    assert bench.acme.rows("companies") == [{"name": "Beta"}]
    bench.sync()
    assert len(bench.acme.rows("companies")) == 2


def test_a_partial_run_deals_once_with_what_no_other_flow_uses(bench: Bench) -> None:
    bench.flows = (firm_flow(), person_flow(ALWAYS))
    bench.ledgerly.put("Firms", {"Name": "Alfa"})
    bench.ledgerly.put("Persons", {"Name": "Ann", "Mail": "a@x.example"})
    firms_only = frozenset({"firm_to_companies"})
    assert bench.sync(only=firms_only).rounds > 0
    assert bench.sync(only=firms_only).rounds == 0
    assert bench.acme.rows("users") == []
    bench.sync()
    assert [row["name"] for row in bench.acme.rows("users")] == ["Ann"]
