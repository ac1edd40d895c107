"""Guards on creation, whatever its reason: no more records than there are origins, no endless chain."""

from collections.abc import Collection, Mapping

from specbridge.errors import GuardError
from specbridge.model.values import CreationPolicy
from specbridge.runtime.decide.binding import BoundFlow
from specbridge.runtime.decide.identity.things import Place, by_resource
from specbridge.runtime.decide.merge import SOURCE, TARGET
from specbridge.runtime.engine.session import Session
from specbridge.runtime.store.history.journal import created_unlinked, origins_of
from specbridge.runtime.store.linking.links import Span
from specbridge.runtime.store.seen.records import count_some

_ADVICE = "Look at `plan`; if that is right, run again with --force"


def check_extent(session: Session, flow: BoundFlow, side: int, count: int) -> None:
    """Raise GuardError where a run would create more of a pairing than the origin's resource holds.

    `count` records are about to be created on `side`.
    """
    if session.options.force:
        return
    origins = session.resource(flow, 1 - side)
    made = session.tallies[flow.number].created
    wanted = made[side] + count
    # What the pairing itself made there calls for none: each of them has the one it was made for.
    needed = wanted + made[1 - side]
    if needed > session.held.get(origins.number, 0):
        # Twice as many: so that all batches of a run together count each record a few times at most.
        session.held[origins.number] = count_some(session.connection, origins.number, 2 * needed)
    held = session.held[origins.number]
    if needed > held:
        raise GuardError(
            f"{flow.name}: the run would create {wanted} {flow.side(side).resource}, though there "
            f"are {held - made[1 - side]} {origins.name} to create them for. {_ADVICE}"
        )


def check_chains(session: Session, span: Span) -> None:
    """Raise GuardError where a creation would go on a chain that is longer than there are resources.

    A chain is what was created for what was created for something, and so on.
    """
    if session.options.force:
        return
    for flow in session.flows:
        for side in (SOURCE, TARGET):
            if any(rule.policy is not CreationPolicy.NEVER for rule in flow.creations[side]):
                made = created_unlinked(session.connection, flow, side, span)
                _check_chains(session, flow, {(flow.resources[side], id_) for id_ in made})


def _check_chains(session: Session, flow: BoundFlow, places: Collection[Place]) -> None:
    most, length = len(session.company.numbers), 0
    while places:
        length += 1
        if length > most:
            raise GuardError(
                f"{flow.name}: records would be created for records that were created for others, "
                f"{length} times over, though there are {most} resources. {_ADVICE}"
            )
        places = set(_made_for(session, places).values())


def _made_for(session: Session, places: Collection[Place]) -> Mapping[Place, Place]:
    """Return for records that were created what they were created for."""
    found: dict[Place, Place] = {}
    for resource, ids in by_resource(places).items():
        for id_, pairing, origin in origins_of(session.connection, resource, ids):
            stored = session.company.pairings.get(pairing)
            if stored is not None:
                other = stored.resources[SOURCE if stored.resources[TARGET] == resource else TARGET]
                found[resource, id_] = other, origin
    return found
