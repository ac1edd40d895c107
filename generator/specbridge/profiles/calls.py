"""Whether the paths of all calls lead where they should, and lists say how they are continued."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import fields
from urllib.parse import unquote

from specbridge.model.calls import BatchCall, BulkCall, LookupCall, ReadCall, WriteCall
from specbridge.model.profile import Association, CodeList, Profile, Resource
from specbridge.model.strategy import Strategy
from specbridge.profiles.access import METHODS
from specbridge.profiles.faults import Fault, Key, suggest
from specbridge.profiles.strategies import known_strategies
from specbridge.profiles.templates import template_names

_CALLS = (ReadCall, WriteCall, BulkCall, BatchCall, LookupCall)
_PATHS = ("path", "job_path", "jobs_path", "recent_jobs_path")
_OPEN = ("jobs_path", "recent_jobs_path")
_NOT_IN_PATHS = re.compile(r"[\x00-\x20\x7f\\#]")
_PLACEHOLDER = re.compile(r"\{([^{}]*)\}")
_JOBS = {"job_path": "job", "jobs_path": "jobs"}
_LISTS = ("list", "incremental", "archived")
_OF_ONE = ("read", "update", "delete")


def call_faults(profile: Profile) -> Iterator[Fault]:
    """Yield what is wrong with the paths and placeholders of calls, and with strategies' calls."""
    for key, call in _calls(profile, ()):
        for name in _PATHS:
            path: str | None = getattr(call, name, None)
            stated = path is not None and (path or name not in _OPEN)
            if stated and (text := _path_fault(path or "")):
                yield Fault(key=(*key, name), text=f"{path!r} {text}")
        for name, least in (("size", 1), ("jobs", 1), ("overlap_seconds", 0)):
            if getattr(call, name, least) < least:
                yield Fault(key=(*key, name), text=f"must be {least} at least")
    yield from _own_faults(profile)
    for number, resource in enumerate(profile.resources):
        for fault in (
            *_placeholder_faults(resource),
            *_association_faults(resource),
            *_strategy_faults(resource),
        ):
            yield Fault(key=("resources", number, *fault.key), text=fault.text)


def _own_faults(profile: Profile) -> Iterator[Fault]:
    """Yield placeholders that nothing fills in the paths that are of no resource."""
    for number, limit in enumerate(profile.limits):
        yield from _unfilled(("limits", number, "path"), limit.path, {"id"})
    if profile.probe is not None:
        yield from _unfilled(("probe", "path"), profile.probe.path, set())
    for name, one in profile.code_lists.items():
        yield from _unfilled(("code_lists", name, "list", "path"), one.list.path, set())


def _calls(value: object, key: Key) -> Iterator[tuple[Key, object]]:
    """Yield all calls that a profile states, each with its key."""
    if isinstance(value, _CALLS):
        yield key, value
        if isinstance(value, ReadCall) and value.long is not None:
            yield from _calls(value.long, (*key, "long"))
    elif isinstance(value, Mapping):
        for name, part in value.items():
            yield from _calls(part, (*key, name))
    elif isinstance(value, tuple):
        for number, part in enumerate(value):
            yield from _calls(part, (*key, number))
    elif isinstance(value, Profile | Resource | Association | CodeList):
        for one in fields(value):
            yield from _calls(getattr(value, one.name), (*key, one.name))


def _path_fault(path: str) -> str:
    """Return why a path would not stay below the system's address, "" where it does."""
    if not path.startswith("/") or path.startswith("//"):
        return 'must begin with one "/": it is put behind base_url'
    if _NOT_IN_PATHS.search(path):
        return "holds a character that no path may: a blank, a backslash, # or a line break"
    if {".", ".."} & set(unquote(path.partition("?")[0]).split("/")):
        return 'must not hold "." or "..": write where it leads'
    return ""


def _placeholder_faults(resource: Resource) -> Iterator[Fault]:
    """Yield placeholders that nothing fills, and calls for one record that do not say which."""
    known = {prop.path[0] for prop in resource.properties if len(prop.path) == 1}
    for name in (*_OF_ONE, "create"):
        call: WriteCall | None = getattr(resource, name)
        if call is None:
            continue
        allowed = known | ({"id"} if name != "create" else set())
        yield from _unfilled((name, "path"), call.path, allowed)
        ids = {"id", *resource.id[-1:]}
        if name in _OF_ONE and not ids & set(_PLACEHOLDER.findall(call.path)):
            yield Fault(key=(name, "path"), text="does not say which record: {id} is missing")
    yield from _listing_faults(resource)


