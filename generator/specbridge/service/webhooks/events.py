"""What deliveries say: which events they tell of, and which records those are about; pure."""

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from hashlib import sha256

from specbridge.model.conversion import ValueType
from specbridge.model.profile import Profile
from specbridge.model.values import Json, Path
from specbridge.model.webhooks import Webhooks
from specbridge.runtime.connectors.reading.rows import read_through
from specbridge.runtime.store.seen.wakes import Woken
from specbridge.service.webhooks.signing import Delivery

_LONGEST = 200
"""Characters of an id of ours at most; a longer one is kept as a digest."""

_NUMBER = re.compile(r"[1-9][0-9]{0,18}")
_TEXT = re.compile(r"[!-~]{1,200}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """Something that happened: what tells it from others, and the records that it is about, if any."""

    id: str
    records: tuple[Woken, ...]


def read_events(profile: Profile, delivery: Delivery) -> tuple[Event, ...] | None:
    """Return the events that a delivery tells of, in order of their ids; None where it cannot be read.

    Nothing else of it is kept.
    """
    webhooks = profile.webhooks
    assert webhooks is not None
    try:
        body: Json = json.loads(delivery.body)
    except (ValueError, RecursionError):
        return None
    rows = body if webhooks.many and isinstance(body, list) else [body]
    events: dict[str, dict[Woken, None]] = {}
    for row in rows:
        id_ = _event_id(webhooks, delivery, row) if isinstance(row, dict) else ""
        if not isinstance(row, dict) or not id_:
            return None
        # Should two have one id after all, nothing that either tells of is lost.
        events.setdefault(id_, {}).update(dict.fromkeys(_records(profile, row)))
    # In one order: of two deliveries at once each would else wait for what the other one has noted.
    return tuple(Event(id=id_, records=tuple(events[id_])) for id_ in sorted(events))


def _event_id(webhooks: Webhooks, delivery: Delivery, row: Mapping[str, Json]) -> str:
    if webhooks.event:
        found = delivery.header(webhooks.event)
    else:
        found = "/".join(next(_texts_at(row, path), "") for path in webhooks.id)
    if not found.strip("/"):
        return ""
    if len(found) <= _LONGEST:
        return found
    return sha256(found.encode(errors="replace")).hexdigest()


def _records(profile: Profile, row: Mapping[str, Json]) -> Iterator[Woken]:
    webhooks = profile.webhooks
    assert webhooks is not None
    kind = next(_texts_at(row, webhooks.kind), "")
    types = {one.name: one.id_type for one in profile.resources}
    for one in webhooks.records:
        if not kind.startswith(one.kinds):
            continue
        form = _NUMBER if types[one.resource] is ValueType.INTEGER else _TEXT
        for path in one.ids:
            # Zendesk writes "0" for none.
            found = (text for text in _texts_at(row, path) if form.fullmatch(text))
            yield from (Woken(profile.name, one.resource, text) for text in found)


def _texts_at(row: Mapping[str, Json], path: Path) -> Iterator[str]:
    """Yield the texts and numbers at a path, a name of which may stand for the elements of a list."""
    for value in read_through(row, path):
        if isinstance(value, str | int) and not isinstance(value, bool):
            yield str(value)
