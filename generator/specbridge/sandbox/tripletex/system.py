"""Tripletex: its records and its calls; one company's data."""

from collections.abc import Callable, Mapping
from typing import Any

from specbridge.sandbox.clock import Clock
from specbridge.sandbox.faults import FaultBox
from specbridge.sandbox.messages import Answer, Call, RefusalError, Route, Router, Row
from specbridge.sandbox.options import SandboxOptions
from specbridge.sandbox.tripletex.access import Access
from specbridge.sandbox.tripletex.checking import Checking
from specbridge.sandbox.tripletex.fields import read_fields
from specbridge.sandbox.tripletex.kinds import COUNTRY_KIND, KINDS, Kind
from specbridge.sandbox.tripletex.listing import MOST_ROWS, Listing
from specbridge.sandbox.tripletex.loading import load_world
from specbridge.sandbox.tripletex.refusals import envelope, refuse
from specbridge.sandbox.tripletex.showing import showing_to
from specbridge.sandbox.tripletex.state import State
from specbridge.sandbox.tripletex.throttle import Throttle
from specbridge.sandbox.tripletex.writing import Writing
from specbridge.sandbox.world import World

Deed = Callable[[Kind, Call], Answer]

_SESSION = "/v2/token/session/:create"
_NO_SINGLE_DELETION = ("contact", "employee")
_NO_LIST_UPDATE = ("contact", "employee")


class Tripletex:
    """The system's state and the answer to every request."""

    name = "tripletex"

    def __init__(
        self, options: SandboxOptions, clock: Clock, faults: FaultBox, world: World
    ) -> None:
        """Load the world."""
        self.clock = clock
        self.faults = faults
        self.access = Access(clock, options.otherwise)
        self.state = State(clock)
        # Kinds of which the token may not see anything: they are left out without a word.
        self.unseen: set[str] = set()
        self.most_rows = MOST_ROWS
        self._options = options
        self._throttle = Throttle(options.limits, options.otherwise)
        checking = Checking(state=self.state, otherwise=options.otherwise)
        self._writing = Writing(state=self.state, checking=checking, otherwise=options.otherwise)
        self._router = Router(list(self._routes()))
        load_world(self.state, world)

    def environment(self, url: str) -> Mapping[str, str]:
        """Return the variables by which a client finds the system at `url` and signs in."""
        return {
            "TRIPLETEX_BASE_URL": f"{url}/v2",
            "TRIPLETEX_CONSUMER_TOKEN": self.access.consumer_token,
            "TRIPLETEX_EMPLOYEE_TOKEN": self.access.employee_token,
        }

    def answer(self, call: Call) -> Answer:
        """Carry out a request: limits first, then the session, then the call itself."""
        headers: dict[str, str] = {}
        try:
            headers = self._throttle.check()
            answer = self._carry_out(call)
        except RefusalError as refusal:
            answer = refusal.answer
        except (ValueError, AttributeError, KeyError, TypeError):
            # A body that is merely wrong: seen as a 500 without a word.
            answer = envelope(500, 1000, "")
        return Answer(status=answer.status, body=answer.body, headers={**headers, **answer.headers})

    def throttle(self, call: Call) -> Answer:
        """Return the 429."""
        return self._throttle.refusal(1.0)

    def fail(self, status: int) -> Answer:
        """Return a failure of the server."""
        return envelope(status, 1000, "")

    def world(self) -> dict[str, list[Row]]:
        """Return copies of all records by kind, in the order of their ids."""
        return self.state.copies()

    def _carry_out(self, call: Call) -> Answer:
        if call.path == _SESSION and call.method in ("POST", "PUT"):
            return self.access.create(call)
        self.access.check(call)
        found = self._router.find(call.method, call.path)
        if found is None:
            raise refuse(404, 6000, "Object not found")
        handler, names = found
        return handler(call, **names)

    def _routes(self) -> list[Route]:
        routes = [
            Route("GET", "/v2/token/session/>whoAmI", self.access.show),
            Route("GET", "/v2/country", _bind(COUNTRY_KIND, self._list)),
        ]
        for kind in KINDS.values():
            base, writing = f"/v2/{kind.name}", self._writing
            one, many = f"{base}/{{identifier}}", f"{base}/list"
            # Before those with names: `list` is no id.
            routes.append(Route("POST", many, _bind(kind, writing.create_list)))
            if kind.name not in _NO_LIST_UPDATE:
                routes.append(Route("PUT", many, _bind(kind, writing.update_list)))
            if kind.name == "contact":
                routes.append(Route("DELETE", many, _bind(kind, writing.delete_list)))
            if kind.name not in _NO_SINGLE_DELETION:
                routes.append(Route("DELETE", one, _bind(kind, writing.delete)))
            routes += [
                Route("GET", base, _bind(kind, self._list)),
                Route("POST", base, _bind(kind, writing.create)),
                Route("GET", one, _bind(kind, self._read)),
                Route("PUT", one, _bind(kind, writing.update)),
            ]
        return routes

    def _list(self, kind: Kind, call: Call) -> Answer:
        if kind.name in self.unseen:
            body = {"fullResultSize": 0, "from": 0, "count": 0, "versionDigest": "", "values": []}
            return Answer(body=body)
        listing = Listing(state=self.state, otherwise=self._options.otherwise, most=self.most_rows)
        return listing.answer(kind, call)

    def _read(self, kind: Kind, call: Call, identifier: str) -> Answer:
        wanted = read_fields(call.query.get("fields", ""))
        row = self._writing.one(kind, identifier)
        return Answer(body={"value": showing_to(call, self.state.find).record(kind, row, wanted)})


def _bind(kind: Kind, handler: Any) -> Any:
    return lambda call, **names: handler(kind, call, **names)
