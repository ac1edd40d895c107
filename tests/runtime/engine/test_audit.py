"""The audit counts what no statement can be checked on, and says so in every form."""

import json
from xml.etree import ElementTree

import pytest
from specbridge.cli.runs.auditing.text import print_audit
from specbridge.runtime.decide.options import ConflictPolicy, FlowPolicy, RunOptions
from specbridge.runtime.engine.audit import run_audit
from specbridge.runtime.reports.audit_junit import write_junit
from specbridge.runtime.reports.audit_report import AuditReport

from tests.runtime.bench import Bench
from tests.runtime.people import firm_flow, person_flow

ONE_OF_EACH = (
    "pairs with a record that is gone: 1; open conflicts: 1; ambiguous records: 1; "
    "references that wait: 1"
)


def audit(bench: Bench) -> AuditReport:
    with bench.open(scratch=True) as store:
        return run_audit(bench.task, store, bench.edges(), bench.options)


def put_pair(bench: Bench, name: str, **more: str | int) -> tuple[str, str]:
    mail = f"{name}@x.example"
    person = bench.ledgerly.put("Persons", {"Name": name, "Mail": mail, **more})
    return person, bench.acme.put("users", {"name": name, "email": mail})


def fill(bench: Bench) -> None:
    """Leave over one of each: gone, in conflict, ambiguous, referring to what is not linked."""
    bench.flows = (firm_flow(), person_flow())
    bench.options = RunOptions(policy=FlowPolicy(conflicts=ConflictPolicy.MANUAL))
    person, user = put_pair(bench, "Ann")
    _, gone = put_pair(bench, "Bo")
    put_pair(bench, "Cy")
    bench.acme.put("users", {"name": "Cyril", "email": "cy@x.example"})
    put_pair(bench, "Di", FirmId=999)
    bench.sync()
    bench.ledgerly.edit("Persons", person, Name="Anna")
    bench.acme.edit("users", user, name="Anne")
    bench.sync()
    # No sync has seen this one go.
    bench.acme.remove("users", gone)


def test_an_audit_counts_what_cannot_be_checked(bench: Bench) -> None:
    fill(bench)
    firms, persons = audit(bench).left_over
    assert (firms.flow, firms.told()) == ("firm_to_companies", ())
    assert (persons.flow, "; ".join(persons.told())) == ("person_to_users", ONE_OF_EACH)
    # A vanished pair is one that a sync has noted, too; and the counterpart that is gone is no holder.
    bench.sync()
    report = audit(bench)
    assert report.left_over[1].vanished == 1
    matched = [s for s in report.statements if s.kind == "property" and s.text == "Mail email"]
    assert [s.checked for s in matched] == [2]


def test_every_form_of_an_audit_says_what_is_left_over(
    bench: Bench, capsys: pytest.CaptureFixture[str]
) -> None:
    fill(bench)
    report = audit(bench)
    print_audit(report)
    assert f"left  person_to_users: {ONE_OF_EACH}" in capsys.readouterr().out.splitlines()
    told = {"vanished": 1, "open_conflicts": 1, "ambiguous": 1, "waiting": 1}
    left = json.loads(json.dumps(report.as_json()))["left_over"]
    assert {**left[1], **told, "flow": "person_to_users"} == left[1]
    assert {name: len(some) for name, some in left[1]["examples"].items()} == {
        **told,
        "ambiguous": 2,
    }
    suite = ElementTree.fromstring(write_junit(report).partition("\n")[2])
    skipped = suite.findall("testcase/skipped")
    assert [case.get("message") for case in skipped] == [ONE_OF_EACH]
    assert suite.get("skipped") == str(len(skipped))
    assert suite.get("tests") == str(len(suite.findall("testcase")))


def test_an_audit_of_what_is_all_linked_leaves_nothing_over(bench: Bench) -> None:
    bench.flows = (person_flow(),)
    put_pair(bench, "Ann")
    bench.sync()
    report = audit(bench)
    assert report.holds
    assert [left.told() for left in report.left_over] == [()]
    assert "left out" not in write_junit(report)
