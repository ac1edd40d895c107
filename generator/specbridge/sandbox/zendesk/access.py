"""Signing in: OAuth tokens given out or set up beforehand, and API tokens while they live."""

import base64
import secrets
from dataclasses import dataclass, field

from specbridge.sandbox.clock import Clock
from specbridge.sandbox.credentials import Credentials
from specbridge.sandbox.doubts import Doubt
from specbridge.sandbox.messages import Answer, Call
from specbridge.sandbox.zendesk.refusals import forbidden, refuse, unauthenticated

# The vendor's bounds of `expires_in`, and what it announced where none is sent.
_LEAST_LIFE, _MOST_LIFE, _LIFE = 300, 172_800, 1800
_ENDLESS = 100 * 365 * 24 * 60 * 60


@dataclass(slots=True)
class Access:
    """The tokens given out, with the second at which each ends and what it is for."""

    credentials: Credentials
    clock: Clock
    otherwise: frozenset[Doubt] = frozenset()
    _tokens: dict[str, tuple[int, str]] = field(default_factory=dict)

    def give_token(self, call: Call) -> Answer:
        """Answer POST /oauth/tokens; raises RefusalError for other grants and wrong secrets.

        A scope that does not exist is taken too; its token is of no use.
        """
        sent = call.json()
        if sent.get("grant_type") != "client_credentials":
            raise refuse(400, "unsupported_grant_type", "The grant type is not supported.")
        wanted = (self.credentials.client_id, self.credentials.client_secret)
        if (sent.get("client_id"), sent.get("client_secret")) != wanted:
            raise refuse(401, "invalid_client", "Client authentication failed.")
        life = self._life(sent.get("expires_in"))
        token = secrets.token_hex(24)
        scope = str(sent.get("scope") or "read write")
        self._tokens[token] = self.clock.seconds() + (life or _ENDLESS), scope
        return Answer(
            status=201,
            body={
                "access_token": token,
                "token_type": "bearer",
                "scope": scope,
                "expires_in": life,
            },
        )

    def _life(self, asked: object) -> int | None:
        """Return the seconds that a token lives, None where it has no end."""
        if not asked and Doubt.TOKENS_WITHOUT_END in self.otherwise:
            return None
        return max(_LEAST_LIFE, min(_MOST_LIFE, int(str(asked or _LIFE))))

    def is_known(self, call: Call) -> bool:
        """Return whether the call carries credentials that are genuine."""
        scheme, _, value = call.headers.get("authorization", "").partition(" ")
        if scheme.lower() == "bearer":
            ends, _ = self._tokens.get(value, (0, ""))
            return ends > self.clock.seconds() or value == self.credentials.oauth_token
        if scheme.lower() == "basic":
            # API tokens end in April 2027; those that exist work until then.
            wanted = f"{self.credentials.email}/token:{self.credentials.api_token}"
            return value == base64.b64encode(wanted.encode()).decode()
        return False

    def check(self, call: Call) -> None:
        """Raise RefusalError 401 unless the credentials are genuine, 403 unless they suffice."""
        if not self.is_known(call):
            raise unauthenticated()
        token = call.headers["authorization"].partition(" ")[2]
        if token in self._tokens and not _suffices(self._tokens[token][1], call):
            raise forbidden("You do not have access to this page.", self.otherwise)


def _suffices(scope: str, call: Call) -> bool:
    """Return whether a scope such as `read` or `organizations:write` covers the call.

    Identities take the plain scopes only.
    """
    verb = "read" if call.method == "GET" else "write"
    first, _, rest = call.path.removeprefix("/api/v2/").partition("/")
    kind = rest.partition("/")[0] if first == "incremental" else first
    granted = scope.split()
    return verb in granted or ("identities" not in rest and f"{kind}:{verb}" in granted)
