"""Identities of users: e-mail addresses, of which one is primary and shown as the user's `email`."""

from specbridge.sandbox.messages import RefusalError, Row
from specbridge.sandbox.zendesk.refusals import record_invalid
from specbridge.sandbox.zendesk.state import State

_KIND = "identities"


def create_identity(state: State, user: Row, sent: Row) -> Row:
    """Return a new identity; a user's first e-mail becomes the primary one. Raises RefusalError 422."""
    kind = sent.get("type", "email")
    value = str(sent.get("value") or "").strip()
    if kind == "email":
        # Addresses are stored in lower case, whatever was sent.
        value = value.lower()
        _check_new_email(state, user, value)
    identifier = state.next_id()
    # Only addresses are one user's; a number may be shared by several.
    if kind == "email":
        state.claim(_KIND, "value", value, identifier)
    verified = bool(sent.get("verified") or sent.get("skip_verify_email"))
    row: Row = {
        "id": identifier,
        "url": state.url(f"users/{user['id']}/identities", identifier),
        "user_id": user["id"],
        "type": kind,
        "value": value,
        "verified": verified,
        "primary": False,
        "created_at": state.now(),
        "updated_at": state.now(),
    }
    state.identities.add(row)
    if kind == "email" and not any(r["primary"] for r in emails(state, user)):
        make_primary(state, user, row)
    return row


def update_identity(state: State, user: Row, row: Row, sent: Row) -> Row:
    """Change value or verification; raises RefusalError 422."""
    if "value" in sent and str(sent["value"]).strip().lower() != row["value"]:
        value = str(sent["value"]).strip().lower()
        _check_new_email(state, user, value)
        state.release(_KIND, "value", row["value"], row["id"])
        state.claim(_KIND, "value", value, row["id"])
        row["value"] = value
        if row["primary"]:
            user["email"] = value
    if sent.get("verified"):
        row["verified"] = True
    row["updated_at"] = state.now()
    return row


def make_primary(state: State, user: Row, row: Row) -> None:
    """Make it the address that the user is shown with; the others become secondary."""
    for other in state.identities.of_user(user["id"]):
        other["primary"] = other is row
    user["email"] = row["value"]


def delete_identity(state: State, user: Row, row: Row) -> None:
    """Delete it; raises RefusalError 422 for the primary one while there are others."""
    if row["primary"] and len(emails(state, user)) > 1:
        raise record_invalid("base", "Primary identity cannot be deleted")
    state.release(_KIND, "value", row["value"], row["id"])
    state.identities.remove(row)
    if row["primary"]:
        user["email"] = None


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


def _taken(value: str) -> RefusalError:
    text = f"Email: {value} is already being used by another user"
    return record_invalid("email", text, "DuplicateValue")
