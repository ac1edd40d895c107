"""Tokens that are fetched, kept for their life, and fetched anew; and the call that fetches them."""

import base64
import math
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from threading import Lock

from specbridge.errors import AuthenticationError
from specbridge.model.profile import AuthScheme, AuthStyle, Profile
from specbridge.model.values import Json, Path
from specbridge.runtime.connectors.transport.clock import Clock
from specbridge.runtime.connectors.transport.environment import (
    expand_json,
    expand_text,
    read_token_url,
)
from specbridge.runtime.connectors.transport.errors import find_values, mask
from specbridge.runtime.connectors.transport.malformed import malformed
from specbridge.runtime.connectors.transport.messages import Answer, Request
from specbridge.runtime.hiding import Secrets

Send = Callable[[Request], Answer]
Ask = Callable[[Send], Answer]
"""Asks for a token, and returns the answer that holds it."""

SENDABLE = re.compile(r"[\x21-\x7e]+( [\x21-\x7e]+)*")
"""What a header can carry: h11 quotes all else, whole, in its message."""

_UNSTATED_LIFE = 300.0
_LONGEST_LIFE = 86_400.0
_MARGIN = 60.0
_UNTIL = "{until}"


@dataclass(frozen=True, slots=True)
class Token:
    """An access token and the instant (monotonic seconds) from which another one is fetched."""

    text: str = field(repr=False)
    renew_at: float


@dataclass(frozen=True, slots=True, kw_only=True)
class TokenCall:
    """The call that gives a token, where it stands in the answer, and its life in seconds if none says.

    It stands at `token_path`, or in the header `token_from`. `{until}` in the request is the date `days` ahead.
    """

    system: str
    request: Request = field(repr=False)
    token_path: Path
    expires_path: Path
    token_from: str = ""
    life: float = _UNSTATED_LIFE
    days: int = 0

    def ask(self, send: Send, today: date) -> Answer:
        """Make the call, as it is to be on a day."""
        until = (today + timedelta(days=self.days)).isoformat()
        form = self.request.form
        return send(
            replace(
                self.request,
                query=_fill_texts(self.request.query, until),
                form=None if form is None else _fill_texts(form, until),
                body=_fill(self.request.body, until),
            )
        )


class TokenSource:
    """Fetches a token, keeps it until shortly before it expires, and then fetches another."""

    def __init__(
        self, call: TokenCall, clock: Clock, secrets: Secrets, ask: Ask | None = None
    ) -> None:
        """Keep the call that fetches tokens, or what asks in its place; nothing is fetched yet."""
        self._secrets = secrets
        self._call = call
        self._ask: Ask = ask or (lambda send: call.ask(send, clock.now().date()))
        self._clock = clock
        self._lock = Lock()
        self._token: Token | None = None

    def token(self, send: Send) -> str:
        """Return a token that lives on for a while; raises AuthenticationError if there is none."""
        with self._lock:
            if self._token is None or self._clock.monotonic() >= self._token.renew_at:
                asked_at = self._clock.monotonic()
                self._token = self._read(self._ask(send), asked_at)
            return self._token.text

    def discard(self, is_refused: Callable[[str], bool]) -> None:
        """Forget a token that the server refused, unless another one has replaced it already."""
        with self._lock:
            if self._token is not None and is_refused(self._token.text):
                self._token = None

    def _read(self, answer: Answer, asked_at: float) -> Token:
        call = self._call
        if not answer.ok:
            code = next(find_values(answer.body, ("error",)), None)
            word = mask(code) if isinstance(code, str) else f"status {answer.status}"
            raise AuthenticationError(
                f"{call.system}: no token was given ({word}): check the keys, and that they belong"
                " to this environment"
            )
        text: object = next(find_values(answer.body, call.token_path), None)
        if call.token_from:
            text = answer.headers.get(call.token_from)
        if isinstance(text, str):
            self._secrets.learn(text)
        if not isinstance(text, str) or not SENDABLE.fullmatch(text):
            name = call.token_from or ".".join(call.token_path)
            where = f"{call.system}: {call.request}"
            raise malformed(where, f"the answer has no {name} that a header can carry")
        life = _read_seconds(next(find_values(answer.body, call.expires_path), None), call.life)
        return Token(text, asked_at + life - min(_MARGIN, life / 5))


