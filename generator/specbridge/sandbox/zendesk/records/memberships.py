"""Memberships of users in organizations; the default one is the user's `organization_id`."""

from specbridge.sandbox.messages import Row
from specbridge.sandbox.zendesk.refusals import record_invalid
from specbridge.sandbox.zendesk.state import State, find

_MOST = 300  # organizations of one user


def create_membership(state: State, sent: Row) -> Row:
    """Return a new membership; a user's first one becomes the default. Raises RefusalError 404, 422."""
    user = find(state.users, sent.get("user_id"))
    organization = find(state.organizations, sent.get("organization_id"))
    held = state.memberships.of_user(user["id"])
    if any(row["organization_id"] == organization["id"] for row in held):
        raise record_invalid("user_id", "User has already been taken", "DuplicateValue")
    if len(held) >= _MOST:
        raise record_invalid("base", f"A user belongs to {_MOST} organizations at most")
    identifier = state.next_id()
    row: Row = {
        "id": identifier,
        "url": state.url("organization_memberships", identifier),
        "user_id": user["id"],
        "organization_id": organization["id"],
        "organization_name": organization["name"],
        # Null, not false: so the vendor's answers have it.
        "default": None,
        "view_tickets": True,
        "created_at": state.now(),
        "updated_at": state.now(),
    }
    state.memberships.add(row)
    if not held or sent.get("default") is True:
        make_default(state, row)
    state.touch(user["id"])
    return row


def make_default(state: State, row: Row) -> None:
    """Make it the user's default."""
    for other in state.memberships.of_user(row["user_id"]):
        other["default"] = True if other is row else None
    state.users[row["user_id"]]["organization_id"] = row["organization_id"]
    state.touch(row["user_id"])


def delete_membership(state: State, row: Row) -> None:
    """Delete it; the user's oldest other membership becomes the default."""
    state.memberships.remove(row)
    if row["default"]:
        rest = state.memberships.of_user(row["user_id"])
        if rest:
            make_default(state, rest[0])
        else:
            state.users[row["user_id"]]["organization_id"] = None
    state.touch(row["user_id"])


def set_only_membership(state: State, user: Row, organization_id: object) -> None:
    """Do what a user PUT with `organization_id` does: all other memberships are gone."""
    # Before anything is removed: an unknown organization is a 404 that changes nothing.
    wanted = find(state.organizations, organization_id)["id"] if organization_id else None
    for row in state.memberships.of_user(user["id"]):
        if row["organization_id"] != wanted:
            state.memberships.remove(row)
    user["organization_id"] = None
    kept = state.memberships.of_user(user["id"])
    if kept:
        make_default(state, kept[0])
    elif wanted is not None:
        create_membership(state, {"user_id": user["id"], "organization_id": wanted})


def memberships_of(state: State, user_id: int) -> list[Row]:
    """Return the user's memberships as lists show them: the default one first, then by name."""
    held = state.memberships.of_user(user_id)
    return sorted(held, key=lambda row: (not row["default"], row["organization_name"].lower()))


def rename_in_memberships(state: State, organization: Row) -> None:
    """Have the organization's memberships state its name."""
    for row in state.memberships.rows.values():
        if row["organization_id"] == organization["id"]:
            row["organization_name"] = organization["name"]
