"""The organization of a user, who may belong to several: the default one of the memberships.

Calls by role: `list`, `create`, `promote`, `delete`; their addresses hold `{id}` (the user's) and
`{membership}`. Memberships have `id`, `user_id`, `organization_id`, `default`.

A user's own update call would end all other memberships, so it is never used for this. A membership
is added where there is none, and made the default one; the others stay, because ending one takes the
user's open tickets away from their assignees' views. Every step states what is to be: a rerun after a
crash finishes it.
"""

from specbridge.model.values import Json
from specbridge.runtime.connectors.reading.rows import Row, answered, has_path, typed_id, value_at
from specbridge.runtime.connectors.strategies.steps import Steps
from specbridge.runtime.connectors.writing.outcomes import gone, stale
from specbridge.runtime.decide.equality import equal_identifiers
from specbridge.runtime.records import Refused


def write_default_membership(steps: Steps, value: Json) -> Refused | None:
    """Make the organization with the id `value` the default one; None ends the default membership.

    Returns the refusal, None where it is done; a user whose default organization is not the one
    that the write was planned on is stale.
    """
    rows = steps.rows()
    if rows is None:
        return gone(steps.write)
    # Zendesk writes null for false.
    default = next((row for row in rows if row.get("default") is True), None)
    # Before staleness: after a crash the new default may be our own doing.
    if default is not None and value and _is_of(default, value):
        return None
    if _is_stale(steps, default):
        return stale(steps.write)
    if not value:
        return None if default is None else _end(steps, default)
    target = next((row for row in rows if _is_of(row, value)), None)
    return _make_default(steps, target, value)


def _make_default(steps: Steps, target: Row | None, value: Json) -> Refused | None:
    if target is None:
        target, refused = _join(steps, value)
        if target is None:
            return refused
    if target.get("default") is True:
        return None
    answer = steps.send("promote", {"membership": target.get("id")}, {})
    return None if answer.ok else steps.refuse(answer)


def _join(steps: Steps, value: Json) -> tuple[Row | None, Refused | None]:
    user = typed_id(steps.resource, steps.write.current.id)
    wish: dict[str, Json] = {"user_id": user, "organization_id": value, "default": True}
    answer = steps.send("create", {}, wish)
    row = answered(answer.body, steps.calls["create"]) if answer.ok else None
    if row is not None and row.get("id") is not None:
        return row, None
    # An earlier attempt may have got through: the API refuses a second membership.
    found = _find(steps, value)
    return found, None if found is not None else steps.refuse(answer)


def _find(steps: Steps, value: Json) -> Row | None:
    return next((row for row in steps.rows() or () if _is_of(row, value)), None)


def _end(steps: Steps, default: Row) -> Refused | None:
    answer = steps.send("delete", {"membership": default.get("id")}, {})
    return None if answer.ok or answer.gone else steps.refuse(answer)


def _is_stale(steps: Steps, default: Row | None) -> bool:
    planned = steps.write.current.properties
    if not steps.access.options.verify or not has_path(planned, steps.path):
        return False
    now = None if default is None else default.get("organization_id")
    return not equal_identifiers(value_at(planned, steps.path), now)


def _is_of(row: Row, value: Json) -> bool:
    return equal_identifiers(row.get("organization_id"), value)
