"""Whether the calls that write say what they do safely: what they do not say is refused here."""

from collections.abc import Iterator

from specbridge.model.calls import BatchCall, BodyStyle, BulkCall, Precondition, WriteCall
from specbridge.model.profile import Resource
from specbridge.model.values import Path
from specbridge.profiles.faults import Fault

_WHOLE = (BodyStyle.REPLACE, BodyStyle.MERGE_OBJECTS)
_REFUSALS = range(400, 500)
_UPDATE_ONLY = ("body", "precondition", "version", "conflicts", "conflict_words", "omits")
_METHODS = {
    "read": ("GET",),
    "create": ("POST", "PUT"),
    "update": ("PATCH", "PUT", "POST"),
    "delete": ("DELETE", "POST"),
}
_MANY_METHODS = {
    "create_many": ("POST", "PUT"),
    "update_many": ("PATCH", "PUT", "POST"),
    "create_batch": ("POST", "PUT"),
    "update_batch": ("PATCH", "PUT", "POST"),
}
_UNSAID = (
    'must be stated of a PUT: "replace" where the API takes the body for the whole record, '
    '"merge" where it changes no property that the body leaves out'
)


def write_faults(resource: Resource) -> Iterator[Fault]:
    """Yield what a resource's calls for single records and jobs leave unsaid or say wrongly."""
    yield from _single_faults(resource)
    yield from _multiple_faults(resource)
    yield from _batch_faults(resource)
    if resource.create is not None:
        yield from _create_faults(resource, resource.create)
    if resource.update is not None:
        yield from _update_faults(resource, resource.update)


def _single_faults(resource: Resource) -> Iterator[Fault]:
    for name, methods in _METHODS.items():
        call: WriteCall | None = getattr(resource, name)
        if call is not None:
            yield from _method_faults(f"{name}.method", call.method, methods)
            if name != "update":
                yield from _strays(name, call)
            if name != "read" and call.merges:
                yield _fault(f"{name}.merges", "is of `read` alone")
            if name != "create" and call.idempotency:
                yield _fault(f"{name}.idempotency", "is of `create` alone")


def _multiple_faults(resource: Resource) -> Iterator[Fault]:
    for name, methods in _MANY_METHODS.items():
        many: BulkCall | BatchCall | None = getattr(resource, name)
        if many is not None:
            yield from _method_faults(f"{name}.method", many.method, methods)
            yield from _many_faults(name, many)
            if isinstance(many, BatchCall):
                yield from _apart_faults(name, many)


def _create_faults(resource: Resource, call: WriteCall) -> Iterator[Fault]:
    reference = resource.external_reference or ()
    if call.method == "PUT" and not (len(reference) == 1 and f"{{{reference[0]}}}" in call.path):
        text = (
            "a PUT writes over the record that has its address: only one whose address holds the"
            " external reference is surely our own"
        )
        yield _fault("create.path", text)


def _method_faults(key: str, method: str, methods: tuple[str, ...]) -> Iterator[Fault]:
    if method not in methods:
        yield _fault(key, f"{method!r} is none of {', '.join(methods)}")


def _strays(name: str, call: WriteCall) -> Iterator[Fault]:
    """Yield what only an update has."""
    blank = WriteCall(method=call.method, path=call.path)
    for key in _UPDATE_ONLY:
        if getattr(call, key) != getattr(blank, key):
            yield _fault(f"{name}.{key}", "is of `update` alone")


def _batch_faults(resource: Resource) -> Iterator[Fault]:
    """Yield what is wrong with calls that write many at once, beside those for one."""
    for verb in ("create", "update"):
        if getattr(resource, f"{verb}_batch") is None:
            continue
        if getattr(resource, f"{verb}_many") is not None:
            yield _fault(f"{verb}_batch", f"is said beside {verb}_many: keep one")
        if getattr(resource, verb) is None:
            yield _fault(verb, f"is missing: what {verb}_batch leaves undone goes singly")


def _apart_faults(name: str, call: BatchCall) -> Iterator[Fault]:
    """Yield what is wrong with refusals that stand apart from a batch's results."""
    for key in ("error_ids", "trace"):
        if getattr(call, key) and not call.errors:
            yield _fault(f"{name}.{key}", "is of refusals that stand apart: state errors")
    if call.errors and not call.error_ids:
        yield _fault(f"{name}.error_ids", "is missing: nothing says which record is refused")


