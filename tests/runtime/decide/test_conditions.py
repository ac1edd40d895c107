"""Rows with conditions on the record as a whole: each pair, and each new record, by the rows that are about it.

The package is generated: its mapper leaves to the runtime what it cannot know of the other record.
"""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from specbridge.emit.package import emit_package
from specbridge.model.resolved import ResolvedMapping
from specbridge.model.values import Json
from specbridge.runtime.decide.options import ConflictPolicy, FlowPolicy, RunOptions
from specbridge.runtime.engine.audit import run_audit
from specbridge.runtime.engine.undo import undo_run
from specbridge.runtime.flow import ALWAYS, NEVER, AnyFlow
from specbridge.runtime.reports.report import RunOutcome

from tests.emit.build import flow, package, prop, row, rule, side
from tests.emit.load import RENDERER, import_folder, write_texts
from tests.runtime.bench import Bench

ORG = ("Norwegian", "Swedish")
NORWEGIAN, SWEDISH = (
    row(name, prop("org", prop("org").type, ("country", code)))
    for name, code in zip(ORG, ("NO", "SE"), strict=True)
)
ROWS = (row("Name", "name"), row("Country", "country"), NORWEGIAN, SWEDISH)
"""Of a company in Norway, `org` is the Norwegian number; of one in Sweden, the Swedish one."""


@pytest.fixture
def generate(tmp_path: Path) -> Callable[..., AnyFlow]:
    """Return what generates a package of firms and companies, and imports its flow."""

    def make(rows: tuple[ResolvedMapping, ...] = ROWS, *, mirrored: bool = False) -> AnyFlow:
        sides = (side("Firms", label="Ledgerly"), side("companies", label="Acme"))
        names = (prop("Name"), prop("name"))
        if mirrored:
            sides, names = sides[::-1], names[::-1]
            rows = tuple(replace(r, source=r.target, target=r.source) for r in rows)
        stated = flow(*sides, rows, [rule(*names)], name="firms")
        texts = emit_package(package(stated), RENDERER)
        found: AnyFlow = import_folder(write_texts(texts, tmp_path / "generated")).FLOWS[0]
        return replace(found, create_target=NEVER, create_source=NEVER)

    return make


def put_pair(bench: Bench, country: str, **firm: Json) -> tuple[str, str]:
    """Put a firm and the company of its name, of a country both know of."""
    name = f"Alfa {country}"
    source = bench.ledgerly.put("Firms", {"Name": name, "Country": country, **firm})
    target = bench.acme.put("companies", {"name": name, "country": country, "org": None})
    return source, target


def orgs(bench: Bench) -> dict[str, Json]:
    return {str(row["name"]): row.get("org") for row in bench.acme.rows("companies")}


def numbers(bench: Bench, id_: str) -> tuple[Json, Json]:
    held = bench.ledgerly.records("Firms")[id_].properties
    return held.get("Norwegian"), held.get("Swedish")


@pytest.mark.parametrize("mirrored", [False, True])
def test_records_that_meet_either_condition_are_synchronized(
    bench: Bench, generate: Callable[..., AnyFlow], mirrored: bool
) -> None:
    bench.flows = (generate(mirrored=mirrored),)
    both: dict[str, Json] = {"Norwegian": "N1", "Swedish": "S1"}
    _, norwegian = put_pair(bench, "NO", **both)
    source, swedish = put_pair(bench, "SE", **both)
    put_pair(bench, "DK", **both)
    assert bench.sync().outcome is RunOutcome.CLEAN
    assert orgs(bench) == {"Alfa NO": "N1", "Alfa SE": "S1", "Alfa DK": None}
    bench.acme.edit("companies", swedish, org="S2")
    bench.sync()
    assert numbers(bench, source) == ("N1", "S2")
    bench.ledgerly.edit("Firms", source, Norwegian="N3", Swedish="S3")
    assert bench.sync().writes == 1
    assert bench.acme.records("companies")[swedish].properties["org"] == "S3"
    assert bench.acme.records("companies")[norwegian].properties["org"] == "N1"
    assert [bench.sync().writes, bench.sync(full=True).writes] == [0, 0]


@pytest.mark.parametrize("mirrored", [False, True])
def test_what_is_about_another_kind_of_record_never_crosses(
    bench: Bench, generate: Callable[..., AnyFlow], mirrored: bool
) -> None:
    bench.flows = (generate(mirrored=mirrored),)
    source, target = put_pair(bench, "SE", Norwegian="N1", Swedish=None)
    bench.sync()
    assert (orgs(bench), numbers(bench, source)) == ({"Alfa SE": None}, ("N1", None))
    bench.acme.edit("companies", target, org="S1")
    bench.sync()
    assert numbers(bench, source) == ("N1", "S1")
    bench.ledgerly.edit("Firms", source, Norwegian="N2")
    assert bench.sync().writes == 0


def test_a_record_that_changes_its_kind_gets_what_is_about_the_new_one(
    bench: Bench, generate: Callable[..., AnyFlow]
) -> None:
    bench.flows = (generate(),)
    source, _ = put_pair(bench, "NO", Norwegian="N1", Swedish="S1")
    bench.sync()
    bench.ledgerly.edit("Firms", source, Country="SE")
    bench.sync()
    assert (orgs(bench), numbers(bench, source)) == ({"Alfa NO": "S1"}, ("N1", "S1"))
    assert bench.sync(full=True).writes == 0


