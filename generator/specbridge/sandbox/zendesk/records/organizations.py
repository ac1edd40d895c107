"""Organizations: names are unique, trimmed and compared case aside; `url` is never written."""

from copy import deepcopy

from specbridge.sandbox.doubts import Doubt
from specbridge.sandbox.messages import Row
from specbridge.sandbox.zendesk.records.memberships import (
    delete_membership,
    rename_in_memberships,
)
from specbridge.sandbox.zendesk.refusals import record_invalid
from specbridge.sandbox.zendesk.state import State

_WRITABLE: Row = {
    "details": None,
    "domain_names": [],
    "external_id": None,
    "group_id": None,
    "name": None,
    "notes": None,
    "organization_fields": {},
    "shared_comments": False,
    "shared_tickets": False,
    "tags": [],
}
_KIND = "organizations"
_UNIQUE = ("name", "external_id")


def create_organization(state: State, sent: Row) -> Row:
    """Return a new organization; raises RefusalError 422."""
    identifier = state.next_id()
    row: Row = {"id": identifier, "url": state.url(_KIND, identifier), **deepcopy(_WRITABLE)}
    row |= _accepted(sent)
    _empty_texts(state, row)
    _check_name(row)
    _check_unique(state, row)
    _claim(state, row)
    row["created_at"] = row["updated_at"] = state.now()
    state.organizations[identifier] = row
    return row


def update_organization(state: State, row: Row, sent: Row) -> Row:
    """Change what is sent; raises RefusalError 422 and changes nothing."""
    changed = {**row, **_accepted(sent)}
    _empty_texts(state, changed)
    _check_name(changed)
    _check_unique(state, changed)
    _release(state, row)
    renamed = changed["name"] != row["name"]
    row.update(changed, updated_at=state.now())
    _claim(state, row)
    if renamed:
        rename_in_memberships(state, row)
    return row


def delete_organization(state: State, row: Row) -> None:
    """Delete it, with its memberships; exports show it once more with `deleted_at`."""
    del state.organizations[row["id"]]
    _release(state, row)
    members = [m for m in state.memberships.rows.values() if m["organization_id"] == row["id"]]
    for membership in members:
        delete_membership(state, membership)
    now = state.now()
    # Changed now: an export that is past its last change would not come by it again.
    state.deleted[row["id"]] = {**row, "deleted_at": now, "updated_at": now}


def _accepted(sent: Row) -> Row:
    """Return what is writable; unknown, read-only and wrong-case names are dropped silently."""
    accepted = {name: value for name, value in sent.items() if name in _WRITABLE}
    if isinstance(accepted.get("name"), str):
        # Trimmed before the check for uniqueness, as the vendor says.
        accepted["name"] = accepted["name"].strip()
    return accepted


def _empty_texts(state: State, row: Row) -> None:
    if state.does(Doubt.EMPTY_TEXTS):
        row |= {name: row[name] or "" for name in ("details", "notes")}


def _check_name(row: Row) -> None:
    name = row["name"]
    if not isinstance(name, str) or not name:
        raise record_invalid("name", "Name: cannot be blank", "BlankValue")
    # Its own pages do not let anybody type one.
    if "|" in name:
        raise record_invalid("name", "Name: is invalid", "InvalidValue")


def _check_unique(state: State, row: Row) -> None:
    taken = f"Name: {row['name']} has already been taken"
    state.check_free(_KIND, "name", row["name"], row["id"], taken)
    external = "External has already been taken"
    state.check_free(_KIND, "external_id", row["external_id"], row["id"], external)


def _claim(state: State, row: Row) -> None:
    for name in _UNIQUE:
        state.claim(_KIND, name, row[name], row["id"])
    for domain in row["domain_names"] or ():
        # The first keeps it: domains need not be unique.
        state.domains.setdefault(str(domain).lower(), row["id"])


def _release(state: State, row: Row) -> None:
    for name in _UNIQUE:
        state.release(_KIND, name, row[name], row["id"])
    for domain in row["domain_names"] or ():
        if state.domains.get(str(domain).lower()) == row["id"]:
            del state.domains[str(domain).lower()]
