"""First contact and identity: scenarios F, I, R (tests/scenarios.md names each)."""

from dataclasses import replace
from pathlib import Path

import pytest
from specbridge.model.values import CreationPolicy, Json
from specbridge.runtime.flow import ALWAYS, AnyFlow, Condition, CreationRule
from specbridge.runtime.reports.report import Report
from specbridge.runtime.store.engine import open_store
from specbridge.runtime.store.leftover.handwork import (
    pin_link,
    retry_letters,
    split_link,
    unpin_link,
)
from specbridge.runtime.store.packages import known_flows

from tests.runtime.bench import Bench
from tests.runtime.people import CONNECTED_FIRMS, branch_flow, firm_flow, person_flow, rename, row


def person(bench: Bench, name: str, mail: str | None = None, **more: object) -> str:
    values = {"Name": name, "Mail": mail, "Phone": None, "FirmId": None, **more}
    return bench.ledgerly.put("Persons", values)  # type: ignore[arg-type]  # JSON values


def user(bench: Bench, name: str, email: str | None = None, **more: object) -> str:
    values = {"name": name, "email": email, "phone": None, "company_id": None, **more}
    return bench.acme.put("users", values)  # type: ignore[arg-type]  # JSON values


def counts(report: Report, flow: str) -> dict[str, Json]:
    return next(item.as_json() for item in report.flows if item.name == flow)


def test_f1_same_people_are_linked_and_nothing_is_created(bench: Bench) -> None:
    person(bench, "Ann", "ann@x.example")
    user(bench, "Ann", "ann@x.example")
    report = bench.sync()
    assert counts(report, "person_to_users")["linked"] == 1
    assert report.writes == 0


@pytest.mark.parametrize("side", ["source", "target"])
def test_f2_a_record_of_one_side_is_created_once_on_the_other(bench: Bench, side: str) -> None:
    bench.flows = (person_flow(ALWAYS, ALWAYS),)
    if side == "source":
        person(bench, "Ann", "ann@x.example")
    else:
        user(bench, "Ann", "ann@x.example")
    bench.sync()
    assert len(bench.ledgerly.rows("Persons")) == len(bench.acme.rows("users")) == 1
    assert bench.sync(full=True).writes == 0


def test_f3_c3_ten_passes_without_edits_write_nothing(bench: Bench) -> None:
    person(bench, "Ann", "ann@x.example")
    user(bench, "Bo", "ann@x.example")
    bench.ledgerly.put("Firms", {"Name": "Alfa"})
    bench.sync()
    assert [bench.sync(full=number % 2 == 0).writes for number in range(10)] == [0] * 10


def test_f4_f7_a_plan_touches_neither_store_nor_systems_and_says_what_sync_does(
    bench: Bench,
) -> None:
    person(bench, "Ann", "ann@x.example")
    user(bench, "Bo", "ann@x.example")
    bench.ledgerly.put("Firms", {"Name": "Alfa"})
    planned = bench.plan()
    assert bench.writes() == 0
    assert bench.plan().as_json()["actions"] == planned.as_json()["actions"]
    done = bench.sync()
    kinds = [[(a.flow, a.kind, a.side) for a in r.actions or ()] for r in (planned, done)]
    assert kinds[0] == kinds[1]


def test_f8_a_record_written_while_a_run_reads_is_picked_up_next_time(bench: Bench) -> None:
    bench.ledgerly.put("Firms", {"Name": "Alfa"})
    bench.sync()
    bench.ledgerly.put("Firms", {"Name": "Beta"})
    assert bench.sync().writes == 1


@pytest.mark.parametrize("email", ["ANN@x.example", " ann@x.example ", "Ann@X.Example"])
def test_f9_keys_match_whatever_their_capitals_and_outer_blanks(bench: Bench, email: str) -> None:
    person(bench, "Ann", "ann@x.example")
    user(bench, "Ann", email)
    assert counts(bench.sync(), "person_to_users")["links"] == 1


def test_f10_f11_g6_different_values_at_first_contact_converge_and_are_journalled(
    bench: Bench,
) -> None:
    source = person(bench, "Ann", "ann@x.example")
    bench.clock.advance(3600)
    target = user(bench, "Anna", "ann@x.example")
    report = bench.sync()
    assert bench.ledgerly.records("Persons")[source].properties["Name"] == "Anna"
    assert bench.acme.records("users")[target].properties["name"] == "Anna"
    assert counts(report, "person_to_users")["conflicts"] == 1
    assert bench.sync(full=True).writes == 0


