"""What an error answer means: an exception, or the refusal of one write; never with its values.

Errors come in many shapes; the profile lists the paths at which their message may stand.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from html import unescape
from urllib.parse import urljoin, urlsplit

from specbridge.errors import (
    ApiError,
    AuthenticationError,
    RefusedError,
    UnexpectedStatusError,
)
from specbridge.model.profile import Profile, Resource, Taken
from specbridge.model.values import Json, Path
from specbridge.runtime.connectors.transport.messages import POINTS_TO, Answer, Request
from specbridge.runtime.records import Refused

GONE = 404
STALE = 409
MISMATCH = 412
_UNAUTHORIZED = 401
_FORBIDDEN = 403
_SUCCESSES = range(200, 300)
_REFUSALS = range(400, 500)
# Asked by a proxy, of the wrong server, by another protocol, with too many headers: of no record.
_NO_REFUSALS = (407, 421, 426, 431)
_LONGEST = 200
_ADDRESS = re.compile(r"[^\s@'\"<>(),;:]+@[^\s@'\"<>(),;:]+")
_MARK = re.compile(r"</?[A-Za-z][^<>]{0,99}>")
_TAKEN = ("already", "duplicate", "taken", "unique")
_SHORTEST_HIDDEN = 3


def read_message(profile: Profile, body: Json) -> str:
    """Return the message of an error body on one line, e-mail addresses masked; "" if none."""
    for path in profile.errors:
        found = (value for value in find_values(body, path) if isinstance(value, str))
        texts = [text for text in map(_bare, found) if text]
        if texts:
            return mask(" ".join(dict.fromkeys(texts)))
    return ""


def _bare(text: str) -> str:
    """Return a text without the marks of HTML that some systems put into it."""
    return unescape(_MARK.sub(" ", text)).strip() if "<" in text or "&" in text else text


def mask(text: str, values: Iterable[Json] = ()) -> str:
    """Return a message on one line without e-mail addresses and without the given values."""
    line = " ".join(_ADDRESS.sub("…", text).split())
    for value in sorted((v for v in values if isinstance(v, str)), key=len, reverse=True):
        if len(value) >= _SHORTEST_HIDDEN:
            line = re.sub(re.escape(value), "…", line, flags=re.IGNORECASE)
    return line if len(line) <= _LONGEST else f"{line[:_LONGEST]}…"


def describe(profile: Profile, request: Request, answer: Answer) -> str:
    """Return one sentence: system, method, path, status and the API's own message."""
    message = read_message(profile, answer.body)
    said = f": {message}" if message else ""
    return f"{profile.name}: {request}: {answer.status}{said}"


def error_of(profile: Profile, request: Request, answer: Answer) -> ApiError:
    """Return the exception that an answer from 400 to 499 means for a whole call."""
    text = describe(profile, request, answer)
    if answer.status in (_UNAUTHORIZED, _FORBIDDEN):
        return AuthenticationError(text)
    return RefusedError(text, answer.status)


def is_unexpected(status: int) -> bool:
    """Return whether a status is neither success nor the refusal of what was asked.

    Failures of the server (5xx) are not asked about: they are made again.
    """
    return not (status in _SUCCESSES or status in _REFUSALS) or status in _NO_REFUSALS


def unexpected(
    profile: Profile, request: Request, answer: Answer, address: str
) -> UnexpectedStatusError:
    """Return the exception that an unexpected status means; `address` is what was asked.

    It names where the answer points: the host and the path, never the query.
    """
    text = describe(profile, request, answer)
    if link := answer.headers.get(POINTS_TO):
        text += f", which points to {_place(address, link)}"
    return UnexpectedStatusError(
        f"{text}; nothing was taken from it: look at the system's address and at what answers there"
    )


def says(profile: Profile, answer: Answer, words: tuple[str, ...]) -> bool:
    """Return whether an error body holds one of the words in one of its texts."""
    if not words or answer.ok:
        return False
    texts = list(_texts(answer.body))
    return any(word in text for word in words for text in texts)


def refusal(
    profile: Profile, resource: Resource, key: str, answer: Answer, values: Iterable[Json]
) -> Refused:
    """Return what the refusal of one write means; `values` are what the write held."""
    message = mask(read_message(profile, answer.body), values)
    return Refused(
        key=key,
        status=answer.status,
        reason=message or f"the server refused it with status {answer.status}",
        duplicate=find_duplicate(profile, resource, answer.body),
        holder=find_holder(resource, answer.body),
    )


