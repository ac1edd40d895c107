"""Deliveries as systems send them, signed here by the words of their documentation and not by our code."""

import hmac
import json
import time
from base64 import b64encode
from collections.abc import Mapping
from datetime import UTC, datetime

import httpx

SECRET = "a-secret-of-this-test"
OLD_SECRET = "the-secret-before-that"
TEST_SECRET = "dGhpc19zZWNyZXRfaXNfZm9yX3Rlc3Rpbmdfb25seQ=="
"""By which Zendesk signs deliveries that are tried out; it stands in its documentation."""

ZENDESK = "X-Zendesk-Webhook-Signature"

Signed = tuple[bytes, dict[str, str]]


def stamp(seconds: float) -> str:
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def event(id_: str, record: str, kind: str = "organization.name_changed") -> dict[str, object]:
    """Return an event of Zendesk's, with details that nobody here is to keep."""
    return {
        "id": id_,
        "type": f"zen:event-type:{kind}",
        "subject": f"zen:{kind.partition('.')[0]}:{record}",
        "detail": {"id": record, "name": "Ann Andersson", "email": "ann@x.example"},
        "event": {"current": "Ann Andersson", "previous": "Ann"},
    }


def zendesk(body: object, secret: str = SECRET, late: float = 0.0) -> Signed:
    """Return a body and headers as Zendesk sends them; `late` is how many seconds ago it signed."""
    content = body if isinstance(body, bytes) else json.dumps(body).encode()
    instant = stamp(time.time() - late)
    made = b64encode(hmac.digest(secret.encode(), instant.encode() + content, "sha256")).decode()
    return content, {ZENDESK: made, f"{ZENDESK}-Timestamp": instant}


def hubspot(address: str, rows: object, secret: str = SECRET, late: float = 0.0) -> Signed:
    content = json.dumps(rows).encode()
    instant = str(int((time.time() - late) * 1000))
    signed = b"POST" + address.encode() + content + instant.encode()
    made = b64encode(hmac.digest(secret.encode(), signed, "sha256")).decode()
    return content, {"X-HubSpot-Signature-v3": made, "X-HubSpot-Request-Timestamp": instant}


def tripletex(body: object, key: str, secret: str = SECRET) -> Signed:
    content = json.dumps(body).encode()
    made = b64encode(hmac.digest(secret.encode(), f"{key}&".encode() + content, "sha512")).decode()
    return content, {"x-request-signature": made, "idempotency-key": key}


def post(client: httpx.Client, path: str, signed: Signed, **more: str) -> int:
    content, headers = signed
    answer = client.post(path, content=content, headers={**headers, **more})
    return answer.status_code


def without(headers: Mapping[str, str], name: str) -> dict[str, str]:
    return {key: value for key, value in headers.items() if key != name}
