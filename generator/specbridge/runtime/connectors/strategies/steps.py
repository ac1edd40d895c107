"""The single calls of which a strategy is made."""

from collections.abc import Mapping
from dataclasses import dataclass

from msgspec import structs

from specbridge.errors import ProfileError, RefusedError
from specbridge.model.calls import ReadCall, WriteCall
from specbridge.model.profile import Resource
from specbridge.model.values import Json, Path
from specbridge.runtime.connectors.reading.batches import read_batches
from specbridge.runtime.connectors.reading.rows import Row
from specbridge.runtime.connectors.transport.access import Access
from specbridge.runtime.connectors.transport.bodies import RECORDS
from specbridge.runtime.connectors.transport.errors import refusal, says_taken
from specbridge.runtime.connectors.transport.messages import (
    Answer,
    Request,
    fill_path,
    means_gone,
)
from specbridge.runtime.connectors.writing.outcomes import untaken, wrap
from specbridge.runtime.records import Refused, Update

Calls = Mapping[str, WriteCall]


@dataclass(frozen=True, slots=True, kw_only=True)
class Steps:
    """One property of one record, to be written by the strategy's own calls.

    `path` is the property's; a refusal for a value that is taken names it as the duplicate.
    """

    access: Access
    resource: Resource
    write: Update
    path: Path
    calls: Calls

    def rows(self) -> list[Row] | None:
        """Return what the role `list` lists, all pages of it; None where the record is gone."""
        call = self._call("list")
        path = fill_path(call.path, {"id": self.write.current.id})
        listed = ReadCall(path=path, items=call.wrap)
        try:
            return [
                row
                # Many are listed at once: none may be as large as a page.
                for batch in read_batches(self.access, listed, {}, bounds=RECORDS)
                for row in batch.rows
            ]
        except RefusedError as error:
            if means_gone(error.status):
                return None
            raise

    def send(self, role: str, values: Mapping[str, object], body: Mapping[str, Json]) -> Answer:
        """Make the call of a role, with its constants in the body; `values` fill its address.

        All are safe to repeat, creations too: the API refuses a second identity of one value and a
        second membership of one user and organization, and the caller then finds the first.
        """
        call = self._call(role)
        content: dict[str, Json] = {**call.constants, **body}
        wrapped: Json = wrap(call, content) if content else None
        request = Request(
            method=call.method,
            path=fill_path(call.path, {"id": self.write.current.id, **values}),
            body=wrapped,
            safe=True,
        )
        return self.access.transport.send(request)

    def refuse(self, answer: Answer) -> Refused:
        """Return the refusal that an answer to one of the calls means for the whole write.

        That is so of a success, too, where nothing came of it.
        """
        if answer.ok:
            return untaken(self.write, answer)
        values = self.write.changes.values()
        key, profile = self.write.key, self.access.profile
        refused = refusal(profile, self.resource, key, answer, values)
        # The calls have names of their own for the property ("value").
        taken = ".".join(self.path) if says_taken(answer.body) else None
        return structs.replace(refused, duplicate=taken)

    def _call(self, role: str) -> WriteCall:
        call = self.calls.get(role)
        if call is None:
            name = f"{self.resource.name}: strategy_calls: {role}"
            raise ProfileError(f"{self.access.profile.path}: {name}: is missing")
        return call
