"""Whether what the reading calls of a resource are asked for can be said, and is enough."""

from collections.abc import Iterator

from specbridge.model.calls import BodyStyle, LookupCall, ReadCall, Selection, SelectionStyle
from specbridge.model.profile import Resource
from specbridge.profiles.faults import Fault, Key
from specbridge.profiles.templates import template_names

FIELDS = "fields"
"""What stands between braces in the body of a call by POST for the properties that it is asked for."""

_WHOLE = (BodyStyle.REPLACE, BodyStyle.MERGE_OBJECTS)


def selection_faults(resource: Resource) -> Iterator[Fault]:
    """Yield what is wrong with a resource's selection, and with calls that cannot be asked by it."""
    chosen = resource.select
    lists = {name: getattr(resource, name) for name in ("list", "incremental", "archived")}
    for name, call in lists.items():
        if call is not None:
            yield from _call_faults((name,), chosen, call)
    lookups: list[tuple[Key, LookupCall]] = [
        (("lookups", place), one) for place, one in enumerate(resource.lookups)
    ]
    if resource.read_many is not None:
        lookups.append((("read_many",), resource.read_many))
    for key, lookup in lookups:
        if lookup.method == "POST":
            yield from _body_faults((*key, "body"), chosen, template_names(lookup.body))
    if chosen is not None:
        yield from _own_faults(resource, chosen)


def _own_faults(resource: Resource, chosen: Selection) -> Iterator[Fault]:
    if not chosen.parameter:
        yield Fault(key=("select", "parameter"), text="is empty: it takes the names")
    if not chosen.separator:
        yield Fault(key=("select", "separator"), text="is empty: names would run into one another")
    if chosen.style is SelectionStyle.NESTED and chosen.separator != ",":
        yield Fault(key=("select", "separator"), text="is of the style names alone")
    if chosen.longest < 1:
        yield Fault(key=("select", "longest"), text="must be 1 at least")
    update = resource.update
    if update is not None and update.body in _WHOLE and not chosen.whole:
        text = (
            "is missing: an update sends whole what was read, and must not have read a part of it"
        )
        yield Fault(key=("select", "whole"), text=text)
    if chosen.whole and not (update is not None and update.body in _WHOLE):
        yield Fault(key=("select", "whole"), text="is said, and no update sends anything whole")


def _call_faults(key: Key, chosen: Selection | None, call: ReadCall) -> Iterator[Fault]:
    if call.method == "POST":
        yield from _body_faults((*key, "body"), chosen, template_names(call.body))
    if call.long is None:
        return
    if chosen is None:
        yield Fault(
            key=(*key, "long"), text="is asked where names make an address long: state select"
        )
    elif call.method != "GET" or call.long.method != "POST":
        yield Fault(key=(*key, "long"), text="is a POST that is asked in the place of a GET")
    yield from _body_faults((*key, "long", "body"), chosen, template_names(call.long.body))
    if call.long.long is not None:
        yield Fault(key=(*key, "long", "long"), text="has no room for another one")


def _body_faults(key: Key, chosen: Selection | None, names: frozenset[str]) -> Iterator[Fault]:
    if chosen is not None and FIELDS not in names:
        text = f"{{{FIELDS}}} is in no text of it: the answer would lack what is in use"
        yield Fault(key=key, text=text)
    if chosen is None and FIELDS in names:
        yield Fault(key=key, text=f"nothing fills {{{FIELDS}}}: state select")
