"""Identities of users: e-mail addresses, of which one is primary and shown as the user's `email`."""

from specbridge.sandbox.doubts import Doubt
from specbridge.sandbox.messages import RefusalError, Row
from specbridge.sandbox.zendesk.refusals import record_invalid
from specbridge.sandbox.zendesk.state import State

_KIND = "identities"


def create_identity(state: State, user: Row, sent: Row) -> Row:
    """Return a new identity; a user's first e-mail becomes the primary one. Raises RefusalError 422."""
    kind = sent.get("type", "email")
    value = _stored(state, kind, sent.get("value"))
    if kind == "email":
        _check_new_email(state, user, value)
    row = _new_row(state, user, kind, value)
    # Only addresses are one user's; a number may be shared by several.
    if kind == "email":
        state.claim(_KIND, "value", value, row["id"])
    if sent.get("verified") or sent.get("skip_verify_email"):
        mark_verified(state, row)
    state.identities.add(row)
    first = not any(r["primary"] for r in emails(state, user))
    if kind == "email" and (first or sent.get("primary") is True):
        make_primary(state, user, row)
    state.touch(user["id"])
    return row


def update_identity(state: State, user: Row, row: Row, sent: Row) -> Row:
    """Change value or verification; raises RefusalError 422."""
    value = _stored(state, row["type"], sent.get("value", row["value"]))
    if value.lower() != row["value"].lower():
        _check_new_email(state, user, value)
        state.release(_KIND, "value", row["value"], row["id"])
        state.claim(_KIND, "value", value, row["id"])
        row["value"] = value
        if row["primary"]:
            user["email"] = value
    # `verified` is deprecated, and still obeyed.
    if sent.get("verified") is True or sent.get("verification_method") == "low":
        mark_verified(state, row)
    elif sent.get("verified") is False or sent.get("verification_method") == "none":
        row.update(verified=False, verification_method="none", verified_at=None)
    row["updated_at"] = state.now()
    state.touch(user["id"])
    return row


def mark_verified(state: State, row: Row) -> None:
    """Note that the user was found to be behind the identity."""
    row.update(verified=True, verification_method="low", verified_at=state.now())


def make_primary(state: State, user: Row, row: Row) -> None:
    """Make it the address that the user is shown with; the others become secondary."""
    for other in state.identities.of_user(user["id"]):
        other["primary"] = other is row
    user["email"] = row["value"]
    state.touch(user["id"])


def delete_identity(state: State, user: Row, row: Row) -> None:
    """Delete it; raises RefusalError 422 for the primary one while there are others."""
    if row["primary"] and len(emails(state, user)) > 1:
        raise record_invalid("base", "Primary identity cannot be deleted")
    state.release(_KIND, "value", row["value"], row["id"])
    state.identities.remove(row)
    if row["primary"]:
        user["email"] = None
    state.touch(user["id"])


def emails(state: State, user: Row) -> list[Row]:
    """Return the user's e-mail identities in the order of their ids."""
    return [row for row in state.identities.of_user(user["id"]) if row["type"] == "email"]


def owner_of_email(state: State, value: str) -> int | None:
    """Return the id of the user who has the address."""
    identity = state.holder(_KIND, "value", value)
    return state.identities.rows[identity]["user_id"] if identity is not None else None


def check_email(state: State, value: object, user_id: int) -> None:
    """Raise RefusalError 422 for an address that is malformed or another user's."""
    address = str(value).strip().lower()
    if "@" not in address.strip("@"):
        text = f"Email:  {address} is not properly formatted"
        raise record_invalid("email", text, "InvalidFormat")
    if owner_of_email(state, address) not in (None, user_id):
        raise _taken(address)


def _check_new_email(state: State, user: Row, value: str) -> None:
    """Refuse what another user has, and what this one has already."""
    check_email(state, value, user["id"])
    if owner_of_email(state, value) is not None:
        raise _taken(value)


def _stored(state: State, kind: str, value: object) -> str:
    text = str(value or "").strip()
    # Addresses are stored in lower case, whatever was sent.
    return text.lower() if kind == "email" and not state.does(Doubt.MAIL_WITH_CAPITALS) else text


def _new_row(state: State, user: Row, kind: str, value: str) -> Row:
    identifier = state.next_id()
    row: Row = {
        "id": identifier,
        "url": state.url(f"users/{user['id']}/identities", identifier),
        "user_id": user["id"],
        "type": kind,
        "value": value,
        "verified": False,
        "verification_method": "none",
        "verified_at": None,
        "primary": False,
        "created_at": state.now(),
        "updated_at": state.now(),
    }
    if kind == "email":
        row |= {"deliverable_state": "deliverable", "undeliverable_count": 0}
    return row


def _taken(value: str) -> RefusalError:
    text = f"Email: {value} is already being used by another user"
    return record_invalid("email", text, "DuplicateValue")