def _many_faults(name: str, call: BulkCall | BatchCall) -> Iterator[Fault]:
    if name.startswith("create"):
        if call.body is not None:
            yield _fault(f"{name}.body", "is of updates alone")
    elif call.method == "PUT" and call.body is None:
        yield _fault(f"{name}.body", _UNSAID)
    elif call.body not in (None, BodyStyle.MERGE):
        yield _fault(
            f"{name}.body", "a job sends changed properties only: leave it out, or say merge"
        )


def _update_faults(resource: Resource, call: WriteCall) -> Iterator[Fault]:
    if call.method == "PUT" and call.body is None:
        yield _fault("update.body", _UNSAID)
    elif call.body is None and (inner := _inner_of(resource)):
        text = (
            f'must be stated, because {inner} lies in an object: "merge" where a part of it that is sent'
            ' changes that part alone, "merge-objects" where what is sent replaces the object'
        )
        yield _fault("update.body", text)
    if call.body is BodyStyle.JSON_PATCH:
        yield from _patch_faults(resource, call)
    if resource.read is None and any(prop.along for prop in resource.properties):
        yield _fault("read", "is missing: what goes along is sent as it was read")
    if call.body in _WHOLE:
        yield from _replace_faults(resource, call)
    elif call.omits:
        yield _fault("update.omits", "is of bodies that hold what was read alone")
    yield from _precondition_faults(resource, call)


def _inner_of(resource: Resource) -> str:
    """Return a property that an update can write and that lies in an object, "" where there is none."""
    inner = (
        ".".join(prop.path)
        for prop in resource.properties
        if len(prop.path) > 1 and not prop.read_only and not prop.create_only
        if not any(name.endswith("[]") for name in prop.path)
    )
    return next(inner, "")


def _patch_faults(resource: Resource, call: WriteCall) -> Iterator[Fault]:
    if call.method != "PATCH":
        yield _fault("update.method", "json-patch is sent with PATCH")
    if call.constants:
        yield _fault("update.constants", "operations have no room for them")
    if call.precondition is not Precondition.NONE:
        yield _fault("update.precondition", "json-patch has tests of its own")
    if resource.entries:
        yield _fault("entries", "are written by bodies that hold them, not by json-patch")
    if any(prop.along for prop in resource.properties):
        yield _fault("update.body", "json-patch sends single values: nothing goes along with them")


def _replace_faults(resource: Resource, call: WriteCall) -> Iterator[Fault]:
    if resource.read is None:
        yield _fault(
            "read", "is missing: to replace a record or its objects, the whole of it is read before"
        )
    for prop in resource.properties:
        # Sent back it would be written, left out it would be emptied.
        if prop.hidden and (call.body is BodyStyle.REPLACE or len(prop.path) > 1):
            name = ".".join(prop.path)
            yield _fault(
                "update.body", f"{name} is hidden: nobody can say what it is to be replaced by"
            )
    read_only = [prop.path for prop in resource.properties if prop.read_only]
    for path in call.omits:
        if path not in read_only:
            name = ".".join(path)
            yield _fault(
                "update.omits", f"{name} is none of its read-only properties: it would be emptied"
            )


def _precondition_faults(resource: Resource, call: WriteCall) -> Iterator[Fault]:
    if call.precondition is not Precondition.NONE and resource.read is None:
        yield _fault("read", "is missing: a precondition speaks of what it showed")
    versioned = call.precondition in (Precondition.VERSION, Precondition.VERSION_HEADER)
    if versioned and not call.version:
        yield _fault(
            "update.version", f"is missing: precondition {call.precondition.value} speaks of it"
        )
    if call.version and not versioned:
        yield _fault("update.version", "is said, and no precondition speaks of it")
    if call.version and not _is_listed(resource, call.version):
        yield _fault("update.version", f"{'.'.join(call.version)} is none of its properties")
    told = call.conflicts or call.conflict_words
    if call.precondition is Precondition.VERSION and not told:
        yield _fault(
            "update.conflicts", "is missing: the statuses that mean that another version is there"
        )
    if told and call.body not in _WHOLE and call.precondition is Precondition.NONE:
        yield _fault("update.conflicts", "is said, and the update is made on no reading")
    for status in call.conflicts:
        if status not in _REFUSALS:
            yield _fault(
                "update.conflicts", f"{status} refuses nothing: statuses from 400 to 499 do"
            )


def _is_listed(resource: Resource, path: Path) -> bool:
    return any(prop.path == path for prop in resource.properties)


def _fault(key: str, text: str) -> Fault:
    return Fault(key=tuple(key.split(".")), text=text)
