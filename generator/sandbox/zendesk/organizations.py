"""Organizations: names are unique, trimmed and compared case aside; `url` is never written."""

from copy import deepcopy

from generator.sandbox.messages import Row
from generator.sandbox.zendesk.refusals import record_invalid
from generator.sandbox.zendesk.state import State

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


def create_organization(state: State, sent: Row) -> Row:
    """Return a new organization; raises RefusalError 422."""
    identifier = state.next_id()
    row: Row = {"id": identifier, "url": state.url(_KIND, identifier), **deepcopy(_WRITABLE)}
    row |= _accepted(sent)
    _check_name(row)
    _claim(state, row)
    row["created_at"] = row["updated_at"] = state.now()
    state.organizations[identifier] = row
    return row


def update_organization(state: State, row: Row, sent: Row) -> Row:
    """Change what is sent; raises RefusalError 422 and changes nothing."""
    changed = {**row, **_accepted(sent)}
    _check_name(changed)
    _claim(state, changed)
    for name in ("name", "external_id"):
        if str(row[name]).strip().casefold() != str(changed[name]).strip().casefold():
            state.release(_KIND, name, row[name], row["id"])
    row.update(changed, updated_at=state.now())
    return row


def delete_organization(state: State, row: Row) -> None:
    """Delete it, with its memberships; exports show it once more with `deleted_at`."""
    del state.organizations[row["id"]]
    for name in ("name", "external_id"):
        state.release(_KIND, name, row[name], row["id"])
    members = [m for m in state.memberships.rows.values() if m["organization_id"] == row["id"]]
    for membership in members:
        state.memberships.remove(membership)
        state.users[membership["user_id"]]["organization_id"] = None
    now = state.now()
    state.deleted[row["id"]] = {**row, "deleted_at": now, "updated_at": now}


def _accepted(sent: Row) -> Row:
    """Return what is writable; unknown, read-only and wrong-case names are dropped silently."""
    accepted = {name: value for name, value in sent.items() if name in _WRITABLE}
    if isinstance(accepted.get("name"), str):
        accepted["name"] = accepted["name"].strip()
    return accepted


def _check_name(row: Row) -> None:
    name = row["name"]
    if not isinstance(name, str) or not name:
        raise record_invalid("name", "Name: cannot be blank", "BlankValue")
    if "|" in name:
        raise record_invalid("name", "Name: is invalid", "InvalidValue")


def _claim(state: State, row: Row) -> None:
    taken = f"Name: {row['name']} has already been taken"
    state.claim(_KIND, "name", row["name"], row["id"], taken)
    try:
        external = "External has already been taken"
        state.claim(_KIND, "external_id", row["external_id"], row["id"], external)
    except Exception:
        if row["id"] not in state.organizations:
            state.release(_KIND, "name", row["name"], row["id"])
        raise
