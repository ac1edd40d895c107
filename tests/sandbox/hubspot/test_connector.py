"""Our connector on HubSpot's sandbox, trap by trap: nothing is lost, doubled or taken for something else."""

from collections.abc import Callable, Mapping
from dataclasses import replace

import pytest
from specbridge.errors import ApiError
from specbridge.model.profile import Profile
from specbridge.model.values import Json, Path
from specbridge.runtime.connectors.build import build_connector
from specbridge.runtime.connectors.connector import RestConnector
from specbridge.runtime.connectors.transport.access import ConnectorOptions
from specbridge.runtime.records import Create, Outcome, Record, Refused, Tombstone, Update, Written
from specbridge.sandbox.messages import Answer, Call
from specbridge.sandbox.options import LimitsPlan, SandboxOptions

from tests.runtime.connectors.clocks import ManualTime
from tests.runtime.connectors.conftest import QUICK
from tests.sandbox.hubspot.account import (
    COMPANY,
    HOUSE,
    LATE,
    NAMES,
    OPTIONS,
    PROFILE,
    Account,
    person,
    read,
    records_of,
    tombstones_of,
    write,
)

Open = Callable[[SandboxOptions], Account]
PHONE: Path = ("properties", "phone")
MORE = NAMES | {"properties.phone", "properties.lastname"}


def values(record: Record | None) -> Mapping[str, Json]:
    assert record is not None
    held = record.properties["properties"]
    assert isinstance(held, dict)
    return held


def written(outcome: Outcome) -> Written:
    assert isinstance(outcome, Written), outcome
    return outcome


def refused(outcome: Outcome) -> Refused:
    assert isinstance(outcome, Refused), outcome
    return outcome


def change(record: Record, path: Path, value: Json, key: str = "u") -> Update:
    return Update(key=key, current=record, changes={path: value})


def find(connector: RestConnector, mail: str, names: frozenset[str] = NAMES) -> Record:
    (found,) = connector.find_records("Contacts", ("properties", "email"), [mail], names)
    return found


def with_incremental(**keys: object) -> Profile:
    """Return the profile with other keys in the contacts' search, and without limits."""
    contacts = PROFILE.resources[0]
    assert contacts.incremental is not None
    incremental = replace(contacts.incremental, **keys)  # type: ignore[arg-type]  # the call's own keys
    changed = replace(contacts, incremental=incremental)
    return replace(PROFILE, limits=(), resources=(changed, *PROFILE.resources[1:]))


def test_1_reads_to_the_end_and_archived_ones_with_it(account: Account) -> None:
    gone = account.make("contacts", firstname="Borte")
    account.call("DELETE", f"/contacts/{gone}").raise_for_status()
    with account.connected() as connector:
        changes, cursor = read(connector, "Contacts", None)
        present = [row for row in account.running.records("contacts") if not row["archived"]]
        assert set(records_of(changes)) == {row["id"] for row in present}
        assert gone in tombstones_of(changes)
        assert cursor.startswith("20")


def test_2_an_unset_property_is_empty_and_not_absent(account: Account) -> None:
    account.make("contacts", email="tom2@x.example", firstname="Tom")
    with account.connected() as connector:
        held = values(find(connector, "tom2@x.example"))
    assert (held["firstname"], held["company"]) == ("Tom", None)


def test_3_and_22_a_wrong_value_is_one_record_s_own_matter(account: Account) -> None:
    names = COMPANY
    wrong = {"name": "Feil AS", "industry": "food & beverages"}
    rows = [person(f"c{number}", name=f"Rett {number} AS") for number in range(5)]
    with account.connected() as connector:
        done = write(connector, "Companies", *rows, person("bad", **wrong), names=names)
        misspelt = person("odd", name="Odd AS", nmae="x")
        odd = write(connector, "Companies", misspelt, names=names)["odd"]
    assert [type(done[f"c{number}"]) for number in range(5)] == [Written] * 5
    assert "allowed options" in refused(done["bad"]).reason
    assert refused(odd).reason == 'Property "nmae" does not exist'