def find_duplicate(profile: Profile, resource: Resource, body: Json) -> str | None:
    """Return the unique property whose value an error body says is taken, None if it does not.

    What the profile says of it comes first. A property that stands as a key over a duplicate's code is sure; else the message's first word
    is compared with the names of the unique properties ("External has already been taken").
    """
    if isinstance(body, Mapping) and (stated := taken_in(resource, body)) is not None:
        return stated
    unique = _unique_names(resource)
    for key, value in _entries(body):
        if key in unique and _is_taken(" ".join(_texts(value))):
            return key
    texts = (text for path in profile.errors for text in find_values(body, path))
    found = (duplicate_in(resource, text) for text in texts if isinstance(text, str))
    return next((name for name in found if name is not None), None)


def taken_in(resource: Resource, body: Mapping[str, Json]) -> str | None:
    """Return the property that the profile's own marks say is taken, None where none of them does."""
    for mark in resource.taken:
        if any(_is_mark(mark, str(value)) for value in find_values(dict(body), mark.path)):
            return ".".join(mark.property)
    return None


def find_holder(resource: Resource, body: Json) -> str | None:
    """Return the id of the record that has a taken value, None where the error body does not say it."""
    for mark in resource.taken:
        texts = [str(value) for value in find_values(body, mark.path)]
        if not any(_is_mark(mark, text) for text in texts):
            continue
        stated = find_values(body, mark.holder) if mark.holder else _groups(mark, texts)
        for value in stated:
            if isinstance(value, str | int) and not isinstance(value, bool) and value != "":
                return str(value)
    return None


def _groups(mark: Taken, texts: Iterable[str]) -> Iterator[Json]:
    """Yield what a pattern's group `holder` matches."""
    for text in texts if mark.pattern else ():
        found = re.search(mark.pattern, text)
        yield found.groupdict().get("holder") if found else None


def _is_mark(mark: Taken, text: str) -> bool:
    return text == mark.equals if mark.equals else re.search(mark.pattern, text) is not None


def duplicate_in(resource: Resource, text: str) -> str | None:
    """Return the unique property that a sentence says is taken, None if it says no such thing."""
    return _name_in(text, _unique_names(resource)) if _is_taken(text) else None


def _place(address: str, link: str) -> str:
    """Return host and path of a link in an answer from an address."""
    try:
        parts = urlsplit(urljoin(address, link))
        # Masked as one: a password before an @ may hold a slash, and look like host and path.
        return mask(f"{parts.hostname or ''}{parts.path}") or "no host"
    except ValueError:
        return "no address"


def says_taken(body: Json) -> bool:
    """Return whether an error body says anywhere that a value is taken."""
    return _is_taken(" ".join(_texts(body)))


def _unique_names(resource: Resource) -> list[str]:
    return [".".join(prop.path) for prop in resource.properties if prop.unique]


def _name_in(text: str, names: list[str]) -> str | None:
    word = re.match(r"\W*(\w+)", text)
    if word is None:
        return None
    first = _letters(word[1])
    exact = [name for name in names if _letters(name) == first]
    near = [name for name in names if _letters(name).startswith(first)]
    return next(iter([*exact, *near]), None)


def find_values(body: Json, path: Path) -> Iterator[Json]:
    """Yield the values at a path of an error body; names aside from case, `*` is any name, `a|b` either."""
    if not path:
        yield body
        return
    step, rest = path[0], path[1:]
    names, is_list = step.removesuffix("[]").casefold().split("|"), step.endswith("[]")
    if not isinstance(body, dict):
        return
    for key, value in body.items():
        if names != ["*"] and key.casefold() not in names:
            continue
        for element in value if is_list and isinstance(value, list) else [value]:
            yield from find_values(element, rest)


def _is_taken(text: str) -> bool:
    lowered = text.casefold()
    return any(word in lowered for word in _TAKEN)


def _entries(body: Json) -> Iterator[tuple[str, Json]]:
    if isinstance(body, Mapping):
        for key, value in body.items():
            yield key, value
            yield from _entries(value)


def _texts(body: Json) -> Iterator[str]:
    if isinstance(body, str):
        yield body
    elif isinstance(body, dict):
        for value in body.values():
            yield from _texts(value)
    elif isinstance(body, list):
        for value in body:
            yield from _texts(value)


def _letters(text: str) -> str:
    return "".join(letter for letter in text.casefold() if letter.isalnum())
