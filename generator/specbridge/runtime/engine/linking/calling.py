"""Calling for creations: which records get a counterpart, as the documents say."""

from collections.abc import Sequence, Set

from specbridge.model.values import CreationPolicy
from specbridge.runtime.decide.binding import BoundFlow
from specbridge.runtime.decide.paths import holds
from specbridge.runtime.engine.session import Session
from specbridge.runtime.records import Record
from specbridge.runtime.store.seen.mentions import mentioned_records


def called_for(
    session: Session, flow: BoundFlow, near: int, unlinked: Sequence[Record]
) -> list[Record]:
    """Return the records of the side `near` for which the documents call for a counterpart."""
    rules = flow.creations[near]
    policies = {rule.policy for rule in rules}
    if policies == {CreationPolicy.NEVER}:
        return []
    if policies == {CreationPolicy.ALWAYS} and flow.whole:
        return list(unlinked)
    mentioned: Set[str] = frozenset()
    if CreationPolicy.CONNECTED in policies:
        ids = [record.id for record in unlinked]
        origins = session.resource(flow, near).number
        mentioned = mentioned_records(session.connection, session.company, origins, ids)
    return [record for record in unlinked if _is_called_for(flow, near, record, mentioned)]


def _is_called_for(flow: BoundFlow, near: int, record: Record, mentioned: Set[str]) -> bool:
    """Return whether a flow that is about the record says that it gets a counterpart."""
    for rule in flow.calls_for(near, record.properties):
        match rule.policy:
            case CreationPolicy.NEVER:
                called = False
            case CreationPolicy.ALWAYS:
                called = True
            case CreationPolicy.WHEN:
                condition = rule.condition
                called = condition is not None and holds(condition, record.properties)
            case CreationPolicy.CONNECTED:
                called = record.id in mentioned
        if called:
            return True
    return False
