"""Throw-away credentials, new for every sandbox."""

import secrets
from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Credentials:
    """What both systems take as genuine; `repr` shows nothing of it."""

    application_key: str
    client_key: str
    subscription_key: str
    oauth_token: str
    client_id: str
    client_secret: str
    email: str
    api_token: str

    def __repr__(self) -> str:
        """Return a text without secrets."""
        return "Credentials(...)"


def make_credentials() -> Credentials:
    """Return fresh credentials."""
    return Credentials(
        application_key=secrets.token_urlsafe(16),
        client_key=secrets.token_urlsafe(16),
        subscription_key=secrets.token_hex(16),
        oauth_token=secrets.token_hex(24),
        client_id="specbridge",
        client_secret=secrets.token_urlsafe(24),
        email="integration@helpdesk.example",
        api_token=secrets.token_urlsafe(24),
    )