def _listing_faults(resource: Resource) -> Iterator[Fault]:
    """Yield what is wrong with the paths of calls for many records."""
    for key, listing in _calls(resource, ()):
        if key[0] == "associations":
            continue
        if isinstance(listing, ReadCall):
            below = {"parent"} if resource.parent is not None and key[0] in _LISTS else set()
            yield from _unfilled((*key, "path"), listing.path, below)
            if below and "{parent}" not in listing.path:
                text = "does not say below which: {parent} is missing"
                yield Fault(key=(*key, "path"), text=text)
        if isinstance(listing, BatchCall):
            yield from _unfilled((*key, "path"), listing.path, set())
        if isinstance(listing, LookupCall):
            yield from _unfilled((*key, "path"), listing.path, {"value"})
        if isinstance(listing, BulkCall):
            yield from _job_faults(key, listing)


def _association_faults(resource: Resource) -> Iterator[Fault]:
    for place, one in enumerate(resource.associations):
        key: Key = ("associations", place)
        if one.list is not None:
            yield from _filled((*key, "list", "path"), one.list.path, {"id"}, {"id"})
        if one.read_many is not None:
            yield from _unfilled((*key, "read_many", "path"), one.read_many.path, set())
        for name, call in (("add", one.add), ("remove", one.remove)):
            if call is None:
                continue
            yield from _known_method((*key, name), call)
            words = {"id", "other"}
            stated = template_names(call.constants)
            yield from _filled((*key, name, "path"), call.path, words, words - stated)
            if one.together > 1 and words & set(_PLACEHOLDER.findall(call.path)):
                text = "says which in its path: it is of one association, and `together` of several"
                yield Fault(key=(*key, name, "path"), text=text)
            if not stated <= words:
                wrong = sorted(stated - words)[0]
                text = f"nothing fills {{{wrong}}}; {suggest(wrong, sorted(words))}"
                yield Fault(key=(*key, name, "constants"), text=text)


def _filled(key: Key, path: str, known: set[str], needed: set[str]) -> Iterator[Fault]:
    yield from _unfilled(key, path, known)
    for name in sorted(needed - set(_PLACEHOLDER.findall(path))):
        yield Fault(key=key, text=f"does not say which: {{{name}}} is missing")


def _job_faults(key: Key, call: BulkCall) -> Iterator[Fault]:
    yield from _unfilled((*key, "path"), call.path, set())
    for name, word in _JOBS.items():
        path: str = getattr(call, name)
        yield from _unfilled((*key, name), path, {word})
        if path and f"{{{word}}}" not in path:
            yield Fault(key=(*key, name), text=f"does not say which: {{{word}}} is missing")


def _unfilled(key: Key, path: str, known: set[str]) -> Iterator[Fault]:
    for name in _PLACEHOLDER.findall(path):
        if name not in known:
            hint = suggest(name, sorted(known)) if known else "this call has none"
            yield Fault(key=key, text=f"nothing fills {{{name}}}; {hint}")
    left = _PLACEHOLDER.sub("", path)
    if "{" in left or "}" in left:
        yield Fault(key=key, text=f"{path!r} has a brace without its other")


def _strategy_faults(resource: Resource) -> Iterator[Fault]:
    known = known_strategies()
    for number, prop in enumerate(resource.properties):
        if prop.strategy is not None and prop.strategy not in known:
            hint = suggest(prop.strategy, known)
            text = f"{prop.strategy!r} is no strategy that is installed; {hint}"
            yield Fault(key=("properties", number, "strategy"), text=text)
    for table in ("strategy_calls", "strategy_jobs"):
        for name in getattr(resource, table):
            if name not in known:
                yield Fault(key=(table, name), text=f"is no strategy; {suggest(name, known)}")
    for name in resource.strategy_jobs:
        if name in known and not known[name].jobs:
            yield Fault(key=("strategy_jobs", name), text="writes one record at a time alone")
    for name, calls in resource.strategy_calls.items():
        if name in known:
            yield from _role_faults(("strategy_calls", name), known[name], calls)


def _known_method(key: Key, call: WriteCall) -> Iterator[Fault]:
    if call.method not in METHODS:
        text = f"{call.method!r} is none of {', '.join(METHODS)}"
        yield Fault(key=(*key, "method"), text=text)


def _role_faults(key: Key, strategy: Strategy, calls: Mapping[str, WriteCall]) -> Iterator[Fault]:
    for role in strategy.calls:
        if role not in calls:
            yield Fault(key=(*key, role), text="is missing: the strategy needs it")
    roles = (*strategy.calls, *strategy.more)
    for role, call in calls.items():
        if role not in roles:
            yield Fault(key=(*key, role), text=f"is no role of it; {suggest(role, roles)}")
        yield from _known_method((*key, role), call)
        yield from _unfilled((*key, role, "path"), call.path, set(strategy.filled))
