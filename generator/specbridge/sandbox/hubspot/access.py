"""Signing in: a token that was set up beforehand, and those that a refresh token gives for half an hour."""

import secrets
from dataclasses import dataclass, field
from urllib.parse import parse_qsl

from specbridge.sandbox.clock import Clock
from specbridge.sandbox.hubspot.refusals import PORTAL, refuse
from specbridge.sandbox.messages import Answer, Call, RefusalError

TOKEN_CALLS = ("/oauth/v1/token", "/oauth/v3/token")
_SCOPES = "oauth crm.objects.contacts.read crm.objects.contacts.write"


@dataclass(slots=True)
class Access:
    """The credentials that are genuine, and the tokens given out with the second at which each ends."""

    clock: Clock
    life: int = 1800
    access_token: str = field(
        default_factory=lambda: f"pat-eu1-{secrets.token_hex(16)}", repr=False
    )
    client_id: str = "specbridge"
    client_secret: str = field(default_factory=lambda: secrets.token_urlsafe(24), repr=False)
    refresh_token: str = field(default_factory=lambda: secrets.token_urlsafe(24), repr=False)
    _tokens: dict[str, int] = field(default_factory=dict, repr=False)

    def give_token(self, call: Call) -> Answer:
        """Answer the token call, a form; raises RefusalError 400 for credentials that are not genuine."""
        sent = dict(parse_qsl(call.body.decode()))
        if (sent.get("client_id"), sent.get("client_secret")) != (
            self.client_id,
            self.client_secret,
        ):
            raise _bad("BAD_CLIENT_ID", "missing or unknown client id")
        if sent.get("grant_type") != "refresh_token":
            raise _bad("BAD_GRANT_TYPE", "missing or unknown grant type")
        if sent.get("refresh_token") != self.refresh_token:
            raise _bad("BAD_REFRESH_TOKEN", "missing or invalid refresh token")
        # Up to three hundred letters.
        token = secrets.token_urlsafe(210)
        self._tokens[token] = self.clock.seconds() + self.life
        return Answer(
            body={
                "access_token": token,
                "refresh_token": self.refresh_token,
                "expires_in": self.life,
                "token_type": "bearer",
                "hub_id": PORTAL,
                "scopes": _SCOPES.split(),
            }
        )

    def check(self, call: Call) -> None:
        """Raise RefusalError 401 unless the call's token is genuine and has not ended."""
        token = call.credentials("bearer")
        if token == self.access_token:
            return
        if token not in self._tokens:
            raise _unknown()
        since = self.clock.seconds() - self._tokens[token]
        if since >= 0:
            text = f"The OAuth token used to make this call expired {since} second(s) ago."
            raise refuse(401, text, "EXPIRED_AUTHENTICATION", context={"expire time": [str(since)]})


def _unknown() -> RefusalError:
    text = (
        "Authentication credentials not found. This API supports OAuth 2.0 authentication and you"
        " can find more details at https://developers.hubspot.com/docs/methods/auth/oauth-overview"
    )
    refusal = refuse(401, text, "INVALID_AUTHENTICATION")
    headers = {"x-hubspot-auth-failure": "401 Unauthorized"}
    return RefusalError(Answer(status=401, body=refusal.answer.body, headers=headers))


def _bad(status: str, message: str) -> RefusalError:
    return RefusalError(Answer(status=400, body={"status": status, "message": message}))
