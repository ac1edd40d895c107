"""Creating: counterparts for unlinked records, each once; taken names are adopted."""

from collections.abc import Iterable, Iterator, Mapping, Sequence, Set

from msgspec.structs import replace

from specbridge.model.values import Json
from specbridge.runtime.decide.binding import BoundFlow
from specbridge.runtime.decide.creation import Bases, Creation, plan_creation
from specbridge.runtime.decide.merge import TARGET
from specbridge.runtime.decide.owning import reference_path
from specbridge.runtime.decide.paths import Place, dotted, read_place
from specbridge.runtime.engine.changing.extents import check_extent
from specbridge.runtime.engine.changing.holders import (
    Held,
    Search,
    describe_held,
    find_holders,
    held_by_answer,
    linked_records,
    place_named,
    reference_search,
)
from specbridge.runtime.engine.changing.uniques import UniqueValues
from specbridge.runtime.engine.changing.writing import (
    Answer,
    Dispatch,
    Intent,
    Known,
    external_reference,
    longest_reference,
    take_back,
)
from specbridge.runtime.engine.linking.calling import called_for
from specbridge.runtime.engine.linking.claiming import own_records
from specbridge.runtime.engine.linking.counterparts import find_members
from specbridge.runtime.engine.linking.making_room import make_match, make_room, room_around
from specbridge.runtime.engine.linking.referring import wait_row
from specbridge.runtime.engine.session import Session
from specbridge.runtime.records import Create, Record, Refused, Written
from specbridge.runtime.store.history.journal import Entry, open_entries
from specbridge.runtime.store.leftover.leftovers import (
    NOT_SHOWN,
    DeadLetter,
    replace_waits,
)
from specbridge.runtime.store.linking.links import (
    NewLink,
    blocked_records,
    drop_links,
    find_links,
    make_links,
)
from specbridge.runtime.store.seen.claims import claim_records
from specbridge.runtime.store.seen.queue import queue_records

_NOTHING: Mapping[str, Json] = {}


