"""What names the records of a kind for people, as far as the names of its properties tell."""

from collections.abc import Sequence

from specbridge.drafting.words import letters_of
from specbridge.model.conversion import ValueType
from specbridge.model.profile import Property
from specbridge.model.values import Path

_ALTERNATIVES = (
    ("name",),
    ("displayname",),
    ("fullname",),
    ("companyname",),
    ("firstname", "lastname"),
    ("givenname", "familyname"),
    ("title",),
    ("subject",),
    ("email",),
    ("emailaddress",),
)
"""In the order of preference; the letters of names, capitals and marks between words aside."""


_HOLDERS = ("attributes", "fields", "properties")
"""Objects below which APIs put all of a record's properties."""


def read_naming(properties: Sequence[Property]) -> tuple[tuple[Path, ...], ...]:
    """Return the ways in which a kind's properties can name its records, none where there are none."""
    # A record's own before those of an object that holds all of them.
    own = sorted(
        (one for one in properties if one.type is ValueType.STRING and _is_own(one.path)),
        key=lambda one: -len(one.path),
    )
    by_letters = {letters_of(one.path[-1]): one.path for one in own}
    found = (
        tuple(by_letters[name] for name in names if name in by_letters) for names in _ALTERNATIVES
    )
    return tuple(alternative for alternative in found if alternative)


def _is_own(path: Path) -> bool:
    *above, _ = path
    return not above or (len(above) == 1 and letters_of(above[0]) in _HOLDERS)
