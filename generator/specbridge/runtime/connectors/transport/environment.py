"""What the environment says about a system: where it is, and who may use it."""

from collections.abc import Iterable, Mapping
from math import inf
from urllib.parse import urlsplit

from specbridge.errors import AuthenticationError, SettingsError
from specbridge.model.profile import AuthScheme, AuthStyle, Profile
from specbridge.runtime.connectors.transport.messages import path_names

PATIENCE = "SPECBRIDGE_PATIENCE"

_LOOPBACK = ("localhost", "::1")


def variable_name(profile: Profile, name: str) -> str:
    """Return the environment variable of a name: `BASE_URL` -> `POWEROFFICE_GO_BASE_URL`."""
    return f"{profile.name.upper().replace('-', '_')}_{name}"


def expand_text(profile: Profile, text: str, environment: Mapping[str, str]) -> str:
    """Return a profile's text with its `{VARIABLES}` filled; all must be set."""
    for name in path_names(text):
        text = text.replace(f"{{{name}}}", _value(profile, name, environment))
    return text


def read_base_url(profile: Profile, environment: Mapping[str, str]) -> str:
    """Return the system's base URL without a trailing slash.

    `<PREFIX>_BASE_URL` wins over the profile's own. Raises SettingsError where a variable is
    missing, or where the address is not https and not on this machine.
    """
    url = environment.get(variable_name(profile, "BASE_URL"), "").strip()
    if not url:
        missing = _missing(profile, [profile.base_url], environment)
        if missing:
            wanted = " and ".join(missing)
            base = variable_name(profile, "BASE_URL")
            raise SettingsError(f"{profile.name}: set {base}, or {wanted}")
        url = expand_text(profile, profile.base_url, environment)
    return check_url(profile, url)


def read_token_url(profile: Profile, scheme: AuthScheme, environment: Mapping[str, str]) -> str:
    """Return the address that issues tokens; `<PREFIX>_TOKEN_URL` wins over the scheme's own."""
    own = environment.get(variable_name(profile, "TOKEN_URL"), "").strip()
    base = {variable_name(profile, "BASE_URL"): read_base_url(profile, environment)}
    return check_url(
        profile, own or expand_text(profile, scheme.token_url, {**environment, **base})
    )


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


def check_url(profile: Profile, url: str) -> str:
    """Return a URL without a trailing slash; raises SettingsError unless it is safe to use.

    Credentials travel over TLS only; plain http is for servers on this machine.
    """
    parts = urlsplit(url)
    if parts.scheme == "https" and parts.hostname:
        return url.rstrip("/")
    if parts.scheme == "http" and is_loopback(url):
        return url.rstrip("/")
    raise SettingsError(
        f"{profile.name}: {url!r} must begin with https:// (http:// only for this machine)"
    )


def is_loopback(url: str) -> bool:
    """Return whether a URL leads to this machine."""
    host = urlsplit(url).hostname or ""
    return host in _LOOPBACK or host.startswith("127.")


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


def _templates(scheme: AuthScheme) -> Iterable[str]:
    return (scheme.user, scheme.password, scheme.token, *scheme.headers.values())


def _missing(
    profile: Profile, texts: Iterable[str], environment: Mapping[str, str]
) -> tuple[str, ...]:
    names = dict.fromkeys(name for text in texts for name in path_names(text))
    return tuple(
        variable_name(profile, name) for name in names if not _value(profile, name, environment)
    )


def _value(profile: Profile, name: str, environment: Mapping[str, str]) -> str:
    return environment.get(variable_name(profile, name), "").strip()
