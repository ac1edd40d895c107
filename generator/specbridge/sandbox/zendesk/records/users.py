"""Users: `email` and `organization_id` are not what a PUT makes of them."""

from collections.abc import Sequence
from copy import deepcopy

from specbridge.sandbox.doubts import Doubt
from specbridge.sandbox.messages import Row
from specbridge.sandbox.zendesk.records.identities import check_email, create_identity, emails
from specbridge.sandbox.zendesk.records.memberships import create_membership, set_only_membership
from specbridge.sandbox.zendesk.refusals import record_invalid
from specbridge.sandbox.zendesk.state import State, find

_WRITABLE: Row = {
    "alias": None,
    "custom_role_id": None,
    "default_group_id": None,
    "details": None,
    "external_id": None,
    "locale": "en-US",
    "moderator": False,
    "name": None,
    "notes": None,
    "only_private_comments": False,
    "phone": None,
    "remote_photo_url": None,
    "role": "end-user",
    "signature": None,
    "suspended": False,
    "tags": [],
    "ticket_restriction": None,
    "time_zone": "Copenhagen",
    "user_fields": {},
    "verified": False,
}
_READ_ONLY = {
    "active": True,
    "chat_only": False,
    "email": None,
    "iana_time_zone": "Europe/Copenhagen",
    "last_login_at": None,
    "locale_id": 1,
    "organization_id": None,
    "photo": None,
    "report_csv": False,
    "restricted_agent": False,
    "role_type": None,
    "shared": False,
    "shared_agent": False,
    "shared_phone_number": None,
    "two_factor_auth_enabled": None,
}
_ROLES = ("end-user", "agent", "admin")
_KIND = "users"


def create_user(state: State, sent: Row) -> Row:
    """Return a new user, with or without an e-mail; raises RefusalError 404, 422 and makes nothing.

    `identities` are created with it. Without `organization_id`, the domain of the e-mail may put the
    user into an organization.
    """
    identifier = state.next_id()
    row: Row = {
        "id": identifier,
        "url": state.url(_KIND, identifier),
        **_READ_ONLY,
        **deepcopy(_WRITABLE),
        **_accepted(sent),
    }
    _empty_texts(state, row)
    identities = _new_identities(sent)
    # Before anything is claimed: a refused user must leave its address and external id free.
    _check(state, row, sent, identities)
    state.claim(_KIND, "external_id", row["external_id"], identifier)
    row["created_at"] = row["updated_at"] = state.now()
    state.users[identifier] = row
    for identity in identities:
        create_identity(state, row, identity)
    _join(state, row, sent)
    return row


def update_user(state: State, row: Row, sent: Row) -> Row:
    """Change what is sent; raises RefusalError 404, 422 and changes nothing.

    `email` adds a secondary, unverified identity and leaves the primary one; `organization_id`
    removes all other memberships; a `phone` that is there stays, the new one becomes an identity.
    """
    changed = {**row, **_accepted(sent)}
    second_phone = sent.get("phone") if row["phone"] not in (None, sent.get("phone")) else None
    if second_phone:
        changed["phone"] = row["phone"]
    _empty_texts(state, changed)
    _check(state, changed, sent, _new_identities({"email": sent.get("email")}))
    state.release(_KIND, "external_id", row["external_id"], row["id"])
    row.update(changed, updated_at=state.now())
    state.claim(_KIND, "external_id", row["external_id"], row["id"])
    if second_phone:
        create_identity(state, row, {"type": "phone_number", "value": second_phone})
    if sent.get("email"):
        _add_secondary(state, row, str(sent["email"]))
    if "organization_id" in sent:
        set_only_membership(state, row, sent["organization_id"])
    return row


def delete_user(state: State, row: Row) -> Row:
    """Make the user inactive; the record stays, its addresses become free."""
    for identity in state.identities.of_user(row["id"]):
        state.release("identities", "value", identity["value"], identity["id"])
        state.identities.remove(identity)
    state.release(_KIND, "external_id", row["external_id"], row["id"])
    # Soft: exports and /deleted_users go on showing it.
    row.update(active=False, updated_at=state.now())
    return row


def _new_identities(sent: Row) -> list[Row]:
    """Return the identities that a new user is to have; `email` comes first and is primary."""
    others = sent.get("identities") or []
    if not sent.get("email"):
        return list(others)
    verified = {"verified": sent.get("skip_verify_email") or sent.get("verified")}
    return [{"type": "email", "value": sent["email"], **verified}, *others]


def _addresses(identities: Sequence[Row]) -> list[str]:
    """Return the e-mail addresses among identities; raises RefusalError 422 for one that is twice."""
    addresses = [str(row.get("value")) for row in identities if row.get("type", "email") == "email"]
    if len({address.strip().lower() for address in addresses}) < len(addresses):
        raise record_invalid("email", "Email: is there twice", "DuplicateValue")
    return addresses


def _empty_texts(state: State, row: Row) -> None:
    if state.does(Doubt.EMPTY_TEXTS):
        row |= {name: row[name] or "" for name in ("alias", "details", "notes", "signature")}


def _add_secondary(state: State, row: Row, email: str) -> None:
    # An address that the user has already changes nothing and is no error.
    if email.strip().lower() not in {identity["value"] for identity in emails(state, row)}:
        create_identity(state, row, {"type": "email", "value": email})


def _join(state: State, row: Row, sent: Row) -> None:
    organization = sent.get("organization_id")
    if "organization_id" not in sent:
        # Zendesk maps domains to organizations: a client may get one that it did not choose.
        domain = str(row["email"] or "").rpartition("@")[2]
        organization = state.domains.get(domain)
    if organization is not None:
        create_membership(state, {"user_id": row["id"], "organization_id": organization})


def _accepted(sent: Row) -> Row:
    accepted = {name: value for name, value in sent.items() if name in _WRITABLE}
    if accepted.get("phone") == "":
        # A phone is emptied by an empty text, all else by null.
        accepted["phone"] = None
    return accepted


def _check(state: State, row: Row, sent: Row, identities: Sequence[Row]) -> None:
    """Raise RefusalError for whatever is wrong, before anything is changed."""
    if not isinstance(row["name"], str) or not row["name"].strip():
        raise record_invalid("name", "Name:  is too short (minimum one character)", "ValueTooShort")
    if row["role"] not in _ROLES:
        raise record_invalid("role", "Role: is invalid", "InvalidValue")
    for address in _addresses(identities):
        check_email(state, address, row["id"])
    if sent.get("organization_id") is not None:
        find(state.organizations, sent["organization_id"])
    text = "External has already been taken"
    state.check_free(_KIND, "external_id", row["external_id"], row["id"], text)
