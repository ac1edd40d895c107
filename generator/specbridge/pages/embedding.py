"""What a page carries within itself: its styles and scripts by their digests, and packed data."""

import base64
import gzip
import json
from collections.abc import Sequence
from hashlib import sha256

from specbridge.model.values import Json


def content_policy(styles: Sequence[str], scripts: Sequence[str], *, forms: bool = False) -> str:
    """Return the Content-Security-Policy under which nothing runs but these very texts.

    Nothing is loaded from anywhere, and nothing is sent, but for `forms` to where the page came from.
    """
    allowed = (
        ("default-src", "'none'"),
        ("style-src", _digests(styles)),
        ("script-src", _digests(scripts)),
        ("img-src", "data:"),
        ("base-uri", "'none'"),
        ("form-action", "'self'" if forms else "'none'"),
    )
    return "; ".join(f"{name} {value}" for name, value in allowed)


def _digests(texts: Sequence[str]) -> str:
    found = (base64.b64encode(sha256(text.encode()).digest()).decode() for text in texts)
    return " ".join(f"'sha256-{digest}'" for digest in found) or "'none'"


def pack_json(value: Json) -> str:
    """Return a value as base64 of gzipped JSON, which a page's script reads without a parser of markup."""
    text = json.dumps(value, ensure_ascii=True, separators=(",", ":"), sort_keys=True)
    # Without the hour of packing: the same audit is the same page.
    return base64.b64encode(gzip.compress(text.encode(), compresslevel=6, mtime=0)).decode()
