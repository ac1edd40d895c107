"""Reports of audits as they might be, made of whatever texts a test wants in them."""

from datetime import UTC, datetime

from specbridge.model.values import Json
from specbridge.pages.audit.surroundings import AuditedSystem, PastAudit, Surroundings
from specbridge.runtime.reports.audit_reasons import Explanation, Reason
from specbridge.runtime.reports.audit_report import (
    AuditedFlow,
    AuditedSide,
    AuditReport,
    Example,
    LeftOver,
    ReadCount,
    Statement,
    Withheld,
)

AT = datetime(2026, 11, 27, 0, 12, 5, tzinfo=UTC)
AROUND = Surroundings(at=AT)


def make_flow(text: str = "Books", name: str = "buyer_to_contact") -> AuditedFlow:
    """Return a flow whose systems, resources and labels hold a text."""
    source = AuditedSide(system="books", called=text, resource=text, label=f"{text} Buyer")
    target = AuditedSide(system="desk", called="Desk", resource="Contacts", label="Desk Contact")
    return AuditedFlow(
        name=name, package="books_desk", document=text, source=source, target=target, links=7
    )


def make_example(
    text: str, reason: Reason = Reason.NOT_CARRIED, values: tuple[Json, Json] | None = None
) -> Example:
    """Return an example of which every text is this one."""
    source, target = values or (text, f"{text}!")
    return Example(
        source=text,
        target=text,
        source_value=source,
        target_value=target,
        because=Explanation(reason=reason, here=text, there="Desk", detail=text),
        names=(text, text),
        seen=(text, text),
    )


def make_statement(
    text: str, examples: tuple[Example, ...] = (), *, checked: int = 10, held: bool = False
) -> Statement:
    """Return a statement about a property that fails for its examples."""
    return Statement(
        flow="buyer_to_contact",
        package="books_desk",
        kind="property",
        text=text,
        checked=0 if held else checked,
        holds=0 if held else checked - len(examples),
        fails=0 if held else len(examples),
        held=held,
        examples=examples,
        withheld=(Withheld(code="W408", reason=text),) if held else (),
    )


def make_report(text: str = "Name | name", *statements: Statement) -> AuditReport:
    """Return a report in which everything is told with this text."""
    example = make_example(text)
    left = LeftOver(
        flow="buyer_to_contact",
        package="books_desk",
        vanished=1,
        open_conflicts=1,
        ambiguous=1,
        waiting=1,
        examples={
            "vanished": (make_example(text, Reason.VANISHED),),
            "open_conflicts": (make_example(text, Reason.UNDECIDED),),
            "ambiguous": (make_example(text, Reason.AMBIGUOUS),),
            "waiting": (make_example(text, Reason.WAITING),),
        },
    )
    stated = statements or (make_statement(text, (example,)), make_statement(text, held=True))
    return AuditReport(
        package=text,
        statements=stated,
        left_over=(left,),
        flows=(make_flow(text),),
        read=(ReadCount(system="books", resource=text, records=7),),
        at=AT.timestamp(),
        after=3,
    )


def look_around(text: str) -> Surroundings:
    """Return surroundings in which everything is told with this text."""
    past = PastAudit(at=AT.timestamp() - 86400, checked=10, holds=7, fails=3, left_over=2)
    return Surroundings(
        at=AT,
        systems=(AuditedSystem(name="books", called=text, address=text),),
        lines={("buyer_to_contact", "property", text): (text, 12)},
        mends={"W408": text},
        history=(past, past),
        kept=text,
    )
