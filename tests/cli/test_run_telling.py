"""How runs are told: on a terminal, in a pipe, record by record; and what nobody's values can do to either."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import replace

import pytest
from specbridge.cli.next_steps import command_line
from specbridge.cli.runs.gauges import Gauges
from specbridge.cli.runs.run_names import name_records
from specbridge.cli.runs.run_next import Call, next_steps
from specbridge.cli.runs.run_tables import screen_lines
from specbridge.cli.runs.run_text import report_lines
from specbridge.cli.runs.run_words import Telling, colour, summary
from specbridge.model.values import Json
from specbridge.profiles.load import load_profiles
from specbridge.runtime.records import Usage
from specbridge.runtime.reports.report import (
    Action,
    Ambiguity,
    FlowReport,
    Paused,
    Report,
    RunOutcome,
    Standing,
    Tally,
)
from specbridge.runtime.store.engine import open_store

DONE = Telling(systems={"poweroffice-go": "PowerOffice GO", "zendesk": "Zendesk"})
PLANNED = replace(DONE, planned=True)


def flow(**more: object) -> FlowReport:
    """Return what a run did to one flow."""
    stated = {
        "name": "contactperson_to_users",
        "package": "powerofficego_zendesk",
        "tally": Tally(linked=4, created=[0, 3], updated=[2, 1], conflicts=1),
        "standing": Standing(links=1200, ambiguous=2, dead_letters=1, open_conflicts=1, held=1),
        "shared": ("users_to_contactperson",),
        "ends": (("poweroffice-go", "ContactPersons"), ("zendesk", "Users")),
        "resources": (1, 2),
    }
    return FlowReport(**{**stated, **more})  # type: ignore[arg-type]  # as the class has them


def act(kind: str, side: str = "target", id_: str = "678", **more: object) -> Action:
    """Return something that a run did."""
    stated = {"flow": "contactperson_to_users", "kind": kind, "side": side, "id": id_}
    return Action(**{**stated, **more})  # type: ignore[arg-type]  # as the class has them


def report(*actions: Action, **more: object) -> Report:
    """Return what a run did."""
    stated = {
        "run": 7,
        "packages": ("powerofficego_zendesk",),
        "outcome": RunOutcome.LEFT_OVER,
        "rounds": 1,
        "seconds": 0.52,
        "flows": (flow(),),
        "requests": {"zendesk": Usage(read=12, write=3)},
        "actions": actions or None,
    }
    return Report(**{**stated, **more})  # type: ignore[arg-type]  # as the class has them


def screen(told: Report, telling: Telling = DONE) -> list[str]:
    return list(screen_lines(told, telling))


def test_a_terminal_gets_tables_by_flow_and_system(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    assert screen(report()) == [
        "Flow                         Links  Linked  Created  Updated",
        "contactperson_to_users       1,200       4",
        "with users_to_contactperson",
        "in PowerOffice GO                                 0        2",
        "in Zendesk                                        3        1",
        "",
        "Flow                    Conflicts  Undecided  Ambiguous  Dead letters  Held",
        "contactperson_to_users          1          1          2             1     1",
        "",
        "Requests  Reads  Writes",
        "Zendesk      12       3",
        "",
    ]


def test_a_plan_says_what_it_would_do_record_by_record(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    told = report(
        act("create", id_="new-1", after={"name": "Acme", "email": None}, reason="12", name="Acme"),
        act("update", before={"phone": "1"}, after={"phone": "2"}, name="Kari Moen"),
        act("delete", before={"phone": "1"}, name="Kari Moen"),
        act("link", reason="its unique property matches"),
        act("conflict", before={"name": "A"}, after={"name": "B"}, reason="the source wins"),
        act("dead_letter", "source", "9", reason="name is taken"),
        act("dead_letter", "source", "9", reason="name is taken"),
    )
    lines = screen(told, PLANNED)
    assert lines[: lines.index("")] == [
        "contactperson_to_users",
        "would create in Zendesk: Acme · 12",
        '    name   "Acme"',
        "    email  null",
        "would update in Zendesk: Kari Moen · 678",
        '    phone  "1" -> "2"',
        "would delete in Zendesk: Kari Moen · 678",
        '    phone  "1" -> null',
        "would link with Zendesk: 678: its unique property matches",
        "conflict about Zendesk: 678: PowerOffice GO wins",
        '    name  "A" or "B"',
        "dead letter of PowerOffice GO: 9: name is taken",
    ]
    assert "To create" in lines[lines.index("") + 1]
    assert summary(told, PLANNED) == "plan: left over, would write 6 records (0.5 s)"
    assert "written" not in "\n".join([*lines, summary(told, PLANNED)])


def test_a_pipe_gets_a_line_for_each_flow_record_and_system() -> None:
    told = report(
        act("update", before={"phone": "1"}, after={"phone": "2"}, name="Kari Moen"),
        ambiguities=(
            Ambiguity(
                flow="contactperson_to_users",
                side="source",
                id="3",
                candidates=("4", "5"),
                name="X",
            ),
        ),
    )
    assert list(report_lines(told, DONE)) == [
        "contactperson_to_users (with users_to_contactperson): 1200 links, 4 linked, "
        "3 created in Zendesk, 2 updated in PowerOffice GO, 1 updated in Zendesk, 1 conflicts, "
        "2 ambiguous, 1 dead letters, 1 held",
        '  ambiguous: contactperson_to_users PowerOffice GO 3 matches 4, 5 "X"',
        'contactperson_to_users:  updated in Zendesk 678 phone="1" -> "2" "Kari Moen"',
        "zendesk: 12 reads, 3 writes",
    ]


def test_sides_of_one_system_are_told_apart_by_their_resources() -> None:
    both = flow(ends=(("zendesk", "Users"), ("zendesk", "Organizations")))
    assert DONE.side(both, 0) == "Zendesk Users"
    assert DONE.side(both, 1) == "Zendesk Organizations"


@pytest.mark.parametrize(
    ("more", "words", "shade"),
    [
        ({"outcome": RunOutcome.CLEAN}, "run 7: clean, 6 records written in 0.5 s", "green"),
        (
            {"outcome": RunOutcome.GUARD, "error": "x"},
            "run 7: guard, 6 records written in 0.5 s",
            "red",
        ),
        (
            {"outcome": RunOutcome.CLEAN, "error": "stopped on request"},
            "run 7: stopped, 6 records written in 0.5 s",
            "yellow",
        ),
    ],
    ids=["clean", "guard", "stopped"],
)
def test_the_last_line_says_how_it_ended(
    more: Mapping[str, object], words: str, shade: str
) -> None:
    told = report(**more)
    assert (summary(told, DONE), colour(told)) == (words, shade)


QUIET = Tally()
HERE = Call(package="out/p", store=None)


@pytest.mark.parametrize(
    ("told", "call", "commands"),
    [
        pytest.param(
            report(),
            replace(HERE, store="sqlite:///my store.db"),
            [
                "conflicts --package out/p --store 'sqlite:///my store.db'",
                "dead-letters --package out/p --store 'sqlite:///my store.db'",
                "links --state ambiguous --package out/p --store 'sqlite:///my store.db'",
            ],
            id="left-over",
        ),
        pytest.param(
            report(outcome=RunOutcome.CLEAN, flows=(flow(tally=QUIET, standing=Standing()),)),
            HERE,
            ["audit out/p"],
            id="clean",
        ),
        pytest.param(
            report(outcome=RunOutcome.GUARD, error="too many"),
            replace(HERE, only=("a b",), full=True),
            ["plan out/p --flow 'a b' --full --force", "sync out/p --flow 'a b' --full --force"],
            id="guard",
        ),
        pytest.param(
            report(outcome=RunOutcome.FAILED, error="x"),
            HERE,
            ["doctor out/p", "sync out/p"],
            id="failed",
        ),
        pytest.param(report(error="stopped"), HERE, ["sync out/p"], id="stopped"),
        pytest.param(
            report(outcome=RunOutcome.PAUSED, paused=(Paused(package="p", since=0.0),)),
            HERE,
            ["resume p"],
            id="paused",
        ),
        pytest.param(report(), replace(HERE, planned=True), ["sync out/p"], id="planned"),
        pytest.param(
            report(flows=(flow(tally=QUIET),)),
            replace(HERE, planned=True, package=None),
            ["audit"],
            id="nothing-planned",
        ),
    ],
)
def test_what_is_next_can_be_pasted(told: Report, call: Call, commands: Sequence[str]) -> None:
    shown = [command_line(step.words) for step in next_steps(told, call)]
    assert [line.partition("specbridge ")[2] for line in shown] == commands


def test_a_password_is_not_told_again() -> None:
    call = replace(HERE, store="postgresql://sync:geheim99@db/sync")
    for step in next_steps(report(), call):
        assert "geheim99" not in command_line(step.words)


INJECTIONS = [
    "\x1b[2J", "\x1b[31mred", "\x1b]0;title\x07", "\x1b]8;;http://x\x1b\\link\x1b]8;;\x1b\\", "\x1bc",
    "\x1b[1A\x1b[2K", "\x1b[?1049h", "\x9b31m", "\x9d0;t\x9c", "\x90q\x9c", "\r\nrun 1: clean", "a\rb",
    "a\nb", "a\tb", "a\vb", "a\fb", "\x00", "\x07", "\x08\x08\x08", "\x7f", "\x85", "\u2028x", "\u2029x",
    "\u202egnp", "\u2066x\u2069", "\u200f", "\ud800", "[bold]x[/bold]", "[link=http://x]y[/link]",
    ":warning:", "{0!r}", "%s%n", "`rm -rf /`", "$(id)", "'; rm -rf /; '",
]  # fmt: skip


@pytest.mark.parametrize("text", INJECTIONS, ids=json.dumps)
def test_nothing_that_a_record_holds_moves_the_cursor_or_is_markup(text: str) -> None:
    hostile = report(
        act("update", id_=text, before={text: text}, after={text: text}, reason=text, name=text),
        act("dead_letter", "source", text, reason=text, name=text),
        flows=(flow(shared=(text,)),),
        error=text,
        ambiguities=(
            Ambiguity(
                flow="contactperson_to_users", side="source", id=text, candidates=(text,), name=text
            ),
        ),
        requests={text: Usage()},
    )
    for lines in (screen(hostile), list(report_lines(hostile, DONE))):
        for line in lines:
            assert line.isprintable() or line == "", ascii(line)
    if text.isprintable() and text.isascii() and '"' not in text:
        assert any(text in line for line in screen(hostile)), "markup is shown as it is"


@pytest.mark.parametrize("text", INJECTIONS, ids=json.dumps)
def test_nothing_that_is_waited_for_is_a_command(text: str) -> None:
    step = command_line(("sync", text))
    assert step.isprintable()
    shown = Gauges({})
    shown.wait(text, text, 5.0)
    assert [line.phase for line in shown.lines()] == ["connecting", "waiting"]


def test_without_names_no_value_of_what_names_a_record_is_told() -> None:
    zendesk = {"name": "Kari Moen", "phone": "1"}
    told = report(act("update", before=zendesk, after={**zendesk, "name": None}))
    with open_store("sqlite:///unused.db", scratch=True) as store:
        hidden = name_records(told, store, load_profiles([]), shown=False)
    assert hidden.actions is not None
    before, after = hidden.actions[0].before, hidden.actions[0].after
    expected: Mapping[str, Json] = {"name": "…", "phone": "1"}
    assert (before, after) == (expected, {"name": None, "phone": "1"})
    assert "Kari" not in json.dumps(hidden.as_json())
