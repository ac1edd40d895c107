"""What is not certain of HubSpot is done one way by default, and the other where it is asked for."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from specbridge.runtime.records import Written
from specbridge.sandbox.doubts import Doubt
from specbridge.sandbox.options import LimitsPlan

from tests.sandbox.hubspot.account import (
    HOUSE,
    NAMES,
    OPTIONS,
    Account,
    opened_account,
    person,
    read,
    records_of,
    tombstones_of,
    write,
)

PAGE = (Path(__file__).parents[3] / "docs" / "sandbox.md").read_text(encoding="utf-8")
MANY = "/crm/v4/associations/contacts/companies/batch"
TAKEN = "ingrid.dahl@fjellheim.example"


def short_instants(account: Account) -> object:
    made = account.make("contacts", firstname="Hel")
    account.system._state.records["contacts"][made].updated = 1_790_000_000_000
    return account.call("GET", f"/contacts/{made}").json()["updatedAt"]


def nulls(account: Account) -> object:
    made = account.make("contacts", firstname="Null", phone="1")
    sent = {"properties": {"phone": None}}
    status = account.call("PATCH", f"/contacts/{made}", sent).status_code
    return status, account.values("contacts", made)["phone"]


def mail(account: Account) -> object:
    made = account.make("contacts", email="Store.Bokstaver@X.example")
    return account.values("contacts", made)["email"]


def taken_on_patch(account: Account) -> object:
    made = account.make("contacts", firstname="Sen")
    return account.call("PATCH", f"/contacts/{made}", {"properties": {"email": TAKEN}}).status_code


def taken_values(account: Account) -> object:
    account.make("contacts", firstname="A", specbridge_reference="r1")
    sent = {"properties": {"firstname": "B", "specbridge_reference": "r1"}}
    return account.call("POST", "/contacts", sent).status_code


def archived(account: Account) -> object:
    made = account.make("contacts", firstname="Borte")
    account.call("DELETE", f"/contacts/{made}")
    return account.call("GET", f"/contacts/{made}").status_code


def merged(account: Account) -> object:
    ids = [account.make("contacts", firstname=name) for name in ("A", "B")]
    sent = {"primaryObjectId": ids[0], "objectIdToMerge": ids[1]}
    account.call("POST", "/contacts/merge", sent).raise_for_status()
    gone = account.call("GET", "/contacts", archived="true").json()["results"]
    return len([row for row in gone if row["id"] in ids])


def updates(account: Account) -> object:
    made = account.make("contacts", firstname="A")
    rows = [("0", made, {"phone": "1"}), ("1", made + "9", {"phone": "1"})]
    inputs = [{"id": i, "properties": p, "objectWriteTraceId": mark} for mark, i, p in rows]
    answer = account.call("POST", "/contacts/batch/update", {"inputs": inputs})
    return answer.status_code, account.values("contacts", made)["phone"]


def results(account: Account) -> object:
    inputs = [{"properties": {"firstname": name}} for name in ("A", "B")]
    answer = account.call("POST", "/contacts/batch/create", {"inputs": inputs})
    return [row["properties"]["firstname"] for row in answer.json()["results"]]


def joined(account: Account, primary: tuple[bool, ...]) -> list[str | None]:
    """Return whether a contact's companies are marked, one after another, by their names."""
    made = account.make("contacts", firstname="A")
    for number, marked in enumerate(primary):
        company = account.make("companies", name=f"Firma {number}")
        kind = 1 if marked else 279
        types = [{"associationCategory": "HUBSPOT_DEFINED", "associationTypeId": kind}]
        pair = {"from": {"id": made}, "to": {"id": company}, "types": types}
        account.session.post(f"{MANY}/create", json={"inputs": [pair]}).raise_for_status()
    read_ = account.session.post(f"{MANY}/read", json={"inputs": [{"id": made}]}).json()
    return [
        next((one["label"] for one in to["associationTypes"] if one["typeId"] == 1), None)
        for to in read_["results"][0]["to"]
    ]


def associations(account: Account) -> object:
    made = account.make("contacts", firstname="A")
    before = account.call("GET", f"/contacts/{made}").json()["updatedAt"]
    company = account.make("companies", name="B")
    path = f"/crm/v4/objects/contact/{made}/associations/default/company/{company}"
    account.session.put(path).raise_for_status()
    return bool(account.call("GET", f"/contacts/{made}").json()["updatedAt"] > before)


def searches(account: Account) -> object:
    asked = {"properties": ["a_property_of_the_account"] * 200}
    return account.call("POST", "/contacts/search", asked).status_code


def addresses(account: Account) -> object:
    names = ",".join(["a_property_of_the_account"] * 400)
    return account.call("GET", "/contacts", properties=names).status_code


def throttled(account: Account) -> object:
    account.running.replace_faults("429=1*1")
    answer = account.call("GET", "/contacts")
    told = sorted({"category", "errorType"} & answer.json().keys())
    return told, answer.headers.get("retry-after")


