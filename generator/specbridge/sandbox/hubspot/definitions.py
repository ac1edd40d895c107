"""What properties an account has: listed, shown, and made."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from specbridge.sandbox.hubspot.properties import Definition
from specbridge.sandbox.hubspot.refusals import invalid, not_found, refuse
from specbridge.sandbox.hubspot.state import State
from specbridge.sandbox.messages import Answer, Call

_MOST_UNIQUE = 10


@dataclass(frozen=True, slots=True)
class Properties:
    """The calls below /crm/v3/properties/{kind}."""

    state: State

    def routes(self) -> Sequence[tuple[str, str, Any]]:
        """Return method, path and handler of each call."""
        return (
            ("GET", "/crm/v3/properties/{kind}", self._list),
            ("POST", "/crm/v3/properties/{kind}", self._make),
            ("GET", "/crm/v3/properties/{kind}/{name}", self._show),
        )

    def _list(self, call: Call, kind: str) -> Answer:
        known = self.state.definitions.of(kind)
        return Answer(body={"results": [one.shown() for one in known.values()]})

    def _show(self, call: Call, kind: str, name: str) -> Answer:
        one = self.state.definitions.of(kind).get(name)
        if one is None:
            raise not_found()
        return Answer(body=one.shown())

    def _make(self, call: Call, kind: str) -> Answer:
        asked, known = call.json(), self.state.definitions.of(kind)
        name, unique = str(asked["name"]), bool(asked.get("hasUniqueValue"))
        if name in known:
            raise refuse(409, f'Property "{name}" already exists', "OBJECT_ALREADY_EXISTS")
        if unique and sum(one.unique and one.custom for one in known.values()) >= _MOST_UNIQUE:
            raise invalid(f"an object has {_MOST_UNIQUE} properties with unique values at most")
        options = tuple(str(one["value"]) for one in asked.get("options") or [])
        known[name] = Definition(
            name=name, type=str(asked["type"]), unique=unique, options=options, custom=True
        )
        return Answer(status=201, body=known[name].shown())
