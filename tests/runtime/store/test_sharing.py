"""Which packages share a pairing is asked of the store as it is, whatever its schema."""

from pathlib import Path

import pytest
from specbridge.runtime.store.engine import open_store
from specbridge.runtime.store.sharing import Sharing, find_sharing
from specbridge.runtime.store.tables.schema import version
from sqlalchemy import select, text, update

from tests.runtime.firm import Firm
from tests.runtime.identities.drawing import Section
from tests.runtime.kept import KeptStore
from tests.runtime.store.older import old_store

AB, BC = Section(source="A", target="B", rule="one"), Section(source="B", target="C", rule="one")


@pytest.mark.parametrize("schema", ["0003", "0005", None])
def test_from_pairings_on_the_store_tells_who_shares_them(url: str, schema: str | None) -> None:
    firm = Firm(KeptStore(url), {"one": [AB], "two": [AB, BC], "three": [BC]})
    firm.sync()
    if schema is not None:
        with open_store(url) as store:
            store.connection.execute(update(version).values(version_num=schema))
            store.commit()
    assert find_sharing(url, "one") == Sharing(["two"], certain=True)
    assert find_sharing(url, "two") == Sharing(["one", "three"], certain=True)
    assert find_sharing(url, "nobody") == Sharing([], certain=True)


def test_an_older_one_tells_who_is_there_and_stays_as_it_is(url: str) -> None:
    with old_store(url) as connection:
        connection.execute(text("INSERT INTO packages VALUES (9, 'another')"))
        connection.commit()
        names = set(connection.execute(text("SELECT name FROM packages")).scalars())
        connection.commit()
        assert find_sharing(url, "another") == Sharing(sorted(names - {"another"}), certain=False)
        assert connection.execute(select(version.c.version_num)).scalar_one() == "0001"


def test_where_there_is_no_store_none_is_made(tmp_path: Path) -> None:
    assert find_sharing(f"sqlite:///{tmp_path / 'none.db'}", "one") == Sharing([], certain=True)
    assert list(tmp_path.iterdir()) == []
