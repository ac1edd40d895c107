"""A store's URL: what is served, what is not, and what is never told of it."""

import subprocess
import sys
from pathlib import Path

import pytest
from specbridge.errors import StoreError
from specbridge.runtime.store.engine import open_store
from specbridge.runtime.store.opening.addresses import read_address
from specbridge.runtime.store.opening.choosing import choose_store


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("sqlite:///a.db", "sqlite:///a.db"),
        ("postgresql://u@h/d", "postgresql+psycopg://u@h/d"),
        ("postgres://u@h:5/d", "postgresql+psycopg://u@h:5/d"),
        ("postgresql+psycopg://h/d", "postgresql+psycopg://h/d"),
        ("postgresql://u:p%40q@h/d", "postgresql+psycopg://u:p%40q@h/d"),
    ],
)
def test_what_is_served(url: str, expected: str) -> None:
    assert read_address(url).render_as_string(hide_password=False) == expected


@pytest.mark.parametrize(
    ("url", "word"),
    [
        ("mysql://u:hush-hush@h/x", "mysql"),
        ("postgresql+psycopg2://u:hush-hush@h/x", "psycopg2"),
        ("postgresql+asyncpg://u:hush-hush@h/x", "asyncpg"),
        ("sqlite+aiosqlite:///x.db", "aiosqlite"),
        ("sqlite://", "memory"),
        ("sqlite:///:memory:", "memory"),
        ("sqlite:///file::memory:?uri=true", "memory"),
        ("sqlite:///file:x?mode=memory&uri=true", "memory"),
        ("postgresql://u:hush-hush@127.0.0.1:abc/x", "cannot be read"),
        ("hush-hush", "cannot be read"),
        ("", "cannot be read"),
        ("postgresql://u:hush-@hush@127.0.0.1:1/x", "%40"),
        ("postgresql://u:hush-hush@127.0.0.1:1/x", "the store failed"),
        ("postgresql://u:x@127.0.0.1:1/x?hush-hush=1", "option"),
        ("postgresql://u@127.0.0.1:1/x?password=hush-hush&odd=1", "option"),
        ("postgresql://u@127.0.0.1:99999999/x", "port"),
        ("sqlite:////nowhere/at/all/a.db", "unable to open"),
    ],
)
def test_what_is_not_served_is_told_on_one_line(url: str, word: str) -> None:
    with pytest.raises(StoreError, match=word) as caught:
        open_store(url)
    assert "\n" not in str(caught.value)
    assert "hush-hush" not in str(caught.value) or "?hush-hush" in url


def test_a_path_that_none_can_be_is_no_traceback(tmp_path: Path) -> None:
    with pytest.raises(StoreError, match="cannot be opened"):
        open_store(f"sqlite:///{tmp_path}/%00.db")


def test_a_driver_that_is_not_installed_is_named() -> None:
    code = """
import sys
sys.modules["psycopg"] = None
from specbridge.runtime.store.engine import open_store
open_store("postgresql://u:hush-hush@127.0.0.1/x")
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    last = done.stderr.splitlines()[-1]
    assert last.endswith("needs its driver: install specbridge[postgresql]")


ROOT = Path("/project")


@pytest.mark.parametrize(
    ("given", "environment", "stated", "url"),
    [
        (None, "", "", "sqlite:////project/specbridge.db"),
        (None, "", "sqlite:///kept/a.db", "sqlite:////project/kept/a.db"),
        (None, "sqlite:///b.db", "sqlite:///a.db", "sqlite:////project/b.db"),
        ("sqlite:///c.db", "sqlite:///b.db", "", "sqlite:////project/c.db"),
        ("sqlite:////var/c.db", "", "", "sqlite:////var/c.db"),
        ("sqlite+pysqlite:///c.db?timeout=3", "", "", "sqlite+pysqlite:////project/c.db?timeout=3"),
        ("sqlite://", "", "", "sqlite://"),
        ("sqlite:///:memory:", "", "", "sqlite:///:memory:"),
        ("postgresql://u@h/d", "", "", "postgresql://u@h/d"),
        ("postgresql:///d", "", "", "postgresql:///d"),
    ],
)
def test_a_relative_store_is_below_the_project(
    given: str | None, environment: str, stated: str, url: str
) -> None:
    variables = {"SPECBRIDGE_STORE": environment}
    assert choose_store(given, variables, stated, ROOT) == url


def test_the_store_s_url_may_stand_in_a_file(tmp_path: Path) -> None:
    path = tmp_path / "url"
    path.write_text("postgresql://me:s3cret@host/db\n", encoding="utf-8")
    named = {"SPECBRIDGE_STORE_FILE": str(path)}
    assert choose_store(None, named, "sqlite:///x.db", ROOT) == "postgresql://me:s3cret@host/db"
    with pytest.raises(StoreError, match="both set: keep one"):
        choose_store(None, {**named, "SPECBRIDGE_STORE": "sqlite:///x.db"}, "", ROOT)
    with pytest.raises(StoreError, match="SPECBRIDGE_STORE_FILE cannot be read: No such file"):
        choose_store(None, {"SPECBRIDGE_STORE_FILE": str(tmp_path / "none")}, "", ROOT)
