"""Tables: widths that fit, cells that fold, letters of any width, and nothing that a terminal obeys."""

import re

import pytest
from rich.cells import cell_len
from specbridge.cli.tables import Column, record_cell, table_lines

COLUMNS = (Column("Flow"), Column("Record"), Column("Count", right=True))


def lines(*rows: tuple[str, str, str]) -> list[str]:
    return list(table_lines(COLUMNS, rows))


def test_columns_are_as_wide_as_what_they_hold() -> None:
    assert lines(("a", "Acme AS · 12", "7"), ("flow", "3", "1234567")) == [
        "Flow  Record          Count",
        "a     Acme AS · 12        7",
        "flow  3             1234567",
    ]


def test_no_rows_make_no_table() -> None:
    assert lines() == []


@pytest.mark.parametrize("columns", ["30", "40", "80", "200"])
@pytest.mark.parametrize(
    "text", ["Acme og Venner AS " * 9, "x" * 333, "日本語" * 50, "e\u0301" * 99, "", "a " * 99]
)
def test_no_line_is_wider_than_the_terminal(
    columns: str, text: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", columns)
    found = lines(("short", text, "1"), (text, "short", "2"), (text, text, "3"))
    assert max(map(cell_len, found)) <= int(columns)
    letters = re.sub(r"\s", "", text)
    alone = "".join(lines((text, "", ""))[1:])
    assert re.sub(r"\s", "", alone) == letters


def test_a_cell_that_is_wider_than_those_before_goes_on_below(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("COLUMNS", "40")
    rows = [("flow", "Acme", "1")] * 300
    *_, before, first, second = table_lines(COLUMNS, [*rows, ("flow", "Acme " * 5 + "Ltd", "2")])
    assert before == "flow            Acme                  1"
    assert first == "flow            Acme Acme Acme        2"
    assert second == "                Acme Acme Ltd"


def test_a_record_is_shown_by_its_name_where_it_has_one() -> None:
    assert record_cell("12", "Acme AS") == "Acme AS · 12"
    assert record_cell("12", None) == record_cell("12", "") == "12"