def test_4_and_5_texts_go_out_and_numbers_come_in(account: Account) -> None:
    names = frozenset({"properties", "properties.numberofemployees", "properties.annualrevenue"})
    path: Path = ("properties", "numberofemployees")
    made = account.make("companies", name="Tall AS", annualrevenue="1500.00")
    with account.connected() as connector:
        (record,) = connector.read_records("Companies", [made], names)
        assert values(record)["annualrevenue"] == 1500.0
        done = write(connector, "Companies", change(record, path, 17), names=names)["u"]
        assert values(written(done).record)["numberofemployees"] == 17
        assert account.values("companies", made)["numberofemployees"] == "17"
        current = written(done).record
        assert current is not None
        done = write(connector, "Companies", change(current, path, None), names=names)["u"]
    assert values(written(done).record)["numberofemployees"] is None
    assert account.values("companies", made)["numberofemployees"] is None


def test_4_custom_properties_go_out_as_texts_too(account: Account) -> None:
    names = frozenset({"properties", "properties.points"})
    for name, kind in (("points", "number"), ("is_member", "string")):
        sent = {"name": name, "label": name, "type": kind}
        account.session.post("/crm/v3/properties/contacts", json=sent)
    with account.connected() as connector:
        one = person("custom", firstname="Egen", points=3, is_member=True)
        made = written(write(connector, "Contacts", one, names=names)["custom"])
        current = made.record
        assert current is not None
        emptied = change(current, ("properties", "points"), None)
        write(connector, "Contacts", emptied, names=names)
    held = account.values("contacts", made.id)
    assert (held["points"], held["is_member"]) == (None, "true")


def test_7_what_the_index_shows_late_is_read_all_the_same(open_one: Open) -> None:
    account = open_one(LATE)
    with account.connected() as connector:
        _, cursor = read(connector, "Contacts", None)
        late = account.make("contacts", firstname="Sen", lastname="Rad")
        account.running.advance(5)
        early = account.make("contacts", firstname="Enda", lastname="Senere")
        changes, cursor = read(connector, "Contacts", cursor)
        assert not {late, early} & set(records_of(changes))
        account.running.advance(6)
        # The first one only is in the index, and the cursor goes past the other one's instant.
        changes, cursor = read(connector, "Contacts", cursor)
        assert late in records_of(changes)
        account.running.advance(30)
        changes, _ = read(connector, "Contacts", cursor)
        assert early in records_of(changes)


def test_7_an_edit_since_is_shown_though_the_index_does_not_know_it(open_one: Open) -> None:
    account = open_one(LATE)
    made = account.make("contacts", firstname="Før")
    account.running.advance(20)
    with account.connected() as connector:
        _, cursor = read(connector, "Contacts", None)
        account.change("contacts", made, firstname="Etter")
        changes, _ = read(connector, "Contacts", cursor)
    assert values(records_of(changes)[made])["firstname"] == "Etter"


@pytest.mark.parametrize("alike", [False, True])
def test_8_more_than_a_search_gives(open_one: Open, alike: bool) -> None:
    account = open_one(OPTIONS)
    for start in range(0, 900, 100):
        rows = [{"properties": {"email": f"m{start + n}@x.example"}} for n in range(100)]
        account.call("POST", "/contacts/batch/create", {"inputs": rows}).raise_for_status()
    held = account.system._state.records["contacts"]
    if alike:
        # As a calculation of the vendor's own leaves them at the end of a month.
        for one in held.values():
            one.updated = 1_790_000_000_000
            account.system._state.index_later("contacts", one)
    profile = with_incremental(most=400)
    connector = build_connector(profile, account.environment, QUICK)
    changes, _ = read(connector, "Contacts", "2024-01-01T00:00:00Z")
    connector.close()
    assert set(records_of(changes)) == set(held)
    assert account.asked("POST", "/search") > 2


