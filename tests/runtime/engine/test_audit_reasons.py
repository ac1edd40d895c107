"""The audit says of each record why a statement does not hold for it, and what to do."""

import pytest
from specbridge.runtime.decide.options import ConflictPolicy, FlowPolicy, RunOptions
from specbridge.runtime.engine.audit import run_audit
from specbridge.runtime.flow import ALWAYS
from specbridge.runtime.reports.audit_reasons import Explanation, Reason
from specbridge.runtime.reports.audit_report import AuditReport, Example

from tests.runtime.bench import Bench
from tests.runtime.people import firm_flow, person_flow


def audit(bench: Bench, examples: int = 10) -> AuditReport:
    with bench.open(scratch=True) as store:
        return run_audit(bench.task, store, bench.edges(), bench.options, examples)


def put_pair(bench: Bench, name: str, **more: str | int) -> tuple[str, str]:
    mail = f"{name}@x.example"
    person = bench.ledgerly.put("Persons", {"Name": name, "Mail": mail, **more})
    return person, bench.acme.put("users", {"name": name, "email": mail})


def only_example(report: AuditReport, kind: str, text: str = "") -> Example:
    found = [s for s in report.statements if s.kind == kind and text in s.text and s.examples]
    (statement,) = found
    (example,) = statement.examples
    assert statement.fails == 1
    return example


def reason(example: Example) -> Reason:
    assert example.because is not None
    return example.because.reason


def test_a_record_without_counterpart_waits_for_a_run(bench: Bench) -> None:
    bench.flows = (firm_flow(),)
    bench.ledgerly.put("Firms", {"Name": "Nord"})
    example = only_example(audit(bench), "created")
    assert reason(example) is Reason.NOT_CREATED
    assert (example.names, example.target) == (("Nord", None), None)


def test_a_record_whose_creation_came_to_nothing_says_why(bench: Bench) -> None:
    bench.flows = (firm_flow(),)
    for _ in range(2):
        bench.ledgerly.put("Firms", {"Name": "Nord"})
    bench.sync()
    example = only_example(audit(bench), "created")
    assert reason(example) is Reason.NOT_CREATABLE
    assert example.because is not None
    assert "taken" in example.because.why


def test_a_pair_that_no_run_has_linked_is_said_to_match(bench: Bench) -> None:
    bench.flows = (person_flow(),)
    put_pair(bench, "Ann")
    example = only_example(audit(bench), "linked")
    assert reason(example) is Reason.NOT_LINKED
    assert example.names == ("Ann", "Ann")


@pytest.mark.parametrize("side", ["Ledgerly", "Acme"])
def test_an_edit_that_has_not_travelled_says_whose_value_counts(bench: Bench, side: str) -> None:
    bench.flows = (person_flow(),)
    person, user = put_pair(bench, "Ann")
    bench.sync()
    if side == "Ledgerly":
        bench.ledgerly.edit("Persons", person, Name="Anna")
    else:
        bench.acme.edit("users", user, name="Anna")
    example = only_example(audit(bench), "property", "Name")
    assert reason(example) is Reason.NOT_CARRIED
    assert example.because is not None
    assert example.because.here == side
    assert {example.source_value, example.target_value} == {"Ann", "Anna"}


@pytest.mark.parametrize(
    ("policy", "expected"),
    [
        (ConflictPolicy.MANUAL, Reason.UNDECIDED),
        (ConflictPolicy.TARGET, Reason.CONTESTED),
    ],
)
def test_a_property_changed_on_both_sides_is_for_a_person_or_for_the_settings(
    bench: Bench, policy: ConflictPolicy, expected: Reason
) -> None:
    bench.flows = (person_flow(),)
    bench.options = RunOptions(policy=FlowPolicy(conflicts=policy))
    person, user = put_pair(bench, "Ann")
    bench.sync()
    bench.ledgerly.edit("Persons", person, Name="Anna")
    bench.acme.edit("users", user, name="Anne")
    example = only_example(audit(bench), "property", "Name")
    assert reason(example) is expected
    assert example.because is not None
    assert example.because.here == ("Acme" if expected is Reason.CONTESTED else "Ledgerly")


def test_what_cannot_be_checked_is_shown_with_its_reason(bench: Bench) -> None:
    bench.flows = (firm_flow(), person_flow())
    _, gone = put_pair(bench, "Bo")
    put_pair(bench, "Cy")
    bench.acme.put("users", {"name": "Cyril", "email": "cy@x.example"})
    put_pair(bench, "Di", FirmId=999)
    bench.sync()
    bench.acme.remove("users", gone)
    left = audit(bench).left_over[1].examples
    assert {name: [reason(x) for x in some] for name, some in left.items()} == {
        "vanished": [Reason.VANISHED],
        "ambiguous": [Reason.AMBIGUOUS, Reason.AMBIGUOUS],
        "waiting": [Reason.WAITING],
    }
    assert left["vanished"][0].because == Explanation(
        reason=Reason.VANISHED, here="Ledgerly", there="Acme"
    )
    waiting = left["waiting"][0].because
    assert waiting is not None
    assert "Firms 999" in waiting.why
    assert {x.names for x in left["ambiguous"]} == {("Cy", "Cy"), ("Cy", "Cyril")}


def test_as_many_records_are_shown_as_are_asked_for(bench: Bench) -> None:
    bench.flows = (firm_flow(create_source=ALWAYS),)
    for number in range(25):
        bench.ledgerly.put("Firms", {"Name": f"Firm {number}"})
    for most in (0, 3, 100):
        statement, *_ = audit(bench, most).statements
        assert statement.fails == 25
        assert len(statement.examples) == min(most, 25)


def test_the_audit_tells_what_it_read_and_when(bench: Bench) -> None:
    bench.flows = (person_flow(),)
    put_pair(bench, "Ann")
    bench.sync()
    report = audit(bench)
    assert [(one.resource, one.records) for one in report.read] == [("Persons", 1), ("users", 1)]
    assert (report.after, report.at) == (1, bench.clock())
    assert [flow.links for flow in report.flows] == [1]


@pytest.mark.parametrize("reason", Reason, ids=lambda one: one.value)
def test_every_reason_has_words_and_a_mend(reason: Reason) -> None:
    told = Explanation(reason=reason, here="A<there>", there="B", detail="{x} <here>.")
    for text in (told.why, told.mend):
        assert text.endswith(".")
        assert text[0].isupper()
        assert ".." not in text
