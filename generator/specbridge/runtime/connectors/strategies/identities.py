"""The primary e-mail address of a user, who may have several: each is an identity of its own.

Calls by role: `list`, `create`, `change`, `verify`, `promote`, `delete`; their addresses hold `{id}`
(the user's) and `{identity}`. Identities have `id`, `type`, `value`, `primary`, `verified`.

The primary identity's value is changed in place: one request, so that no crash leaves it half done.
Where the server keeps the old value, or the user has the new address already as a secondary one, the
new one is verified and made primary, and then the old one is deleted; made again, the same write
deletes what a crash left over. Other addresses that the user has are never touched.
"""

from msgspec import structs

from specbridge.model.values import Json
from specbridge.runtime.connectors.reading.rows import Row, answered, has_path, value_at
from specbridge.runtime.connectors.strategies.steps import Steps
from specbridge.runtime.connectors.transport.messages import Answer
from specbridge.runtime.connectors.writing.outcomes import gone, stale
from specbridge.runtime.conversions.texts import fold_text
from specbridge.runtime.records import Refused

_EMAIL = "email"


def write_primary_identity(steps: Steps, value: Json) -> Refused | None:
    """Make `value` the primary e-mail address; None removes the primary one.

    Afterwards the address that was primary is gone. Returns the refusal, None where it is done;
    a user whose primary address is not the one that the write was planned on is stale.
    """
    emails = _read_emails(steps)
    if emails is None:
        return gone(steps.write)
    primary = next((row for row in emails if row.get("primary") is True), None)
    wanted = value.strip() if isinstance(value, str) else ""
    # Before staleness: after a crash the new address is our doing, and the old one left over.
    if primary is not None and wanted and _has_value(primary, wanted):
        return _finish(steps, emails, primary)
    if _is_stale(steps, primary):
        return stale(steps.write)
    if not wanted:
        return None if primary is None else _delete(steps, primary)
    target = next((row for row in emails if _has_value(row, wanted)), None)
    if target is None and primary is not None:
        changed, refused = _change(steps, primary, wanted)
        if changed or refused is not None:
            return refused
    return _replace_primary(steps, primary, target, wanted)


def _change(steps: Steps, primary: Row, wanted: str) -> tuple[bool, Refused | None]:
    """Change the primary identity's value; says whether the server now holds it."""
    place = {"identity": primary.get("id")}
    answer = steps.send("change", place, {"value": wanted})
    if not answer.ok:
        refused = steps.refuse(answer)
        # Zendesk's description marks the value as read-only and tells how to change it: where that
        # is refused, a new identity is made, though not of an address that is taken.
        return False, refused if refused.duplicate is not None else None
    row = answered(answer.body, steps.calls["change"])
    if row is None:
        emails = _read_emails(steps) or ()
        row = next((row for row in emails if row.get("id") == primary.get("id")), None)
    if row is None or not _has_value(row, wanted):
        return False, None
    if primary.get("verified") is True and row.get("verified") is False:
        # An address that was trusted stays so.
        answer = steps.send("verify", place, {})
        return True, None if answer.ok else steps.refuse(answer)
    return True, None


def _replace_primary(
    steps: Steps, primary: Row | None, target: Row | None, wanted: str
) -> Refused | None:
    if target is None:
        target, refused = _create(steps, wanted)
        if target is None:
            return refused
    place = {"identity": target.get("id")}
    if target.get("verified") is not True:
        answer = steps.send("verify", place, {})
        if not answer.ok:
            return steps.refuse(answer)
    answer = steps.send("promote", place, {})
    if not answer.ok or not _is_primary(steps, answer, target):
        return steps.refuse(answer)
    # It may have been changed in place after all: the old identity is then the new address.
    if primary is None or primary.get("id") == target.get("id"):
        return None
    # Last of all: wherever this ends before, the user has a primary address.
    return _delete(steps, primary)


def _is_primary(steps: Steps, answer: Answer, target: Row) -> bool:
    """Return whether an identity is the primary one by now; the old one is not to be deleted else."""
    wrap = steps.calls["promote"].wrap
    shown = value_at(answer.body, wrap) if isinstance(answer.body, dict) else None
    rows = shown if isinstance(shown, list) else _read_emails(steps)
    mine = [
        row for row in rows or () if isinstance(row, dict) and row.get("id") == target.get("id")
    ]
    return any(row.get("primary") is True for row in mine)


def _create(steps: Steps, wanted: str) -> tuple[Row | None, Refused | None]:
    answer = steps.send("create", {}, {"value": wanted})
    row = answered(answer.body, steps.calls["create"]) if answer.ok else None
    if row is None or row.get("id") is None:
        # An earlier attempt may have got through: the API refuses a second identity of one value.
        row = next((row for row in _read_emails(steps) or () if _has_value(row, wanted)), None)
    return row, None if row is not None else steps.refuse(answer)


def _finish(steps: Steps, emails: list[Row], primary: Row) -> Refused | None:
    """Make the calls that a crash may have left out after the new address became the primary one."""
    if steps.write.resumed and primary.get("verified") is False:
        answer = steps.send("verify", {"identity": primary.get("id")}, {})
        if not answer.ok:
            return steps.refuse(answer)
    return _delete_leftover(steps, emails)


def _delete_leftover(steps: Steps, emails: list[Row]) -> Refused | None:
    """Delete the address that was primary when the write was planned, where a crash left it."""
    old = value_at(steps.write.current.properties, steps.path)
    for row in emails:
        if row.get("primary") is not True and isinstance(old, str) and _has_value(row, old):
            return _delete(steps, row)
    return None


def _delete(steps: Steps, row: Row) -> Refused | None:
    answer = steps.send("delete", {"identity": row.get("id")}, {})
    if answer.ok or answer.gone:
        return None
    refused = steps.refuse(answer)
    # A deletion takes no value, whatever the words of the refusal.
    return structs.replace(refused, duplicate=None)


def _read_emails(steps: Steps) -> list[Row] | None:
    rows = steps.rows()
    return None if rows is None else [row for row in rows if row.get("type") == _EMAIL]


def _is_stale(steps: Steps, primary: Row | None) -> bool:
    planned = steps.write.current.properties
    if not steps.access.options.verify or not has_path(planned, steps.path):
        return False
    old = value_at(planned, steps.path)
    if primary is None:
        return bool(old)
    return not isinstance(old, str) or not _has_value(primary, old)


def _has_value(row: Row, wanted: str) -> bool:
    return fold_text(str(row.get("value", ""))) == fold_text(wanted)
