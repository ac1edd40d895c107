"""Who may call, as the profile says: keys, tokens, or a call that gives tokens; credentials are new for each start."""

import base64
import json
import re
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from urllib.parse import parse_qsl, urlsplit

from specbridge.model.profile import AuthScheme, AuthStyle, Profile
from specbridge.model.values import Json
from specbridge.sandbox.anysystem.refusals import refuse
from specbridge.sandbox.anysystem.values import Row, set_at
from specbridge.sandbox.messages import Answer, Call

_VARIABLE = re.compile(r"\{([A-Z][A-Z0-9_]*)\}")
_FETCHED = (AuthStyle.CLIENT_CREDENTIALS, AuthStyle.SESSION)
_BY_PEOPLE = (AuthStyle.REFRESH_TOKEN, AuthStyle.AUTHORIZATION_CODE)
_TOKEN_PATH = "/token"


def choose_scheme(profile: Profile) -> AuthScheme | None:
    """Return the first way to sign in that needs no person, None where all are let in.

    Raises ValueError where each of them needs one.
    """
    fit = [one for one in profile.auth if one.style not in _BY_PEOPLE]
    if profile.auth and not fit:
        raise ValueError(f"{profile.name}: people sign in to it, which the sandbox does not serve")
    return fit[0] if fit else None


@dataclass(slots=True, kw_only=True)
class Access:
    """The credentials of one profile, and the tokens that were given for them."""

    profile: Profile
    scheme: AuthScheme | None
    values: Mapping[str, str] = field(repr=False)
    tokens: set[str] = field(default_factory=set, repr=False)

    def environment(self, url: str) -> Mapping[str, str]:
        """Return the variables by which a client finds the system and signs in."""
        prefix = self.profile.name.upper().replace("-", "_")
        found = {f"{prefix}_BASE_URL": url}
        if self.scheme is not None and self.scheme.style in _FETCHED:
            found[f"{prefix}_TOKEN_URL"] = f"{url}{self.token_path()}"
        return {**found, **{f"{prefix}_{name}": value for name, value in self.values.items()}}

    def token_path(self) -> str:
        """Return the path of the call that gives tokens, below the API's own."""
        stated = self.scheme.token_url if self.scheme is not None else ""
        return urlsplit(stated.replace("{BASE_URL}", "")).path or _TOKEN_PATH

    def check(self, call: Call) -> None:
        """Raise the refusal of a request that does not carry what the profile says."""
        scheme = self.scheme
        if scheme is None:
            return
        wanted = {**scheme.headers, **_fixed(scheme)}
        right = all(call.headers.get(n.lower()) == self._expand(t) for n, t in wanted.items())
        right = right and all(call.query.get(n) == self._expand(t) for n, t in scheme.query.items())
        if scheme.style is AuthStyle.BASIC:
            sent = call.headers.get("authorization", "")
            right = right and sent == f"Basic {self._basic(scheme.password)}"
        if scheme.style in _FETCHED:
            right = right and self._token_in(call, scheme)
        if not right:
            raise refuse(self.profile, 401, "nobody is known by these credentials")

    def give_token(self, call: Call) -> Answer:
        """Return a new token for the right credentials."""
        scheme = self.scheme
        assert scheme is not None
        if not self._is_client(call, scheme):
            raise refuse(self.profile, 401, "no client is known by these credentials")
        token = secrets.token_hex(16)
        self.tokens.add(token)
        body: Row = {}
        if scheme.token_from:
            return Answer(body=body, headers={scheme.token_from: token})
        set_at(body, scheme.token_path, token)
        if scheme.style is AuthStyle.CLIENT_CREDENTIALS:
            set_at(body, scheme.expires_path, scheme.expires_in or 3600)
        return Answer(body=body)

    def _is_client(self, call: Call, scheme: AuthScheme) -> bool:
        sent = _body_of(call)
        if scheme.style is AuthStyle.SESSION:
            wanted = {**scheme.token_body, **scheme.token_query}
            given = {**sent, **call.query}
            return all(given.get(name) == self._filled(text) for name, text in wanted.items())
        user, password = self._expand(scheme.user), self._expand(scheme.password)
        if scheme.body_style == "form":
            return call.headers.get("authorization") == f"Basic {self._basic(scheme.password)}"
        return (sent.get("client_id"), sent.get("client_secret")) == (user, password)

    def _token_in(self, call: Call, scheme: AuthScheme) -> bool:
        if scheme.token_parameter:
            return call.query.get(scheme.token_parameter) in self.tokens
        sent = call.headers.get(scheme.token_header.lower(), "")
        user = self._expand(scheme.user)
        return any(
            sent == scheme.token_text.replace("{basic}", _encode(user, one)).replace("{token}", one)
            for one in self.tokens
        )

    def _basic(self, password: str) -> str:
        assert self.scheme is not None
        return _encode(self._expand(self.scheme.user), self._expand(password))

    def _filled(self, value: Json) -> Json:
        # `{until}` is a date that the client reckons.
        return self._expand(value) if isinstance(value, str) and "{until}" not in value else value

    def _expand(self, text: str) -> str:
        return _VARIABLE.sub(lambda found: self.values.get(found[1], ""), text)


def build_access(profile: Profile) -> Access:
    """Return new credentials for a profile's first way to sign in; raises ValueError where it needs a person."""
    scheme = choose_scheme(profile)
    texts = _texts_of(scheme) if scheme is not None else []
    names = {name for text in texts for name in _VARIABLE.findall(text)} - {"BASE_URL"}
    values = {name: secrets.token_hex(12) for name in sorted(names)}
    return Access(profile=profile, scheme=scheme, values=values)


def _texts_of(scheme: AuthScheme) -> list[str]:
    bodies = json.dumps([*scheme.token_body.values()])
    tables = (scheme.headers, scheme.query, scheme.token_query)
    inner = [text for table in tables for text in table.values()]
    return [scheme.user, scheme.password, scheme.token, scheme.scope, bodies, *inner]


def _fixed(scheme: AuthScheme) -> Mapping[str, str]:
    if scheme.style is AuthStyle.BEARER:
        return {"Authorization": f"Bearer {scheme.token}"}
    return {}


def _body_of(call: Call) -> Mapping[str, Json]:
    if "json" in call.headers.get("content-type", ""):
        sent = call.json()
        return sent if isinstance(sent, dict) else {}
    return dict(parse_qsl(call.body.decode("utf-8", "replace")))


def _encode(user: str, password: str) -> str:
    return base64.b64encode(f"{user}:{password}".encode()).decode()