def test_rows_that_come_to_be_about_a_pair_by_a_write_are_looked_at_at_once(
    bench: Bench, generate: Callable[..., AnyFlow]
) -> None:
    bench.flows = (generate(mirrored=True),)
    bench.options = RunOptions(policy=FlowPolicy(conflicts=ConflictPolicy.TARGET))
    source, _ = put_pair(bench, "NO", Norwegian="N1", Swedish="S1")
    bench.sync()
    bench.ledgerly.edit("Firms", source, Country="SE")
    bench.sync()
    assert (orgs(bench), numbers(bench, source)) == ({"Alfa NO": "S1"}, ("N1", "S1"))
    assert bench.sync(full=True).writes == 0


@pytest.mark.parametrize("mirrored", [False, True])
@pytest.mark.parametrize(
    ("country", "org"), [("NO", "N1"), ("SE", "S1"), ("DK", None), (None, None)]
)
def test_a_new_record_gets_what_is_about_its_kind(
    bench: Bench,
    generate: Callable[..., AnyFlow],
    country: str | None,
    org: str | None,
    mirrored: bool,
) -> None:
    made = generate(mirrored=mirrored)
    if mirrored:
        bench.flows = (replace(made, create_source=ALWAYS),)
    else:
        bench.flows = (replace(made, create_target=ALWAYS),)
    firm: dict[str, Json] = {"Name": "Alfa", "Country": country, "Norwegian": "N1", "Swedish": "S1"}
    source = bench.ledgerly.put("Firms", firm)
    report = bench.sync()
    assert (report.outcome, report.writes) == (RunOutcome.CLEAN, 1)
    assert orgs(bench) == {"Alfa": org}
    assert [bench.sync().writes, bench.sync(full=True).writes] == [0, 0]
    (company,) = bench.acme.records("companies")
    bench.acme.edit("companies", company, org="X1")
    bench.sync()
    changed = {"NO": ("X1", "S1"), "SE": ("N1", "X1")}.get(str(country), ("N1", "S1"))
    assert numbers(bench, source) == changed


def test_an_edit_that_is_written_back_and_undone_stays_with_its_row(
    bench: Bench, generate: Callable[..., AnyFlow]
) -> None:
    bench.flows = (generate(),)
    source, target = put_pair(bench, "SE", Norwegian="N1", Swedish="S1")
    bench.sync()
    bench.acme.edit("companies", target, org="S2")
    run = bench.sync().run
    # The base that the write back left knows nothing of the Norwegian number.
    bench.ledgerly.edit("Firms", source, Country="NO")
    bench.sync()
    assert orgs(bench) == {"Alfa SE": "N1"}
    with bench.open() as store:
        undo_run(bench.task, store, bench.edges(), run)
    assert numbers(bench, source) == ("N1", "S1")


def test_a_row_for_some_and_a_row_for_all_are_read_in_their_order(
    bench: Bench, generate: Callable[..., AnyFlow]
) -> None:
    bench.flows = (generate((*ROWS[:2], SWEDISH, row("Norwegian", "org"))),)
    put_pair(bench, "SE", Norwegian="N1", Swedish="S1")
    source, target = put_pair(bench, "DK", Norwegian="N1", Swedish="S1")
    bench.sync()
    assert orgs(bench) == {"Alfa SE": "S1", "Alfa DK": "N1"}
    bench.acme.edit("companies", target, org="N2")
    bench.sync()
    assert numbers(bench, source) == ("N2", "S1")
    assert bench.sync(full=True).writes == 0


def test_a_source_that_comes_to_be_about_a_pair_crosses_though_it_has_not_changed(
    bench: Bench, generate: Callable[..., AnyFlow]
) -> None:
    rows = [
        row(prop(name, prop(name).type, ("Kind", kind)), "phone")
        for name, kind in (("Private", "P"), ("Work", "W"))
    ]
    bench.flows = (generate((ROWS[0], *rows)),)
    firm = bench.ledgerly.put("Firms", {"Name": "A", "Kind": "P", "Private": "1", "Work": "2"})
    bench.acme.put("companies", {"name": "A", "phone": None})
    bench.sync()
    assert bench.acme.rows("companies")[0]["phone"] == "1"
    bench.ledgerly.edit("Firms", firm, Kind="W")
    bench.sync()
    assert bench.acme.rows("companies")[0]["phone"] == "2"
    assert bench.sync(full=True).writes == 0


def test_the_audit_finds_what_is_about_each_pair(
    bench: Bench, generate: Callable[..., AnyFlow]
) -> None:
    bench.flows = (generate(),)
    for country in ("NO", "SE"):
        put_pair(bench, country, Norwegian="N1", Swedish="S1")
    bench.sync()
    with bench.open(scratch=True) as store:
        report = run_audit(bench.task, store, bench.edges(), bench.options)
    assert all(statement.fails == 0 for statement in report.statements)