def token_call(profile: Profile, scheme: AuthScheme, environment: Mapping[str, str]) -> TokenCall:
    """Return the call by which a scheme gets its tokens."""
    build = _BUILDERS.get(scheme.style, _bare_request)
    session = scheme.style is AuthStyle.SESSION and scheme.expires_in
    return TokenCall(
        system=profile.name,
        request=build(profile, scheme, environment),
        token_path=scheme.token_path,
        expires_path=scheme.expires_path,
        token_from=scheme.token_from,
        days=scheme.token_days,
        life=float(scheme.expires_in or _UNSTATED_LIFE) if session else _UNSTATED_LIFE,
    )


def basic(user: str, password: str) -> str:
    """Return user and password as Basic authentication has them, without the scheme's name."""
    return base64.b64encode(f"{user}:{password}".encode()).decode()


def _client_request(
    profile: Profile, scheme: AuthScheme, environment: Mapping[str, str]
) -> Request:
    """Return the request for client credentials (RFC 6749, section 4.4)."""
    bare = _bare_request(profile, scheme, environment)
    user = expand_text(profile, scheme.user, environment)
    secret = expand_text(profile, scheme.password, environment)
    wishes: dict[str, str] = {"grant_type": "client_credentials"}
    if scope := expand_text(profile, scheme.scope, environment):
        wishes["scope"] = scope
    if scheme.body_style == "form":
        headers = {**bare.headers, "Authorization": f"Basic {basic(user, secret)}"}
        return replace(bare, form=wishes, headers=headers)
    whole = {**wishes, "client_id": user, "client_secret": secret}
    if scheme.body_style == "form-body":
        return replace(bare, form=whole)
    body: dict[str, Json] = {**whole}
    if scheme.expires_in is not None:
        body["expires_in"] = scheme.expires_in
    return replace(bare, body=body)


def _session_request(
    profile: Profile, scheme: AuthScheme, environment: Mapping[str, str]
) -> Request:
    """Return the request for a session's token, as the API has it."""
    bare = _bare_request(profile, scheme, environment)
    texts = {
        name: expand_text(profile, text, environment) for name, text in scheme.token_query.items()
    }
    asked = replace(bare, method=scheme.token_method, query={**bare.query, **texts})
    body = expand_json(profile, scheme.token_body, environment)
    if scheme.body_style == "json":
        return replace(asked, body=body or None)
    return replace(asked, form={name: str(value) for name, value in body.items()} or None)


def _bare_request(profile: Profile, scheme: AuthScheme, environment: Mapping[str, str]) -> Request:
    def expand(texts: Mapping[str, str]) -> dict[str, str]:
        return {name: expand_text(profile, text, environment) for name, text in texts.items()}

    return Request(
        method="POST",
        path=read_token_url(profile, scheme, environment),
        query=expand(scheme.query),
        headers=expand(scheme.headers),
        safe=True,
        authorized=False,
    )


def _fill_texts(texts: Mapping[str, str], until: str) -> dict[str, str]:
    return {name: text.replace(_UNTIL, until) for name, text in texts.items()}


def _fill(value: Json, until: str) -> Json:
    if isinstance(value, str):
        return value.replace(_UNTIL, until)
    if isinstance(value, dict):
        return {name: _fill(part, until) for name, part in value.items()}
    return [_fill(part, until) for part in value] if isinstance(value, list) else value


def _read_seconds(value: object, unstated: float) -> float:
    """Return how long a token lives: a day at most, and a while where nothing sensible is said."""
    try:
        seconds = float(str(value))
    except ValueError:
        return unstated
    usable = math.isfinite(seconds) and seconds > 0.0
    return min(seconds, _LONGEST_LIFE) if usable else unstated


_BUILDERS = {
    AuthStyle.SESSION: _session_request,
    AuthStyle.CLIENT_CREDENTIALS: _client_request,
}
