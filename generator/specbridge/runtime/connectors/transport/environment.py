"""What the environment says about a system: where it is, and who may use it."""

import re
from collections.abc import Iterable, Mapping
from ipaddress import ip_address
from math import inf
from pathlib import Path
from urllib.parse import SplitResult, urlsplit

from specbridge.errors import AuthenticationError, SettingsError
from specbridge.model.profile import AuthScheme, AuthStyle, Profile
from specbridge.model.values import Json
from specbridge.profiles.access import is_prefix

PATIENCE = "SPECBRIDGE_PATIENCE"

_VARIABLE = re.compile(r"\{([A-Z][A-Z0-9_]*)\}")

# urlsplit drops some of them in silence, and takes the others for letters.
_NOT_IN_ADDRESSES = re.compile(r"[\x00-\x20\x7f\\]")


def variable_name(profile: Profile, name: str) -> str:
    """Return the environment variable of a name: `BASE_URL` -> `POWEROFFICE_GO_BASE_URL`."""
    return f"{profile.name.upper().replace('-', '_')}_{name}"


def variable_names(text: str) -> tuple[str, ...]:
    """Return the names of the variables between braces in a text, in order; `{until}` is none."""
    return tuple(_VARIABLE.findall(text))


def expand_text(profile: Profile, text: str, environment: Mapping[str, str]) -> str:
    """Return a profile's text with its `{VARIABLES}` filled; all must be set."""
    for name in variable_names(text):
        text = text.replace(f"{{{name}}}", _value(profile, name, environment))
    return text


def expand_json(
    profile: Profile, template: Mapping[str, Json], environment: Mapping[str, str]
) -> dict[str, Json]:
    """Return a table of a profile with the `{VARIABLES}` of its texts filled; all must be set."""

    def expand(value: Json) -> Json:
        if isinstance(value, str):
            return expand_text(profile, value, environment)
        if isinstance(value, dict):
            return {name: expand(part) for name, part in value.items()}
        return [expand(part) for part in value] if isinstance(value, list) else value

    return {name: expand(part) for name, part in template.items()}


def read_secret_files(profile: Profile, environment: Mapping[str, str]) -> Mapping[str, str]:
    """Return the environment with what the files of `<VARIABLE>_FILE` hold, outer blanks aside.

    Raises SettingsError, naming the variable, for a file that cannot be read, and where a variable is
    set besides its file.
    """
    in_files = (
        name for name in profile_variables(profile) if environment.get(f"{name}_FILE", "").strip()
    )
    return {**environment, **{name: read_secret(profile, name, environment) for name in in_files}}


def read_secret(profile: Profile, name: str, environment: Mapping[str, str]) -> str:
    """Return what a variable or the file of `<VARIABLE>_FILE` holds, outer blanks aside; "" where neither is set.

    Raises SettingsError as `read_secret_files` does.
    """
    value, path = (environment.get(one, "").strip() for one in (name, f"{name}_FILE"))
    if not path:
        return value
    if value:
        raise SettingsError(f"{profile.name}: {name} and {name}_FILE are both set: keep one")
    try:
        return Path(path).read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError) as error:
        reason = getattr(error, "strerror", None) or "it is no text"
        raise SettingsError(f"{profile.name}: {name}_FILE cannot be read: {reason}") from None


def read_base_url(profile: Profile, environment: Mapping[str, str]) -> str:
    """Return the system's base URL without a trailing slash.

    `<PREFIX>_BASE_URL` wins over the profile's own. Raises SettingsError where a variable is
    missing, or where the address is not https and not on this machine.
    """
    base = variable_name(profile, "BASE_URL")
    url = environment.get(base, "").strip()
    if not url:
        missing = _missing(profile, [profile.base_url], environment)
        if missing:
            wanted = " and ".join(missing)
            raise SettingsError(f"{profile.name}: set {base}, or {wanted}")
        url = expand_text(profile, profile.base_url, environment)
    return check_url(profile, base, url)


def read_token_url(profile: Profile, scheme: AuthScheme, environment: Mapping[str, str]) -> str:
    """Return the address that issues tokens; `<PREFIX>_TOKEN_URL` wins over the scheme's own."""
    return _read_url(profile, "TOKEN_URL", scheme.token_url, environment)


def read_authorize_url(profile: Profile, scheme: AuthScheme, environment: Mapping[str, str]) -> str:
    """Return the address where people sign in; `<PREFIX>_AUTHORIZE_URL` wins over the scheme's own."""
    return _read_url(profile, "AUTHORIZE_URL", scheme.authorize_url, environment)


def _read_url(profile: Profile, name: str, stated: str, environment: Mapping[str, str]) -> str:
    variable, base = variable_name(profile, name), variable_name(profile, "BASE_URL")
    own = environment.get(variable, "").strip()
    known = {**environment, base: read_base_url(profile, environment)}
    return check_url(profile, variable, own or expand_text(profile, stated, known))


def read_prefixes(profile: Profile, environment: Mapping[str, str]) -> Mapping[str, str]:
    """Return the parts of paths that the environment sets otherwise than the profile, by their names there.

    Raises SettingsError, naming the variable, for one that is no part of a path.
    """
    found = {}
    for name in profile.prefixes:
        text = _value(profile, name, environment).strip("/")
        if text and not is_prefix(text):
            variable = variable_name(profile, name)
            raise SettingsError(f"{profile.name}: {variable}: {text!r} is no path such as api/v2")
        if text:
            found[name] = text
    return found


