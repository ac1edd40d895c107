"""Changes of meaning as values, and which of them are breaking.

A change is **breaking** when it takes away what teams rely on or makes a value another one: a flow, a
row, a direction, a link rule or the creation of records goes; a row gets another target, type, or
condition; rows that compete change places; a module gets another name. What only adds, or only says
the same in other words, is not breaking. docs/drift.md has the table.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from specbridge.errors import Location

BREAKING: Mapping[str, bool] = {
    "package-added": False,
    "package-removed": True,
    "package-renamed": True,
    "documents-changed": False,
    "flow-added": False,
    "flow-removed": True,
    "flow-renamed": True,
    "sections-swapped": True,
    "flow-retargeted": True,
    "flow-stopped": True,
    "flow-started": False,
    "label-changed": False,
    "row-added": False,
    "row-removed": True,
    "row-retargeted": True,
    "condition-changed": True,
    "type-changed": True,
    "preference-changed": True,
    "row-held": True,
    "row-released": False,
    "link-rule-added": False,
    "link-rule-removed": True,
    "creation-added": False,
    "creation-removed": True,
    "creation-changed": True,
    "order-changed": False,
    "text-changed": False,
    "code-changed": True,
}
"""Every kind of change, and whether it is breaking."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """One change of meaning; `detail` names what changed, `old` and `new` where both exist.

    `flow` is blank where the package as a whole is concerned. `where` is the line of the new document
    that says it; of what is gone, the line of what it was part of, None where that is gone too.
    """

    kind: str
    flow: str
    detail: Mapping[str, str]
    package: str = ""
    where: Location | None = None

    @property
    def breaking(self) -> bool:
        """Return whether the kind is breaking."""
        return BREAKING[self.kind]

    def as_json(self) -> dict[str, object]:
        """Return the shape that `diff --json` prints; `path` and `line` are null where there are none."""
        return {
            "kind": self.kind,
            "package": self.package,
            "flow": self.flow,
            "path": self.where.path if self.where else None,
            "line": self.where.line if self.where else None,
            "detail": dict(self.detail),
            "breaking": self.breaking,
        }


def old_new(kind: str, what: str, old: str, new: str) -> Change:
    """Return a change of what there is before and after; the flow and its line are said later."""
    return Change(kind=kind, flow="", detail={"what": what, "old": old, "new": new})


def in_words(path: tuple[str, ...]) -> str:
    """Return a path as documents write it."""
    return ".".join(path)
