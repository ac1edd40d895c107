"""Signing in: OAuth tokens given out or set up beforehand, and API tokens while they live."""

import base64
import secrets
from dataclasses import dataclass, field

from generator.sandbox.clock import Clock
from generator.sandbox.credentials import Credentials
from generator.sandbox.messages import Answer, Call
from generator.sandbox.zendesk.refusals import refuse, unauthenticated

_LEAST_LIFE, _MOST_LIFE, _LIFE = 300, 172_800, 1800


@dataclass(slots=True)
class Access:
    """The tokens given out and the second at which each ends."""

    credentials: Credentials
    clock: Clock
    _tokens: dict[str, int] = field(default_factory=dict)

    def give_token(self, call: Call) -> Answer:
        """Answer POST /oauth/tokens; raises RefusalError for other grants and wrong secrets."""
        sent = call.json()
        if sent.get("grant_type") != "client_credentials":
            raise refuse(400, "unsupported_grant_type", "The grant type is not supported.")
        wanted = (self.credentials.client_id, self.credentials.client_secret)
        if (sent.get("client_id"), sent.get("client_secret")) != wanted:
            raise refuse(401, "invalid_client", "Client authentication failed.")
        life = max(_LEAST_LIFE, min(_MOST_LIFE, int(sent.get("expires_in") or _LIFE)))
        token = secrets.token_hex(24)
        self._tokens[token] = self.clock.seconds() + life
        return Answer(
            body={
                "access_token": token,
                "token_type": "bearer",
                "scope": sent.get("scope", "read write"),
                "expires_in": life,
            }
        )

    def is_known(self, call: Call) -> bool:
        """Return whether the call carries credentials that are genuine."""
        scheme, _, value = call.headers.get("authorization", "").partition(" ")
        if scheme.lower() == "bearer":
            alive = self._tokens.get(value, 0) > self.clock.seconds()
            return alive or value == self.credentials.oauth_token
        if scheme.lower() == "basic":
            wanted = f"{self.credentials.email}/token:{self.credentials.api_token}"
            return value == base64.b64encode(wanted.encode()).decode()
        return False

    def check(self, call: Call) -> None:
        """Raise RefusalError 401 unless the credentials are genuine."""
        if not self.is_known(call):
            raise unauthenticated()
