"""Whether what a resource says of others fits: its parent, its associations, lists in which there are codes."""

from collections.abc import Iterator

from specbridge.model.calls import LookupCall
from specbridge.model.profile import Association, Profile, Property, Resource, ValueForm
from specbridge.profiles.faults import Fault, suggest


def related_faults(profile: Profile) -> Iterator[Fault]:
    """Yield what is wrong with parents, associations and lists of codes."""
    known = {resource.name: resource for resource in profile.resources}
    for number, resource in enumerate(profile.resources):
        for fault in (
            *_parent_faults(known, resource),
            *_association_faults(resource),
            *_merged_faults(resource),
        ):
            yield Fault(key=("resources", number, *fault.key), text=fault.text)
    yield from _code_faults(profile)


def _parent_faults(known: dict[str, Resource], resource: Resource) -> Iterator[Fault]:
    if resource.parent is None:
        return
    name = resource.parent.resource
    above = known.get(name)
    if above is None:
        text = f"{name} is no resource; {suggest(name, known)}"
        yield Fault(key=("parent", "resource"), text=text)
    elif above.list is None and above.incremental is None:
        yield Fault(key=("parent", "resource"), text=f"{name} has no list below which others stand")
    elif _goes_round(known, resource):
        yield Fault(key=("parent", "resource"), text=f"{name} stands below {resource.name} itself")


def _merged_faults(resource: Resource) -> Iterator[Fault]:
    if resource.merged and not (resource.read is not None and resource.read.merges):
        text = "is said, and no read that merges tells into which record"
        yield Fault(key=("merged",), text=text)


def _goes_round(known: dict[str, Resource], resource: Resource) -> bool:
    seen: set[str] = set()
    above: Resource | None = resource
    while above is not None and above.name not in seen:
        seen.add(above.name)
        above = known.get(above.parent.resource) if above.parent is not None else None
    return above is not None


def _association_faults(resource: Resource) -> Iterator[Fault]:
    for place, one in enumerate(resource.associations):
        for fault in (*_reading_faults(one), *_property_faults(resource, one)):
            yield Fault(key=("associations", place, *fault.key), text=fault.text)


def _reading_faults(one: Association) -> Iterator[Fault]:
    if (one.list is None) is (one.read_many is None):
        yield Fault(key=("list",), text="or read_many is to be stated, one of them")
    if one.read_many is not None and not one.record:
        yield Fault(key=("record",), text="is missing: of which record is a row of read_many?")
    if one.read_many is None and (one.record or one.each):
        yield Fault(key=("record",), text="and each are of rows of read_many")
    if isinstance(one.read_many, LookupCall) and one.read_many.one:
        yield Fault(
            key=("read_many", "one"), text="is of no use here: rows say of which record they are"
        )
    if not one.other:
        yield Fault(key=("other",), text="must have one name at least")
    if one.marked is not True and not one.mark:
        yield Fault(key=("marked",), text="is said, and mark says nothing of where")
    if one.list is not None and one.list.method != "GET":
        yield Fault(
            key=("list", "method"), text="is GET: it asks for the associations of one record"
        )


def _property_faults(resource: Resource, one: Association) -> Iterator[Fault]:
    prop = next((prop for prop in resource.properties if prop.path == one.property), None)
    if prop is None:
        return
    name = ".".join(prop.path)
    if prop.reference is None:
        yield Fault(
            key=("property",), text=f"{name} says no reference: of which resource is the id?"
        )
    if prop.read_only or prop.strategy is not None or prop.codes:
        text = f"{name} is read-only, coded or written by a strategy, and has calls of its own here"
        yield Fault(key=("property",), text=text)


def _code_faults(profile: Profile) -> Iterator[Fault]:
    """Yield what is wrong with lists of codes, and with the properties that name one."""
    for name, one in profile.code_lists.items():
        if one.list.method != "GET" or one.list.since:
            yield Fault(key=("code_lists", name, "list"), text="is a GET without a filter")
        for key, path in (("name", one.name), ("code", one.code)):
            if not path or any(step.endswith("[]") for step in path):
                text = "is one value of a row: no list, and not the row itself"
                yield Fault(key=("code_lists", name, key), text=text)
    for number, resource in enumerate(profile.resources):
        for place, prop in enumerate(resource.properties):
            if prop.listed:
                for text in _listed_faults(profile, resource, prop):
                    yield Fault(key=("resources", number, "properties", place, "listed"), text=text)


def _listed_faults(profile: Profile, resource: Resource, prop: Property) -> Iterator[str]:
    if prop.listed not in profile.code_lists:
        known = suggest(prop.listed, profile.code_lists)
        yield f"{prop.listed} is none of code_lists; {known}"
    if prop.codes or prop.form is not ValueForm.JSON or prop.sent:
        yield "is said beside codes or a form: one of them says what the API has"
    if any(step.endswith("[]") for step in prop.path) or prop.path == resource.id:
        yield "is of a property that lies in no list and is no id"
