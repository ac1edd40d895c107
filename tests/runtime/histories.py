"""Random histories of two systems, and what must hold after each: shared by the test and the soak."""

import shutil
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from hypothesis import strategies as st
from sqlalchemy import select

from generator.model.values import Json
from generator.runtime.equality import equal_values, is_empty
from generator.runtime.flow import ALWAYS
from generator.runtime.records import Refused, Write
from generator.runtime.report import RunOutcome
from generator.runtime.store.engine import open_store
from generator.runtime.store.schema import conflicts, journal, links
from tests.runtime.bench import Bench
from tests.runtime.people import firm_flow, person_flow
from tests.runtime.worlds import Crash, World

NAMES: Sequence[Json] = ("Ann", "Bo", "Cy", "", None)
MAILS: Sequence[Json] = ("a@x.example", "A@X.example", "b@x.example", "c@x.example", None)
FIRM_NAMES: Sequence[Json] = ("Alfa", "Beta", "alfa", "Gamma")
SIDES = ("ledgerly", "acme")
FIELDS = {
    "ledgerly": {"name": "Name", "mail": "Mail", "phone": "Phone"},
    "acme": {"name": "name", "mail": "email", "phone": "phone"},
}
KIND = {"ledgerly": "Persons", "acme": "users"}
FIRM = {"ledgerly": ("Firms", "Name"), "acme": ("companies", "name")}


@dataclass(frozen=True)
class Step:
    """One thing that happens: what, in which system, to which record, with which values."""

    what: str
    system: str
    index: int = 0
    name: Json = None
    mail: Json = None
    number: int = 0


