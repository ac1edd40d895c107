"""Calls that show one kind of record by another: the users of an organization, and so on."""

from collections.abc import Callable, Iterable

from specbridge.sandbox.messages import Answer, Call, Row
from specbridge.sandbox.zendesk.queries.paging import list_rows
from specbridge.sandbox.zendesk.state import State, find


class Relations:
    """Lists that go through memberships."""

    def __init__(self, state: State) -> None:
        """Keep the state that is shown."""
        self._state = state

    def routes(self) -> Iterable[tuple[str, str, Callable[..., Answer]]]:
        """Yield the calls."""
        yield "GET", "/organizations/{organization}/users", self._list_users
        yield "GET", "/users/{user}/organizations", self._list_organizations
        yield (
            *("GET", "/organizations/{organization}/organization_memberships"),
            self._list_memberships,
        )

    def _list_users(self, call: Call, organization: str) -> Answer:
        users = [self._state.users[row["user_id"]] for row in self._members(organization)]
        active = sorted((row for row in users if row["active"]), key=lambda row: row["id"])
        return list_rows("users", active, call)

    def _list_organizations(self, call: Call, user: str) -> Answer:
        held = self._state.memberships.of_user(find(self._state.users, user)["id"])
        rows = [self._state.organizations[row["organization_id"]] for row in held]
        ordered = sorted(rows, key=lambda row: row["id"])
        return list_rows("organizations", ordered, call)

    def _list_memberships(self, call: Call, organization: str) -> Answer:
        rows = self._members(organization)
        return list_rows("organization_memberships", rows, call)

    def _members(self, organization: str) -> list[Row]:
        identifier = find(self._state.organizations, organization)["id"]
        rows = self._state.memberships.rows.values()
        return [row for row in rows if row["organization_id"] == identifier]