def test_f15_a_record_without_values_is_created_and_linked(bench: Bench) -> None:
    bench.flows = (person_flow(ALWAYS),)
    person(bench, "", None)
    assert counts(bench.sync(), "person_to_users")["links"] == 1


def test_i1_either_rule_links(bench: Bench) -> None:
    person(bench, "Ann", "ann@x.example", Phone="1")
    user(bench, "Ann", None, phone="1")
    assert counts(bench.sync(), "person_to_users")["links"] == 1


def test_i3_blank_values_match_nothing(bench: Bench) -> None:
    person(bench, "Ann", "  ")
    user(bench, "Bo", "")
    assert counts(bench.sync(), "person_to_users")["links"] == 0


def test_i5_g5_ambiguous_records_are_not_linked_not_created_and_all_reported(bench: Bench) -> None:
    bench.flows = (person_flow(ALWAYS, ALWAYS),)
    first, second = person(bench, "Ann", "a@x.example"), person(bench, "Bo", "a@x.example")
    match = user(bench, "Ann", "a@x.example")
    report = bench.sync()
    assert report.writes == 0
    assert [(x.side, x.id, x.candidates) for x in report.ambiguities] == [
        ("source", first, (match,)),
        ("source", second, (match,)),
        ("target", match, (first, second)),
    ]
    bench.ledgerly.edit("Persons", second, Mail="b@x.example")
    after = bench.sync()
    assert after.ambiguities == ()
    assert counts(after, "person_to_users")["links"] == 2  # one by rule, one created


def test_i5_g5_what_is_certain_once_a_rival_is_gone_is_linked_and_merged(bench: Bench) -> None:
    bench.flows = (person_flow(ALWAYS, ALWAYS),)
    first, _ = person(bench, "Ann", "a@x.example"), person(bench, "Bo", "a@x.example")
    user(bench, "Cy", "a@x.example")
    assert bench.sync().writes == 0
    # Neither of the two that are left has changed.
    bench.ledgerly.edit("Persons", first, Mail="elsewhere@x.example")
    bench.sync()
    names = {row["Mail"]: row["Name"] for row in bench.ledgerly.rows("Persons")}
    assert names == {row["email"]: row["name"] for row in bench.acme.rows("users")}
    assert bench.sync(full=True).writes == 0


def test_a_match_that_is_linked_already_is_ambiguous(bench: Bench) -> None:
    person(bench, "Ann", "a@x.example")
    user(bench, "Ann", "a@x.example")
    bench.sync()
    person(bench, "Bo", "a@x.example")
    report = bench.sync()
    assert counts(report, "person_to_users")["links"] == 1
    assert counts(report, "person_to_users")["ambiguous"] == 1


def test_i5_g5_a_match_whose_own_counterpart_vanished_is_free(bench: Bench) -> None:
    bench.flows = (person_flow(ALWAYS, ALWAYS),)
    ann = person(bench, "Ann", "a@x.example")
    user(bench, "Ann", "a@x.example")
    bench.sync()
    bench.clock.advance(3600)
    person(bench, "Bo", "a@x.example")
    bench.sync()
    bench.ledgerly.remove("Persons", ann)
    report = bench.sync(full=True, force=True)
    assert counts(report, "person_to_users")["ambiguous"] == 0
    assert [row["name"] for row in bench.acme.rows("users")] == ["Bo"]
    assert bench.sync(full=True).writes == 0


def test_i8_a_pair_pinned_by_hand_is_linked_without_any_equal_value(bench: Bench) -> None:
    source, target = person(bench, "Ann", "a@x.example"), user(bench, "Ann", None)
    bench.sync()
    with open_store(bench.url) as store:
        flow = next(f for f in known_flows(store.connection) if f.name == "person_to_users")
        pin_link(store.connection, flow, (source, target))
        store.commit()
    bench.sync()
    assert bench.acme.records("users")[target].properties["email"] == "a@x.example"


