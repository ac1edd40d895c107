"""What Zendesk's webhooks tell of: changes of some properties of organizations and users, and of no others."""

from collections.abc import Iterator, Mapping
from itertools import count

from specbridge.sandbox.messages import Row
from specbridge.sandbox.zendesk.state import State

# None tells of an organization's details, notes or domains, or of a phone.
_ORGANIZATIONS = {
    "name": "name_changed",
    "external_id": "external_id_changed",
    "tags": "tags_changed",
    "organization_fields": "custom_field_changed",
}
_USERS = {
    "name": "name_changed",
    "external_id": "external_id_changed",
    "tags": "tags_changed",
    "user_fields": "custom_field_changed",
    "role": "role_changed",
    "notes": "notes_changed",
    "details": "details_changed",
    "active": "active_changed",
    "suspended": "suspended_changed",
    "time_zone": "time_zone_changed",
}

_Seen = dict[int, tuple[str, ...]]


class Teller:
    """Tells what has changed since it was last asked."""

    def __init__(self, state: State) -> None:
        """Take everything as it is for known."""
        self._state = state
        self._numbers = count(1)
        self._seen = self._look()

    def ask(self) -> list[Row]:
        """Return the events of what has changed, in no order that means anything."""
        before, self._seen = self._seen, self._look()
        return [
            event
            for kind, now in self._seen.items()
            if now != before[kind]
            for event in self._events(kind, before[kind], now)
        ]

    def _look(self) -> dict[str, _Seen]:
        state = self._state
        return {
            "organization": _values(state.organizations, _ORGANIZATIONS),
            "user": _values(state.users, _USERS),
            "identity": _values(state.identities.rows, ("user_id", "value", "primary")),
            "organization_membership": _values(state.memberships.rows, ("user_id",)),
        }

    def _events(self, kind: str, before: _Seen, now: _Seen) -> Iterator[Row]:
        if kind in ("organization", "user"):
            names = _ORGANIZATIONS if kind == "organization" else _USERS
            for id_, what in _differences(before, now, list(names.values())):
                yield self._event(kind, id_, what)
            return
        # Events of a user, whose id is what stands first.
        for id_, what in _differences(before, now, ["changed"]):
            values = now.get(id_) or before[id_]
            yield self._event("user", int(values[0]), f"{kind}_{what}")

    def _event(self, kind: str, id_: int, what: str) -> Row:
        return {
            "account_id": 21_825_834,
            "detail": {"id": str(id_)},
            "event": {},
            "id": f"sandbox-{next(self._numbers):020}",
            "subject": f"zen:{kind}:{id_}",
            "time": self._state.now(),
            "type": f"zen:event-type:{kind}.{what}",
            "zendesk_event_version": "2022-06-20",
        }


def _values(rows: Mapping[int, Row], names: Mapping[str, str] | tuple[str, ...]) -> _Seen:
    return {id_: tuple(str(row.get(name)) for name in names) for id_, row in rows.items()}


def _differences(before: _Seen, now: _Seen, words: list[str]) -> Iterator[tuple[int, str]]:
    """Yield what happened to each record: created, deleted, or the word of each value that differs."""
    yield from ((id_, "created") for id_ in now.keys() - before.keys())
    yield from ((id_, "deleted") for id_ in before.keys() - now.keys())
    for id_ in now.keys() & before.keys():
        if now[id_] != before[id_]:
            pairs = zip(before[id_], now[id_], strict=True)
            changed = [place for place, (one, other) in enumerate(pairs) if one != other]
            yield from dict.fromkeys((id_, words[min(place, len(words) - 1)]) for place in changed)
