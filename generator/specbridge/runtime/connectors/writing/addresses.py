"""Whether a write can be addressed at all: what an address holds is one segment of it each; pure."""

from collections.abc import Iterator, Mapping

from specbridge.model.profile import Resource
from specbridge.model.values import Json
from specbridge.runtime.connectors.transport.messages import is_segment, path_names
from specbridge.runtime.records import Create, Delete, Refused, Write

_BAD_REQUEST = 400


def check_address(resource: Resource, write: Write) -> Refused | None:
    """Return the refusal of a write whose address would be that of something else, None if it is not.

    `DELETE /agents/..` would be `DELETE /`. Nothing is sent: no spelling of such an id is safe.
    """
    for name, value in _addressed(resource, write):
        # What is missing is no fault of an address: it is read, or refused by its name, later on.
        if value is not None and not is_segment(value):
            reason = f"no address can hold its {name}: mend it, or delete the record, by hand"
            return Refused(key=write.key, status=_BAD_REQUEST, reason=reason)
    return None


def addressing(resource: Resource, write: Create) -> Mapping[str, Json]:
    """Return what fills the address of a creation: the new record, and our reference to it."""
    path = resource.external_reference
    if path is None or len(path) != 1 or not write.external_reference:
        return write.properties
    return {**write.properties, path[0]: write.external_reference}


def _addressed(resource: Resource, write: Write) -> Iterator[tuple[str, object]]:
    """Yield what the addresses of a write's calls hold, by name."""
    if isinstance(write, Create):
        call, row = resource.create, addressing(resource, write)
    else:
        yield "id", write.current.id
        call, row = resource.update, write.current.properties
        if isinstance(write, Delete):
            call = resource.delete
    for name in path_names(call.path) if call is not None else ():
        yield name, row.get(name)