def test_i10_a_record_made_anew_under_another_id_is_linked_by_rule(bench: Bench) -> None:
    person(bench, "Ann", "a@x.example")
    bench.acme.remove("users", user(bench, "Ann", "a@x.example"))
    target = user(bench, "Ann", "a@x.example")
    bench.sync()
    bench.acme.remove("users", target)
    bench.sync(full=True, force=True)
    user(bench, "Anna", "a@x.example")
    assert counts(bench.sync(), "person_to_users")["links"] == 1


def test_i12_a_record_that_a_reading_yields_twice_counts_once(bench: Bench) -> None:
    bench.flows = (person_flow(ALWAYS),)
    person(bench, "Ånn", "å@x.example")
    bench.sync()
    assert len(bench.acme.rows("users")) == 1
    bench.sync(full=True)
    assert len(bench.acme.rows("users")) == 1


def test_i13_a_split_stays_split_until_it_is_lifted(bench: Bench) -> None:
    bench.flows = (person_flow(ALWAYS, ALWAYS),)
    pair = person(bench, "Ann", "a@x.example"), user(bench, "Ann", "a@x.example")
    bench.sync()
    with open_store(bench.url) as store:
        split_link(store.connection, known_flows(store.connection)[0], pair)
        store.commit()
    bench.ledgerly.edit("Persons", pair[0], Name="Anne")
    report = bench.sync(full=True)
    assert (report.writes, counts(report, "person_to_users")["links"]) == (0, 0)
    with open_store(bench.url) as store:
        unpin_link(store.connection, known_flows(store.connection)[0], pair)
        store.commit()
    assert counts(bench.sync(), "person_to_users")["links"] == 1


def test_i15_ids_of_both_systems_keep_their_own_namespace(bench: Bench) -> None:
    bench.acme.last_id = 0
    bench.ledgerly.put("Firms", {"Name": "Alfa"})
    bench.acme.put("companies", {"name": "Other"})
    person(bench, "Ann", "a@x.example", FirmId=1)
    target = user(bench, "Ann", "a@x.example")
    bench.sync()
    company = bench.acme.records("users")[target].properties["company_id"]
    assert bench.acme.records("companies")[str(company)].properties["name"] == "Alfa"


def test_r1_r2_a_reference_goes_through_the_links_within_the_run(bench: Bench) -> None:
    firm = bench.ledgerly.put("Firms", {"Name": "Alfa"})
    bench.flows = (person_flow(ALWAYS), firm_flow())
    person(bench, "Ann", "a@x.example", FirmId=int(firm))
    bench.sync()
    (company,) = bench.acme.records("companies")
    assert bench.acme.rows("users")[0]["company_id"] == int(company)


def test_r2_r9_a_reference_without_a_link_waits_and_the_rest_goes(bench: Bench) -> None:
    bench.flows = (firm_flow(create_target=CreationRule()), person_flow())
    firm = bench.ledgerly.put("Firms", {"Name": "Alfa"})
    person(bench, "Ann", "a@x.example", FirmId=int(firm))
    target = user(bench, "", "a@x.example")
    report = bench.sync()
    assert counts(report, "person_to_users")["waiting"] == 1
    assert bench.acme.records("users")[target].properties["name"] == "Ann"
    bench.flows = (firm_flow(), person_flow())
    bench.sync()
    assert bench.acme.records("users")[target].properties["company_id"] is not None


def test_r5_an_empty_reference_is_no_link(bench: Bench) -> None:
    person(bench, "Ann", "a@x.example")
    user(bench, "Ann", "a@x.example")
    assert counts(bench.sync(), "person_to_users")["waiting"] == 0


def test_r7_a_change_of_the_reference_alone_is_an_update(bench: Bench) -> None:
    firms = [bench.ledgerly.put("Firms", {"Name": name}) for name in ("Alfa", "Beta")]
    source = person(bench, "Ann", "a@x.example", FirmId=int(firms[0]))
    target = user(bench, "Ann", "a@x.example")
    bench.sync()
    bench.ledgerly.edit("Persons", source, FirmId=int(firms[1]))
    assert bench.sync().writes == 1
    company = bench.acme.records("users")[target].properties["company_id"]
    assert bench.acme.records("companies")[str(company)].properties["name"] == "Beta"


