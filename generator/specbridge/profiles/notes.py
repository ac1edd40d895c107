"""What a profile leaves undone without being wrong: what a run will not see, or sees at a price."""

from collections.abc import Iterator

from specbridge.model.calls import BodyStyle, PageEnd, Precondition, ReadCall
from specbridge.model.profile import Profile, Resource

_SHORT = "ends at a short page: right only where no page is ever capped"


def profile_notes(profile: Profile) -> Iterator[str]:
    """Yield a sentence for each thing that whoever wrote the profile should know of."""
    if profile.probe is None:
        yield "no probe: `doctor` cannot tell whether the credentials work"
    if not profile.limits:
        yield "no limits: how many requests are allowed is found out by being refused"
    if not profile.errors:
        yield "no errors: refusals are told by their status alone"
    if profile.paging.end is PageEnd.SHORT_PAGE:
        yield f"paging {_SHORT}"
    for resource in profile.resources:
        yield from (f"{resource.name}: {note}" for note in _resource_notes(resource))
        yield from (f"{resource.name}: {name} {_SHORT}" for name in _cut_short(resource))


def _resource_notes(resource: Resource) -> Iterator[str]:
    if resource.list is None and resource.incremental is None:
        yield "no list: its records cannot be read"
    elif resource.incremental is None:
        yield "no incremental: each run reads all of it"
    marked = any(call and call.tombstones for call in (resource.list, resource.incremental))
    if resource.read is None and not marked:
        yield "neither read nor tombstones: no record is ever taken for deleted"
    if resource.create is not None and not _finds_own(resource):
        yield "no external reference that can be looked up: a create whose answer is lost ends the run"
    if resource.associations and resource.incremental is not None:
        yield "associations: one that changes alone is seen by the next full reading, unless it moves modified_at"
    call = resource.update
    if call is not None and call.precondition is Precondition.NONE:
        if call.body in (BodyStyle.REPLACE, BodyStyle.MERGE_OBJECTS):
            yield "update replaces without a precondition: an edit at the very moment is overwritten"
        elif call.body is not BodyStyle.JSON_PATCH:
            yield "update has no precondition: an edit of the same property at the very moment is lost"


def _cut_short(resource: Resource) -> Iterator[str]:
    for name in ("list", "incremental", "archived"):
        call: ReadCall | None = getattr(resource, name)
        if call is not None and call.paging and call.paging.end is PageEnd.SHORT_PAGE:
            yield name


def _finds_own(resource: Resource) -> bool:
    path = resource.external_reference
    return path is not None and any(lookup.property == path for lookup in resource.lookups)
