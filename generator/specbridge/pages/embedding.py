"""What a page carries within itself: its styles and scripts by their digests, and packed data."""

import base64
import gzip
import json
from collections.abc import Sequence
from hashlib import sha256
from typing import Literal

from specbridge.model.values import Json

Sends = Literal["nothing", "forms", "scripts"]
"""What of a page speaks to where it came from: nothing, its forms, or its forms and scripts that it loads from there."""


def content_policy(styles: Sequence[str], scripts: Sequence[str], sends: Sends = "nothing") -> str:
    """Return the Content-Security-Policy under which nothing runs but these very texts.

    Nothing is loaded from anywhere, and nothing is sent, but for what `sends` to where the page came from.
    """
    loads = sends == "scripts"
    allowed = (
        ("default-src", "'none'"),
        ("style-src", _digests(styles)),
        ("script-src", "'self'" if loads else _digests(scripts)),
        ("connect-src", "'self'" if loads else "'none'"),
        ("img-src", "data:"),
        ("base-uri", "'none'"),
        ("form-action", "'none'" if sends == "nothing" else "'self'"),
    )
    return "; ".join(f"{name} {value}" for name, value in allowed)


def digest_of(content: bytes) -> str:
    """Return the digest by which policies, and elements that load something, know it."""
    return f"sha256-{base64.b64encode(sha256(content).digest()).decode()}"


def _digests(texts: Sequence[str]) -> str:
    return " ".join(f"'{digest_of(text.encode())}'" for text in texts) or "'none'"


def pack_json(value: Json) -> str:
    """Return a value as base64 of gzipped JSON, which a page's script reads without a parser of markup."""
    text = json.dumps(value, ensure_ascii=True, separators=(",", ":"), sort_keys=True)
    # Without the hour of packing: the same audit is the same page.
    return base64.b64encode(gzip.compress(text.encode(), compresslevel=6, mtime=0)).decode()
