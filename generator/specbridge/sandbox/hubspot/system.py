"""HubSpot: its calls, bound to the state."""

import re
from collections.abc import Mapping
from dataclasses import replace

from specbridge.sandbox.clock import Clock
from specbridge.sandbox.faults import FaultBox
from specbridge.sandbox.hubspot.access import TOKEN_CALLS, Access
from specbridge.sandbox.hubspot.associations import Associations
from specbridge.sandbox.hubspot.batches import Batches
from specbridge.sandbox.hubspot.definitions import Properties
from specbridge.sandbox.hubspot.listing import Listing
from specbridge.sandbox.hubspot.loading import load_world
from specbridge.sandbox.hubspot.properties import KINDS
from specbridge.sandbox.hubspot.refusals import PORTAL, envelope, invalid, not_found
from specbridge.sandbox.hubspot.searching import Searching
from specbridge.sandbox.hubspot.state import State
from specbridge.sandbox.hubspot.throttle import Throttle
from specbridge.sandbox.hubspot.writing import archive, create, merge, purge, update
from specbridge.sandbox.messages import Answer, Call, RefusalError, Route, Router, Row
from specbridge.sandbox.options import SandboxOptions
from specbridge.sandbox.world import World

_OBJECTS = "/crm/v3/objects/{kind}"
_LONGEST_LAG = 10.0
# The same calls under the paths by date.
_DATED = re.compile(r"/crm/(objects|properties|associations)/2026-03(?=/|$)")
_VERSIONS = {"objects": "v3", "properties": "v3", "associations": "v4"}


class HubSpot:
    """The system's state and the answer to every request; one account's data."""

    name = "hubspot"

    def __init__(
        self, options: SandboxOptions, clock: Clock, faults: FaultBox, world: World
    ) -> None:
        """Load the world."""
        self.clock = clock
        self.faults = faults
        lag = min(float(options.search_delay_seconds), _LONGEST_LAG)
        self.access = Access(clock, options.token_seconds)
        self.throttled = Throttle(options.limits, options.otherwise)
        self._state = State(clock, otherwise=options.otherwise, lag=lag)
        load_world(self._state, world)
        self._listing = Listing(self._state)
        self._router = Router(self._routes())

    def environment(self, url: str) -> Mapping[str, str]:
        """Return the variables by which a client finds the system and signs in."""
        return {
            "HUBSPOT_BASE_URL": url,
            "HUBSPOT_ACCESS_TOKEN": self.access.access_token,
            "HUBSPOT_PORTAL_ID": str(PORTAL),
        }

    def answer(self, call: Call) -> Answer:
        """Carry out a request: limits, access, then the call itself."""
        headers: dict[str, str] = {}
        try:
            self._listing.check_length(call)
            headers = self.throttled.check(call)
            answer = self._carry_out(replace(call, path=_undated(call.path)))
        except RefusalError as refusal:
            answer = refusal.answer
        except (ValueError, AttributeError, KeyError, TypeError):
            answer = invalid("Invalid input JSON").answer
        return replace(answer, headers={**headers, **answer.headers})

    def throttle(self, call: Call) -> Answer:
        """Return the 429 of a burst."""
        return self.throttled.refuse("TEN_SECONDLY_ROLLING")

    def fail(self, status: int) -> Answer:
        """Return a failure of the server."""
        return Answer(status=status, body=envelope("internal error", "INTERNAL_ERROR"))

    def world(self) -> dict[str, list[Row]]:
        """Return copies of all records by kind, archived ones too, in the order of their ids."""
        state = self._state
        return {
            kind: [
                state.show(kind, held, state.definitions.of(kind))
                for held in sorted(state.records[kind].values(), key=lambda one: int(one.id))
            ]
            for kind in KINDS
        }

    def _carry_out(self, call: Call) -> Answer:
        if call.method == "POST" and call.path in TOKEN_CALLS:
            return self.access.give_token(call)
        self.access.check(call)
        found = self._router.find(call.method, call.path)
        if found is None:
            raise not_found()
        handler, names = found
        if names.get("kind", KINDS[0]) not in KINDS:
            raise not_found()
        return handler(call, **names)

    def _routes(self) -> list[Route]:
        one = f"{_OBJECTS}/{{identifier}}"
        own = (
            ("GET", "/account-info/v3/details", self._show_account),
            ("GET", "/account-info/2026-03/details", self._show_account),
            ("POST", _OBJECTS, self._create),
            ("POST", "/crm/v3/objects/{kind}/merge", self._merge),
            ("POST", "/crm/v3/objects/contacts/gdpr-delete", self._purge),
            ("PATCH", one, self._update),
            ("DELETE", one, self._archive),
        )
        table = (
            *own,
            *Searching(self._state).routes(),
            *Batches(self._state).routes(),
            *Associations(self._state).routes(),
            *Properties(self._state).routes(),
            *self._listing.routes(),
        )
        return [Route(*row) for row in table]

    def _show_account(self, call: Call) -> Answer:
        return Answer(
            body={
                "portalId": PORTAL,
                "accountType": "DEVELOPER_TEST",
                "timeZone": "Europe/Oslo",
                "companyCurrency": "NOK",
                "additionalCurrencies": [],
                "utcOffset": "+01:00",
                "utcOffsetMilliseconds": 3_600_000,
                "uiDomain": "app.hubspot.com",
                "dataHostingLocation": "eu1",
            }
        )

    def _create(self, call: Call, kind: str) -> Answer:
        sent = call.json()
        held = create(self._state, kind, sent)
        return Answer(status=201, body=self._state.show(kind, held, sent["properties"]))

    def _update(self, call: Call, kind: str, identifier: str) -> Answer:
        sent = call.json()
        held = self._state.find(kind, identifier)
        update(self._state, kind, held, sent)
        return Answer(body=self._state.show(kind, held, sent["properties"]))

    def _archive(self, call: Call, kind: str, identifier: str) -> Answer:
        archive(self._state, kind, self._state.find(kind, identifier))
        return Answer(status=204)

    def _merge(self, call: Call, kind: str) -> Answer:
        if kind == "products":
            raise not_found()
        sent = call.json()
        primary = self._state.find(kind, str(sent["primaryObjectId"]))
        other = self._state.find(kind, str(sent["objectIdToMerge"]))
        held = merge(self._state, kind, primary, other)
        return Answer(body=self._state.show(kind, held))

    def _purge(self, call: Call) -> Answer:
        sent = call.json()
        if sent.get("idProperty") == "email":
            held = self._state.holder("contacts", "email", str(sent["objectId"]))
            if held is None:
                raise not_found()
        else:
            held = self._state.find("contacts", str(sent["objectId"]))
        purge(self._state, held)
        return Answer(status=204)


def _undated(path: str) -> str:
    """Return a path by date as that of its version."""
    return _DATED.sub(lambda found: f"/crm/{_VERSIONS[found[1]]}/{found[1]}", path)
