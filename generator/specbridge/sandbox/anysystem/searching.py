"""What the body of a search by POST says, read by the profile's own template."""

import re
from collections.abc import Iterator

from specbridge.model.values import Json

_HOLE = re.compile(r"\{(since|size|page|cursor|value|fields)\}")


def read_search(template: Json, sent: Json) -> Iterator[tuple[str, str]]:
    """Yield names and values of what stands in a template's holes.

    Raises ValueError where a body says something else than its template.
    """
    if isinstance(template, dict):
        yield from _read_table(template, sent)
    elif isinstance(template, list):
        yield from _read_list(template, sent)
    elif isinstance(template, str) and _HOLE.search(template):
        yield from _read_text(template, sent)
    elif template != sent:
        raise ValueError(f"{sent!r} stands where the search has {template!r}")


def _read_table(template: dict[str, Json], sent: Json) -> Iterator[tuple[str, str]]:
    if not isinstance(sent, dict) or set(sent) - set(template):
        raise ValueError("the search is not as it should be")
    for name, inner in template.items():
        # What has no value is left out with its key.
        if name in sent:
            yield from read_search(inner, sent[name])
        elif not _has_hole(inner):
            raise ValueError(f"the search lacks {name}")


def _read_list(template: list[Json], sent: Json) -> Iterator[tuple[str, str]]:
    if not isinstance(sent, list):
        raise ValueError("the search has a list there")
    if len(template) == 1 and _has_hole(template[0]):
        for one in sent:
            yield from read_search(template[0], one)
        return
    for inner, one in zip(template, sent, strict=False):
        yield from read_search(inner, one)


def _read_text(template: str, sent: Json) -> Iterator[tuple[str, str]]:
    if template == "{fields}":
        return
    if isinstance(sent, bool) or not isinstance(sent, str | int | float):
        raise ValueError("the search has a value there")
    names = _HOLE.findall(template)
    parts = _HOLE.split(template)
    form = "(.+)".join(re.escape(part) for part in parts[::2])
    found = re.fullmatch(form, str(sent), re.DOTALL)
    if found is None:
        raise ValueError(f"{sent!r} is not as {template!r} says")
    yield from zip(names, found.groups(), strict=True)


def _has_hole(template: Json) -> bool:
    if isinstance(template, dict):
        return any(_has_hole(inner) for inner in template.values())
    if isinstance(template, list):
        return any(_has_hole(inner) for inner in template)
    return isinstance(template, str) and _HOLE.search(template) is not None
