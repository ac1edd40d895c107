"""Laws of check: any change that means nothing is no drift, any change of meaning is drift."""

import re
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from specbridge.drift.digests import lay_out

from tests.drift.project import DOCUMENT, Project, start_project

LAW = settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
_UNDERLINE = re.compile(r"^([=-])\1{3,}$")
_CELL = re.compile(r"^(   \* - |     - )(?!Ledgerly|Acme)(.+)$", re.MULTILINE)


@contextmanager
def started_project() -> Iterator[Project]:
    with tempfile.TemporaryDirectory() as folder:
        yield start_project(Path(folder))


@st.composite
def same_meaning(draw: st.DrawFn) -> str:
    """Draw the document with another time stamp, blanks, blank lines, line ends and underlines."""
    stamp = draw(st.none() | st.text("0123456789 -:TZ", max_size=25))
    title = draw(st.integers(27, 60))
    lines: list[str] = []
    for line in DOCUMENT.split("\n"):
        if line.startswith("Generated:"):
            lines += [] if stamp is None else [f"Generated: {stamp}"]
        elif _UNDERLINE.match(line):
            # One that is too short is a fault (W102), which has to be told.
            length = title if line[0] == "=" else len(line) + draw(st.integers(0, 30))
            lines.append(line[0] * length)
        else:
            lines.append(line + draw(st.sampled_from(["", "", "", " ", "\t", "  \t "])))
        if not line:
            lines += [""] * draw(st.sampled_from([0, 0, 0, 1, 3]))
    end = draw(st.sampled_from(["\n", "\r\n"]))
    return draw(st.sampled_from(["", "\ufeff"])) + end.join(lines)


@given(same_meaning())
@LAW
def test_what_means_nothing_is_no_drift(text: str) -> None:
    assert lay_out(text.encode()).digest == lay_out(DOCUMENT.encode()).digest
    with started_project() as project:
        project.write(text)
        warm, fresh = project.check(), project.check(fresh=True)
        assert warm.drift == fresh.drift == ()
        # What is wrong with the document is told as if it had been read, line by line.
        assert warm.problems == fresh.problems != ()


def _change_cell(draw: st.DrawFn) -> str:
    """Return the document with another name, nesting, or type in one cell."""
    cell = draw(st.sampled_from(list(_CELL.finditer(DOCUMENT))))
    text = cell[2]
    if text.startswith('"'):
        other = draw(st.sampled_from(["integer", "boolean", "list", "float"]))
        changed = f'"{other}"'
    else:
        wrap = draw(st.sampled_from(["{}x", "x{}", "x.{}", "{}.x", "{}[].x"]))
        changed = wrap.format(text)
    return DOCUMENT[: cell.start(2)] + changed + DOCUMENT[cell.end(2) :]


def _change_creation(draw: st.DrawFn) -> str:
    old = "Every Ledgerly Shop will be synchronized with a Acme Branch."
    new = draw(
        st.sampled_from(
            [
                "",
                "If a match can not be made, a Ledgerly Shop will be synchronized with a Acme Branch.",
                "When a Ledgerly Shop is open, it  will be synchronized with a Acme Branch.",
            ]
        )
    )
    return DOCUMENT.replace(old, new)


def _change_rows(draw: st.DrawFn) -> str:
    """Return the document without a row, or with one more."""
    rows = re.findall(r"   \* - (?!Ledgerly)\S+\n     - \S+\n     - \S+\n", DOCUMENT)
    chosen = draw(st.sampled_from(rows))
    added = f'{chosen}   * - x\n     - y\n     - "string"\n'
    removable = len(rows) > 1 and chosen != rows[-1]
    return DOCUMENT.replace(chosen, "" if removable and draw(st.booleans()) else added, 1)


def _change_preference(draw: st.DrawFn) -> str:
    del draw
    swapped = DOCUMENT.replace("home.city", "@").replace("work.city", "home.city")
    return swapped.replace("@", "work.city")


def _change_names(draw: st.DrawFn) -> str:
    old = draw(st.sampled_from(["Ledgerly", "Acme", "Buyer", "Contact", "Shop", "Branch"]))
    return DOCUMENT.replace(old, f"{old}x")


_CHANGES: list[Callable[[st.DrawFn], str]] = [
    _change_cell,
    _change_creation,
    _change_rows,
    _change_preference,
    _change_names,
]


@st.composite
def other_meaning(draw: st.DrawFn) -> str:
    return draw(st.sampled_from(_CHANGES))(draw)


@given(other_meaning())
@LAW
def test_what_means_something_is_drift(text: str) -> None:
    with started_project() as project:
        project.write(text)
        assert project.drifted() != {}
        assert project.drifted() == project.drifted(fresh=True)
        project.generate()
        assert project.drifted() == project.drifted(fresh=True) == {}
