"""Audits are kept in counts, in a store that is there and may be written; an audit makes and migrates none."""

from pathlib import Path

import pytest
from specbridge.runtime.store.engine import open_store
from specbridge.runtime.store.history import audits
from specbridge.runtime.store.history.audits import KeptAudit, keep_audit
from specbridge.runtime.store.tables.schema import audits as table
from sqlalchemy import create_engine, text
from sqlalchemy.engine import make_url


def kept(at: float) -> KeptAudit:
    return KeptAudit(at=at, checked=10, holds=8, left_over=1)


def test_audits_of_one_scope_come_back_oldest_first(url: str) -> None:
    open_store(url).close()
    for at in (1.0, 2.0):
        keep_audit(url, "", ["one"], kept(at))
    keep_audit(url, "", ["other"], kept(9.0))
    keep_audit(url, "Nord AS", ["one"], kept(9.0))
    assert keep_audit(url, "", ["one"], kept(3.0)) == ([kept(1.0), kept(2.0), kept(3.0)], "")


def test_no_more_are_kept_than_a_chart_could_ever_show(
    sqlite_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(audits, "MOST_AUDITS", 3)
    open_store(sqlite_url).close()
    for at in range(5):
        found, _ = keep_audit(sqlite_url, "", ["one"], kept(float(at)))
    assert [one.at for one in found] == [2.0, 3.0, 4.0]


def test_an_audit_makes_no_store(tmp_path: Path) -> None:
    path = tmp_path / "store.db"
    found, reason = keep_audit(f"sqlite:///{path}", "", ["one"], kept(1.0))
    assert (found, path.exists()) == ([kept(1.0)], False)
    assert "no store yet" in reason


def test_an_audit_takes_no_older_store_over(sqlite_url: str) -> None:
    open_store(sqlite_url).close()
    engine = create_engine(sqlite_url)
    with engine.begin() as connection:
        table.drop(connection)
        connection.execute(text("UPDATE alembic_version SET version_num = '0007'"))
    found, reason = keep_audit(sqlite_url, "", ["one"], kept(1.0))
    assert found == [kept(1.0)]
    assert "another version" in reason
    with engine.connect() as connection:
        version = connection.execute(text("SELECT version_num FROM alembic_version")).scalar()
    engine.dispose()
    assert version == "0007"


def test_a_store_that_cannot_be_written_is_read_and_said(tmp_path: Path) -> None:
    path = tmp_path / "store.db"
    url = f"sqlite:///{path}"
    open_store(url).close()
    keep_audit(url, "", ["one"], kept(1.0))
    path.write_bytes(b"no database at all" * 100)
    found, reason = keep_audit(url, "", ["one"], kept(2.0))
    assert found == [kept(2.0)]
    assert reason


def test_a_role_that_may_only_read_is_told_what_is_known(postgresql_url: str) -> None:
    open_store(postgresql_url).close()
    keep_audit(postgresql_url, "", ["one"], kept(1.0))
    engine = create_engine(make_url(postgresql_url).set(drivername="postgresql+psycopg"))
    with engine.begin() as connection:
        connection.execute(text("CREATE ROLE auditor LOGIN"))
        connection.execute(text("GRANT SELECT ON ALL TABLES IN SCHEMA public TO auditor"))
    reading = make_url(postgresql_url).set(username="auditor")
    try:
        found, reason = keep_audit(
            reading.render_as_string(hide_password=False), "", ["one"], kept(2.0)
        )
        assert found == [kept(1.0), kept(2.0)]
        assert "permission denied" in reason
    finally:
        with engine.begin() as connection:
            connection.execute(text("DROP OWNED BY auditor"))
            connection.execute(text("DROP ROLE auditor"))
        engine.dispose()
    assert keep_audit(postgresql_url, "", ["one"], kept(3.0)) == ([kept(1.0), kept(3.0)], "")
