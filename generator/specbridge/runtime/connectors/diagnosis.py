"""What `doctor` finds out about a system: whether it answers, whom it takes us for, and its clock."""

from collections.abc import Iterator, Mapping
from datetime import date, timedelta

from specbridge.errors import ApiError, AuthenticationError
from specbridge.model.calls import ReadCall
from specbridge.model.profile import Expectation, ExpectationKind, Profile, Resource
from specbridge.model.values import Json, Path, Words
from specbridge.runtime.connectors.reading.batches import read_batches
from specbridge.runtime.connectors.reading.finding import find_rows, lookup_of
from specbridge.runtime.connectors.reading.paging import first_step
from specbridge.runtime.connectors.reading.rows import Row, has_path
from specbridge.runtime.connectors.reading.selecting import select_properties
from specbridge.runtime.connectors.transport.access import Access
from specbridge.runtime.connectors.transport.errors import find_values
from specbridge.runtime.connectors.transport.messages import Answer, Request
from specbridge.runtime.records import Finding

_NOBODY = "specbridge:doctor"
_CLOCK_TOLERANCE = timedelta(seconds=60)


Used = Mapping[str, frozenset[Path]]
"""The properties that a package uses, by resource."""


def diagnose(access: Access, used: Used | None = None) -> Iterator[Finding]:
    """Yield the findings of one call of the profile's probe; errors become findings too.

    Where an account has custom properties, a row of each resource shows whether it has those that are `used`.
    """
    probe = access.profile.probe
    if probe is None:
        message = "the profile states no probe, so nothing was asked"
        yield Finding(subject="reachability", well=True, message=message)
        return
    request = probe_request(access, probe)
    began = access.clock.monotonic()
    try:
        answer = access.transport.fetch(request)
    except AuthenticationError as error:
        yield Finding(subject="reachability", well=True, message="the system answers")
        yield Finding(subject="credentials", well=False, message=str(error))
        return
    except ApiError as error:
        yield Finding(subject="reachability", well=False, message=str(error))
        return
    elapsed = access.clock.monotonic() - began
    yield Finding(
        subject="reachability", well=True, message=f"the system answers, in {elapsed:.2f} s"
    )
    yield from (_check(one, answer.body) for one in access.profile.expectations)
    yield from _check_scopes(access.profile, answer.body)
    yield from _check_references(access)
    yield from _check_used(access, used or {})
    yield from _check_end(access)
    yield _check_clock(access, answer)


def probe_request(access: Access, probe: ReadCall) -> Request:
    """Return the request of the profile's probe."""
    query = first_step(probe.paging or access.profile.paging, {}).query
    return Request(method="GET", path=probe.path, query=query, safe=True)


def _check(expectation: Expectation, body: Json) -> Finding:
    # Without credentials Zendesk answers 200 to an "Anonymous user", whose id is null.
    values = [value for value in find_values(body, expectation.path) if value is not None]
    match expectation.kind:
        case ExpectationKind.PRESENT:
            well = bool(values)
        case ExpectationKind.EMPTY:
            # PowerOffice's `InvalidPrivileges` is a list, which is there and should be empty.
            well = not any(values)
        case ExpectationKind.ONE_OF:
            well = any(value in expectation.values for value in values)
    if well:
        return Finding(subject=expectation.subject, well=True, message="as they should be")
    listed = [text for value in values for text in _texts(value)]
    seen = f" (found: {', '.join(listed)})" if listed else ""
    return Finding(subject=expectation.subject, well=False, message=f"{expectation.message}{seen}")


def _check_scopes(profile: Profile, body: Json) -> Iterator[Finding]:
    """Yield the least scopes of each resource, and whether the credentials have them where the answer says so."""
    found = find_values(body, profile.granted) if profile.granted else ()
    granted = {word.casefold() for value in found for word in _words(value)}
    for resource in profile.resources:
        if not resource.read_scopes and not resource.write_scopes:
            continue
        subject = f"scopes of {resource.name}"
        least = f"{_list(resource.read_scopes)} to read, {_list(resource.write_scopes)} to write"
        if not profile.granted:
            yield Finding(subject=subject, well=True, message=f"at least {least}")
            continue
        writes = {scope.casefold() for scope in resource.write_scopes} <= granted
        reads = writes or {scope.casefold() for scope in resource.read_scopes} <= granted
        message = "they are granted" if writes else f"granted to read alone; at least {least}"
        if not reads:
            message = f"not granted: ask for {least}"
        yield Finding(subject=subject, well=reads, message=message, warning=reads and not writes)


