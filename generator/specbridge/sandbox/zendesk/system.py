"""Zendesk: its calls, bound to the state."""

from copy import deepcopy
from dataclasses import replace

from specbridge.sandbox.clock import Clock
from specbridge.sandbox.credentials import Credentials
from specbridge.sandbox.doubts import Doubt
from specbridge.sandbox.faults import FaultBox
from specbridge.sandbox.messages import Answer, Call, RefusalError, Route, Router, Row
from specbridge.sandbox.options import SandboxOptions
from specbridge.sandbox.webhooks import Deliveries
from specbridge.sandbox.world import World
from specbridge.sandbox.zendesk.access import Access
from specbridge.sandbox.zendesk.bulk import Bulk, RouteRow
from specbridge.sandbox.zendesk.jobs import Jobs
from specbridge.sandbox.zendesk.loading import load_world
from specbridge.sandbox.zendesk.queries.exports import Exports
from specbridge.sandbox.zendesk.queries.lookups import Lookups
from specbridge.sandbox.zendesk.queries.paging import list_rows
from specbridge.sandbox.zendesk.queries.searching import Searching
from specbridge.sandbox.zendesk.records.deletions import Deletions
from specbridge.sandbox.zendesk.records.merging import Merging
from specbridge.sandbox.zendesk.records.organizations import (
    create_organization,
    delete_organization,
    update_organization,
)
from specbridge.sandbox.zendesk.records.people import People
from specbridge.sandbox.zendesk.records.relations import Relations
from specbridge.sandbox.zendesk.refusals import refuse, too_many_requests, unauthenticated
from specbridge.sandbox.zendesk.state import State, find
from specbridge.sandbox.zendesk.telling import Teller
from specbridge.sandbox.zendesk.throttle import Throttle

_API = "/api/v2"


class Zendesk:
    """The system's state and the answer to every request; one account's data."""

    name = "zendesk"

    def __init__(  # what a server is made of, given once
        self,
        options: SandboxOptions,
        credentials: Credentials,
        clock: Clock,
        faults: FaultBox,
        world: World,
    ) -> None:
        """Load the world."""
        self.clock = clock
        self.faults = faults
        self._options = options
        self._state = State(clock, otherwise=options.otherwise)
        self._access = Access(credentials, clock, options.otherwise)
        self._throttle = Throttle(options.limits)
        self._jobs = Jobs(self._state.origin, clock, options.job_seconds, options.otherwise)
        load_world(self._state, world)
        self._router = Router(self._routes())
        self._teller = Teller(self._state) if options.webhooks else None
        self.deliveries = (
            Deliveries(options.webhooks, options.webhook_secret, clock, faults)
            if options.webhooks
            else None
        )

    def answer(self, call: Call) -> Answer:
        """Carry out a request: limits, access, then the call itself; jobs go on meanwhile."""
        # Both spellings are one call, for limits and scopes as well.
        call = replace(call, path=call.path.removesuffix(".json"))
        headers: dict[str, str] = {}
        try:
            self._jobs.advance()
            # First, so that every answer states the limits, refusals too.
            headers = self._throttle.check(call)
            answer = self._carry_out(call)
        except RefusalError as refusal:
            answer = refusal.answer
        except (ValueError, AttributeError, KeyError, TypeError):
            answer = refuse(400, "BadRequest", "The request could not be understood").answer
        if self._teller is not None and self.deliveries is not None:
            self.deliveries.send(self._teller.ask())
        return replace(answer, headers={**headers, **answer.headers})

    def _carry_out(self, call: Call) -> Answer:
        asked = (call.method, call.path)
        if asked == ("POST", "/oauth/tokens"):
            return self._access.give_token(call)
        # Before access is checked: it answers strangers too.
        if asked == ("GET", f"{_API}/users/me"):
            return self._show_me(call)
        self._access.check(call)
        found = self._router.find(*asked)
        if found is None:
            raise refuse(404, "InvalidEndpoint", "Not found")
        handler, names = found
        return handler(call, **names)

    def throttle(self, call: Call) -> Answer:
        """Return the 429."""
        return too_many_requests(1.0)

    def fail(self, status: int) -> Answer:
        """Return a failure of the server, as plain text."""
        return Answer(status=status, body="Internal Server Error")

    def world(self) -> dict[str, list[Row]]:
        """Return copies of all records by kind, in the order of their ids."""
        self._jobs.advance()
        state = self._state
        kinds = {
            "organizations": state.organizations,
            "users": state.users,
            "identities": state.identities.rows,
            "organization_memberships": state.memberships.rows,
        }
        return {kind: deepcopy(list(rows.values())) for kind, rows in kinds.items()}

    def _routes(self) -> list[Route]:
        bulk = Bulk(self._state, self._jobs, self.faults, self._options.bulk_users)
        own = (
            ("GET", "/organizations", self._list_organizations),
            ("POST", "/organizations", self._create_organization),
            ("GET", "/webhooks", self._list_webhooks),
        )
        late = (
            ("GET", "/organizations/{identifier}", self._show_organization),
            ("PUT", "/organizations/{identifier}", self._update_organization),
            ("DELETE", "/organizations/{identifier}", self._delete_organization),
        )
        # The names of calls come before ids, so that `search` is no organization.
        table: tuple[RouteRow, ...] = (
            *own,
            *Exports(self._state, self._options.withhold_seconds).routes(),
            *Lookups(self._state).routes(),
            *Searching(self._state, self._options.search_delay_seconds).routes(),
            *bulk.routes(),
            *Relations(self._state).routes(),
            *Deletions(self._state).routes(),
            *Merging(self._state).routes(),
            *People(self._state).routes(),
            *late,
        )
        return [Route(method, f"{_API}{path}", handler) for method, path, handler in table]

    def _show_me(self, call: Call) -> Answer:
        """Show who calls; without credentials that is the anonymous user, with status 200."""
        if not self._access.is_known(call):
            if self._state.does(Doubt.STRANGERS_401):
                raise unauthenticated()
            return Answer(body={"user": {"id": None, "name": "Anonymous user", "role": "end-user"}})
        admin = next(user for user in self._state.users.values() if user["role"] == "admin")
        return Answer(body={"user": admin})

    def _list_webhooks(self, call: Call) -> Answer:
        hook: Row = {"id": "01SANDBOX", "name": "specbridge", "status": "active"}
        hook |= {
            "endpoint": self._options.webhooks,
            "http_method": "POST",
            "request_format": "json",
        }
        rows = [hook] if self._options.webhooks else []
        meta: Row = {"has_more": False, "after_cursor": None, "before_cursor": None}
        return Answer(body={"webhooks": rows, "meta": meta, "links": {"prev": None, "next": None}})

    def _list_organizations(self, call: Call) -> Answer:
        rows = list(self._state.organizations.values())
        return list_rows("organizations", rows, call)

    def _create_organization(self, call: Call) -> Answer:
        row = create_organization(self._state, call.json()["organization"])
        return Answer(status=201, body={"organization": row})

    def _show_organization(self, call: Call, identifier: str) -> Answer:
        return Answer(body={"organization": find(self._state.organizations, identifier)})

    def _update_organization(self, call: Call, identifier: str) -> Answer:
        row = find(self._state.organizations, identifier)
        return Answer(
            body={
                "organization": update_organization(self._state, row, call.json()["organization"])
            }
        )

    def _delete_organization(self, call: Call, identifier: str) -> Answer:
        delete_organization(self._state, find(self._state.organizations, identifier))
        return Answer(status=204)