def test_9_searches_keep_within_a_limit_of_their_own(open_one: Open) -> None:
    account = open_one(replace(OPTIONS, limits=LimitsPlan.HIGH_VOLUME))
    assert PROFILE.resources[0].incremental is not None
    paging = PROFILE.resources[0].incremental.paging
    assert paging is not None
    profile = replace(with_incremental(paging=replace(paging, size=1)), limits=PROFILE.limits)
    connector = build_connector(profile, account.environment, QUICK)
    changes, _ = read(connector, "Contacts", "2024-01-01T00:00:00Z")
    connector.close()
    assert len(records_of(changes)) == len(account.running.records("contacts"))
    assert account.asked("POST", "/search") > 7
    assert [one for one in account.running.request_log.entries if one[2] == 429] == []


def patient(account: Account, time: ManualTime) -> RestConnector:
    """Return a connector whose waits take no time."""
    profile = replace(PROFILE, limits=PROFILE.limits)
    return build_connector(profile, account.environment, make_clock=time.maker())


def test_10_a_day_s_limit_ends_the_run_and_a_burst_waits(open_one: Open) -> None:
    account = open_one(replace(OPTIONS, limits=LimitsPlan.ENTERPRISE))
    time = ManualTime()
    connector = patient(account, time)
    account.running.replace_faults("429=1*2")
    # No Retry-After says for how long.
    assert records_of(read(connector, "Companies", None)[0])
    assert 1.0 <= sum(time.sleeps) < 60.0
    account.system.throttled.daily = 1
    account.running.request_log.clear()
    with pytest.raises(ApiError, match="daily limit"):
        read(connector, "Products", None)
    connector.close()
    assert len(account.running.request_log.entries) == 1


def test_11_a_search_without_a_record_is_no_deletion(open_one: Open) -> None:
    account = open_one(LATE)
    with account.connected() as connector:
        changes, cursor = read(connector, "Contacts", None)
        kept, gone = list(records_of(changes))[:2]
        account.call("DELETE", f"/contacts/{gone}").raise_for_status()
        changes, _ = read(connector, "Contacts", cursor)
        assert tombstones_of(changes) == {gone}
        again = list(connector.look_again("Contacts", [records_of(read(connector, "Contacts", None)[0])[kept]], NAMES))  # fmt: skip
    assert [type(one) for one in again] == [Record]


def test_12_and_18_who_has_an_address_is_named(account: Account) -> None:
    with account.connected() as connector:
        held = find(connector, "ingrid.dahl@fjellheim.example")
        mails = {"12": "Ingrid.Dahl@fjellheim.example", "18": "aase.privat@post.example"}
        rows = [person(key, email=mail) for key, mail in mails.items()]
        done = write(connector, "Contacts", *rows)
        many = [person(f"x{n}", email=f"x{n}@x.example") for n in range(4)]
        together = write(connector, "Contacts", *many, person("13", email=mails["12"]))
    owner = find_owner(account, mails["18"])
    for one, holder in ((done["12"], held.id), (done["18"], owner), (together["13"], held.id)):
        told = refused(one)
        assert (told.duplicate, told.holder) == ("properties.email", holder)
        assert "@" not in told.reason


def find_owner(account: Account, mail: str) -> str:
    """Return who has an additional address."""
    rows = account.running.records("contacts")
    return next(str(r["id"]) for r in rows if mail in str(r["properties"]["hs_additional_emails"]))


def test_13_of_a_hundred_the_conflicts_alone_fail(open_one: Open) -> None:
    account = open_one(OPTIONS)
    rows = [person(f"k{number}", email=f"k{number}@x.example") for number in range(98)]
    taken = [
        person("t0", email="ingrid.dahl@fjellheim.example"),
        person("t1", email="aase@bjork.example"),
    ]
    with account.connected() as connector:
        done = write(connector, "Contacts", *rows[:50], *taken, *rows[50:])
    assert sum(isinstance(one, Written) for one in done.values()) == 98
    assert all(refused(done[key]).holder for key in ("t0", "t1"))
    assert account.asked("POST", "/batch/create") == 1
    assert account.asked("POST", "/contacts") == 0