def _check_references(access: Access) -> Iterator[Finding]:
    """Yield whether the property that carries our references is there, where people must make it themselves."""
    for resource in access.profile.resources:
        path = resource.external_reference
        if path is None or not _is_custom(resource, path) or lookup_of(resource, path) is None:
            continue
        # Asked for itself alone.
        asking = select_properties(resource, frozenset({*path[:1], ".".join(path)}))
        subject, name = f"reference of {resource.name}", ".".join(path)
        try:
            # Nobody has it: what counts is that the system can look for it.
            next(find_rows(access, asking, path, [_NOBODY]), None)
        except ApiError as error:
            mend = f"make {name}, a text whose values are unique, or grant access to it"
            yield Finding(subject=subject, well=False, message=f"{mend} ({error})")
        else:
            yield Finding(subject=subject, well=True, message=f"{name} is there")


def _check_used(access: Access, used: Used) -> Iterator[Finding]:
    """Yield which of the used properties an account has not, where it leaves them out without a word."""
    for resource in access.profile.resources:
        apart = {one.property for one in resource.associations}
        paths = used.get(resource.name, frozenset()) - apart
        asked = sorted(path for path in paths if _is_custom(resource, path))
        if resource.select is None or resource.list is None or not asked:
            continue
        names = frozenset({*(path[0] for path in asked), *map(".".join, asked)})
        try:
            rows = _first_rows(access, select_properties(resource, names))
        except ApiError as error:
            yield Finding(subject=f"properties of {resource.name}", well=False, message=str(error))
            continue
        # What is there and not set reads null.
        missing = [path for path in asked if rows and not any(has_path(row, path) for row in rows)]
        yield _tell_missing(resource, missing, len(rows))


def _first_rows(access: Access, resource: Resource) -> tuple[Row, ...]:
    assert resource.list is not None
    found = next(iter(read_batches(access, resource.list, {})), None)
    return found.rows if found is not None else ()


def _tell_missing(resource: Resource, missing: list[Path], rows: int) -> Finding:
    subject = f"properties of {resource.name}"
    if not rows:
        message = "there is no record that could show them"
        return Finding(subject=subject, well=True, message=message)
    if not missing:
        return Finding(subject=subject, well=True, message="all that are used are there")
    names = ", ".join(map(".".join, missing))
    message = f"the account has no {names}: correct the document, or make them"
    return Finding(subject=subject, well=False, message=message)


def _is_custom(resource: Resource, path: Path) -> bool:
    """Return whether a property lies among those that each account makes for itself."""
    open_ones = [one.path for one in resource.properties if one.others is not None]
    return any(path[: len(one)] == one and path != one for one in open_ones)


def _check_end(access: Access) -> Iterator[Finding]:
    """Yield a finding where the API will not take credentials of this kind for ever."""
    scheme = access.scheme
    if not scheme.ends:
        return
    left = (date.fromisoformat(scheme.ends) - access.clock.now().date()).days
    message = (
        f"credentials of this kind ({scheme.style.value}) end on {scheme.ends}, in {left} days"
    )
    if left <= 0:
        message = f"credentials of this kind ({scheme.style.value}) ended on {scheme.ends}"
    others = [one.style.value for one in access.profile.auth if not one.ends]
    advice = f": change to {' or '.join(others)}" if others else ""
    yield Finding(subject="expiry", well=left > 0, message=message + advice, warning=True)


def _check_clock(access: Access, answer: Answer) -> Finding:
    if answer.date is None:
        return Finding(
            subject="clock", well=True, message="the system does not say what time it is"
        )
    skew = answer.date - access.clock.now()
    seconds = round(skew.total_seconds())
    if abs(skew) <= _CLOCK_TOLERANCE:
        return Finding(subject="clock", well=True, message=f"{seconds:+d} s from this machine's")
    message = f"{seconds:+d} s from this machine's: conflicts may be decided wrongly; set the clock"
    return Finding(subject="clock", well=False, message=message)


def _words(value: Json) -> list[str]:
    """Return scopes that are a list, or one text with blanks or commas between."""
    return [word for text in _texts(value) for word in text.replace(",", " ").split()]


def _list(scopes: Words) -> str:
    return " ".join(scopes) or "none"


def _texts(value: Json) -> list[str]:
    if isinstance(value, list):
        return [str(one) for one in value]
    return [str(value)]
