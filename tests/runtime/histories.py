"""Random histories of two systems, and what must hold after each: shared by the tests and the soak."""

from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from typing import Any

from hypothesis import strategies as st
from specbridge.model.values import Json
from specbridge.runtime.decide.equality import equal_values, is_empty
from specbridge.runtime.decide.options import ConflictPolicy, FlowPolicy, RunOptions
from specbridge.runtime.flow import ALWAYS
from specbridge.runtime.records import Refused, Update, Write
from specbridge.runtime.reports.report import RunOutcome
from specbridge.runtime.store.tables.schema import (
    candidates,
    conflicts,
    dead_letters,
    flows,
    journal,
    links,
)
from sqlalchemy import select

from tests.runtime.bench import Bench
from tests.runtime.kept import KeptStore
from tests.runtime.people import firm_flow, mirror_flow, person_flow
from tests.runtime.worlds import Crash, World

NAMES: Sequence[Json] = ("Ann", "Bo", "new", "", None)
MAILS: Sequence[Json] = ("a@x.example", "A@X.example", "b@x.example", "c@x.example", None)
FIRM_NAMES: Sequence[Json] = ("Alfa", "Beta", "alfa", "Gamma")
SYSTEMS = ("ledgerly", "acme")
FIELDS = {
    "ledgerly": {"name": "Name", "mail": "Mail", "phone": "Phone", "firm": "FirmId"},
    "acme": {"name": "name", "mail": "email", "phone": "phone", "firm": "company_id"},
}
KIND = {"ledgerly": "Persons", "acme": "users"}
FIRM = {"ledgerly": "Firms", "acme": "companies"}
FIRM_NAME = {"ledgerly": "Name", "acme": "name"}
FAULTS = ("crash_before", "crash_after", "fail_before", "fail_after", "fail_read")
MOST_RUNS = 3


@dataclass(frozen=True)
class Step:
    """One thing that happens: what, in which system, to which record, with which values."""

    what: str
    system: str
    index: int = 0
    name: Json = None
    mail: Json = None
    number: int = 0


@dataclass(frozen=True)
class Terms:
    """What settings say throughout a history."""

    conflicts: ConflictPolicy = ConflictPolicy.LATEST
    delete: bool = False
    announce: bool = False
    searchable: bool = True

    @property
    def options(self) -> RunOptions:
        return RunOptions(policy=FlowPolicy(conflicts=self.conflicts, delete=self.delete))


side = st.sampled_from(SYSTEMS)
index = st.integers(0, 5)
EDITS = st.one_of(
    st.builds(
        Step,
        what=st.sampled_from(["add", "edit_name", "edit_mail", "edit_phone", "refer"]),
        system=side,
        index=index,
        name=st.sampled_from(NAMES),
        mail=st.sampled_from(MAILS),
        number=index,
    ),
    st.builds(
        Step,
        what=st.sampled_from(["firm", "rename_firm"]),
        system=side,
        index=index,
        name=st.sampled_from(FIRM_NAMES),
    ),
    st.builds(Step, what=st.just("delete"), system=side, index=index),
    st.builds(Step, what=st.just("sync"), system=side),
    st.builds(Step, what=st.just("skew"), system=side, number=st.integers(-90, 90)),
)
TROUBLES = st.builds(
    Step,
    what=st.sampled_from([*FAULTS, "refuse", "meddle"]),
    system=side,
    number=st.integers(0, 3),
)
TERMS = st.builds(
    Terms,
    conflicts=st.sampled_from([p for p in ConflictPolicy if p is not ConflictPolicy.MANUAL]),
    delete=st.booleans(),
    announce=st.booleans(),
    searchable=st.booleans(),
)
HISTORIES = st.tuples(TERMS, st.lists(st.one_of(EDITS, EDITS, TROUBLES), max_size=20))
QUIET = st.lists(EDITS, max_size=20)