def test_13_a_creation_whose_answer_is_lost_makes_no_second_record(open_one: Open) -> None:
    account = open_one(OPTIONS)
    account.running.replace_faults("reset-after-commit=0.3")
    rows = [person(f"k{number}", email=f"k{number}@x.example") for number in range(30)]
    with account.connected() as connector:
        done = write(connector, "Contacts", *rows)
        single = write(connector, "Contacts", person("one", email="one@x.example"))
    assert all(isinstance(one, Written) for one in (*done.values(), *single.values()))
    mails = [row["properties"]["email"] for row in account.running.records("contacts")]
    assert len(mails) == len(set(mails))


def test_14_and_15_many_updates_go_by_id_and_leave_the_rest(open_one: Open) -> None:
    account = open_one(OPTIONS)
    ids = [account.make("contacts", email=f"u{n}@x.example", lastname="Før") for n in range(8)]
    with account.connected() as connector:
        records = list(connector.read_records("Contacts", ids, MORE))
        changes = [change(one, PHONE, "77", one.id) for one in records]
        # Of one record twice, as two pairings may: the second is on what the first made.
        done = write(connector, "Contacts", *changes, names=MORE)
    assert [values(written(one).record)["lastname"] for one in done.values()] == ["Før"] * 8
    assert {account.values("contacts", one)["phone"] for one in ids} == {"77"}
    assert account.asked("POST", "/batch/update") == 1
    assert account.asked("POST", "/batch/upsert") == 0


def test_14_a_batch_that_names_a_record_twice_still_ends_well(open_one: Open) -> None:
    account = open_one(OPTIONS)
    ids = [account.make("contacts", email=f"u{n}@x.example") for n in range(4)]
    with account.connected() as connector:
        records = list(connector.read_records("Contacts", ids, MORE))
        changes = [change(one, PHONE, "77", one.id) for one in records]
        twice = change(records[0], ("properties", "lastname"), "To", "twice")
        done = write(connector, "Contacts", *changes, twice, names=MORE)
    assert all(isinstance(one, Written) for one in done.values())
    held = account.values("contacts", records[0].id)
    assert (held["phone"], held["lastname"]) == ("77", "To")


def test_16_a_merged_record_leads_to_the_one_of_today(open_one: Open) -> None:
    account = open_one(OPTIONS)
    first = account.make("contacts", email="f@x.example", firstname="F")
    second = account.make("contacts", email="s@x.example", firstname="S")
    with account.connected() as connector:
        changes, cursor = read(connector, "Contacts", None)
        known = records_of(changes)
        sent = {"primaryObjectId": first, "objectIdToMerge": second}
        made = account.call("POST", "/contacts/merge", sent).json()["id"]
        changes, _ = read(connector, "Contacts", cursor)
        assert made in records_of(changes)
        # They are asked for at once, and not at the next full reading.
        assert {first, second} <= tombstones_of(changes)
        again = list(connector.look_again("Contacts", [known[first], known[second]], NAMES))
    assert {(one.id, one.into) for one in again if isinstance(one, Tombstone)} == {
        (first, made),
        (second, made),
    }


def test_17_a_company_is_associated_and_never_written_as_a_property(account: Account) -> None:
    link: Path = ("properties", "associatedcompanyid")
    old, new, other = (account.make("companies", name=name) for name in ("A", "B", "C"))
    with account.connected() as connector:
        one = Create(
            key="k",
            properties={"properties": {"email": "l17@x.example", "associatedcompanyid": old}},
            external_reference="ref:17",
        )
        made = written(write(connector, "Contacts", one, names=HOUSE)["k"])
        assert str(values(made.record)["associatedcompanyid"]) == old
        # A further company, which is not the primary one.
        account.session.put(f"/crm/v4/objects/contact/{made.id}/associations/default/company/{other}")  # fmt: skip
        assert made.record is not None
        moved = written(write(connector, "Contacts", change(made.record, link, new), names=HOUSE)["u"])  # fmt: skip
        assert str(values(moved.record)["associatedcompanyid"]) == new
        assert moved.record is not None
        ended = written(write(connector, "Contacts", change(moved.record, link, None), names=HOUSE)["u"])  # fmt: skip
    assert values(ended.record)["associatedcompanyid"] is None
    assert account.system._state.plain[made.id] == [other]


