"""What people do from the console: the commands' own functions, told what was seen."""

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from specbridge.errors import ChangedError, PackageError
from specbridge.runtime.decide.merge import SOURCE
from specbridge.runtime.engine.undo import Chosen
from specbridge.runtime.reports.report import SIDES
from specbridge.runtime.store.accounts import number_company
from specbridge.runtime.store.engine import Store, open_reading, open_store, store_errors
from specbridge.runtime.store.history.deeds import Deed, by_hand, note_deeds
from specbridge.runtime.store.leasing.pausing import WHOLE, Pause, read_pauses
from specbridge.runtime.store.leftover import deciding
from specbridge.runtime.store.leftover.deciding import find_letter, last_actor, mark, read_pair
from specbridge.runtime.store.packages import KnownFlow, known_flows, known_packages
from specbridge.runtime.store.tables.rows import storable
from specbridge.service.console.asking import address, pair_address, read_number, received
from specbridge.service.console.jobs import Jobs, Which, Work


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """What somebody wants done: the store, who, and what the form holds, each name with all its values."""

    url: str
    who: str
    form: Mapping[str, Sequence[str]]
    jobs: Jobs
    work: Work

    def text(self, name: str) -> str:
        """Return what stands in a field, "" where it is not there, as a store takes it."""
        return storable(next(iter(self.form.get(name, ())), ""))

    def number(self, name: str) -> int:
        """Return the number in a field; raises PackageError where there is none."""
        found = read_number(self.text(name))
        if found is None:
            raise PackageError(f"the form lacks a number: {name}")
        return found

    def one_of(self, name: str, *words: str) -> str:
        """Return the word in a field; raises PackageError where it is none of these."""
        found = self.text(name)
        if found not in words:
            raise PackageError(f"the form lacks a choice: {name}")
        return found


Doing = Callable[[Wish], str]
"""What does something and returns where to go on; raises ChangedError where somebody was quicker."""


def settle(wish: Wish) -> str:
    """Decide a conflict."""
    choice = wish.number("conflict"), wish.one_of("choice", *SIDES)
    flow = _flow(wish.url, wish.number("flow"))
    with by_hand(wish.url, company=flow.company) as (store, flows):
        deciding.settle_conflict(store.connection, flows, choice, wish.who, wish.text("seen"))
    return address("/conflicts", told="settled")


def treat_letter(wish: Wish) -> str:
    """Have a dead letter tried again, or note that it was seen."""
    kind = wish.one_of("choice", "retry", "acknowledge")
    numbers = _numbers(wish)
    side, id_ = int(wish.one_of("side", "0", "1")), received(wish.text("id"))
    company = _flow(wish.url, numbers[0]).company
    with by_hand(wish.url, company=company) as (store, flows):
        letter = find_letter(store.connection, (numbers[0], side), id_)
        # What several flows say alike is acknowledged where it is in all of them.
        also = [find_letter(store.connection, (n, side), id_) for n in numbers[1:]]
        acknowledged = letter is not None and all(
            x.acknowledged for x in (letter, *filter(None, also))
        )
        if letter is None or mark(letter.reason, acknowledged) != wish.text("seen"):
            told = "has changed" if letter else "is no dead letter any more"
            by = last_actor(store.connection, numbers[0], id_) if side == SOURCE else ""
            raise ChangedError(f"{id_} {told}{by}")
        _treat(store, [flow for flow in flows if flow.number in numbers], (kind, [id_]), wish.who)
    return address("/letters", told=kind)


def treat_letters(wish: Wish) -> str:
    """Have all dead letters of flows tried again, or note that they were seen."""
    kind = wish.one_of("choice", "retry", "acknowledge")
    numbers = _numbers(wish)
    for company in sorted({_flow(wish.url, number).company for number in numbers}):
        with by_hand(wish.url, company=company) as (store, flows):
            chosen = [flow for flow in flows if flow.number in numbers]
            _treat(store, chosen, (kind, []), wish.who)
    return address("/letters", told=kind)


def _treat(
    store: Store, flows: Sequence[KnownFlow], what: tuple[str, Sequence[str]], who: str
) -> None:
    kind, ids = what
    doing = deciding.try_again if kind == "retry" else deciding.acknowledge
    doing(store.connection, flows, ids, who)


