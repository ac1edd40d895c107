"""What the profiles say of the properties and records that a document is about, as sentences."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from specbridge.model.conversion import ValueType
from specbridge.model.profile import Limit, Profile, Property, Resource, ValueForm
from specbridge.model.values import Path
from specbridge.pages.documents.remarks import Remark
from specbridge.pages.documents.words import counted, literal_words, path_words

Place = tuple[str, Path]
"""A property of a profile: its resource's name and its path."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """A profile with what its file says beside its values.

    `source` is the file as it may be named to anybody; `remarks` are by property, `notes` what the profile
    leaves undone without being wrong.
    """

    profile: Profile
    source: str
    remarks: Mapping[Place, Remark] = field(default_factory=dict)
    notes: tuple[str, ...] = ()


def property_facts(known: Known, resource: str, definition: Property) -> tuple[str, ...]:
    """Return what the API makes of a property, most grave first; its source comes last."""
    remark = known.remarks.get((resource, definition.path))
    facts = [*_facts(definition)]
    if remark is not None:
        facts += [remark.text] if remark.text else []
        facts.append(f"{known.source}:{remark.line}")
    return tuple(facts)


def resource_facts(resource: Resource) -> tuple[str, ...]:
    """Return how records of a kind are read, found and written."""
    return tuple(_resource_facts(resource))


def limit_words(limit: Limit) -> str:
    """Return a limit: `200 requests in 60 s for GET /users`."""
    where = " ".join(text for text in (limit.method, limit.path) if text)
    each = ", each record by itself" if limit.per_record else ""
    scope = f" for {where}{each}" if where else " for all requests"
    return f"{counted(limit.requests, 'request')} in {limit.seconds:g} s{scope}"


def _facts(definition: Property) -> Iterator[str]:
    if definition.read_only:
        yield "read-only"
    if definition.create_only:
        yield "set on creation, never changed after"
    if definition.local:
        yield "means something in its own system only"
    if definition.hidden:
        yield "hidden: it reads as a placeholder"
    if definition.required:
        yield "must be there on creation"
    yield from _bounds(definition)
    if definition.reference is not None:
        yield f"the id of a record of {definition.reference}"
    if definition.strategy is not None:
        yield f"written by calls of its own ({definition.strategy})"
    yield from _forms(definition)


def _bounds(definition: Property) -> Iterator[str]:
    if definition.unique:
        yield "unique" + (", capitals aside" if definition.case_insensitive else "")
    elif definition.case_insensitive:
        yield "capitals make no difference"
    if definition.max_length is not None:
        yield f"at most {definition.max_length} characters"


def _forms(definition: Property) -> Iterator[str]:
    if definition.type is not ValueType.ANY:
        yield definition.type.value
    if definition.form is not ValueForm.JSON:
        zone = f" in {definition.zone}" if definition.zone else ""
        yield f"in the API as {definition.form.value}{zone}"
    if definition.codes:
        pairs = (f"{name} = {literal_words(code)}" for name, code in definition.codes.items())
        yield f"codes: {', '.join(pairs)}"


def _resource_facts(resource: Resource) -> Iterator[str]:
    changes = resource.incremental
    if changes is not None:
        yield f"changes are read by {changes.method} {changes.path}"
    elif resource.list is not None:
        yield f"all records are read at each run, by {resource.list.method} {resource.list.path}"
    else:
        yield "its records cannot be listed"
    if resource.modified_at:
        yield f"`{path_words(resource.modified_at)}` says when a record was changed last"
    else:
        yield "no property says when a record was changed"
    yield from _writes(resource)
    if resource.external_reference:
        yield f"`{path_words(resource.external_reference)}` holds our reference to a record that we created"


def _writes(resource: Resource) -> Iterator[str]:
    many = resource.create_many or resource.create_batch
    if resource.create is None and many is None:
        yield "no record can be created"
    elif many is not None:
        yield f"records are created up to {many.size} at a time"
    if resource.update is None and resource.update_many is None:
        yield "no record can be changed"
    if resource.delete is None:
        yield "no record can be deleted"