def test_17_many_are_associated_in_one_call_and_who_is_refused_is_told(open_one: Open) -> None:
    account = open_one(OPTIONS)
    companies = [account.make("companies", name=f"Firma {number}") for number in range(8)]
    rows = [
        person(f"k{n}", email=f"k{n}@x.example", associatedcompanyid=company)
        for n, company in enumerate(companies)
    ]
    lost = person("lost", email="lost@x.example", associatedcompanyid="99")
    with account.connected() as connector:
        done = write(connector, "Contacts", *rows, names=HOUSE)
        assert account.asked("POST", "/companies/batch/create") == 1
        more = write(connector, "Contacts", lost, names=HOUSE)
        held = [values(written(done[row.key]).record)["associatedcompanyid"] for row in rows]
        assert [str(one) for one in held] == companies
        # All move at once, one of them to nowhere.
        changes = [
            change(one.record, ("properties", "associatedcompanyid"), other, one.key)
            for one, other in zip(map(written, done.values()), [*companies[1:], "98"], strict=True)
            if one.record is not None
        ]
        moved = write(connector, "Contacts", *changes, names=HOUSE)
    assert "does not exist" in refused(more["lost"]).reason
    assert [key for key, one in moved.items() if isinstance(one, Refused)] == ["k7"]
    plain = account.system._state.plain
    assert [plain[written(done[f"k{n}"]).id] for n in range(8)] == [
        *([company] for company in companies[1:]),
        [companies[7]],
    ]


def test_17_associations_are_read_only_where_they_are_in_use(account: Account) -> None:
    before = account.asked("POST", "/companies/batch/read")
    with account.connected() as connector:
        read(connector, "Contacts", None, NAMES)
        assert account.asked("POST", "/companies/batch/read") == before
        changes, _ = read(connector, "Contacts", None, HOUSE)
    assert any(values(one)["associatedcompanyid"] for one in records_of(changes).values())


def test_19_a_token_that_ends_in_the_middle_is_renewed_once(open_one: Open) -> None:
    account = open_one(replace(OPTIONS, token_seconds=1800))
    access = account.system.access
    environment = {
        "HUBSPOT_BASE_URL": account.running.url,
        "HUBSPOT_CLIENT_ID": access.client_id,
        "HUBSPOT_CLIENT_SECRET": access.client_secret,
        "HUBSPOT_REFRESH_TOKEN": access.refresh_token,
    }
    profile = replace(PROFILE, limits=())
    connector = build_connector(profile, environment, QUICK)
    assert records_of(read(connector, "Contacts", None)[0])
    # By the server's clock alone: ours believes that the token is still good.
    account.running.advance(1801)
    assert records_of(read(connector, "Companies", None)[0])
    connector.close()
    assert account.asked("POST", "/oauth/v3/token") == 2
    refusals = [one for one in account.running.request_log.entries if one[2] == 401]
    assert len(refusals) == 1


def test_20_what_fits_no_address_is_asked_for_by_a_search(account: Account) -> None:
    names = frozenset({"properties", "properties.email"})
    names |= {f"properties.custom_property_number_{number}" for number in range(300)}
    with account.connected() as connector:
        changes, _ = read(connector, "Contacts", None, names)
        first = next(iter(records_of(changes).values()))
        (again,) = connector.look_again("Contacts", [first], names)
        done = write(connector, "Contacts", person("l20", email="l20@x.example"), names=names)
    assert isinstance(again, Record)
    assert values(again)["email"] == values(first)["email"]
    assert values(written(done["l20"]).record)["email"] == "l20@x.example"
    present = [row for row in account.running.records("contacts") if not row["archived"]]
    assert set(records_of(changes)) == {row["id"] for row in present} - {written(done["l20"]).id}
    assert [one for one in account.running.request_log.entries if one[2] == 414] == []