def test_connected_creation_needs_a_linked_record_that_refers_to_it(bench: Bench) -> None:
    bench.flows = (firm_flow(create_target=CONNECTED_FIRMS), person_flow())
    wanted = bench.ledgerly.put("Firms", {"Name": "Alfa"})
    bench.ledgerly.put("Firms", {"Name": "Beta"})
    lonely = bench.ledgerly.put("Firms", {"Name": "Gamma"})
    person(bench, "Ann", "a@x.example", FirmId=int(wanted))
    person(bench, "Bo", "b@x.example", FirmId=int(lonely))
    user(bench, "Ann", "a@x.example")
    bench.sync()
    assert bench.acme.rows("companies") == [{"name": "Alfa"}]


def test_connected_creation_follows_a_reference_that_changes(bench: Bench) -> None:
    bench.flows = (firm_flow(create_target=CONNECTED_FIRMS), person_flow())
    first = bench.ledgerly.put("Firms", {"Name": "Alfa"})
    second = bench.ledgerly.put("Firms", {"Name": "Beta"})
    ann = person(bench, "Ann", "a@x.example", FirmId=int(first))
    user(bench, "Ann", "a@x.example")
    bench.sync()
    bench.ledgerly.edit("Persons", ann, FirmId=int(second))
    bench.sync()
    companies = {row["name"]: id_ for id_, row in rows_by_id(bench, "companies").items()}
    assert set(companies) == {"Alfa", "Beta"}
    assert [row["company_id"] for row in bench.acme.rows("users")] == [int(companies["Beta"])]


def rows_by_id(bench: Bench, kind: str) -> dict[str, dict[str, Json]]:
    return {id_: stored.properties for id_, stored in bench.acme.records(kind).items()}


@pytest.mark.parametrize("what", ["changed", "removed"])
def test_i5_g5_what_matches_nothing_once_its_match_is_gone_is_created(
    bench: Bench, what: str
) -> None:
    bench.flows = (person_flow(ALWAYS, ALWAYS),)
    person(bench, "Ann", "a@x.example"), person(bench, "Bo", "a@x.example")
    match = user(bench, "Cy", "a@x.example")
    assert bench.sync().writes == 0
    if what == "changed":
        bench.acme.edit("users", match, email="c@x.example")
    else:
        bench.acme.remove("users", match)
    # Ann and Bo have not changed.
    bench.sync(full=True, force=True)
    assert {"Ann", "Bo"} <= {row["name"] for row in bench.acme.rows("users")}
    assert bench.sync(full=True).writes == 0


def test_creation_on_a_condition(bench: Bench) -> None:
    vip = Condition(path=("Name",), value="Ann")
    bench.flows = (person_flow(CreationRule(policy=CreationPolicy.WHEN, condition=vip)),)
    person(bench, "Ann", "a@x.example")
    person(bench, "Bo", "b@x.example")
    bench.sync()
    assert [row["name"] for row in bench.acme.rows("users")] == ["Ann"]


def test_n8_a_record_that_leaves_the_subset_is_withdrawn_and_its_link_kept(bench: Bench) -> None:
    inside = Condition(path=("Phone",), value="out", negate=True)
    bench.flows = (person_flow(ALWAYS, subset=inside),)
    source = person(bench, "Ann", "a@x.example")
    person(bench, "Bo", "b@x.example", Phone="out")
    bench.sync()
    assert len(bench.acme.rows("users")) == 1
    bench.ledgerly.edit("Persons", source, Phone="out", Name="Anne")
    report = bench.sync()
    assert (report.writes, counts(report, "person_to_users")["links"]) == (0, 1)
    bench.ledgerly.edit("Persons", source, Phone="1")
    bench.sync()
    assert bench.acme.rows("users")[0]["name"] == "Anne"


def test_a_taken_name_is_adopted_and_a_second_owner_is_a_dead_letter(bench: Bench) -> None:
    taken = bench.acme.put("companies", {"name": "ALFA"})
    bench.ledgerly.put("Firms", {"Name": "Alfa"})
    second = bench.ledgerly.put("Firms", {"Name": "alfa"})
    report = bench.sync()
    assert list(bench.acme.records("companies")) == [taken]
    assert counts(report, "firm_to_companies")["dead_letters"] == 1
    bench.ledgerly.edit("Firms", second, Name="Beta")
    assert counts(bench.sync(), "firm_to_companies")["dead_letters"] == 0
    assert len(bench.acme.rows("companies")) == 2


