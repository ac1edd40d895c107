"""Documents that name a pair of datatypes again, turn it round, or join one with itself, on real servers."""

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from specbridge.sandbox.options import LimitsPlan, SandboxOptions

from tests.acceptance.conftest import Done, Office, opened_office

CUSTOMERS = "Powerofficego Customers"
USERS = "Zendesk Users"
RECORDS = 60
EDITS = 40
BETWEEN_RUNS = 10
"""No more: a run that would change half of all links is stopped by a guard."""

TABLE = """
.. list-table::
   :header-rows: 1

   * - {source} Property
     - {target} Property
"""


def state_rows(source: str, target: str, *rows: tuple[str, str]) -> str:
    """Return a table of properties that are kept equal."""
    head = f"The following properties are synchronized between a {source} and a {target}:\n"
    table = TABLE.format(source=source, target=target) + "     - Data Type\n"
    return head + table + "".join(f'   * - {a}\n     - {b}\n     - "string"\n' for a, b in rows)


def state_section(source: str, target: str, said: str, *rows: tuple[str, str]) -> str:
    """Return a section about two datatypes."""
    title = f"{source} to {target}"
    return f"{title}\n{'-' * len(title)}\n{said}\n\n{state_rows(source, target, *rows)}\n"


def every(source: str, target: str) -> str:
    """Return what makes each source record have a target record."""
    return f"Every {source} will be synchronized with a {target}."


def equal(source: str, target: str, one: str, other: str) -> str:
    """Return what links records of equal properties."""
    head = f"A {source} will merge with a {target} if one of the following property combinations match:\n"
    return head + TABLE.format(source=source, target=target) + f"   * - {one}\n     - {other}\n"


AHEAD = state_section(
    *(CUSTOMERS, USERS, every(CUSTOMERS, USERS)),
    *(("Name", "name"), ("PhoneNumber", "details")),
)
BACK = state_section(
    *(USERS, CUSTOMERS, every(USERS, CUSTOMERS)),
    *(("name", "Name"), ("details", "PhoneNumber")),
)
SAME = (CUSTOMERS, CUSTOMERS)
DOCUMENTS = {
    "twice": AHEAD + AHEAD,
    "its mirror": AHEAD + BACK,
    "itself by creation": AHEAD + state_section(*SAME, every(*SAME), ("Name", "Name")),
    "itself by a rule": AHEAD
    + state_section(*SAME, equal(*SAME, "Name", "Name"), ("Name", "Name")),
}


def _alone(rows: Sequence[Mapping[str, Any]], name: str) -> dict[str, Mapping[str, Any]]:
    """Return rows by a name that no other one has."""
    counts = Counter(row[name] for row in rows)
    return {row[name]: row for row in rows if row[name] and counts[row[name]] == 1}


@pytest.fixture
def on_sqlite(tmp_path: Path) -> str:
    return f"sqlite:///{tmp_path / 'store.db'}"


@pytest.fixture
def on_postgresql(postgresql_url: str) -> str:
    return postgresql_url


@dataclass(frozen=True, slots=True, kw_only=True)
class Desk:
    """Both systems with a document of its own between them."""

    office: Office
    store: str

    def generate(self, text: str) -> None:
        title = "Powerofficego to Zendesk Dataflow"
        document = f"{title}\n{'=' * len(title)}\n\n{text}"
        Path(self.office.terminal.directory, "powerofficego-zendesk.rst").write_text(document)
        done = self.office.terminal.run("generate", "powerofficego-zendesk.rst", "-o", "made")
        assert done.status == 0, done.errors

    def sync(self) -> Done:
        self.office.pass_time(200)
        words = ("made/powerofficego_zendesk", "--json", "--store", self.store)
        done = self.office.terminal.run("sync", *words)
        assert done.status in (0, 3), done.errors
        return done

    def count(self) -> tuple[int, int]:
        """Return how many customers have a name, and how many users there are."""
        rows = self.office.sandbox.poweroffice.records("Customers")
        return sum(bool(row["Name"]) for row in rows), len(self._active_users())

    def _active_users(self) -> list[Mapping[str, Any]]:
        # Zendesk goes on showing users that were deleted; nothing is synchronized with them.
        return [row for row in self.office.sandbox.zendesk.records("users") if row["active"]]

    def companies(self) -> dict[str, Mapping[str, Any]]:
        rows = self.office.sandbox.poweroffice.records("Customers")
        return _alone(rows, "Name")

    def users(self) -> dict[str, Mapping[str, Any]]:
        return _alone(self._active_users(), "name")

    def call_here(self, name: str, value: str) -> None:
        """Have somebody change the telephone number in PowerOffice."""
        self.office.pass_time(2)
        self.office.patch(f"/Customers/{self.companies()[name]['Id']}", "PhoneNumber", value)

    def call_there(self, name: str, value: str) -> None:
        """Have somebody change the number in Zendesk."""
        self.office.pass_time(2)
        sent = {"user": {"details": value}}
        path = f"/users/{self.users()[name]['id']}"
        self.office.zendesk.put(path, json=sent).raise_for_status()

    def edit(self, linked: list[str]) -> dict[str, str]:
        """Edit on either side, every fourth on both; return what the last said, by name."""
        ways: tuple[tuple[Callable[[str, str], None], ...], ...] = (
            (self.call_here,),
            (self.call_there,),
            (self.call_here, self.call_there),
            (self.call_there, self.call_here),
        )
        said = {}
        for number, name in enumerate(linked):
            for step, call in enumerate(ways[number % len(ways)]):
                said[name] = f"+47 {number:04} {step}"
                call(name, said[name])
        return said


@pytest.fixture(params=["sqlite", "postgresql"])
def desk(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Desk]:
    store: str = request.getfixturevalue(f"on_{request.param}")
    options = SandboxOptions(limits=LimitsPlan.OFF, records=RECORDS)
    with opened_office(tmp_path, options) as office:
        yield Desk(office=office, store=store)


@pytest.mark.parametrize("text", DOCUMENTS.values(), ids=DOCUMENTS)
def test_a_customer_has_one_user_however_it_is_said(desk: Desk, text: str) -> None:
    desk.generate(text)
    customers, users = desk.count()
    desk.sync()
    desk.sync()
    # Users get customers where the document says so, and those are nobody's origin.
    extra = users if BACK in text else 0
    assert desk.count() == (customers + extra, customers + users)
    linked = [name for name in desk.companies() if name in desk.users()][:EDITS]
    assert len(linked) == EDITS
    said: dict[str, str] = {}
    for start in range(0, EDITS, BETWEEN_RUNS):
        said |= desk.edit(linked[start : start + BETWEEN_RUNS])
        desk.sync()
    held = {n: (desk.companies()[n]["PhoneNumber"], desk.users()[n]["details"]) for n in said}
    assert held == {name: (value, value) for name, value in said.items()}
    assert [desk.sync().writes for _ in range(2)] == [0, 0]
    assert desk.count() == (customers + extra, customers + users)
