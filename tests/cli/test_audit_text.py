"""An audit as text moves no cursor, whatever names, ids, values and documents hold."""

import json

import pytest
from specbridge.cli.printing import escape_json
from specbridge.cli.runs.auditing.text import _on_terminal, print_audit

from tests.pages.injections import TEXTS
from tests.pages.reports import make_example, make_report

MORE = {
    "colour": "a\x1b[31mred\x1b[0m",
    "clear": "a\x1b[2J\x1b[H",
    "address": "a\x1b]8;;https://a.example\x07x\x1b]8;;\x07",
    "title": "a\x1b]0;title\x07",
    "return": "abc\rxyz\b\b",
    "single": "a\x9b2J\x84",
    "markup": "[red]a[/red]",
    "direction": "abc\u202ecba\u2066",
}
ALL = {name: text for name, text in {**TEXTS, **MORE}.items() if name != "huge"}


@pytest.mark.parametrize("text", ALL.values(), ids=ALL.keys())
def test_nothing_that_is_printed_is_obeyed(text: str, capsys: pytest.CaptureFixture[str]) -> None:
    report = make_report(text)
    print_audit(report)
    printed = capsys.readouterr().out
    lines = printed.split("\n")
    assert all(line.isprintable() for line in lines)
    # Two statements, what is left over, a reason and a record for each of five, and the verdict.
    assert len(lines) == 2 + 1 + 2 * 5 + 2
    assert all(line.isprintable() for line in _on_terminal(iter([make_example(text)])))
    assert escape_json(json.dumps(report.as_json(), ensure_ascii=False)).isprintable()
