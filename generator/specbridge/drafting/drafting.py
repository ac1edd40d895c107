"""A description as a draft: a profile that reads without faults, and what a person must decide."""

from collections.abc import Iterator, Mapping, Sequence

from specbridge.drafting.access import (
    address_mark,
    base_url_of,
    draft_probe,
    error_paths,
    limits_mark,
    read_access,
)
from specbridge.drafting.calls import read_lookups, read_writing, writing_marks
from specbridge.drafting.changes import read_changes
from specbridge.drafting.description import Description
from specbridge.drafting.finding import Kind, find_kinds, inner_lists
from specbridge.drafting.marks import Draft, Mark
from specbridge.drafting.naming import read_naming
from specbridge.drafting.operations import Operation, read_operations
from specbridge.drafting.paging import draft_paging, paging_of
from specbridge.drafting.properties import (
    Targets,
    bodies_of,
    id_of,
    property_marks,
    read_properties,
    value_type,
)
from specbridge.drafting.shapes import Schemas
from specbridge.drafting.words import capitalized, letters_of, slug
from specbridge.errors import ProfileError
from specbridge.model.calls import LookupCall, Paging, ReadCall
from specbridge.model.conversion import ValueType
from specbridge.model.profile import Profile, Property, Resource
from specbridge.model.values import Path

_REFERENCES = (
    *("externalid", "externalreference", "externalimportreference", "externalcode", "externalref"),
    *("externalkey", "foreignid", "origin", "originid", "sourceid", "reference", "clientreference"),
)
_NO_ADDRESS = "https://{HOST}"


def draft_profile(description: Description, name: str = "", only: Sequence[str] = ()) -> Draft:
    """Return the draft of a description; `name` is the profile's, by default made of its title.

    `only` are the kinds of records that are wanted, all where it is empty. Raises ProfileError where the
    description has no list of records, or none of those that are wanted.
    """
    document = description.document
    schemas = Schemas(document)
    operations = read_operations(document, schemas)
    kinds = _wanted(find_kinds(operations, schemas), only)
    identified = [kind for kind in kinds if id_of(kind, schemas) is not None]
    if not identified:
        raise ProfileError("nothing in the description identifies a record of its lists")
    paging, paging_mark = draft_paging(identified, schemas)
    auth, auth_mark = read_access(document, operations, schemas)
    probe, probe_mark = draft_probe(operations)
    targets = _targets_of(identified, schemas)
    drafted = [_draft_resource(kind, paging, targets, schemas) for kind in identified]
    base_url = base_url_of(document) or _NO_ADDRESS
    title = _title_of(description)
    profile = Profile(
        name=name or slug(title) or "drafted",
        labels=(title or "Drafted",),
        base_url=base_url,
        resources=tuple(resource for resource, _ in drafted),
        auth=auth,
        errors=error_paths(operations, schemas),
        probe=probe,
        paging=paging,
    )
    general = (address_mark(document, base_url), auth_mark, limits_mark(document, operations))
    own = (mark for _, marks in drafted for mark in marks)
    return Draft(
        profile=profile,
        marks=(*general, probe_mark, paging_mark, *own),
        notes=tuple(_notes(kinds, identified, operations, schemas)),
    )


def _wanted(kinds: Sequence[Kind], only: Sequence[str]) -> tuple[Kind, ...]:
    if not kinds:
        raise ProfileError("the description has no list of records that have an id")
    by_name = {letters_of(kind.name): kind for kind in kinds}
    by_name |= {"".join(kind.words): kind for kind in kinds}
    for name in only:
        if letters_of(name) not in by_name:
            known = ", ".join(kind.name for kind in kinds)
            raise ProfileError(f"the description has no list of {name}; it has {known}")
    wanted = [by_name[letters_of(name)] for name in only]
    return tuple(kind for kind in kinds if not only or kind in wanted)


