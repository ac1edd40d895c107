"""Whether calls that read say how a list goes on and what ends it: what cannot be told is refused."""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from specbridge.model.calls import LookupCall, PageEnd, Paging, PagingStyle, ReadCall, SinceForm
from specbridge.model.profile import Profile, Resource
from specbridge.profiles.faults import Fault, Key, suggest
from specbridge.profiles.selections import FIELDS
from specbridge.profiles.templates import template_names

_METHODS = ("GET", "POST")
_VALUE = "{value}"
_PARAMETERS = ("page", "size", "cursor", "start")
_FIELDS = ("more", "end", "cursor", "next", "total", "pages", "row")
_COUNTED = (PagingStyle.PAGE_NUMBER, PagingStyle.OFFSET)
_EXPORTS = (PagingStyle.CURSOR_EXPORT, PagingStyle.TIME_EXPORT)
_POINTED = (PagingStyle.CURSOR, PagingStyle.AFTER_ROW)
# What a style cannot do without: parameters, and fields of the answer.
_NEEDED: dict[PagingStyle, tuple[tuple[str, ...], tuple[str, ...]]] = {
    PagingStyle.NONE: ((), ()),
    PagingStyle.PAGE_NUMBER: (("page",), ()),
    PagingStyle.OFFSET: (("page",), ()),
    PagingStyle.CURSOR: (("cursor",), ("cursor",)),
    PagingStyle.AFTER_ROW: (("cursor",), ("row",)),
    PagingStyle.CURSOR_EXPORT: (("start", "cursor"), ("cursor", "end")),
    PagingStyle.TIME_EXPORT: (("start",), ("cursor", "end")),
    PagingStyle.LINK: ((), ()),
}
# What it can use besides; `size` and `total` all but `none` can.
_USED: dict[PagingStyle, tuple[str, ...]] = {
    PagingStyle.PAGE_NUMBER: ("more", "end", "pages"),
    PagingStyle.OFFSET: ("more", "end"),
    PagingStyle.CURSOR: ("more", "end"),
    PagingStyle.AFTER_ROW: ("more", "end"),
    PagingStyle.LINK: ("next", "more", "end"),
}
_ENDS = {
    PageEnd.FLAG: ("more", "end"),
    PageEnd.NO_CURSOR: ("cursor",),
    PageEnd.TOTAL: ("total", "pages"),
}


def list_faults(profile: Profile) -> Iterator[Fault]:
    """Yield what the calls that list and look up records leave unsaid or say wrongly."""
    for fault in paging_faults(profile.paging):
        yield Fault(key=("paging", *fault.key), text=fault.text)
    if profile.probe is not None and (profile.probe.method != "GET" or profile.probe.since):
        yield Fault(key=("probe",), text="is a GET without a filter")
    for name, one in profile.code_lists.items():
        for fault in _call_faults(profile, one.list):
            yield Fault(key=("code_lists", name, "list", *fault.key), text=fault.text)
    for number, resource in enumerate(profile.resources):
        for fault in (
            *_resource_faults(profile, resource),
            *_associated_faults(profile, resource),
            *_lookup_faults(resource),
        ):
            yield Fault(key=("resources", number, *fault.key), text=fault.text)


def paging_faults(paging: Paging, *, search: bool = False) -> Iterator[Fault]:
    """Yield what is wrong with a paging; `search`: its parameters stand in a body."""
    parameters, fields = _NEEDED[paging.style]
    told = {**paging.fields, **paging.headers}
    for role in parameters:
        if role not in paging.parameters:
            yield _missing(paging, ("body" if search else "parameters"), role)
    for role in fields:
        if role not in told:
            yield _missing(paging, "fields", role)
    sized = () if paging.style is PagingStyle.NONE else ("size",)
    yield from _strays("parameters", paging.parameters, (*parameters, *sized), _PARAMETERS)
    counted = () if paging.style is PagingStyle.NONE else ("total",)
    known = (*fields, *_USED.get(paging.style, ()), *counted)
    for table, roles in (("fields", paging.fields), ("headers", paging.headers)):
        yield from _strays(table, roles, known, _FIELDS)
    if paging.size < 1:
        yield Fault(key=("size",), text="must be 1 at least")
    yield from _end_faults(paging, told)


