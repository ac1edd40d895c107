"""Signatures of deliveries: whether one is what its system sent, and sent just now; pure."""

import hashlib
import hmac
import re
from base64 import b64encode
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import Enum

from specbridge.model.webhooks import InstantForm, SignatureEncoding, Webhooks, WebhookScheme

_HOLE = re.compile(r"\{([a-z]+)\}")
_DIGITS = re.compile(r"[0-9]{1,15}")
_HASHES = {WebhookScheme.HMAC_SHA256: hashlib.sha256, WebhookScheme.HMAC_SHA512: hashlib.sha512}


@dataclass(frozen=True, slots=True, kw_only=True)
class Delivery:
    """A request as it came: headers by their names in lower case, the body's bytes untouched.

    `address` is the whole address that it was sent to, as its sender knows it.
    """

    method: str
    address: str
    headers: Mapping[str, str]
    body: bytes

    def header(self, name: str) -> str:
        """Return a header's text, "" where it is absent."""
        return self.headers.get(name.lower(), "")


class Refusal(Enum):
    """Why a delivery is not taken."""

    NO_SIGNATURE = "it lacks a header that a signature needs"
    BAD_INSTANT = "its instant cannot be read"
    OLD = "its instant is too far from now"
    FORGED = "its signature is wrong"


def examine(
    webhooks: Webhooks, secrets: Sequence[str], delivery: Delivery, now: float
) -> Refusal | None:
    """Return why a delivery is to be refused, None where one of the secrets signed it just now.

    `now` is in seconds since 1970.
    """
    needed = (webhooks.signature, webhooks.instant, webhooks.event)
    if not all(delivery.header(name) for name in needed if name):
        return Refusal.NO_SIGNATURE
    # Before the instant: of a forged one nothing is worth knowing.
    if not _is_signed(webhooks, secrets, delivery):
        return Refusal.FORGED
    if not webhooks.instant:
        return None
    instant = read_instant(webhooks.instant_form, delivery.header(webhooks.instant))
    if instant is None:
        return Refusal.BAD_INSTANT
    return Refusal.OLD if abs(now - instant) > webhooks.tolerance else None


def sign(webhooks: Webhooks, secret: str, delivery: Delivery) -> str:
    """Return the signature that a secret gives a delivery, as its header has it."""
    made = hmac.new(secret.encode(), _signed(webhooks, delivery), _HASHES[webhooks.scheme])
    if webhooks.encoding is SignatureEncoding.HEX:
        return made.hexdigest()
    return b64encode(made.digest()).decode()


def read_instant(form: InstantForm, text: str) -> float | None:
    """Return an instant in seconds since 1970, None for a text that is none of the form."""
    if form is not InstantForm.ISO:
        if not _DIGITS.fullmatch(text):
            return None
        return int(text) / (1000 if form is InstantForm.MILLISECONDS else 1)
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        return None
    return None if found.tzinfo is None else found.timestamp()


def _is_signed(webhooks: Webhooks, secrets: Sequence[str], delivery: Delivery) -> bool:
    found = _bytes(delivery.header(webhooks.signature))
    wanted = (sign(webhooks, secret, delivery).encode() for secret in secrets)
    # All of them, each in constant time: how long it takes tells nothing of any.
    return sum(hmac.compare_digest(found, one) for one in wanted) > 0


def _signed(webhooks: Webhooks, delivery: Delivery) -> bytes:
    parts = {
        "body": delivery.body,
        "method": delivery.method.encode(),
        "address": delivery.address.encode(),
        "instant": _bytes(delivery.header(webhooks.instant)),
        "event": _bytes(delivery.header(webhooks.event)),
    }
    texts = _HOLE.split(webhooks.signed)
    # Texts and names take turns, and a text begins.
    return b"".join(parts[one] if place % 2 else one.encode() for place, one in enumerate(texts))


def _bytes(header: str) -> bytes:
    # Headers are read so that each byte is a character.
    return header.encode("latin-1", errors="replace")
