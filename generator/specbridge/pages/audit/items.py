"""The rows of the page: each statement, and of each flow what no statement could be checked on."""

from collections.abc import Iterator
from dataclasses import dataclass

from specbridge.pages.audit.surroundings import Surroundings
from specbridge.pages.audit.words import KINDS, LEFT_OVER, RESULTS, TONES, share
from specbridge.runtime.reports.audit_report import (
    AuditedFlow,
    AuditReport,
    Example,
    LeftOver,
    Statement,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Item:
    """A row: how it stands (`result`), what is stated, where, and for how many it holds.

    `flow` counts in the report's flows. `line` of `document` is 0 where that was not found. `why` and `mend`
    tell what is held, or left over; examples have their own.
    """

    flow: int
    kind: str
    result: str
    text: str
    document: str
    line: int
    checked: int
    holds: int
    why: str
    mend: str
    examples: tuple[Example, ...]

    @property
    def fails(self) -> int:
        """Return for how many records or pairs it does not hold."""
        return self.checked - self.holds

    @property
    def kind_word(self) -> str:
        """Return the kind for people."""
        return KINDS[self.kind]

    @property
    def word(self) -> str:
        """Return the result for people."""
        return RESULTS[self.result]

    @property
    def tone(self) -> str:
        """Return the result's colour."""
        return TONES[self.result]

    @property
    def place(self) -> str:
        """Return where it is stated, "" where nobody knows."""
        return f"{self.document}, line {self.line}" if self.line else ""

    @property
    def numbers(self) -> str:
        """Return for how many of how many it holds, or how many are left over."""
        if self.kind == "left":
            return f"{self.checked:,}"
        return f"{self.holds:,} of {self.checked:,}" if self.checked else "—"

    @property
    def share(self) -> str:
        """Return the share that holds."""
        return "" if self.kind == "left" else share(self.holds, self.checked)


def make_items(report: AuditReport, around: Surroundings) -> list[Item]:
    """Return the rows in the document's order; what a flow leaves over follows its statements."""
    statements: dict[tuple[str, str], list[Statement]] = {}
    for statement in report.statements:
        statements.setdefault((statement.package, statement.flow), []).append(statement)
    left = {(one.package, one.flow): one for one in report.left_over}
    items: list[Item] = []
    for number, flow in enumerate(report.flows):
        name = flow.package, flow.name
        items += [_stated(one, number, flow, around) for one in statements.get(name, ())]
        if name in left:
            items += _left(left[name], number)
    return items


def _stated(statement: Statement, number: int, flow: AuditedFlow, around: Surroundings) -> Item:
    key = flow.name, statement.kind, statement.text
    document, line = around.lines.get(key, (flow.document, 0))
    codes = {one.code: around.mends.get(one.code, "") for one in statement.withheld}
    reasons = "; ".join(one.reason for one in statement.withheld)
    words = "Held back: " if statement.held else "One way only: "
    return Item(
        flow=number,
        kind=statement.kind,
        result=statement.result,
        text=statement.text,
        document=document,
        line=line,
        checked=statement.checked,
        holds=statement.holds,
        why=f"{words}{reasons} ({', '.join(codes)})." if reasons else "",
        mend=" ".join(filter(None, codes.values())),
        examples=statement.examples,
    )


def _left(left: LeftOver, number: int) -> Iterator[Item]:
    for name, many, _ in left.counts():
        result, words, mend = LEFT_OVER[name]
        yield Item(
            flow=number,
            kind="left",
            result=result,
            text=words,
            document="",
            line=0,
            checked=many,
            holds=0,
            why="No statement can be checked on these.",
            mend=mend,
            examples=left.examples.get(name, ()),
        )