def _end_faults(paging: Paging, told: Mapping[str, object]) -> Iterator[Fault]:
    """Yield a fault where nothing tells a list's last page, or what is to tell it is not there."""
    end, style = paging.end, paging.style
    flagged = "more" in told or "end" in told
    if end is None:
        if style in (*_COUNTED, *_POINTED) and not flagged:
            words = ", ".join(one.value for one in PageEnd if _suits(one, style))
            text = (
                f"is missing: what tells the last page of a list by {style.value}? one of {words}"
            )
            yield Fault(key=("end",), text=text)
    elif not _suits(end, style):
        yield Fault(key=("end",), text=f"{end.value} ends no list by {style.value}")
    elif end in _ENDS and not any(role in told for role in _ENDS[end]):
        roles = " or ".join(_ENDS[end])
        yield Fault(key=("fields",), text=f"{roles} is missing: end = {end.value!r} looks at it")
    elif end is PageEnd.SHORT_PAGE and "size" not in paging.parameters:
        text = "short-page needs the parameter size: else nobody knows what a whole page is"
        yield Fault(key=("end",), text=text)


def _suits(end: PageEnd, style: PagingStyle) -> bool:
    if end is PageEnd.NO_CURSOR:
        return style is PagingStyle.CURSOR
    if end is PageEnd.FLAG and style in _EXPORTS:
        return True
    return style in (*_COUNTED, *_POINTED)


def _missing(paging: Paging, table: str, role: str) -> Fault:
    if table == "body":
        return Fault(
            key=(), text=f"{{{role}}} is in no text of body: {paging.style.value} needs it"
        )
    return Fault(key=(table, role), text=f"is missing: style {paging.style.value} needs it")


def _strays(
    table: str, stated: Mapping[str, object], used: tuple[str, ...], known: tuple[str, ...]
) -> Iterator[Fault]:
    """Yield roles that there are not, and those that the style has no use for."""
    for role in stated:
        if role not in known:
            yield Fault(key=(table, role), text=f"is no role; {suggest(role, known)}")
        elif role not in used:
            yield Fault(key=(table, role), text="is of no use to this style")


def _resource_faults(profile: Profile, resource: Resource) -> Iterator[Fault]:
    for name in ("list", "incremental", "archived"):
        call: ReadCall | None = getattr(resource, name)
        if call is None:
            continue
        for key, one in ((name,), call), ((name, "long"), call.long):
            for fault in _list_faults(profile, resource, one) if one is not None else ():
                yield Fault(key=(*key, *fault.key), text=fault.text)
        exported = _paging_of(profile, call).style in _EXPORTS
        if name == "incremental" and not exported and not _filters(call):
            yield Fault(key=(name, "since"), text="is missing: nothing says what has changed")
        if name == "archived" and (exported or call.tombstones):
            text = "all its rows are deleted records: it is no export, and has no tombstones"
            yield Fault(key=(name,), text=text)
        full = call.full or (name == "incremental" and resource.list is None)
        if name == "incremental" and full and _filters(call) and _in_body(call) and not call.epoch:
            yield Fault(key=(name, "epoch"), text="is missing: a full read fills {since} with it")


def _associated_faults(profile: Profile, resource: Resource) -> Iterator[Fault]:
    """Yield what is wrong with the lists of associations."""
    for place, one in enumerate(resource.associations):
        for fault in _call_faults(profile, one.list) if one.list is not None else ():
            yield Fault(key=("associations", place, "list", *fault.key), text=fault.text)


def _list_faults(profile: Profile, resource: Resource, call: ReadCall) -> Iterator[Fault]:
    yield from _call_faults(profile, call)
    yield from _since_faults(resource, call)
    yield from _most_faults(call)
    if call.most and resource.parent is not None:
        yield Fault(key=("most",), text="has no room beside parent: each list would be begun again")


def _call_faults(profile: Profile, call: ReadCall) -> Iterator[Fault]:
    if call.method not in _METHODS:
        yield Fault(key=("method",), text=f"{call.method!r} is none of {', '.join(_METHODS)}")
    elif call.method == "GET":
        for key in ("body", "texts"):
            if getattr(call, key):
                yield Fault(key=(key,), text="is of a search by POST alone")
        if call.paging is not None:
            for fault in paging_faults(call.paging):
                yield Fault(key=("paging", *fault.key), text=fault.text)
    else:
        yield from _search_faults(_paging_of(profile, call), call)


