"""What people have paused: a run leaves it alone, and says so."""

from specbridge.runtime.decide.binding import BoundFlow
from specbridge.runtime.engine.beginning import Task
from specbridge.runtime.engine.session import Session
from specbridge.runtime.reports.report import Paused
from specbridge.runtime.store.leasing.pausing import WHOLE, Pause, paused_pairings, read_pauses


def choose_flows(task: Task, session: Session) -> tuple[tuple[BoundFlow, ...], tuple[Paused, ...]]:
    """Return the pairings that a task is to run now, and what keeps it from running others.

    A pairing of several packages stands still while one of them is paused: it works as one.
    """
    company = session.company
    asked = tuple(flow for flow in company.flows if task.runs(flow))
    pauses = read_pauses(session.connection, company.number)
    if WHOLE in pauses:
        return (), (_told(pauses[WHOLE]),)
    if not pauses:
        return asked, ()
    still = paused_pairings(session.connection, company.number, pauses)
    names = {name for flow in asked for name in still.get(flow.number, ())}
    left = tuple(flow for flow in asked if flow.number not in still)
    return left, tuple(_told(pauses[name]) for name in sorted(names))


def _told(pause: Pause) -> Paused:
    return Paused(package=pause.package, since=pause.since, reason=pause.reason)
