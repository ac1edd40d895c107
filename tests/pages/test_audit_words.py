"""What the audit's page says, and where it draws it, without a browser."""

from datetime import UTC, datetime, timedelta, timezone
from itertools import pairwise

import pytest
from specbridge.model.values import Json
from specbridge.pages.audit.diagram import NARROW, WIDE, draw_systems
from specbridge.pages.audit.flows import flow_shares
from specbridge.pages.audit.history import MOST, draw_history
from specbridge.pages.audit.items import make_items
from specbridge.pages.audit.page import write_audit_page
from specbridge.pages.audit.surroundings import PastAudit
from specbridge.pages.audit.values import LONGEST, shown_pair
from specbridge.pages.audit.words import instant, share, within
from specbridge.pages.embedding import pack_json
from specbridge.pages.texts import visible
from specbridge.runtime.reports.audit_report import AuditReport

from tests.pages.reports import AROUND, make_report, make_statement


@pytest.mark.parametrize(
    ("holds", "checked", "told"),
    [(1, 1, "100 %"), (99_999, 100_000, "99.9 %"), (1, 3, "33.3 %"), (0, 5, "0 %"), (0, 0, "—")],
)
def test_a_share_is_never_rounded_up(holds: int, checked: int, told: str) -> None:
    assert share(holds, checked) == told


@pytest.mark.parametrize(
    ("source", "target", "shown"),
    [
        ("a", "b", ("a", "b")),
        (None, "b", (None, "b")),
        ("", [], (None, None)),
        (5, "5", ("5", '"5"')),
        (True, "true", ("true", '"true"')),
        (5, 5.0, ("5", "5.0")),
        (["b", "a"], {"b": 1, "a": "ø"}, ('["b", "a"]', '{"a": "ø", "b": 1}')),
        ("a\x00\u202e", "a", ("a\\u0000\\u202e", "a")),
        (0, False, ("0", "false")),
    ],
)
def test_values_are_told_apart(
    source: Json, target: Json, shown: tuple[str | None, str | None]
) -> None:
    assert shown_pair(source, target) == shown


def test_what_differs_in_a_long_value_is_never_cut_away() -> None:
    long = "x" * 5000
    source, target = shown_pair(f"{long}one{long}", f"{long}two{long}")
    assert source is not None
    assert target is not None
    assert "one" in source
    assert "two" in target
    assert max(len(source), len(target)) < LONGEST + 60
    assert source.startswith("…")
    assert source.endswith("more characters)")


@pytest.mark.parametrize(
    ("zone", "told"),
    [
        (UTC, "27 November 2026, 00:12:05 (UTC)"),
        (timezone(timedelta(hours=2), "CEST"), "27 November 2026, 02:12:05 (CEST, UTC+02:00)"),
        (timezone(timedelta(hours=-3, minutes=-30)), "26 November 2026, 20:42:05 (UTC-03:30)"),
    ],
)
def test_an_instant_is_told_with_its_zone(zone: timezone, told: str) -> None:
    assert instant(datetime(2026, 11, 27, 0, 12, 5, tzinfo=UTC).astimezone(zone)) == told


@pytest.mark.parametrize(
    ("label", "told"),
    [
        ("Powerofficego Customers person", "Customers person"),
        ("PowerOffice GO Customers", "Customers"),
        ("Power-Office Go Customers", "Customers"),
        ("Zendesk", "Customers"),
        ("Other Customers", "Other Customers"),
    ],
)
def test_a_side_is_told_without_its_system(label: str, told: str) -> None:
    assert within("PowerOffice GO", "poweroffice-go", label, "Customers") == told


def test_a_drawing_holds_all_flows_and_no_label_hides_another() -> None:
    report = make_report("Books")
    shares = flow_shares(report.flows * 9, make_items(report, AROUND))
    for shape in (WIDE, NARROW):
        (drawing,) = draw_systems(shares, {("books", "Books"): 1234}, shape)
        levels = sorted(line.y for line in drawing.lines)
        assert all(after - before >= 24 for before, after in pairwise(levels))
        assert levels[-1] + 12 <= drawing.height
        assert {box.read for box in drawing.boxes} == {"1,234 read", "0 read"}


def test_earlier_audits_are_drawn_within_the_chart() -> None:
    past = [
        PastAudit(at=float(day), checked=9, holds=9 - day % 3, fails=day % 3, left_over=day)
        for day in range(MOST + 5)
    ]
    chart = draw_history(past, UTC)
    assert chart is not None
    assert len(chart.points) == MOST
    assert all(0 <= point.fails_y <= chart.height for point in chart.points)
    assert all(chart.begin <= point.x <= chart.end for point in chart.points)
    assert draw_history(past[:1], UTC) is None
    flat = draw_history([PastAudit(at=0.0, checked=0, holds=0, fails=0, left_over=0)] * 2, UTC)
    assert flat is not None


def test_the_same_audit_is_the_same_page() -> None:
    assert len({write_audit_page(make_report(), AROUND) for _ in range(2)}) == 1
    assert pack_json({"b": 1, "a": 2}) == pack_json({"a": 2, "b": 1})


def test_an_audit_of_nothing_is_a_page_all_the_same() -> None:
    page = write_audit_page(AuditReport(package="empty", statements=()), AROUND)
    assert "There was nothing to check" in page
    held = write_audit_page(make_report("x", make_statement("x", held=True)), AROUND)
    assert "1 is held back" in held


def test_blanks_and_joiners_of_names_are_left_alone() -> None:
    name = "Åse\u00a0Bjørk 👩\u200d🔧 \u202fabc\r\nx"
    assert visible(name) == name.replace("\r\n", "\n")