def _search_faults(paging: Paging, call: ReadCall) -> Iterator[Fault]:
    names = template_names(call.body)
    stated_apart = {name for query in call.queries for name in query}
    for name in sorted(names - {*_PARAMETERS, "since", FIELDS} - stated_apart):
        yield Fault(key=("body",), text=f"nothing fills {{{name}}}; {suggest(name, _PARAMETERS)}")
    for name in call.texts:
        if name not in names:
            yield Fault(key=("texts",), text=f"{{{name}}} is in no text of body")
    if paging.style is PagingStyle.LINK or paging.style in _EXPORTS:
        text = f"{paging.style.value} continues no search by POST"
        yield Fault(key=("paging", "style"), text=text)
        return
    if call.paging is not None and call.paging.parameters:
        text = "stand in the body of a search: write {page}, {size}, {cursor} there"
        yield Fault(key=("paging", "parameters"), text=text)
    if call.since:
        yield Fault(key=("since",), text="stands in the body of a search: write {since} there")
    stated = {role: role for role in _PARAMETERS if role in names}
    for fault in paging_faults(replace(paging, parameters=stated), search=True):
        yield Fault(key=("paging", *fault.key) if fault.key else ("body",), text=fault.text)


def _since_faults(resource: Resource, call: ReadCall) -> Iterator[Fault]:
    if _filters(call) and not resource.modified_at:
        yield Fault(key=("since",), text="filters by an instant, and modified_at names none")
    yield from zone_faults(
        ("since_zone",), call.since_zone, needed=call.since_form is SinceForm.LOCAL
    )
    if not _filters(call):
        if call.since_form is not SinceForm.AS_READ:
            yield Fault(key=("since_form",), text="is said, and the call has no since")
        if call.since_text != "{since}":
            yield Fault(key=("since_text",), text="is said, and the call has no since")
    elif "{since}" not in call.since_text:
        yield Fault(key=("since_text",), text="must hold {since}")


def zone_faults(key: Key, zone: str, *, needed: bool) -> Iterator[Fault]:
    """Yield what is wrong with the zone of a local instant; `needed` says whether there is one."""
    if not zone:
        if needed:
            yield Fault(key=key, text="is missing: in which zone is it local? such as Europe/Oslo")
        return
    if not needed:
        yield Fault(key=key, text="is said, and nothing is local")
    try:
        ZoneInfo(zone)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        yield Fault(key=key, text=f"{zone!r} is no time zone")


def _most_faults(call: ReadCall) -> Iterator[Fault]:
    if call.most and call.queries:
        yield Fault(key=("queries",), text="have no room beside most: each would be begun again")
    if call.most < 0:
        yield Fault(key=("most",), text="must be 0 at least")
    if call.most and not _filters(call):
        yield Fault(key=("most",), text="goes on by a filter on the instant, and the call has none")


def _lookup_faults(resource: Resource) -> Iterator[Fault]:
    calls: list[tuple[tuple[str | int, ...], LookupCall]] = [
        (("lookups", place), call) for place, call in enumerate(resource.lookups)
    ]
    if resource.read_many is not None:
        calls.append((("read_many",), resource.read_many))
    calls += [
        (("associations", place, "read_many"), one.read_many)
        for place, one in enumerate(resource.associations)
        if one.read_many is not None
    ]
    for key, call in calls:
        for fault in paging_faults(call.paging) if call.paging is not None else ():
            yield Fault(key=(*key, "paging", *fault.key), text=fault.text)
        for fault in (*_asking_faults(call), *_one_faults(call)):
            yield Fault(key=(*key, *fault.key), text=fault.text)


def _asking_faults(call: LookupCall) -> Iterator[Fault]:
    """Yield what is wrong with how a lookup is told its values."""
    names, by_path = template_names(call.body) - {FIELDS}, _VALUE in call.path
    if call.method not in _METHODS:
        text = f"{call.method!r} is none of {', '.join(_METHODS)}"
        yield Fault(key=("method",), text=text)
    elif call.method == "GET" and (call.body or bool(call.parameter) is by_path):
        text = f"a lookup by GET has a parameter, or {_VALUE} in its path, and no body"
        yield Fault(key=("parameter",), text=text)
    elif call.method == "POST" and call.paging is not None:
        yield Fault(key=("paging",), text="is of lookups by GET alone")
    elif call.method == "POST" and (call.parameter or by_path or names != {"value"}):
        text = "a lookup by POST has a body with {value} in it, and no parameter"
        yield Fault(key=("body",), text=text)


def _one_faults(call: LookupCall) -> Iterator[Fault]:
    """Yield what is wrong with a lookup that asks for one value, or is answered with one record."""
    if (call.one or _VALUE in call.path) and call.size != 1:
        yield Fault(key=("size",), text="is 1 where one value is asked for at a time")
    if call.one and (call.paging is not None or call.method != "GET"):
        yield Fault(key=("one",), text="is of a GET without paging")


def _paging_of(profile: Profile, call: ReadCall) -> Paging:
    return call.paging or profile.paging


def _filters(call: ReadCall) -> bool:
    return bool(call.since) or _in_body(call)


def _in_body(call: ReadCall) -> bool:
    return "since" in template_names(call.body)
