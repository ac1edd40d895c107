"""Zendesk: its calls, bound to the state."""

from collections.abc import Callable, Iterable, Sequence
from copy import deepcopy
from dataclasses import replace

from specbridge.sandbox.clock import Clock, coarse_text
from specbridge.sandbox.credentials import Credentials
from specbridge.sandbox.faults import FaultBox
from specbridge.sandbox.messages import Answer, Call, RefusalError, Route, Router, Row
from specbridge.sandbox.options import SandboxOptions
from specbridge.sandbox.world import World
from specbridge.sandbox.zendesk.access import Access
from specbridge.sandbox.zendesk.bulk import Bulk, RouteRow
from specbridge.sandbox.zendesk.jobs import Jobs
from specbridge.sandbox.zendesk.loading import load_world
from specbridge.sandbox.zendesk.queries.exports import export_by_cursor, export_by_time
from specbridge.sandbox.zendesk.queries.lookups import Lookups
from specbridge.sandbox.zendesk.queries.paging import list_rows
from specbridge.sandbox.zendesk.queries.searching import Searching
from specbridge.sandbox.zendesk.records.deletions import Deletions
from specbridge.sandbox.zendesk.records.organizations import (
    create_organization,
    delete_organization,
    update_organization,
)
from specbridge.sandbox.zendesk.records.people import People
from specbridge.sandbox.zendesk.records.relations import Relations
from specbridge.sandbox.zendesk.refusals import refuse, too_many_requests
from specbridge.sandbox.zendesk.state import State, find
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
        self._state = State(clock)
        self._access = Access(credentials, clock)
        self._throttle = Throttle(options.limits)
        self._jobs = Jobs(self._state.origin, clock, options.job_seconds)
        load_world(self._state, world)
        self._router = Router(self._routes())

    def answer(self, call: Call) -> Answer:
        """Carry out a request: access, limits, then the call itself; jobs go on meanwhile."""
        # Both spellings are one call, for limits and scopes as well.
        call = replace(call, path=call.path.removesuffix(".json"))
        path = call.path
        try:
            self._jobs.advance()
            if (call.method, path) == ("POST", "/oauth/tokens"):
                return self._access.give_token(call)
            # Before access is checked: it answers strangers too.
            if (call.method, path) == ("GET", f"{_API}/users/me"):
                return self._show_me(call)
            self._access.check(call)
            headers = self._throttle.check(call)
            found = self._router.find(call.method, path)
            if found is None:
                raise refuse(404, "InvalidEndpoint", "Not found")
            handler, names = found
            answer = handler(call, **names)
        except RefusalError as refusal:
            return refusal.answer
        except (ValueError, AttributeError, KeyError, TypeError):
            return refuse(400, "BadRequest", "The request could not be understood").answer
        return Answer(status=answer.status, body=answer.body, headers={**headers, **answer.headers})

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
            ("GET", "/incremental/organizations", self._export_organizations),
            ("GET", "/incremental/users", self._export_users),
            ("GET", "/incremental/users/cursor", self._export_users_by_cursor),
        )
        late = (
            ("GET", "/organizations/{identifier}", self._show_organization),
            ("PUT", "/organizations/{identifier}", self._update_organization),
            ("DELETE", "/organizations/{identifier}", self._delete_organization),
        )
        # The names of calls come before ids, so that `search` is no organization.
        table: tuple[RouteRow, ...] = (
            *own,
            *Lookups(self._state).routes(),
            *Searching(self._state, self._options.search_delay_seconds).routes(),
            *bulk.routes(),
            *Relations(self._state).routes(),
            *Deletions(self._state).routes(),
            *People(self._state).routes(),
            *late,
        )
        return [Route(method, f"{_API}{path}", handler) for method, path, handler in table]

    def _show_me(self, call: Call) -> Answer:
        """Show who calls; without credentials that is the anonymous user, with status 200."""
        if not self._access.is_known(call):
            return Answer(body={"user": {"id": None, "name": "Anonymous user", "role": "end-user"}})
        admin = next(user for user in self._state.users.values() if user["role"] == "admin")
        return Answer(body={"user": admin})

    def _list_organizations(self, call: Call) -> Answer:
        rows = list(self._state.organizations.values())
        return list_rows("organizations", rows, call.query, call.address)

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

    def _export_organizations(self, call: Call) -> Answer:
        # Deleted organizations have no list of their own.
        rows = [*self._state.organizations.values(), *self._state.deleted.values()]
        return self._export(export_by_time, "organizations", rows, call)

    def _export_users(self, call: Call) -> Answer:
        return self._export(export_by_time, "users", self._state.users.values(), call)

    def _export_users_by_cursor(self, call: Call) -> Answer:
        return self._export(export_by_cursor, "users", self._state.users.values(), call)

    def _export(
        self, export: Callable[..., Answer], kind: str, rows: Iterable[Row], call: Call
    ) -> Answer:
        now = self.clock.seconds()
        shown: Sequence[Row] = list(rows)
        if self._options.withhold_seconds:
            # So the vendor does with the newest minute: what was just written is not gone.
            newest = coarse_text(now - self._options.withhold_seconds)
            shown = [row for row in shown if row["updated_at"] <= newest]
        return export(kind, shown, call.query, now, call.address)