def _title_of(description: Description) -> str:
    info = description.document.get("info")
    title = str(info.get("title") or "") if isinstance(info, dict) else ""
    return " ".join(title.partition("(")[0].split())


def _targets_of(kinds: Sequence[Kind], schemas: Schemas) -> Targets:
    by_words: dict[tuple[str, ...], tuple[str, ValueType]] = {}
    components: dict[str, list[tuple[str, str]]] = {}
    for kind in kinds:
        identity = id_of(kind, schemas)
        assert identity is not None
        row = bodies_of(kind, schemas).row
        by_words[kind.words] = (kind.name, value_type(schemas.properties(row)[identity]))
        if row.name:
            components.setdefault(row.name, []).append((kind.name, identity))
    # A component that several kinds share tells none of them.
    alone = {name: found[0] for name, found in components.items() if len(found) == 1}
    return Targets(by_words=by_words, by_component=alone)


def _draft_resource(
    kind: Kind, usual: Paging, targets: Targets, schemas: Schemas
) -> tuple[Resource, tuple[Mark, ...]]:
    bodies = bodies_of(kind, schemas)
    properties = read_properties(kind, bodies, targets, schemas)
    identity = id_of(kind, schemas)
    assert identity is not None
    changes = read_changes(kind, properties, schemas)
    writing = read_writing(kind, bodies, properties, schemas)
    by_id, lookups = read_lookups(kind, identity, properties)
    reference, reference_mark = _external_reference(kind, properties, lookups)
    listed = kind.listing
    resource = Resource(
        name=kind.name,
        datatypes=(capitalized(kind.words),),
        id=(identity,),
        id_type=next(one.type for one in properties if one.path == (identity,)),
        modified_at=changes.modified_at,
        named_by=read_naming(properties),
        properties=properties,
        external_reference=reference if writing.create is not None else None,
        list=ReadCall(
            path=listed.operation.path,
            items=listed.items,
            paging=paging_of(kind, usual, schemas),
            full=True,
        ),
        incremental=changes.incremental,
        read=writing.read,
        read_many=by_id,
        lookups=lookups,
        create=writing.create,
        update=writing.update,
        delete=writing.delete,
    )
    marks = (
        changes.mark,
        *((reference_mark,) if writing.create is not None else ()),
        *property_marks(kind, bodies),
        *writing_marks(kind, writing, properties),
    )
    return resource, marks


def _external_reference(
    kind: Kind, properties: Sequence[Property], lookups: Sequence[LookupCall]
) -> tuple[Path | None, Mark]:
    found = [
        one.path
        for one in properties
        if len(one.path) == 1 and one.type is ValueType.STRING and not one.read_only
        if letters_of(one.path[0]) in _REFERENCES
    ]
    sought = [path for path in found if any(one.property == path for one in lookups)]
    best = next(iter((*sought, *found)), None)
    mark = Mark(
        resource=kind.name,
        subject="external_reference",
        question="Which property can carry our reference to a record, and is nobody else's?",
        found=(
            *(f"{path[0]}{' can be looked up' if path in sought else ''}" for path in found),
            f"drafted: {best[0] if best else 'none; a create whose answer is lost ends the run'}",
        ),
    )
    return best, mark


def _notes(
    kinds: Sequence[Kind],
    identified: Sequence[Kind],
    operations: Sequence[Operation],
    schemas: Schemas,
) -> Iterator[str]:
    for kind in kinds:
        if kind not in identified:
            yield f"left out: {kind.name}: nothing identifies its records"
    inner = inner_lists(operations, schemas)
    if inner:
        yield f"left out: lists within one record: {', '.join(inner)}"


def marks_of(draft: Draft) -> Mapping[str | None, tuple[Mark, ...]]:
    """Return the marks by the kind that they are of; None: of the API as a whole."""
    found: dict[str | None, tuple[Mark, ...]] = {}
    for mark in draft.marks:
        found[mark.resource] = (*found.get(mark.resource, ()), mark)
    return found
