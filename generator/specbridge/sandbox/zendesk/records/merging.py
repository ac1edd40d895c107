"""Merges: one of two records goes, and what belonged to it belongs to the other."""

from collections.abc import Callable, Iterable

from specbridge.sandbox.messages import Answer, Call, Row
from specbridge.sandbox.zendesk.queries.paging import list_rows
from specbridge.sandbox.zendesk.records.identities import emails, make_primary
from specbridge.sandbox.zendesk.records.memberships import create_membership, make_default
from specbridge.sandbox.zendesk.records.organizations import delete_organization
from specbridge.sandbox.zendesk.records.users import delete_user
from specbridge.sandbox.zendesk.refusals import record_invalid
from specbridge.sandbox.zendesk.state import State, find

_MERGES = "/organization_merges"


class Merging:
    """The calls that merge; merges of organizations are remembered by their ids."""

    def __init__(self, state: State) -> None:
        """Keep the state that the calls work on."""
        self._state = state
        self._merges: dict[int, Row] = {}

    def routes(self) -> Iterable[tuple[str, str, Callable[..., Answer]]]:
        """Yield the calls."""
        yield "PUT", "/users/{user}/merge", self._merge_users
        yield "POST", "/organizations/{organization}/merge", self._merge_organizations
        yield "GET", "/organizations/{organization}/merges", self._list
        yield "GET", f"{_MERGES}/{{merge}}", self._show

    def _merge_users(self, call: Call, user: str) -> Answer:
        """Answer with the user that stays."""
        loser = find(self._state.users, user)
        winner = find(self._state.users, call.json()["user"]["id"])
        if loser is winner or not (loser["active"] and winner["active"]):
            raise record_invalid("base", "Merge failed: the two must be different, active users")
        if {loser["role"], winner["role"]} != {"end-user"}:
            raise record_invalid("base", "Merge failed: only end users can be merged")
        merge_users(self._state, loser, winner)
        return Answer(body={"user": winner})

    def _merge_organizations(self, call: Call, organization: str) -> Answer:
        """Answer before it is done, as the vendor does; here it is done by then."""
        loser = find(self._state.organizations, organization)
        winner = find(self._state.organizations, call.json()["organization_merge"]["winner_id"])
        if loser is winner:
            raise record_invalid("base", "Merge failed: the two must be different organizations")
        merge_organizations(self._state, loser, winner)
        identifier = self._state.next_id()
        row: Row = {
            "id": str(identifier),
            "loser_id": loser["id"],
            "winner_id": winner["id"],
            "status": "complete",
            "url": self._state.url("organization_merges", identifier),
        }
        self._merges[identifier] = row
        return Answer(status=202, body={"organization_merge": {**row, "status": "new"}})

    def _list(self, call: Call, organization: str) -> Answer:
        winner = find(self._state.organizations, organization)["id"]
        rows = [row for row in self._merges.values() if row["winner_id"] == winner]
        return list_rows("organization_merges", rows, call)

    def _show(self, call: Call, merge: str) -> Answer:
        return Answer(body={"organization_merge": find(self._merges, merge)})


def merge_users(state: State, loser: Row, winner: Row) -> None:
    """Give a user's identities and memberships to another, and delete it."""
    for identity in state.identities.of_user(loser["id"]):
        state.identities.remove(identity)
        identity.update(user_id=winner["id"], primary=False, updated_at=state.now())
        identity["url"] = state.url(f"users/{winner['id']}/identities", identity["id"])
        state.identities.add(identity)
    addresses = emails(state, winner)
    if addresses and not any(row["primary"] for row in addresses):
        make_primary(state, winner, addresses[0])
    for membership in state.memberships.of_user(loser["id"]):
        state.memberships.remove(membership)
        _join(state, winner["id"], membership["organization_id"])
    winner["updated_at"] = state.now()
    loser.update(organization_id=None, email=None)
    delete_user(state, loser)


def merge_organizations(state: State, loser: Row, winner: Row) -> None:
    """Move an organization's users to another, and delete it."""
    rows = list(state.memberships.rows.values())
    for membership in [row for row in rows if row["organization_id"] == loser["id"]]:
        joined = _join(state, membership["user_id"], winner["id"])
        if membership["default"]:
            make_default(state, joined)
    delete_organization(state, loser)


def _join(state: State, user_id: int, organization_id: int) -> Row:
    """Return the user's membership in an organization, a new one where there is none."""
    held = state.memberships.of_user(user_id)
    known = next((row for row in held if row["organization_id"] == organization_id), None)
    sent = {"user_id": user_id, "organization_id": organization_id}
    return known if known is not None else create_membership(state, sent)