class History:
    """Plays steps on a bench, and checks what must hold in the end."""

    def __init__(self, kept: KeptStore, terms: Terms, *, mirrored: bool = False) -> None:
        """Begin with empty systems and an empty store; `mirrored` swaps the flows' sides."""
        kept.empty()
        flows_used = (firm_flow(), person_flow(ALWAYS, ALWAYS))
        if mirrored:
            flows_used = (mirror_flow(flows_used[0]), mirror_flow(flows_used[1]))
        self.bench = Bench("", flows=flows_used, options=terms.options, kept=kept)
        for system in SYSTEMS:
            world = self.world(system)
            world.announce_deletes, world.searchable = terms.announce, terms.searchable
        self.edits: dict[tuple[str, str, str], Json] = {}
        self._serial = 0

    def world(self, system: str) -> World:
        world: World = getattr(self.bench, system)
        return world

    def play(self, steps: Sequence[Step]) -> None:
        """Play the steps; syncs among them may crash and fail."""
        for step in steps:
            self.play_one(step)
        self.end_trouble()

    def play_one(self, step: Step) -> None:
        """Play a step, a second after the last one."""
        self.bench.clock.advance(1)
        self._play(step)

    def end_trouble(self) -> None:
        """Have both systems work again."""
        for system in SYSTEMS:
            world = self.world(system)
            for fault in FAULTS:
                setattr(world, fault, None)
            world.refuse = lambda _write: None
            world.meddle = lambda _write: None

    def _play(self, step: Step) -> None:
        world = self.world(step.system)
        actions: dict[str, Callable[[World, Step], None]] = {
            "add": self._add,
            "edit_name": self._edit_name,
            "edit_mail": lambda w, s: self._edit(w, s, "mail", s.mail),
            "edit_phone": lambda w, s: self._edit(w, s, "phone", s.number or None),
            "refer": self._refer,
            "firm": self._firm,
            "rename_firm": self._rename_firm,
            "delete": self._delete,
            "sync": self._sync,
            "meddle": self._meddle,
        }
        if step.what in actions:
            actions[step.what](world, step)
        elif step.what == "skew":
            world.skew = float(step.number)
        elif step.what == "refuse":
            world.refuse = _refuse_after(step.number)
        else:
            setattr(world, step.what, step.number)

    def _pick(self, world: World, kind: str, number: int) -> str | None:
        ids = list(world.records(kind))
        return ids[number % len(ids)] if ids else None

    def _name(self, name: Json) -> Json:
        """Return a name of its own for `new`: what becomes of it can be told from all others."""
        self._serial += 1
        return f"new {self._serial}" if name == "new" else name

    def _add(self, world: World, step: Step) -> None:
        fields, name = FIELDS[world.system], self._name(step.name)
        id_ = world.put(
            KIND[world.system],
            {fields["name"]: name, fields["mail"]: step.mail, fields["phone"]: None}
            | {fields["firm"]: None},
        )
        self.edits[world.system, id_, fields["name"]] = name
        self.edits[world.system, id_, fields["mail"]] = step.mail

    def _edit_name(self, world: World, step: Step) -> None:
        self._edit(world, step, "name", self._name(step.name))

    def _edit(self, world: World, step: Step, field: str, value: Json) -> None:
        id_ = self._pick(world, KIND[world.system], step.index)
        if id_ is not None:
            self._edit_record(world, id_, field, value)

    def _edit_record(self, world: World, id_: str, field: str, value: Json) -> None:
        name = FIELDS[world.system][field]
        world.edit(KIND[world.system], id_, **{name: value})
        self.edits[world.system, id_, name] = value

    def _refer(self, world: World, step: Step) -> None:
        firm = self._pick(world, FIRM[world.system], step.number)
        if firm is not None:
            self._edit(world, step, "firm", int(firm))

    def _firm(self, world: World, step: Step) -> None:
        if world.system == "ledgerly" or not self._taken(world, step.name, None):
            world.put(FIRM[world.system], {FIRM_NAME[world.system]: step.name})

    def _rename_firm(self, world: World, step: Step) -> None:
        id_ = self._pick(world, FIRM[world.system], step.index)
        if id_ is not None and (
            world.system == "ledgerly" or not self._taken(world, step.name, id_)
        ):
            world.edit(FIRM[world.system], id_, **{FIRM_NAME[world.system]: step.name})

    def _taken(self, world: World, name: Json, own: str | None) -> bool:
        return any(
            str(stored.properties["name"]).casefold() == str(name).casefold()
            for id_, stored in world.records("companies").items()
            if id_ != own
        )

    def _delete(self, world: World, step: Step) -> None:
        id_ = self._pick(world, KIND[world.system], step.index)
        if id_ is not None:
            world.remove(KIND[world.system], id_)

    def _meddle(self, world: World, step: Step) -> None:
        """Have a person edit a record after it was read, just before it is written."""
        left = [step.number]

        def meddle(write: Write) -> None:
            left[0] -= 1
            there = write.current.id if isinstance(write, Update) else ""
            if left[0] == -1 and there in world.records(KIND[world.system]):
                self._edit_record(world, there, "name", self._name("new"))

        world.meddle = meddle

    def _sync(self, _world: World, _step: Step) -> None:
        with suppress(Crash):
            self.bench.sync(actions=False)

    def settle(self) -> None:
        """Run until nothing is written, at most three times; then nothing is left to be planned."""
        for _ in range(MOST_RUNS):
            before = self.bench.writes()
            report = self.bench.sync(full=True, force=True, actions=False)
            assert report.outcome in (RunOutcome.CLEAN, RunOutcome.LEFT_OVER), report.error
            assert report.writes == self.bench.writes() - before
            if report.writes == 0:
                break
        planned = self.bench.plan(full=True, force=True)
        # A full run tries dead letters again, and no plan knows that they are refused again.
        letters = sum(flow.standing.dead_letters for flow in report.flows)
        assert planned.writes <= letters, planned.as_json()

    def check(self) -> None:
        """Check that linked records are equal, nothing was made twice, and no edit is lost."""
        with self.bench.open() as store:
            chosen = select(links, flows.c.name).join(flows, flows.c.pairing == links.c.pairing)
            pairs = list(store.connection.execute(chosen))
            lost = store.connection.execute(select(conflicts)).all()
            written = store.connection.execute(select(journal)).all()
            known = [(r.name, r.source_id, r.target_id) for r in pairs]
            doubtful = store.connection.execute(select(candidates)).all()
            for table in (candidates, dead_letters):
                chosen = select(table, flows.c.name).join(flows, flows.c.pairing == table.c.pairing)
                known += [_ids_of(row) for row in store.connection.execute(chosen)]
        systems = [self.bench.flows[0].source.system, self.bench.flows[0].target.system]
        self._check_all_known(systems, known)
        _check_doubts([row for row in pairs if not row.vanished], doubtful)
        ends = [dict(zip(systems, (r.source_id, r.target_id), strict=True)) for r in pairs]
        whole = [(row.name, ids) for row, ids in zip(pairs, ends, strict=True) if not row.vanished]
        firms = {ids["ledgerly"]: ids["acme"] for name, ids in whole if name == "firm_to_companies"}
        for name, ids in whole:
            if name == "person_to_users":
                self._check_pair(ids)
                self._check_reference(ids, firms)
        for system in SYSTEMS:
            for kind in self.world(system).resources:
                found = [s.reference for s in self.world(system).records(kind).values()]
                made = [reference for reference in found if reference]
                assert len(made) == len(set(made)), f"{kind} was created twice"
        texts = [f"{row.source_value} {row.target_value}" for row in lost]
        self._check_edits([*texts, *(row.before for row in written)])

    def _check_all_known(
        self, systems: Sequence[str], known: Sequence[tuple[str, str | None, str | None]]
    ) -> None:
        """Check that every record that calls for a counterpart has one, or is accounted for."""
        for name, kinds in (("person_to_users", KIND), ("firm_to_companies", FIRM)):
            for side, system in enumerate(systems):
                if name == "firm_to_companies" and system == "acme":
                    continue  # companies call for no firm
                settled = {row[1 + side] for row in known if row[0] == name}
                left = set(self.world(system).records(kinds[system])) - settled
                assert not left, f"{system} {kinds[system]} {left}: no link, and nobody says why"

    def _check_pair(self, ids: dict[str, str]) -> None:
        person = self.bench.ledgerly.records("Persons")[ids["ledgerly"]].properties
        user = self.bench.acme.records("users")[ids["acme"]].properties
        for field, fold in (("name", False), ("mail", True), ("phone", False)):
            left = person.get(FIELDS["ledgerly"][field])
            right = user.get(FIELDS["acme"][field])
            assert equal_values(left, right, fold=fold), (field, person, user)

    def _check_reference(self, ids: dict[str, str], firms: dict[str, str]) -> None:
        """Check that both refer to the same firm, as far as the firms they refer to are linked."""
        firm = self.bench.ledgerly.records("Persons")[ids["ledgerly"]].properties.get("FirmId")
        company = self.bench.acme.records("users")[ids["acme"]].properties.get("company_id")
        there, here = firms.get(str(firm)), {c: f for f, c in firms.items()}.get(str(company))
        if (there or is_empty(firm)) and (here or is_empty(company)):
            assert there == (None if is_empty(company) else str(company)), (ids, firm, company)

    def _check_edits(self, texts: Sequence[str]) -> None:
        for (system, id_, name), value in self.edits.items():
            stored = self.world(system).records(KIND[system]).get(id_)
            if stored is None or is_empty(value) or name in ("FirmId", "company_id"):
                continue
            held = stored.properties[name]
            written = f'"{value}"' if isinstance(value, str) else str(value)
            known = equal_values(held, value, fold=True) or any(written in t for t in texts)
            assert known, f"{system} {id_} {name}: {value} was lost, {held} is there"

    def shape(self) -> list[str]:
        """Return what both systems hold, ids aside: firms, and people with their firms' names."""
        found: list[str] = []
        for system in SYSTEMS:
            world, fields = self.world(system), FIELDS[system]
            firms = {
                id_: stored.properties[FIRM_NAME[system]]
                for id_, stored in world.records(FIRM[system]).items()
            }
            found += [f"{system} firm {name}" for name in firms.values()]
            for stored in world.records(KIND[system]).values():
                held = stored.properties
                person = {name: held.get(fields[name]) for name in ("name", "mail", "phone")}
                # Addresses that differ in capitals only are equal: neither is written.
                mail = str(person["mail"] or "").casefold()
                firm = firms.get(str(held.get(fields["firm"])))
                found.append(f"{system} {person['name'] or ''} {mail} {person['phone']} {firm}")
        return sorted(found)


