"""How an API is reached, signed in to and asked no faster than it allows, as far as that is described."""

import re
from collections.abc import Iterator, Mapping, Sequence

from specbridge.drafting.description import Table
from specbridge.drafting.marks import Mark
from specbridge.drafting.operations import Operation
from specbridge.drafting.shapes import Schemas
from specbridge.drafting.words import letters_of, words_of
from specbridge.model.calls import Paging, ReadCall
from specbridge.model.profile import AuthScheme, AuthStyle
from specbridge.model.values import Json, Path

_MESSAGES = ("detail", "message", "description", "errordescription", "title", "error")
_RATE = re.compile(
    r"[^.\n]{0,60}\b\d[\d,]*\s+(?:\w+\s+)?(?:requests?|calls?|queries)\b[^.\n]{0,40}"
    r"\b(?:second|minute|hour|day)s?\b",
    re.IGNORECASE,
)
_SELF = ("me", "self", "whoami", "current", "currentuser", "account", "ping")
_LONGEST = 160


def base_url_of(document: Table) -> str:
    """Return the first server's address with `{VARIABLES}` of the environment; empty where none is stated."""
    servers = document.get("servers")
    first = servers[0] if isinstance(servers, list) and servers else None
    if not isinstance(first, dict):
        return ""
    url, variables = str(first.get("url") or ""), first.get("variables")
    for name, stated in (variables if isinstance(variables, dict) else {}).items():
        default = stated.get("default") if isinstance(stated, dict) else None
        # What stands in for somebody's own is a variable, what is always so is not.
        own = (
            default in (None, "", "example") or "example" in str(default) or "your" in str(default)
        )
        url = url.replace(f"{{{name}}}", f"{{{_variable(name)}}}" if own else str(default))
    if url.startswith("/"):
        # Wherever the description lies; nobody can say from here.
        return f"https://{{HOST}}{url.rstrip('/')}"
    return url.rstrip("/") if url.startswith(("http://", "https://")) else ""


def address_mark(document: Table, drafted: str) -> Mark:
    """Return the question which address is meant, with all that the description lists."""
    servers = document.get("servers")
    urls = [
        str(one.get("url"))
        for one in (servers if isinstance(servers, list) else [])
        if isinstance(one, dict)
    ]
    return Mark(
        subject="address",
        question="Which address is it, and what of it differs from customer to customer?",
        found=(*urls, f"drafted: {drafted}"),
    )


def read_access(
    document: Table, operations: Sequence[Operation], schemas: Schemas
) -> tuple[tuple[AuthScheme, ...], Mark]:
    """Return the ways to sign in that a profile can say, and the question which of them is wanted."""
    components = document.get("components")
    stated = components.get("securitySchemes") if isinstance(components, dict) else None
    schemes = {
        name: schemas.follow(one)
        for name, one in (stated if isinstance(stated, dict) else {}).items()
    }
    # What the API as a whole asks for; others are of single calls, those for tokens above all.
    asked = {name: one for name, one in schemes.items() if name in _asked_for(document)} or schemes
    keys = [one for one in asked.values() if one.get("type") == "apiKey"]
    others = [one for one in asked.values() if one.get("type") != "apiKey"]
    found = [scheme for one in others for scheme in _schemes_of(one)]
    if not found and keys:
        found = [_with_keys(AuthScheme(style=AuthStyle.API_KEY), keys[:1])]
    elif _wants_both(document, schemes):
        found = [_with_keys(one, keys) for one in found]
    mark = Mark(
        subject="auth",
        question="How is the API signed in to? What goes along in which header?",
        found=(
            *(f"{name}: {_tell(one)}" for name, one in schemes.items()),
            *(
                f"{one.method} {one.path} looks like a token's call"
                for one in operations
                if _gives_token(one)
            ),
            f"drafted: {', '.join(one.style.value for one in found) or 'none'}",
        ),
    )
    return tuple(found), mark


def error_paths(operations: Sequence[Operation], schemas: Schemas) -> tuple[Path, ...]:
    """Return where refusals have their message, by the shapes of all of them."""
    found: set[Path] = set()
    for shape in (one for operation in operations for one in operation.errors):
        for name, one in schemas.properties(shape).items():
            if letters_of(name) not in _MESSAGES:
                continue
            inner = schemas.properties(one)
            if inner:
                found.update((name, each) for each in inner if letters_of(each) in _MESSAGES)
            elif one.type in ("string", ""):
                found.add((name,))
    # One word in two cases is one path: they are compared case aside.
    by_letters = {tuple(letters_of(name) for name in path): path for path in sorted(found)}
    return tuple(by_letters[key] for key in sorted(by_letters, key=lambda key: (_rank(key), key)))


