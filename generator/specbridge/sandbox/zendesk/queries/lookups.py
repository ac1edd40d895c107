"""Calls that find records by id, external id or name."""

from collections.abc import Callable, Iterable

from specbridge.sandbox.messages import Answer, Call, RefusalError, Row
from specbridge.sandbox.zendesk.queries.paging import list_by_offset
from specbridge.sandbox.zendesk.state import State

_MOST_VALUES = 100


class Lookups:
    """show_many, search and count of organizations and users."""

    def __init__(self, state: State) -> None:
        """Keep the state that is searched."""
        self._state = state

    def routes(self) -> Iterable[tuple[str, str, Callable[..., Answer]]]:
        """Yield the calls."""
        yield "GET", "/organizations/show_many", self._show_organizations
        yield "GET", "/organizations/search", self._search_organizations
        yield "GET", "/organizations/count", self._count_organizations
        yield "GET", "/organizations/autocomplete", self._complete_organizations
        yield "GET", "/users/show_many", self._show_users
        yield "GET", "/users/search", self._search_users
        yield "GET", "/users/count", self._count_users
        yield "GET", "/users/autocomplete", self._complete_users

    def _show_organizations(self, call: Call) -> Answer:
        rows = self._show_many("organizations", self._state.organizations, call)
        return Answer(body={"organizations": rows, "count": len(rows), "next_page": None})

    def _show_users(self, call: Call) -> Answer:
        rows = self._show_many("users", self._state.users, call)
        return Answer(body={"users": rows, "count": len(rows), "next_page": None})

    def _show_many(self, kind: str, rows: dict[int, Row], call: Call) -> list[Row]:
        """Return those that exist; unknown ids are left out silently."""
        if "external_ids" in call.query:
            values = call.query["external_ids"].split(",")
            holders = [self._state.holder(kind, "external_id", value) for value in values]
        else:
            values = call.query["ids"].split(",")
            holders = [int(value) for value in values if value.strip().isdigit()]
        if len(values) > _MOST_VALUES:
            text = f"Parameter  cannot specify more than {_MOST_VALUES} values"
            body = {"error": "TooManyValues", "description": text, "max_count": _MOST_VALUES}
            raise RefusalError(Answer(status=400, body=body))
        return [rows[holder] for holder in holders if holder in rows]

    def _search_organizations(self, call: Call) -> Answer:
        name = "external_id" if "external_id" in call.query else "name"
        wanted = call.query[name].strip().lower()
        # Capitals aside, even where two names may differ in nothing else.
        rows = [
            row
            for row in self._state.organizations.values()
            if str(row[name] or "").strip().lower() == wanted
        ]
        return Answer(body={"organizations": rows, "count": len(rows), "next_page": None})

    def _search_users(self, call: Call) -> Answer:
        if "external_id" in call.query:
            holder = self._state.holder("users", "external_id", call.query["external_id"])
            rows = [row for row in self._active() if row["id"] == holder]
        else:
            words = call.query["query"].removeprefix("email:").strip('"').lower()
            rows = [row for row in self._active() if words in _searched(row)]
        return list_by_offset("users", rows, call)

    def _complete_organizations(self, call: Call) -> Answer:
        rows = _starting(self._state.organizations.values(), call.query["name"])
        return Answer(body={"organizations": rows, "count": len(rows), "next_page": None})

    def _complete_users(self, call: Call) -> Answer:
        rows = _starting(self._active(), call.query["name"])
        return Answer(body={"users": rows, "count": len(rows), "next_page": None})

    def _count_organizations(self, call: Call) -> Answer:
        return self._count(len(self._state.organizations))

    def _count_users(self, call: Call) -> Answer:
        return self._count(len(filter_users(self._state, self._active(), call)))

    def _count(self, number: int) -> Answer:
        return Answer(body={"count": {"value": number, "refreshed_at": self._state.now()}})

    def _active(self) -> list[Row]:
        return [row for row in self._state.users.values() if row["active"]]


def filter_users(state: State, rows: list[Row], call: Call) -> list[Row]:
    """Return those whom `external_id`, `role` and every `role[]` of a list call let through."""
    roles = [*call.values("role"), *call.values("role[]")]
    if "external_id" in call.query:
        holder = state.holder("users", "external_id", call.query["external_id"])
        rows = [row for row in rows if row["id"] == holder]
    return [row for row in rows if not roles or row["role"] in roles]


def _starting(rows: Iterable[Row], start: str) -> list[Row]:
    return [row for row in rows if row["name"].lower().startswith(start.lower())]


def _searched(row: Row) -> str:
    return f"{row['name']} {row['email'] or ''}".lower()