CASES: dict[Doubt, tuple[Callable[[Account], object], object, object]] = {
    Doubt.SHORT_INSTANTS: (short_instants, "2026-09-21T14:13:20.000Z", "2026-09-21T14:13:20Z"),
    Doubt.NULLS_CLEAR: (nulls, (400, "1"), (200, None)),
    Doubt.MAIL_OF_CONTACTS_WITH_CAPITALS: (
        mail,
        "store.bokstaver@x.example",
        "Store.Bokstaver@X.example",
    ),
    Doubt.TAKEN_ON_PATCH_400: (taken_on_patch, 409, 400),
    Doubt.TAKEN_VALUES_409: (taken_values, 400, 409),
    Doubt.ARCHIVED_SHOWN: (archived, 404, 200),
    Doubt.MERGED_IN_ARCHIVE: (merged, 0, 2),
    Doubt.UPDATES_WHOLE: (updates, (207, "1"), (404, None)),
    Doubt.RESULTS_IN_ORDER: (results, ["B", "A"], ["A", "B"]),
    Doubt.FIRST_IS_PRIMARY: (lambda one: joined(one, (False,)), [None], ["Primary"]),
    Doubt.SEVERAL_PRIMARIES: (
        lambda one: joined(one, (True, True)),
        [None, "Primary"],
        ["Primary", "Primary"],
    ),
    Doubt.ASSOCIATIONS_MOVE_INSTANTS: (associations, False, True),
    Doubt.SHORT_SEARCHES: (searches, 200, 400),
    Doubt.LONGER_ADDRESSES: (addresses, 414, 200),
    Doubt.LIMITS_AS_CATEGORY: (throttled, (["errorType"], None), (["category"], None)),
    Doubt.WAITS_IN_MILLISECONDS: (throttled, (["errorType"], None), (["errorType"], "1000")),
}
OURS = frozenset(doubt for doubt in Doubt if doubt.value.startswith("hubspot-"))


def test_each_doubt_is_tried_and_told() -> None:
    assert CASES.keys() == OURS
    assert {doubt.value for doubt in OURS if f"`{doubt.value}`" not in PAGE} == set()


@pytest.mark.parametrize("doubt", CASES, ids=lambda doubt: doubt.value)
def test_both_ways(doubt: Doubt) -> None:
    ask, default, otherwise = CASES[doubt]
    with opened_account() as account:
        assert ask(account) == default
    with opened_account(replace(OPTIONS, otherwise=frozenset({doubt}))) as account:
        assert ask(account) == otherwise


@pytest.mark.parametrize("otherwise", [frozenset(), OURS], ids=["default", "otherwise"])
def test_our_connector_comes_to_the_same_end(otherwise: frozenset[Doubt]) -> None:
    with opened_account(replace(OPTIONS, otherwise=otherwise)) as account:
        merged_ids = [account.make("contacts", firstname=name) for name in ("A", "B")]
        company = account.make("companies", name="Firma")
        gone = account.make("contacts", firstname="C")
        with account.connected() as connector:
            changes, cursor = read(connector, "Contacts", None, HOUSE)
            known = records_of(changes)
            rows = [person(f"k{n}", email=f"K{n}@x.example") for n in range(6)]
            made = write(connector, "Contacts", *rows)
            assert all(isinstance(one, Written) for one in made.values())
            linked = person("l", email="l@x.example", associatedcompanyid=company)
            (done,) = write(connector, "Contacts", linked, names=HOUSE).values()
            assert isinstance(done, Written)
            account.call("DELETE", f"/contacts/{gone}").raise_for_status()
            sent = {"primaryObjectId": merged_ids[0], "objectIdToMerge": merged_ids[1]}
            into = account.call("POST", "/contacts/merge", sent).json()["id"]
            changes, _ = read(connector, "Contacts", cursor, HOUSE)
            assert {gone, *merged_ids} <= tombstones_of(changes)
            again = connector.look_again("Contacts", [known[one] for one in merged_ids], HOUSE)
            assert {getattr(one, "into", "") for one in again} == {into}
            assert list(connector.look_again("Contacts", [known[gone]], HOUSE)) != [known[gone]]
        assert account.system._state.primary[done.id] == [company]


@pytest.mark.parametrize("doubt", [Doubt.WAITS_IN_MILLISECONDS, Doubt.LIMITS_AS_CATEGORY])
def test_a_burst_s_refusal_is_waited_for(doubt: Doubt) -> None:
    plan = replace(OPTIONS, limits=LimitsPlan.ENTERPRISE, otherwise=frozenset({doubt}))
    with opened_account(plan) as account:
        account.running.replace_faults("429=1*1")
        with account.connected() as connector:
            assert records_of(read(connector, "Companies", None, NAMES)[0])