def limits_mark(document: Table, operations: Sequence[Operation]) -> Mark:
    """Return the question how many requests are allowed, with what the description says of it."""
    info = document.get("info")
    texts = [str(info.get("description") or "") if isinstance(info, dict) else ""]
    texts.extend(one.description for one in operations)
    said = {
        " ".join(match[0].split())[:_LONGEST] for text in texts for match in _RATE.finditer(text)
    }
    headers = {name for one in operations for name in one.headers if "limit" in name.lower()}
    refused = sum("429" in one.statuses for one in operations)
    return Mark(
        subject="limits",
        question="How many requests are allowed in which time? Write a [[limits]] for each.",
        found=(
            *(f"text: {one}" for one in sorted(said)),
            *(f"header {one}" for one in sorted(headers)),
            *((f"429 is an answer of {refused} calls",) if refused else ()),
            *(() if said or headers or refused else ("nothing",)),
        ),
    )


def draft_probe(operations: Sequence[Operation]) -> tuple[ReadCall | None, Mark]:
    """Return the call that shows whether credentials work, and the question whether it is the one."""
    fit = [
        one.path
        for one in operations
        if one.method == "GET"
        and "{" not in one.path
        and not any(p.required for p in one.queries())
        if letters_of(one.path.rpartition("/")[2]) in _SELF
    ]
    best = min(fit, key=len) if fit else None
    call = ReadCall(path=best, paging=Paging()) if best else None
    mark = Mark(
        subject="probe",
        question="Which call shows that the credentials work, and what in its answer names the"
        " account (account, expectations)?",
        found=(*(f"GET {path}" for path in fit), f"drafted: {best or 'none'}"),
    )
    return call, mark


def _rank(key: tuple[str, ...]) -> int:
    return _MESSAGES.index(key[-1])


def _schemes_of(scheme: Mapping[str, Json]) -> Iterator[AuthScheme]:
    kind, word = scheme.get("type"), str(scheme.get("scheme") or "").lower()
    if kind == "http" and word == "bearer":
        yield AuthScheme(style=AuthStyle.BEARER, token="{TOKEN}")
    elif kind == "http" and word == "basic":
        yield AuthScheme(style=AuthStyle.BASIC, user="{USER}", password="{PASSWORD}")
    elif kind == "oauth2":
        flows = scheme.get("flows")
        flow = flows.get("clientCredentials") if isinstance(flows, dict) else None
        if isinstance(flow, dict):
            scopes = flow.get("scopes")
            yield AuthScheme(
                style=AuthStyle.CLIENT_CREDENTIALS,
                user="{CLIENT_ID}",
                password="{CLIENT_SECRET}",
                token_url=str(flow.get("tokenUrl") or "{BASE_URL}/oauth/token"),
                scope=" ".join(scopes) if isinstance(scopes, dict) else "",
            )
        else:
            # A person signs in there; what remains is a token that somebody made.
            yield AuthScheme(style=AuthStyle.BEARER, token="{ACCESS_TOKEN}")


def _with_keys(scheme: AuthScheme, keys: Sequence[Mapping[str, Json]]) -> AuthScheme:
    headers = {
        str(one["name"]): f"{{{_variable(str(one['name']))}}}"
        for one in keys
        if one.get("in") == "header"
    }
    query = {
        str(one["name"]): f"{{{_variable(str(one['name']))}}}"
        for one in keys
        if one.get("in") == "query"
    }
    return AuthScheme(
        style=scheme.style,
        user=scheme.user,
        password=scheme.password,
        token=scheme.token,
        token_url=scheme.token_url,
        scope=scheme.scope,
        headers=headers,
        query=query,
    )


def _wants_both(document: Table, schemes: Mapping[str, Mapping[str, Json]]) -> bool:
    """Return whether a key goes along with another way: both are named in one requirement."""
    wanted = document.get("security")
    for one in wanted if isinstance(wanted, list) else []:
        kinds = (
            {schemes.get(name, {}).get("type") for name in one} if isinstance(one, dict) else set()
        )
        if "apiKey" in kinds and len(kinds) > 1:
            return True
    return False


def _asked_for(document: Table) -> set[str]:
    wanted = document.get("security")
    tables = [one for one in (wanted if isinstance(wanted, list) else []) if isinstance(one, dict)]
    return {name for one in tables for name in one}


def _gives_token(operation: Operation) -> bool:
    words = words_of(operation.path)
    return operation.method != "GET" and bool({"token", "tokens", "session"} & set(words))


def _variable(name: str) -> str:
    return re.sub(r"[^A-Za-z0-9]+", "_", name).strip("_").upper()


def _tell(scheme: Mapping[str, Json]) -> str:
    words = [str(scheme[key]) for key in ("type", "scheme", "in", "name") if scheme.get(key)]
    flows = scheme.get("flows")
    return " ".join([*words, *(flows if isinstance(flows, dict) else ())])