class Creator:
    """Creates records on one side of a flow for unlinked records of the other."""

    def __init__(self, session: Session, flow: BoundFlow, side: int) -> None:
        """Create records on `side`."""
        self._session = session
        self._flow = flow
        self._side = side
        self._resource = session.resource(flow, side)
        self._origins = session.resource(flow, 1 - side)
        self._bases = Bases(flow, side)
        self._uniques = UniqueValues(session, flow, side)
        # The records of other companies that hold what was to be created, by what it was for.
        self._others: dict[str, str] = {}

    def create(self, unlinked: Sequence[Record]) -> None:
        """Create, adopt, or report; raises ApiError after taking in what was answered."""
        wanted = self.eligible(self._ask_things(unlinked))
        if not wanted:
            return
        session = self._session
        check_extent(session, self._flow, self._side, len(wanted))
        plans = self._plan(wanted)
        # First: what fails again gets its letter below, with the reason of today.
        session.drop_letters(self._flow, 1 - self._side, [r.id for r in wanted])
        sound = list(self._report_unsound(plans))
        self._note_waits(sound)
        self._send(list(self._adopt_or_keep([plan for plan in sound if not plan.held_back])))

    def adopt_anew(self, left: Sequence[Record]) -> Set[str]:
        """Link records whose counterparts vanished with those that were made anew in their place.

        That is: with whoever alone has their unique values by now, and is not linked. Returns their ids.
        """
        plans = self._plan(self.eligible(left)) if self._flow.unique[self._side] else []
        holders = self._uniques.holders_of(plans)
        linked = self._uniques.not_free(holders)
        adopted: list[tuple[Creation, str]] = []
        for plan in plans:
            found = {
                id_ for key, _ in self._uniques.values_of(plan) for id_ in holders.get(key, ())
            }
            if len(found) == 1 and not found & linked:
                linked |= found
                adopted += [(plan, id_) for id_ in found]
        adopted = self._with_room(adopted)
        origins, near = [plan.origin.id for plan, _ in adopted], 1 - self._side
        for marked in (True, False):
            drop_links(self._session.connection, self._flow.number, near, origins, vanished=marked)
        self._link(adopted)
        return set(origins)

    def _with_room(self, adopted: Sequence[tuple[Creation, str]]) -> list[tuple[Creation, str]]:
        """Return what leaves every thing with one record of a resource, whatever else joins it."""
        ends = [self._new_link(plan.origin.id, id_, "adopt") for plan, id_ in adopted]
        matches = [make_match(self._flow, link.source_id, link.target_id) for link in ends]
        around = room_around(self._session, self._flow)
        kept = set(make_room(self._session, matches, around))
        return [one for one, match in zip(adopted, matches, strict=True) if match in kept]

    def _plan(self, wanted: Sequence[Record]) -> list[Creation]:
        none: tuple[Record, ...] = ()
        records = (wanted, none) if self._side == TARGET else (none, wanted)
        translation = self._session.translation(self._flow, *records)
        return [plan_creation(self._flow, self._side, r, translation) for r in wanted]

    def _ask_things(self, unlinked: Sequence[Record]) -> Sequence[Record]:
        """Link records whose thing has a counterpart already; return those whose thing has none."""
        found = find_members(self._session, self._flow, 1 - self._side, unlinked)
        if not found:
            return unlinked
        joined = [(record, member.id) for record, member in found if member.reason is None]
        links = [self._new_link(record.id, id_, "thing") for record, id_ in joined]
        make_links(self._session.connection, self._session.run, links)
        self._session.tallies[self._flow.number].linked += len(joined)
        for record, id_ in joined:
            reason = f"other links join it with {record.id}"
            self._session.note(self._flow, "link", self._side, id_, reason=reason)
        # They have never agreed on anything: the pair is merged in the next round.
        self._queue([record.id for record, _ in joined])
        self._withhold([(record, member.reason) for record, member in found if member.reason])
        settled = {record.id for record, _ in found}
        return [record for record in unlinked if record.id not in settled]

    def _withhold(self, found: Sequence[tuple[Record, str]]) -> None:
        """Report the records for which nothing is created, though documents call for it."""
        reasons = {record.id: reason for record, reason in found}
        session, flow = self._session, self._flow
        for record in called_for(session, flow, 1 - self._side, [record for record, _ in found]):
            session.tallies[flow.number].withheld += 1
            session.note(flow, "withheld", 1 - self._side, record.id, reason=reasons[record.id])

    def eligible(self, unlinked: Sequence[Record]) -> list[Record]:
        """Return the records that are to get a counterpart, ambiguous and split ones aside."""
        number, near = self._flow.number, 1 - self._side
        wanted = called_for(self._session, self._flow, near, unlinked)
        # One of its candidates may be the same person: a link can be made later, a copy not unmade.
        ids = [record.id for record in wanted]
        blocked = blocked_records(self._session.connection, number, near, ids) if ids else ()
        free = [record for record in wanted if record.id not in blocked]
        # Whoever has a counterpart made is whose the record is from now on.
        return own_records(self._session, self._origins, free)

    def _report_unsound(self, plans: Sequence[Creation]) -> Iterator[Creation]:
        letters = []
        for plan in plans:
            if plan.failure is not None:
                letters.append(self._letter(plan, plan.failure))
            elif plan.missing is not None:
                letters.append(self._letter(plan, f"{plan.missing} is required and has no value"))
            else:
                yield plan
        self._session.add_letters(letters)

    def _letter(self, plan: Creation, reason: str, other: str | None = None) -> DeadLetter:
        return DeadLetter(
            pairing=self._flow.number,
            side=1 - self._side,
            id=plan.origin.id,
            other_id=other,
            reason=reason,
        )

    def _note_waits(self, plans: Sequence[Creation]) -> None:
        if not self._flow.waits:
            return
        ids = [plan.origin.id for plan in plans]
        rows = [
            wait_row(self._session, self._flow, plan.origin.id, wait)
            for plan in plans
            for wait in plan.waits
        ]
        replace_waits(self._session.connection, (self._flow.number, 1 - self._side), ids, rows)

    def _adopt_or_keep(self, plans: Sequence[Creation]) -> Iterator[Creation]:
        """Yield the plans whose unique values are free; the others are adopted or reported."""
        if not self._flow.unique[self._side]:
            yield from plans
            return
        holders = self._uniques.holders_of(plans)
        linked = self._uniques.not_free(holders)
        claimed: set[tuple[int, int]] = set()
        later: list[str] = []
        adopted: list[tuple[Creation, str]] = []
        letters: list[DeadLetter] = []
        for plan in plans:
            values = dict(self._uniques.values_of(plan))
            found = sorted({id_ for key in values for id_ in holders.get(key, ())})
            if any(key in claimed for key in values):
                # Another record of this batch wants the same name: see what came of it first.
                later.append(plan.origin.id)
                continue
            claimed.update(values)
            if not found:
                yield plan
            elif len(found) > 1 or found[0] in linked:
                letters.append(self._taken(plan, found, values))
            else:
                linked.add(found[0])
                adopted.append((plan, found[0]))
        self._queue(later)
        self._link(adopted)
        self._session.add_letters(letters)

    def _taken(
        self, plan: Creation, found: Sequence[str], values: Mapping[tuple[int, int], Place]
    ) -> DeadLetter:
        """Return the dead letter of a record whose unique values cannot be had."""
        names = " and ".join(sorted({str(place) for place in values.values()}))
        return self._held_letter(plan, Held(names, tuple(found)))

    def _held_letter(self, plan: Creation, held: Held) -> DeadLetter:
        return self._letter(plan, describe_held(self._session, self._resource, held), held.other)

    def _linked(self, ids: Iterable[str]) -> set[str]:
        """Return which of the records are linked, in whichever pairing."""
        return linked_records(self._session, self._resource, ids)

    def _link(self, adopted: Sequence[tuple[Creation, str]]) -> None:
        """Link records to those that hold their unique values already."""
        session, origins = self._session, [plan.origin.id for plan, _ in adopted]
        entries = [
            replace(self._entry(plan, "adopt"), record_id=id_, state="done")
            for plan, id_ in adopted
        ]
        open_entries(session.connection, session.run, entries)
        links = [self._new_link(plan.origin.id, id_, "adopt") for plan, id_ in adopted]
        make_links(session.connection, session.run, links)
        session.tallies[self._flow.number].linked += len(adopted)
        for _, id_ in adopted:
            session.note(self._flow, "link", self._side, id_, reason="its unique property matches")
        # A link by name has no base yet: the pair is merged in the next round.
        self._queue(origins)

    def _new_link(
        self, origin: str, id_: str, made_by: str, base: Mapping[str, Json] | None = None
    ) -> NewLink:
        source, target = (origin, id_) if self._side == TARGET else (id_, origin)
        return NewLink(
            pairing=self._flow.number,
            source_id=source,
            target_id=target,
            made_by=made_by,
            base=base,
        )

    def _queue(self, origins: Sequence[str]) -> None:
        place = self._flow.number, 1 - self._side
        queue_records(self._session.connection, [place], origins)

    def _send(self, plans: Sequence[Creation]) -> None:
        session = self._session
        by_origin = {plan.origin.id: plan for plan in plans}
        longest = longest_reference(self._resource)
        intents = [self._intent(plan, longest) for plan in plans]
        dispatch = Dispatch(session, self._resource, intents).announced()
        # One transaction up to the checkpoint: no entry is closed without its link.
        answers = list(dispatch.send())
        self._take_in(answers, by_origin)
        session.checkpoint()
        dispatch.raise_error()

    def _entry(self, plan: Creation, kind: str, after: Mapping[str, Json] = _NOTHING) -> Entry:
        return Entry(
            pairing=self._flow.number,
            kind=kind,
            resource=self._resource.number,
            record_id=None,
            origin=plan.origin.id,
            before=_NOTHING,
            after=after,
        )

    def _intent(self, plan: Creation, longest: int) -> Intent:
        company = self._session.company
        reference = external_reference(company, self._origins, plan.origin.id, longest)
        entry = self._entry(plan, "create", plan.properties)
        key, properties = plan.origin.id, plan.properties
        create = Create(key=key, properties=properties, external_reference=reference)
        return Intent(entry=entry, write=create)

    def _take_in(self, answers: Sequence[Answer], plans: Mapping[str, Creation]) -> None:
        records: list[Record] = []
        again: list[str] = []
        links: list[NewLink] = []
        had, twice = set(self._had_by_others(answers)), list[tuple[Creation, Written]]()
        for answer in answers:
            plan = plans[answer.intent.entry.origin or ""]
            if isinstance(answer.outcome, Refused):
                self._refused(plan, answer.outcome)
                continue
            if answer.outcome.id in had:
                twice.append((plan, answer.outcome))
                continue
            had.add(answer.outcome.id)
            record = answer.outcome.record or Record(answer.outcome.id, "", plan.properties)
            found = answer.outcome.found
            base = self._bases.base_of(plan, record, found=found)
            links.append(self._new_link(plan.origin.id, record.id, "create", base))
            # Nobody has edited what was made: it is as old as what it was made for.
            edited_at = "" if found else plan.origin.edited_at or plan.origin.modified_at
            records.append(replace(record, edited_at=edited_at))
            # The server filled in more: its own values are yet to be merged.
            again += [record.id] if len(base) < len(self._flow.units) else []
            self._count(plan, answer.outcome)
        ids = [record.id for record in records]
        claim_records(self._session.connection, self._resource, ids)
        take_back(self._session, self._resource, records, again, Known(by=self._flow.number))
        make_links(self._session.connection, self._session.run, links)
        self._session.add_letters([self._held_letter(p, held_by_answer(o)) for p, o in twice])

    def _had_by_others(self, answers: Sequence[Answer]) -> Set[str]:
        """Return the records of the answers that are linked with others already."""
        ids = [one.outcome.id for one in answers if isinstance(one.outcome, Written)]
        return find_links(self._session.connection, [self._flow.number], self._side, ids).keys()

    def _count(self, plan: Creation, written: Written) -> None:
        session = self._session
        session.tallies[self._flow.number].created[self._side] += 1
        if session.actions is not None:
            more = {"after": plan.properties, "reason": plan.origin.id}
            session.note(self._flow, "create", self._side, written.id, **more)

    def _refused(self, plan: Creation, refused: Refused) -> None:
        key = self._origins.number, plan.origin.id
        if refused.duplicate is not None and key not in self._session.retried:
            # Once: a holder that cannot be had would be found, and refused again, in every round.
            self._session.retried.add(key)
            if self._find_holder(plan, refused.duplicate, refused.holder):
                self._queue([plan.origin.id])
                return
        reason = f"{self._resource.key[0]} refused it ({refused.status}): {refused.reason}"
        # Whoever has it is not to be found: nothing but trying again tells when it is given up.
        other = NOT_SHOWN if refused.duplicate is not None else None
        if (others := self._others.get(plan.origin.id)) is not None:
            reason += f"; {others} has it, which is another company's"
            other = others
        elif refused.duplicate is not None and refused.holder is not None:
            # It does not show the value (a second address, say): whose it is, a person decides.
            held = Held(refused.duplicate, (refused.holder,))
            reason += f"; {describe_held(self._session, self._resource, held)}"
            other = held.other
        self._session.add_letters([self._letter(plan, reason, other)])

    def _find_holder(self, plan: Creation, duplicate: str, named: str | None) -> bool:
        """Read the record that holds the unique value; the next round adopts or reports it."""
        search = self._search(plan, duplicate)
        holders = find_holders(self._session, self._resource, search, named)
        found = own_records(self._session, self._resource, holders)
        if others := [one.id for one in holders if one not in found]:
            self._others[plan.origin.id] = others[0]
        take_back(self._session, self._resource, found, [record.id for record in found])
        path = reference_path(self._resource)
        # The reference is ours: its holder was created for this very record, by a run that died.
        if found and path is not None and dotted(path).casefold() == duplicate.casefold():
            ids = [record.id for record in found]
            if not self._linked(ids):
                self._link([(plan, ids[0])])
        return bool(found)

    def _search(self, plan: Creation, duplicate: str) -> "Search | None":
        reference = _reference(self._intent(plan, longest_reference(self._resource)))
        if (by_reference := reference_search(self._resource, duplicate, reference)) is not None:
            return by_reference
        named = place_named(self._flow, self._side, duplicate)
        if named is None:
            return None
        place = named[1]
        return Search(path=place.path, value=str(read_place(plan.properties, place)))


def _reference(intent: Intent) -> str:
    assert isinstance(intent.write, Create)
    return intent.write.external_reference
