"""Drift as CI systems read it."""

import json

from specbridge.drift.compare import Drift, DriftKind
from specbridge.drift.report import encode_drift, render_github, render_text
from specbridge.errors import Location, Problem

CHANGED = Drift(
    path="generated/a_b/mappers/x.py",
    kind=DriftKind.CHANGED,
    diff="--- a\n+++ b\n",
    where=(Location("specs/a,b:c.rst", 12), Location("specs/a,b:c.rst", 14)),
)
EDITED = Drift(path="generated/a_b/y.py", kind=DriftKind.EDITED, diff="")
PROBLEM = Problem(
    code="W301", where=Location("specs/a.rst", 3), message="100% blank\nlabel", mend="write it"
)


def test_github_annotates_the_document_s_lines() -> None:
    lines = render_github([CHANGED, EDITED], [PROBLEM]).splitlines()
    assert lines[0].startswith(
        "::error file=specs/a%2Cb%3Ac.rst,line=12,title=specbridge drift::generated/a_b/mappers/x.py"
    )
    assert "line=14," in lines[1]
    assert lines[2].startswith("::error file=generated/a_b/y.py,line=1,")
    assert lines[3] == (
        "::warning file=specs/a.rst,line=3,title=W301::100%25 blank%0Alabel%0Amend: write it"
    )


def test_json_has_the_stated_keys() -> None:
    value = json.loads(json.dumps(encode_drift([CHANGED], [PROBLEM])))
    assert value["drift"] == [{"path": CHANGED.path, "kind": "changed", "diff": CHANGED.diff}]
    assert set(value["problems"][0]) == {
        "code", "severity", "path", "line", "message", "mend", "flow",
    }  # fmt: skip


def test_text_says_what_to_do() -> None:
    text = render_text([CHANGED, EDITED])
    assert "run `specbridge generate`" in text
    assert "--force" in text
    assert render_text([]) == ""
