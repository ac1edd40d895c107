"""How requests prove who makes them: keys, tokens of the environment or of a call, basic.

Why not by httpx-auth: docs/decisions/0005-oauth2-tokens.md.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from urllib.parse import quote

from specbridge.errors import AuthenticationError
from specbridge.model.profile import AuthScheme, AuthStyle, Profile
from specbridge.runtime.connectors.transport.clock import Clock
from specbridge.runtime.connectors.transport.credentials.refreshing import build_refreshing
from specbridge.runtime.connectors.transport.credentials.tokens import (
    SENDABLE,
    Ask,
    Send,
    TokenSource,
    basic,
    token_call,
)
from specbridge.runtime.connectors.transport.environment import (
    choose_scheme,
    expand_text,
    variable_name,
    variable_names,
)
from specbridge.runtime.hiding import Secrets

_REFRESHED = (AuthStyle.REFRESH_TOKEN, AuthStyle.AUTHORIZATION_CODE)
_FETCHED = (AuthStyle.CLIENT_CREDENTIALS, AuthStyle.SESSION, *_REFRESHED)


@dataclass(frozen=True, slots=True, kw_only=True)
class Proof:
    """What a request carries to prove who makes it: headers and parameters; `token` is the token in them."""

    headers: Mapping[str, str] = field(default_factory=dict, repr=False)
    query: Mapping[str, str] = field(default_factory=dict, repr=False)
    token: str = field(default="", repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Authorizer:
    """What every request carries: fixed headers and parameters (keys among them), and a token if any.

    The token goes along in the header `name`, whose text `write` makes, or in the parameter `parameter`.
    """

    headers: Mapping[str, str] = field(repr=False)
    query: Mapping[str, str] = field(default_factory=dict, repr=False)
    tokens: TokenSource | None = None
    name: str = "Authorization"
    parameter: str = ""
    write: Callable[[str], str] = field(default=str, repr=False)

    def authorize(self, send: Send) -> Proof:
        """Return what a request carries; `send` fetches a token where there is none."""
        if self.tokens is None:
            return Proof(headers=self.headers, query=self.query)
        token = self.tokens.token(send)
        if self.parameter:
            query = {**self.query, self.parameter: token}
            return Proof(headers=self.headers, query=query, token=token)
        headers = {**self.headers, self.name: self.write(token)}
        return Proof(headers=headers, query=self.query, token=token)

    def renew(self, proof: Proof) -> bool:
        """Drop the token that was refused, and return whether another one can be fetched."""
        if self.tokens is None:
            return False
        self.tokens.discard(lambda token: token == proof.token)
        return True


def build_authorizer(
    profile: Profile,
    environment: Mapping[str, str],
    clock: Clock,
    secrets: Secrets | None = None,
) -> tuple[AuthScheme, Authorizer]:
    """Return the way to authorize that the environment allows, and what carries it out.

    `secrets` learns what is sent: headers that are made of secrets, and tokens as they come in.
    Raises AuthenticationError, naming the variables, where no way has all of its own.
    """
    scheme = choose_scheme(profile, environment)
    _check_sendable(profile, [scheme.token, *scheme.headers.values()], environment)
    known = secrets or Secrets()
    headers = _fixed_headers(profile, scheme, environment)
    query = {name: expand_text(profile, text, environment) for name, text in scheme.query.items()}
    known.keep(*_words(headers), *(quote(value) for value in query.values()))
    if scheme.style not in _FETCHED:
        return scheme, Authorizer(headers=headers, query=query)
    call = token_call(profile, scheme, environment)
    known.keep(*_words(call.request.headers))
    ask = _asking(profile, scheme, environment, known)
    user = expand_text(profile, scheme.user, environment)
    return scheme, Authorizer(
        headers=headers,
        query=query,
        tokens=TokenSource(call, clock, known, ask),
        name=scheme.token_header,
        parameter=scheme.token_parameter,
        write=lambda token: _write_token(scheme.token_text, user, token),
    )


def _asking(
    profile: Profile, scheme: AuthScheme, environment: Mapping[str, str], secrets: Secrets
) -> Ask | None:
    """Return what asks for tokens where one call, always the same, is not enough."""
    if scheme.style not in _REFRESHED:
        return None
    refreshing = build_refreshing(profile, scheme, environment, secrets)
    grant = refreshing.grant
    secrets.keep(basic(grant.client, grant.secret))
    # Now rather than in the middle of a run: nobody may be signed in.
    secrets.learn(refreshing.current())
    return refreshing.ask


def _fixed_headers(
    profile: Profile, scheme: AuthScheme, environment: Mapping[str, str]
) -> dict[str, str]:
    def expand(text: str) -> str:
        return expand_text(profile, text, environment)

    headers = {name: expand(value) for name, value in scheme.headers.items()}
    if scheme.style is AuthStyle.BEARER:
        headers["Authorization"] = f"Bearer {expand(scheme.token)}"
    if scheme.style is AuthStyle.BASIC:
        headers["Authorization"] = f"Basic {basic(expand(scheme.user), expand(scheme.password))}"
    return headers


def _write_token(text: str, user: str, token: str) -> str:
    return text.replace("{basic}", basic(user, token)).replace("{token}", token)


def _check_sendable(profile: Profile, texts: Iterable[str], environment: Mapping[str, str]) -> None:
    """Raise AuthenticationError, naming the variables, for a text that no header can carry."""
    for text in texts:
        value = expand_text(profile, text, environment)
        if value and not SENDABLE.fullmatch(value):
            names = " and ".join(variable_name(profile, name) for name in variable_names(text))
            raise AuthenticationError(
                f"{profile.name}: {names}: its characters cannot be sent: is it whole, and one line?"
            )


def _words(headers: Mapping[str, str]) -> list[str]:
    """Return what the headers of a request say, without the scheme's name before it."""
    return [value.rpartition(" ")[2] for value in headers.values()]
