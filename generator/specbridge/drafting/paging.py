"""How lists may go on: the parameters and fields that look like paging, and the style that they make."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from specbridge.drafting.finding import Kind, Listing
from specbridge.drafting.marks import Mark
from specbridge.drafting.shapes import Schemas, Shape
from specbridge.drafting.words import letters_of
from specbridge.model.calls import PageEnd, Paging, PagingStyle
from specbridge.model.values import Path

_PARAMETERS: Mapping[str, tuple[str, ...]] = {
    "page": ("page", "pagenumber", "pageno", "pageindex"),
    "offset": ("offset", "skip", "from", "start", "startindex", "startat"),
    "cursor": (
        *("cursor", "after", "pageafter", "pagetoken", "nexttoken", "continuationtoken"),
        *("skiptoken", "startingafter", "nextcursor", "pagecursor"),
    ),
    "size": (
        *("pagesize", "perpage", "limit", "count", "size", "pagelimit", "maxresults", "take"),
        *("top", "maxpagesize", "pagelength"),
    ),
}
_FIELDS: Mapping[str, tuple[str, ...]] = {
    "more": ("hasmore", "hasnext", "more", "hasnextpage", "moreitems"),
    "cursor": (
        *("nextcursor", "aftercursor", "cursor", "nextpagetoken", "after", "nexttoken"),
        *("continuationtoken", "endcursor"),
    ),
    "next": ("nextpage", "next", "nextlink", "nexturl", "odatanextlink", "nextpageurl", "link"),
    "total": (
        *("total", "totalcount", "count", "fullresultsize", "totalresults", "totalitems"),
        *("totalrecords",),
    ),
    "pages": ("totalpages", "pagecount", "pages", "lastpage"),
}
_WITHIN = 2
_USUAL_SIZE = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class _Signs:
    """What of a list looks like paging: by role, the parameter, and the path in the answer."""

    parameters: Mapping[str, str]
    fields: Mapping[str, Path]
    size: int


def draft_paging(kinds: Sequence[Kind], schemas: Schemas) -> tuple[Paging, Mark]:
    """Return the paging that most lists show signs of, and the mark that shows all signs."""
    signs = [_signs_of(kind.listing, schemas) for kind in kinds]
    # A list without any sign is not described, rather than all in one answer.
    told = [paging for paging in map(_paging_of, signs) if paging.style is not PagingStyle.NONE]
    drafted = Counter(map(_key, told))
    by_key = {_key(paging): paging for paging in told}
    best = by_key[drafted.most_common(1)[0][0]] if drafted else Paging()
    mark = Mark(
        subject="paging",
        question="How does a list go on, and what ends it?",
        found=(*_counted(signs), f"drafted: {_tell(best)}"),
    )
    return best, mark


def paging_of(kind: Kind, usual: Paging, schemas: Schemas) -> Paging | None:
    """Return the paging of one kind's list where it shows another than the usual one."""
    own = _paging_of(_signs_of(kind.listing, schemas))
    same = own.style is PagingStyle.NONE or _key(own) == _key(usual)
    return None if same else own


def fields_of(answer: Shape, schemas: Schemas) -> Mapping[str, Path]:
    """Return what of a list's answer looks like paging, by role."""
    found: dict[str, Path] = {}
    for path in _paths_in(answer, schemas):
        for role, names in _FIELDS.items():
            if letters_of(path[-1]) in names and role not in found:
                found[role] = path
    return found


def _signs_of(listing: Listing, schemas: Schemas) -> _Signs:
    parameters: dict[str, str] = {}
    size = _USUAL_SIZE
    for one in listing.operation.queries():
        for role, names in _PARAMETERS.items():
            if letters_of(one.name) in names and one.shape.type in ("integer", "string", ""):
                parameters.setdefault(role, one.name)
    answer = listing.operation.answer
    fields = fields_of(answer, schemas) if answer is not None else {}
    return _Signs(parameters=parameters, fields=fields, size=size)


def _paths_in(shape: Shape, schemas: Schemas, before: Path = ()) -> Iterator[Path]:
    for name, one in schemas.properties(shape).items():
        if one.type == "array" or len(before) > _WITHIN:
            continue
        if one.properties:
            yield from _paths_in(one, schemas, (*before, name))
        # The whole of it first: `paging.next.after` is no link, though `next` is its name.
        elif not (letters_of(name) == "count" and before):
            yield (*before, name)


def _paging_of(signs: _Signs) -> Paging:
    given, told = signs.parameters, signs.fields
    size = {"size": given["size"]} if "size" in given else {}
    if "cursor" in given and "cursor" in told:
        more = {"more": told["more"]} if "more" in told else {}
        return Paging(
            style=PagingStyle.CURSOR,
            end=None if more else PageEnd.NO_CURSOR,
            size=signs.size,
            parameters={**size, "cursor": given["cursor"]},
            fields={"cursor": told["cursor"], **more},
        )
    if "next" in told:
        return Paging(
            style=PagingStyle.LINK,
            size=signs.size,
            parameters=size,
            fields={"next": told["next"]},
        )
    for role, style in (("page", PagingStyle.PAGE_NUMBER), ("offset", PagingStyle.OFFSET)):
        if role in given:
            return Paging(
                style=style,
                # Costs a request more, and is right whatever the API does.
                end=PageEnd.EMPTY_PAGE,
                size=signs.size,
                parameters={"page": given[role], **size},
            )
    return Paging()


def _key(paging: Paging) -> str:
    return repr(
        (paging.style, paging.end, sorted(paging.parameters.items()), sorted(paging.fields.items()))
    )


def _counted(signs: Sequence[_Signs]) -> Iterator[str]:
    """Yield each sign with the number of lists that show it."""
    counts: Counter[str] = Counter()
    for one in signs:
        counts.update(f"parameter {name} ({role})" for role, name in one.parameters.items())
        counts.update(f"answer {'.'.join(path)} ({role})" for role, path in one.fields.items())
    for text, count in sorted(counts.items()):
        yield f"{text} of {count} of {len(signs)} lists"
    if not counts:
        yield "nothing: neither parameters nor fields of answers look like paging"


def _tell(paging: Paging) -> str:
    end = f", end = {paging.end.value}" if paging.end else ""
    return f"style = {paging.style.value}{end}"
