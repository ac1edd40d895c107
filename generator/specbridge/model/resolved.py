"""Flows bound to the APIs that they are about: what resolve yields, and what emit writes as code."""

from dataclasses import dataclass

from specbridge.errors import Location, Problem
from specbridge.model.conversion import Conversion, ValueType
from specbridge.model.profile import Property, Subset
from specbridge.model.values import CreationPolicy, Direction, Json, Path


@dataclass(frozen=True, slots=True, kw_only=True)
class Held:
    """A property that is not synchronized in a direction, and why.

    `code` is the problem's code (docs/problems/), `reason` one sentence.
    """

    direction: Direction  # TO_TARGET, TO_SOURCE or BOTH: where it is held
    code: str
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ResolvedSide:
    """A side of a flow, bound to a resource where the profile knows it.

    `system` is the profile's name (or the label's own slug where there is no profile), `label` the
    resolved label as documents write it, `datatype` and `subset` the document's words. `resource`
    is the profile's resource name, or the datatype where it is not known (`known` False): the flow
    is generated but cannot run. `predicate` selects the records, None for all.
    """

    system: str
    label: str
    datatype: str
    subset: str | None
    resource: str
    known: bool
    predicate: Subset | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ResolvedCondition:
    """A condition whose value is certain: the mapping holds only where `path` equals `value`.

    `path` is complete, from the record's root. Where it shares a list step with the property's
    path, it selects the element of that list; else it is about the record. `negate` turns it round
    (absent counts as not equal); only settings state such a condition, for a `when` sentence.
    """

    path: Path
    value: Json
    negate: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class ResolvedProperty:
    """A property of one side: its path in the API's own names, list steps marked `[]`.

    `text` is the document's cell. `definition` is the profile's, None where the profile (or the
    property in it) is not known; `type` is then what the document states or ANY.
    """

    text: str
    path: Path
    type: ValueType
    definition: Property | None = None
    conditions: tuple[ResolvedCondition, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Reference:
    """Both properties of a row hold ids: `source` and `target` name the resources referred to."""

    source: str
    target: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ResolvedMapping:
    """A property kept equal.

    `forward` converts a source value for the target, `backward` a target value for the source; None
    copies the value as it is. `reference` not None: the value is translated through the links
    and neither conversion applies. `direction` is what remains after `held`. `create_only` is the
    direction, held for changes, in which a record that is created gets the value all the same (it
    is NONE where no record is created there). `statement` is the document's row as one line of text.
    """

    source: ResolvedProperty
    target: ResolvedProperty
    forward: Conversion | None
    backward: Conversion | None
    direction: Direction
    reference: Reference | None
    held: tuple[Held, ...]
    statement: str
    where: Location
    create_only: Direction = Direction.NONE


@dataclass(frozen=True, slots=True, kw_only=True)
class ResolvedLinkRule:
    """Two records match where both properties are equal (`case_insensitive`: capitals aside)."""

    source: ResolvedProperty
    target: ResolvedProperty
    case_insensitive: bool
    reference: Reference | None
    statement: str
    where: Location


@dataclass(frozen=True, slots=True, kw_only=True)
class Connection:
    """Where to look for the records that refer to a record to be created.

    A record of the flow's `side` is created on the other side only if a linked record of
    `resource` (of the same system) holds its id in the property at `path`.
    """

    resource: str
    path: Path


@dataclass(frozen=True, slots=True, kw_only=True)
class CreationRule:
    """When a record is created on one side for an unlinked record of the other.

    `connections` belong to CONNECTED, `condition` to WHEN. Each is empty where settings or profile
    do not say it: the flow then never creates by that rule.
    """

    policy: CreationPolicy = CreationPolicy.NEVER
    connections: tuple[Connection, ...] = ()
    condition: ResolvedCondition | None = None
    statement: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ResolvedFlow:
    """A flow that can be emitted.

    `name` is unique in the package and names both modules. `to_target` says when a target record is
    created for a source record, `to_source` the other way round. `runnable` is False where a part
    needs a profile or a setting that is not there. `document` is the file's bare name,
    `statements` the document's sentences about the flow.
    """

    name: str
    document: str
    source: ResolvedSide
    target: ResolvedSide
    to_target: CreationRule
    to_source: CreationRule
    link_rules: tuple[ResolvedLinkRule, ...]
    mappings: tuple[ResolvedMapping, ...]
    statements: tuple[str, ...]
    runnable: bool
    where: Location


@dataclass(frozen=True, slots=True, kw_only=True)
class ResolvedPackage:
    """One package of generated code: the flows of a document, or of a pair of mirror documents.

    `name` is `<source>_<target>`, a valid module name; `flows` are in run order (referenced flows
    first); `documents` are the bare file names. `problems` holds the reader's and resolve's;
    `remarks` what only lint tells, where mirror documents disagree.
    """

    name: str
    documents: tuple[str, ...]
    flows: tuple[ResolvedFlow, ...]
    problems: tuple[Problem, ...]
    remarks: tuple[Problem, ...] = ()
