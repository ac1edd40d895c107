"""The places in a run at which an answer comes, and what people do so that the run comes there."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

from specbridge.sandbox.messages import Answer, Call

from tests.acceptance.answers import PAGE, Lab, On, Reply


@dataclass(frozen=True, kw_only=True)
class Place:
    """Where an answer comes.

    `act` is what people do before; it returns what tells whether that was carried across. `resource`
    is the one whose cursor must stay where the run fails. `others` answers all other calls. The call
    comes `late` where something was written before it.
    """

    system: str
    act: Callable[[Lab], Callable[[], bool]]
    is_meant: Callable[[Call], bool]
    resource: str = ""
    full: bool = False
    deletions: bool = False
    page: int | None = None
    others: Reply | None = None
    late: bool = False


LATE = 7
"""A page of customers by which more than half of them were shown."""


def is_call(method: str, path: str) -> Callable[[Call], bool]:
    return lambda call: (call.method, call.path) == (method, path)


def is_of_one(method: str, path: str) -> Callable[[Call], bool]:
    """Return whether a call is about one record below a path: its address ends in a number."""
    return lambda call: (
        call.method == method and call.path.startswith(f"{path}/") and call.path[-1].isdigit()
    )


def rename_customer(lab: Lab) -> Callable[[], bool]:
    old, lab.pivot = lab.pivot, lab.fresh("Pivot")
    lab.rename_customer(old, lab.pivot)
    return lambda: lab.pivot in lab.names("organizations")


def rename_after_signing_off(lab: Lab) -> Callable[[], bool]:
    lab.sign_off()
    return rename_customer(lab)


def rename_organization(lab: Lab) -> Callable[[], bool]:
    old, lab.pivot = lab.pivot, lab.fresh("Pivot")
    lab.rename_organization(old, lab.pivot)
    return lambda: lab.pivot in lab.names("Customers")


def rename_many(lab: Lab) -> Callable[[], bool]:
    wanted = {old: lab.fresh("Spare") for old in lab.spare[:5]}
    for old, new in wanted.items():
        lab.rename_customer(old, new)
    lab.spare[:5] = wanted.values()
    return lambda: set(wanted.values()) <= lab.names("organizations")


def add_customer(lab: Lab) -> Callable[[], bool]:
    name = lab.fresh("New")
    lab.add_customer(name)

    def is_there_once() -> bool:
        return [row["name"] for row in lab.worlds()["organizations"]].count(name) == 1

    return is_there_once


def delete_customer(lab: Lab) -> Callable[[], bool]:
    name = lab.spare.pop()
    number = next(row["Id"] for row in lab.worlds()["Customers"] if row["Name"] == name)
    lab.poweroffice.delete(f"/Customers/{number}").raise_for_status()
    return lambda: name not in lab.names("organizations")


def delete_organization(lab: Lab) -> Callable[[], bool]:
    name = lab.spare.pop()
    number = next(row["id"] for row in lab.worlds()["organizations"] if row["name"] == name)
    lab.zendesk.delete(f"/organizations/{number}").raise_for_status()
    return lambda: name not in lab.names("Customers")


def change_email(lab: Lab) -> Callable[[], bool]:
    old, lab.email = lab.email, f"{lab.fresh('ingrid').split()[1]}@fjellheim.example"
    lab.change_email(old, lab.email)
    return lambda: lab.email in {row["email"] for row in lab.worlds()["users"]}


def delete_person(lab: Lab) -> Callable[[], bool]:
    """Delete a contact person who has a user."""
    add_person(lab)
    assert lab.sync().error is None
    person, user = lab.worlds()["ContactPersons"][-1], lab.worlds()["users"][-1]
    assert person["EmailAddress"] == user["email"]
    lab.poweroffice.delete(
        f"/ContactPersons/{person['ContactId']}/{person['Id']}"
    ).raise_for_status()
    return lambda: not lab.worlds()["users"][-1]["active"]


def add_person(lab: Lab) -> Callable[[], bool]:
    """Add a contact person whose user has no organization yet."""
    name = lab.fresh("Person")
    email = f"{name.split()[1]}@nowhere.example"
    customer = next(row for row in lab.worlds()["Customers"] if row["Name"] == lab.pivot)
    person = {"FirstName": "Ny", "LastName": name, "EmailAddress": email}
    lab.poweroffice.post(f"/ContactPersons/{customer['Id']}", json=person).raise_for_status()
    user = {"user": {"name": name, "email": email}}
    lab.zendesk.post("/users", json=user).raise_for_status()

    def has_organization() -> bool:
        row = next(row for row in lab.worlds()["users"] if row["email"] == email)
        return row["organization_id"] is not None

    return has_organization


def hides(items: str, name: str, value: str) -> Reply:
    """Return what leaves a record out of every list; asked for alone, it is there."""

    def reply(call: Call, on: On) -> Answer:
        answer = on(call)
        body: Any = answer.body
        rows = body.get(items) if items and isinstance(body, dict) else body
        if call.method != "GET" or not isinstance(rows, list):
            return answer
        kept = [row for row in rows if row.get(name) != value]
        return replace(answer, body={**body, items: kept} if items else kept)

    return reply


DELETES = (delete_customer, delete_organization, delete_person)

PLACES = {
    "customers, listed": Place(
        system="poweroffice",
        act=rename_customer,
        is_meant=is_call("GET", "/v2/Customers"),
        resource="Customers",
        full=True,
    ),
    "customers, a late page": Place(
        system="poweroffice",
        act=rename_customer,
        is_meant=lambda c: c.path == "/v2/Customers" and int(c.query["PageNumber"]) > LATE,
        resource="Customers",
        full=True,
        page=PAGE,
    ),
    "organizations, listed": Place(
        system="zendesk",
        act=rename_organization,
        is_meant=is_call("GET", "/api/v2/incremental/organizations"),
        resource="Organizations",
        full=True,
        deletions=True,
    ),
    "customers, changed": Place(
        system="poweroffice",
        act=rename_customer,
        is_meant=is_call("GET", "/v2/Customers"),
        resource="Customers",
        deletions=True,
    ),
    "organizations, changed": Place(
        system="zendesk",
        act=rename_organization,
        is_meant=is_call("GET", "/api/v2/incremental/organizations"),
        resource="Organizations",
        deletions=True,
    ),
    "a contact person alone": Place(
        system="poweroffice",
        act=rename_customer,
        is_meant=is_of_one("GET", "/v2/ContactPersons"),
        others=hides("", "FirstName", "Jonas"),
        resource="ContactPersons",
        full=True,
    ),
    "an organization alone": Place(
        system="zendesk",
        act=rename_customer,
        is_meant=is_of_one("GET", "/api/v2/organizations"),
        others=hides("organizations", "name", "Nordlys Elektro AS"),
        resource="Organizations",
        full=True,
    ),
    "organizations before a change": Place(
        system="zendesk",
        act=rename_customer,
        is_meant=is_call("GET", "/api/v2/organizations/show_many"),
    ),
    "a create": Place(
        system="zendesk",
        act=add_customer,
        is_meant=is_call("POST", "/api/v2/organizations"),
    ),
    "a patch": Place(
        system="poweroffice",
        act=rename_organization,
        is_meant=is_of_one("PATCH", "/v2/Customers"),
    ),
    "an update": Place(
        system="zendesk",
        act=rename_customer,
        is_meant=is_of_one("PUT", "/api/v2/organizations"),
    ),
    "an identity": Place(
        system="zendesk",
        act=change_email,
        is_meant=lambda call: call.method != "GET" and "/identities" in call.path,
    ),
    "a membership": Place(
        system="zendesk",
        act=add_person,
        is_meant=is_call("POST", "/api/v2/organization_memberships"),
    ),
    "a bulk update": Place(
        system="zendesk",
        act=rename_many,
        is_meant=is_call("PUT", "/api/v2/organizations/update_many"),
    ),
    "a job": Place(
        system="zendesk",
        act=rename_many,
        is_meant=lambda call: "/job_statuses/" in call.path,
        late=True,
    ),
    "a delete in Zendesk": Place(
        system="zendesk",
        act=delete_customer,
        is_meant=is_of_one("DELETE", "/api/v2/organizations"),
        full=True,
        deletions=True,
    ),
    "a delete in PowerOffice": Place(
        system="poweroffice",
        act=delete_organization,
        is_meant=is_of_one("DELETE", "/v2/Customers"),
        deletions=True,
    ),
    "a delete of a user": Place(
        system="zendesk",
        act=delete_person,
        is_meant=is_of_one("DELETE", "/api/v2/users"),
        full=True,
        deletions=True,
    ),
    "a token": Place(
        system="poweroffice",
        act=rename_after_signing_off,
        is_meant=is_call("POST", "/OAuth/Token"),
    ),
}
