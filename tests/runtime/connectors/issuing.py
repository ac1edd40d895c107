"""A system whose people sign in by OAuth 2: codes that serve once, PKCE, and refresh tokens that rotate."""

import base64
import hashlib
from dataclasses import dataclass, field
from urllib.parse import parse_qsl, urlencode

from specbridge.model.values import Json

from tests.runtime.connectors.servers import Received, Reply

PROFILE = """
name = "wharf"
labels = ["Wharf"]
base_url = "https://wharf.example"
errors = ["error"]

[[resources]]
name = "Ships"
id = "id"
properties = [{ path = "id" }]
list = { path = "/ships", paging = { style = "link" } }

[[auth]]
"""
SIGNED_IN = """
style = "authorization-code"
user = "{CLIENT_ID}"
password = "{CLIENT_SECRET}"
authorize_url = "{BASE_URL}/authorize"
authorize_query = { access_type = "offline" }
token_url = "{BASE_URL}/token"
scope = "ships.read offline_access"
"""
REFRESHED = """
style = "refresh-token"
user = "{CLIENT_ID}"
password = "{CLIENT_SECRET}"
token = "{REFRESH_TOKEN}"
token_url = "{BASE_URL}/token"
"""
CLIENT = {"WHARF_CLIENT_ID": "wharf-id", "WHARF_CLIENT_SECRET": "wh@rf-secret"}
FIRST = "refresh-0-of-wharf"


@dataclass
class Issuer:
    """Issues tokens to one client. A refresh token that comes a second time ends all of its family.

    `rotates` says whether each refresh brings another refresh token. `secret` is None for a public client.
    """

    secret: str | None = "wh@rf-secret"
    proof: str = "form"
    rotates: bool = True
    offline: bool = True
    codes: dict[str, tuple[str, str]] = field(default_factory=dict)
    refreshing: set[str] = field(default_factory=lambda: {FIRST})
    used: set[str] = field(default_factory=set)
    access: str = ""
    issued: int = 0

    def answer(self, request: Received) -> Reply:
        """Answer a request."""
        if request.path == "/authorize":
            return self._authorize(request)
        if request.path == "/token":
            return self._token(request)
        if request.headers.get("authorization") != f"Bearer {self.access}":
            return Reply(status=401, body={"error": "who are you?"})
        return Reply(body=[{"id": 1}])

    def _authorize(self, request: Received) -> Reply:
        """Send the browser back, as after the person's yes."""
        asked = request.query
        wanted = {"response_type": "code", "client_id": "wharf-id", "code_challenge_method": "S256"}
        assert {name: asked.get(name) for name in wanted} == wanted
        assert (asked["scope"], asked["access_type"]) == ("ships.read offline_access", "offline")
        code = f"code-{len(self.codes)}"
        self.codes[code] = (asked["code_challenge"], asked["redirect_uri"])
        back = urlencode({"code": code, "state": asked["state"]})
        return Reply(status=302, headers={"Location": f"{asked['redirect_uri']}?{back}"})

    def _token(self, request: Received) -> Reply:
        sent: dict[str, str] = (
            dict(request.body)  # type: ignore[arg-type]  # an object, or the test fails
            if self.proof == "json"
            else dict(parse_qsl(request.text))
        )
        if not self._is_client(request, sent):
            return Reply(status=401, body={"error": "invalid_client"})
        if sent["grant_type"] == "authorization_code":
            challenge, redirect = self.codes.pop(sent["code"], ("", ""))
            digest = hashlib.sha256(sent["code_verifier"].encode()).digest()
            proven = base64.urlsafe_b64encode(digest).decode().rstrip("=")
            if (proven, sent["redirect_uri"]) != (challenge, redirect):
                return Reply(status=400, body={"error": "invalid_grant"})
            return self._issue(None)
        return self._refresh(sent["refresh_token"])

    def _is_client(self, request: Received, sent: dict[str, str]) -> bool:
        if self.secret is None:
            return sent.get("client_id") == "wharf-id" and "client_secret" not in sent
        if self.proof == "form":
            pair = base64.b64encode(f"wharf-id:{self.secret}".encode()).decode()
            return request.headers.get("authorization") == f"Basic {pair}"
        return (sent.get("client_id"), sent.get("client_secret")) == ("wharf-id", self.secret)

    def _refresh(self, token: str) -> Reply:
        if token in self.used:
            self.refreshing.clear()
        if token not in self.refreshing:
            return Reply(status=400, body={"error": "invalid_grant", "error_description": token})
        return self._issue(token)

    def _issue(self, token: str | None) -> Reply:
        self.issued += 1
        self.access = f"access-{self.issued}"
        body: dict[str, Json] = {"access_token": self.access, "expires_in": 600}
        if self.offline and (self.rotates or token is None):
            following = f"refresh-{self.issued}-of-wharf"
            self.refreshing.add(following)
            body["refresh_token"] = following
            if token is not None:
                self.refreshing.discard(token)
                self.used.add(token)
        return Reply(body=body)
