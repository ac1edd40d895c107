"""Users that are gone: listed for ever, and emptied of what is personal on request."""

from collections.abc import Callable, Iterable

from specbridge.sandbox.messages import Answer, Call, Row
from specbridge.sandbox.zendesk.queries.paging import list_rows
from specbridge.sandbox.zendesk.refusals import not_found
from specbridge.sandbox.zendesk.state import State, find

_PERSONAL = ("alias", "details", "email", "notes", "phone", "signature")
_DELETED = "/deleted_users"
# A deleted user is shown with few of a user's properties.
_SHOWN = (
    *("id", "url", "name", "email", "created_at", "updated_at", "time_zone", "phone", "active"),
    *("shared_phone_number", "photo", "locale_id", "locale", "organization_id", "role"),
)


class Deletions:
    """The calls about deleted users."""

    def __init__(self, state: State) -> None:
        """Keep the state that the calls work on."""
        self._state = state

    def routes(self) -> Iterable[tuple[str, str, Callable[..., Answer]]]:
        """Yield the calls."""
        yield "GET", _DELETED, self._list
        yield "GET", f"{_DELETED}/count", self._count
        yield "GET", f"{_DELETED}/{{user}}", self._show
        yield "DELETE", f"{_DELETED}/{{user}}", self._empty

    def _list(self, call: Call) -> Answer:
        return list_rows("deleted_users", [_shown(row) for row in self._rows()], call)

    def _count(self, call: Call) -> Answer:
        count = {"value": len(self._rows()), "refreshed_at": self._state.now()}
        return Answer(body={"count": count})

    def _show(self, call: Call, user: str) -> Answer:
        return Answer(body={"deleted_user": _shown(self._find(user))})

    def _empty(self, call: Call, user: str) -> Answer:
        """Delete permanently: the record stays, without anything personal."""
        row = self._find(user)
        row.update(dict.fromkeys(_PERSONAL))
        self._state.emptied.add(row["id"])
        row.update(name="Permanently Deleted User", updated_at=self._state.now())
        return Answer(body={"deleted_user": _shown(row)})

    def _rows(self) -> list[Row]:
        return [row for row in self._state.users.values() if not row["active"]]

    def _find(self, user: str) -> Row:
        row = find(self._state.users, user)
        if row["active"]:
            raise not_found()
        return row


def _shown(row: Row) -> Row:
    return {name: row[name] for name in _SHOWN}
