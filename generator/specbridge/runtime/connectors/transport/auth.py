"""How requests prove who makes them: tokens of OAuth2 client credentials, bearer, basic.

Why not by httpx-auth: docs/decisions/0005-oauth2-tokens.md.
"""

import base64
import math
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from threading import Lock

from specbridge.errors import AuthenticationError
from specbridge.model.profile import AuthScheme, AuthStyle, Profile
from specbridge.model.values import Json
from specbridge.runtime.connectors.transport.clock import Clock
from specbridge.runtime.connectors.transport.environment import (
    choose_scheme,
    expand_text,
    read_token_url,
    variable_name,
)
from specbridge.runtime.connectors.transport.errors import mask
from specbridge.runtime.connectors.transport.malformed import malformed
from specbridge.runtime.connectors.transport.messages import Answer, Request, path_names
from specbridge.runtime.hiding import Secrets

Send = Callable[[Request], Answer]

_UNSTATED_LIFE = 300.0
_LONGEST_LIFE = 86_400.0
# What a header can carry: h11 quotes all else, whole, in its message.
_SENDABLE = re.compile(r"[\x21-\x7e]+( [\x21-\x7e]+)*")
_MARGIN = 60.0


@dataclass(frozen=True, slots=True)
class Token:
    """An access token and the instant (monotonic seconds) from which another one is fetched."""

    text: str = field(repr=False)
    renew_at: float


class TokenSource:
    """Fetches a token, keeps it until shortly before it expires, and then fetches another."""

    def __init__(self, system: str, request: Request, clock: Clock, secrets: Secrets) -> None:
        """Keep the call that fetches tokens; nothing is fetched yet."""
        self._secrets = secrets
        self._system = system
        self._request = request
        self._clock = clock
        self._lock = Lock()
        self._token: Token | None = None

    def token(self, send: Send) -> str:
        """Return a token that lives on for a while; raises AuthenticationError if there is none."""
        with self._lock:
            if self._token is None or self._clock.monotonic() >= self._token.renew_at:
                asked_at = self._clock.monotonic()
                self._token = self._read(send(self._request), asked_at)
            return self._token.text

    def discard(self, text: str) -> None:
        """Forget a token that the server refused, unless another one has replaced it already."""
        with self._lock:
            if self._token is not None and self._token.text == text:
                self._token = None

    def _read(self, answer: Answer, asked_at: float) -> Token:
        body = answer.body if isinstance(answer.body, dict) else {}
        if not answer.ok:
            code = body.get("error")
            word = mask(code) if isinstance(code, str) else f"status {answer.status}"
            raise AuthenticationError(
                f"{self._system}: no token was given ({word}): check the keys, and that they belong"
                " to this environment"
            )
        text = body.get("access_token")
        if isinstance(text, str):
            self._secrets.learn(text)
        if not isinstance(text, str) or not _SENDABLE.fullmatch(text):
            where = f"{self._system}: {self._request}"
            raise malformed(where, "the answer has no access_token that a header can carry")
        life = _read_seconds(body.get("expires_in"))
        return Token(text, asked_at + life - min(_MARGIN, life / 5))


@dataclass(frozen=True, slots=True, kw_only=True)
class Authorizer:
    """What every request carries: fixed headers (keys among them), and a token where one is used."""

    headers: Mapping[str, str] = field(repr=False)
    tokens: TokenSource | None = None

    def authorize(self, send: Send) -> Mapping[str, str]:
        """Return the headers of a request; `send` fetches a token where there is none."""
        if self.tokens is None:
            return self.headers
        return {**self.headers, "Authorization": f"Bearer {self.tokens.token(send)}"}

    def renew(self, headers: Mapping[str, str]) -> bool:
        """Drop the token that was refused, and return whether another one can be fetched."""
        if self.tokens is None:
            return False
        self.tokens.discard(headers.get("Authorization", "").removeprefix("Bearer "))
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

    def expand(text: str) -> str:
        return expand_text(profile, text, environment)

    _check_sendable(profile, [scheme.token, *scheme.headers.values()], environment)
    known = secrets or Secrets()
    headers = {name: expand(value) for name, value in scheme.headers.items()}
    match scheme.style:
        case AuthStyle.NONE:
            pass
        case AuthStyle.BEARER:
            headers["Authorization"] = f"Bearer {expand(scheme.token)}"
        case AuthStyle.BASIC:
            headers["Authorization"] = _basic(expand(scheme.user), expand(scheme.password))
        case AuthStyle.CLIENT_CREDENTIALS:
            request = _token_request(profile, scheme, environment)
            known.keep(*_words(request.headers))
            source = TokenSource(profile.name, request, clock, known)
            return scheme, Authorizer(headers=headers, tokens=source)
    known.keep(*_words(headers))
    return scheme, Authorizer(headers=headers)


def _token_request(profile: Profile, scheme: AuthScheme, environment: Mapping[str, str]) -> Request:
    user = expand_text(profile, scheme.user, environment)
    secret = expand_text(profile, scheme.password, environment)
    url = read_token_url(profile, scheme, environment)
    wishes: dict[str, str] = {"grant_type": "client_credentials"}
    if scheme.scope:
        wishes["scope"] = scheme.scope
    headers = {
        name: expand_text(profile, value, environment) for name, value in scheme.headers.items()
    }
    if scheme.body_style == "form":
        headers["Authorization"] = _basic(user, secret)
        return Request(
            method="POST", path=url, form=wishes, headers=headers, safe=True, authorized=False
        )
    body: dict[str, Json] = {**wishes, "client_id": user, "client_secret": secret}
    if scheme.expires_in is not None:
        body["expires_in"] = scheme.expires_in
    return Request(method="POST", path=url, body=body, headers=headers, safe=True, authorized=False)


def _check_sendable(profile: Profile, texts: Iterable[str], environment: Mapping[str, str]) -> None:
    """Raise AuthenticationError, naming the variables, for a text that no header can carry."""
    for text in texts:
        value = expand_text(profile, text, environment)
        if value and not _SENDABLE.fullmatch(value):
            names = " and ".join(variable_name(profile, name) for name in path_names(text))
            raise AuthenticationError(
                f"{profile.name}: {names}: its characters cannot be sent: is it whole, and one line?"
            )


def _words(headers: Mapping[str, str]) -> list[str]:
    """Return what the headers of a request say, without the scheme's name before it."""
    return [value.rpartition(" ")[2] for value in headers.values()]


def _basic(user: str, password: str) -> str:
    return "Basic " + base64.b64encode(f"{user}:{password}".encode()).decode()


def _read_seconds(value: object) -> float:
    """Return how long a token lives: a day at most, and a while where nothing sensible is said."""
    try:
        seconds = float(str(value))
    except ValueError:
        return _UNSTATED_LIFE
    usable = math.isfinite(seconds) and seconds > 0.0
    return min(seconds, _LONGEST_LIFE) if usable else _UNSTATED_LIFE
