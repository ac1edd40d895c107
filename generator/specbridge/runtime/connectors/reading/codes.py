"""Codes that an API has in a list of its own: read where a property in use has its codes there."""

from collections.abc import Mapping
from dataclasses import replace

from specbridge.model.profile import CodeList, Resource
from specbridge.model.values import Json
from specbridge.runtime.connectors.reading.batches import read_batches
from specbridge.runtime.connectors.reading.rows import value_at
from specbridge.runtime.connectors.reading.selecting import is_used
from specbridge.runtime.connectors.transport.access import Access

Codes = Mapping[str, Json]


class ListedCodes:
    """The codes of one system's lists, each list read once, when the first property in use names it."""

    def __init__(self, access: Access) -> None:
        """Read nothing yet."""
        self._access = access
        self._known: dict[str, Codes] = {}

    def fill(self, resource: Resource, names: frozenset[str]) -> Resource:
        """Return the resource whose properties in use have the codes of the lists that they name.

        Raises ApiError where a list cannot be read.
        """
        used = {one.path for one in resource.properties if one.listed and is_used(one.path, names)}
        if not used:
            return resource
        filled = (
            replace(one, codes=self._codes(one.listed)) if one.path in used else one
            for one in resource.properties
        )
        return replace(resource, properties=tuple(filled))

    def _codes(self, name: str) -> Codes:
        if name not in self._known:
            self._known[name] = _read_codes(self._access, self._access.profile.code_lists[name])
        return self._known[name]


def _read_codes(access: Access, asked: CodeList) -> Codes:
    """Return the codes by their names; of two rows with one name or one code the first counts."""
    codes: dict[str, Json] = {}
    seen: set[str] = set()
    for batch in read_batches(access, asked.list, {}):
        for row in batch.rows:
            name, code = value_at(row, asked.name), value_at(row, asked.code)
            if not isinstance(name, str) or not name or code is None:
                continue
            if name not in codes and repr(code) not in seen:
                codes[name] = code
                seen.add(repr(code))
    return codes
