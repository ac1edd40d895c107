"""Whose a record is: external references name the company whose record they were made for; pure."""

import re
from hashlib import blake2b

from specbridge.model.values import Path
from specbridge.runtime.decide.binding import BoundResource
from specbridge.runtime.decide.paths import read_path
from specbridge.runtime.records import Record

_WHOLE = re.compile(r"specbridge:([a-z0-9][a-z0-9._-]{0,63}):([^:]+):[^:]+:.+")
_SHORT = re.compile(r"specbridge:[0-9a-f]{32}:([0-9a-f]{6})")

_FLOW = "_to_"
"""What names of flows hold: references of earlier versions named package and flow, and no company."""


def shorten_reference(text: str, company: str, longest: int) -> str:
    """Return a reference that fits: whole, or a digest of it, beside which a mark of the company stands.

    Where there is no room for the mark, or the company has no name, the digest stands alone.
    """
    if len(text) <= longest:
        return text
    # PowerOffice's references have 50 characters; cut off, those of two records could be the same.
    short = f"specbridge:{blake2b(text.encode(), digest_size=16).hexdigest()}"
    marked = f"{short}:{_mark(company)}" if company else short
    return (marked if len(marked) <= longest else short)[:longest]


def names_other(company: str, reference: str) -> bool:
    """Return whether an external reference names another company than this one.

    Systems may change capitals: Zendesk does. One that names no company, as those of the company without a
    name, is anybody's.
    """
    text = reference.strip().casefold()
    if short := _SHORT.fullmatch(text):
        return short[1] != _mark(company)
    whole = _WHOLE.fullmatch(text)
    return whole is not None and _FLOW not in whole[2] and whole[1] != company.casefold()


def is_others(resource: BoundResource, record: Record) -> bool:
    """Return whether a record's external reference names another company; False where companies have no names."""
    path = reference_path(resource)
    if not resource.company or path is None:
        return False
    held = read_path(record.properties, path)
    return isinstance(held, str) and names_other(resource.company, held)


def reference_path(resource: BoundResource) -> Path | None:
    """Return the property that carries a resource's external references, None where there is none."""
    return None if resource.definition is None else resource.definition.external_reference


def _mark(company: str) -> str:
    return blake2b(company.casefold().encode(), digest_size=3).hexdigest()
