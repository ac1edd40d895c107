"""The names between braces in the template of a search's body."""

import re
from collections.abc import Iterator, Mapping

from specbridge.model.values import Json

_NAME = re.compile(r"\{(\w+)\}")


def template_names(template: Json | Mapping[str, Json]) -> frozenset[str]:
    """Return the names that a template has between braces, in any of its texts."""
    return frozenset(name for text in _texts(template) for name in _NAME.findall(text))


def _texts(template: Json | Mapping[str, Json]) -> Iterator[str]:
    if isinstance(template, str):
        yield template
    elif isinstance(template, Mapping):
        for part in template.values():
            yield from _texts(part)
    elif isinstance(template, list):
        for part in template:
            yield from _texts(part)
