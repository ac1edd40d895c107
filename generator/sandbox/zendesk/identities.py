"""Identities of users: e-mail addresses, of which one is primary and shown as the user's `email`."""

from generator.sandbox.messages import Row
from generator.sandbox.zendesk.refusals import record_invalid
from generator.sandbox.zendesk.state import State

_KIND = "identities"


def create_identity(state: State, user: Row, sent: Row) -> Row:
    """Return a new identity; a user's first e-mail becomes the primary one. Raises RefusalError 422."""
    kind = sent.get("type", "email")
    value = str(sent.get("value") or "").strip()
    if kind == "email":
        value = value.lower()
        _check_email(value)
    identifier = state.next_id()
    _claim(state, value, identifier)
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
        _check_email(value)
        _claim(state, value, row["id"])
        state.release(_KIND, "value", row["value"], row["id"])
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


def _check_email(value: str) -> None:
    if "@" not in value.strip("@"):
        raise record_invalid("email", f"Email:  {value} is not properly formatted", "InvalidFormat")


def _claim(state: State, value: str, identifier: int) -> None:
    try:
        state.claim(_KIND, "value", value, identifier, "")
    except Exception as error:
        raise record_invalid(
            "email", f"Email: {value} is already being used by another user", "DuplicateValue"
        ) from error
