"""What a record has for itself alone, within its class."""

from collections.abc import Iterable
from dataclasses import dataclass, field

from specbridge.sandbox.messages import Row
from specbridge.sandbox.poweroffice_go.kinds import Kind
from specbridge.sandbox.poweroffice_go.refusals import invalid

Key = tuple[str, str, str]


@dataclass(slots=True)
class Taken:
    """Who has which unique value; `exact` tells values apart that differ in capitals only."""

    exact: bool
    _owners: dict[Key, int] = field(default_factory=dict)

    def check(self, kind: Kind, row: Row) -> None:
        """Raise RefusalError 400 for a value that another record has."""
        for key, value in self._keys(kind, row):
            owner = self._owners.get(key)
            if owner not in (None, row["Id"]):
                text = f"{key[1]} is already in use. '{value}' is used on (contact) Id = {owner}."
                raise invalid(kind, text)

    def claim(self, kind: Kind, row: Row) -> None:
        """Note what the record has."""
        self._owners.update({key: row["Id"] for key, _ in self._keys(kind, row)})

    def release(self, kind: Kind, row: Row) -> None:
        """Give back what the record has."""
        for key, _ in self._keys(kind, row):
            self._owners.pop(key, None)

    def _keys(self, kind: Kind, row: Row) -> Iterable[tuple[Key, object]]:
        for name in kind.unique:
            if row[name] is not None:
                text = str(row[name])
                # Within a class: a customer and a supplier may hold the same reference.
                yield (kind.name, name, text if self.exact else text.lower()), row[name]
        code = (row.get("MailAddress") or {}).get("ExternalCode")
        if code is not None:
            # Of all addresses, whoever lives there.
            yield ("MailAddress", "ExternalCode", str(code).lower()), code
