"""What is known of an API's webhooks: how a delivery is signed, and what it says has changed."""

from dataclasses import dataclass
from enum import Enum

from specbridge.model.calls import ReadCall
from specbridge.model.values import Path, Words


class WebhookScheme(Enum):
    """How a signature is made of what is signed and a secret."""

    HMAC_SHA256 = "hmac-sha256"
    HMAC_SHA512 = "hmac-sha512"


class SignatureEncoding(Enum):
    """How a signature's bytes are written in their header."""

    BASE64 = "base64"
    HEX = "hex"


class InstantForm(Enum):
    """How the instant of a delivery is written in its header."""

    ISO = "iso"  # 2026-11-27T00:15:00Z
    SECONDS = "epoch-seconds"
    MILLISECONDS = "epoch-milliseconds"


@dataclass(frozen=True, slots=True, kw_only=True)
class WebhookRecords:
    """Which events are about records of a resource: those whose kind begins with one of `kinds`.

    `ids` are paths in an event to the ids of the records concerned, of which any may be absent.
    """

    resource: str
    kinds: Words
    ids: tuple[Path, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class WebhookList:
    """The call by which an API lists its webhooks.

    In each row `address` is where it delivers to, and at `state` stands `active` while it does.
    """

    list: ReadCall
    address: Path
    state: Path = ()
    active: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Webhooks:
    """How an API tells of changes by itself.

    `secret` is a template over one variable, as in AuthScheme; `signature` the header with the signature by
    `scheme`, written as `encoding` says. `signed` is what is signed: `{body}` in it are the bytes as they came, `{instant}`
    and `{event}` the headers of those names here, `{method}` and `{address}` the request's. A delivery whose
    `instant` (a header, as `instant_form` says) is more than `tolerance` seconds from now is refused. `public` are
    secrets that everybody knows, for tests. `many`: a body is an array of events, else it is one. What
    an event is told from others by stands at the paths of `id`, or in the header `event`. `kind` is the path of what
    happened. `records` say what events are about; others are taken, and lead to nothing. `check` lists the webhooks
    that there are, None where no call is known for it.
    """

    scheme: WebhookScheme = WebhookScheme.HMAC_SHA256
    secret: str
    signature: str
    encoding: SignatureEncoding = SignatureEncoding.BASE64
    signed: str
    instant: str = ""
    instant_form: InstantForm = InstantForm.ISO
    tolerance: float = 300.0
    public: Words = ()
    many: bool = False
    id: tuple[Path, ...] = ()
    event: str = ""
    kind: Path
    records: tuple[WebhookRecords, ...]
    check: WebhookList | None = None
