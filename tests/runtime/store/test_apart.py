"""`plan` and `audit` work on a copy of the store: they lock nobody out, and change nothing."""

import shutil
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from specbridge.runtime.decide.options import RunOptions
from specbridge.runtime.engine.audit import run_audit
from specbridge.runtime.engine.run import run_plan
from specbridge.runtime.reports.report import RunOutcome
from specbridge.runtime.store.engine import open_reading, open_store
from specbridge.runtime.store.linking.links import last_link
from specbridge.runtime.store.packages import known_flows
from specbridge.runtime.store.tables.schema import (
    companies,
    journal,
    links,
    metadata,
    records,
    runs,
)
from sqlalchemy import create_engine, delete, func, select, text
from sqlalchemy.engine import make_url

from tests.runtime.bench import Bench


def fill(bench: Bench) -> None:
    for number in range(4):
        firm = bench.ledgerly.put("Firms", {"Name": f"Firm {number}"})
        bench.ledgerly.put("Persons", {"Name": f"P{number}", "FirmId": firm, "Mail": f"{number}@x"})


def with_sync_in_its_middle(bench: Bench, run: Callable[..., object]) -> list[RunOutcome]:
    """Run a plan or an audit; once it has begun to work on what it read, sync."""
    synced: list[RunOutcome] = []

    def progress(subject: str, _count: int) -> None:
        if not synced:
            synced.append(RunOutcome.GUARD)  # until the sync has ended
            synced[0] = bench.sync().outcome

    with open_store(bench.url, scratch=True) as store:
        run(bench.task, store, replace(bench.edges(), progress=progress), RunOptions())
    return synced


@pytest.mark.parametrize("run", [run_plan, run_audit], ids=["plan", "audit"])
def test_a_sync_runs_while_others_are_in_their_middle(
    bench: Bench, run: Callable[..., object]
) -> None:
    fill(bench)
    bench.sync()
    firm, *_ = bench.ledgerly.records("Firms")
    bench.ledgerly.edit("Firms", firm, Name="Renamed")
    bench.ledgerly.put("Firms", {"Name": "New"})
    assert with_sync_in_its_middle(bench, run) == [RunOutcome.CLEAN]
    writes = bench.writes()
    assert bench.sync().outcome is RunOutcome.CLEAN
    assert bench.writes() == writes


def counted(url: str, *, scratch: bool) -> dict[str, int]:
    with open_store(url, scratch=scratch) as store:
        return {
            table.name: store.connection.execute(
                select(func.count()).select_from(table)
            ).scalar_one()
            for table in metadata.sorted_tables
        }


def test_a_copy_holds_what_a_run_needs(bench: Bench) -> None:
    fill(bench)
    bench.sync()
    firm, *_ = bench.ledgerly.records("Firms")
    bench.ledgerly.edit("Firms", firm, Name="Renamed")
    bench.sync()
    real, copied = counted(bench.url, scratch=False), counted(bench.url, scratch=True)
    if bench.url.startswith("postgresql"):
        with open_store(bench.url) as store:
            updates = select(func.count()).where(journal.c.kind == "update")
            # What was written long ago is history, which no run looks back to.
            real["journal"] -= store.connection.execute(updates).scalar_one()
    assert copied == real
    assert real["journal"]
    assert real["links"]


def test_new_links_of_a_copy_count_as_new(bench: Bench) -> None:
    fill(bench)
    bench.sync()
    with open_store(bench.url) as store:
        newest = last_link(store.connection)
        store.connection.execute(delete(links).where(links.c.number == newest))
        store.commit()
    with open_store(bench.url, scratch=True) as copy:
        values = {"pairing": 1, "source_id": "a", "target_id": "b", "made_in": 1, "made_by": "hand"}
        copy.connection.execute(links.insert().values(**values))
        assert last_link(copy.connection) == newest + 1
        followed = copy.connection.execute(select(companies.c.followed)).scalar_one()
        assert followed <= newest


def test_a_role_that_may_only_read_is_enough(postgresql_url: str) -> None:
    bench = Bench(postgresql_url)
    fill(bench)
    bench.sync()
    engine = create_engine(make_url(postgresql_url).set(drivername="postgresql+psycopg"))
    with engine.begin() as connection:
        connection.execute(text("CREATE ROLE reader LOGIN"))
        connection.execute(text("GRANT SELECT ON ALL TABLES IN SCHEMA public TO reader"))
        connection.execute(text("ALTER ROLE reader SET default_transaction_read_only = on"))
    address = make_url(postgresql_url).set(username="reader")
    reader = Bench(address.render_as_string(hide_password=False))
    reader.ledgerly, reader.acme = bench.ledgerly, bench.acme
    try:
        assert reader.plan().outcome is RunOutcome.CLEAN
        with open_store(reader.url, scratch=True) as store:
            assert run_audit(reader.task, store, reader.edges(), RunOptions()).holds
        with open_reading(reader.url) as store:
            assert len(known_flows(store.connection)) == len(bench.flows)
    finally:
        with engine.begin() as connection:
            connection.execute(text("DROP OWNED BY reader"))
            connection.execute(text("DROP ROLE reader"))
        engine.dispose()


ASKING = """
import sys
from specbridge.errors import StoreError
from specbridge.runtime.store.engine import open_reading, open_store
from specbridge.runtime.store.tables.schema import records
from sqlalchemy import func, insert, select

for opened in (open_reading(sys.argv[1]), open_store(sys.argv[1], scratch=True)):
    with opened as store:
        print(store.connection.execute(select(func.count()).select_from(records)).scalar_one())
for url in (sys.argv[1], sys.argv[1].replace("store.db", "new.db")):
    try:
        open_store(url)
    except StoreError as error:
        print("cannot be written" in str(error), "it can be asked only" in str(error))
"""


def test_a_store_on_a_read_only_mount_is_asked(tmp_path: Path) -> None:
    folder = tmp_path / "mount"
    folder.mkdir()
    bench = Bench(f"sqlite:///{folder / 'store.db'}")
    fill(bench)
    bench.sync()
    if shutil.which("unshare") is None:
        pytest.skip("NO NAMESPACES: nothing was mounted read-only")
    mounting = 'mount --bind "$1" "$1" && mount -o remount,ro,bind "$1" && shift && exec "$@"'
    words = ("unshare", "-rm", "sh", "-c", mounting, "sh", str(folder))
    if subprocess.run([*words, "true"], capture_output=True, check=False).returncode != 0:
        pytest.skip("NO NAMESPACES: nothing was mounted read-only")
    before = {path.name: path.read_bytes() for path in folder.iterdir()}
    done = subprocess.run(
        [*words, sys.executable, "-c", ASKING, bench.url],
        capture_output=True,
        text=True,
        check=True,
    )
    with open_store(bench.url) as store:
        stored = store.connection.execute(select(func.count()).select_from(records)).scalar_one()
    assert done.stdout.split("\n") == [str(stored), str(stored), "True True", "True False", ""]
    assert {path.name: path.read_bytes() for path in folder.iterdir()} == before


def test_who_only_asks_leaves_no_run_behind(bench: Bench) -> None:
    bench.sync()
    bench.plan()
    with open_reading(bench.url) as store:
        assert store.connection.execute(select(func.count()).select_from(runs)).scalar_one() == 1