@pytest.mark.parametrize("later", ["source", "target"])
def test_what_was_adopted_is_merged_as_at_first_contact_after_the_store_was_lost(
    bench: Bench, tmp_path: Path, later: str
) -> None:
    """Its values are nobody's base: each may be an edit that no run has seen."""
    bench.flows = (told_firm_flow(),)
    target = bench.acme.put("companies", {"name": "ALFA", "phone": "1"})
    source = bench.ledgerly.put("Firms", {"Name": "Alfa", "Phone": "1"})
    bench.sync()
    edits = {
        "source": lambda: bench.ledgerly.edit("Firms", source, Phone="source"),
        "target": lambda: bench.acme.edit("companies", target, phone="target"),
    }
    for side in sorted(edits, key=lambda name: name == later):
        bench.clock.advance(3600)
        edits[side]()
    bench.url = f"sqlite:///{tmp_path / 'anew.db'}"
    report = bench.sync()
    assert [row["Phone"] for row in bench.ledgerly.rows("Firms")] == [later]
    assert [row["phone"] for row in bench.acme.rows("companies")] == [later]
    assert counts(report, "firm_to_companies")["conflicts"] != 0
    assert bench.sync(full=True).writes == 0


def told_firm_flow() -> AnyFlow:
    """Return the flow of firms and companies with a second row, which is not unique."""
    there = {"Name": "name", "Phone": "phone"}
    here = {new: old for old, new in there.items()}
    return replace(
        firm_flow(),
        properties=(row("Name", "name"), row("Phone", "phone")),
        to_target=lambda record, _: rename(record, there),
        to_source=lambda record, _: rename(record, here),
    )


def test_a_name_that_was_not_seen_is_found_once_the_server_refuses_it(bench: Bench) -> None:
    bench.ledgerly.put("Firms", {"Name": "Alfa"})
    bench.sync()
    hidden = bench.acme.put("companies", {"name": "Beta"})
    bench.acme.records("companies")[hidden].change = 0  # not in any incremental reading
    bench.ledgerly.put("Firms", {"Name": "Beta"})
    report = bench.sync()
    assert counts(report, "firm_to_companies")["links"] == 2
    assert len(bench.acme.rows("companies")) == 2


def test_one_name_wanted_by_two_flows_goes_to_the_first_by_name(bench: Bench) -> None:
    bench.flows = (firm_flow(), branch_flow())
    bench.ledgerly.put("Branches", {"Title": "Alfa"})
    bench.ledgerly.put("Firms", {"Name": "Alfa"})
    report = bench.sync()
    assert len(bench.acme.rows("companies")) == 1
    # Branches before Firms, whichever the document names first.
    assert counts(report, "branch_to_companies")["links"] == 1
    assert counts(report, "firm_to_companies")["dead_letters"] == 1


def test_dead_letters_are_tried_again_when_the_other_record_changes_or_on_request(
    bench: Bench,
) -> None:
    first = bench.ledgerly.put("Firms", {"Name": "Alfa"})
    bench.ledgerly.put("Firms", {"Name": "Alfa"})
    bench.sync()
    assert bench.sync().writes == 0
    with open_store(bench.url) as store:
        assert retry_letters(store.connection, known_flows(store.connection)) == 1
        store.commit()
    assert counts(bench.sync(), "firm_to_companies")["dead_letters"] == 1
    bench.ledgerly.edit("Firms", first, Name="Beta")
    report = bench.sync()
    assert counts(report, "firm_to_companies")["dead_letters"] == 0
    assert sorted(str(row["name"]) for row in bench.acme.rows("companies")) == ["Alfa", "Beta"]


def test_g7_the_same_person_made_on_both_sides_becomes_one(bench: Bench) -> None:
    bench.flows = (person_flow(ALWAYS, ALWAYS),)
    bench.sync()
    person(bench, "Ann", "a@x.example")
    user(bench, "Ann", "A@x.example")
    bench.sync()
    bench.sync(full=True)
    assert len(bench.ledgerly.rows("Persons")) == len(bench.acme.rows("users")) == 1
