"""Link rules over references: the source's key is the id that its reference is linked to."""

from collections.abc import Sequence

from sqlalchemy import select

from specbridge.runtime.conversions import link_key
from specbridge.runtime.conversions.scalars import as_text
from specbridge.runtime.decide.binding import BoundFlow, digest_number
from specbridge.runtime.decide.merge import SOURCE
from specbridge.runtime.decide.paths import read_path
from specbridge.runtime.decide.plan import Wait
from specbridge.runtime.engine.session import Session
from specbridge.runtime.flow import LinkRule
from specbridge.runtime.records import Record
from specbridge.runtime.store.leftover.leftovers import WaitRow, replace_waits
from specbridge.runtime.store.seen.queue import queue_records, queued_ids
from specbridge.runtime.store.seen.records import load_records
from specbridge.runtime.store.tables.rows import among, delete_rows, insert_rows, parts, storable
from specbridge.runtime.store.tables.schema import keys, waiting


def index_references(session: Session, flow: BoundFlow, end: int) -> None:
    """Give the queued records of the source their keys for rules over references.

    A reference that is not linked gives no key; the record is queued again once it is.
    """
    rules = _reference_rules(flow)
    if not rules:
        return
    resource = flow.resources[SOURCE]
    for ids in parts(queued_ids(session.connection, (flow.number, SOURCE), end=end)):
        records = list(load_records(session.connection, resource, ids).values())
        inside = [r for r in records if flow.includes(SOURCE, r.properties)]
        waits = [
            wait for rule, stated in rules for wait in _index(session, flow, (rule, stated), inside)
        ]
        # Of all these ids: one that left the subset waits no more.
        replace_waits(session.connection, (flow.number, SOURCE), ids, waits)


def defer_waiting(
    session: Session, flow: BoundFlow, side: int, unlinked: Sequence[Record]
) -> list[Record]:
    """Queue the records for the next round whose reference may be linked in this one.

    The others are returned: nothing more can be learnt of what they match.
    """
    # The target's key is what it holds itself; only the source's goes through the links.
    if side != SOURCE or not _reference_rules(flow):
        return list(unlinked)
    late: set[str] = set()
    for ids in parts([record.id for record in unlinked]):
        own = waiting.c.pairing == flow.number, waiting.c.side == SOURCE
        chosen = select(waiting.c.id).where(*own, among(waiting.c.id, ids))
        late.update(session.connection.execute(chosen).scalars())
    queue_records(session.connection, [(flow.number, SOURCE)], sorted(late))
    return [record for record in unlinked if record.id not in late]


def _reference_rules(flow: BoundFlow) -> list[tuple[int, LinkRule]]:
    rules = enumerate(flow.flow.link_rules)
    return [(number, rule) for number, rule in rules if rule.reference is not None]


def _index(
    session: Session, flow: BoundFlow, rule: tuple[int, LinkRule], records: Sequence[Record]
) -> list[WaitRow]:
    """Index one rule's keys; return the references that are not linked yet."""
    number, stated = rule
    assert stated.reference is not None
    # A rule links within its own flow's subset; another flow of the pairing may be about the rest.
    taken = [record for record in records if flow.rule_takes(number, SOURCE, record.properties)]
    found = [(record.id, read_path(record.properties, stated.source)) for record in taken]
    held = [
        (id_, storable(as_text(value)))
        for id_, value in found
        if isinstance(value, int | float | str) and value != ""
    ]
    linked = session.links_between(flow, stated.reference, SOURCE, {value for _, value in held})
    scope = {"pairing": flow.number, "side": SOURCE, "rule": number}
    # Before the new ones: a reference that has moved on must not match by its old key.
    delete_rows(session.connection, keys, "id", [record.id for record in records], **scope)
    rows = [
        (flow.number, SOURCE, number, digest_number(link_key(linked[value]) or ""), id_)
        for id_, value in held
        if value in linked
    ]
    insert_rows(session.connection, keys, ("pairing", "side", "rule", "value", "id"), rows)
    resource = stated.reference[SOURCE]
    return [
        wait_row(session, flow, id_, Wait(unit="", side=SOURCE, resource=resource, id=value))
        for id_, value in held
        if value not in linked
    ]


def wait_row(session: Session, flow: BoundFlow, id_: str, wait: Wait) -> WaitRow:
    """Return a wait as the store keeps it."""
    system = flow.side(wait.side).system
    return WaitRow(
        pairing=flow.number,
        side=wait.side,
        id=id_,
        # 0 where no flow uses that resource: nothing will be linked there, but the wait counts.
        to_resource=session.company.numbers.get((system, wait.resource), 0),
        to_id=storable(wait.id),
    )