side = st.sampled_from(SIDES)
index = st.integers(0, 5)
STEPS = st.one_of(
    st.builds(
        Step,
        what=st.sampled_from(["add", "edit_name", "edit_mail", "refer"]),
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
    st.builds(
        Step,
        what=st.sampled_from(["crash_before", "crash_after", "fail", "refuse"]),
        system=side,
        number=st.integers(0, 3),
    ),
    st.builds(Step, what=st.just("skew"), system=side, number=st.integers(-90, 90)),
)
HISTORIES = st.lists(STEPS, max_size=24)


class History:
    """Plays steps on a bench, and checks what must hold in the end."""

    def __init__(self, template: Path, directory: Path) -> None:
        """Begin with empty systems and a copy of an empty store."""
        store = directory / "store.db"
        for name in directory.iterdir():
            name.unlink()
        shutil.copy(template, store)
        flows = (firm_flow(), person_flow(ALWAYS, ALWAYS))
        self.bench = Bench(f"sqlite:///{store}", flows=flows)
        self.edits: list[tuple[str, str, str, Json]] = []

    def world(self, system: str) -> World:
        world: World = getattr(self.bench, system)
        return world

    def play(self, steps: Sequence[Step]) -> None:
        """Play the steps; syncs among them may crash and fail."""
        for step in steps:
            self.bench.clock.advance(1)
            self._play(step)
        for system in SIDES:
            world = self.world(system)
            world.crash_before = world.crash_after = world.fail_after = None
            world.refuse = lambda _write: None

    def _play(self, step: Step) -> None:
        world = self.world(step.system)
        actions: dict[str, Callable[[World, Step], None]] = {
            "add": self._add,
            "edit_name": self._edit_name,
            "edit_mail": self._edit_mail,
            "refer": self._refer,
            "firm": self._firm,
            "rename_firm": self._rename_firm,
            "delete": self._delete,
            "sync": self._sync,
        }
        if step.what in actions:
            actions[step.what](world, step)
        elif step.what == "skew":
            world.skew = float(step.number)
        elif step.what == "fail":
            world.fail_after = step.number
        elif step.what == "refuse":
            world.refuse = _refuse_after(step.number)
        else:
            setattr(world, step.what, step.number)

    def _pick(self, world: World, kind: str, number: int) -> str | None:
        ids = list(world.records(kind))
        return ids[number % len(ids)] if ids else None

    def _add(self, world: World, step: Step) -> None:
        names = FIELDS[world.system]
        properties: dict[str, Json] = {
            names["name"]: step.name,
            names["mail"]: step.mail,
            names["phone"]: None,
            "FirmId" if world.system == "ledgerly" else "company_id": None,
        }
        id_ = world.put(KIND[world.system], properties)
        for field in ("name", "mail"):
            self.edits.append((world.system, id_, names[field], properties[names[field]]))

    def _edit_name(self, world: World, step: Step) -> None:
        self._edit(world, step, "name", step.name)

    def _edit_mail(self, world: World, step: Step) -> None:
        self._edit(world, step, "mail", step.mail)

    def _edit(self, world: World, step: Step, field: str, value: Json) -> None:
        id_ = self._pick(world, KIND[world.system], step.index)
        if id_ is not None:
            name = FIELDS[world.system][field]
            world.edit(KIND[world.system], id_, **{name: value})
            self.edits.append((world.system, id_, name, value))

    def _refer(self, world: World, step: Step) -> None:
        kind, _ = FIRM[world.system]
        id_ = self._pick(world, KIND[world.system], step.index)
        firm = self._pick(world, kind, step.number)
        if id_ is not None and firm is not None:
            name = "FirmId" if world.system == "ledgerly" else "company_id"
            world.edit(KIND[world.system], id_, **{name: int(firm)})

    def _firm(self, world: World, step: Step) -> None:
        kind, name = FIRM[world.system]
        if world.system == "ledgerly" or not self._taken(world, step.name, None):
            world.put(kind, {name: step.name})

    def _rename_firm(self, world: World, step: Step) -> None:
        kind, name = FIRM[world.system]
        id_ = self._pick(world, kind, step.index)
        if id_ is not None and (
            world.system == "ledgerly" or not self._taken(world, step.name, id_)
        ):
            world.edit(kind, id_, **{name: step.name})

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
            self.edits = [edit for edit in self.edits if edit[:2] != (world.system, id_)]

    def _sync(self, _world: World, _step: Step) -> None:
        with suppress(Crash):
            self.bench.sync()

    def settle(self) -> None:
        """Run until nothing is written, at most three times; then once more, reading everything."""
        for _ in range(3):
            report = self.bench.sync(full=True, force=True)
            assert report.outcome in (RunOutcome.CLEAN, RunOutcome.LEFT_OVER), report.error
        before = self.bench.writes()
        last = self.bench.sync(full=True, force=True)
        assert last.writes == 0, last.as_json()
        assert self.bench.writes() == before
        assert self.bench.plan(full=True, force=True).writes == 0

    def check(self) -> None:
        """Check that linked records are equal, nothing was made twice, and no edit is lost."""
        with open_store(self.bench.url) as store:
            rows = list(store.connection.execute(select(links)))
            lost = store.connection.execute(select(conflicts)).all()
            written = store.connection.execute(select(journal)).all()
        flows = [flow.name for flow in self.bench.flows]
        for row in rows:
            if not row.vanished and flows[row.flow - 1] == "person_to_users":
                self._check_pair(row.source_id, row.target_id)
        for world in (self.bench.ledgerly, self.bench.acme):
            for kind in world.resources:
                found = [s.reference for s in world.records(kind).values() if s.reference]
                assert len(found) == len(set(found)), f"{kind} was created twice"
        texts = [f"{row.source_value} {row.target_value}" for row in lost]
        texts += [row.before for row in written]
        self._check_edits(texts)

    def _check_pair(self, source: str, target: str) -> None:
        person = self.bench.ledgerly.records("Persons")[source].properties
        user = self.bench.acme.records("users")[target].properties
        for field, fold in (("name", False), ("mail", True), ("phone", False)):
            left = person.get(FIELDS["ledgerly"][field])
            right = user.get(FIELDS["acme"][field])
            assert equal_values(left, right, fold=fold), (field, person, user)

    def _check_edits(self, texts: Sequence[str]) -> None:
        last = {(system, id_, name): value for system, id_, name, value in self.edits}
        for (system, id_, name), value in last.items():
            stored = self.world(system).records(KIND[system]).get(id_)
            if stored is None or is_empty(value):
                continue
            held = stored.properties[name]
            known = equal_values(held, value, fold=True) or any(f'"{value}"' in t for t in texts)
            assert known, f"{system} {id_} {name}: {value} was lost, {held} is there"


def _refuse_after(count: int) -> Callable[[Write], Refused | None]:
    left = [count]

    def refuse(write: Write) -> Refused | None:
        left[0] -= 1
        return None if left[0] != -1 else Refused(key=write.key, status=422, reason="not today")

    return refuse
