"""A change: the edits of all flows to one record, until they are written."""

from collections.abc import Mapping

from msgspec import Struct, field

from specbridge.model.values import Json, Path
from specbridge.runtime.decide.bases import stored_base, write_base
from specbridge.runtime.decide.binding import BoundFlow
from specbridge.runtime.decide.equality import MISSING
from specbridge.runtime.decide.feeding.ranks import Rank
from specbridge.runtime.decide.merge import TARGET
from specbridge.runtime.decide.paths import (
    Place,
    read_path,
    read_place,
    set_place,
    whole_path,
    write_name,
)
from specbridge.runtime.decide.plan import Edit, Pair
from specbridge.runtime.decide.units import fitting_rows
from specbridge.runtime.records import Record

Effect = tuple[int, int, str, Json]
"""Pairing, link, unit, and what the other side holds: with the outcome, the unit's new base."""


class Change(Struct, kw_only=True):
    """A record's edits so far: `working` is the record with all of them applied.

    `paths` are the ones that change, with their names in the journal. `ranks` are those of the values that
    may come back round a circle. `bases` are those of the links
    concerned, without what is still to be written.
    """

    record: Record
    working: dict[str, Json]
    places: dict[str, Json] = field(default_factory=dict)
    ranks: dict[Place, Rank] = field(default_factory=dict)
    paths: dict[Path, str] = field(default_factory=dict)
    effects: list[Effect] = field(default_factory=list)
    parties: list[tuple[BoundFlow, int, Pair]] = field(default_factory=list)
    bases: dict[int, dict[str, Json]] = field(default_factory=dict)


def add_edit(flow: BoundFlow, pair: Pair, edit: Edit, change: Change) -> None:
    """Add an edit of a pair to the change of the record that it is about."""
    place = edit.place.name or str(edit.place)
    # Its base stays as it was, so the flow that came second finds the difference again.
    if change.places.setdefault(place, edit.value) != edit.value:
        return
    if edit.place.name:
        change.working[place] = edit.value
    else:
        change.working = set_place(change.working, edit.place, edit.value)
    if edit.rank is not None:
        change.ranks[edit.place] = edit.rank
    path = whole_path(edit.place.path)
    change.paths[path] = write_name(path)
    change.effects.append((flow.number, pair.link.number, edit.unit.key, _other_side(pair, edit)))
    known = change.parties
    # A record has one pair in a flow: more edits of it bring no other.
    if not known or not any(party[0] is flow and party[1] == edit.side for party in known):
        change.parties.append((flow, edit.side, pair))


def _other_side(pair: Pair, edit: Edit) -> Json:
    """Return what the side holds that is not written, as an effect keeps it.

    Where the source is written, the rows that are about the pair follow, if not all are.
    """
    source, target = pair.source.properties, pair.target.properties
    rows = fitting_rows(edit.unit, source, target)
    if edit.side == TARGET:
        return stored_base(edit.unit, source, None, rows)
    held = write_base(([], read_place(target, edit.unit.target)))
    # The answer will tell what the source holds, but not which of it is about the target.
    return held if rows is None or not isinstance(held, list) else [*held, list(rows)]


def json_at(properties: Mapping[str, Json], path: Path) -> Json:
    """Return the value at a path, None where nothing is there."""
    if len(path) == 1:
        return properties.get(path[0])
    value = read_path(properties, path)
    return None if value is MISSING else value
