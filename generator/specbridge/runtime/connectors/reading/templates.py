"""The bodies of searches by POST: a profile's template with the values of a request in it; pure."""

import re
from collections.abc import Mapping, Sequence

from specbridge.model.values import Json
from specbridge.profiles.templates import template_names

_PLACEHOLDER = re.compile(r"\{(\w+)\}")
_VALUE = "value"


class _Absent:
    """In the place of what has no value: it is left out, with its key."""


_ABSENT = _Absent()


def fill_body(template: Mapping[str, Json], values: Mapping[str, Json]) -> dict[str, Json]:
    """Return a template with its `{names}` filled.

    A text that is nothing but a name becomes the value itself, a number too. What has no value is left
    out of its object or list.
    """
    return _fill_object(template, values, ())


def fill_values(template: Mapping[str, Json], values: Sequence[Json]) -> dict[str, Json]:
    """Return a template that asks for values: a list whose one element holds `{value}` has one for each."""
    return fill_each(template, [{_VALUE: value} for value in values])


def fill_each(
    template: Mapping[str, Json], values: Sequence[Mapping[str, Json]]
) -> dict[str, Json]:
    """Return a template about several things: a list whose one element holds a name of them has one for each."""
    return _fill_object(template, values[0] if values else {}, values)


def _fill(
    template: Json, values: Mapping[str, Json], repeated: Sequence[Mapping[str, Json]]
) -> Json | _Absent:
    # In one pass: what a value holds between braces is its own.
    if isinstance(template, str):
        return _fill_text(template, values)
    if isinstance(template, dict):
        return _fill_object(template, values, repeated)
    if not isinstance(template, list):
        return template
    if repeated and len(template) == 1 and repeated[0].keys() & template_names(template):
        filled = [_fill(template[0], {**values, **one}, ()) for one in repeated]
    else:
        filled = [_fill(part, values, repeated) for part in template]
    return [part for part in filled if not isinstance(part, _Absent)]


def _fill_object(
    template: Mapping[str, Json],
    values: Mapping[str, Json],
    repeated: Sequence[Mapping[str, Json]],
) -> dict[str, Json]:
    parts = ((name, _fill(part, values, repeated)) for name, part in template.items())
    return {name: part for name, part in parts if not isinstance(part, _Absent)}


def _fill_text(text: str, values: Mapping[str, Json]) -> Json | _Absent:
    names = _PLACEHOLDER.findall(text)
    if any(name not in values for name in names):
        return _ABSENT
    if len(names) == 1 and text == f"{{{names[0]}}}":
        return values[names[0]]
    return _PLACEHOLDER.sub(lambda match: str(values[match[1]]), text)
