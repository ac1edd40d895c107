"""All that a profile says, as lines to be read and as JSON."""

from collections.abc import Iterator

import msgspec

from specbridge.model.calls import (
    BatchCall,
    BulkCall,
    LookupCall,
    Paging,
    PagingStyle,
    ReadCall,
    WriteCall,
)
from specbridge.model.conversion import ValueType
from specbridge.model.profile import AuthScheme, Profile, Property, Resource, ValueForm
from specbridge.model.values import Json

_FLAGS = ("read_only", "create_only", "required", "unique", "case_insensitive", "hidden", "local")
_CALLS = ("list", "incremental", "archived", "read", "read_many", "create", "update", "delete")
_JOBS = ("create_many", "update_many", "create_batch", "update_batch")


def encode_profile(profile: Profile) -> dict[str, Json]:
    """Return a profile as JSON, every default in it; paths are arrays of names."""
    value: dict[str, Json] = msgspec.to_builtins(profile)
    return value


def describe_profile(profile: Profile) -> Iterator[str]:
    """Yield the lines that a person reads: how it is reached, then each resource."""
    yield f"{profile.name} ({', '.join(profile.labels)}), {profile.path}"
    prefix = profile.name.upper().replace("-", "_")
    yield f"  base_url     {profile.base_url}, or {prefix}_BASE_URL"
    yield f"  variables    {{NAME}} is {prefix}_NAME"
    for scheme in profile.auth:
        yield f"  auth         {_describe_scheme(scheme)}"
    for limit in profile.limits:
        where = f" for {limit.method or 'all'} {limit.path}".rstrip() if limit.path else ""
        shared = f", shared by {limit.shared_by}" if limit.shared_by else ""
        yield f"  limit        {limit.requests} requests in {limit.seconds:g} s{where}{shared}"
    if profile.probe is not None:
        yield f"  probe        GET {profile.probe.path}"
    for resource in profile.resources:
        yield ""
        yield from _describe_resource(profile, resource)


def _describe_scheme(scheme: AuthScheme) -> str:
    keys = (*scheme.headers.values(), *scheme.query.values())
    urls = (scheme.authorize_url, scheme.token_url)
    stated = (scheme.user, scheme.password, scheme.token, *urls, *keys)
    ends = f", until {scheme.ends}" if scheme.ends else ""
    return f"{scheme.style.value}: {' '.join(text for text in stated if text)}{ends}"


def _describe_resource(profile: Profile, resource: Resource) -> Iterator[str]:
    names = ", ".join(resource.datatypes)
    yield f"{resource.name} ({names})" if names else resource.name
    yield f"  id           {'.'.join(resource.id)}, {resource.id_type.value}"
    if resource.modified_at:
        yield f"  modified_at  {'.'.join(resource.modified_at)}"
    for alternative in resource.named_by:
        yield f"  named_by     {' '.join('.'.join(path) for path in alternative)}"
    if resource.seen_at:
        yield f"  seen_at      {resource.seen_at}"
    if resource.external_reference:
        yield f"  reference    {'.'.join(resource.external_reference)}"
    for name in (*_CALLS, *_JOBS):
        call = getattr(resource, name)
        if call is not None:
            yield f"  {name:<12} {_describe_call(profile, call)}"
    for lookup in resource.lookups:
        yield f"  lookup       {_describe_call(profile, lookup)}"
    yield from _describe_around(resource)
    for prop in resource.properties:
        yield f"  property     {_describe_property(prop)}"


def _describe_around(resource: Resource) -> Iterator[str]:
    """Yield what is said of a resource's properties besides each of them."""
    if resource.select is not None:
        below = f" below {'.'.join(resource.select.below)}" if resource.select.below else ""
        yield f"  select       {resource.select.parameter}: {resource.select.style.value}{below}"
    if resource.parent is not None:
        yield f"  parent       {resource.parent.resource}, by {'.'.join(resource.parent.property)}"
    for one in resource.entries:
        yield f"  entries      {'.'.join(one.path)}: {one.key} and {one.value}"
    for association in resource.associations:
        call = association.add
        yield f"  association  {'.'.join(association.property)}: {call.method} {call.path}"
    if resource.merged:
        yield f"  merged       {'.'.join(resource.merged)}"


def _describe_call(
    profile: Profile, call: ReadCall | WriteCall | LookupCall | BulkCall | BatchCall
) -> str:
    match call:
        case ReadCall():
            since = f"; since: {call.since}" if call.since else ""
            paging = _describe_paging(call.paging or profile.paging)
            long = f"; where long: {call.long.method} {call.long.path}" if call.long else ""
            return f"{call.method} {call.path}; {paging}{since}{long}"
        case LookupCall():
            return f"{call.method} {call.path}; {'.'.join(call.property)}, {call.size} a request"
        case BulkCall():
            return f"{call.method} {call.path}; {call.size} a job, {call.jobs} jobs at once"
        case BatchCall():
            return f"{call.method} {call.path}; {call.size} a call"
        case WriteCall():
            body = f"; {call.body.value}" if call.body else ""
            ahead = f"; precondition: {call.precondition.value}"
            return f"{call.method} {call.path}{body}{ahead if call.body else ''}"


def _describe_paging(paging: Paging) -> str:
    if paging.style is PagingStyle.NONE:
        return "one answer"
    ends = f", to the end: {paging.end.value}" if paging.end is not None else ""
    return f"{paging.style.value}, {paging.size} a page{ends}"


def _describe_property(prop: Property) -> str:
    flags = [name.replace("_", "-") for name in _FLAGS if getattr(prop, name)]
    if prop.type is not ValueType.ANY:
        flags.insert(0, prop.type.value)
    if prop.form is not ValueForm.JSON:
        flags.append(f"as {prop.form.value}")
    if prop.codes:
        flags.append(f"codes of {', '.join(prop.codes)}")
    if prop.reference is not None:
        flags.append(f"refers to {prop.reference}")
    if prop.strategy is not None:
        flags.append(f"by {prop.strategy}")
    return f"{'.'.join(prop.path)}: {', '.join(flags)}".removesuffix(": ")
