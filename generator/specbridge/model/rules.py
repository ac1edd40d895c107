"""What a flow states: when records are created, how they are linked, which properties are equal."""

from dataclasses import dataclass

from specbridge.errors import Location
from specbridge.model.conversion import Conversion


@dataclass(frozen=True, slots=True, kw_only=True)
class Condition:
    """`Dependant on having VALUE in PATH`: the mapping holds only where PATH has VALUE.

    `value` is as read: a literal, a symbol (`wd:Q17517`, `acme-contact-kind`), or blank.
    `path` is empty where the document leaves it blank.
    """

    value: str
    path: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class PropertyPath:
    """A property cell: its literal text, the dotted names, and the conditions glued to it."""

    text: str
    path: tuple[str, ...]
    conditions: tuple[Condition, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Connected:
    """The *connected* sentence: create only for an A that a linked record of a datatype refers to.

    `text` stands between «connected to a » and « that is synchronized into»; `label` is the system
    named there (as read), `into` the target system named behind it, blank where the text is.
    """

    text: str
    label: str
    datatypes: tuple[str, ...]
    into: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Creation:
    """Which of the creation sentences (format.md, section 3) a flow states."""

    linked: bool = False
    every: bool = False
    when: str | None = None
    match_or_create: bool = False
    connected: Connected | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class LinkRule:
    """A row of the link table: two records match where both properties are equal."""

    source: PropertyPath
    target: PropertyPath
    where: Location


@dataclass(frozen=True, slots=True, kw_only=True)
class PropertyMapping:
    """A row of the property table; `conversion` is None where the document says N/A.

    `type_text` is the data type cell as read. A row whose type cannot be read without doubt is not
    a PropertyMapping of a generated flow: the reader reports an E problem for it.
    """

    source: PropertyPath
    target: PropertyPath
    type_text: str
    conversion: Conversion | None
    where: Location
