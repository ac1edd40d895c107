"""Map HubSpot Companies to Zendesk Organizations and back.

From hubspot-zendesk.rst.
"""

from typing import TypedDict

from specbridge.runtime.flow import LinkKeys
from specbridge.runtime.references import References


class Companies(TypedDict, total=False):
    pass


class Organizations(TypedDict, total=False):
    pass


def to_organizations(record: Companies, references: References) -> Organizations:
    """Return nothing: no row is kept equal in this direction."""
    return {}


def to_companies(record: Organizations, references: References) -> Companies:
    """Return nothing: no row is kept equal in this direction."""
    return {}


def companies_keys(record: Companies) -> LinkKeys:
    """Return no link keys: the document has no link rule."""
    return ()


def organizations_keys(record: Organizations) -> LinkKeys:
    """Return no link keys: the document has no link rule."""
    return ()
