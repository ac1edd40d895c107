"""OAuth 2 where a person or a refresh token is asked for: what Authlib does of it, by our transport."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Protocol
from urllib.parse import parse_qs, urlsplit

from specbridge.errors import AuthenticationError, MissingExtraError
from specbridge.model.profile import AuthScheme, Profile
from specbridge.model.values import Json
from specbridge.runtime.connectors.transport.environment import (
    expand_text,
    read_authorize_url,
    read_token_url,
)
from specbridge.runtime.connectors.transport.errors import mask
from specbridge.runtime.connectors.transport.messages import Answer, Request

Send = Callable[[Request], Answer]

_VERIFIER = 64


@dataclass(frozen=True, slots=True, kw_only=True)
class Grant:
    """A client that is known to a system: its id and secret ("": a public one), and where it asks."""

    system: str
    client: str
    secret: str = field(repr=False)
    token_url: str
    body_style: str
    headers: Mapping[str, str] = field(repr=False)
    query: Mapping[str, str] = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Invitation:
    """The address that a person opens to sign in, and what the answer to it must match."""

    url: str
    redirect_url: str
    state: str = field(repr=False)
    verifier: str = field(repr=False)


def read_grant(profile: Profile, scheme: AuthScheme, environment: Mapping[str, str]) -> Grant:
    """Return the client that a scheme and the environment state."""

    def expand(texts: Mapping[str, str]) -> dict[str, str]:
        return {name: expand_text(profile, text, environment) for name, text in texts.items()}

    return Grant(
        system=profile.name,
        client=expand_text(profile, scheme.user, environment),
        secret=expand_text(profile, scheme.password, environment),
        token_url=read_token_url(profile, scheme, environment),
        body_style=scheme.body_style,
        headers=expand(scheme.headers),
        query=expand(scheme.query),
    )


def invite(profile: Profile, scheme: AuthScheme, environment: Mapping[str, str]) -> Invitation:
    """Return where a person signs in, by an authorization code with PKCE (RFC 7636, S256)."""
    from authlib.common.security import (  # type: ignore[import-untyped]  # noqa: PLC0415  # an extra
        generate_token,
    )

    redirect_url = expand_text(profile, scheme.redirect_url, environment)
    verifier: str = generate_token(_VERIFIER)
    client = _client(read_grant(profile, scheme, environment), _Posting(_nowhere, {}, {}))
    url, state = client.create_authorization_url(
        read_authorize_url(profile, scheme, environment),
        code_verifier=verifier,
        redirect_uri=redirect_url,
        scope=expand_text(profile, scheme.scope, environment) or None,
        **{k: expand_text(profile, v, environment) for k, v in scheme.authorize_query.items()},
    )
    return Invitation(url=url, redirect_url=redirect_url, state=state, verifier=verifier)


def redeem(grant: Grant, invitation: Invitation, arrived: str, send: Send) -> Answer:
    """Return the answer to the code that a person was sent back with, at the address `arrived`.

    Raises AuthenticationError where there is no code, where it answers another invitation, and where
    the system refuses it.
    """

    mend = f"sign in again: `specbridge login {grant.system}`"
    if refused := parse_qs(urlsplit(arrived).query).get("error"):
        raise _refused(grant, refused[0], mend)

    def ask(client: "_Client") -> None:
        client.fetch_token(
            grant.token_url,
            authorization_response=arrived.partition("#")[0],
            state=invitation.state,
            grant_type="authorization_code",
            redirect_uri=invitation.redirect_url,
            code_verifier=invitation.verifier,
        )

    return _ask(grant, send, ask, mend)


def refresh(grant: Grant, token: str, send: Send, mend: str) -> Answer:
    """Return the answer to a refresh token; raises AuthenticationError, with the mend, where it is refused."""
    return _ask(
        grant, send, lambda client: client.refresh_token(grant.token_url, refresh_token=token), mend
    )


class _Client(Protocol):
    """What of Authlib's client is used."""

    def create_authorization_url(self, url: str, **words: str | None) -> tuple[str, str]: ...

    def fetch_token(self, url: str, **words: str) -> object: ...

    def refresh_token(self, url: str, refresh_token: str) -> object: ...


class _ClientAuth(Protocol):
    """How Authlib proves who the client is."""

    def prepare(
        self, method: str, uri: str, headers: dict[str, str], body: str
    ) -> tuple[str, dict[str, str], str]: ...


class _Posting:
    """What Authlib takes for a session: its one call goes out by our transport, as the scheme has it."""

    def __init__(
        self,
        send: Send,
        headers: Mapping[str, str],
        query: Mapping[str, str],
        *,
        json: bool = False,
    ) -> None:
        self._send = send
        self._headers = headers
        self._query = query
        self._json = json
        self.answer: Answer | None = None

    def post(
        self, url: str, *, data: dict[str, str], headers: dict[str, str], auth: "_ClientAuth"
    ) -> "_Reply":
        from authlib.common.urls import (  # type: ignore[import-untyped]  # noqa: PLC0415  # an extra
            url_decode,
            url_encode,
        )

        _, proven, body = auth.prepare("POST", url, {}, url_encode(data.items()))
        fields = dict(url_decode(body))
        content: Json = {**fields} if self._json else None
        self.answer = self._send(
            Request(
                method="POST",
                path=url,
                query=self._query,
                headers={**self._headers, **proven},
                form=None if self._json else fields,
                body=content,
                safe=True,
                authorized=False,
            )
        )
        return _Reply(self.answer)


@dataclass(frozen=True, slots=True)
class _Reply:
    """An answer as Authlib reads one."""

    answer: Answer

    @property
    def status_code(self) -> int:
        return self.answer.status

    def json(self) -> Json:
        return self.answer.body

    def raise_for_status(self) -> None:
        if not self.answer.ok:
            raise ValueError(f"status {self.answer.status}")


def _client(grant: Grant, session: _Posting) -> "_Client":
    try:
        from authlib.oauth2.client import (  # type: ignore[import-untyped]  # noqa: PLC0415  # an extra
            OAuth2Client,
        )
    except ImportError:
        raise MissingExtraError(f"{grant.system}: signing in", "oauth") from None
    proof = "client_secret_basic" if grant.body_style == "form" else "client_secret_post"
    client: _Client = OAuth2Client(
        session,
        client_id=grant.client,
        client_secret=grant.secret or None,
        token_endpoint_auth_method=proof if grant.secret else "none",
        code_challenge_method="S256",
    )
    return client


def _ask(grant: Grant, send: Send, ask: Callable[["_Client"], object], mend: str) -> Answer:
    json = grant.body_style == "json"
    posting = _Posting(send, grant.headers, grant.query, json=json)
    client = _client(grant, posting)
    from authlib.common.errors import (  # type: ignore[import-untyped]  # noqa: PLC0415  # an extra
        AuthlibBaseError,
    )

    try:
        ask(client)
    except AuthlibBaseError as error:
        raise _refused(grant, str(error.error), mend) from None
    except ValueError:
        # No JSON object: what was answered is told by its status, never quoted.
        pass
    answer = posting.answer
    if answer is None or not answer.ok:
        raise _refused(grant, f"status {answer.status if answer else 0}", mend)
    return answer


def _refused(grant: Grant, word: str, mend: str) -> AuthenticationError:
    return AuthenticationError(f"{grant.system}: no token was given ({mask(word)}): {mend}")


def _nowhere(request: Request) -> Answer:
    raise AssertionError(f"{request}: an invitation is made without a request")