def read_shared(profile: Profile, text: str, environment: Mapping[str, str]) -> str:
    """Return what shares a limit, as the profile's text names it; `<PREFIX>_BASE_URL` must be set.

    Of a variable of another way to authorize nothing stands there. Where none is set, the address shares it.
    """
    names = variable_names(text)
    found = [_value(profile, name, environment) for name in names]
    return "\0".join(found) if any(found) else _value(profile, "BASE_URL", environment)


def read_patience(environment: Mapping[str, str], default: float) -> float:
    """Return the seconds that a request may wait for its retries, all together.

    `SPECBRIDGE_PATIENCE` wins over the default; raises SettingsError where it is no number of
    seconds.
    """
    text = environment.get(PATIENCE, "").strip()
    if not text:
        return default
    try:
        seconds = float(text)
    except ValueError:
        seconds = -1.0
    if not 0.0 <= seconds < inf:
        raise SettingsError(f"{PATIENCE}: {text!r} is no number of seconds")
    return seconds


def check_url(profile: Profile, variable: str, url: str) -> str:
    """Return a URL without a trailing slash; raises SettingsError unless it is safe to use.

    Credentials travel over TLS only; plain http is for servers on this machine. The error names the
    variable that sets the URL, and of the URL the host at most: the rest may be secret.
    """
    try:
        parts = urlsplit(url)
        fault = _fault_of(url, parts)
    except ValueError:
        fault = "is no address"
    if fault:
        raise SettingsError(f"{profile.name}: {variable} {fault}")
    return url.rstrip("/")


def is_loopback(url: str) -> bool:
    """Return whether a URL leads to this machine, as its address says; a name is asked of nobody."""
    try:
        host = urlsplit(url).hostname or ""
        return host == "localhost" or ip_address(host).is_loopback
    except ValueError:
        return False


def _fault_of(url: str, parts: SplitResult) -> str:
    """Return why a URL cannot be a system's, "" where it can; raises ValueError for an odd port."""
    if _NOT_IN_ADDRESSES.search(url) or not parts.hostname or parts.port == 0:
        return "is no address: it should be like https://api.example"
    if "@" in parts.netloc:
        return (
            "holds a user name or a password: take them out, and set the variables for credentials"
        )
    if parts.query or parts.fragment:
        return "holds a query: take away what follows the path"
    if parts.scheme == "https" or (parts.scheme == "http" and is_loopback(url)):
        return ""
    return (
        f"leads to {parts.hostname}, and must begin with https:// (http:// only for this machine)"
    )


def choose_scheme(profile: Profile, environment: Mapping[str, str]) -> AuthScheme:
    """Return the first way to authorize whose variables are all set.

    Raises AuthenticationError, which names what is missing for each way.
    """
    if not profile.auth:
        return AuthScheme(style=AuthStyle.NONE)
    wanted = []
    for scheme in profile.auth:
        missing = _missing(profile, _templates(scheme), environment)
        if not missing:
            return scheme
        wanted.append(" and ".join(missing))
    raise AuthenticationError(f"{profile.name}: no credentials: set {', or '.join(wanted)}")


def secret_names(profile: Profile) -> tuple[str, ...]:
    """Return the variables of a profile's credentials, in all ways to authorize, but for user names."""
    texts = [text for scheme in profile.auth for text in _secret_texts(scheme)]
    names = dict.fromkeys(name for text in texts for name in variable_names(text))
    return tuple(variable_name(profile, name) for name in names)


def profile_variables(profile: Profile) -> Iterable[str]:
    """Return the variables of a profile's address and credentials, user names included."""
    texts = [profile.base_url, *(text for scheme in profile.auth for text in _templates(scheme))]
    names = dict.fromkeys(name for text in texts for name in variable_names(text))
    urls = ("BASE_URL", "TOKEN_URL", "AUTHORIZE_URL")
    return [variable_name(profile, name) for name in (*names, *urls)]


def _templates(scheme: AuthScheme) -> Iterable[str]:
    return (scheme.user, *scheme.authorize_query.values(), *_secret_texts(scheme))


def _secret_texts(scheme: AuthScheme) -> Iterable[str]:
    tables = (scheme.headers, scheme.query, scheme.token_query)
    return (
        scheme.password,
        scheme.token,
        *(text for table in tables for text in table.values()),
        *_texts(dict(scheme.token_body)),
    )


def _texts(value: Json) -> Iterable[str]:
    if isinstance(value, str):
        yield value
    parts = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    for part in parts:
        yield from _texts(part)


def _missing(
    profile: Profile, texts: Iterable[str], environment: Mapping[str, str]
) -> tuple[str, ...]:
    names = dict.fromkeys(name for text in texts for name in variable_names(text))
    return tuple(
        variable_name(profile, name) for name in names if not _value(profile, name, environment)
    )


def _value(profile: Profile, name: str, environment: Mapping[str, str]) -> str:
    return environment.get(variable_name(profile, name), "").strip()
