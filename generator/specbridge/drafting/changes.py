"""What may tell of changes: instants of the records, filters on them, exports of what changed."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from specbridge.drafting.finding import Kind, Listing
from specbridge.drafting.marks import Mark
from specbridge.drafting.operations import Operation, Parameter
from specbridge.drafting.paging import fields_of
from specbridge.drafting.shapes import Schemas, Shape, is_day, is_instant
from specbridge.drafting.words import letters_of
from specbridge.model.calls import Paging, PagingStyle, ReadCall, SinceForm
from specbridge.model.conversion import ValueType
from specbridge.model.profile import Property
from specbridge.model.values import Path

_MODIFIED = (
    *("updatedat", "modifiedat", "lastmodified", "lastmodifiedat", "updated", "modified"),
    *("changedat", "changed", "lastchanged", "lastchangeddatetimeoffset", "lastupdated"),
    *("modificationdate", "lastmodifieddate", "updatedon", "modifiedon", "modifieddate"),
    *("updateddate", "lastupdatedat", "dateupdated", "datemodified", "mtime"),
)
_SINCE = re.compile(r"(changed|modified|updated)|^(since|ifmodifiedsince)$")
_BEFORE = re.compile(r"(before|until|lessthan|to$|lte?$|end)")
_STARTS = ("starttime", "start")
_OVERLAP = 10
_EXPORT_SIZE = 1000


@dataclass(frozen=True, slots=True, kw_only=True)
class Changes:
    """How changes of a kind may be read; an empty `modified_at`: its records are not dated."""

    modified_at: Path = ()
    incremental: ReadCall | None = None
    mark: Mark


def read_changes(kind: Kind, properties: Sequence[Property], schemas: Schemas) -> Changes:
    """Return the instant and the call by which changes may be read, and all candidates."""
    dated = [
        one.path for one in properties if len(one.path) == 1 and one.type is ValueType.DATETIME
    ]
    named = [path for path in dated if letters_of(path[0]) in _MODIFIED]
    modified = named[0] if named else ()
    filters = [
        (listing, one)
        for listing in (kind.listing, *kind.others)
        for one in listing.operation.queries()
        if _is_since(one)
    ]
    exports = [one for one in kind.others if _export_paging(one, schemas) is not None]
    incremental = _incremental(filters, exports, modified, schemas)
    found = (
        *(f"property {path[0]} is an instant" for path in dated),
        *(f"{one.operation.path} has {parameter.name}" for one, parameter in filters),
        *(f"{one.operation.path} exports from a start" for one in exports),
        *(f"{one.method} {one.path} searches" for one in _searches(kind)),
        "drafted: " + (incremental.path if incremental else "none; each run reads all of it"),
    )
    question = (
        "What tells of changes? Does the filter show rows of the very instant (inclusive), and"
        " what shows that a record was deleted (tombstones)?"
    )
    mark = Mark(resource=kind.name, subject="changes", question=question, found=found)
    return Changes(modified_at=modified, incremental=incremental, mark=mark)


def _incremental(
    filters: Sequence[tuple[Listing, Parameter]],
    exports: Sequence[Listing],
    modified: Path,
    schemas: Schemas,
) -> ReadCall | None:
    if exports:
        best = max(exports, key=lambda one: _is_by_cursor(one, schemas))
        return ReadCall(
            path=best.operation.path,
            items=best.items,
            paging=_export_paging(best, schemas),
            inclusive=True,
            overlap_seconds=_OVERLAP,
            epoch="0",
        )
    if not filters or not modified:
        return None
    listing, parameter = filters[0]
    return ReadCall(
        path=listing.operation.path,
        items=listing.items,
        since=parameter.name,
        since_form=_form_of(parameter.shape),
        overlap_seconds=_OVERLAP,
    )


def _is_since(parameter: Parameter) -> bool:
    name = letters_of(parameter.name)
    if not _SINCE.search(name) or _BEFORE.search(name.removesuffix("datetimeoffset")):
        return False
    return parameter.shape.type in ("string", "integer", "number", "")


def _form_of(shape: Shape) -> SinceForm:
    if shape.type in ("integer", "number"):
        return SinceForm.EPOCH_SECONDS
    if is_day(shape) and not is_instant(shape):
        return SinceForm.DATE
    return SinceForm.AS_READ


def _export_paging(listing: Listing, schemas: Schemas) -> Paging | None:
    """Return the paging of an export from a start in seconds, None for any other list."""
    operation, answer = listing.operation, listing.operation.answer
    starts = [one.name for one in operation.queries() if letters_of(one.name) in _STARTS]
    ends = _field(answer, ("endofstream",), schemas)
    if not starts or not ends:
        return None
    sizes = [one.name for one in operation.queries() if letters_of(one.name) == "perpage"]
    size = {"size": sizes[0]} if sizes else {}
    if _is_by_cursor(listing, schemas):
        cursor = next(one.name for one in operation.queries() if letters_of(one.name) == "cursor")
        assert answer is not None
        return Paging(
            style=PagingStyle.CURSOR_EXPORT,
            size=_EXPORT_SIZE,
            parameters={"start": starts[0], "cursor": cursor, **size},
            fields={"cursor": fields_of(answer, schemas)["cursor"], "end": ends},
        )
    next_start = _field(answer, ("endtime",), schemas)
    if not next_start:
        return None
    return Paging(
        style=PagingStyle.TIME_EXPORT,
        size=_EXPORT_SIZE,
        parameters={"start": starts[0], **size},
        fields={"cursor": next_start, "end": ends},
    )


def _is_by_cursor(listing: Listing, schemas: Schemas) -> bool:
    answer = listing.operation.answer
    asked = any(letters_of(one.name) == "cursor" for one in listing.operation.queries())
    return asked and answer is not None and "cursor" in fields_of(answer, schemas)


def _field(answer: Shape | None, names: tuple[str, ...], schemas: Schemas) -> Path:
    found = schemas.properties(answer) if answer is not None else {}
    return next(((name,) for name in found if letters_of(name) in names), ())


def _searches(kind: Kind) -> tuple[Operation, ...]:
    return tuple(one for one in kind.many if one.method == "POST" and one.path.endswith("/search"))