def test_21_a_lock_is_waited_for_and_a_move_ends_the_run(open_one: Open) -> None:
    account = open_one(OPTIONS)
    answers = [Answer(status=423, body={"message": "locked"})] * 2

    def locked(call: Call, go_on: Callable[[Call], Answer]) -> Answer:
        return answers.pop() if answers and call.method == "PATCH" else go_on(call)

    def moving(call: Call, go_on: Callable[[Call], Answer]) -> Answer:
        if call.method == "GET":
            return go_on(call)
        return Answer(status=477, body={"message": "moving"}, headers={"Retry-After": "86400"})

    made = account.make("contacts", firstname="Låst")
    with account.connected() as connector:
        (record,) = connector.read_records("Contacts", [made], MORE)
        account.running.place_gateway(locked)
        done = write(connector, "Contacts", change(record, PHONE, "1"), names=MORE)
        assert isinstance(done["u"], Written)
        account.running.place_gateway(moving)
        # Not this one record's refusal, which would make a dead letter of it.
        with pytest.raises(ApiError):
            write(connector, "Contacts", replace_write(done["u"]), names=MORE)


def replace_write(outcome: Outcome) -> Update:
    record = written(outcome).record
    assert record is not None
    return change(record, PHONE, "2")


def test_doctor_says_where_the_property_for_our_references_is_missing(open_one: Open) -> None:
    account = open_one(OPTIONS)
    with account.connected() as connector:
        told = {one.subject: one for one in connector.diagnose()}
        assert told["reference of Contacts"].message == "properties.specbridge_reference is there"
        del account.system._state.definitions.of("companies")["specbridge_reference"]
        told = {one.subject: one for one in connector.diagnose()}
    missing = told["reference of Companies"]
    assert (missing.well, told["reference of Products"].well) == (False, True)
    assert missing.message.startswith("make properties.specbridge_reference, a text")


def test_doctor_says_which_of_the_used_properties_there_are_not(account: Account) -> None:
    paths = [("properties", name) for name in ("email", "phone", "fristname")]
    link: Path = ("properties", "associatedcompanyid")
    with account.connected() as connector:
        told = {one.subject: one for one in connector.diagnose({"Contacts": frozenset({*paths, link})})}  # fmt: skip
        well = {one.subject: one for one in connector.diagnose({"Contacts": frozenset(paths[:2])})}
    found = told["properties of Contacts"]
    assert (found.well, well["properties of Contacts"].well) == (False, True)
    assert found.message.startswith("the account has no properties.fristname: ")


def test_an_update_of_what_somebody_changed_meanwhile_is_stale(account: Account) -> None:
    made = account.make("contacts", email="gammel@x.example", phone="1")
    with account.connected() as connector:
        (record,) = connector.read_records("Contacts", [made], MORE)
        account.change("contacts", made, phone="2")
        told = refused(write(connector, "Contacts", change(record, PHONE, "3"), names=MORE)["u"])
    assert told.stale


def test_paths_by_date_are_a_setting(account: Account) -> None:
    environment = {
        **account.environment,
        "HUBSPOT_OBJECTS_PATH": "/crm/objects/2026-03/",
        "HUBSPOT_ASSOCIATIONS_PATH": "crm/associations/2026-03",
        "HUBSPOT_ACCOUNT_PATH": "account-info/2026-03",
    }
    connector = build_connector(replace(PROFILE, limits=()), environment, ConnectorOptions())
    changes, cursor = read(connector, "Contacts", None, HOUSE)
    read(connector, "Contacts", cursor, HOUSE)
    assert connector.fingerprint()
    connector.close()
    assert any(values(one)["associatedcompanyid"] for one in records_of(changes).values())
    asked = {entry[1] for entry in account.running.request_log.entries}
    assert "/crm/objects/2026-03/contacts/search" in asked