def _check_doubts(pairs: Sequence[Any], doubtful: Sequence[Any]) -> None:
    """Check that what is called ambiguous is: a record of it has a link, or another match."""
    for row in doubtful:
        rivals = [
            other
            for other in (*doubtful, *pairs)
            if other.pairing == row.pairing
            and (other.source_id, other.target_id) != (row.source_id, row.target_id)
            and (other.source_id == row.source_id or other.target_id == row.target_id)
        ]
        assert rivals, f"{row} is called ambiguous and has no rival"


def _ids_of(row: Any) -> tuple[str, str | None, str | None]:
    """Return the flow of a candidate or dead letter, and the ids that it is about."""
    if hasattr(row, "reason"):
        ids = (row.id, row.other_id) if row.side == 0 else (row.other_id, row.id)
        return row.name, *ids
    return row.name, row.source_id, row.target_id


def play_history(kept: KeptStore, terms: Terms, steps: Sequence[Step]) -> None:
    """Play a history, and check what must hold after it."""
    history = History(kept, terms)
    history.play(steps)
    history.settle()
    history.check()


def play_mirrored(kept: KeptStore, steps: Sequence[Step]) -> None:
    """Play a history twice, with the sides swapped and the policy with them: the ends are equal."""
    shapes = []
    for mirrored, policy in ((False, ConflictPolicy.SOURCE), (True, ConflictPolicy.TARGET)):
        history = History(kept, replace(Terms(), conflicts=policy), mirrored=mirrored)
        history.play(steps)
        history.settle()
        shapes.append(history.shape())
    assert shapes[0] == shapes[1]


def _refuse_after(count: int) -> Callable[[Write], Refused | None]:
    left = [count]

    def refuse(write: Write) -> Refused | None:
        left[0] -= 1
        return None if left[0] != -1 else Refused(key=write.key, status=422, reason="not today")

    return refuse
