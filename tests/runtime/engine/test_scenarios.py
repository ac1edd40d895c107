"""tests/scenarios.md against the tests: every scenario has a test or a reason, every test it names is there."""

import re
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[3]
TEXT = (ROOT / "tests" / "scenarios.md").read_text(encoding="utf-8")
SHOWN, LEFT_OUT = TEXT.split("## Left out")
LAST = {"F": 16, "I": 16, "C": 17, "B": 13, "N": 11, "T": 5, "D": 9, "R": 9, "L": 4, "S": 7, "G": 8}
"""The scenarios' sections, with the number of the last one of each."""


def rows(text: str) -> Iterator[list[str]]:
    for line in text.splitlines():
        cells = [cell.strip() for cell in line.strip("|").split("|")]
        if line.startswith("| ") and cells[0] not in ("id", "---"):
            yield cells


def ids(cell: str) -> set[str]:
    """Return the ids of a cell: `F4, F7`, `T1 to T5`; words among them say which part is meant."""
    found = set(re.findall(r"\b[A-Z]\d+\b", cell))
    for first, last in re.findall(r"\b([A-Z]\d+) to ([A-Z]\d+)", cell):
        found |= {f"{first[0]}{number}" for number in range(int(first[1:]), int(last[1:]))}
    return found


def files() -> Mapping[str, Path]:
    """Return the test files by the names that the page gives them."""
    intro = " ".join(SHOWN.split("| id |")[0].split())
    named = re.findall(r"\*(\w+)\* (?:is )?`(test_\w+\.py)`", intro)
    folders = [
        ROOT / "tests" / folder for folder in ("runtime/engine", "runtime/decide", "acceptance")
    ]
    return {
        name: next(folder / file for folder in folders if (folder / file).exists())
        for name, file in named
    }


def test_every_scenario_is_shown_or_left_out_with_a_reason_and_none_both() -> None:
    wanted = {f"{letter}{number}" for letter, last in LAST.items() for number in range(1, last + 1)}
    shown = [id_ for cells in rows(SHOWN) for id_ in ids(cells[0])]
    left_out = [id_ for cells in rows(LEFT_OUT) for id_ in ids(cells[0]) if cells[1]]
    assert set(shown) | set(left_out) == wanted
    assert set(shown) & set(left_out) == set()


@pytest.mark.parametrize("cells", list(rows(SHOWN)), ids=lambda cells: cells[0])
def test_what_a_row_names_is_there(cells: list[str]) -> None:
    references = re.findall(r"(\w+ )?`([^`]+)`", cells[2])
    assert references
    for name, target in references:
        if "/" in target:
            assert (ROOT / target).exists(), target
            continue
        text = files()[name.strip()].read_text(encoding="utf-8")
        start = target.removesuffix("…")
        assert re.search(rf"def {start}" if start.startswith("test_") else start, text), target


def test_every_id_in_a_tests_name_is_in_the_row_that_names_the_test() -> None:
    shown: dict[str, set[str]] = {}
    for cells in rows(SHOWN):
        for name, target in re.findall(r"(\w+) `(test_\w+?)_?…?`", cells[2]):
            shown.setdefault(f"{name} {target}", set()).update(ids(cells[0]))
    for name, path in files().items():
        for test in re.findall(r"^def (test_(?:[a-z]\d+_)+)", path.read_text("utf-8"), re.M):
            wanted = {id_.upper() for id_ in re.findall(r"[a-z]\d+(?=_)", test)}
            known = [key for key in shown if f"{name} {test}".startswith(key)]
            held = set().union(*(shown[key] for key in known)) if known else set()
            assert wanted <= held, f"{path.name}: {test} shows {wanted}, its rows name {held}"
