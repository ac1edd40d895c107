"""References between records, as mappers translate them: ids of one side to ids of the other."""

from collections.abc import Mapping
from enum import Enum
from typing import Literal

Identifier = int | str

References = Mapping[tuple[str, str], Mapping[Identifier, Identifier]]
"""For each pair of linked resources (source's, target's, in the flow's order): the ids on the side
that a mapper reads, to the ids on the side that it writes. `{}` knows no link."""


class Waiting(Enum):
    """A reference whose record is not linked yet: the property waits, the rest goes."""

    WAITING = "waiting"


WAITING: Literal[Waiting.WAITING] = Waiting.WAITING


def translate(
    references: References, resources: tuple[str, str], identifier: Identifier | None
) -> Identifier | Waiting | None:
    """Return the linked record's id, None for None, WAITING where there is no link (yet)."""
    if identifier is None:
        return None
    # No exception: the mapper goes on with the record's other properties.
    return references.get(resources, {}).get(identifier, WAITING)
