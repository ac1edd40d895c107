"""The properties that calls ask for, made from the paths in use: a resource as a connector calls it; pure."""

from collections.abc import Iterable, Iterator
from dataclasses import replace
from urllib.parse import quote

from specbridge.model.calls import (
    BodyStyle,
    LookupCall,
    ReadCall,
    Selection,
    SelectionStyle,
    WriteCall,
)
from specbridge.model.profile import Property, Resource
from specbridge.model.values import Json, Path
from specbridge.profiles.selections import FIELDS
from specbridge.runtime.connectors.reading.rows import call_names

_WHOLE = (BodyStyle.REPLACE, BodyStyle.MERGE_OBJECTS)


def select_properties(resource: Resource, names: frozenset[str]) -> Resource:
    """Return the resource with calls that ask for what is in use, and for what they need themselves.

    `names` are the top-level properties in use, and dotted paths below them. What is used below a
    property that has no such path is all that the profile lists there.
    """
    chosen = resource.select
    if chosen is None:
        return resource
    paths = [*_own_paths(resource), *_along(resource, names), *paths_used(resource, names)]
    listed = list(dict.fromkeys([*chosen.always, *_write(chosen, paths)]))
    part = chosen.separator.join(listed)
    own = list(dict.fromkeys([*chosen.always, *_write(chosen, [resource.id])]))
    update = resource.update
    whole = update is not None and update.body in _WHOLE
    return replace(
        resource,
        list=_ask_list(chosen, resource.list, listed, part),
        incremental=_ask_list(chosen, resource.incremental, listed, part),
        # Of those that are gone the id is all that is taken.
        archived=_ask_list(chosen, resource.archived, own, chosen.separator.join(own)),
        read=_ask_one(resource, chosen.whole if whole else part),
        read_many=_ask_many(chosen, resource.read_many, listed, part),
        lookups=tuple(_look_up(chosen, one, listed, part) for one in resource.lookups),
    )


def _own_paths(resource: Resource) -> Iterator[Path]:
    """Yield what is read of every record, whatever is mapped."""
    yield resource.id
    if resource.modified_at:
        yield resource.modified_at
    if resource.external_reference:
        yield resource.external_reference
    if resource.merged:
        yield resource.merged
    yield from (path for alternative in resource.named_by for path in alternative)
    yield from (lookup.property for lookup in resource.lookups)
    for call in (resource.list, resource.incremental):
        yield from (path for path, _ in (call.tombstones if call is not None else ()))
    yield from ((name,) for name in sorted(call_names(resource)))
    if resource.update is not None and resource.update.version:
        yield resource.update.version


def _along(resource: Resource, names: frozenset[str]) -> Iterator[Path]:
    """Yield what goes along with the properties in use, whichever of their parts is changed."""
    used = {name.partition(".")[0] for name in names}
    for prop in resource.properties:
        if prop.path[0] in used:
            yield from prop.along


def is_used(path: Path, names: frozenset[str]) -> bool:
    """Return whether a property is in use: by its name, as a part of one that is, or with the whole that has it.

    `names` are top-level properties, and dotted paths below those of which parts alone are in use.
    """
    below = [name for name in names if name.startswith(f"{path[0]}.")]
    if not below:
        return path[0] in names
    text = ".".join(path)
    return any(text == name or text.startswith(f"{name}.") for name in below)


def paths_used(resource: Resource, names: frozenset[str]) -> Iterator[Path]:
    """Yield the paths of the properties in use, list steps without their marks."""
    apart = {one.property for one in resource.associations}
    for prop in resource.properties:
        plain = _plain(prop)
        if plain in apart:
            continue
        # A record holds a property whole: where nothing below it is named, all of it is in use.
        if plain[0] in names and not any(name.startswith(f"{plain[0]}.") for name in names):
            yield plain
    listed = {".".join(plain): plain for plain in map(_plain, resource.properties)}
    for name in sorted(names):
        if "." in name:
            # A name may itself hold a dot; the profile then lists it.
            yield listed.get(name) or tuple(name.split("."))


def _plain(prop: Property) -> Path:
    return tuple(step.removesuffix("[]") for step in prop.path)


def _write(chosen: Selection, paths: Iterable[Path]) -> list[str]:
    depth = len(chosen.below)
    inner = [
        tuple(step.removesuffix("[]") for step in path[depth:])
        for path in paths
        if path[:depth] == chosen.below
    ]
    if chosen.style is SelectionStyle.NAMES:
        return [".".join(path) for path in inner if path]
    return _open({}, inner)


def _open(tree: dict[str, list[Path]], paths: Iterable[Path]) -> list[str]:
    """Return paths with their objects opened: `a`, `b(c,d(e))`."""
    for path in paths:
        if path:
            tree.setdefault(path[0], []).append(path[1:])
    return [
        f"{name}({','.join(inner)})" if (inner := _open({}, rest)) else name
        for name, rest in tree.items()
    ]


def _ask_list(
    chosen: Selection, call: ReadCall | None, listed: list[str], part: str
) -> ReadCall | None:
    if call is None or not part:
        return call
    if call.method != "GET":
        return replace(call, body=_named(call.body, listed))
    path = _with_parameter(chosen, call.path, part)
    if call.long is not None and len(path) > chosen.longest:
        marks = call.long.tombstones or call.tombstones
        instead = replace(call.long, full=call.full, tombstones=marks)
        return replace(instead, body=_named(instead.body, listed))
    return replace(call, path=path)


def _ask_one(resource: Resource, part: str) -> WriteCall | None:
    """Return the call for one record; where its address would be too long it answers with too little."""
    chosen, call = resource.select, resource.read
    if chosen is None or call is None or not part:
        return call
    path = _with_parameter(chosen, call.path, part)
    if len(path) > chosen.longest and resource.read_many is not None:
        return replace(call, answers=False)
    return replace(call, path=path)


def _ask_many(
    chosen: Selection, call: LookupCall | None, listed: list[str], part: str
) -> LookupCall | None:
    return None if call is None else _look_up(chosen, call, listed, part)


def _look_up(chosen: Selection, call: LookupCall, listed: list[str], part: str) -> LookupCall:
    if not part:
        return call
    if call.method == "GET":
        return replace(call, path=_with_parameter(chosen, call.path, part))
    return replace(call, body=_named(call.body, listed))


def _with_parameter(chosen: Selection, path: str, text: str) -> str:
    joint = "&" if "?" in path else "?"
    return f"{path}{joint}{quote(chosen.parameter, safe='')}={quote(text, safe='*,()')}"


def _named(template: object, listed: list[str]) -> dict[str, Json]:
    filled = _fill(template, listed)
    return filled if isinstance(filled, dict) else {}


def _fill(template: object, listed: list[str]) -> Json:
    """Return a body with the list of names in the place of `{fields}`."""
    if template == f"{{{FIELDS}}}":
        return list(listed)
    if isinstance(template, dict):
        return {name: _fill(part, listed) for name, part in template.items()}
    if isinstance(template, list):
        return [_fill(part, listed) for part in template]
    return template if isinstance(template, str | int | float | bool) else None