def treat_pair(wish: Wish) -> str:
    """Pin a pair, split it, or leave it to the rules again."""
    kind = wish.one_of("choice", "pin", "unpin", "split", "cut")
    flow = _flow(wish.url, wish.number("flow"))
    pair = received(wish.text("source")), received(wish.text("target"))
    with by_hand(wish.url, company=flow.company) as (store, _):
        connection = store.connection
        if mark(read_pair(connection, flow.number, pair)) != wish.text("seen"):
            by = last_actor(connection, flow.number, pair[0])
            raise ChangedError(f"{pair[0]} and {pair[1]} do not stand as they did{by}")
        if kind == "pin":
            deciding.pin(connection, flow, pair, wish.who)
        elif kind == "unpin":
            deciding.unpin(connection, flow, pair, wish.who)
        else:
            deciding.split(connection, flow, pair, wish.who, cut=kind == "cut")
    return f"{pair_address(flow.number, *pair)}&told={kind}"


def treat_pause(wish: Wish) -> str:
    """Pause a package or a company, or let it go on; a run that is under way ends first."""
    kind = wish.one_of("choice", "pause", "resume")
    company, package = wish.number("company"), wish.text("package")
    with open_store(wish.url) as store, store_errors():
        known = {(one.company, one.name) for one in known_packages(store.connection)}
        if (company, package) not in known | {(number, WHOLE) for number, _ in known}:
            raise PackageError("the store knows no such package")
        if mark(read_pauses(store.connection, company).get(package)) != wish.text("seen"):
            raise ChangedError(f"{package or 'the company'} was paused or resumed meanwhile")
        if kind == "pause":
            new = Pause(package, time.time(), wish.text("reason"))
            deciding.pause(store.connection, company, new, wish.who)
        else:
            deciding.resume(store.connection, company, package, wish.who)
        store.commit()
    return address("/flows", told=kind)


def begin_work(wish: Wish) -> str:
    """Begin a plan or a run: of a company where there are several, of a package or of all."""
    kind, which = wish.one_of("choice", "plan", "run"), _which(wish)
    work, stop = wish.work, wish.jobs.stop
    if kind == "plan":
        job = wish.jobs.begin("plan", str(which), wish.who, lambda x: work.plan(which, x))
        return address("/job", number=job.number)
    job = wish.jobs.begin("run", str(which), wish.who, lambda x: work.run(which, x, stop))
    _note(wish, which.company, Deed(0, wish.who, "run", detail=which.package or "all packages"))
    return address("/job", number=job.number)


def _which(wish: Wish) -> Which:
    """Return what is to be planned or run; raises PackageError for what is not there."""
    package, company = wish.text("package") or None, wish.text("company")
    if package is not None and package not in wish.work.packages():
        raise PackageError("there is no such package here")
    if company not in (wish.work.companies() or [""]):
        raise PackageError("the settings name no such company")
    return Which(package, company)


def begin_undo(wish: Wish) -> str:
    """Begin to undo a run, or the chosen ones of its writes."""
    kind = wish.one_of("choice", "chosen", "overwritten", "creations")
    run = wish.number("run")
    writes = [n for text in wish.form.get("write", ()) if (n := read_number(text)) is not None]
    if kind == "chosen" and not writes:
        raise PackageError("no write was chosen")
    chosen = Chosen(writes=writes if kind == "chosen" else (), creations=kind == "creations")
    work, who = wish.work, wish.who
    job = wish.jobs.begin("undo", f"run {run}", who, lambda _: work.undo(run, chosen, who))
    return address("/job", number=job.number)


def _note(wish: Wish, company: str, deed: Deed) -> None:
    """Keep who began something of a company."""
    with open_store(wish.url) as store, store_errors():
        number = number_company(store.connection, company)
        note_deeds(store.connection, [deed._replace(company=number)])
        store.commit()


def _numbers(wish: Wish) -> list[int]:
    found = [read_number(text) for text in wish.text("flows").split()]
    numbers = [number for number in found if number is not None]
    if not numbers:
        raise PackageError("the form lacks numbers: flows")
    return numbers


def _flow(url: str, number: int) -> KnownFlow:
    with open_reading(url) as store, store_errors():
        found = next((x for x in known_flows(store.connection) if x.number == number), None)
    if found is None:
        raise PackageError("the store knows no such flow")
    return found
