"""Waking: records that somebody said have changed are read by id, before all else."""

from collections.abc import Sequence

from specbridge.errors import RefusedError
from specbridge.runtime.decide.binding import BoundResource
from specbridge.runtime.engine.reading import take_in
from specbridge.runtime.engine.session import Session, log
from specbridge.runtime.records import Change, Tombstone
from specbridge.runtime.store.seen.progress import read_progress
from specbridge.runtime.store.seen.records import Reading
from specbridge.runtime.store.seen.wakes import drop_wakes, pending_wakes

_TOGETHER = 100
"""Records that are asked for together."""


def take_woken(session: Session) -> None:
    """Read by id the records that wait to be read, and absorb them as a reading does.

    Never from a list: Zendesk's exports withhold the newest minute. A wake is dropped in the transaction
    in which its record is stored; what a run that fails has not come to stays.
    """
    company = session.company
    for key, waiting in pending_wakes(session.connection, company.number).items():
        if key not in company.numbers:
            # No package reads such records, and nobody would ever take them.
            drop_wakes(session.connection, waiting)
            continue
        resource = company.resources.get(company.numbers[key])
        # Those of packages that do not run this time wait for theirs.
        if resource is not None and key[0] in session.edges.connectors:
            _take(session, resource, waiting)
    session.checkpoint()


def _take(session: Session, resource: BoundResource, waiting: dict[int, str]) -> None:
    ids = list(dict.fromkeys(waiting.values()))
    progress = read_progress(session.connection, resource.number)
    reading, count = Reading(generation=progress.generation), 0
    for start in range(0, len(ids), _TOGETHER):
        part = ids[start : start + _TOGETHER]
        # The store stays unlocked while a system is waited for.
        session.checkpoint()
        changes = _look(session, resource, part)
        count += take_in(session, resource, changes, reading)
        taken = set(part)
        drop_wakes(session.connection, [n for n, id_ in waiting.items() if id_ in taken])
    session.checkpoint()
    log.info("read what was woken", system=resource.key[0], resource=resource.name, changed=count)


def _look(session: Session, resource: BoundResource, ids: Sequence[str]) -> list[Change]:
    try:
        there, gone = session.look_again(resource, ids)
    except RefusedError as error:
        if len(ids) > 1:
            # One that the system does not take must not keep the others from being read.
            return [change for id_ in ids for change in _look(session, resource, [id_])]
        # Left there, it would be asked for by every run.
        system = resource.key[0]
        log.warning("a woken record cannot be read", system=system, resource=resource.name)
        log.debug("reason why a woken record cannot be read", reason=str(error))
        return []
    return [*there, *map(Tombstone, gone)]
