"""All records of a Zendesk account, and the rules that several kinds of records share."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import count

from specbridge.sandbox.clock import Clock, coarse_text
from specbridge.sandbox.doubts import Doubt
from specbridge.sandbox.messages import Row
from specbridge.sandbox.zendesk.refusals import duplicate, not_found

_FIRST_ID = 19_800_000_000_001  # ids exceed 2^31


@dataclass(slots=True)
class OwnedRows:
    """Records that belong to users: by id, and by user."""

    rows: dict[int, Row] = field(default_factory=dict)
    _by_user: dict[int, dict[int, Row]] = field(default_factory=dict)

    def add(self, row: Row) -> None:
        """Add a record."""
        self.rows[row["id"]] = row
        self._by_user.setdefault(row["user_id"], {})[row["id"]] = row

    def remove(self, row: Row) -> None:
        """Remove a record."""
        del self.rows[row["id"]]
        del self._by_user[row["user_id"]][row["id"]]

    def of_user(self, user_id: int) -> list[Row]:
        """Return a copy of the user's list, in the order of ids."""
        return list(self._by_user.get(user_id, {}).values())


@dataclass(slots=True)
class State:
    """The records by kind and id; `origin` is the scheme and host that addresses start with.

    `deleted` holds organizations that are gone, with their `deleted_at`, for incremental exports;
    `emptied` are the ids of users who were deleted permanently; `domains` says into which
    organization a domain's users are put; `otherwise` are the doubts that are decided the other way.
    """

    clock: Clock
    origin: str = "https://sandbox.zendesk.example"
    otherwise: frozenset[Doubt] = frozenset()
    organizations: dict[int, Row] = field(default_factory=dict)
    users: dict[int, Row] = field(default_factory=dict)
    identities: OwnedRows = field(default_factory=OwnedRows)
    memberships: OwnedRows = field(default_factory=OwnedRows)
    deleted: dict[int, Row] = field(default_factory=dict)
    emptied: set[int] = field(default_factory=set)
    domains: dict[str, int] = field(default_factory=dict)
    taken: dict[tuple[str, str, str], int] = field(default_factory=dict)
    _ids: Iterator[int] = field(default_factory=lambda: count(_FIRST_ID))

    def does(self, doubt: Doubt) -> bool:
        """Return whether a doubt is decided the other way."""
        return doubt in self.otherwise

    def next_id(self) -> int:
        """Return an id that no record has."""
        return next(self._ids)

    def now(self) -> str:
        """Return the instant now as records state it."""
        return coarse_text(self.clock.seconds())

    def url(self, kind: str, identifier: int) -> str:
        """Return a record's own address."""
        return f"{self.origin}/api/v2/{kind}/{identifier}.json"

    def check_free(self, kind: str, name: str, value: object, owner: int, text: str) -> None:
        """Raise RefusalError with `text` if a unique value is another record's.

        None is nobody's. Capitals and outer blanks make no difference.
        """
        if value is not None and self.holder(kind, name, value) not in (None, owner):
            raise duplicate(name, text)

    def claim(self, kind: str, name: str, value: object, owner: int) -> None:
        """Note that a unique value, which was found free, is the owner's."""
        if value is not None:
            self.taken[self._key(kind, name, value)] = owner

    def release(self, kind: str, name: str, value: object, owner: int) -> None:
        """Give a unique value back, if it is the owner's."""
        key = self._key(kind, name, value)
        # No value has the key of the text «None», which may be another's.
        if self.taken.get(key) == owner:
            del self.taken[key]

    def holder(self, kind: str, name: str, value: object) -> int | None:
        """Return the id of the record that has the unique value."""
        return self.taken.get(self._key(kind, name, value))

    def touch(self, user_id: int) -> None:
        """Note that something which belongs to a user changed: that leaves the user as it is."""
        if self.does(Doubt.RELATED_CHANGES):
            self.users[user_id]["updated_at"] = self.now()

    def _key(self, kind: str, name: str, value: object) -> tuple[str, str, str]:
        text = str(value).strip()
        exact = (kind, name) == ("organizations", "name") and self.does(Doubt.NAMES_WITH_CAPITALS)
        return kind, name, text if exact else text.lower()


def find(rows: dict[int, Row], identifier: object) -> Row:
    """Return the record; raises RefusalError 404."""
    text = str(identifier)
    row = rows.get(int(text)) if text.isdigit() else None
    if row is None:
        raise not_found()
    return row
