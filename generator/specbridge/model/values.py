"""The words that the document side and the runtime share: JSON values, paths, directions."""

from enum import Enum
from typing import Annotated

Json = str | int | float | bool | None | list["Json"] | dict[str, "Json"]

Path = tuple[str, ...]
"""Names from the record's root; a name that ends in `[]` is a list: `("phones[]", "number")`."""

Words = Annotated[tuple[str, ...], "words"]
"""Texts, which in TOML no dotted path stands for."""


class Direction(Enum):
    """The directions in which a property is kept equal; NONE is held both ways."""

    BOTH = "both"
    TO_TARGET = "to_target"
    TO_SOURCE = "to_source"
    NONE = "none"


class CreationPolicy(Enum):
    """Whether a record of one side is created for an unlinked record of the other."""

    NEVER = "never"
    ALWAYS = "always"
    CONNECTED = "connected"  # only where a linked record refers to it
    WHEN = "when"  # only where the configured condition holds
