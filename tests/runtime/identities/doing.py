"""What people do in a story: in the systems, and by hand in the store."""

from contextlib import suppress

from specbridge.errors import PackageError
from specbridge.model.values import Json

from tests.runtime.identities.drawing import KEY_VALUES, KINDS, VALUES, Deed
from tests.runtime.identities.playing import Player
from tests.runtime.identities.things import Place, pin_places, split_places
from tests.runtime.worlds import Crash


def do(player: Player, deed: Deed) -> None:
    """Have a deed happen."""
    _WAYS[deed.what](player, deed)


def _run(player: Player, deed: Deed) -> None:
    # A flow of a resource to itself does not run, and may be all that was chosen.
    with suppress(PackageError):
        player.sync(deed.index)


def _break(player: Player, deed: Deed) -> None:
    for world in player.worlds.values():
        setattr(world, deed.field, deed.index)
    with suppress(Crash, PackageError):
        player.sync(0)
    for world in player.worlds.values():
        setattr(world, deed.field, None)


def _arrive(player: Player, _deed: Deed) -> None:
    player.awaited = ""


def _add(player: Player, deed: Deed) -> None:
    values: dict[str, Json] = {"one": deed.keys[0], "two": deed.keys[1], "kind": deed.kind}
    values |= {field: None if deed.blank else player.say_something() for field in VALUES}
    place = player.add(deed.resource, values)
    for field, value in values.items():
        player.remember(place, field, value)


def _edit(player: Player, deed: Deed) -> None:
    if deed.field in VALUES:
        _change(player, deed, player.say_something())
    else:
        choices = KINDS if deed.field == "kind" else KEY_VALUES[deed.field]
        _change(player, deed, choices[deed.index % len(choices)])


def _empty(player: Player, deed: Deed) -> None:
    _change(player, deed, None)


def _change(player: Player, deed: Deed, value: Json) -> None:
    place = _pick(player, deed.resource, deed.index)
    if place is not None:
        player.edit(place, deed.field, value)


def _delete(player: Player, deed: Deed) -> None:
    place = _pick(player, deed.resource, deed.index)
    # A system that lists nothing of what it had is a guard's business.
    if place is not None and len(player.world(place[0]).records(place[0])) > 1:
        player.world(place[0]).remove(*place)
        player.deleted = True


def _split(player: Player, deed: Deed) -> None:
    place = _pick(player, deed.resource, deed.index)
    links = [link for link in player.state().links if place in link.places]
    if links:
        labels = player.labels()
        links.sort(key=lambda link: sorted(labels[place] for place in link.places))
        with player.kept.open() as store:
            chosen = links[deed.index % len(links)]
            player.splits += split_places(store, chosen, cut=deed.index % 2 == 1)
            store.commit()


def _pin(player: Player, deed: Deed) -> None:
    one = _pick(player, deed.resource, deed.index)
    others = [name for name in player.company.resources if name != deed.resource]
    if one is None or not others:
        return
    other = _pick(player, others[deed.index % len(others)], deed.index // 2)
    if other is None:
        return
    with player.kept.open() as store:
        granted = pin_places(store, one, other)
        store.commit()
    if granted:
        # A pin takes back a split of the two, and may part each from what it was linked with.
        player.splits = [pair for pair in player.splits if {*pair} != {one, other}]
        player.pinned |= player.ever.of(one) | player.ever.of(other)


def _pick(player: Player, resource: str, index: int) -> Place | None:
    """Choose a record that is there, by what people know it as."""
    labels = player.labels()
    places = [p for p in labels if p[0] == resource and player.stored(p) is not None]
    places.sort(key=lambda place: labels[place])
    return places[index % len(places)] if places else None


_WAYS = {
    "run": _run,
    "broken": _break,
    "arrive": _arrive,
    "add": _add,
    "edit": _edit,
    "empty": _empty,
    "delete": _delete,
    "split": _split,
    "pin": _pin,
}
