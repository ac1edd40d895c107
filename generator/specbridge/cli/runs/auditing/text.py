"""What an audit found, as text for people: each statement, and the records that it fails for."""

from collections.abc import Iterator, Sequence
from itertools import groupby

import click

from specbridge.cli.printing import escape_json
from specbridge.cli.tables import on_terminal, record_cell
from specbridge.model.values import Json
from specbridge.printable import in_one_line
from specbridge.runtime.reports.audit_report import AuditReport, Example, LeftOver, Statement

_COLOURS = {"holds": "green", "fails": "red", "held": "yellow", "unchecked": "yellow"}


def print_audit(report: AuditReport, most: int = 10) -> None:
    """Print each statement with what was checked, why it fails, and `most` of the records that it fails for."""
    for item in report.statements:
        # What is about nothing holds, as the exit code says.
        mark = "holds" if item.result == "unchecked" else item.result
        click.secho(f"{mark:5}", fg=_COLOURS[item.result], nl=False)
        click.echo(f" {_line(item)}")
        _print_examples(item.examples[:most])
    for left in report.left_over:
        if left.told():
            click.secho("left ", fg="yellow", nl=False)
            click.echo(f" {left.flow}: {'; '.join(left.told())}")
            _print_left(left, most)
    click.secho(f"the document {'holds' if report.holds else 'fails'}")


def _line(item: Statement) -> str:
    counts = f"({item.holds} of {item.checked})"
    because = "; ".join(f"{one.code}: {one.reason}" for one in item.withheld)
    told = f"{item.flow}: {item.text} {counts}"
    return in_one_line(f"{told} {because}" if item.held and because else told)


def _print_left(left: LeftOver, most: int) -> None:
    for examples in left.examples.values():
        _print_examples(examples[:most])


def _print_examples(examples: Sequence[Example]) -> None:
    lines = _on_terminal if on_terminal() else _piped
    for because, group in groupby(examples, key=lambda one: one.because):
        if because is not None:
            click.secho(f"      {in_one_line(because.why)}", nl=False)
            click.secho(f" {in_one_line(because.mend)}", dim=True)
        for text in lines(group):
            click.echo(text)


def _piped(examples: Iterator[Example]) -> Iterator[str]:
    """Yield a line for each example; names stand at its end, where nothing that splits it is confused."""
    for one in examples:
        names = "".join(f" {_quote(name)}" for name in one.names) if any(one.names) else ""
        yield in_one_line(f"source {one.source}, target {one.target}").join(("      ", names))


def _on_terminal(examples: Iterator[Example]) -> Iterator[str]:
    for one in examples:
        ends = zip((one.source, one.target), one.names, strict=True)
        cells = [record_cell(id_, name) if id_ else "none yet" for id_, name in ends]
        values = _values(one)
        yield f"        {in_one_line('  ↔  '.join(cells))}{values}"


def _values(one: Example) -> str:
    if one.source_value is None and one.target_value is None:
        return ""
    return f"   {_shown(one.source_value)}  ≠  {_shown(one.target_value)}"


_LONGEST = 60


def _shown(value: Json) -> str:
    text = "empty" if value is None else in_one_line(_quote(value))
    return text if len(text) <= _LONGEST else f"{text[: _LONGEST - 1]}…"


def _quote(value: Json) -> str:
    import json

    return escape_json(json.dumps(value, ensure_ascii=False))
