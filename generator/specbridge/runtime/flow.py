"""A flow as generated sync modules state it: plain values and the mapper's functions.

Generated modules import this module, so it imports nothing heavy.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Generic, TypeVar

from specbridge.model.values import CreationPolicy, Direction, Json, Path
from specbridge.runtime.references import References

# Direction and the policies are the model's: generated modules get all their words from here.
__all__ = [
    "ALWAYS",
    "NEVER",
    "AnyFlow",
    "Condition",
    "Connection",
    "CreationPolicy",
    "CreationRule",
    "Direction",
    "Flow",
    "Held",
    "LinkKeys",
    "LinkRule",
    "PropertyMapping",
    "Side",
]

SourceT = TypeVar("SourceT")
TargetT = TypeVar("TargetT")

LinkKeys = tuple[str | None, ...]
"""A record's key for each link rule, in the rules' order; None takes no part in matching."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Condition:
    """`path` equals `value`; turned round by `negate` (absent counts as not equal)."""

    path: Path
    value: Json
    negate: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Connection:
    """Records of `resource` (same system) refer to the record to be created by `path`."""

    resource: str
    path: Path


@dataclass(frozen=True, slots=True, kw_only=True)
class CreationRule:
    """When a record is created on the other side for a record of this one.

    CONNECTED needs `connections`, WHEN needs `condition`; where they are empty nothing is created.
    """

    policy: CreationPolicy = CreationPolicy.NEVER
    connections: tuple[Connection, ...] = ()
    condition: Condition | None = None


NEVER = CreationRule()
ALWAYS = CreationRule(policy=CreationPolicy.ALWAYS)


@dataclass(frozen=True, slots=True, kw_only=True)
class Side:
    """One side of a flow: which records of which resource of which system.

    `system` is a profile's name, `resource` its resource, `label` what the document calls the side
    (`Powerofficego Customers person`), `subset` the condition that selects the records, None: all.
    """

    system: str
    resource: str
    label: str
    subset: Condition | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class LinkRule:
    """Two records match where the values at both paths have equal link keys.

    `reference` names the resources (source's, target's) whose ids the properties hold: the source's
    key is then translated through the links before it is compared.
    """

    source: Path
    target: Path
    reference: tuple[str, str] | None = None
    statement: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Held:
    """A direction in which a property is not synchronized; `code` has a page in the documentation."""

    direction: Direction
    code: str
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PropertyMapping:
    """A row of the document: two properties that are kept equal in `direction`.

    `reference` names the resources (source's, target's) whose ids the properties hold. The
    conditions select list elements or restrict the records that the row is about. `create_only` is
    the direction, held for changes, in which a record that is created gets the value all the same:
    the mapper gives it there too.
    `case_insensitive`: values that differ in capitals only are equal. `converts`: the mapper makes
    other values of them in a direction in which they are kept equal, else it hands them on as they are.
    """

    source: Path
    target: Path
    direction: Direction = Direction.BOTH
    create_only: Direction = Direction.NONE
    converts: bool = False
    reference: tuple[str, str] | None = None
    source_conditions: tuple[Condition, ...] = ()
    target_conditions: tuple[Condition, ...] = ()
    case_insensitive: bool = False
    held: tuple[Held, ...] = ()
    statement: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Flow(Generic[SourceT, TargetT]):
    """What a document says of one pair of datatypes, ready to be executed.

    `create_target` says when a target record is created for a source record, `create_source` the
    other way round. `to_target` and `to_source` map a record's properties (absent: not touched,
    None: empty); `source_keys` and `target_keys` give a record's link keys. `runnable` is False
    where a profile or a setting is missing; `statements` quote the document.
    """

    name: str
    document: str
    source: Side
    target: Side
    # Defaults are what generated modules leave out; they state what is unlike it.
    create_target: CreationRule = NEVER
    create_source: CreationRule = NEVER
    link_rules: tuple[LinkRule, ...] = ()
    properties: tuple[PropertyMapping, ...] = ()
    statements: tuple[str, ...] = ()
    runnable: bool = True
    # Without defaults though last: by keyword, a flow reads from its name to its functions.
    to_target: Callable[[SourceT, References], TargetT]
    to_source: Callable[[TargetT, References], SourceT]
    source_keys: Callable[[SourceT], LinkKeys]
    target_keys: Callable[[TargetT], LinkKeys]


AnyFlow = Flow[Mapping[str, Json], Mapping[str, Json]]
"""A flow as the runtime sees it: which properties there are is the mapper's business."""
