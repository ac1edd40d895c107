"""Signing in: the token call, and what every other call must carry."""

import secrets
from dataclasses import dataclass, field
from urllib.parse import parse_qs

from specbridge.sandbox.clock import Clock
from specbridge.sandbox.credentials import Credentials
from specbridge.sandbox.messages import Answer, Call, RefusalError

_SUBSCRIPTION = "ocp-apim-subscription-key"


@dataclass(slots=True)
class Access:
    """The tokens given out and the second at which each ends."""

    credentials: Credentials
    clock: Clock
    life_seconds: int
    _tokens: dict[str, int] = field(default_factory=dict)

    def give_token(self, call: Call) -> Answer:
        """Answer the token call: 400 `invalid_client` for wrong keys, never 401."""
        # The gateway in front wants its key on the token call too.
        self._check_subscription(call)
        form = parse_qs(call.body.decode("utf-8", "replace"))
        if form.get("grant_type") != ["client_credentials"]:
            return _token_error("unsupported_grant_type")
        if call.user_and_password() != (
            self.credentials.application_key,
            self.credentials.client_key,
        ):
            return _token_error("invalid_client")
        token = secrets.token_urlsafe(24)
        self._tokens[token] = self.clock.seconds() + self.life_seconds
        return Answer(
            body={"access_token": token, "token_type": "bearer", "expires_in": self.life_seconds}
        )

    def check(self, call: Call) -> None:
        """Raise RefusalError unless the call carries the subscription key and a token that lives."""
        self._check_subscription(call)
        if self._tokens.get(call.credentials("bearer"), 0) <= self.clock.seconds():
            raise RefusalError(Answer(status=401))

    def _check_subscription(self, call: Call) -> None:
        if call.headers.get(_SUBSCRIPTION) != self.credentials.subscription_key:
            # The gateway's own envelope, not the API's ProblemDetails.
            message = "Access denied due to invalid subscription key."
            raise RefusalError(Answer(status=401, body={"statusCode": 401, "message": message}))


def _token_error(code: str) -> Answer:
    return Answer(status=400, body={"error": code, "error_description": "The client was refused."})
