"""The calls about users, their identities and their memberships."""

from collections.abc import Callable, Iterable

from specbridge.sandbox.messages import Answer, Call, Row
from specbridge.sandbox.zendesk.queries.lookups import filter_users
from specbridge.sandbox.zendesk.queries.paging import list_rows
from specbridge.sandbox.zendesk.records.identities import (
    create_identity,
    delete_identity,
    make_primary,
    mark_verified,
    update_identity,
)
from specbridge.sandbox.zendesk.records.memberships import (
    create_membership,
    delete_membership,
    make_default,
    memberships_of,
)
from specbridge.sandbox.zendesk.records.users import create_user, delete_user, update_user
from specbridge.sandbox.zendesk.refusals import not_found
from specbridge.sandbox.zendesk.state import State, find

_IDENTITIES = "/users/{user}/identities"
_MEMBERSHIPS = "/users/{user}/organization_memberships"
_ALL_MEMBERSHIPS = "/organization_memberships"


class People:
    """Users and what belongs to them."""

    def __init__(self, state: State) -> None:
        """Keep the state that the calls work on."""
        self._state = state

    def routes(self) -> Iterable[tuple[str, str, Callable[..., Answer]]]:
        """Yield the calls."""
        yield "GET", "/users", self._list_users
        yield "POST", "/users", self._create_user
        yield "GET", "/users/{user}", self._show_user
        yield "PUT", "/users/{user}", self._update_user
        yield "DELETE", "/users/{user}", self._delete_user
        yield "GET", _IDENTITIES, self._list_identities
        yield "POST", _IDENTITIES, self._create_identity
        yield "GET", f"{_IDENTITIES}/{{identity}}", self._show_identity
        yield "PUT", f"{_IDENTITIES}/{{identity}}", self._update_identity
        yield "DELETE", f"{_IDENTITIES}/{{identity}}", self._delete_identity
        yield "PUT", f"{_IDENTITIES}/{{identity}}/make_primary", self._make_primary
        yield "PUT", f"{_IDENTITIES}/{{identity}}/verify", self._verify
        yield "PUT", f"{_IDENTITIES}/{{identity}}/request_verification", self._ask_to_verify
        yield "GET", _MEMBERSHIPS, self._list_memberships_of_user
        yield "POST", _MEMBERSHIPS, self._create_membership_of_user
        yield "PUT", f"{_MEMBERSHIPS}/{{membership}}/make_default", self._make_default
        yield "DELETE", f"{_MEMBERSHIPS}/{{membership}}", self._delete_membership
        yield "PUT", "/users/{user}/organizations/{organization}/make_default", self._prefer
        yield "DELETE", "/users/{user}/organizations/{organization}", self._leave
        yield "GET", _ALL_MEMBERSHIPS, self._list_memberships
        yield "POST", _ALL_MEMBERSHIPS, self._create_membership
        yield "GET", f"{_ALL_MEMBERSHIPS}/{{membership}}", self._show_membership
        yield "DELETE", f"{_ALL_MEMBERSHIPS}/{{membership}}", self._delete_membership

    def _list_users(self, call: Call) -> Answer:
        rows = [row for row in self._state.users.values() if row["active"]]
        return list_rows("users", filter_users(self._state, rows, call), call)

    def _create_user(self, call: Call) -> Answer:
        return Answer(status=201, body={"user": create_user(self._state, call.json()["user"])})

    def _show_user(self, call: Call, user: str) -> Answer:
        return Answer(body={"user": self._user(user)})

    def _update_user(self, call: Call, user: str) -> Answer:
        row = update_user(self._state, self._user(user), call.json()["user"])
        return Answer(body={"user": row})

    def _delete_user(self, call: Call, user: str) -> Answer:
        return Answer(body={"user": delete_user(self._state, self._user(user))})

    def _list_identities(self, call: Call, user: str) -> Answer:
        rows = self._state.identities.of_user(self._user(user)["id"])
        if kinds := call.values("type[]"):
            rows = [row for row in rows if row["type"] in kinds]
        return list_rows("identities", rows, call)

    def _create_identity(self, call: Call, user: str) -> Answer:
        row = create_identity(self._state, self._user(user), call.json()["identity"])
        return Answer(status=201, body={"identity": row})

    def _show_identity(self, call: Call, user: str, identity: str) -> Answer:
        return Answer(body={"identity": self._identity(user, identity)})

    def _update_identity(self, call: Call, user: str, identity: str) -> Answer:
        row = self._identity(user, identity)
        update_identity(self._state, self._user(user), row, call.json()["identity"])
        return Answer(body={"identity": row})

    def _delete_identity(self, call: Call, user: str, identity: str) -> Answer:
        delete_identity(self._state, self._user(user), self._identity(user, identity))
        return Answer(status=204)

    def _make_primary(self, call: Call, user: str, identity: str) -> Answer:
        """Answer with the whole list."""
        make_primary(self._state, self._user(user), self._identity(user, identity))
        return self._list_identities(call, user)

    def _verify(self, call: Call, user: str, identity: str) -> Answer:
        row = self._identity(user, identity)
        mark_verified(self._state, row)
        self._state.touch(row["user_id"])
        return Answer(body={"identity": row})

    def _ask_to_verify(self, call: Call, user: str, identity: str) -> Answer:
        self._identity(user, identity)
        # A mail goes out; the answer is empty.
        return Answer()

    def _list_memberships(self, call: Call) -> Answer:
        rows = list(self._state.memberships.rows.values())
        return list_rows("organization_memberships", rows, call)

    def _list_memberships_of_user(self, call: Call, user: str) -> Answer:
        rows = memberships_of(self._state, self._user(user)["id"])
        return list_rows("organization_memberships", rows, call, by_id=False)

    def _create_membership(self, call: Call) -> Answer:
        row = create_membership(self._state, call.json()["organization_membership"])
        return Answer(status=201, body={"organization_membership": row})

    def _create_membership_of_user(self, call: Call, user: str) -> Answer:
        sent = {**call.json()["organization_membership"], "user_id": self._user(user)["id"]}
        row = create_membership(self._state, sent)
        return Answer(status=201, body={"organization_membership": row})

    def _show_membership(self, call: Call, membership: str) -> Answer:
        row = find(self._state.memberships.rows, membership)
        return Answer(body={"organization_membership": row})

    def _make_default(self, call: Call, user: str, membership: str) -> Answer:
        make_default(self._state, find(self._state.memberships.rows, membership))
        return self._list_memberships_of_user(call, user)

    def _delete_membership(self, call: Call, membership: str, user: str = "") -> Answer:
        delete_membership(self._state, find(self._state.memberships.rows, membership))
        return Answer(status=204)

    def _prefer(self, call: Call, user: str, organization: str) -> Answer:
        """Answer with the one membership, where the call by a membership's id lists all."""
        row = self._membership(user, organization)
        make_default(self._state, row)
        return Answer(body={"organization_membership": row})

    def _leave(self, call: Call, user: str, organization: str) -> Answer:
        delete_membership(self._state, self._membership(user, organization))
        return Answer(status=204)

    def _user(self, identifier: str) -> Row:
        return find(self._state.users, identifier)

    def _identity(self, user: str, identifier: str) -> Row:
        row = find(self._state.identities.rows, identifier)
        # An identity of another user is not there, though its id is known.
        if str(row["user_id"]) != user:
            raise not_found()
        return row

    def _membership(self, user: str, organization: str) -> Row:
        held = self._state.memberships.of_user(self._user(user)["id"])
        for row in held:
            if str(row["organization_id"]) == organization:
                return row
        raise not_found()
