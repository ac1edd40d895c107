"""The three-way merge of one unit: which side's value goes across, if any; pure.

Each side is compared with its own base, so that a conversion which loses something never makes a
side look changed. Whatever has changed, nothing is written while one side's view of the other
already equals it. Swapping the sides mirrors the result, ties apart.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import Enum

from msgspec import Struct

from specbridge.runtime.decide.equality import MISSING, Value, is_empty
from specbridge.runtime.decide.options import ConflictPolicy

SOURCE, TARGET = 0, 1
"""The sides of a flow, as numbers: they index pairs, and the store keeps them."""

Same = Callable[[Value, Value], bool]
Flags = tuple[bool, bool]
"""Something that is so or not of the source, and of the target."""

Base = tuple[Sequence[Value], Value]
"""What the source properties and the target property held when they last agreed."""


class Verdict(Enum):
    """What is to be done about a unit."""

    AGREED = "agreed"  # nothing to write; this is the new base
    KEPT = "kept"  # the same, though they differ: the fed side keeps its own
    TO_TARGET = "to_target"
    TO_SOURCE = "to_source"
    WAIT = "wait"  # its reference has no linked record yet
    NOTHING = "nothing"  # nothing can be done, or nothing has changed
    OPEN = "open"  # both changed, and the settings leave it to a person


class View(Struct, frozen=True, gc=False):
    """What both sides hold, and how each looks from the other side.

    `supplied` is the source value that the target's value is compared with, and would replace.
    `forward` is what the target would have to hold for the source's values, `backward` what the
    source would have to hold for the target's; MISSING where the mapper gives none.
    """

    sources: Sequence[Value]
    target: Value
    supplied: Value
    forward: Value
    backward: Value
    base: Base | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Terms:
    """What decides beside the values: directions, policy, and which record was modified later.

    `later` is the side that was modified later, a tie resolved; `chosen` the side that a person
    chose. `reference`: the values are ids, which can only go across once their records are linked.
    `fed`: what is written one way only has no master. `stays`: both values go round a circle, and this
    side's is the later.
    """

    same: Same
    to_target: bool
    to_source: bool
    policy: ConflictPolicy
    later: int
    empty_wins: bool = False
    chosen: int | None = None
    reference: bool = False
    fed: bool = False
    stays: int | None = None


class Decision(Struct, frozen=True, gc=False):
    """A verdict, and the side whose own value loses by it (None: nobody's edit is lost)."""

    verdict: Verdict
    loser: int | None = None


AGREED = Decision(verdict=Verdict.AGREED)
NOTHING = Decision(verdict=Verdict.NOTHING)
_KEPT = tuple(Decision(verdict=Verdict.KEPT, loser=1 - stays) for stays in (SOURCE, TARGET))


def merge_unit(view: View, terms: Terms) -> Decision:
    """Decide about one unit."""
    empty = _source_empty(view), is_empty(view.target)
    # Before any change is looked for: a side that lost digits on the way would be written for ever.
    if (empty[SOURCE] and empty[TARGET]) or _agrees(view, terms):
        return AGREED
    changed = find_changes(view, terms.same, empty)
    if terms.reference and not any(changed):
        changed = _find_moved(view, terms.same)
    # A person's choice goes before every policy, whatever has changed since it was made.
    if terms.chosen is not None:
        return _carry(view, terms, terms.chosen, True)
    if not any(changed):
        return NOTHING
    if (kept := _keep(view, terms, changed, empty)) is not None:
        return kept
    leader, contested = _choose_leader(view, terms, changed, empty)
    if leader is None:
        return Decision(verdict=Verdict.OPEN)
    return _carry(view, terms, leader, contested)


def _agrees(view: View, terms: Terms) -> bool:
    """Return whether one side, seen from the other, already equals it."""
    if view.forward is not MISSING and terms.same(view.forward, view.target):
        return True
    return view.backward is not MISSING and terms.same(view.backward, view.supplied)


def find_changes(view: View, same: Same, empty: Flags) -> Flags:
    """Return which sides differ from their base; a property that is missing has not changed."""
    if view.base is None:
        return not empty[SOURCE], not empty[TARGET]
    sources, target = view.base
    # The document may have gained a row since the base was kept: of its source nothing is agreed.
    pairs = zip(view.sources, sources, strict=False)
    gained = view.sources[len(sources) :]
    return (
        any(value is not MISSING and not same(value, before) for value, before in pairs)
        or not all(map(is_empty, gained)),
        view.target is not MISSING and not same(view.target, target),
    )


def _find_moved(view: View, same: Same) -> Flags:
    """Return which side refers to a record that has another counterpart than when they last agreed.

    The other side then refers to a record that has none any more: it was deleted, and made anew.
    """
    if view.base is None:
        return False, False
    sources, target = view.base
    ahead, back = view.forward is not MISSING, view.backward is not MISSING
    return (
        ahead and not back and not same(view.forward, target),
        back and not ahead and not any(same(view.backward, before) for before in sources),
    )


def _keep(view: View, terms: Terms, changed: Flags, empty: Flags) -> Decision | None:
    """Return the decision where neither policy nor direction says which value stays."""
    asks = terms.policy is ConflictPolicy.MANUAL and all(changed)
    if terms.stays is None or asks or (any(empty) and not terms.empty_wins):
        return _stay(view, terms, changed, empty) if terms.fed else None
    decision = _carry(view, terms, terms.stays, True)
    # It may not go across here, and comes by the other way round.
    return _KEPT[terms.stays] if decision is NOTHING else decision


def _stay(view: View, terms: Terms, changed: Flags, empty: Flags) -> Decision | None:
    """Return the decision where the side that is written one way only keeps what it holds.

    Another record feeds it too: restoring this one's value would go back and forth for ever, so only
    a later edit of this one goes across.
    """
    leader = SOURCE if terms.to_target else TARGET
    if any(empty) and (view.base is None or not terms.empty_wins):
        return None
    if not changed[1 - leader] or (changed[leader] and terms.later == leader):
        return None
    return Decision(verdict=Verdict.KEPT, loser=leader if changed[leader] else None)


def _choose_leader(
    view: View, terms: Terms, changed: Flags, empty: Flags
) -> tuple[int | None, bool]:
    """Return the side whose value goes across (None: a person decides), and whether it is contested."""
    both, lacking = changed[SOURCE] and changed[TARGET], empty[SOURCE] or empty[TARGET]
    contested = both or (view.base is not None and not terms.empty_wins and lacking)
    if lacking and (view.base is None or not terms.empty_wins):
        return (TARGET if empty[SOURCE] else SOURCE), contested and changed[_first(empty)]
    if terms.to_target is not terms.to_source:
        # The other way is held: the value that may travel is restored, the edit is journalled.
        leader = SOURCE if terms.to_target else TARGET
        return leader, changed[1 - leader]
    if not both:
        return _first(changed), False
    return _apply_policy(terms), True


def _apply_policy(terms: Terms) -> int | None:
    match terms.policy:
        case ConflictPolicy.SOURCE:
            return SOURCE
        case ConflictPolicy.TARGET:
            return TARGET
        case ConflictPolicy.LATEST:
            return terms.later
        case ConflictPolicy.MANUAL:
            return None


def _carry(view: View, terms: Terms, leader: int, contested: bool) -> Decision:
    allowed = terms.to_target if leader == SOURCE else terms.to_source
    value = view.forward if leader == SOURCE else view.backward
    if not allowed:
        return NOTHING
    if value is MISSING:
        held = view.supplied if leader == SOURCE else view.target
        # Only a link that is missing can still come; a value that the mapper leaves out will not.
        waits = terms.reference and not is_empty(held)
        return Decision(verdict=Verdict.WAIT) if waits else NOTHING
    verdict = Verdict.TO_TARGET if leader == SOURCE else Verdict.TO_SOURCE
    return Decision(verdict=verdict, loser=1 - leader if contested else None)


def _source_empty(view: View) -> bool:
    # A data type may turn nothing into something: ["if", ["is-empty", "_."], "-", "_."].
    return is_empty(view.forward) and all(is_empty(value) for value in view.sources)


def _first(flags: Flags) -> int:
    return SOURCE if flags[SOURCE] else TARGET
